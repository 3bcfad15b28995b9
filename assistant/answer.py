"""Runs a plan as one reader: metric queries to figures, searches to quotes, refusals to words. Only here is data read."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from assistant import charts, compose
from assistant.plan import LISTED
from assistant.questions import Answer, Plan, Question, Status
from assistant.understand.entities import Vocabulary
from assistant.voice_answer import comments_of, themes_of
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import BadQuestion, NoData, NotAllowed, RapportError, UnknownName
from knowledge.metrics import find, metrics
from knowledge.query import coverage, explain
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricQuery, MetricResult

Name = Callable[[str, str], str]
SHOWN_ROWS = 1000
FALLBACKS = ("revenue", "orders", "active_customers", "return_rate", "otd", "feedback_count", "csat", "net_sentiment")


def answer_query(query: MetricQuery, reader: Reader, name: Name | None = None) -> Answer:
    """One explicit metric query as an Answer, every group in the table. Fails: as `knowledge.query.run`."""
    name = name or (lambda _, member: member)
    result = run_query(query, reader)
    return _of_result(result, reader, name, {"operation": "query", "metrics": [query.metric]}, everything=True)


def run(plan: Plan, question: Question, reader: Reader, vocabulary: Vocabulary) -> Answer:
    """The answer of a plan. A user's or data error becomes a refusal in words with what can be answered instead."""
    name = _namer(vocabulary)
    if plan.status == "clarify":
        return _base(reader, plan, "clarify", _asking(question, plan), choices=plan.choices)
    if plan.status == "out_of_scope":
        return _beyond(plan, question, reader, vocabulary)
    try:
        if plan.operation == "define":
            return _definition(plan, reader)
        if plan.operation == "order":
            return _order(plan, reader)
        if plan.operation == "themes":
            return themes_of(plan, reader, name, _base)
        if plan.operation == "quotes":
            return comments_of(plan, reader, name, _base)
        return _metric(plan, question, reader, name)
    except RapportError as err:
        if err.exit_code != 1:
            raise
        return refusal(err, reader, plan.queries[0] if plan.queries else None, plan, question)


def _namer(vocabulary: Vocabulary) -> Name:
    """Members as a sentence names them: a bare number says what it is ("customer 14646")."""

    def name(dimension: str, member: str) -> str:
        label = vocabulary.label(dimension, member)
        return label if any(c.isalpha() for c in label) else f"{dimension.replace('_', ' ')} {label}"

    return name


def _metric(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    first = plan.queries[0]
    if plan.operation in ("compare", "growth", "why") and len(plan.queries) == 2:
        return _change(plan, question, reader, name)
    if plan.operation == "share":
        return _shares(plan, reader, name)
    results = [run_query(_counted(q), reader) for q in plan.queries]
    results = [_large_enough(r) for r in results]
    answer = _of_result(results[0], reader, name, plan.slots)
    if plan.operation == "value" and first.period is not None and not first.by and results[0].figures[0].value is not None:
        answer = _with_former(answer, results[0], reader, name)
    for extra in results[1:]:
        more = _of_result(extra, reader, name, plan.slots)
        answer = replace(
            answer,
            text=f"{answer.text}\n\n{more.text}",
            figures=(*answer.figures, *more.figures),
            table=answer.table or more.table,
        )
    return replace(answer, followups=_followups(plan, reader))


def _counted(query: MetricQuery) -> MetricQuery:
    """Rankings of rates read all groups first, so that tiny ones can be left out before the cut."""
    return (
        replace(query, limit=None)
        if query.order and query.by and find(query.metric).unit in ("share", "days", "scale", "points")
        else query
    )


def _large_enough(result: MetricResult) -> MetricResult:
    query = result.query
    if not (query.order and query.by) or find(query.metric).unit not in ("share", "days", "scale", "points"):
        return result
    kept = tuple(f for f in result.figures if f.denominator is None or f.denominator >= display.TINY)
    left = len(result.figures) - len(kept)
    notes = (*result.notes, f"{left:,} with fewer than {display.TINY} cases are left out.") if left else result.notes
    return replace(result, figures=kept, notes=notes)


def _of_result(result: MetricResult, reader: Reader, name: Name, slots: Any, *, everything: bool = False) -> Answer:
    query = result.query
    dimensions = (*query.by, *((query.grain,) if query.grain else ()))
    limit = (
        SHOWN_ROWS
        if everything
        else (slots.get("limit") or (5 if query.order and slots.get("operation") == "rank" else LISTED))
    )
    figures = result.figures[:limit] if dimensions else result.figures
    shown = replace(result, figures=figures)
    told = replace(result, total=None) if everything else result
    chart: Any = None
    if query.grain and not query.by:
        text, chart = (
            compose.over_time(shown, name, query.grain),
            charts.trend(figures, query.grain, figures[0].label if figures else ""),
        )
    elif query.by and query.order:
        text = (
            compose.ranked(shown, name, query.by[0])
            if slots.get("operation") == "rank"
            else compose.broken_down(told, name, query.by[0])
        )
        chart = charts.bars(figures, query.by[0], figures[0].label if figures else "", name)
    elif query.by:
        text, chart = (
            compose.broken_down(told, name, query.by[0]),
            charts.bars(figures, query.by[0], figures[0].label if figures else "", name),
        )
    else:
        text = compose.value(result, name)
    if dimensions and result.groups_in_all > len(figures):
        result = replace(result, notes=(*result.notes, f"{len(figures):,} of {result.groups_in_all:,} shown."))
    table = _table(figures, dimensions, name) if dimensions else None
    text = f"{text}\n\n{compose.quiet([result], reader.snapshot.as_of, _day(reader))}"
    total = result.total if dimensions and not everything else None
    overall = (total,) if total and total.display in text else ()  # a figure of its own only where the text tells it
    counted = {"groups": result.groups_in_all, "shown": len(figures), "rows": result.total.rows if result.total else 0}
    plan = {**dict(slots), "queries": [_query_json(query)], "counts": counted, "notes": list(result.notes)}
    return _base(
        reader, Plan("value", (query,), slots=plan), "answered", text, figures=(*figures, *overall), table=table, chart=chart
    )


def _with_former(answer: Answer, result: MetricResult, reader: Reader, name: Name) -> Answer:
    """Adds the period before, where the data covers it."""
    from assistant.plan import before

    covered = coverage(reader)
    period = result.query.period
    if period is None or period.start <= covered.start:
        return answer
    former_period = before(period, reader.snapshot.as_of.date())
    if former_period.start < covered.start:
        return answer
    former = run_query(replace(result.query, period=former_period), reader).figures[0]
    if former.value is None:
        return answer
    head, _, rest = answer.text.partition("\n\n")
    del head
    return replace(answer, text=f"{compose.value(result, name, former)}\n\n{rest}", figures=(*answer.figures, former))


def _change(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    """Two periods side by side; for "why" also what moved it, and a false premise is put right."""
    one_query, two_query = plan.queries
    covered = coverage(reader)
    if two_query.period and two_query.period.end < covered.start:
        raise NoData(
            f"The data begins on {covered.start:%-d %b %Y}, so there is nothing to compare with.",
            "Ask about a later period.",
            code="outside_period",
        )
    if one_query.by:
        return _change_by(plan, reader, name)
    one, two = run_query(one_query, reader), run_query(two_query, reader)
    now, then = one.figures[0], two.figures[0]
    change = _difference(now, then)
    text = compose.compared(now, then, change, name, one_query)
    figures: tuple[Figure, ...] = (now, then, *((change,) if change else ()))
    table = None
    if (
        plan.operation == "why"
        and change is not None
        and isinstance(now.value, int | float)
        and isinstance(then.value, int | float)
    ):
        moved = "up" if now.value > then.value else "down"
        if question.claim and question.claim != moved and now.value != then.value:
            verb = "rose" if moved == "up" else "fell"
            text = f"It did not: {compose.label(now)} {verb}. " + text
        from assistant.why import contributions

        parts = contributions(one_query, two_query, reader, name)
        if parts is not None:
            text += f" {parts.text}"
            figures, table = (*figures, *parts.figures), parts.table
    text += f"\n\n{compose.quiet([one, two], reader.snapshot.as_of, _day(reader))}"
    return _base(reader, plan, "answered", text, figures=figures, table=table)


def _change_by(plan: Plan, reader: Reader, name: Name) -> Answer:
    one_query, two_query = (replace(q, limit=None, order=None) for q in plan.queries)
    one, two = run_query(one_query, reader), run_query(two_query, reader)
    dimension = one_query.by[0]
    then = {f.group[dimension]: f for f in two.figures}
    rows = []
    for now in one.figures:
        former = then.get(now.group[dimension])
        change = _difference(now, former) if former else None
        if change is not None and isinstance(change.value, int | float):
            rows.append((now, former, change))
    if not rows:
        raise NoData("No group has both periods, so nothing can be compared.", "Ask about other periods.")
    falling = plan.slots.get("order") == "asc"
    rows.sort(key=lambda r: (float(r[2].value or 0) * (1 if falling else -1), r[0].group[dimension]))
    rows = rows[: plan.slots.get("limit") or 10]
    now, former, change = rows[0]
    text = (
        f"**{name(dimension, now.group[dimension])}** changed most: {now.display} against {former.display} ({change.display})."
        if former
        else ""
    )
    text += f"\n\n{compose.quiet([one, two], reader.snapshot.as_of, _day(reader))}"
    table = {
        "columns": [dimension.replace("_", " ").capitalize(), _period_label(one_query), _period_label(two_query), "Change"],
        "rows": [[name(dimension, a.group[dimension]), a.display, b.display if b else "", c.display] for a, b, c in rows],
    }
    figures = tuple(f for row in rows for f in row if f is not None)
    return _base(reader, plan, "answered", text, figures=figures, table=table)


def _period_label(query: MetricQuery) -> str:
    return query.period.label if query.period else "all of the data"


def _difference(now: Figure, then: Figure | None) -> Figure | None:
    """The change between two figures: per cent for sums, points for rates."""
    if then is None or not isinstance(now.value, int | float) or not isinstance(then.value, int | float):
        return None
    if now.unit == "share":
        value = now.value - then.value
        return replace(
            now,
            label=f"Change of {compose.label(now)}",
            value=round(value, 6),
            unit="points",
            display=f"{value * 100:+.1f} points",
            interval=None,
        )
    if now.unit == "points":
        value = now.value - then.value
        return replace(
            now, label=f"Change of {compose.label(now)}", value=round(value, 4), display=f"{value:+.1f}", interval=None
        )
    if not then.value:
        return None
    value = now.value / then.value - 1
    return replace(
        now,
        label=f"Change of {compose.label(now)}",
        value=round(value, 6),
        unit="share",
        display=f"{value * 100:+.1f} %",
        interval=None,
        numerator=None,
        denominator=None,
    )


def _shares(plan: Plan, reader: Reader, name: Name) -> Answer:
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
    parts = []
    for f in result.figures:
        if isinstance(f.value, int | float) and (not wanted or f.group[dimension] in wanted):
            part = f.value / total
            parts.append(
                replace(
                    f,
                    label=f.label,
                    value=round(part, 6),
                    unit="share",
                    display=display.share(part),
                    interval=None,
                    numerator=None,
                    denominator=None,
                )
            )
    parts = parts[: query.limit or LISTED]
    text = f"{compose.shares(parts, result, name, dimension)}\n\n{compose.quiet([result], reader.snapshot.as_of, _day(reader))}"
    by_group = {f.group[dimension]: f for f in result.figures}
    table = {
        "columns": [dimension.replace("_", " ").capitalize(), result.figures[0].label, "Share"],
        "rows": [[name(dimension, p.group[dimension]), by_group[p.group[dimension]].display, p.display] for p in parts],
    }
    return _base(reader, plan, "answered", text, figures=(*parts, *((result.total,) if result.total else ())), table=table)


def _definition(plan: Plan, reader: Reader) -> Answer:
    metric = find(plan.search or "")
    variants = f" Variants: {', '.join(sorted(v.label for v in metric.variants.values()))}." if metric.variants else ""
    text = f"**{metric.label}**: {metric.definition}\n\n`{metric.formula}`\n\n_Source: {metric.source}.{variants}_"
    told = Figure(
        metric.name,
        metric.label,
        None,
        metric.unit,
        metric.formula,
        definition=f"{metric.definition} {variants} {metric.source}",
    )
    slots = {**plan.slots, "definition": f"{metric.definition} {metric.formula} {variants} {metric.source} {metric.label}"}
    del told
    return _base(reader, replace(plan, slots=slots), "answered", text)


def _order(plan: Plan, reader: Reader) -> Answer:
    """Where an order is: its record, stage by stage."""
    wanted = plan.search or ""
    orders = reader.table("orders")
    found = reader.engine.backend.to_pyarrow(orders.filter(orders.order_id.upper() == wanted.upper())).to_pylist()
    if not found:
        raise UnknownName(f"There is no order {wanted} that you can see.", "Check the number.", code="unknown_order")
    row = found[0]
    stages = [
        (n, row.get(c))
        for n, c in (
            ("ordered", "ordered_at"),
            ("promised", "promised_date"),
            ("shipped", "shipped_at"),
            ("delivered", "delivered_at"),
        )
    ]
    told = [f"{n} {_moment(v)}" for n, v in stages if v is not None]
    late = ""
    promised, delivered = row.get("promised_date"), row.get("delivered_at")
    if promised and delivered:
        days = (delivered.date() - promised).days
        late = " On time." if days <= 0 else f" {days} day{'s' if days > 1 else ''} late."
    elif promised and row["status"] == "open" and reader.snapshot.as_of.date() > promised:
        days = (reader.snapshot.as_of.date() - promised).days
        late = f" Open and {days} day{'s' if days > 1 else ''} past its promise."
    carrier = f" Carrier {row['carrier']}." if row.get("carrier") else ""
    text = f"Order **{row['order_id']}** is **{row['status']}**: {', '.join(told)}.{late}{carrier}"
    record = {k: str(v) for k, v in row.items() if v is not None}
    slots = {**plan.slots, "record": record, "told": text}
    from knowledge.records import Citation

    return _base(
        reader,
        replace(plan, slots=slots),
        "answered",
        text,
        citations=(Citation("order", row["order_id"], f"Order {row['order_id']}"),),
    )


def _moment(value: Any) -> str:
    return f"{value:%-d %b %Y}"


def refusal(
    err: RapportError, reader: Reader, query: MetricQuery | None, plan: Plan | None = None, question: Question | None = None
) -> Answer:
    """A refusal in words, with the nearest questions that this reader can have answered."""
    status: Status = "not_allowed" if isinstance(err, NotAllowed) else "no_data" if isinstance(err, NoData) else "out_of_scope"
    if isinstance(err, UnknownName):
        status = "out_of_scope"
    nearest = suggestions(reader, query, question)
    text = f"{err.message} {err.hint}".strip()
    slots = {**(dict(plan.slots) if plan else {}), "refused": {"code": err.code, "message": text}}
    if query is not None and "queries" not in slots:
        slots["queries"] = [_query_json(query)]
    return _base(reader, Plan("value", slots=slots), status, text, nearest=nearest)


def _beyond(plan: Plan, question: Question, reader: Reader, vocabulary: Vocabulary) -> Answer:
    """Words that nothing accounts for: say which, and offer the closest names or questions."""
    words = [w for w in question.unknown if w.strip()]
    close: list[str] = []
    for word in words[:3]:
        bare = re.sub(r"^(customer|account|client|product|article|item)\s+", "", word)
        close += [
            f"{question.text.replace(word, e.label) if word in question.text else question.text.replace(bare, e.label)}"
            for e, likeness in vocabulary.nearest(bare.lower(), limit=2)
            if likeness >= 70
        ]
    nearest = tuple(dict.fromkeys((*close[:2], *suggestions(reader, plan.queries[0] if plan.queries else None, question))))[:3]
    if not question.text.strip():
        text = "Ask about customers, orders, service, returns or what customers say."
    elif words and (question.metrics or question.entities or question.by):
        text = f"I do not know {_quoted(words)} here, so I leave the question unanswered rather than guess."
    else:
        text = "That is not something this workspace's data can answer: I know about customers, orders, service, returns and what customers say."
    return _base(reader, plan, "out_of_scope", text, nearest=nearest)


def _quoted(words: Sequence[str]) -> str:
    return " and ".join(f"“{w}”" for w in words[:3])


def suggestions(reader: Reader, query: MetricQuery | None, question: Question | None = None, limit: int = 3) -> tuple[str, ...]:
    """Questions near this one that this reader can have answered (each is checked to compile)."""
    from rapidfuzz import fuzz

    wanted = find(query.metric) if query else None
    where = query.where if query else ()
    period = query.period if query else None
    said = (question.text if question else wanted.label if wanted else "").lower()

    def closeness(name: str) -> float:
        metric = metrics()[name]
        same = 40.0 * (wanted is not None and metric.dims == wanted.dims) + 20.0 * (
            wanted is not None and metric.unit == wanted.unit
        )
        return same + fuzz.partial_ratio(metric.label.lower(), said) + (15.0 if name in FALLBACKS else 0)

    out = []
    names = [n for n in metrics() if wanted is None or n != wanted.name]
    for name in sorted(names, key=lambda n: (-closeness(n), n))[:12] + list(FALLBACKS):
        metric = metrics()[name]
        kept = tuple(f for f in where if f.dimension in metric.dimensions)
        for p in (period, None):
            try:
                explain(MetricQuery(name, (), kept, p if metric.over_time else None), reader)
            except RapportError:
                continue
            label = metric.label.split(" (")[0].lower()
            members = " ".join(v for f in kept for v in f.values if not f.negated and f.dimension != "sentiment")
            out.append(
                " ".join(
                    x
                    for x in (
                        label,
                        f"for {members}" if members else "",
                        f"in {p.label}" if p and p.label and "," not in p.label else "",
                    )
                    if x
                )
            )
            break
        if len(set(out)) >= limit:
            break
    return tuple(dict.fromkeys(out))[:limit]


def _followups(plan: Plan, reader: Reader) -> tuple[str, ...]:
    """What one would ask next, checked to compile for this reader."""
    query = plan.queries[0]
    metric = find(query.metric)
    tries: list[tuple[str, MetricQuery]] = []
    if metric.over_time and not query.grain:
        tries.append(("by month", replace(query, grain="month", by=(), order=None, limit=None)))
    tries += [
        (f"by {dimension}", replace(query, by=(dimension,), grain=None, order=None, limit=None))
        for dimension in ("region", "country", "category", "customer")
        if (
            dimension in metric.dimensions
            and dimension not in query.by
            and not any(f.dimension == dimension for f in query.where)
        )
    ]
    out = []
    for text, q in tries:
        try:
            explain(q, reader)
        except RapportError:
            continue
        out.append(text)
    return tuple(out[:3])


def _table(figures: Sequence[Figure], dimensions: Sequence[str], name: Name) -> dict[str, Any]:
    counted = any(f.denominator is not None for f in figures)
    columns = [
        *(d.replace("_", " ").capitalize() for d in dimensions),
        figures[0].label if figures else "Value",
        *(["Of"] if counted else []),
    ]
    rows = [
        [
            *(name(d, f.group.get(d, "")) for d in dimensions),
            f.display,
            *([f"{f.denominator:,.0f}" if f.denominator is not None else ""] if counted else []),
        ]
        for f in figures
    ]
    return {"columns": columns, "rows": rows}


def _asking(question: Question, plan: Plan) -> str:
    if plan.reason == "no metric named":
        return f"What about {question.entities[0].label}?"
    return "Which one do you mean?"


def _query_json(query: MetricQuery) -> dict[str, Any]:
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
    }


def _day(reader: Reader) -> str:
    return f"{reader.snapshot.as_of:%-d %b %Y}"


def _base(reader: Reader, plan: Plan, status: Status, text: str, **parts: Any) -> Answer:
    slots = dict(plan.slots)
    slots.setdefault("queries", [_query_json(q) for q in plan.queries])
    return Answer(
        id=uuid.uuid4().hex[:12],
        status=status,
        text=text,
        as_of=reader.snapshot.as_of,
        snapshot=reader.snapshot.id,
        plan=slots,
        **parts,
    )
