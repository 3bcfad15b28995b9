"""From a complete Question to an explicit Plan: which metric queries answer it, or which search, or why it cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from assistant.questions import Choice, Entity, Operation, Plan, Question
from assistant.spans import clipped, compared, grain_for
from knowledge.entities.predicates import both
from knowledge.metrics import find
from knowledge.records import Filter, Grain, MetricQuery, Period

RANKED, LISTED = 5, 50
SHARE_SAID = re.compile(r"\b(?:share|percent|percentage|proportion|fraction|portion)\b|%")
NAME_ALONE = "no metric named"
AS_OF_NOW = "told as of now only"
GRAINS: dict[str, Grain] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
OVERVIEW = ("revenue", "orders", "otd", "return_rate", "csat")
OF_METRIC: frozenset[Operation] = frozenset(
    ("value", "breakdown", "members", "rank", "trend", "compare", "share", "growth", "why")
)


def _among_all(question: Question) -> Question:
    """ "Which industry buys most? I would have guessed automotive": a ranking is among all of them, not of the one that is named."""
    if question.operation != "rank" or not question.by:
        return question
    named = [e for e in question.entities if e.dimension == question.by[0]]
    return replace(question, entities=tuple(e for e in question.entities if e not in named)) if len(named) == 1 else question


def make(question: Question, today: date, covered: Period) -> Plan:
    """The plan of a question. `today` is the as-of date, `covered` the days that the data covers."""
    question = _among_all(question)
    slots = _slots(question)
    operation: Operation = question.operation or "value"
    if question.choices and not question.unknown:
        return Plan("value", status="clarify", reason="several readings", choices=question.choices, slots=slots)
    if question.document:
        return Plan("search", search=question.document, slots=slots)
    if question.unknown:
        return Plan("value", status="out_of_scope", reason="unknown words", search=question.text, slots=slots)
    if question.order_id and not question.metrics:
        return Plan("order", search=question.order_id, slots=slots)
    if operation == "things":
        listed = MetricQuery(f"count({question.things})", (), (), question.period, limit=question.limit, only=question.only)
        return Plan("things", (listed,), slots={**slots, "things": question.things, "ranked_by": question.ranked_by})
    if operation == "facts":
        one = MetricQuery(f"count({question.things})", (), (), question.period, limit=question.limit, only=question.only)
        asked = {"things": question.things, "facts": list(question.facts), "ranked_by": question.ranked_by}
        return Plan("facts", (one,), slots={**slots, **asked})
    if operation == "part":
        where = filters(question.entities, question.excluded)
        every = MetricQuery(f"count({question.things})", (), where, question.period)
        return Plan("part", (replace(every, only=question.only), every), slots={**slots, "things": question.things})
    if operation == "records" and not question.kind:  # an edit of a list that leaves open of what
        return Plan("value", status="out_of_scope", reason="nothing to compute", slots=slots)
    if operation in ("records", "claims", "brief", "advise", "lapsed"):
        where = filters(question.entities, question.excluded)
        return Plan(operation, (MetricQuery("orders", (), where, question.period, limit=question.limit),), slots=slots)
    if operation == "define":
        return Plan("define", search=question.metrics[0] if question.metrics else None, slots=slots)
    if operation == "orders":
        where = filters(question.entities, question.excluded)
        slots["share_first"] = bool(SHARE_SAID.search(question.text.lower()))
        return Plan(
            "orders", (MetricQuery("orders", question.by[:1], where, question.period, limit=question.limit),), slots=slots
        )
    if operation == "stock" and question.period is not None and question.period.end < today:
        return Plan("value", status="out_of_scope", reason=AS_OF_NOW, slots={**slots, "now": "Stock"})
    if operation in ("stock", "who"):
        return Plan(operation, slots=slots)
    if operation in ("themes", "quotes") or (
        operation == "why" and not question.metrics and (question.mood or "feedback" in question.text.lower())
    ):
        return _voice(question, operation, slots)
    if operation == "overview":
        queries = tuple(q for name in OVERVIEW for q in _queries(name, question, "compare", today, covered))
        return Plan("overview", queries, slots=slots)
    if not question.metrics:
        return _without_metric(question, slots)
    dated = [m for m in question.metrics if _of_another_time(m, question.period, today)]
    if dated:
        return Plan("value", status="out_of_scope", reason=AS_OF_NOW, slots={**slots, "now": find(dated[0]).label})
    if operation == "ratio" and question.per:
        return Plan("ratio", _ratio(question, today, covered), slots=slots)
    if operation == "distribution":
        query = _queries(question.metrics[0], question, "value", today, covered)[0]
        return Plan("distribution", (replace(query, by=question.by, order=None, limit=None, grain=None),), slots=slots)
    queries = tuple(
        q
        for name in question.metrics
        for side in question.sides or (None,)
        for q in _queries(name, replace(question, only=both(question.only, side)), operation, today, covered)
    )
    return Plan(operation if operation in OF_METRIC else "value", queries, slots=slots)


def _of_another_time(name: str, period: Period | None, today: date) -> bool:
    """Whether a figure that is told as of now only is asked for a time that is over."""
    metric = find(name)
    return period is not None and not metric.over_time and period.end < today


def _ratio(question: Question, today: date, covered: Period) -> tuple[MetricQuery, ...]:
    """An average: what is added up, and what it is spread over (customers, orders, or whole time buckets)."""
    by = tuple(d for d in question.by if d != "customer" or question.per not in ("each", "active_customers"))
    asked = replace(question, by=by, order=None, limit=None, grain=None)
    base = _queries(question.metrics[0], asked, "value", today, covered)[0]
    if question.per == "each":
        return (base,)
    if question.per in GRAINS:
        return (base, replace(base, grain=GRAINS[question.per]))
    return (base, replace(base, metric=str(question.per)))


def filters(entities: Sequence[Entity], excluded: Sequence[Entity] = ()) -> tuple[Filter, ...]:
    """One filter a dimension; several members of a dimension mean any of them."""
    made = []
    for listed, negated in ((entities, False), (excluded, True)):
        for dimension in dict.fromkeys(e.dimension for e in listed):
            values = tuple(dict.fromkeys(e.value for e in listed if e.dimension == dimension))
            made.append(Filter(dimension, values, negated))
    return tuple(made)


def _queries(name: str, question: Question, operation: Operation, today: date, covered: Period) -> list[MetricQuery]:
    metric = find(name)
    where = filters(question.entities, question.excluded)
    if question.counted is not None and name == "feedback_count":
        where = (*where, Filter("sentiment", (str(question.counted),)))
    period = clipped(question.period, covered) if metric.over_time else None
    base = MetricQuery(name, (), where, period, only=question.only)
    if (
        metric.own_side
        and (question.by or question.grain)
        and metric.apart not in (*question.by, *(f.dimension for f in where))
    ):
        base = replace(base, where=(*where, Filter(metric.apart, (metric.own_side,))))
        where = base.where
    each = metric.one_each
    single = bool(each) and any(f.dimension == each and len(f.values) == 1 and not f.negated for f in where)
    question = replace(question, by=()) if single else question  # what one customer has one of has no groups
    if each and not question.by and not single:
        each_by = () if each in metric.lists else (each,)  # a label of each, never one of all; a list orders itself
        return [replace(base, by=each_by, order=question.order, limit=question.limit)]
    if operation == "trend":
        return [replace(base, grain=question.grain or grain_for(period or covered), by=question.by)]
    if operation in ("rank", "breakdown", "members", "share") and question.by:
        limit = question.limit or (RANKED if operation == "rank" and not question.having else None)
        order = question.order or ("desc" if operation in ("rank", "share") or not question.grain else None)
        if operation == "share":
            where = tuple(f for f in where if f.negated or f.dimension not in question.by)
        return [
            replace(
                base,
                where=where,
                by=question.by,
                order=order,
                limit=limit,
                grain=question.grain if operation != "share" else None,
            )
        ]
    if operation == "compare" and question.by and question.compare_to is None:
        return [replace(base, by=question.by, order="desc")]
    if operation in ("compare", "growth", "why") and metric.over_time:
        pair = compared(period, question.compare_to, today, covered)
        by, limit = (question.by, question.limit) if operation != "why" else ((), None)
        return [replace(base, period=pair.one, by=by, limit=limit), replace(base, period=pair.two, by=by, limit=limit)]
    return [replace(base, by=question.by, order=question.order, limit=question.limit, grain=question.grain)]


def _voice(question: Question, operation: Operation, slots: dict[str, Any]) -> Plan:
    cut_by = {*find("feedback_count").dimensions, "theme", "aspect", "sentiment"}
    spoken_of = [e for e in question.entities if e.dimension not in cut_by or _spoken_of(e, question.text)]
    if spoken_of and question.topic is None:  # a carrier, a warehouse: comments that speak of it
        question = replace(
            question, topic=spoken_of[0].label, entities=tuple(e for e in question.entities if e not in spoken_of)
        )
        operation, slots = (
            "quotes",
            {**slots, "topic": question.topic, "operation": "quotes", "named": [e.label for e in spoken_of]},
        )
    where = filters(question.entities, question.excluded)
    if question.topic:
        operation, slots = "quotes", {**slots, "operation": "quotes"}
    mood = question.mood if question.mood is not None else (-1 if operation == "why" else None)
    if mood is not None:
        where = (*where, Filter("sentiment", (str(mood),)))
    query = MetricQuery(
        "feedback_count", ("theme",), where, question.period, order="desc", limit=question.limit or RANKED, only=question.only
    )
    return Plan("quotes" if operation == "quotes" else "themes", (query,), slots=slots)


SAID_OF = re.compile(r"\b(?:about|on|of|with) (?:our|the|your) $", re.IGNORECASE)


def _spoken_of(member: Entity, text: str) -> bool:
    """Whether a kind of goods is what comments speak of ("about our packaging"), not what was ordered."""
    return member.dimension == "category" and SAID_OF.search(text[: member.start]) is not None


def _without_metric(question: Question, slots: dict[str, Any]) -> Plan:
    """A name alone, or nothing that can be computed: ask which figure is meant."""
    named = sorted(question.entities, key=lambda e: e.dimension != "customer")
    if named:
        who = named[0].label
        asked = (f"revenue of {who}", f"orders of {who}", f"what does {who} say") if named[0].dimension == "customer" else (
            f"revenue for {who}", f"return rate for {who}", f"what are customers complaining about in {who}")  # fmt: skip
        return Plan("value", status="clarify", reason=NAME_ALONE, choices=tuple(Choice(a, a) for a in asked), slots=slots)
    return Plan("value", status="out_of_scope", reason="nothing to compute", slots=slots)


def _slots(question: Question) -> dict[str, Any]:
    """What was understood, as JSON: replayable, and shown on request."""

    def told(period: Period | None) -> dict[str, str] | None:
        return {"start": str(period.start), "end": str(period.end), "label": period.label} if period else None

    return {
        "operation": question.operation or "value",
        "metrics": list(question.metrics),
        "entities": [{k: v for k, v in asdict(e).items() if k in ("dimension", "value", "label")} for e in question.entities],
        "excluded": [{"dimension": e.dimension, "value": e.value, "label": e.label} for e in question.excluded],
        "by": list(question.by),
        "period": told(question.period),
        "compare_to": told(question.compare_to),
        "grain": question.grain,
        "order": question.order,
        "limit": question.limit,
        "having": list(question.having) if question.having else None,
        "state": question.state,
        "kind": question.kind,
        "record_state": question.record_state,
        "claims": list(question.claims),
        "label": question.label,
        "per": question.per,
        "facts": list(question.facts),
        "part": question.part,
        "ranked": question.ranked,
        "place": question.place,
        "topic": question.topic,
        "order_id": question.order_id,
        "document": question.document,
        "mood": question.mood,
        "counted": question.counted,
        "unknown": list(question.unknown),
        "asked": question.asked,
    }
