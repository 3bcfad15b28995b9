"""Service level differentiation and service strategy (METRICS 5, 8): tiers, what they are promised, what they get."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from knowledge.display import share
from knowledge.intervals import newcombe, wilson
from knowledge.metrics.registry import (
    Component,
    Measured,
    Metric,
    Row,
    Value,
    count,
    distinct,
    mean,
    only,
    per,
    ratio,
    rows,
    text,
    total,
)

PROMISED = ("service_policies.service_tier", "customers.service_tier")
SERVICE = ("orders.promised_date|requested_date", "orders.delivered_at")
FILL = ("orders.promised_date|requested_date", "order_lines.qty_shipped_first")
LEAST = 30


def _of_tiers(base: str, hit: str) -> Component:
    return per(base, "tier", "tier_place", k=lambda t: t[hit].cast("int64"), n=lambda t: t[hit].notnull().cast("int64"))


def _difference(row: Row) -> Value:
    """Rate of the tier that is promised most less that of the one promised least, with Newcombe's interval."""
    tiers = row["value"].groupby(["tier_place", "tier"])[["k", "n"]].sum().reset_index().sort_values("tier_place")
    if len(tiers) < 2:
        return None
    top, low = tiers.iloc[0], tiers.iloc[-1]
    value = float(top["k"] / top["n"] - low["k"] / low["n"])
    words = (
        f"{value * 100:+.1f} points ({top['tier']} {share(top['k'] / top['n'])}, {low['tier']} {share(low['k'] / low['n'])})"
    )
    interval = newcombe(float(top["k"]), float(top["n"]), float(low["k"]), float(low["n"]))
    return Measured(round(value, 9), interval, int(top["n"] + low["n"]), display=words)


def _verdict(k: float, n: float, target: float) -> str:
    low, high = wilson(k, n)
    return "met" if low >= target else "missed" if high < target else "unclear"


def _attainment(row: Row) -> dict[str, Value]:
    """Each promise: the rate with its verdict, or the share of orders and contacts within the target in days or hours."""
    found: dict[str, Value] = {}
    for name in ("otd", "fill_rate"):
        k, n, target = (row[f"{name}_{c}"] for c in ("k", "n", "target"))
        if n and target is not None:
            said = f"{_verdict(float(k), n, float(target))}: {share(k / n)} against {share(target)}"
            found[name.replace("_", " ").replace("otd", "on-time delivery")] = Measured(k / n, wilson(k, n), n, k, n, said)
    for name, words, unit in (
        ("cycle", "order cycle", "days"),
        ("response", "first response", "hours"),
        ("resolution", "resolution", "hours"),
    ):
        k, n, target = (row[f"{name}_{c}"] for c in ("k", "n", "target"))
        if n:
            found[words] = Measured(
                k / n, wilson(k, n), n, k, n, f"{share(k / n)} within the target (mean {float(target):.0f} {unit})"
            )
    return found


def _parts(name: str, base: str, hit: Any, known: Any, target: str) -> dict[str, Component]:
    def has(t: Any) -> Any:
        return known(t) & t[target].notnull()

    return {
        f"{name}_k": count(base, lambda t: has(t) & hit(t).fill_null(False)),
        f"{name}_n": count(base, has),
        f"{name}_target": mean(base, target, has),
    }


def _any(t: Any) -> Any:
    return t.tier.notnull()


OTD_PARTS = _parts("otd", "due_promised", lambda t: t.on_time, _any, "otd_target")
FILL_PARTS = _parts("fill_rate", "due_lines_promised", lambda t: t.full, _any, "fill_rate_target")
CYCLE_PARTS = _parts(
    "cycle", "cycles_promised", lambda t: t.cycle_days <= t.order_cycle_days_target, _any, "order_cycle_days_target"
)
RESPONSE_PARTS = _parts(
    "response", "answers_promised", lambda t: t.hours <= t.first_response_hours_target,
    lambda t: t.hours.notnull() | (t.waited > t.first_response_hours_target), "first_response_hours_target",
)  # fmt: skip
RESOLUTION_PARTS = _parts(
    "resolution", "answers_promised", lambda t: t.solved_hours <= t.resolution_hours_target,
    lambda t: t.solved_hours.notnull() | (t.waited > t.resolution_hours_target), "resolution_hours_target",
)  # fmt: skip


def _gap(name: str) -> Any:
    def combine(row: Row) -> Value:
        k, n, target = (row[f"{name}_{c}"] for c in ("k", "n", "target"))
        if not n or target is None:
            return None
        low, high = wilson(k, n)
        gap = float(k / n - float(target))
        said = f"{gap * 100:+.1f} points ({share(k / n)} against {share(float(target))})"
        return Measured(round(gap, 9), (low - float(target), high - float(target)), n, display=said)

    return combine


def _behind(row: Row) -> Value:
    """Orders in a row that must now be met to be back on target."""
    k, n, target = row["otd_k"], row["otd_n"], row["otd_target"]
    if not n or target is None:
        return None
    target = float(target)
    missing = target * n - k
    if missing <= 1e-9:
        return Measured(0, rows=n)
    return None if target >= 1 else Measured(math.ceil(missing / (1 - target) - 1e-9), rows=n)


def _shortfall(row: Row) -> Value:
    k, n, target = row["otd_k"], row["otd_n"], row["otd_target"]
    return Measured(max(0, math.ceil(float(target) * n - 1e-9) - k), rows=n) if n and target is not None else None


def _coverage(row: Row) -> Value:
    frame: pd.DataFrame = row["value"]
    cells = frame.drop(columns="service_tier")
    k, n = float(cells.notna().to_numpy().sum()), float(cells.size)
    return Measured(k / n, None, len(frame), display=f"{share(k / n)} ({k:.0f} of {n:.0f} targets)") if n else None


COSTS: dict[str, Any] = {
    "dims": "C T",
    "date": "per",
    "direction": "down",
    "needs": ("customer_costs.cost", "customers.service_tier"),
    "lists": ("service_tier",),
    "by_month": True,
    "sensitivity": "commercial",
    "source": "ABC",
    "model": "profitability",
}
METRICS = (
    Metric("service_tier", "Service tier", ("service class", "gold/silver", "contracted tier"), "label", "The tier in the customer's contract.", "customers.service_tier", "C", "snap", "none",
           {"value": only("customers", "service_tier"), "n": count("customers", lambda t: t.service_tier.notnull())}, text, ("customers.service_tier",), one_each="customer",
           variants={"recommended": Metric("service_tier.recommended", "Recommended tier", ("recommended tier", "recommended service tier", "tier they deserve"), "label", "The tier that the customer's value score has earned; a person confirms.", "rank of 50 % clv + 30 % profit + 20 % strategic score", "C", "snap", "none",
                                           {"value": only("customer_model", "recommended_tier"), "n": count("customer_model", lambda t: t.recommended_tier.notnull()), "rank": total("customer_model", "value_score")}, text, ("customer_model.recommended_tier",), one_each="customer",
                                           sensitivity="commercial", source="this product's own cut-offs", model="tiers")}),
    Metric("tier_gap", "Tier mismatch", ("over-served", "under-served", "tier mismatch", "overserved", "underserved", "over served", "under served"), "label", "Whether the customer's tier fits what it brings: under (served below it), fits, or over.", "recommended tier against contracted tier", "C", "snap", "none",
           {"value": only("customer_model", "tier_gap"), "why": only("customer_model", "tier_reason"), "n": count("customer_model", lambda t: t.tier_gap.notnull()), "rank": total("customer_model", lambda t: t.tier_gap.cases(("under", 200), ("over", 100), else_=0) + t.value_score.fill_null(0.0))},
           lambda row: Measured(text(row), display=f"{text(row)} ({row['why']})" if row["why"] else "") if row["value"] else None, ("customer_model.tier_gap",), one_each="customer", sensitivity="commercial", model="tiers",
           variants={"customers": Metric("tier_gap.customers", "Customers in the wrong tier", ("customers in the wrong tier", "tier mismatches"), "count", "Customers whose tier does not fit what they bring.", "count(tier_gap is under or over)", "C", "snap", "down",
                                         {"value": distinct("customer_model", "customer_id", lambda t: t.tier_gap.isin(["under", "over"])), "n": count("customer_model", lambda t: t.tier_gap.notnull())}, lambda row: row["value"], ("customer_model.tier_gap",), additive=True, sensitivity="commercial", model="tiers")}),
    Metric("differentiation_index", "Differentiation", ("do the best get better service", "service differentiation", "differentiation index"), "share_points", "On-time delivery of the tier that is promised most less that of the tier promised least; below zero is inverted.", "otd(top tier) - otd(bottom tier)", "O T", "svc", "up",
           {"value": _of_tiers("due_promised", "on_time"), "n": count("due_promised")}, _difference, (*PROMISED, *SERVICE),
           variants={"fill_rate": Metric("differentiation_index.fill_rate", "Differentiation of fill rate", (), "share_points", "Fill rate of the tier that is promised most less that of the tier promised least.", "fill_rate(top tier) - fill_rate(bottom tier)", "O T", "svc", "up",
                                         {"value": _of_tiers("due_lines_promised", "full"), "n": count("due_lines_promised")}, _difference, (*PROMISED, *FILL))}),
    Metric("service_cost_per_tier", "Cost per tier", ("what a tier costs", "cost per tier", "service cost per tier"), "money", "Cost to serve of the customers of each tier.", "cost_to_serve by service_tier", components={"value": total("costed_months", "cost_to_serve"), "n": count("costed_months")}, combine=lambda row: None if row["value"] is None else float(row["value"]), additive=True, **COSTS,
           variants={"ratio": Metric("service_cost_per_tier.ratio", "Cost per tier in % of revenue", (), "share", "Cost to serve of the customers of each tier, of their revenue.", "cost_to_serve / revenue by service_tier", components={"k": total("costed_months", "cost_to_serve"), "d": total("costed_months", "revenue"), "n": count("costed_months")}, combine=ratio("k", "d"), **COSTS)}),
    Metric("target_attainment", "Target attainment", ("are we hitting targets", "sla met", "service targets", "target achievement", "sla attainment", "hitting our service targets"), "share", "How far what tiers were promised is kept: rates against their target (met, missed or unclear by the interval), times as the share within the target.", "actual against service_policies of the tier",
           "C T", "svc", "up", OTD_PARTS | FILL_PARTS | CYCLE_PARTS | RESPONSE_PARTS | RESOLUTION_PARTS, _attainment, (*PROMISED, *SERVICE), along="promise", rows="otd_n"),
    Metric("target_gap", "Gap to target", ("shortfall", "how far off", "gap to target", "distance to target"), "share_points", "On-time delivery less the target of the tiers; + is better than promised.", "otd - target", "C O T", "svc", "up", OTD_PARTS, _gap("otd"), (*PROMISED, *SERVICE), rows="otd_n",
           variants={"fill_rate": Metric("target_gap.fill_rate", "Gap to fill rate target", (), "share_points", "Fill rate less the target of the tiers; + is better than promised.", "fill_rate - target", "C O P T", "svc", "up", FILL_PARTS, _gap("fill_rate"), (*PROMISED, *FILL), rows="fill_rate_n")}),
    Metric("policy_coverage", "Policy coverage", ("targets defined", "coverage of service policies"), "share", "Targets that are set, of five for each tier.", "filled targets / (5 * tiers)", "", "snap", "up",
           {"value": rows("policies", "service_tier", "fill_rate_target", "otd_target", "order_cycle_days_target", "first_response_hours_target", "resolution_hours_target"), "n": count("policies")}, _coverage, ("service_policies.service_tier",)),
    Metric("orders_to_recover", "Orders behind", ("how many more needed on time", "orders to recover", "orders behind target"), "count", "Orders in a row that must now be on time to be back on the tiers' target.", "ceil((target * n - on time) / (1 - target))", "C O T", "svc", "down", OTD_PARTS, _behind, (*PROMISED, *SERVICE), rows="otd_n",
           variants={"shortfall": Metric("orders_to_recover.shortfall", "Orders missed beyond target", (), "count", "Orders that missed their date so far beyond what the target allows.", "max(0, ceil(target * n) - on time)", "C O T", "svc", "down", OTD_PARTS, _shortfall, (*PROMISED, *SERVICE), rows="otd_n")}),
)  # fmt: skip
