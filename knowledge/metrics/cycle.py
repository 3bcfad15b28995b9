"""The order-to-delivery cycle (METRICS 9): stages, spread, where time is lost, what is still open."""

from __future__ import annotations

from typing import Any

import numpy as np

from knowledge.display import share
from knowledge.metrics.registry import Component, Measured, Metric, Row, Value, count, one, quantile, rows, total

STAGES = ("approval", "picking", "dispatch", "transit")
DRAWS = 200
LEAST = 30


def _cycle(
    name: str, label: str, words: tuple[str, ...], start: str, end: str, more: dict[str, Metric] | None = None
) -> Metric:
    def days(t: Any) -> Any:
        return (t[end].epoch_seconds() - t[start].epoch_seconds()) / 86400

    def measured(t: Any) -> Any:
        return t[start].notnull() & t[end].notnull() & (t[end] >= t[start])

    def one_of(kind: Any, q: float, suffix: str, title: str, variants: dict[str, Metric] | None = None) -> Metric:
        return Metric(
            name + suffix, f"{label}{title}", words if suffix in ("", ".after_pick") else (), "days", f"{label}{title} in days, {start} to {end}, of delivered orders.",
            f"{'mean' if kind == 'mean' else f'percentile {q:.0%}'}({end} - {start})", "C O T", "del", "down",
            {
                "value": Component("delivered", kind, days, measured, q), "n": count("delivered", measured),
                "sd": Component("delivered", "sd", days, measured),
                "u": count("delivered", lambda t: t[start].isnull() | t[end].isnull()),
                "disorder": count("delivered", lambda t: (t[end] < t[start]).fill_null(False)),
            },
            one("value"), (f"orders.{start}", f"orders.{end}"), "t" if kind == "mean" else None, unmeasured="u", source="SCOR RS.1.1 family",
            variants=variants or {},
        )  # fmt: skip

    return one_of(
        "quantile", 0.5, "", " (median)",
        {**(more or {}), "median": one_of("quantile", 0.5, ".median", " (median)"), "mean": one_of("mean", 0.5, ".mean", " (mean)"), "p90": one_of("quantile", 0.9, ".p90", " (p90)")},
    )  # fmt: skip


def _bottleneck(row: Row) -> Value:
    """The stage that late orders spend longest in beyond the others, and the share of bootstrap draws in which it ranks first."""
    frame = row["value"]
    late = frame[frame["late"].fillna(False).astype(bool)]
    rest = frame[~frame["late"].fillna(False).astype(bool)]
    if len(late) < LEAST or len(rest) < LEAST:
        return None
    gap = late[list(STAGES)].mean() - rest[list(STAGES)].mean()
    worst = str(gap.idxmax())
    draw = np.random.default_rng(0)
    means = []
    for group in (late, rest):
        values = group[list(STAGES)].to_numpy(float)
        pooled = np.array_split(values[draw.permutation(len(values))], min(len(values), 400))
        blocks = np.array([b.sum(axis=0) for b in pooled]), np.array([len(b) for b in pooled], dtype=float)
        chosen = draw.multinomial(len(blocks[1]), np.full(len(blocks[1]), 1 / len(blocks[1])), DRAWS)
        means.append((chosen @ blocks[0]) / (chosen @ blocks[1])[:, None])
    first = float(((means[0] - means[1]).argmax(axis=1) == STAGES.index(worst)).mean())
    said = f"{worst} (late orders spend {gap[worst]:+.1f} days there; first in {share(first)} of draws)"
    return Measured(worst, rows=len(frame), display=said)


def _shares(row: Row) -> dict[str, Value]:
    sums = {s: float(row[s] or 0) for s in STAGES}
    whole = sum(sums.values())
    if whole <= 0:
        return {}
    return {
        s: Measured(round(v / whole, 9), rows=int(row["n"]), display=f"{share(v / whole)} ({v / row['n']:.1f} days)")
        for s, v in sums.items()
    }


def _spread(row: Row) -> Value:
    return None if row["p90"] is None else float(row["p90"]) - float(row["median"])


def _whole(t: Any) -> Any:
    return t.delivered_at >= t.ordered_at


def _cycle_days(t: Any) -> Any:
    return (t.delivered_at.epoch_seconds() - t.ordered_at.epoch_seconds()) / 86400


NEEDS = ("orders.approved_at", "orders.shipped_at", "orders.delivered_at")
METRICS = (
    _cycle("order_cycle_time", "Order cycle time", ("lead time", "cycle time", "how long an order takes", "delivery time"), "ordered_at", "delivered_at"),
    _cycle("approval_time", "Approval time", ("order processing", "credit check", "approval"), "ordered_at", "approved_at"),
    _cycle("picking_time", "Picking time", ("warehouse prep", "picking"), "approved_at", "picked_at"),
    _cycle("handling_time", "Handling time", ("dispatch time", "approval to ship", "handling"), "approved_at", "shipped_at", {"after_pick": _cycle("handling_time.after_pick", "Handling time after picking", ("handling after picking",), "picked_at", "shipped_at")}),
    _cycle("transit_time", "Transit time", ("shipping time", "carrier time", "transit"), "shipped_at", "delivered_at"),
    Metric("cycle_time_spread", "Cycle time spread", ("spread", "consistency", "cycle time variability", "spread of delivery times", "cycle time spread"), "days", "90th percentile of the order cycle time less its median.", "p90 - median", "C O T", "del", "down",
           {"p90": quantile("delivered", _cycle_days, _whole, 0.9), "median": quantile("delivered", _cycle_days, _whole), "n": count("delivered", _whole)}, _spread, ("orders.ordered_at", "orders.delivered_at")),
    Metric("stage_share", "Share of stages", ("stage share", "share of each stage", "stages of the order cycle", "where does the time go", "order to delivery stages"), "share", "Days in each stage, of the days from order to delivery, over orders with all stages.", "sum(stage) / sum(all stages)", "C O T", "del", "none",
           {**{s: total("staged", s) for s in STAGES}, "n": count("staged")}, _shares, NEEDS, along="step", source="SCOR RS.1.1 family"),
    Metric("bottleneck_stage", "Bottleneck", ("where is time lost", "slowest step", "bottleneck", "bottleneck stage", "which stage makes orders late"), "label", "The stage in which late orders spend longest beyond the others, with the share of bootstrap draws in which it ranks first.", "largest (late mean - on-time mean)", "C O T", "del", "none",
           {"value": rows("staged", *STAGES, "late"), "n": count("staged")}, _bottleneck, (*NEEDS, "orders.promised_date|requested_date")),
    Metric("open_order_age", "Open order age", ("backlog", "ageing", "open order age", "age of open orders", "backlog age"), "days", "Median days since the order, of open orders.", "median(as-of - ordered_at)", "C O", "snap", "down", {"value": quantile("open_orders", "age"), "n": count("open_orders")}, one("value"), ("orders.order_id",),
           variants={"orders": Metric("open_order_age.orders", "Open orders", ("open orders", "orders open", "how many orders are open", "order backlog"), "count", "Orders that are open.", "count(status = open)", "C O", "snap", "down", {"value": count("open_orders"), "n": count("open_orders")}, one("value"), ("orders.order_id",), additive=True),
                     "past_due": Metric("open_order_age.past_due", "Open orders past due", ("past due", "overdue orders", "open orders past due", "orders past due"), "count", "Open orders whose date is past.", "count(open and promised_date < as-of)", "C O", "snap", "down", {"value": count("open_orders", lambda t: t.past_due), "n": count("open_orders")}, one("value"), ("orders.promised_date|requested_date",), additive=True)}),
)  # fmt: skip
