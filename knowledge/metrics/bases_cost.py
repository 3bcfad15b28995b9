"""Base relations of cost and time: lines with their cost, returns with their effect, what was done for whom (METRICS C3, C4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import DECIMAL, Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

DRIVERS = ("order", "line", "unit", "shipment", "return", "interaction", "customized_line", "rush_order")


def _product_cost(context: Context) -> ir.Table:
    products = context.reader.table("products")
    return products.select(cost_of="product_id", product_cost="unit_cost")


def costed_lines(context: Context) -> ir.Table:
    """Lines with a known cost: `cost` of the quantity ordered, `margin` of the line; `day` is the order date.

    The line's own cost counts before the article's."""
    import ibis

    rows = bases.lines(context)
    known = rows.left_join(_product_cost(context), rows.product_id == _product_cost(context).cost_of).drop("cost_of")
    each = ibis.coalesce(known.unit_cost, known.product_cost)
    known = known.mutate(cost=bases.worth(known.qty_ordered, each).cast(DECIMAL))
    known = known.filter(known.cost.notnull())
    return known.mutate(margin=(known.lv - known.cost).cast(DECIMAL))


def returns_with_effect(context: Context) -> ir.Table:
    """Returns with `effect`: the value refunded less, where goods went back on the shelf, their cost. Unknown cost counts as 0."""
    import ibis

    rows = bases.returns(context)
    cost = _product_cost(context) if context.reader.rows("products") else None
    if cost is None:
        return rows.mutate(effect=rows["value"])
    known = rows.left_join(cost, rows.product_id == cost.cost_of).drop("cost_of")
    saved = ibis.ifelse(known.disposition == "restock", bases.worth(known.qty, known.product_cost), None)
    none = ibis.literal(0).cast(DECIMAL)
    return known.mutate(effect=(known["value"] - ibis.coalesce(saved.cast(DECIMAL), none)).cast(DECIMAL))


def waiting_lines(context: Context) -> ir.Table:
    """Lines with `wait_days`, how long the customer was ready to wait: to the requested date, else to the promised one."""
    import ibis

    rows = bases.lines(context)
    until = ibis.coalesce(rows.requested_date, rows.promised_date)
    return rows.mutate(
        wait_days=(until.epoch_days() - rows.day.epoch_days()).cast("float64"),
        asked_days=(rows.requested_date.epoch_days() - rows.day.epoch_days()).cast("float64"),
    )


def waiting_lines_supplied(context: Context) -> ir.Table:
    """Waiting lines with the article's `lead_days`; null where articles are not known."""
    import ibis

    rows = waiting_lines(context)
    if not context.reader.rows("products"):
        return rows.mutate(lead_days=ibis.null("float64"))
    lead = context.reader.table("products").select(lead_of="product_id", lead_days="lead_time_days")
    known = rows.left_join(lead, rows.product_id == lead.lead_of).drop("lead_of")
    return known.mutate(lead_days=known.lead_days.cast("float64"))


def unit_months(context: Context) -> ir.Table:
    """Units by customer, article and complete month `at` (counted in months), with the `first` and `last` complete month."""
    import ibis

    rows = bases.lines(context)
    span = rows.aggregate(begin=rows.day.min(), end=ibis.literal(context.as_of.date()) + ibis.interval(days=1))
    rows = rows.mutate(at=rows.day.year() * 12 + rows.day.month())
    sums = rows.group_by("customer_id", "product_id", "at").aggregate(units=rows.qty_ordered.sum().cast("float64"))
    sums = sums.cross_join(span)
    begin = sums.begin.year() * 12 + sums.begin.month() + ibis.ifelse(sums.begin.day() <= 3, 0, 1)
    sums = sums.mutate(first=begin, last=sums.end.year() * 12 + sums.end.month() - 1).drop("begin", "end")
    return sums.filter(sums["at"].between(sums["first"], sums["last"]))


def rush_orders(context: Context) -> ir.Table:
    """Orders with `rush`: a line was asked for in less than half the median waiting time of its product group; null unknown."""
    rows = waiting_lines(context)
    products = context.reader.table("products").select(group_of="product_id", product_group="category")
    rows = rows.left_join(products, rows.product_id == products.group_of).drop("group_of")
    rows = rows.mutate(product_group=rows.product_group.fill_null(""))
    usual = rows.group_by("product_group").aggregate(usual=rows.wait_days.median())
    judged = rows.inner_join(usual, "product_group")
    judged = judged.mutate(rushed=judged.asked_days < judged.usual / 2)
    by_order = judged.group_by("order_id").aggregate(rush=judged.rushed.any())
    return bases.orders(context).left_join(by_order, "order_id").drop("order_id_right")


def driver_volumes(context: Context) -> ir.Table:
    """What was done for each customer on each day: `customer_id`, `day`, `channel` of the order that it was done for (null
    where there is none), `driver` (of DRIVERS), `volume`. Sources that were never loaded have no rows.
    Fails: NoData where there are neither orders, returns nor interactions."""
    import ibis

    def counted(driver: str, rows: ir.Table, column: str = "") -> ir.Table:
        dated = rows.filter(rows.day.notnull())
        amount = dated[column].sum() if column else dated.count()
        summed = dated.group_by("customer_id", "day", "channel").aggregate(volume=amount.cast("float64"))
        return summed.select("customer_id", "day", "channel", "volume", driver=ibis.literal(driver))

    def of_order(rows: ir.Table) -> ir.Table:
        """Returns and contacts with the channel of their order, which they may name."""
        rows = rows.drop("channel") if "channel" in rows.columns else rows
        if not context.reader.rows("orders"):
            return rows.mutate(channel=ibis.null("string"))
        placed = bases.orders(context).select("channel", placed="order_id")
        return rows.left_join(placed, rows.order_id == placed.placed).drop("placed")

    def shipped() -> ir.Table:
        rows = bases.orders(context)
        return counted("shipment", rows.filter(rows.shipped_at.notnull()).mutate(day=lambda t: t.shipped_at.date()))

    makers: tuple[Callable[[], ir.Table], ...] = (
        lambda: counted("order", bases.orders(context)),
        lambda: counted("line", bases.lines(context)),
        lambda: counted("unit", bases.lines(context), "qty_ordered"),
        shipped,
        lambda: counted("return", of_order(bases.returns(context))),
        lambda: counted("interaction", of_order(bases.interactions(context))),
        lambda: counted("customized_line", bases.lines(context).filter(lambda t: t.is_customized.fill_null(False))),
        lambda: counted("rush_order", rush_orders(context).filter(lambda t: t.rush.fill_null(False))),
    )
    found = []
    for make in makers:
        try:
            found.append(make())
        except NoData:
            continue
    if not found:
        raise NoData(
            "Nothing was done for anybody: this needs orders, returns or interactions.", "Import `orders`.", code="no_data"
        )
    return ibis.union(*found)


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "costed_lines": costed_lines,
    "returns_with_effect": returns_with_effect,
    "waiting_lines": waiting_lines,
    "waiting_lines_supplied": waiting_lines_supplied,
    "unit_months": unit_months,
    "rush_orders": rush_orders,
}
