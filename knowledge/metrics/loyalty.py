"""Retention, churn and loyalty (METRICS 11, 12, 15)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from knowledge.intervals import wilson
from knowledge.metrics.bases_loyalty import WINDOW
from knowledge.metrics.registry import (
    Component,
    Measured,
    Metric,
    Row,
    Value,
    count,
    distinct,
    only,
    per,
    rate,
    rows,
    text,
    total,
)

ORDERS = ("orders.order_id",)
LINES = ("orders.order_id", "order_lines.qty_ordered")
LEAST = 5


def retention_first(days: int) -> Metric:
    """Customers who ordered again within so many days of their first order."""
    named = "retention_first" if days == WINDOW else f"retention_first({days})"
    base = "first_kept" if days == WINDOW else f"first_kept({days})"
    return rate(
        named, f"Second order in {days} days", ("new-customer retention", "second order", "new customer retention", "second order in 90 days", "first order retention") if days == WINDOW else (),
        f"Customers with a further order day within {days} days of the first, of those whose first order is at least {days} days old.", f"count(second order day within {days} days) / count(eligible)",
        "C T", "ord", "up", count(base, lambda t: t.kept), count(base), ORDERS, source="METRICS C7", note="first means first in the data; customers from before it look new",
    )  # fmt: skip


def _curve(row: Row) -> dict[str, Value]:
    """Share of the customers who order in each month after their first, of those whose month can be seen."""
    frame: pd.DataFrame = row["value"]
    starts = frame[frame["age"] == 0].groupby("oldest")["n"].sum()
    made: dict[str, Value] = {}
    for age in range(1, int(starts.index.max()) + 1 if len(starts) else 0):
        n = float(starts[starts.index >= age].sum())
        k = float(frame.loc[frame["age"] == age, "n"].sum())
        if n:
            made[f"month {age}"] = Measured(k / n, wilson(k, n), int(n), k, n)
    return made


def _kaplan_meier(row: Row) -> dict[str, Value]:
    from knowledge.models.retention import happened_by, kaplan_meier

    frame: pd.DataFrame = row["value"]
    frame = frame[frame["waited"] > 0]
    if len(frame) < LEAST:
        return {}
    survival = kaplan_meier(frame["waited"], frame["came"])
    return {f"{d} days": Measured(round(happened_by(survival, d), 9), rows=len(frame)) for d in (30, 60, 90, 180, 365)}


def _hazard(row: Row) -> dict[str, Value]:
    """Share that falls silent in each month since the first order, of those still there at its start."""
    frame: pd.DataFrame = row["value"]
    made: dict[str, Value] = {}
    for month in range(int(frame["months"].max()) + 1 if len(frame) else 0):
        n = float((frame["months"] >= month).sum())
        gone = float(((frame["months"] == month) & frame["lapsed"]).sum())
        if n >= LEAST:
            made[f"month {month + 1}"] = Measured(gone / n, wilson(gone, n), int(n), gone, n)
    return made


def _kept_revenue(row: Row) -> Value:
    frame: pd.DataFrame = row["value"]
    before = frame[frame["before"] > 0]
    spent = float(before["before"].sum())
    return Measured(round(float(before["now"].sum()) / spent, 9), rows=len(before)) if spent > 0 else None


def _growth(row: Row) -> Value:
    before = float(row["before"] or 0)
    if before <= 0:
        return None
    value = float(row["now"] or 0) / before - 1
    return Measured(round(value, 9), rows=int(row["n"]), display=f"{value * 100:+.1f} %")


def _strata(frame: pd.DataFrame) -> pd.Series:
    """Region and quintile of orders in the year before, ties together."""
    quintile = np.ceil(5 * frame["prior"].rank(method="average") / len(frame) - 1e-12).astype("int64")
    return pd.Series(frame["market"].fillna("").astype(str) + "/" + quintile.astype(str))


def _lift(row: Row) -> Value:
    """Repeat rate of members less that of others in the same strata, weighted by members."""
    frame: pd.DataFrame = row["value"]
    if not len(frame):
        return None
    frame = frame[frame["orders"] > 0]
    frame = frame.assign(again=frame["orders"] >= 2, stratum=_strata(frame))
    value = variance = weight = 0.0
    for _, rows_ in frame.groupby("stratum"):
        a, b = rows_.loc[rows_["member"], "again"], rows_.loc[~rows_["member"], "again"]
        if len(a) and len(b):
            value += len(a) * (a.mean() - b.mean())
            variance += len(a) ** 2 * (a.mean() * (1 - a.mean()) / len(a) + b.mean() * (1 - b.mean()) / len(b))
            weight += len(a)
    if weight < LEAST:
        return None
    value, half = value / weight, 1.96 * math.sqrt(variance) / weight
    return Measured(
        round(value, 9),
        (value - half, value + half),
        int(weight),
        display=f"{value * 100:+.1f} points, an association and no proof",
    )


def _order_lift(row: Row) -> Value:
    """How orders changed from the year before: members against others."""
    frame: pd.DataFrame = row["value"]
    sums = frame.groupby("member")[["orders", "prior"]].sum() if len(frame) else pd.DataFrame()
    if len(sums) < 2 or (sums["prior"] <= 0).any():
        return None
    change = sums["orders"] / sums["prior"] - 1
    value = float(change.loc[True] - change.loc[False])
    said = f"{value * 100:+.1f} points (members {change.loc[True] * 100:+.1f} %, others {change.loc[False] * 100:+.1f} %), an association and no proof"
    return Measured(round(value, 9), rows=len(frame), display=said)


MEMBERS = rows("membership", "customer_id", "market", "member", "orders", "prior")
SPENT = per("lines_and_year_before", "customer_id", now=lambda t: t.now, before=lambda t: t.before)
METRICS = (
    retention_first(WINDOW),
    rate("retention_rolling", "Rolling retention", ("kept customers", "rolling retention", "retention", "retention rate", "customer retention"), "Customers active in the 90 days before the last 90 and again in the last 90, of those active in the former.", "count(active in both) / count(active in the former)", "C", "snap", "up",
         count("windows", lambda t: t.kept), count("windows"), ORDERS),
    rate("churn_rate", "Churn rate", ("churn", "lost customers", "attrition", "churn rate", "customer churn"), "Customers active in the 90 days before the last 90 and not in the last 90, of those active in the former.", "1 - retention_rolling", "C", "snap", "down",
         count("windows", lambda t: ~t.kept), count("windows"), ORDERS, source="METRICS C7"),
    Metric("retention_curve", "Retention curve", ("cohort table", "survival", "retention curve", "cohort retention", "cohorts", "retention by cohort"), "share", "Share of the customers who order in each month after the month of their first order, of those whose month is complete; by month of first order it is the cohort table.", "customers ordering m months later / customers", "C T", "ord", "up",
           {"value": per("cohorts", "age", "oldest", n=lambda t: t.customer_id.notnull().cast("int64")), "n": distinct("cohorts", "customer_id")}, _curve, ORDERS, along="later", source="survival analysis", note="first means first in the data; customers from before it look new",
           variants={"km": Metric("retention_curve.km", "Time to the second order", ("time to second order", "kaplan-meier", "kaplan meier"), "share", "Share of customers who have ordered a second time by then (Kaplan-Meier, censored at the as-of).", "1 - S(t)", "C T", "ord", "up",
                                  {"value": rows("second_orders", "customer_id", "waited", "came"), "n": count("second_orders")}, _kaplan_meier, ORDERS, along="within", source="Kaplan and Meier 1958")}),
    Metric("churn_hazard", "Churn hazard", ("hazard", "when do they leave", "churn hazard", "hazard of leaving"), "share", "Customers who fall silent for more than 90 days in each month since their first order, of those still there at its start.", "lapsed in the month / at risk at its start", "C", "ord", "down",
           {"value": rows("lapses", "customer_id", "months", "lapsed"), "n": count("lapses")}, _hazard, ORDERS, along="tenure", sensitivity="commercial", source="METRICS C7"),
    Metric("net_revenue_retention", "Net revenue retention", ("nrr", "revenue kept", "net revenue retention", "revenue retention"), "share", "Revenue of the period of the customers who bought in the same period a year before, of their revenue then.", "revenue now / revenue a year before, of customers active then", "C T", "ord", "up",
           {"value": SPENT, "n": count("lines_and_year_before")}, _kept_revenue, LINES, default_days=365, year_before=True),
    Metric("revenue_growth", "Revenue growth", ("growing or shrinking", "yoy", "revenue growth", "year over year growth", "sales growth", "growth rate of revenue"), "share", "Revenue of the period against the same period a year before.", "revenue / revenue a year before - 1", "C P T", "ord", "up",
           {"now": total("lines_and_year_before", "now"), "before": total("lines_and_year_before", "before"), "n": count("lines_and_year_before", lambda t: t.now > 0)}, _growth, LINES, default_days=365, year_before=True),
    Metric("loyalty_tier", "Loyalty tier", ("programme level", "points status", "loyalty tier", "loyalty level", "membership level"), "label", "The customer's tier in the loyalty programme.", "loyalty.tier", "C program", "snap", "none",
           {"value": only("members", "loyalty_tier"), "n": count("members")}, text, ("loyalty.tier",), one_each="customer",
           variants={"members": Metric("loyalty_tier.members", "Loyalty members", ("loyalty members", "members of the loyalty programme", "programme members"), "count", "Customers in a loyalty programme.", "count(distinct customer_id)", "C program", "snap", "up", {"value": distinct("members", "customer_id"), "n": count("members")}, lambda row: row["value"], ("loyalty.customer_id",))}),
    Metric("loyalty_lift", "Programme effect", ("does the programme work", "loyalty lift", "effect of the loyalty programme", "loyalty effect", "programme effect", "loyalty program effect"), "share_points", "Repeat rate of the last year of members, less that of others in the same region and with as many orders the year before: an association, not a proof.", "repeat rate(members) - repeat rate(matched others)", "C", "snap", "up",
           {"value": MEMBERS, "n": count("membership")}, _lift, ("loyalty.customer_id", *ORDERS), sensitivity="commercial",
           variants={"orders": Metric("loyalty_lift.orders", "Programme effect on orders", ("loyalty effect on orders", "do members order more"), "share_points", "Change of orders from the year before, of members less that of others: an association, not a proof.", "growth(members) - growth(others)", "C", "snap", "up",
                                      {"value": MEMBERS, "n": count("membership")}, _order_lift, ("loyalty.customer_id", *ORDERS), sensitivity="commercial")}),
    Metric("order_frequency", "Order frequency", ("frequency", "how often do they order", "order frequency", "orders per month"), "ratio", "Orders a month, over the period (else over the data from the first order in scope).", "orders / months", "C T", "ord", "up",
           {"n": Component("orders", "distinct", lambda t: t.order_id), "since": Component("orders", "max", lambda t: -t.day.epoch_days())},
           lambda row: None if not row["n"] else float(row["n"]) / (float(row["span_days"]) / 30.4375), ORDERS),
)  # fmt: skip
