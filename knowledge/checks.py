"""Whether a metric query makes sense, may be asked by this reader, and has what it needs; if not, why, in words (METRICS A12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge.access import Reader
from knowledge.compile import column_of
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.predicates import Compare, Did, Part, Predicate, Reaches, leaves
from knowledge.errors import BadQuestion, NoData, NotAllowed, RapportError
from knowledge.metrics import find
from knowledge.metrics.bases import Context
from knowledge.metrics.registry import RIGHT_OF, Metric
from knowledge.records import MetricQuery, Period
from knowledge.schema import TABLES

MONTHS = ("month", "quarter", "year")


def completed(query: MetricQuery, metric: Metric, reader: Reader) -> MetricQuery:
    """The query as it will run: a list is listed by its own dimensions, costs that are known by month cover whole months,
    a state of a period is the state at its end, and a change that names no period is over the last twelve months.

    Where a filter leaves one member of a list's dimension, that dimension is not repeated."""
    one = {f.dimension for f in query.where if len(f.values) == 1 and not f.negated}
    by = query.by or tuple(d for d in metric.lists if d not in one)
    if metric.apart and metric.apart not in {*by, *one}:
        by = (*by, metric.apart)
    listed = bool(metric.along) or (bool(by) and not query.by)
    query = replace(
        query,
        by=by,
        order=query.order or (metric.order if listed else None),
        limit=query.limit or (metric.limit if listed else None),
    )
    if metric.by_month and query.period is not None and query.period.start.day != 1:
        query = replace(query, period=Period(query.period.start.replace(day=1), query.period.end, query.period.label))
    zone = ZoneInfo(str(reader.snapshot.facts.get("zone", "UTC")))
    today = (query.as_of or reader.snapshot.as_of_tables(metric.tables)).astimezone(zone).date()
    if metric.default_days and query.period is None:
        query = replace(query, period=Period(today - timedelta(days=metric.default_days - 1), today, "the last 12 months"))
    if metric.date == "snap" and query.period is not None:
        end = min(query.period.end, today)
        moment = datetime.combine(end, time.max, zone).astimezone(UTC)
        query = replace(query, period=None, as_of=moment if end < today else query.as_of)
    return query


def checked(query: MetricQuery, reader: Reader) -> tuple[Metric, MetricQuery, Context]:
    """The metric, the completed query and where it looks. Fails: UnknownName, BadQuestion, NotAllowed, NoData."""
    metric = find(query.metric)
    _allowed(metric, query, reader)
    query = completed(query, metric, reader)
    _sensible(metric, query)
    _there(metric, query, reader)
    context = Context(reader, query.as_of or reader.snapshot.as_of_tables(metric.tables))
    _covered(metric, query, reader)
    return metric, query, context


def _allowed(metric: Metric, query: MetricQuery, reader: Reader) -> None:
    if not reader.scope.may(metric.sensitivity):
        raise NotAllowed(f"{metric.label} is not open to the role {reader.scope.role}.", "A manager can see it.")
    for dimension in (*query.by, *(f.dimension for f in query.where)):
        if "." in dimension:
            _attribute_allowed(dimension, reader)
            continue
        right = RIGHT_OF.get(dimension)
        if right is not None and dimension in metric.dimensions and not reader.scope.may(right):
            raise NotAllowed(f"Figures by {dimension.replace('_', ' ')} are {right}.", "A manager can see them.")
    condition_allowed(query.only, reader, tuple(path for part in metric.components.values() for path in part.reads))


def _attribute_allowed(path: str, reader: Reader) -> None:
    """Fails: NotAllowed where it is not for this reader, NoData where what it needs is empty."""
    of, known = attribute(path)
    for right in (of.right, known.right):
        if not reader.scope.may(right):
            raise NotAllowed(f"{known.label.capitalize()} is {right}.", "A manager can see it.")
    for need in known.needs or (f"{of.table}.{_key_of(of.table)}",):
        if not reader.filled(*need.split(".", 1)):
            raise NoData(
                f"{known.label.capitalize()} of {of.plural} needs `{need}`, which is empty.",
                "Import it, then run `rapport build`.",
            )


def _key_of(table: str) -> str:
    return TABLES[table].key[0] if table in TABLES else "feedback_id"


def condition_allowed(only: Predicate | None, reader: Reader, also: tuple[str, ...] = ()) -> None:
    """Every attribute and metric that a condition speaks of, also inside its parts, and the attributes in `also`.

    Fails: NotAllowed where one is not for this reader, NoData where what it needs is empty."""
    for path in also:
        _attribute_allowed(path, reader)
    for leaf in leaves(only):
        if isinstance(leaf, Compare):
            _attribute_allowed(leaf.attribute, reader)
        if isinstance(leaf, Did):
            done = entity(leaf.done)
            if not reader.rows(done.table):
                raise NoData(f"There is no data: this needs `{done.table}`.", "Import it, then run `rapport build`.")
        if isinstance(leaf, Reaches | Part):
            metric = find(leaf.metric)
            if not reader.scope.may(metric.sensitivity):
                raise NotAllowed(f"{metric.label} is not open to the role {reader.scope.role}.", "A manager can see it.")
            for need in metric.needs:
                _needed(need, metric, reader)
        if isinstance(leaf, Did | Reaches):
            condition_allowed(leaf.where, reader)


def _sensible(metric: Metric, query: MetricQuery) -> None:
    for dimension in (*query.by, *(f.dimension for f in query.where)):
        if "." in dimension:
            continue  # whether the rows lead to it shows when they are joined
        if dimension not in metric.dimensions and not (dimension == metric.along and dimension in query.by):
            can = ", ".join(metric.dimensions)
            hint = f"It can by: {can}." if can else "It is one figure for the whole company."
            raise BadQuestion(f"{metric.label} cannot be split by `{dimension}`.", hint, code="no_dimension")
    if query.grain and not metric.over_time:
        raise BadQuestion(
            f"{metric.label} is a state as of now, so it has no {query.grain}s.", "Leave the period out.", code="no_dimension"
        )
    if query.grain and metric.by_month and query.grain not in MONTHS:
        raise BadQuestion(f"{metric.label} is known by month, not by {query.grain}.", "Ask by month.", code="no_dimension")
    each = metric.one_each
    if each and each not in query.by and not any(f.dimension == each and len(f.values) == 1 for f in query.where):
        raise BadQuestion(
            f"{metric.label} is of one {each} at a time and cannot be added up.",
            f"Name a {each}, or list it by {each}.",
            code="not_additive",
        )


def _there(metric: Metric, query: MetricQuery, reader: Reader) -> None:
    if metric.unit == "money" and reader.snapshot.facts.get("currency") == "mixed":
        several = reader.snapshot.facts.get("currencies") or ()
        who = (
            f"The orders are in {len(several)} currencies ({', '.join(several)})"
            if several
            else "The sources are in several currencies"
        )
        raise NoData(
            f"{who} and there is no rate table.",
            "Convert them before importing.",
            code="mixed_currency",
        )
    for need in metric.needs:
        _needed(need, metric, reader)
    for dimension in (*query.by, *(f.dimension for f in query.where)):
        if dimension == metric.along or "." in dimension:
            continue
        table, column = column_of(dimension)
        if not reader.filled(table, column):
            raise NoData(
                f"{metric.label} by {dimension.replace('_', ' ')} needs `{table}.{column}`, which is empty.",
                "Import it, or split by another dimension.",
            )
    derived = [t for t in metric.tables if t not in TABLES]
    if derived and query.as_of is not None and query.as_of < reader.snapshot.as_of:
        raise NoData(
            f"{metric.label} is known as of {reader.snapshot.as_of:%-d %b %Y} only.",
            "Leave the earlier date out.",
            code="as_of",
        )


def _covered(metric: Metric, query: MetricQuery, reader: Reader) -> None:
    if query.period is None or not metric.over_time or "forecasts" in metric.tables:  # forecasts lie ahead of the data
        return
    from knowledge.query import coverage

    covered = coverage(reader)
    if query.period.start > covered.end or query.period.end < covered.start:
        raise NoData(
            f"The data covers {covered.start:%-d %b %Y} to {covered.end:%-d %b %Y}; {query.period.label or 'that period'} is outside.",
            "Ask for a period inside.",
            code="outside_period",
        )
    if metric.year_before and query.period.start.replace(year=query.period.start.year - 1, day=1) < covered.start.replace(
        day=1
    ):
        raise NoData(
            f"{metric.label} needs the year before too; the data begins on {covered.start:%-d %b %Y}.",
            "Ask about a later period.",
            code="outside_period",
        )


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
    options = [o if "." in o else f"{table}.{o}" for o in need.split("|")]
    if any(reader.filled(*o.split(".")) for o in options):
        return
    wanted = " or ".join(f"`{o}`" for o in options)
    if table in TABLES:
        raise NoData(
            f"{metric.label} needs {wanted}, which this workspace does not have.", "Import it, then run `rapport build`."
        )
    raise NoData(f"{metric.label} cannot be told here. {_why(metric, reader)}".strip(), "", code="not_modelled")


def _why(metric: Metric, reader: Reader) -> str:
    """What the model's note says, for a reader who may know; without digits of its own where it may not be read."""
    try:
        notes = reader.frame("model_notes").set_index("model")["sentence"]
    except RapportError:
        return "The last build found too little in the data for it."
    said = str(notes.get(metric.model, "The last build found too little in the data for it."))
    return said.split(". ", maxsplit=1)[0].rstrip(".") + "."
