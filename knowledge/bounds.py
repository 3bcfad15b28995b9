"""The interval of a median or another quantile: the order statistics between which it lies (METRICS A10)."""

from __future__ import annotations

import math
from dataclasses import replace

from knowledge.compile import compile_metric, run
from knowledge.intervals import Z
from knowledge.metrics.bases import Context
from knowledge.metrics.registry import Metric
from knowledge.records import Figure, MetricQuery

LEAST = 6  # of fewer values not even the extremes are an interval of the median


def bounded(figure: Figure, metric: Metric, query: MetricQuery, context: Context) -> Figure:
    """The figure with its 95 % interval, where its value is a quantile of enough rows; else the figure as it is.

    What a percentile bootstrap of a quantile comes to, without drawing: docs/decisions/0021-intervals-of-medians.md."""
    part = metric.components.get("value")
    if (
        part is None
        or part.kind != "quantile"
        or figure.interval
        or figure.rows < LEAST
        or not isinstance(figure.value, int | float)
    ):
        return figure
    reach = Z * math.sqrt(part.q * (1 - part.q) / figure.rows)
    ends = {"low": max(0.0, part.q - reach), "high": min(1.0, part.q + reach)}
    asked = replace(metric, components={name: replace(part, q=q) for name, q in ends.items()})
    row = run(compile_metric(asked, query, context, grouped=False), (), context).get((), {})
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        return figure
    return replace(figure, interval=(round(float(low), 9), round(float(high), 9)))
