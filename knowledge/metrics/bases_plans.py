"""Base relations of plans beside what was wanted: one row an article, customer, bucket and party (METRICS 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.metrics import bases
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

KEY = ["product_id", "customer_id", "period_start", "party"]


def latest_plans(context: Context) -> ir.Table:
    """Of each plan the version made last before its bucket began, with `first_day`, `last_day` and those of the bucket before."""
    import ibis

    rows = context.reader.table("demand_plans").drop("source", "source_row", "loaded_at")
    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    made = rows.made_at.fill_null(rows.period_start.cast("timestamp('UTC')"))
    rows = rows.filter((made <= moment).fill_null(True) & (made.date() <= rows.period_start))
    newest = ibis.row_number().over(ibis.window(group_by=KEY, order_by=ibis.desc("made_at")))
    rows = rows.mutate(version=newest).filter(lambda t: t.version == 0).drop("version")
    month = (rows.period_start.day() == 1) & rows.period_days.between(28, 31)
    length = rows.period_days.cast("int64")
    start = rows.period_start.cast("timestamp")
    before = ibis.ifelse(month, start - ibis.interval(months=1), start - length.as_interval("D"))
    return rows.mutate(
        first_day=rows.period_start, last_day=(start + (length - 1).as_interval("D")).date(), before_day=before.date()
    )


def wanted(context: Context) -> ir.Table:
    """Units wanted by article, customer and day: the requested date, else the order date."""
    import ibis

    rows = bases.lines(context)
    rows = rows.mutate(want=ibis.coalesce(rows.requested_date, rows.day))
    return rows.group_by("product_id", "customer_id", "want").aggregate(units=rows.qty_ordered.sum())


def plans(context: Context) -> ir.Table:
    """Plans of closed buckets: `forecast`, `actual` units wanted, `previous` of the bucket before (null before the data begin);
    `day` is the first of the bucket. A plan without a customer is compared with all customers."""
    import ibis

    rows = latest_plans(context)
    rows = rows.filter(rows.last_day <= ibis.literal(context.as_of.date()))
    rows = rows.mutate(row=ibis.row_number().over(ibis.window(order_by=KEY)))
    want = wanted(context)
    begin = want.aggregate(begin=want.want.min())
    want = want.rename(article="product_id", buyer="customer_id")
    both = rows.inner_join(want, rows.product_id == want.article)
    both = both.filter((both.customer_id == both.buyer) | both.customer_id.isnull())
    now, past = both.want.between(both.first_day, both.last_day), (both.want >= both.before_day) & (both.want < both.first_day)
    sums = both.group_by("row").aggregate(actual=both.units.sum(where=now), previous=both.units.sum(where=past))
    sums = sums.rename(of="row")
    joined = rows.left_join(sums, rows.row == sums.of).drop("of").cross_join(begin)
    known = (joined.before_day >= joined.begin).fill_null(False)
    numbers = {n: joined[n].cast("float64").fill_null(0.0) for n in ("actual", "previous")}
    joined = joined.mutate(forecast=joined.forecast_qty.cast("float64"), day=joined.first_day, **numbers)
    joined = joined.mutate(previous=ibis.ifelse(known, joined.previous, None))
    error = joined.forecast - joined.actual
    return joined.mutate(error=error, absolute=error.abs(), naive=(joined.previous - joined.actual).abs())


def plan_pairs(context: Context) -> ir.Table:
    """Buckets that both parties planned: `ours`, `theirs`, `apart`, `middle`; `day` is the first of the bucket."""
    rows = latest_plans(context).mutate(quantity=lambda t: t.forecast_qty.cast("float64"))
    each = rows.group_by("product_id", "customer_id", "first_day").aggregate(
        ours=rows.quantity.sum(where=rows.party == "ours"), theirs=rows.quantity.sum(where=rows.party == "customer"),
        parties=rows.party.nunique(),
    )  # fmt: skip
    each = each.filter(each.parties == 2)
    return each.mutate(day=each.first_day, apart=(each.ours - each.theirs).abs(), middle=(each.ours + each.theirs) / 2)


def exceptions(context: Context) -> ir.Table:
    """Plan exceptions as the models list them; `day` is the first of the bucket."""
    rows = context.reader.table("cpfr_exceptions")
    return rows.mutate(day=rows.period_start.cast("date"))


BASES: dict[str, Callable[[Context], ir.Table]] = {"plans": plans, "plan_pairs": plan_pairs, "exceptions": exceptions}
