"""Collaborative planning, CPFR (METRICS 10): how good each party's plan was, where plans disagree, what to discuss."""

from __future__ import annotations

from typing import Any

from knowledge.metrics.registry import Measured, Metric, Row, Value, count, one, ratio, total

PLANS = ("demand_plans.forecast_qty", "order_lines.qty_ordered")
MORE: dict[str, Any] = {"dims": "C P T party", "date": "per", "lists": ("party",), "apart": "party", "own_side": "ours"}
NAIVE = {"where": lambda t: t.previous.notnull()}


def _signal(row: Row) -> Value:
    """Sum of errors over their mean size; beyond 4 either way a plan leans to one side."""
    if not row["n"] or not row["absolute"]:
        return None
    value = float(row["error"]) / (float(row["absolute"]) / row["n"])
    return Measured(value, rows=row["n"], display=f"{value:+.1f}" + (" (alarm: beyond 4)" if abs(value) > 4 else ""))


def _accuracy(row: Row) -> Value:
    """One less the error; below zero where plans miss by more than all that was wanted."""
    return 1 - float(row["k"] or 0) / float(row["d"]) if row["d"] else None


def _added(row: Row) -> Value:
    """Error of repeating the bucket before, less the party's error, on the same buckets."""
    if not row["actual"]:
        return None
    value = float(row["naive"] - row["absolute"]) / float(row["actual"])
    return Measured(round(value, 9), rows=row["n"], display=f"{value * 100:+.1f} points")


METRICS = (
    Metric("wape", "Forecast error", ("wape", "mad/mean", "plan error", "forecast error"), "share", "Absolute difference of plan and what was wanted, of what was wanted, by article, customer and bucket, for each party.", "sum(abs(F - A)) / sum(A)",
           direction="down", components={"k": total("plans", "absolute"), "d": total("plans", "actual"), "n": count("plans")}, combine=ratio("k", "d"), needs=PLANS, source="forecasting", **MORE,
           variants={"accuracy": Metric("wape.accuracy", "Forecast accuracy", ("forecast accuracy", "accuracy of the plan", "plan accuracy", "accuracy of the forecast"), "share", "One less the forecast error: what is left of what was wanted when every miss is taken off.", "1 - sum(abs(F - A)) / sum(A)",
                                         direction="up", components={"k": total("plans", "absolute"), "d": total("plans", "actual"), "n": count("plans")}, combine=_accuracy, needs=PLANS, source="forecasting", **MORE)}),
    Metric("forecast_bias", "Forecast bias", ("bias", "over-forecast", "optimism", "forecast bias", "plan bias", "planning bias", "biased plan"), "share", "Plan less what was wanted, of what was wanted: + plans too much.", "sum(F - A) / sum(A)",
           direction="none", components={"k": total("plans", "error"), "d": total("plans", "actual"), "n": count("plans")}, combine=ratio("k", "d"), needs=PLANS, source="forecasting", **MORE,
           variants={"tracking_signal": Metric("forecast_bias.tracking_signal", "Tracking signal", ("tracking signal",), "ratio", "Sum of errors over their mean size; an alarm beyond 4 either way.", "sum(F - A) / mean(abs(F - A))", direction="none",
                                               components={"error": total("plans", "error"), "absolute": total("plans", "absolute"), "n": count("plans")}, combine=_signal, needs=PLANS, source="forecasting", one_each="product", **MORE)}),
    Metric("forecast_value_added", "Forecast value added", ("fva", "does planning help", "better than naive", "forecast value added", "value of planning"), "share_points", "Error of repeating the bucket before, less the party's error, on the same buckets: + adds value.", "WAPE(previous bucket) - WAPE(party)",
           direction="up", components={"naive": total("plans", "naive", **NAIVE), "absolute": total("plans", "absolute", **NAIVE), "actual": total("plans", "actual", **NAIVE), "n": count("plans", **NAIVE)}, combine=_added, needs=PLANS, source="Gilliland", **MORE),
    Metric("plan_gap", "Plan disagreement", ("our plan vs theirs", "plan gap", "plan disagreement", "difference of the plans", "planning gap"), "share", "Difference of both parties' plans, of their mean; 0 where both plan nothing.", "sum(abs(ours - theirs)) / sum((ours + theirs) / 2)", "C P T", "per", "down",
           {"k": total("plan_pairs", "apart"), "d": total("plan_pairs", "middle"), "n": count("plan_pairs")}, ratio("k", "d"), PLANS, source="VICS CPFR"),
    Metric("cpfr_exceptions", "Plan exceptions", ("exception list", "items to discuss", "out of tolerance", "cpfr exceptions", "plan exceptions", "planning exceptions"), "count", "Plans to discuss: the parties differ, ours was wrong twice in three buckets, leans to one side, threatens the safety stock, or moved inside the lead time.", "count(any criterion of C6)", "C P T", "per", "down",
           {"value": count("exceptions"), "rank": total("exceptions", "priority"), "n": count("exceptions")}, one("value"), ("cpfr_exceptions.criteria",), lists=("product", "customer"), order="desc", limit=10, additive=True, source="VICS CPFR", model="cpfr"),
)  # fmt: skip
