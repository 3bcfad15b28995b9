"""Base relations over the models' derived tables: one row a customer, an article, a month, a cost pool, a suggestion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.errors import NoData
from knowledge.metrics import bases, bases_loyalty
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir


def customer_model(context: Context) -> ir.Table:
    """Customers with what the models say of them; `today` is the as-of day."""
    import ibis

    return context.reader.table("customer_model").mutate(today=ibis.literal(bases_loyalty.today(context)))


def customer_facts(context: Context) -> ir.Table:
    return context.reader.table("customer_facts")


def product_model(context: Context) -> ir.Table:
    return context.reader.table("product_model")


def forecasts(context: Context) -> ir.Table:
    """Weeks to come of each article with its unit of measure; `day` is the Monday."""
    rows = context.reader.table("forecasts")
    return _with_units(rows.mutate(day=rows.week.date()), context)


def reorders(context: Context) -> ir.Table:
    return context.reader.table("reorders")


def customer_months(context: Context) -> ir.Table:
    """What each customer brought and cost in each month; `day` is the first of the month."""
    rows = context.reader.table("customer_months")
    return rows.mutate(day=rows.month.cast("date"))


def costed_months(context: Context) -> ir.Table:
    """The same months as far as cost pools cover them: profit needs both sides."""
    rows = customer_months(context)
    return rows.filter(rows.cost_to_serve.notnull() & rows.gross_margin.notnull())


def customer_costs(context: Context) -> ir.Table:
    rows = context.reader.table("customer_costs")
    return rows.mutate(day=rows.month.cast("date"))


def cost_pools(context: Context) -> ir.Table:
    rows = context.reader.table("cost_pools")
    return rows.mutate(day=rows.period_start.cast("date"))


def white_space(context: Context) -> ir.Table:
    rows = context.reader.table("white_space")
    return rows.mutate(dim_category=rows.category)


def next_products(context: Context) -> ir.Table:
    return context.reader.table("next_products")


def orders_behind_profit(context: Context) -> ir.Table:
    """Orders of the months for which costs are known; `day` is the first of the month."""
    rows = bases.orders(context)
    pools = cost_pools(context)
    span = pools.aggregate(first=pools.period_start.min(), last=pools.period_end.max())
    rows = rows.cross_join(span)
    return rows.filter(rows.day.between(rows["first"].cast("date"), rows["last"].cast("date"))).mutate(
        day=lambda t: t.day.truncate("M")
    )


def line_units(context: Context) -> ir.Table:
    """Lines with the article's unit of measure."""
    return _with_units(bases.lines(context), context)


def _with_units(rows: ir.Table, context: Context) -> ir.Table:
    """Adds `unit_of_measure`; null where articles or their units are not known."""
    import ibis

    try:
        units = context.reader.table("products").select(unit_of="product_id", unit_of_measure="unit")
    except NoData:
        return rows.mutate(unit_of_measure=ibis.null("string"))
    return rows.left_join(units, rows.product_id == units.unit_of).drop("unit_of")


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "customer_model": customer_model,
    "customer_facts": customer_facts,
    "product_model": product_model,
    "forecasts": forecasts,
    "reorders": reorders,
    "customer_months": customer_months,
    "costed_months": costed_months,
    "customer_costs": customer_costs,
    "cost_pools": cost_pools,
    "white_space": white_space,
    "next_products": next_products,
    "orders_behind_profit": orders_behind_profit,
    "line_units": line_units,
}
