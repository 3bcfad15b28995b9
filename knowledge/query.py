"""The metric layer's door: checks a metric query, runs it as one reader, and gives figures that explain themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from knowledge.access import Reader, Scope, open_to_all
from knowledge.asof import far_sentences
from knowledge.bounds import bounded
from knowledge.checks import checked
from knowledge.compile import column_of, compile_metric
from knowledge.compile import run as run_compiled
from knowledge.compile import sql as compiled_sql
from knowledge.errors import BadQuestion, NoData
from knowledge.figures import figures_of, notes_of, ordered, partial, without_gaps
from knowledge.metrics import definitions, metrics
from knowledge.metrics.own import NOTHING, Own, OwnDimension, in_force
from knowledge.metrics.registry import RIGHT_OF, Metric
from knowledge.records import Figure, Filter, MetricQuery, MetricResult, Period
from knowledge.totals import adds_up, summed

EVERYBODYS = ""
"""Whose the member of a table is that tells of no customer."""


def run(query: MetricQuery, reader: Reader) -> MetricResult:
    """The figures of a query: one a group, in order, and the total over all.

    Fails: UnknownName, BadQuestion, NotAllowed, NoData, each in words with what to do."""
    key = (
        "metric",
        reader.snapshot.id,
        reader.snapshot.as_of,
        reader.scope.accounts,
        reader.scope.rights,
        reader.scope.role,
        query,
    )
    with in_force(definitions.of_snapshot(reader.snapshot)):
        return reader.engine.results.get(key, lambda: _run(query, reader), lambda found: len(found.figures))


def _run(asked: MetricQuery, reader: Reader) -> MetricResult:
    metric, query, context = checked(asked, reader)
    by = tuple(d for d in query.by if d != metric.along)
    members_of = tuple(f for f in query.where if f.dimension == metric.along)
    split = replace(query, by=by, where=tuple(f for f in query.where if f.dimension != metric.along))
    dimensions = (*by, *((query.grain,) if query.grain else ()))
    parts = compile_metric(metric, split, context) if dimensions else []
    rows = run_compiled(parts, dimensions, context)
    if adds_up(metric, split, parts):
        total_row = summed(metric, list(rows.values()))
    else:
        total_row = run_compiled(compile_metric(metric, split, context, grouped=False), (), context).get((), {})
    unmeasured = int(total_row.get(metric.unmeasured, 0) or 0) if metric.unmeasured else 0
    notes = (*notes_of(metric, query, context, total_row, unmeasured), *far_sentences(reader.snapshot.facts, metric.tables))
    _add_span(metric, query, total_row, reader)
    overall = None if metric.along else figures_of(metric, query, context, {}, total_row)
    if not dimensions:
        _one_unit(metric, total_row)
    if not dimensions and overall:
        one = bounded(overall[0], metric, split, context)
        return MetricResult(query, (one, *overall[1:]), one, notes, unmeasured, 1)
    pairs = []
    untold: list[Figure] = []
    for key, row in rows.items() if dimensions else [((), total_row)]:
        _one_unit(metric, row)
        _add_span(metric, query, row, reader)
        found = figures_of(metric, query, context, dict(zip(dimensions, key, strict=True)), row)
        found = [f for f in found if all(_fits(f.group[metric.along], c) for c in members_of)]
        if None in key:  # nobody without a segment is no segment
            found = [f for f in found if f.rows]
        pairs += [(f, row.get("rank")) for f in found if f.value is not None]
        untold += [f for f in found if f.value is None and f.rows]
    if not pairs and not asked.by and not query.grain:
        raise NoData(f"There is nothing in scope for {metric.label.lower()}.", "Widen the period or the filters.", code="empty")
    covered = coverage(reader)
    currency = str(reader.snapshot.facts.get("currency", ""))
    figures = without_gaps(ordered(pairs, query, metric), untold, query, metric, covered, currency)
    shown = tuple(figures[: query.limit] if query.limit else figures)
    if query.grain:
        notes = (*notes, *partial(query, covered))
    if metric.along:
        query = replace(query, by=(*by, metric.along))
    alone = bool(metric.one_each) or metric.apart in by
    total = overall[0] if overall and not alone and not _mixed(metric, total_row) else None
    return MetricResult(query, shown, total, notes, unmeasured, len(figures))


def _fits(member: str, condition: Filter) -> bool:
    return (member.casefold() in {v.casefold() for v in condition.values}) != condition.negated


def explain(query: MetricQuery, reader: Reader) -> str:
    """The SQL that `run` would run, over the tables by their names: not over what is kept of them in memory."""
    with in_force(definitions.of_snapshot(reader.snapshot)):
        metric, query, context = checked(query, reader.bare())
        where = tuple(f for f in query.where if f.dimension != metric.along)
        query = replace(query, by=tuple(d for d in query.by if d != metric.along), where=where)
        return compiled_sql(compile_metric(metric, query, context), context)


def _add_span(metric: Metric, query: MetricQuery, row: dict[str, Any], reader: Reader) -> None:
    """The days that a frequency is over: those of the bucket or the period inside the data, else since the first order in scope."""
    if "since" not in metric.components or row.get("since") is None:
        return
    covered = coverage(reader)
    first = date(1970, 1, 1) + timedelta(days=-int(row["since"]))
    if query.grain:
        days = {"day": 1, "week": 7, "month": 30.4375, "quarter": 91.3125, "year": 365.25}[query.grain]
    elif query.period is not None:
        days = (min(query.period.end, covered.end) - max(query.period.start, covered.start)).days + 1
    else:
        days = (covered.end - first).days + 1
    row["span_days"] = max(1, days)


def _mixed(metric: Metric, row: dict[str, Any]) -> bool:
    return metric.one_unit and (row.get("units_of_measure") or 0) > 1


def _one_unit(metric: Metric, row: dict[str, Any]) -> None:
    """Fails: BadQuestion (`mixed_units`) where pieces would be added to boxes."""
    if _mixed(metric, row):
        raise BadQuestion(
            f"{metric.label} would add up {int(row['units_of_measure'])} units of measure (pieces, boxes …).",
            "Ask by product, or for one article.",
            code="mixed_units",
        )


def can_run(query: MetricQuery, reader: Reader) -> None:
    """Fails as `run` would before it reads a row: names, rights, dimensions, what the data lacks."""
    with in_force(definitions.of_snapshot(reader.snapshot)):
        checked(query, reader)


def members(dimension: str, reader: Reader) -> list[tuple[str, str]]:
    """Ids and labels of a dimension's members that this reader may see, sorted by id; empty where there are none."""
    if (right := RIGHT_OF.get(dimension)) is not None and not reader.scope.may(right):
        return []
    added = definitions.of_snapshot(reader.snapshot).dimensions.get(dimension)
    if added is not None:
        return _own_members(added, reader)
    if reader.scope.accounts is not None and open_to_all(column_of(dimension)[0]):
        key = ("members", reader.snapshot.id, dimension)
        everybody = Reader(reader.workspace, reader.snapshot, Scope.of_role("admin"), reader.engine)
        owned = reader.engine.results.get(key, lambda: _members(dimension, everybody), len)
        accounts = reader.scope.accounts
        seen = {(i, label) for i, label, owner in owned if owner == EVERYBODYS or owner in accounts}
        return sorted((i, label) for i, label in seen if dimension != "parent" or i in accounts)
    return sorted({(i, label) for i, label, _ in _members(dimension, reader)})


def _members(dimension: str, reader: Reader) -> list[tuple[str, str, str | None]]:
    """Ids and labels with the customer whose record names each."""
    table_name, column = column_of(dimension)
    try:
        table = reader.table(table_name)
        if "customer_id" not in table.columns and "feedback_id" in table.columns:
            table = table.join(reader.table("feedback").select("feedback_id", "customer_id"), "feedback_id")
    except NoData:
        return []
    if column not in table.columns:
        return []
    label = "name" if dimension in ("customer", "product", "theme") else column
    owned = "customer_id" in table.columns and reader.scope.accounts is None
    rows = table.filter(table[column].notnull())
    owner = {"owner": rows.customer_id} if owned else {}
    found = reader.engine.backend.to_pyarrow(
        rows.select(id=rows[column].cast("string"), label=rows[label].cast("string"), **owner).distinct()
    ).to_pylist()
    return [(r["id"], r["label"] or r["id"], r.get("owner", EVERYBODYS)) for r in found]


def _own_members(dimension: OwnDimension, reader: Reader) -> list[tuple[str, str]]:
    """Members of a dimension of the company's own, from all the tables that tell it."""
    found: set[str] = set()
    for source in dimension.sources:
        try:
            table = reader.table(source.table)
        except NoData:
            continue
        told = table.select(member=source.value(table).cast("string")).distinct()
        found |= {m for m in reader.engine.backend.to_pyarrow(told)["member"].to_pylist() if m}
    return [(m, m) for m in sorted(found)]


def coverage(reader: Reader) -> Period:
    """The days from the first to the last event in the data, orders first, else returns, else comments."""
    return reader.once("coverage", lambda: _coverage(reader))


def _coverage(reader: Reader) -> Period:
    import ibis

    for name, column in (("orders", "ordered_at"), ("returns", "requested_at"), ("feedback", "at")):
        if reader.rows(name):
            table = reader.table(name)
            moment = ibis.literal(reader.snapshot.as_of_tables((name,)), type="timestamp('UTC')")
            table = table.filter(table[column] <= moment)
            row = reader.engine.backend.to_pyarrow(
                table.aggregate(first=table[column].date().min(), last=table[column].date().max())
            ).to_pylist()[0]
            if row["first"] is not None:
                return Period(row["first"], max(row["last"], row["first"]), "all of the data")
    day = reader.snapshot.as_of.date()
    return Period(day, day, "all of the data")


def catalogue(added: Own = NOTHING) -> list[dict[str, Any]]:
    """Every metric as a plain record, those that a company `added` last, for `rapport metrics` and the documentation."""
    with in_force(added):
        return _catalogue()


def _catalogue() -> list[dict[str, Any]]:
    return [
        {
            "name": m.name,
            "label": m.label,
            "synonyms": list(m.synonyms),
            "unit": m.unit,
            "definition": m.definition,
            "formula": m.formula,
            "dimensions": list(m.dimensions),
            "grains": ["day", "week", "month", "quarter", "year"] if m.over_time else [],
            "date": m.date,
            "direction": m.direction,
            "sensitivity": m.sensitivity,
            "needs": list(m.needs),
            "variants": sorted(
                {v.name for v in m.variants.values()} | ({"otd.grace(l)", "otd.window(e,l)"} if m.name == "otd" else set())
            ),
            "source": m.source,
        }
        for m in metrics().values()
    ]


def previous(query: MetricQuery, reader: Reader) -> MetricQuery:
    """The same query over the period of equal length just before."""
    period = query.period or coverage(reader)
    start = period.start - timedelta(days=period.days)
    return replace(query, period=Period(start, period.start - timedelta(days=1)))
