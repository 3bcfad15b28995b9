"""Orders and revenue (METRICS 1, 2, 12, 15, 16)."""

from __future__ import annotations

from knowledge.metrics.registry import Component, Metric, Row, one, ratio

LINES = Component("lines", "count")
ORDERS = Component("orders", "distinct", lambda t: t.order_id)
REVENUE = Component("lines", "sum", lambda t: t.lv)
NEEDS_LINES = ("orders.order_id", "order_lines.qty_ordered")


def _net(row: Row) -> float | None:
    if row["revenue"] is None and row["returned"] is None:
        return None
    return float((row["revenue"] or 0) - (row["returned"] or 0))


REVENUE_METRIC = Metric(
    "revenue", "Revenue", ("sales", "turnover", "bookings", "how much did they buy", "spend", "bought"), "money",
    "Value ordered and not cancelled, before returns.", "sum(qty_ordered * unit_price - discount)", "C O P T", "ord", "up",
    {"value": REVENUE, "n": LINES}, one("value"), NEEDS_LINES, additive=True, source="bookings",
    variants={
        "delivered": Metric(
            "revenue.delivered", "Delivered revenue", ("delivered sales", "invoiced sales"), "money",
            "Value delivered, by delivery date.", "sum(coalesce(qty_delivered, qty_ordered) * unit_price - discount) of delivered orders",
            "C O P T", "del", "up",
            {"value": Component("delivered_lines", "sum", lambda t: t.delivered_value), "n": Component("delivered_lines", "count")},
            one("value"), (*NEEDS_LINES, "orders.delivered_at"), additive=True, source="bookings",
        )
    },
)  # fmt: skip

METRICS = (
    REVENUE_METRIC,
    Metric(
        "net_revenue", "Net revenue", ("sales after returns", "net sales"), "money",
        "Revenue less the value of returns requested in the period.", "revenue - sum(returns.value)", "C P T", "ord", "up",
        {"revenue": REVENUE, "returned": Component("returns", "sum", lambda t: t.value), "n": LINES}, _net, NEEDS_LINES,
        additive=True, source="accounting",
    ),
    Metric(
        "orders", "Orders", ("order count", "number of orders", "how many orders"), "count",
        "Orders that are not cancelled.", "count(distinct order_id)", "C O T", "ord", "up",
        {"value": Component("orders", "distinct", lambda t: t.order_id), "n": Component("orders", "count")}, one("value"),
        ("orders.order_id",), additive=True,
    ),
    Metric(
        "order_lines_count", "Order lines", ("lines", "line items"), "count", "Lines of orders that are not cancelled.",
        "count(order_lines)", "C O P T", "ord", "none", {"value": LINES, "n": LINES}, one("value"), NEEDS_LINES, additive=True,
    ),
    Metric(
        "units", "Units ordered", ("volume", "quantity", "pieces", "units sold"), "qty", "Quantity ordered, not cancelled.",
        "sum(qty_ordered)", "C O P T", "ord", "up",
        {
            "value": Component("line_units", "sum", lambda t: t.qty_ordered), "units_of_measure": Component("line_units", "distinct", lambda t: t.unit_of_measure),
            "n": Component("line_units", "count"),
        },
        one("value"), NEEDS_LINES, additive=True, one_unit=True,
    ),
    Metric(
        "aov", "Average order value", ("basket size", "order size", "average ticket", "average basket"), "money",
        "Revenue an order.", "revenue / orders", "C O T", "ord", "up",
        {"revenue": REVENUE, "orders": Component("lines", "distinct", lambda t: t.order_id), "n": LINES}, ratio("revenue", "orders"),
        NEEDS_LINES, source="retail",
        variants={
            "median": Metric(
                "aov.median", "Median order value", ("median basket", "typical order value"), "money",
                "The order value that half of the orders stay below.", "median over orders of sum(line value)", "C O T", "ord", "up",
                {"value": Component("order_values", "quantile", lambda t: t.value), "n": Component("order_values", "count")},
                one("value"), NEEDS_LINES, source="retail",
            )
        },
    ),
    Metric(
        "lines_per_order", "Lines per order", ("order lines per order",), "ratio", "Lines an order.", "order lines / orders",
        "C O T", "ord", "none", {"n": LINES, "orders": Component("lines", "distinct", lambda t: t.order_id)}, ratio("n", "orders"),
        NEEDS_LINES,
    ),
    Metric(
        "units_per_order", "Units per order", ("pieces per order",), "ratio", "Units an order.", "units / orders", "C O T", "ord", "none",
        {
            "units": Component("lines", "sum", lambda t: t.qty_ordered),
            "orders": Component("lines", "distinct", lambda t: t.order_id),
            "n": LINES,
        },
        ratio("units", "orders"), NEEDS_LINES,
    ),
    Metric(
        "active_customers", "Active customers", ("buying accounts", "customers who ordered", "buyers", "how many customers"), "count",
        "Customers with an order in the period.", "count(distinct customer_id) of orders", "C O T", "ord", "up",
        {"value": Component("orders", "distinct", lambda t: t.customer_id), "n": Component("orders", "count")}, one("value"),
        ("orders.order_id",), source="CRM",
    ),
    Metric(
        "new_customers", "New customers", ("first-time buyers", "acquired accounts", "first time buyers"), "count",
        "Customers whose first order ever lies in the period.", "count(customers whose first order is in the period)", "C T", "ord", "up",
        {"value": Component("first_orders", "count"), "n": Component("first_orders", "count")}, one("value"), ("orders.order_id",),
        additive=True, source="CRM", note="first means first in the data; customers from before it look new",
    ),
    Metric(
        "cancellation_rate", "Cancelled orders", ("cancel rate", "dropped orders", "cancellations"), "share",
        "Cancelled orders of all orders.", "count(status = cancelled) / count(orders)", "C O T", "ord", "down",
        {"k": Component("all_orders", "count", where=lambda t: t.status == "cancelled"), "n": Component("all_orders", "count")},
        ratio("k", "n"), ("orders.order_id", "orders.status=cancelled"), "wilson",
    ),
    Metric(
        "repeat_rate", "Repeat rate", ("came back", "repeat buyers", "repeat customers"), "share",
        "Customers with at least two orders, of those with one.", "customers with >= 2 orders / customers with >= 1", "C T", "ord", "up",
        {
            "k": Component("orders", "customers_with", lambda t: t.order_id, least=2),
            "n": Component("orders", "customers_with", lambda t: t.order_id, least=1),
        },
        ratio("k", "n"), ("orders.order_id",), "wilson",
        variants={
            "days": Metric(
                "repeat_rate.days", "Repeat rate by days", ("repeat days",), "share",
                "Customers who ordered on at least two days, of those who ordered.", "customers with >= 2 order days / customers with >= 1",
                "C T", "ord", "up",
                {
                    "k": Component("orders", "customers_with", lambda t: t.day, least=2),
                    "n": Component("orders", "customers_with", lambda t: t.day, least=1),
                },
                ratio("k", "n"), ("orders.order_id",), "wilson",
            )
        },
    ),
    Metric(
        "multichannel_share", "Multi-channel customers", ("cross-channel buyers", "omnichannel customers"), "share",
        "Customers who ordered through at least two channels, of active customers.", "customers with >= 2 channels / active customers",
        "C T", "ord", "none",
        {
            "k": Component("orders", "customers_with", lambda t: t.channel, least=2),
            "n": Component("orders", "customers_with", lambda t: t.order_id, least=1),
        },
        ratio("k", "n"), ("orders.channel",), "wilson",
    ),
    Metric(
        "contact_rate", "Contacts per order", ("touches per order", "call load"), "ratio",
        "Interactions of the period for each order of the period.", "count(interactions) / orders", "C T", "ord", "down",
        {
            "n": Component("interactions", "count"),
            "orders": Component("orders", "distinct", lambda t: t.order_id),
        },
        ratio("n", "orders"), ("interactions.interaction_id", "orders.order_id"), source="service",
    ),
    Metric(
        "profile_completeness", "Profile completeness", ("data quality of the account",), "share",
        "Filled of six profile fields: industry, region, size, owner, tier, and a contact with a role.", "filled fields / (6 * customers)", "C", "snap", "up",
        {
            "k": Component("customers_profiled", "sum", lambda t: t.filled),
            "n": Component("customers_profiled", "sum", lambda t: t.customer_id.notnull().cast("int64") * 6),
        },
        ratio("k", "n"), ("customers.customer_id",), source="CRM",
    ),
)  # fmt: skip
