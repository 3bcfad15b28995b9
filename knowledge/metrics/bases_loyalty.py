"""Base relations of coming back: first and second orders, windows, cohorts, lapses, the year before, membership (METRICS 12, 15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from knowledge.metrics import bases
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

WINDOW = 90
YEAR = 365


def today(context: Context) -> date:
    """The as-of day in the workspace's zone."""
    return context.as_of.astimezone(ZoneInfo(str(context.reader.snapshot.facts.get("zone", "UTC")))).date()


def order_days(context: Context) -> ir.Table:
    """Distinct `customer_id`, `day` of orders."""
    return bases.orders(context).select("customer_id", "day").distinct()


def second_orders(context: Context) -> ir.Table:
    """One row a customer: `day` of the first order, `waited` days to the next order day (else to the as-of) and `came` again."""
    import ibis

    rows = order_days(context)
    rows = rows.mutate(first=rows.day.min().over(ibis.window(group_by="customer_id")))
    later = rows.day > rows["first"]
    each = rows.group_by("customer_id").aggregate(day=rows["first"].min(), second=rows.day.min(where=later))
    until = ibis.coalesce(each.second, ibis.literal(today(context)))
    return each.mutate(waited=until.epoch_days() - each.day.epoch_days(), came=each.second.notnull())


def first_kept(days: int) -> Callable[[Context], ir.Table]:
    """Customers whose first order is at least so many days old, with `kept`: a further order day within as many."""

    def base(context: Context) -> ir.Table:
        import ibis

        rows = second_orders(context)
        rows = rows.filter(rows.day <= ibis.literal(today(context) - timedelta(days=days)))
        return rows.mutate(kept=rows.came & (rows.waited <= days))

    return base


def windows(context: Context) -> ir.Table:
    """Customers active in the 90 days before the last 90, with `kept`: active in the last 90 too."""
    import ibis

    end = today(context)
    middle = end - timedelta(days=WINDOW)
    rows = order_days(context)
    recent, earlier = rows.day > ibis.literal(middle), rows.day <= ibis.literal(middle)
    rows = rows.filter(rows.day > ibis.literal(middle - timedelta(days=WINDOW)))
    each = rows.group_by("customer_id").aggregate(before=earlier.any(), kept=recent.any())
    return each.filter(each.before)


def cohorts(context: Context) -> ir.Table:
    """Distinct customer and month of order as `age` in months since the first order, the last partial month left out;
    `day` is the first order's and `oldest` the greatest age that can be seen of its month."""
    import ibis

    end = today(context) + timedelta(days=1)
    last = end.year * 12 + end.month - 2  # the last complete month
    rows = order_days(context)
    rows = rows.mutate(first=rows.day.min().over(ibis.window(group_by="customer_id")))

    def month(value: Any) -> Any:
        return value.year() * 12 + value.month() - 1

    rows = rows.mutate(age=month(rows.day) - month(rows["first"]), oldest=last - month(rows["first"]))
    return rows.select("customer_id", "age", "oldest", day="first").distinct().filter(lambda t: t.age <= t.oldest)


def lapses(context: Context) -> ir.Table:
    """One row a customer: `months` from its first order until it fell silent for more than 90 days (`lapsed`) or the as-of."""
    import ibis

    end = ibis.literal(today(context))
    rows = order_days(context)
    each = ibis.window(group_by="customer_id", order_by="day")
    following = ibis.coalesce(rows.day.lead().over(each), end)
    rows = rows.mutate(silent=following.epoch_days() - rows.day.epoch_days() > WINDOW)
    found = rows.group_by("customer_id").aggregate(
        day=rows.day.min(), last=rows.day.min(where=rows.silent), newest=rows.day.max()
    )
    until = ibis.coalesce(found["last"], end)
    age = (until.epoch_days() - found.day.epoch_days()) / 30.4375
    return found.mutate(months=age.floor().cast("int64"), lapsed=found["last"].notnull()).drop("last", "newest")


def lines_and_year_before(context: Context) -> ir.Table:
    """Every line twice: as it is (`now`), and moved one year on (`before`), so that a period holds itself and the year before.

    What would lie after the as-of day is left out: a year that is not over is set against the same days of the one before."""
    import ibis

    rows = bases.lines(context)
    zero = ibis.literal(0).cast(bases.DECIMAL)
    moved = rows.mutate(day=(rows.day.cast("timestamp") + ibis.interval(years=1)).date(), now=zero, before=rows.lv)
    moved = moved.filter(moved.day <= ibis.literal(today(context)))
    return rows.mutate(now=rows.lv, before=zero).union(moved)


def year_lines(context: Context) -> ir.Table:
    """Lines of the last twelve months with the `account` they count for: the parent, else the customer itself."""
    import ibis

    rows = bases.lines(context)
    rows = rows.filter(rows.day > ibis.literal(today(context) - timedelta(days=YEAR)))
    parents = context.reader.table("customers").select(child="customer_id", above="parent_id")
    rows = rows.left_join(parents, rows.customer_id == parents.child)
    return rows.mutate(account=ibis.coalesce(rows.above, rows.customer_id)).drop("child", "above")


def customers_aged(context: Context) -> ir.Table:
    """Customers with a known creation and its `age` in days."""
    import ibis

    rows = context.reader.table("customers")
    rows = rows.filter(rows.created_at.notnull())
    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    return rows.mutate(age=(moment.epoch_seconds() - rows.created_at.epoch_seconds()) / 86400)


def members(context: Context) -> ir.Table:
    """Memberships with `loyalty_tier`, seen as of now."""
    import ibis

    rows = context.reader.table("loyalty")
    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    rows = rows.filter((rows.enrolled_at <= moment).fill_null(True))
    return rows.mutate(loyalty_tier=rows.tier)


def membership(context: Context) -> ir.Table:
    """Customers who ordered in the last two years: `member` before the last one began, `orders` in it and `prior` in the one before."""
    import ibis

    end = today(context)
    middle = ibis.literal(end - timedelta(days=YEAR))
    rows = bases.orders(context)
    rows = rows.filter(rows.day > ibis.literal(end - timedelta(days=2 * YEAR)))
    each = rows.group_by("customer_id").aggregate(
        orders=rows.order_id.nunique(where=rows.day > middle), prior=rows.order_id.nunique(where=rows.day <= middle)
    )
    joined_by = members(context)
    joined_by = joined_by.filter((joined_by.enrolled_at.date() <= middle).fill_null(True))
    joined_by = joined_by.select(member_id="customer_id").distinct()
    where = context.reader.table("customers").select(placed="customer_id", market="region")
    each = each.left_join(joined_by, each.customer_id == joined_by.member_id)
    each = each.mutate(member=each.member_id.notnull()).drop("member_id")
    return each.left_join(where, each.customer_id == where.placed).drop("placed")


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "order_days": order_days,
    "second_orders": second_orders,
    "first_kept": first_kept(WINDOW),
    "windows": windows,
    "cohorts": cohorts,
    "lapses": lapses,
    "lines_and_year_before": lines_and_year_before,
    "year_lines": year_lines,
    "customers_aged": customers_aged,
    "members": members,
    "membership": membership,
}
