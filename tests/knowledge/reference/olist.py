"""Olist: orders with promises, stages and reviews, through the metric layer."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from knowledge.access import Reader
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.metrics.bases import Context, due_orders, feedback
from knowledge.query import run
from knowledge.records import Figure, Filter, MetricQuery
from tests.knowledge.reference.cdnow import published
from tests.support import DATA

FOLDER = DATA / "olist-sample"
DELIVERED = (Filter("status", ("delivered",)),)
STATES = ("SP", "RJ", "MG", "RS", "PR")


def values(home: Path) -> dict[str, Any]:
    report = import_files(home, load_mapping("olist"), [FOLDER])
    reader = published(home, datetime(2018, 10, 17, 23, 59, 59, tzinfo=UTC))
    raw = pd.concat(pd.read_csv(p, dtype=str) for p in sorted(FOLDER.glob("*orders*")))
    out: dict[str, Any] = {
        "ol.orders_in_file": report.tables["orders"].loaded,
        **{f"ol.status.{n}": int(c) for n, c in raw["order_status"].value_counts().items()},
        "ol.customers_unique": report.tables["customers"].loaded,
        "ol.reviews_in_file": int(figure("feedback_count", reader).value or 0),
        "ol.trap.distinct_review_id": reader.table("feedback").feedback_id.split(":")[0].nunique().execute(),
        "ol.delivered_orders": figure("orders", reader).value,
        "ol.delivered_lines": figure("order_lines_count", reader).value,
        "ol.delivered_revenue": figure("revenue", reader).value,
        "ol.otd_within_3_days_late": figure("otd.grace(3)", reader).value,
        "ol.otd_window_minus7_plus0": figure("otd.window(7,0)", reader).value,
        "ol.days_late_mean_when_late": figure("days_late", reader).value,
    }
    otd = figure("otd", reader)
    assert otd.interval is not None
    assert otd.numerator is not None
    assert otd.denominator is not None
    out |= {"ol.otd": otd.value, "ol.otd.measurable": otd.denominator, "ol.otd.on_time": otd.numerator}
    out |= {"ol.otd.wilson_low": otd.interval[0], "ol.otd.wilson_high": otd.interval[1]}
    out["ol.trap.late_share_of_all_orders_in_file"] = (otd.denominator - otd.numerator) / out["ol.orders_in_file"]
    return out | _stages(reader) | _states(reader) | _reviews(reader)


def figure(name: str, reader: Reader) -> Figure:
    return run(MetricQuery(name, where=DELIVERED if name != "feedback_count" else ()), reader).figures[0]


def _stages(reader: Reader) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for what in ("cycle", "approval", "handling", "transit"):
        name = {"cycle": "order_cycle_time"}.get(what, f"{what}_time")
        for kind in ("mean", "median", "p90"):
            result = run(MetricQuery(f"{name}.{kind}", where=DELIVERED), reader)
            out[f"ol.{what}_days.{kind}"] = result.figures[0].value
            out[f"ol.{what}_days.n"] = result.figures[0].rows
            left = [n for n in result.notes if "out of order" in n]
            out[f"ol.{what}_days.out_of_order"] = int(left[0].split()[0]) if left else 0
    return out


def _states(reader: Reader) -> dict[str, Any]:
    names = ("otd", "order_cycle_time.mean", "order_cycle_time.median", "order_cycle_time.p90")
    split = {n: {f.group["ship_to_region"]: f for f in run(MetricQuery(n, ("ship_to_region",)), reader).figures} for n in names}
    top = sorted(split["otd"].values(), key=lambda f: -(f.denominator or 0))[:5]
    assert tuple(f.group["ship_to_region"] for f in top) == STATES
    out = {}
    for state in STATES:
        otd, *cycle = (split[n][state] for n in names)
        mean, median, p90 = (f.value for f in cycle)
        out[f"ol.state.{state}"] = (
            f"n {otd.denominator:.0f}, OTD {otd.value:.6f}, cycle mean {mean:.4f}, median {median:.4f}, p90 {p90:.4f}"
        )
    return out


def _reviews(reader: Reader) -> dict[str, Any]:
    """Every review of a measurable order, split by whether that order came in time; and the trap of clock times."""
    context = Context(reader, reader.snapshot.as_of)
    due = due_orders(context).filter(lambda t: t.delivered_day.notnull())
    due = due.select("order_id", "delivered_day", "delivered_at", due="day")
    orders = due.execute()
    said = feedback(context)
    rows = said.inner_join(due, "order_id").execute()
    out: dict[str, Any] = {}
    in_time = rows["delivered_day"] <= rows["due"]
    ones = {}
    for name, chosen in (("on_time", rows[in_time]), ("late", rows[~in_time])):
        out[f"ol.review.{name}.n"] = len(chosen)
        out[f"ol.review.{name}.mean_score"] = chosen["rating"].mean()
        out[f"ol.review.{name}.one_star_share"] = (chosen["rating"] == 1).mean()
        out[f"ol.review.{name}.csat"] = (chosen["rating"] >= 4).mean()
        ones[name] = (int((chosen["rating"] == 1).sum()), len(chosen))
    (k1, n1), (k2, n2) = ones["late"], ones["on_time"]
    ratio, spread = (k1 / n1) / (k2 / n2), 1.959964 * math.sqrt(1 / k1 - 1 / n1 + 1 / k2 - 1 / n2)
    out["ol.review.one_star_rate_ratio_late_vs_on_time"] = ratio
    out["ol.review.rate_ratio_low"], out["ol.review.rate_ratio_high"] = ratio * math.exp(-spread), ratio * math.exp(spread)
    midnight = pd.to_datetime(orders["due"]).dt.tz_localize("UTC")
    out["ol.trap.otd_timestamp_rule"] = float((orders["delivered_at"] <= midnight).mean())
    return out
