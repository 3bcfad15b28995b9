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
from assistant.shape import Name, currency, day, framed, query_json, side_by_side, table, title
from assistant.spans import before, bucket, said
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import RapportError
from knowledge.figures import NOT_GIVEN, or_zero
from knowledge.metrics import find
from knowledge.query import coverage
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricQuery, MetricResult, Period

SHOWN_ROWS = 1000
MOST_CELLS = 400
"""How many cells of groups by buckets are listed."""
SUGGESTED = frozenset(("next_best_product", "white_space"))
RATED = ("share", "days", "hours", "scale", "points", "share_points", "ratio")


def known(reader: Reader) -> Period:
    """The days that are known: from the first event in the data to the as-of day."""
    covered = coverage(reader)
    return Period(covered.start, max(covered.end, reader.snapshot.as_of.date()), covered.label)


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
    for place, extra in enumerate(results[1:], 2):
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
                "counts": {**answer.plan["counts"], **{f"{of}_{place}": n for of, n in more.plan["counts"].items()}},
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


def _by_groups(shown: MetricResult, name: Name, slots: Any, limit: int) -> str:
    dimension = shown.query.by[0]
    dimensions = (*shown.query.by, *((shown.query.grain,) if shown.query.grain else ()))
    match slots.get("operation"):
        case _ if shown.query.metric in SUGGESTED and len(shown.query.by) == 1:
            return compose.recommended(shown, name, dimension)
        case "rank" if len(dimensions) == 2 and shown.figures:
            return compose.ranked_within(shown, name, dimensions)
        case "rank":
            return compose.ranked(shown, name, dimension, slots.get("having"), slots.get("place"), limit)
        case "members":
            return compose.members(shown, name, dimension)
        case _:
            return compose.broken_down(shown, name, dimensions)


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
        else MOST_CELLS
        if query.grain and query.by and not ranked
        else slots.get("limit") or (5 if query.order and ranked and not slots.get("having") else LISTED)
    )
    days, notes = known(reader), list(result.notes)
    if query.period and query.period.start < days.start <= query.period.end and find(query.metric).over_time:
        notes.append(f"The data begins on {days.start.day} {days.start:%b %Y}: what was before is not in this.")
    if query.period and query.period.start <= days.end < query.period.end and _happens(query.metric):
        notes.append(f"{said(query.period, first=True)} is not over: this is to {days.end.day} {days.end:%b %Y}.")
    compared = result.figures  # what competes for highest and lowest: all groups, of buckets those that are whole
    unfinished: tuple[Figure, ...] = ()
    if query.grain:
        compared, unfinished, notes = whole_buckets(result, notes, days)
    over_time = bool(query.grain) and not query.by
    limited = over_time and bool(slots.get("having"))
    figures = result.figures if over_time and everything else compared if over_time else result.figures[:limit]
    if not dimensions:
        figures = result.figures
    if over_time and slots.get("ranked") and slots.get("order"):
        figures = best_first(compared, slots["order"])
    within = dimensions[1] if ranked and len(dimensions) == 2 and query.by and not everything else ""
    if within:
        figures = _first_of_each(compared, within, slots.get("limit") or 1)
    shown = replace(result, figures=tuple(compared), total=None if everything else result.total)
    label = figures[0].label if figures else ""
    chart: Any = None
    if limited:
        sign, limit_said = slots["having"]
        figures = tuple(f for f in compared if _passes(f, sign, float(limit_said)))
        text = compose.kept_over_time(figures, shown, name, str(query.grain), slots["having"])
        unfinished = ()
        chart = charts.trend(compared, str(query.grain), label)
    elif over_time:
        if slots.get("ranked") and slots.get("order"):
            figures = figures[: slots.get("limit") or len(figures)]
            text = compose.extreme(replace(shown, figures=best_first(compared, slots["order"])), name, str(query.grain), slots)
        else:
            text = compose.over_time(shown, name, str(query.grain))
        chart = charts.trend(compared, str(query.grain), label)
    elif query.by:
        text = _by_groups(replace(shown, figures=figures) if within else shown, name, slots, limit)
        chart = charts.bars(figures, query.by[0], label, name) if not query.grain else None
    else:
        text = compose.value(result, name)
    if query.by and result.groups_in_all > len(figures) and not slots.get("having"):
        notes.append(f"{len(figures):,} of {result.groups_in_all:,} shown.")
    if query.by and query.order and not slots.get("having") and 0 < len(figures) < len(result.figures):
        notes += compose.tie_at_the_cut(result.figures, len(figures), name, query.by[0])
    text = f"{text}\n\n{compose.quiet([replace(result, notes=tuple(notes))], day(reader))}"
    total = result.total if dimensions and not everything else None
    overall = (total,) if total and total.display in text else ()  # a figure of its own only where the text tells it
    if slots.get("having") and figures and query.by:
        counted = replace(
            figures[0], label=f"{title(query.by[0])} groups that keep to it", value=result.groups_in_all, unit="count", group={}
        )
        overall = (replace(counted, display=f"{result.groups_in_all:,}", interval=None, numerator=None, denominator=None),)
    shown_table = table(figures, dimensions, name) if dimensions else None
    if over_time and not everything:
        by_value = slots.get("ranked") and slots.get("order")
        shown_table = _over_time_table(figures, unfinished, str(query.grain), name, by_value=bool(by_value))
    broken_down = query.by and slots.get("operation") not in ("rank", "members")
    beside = _told_beside(compared, figures) if broken_down else ()
    plan = {
        **dict(slots),
        "queries": [query_json(query)],
        "notes": notes,
        "counts": {
            "rows": compose.rows_told(result),
            "beside": len(beside) + len(unfinished),
            "place": slots.get("place") or 0,
            **({"kept": len(figures), "whole": len(compared)} if limited else {}),
            "valued": sum(f.value is not None for f in compared),
            **_members_told(result, slots),
        },
    }
    return framed(
        reader,
        Plan("value", (query,), slots=plan),
        "answered",
        text,
        figures=(
            *figures,
            *(_ends_told(figures, compared) if limited else ()),
            *(() if everything or query.by else unfinished),
            *beside,
            *overall,
        ),
        table=shown_table,
        chart=chart,
    )


def _ends_told(kept: Sequence[Figure], compared: Sequence[Figure]) -> tuple[Figure, ...]:
    """What is told of buckets that do not keep to the limit: the last of all, and where none does the nearest."""
    told = [f for f in compared if isinstance(f.value, int | float)]
    by_value = sorted(told, key=lambda f: float(f.value or 0)) if not kept else []
    ends = [*told[-1:], *by_value[:1], *by_value[-1:]]
    return tuple(f for f in told if f in ends and f not in kept)


def _told_beside(compared: Sequence[Figure], listed: Sequence[Figure]) -> tuple[Figure, ...]:
    """The highest and the lowest that the words tell and the list does not hold."""
    held = {tuple(f.group.items()) for f in listed}
    told = [f for end in compose.ends(compared) for f in end[: compose.TOLD]]
    return tuple(f for f in told if tuple(f.group.items()) not in held)


def _happens(metric: str) -> bool:
    """Whether the figure is of what has happened, not of what lies ahead."""
    found = find(metric)
    return found.over_time and "forecasts" not in found.tables


def best_first(figures: Sequence[Figure], order: str) -> tuple[Figure, ...]:
    """The buckets by value, those of the same value in the order of time."""
    told = [f for f in figures if isinstance(f.value, int | float)]
    return tuple(sorted(told, key=lambda f: float(f.value or 0) * (-1 if order == "desc" else 1)))


def _over_time_table(
    whole: Sequence[Figure], parts: Sequence[Figure], grain: str, name: Name, *, by_value: bool
) -> dict[str, Any]:
    """One row a bucket in the order of time (or as ranked, the parts last), those that are only partly in the data marked."""
    begun = {f.group[grain] for f in parts}
    label = whole[0].label if whole else ""
    listed = [*whole, *(replace(f, label=label) for f in parts)]
    if not by_value:
        listed.sort(key=lambda f: f.group[grain])
    return table(listed, (grain,), lambda d, m: f"{name(d, m)} (part)" if m in begun else name(d, m))


def whole_buckets(
    result: MetricResult, notes: list[str], days: Period
) -> tuple[tuple[Figure, ...], tuple[Figure, ...], list[str]]:
    """Buckets that lie in the known days from end to end, and those that do not, which are told apart and named."""
    grain = result.query.grain
    assert grain is not None
    asked = result.query.period
    start = max(days.start, asked.start) if asked else days.start
    end = min(days.end, asked.end) if asked else days.end
    whole: list[Figure] = []
    parts: list[Figure] = []
    for f in result.figures:
        if f.group[grain] == NOT_GIVEN:
            continue
        span = bucket(f.group[grain], grain)
        (whole if start <= span.start and span.end <= end else parts).append(f)
    if not whole:
        return tuple(parts), (), notes
    notes = [n for n in notes if "partial" not in n]
    if result.query.by:
        named = dict.fromkeys(f.group[grain] for f in parts)
        notes += [f"{key} is only partly in the data: it counts neither as highest nor as lowest." for key in named]
    else:
        notes += [f"{f.group[grain]} is only partly in the data and left out of the comparison: {f.display}." for f in parts]
    return tuple(whole), tuple(replace(f, label=f"{f.label} (part of the {grain})") for f in parts), notes


def _all_groups(query: MetricQuery, plan: Plan) -> MetricQuery:
    """All groups are read before the cut: what is highest, and who ties, is told of all of them."""
    listed = bool(find(query.metric).lists or find(query.metric).along)
    return replace(query, limit=None) if query.by and (plan.slots.get("having") or (query.order and not listed)) else query


def _chosen(result: MetricResult, plan: Plan) -> MetricResult:
    """The result without groups of too few cases for a ranking of rates, and without those that the asker's limit leaves out."""
    query, kept = result.query, result.figures
    notes = result.notes
    if query.order and query.by and find(query.metric).unit in RATED:
        kept = tuple(f for f in kept if f.denominator is None or f.denominator >= display.TINY)
        left = len(result.figures) - len(kept)
        notes = (*notes, f"{left:,} with fewer than {display.TINY} cases are left out.") if left else notes
    having = plan.slots.get("having")
    if having and query.by:  # of a single figure there is nothing to leave out
        kept = tuple(f for f in kept if _passes(f, having[0], float(having[1])))
        return replace(result, figures=kept, notes=notes, groups_in_all=len(kept))
    return replace(result, figures=kept, notes=notes)


def _passes(figure: Figure, sign: str, limit: float) -> bool:
    if not isinstance(figure.value, int | float):
        return False
    value = float(figure.value)
    return {">": value > limit, ">=": value >= limit, "<": value < limit, "<=": value <= limit}[sign]


def _with_former(answer: Answer, result: MetricResult, reader: Reader, name: Name) -> Answer:
    """Adds the period before, of one that is not over the same days of it, where the data covers it."""
    days = known(reader)
    period = result.query.period
    if period is None or period.start <= days.start or period.start > days.end:
        return answer
    former_period = before(period, days.end)
    if former_period.start < days.start:
        return answer
    try:
        former = run_query(replace(result.query, period=former_period), reader).figures[0]
    except RapportError:  # a figure that needs more of the past than there is
        return answer
    former = or_zero(former, find(former.metric), currency(reader))
    if former.value is None:
        return answer
    _, _, rest = answer.text.partition("\n\n")
    return replace(answer, text=f"{compose.value(result, name, former)}\n\n{rest}", figures=(*answer.figures, former))
