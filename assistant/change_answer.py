"""Answers about change and parts: two periods side by side, by group too, shares of a total, averages, an overview."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from assistant import charts, compose, spans
from assistant.plan import LISTED
from assistant.questions import Answer, Plan, Question
from assistant.shape import Name, currency, day, framed, noted, title
from assistant.shape import table as shape_table
from assistant.why import contributions, volume_mix_price
from knowledge import display
from knowledge.access import Reader
from knowledge.entities import verbalise
from knowledge.errors import BadQuestion, NoData, RapportError
from knowledge.figures import adds_up, or_zero
from knowledge.metrics import find
from knowledge.query import coverage
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricQuery, MetricResult

CLAIMS = {"more": "up", "less": "down"}
MOVED = 10
"""How many groups are listed by how much they changed, where no number is asked."""


def counted(figure: Figure, reader: Reader) -> Figure:
    """The figure, zero where nothing was counted or added up."""
    return or_zero(figure, find(figure.metric), currency(reader))


def changed(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    """Two periods side by side, like for like; for "why" also what moved it, and a false premise is put right."""
    one_query, two_query = plan.queries[:2]
    turned = _earlier_first(one_query, two_query)
    if turned and one_query.by:
        plan = replace(plan, queries=(two_query, one_query))
    covered = coverage(reader)
    if two_query.period and two_query.period.end < covered.start:
        raise NoData(
            f"The data begins on {covered.start:%-d %b %Y}, so there is nothing to compare with.",
            "Ask about a later period.",
            code="outside_period",
        )
    pair = _pair(question, one_query.metric, reader)
    if one_query.by:
        return _changed_by(plan, pair, reader, name)
    one, two = (_told(run_query(q, reader), pair.notes) for q in (one_query, two_query))
    named = tuple(counted(r.figures[0], reader) for r in (one, two))
    now, then = (named[1], named[0]) if turned else named
    later, former = (two_query, one_query) if turned else (one_query, two_query)
    change = difference(now, then) if pair.fair else None
    text = compose.compared(now, then, change, name, one_query, fair=pair.fair)
    figures: tuple[Figure, ...] = (*named, *((change,) if change else ()))
    table = None
    if pair.fair and isinstance(now.value, int | float) and isinstance(then.value, int | float):
        moved = compose.moved(now, then)
        claim = question.claim or CLAIMS.get(str(question.than))
        claim = TURNED[claim] if turned and claim and plan.operation != "why" else claim  # "was august higher than september"
        if claim and (question.checks or plan.operation == "why"):
            text = f"{_verdict(claim, moved, question.checks, now)} {text}".strip()
        if plan.operation == "why" and change is not None:
            split, by_part = volume_mix_price(later, former, reader)
            text, figures = text + split, (*figures, *by_part)
            parts = contributions(later, former, reader, name)
            if parts is not None:
                text += f" {parts.text}"
                figures, table = (*figures, *parts.figures), parts.table
    text += f"\n\n{compose.quiet([two, one] if turned else [one, two], day(reader))}"
    return framed(reader, noted(plan, one, two), "answered", text, figures=figures, table=table)


TURNED: dict[str, Literal["up", "down"]] = {"up": "down", "down": "up"}


def _earlier_first(one: MetricQuery, two: MetricQuery) -> bool:
    """Whether the period that is named first is the earlier one: a change is told from the earlier to the later all the same."""
    return (
        one.period is not None
        and two.period is not None
        and one.period.start < two.period.start
        and one.period.end < two.period.end
    )


def members_compared(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    """Members side by side, every one that was named in the order of naming, the difference of two, and yes or no where asked."""
    query = plan.queries[0]
    dimension = query.by[0]
    result = run_query(replace(query, limit=None), reader)
    found = {f.group[dimension]: f for f in result.figures}
    asked = tuple(dict.fromkeys(e.value for e in question.entities if e.dimension == dimension))
    figures = tuple(found[m] if m in found else _nothing(m, dimension, result, reader) for m in asked)
    what = compose.label(result.figures[0]) if result.figures else find(query.metric).label.lower()
    where = tuple(f for f in query.where if f.dimension != dimension)
    scope = compose.scope_words(replace(query, where=where), name) + compose.period_words(query.period)
    text = (
        f"{what[:1].upper()}{what[1:]}{scope}: "
        + ", ".join(f"{name(dimension, f.group[dimension])} **{f.display}**" for f in figures)
        + "."
    )
    more: tuple[Figure, ...] = ()
    one, two = figures[0], figures[1]
    if len(figures) == 2 and isinstance(one.value, int | float) and isinstance(two.value, int | float):
        apart = _apart(one, two, reader)
        more = (apart,)
        ahead = "more" if one.value > two.value else "less" if one.value < two.value else "just as much"
        by = f" by {apart.display}" if one.value != two.value else ""
        if question.than:
            text = f"{'Yes' if ahead == question.than else 'No'}. {text}"
        first = name(dimension, one.group[dimension])
        second = name(dimension, two.group[dimension])
        text += " They are equal." if not by else f" {first} is {'above' if ahead == 'more' else 'below'} {second}{by}."
    text += f"\n\n{compose.quiet([result], day(reader))}"
    table = shape_table(figures, (dimension,), name)
    chart = charts.bars(figures, dimension, what, name)
    return framed(reader, noted(plan, result), "answered", text, figures=(*figures, *more), table=table, chart=chart)


def sides_compared(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    """One figure under each of two conditions, side by side, and the difference."""
    results = [run_query(q, reader) for q in plan.queries]
    whole = replace(plan.queries[0], only=question.only)
    told = [next((f for f in (*r.figures, r.total) if f is not None), None) for r in results]
    if None in told:
        raise NoData("One of the two has nothing to measure.", "Widen the period or the conditions.", code="empty")
    one, two = (counted(f, reader) for f in told if f is not None)
    first, second = (verbalise.things(verbalise.subject(s), s, name) for s in question.sides)
    what = compose.label(one)
    scope = compose.scope_words(whole, name) + compose.period_words(whole.period)
    text = f"{what[:1].upper()}{what[1:]}{scope}: {first} **{one.display}**, {second} **{two.display}**."
    more: tuple[Figure, ...] = ()
    if isinstance(one.value, int | float) and isinstance(two.value, int | float):
        more = (_apart(one, two, reader),)
        ahead = "above" if one.value > two.value else "below"
        text += " They are equal." if one.value == two.value else f" The first is {ahead} the second by {more[0].display}."
        if question.than:
            text = f"{'Yes' if (ahead == 'above') == (question.than == 'more') and one.value != two.value else 'No'}. {text}"
    text += f"\n\n{compose.quiet(results, day(reader))}"
    table = {"columns": ["Of", one.label], "rows": [[first, one.display], [second, two.display]]}
    return framed(reader, noted(plan, *results), "answered", text, figures=(one, two, *more), table=table)


def _nothing(member: str, dimension: str, result: MetricResult, reader: Reader) -> Figure:
    """The figure of a member that has none: zero of what adds up, else nothing to measure."""
    metric = find(result.query.metric)
    base = result.total or (result.figures[0] if result.figures else None)
    if base is None:
        raise NoData(f"None of them has anything to measure for {metric.label.lower()}.", "Widen the period.", code="empty")
    empty = replace(
        base, value=None, display="nothing to measure", rows=0, interval=None, numerator=None, denominator=None,
        group={dimension: member},
    )  # fmt: skip
    return counted(empty, reader)


def _apart(one: Figure, two: Figure, reader: Reader) -> Figure:
    """By how much two figures differ, without a sign."""
    gap = abs(float(one.value or 0) - float(two.value or 0))
    base = replace(one, label=f"Difference of {compose.label(one)}", group={}, interval=None, numerator=None, denominator=None)
    if one.unit in ("share", "share_points"):
        return replace(base, value=round(gap, 6), unit="points", display=f"{gap * 100:.1f} points")
    return replace(base, value=round(gap, 6), display=display.figure(round(gap, 6), one.unit, currency(reader)))


def _pair(question: Question, metric: str, reader: Reader) -> spans.Pair:
    """The two periods as the plan has them, with what must be said of them."""
    covered, of = coverage(reader), find(metric)
    period = spans.clipped(question.period, covered)
    today = reader.snapshot.as_of.date()
    return spans.compared(period, question.compare_to, today, covered, adds_up=adds_up(of))


def _told(result: MetricResult, notes: Sequence[str]) -> MetricResult:
    return replace(result, notes=tuple(dict.fromkeys((*result.notes, *notes))))


def overview(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What changed: the main figures side by side with the period before, those that this workspace has."""
    lines, figures, rows = [], [], []
    results: list[MetricResult] = []
    for one_query, two_query in zip(plan.queries[::2], plan.queries[1::2], strict=True):
        try:
            one, two = run_query(one_query, reader), run_query(two_query, reader)
        except RapportError:
            continue
        now, then = (counted(r.figures[0], reader) for r in (one, two))
        change = difference(now, then)
        if change is None or now.value is None or then.value is None:
            continue
        results += [one, two]
        figures += [now, then, change]
        lines.append(f"- {compose.label(now).capitalize()}: **{now.display}**, before {then.display} ({change.display})")
        rows.append([now.label, now.display, then.display, change.display])
    if not figures:
        raise NoData("None of the main figures has data for both periods.", "Ask about one figure, or other periods.")
    one_query, two_query = plan.queries[0], plan.queries[1]
    head = f"{_period_label(one_query)} against {_period_label(two_query)}{compose.scope_words(one_query, name)}:"
    text = f"{head[:1].upper()}{head[1:]}\n\n" + "\n".join(lines) + f"\n\n_Data to {day(reader)}_"
    table = {"columns": ["Figure", _period_label(one_query), _period_label(two_query), "Change"], "rows": rows}
    return framed(reader, noted(plan, *results), "answered", text, figures=tuple(figures), table=table)


def shares(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What part of the total each group has."""
    query = plan.queries[0]
    metric = find(query.metric)
    if not metric.additive:
        raise BadQuestion(
            f"{metric.label} does not add up over groups, so a share of it means nothing.",
            f"Ask for {metric.label.lower()} by group instead.",
            code="not_additive",
        )
    if not query.by and query.only is not None:
        return _share_under(plan, reader, name)
    if not query.by:
        raise BadQuestion("A share needs groups.", f"Ask for the share of {metric.label.lower()} by region or customer.")
    result = run_query(replace(query, limit=None), reader)
    total = float(result.total.value) if result.total and isinstance(result.total.value, int | float) else 0.0
    if not total:
        raise NoData("There is nothing to share out: the total is zero.", "Widen the period.")
    dimension = query.by[0]
    wanted = {e["value"] for e in plan.slots.get("entities", ()) if e["dimension"] == dimension}
    whole = [f for f in result.figures if isinstance(f.value, int | float) and (not wanted or f.group[dimension] in wanted)]
    whole = whole[: query.limit or LISTED]
    parts = [_part(f, total) for f in whole]
    of_all = _together(whole, parts[0], total) if len(wanted) > 1 == len(query.by) and len(parts) > 1 else None
    text = compose.shares(parts, result, name, dimension, _of_whole(query, dimension, name))
    text = f"{text} Together **{of_all.display}**." if of_all else text
    text = f"{text}\n\n{compose.quiet([result], day(reader))}"
    table = {
        "columns": [title(dimension), result.figures[0].label, "Share"],
        "rows": [[name(dimension, p.group[dimension]), f.display, p.display] for f, p in zip(whole, parts, strict=True)],
    }
    told = tuple(f for f in (of_all, result.total) if f)
    return framed(reader, noted(plan, result), "answered", text, figures=(*parts, *told), table=table)


def _together(whole: Sequence[Figure], like: Figure, total: float) -> Figure:
    """The part of the total that several members have together."""
    share = sum(float(f.value or 0) for f in whole) / total
    rows = sum(f.rows for f in whole)
    return replace(like, value=round(share, 6), display=display.share(share), group={}, rows=rows)


def _of_whole(query: MetricQuery, dimension: str, name: Name) -> str:
    """Of what whole the parts are: the filters beside the groups, in words."""
    return compose.scope_words(replace(query, where=tuple(f for f in query.where if f.dimension != dimension)), name)


def _share_under(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What part of the total is that of which a condition holds."""
    query = plan.queries[0]
    one, whole = run_query(query, reader), run_query(replace(query, only=None), reader)
    part, total = one.figures[0] if one.figures else one.total, whole.figures[0] if whole.figures else whole.total
    if total is None or not isinstance(total.value, int | float) or not total.value:
        raise NoData("There is nothing to share out.", "Widen the period.", code="empty")
    part = counted(part or replace(total, value=None, rows=0), reader)
    if not isinstance(part.value, int | float):
        raise NoData("There is nothing to share out.", "Widen the period.", code="empty")
    share = _part(part, float(total.value))
    what = compose.label(total)
    scope = compose.scope_words(replace(query, only=None), name) + compose.period_words(query.period)
    text = f"**{share.display}** of {what}{scope} is{verbalise.condition(query.only, name)}: {part.display} of {total.display}."
    text += f"\n\n{compose.quiet([one, whole], day(reader))}"
    return framed(reader, noted(plan, one, whole), "answered", text, figures=(share, part, total))


def concentration(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What part of the total the largest groups have: so many of them, or such a part of all."""
    query = plan.queries[0]
    result = run_query(replace(query, limit=None, order="desc"), reader)
    amounts = [float(f.value) for f in result.figures if isinstance(f.value, int | float)]
    total = sum(amounts)
    if total <= 0:
        raise NoData("There is nothing to share out: the total is zero.", "Widen the period.")
    wanted = plan.slots.get("part")
    count = math.ceil(float(wanted) * len(amounts) - 1e-9) if wanted else min(int(plan.slots.get("limit") or 1), len(amounts))
    value = round(sum(amounts[:count]) / total, 6)
    what = f"{query.by[0].replace('_', ' ')}s" if not query.by[0].endswith("y") else f"{query.by[0][:-1]}ies"
    base = replace(result.figures[0], group={}, interval=None, numerator=None, denominator=None, rows=compose.rows_told(result))
    figure = replace(base, metric="revenue_concentration" if base.metric == "revenue" and query.by[0] == "customer" else base.metric,
                     label=f"Share of the largest {what}", value=value, unit="share", display=display.share(value))  # fmt: skip
    counted = replace(base, label=f"Largest {what}", value=count, unit="count", display=f"{count:,}")
    whole = replace(base, label=title(query.by[0]) + "s in all", value=len(amounts), unit="count", display=f"{len(amounts):,}")
    text = f"The **{counted.display}** largest of {whole.display} {what} make up **{figure.display}** of {compose.label(base)}"
    text += f"{compose.scope_words(query, name)}{compose.period_words(query.period)}.\n\n{compose.quiet([result], day(reader))}"
    return framed(reader, noted(plan, result), "answered", text, figures=(figure, counted, whole))


def difference(now: Figure, then: Figure | None) -> Figure | None:
    """The change between two figures: per cent for sums, points for rates."""
    if then is None or not isinstance(now.value, int | float) or not isinstance(then.value, int | float):
        return None
    base = replace(now, label=f"Change of {compose.label(now)}", interval=None, numerator=None, denominator=None)
    moved = now.value - then.value
    if now.unit in ("share", "share_points"):
        return replace(base, value=round(moved, 6), unit="points", display=f"{moved * 100:+.1f} points")
    if now.unit in ("points", "scale"):
        return replace(base, value=round(moved, 4), display=f"{moved:+.1f}" if now.unit == "points" else f"{moved:+.2f}")
    if not then.value:
        return None
    part = now.value / then.value - 1
    return replace(base, value=round(part, 6), unit="share", display=f"{part * 100:+.1f} %")


def _verdict(claim: str, moved: str, checks: bool, now: Figure) -> str:
    verb = {"up": "rose", "down": "fell", "level": "did not change"}[moved]
    what = compose.label(now)
    if claim == moved:
        return "Yes." if checks else ""
    start = "No" if checks else "It did not"
    return f"{start}: {what} {verb}."


def _changed_by(plan: Plan, pair: spans.Pair, reader: Reader, name: Name) -> Answer:
    """Every group of two periods by how much it changed: of what adds up, one that is missing from a period counts as zero."""
    one_query, two_query = (replace(q, limit=None, order=None) for q in plan.queries[:2])
    one, two = (_told(run_query(q, reader), pair.notes) for q in (one_query, two_query))
    dimension = one_query.by[0]
    now_by, then_by = ({f.group[dimension]: f for f in r.figures} for r in (one, two))
    rows, new = [], 0
    for member in sorted(now_by.keys() | then_by.keys()):
        now = now_by.get(member) or _nothing(member, dimension, one, reader)
        former = then_by.get(member) or _nothing(member, dimension, two, reader)
        change = difference(now, former)
        if change is not None and isinstance(change.value, int | float):
            rows.append((now, former, change))
        elif now.value:
            new += 1
    if not pair.fair or not rows:
        why = " ".join(pair.notes) if not pair.fair else "No group has a figure for both periods."
        raise NoData(f"The two periods cannot be compared. {why}", "Ask about other periods.")
    falling = plan.slots.get("order") == "asc"
    rows.sort(key=lambda r: (float(r[2].value or 0) * (1 if falling else -1), r[0].group[dimension]))
    count = len(rows)
    place = plan.slots.get("place") or 1
    rows = rows[: plan.slots.get("limit") or MOVED]
    if place > len(rows):
        raise NoData(f"There are {count:,}, so none has place {place}.", "Ask for another place.", code="empty")
    now, former, change = rows[place - 1]
    moved = float(change.value or 0)
    said = "fell" if moved < 0 else "rose" if moved > 0 else "did not change"
    first = f"**{name(dimension, now.group[dimension])}** {said}"
    against_asked = (moved > 0) == falling and moved != 0
    how = "least" if against_asked else "most"
    text = f"{first} {how}: {now.display} against {former.display} ({change.display})."
    if place > 1:
        ahead = " and ".join(name(dimension, a.group[dimension]) for a, _, _ in rows[: place - 1])
        text = f"{first}: {now.display} against {former.display} ({change.display}). That is place {place}, after {ahead}."
    elif against_asked:
        text = f"None {'fell' if falling else 'rose'}. {text}"
    notes = []
    if new:
        notes.append(f"{new:,} without a figure before are left out: there is nothing to grow from.")
    if count > len(rows):
        notes.append(f"{len(rows):,} of {count:,} shown.")
    if change.unit == "share":
        notes.append("Ranked by the change in per cent.")
    one = _told(one, notes)
    text += f"\n\n{compose.quiet([one, two], day(reader))}"
    table = {
        "columns": [title(dimension), _period_label(one_query), _period_label(two_query), "Change"],
        "rows": [[name(dimension, a.group[dimension]), a.display, b.display, c.display] for a, b, c in rows],
    }
    return framed(reader, noted(plan, one, two), "answered", text, figures=tuple(f for row in rows for f in row), table=table)


def _part(figure: Figure, total: float) -> Figure:
    value = float(figure.value or 0) / total
    return replace(
        figure,
        value=round(value, 6),
        unit="share",
        display=display.share(value),
        interval=None,
        numerator=None,
        denominator=None,
    )


def _period_label(query: MetricQuery) -> str:
    return query.period.label if query.period else "all of the data"
