"""The rows that attributes are read from: each entity's own relation, and relations keyed by its key that tell more of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.errors import NoData, NotAllowed
from knowledge.metrics import bases, bases_cost, bases_loyalty, bases_model
from knowledge.metrics.bases import DECIMAL, Context, worth

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _today(rows: ir.Table, context: Context) -> ir.Table:
    import ibis

    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    return rows.mutate(today=ibis.literal(bases_loyalty.today(context)), now=moment)


def orders(context: Context) -> ir.Table:
    """Every order with its `service_day` (promised, else requested), `delivered_day`, and what `today` is."""

    rows = bases.all_orders(context)
    rows = rows.mutate(service_day=bases.service_day(rows), delivered_day=bases.delivered_day(rows))
    return _today(rows, context)


def order_totals(context: Context) -> ir.Table:
    """What the lines of an order add up to."""
    import ibis

    rows = context.reader.table("order_lines")
    gross = worth(rows.qty_ordered, rows.unit_price)
    less = ibis.coalesce(rows.discount, ibis.literal(0).cast(DECIMAL))
    rows = rows.mutate(lv=(gross - less).cast(DECIMAL), less=less)
    wrong = rows.is_wrong_item.fill_null(False)
    return rows.group_by("order_id").aggregate(
        value=rows.lv.sum(),
        units=rows.qty_ordered.sum(),
        lines=rows.count(),
        given=rows.less.sum(),
        damaged=rows.is_damaged.any(),
        wrong_item=rows.is_wrong_item.any(),
        billed_wrong=(~rows.invoice_ok).any(),
        customized=rows.is_customized.any(),
        in_full=((rows.qty_delivered >= rows.qty_ordered) & ~wrong).all(),
        shipped_full=(rows.qty_shipped_first >= rows.qty_ordered).all(),
    )


def order_places(context: Context) -> ir.Table:
    """Which order of its customer each one is (1 is the first), cancelled ones left out."""
    import ibis

    rows = bases.orders(context)
    place = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=["ordered_at", "order_id"])) + 1
    return rows.select("order_id", place=place)


def order_rush(context: Context) -> ir.Table:
    return bases_cost.rush_orders(context).select("order_id", "rush")


def lines(context: Context) -> ir.Table:
    return _today(bases.lines(context), context)


def customers(context: Context) -> ir.Table:
    return _today(bases.customers(context), context)


def customer_orders(context: Context) -> ir.Table:
    """What the orders of a customer amount to, as of the moment."""
    rows = _today(bases.orders(context), context)
    each = rows.group_by("customer_id").aggregate(
        first=rows.day.min(), last=rows.day.max(), orders=rows.count(), days=rows.day.nunique(), today=rows.today.max()
    )
    return each.mutate(
        silent=(each.today.epoch_days() - each["last"].epoch_days()),
        gap=(each["last"].epoch_days() - each["first"].epoch_days()) / (each.days - 1).nullif(0),
    )


def customer_segments(context: Context) -> ir.Table:
    return context.reader.table("customer_facts").select("customer_id", "rfm_segment")


def customer_risk(context: Context) -> ir.Table:
    rows = context.reader.table("customer_model")
    if "churn_risk" not in rows.columns:
        raise NotAllowed("Risk is not open to you here.", "A manager can see it.")
    return rows.select("customer_id", "churn_risk")


def products(context: Context) -> ir.Table:
    return context.reader.table("products")


def product_model(context: Context) -> ir.Table:
    return bases_model.product_model(context).select("product_id", "abc", "demand_class", "decoupling_point")


def returns(context: Context) -> ir.Table:
    return _today(bases.returns(context), context)


def contacts(context: Context) -> ir.Table:
    return _today(bases.interactions(context), context)


def comments(context: Context) -> ir.Table:
    """Comments that count for what is said, with the `bottom` and `top` of their scale and the `worst` and `best` mood of
    their clauses (null where none was read)."""
    import ibis

    rows = bases.counting(context, bases.feedback(context))
    scale = rows.rating_scale
    rows = rows.mutate(bottom=scale.split("-")[0].try_cast("float64"), top=scale.split("-")[1].try_cast("float64"))
    try:
        said = context.reader.table("feedback_segments")
    except NoData:
        return rows.mutate(worst=ibis.null("int64"), best=ibis.null("int64"))
    moods = said.group_by(said_in="feedback_id").aggregate(worst=said.sentiment.min(), best=said.sentiment.max())
    return rows.left_join(moods, rows.feedback_id == moods.said_in).drop("said_in")


def clauses(context: Context) -> ir.Table:
    rows = bases.mentions(context)
    return rows.mutate(clause_id=rows.feedback_id)


def _dated(table: str, at: str, context: Context) -> ir.Table:
    """Rows of a table that had happened by then, with `day`."""
    rows = _today(context.reader.table(table), context)
    rows = rows.filter((rows[at] <= rows.now).fill_null(True))
    return rows.mutate(day=rows[at].date())


def invoices(context: Context) -> ir.Table:
    return _dated("invoices", "issued_at", context)


def contracts(context: Context) -> ir.Table:
    rows = _today(context.reader.table("contracts"), context)
    return rows.mutate(day=rows.starts_at.date())


def quotes(context: Context) -> ir.Table:
    return _dated("opportunities", "created_at", context)


def promises(context: Context) -> ir.Table:
    return _dated("commitments", "made_at", context)


def memberships(context: Context) -> ir.Table:
    rows = _dated("loyalty", "enrolled_at", context)
    return rows.mutate(membership_id=rows.customer_id + "/" + rows.program, loyalty_tier=rows.tier)


def stock(context: Context) -> ir.Table:
    """The last count of each article and place."""
    rows = _today(context.reader.table("inventory"), context)
    rows = rows.filter(rows["at"] <= rows.today)
    last = rows.group_by("product_id", "location").aggregate(at=rows["at"].max())
    rows = rows.inner_join(last, ["product_id", "location", "at"])
    return rows.mutate(stock_id=rows.product_id + "/" + rows.location)


def stock_worth(context: Context) -> ir.Table:
    """What the last count of each article and place is worth at the article's unit cost."""
    rows = stock(context)
    cost = context.reader.table("products").select(cost_of="product_id", cost="unit_cost")
    rows = rows.left_join(cost, rows.product_id == cost.cost_of)
    return rows.select("stock_id", worth=worth(rows.on_hand, rows.cost).cast(DECIMAL))


SOURCES: dict[str, Callable[[Context], ir.Table]] = {
    "order_totals": order_totals,
    "order_places": order_places,
    "order_rush": order_rush,
    "customer_orders": customer_orders,
    "customer_segments": customer_segments,
    "customer_risk": customer_risk,
    "product_model": product_model,
    "stock_worth": stock_worth,
}
"""Relations that tell more of an entity, by name; keyed by the entity's key."""
