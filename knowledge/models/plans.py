"""CPFR: how good each party's plan was, where the plans disagree, and what to send (METRICS 10 and C6).

Sources: VICS CPFR; Gilliland (forecast value added); periodic review for replenishment."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from knowledge.errors import NoData


@dataclass(frozen=True)
class PlanScore:
    """WAPE and bias as shares of actual demand; tracking signal (alarm beyond ±4); naive WAPE and value added on the same buckets."""

    wape: float
    bias: float
    tracking_signal: float | None
    naive_wape: float | None
    value_added: float | None
    buckets: int


def score_plan(rows: pd.DataFrame) -> PlanScore:
    """Scores one party's plan over item x customer x bucket rows with `forecast`, `actual` and, where known, `previous` (actual).

    Fails: NoData (`no_demand`) where nothing was wanted in all of the buckets."""
    known = rows.dropna(subset=["forecast", "actual"])
    forecast, actual = known["forecast"].to_numpy(float), known["actual"].to_numpy(float)
    wanted = actual.sum()
    if wanted <= 0:
        raise NoData(
            "Nothing was ordered in these buckets, so a forecast error has no base.", "Choose other periods.", code="no_demand"
        )
    error = forecast - actual
    mean_error = float(np.abs(error).mean())
    naive = value_added = None
    if "previous" in known and known["previous"].notna().all():
        naive = float(np.abs(known["previous"].to_numpy(float) - actual).sum() / wanted)
        value_added = naive - float(np.abs(error).sum() / wanted)
    return PlanScore(
        wape=float(np.abs(error).sum() / wanted),
        bias=float(error.sum() / wanted),
        tracking_signal=float(error.sum() / mean_error) if mean_error > 0 else None,
        naive_wape=naive,
        value_added=value_added,
        buckets=len(known),
    )


def plan_gap(ours: pd.Series, theirs: pd.Series) -> pd.Series:
    """abs(ours - theirs) over their mean, a bucket each; 0 where both plan nothing."""
    a, b = ours.astype(float), theirs.astype(float)
    mean = (a + b) / 2
    return ((a - b).abs() / mean.where(mean > 0)).fillna(0.0).rename("plan_gap")


def replenish(forecast: float, safety_stock: float, on_hand: float, on_order: float, pack_size: float | None = None) -> float:
    """What to send: forecast over lead and review time + safety - on hand - on order, at least 0, up to whole packs."""
    raw = max(0.0, forecast + safety_stock - on_hand - on_order)
    if not pack_size or pack_size <= 0:
        return raw
    return math.ceil(raw / pack_size - 1e-9) * pack_size
