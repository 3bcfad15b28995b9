"""Answers that are figures of one metric: a value, a breakdown, a ranking, a course over time, several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant import charts, compose, locales
from assistant.label_answer import labelled
from assistant.locales import localised
from assistant.next_questions import followups
from assistant.plan import LISTED
from assistant.questions import Answer, Plan
from assistant.shape import Name, day, framed, query_json, side_by_side, table, title
from assistant.spans import before, bucket
from knowledge import display
from knowledge.access import Reader
from knowledge.metrics import find
from knowledge.query import coverage
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricQuery, MetricResult, Period

SHOWN_ROWS = 1000
SUGGESTED = frozenset(("next_best_product", "white_space"))
RATED = ("share", "days", "hours", "scale", "points", "share_points", "ratio")


def answer_query(query: MetricQuery, reader: Reader, name: Name | None = None) -> Answer:
    """One explicit metric query as an Answer, every group in the table. Fails: as `knowledge.query.run`."""
    name = name or (lambda _, member: member)
    made = of_result(run_query(query, reader), reader, name, {"operation": "query", "metrics": [query.metric]}, everything=True)
    return localised(made, locales.of(reader))


def answer_metrics(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The metrics of a plan, one after the other."""
    first = plan.queries[0]
    results = [_chosen(run_query(_all_groups(q, plan), reader), plan) for q in plan.queries]
    answer = of_result(results[0], reader, name, plan.slots)
    alone = not results[0].query.by and not first.grain
    if plan.operation == "value" and first.period is not None and alone and results[0].figures[0].value is not None:
        answer = _with_former(answer, results[0], reader, name)
    grouped = [_of_groups(results[0], answer)]
    for extra in results[1:]:
        more = of_result(extra, reader, name, plan.slots)
        grouped.append(_of_groups(extra, more))
        answer = replace(
            answer,
            text=f"{answer.text}\n\n{more.text}",
            figures=(*answer.figures, *more.figures),
            table=answer.table or more.table,
            plan={
                **answer.plan,
                "queries": [query_json(q) for q in plan.queries],
                "notes": [*answer.plan["notes"], *more.plan["notes"]],
            },
        )
    by = results[0].query.by
    if len(results) > 1 and by and not first.grain and all(r.query.by == by and not r.query.grain for r in results):
        answer = replace(answer, table=side_by_side(grouped, by, name))
    return replace(answer, followups=followups(plan, reader))


def _of_groups(result: MetricResult, answer: Answer) -> tuple[Figure, ...]:
    """The figures of single groups that the answer shows."""
    return tuple(f for f in answer.figures if set(result.query.by) <= set(f.group))


def _members_told(result: MetricResult, slots: Any) -> dict[str, int]:
    """How many members a list of them speaks of, and how many it leaves unnamed."""
    if slots.get("operation") != "members":
        return {}
    unnamed = result.groups_in_all - compose.NAMED
    return {"groups": result.groups_in_all, **({"unnamed": unnamed} if unnamed > 0 else {})}


def _first_of_each(figures: Sequence[Figure], group: str, count: int) -> tuple[Figure, ...]:
    """So many of each group, in the order of the ranking, groups in order of name."""
    kept: dict[str, list[Figure]] = {}
    for f in figures:
        if len(kept.setdefault(f.group[group], [])) < count:
            kept[f.group[group]].append(f)
    return tuple(f for member in sorted(kept) for f in kept[member])


def _by_groups(shown: MetricResult, name: Name, slots: Any) -> str:
    dimension = shown.query.by[0]
    match slots.get("operation"):
        case _ if shown.query.metric in SUGGESTED and len(shown.query.by) == 1:
            return compose.recommended(shown, name, dimension)
        case "rank" if len(shown.query.by) == 2 and shown.figures:
            return compose.ranked_within(shown, name)
        case "rank":
            return compose.ranked(shown, name, dimension, slots.get("having"))
        case "members":
            return compose.members(shown, name, dimension)
        case _:
            return compose.broken_down(shown, name, shown.query.by)


def of_result(result: MetricResult, reader: Reader, name: Name, slots: Any, *, everything: bool = False) -> Answer:
    """One result in words, figures, table and chart."""
    query = result.query
    each = find(query.metric).one_each
    if (
        each
        and query.by == (each,)
        and not query.grain
        and not everything
        and all(isinstance(f.value, str) for f in result.figures)
    ):
        return labelled(result, slots, reader, name)
    dimensions = (*query.by, *((query.grain,) if query.grain else ()))
    ranked = slots.get("operation") == "rank"
    limit = (
        SHOWN_ROWS
        if everything
        else slots.get("limit") or (5 if query.order and ranked and not slots.get("having") else LISTED)
    )
    figures = result.figures[:limit] if dimensions else result.figures
    if ranked and len(query.by) == 2 and not query.grain and not everything:
        figures = _first_of_each(result.figures, query.by[1], slots.get("limit") or 1)
    notes = list(result.notes)
    begun = coverage(reader).start
    if query.period and query.period.start < begun <= query.period.end and find(query.metric).over_time:
        notes.append(f"The data begins on {begun.day} {begun:%b %Y}: what was before is not in this.")
    unfinished: tuple[Figure, ...] = ()
    if query.grain and not query.by and not everything:
        figures, unfinished, notes = whole_buckets(result, notes, coverage(reader))
    shown = replace(result, figures=figures, total=None if everything else result.total)
    label = figures[0].label if figures else ""
    chart: Any = None
    if query.grain and not query.by:
        text, chart = compose.over_time(shown, name, query.grain), charts.trend(figures, query.grain, label)
    elif query.by:
        text = _by_groups(shown, name, slots)
        chart = charts.bars(figures, query.by[0], label, name) if not query.grain else None
    else:
        text = compose.value(result, name)
    if query.by and result.groups_in_all > len(figures) and not slots.get("having"):
        notes.append(f"{len(figures):,} of {result.groups_in_all:,} shown.")
    text = f"{text}\n\n{compose.quiet([replace(result, notes=tuple(notes))], day(reader))}"
    total = result.total if dimensions and not everything else None
    overall = (total,) if total and total.display in text else ()  # a figure of its own only where the text tells it
    if slots.get("having") and figures:
        counted = replace(
            figures[0], label=f"{title(query.by[0])} groups that keep to it", value=result.groups_in_all, unit="count", group={}
        )
        overall = (replace(counted, display=f"{result.groups_in_all:,}", interval=None, numerator=None, denominator=None),)
    shown_table = table((*figures, *unfinished), dimensions, name) if dimensions else None
    plan = {
        **dict(slots),
        "queries": [query_json(query)],
        "notes": notes,
        "counts": {"rows": compose.rows_told(result), **_members_told(result, slots)},
    }
    return framed(
        reader,
        Plan("value", (query,), slots=plan),
        "answered",
        text,
        figures=(*figures, *unfinished, *overall),
        table=shown_table,
        chart=chart,
    )


def whole_buckets(
    result: MetricResult, notes: list[str], covered: Period
) -> tuple[tuple[Figure, ...], tuple[Figure, ...], list[str]]:
    """Buckets that the data covers from end to end, and those it does not, which are told apart."""
    grain = result.query.grain
    assert grain is not None
    whole: list[Figure] = []
    parts: list[Figure] = []
    for f in result.figures:
        if f.group[grain] == "(not given)":
            continue
        days = bucket(f.group[grain], grain)
        asked = result.query.period
        start = max(covered.start, asked.start) if asked else covered.start
        end = min(covered.end, asked.end) if asked else covered.end
        (whole if start <= days.start and days.end <= end else parts).append(f)
    if not whole:
        return tuple(parts), (), notes
    notes = [n for n in notes if "partial" not in n]
    notes += [f"{f.group[grain]} is only partly in the data and left out of the comparison: {f.display}." for f in parts]
    return tuple(whole), tuple(replace(f, label=f"{f.label} (part of the {grain})") for f in parts), notes


def _all_groups(query: MetricQuery, plan: Plan) -> MetricQuery:
    """Rankings of rates, and those kept by value, read all groups first, before the cut."""
    rated = find(query.metric).unit in RATED or len(query.by) == 2
    return replace(query, limit=None) if query.by and (plan.slots.get("having") or (query.order and rated)) else query


def _chosen(result: MetricResult, plan: Plan) -> MetricResult:
    """The result without groups of too few cases for a ranking of rates, and without those that the asker's limit leaves out."""
    query, kept = result.query, result.figures
    notes = result.notes
    if query.order and query.by and find(query.metric).unit in RATED:
        kept = tuple(f for f in kept if f.denominator is None or f.denominator >= display.TINY)
        left = len(result.figures) - len(kept)
        notes = (*notes, f"{left:,} with fewer than {display.TINY} cases are left out.") if left else notes
    having = plan.slots.get("having")
    if having:
        kept = tuple(f for f in kept if _passes(f, having[0], float(having[1])))
        return replace(result, figures=kept, notes=notes, groups_in_all=len(kept))
    return replace(result, figures=kept, notes=notes)


def _passes(figure: Figure, sign: str, limit: float) -> bool:
    if not isinstance(figure.value, int | float):
        return False
    value = float(figure.value)
    return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[sign]


def _with_former(answer: Answer, result: MetricResult, reader: Reader, name: Name) -> Answer:
    """Adds the period before, where the data covers it."""
    covered = coverage(reader)
    period = result.query.period
    if period is None or period.start <= covered.start or period.start > covered.end:
        return answer
    former_period = before(period, reader.snapshot.as_of.date())
    if former_period.start < covered.start:
        return answer
    former = run_query(replace(result.query, period=former_period), reader).figures[0]
    if former.value is None:
        return answer
    _, _, rest = answer.text.partition("\n\n")
    return replace(answer, text=f"{compose.value(result, name, former)}\n\n{rest}", figures=(*answer.figures, former))
