"""Segments, lifetime value, risk and importance of customers (METRICS 2, 3, 12, 19): what the customer models say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from knowledge.metrics.registry import (
    Component,
    Measured,
    Metric,
    Row,
    Value,
    count,
    mean,
    one,
    only,
    per,
    quantile,
    text,
    total,
)

MODEL = "customer_model"
NEEDS_LINES = ("orders.order_id", "order_lines.qty_ordered")


def _label(name: str, label: str, words: tuple[str, ...], definition: str, formula: str, column: str, **more: Any) -> Metric:
    """A label of one customer."""
    parts = {"value": only(MODEL, column), "n": count(MODEL, lambda t: t[column].notnull()), **more.pop("extra", {})}
    return Metric(
        name, label, words, "label", definition, formula, "C", "snap", "none", parts, more.pop("combine", text),
        (f"{MODEL}.{column}",), one_each="customer", **more,
    )  # fmt: skip


def _sum(
    name: str, label: str, words: tuple[str, ...], definition: str, formula: str, column: str, unit: str = "money", **more: Any
) -> Metric:
    """A sum over customers of a column of the model."""
    return Metric(
        name, label, words, unit, definition, formula, "C", "snap", "up",
        {"value": total(MODEL, column), "n": count(MODEL, lambda t: t[column].notnull())}, one("value"),
        (f"{MODEL}.{column}",), sensitivity="commercial", additive=True, **more,
    )  # fmt: skip


def _mean(
    name: str, label: str, words: tuple[str, ...], definition: str, formula: str, column: str, unit: str, **more: Any
) -> Metric:
    """A mean over customers of a column of the model, with its t interval."""
    known = {
        "value": mean(MODEL, column),
        "n": count(MODEL, lambda t: t[column].notnull()),
        "sd": Component(MODEL, "sd", lambda t: t[column]),
    }
    return Metric(
        name, label, words, unit, definition, formula, "C", "snap", more.pop("direction", "up"), known, one("value"), (f"{MODEL}.{column}",), "t",
        sensitivity="commercial", **more,
    )  # fmt: skip


def _scores(row: Row) -> str | None:
    return None if row["r"] is None else f"R{row['r']} F{row['f']} M{row['m']}"


def _day(value: Any) -> str:
    return f"{value:%-d %b %Y}"


def _next_order(row: Row) -> Value:
    """The day, with its range; one in the past reads how long it is overdue."""
    if row["value"] is None:
        return None
    due, today = datetime.fromisoformat(row["value"]).date(), datetime.fromisoformat(row["today"]).date()
    if due < today:
        return Measured(due.isoformat(), display=f"overdue by {(today - due).days} days (due {_day(due)})")
    low, high = (datetime.fromisoformat(row[n]).date() if row[n] else None for n in ("low", "high"))
    span = f" ({_day(low)} to {_day(high)})" if low and high else ""
    return Measured(due.isoformat(), display=f"{_day(due)}{span}")


def _concentration(row: Row) -> Value:
    """Share of the largest fifth of the customers."""
    values = np.sort(row["value"]["spent"].to_numpy(float))[::-1]
    if not len(values) or values.sum() <= 0:
        return None
    top = int(np.ceil(0.2 * len(values) - 1e-9))
    return Measured(round(float(values[:top].sum() / values.sum()), 9), rows=len(values))


def _gini(row: Row) -> Value:
    values = np.sort(row["value"]["spent"].to_numpy(float))
    if not len(values) or values.sum() <= 0:
        return None
    place = np.arange(1, len(values) + 1)
    gini = float((2 * place - len(values) - 1) @ values / (len(values) * values.sum()))
    return Measured(round(gini, 9), rows=len(values), display=f"{gini:.2f}")


def _hhi(row: Row) -> Value:
    values = row["value"]["spent"].to_numpy(float)
    if not len(values) or values.sum() <= 0:
        return None
    hhi = float(((values / values.sum()) ** 2).sum())
    return Measured(round(hhi, 9), rows=len(values), display=f"{hhi:.4f}")


def _of_total(row: Row) -> dict[str, Value]:
    """Share of each member's revenue in all of it."""
    frame = row["value"].dropna().groupby(row["value"].columns[0])[["spent", "lines"]].sum()
    whole = float(row["whole"] or 0)
    if whole <= 0:
        return {}
    ranked = frame.sort_values("spent", ascending=False)
    return {str(name): Measured(round(r.spent / whole, 9), rows=int(r.lines)) for name, r in ranked.iterrows()}


def _moves(row: Row) -> dict[str, Value]:
    """Where the customers of a segment are now, as shares of those who were in it."""
    from knowledge.intervals import wilson

    frame = row["value"].dropna().sort_values("n", ascending=False)
    n = float(frame["n"].sum())
    return {
        str(r.segment): Measured(r.n / n, wilson(r.n, n), int(r.n), float(r.n), n) for r in frame.itertuples() if n
    }  # fmt: skip


SPENT = per("lines", "customer_id", spent=lambda t: t.lv)
CONCENTRATION: dict[str, Any] = {
    "dims": "C O T",
    "date": "ord",
    "direction": "down",
    "components": {"value": SPENT, "n": count("lines")},
    "needs": NEEDS_LINES,
}
METRICS = (
    _label("segment", "Segment", ("customer group", "customer segment", "rfm segment"), "The customer's segment by how lately, how often and for how much it bought.",
           "first rule that fits of R, F and M scores (1 to 5)", "rfm_segment", source="direct marketing", model="rfm", variants={"cluster": _label("segment.cluster", "Cluster", (), "The customer's cluster (k-means); it keeps its number from build to build.", "k-means of ln(1 + recency, orders, revenue)", "cluster", source="this product's own", model="clusters"),
           "rule": _label("segment.rule", "Own segment", ("own segment", "segment by our rules"), "The first of the company's own rules (`[[segments]]` in `rapport.toml`) that the customer fits.", "first rule that fits", "rule_segment", source="this product's own", model="rules", sensitivity="commercial")}),
    _label("rfm_score", "RFM score", ("rfm", "recency frequency monetary", "rfm scores"), "Scores 1 to 5 of recency, frequency and money.", "ceil(5 * average rank / n), recency reversed",
           "R", extra={"r": only(MODEL, "R"), "f": only(MODEL, "F"), "m": only(MODEL, "M"), "rank": total(MODEL, lambda t: t.R + t.F + t.M)}, combine=_scores,
           source="direct marketing", model="rfm"),
    Metric("segment_size", "Segment size", ("how many in the segment", "headcount", "customers by segment", "size of segments", "segment sizes", "customers in each segment"), "count",
           "Customers that have a segment.", "count(customers with a segment)", "C", "snap", "none",
           {"value": count("customer_facts", lambda t: t.rfm_segment.notnull()), "n": count("customer_facts", lambda t: t.rfm_segment.notnull())}, one("value"),
           ("customer_facts.rfm_segment",), additive=True, lists=("segment",), order="desc", model="rfm"),
    Metric("segment_revenue_share", "Revenue share of segments", ("share of sales of a group", "revenue share by segment", "revenue by segment share"), "share",
           "Revenue of each segment, of all revenue in scope.", "revenue of the segment / revenue", "C T", "ord", "none",
           {"value": per("lines", "segment", spent=lambda t: t.lv, lines=lambda t: t.lv.notnull().cast("int64")), "whole": total("lines", "lv"), "n": count("lines")}, _of_total,
           (*NEEDS_LINES, "customer_facts.rfm_segment"), along="segment", model="rfm"),
    Metric("segment_migration", "Segment migration", ("migration", "who moved", "moved segment", "segment upgrades", "segment downgrades", "upgrades", "downgrades"), "share",
           "Where the customers of each segment of 90 days ago are now, as shares of those who were in it.", "customers by (segment 90 days ago, segment now) / customers of the row",
           "C moved", "snap", "none", {"value": per(MODEL, "segment", where=lambda t: t.rfm_segment_before.notnull(), n=lambda t: t.customer_id.notnull().cast("int64")), "n": count(MODEL)},
           _moves, (f"{MODEL}.rfm_segment_before",), lists=("segment_before",), along="segment", model="rfm"),
    Metric("revenue_concentration", "Revenue concentration", ("concentration", "top customers' share", "pareto", "share of the top 20 %", "share of the top 20% of customers"), "share",
           "Share of revenue of the largest 20 % of the customers.", "sum of the ceil(0.2 n) largest / sum", combine=_concentration, source="this product's own", **CONCENTRATION,
           variants={
               "gini": Metric("revenue_concentration.gini", "Gini of revenue", ("gini", "gini coefficient"), "ratio", "Gini coefficient of the customers' revenue: 0 all alike, 1 one has all.",
                              "sum((2 i - n - 1) x_i) / (n sum(x))", combine=_gini, source="Gini 1912", **CONCENTRATION),
               "hhi": Metric("revenue_concentration.hhi", "Herfindahl index of revenue", ("hhi", "herfindahl"), "ratio", "Sum of squared revenue shares: 1 over it is how many customers of equal size it amounts to.",
                             "sum(share^2)", combine=_hhi, source="Herfindahl", **CONCENTRATION)}),
    _sum("clv", "Customer lifetime value", ("lifetime value", "ltv", "clv", "what is this customer worth", "customer value"), "Discounted expected margin after cost to serve of the next 36 months, 10 % a year.",
         "sum over months of expected orders * (expected order value * margin - cost to serve an order) / (1 + d)^(months / 12)", "clv", source="Fader and Hardie 2005", model="clv",
         variants={
             "revenue": _sum("clv.revenue", "Lifetime revenue", ("expected lifetime revenue",), "Discounted expected revenue of the next 36 months, before margin and cost to serve.", "sum over months of expected orders * expected order value / (1 + d)^(months / 12)", "clv_revenue", source="Fader and Hardie 2005", model="clv"),
             "historic": Metric("clv.historic", "Historic value", ("past value", "historic customer value"), "money", "What the customer has brought so far: the sum of its profit over all months with known costs.", "sum(customer_net_margin)", "C", "snap", "up",
                                {"value": total("costed_months", "net_margin"), "n": count("costed_months")}, one("value"), ("customer_months.net_margin",), sensitivity="commercial", additive=True, source="ABC", model="profitability")}),
    _sum("expected_orders_90d", "Expected orders in 90 days", ("expected orders", "predicted orders", "orders to come"), "Order days expected in the next 90 days.", "sum(E[X(90 days)])", "expected_orders_90d", "count", source="BG/NBD, MBG/NBD, NBD", model="clv"),
    _mean("p_alive", "Probability active", ("still a customer", "alive", "dormant chance", "probability alive", "chance to be active"), "Mean chance that a customer is still one; one-time buyers count too.", "mean(P(alive))", "p_alive", "share", source="BG/NBD, MBG/NBD", model="clv"),
    _mean("expected_order_value", "Expected order value", ("predicted basket", "expected basket"), "Mean value expected of an order of a customer.", "mean(E[M])", "expected_order_value", "money", source="Gamma-Gamma", model="clv"),
    Metric("tenure_days", "Tenure", ("how long a customer", "relationship age", "customer age", "how long have they been a customer"), "days", "Days since the first order; of several customers the median.",
           "median(as-of - first order date)", "C", "snap", "up", {"value": quantile("customer_facts", lambda t: t.tenure_days.cast("float64")), "n": count("customer_facts", lambda t: t.tenure_days.notnull())}, one("value"), ("customer_facts.tenure_days",),
           variants={"created": Metric("tenure_days.created", "Tenure since creation", (), "days", "Days since the customer was created in the source; of several the median.", "median(as-of - created_at)", "C", "snap", "up",
                                       {"value": quantile("customers_aged", "age"), "n": count("customers_aged")}, one("value"), ("customers.created_at",))}),
    _label("churn_risk", "Churn risk", ("who may leave", "at risk", "risk of churn", "risk of leaving", "likely to leave", "churn risks", "churning"), "How long the customer is silent against its own usual gap: low, mid (above 1) or high (above 1.5); where dropout is identified also the chance that it has left.",
           "days since the last order / p90 of own gaps", "churn_risk",
           extra={"rank": total(MODEL, lambda t: t.churn_risk.cases(("high", 2000), ("mid", 1000), else_=0) + t.overdue_ratio.fill_null(0.0))},
           sensitivity="commercial", source="METRICS C7: own rhythm", model="churn"),
    _mean("overdue_ratio", "Overdue ratio", ("silence", "overdue", "how overdue"), "Days since the last order over the usual longest gap (p90 of own gaps); mean over customers.", "mean(days since the last order / p90 gap)", "overdue_ratio", "ratio", direction="down", model="churn"),
    _label("next_order_date", "Next order", ("when will they reorder", "next order date", "next purchase", "when is the next order due", "expected next order", "reorder date"), "When the next order is due, with the range in which eight of ten fall.",
           "last order + median own gap (four gaps at least), else the segment's Kaplan-Meier median", "next_order_date",
           extra={"low": only(MODEL, lambda t: t.next_order_low.date()), "high": only(MODEL, lambda t: t.next_order_high.date()), "today": only(MODEL, "today"),
                  "value": only(MODEL, lambda t: t.next_order_date.date()), "rank": total(MODEL, lambda t: t.next_order_date.epoch_seconds() / 86400)},
           combine=_next_order, sensitivity="commercial", order="asc", model="churn", source="METRICS C7: own rhythm"),
    _mean("strategic_score", "Strategic score", ("key account score", "importance", "strategic value", "account score"), "30 % profit, 20 % growth, 20 % lifetime value, 15 % breadth, 15 % collaboration, each as a percentile, 0 to 100; parts that are missing are re-weighted. Mean over customers.",
          "0.30 margin + 0.20 growth + 0.20 clv + 0.15 breadth + 0.15 collaboration", "strategic_score", "score", source="strategic account management; the weights are this product's own", model="tiers"),
    _mean("share_of_wallet_proxy", "Wallet proxy", ("share of wallet", "potential", "wallet share"), "Categories bought of those that a quarter of the peers buy, weighted by the peers' revenue: a proxy, not the share of wallet.",
          "peer revenue of categories bought / peer revenue of peer categories", "share_of_wallet_proxy", "share", source="strategic account management", model="tiers"),
    Metric("white_space", "White space", ("what could they buy", "cross-sell", "cross sell", "cross-selling potential", "categories not bought"), "money", "Categories that at least a quarter of the peers buy and the customer does not, by what a peer who buys spends in a year.",
           "peer revenue a buyer, of categories not bought", "C P", "snap", "none", {"value": total("white_space", "peer_revenue"), "n": count("white_space")}, one("value"), ("white_space.category",), sensitivity="commercial",
           additive=True, lists=("category",), order="desc", source="strategic account management", model="tiers"),
    Metric("account_dependence", "Account dependence", ("dependence", "exposure to one account", "dependency on one account", "share of our revenue"), "share", "Revenue of an account and its subsidiaries, of all revenue of the twelve months.", "account revenue / total revenue",
           "accounts", "snap", "down", {"value": per("year_lines", "account", spent=lambda t: t.lv, lines=lambda t: t.lv.notnull().cast("int64")), "whole": total("year_lines", "lv"), "n": count("year_lines")}, _of_total,
           NEEDS_LINES, sensitivity="commercial", along="customer", order="desc", limit=10),
    Metric("next_best_product", "Next product", ("recommend", "what else would they buy", "next best product", "recommended products", "what should we offer", "recommendation"), "score", "Articles the customer never bought, by how often they are bought together with those it buys (or by popularity where that predicts better).",
           "sum of cosine similarity to the articles bought in the last year", "C P", "snap", "none", {"value": mean("next_products", "score"), "n": total("next_products", "support")}, one("value"), ("next_products.product_id",), sensitivity="commercial",
           lists=("product",), order="desc", limit=5, source="item-to-item cosine", model="next_product"),
)  # fmt: skip
