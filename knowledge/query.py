"""The metric layer's door: checks a metric query, runs it as one reader, and gives figures that explain themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from knowledge import display
from knowledge.access import Reader
from knowledge.compile import LOOKUPS, column_of, compile_metric
from knowledge.compile import run as run_compiled
from knowledge.compile import sql as compiled_sql
from knowledge.errors import BadQuestion, NoData, NotAllowed
from knowledge.intervals import nps_margin, t_interval, wilson
from knowledge.metrics import find, metrics
from knowledge.metrics.bases import Context
from knowledge.metrics.registry import Metric
from knowledge.records import Figure, MetricQuery, MetricResult, Period

NOT_GIVEN = "(not given)"
WARN, REFUSE = 0.20, 0.60


def run(query: MetricQuery, reader: Reader) -> MetricResult:
    """The figures of a query: one a group, in order, and the total over all.

    Fails: UnknownName, BadQuestion, NotAllowed, NoData, each in words with what to do."""
    metric, context = _checked(query, reader)
    dimensions = (*query.by, *((query.grain,) if query.grain else ()))
    whole = compile_metric(metric, query, context, grouped=False)
    total_row = run_compiled(whole, (), context).get((), {})
    total = _figure(metric, query, context, {}, total_row)
    unmeasured = int(total_row.get(metric.unmeasured, 0) or 0) if metric.unmeasured else 0
    notes = _notes(metric, query, context, total_row, unmeasured)
    if not dimensions:
        return MetricResult(query, (total,), total, notes, compiled_sql(whole, context), unmeasured, 1)
    parts = compile_metric(metric, query, context)
    rows = run_compiled(parts, dimensions, context)
    figures = [_figure(metric, query, context, dict(zip(dimensions, key, strict=True)), row) for key, row in rows.items()]
    figures = _ordered([f for f in figures if f.value is not None], query)
    shown = tuple(figures[: query.limit] if query.limit else figures)
    if query.grain:
        notes = (*notes, *_partial(query, context))
    return MetricResult(query, shown, total, notes, compiled_sql(parts, context), unmeasured, len(figures))


def explain(query: MetricQuery, reader: Reader) -> str:
    """The SQL that `run` would run."""
    metric, context = _checked(query, reader)
    return compiled_sql(compile_metric(metric, query, context), context)


def members(dimension: str, reader: Reader) -> list[tuple[str, str]]:
    """Ids and labels of a dimension's members that this reader may see, sorted by id; empty where there are none."""
    table_name, column = column_of(dimension)
    try:
        table = reader.table(table_name)
    except NoData:
        return []
    if column not in table.columns:
        return []
    label = "name" if dimension in ("customer", "product", "theme") else column
    rows = (
        table.filter(table[column].notnull())
        .select(id=table[column].cast("string"), label=table[label].cast("string"))
        .distinct()
    )
    found = reader.engine.backend.to_pyarrow(rows).to_pylist()
    return sorted((r["id"], r["label"] or r["id"]) for r in found)


def coverage(reader: Reader) -> Period:
    """The days from the first to the last event in the data, orders first, else returns, else comments."""
    for name, column in (("orders", "ordered_at"), ("returns", "requested_at"), ("feedback", "at")):
        if reader.rows(name):
            table = reader.table(name)
            row = reader.engine.backend.to_pyarrow(
                table.aggregate(first=table[column].date().min(), last=table[column].date().max())
            ).to_pylist()[0]
            if row["first"] is not None:
                return Period(row["first"], max(row["last"], row["first"]), "all of the data")
    day = reader.snapshot.as_of.date()
    return Period(day, day, "all of the data")


def catalogue() -> list[dict[str, Any]]:
    """Every metric as a plain record, for `rapport metrics` and the documentation."""
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


def _checked(query: MetricQuery, reader: Reader) -> tuple[Metric, Context]:
    metric = find(query.metric)
    if not reader.scope.may(metric.sensitivity):
        raise NotAllowed(f"{metric.label} is not open to the role {reader.scope.role}.", "A manager can see it.")
    for dimension in (*query.by, *(f.dimension for f in query.where)):
        if dimension not in metric.dimensions:
            raise BadQuestion(
                f"{metric.label} cannot be split by `{dimension}`.",
                f"It can by: {', '.join(metric.dimensions)}.",
                code="no_dimension",
            )
        if dimension == "agent" and not reader.scope.may("personal"):
            raise NotAllowed("Figures by agent are personal.", "A manager can see them.")
    if query.grain and not metric.over_time:
        raise BadQuestion(
            f"{metric.label} is a state as of now, so it has no {query.grain}s.", "Leave the period out.", code="no_dimension"
        )
    facts = reader.snapshot.facts
    if metric.unit == "money" and facts.get("currency") == "mixed":
        raise NoData(
            "The sources are in several currencies and there is no rate table.",
            "Convert them before importing.",
            code="mixed_currency",
        )
    for need in metric.needs:
        _needed(need, metric, reader)
    for dimension in (*query.by, *(f.dimension for f in query.where)):
        table, column = column_of(dimension)
        if not reader.filled(table, column):
            raise NoData(
                f"{metric.label} by {dimension.replace('_', ' ')} needs `{table}.{column}`, which is empty.",
                "Import it, or split by another dimension.",
            )
    context = Context(reader, query.as_of or reader.snapshot.as_of)
    if query.period is not None and metric.over_time:
        covered = coverage(reader)
        if query.period.start > covered.end or query.period.end < covered.start:
            raise NoData(
                f"The data covers {covered.start:%-d %b %Y} to {covered.end:%-d %b %Y}; {query.period.label or 'that period'} is outside.",
                "Ask for a period inside.",
                code="outside_period",
            )
    return metric, context


def _needed(need: str, metric: Metric, reader: Reader) -> None:
    table, _, columns = need.partition(".")
    if "=" in columns:
        column, _, status = columns.partition("=")
        if status in reader.snapshot.facts.get("unrecorded_statuses", ()):
            raise NoData(
                f"{metric.label} needs `{table}.{column}` = {status}, which this source does not record.",
                "Import orders with their status.",
            )
        return
    if not any(reader.filled(table, c) for c in columns.split("|")):
        wanted = " or ".join(f"`{table}.{c}`" for c in columns.split("|"))
        raise NoData(
            f"{metric.label} needs {wanted}, which this workspace does not have.", "Import it, then run `rapport build`."
        )


def _figure(metric: Metric, query: MetricQuery, context: Context, key: dict[str, Any], row: dict[str, Any]) -> Figure:
    value = metric.combine(row) if row and all(n in row for n in metric.components) else None
    currency = str(context.reader.snapshot.facts.get("currency", ""))
    count = int(row.get(metric.rows) or 0) if row else 0
    numerator = denominator = None
    interval = None
    if value is not None and metric.interval == "wilson":
        numerator, denominator = float(row["k"] or 0), float(row["n"])
        interval = wilson(numerator, denominator)
    elif value is not None and metric.interval == "t":
        interval = t_interval(value, float(row["sd"] or 0), count)
    elif value is not None and metric.interval == "nps":
        margin = nps_margin(float(row["p"]), float(row["d"]), float(row["n"]))
        interval = (value - margin, value + margin)
    if value is not None and float(value).is_integer() and metric.unit in ("count", "qty"):
        value = int(value)
    return Figure(
        metric=metric.name,
        label=metric.label,
        value=value,
        unit=metric.unit,
        display=display.figure(value, metric.unit, currency, numerator, denominator),
        filters={f.dimension: list(f.values) for f in query.where},
        group={d: _group(d, v) for d, v in key.items()},
        period=query.period,
        rows=count,
        interval=interval,
        definition=metric.definition,
        source=metric.source,
        as_of=context.as_of,
        numerator=numerator,
        denominator=denominator,
    )


def _group(dimension: str, value: Any) -> str:
    if value is None:
        return NOT_GIVEN
    if isinstance(value, date):
        labels = {"year": f"{value:%Y}", "quarter": f"{value:%Y}-Q{(value.month + 2) // 3}", "month": f"{value:%Y-%m}"}
        return labels.get(dimension, value.isoformat())
    return str(value)


def _ordered(figures: list[Figure], query: MetricQuery) -> list[Figure]:
    if query.order is None:
        return sorted(figures, key=lambda f: tuple(reversed([*f.group.values()])) if query.grain else tuple(f.group.values()))
    sign = -1 if query.order == "desc" else 1
    return sorted(figures, key=lambda f: (sign * round(float(f.value or 0), 9), tuple(f.group.values())))


def _notes(metric: Metric, query: MetricQuery, context: Context, row: dict[str, Any], unmeasured: int) -> tuple[str, ...]:
    notes = []
    if unmeasured:
        share = unmeasured / (unmeasured + int(row.get(metric.rows) or 0))
        if share > REFUSE:
            raise NoData(
                f"{metric.label} can be measured for only {1 - share:.0%} of the rows.",
                "Fill the missing values first.",
                code="unmeasured",
            )
        notes.append(
            f"{unmeasured:,} without the needed values are left out"
            + (" (more than a fifth: take care)." if share > WARN else ".")
        )
    if row.get("disorder"):
        notes.append(f"{int(row['disorder']):,} with times out of order are left out.")
    if metric.date == "svc" and context.delivered_only:
        notes.append("Of delivered orders only: this source holds open and delivered orders in other proportions than life.")
    if metric.note:
        notes.append(metric.note[0].upper() + metric.note[1:] + ".")
    if any(d in LOOKUPS for d in query.by) and (query.grain or query.period):
        notes.append("Attributes of customers and products are as they are now.")
    return tuple(notes)


def _partial(query: MetricQuery, context: Context) -> tuple[str, ...]:
    covered = coverage(context.reader)
    last = min(covered.end, query.period.end) if query.period else covered.end
    following = last + timedelta(days=1)
    ends = {
        "day": True,
        "week": following.weekday() == 0,
        "month": following.day == 1,
        "quarter": following.day == 1 and following.month % 3 == 1,
        "year": (following.month, following.day) == (1, 1),
    }
    return () if not query.grain or ends[query.grain] else (f"The last {query.grain} is partial (to {last:%-d %b %Y}).",)


def previous(query: MetricQuery, reader: Reader) -> MetricQuery:
    """The same query over the period of equal length just before."""
    period = query.period or coverage(reader)
    start = period.start - timedelta(days=period.days)
    return replace(query, period=Period(start, period.start - timedelta(days=1)))
