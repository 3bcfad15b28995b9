"""The whole from its groups: sums and counts of groups that part the rows need not be read again."""

from __future__ import annotations

import math
from typing import Any

from knowledge.compile import SEGMENT_DIMENSIONS, Compiled
from knowledge.metrics.registry import Metric
from knowledge.records import MetricQuery


def adds_up(metric: Metric, query: MetricQuery, parts: list[Compiled]) -> bool:
    """Whether the groups' components summed are those of the whole: only sums and counts, and every row in one group."""
    keys = {*query.by, *((query.grain,) if query.grain else ())}
    parted = all(d not in SEGMENT_DIMENSIONS for d in query.by) and (query.grain is None or metric.date == "ord")
    whole = bool(parts) and all(set(p.keys) == keys for p in parts)
    return parted and whole and all(c.kind in ("sum", "count") for c in metric.components.values())


def summed(metric: Metric, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The components of the whole from those of its groups; a sum of nothing is unknown, a count 0."""
    total: dict[str, Any] = {}
    for name, part in metric.components.items():
        known = [row[name] for row in rows if row[name] is not None]
        none = 0 if part.kind == "count" else None
        total[name] = (math.fsum(known) if known and isinstance(known[0], float) else sum(known)) if known else none
    return total
