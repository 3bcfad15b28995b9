"""Profit by activity-based costing (METRICS 4): margin, cost to serve, what is left, and where it is lost."""

from __future__ import annotations

from typing import Any

import numpy as np

from knowledge.errors import NoData
from knowledge.metrics.registry import Measured, Metric, Row, Value, count, one, per, ratio, total

COSTED = ("cost_pools.cost",)
PROFIT = ("customer_months.net_margin",)
MORE: dict[str, Any] = {"sensitivity": "commercial", "source": "Kaplan and Anderson 2004 (ABC)"}
BY_CUSTOMER = per("costed_months", "customer_id", profit=lambda t: t.net_margin)


def _ratio_of(top: str, bottom: str) -> Any:
    def combine(row: Row) -> float | None:
        below = float(row[bottom] or 0)
        return float(row[top] or 0) / below if below > 0 else None

    return combine


def _losing(row: Row) -> Value:
    frame = row["value"]
    return Measured(int((frame["profit"].round(2) < 0).sum()), rows=len(frame)) if len(frame) else None


def _losing_share(row: Row) -> Value:
    from knowledge.intervals import wilson

    frame = row["value"]
    if not len(frame):
        return None
    k, n = float((frame["profit"].round(2) < 0).sum()), float(len(frame))
    return Measured(k / n, wilson(k, n), len(frame), k, n)


def _whale(row: Row) -> Any:
    """Cumulative profit in per cent of all of it, after each tenth of the customers, best first."""
    from knowledge.models.cost_to_serve import whale

    frame = row["value"]
    if not len(frame):
        return {}
    try:
        found = whale(frame.set_index("customer_id")["profit"])
    except NoData:
        return {}
    curve, n = found.curve.to_numpy(), len(found.curve)
    at = {f"{10 * i} % of customers": max(1, int(np.ceil(i * n / 10))) for i in range(1, 11)}
    points = {name: Measured(round(curve[k - 1] / 100, 9), rows=k) for name, k in at.items()}
    peak = {
        f"peak at {found.customers_at_peak:,} customers": Measured(round(found.peak_pct / 100, 9), rows=found.customers_at_peak)
    }
    return points | peak


def _whale_peak(row: Row) -> Value:
    from knowledge.models.cost_to_serve import whale

    frame = row["value"]
    if not len(frame) or frame["profit"].sum() <= 0:
        return None
    found = whale(frame.set_index("customer_id")["profit"])
    lost = f"{found.eroded_pct:.1f} % of it lost on the others" if found.eroded_pct > 0 else "nothing lost after it"
    shown = f"{found.peak_pct:.1f} % of profit at {found.customers_at_peak:,} of {len(frame):,} customers; {lost}"
    return Measured(round(found.peak_pct / 100, 9), rows=len(frame), display=shown)


WHALE: dict[str, Any] = {
    "unit": "share",
    "dims": "C T",
    "date": "per",
    "direction": "none",
    "components": {"value": BY_CUSTOMER, "n": count("costed_months")},
    "needs": PROFIT,
    "by_month": True,
    "model": "profitability",
    **MORE,
}
CTS = {"value": total("customer_costs", "cost"), "n": count("customer_costs")}
METRICS = (
    Metric("gross_margin", "Gross margin", ("product margin", "gm", "margin", "gross profit"), "money", "Revenue less the cost of the goods, over lines whose cost is known.", "sum(line value - qty_ordered * unit_cost)", "C O P T", "ord", "up",
           {"value": total("costed_lines", "margin"), "n": count("costed_lines")}, one("value"), ("products.unit_cost|order_lines.unit_cost", "order_lines.qty_ordered"), additive=True, sensitivity="commercial", source="accounting",
           variants={"share": Metric("gross_margin.share", "Gross margin in % of revenue", ("gross margin percent", "gross margin rate", "gross margin %", "margin percentage", "margin rate"), "share", "Gross margin, of the revenue of the lines whose cost is known.", "gross margin / revenue of costed lines", "C O P T", "ord", "up",
                                     {"k": total("costed_lines", "margin"), "d": total("costed_lines", "lv"), "n": count("costed_lines")}, ratio("k", "d"), ("products.unit_cost|order_lines.unit_cost", "order_lines.qty_ordered"), sensitivity="commercial", source="accounting")}),
    Metric("cost_to_serve", "Cost to serve", ("service cost", "cts", "cost of this account", "costs to serve", "serving cost"), "money", "What was done for the customer, charged at the rates of the cost pools: orders, lines, shipments, returns, contacts, rush orders.", "sum over pools of rate * driver volume",
           "C T activity order_channel", "per", "down", CTS, one("value"), ("customer_costs.cost",), additive=True, by_month=True, model="profitability", **MORE,
           variants={"per_order": Metric("cost_to_serve.per_order", "Cost to serve an order", ("cost per order", "cost to serve per order"), "money", "Cost to serve, an order.", "cost to serve / orders", "C T", "per", "down",
                                         {"cost": total("customer_costs", "cost"), "n": count("orders_behind_profit")}, ratio("cost", "n"), ("customer_costs.cost",), by_month=True, model="profitability", **MORE)}),
    Metric("cost_to_serve_ratio", "Cost to serve ratio", ("cost to serve %", "cts as % of sales", "cost to serve percentage", "cost to serve share"), "share", "Cost to serve, of the revenue after returns of the same months.", "cost_to_serve / net_revenue", "C T", "per", "down",
           {"cost": total("costed_months", "cost_to_serve"), "net": total("costed_months", lambda t: t.revenue - t.returns_value), "n": count("costed_months")}, _ratio_of("cost", "net"), ("customer_costs.cost",), by_month=True, model="profitability", **MORE),
    Metric("customer_net_margin", "Customer profit", ("account profitability", "contribution", "do we make money on them", "profit", "net margin", "profitability", "customer profitability"), "money", "Gross margin less what returns cost and less the cost to serve.", "gross_margin - returns effect - cost_to_serve", "C T", "per", "up",
           {"value": total("costed_months", "net_margin"), "n": count("costed_months")}, one("value"), PROFIT, additive=True, by_month=True, model="profitability", **MORE,
           variants={"share": Metric("customer_net_margin.share", "Customer profit in % of revenue", ("profit margin", "net margin percent", "profit rate", "net margin %"), "share", "Customer profit, of the revenue of the same months.", "customer_net_margin / revenue", "C T", "per", "up",
                                     {"profit": total("costed_months", "net_margin"), "sold": total("costed_months", "revenue"), "n": count("costed_months")}, _ratio_of("profit", "sold"), PROFIT, by_month=True, model="profitability", **MORE)}),
    Metric("whale_curve", "Whale curve", ("cumulative profit curve", "hidden loss", "profit curve"), definition="Cumulative profit, best customer first, of all profit: above 100 % where later customers lose it again.", formula="cumulative sum of profit / sum of profit", combine=_whale, along="customers", **WHALE,
           variants={"peak": Metric("whale_curve.peak", "Peak of the whale curve", ("whale peak", "peak profit"), definition="The highest point of the whale curve: what the profitable customers earn, of all profit.", formula="max(cumulative profit) / sum of profit", combine=_whale_peak, **WHALE)}),
    Metric("unused_capacity_cost", "Unused capacity", ("idle cost", "slack", "unused capacity cost", "cost of unused capacity"), "money", "Cost of the pools' capacity that nothing was done with; never charged to a customer.", "sum(max(0, pool cost - rate * driver volume))", "T pool", "per", "down",
           {"value": total("cost_pools", "unused"), "n": count("cost_pools")}, one("value"), COSTED, additive=True, by_month=True, model="profitability", sensitivity="commercial", source="time-driven ABC"),
    Metric("loss_making_customers", "Loss makers", ("unprofitable accounts", "unprofitable customers", "loss makers", "customers who lose us money", "loss-making customers"), "count", "Customers whose profit is below zero.", "count(customers with customer_net_margin < 0)", "C T", "per", "down",
           {"value": BY_CUSTOMER, "n": count("costed_months")}, _losing, PROFIT, by_month=True, model="profitability", **MORE,
           variants={"share": Metric("loss_making_customers.share", "Share of loss makers", ("share of unprofitable customers",), "share", "Customers whose profit is below zero, of customers.", "loss makers / customers", "C T", "per", "down",
                                     {"value": BY_CUSTOMER, "n": count("costed_months")}, _losing_share, PROFIT, by_month=True, model="profitability", **MORE)}),
)  # fmt: skip
