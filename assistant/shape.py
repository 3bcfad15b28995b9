"""The parts that every answer is put together from: names of members, tables, the plan as JSON, the frame of an Answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from assistant.questions import Answer, Plan, Status
from assistant.understand.entities import Vocabulary
from knowledge.access import Reader
from knowledge.entities import conditions
from knowledge.entities.catalogue import attribute
from knowledge.entities.predicates import to_json
from knowledge.metrics.own import own
from knowledge.records import Figure, MetricQuery, MetricResult
from knowledge.snapshot import INSTEAD

Name = Callable[[str, str], str]
WORDS = {"ship_from": "warehouse", "ship_to_region": "destination", "service_tier": "tier", "account_owner": "account owner", "order_type": "order type",
         "feedback_channel": "channel", "contact_channel": "channel", "abc": "ABC class"}  # fmt: skip


CODED = ("segment", "segment_before", "demand_class", "decoupling_point")
"""Dimensions whose members are our own codes."""


def namer(vocabulary: Vocabulary) -> Name:
    """Members as a sentence names them: a bare number says what it is ("customer 14646")."""

    def name(dimension: str, member: str) -> str:
        label = vocabulary.label(dimension, member)
        label = label.replace("_", " ") if dimension in CODED else label
        return (
            label
            if any(c.isalpha() for c in label) or dimension not in ("customer", "product", "parent")
            else f"{dimension} {label}"
        )

    return name


def word(dimension: str) -> str:
    """How people call a dimension or an attribute, in the company's own word where it has one."""
    if "." in dimension:
        of, known = attribute(dimension)
        return of.name if known.name == "id" else f"{of.name} {known.label}" if known.kind == "flag" else known.label
    added = own()
    theirs = added.dimensions[dimension].said if dimension in added.dimensions else added.words.get(dimension)
    return theirs[0] if theirs else WORDS.get(dimension, dimension.replace("_", " "))


def title(dimension: str) -> str:
    said = word(dimension)
    return said[:1].upper() + said[1:]


def table(figures: Sequence[Figure], dimensions: Sequence[str], name: Name) -> dict[str, Any]:
    """One row a figure: its members, what it shows, and of how many."""
    counted = any(f.denominator is not None for f in figures)
    columns = [*(title(d) for d in dimensions), figures[0].label if figures else "Value", *(["Of"] if counted else [])]
    rows = [
        [
            *(name(d, f.group.get(d, "")) for d in dimensions),
            f.display,
            *([f"{f.denominator:,.0f}" if f.denominator is not None else ""] if counted else []),
        ]
        for f in figures
    ]
    return {"columns": columns, "rows": rows}


def side_by_side(columns: Sequence[Sequence[Figure]], dimensions: Sequence[str], name: Name) -> dict[str, Any]:
    """Several figures of the same groups: a row a group of the first, then those that only others have; a column a figure."""

    def key(figure: Figure) -> tuple[str, ...]:
        return tuple(figure.group.get(d, "") for d in dimensions)

    shown = [{key(f): f.display for f in figures} for figures in columns]
    groups = dict.fromkeys(k for figures in shown for k in figures)
    heads = [*(title(d) for d in dimensions), *(figures[0].label if figures else "Value" for figures in columns)]
    rows = [
        [*(name(d, m) for d, m in zip(dimensions, group, strict=True)), *(figures.get(group, "–") for figures in shown)]
        for group in groups
    ]
    return {"columns": heads, "rows": rows}


def query_json(query: MetricQuery) -> dict[str, Any]:
    return {
        "metric": query.metric,
        "by": list(query.by),
        "where": [{"dimension": f.dimension, "values": list(f.values), "negated": f.negated} for f in query.where],
        "period": {"start": str(query.period.start), "end": str(query.period.end), "label": query.period.label}
        if query.period
        else None,
        "grain": query.grain,
        "order": query.order,
        "limit": query.limit,
        **({"only": to_json(query.only), "only_where": conditions.written(query.only)} if query.only is not None else {}),
    }


YOURS = " · of your accounts"
OLDER = " · an earlier state, since the newest is damaged"


def noted(plan: Plan, *results: MetricResult) -> Plan:
    """The plan with what its results say of themselves: notes, rows, the queries as they ran."""
    notes = list(dict.fromkeys(n for r in results for n in r.notes))
    rows = {f"rows_{i}": r.total.rows if r.total else sum(f.rows for f in r.figures) for i, r in enumerate(results)}
    return replace(plan, slots={**plan.slots, "notes": notes, "counts": rows, "queries": [query_json(q) for q in plan.queries]})


def day(reader: Reader) -> str:
    """The as-of day as the quiet line tells it, and whose figures they are where the reader does not see all."""
    old = OLDER if INSTEAD in reader.snapshot.facts else ""
    return f"{reader.snapshot.as_of:%-d %b %Y}{old}{YOURS if reader.scope.accounts is not None else ''}"


def currency(reader: Reader) -> str:
    return str(reader.snapshot.facts.get("currency") or "")


def local_day(value: date, reader: Reader) -> date:
    """The day of a moment in the workspace's zone; days stay as they are."""
    if not isinstance(value, datetime):
        return value
    zone = ZoneInfo(str(reader.snapshot.facts.get("zone", "UTC")))
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone).date()


def framed(reader: Reader, plan: Plan, status: Status, text: str, **parts: Any) -> Answer:
    """An Answer with the plan, the snapshot and the as-of in it."""
    slots = dict(plan.slots)
    slots.setdefault("queries", [query_json(q) for q in plan.queries])
    return Answer(
        id=uuid.uuid4().hex[:12],
        status=status,
        text=text,
        as_of=reader.snapshot.as_of,
        snapshot=reader.snapshot.id,
        plan=slots,
        **parts,
    )
