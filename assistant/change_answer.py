"""Answers about change and parts: two periods side by side, by group too, shares of a total, averages, an overview."""

from __future__ import annotations

import math
from dataclasses import replace

from assistant import compose
from assistant.metric_answer import whole_buckets
from assistant.plan import LISTED
from assistant.questions import Answer, Plan, Question
from assistant.shape import Name, day, framed, query_json, title
from assistant.why import contributions, volume_mix_price
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import BadQuestion, NoData, RapportError
from knowledge.metrics import find
from knowledge.query import coverage
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricQuery, MetricResult


def changed(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    """Two periods side by side; for "why" also what moved it, and a false premise is put right."""
    one_query, two_query = plan.queries[:2]
    covered = coverage(reader)
    if two_query.period and two_query.period.end < covered.start:
        raise NoData(
            f"The data begins on {covered.start:%-d %b %Y}, so there is nothing to compare with.",
            "Ask about a later period.",
            code="outside_period",
        )
    if one_query.by:
        return _changed_by(plan, reader, name)
    one, two = run_query(one_query, reader), run_query(two_query, reader)
    now, then = one.figures[0], two.figures[0]
    change = difference(now, then)
    text = compose.compared(now, then, change, name, one_query)
    figures: tuple[Figure, ...] = (now, then, *((change,) if change else ()))
    table = None
    if isinstance(now.value, int | float) and isinstance(then.value, int | float):
        moved = "up" if now.value > then.value else "down" if now.value < then.value else "level"
        if question.claim and (question.checks or plan.operation == "why"):
            text = f"{_verdict(question.claim, moved, question.checks, now)} {text}".strip()
        if plan.operation == "why" and change is not None:
            split, by_part = volume_mix_price(one_query, two_query, reader)
            text, figures = text + split, (*figures, *by_part)
            parts = contributions(one_query, two_query, reader, name)
            if parts is not None:
                text += f" {parts.text}"
                figures, table = (*figures, *parts.figures), parts.table
    text += f"\n\n{compose.quiet([one, two], day(reader))}"
    return framed(reader, _noted(plan, one, two), "answered", text, figures=figures, table=table)


def overview(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What changed: the main figures side by side with the period before, those that this workspace has."""
    lines, figures, rows = [], [], []
    results: list[MetricResult] = []
    for one_query, two_query in zip(plan.queries[::2], plan.queries[1::2], strict=True):
        try:
            one, two = run_query(one_query, reader), run_query(two_query, reader)
        except RapportError:
            continue
        now, then = one.figures[0], two.figures[0]
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
    return framed(reader, _noted(plan, *results), "answered", text, figures=tuple(figures), table=table)


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
    text = f"{compose.shares(parts, result, name, dimension)}\n\n{compose.quiet([result], day(reader))}"
    table = {
        "columns": [title(dimension), result.figures[0].label, "Share"],
        "rows": [[name(dimension, p.group[dimension]), f.display, p.display] for f, p in zip(whole, parts, strict=True)],
    }
    told = (result.total,) if result.total else ()
    return framed(reader, _noted(plan, result), "answered", text, figures=(*parts, *told), table=table)


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
    return framed(reader, _noted(plan, result), "answered", text, figures=(figure, counted, whole))


def average(plan: Plan, reader: Reader, name: Name) -> Answer:
    """One figure spread over customers, orders or whole time buckets, with both sides told."""
    query, over_query = plan.queries[:2]
    top = run_query(query, reader)
    total = top.figures[0]
    over = run_query(over_query, reader)
    if over_query.grain:
        figures, _, _ = whole_buckets(over, [], coverage(reader))
        values = [float(f.value) for f in figures if isinstance(f.value, int | float)]
        if not values:
            raise NoData("There is no whole period to average over.", "Widen the period.")
        value, of = sum(values) / len(values), str(over_query.grain)
        count = replace(
            total,
            metric=total.metric,
            label=f"Whole {of}s",
            value=len(values),
            unit="count",
            display=f"{len(values):,}",
            interval=None,
        )
        more: tuple[Figure, ...] = (count,)
        said = f"the mean of {count.display} whole {of}s"
    else:
        bottom = over.figures[0]
        if not isinstance(total.value, int | float) or not isinstance(bottom.value, int | float) or not bottom.value:
            raise NoData("There is nothing to average over.", "Widen the period.")
        value, of = (
            float(total.value) / float(bottom.value),
            {"orders": "order", "active_customers": "customer"}[over_query.metric],
        )
        more = (total, bottom)
        said = f"{total.display} over {bottom.display} {compose.label(bottom)}"
    currency = str(reader.snapshot.facts.get("currency", ""))
    shown = display.figure(round(value, 6), total.unit if total.unit == "money" else "ratio", currency)
    figure = replace(
        total, label=f"{total.label} per {of}", value=round(value, 6), display=shown, interval=None,
        unit=total.unit if total.unit == "money" else "ratio", definition=f"{total.label} divided by {of}s",
    )  # fmt: skip
    text = f"**{figure.display}** {compose.label(figure)}{compose.scope_words(query, name)}{compose.period_words(query.period)} ({said})."
    text += f"\n\n{compose.quiet([top], day(reader))}"
    return framed(reader, _noted(plan, top, over), "answered", text, figures=(figure, *more))


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


def _changed_by(plan: Plan, reader: Reader, name: Name) -> Answer:
    one_query, two_query = (replace(q, limit=None, order=None) for q in plan.queries[:2])
    one, two = run_query(one_query, reader), run_query(two_query, reader)
    dimension = one_query.by[0]
    then = {f.group[dimension]: f for f in two.figures}
    rows = []
    for now in one.figures:
        former = then.get(now.group[dimension])
        change = difference(now, former)
        if former is not None and change is not None and isinstance(change.value, int | float):
            rows.append((now, former, change))
    if not rows:
        raise NoData("No group has both periods, so nothing can be compared.", "Ask about other periods.")
    falling = plan.slots.get("order") == "asc"
    rows.sort(key=lambda r: (float(r[2].value or 0) * (1 if falling else -1), r[0].group[dimension]))
    rows = rows[: plan.slots.get("limit") or 10]
    now, former, change = rows[0]
    text = (
        f"**{name(dimension, now.group[dimension])}** changed most: {now.display} against {former.display} ({change.display})."
    )
    if len(rows) > 1:
        text = f"**{name(dimension, now.group[dimension])}** {'fell' if falling else 'rose'} most: {now.display} against {former.display} ({change.display})."
    text += f"\n\n{compose.quiet([one, two], day(reader))}"
    table = {
        "columns": [title(dimension), _period_label(one_query), _period_label(two_query), "Change"],
        "rows": [[name(dimension, a.group[dimension]), a.display, b.display, c.display] for a, b, c in rows],
    }
    return framed(reader, _noted(plan, one, two), "answered", text, figures=tuple(f for row in rows for f in row), table=table)


def _noted(plan: Plan, *results: MetricResult) -> Plan:
    notes = list(dict.fromkeys(n for r in results for n in r.notes))
    rows = {f"rows_{i}": compose.rows_told(r) for i, r in enumerate(results)}
    return replace(plan, slots={**plan.slots, "notes": notes, "counts": rows, "queries": [query_json(q) for q in plan.queries]})


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
