"""From a complete Question to an explicit Plan: which metric queries answer it, or which search, or why it cannot be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from assistant.questions import Choice, Entity, Operation, Plan, Question
from knowledge.metrics import find
from knowledge.records import Filter, MetricQuery, Period

RANKED, LISTED = 5, 50
OF_METRIC: frozenset[Operation] = frozenset(("value", "breakdown", "rank", "trend", "compare", "share", "growth", "why"))


def make(question: Question, today: date, covered: Period) -> Plan:
    """The plan of a question. `today` is the as-of date, `covered` the days that the data covers."""
    slots = _slots(question)
    if question.choices:
        return Plan("value", status="clarify", reason="several readings", choices=question.choices, slots=slots)
    if question.unknown:
        return Plan("value", status="out_of_scope", reason="unknown words", slots=slots)
    if question.order_id and not question.metrics:
        return Plan("order", search=question.order_id, slots=slots)
    operation: Operation = question.operation or "value"
    if operation == "define":
        return Plan("define", search=question.metrics[0] if question.metrics else None, slots=slots)
    if operation in ("themes", "quotes") or (
        operation == "why" and not question.metrics and (question.mood or "feedback" in question.text.lower())
    ):
        return _voice(question, operation, slots)
    if not question.metrics:
        return _without_metric(question, slots)
    queries = tuple(q for name in question.metrics[:3] for q in _queries(name, question, operation, today, covered))
    return Plan(operation if operation in OF_METRIC else "value", queries, slots=slots)


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
    period = clipped(question.period, covered) if metric.over_time else None
    base = MetricQuery(name, (), where, period)
    if operation == "trend":
        return [replace(base, grain=question.grain or _grain_for(period or covered), by=question.by)]
    if operation in ("rank", "breakdown", "share") and question.by:
        limit = question.limit or (RANKED if operation == "rank" else None)
        order = question.order or ("desc" if operation in ("rank", "share") or not question.grain else None)
        if operation == "share":
            where = tuple(f for f in where if f.dimension not in question.by)
        return [replace(base, where=where, by=question.by, order=order, limit=limit)]
    if operation == "compare" and question.by and question.compare_to is None:
        return [replace(base, by=question.by, order="desc")]
    if operation in ("compare", "growth", "why") and metric.over_time:
        one = _so_far(period or _latest(covered, today), today)
        two = question.compare_to
        two = before(one, today) if two is None else _aligned(one, two, today)
        by, limit = (question.by, question.limit) if operation != "why" else ((), None)
        return [replace(base, period=one, by=by, limit=limit), replace(base, period=two, by=by, limit=limit)]
    return [replace(base, by=question.by, order=question.order, limit=question.limit, grain=question.grain)]


def _voice(question: Question, operation: Operation, slots: dict[str, Any]) -> Plan:
    where = filters(question.entities, question.excluded)
    mood = question.mood if question.mood is not None else (-1 if operation == "why" else None)
    if mood is not None:
        where = (*where, Filter("sentiment", (str(mood),)))
    query = MetricQuery("feedback_count", ("theme",), where, question.period, order="desc", limit=question.limit or RANKED)
    return Plan("quotes" if operation == "quotes" else "themes", (query,), slots=slots)


def _without_metric(question: Question, slots: dict[str, Any]) -> Plan:
    """A name alone, or nothing that can be computed: ask which figure is meant."""
    named = question.entities
    if named:
        who = named[0].label
        asked = (f"revenue of {who}", f"orders of {who}", f"what does {who} say") if named[0].dimension == "customer" else (
            f"revenue for {who}", f"return rate for {who}", f"what are customers complaining about in {who}")  # fmt: skip
        return Plan(
            "value", status="clarify", reason="no metric named", choices=tuple(Choice(a, a) for a in asked), slots=slots
        )
    return Plan("value", status="out_of_scope", reason="nothing to compute", slots=slots)


def clipped(period: Period | None, covered: Period) -> Period | None:
    """An open-ended period cut to the data; others as they are."""
    if period is None:
        return None
    if period.start.year <= 1900 and covered.start <= period.end:
        return Period(covered.start, period.end, period.label)
    return period


def before(period: Period, today: date) -> Period:
    """The period just before, of the same kind: the month before a month, the same days of the month before a month to date."""
    start = period.start
    whole = {28, 29, 30, 31}
    if (start.day == 1 and (period.end + timedelta(days=1)).day == 1) or (
        start.day == 1 and period.end == today and period.days in range(1, 367)
    ):
        months = (period.end.year - start.year) * 12 + period.end.month - start.month + 1
        months = (
            12
            if months > 6 and period.end == today
            else 3
            if months in (2, 3) and start.month % 3 == 1 and period.end == today
            else months
        )
        first = _minus_months(start, months)
        if (period.end + timedelta(days=1)).day == 1:
            last = (
                start - timedelta(days=1)
                if months == (period.end.year - start.year) * 12 + period.end.month - start.month + 1
                else _minus_months(period.end + timedelta(days=1), months) - timedelta(days=1)
            )
        else:
            last = first + timedelta(days=period.days - 1)
        return Period(first, last, _label(first, last))
    del whole
    first = start - timedelta(days=period.days)
    return Period(first, start - timedelta(days=1), _label(first, start - timedelta(days=1)))


def _so_far(period: Period, today: date) -> Period:
    """A period that the data has not reached the end of, cut to what there is: changes are then between equal spans."""
    if period.start <= today < period.end:
        return Period(period.start, today, f"{period.label or period.start} to {today.day} {today:%b %Y}")
    return period


def _aligned(one: Period, two: Period, today: date) -> Period:
    """A whole year, quarter or month set against one to date is cut to the same number of days."""
    if one.end == today and two.days > one.days and one.start.day == two.start.day:
        end = two.start + timedelta(days=one.days - 1)
        return Period(two.start, end, _label(two.start, end))
    return two


def _label(first: date, last: date) -> str:
    whole_month = first.day == 1 and (last + timedelta(days=1)).day == 1
    if whole_month and (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if whole_month and first.month % 3 == 1 and (last.year, last.month) == (first.year, first.month + 2):
        return f"Q{(first.month + 2) // 3} {first.year}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"


def _minus_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1) if day.day == 1 else date(total // 12, total % 12 + 1, min(day.day, 28))


def _latest(covered: Period, today: date) -> Period:
    """What a question about change means when it names no period: the last whole month."""
    first = today.replace(day=1)
    end = first - timedelta(days=1)
    if (today + timedelta(days=1)).day == 1:
        return Period(first, today, f"{first:%B %Y}")
    if end < covered.start:
        return covered
    return Period(end.replace(day=1), end, f"{end:%B %Y}")


def _grain_for(period: Period) -> Any:
    return "day" if period.days <= 31 else "week" if period.days <= 100 else "month" if period.days <= 1100 else "quarter"


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
        "unknown": list(question.unknown),
    }
