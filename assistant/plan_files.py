"""Plans as files: what "show how" prints of an answer, read back and run. Figures, lists and shares of things are replayable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assistant.questions import Plan
from knowledge.entities.predicates import from_json
from knowledge.errors import BadInput
from knowledge.records import Filter, MetricQuery, Period

REPLAYED = frozenset("value breakdown members rank trend compare share growth why ratio distribution things part".split())
"""Operations that are wholly in their queries and slots."""


def plan_of(raw: Mapping[str, Any]) -> Plan:
    """The plan that a document holds: an Answer, its `plan`, or {"operation", "queries"}.

    Fails: BadInput (`bad_plan`) naming what is missing or cannot be replayed."""
    told = raw.get("plan", raw)
    if not isinstance(told, Mapping) or not isinstance(told.get("queries"), list) or not told["queries"]:
        raise BadInput(
            "The plan holds no queries.", 'Give {"operation", "queries": [{"metric", …}]}, or an Answer.', code="bad_plan"
        )
    operation = str(told.get("operation") or "value")
    if operation == "query":
        operation = "value"
    if operation not in REPLAYED:
        raise BadInput(
            f"`{operation}` is no plan of figures, so it cannot be run again.",
            f"Replayable: {', '.join(sorted(REPLAYED))}.",
            code="bad_plan",
        )
    queries = tuple(_query(q, n) for n, q in enumerate(told["queries"], 1))
    slots = {k: v for k, v in told.items() if k not in ("queries", "notes", "counts", "names", "dates", "model")}
    return Plan(operation, queries, slots={**slots, "operation": operation})  # type: ignore[arg-type]


def _query(raw: Any, number: int) -> MetricQuery:
    try:
        period = raw.get("period")
        return MetricQuery(
            str(raw["metric"]),
            tuple(raw.get("by") or ()),
            tuple(Filter(f["dimension"], tuple(map(str, f["values"])), bool(f.get("negated"))) for f in raw.get("where") or ()),
            Period(date.fromisoformat(period["start"]), date.fromisoformat(period["end"]), str(period.get("label", "")))
            if period
            else None,
            raw.get("grain"),
            raw.get("order"),
            raw.get("limit"),
            only=from_json(raw.get("only")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise BadInput(
            f"Query {number} of the plan cannot be read: {err}.",
            "A query has metric, by, where, period, grain, order, limit, only.",
            code="bad_plan",
        ) from err
