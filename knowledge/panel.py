"""Many metrics over several periods for every member of a dimension at once: one expression a base instead of one a figure.

What briefs and digests read. Each figure equals what `query.run` gives for that member, metric and period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from knowledge.checks import checked
from knowledge.compile import _aggregate, _cut
from knowledge.errors import NoData, RapportError
from knowledge.figures import REFUSE, figures_of
from knowledge.metrics import find
from knowledge.metrics.registry import Component, Metric
from knowledge.query import coverage
from knowledge.query import run as run_query
from knowledge.records import Figure, Filter, MetricQuery, Period

Key = tuple[str, ...]
SPAN, ALWAYS = "in_span", -1


@dataclass(frozen=True)
class Panel:
    """`figures` by query and member (ids in the order of the query's `by`); `refused` says why a query has none."""

    figures: Mapping[MetricQuery, Mapping[Key, Figure]]
    refused: Mapping[MetricQuery, RapportError]

    def about(self, query: MetricQuery, first: str) -> dict[Key, Figure]:
        """The figures of a query whose member of its first dimension is that one."""
        figures = self.figures.get(query, {})
        if isinstance(figures, Figures):
            return figures.about(first)
        return {key: figure for key, figure in figures.items() if key[0] == first}


@dataclass(frozen=True)
class _Wanted:
    query: MetricQuery
    metric: Metric


def panel(queries: Sequence[MetricQuery], reader: Any) -> Panel:
    """Runs queries that share `by` and `where` and have no grain, order or limit. Never fails: refusals are kept by query.

    A figure of which more than 60 % of the rows could not be measured is left out (METRICS A12)."""
    refused: dict[MetricQuery, RapportError] = {}
    wanted: list[_Wanted] = []
    alone: dict[MetricQuery, dict[Key, Figure]] = {}
    context = None
    covered = coverage(reader)
    for query in queries:
        try:
            if _stands_alone(find(query.metric)):
                alone[query] = _alone(query, reader)
                continue
            metric, _, context = checked(replace(query, period=None), reader)
            _inside(query.period if metric.over_time else None, covered)
        except RapportError as err:
            refused[query] = err
            continue
        wanted.append(_Wanted(query, metric))
    if context is None:
        return Panel(alone, refused)
    rows: dict[MetricQuery, dict[Key, dict[str, Any]]] = {w.query: {} for w in wanted}
    for base, snap in dict.fromkeys((c.base, w.metric.date == "snap") for w in wanted for c in w.metric.components.values()):
        parts = [
            (w, name, part)
            for w in wanted
            for name, part in w.metric.components.items()
            if part.base == base and (w.metric.date == "snap") == snap
        ]
        try:
            _run(base, parts, context, rows)
        except NoData as err:
            refused.update({w.query: err for w, _, _ in parts})
    figures: dict[MetricQuery, Mapping[Key, Figure]] = {
        w.query: Figures(w, rows[w.query], context) for w in wanted if w.query not in refused
    }
    return Panel({**figures, **alone}, refused)


def _stands_alone(metric: Metric) -> bool:
    """Whether the metric is more than aggregates cut to a period: it is then run by itself."""
    kinds = {c.kind for c in metric.components.values()}
    return bool(kinds & {"rows", "per", "customers_with"} or metric.along or metric.by_month or metric.default_days)


def _alone(query: MetricQuery, reader: Any) -> dict[Key, Figure]:
    made = {}
    for figure in run_query(query, reader).figures:
        key = tuple(figure.group[d] for d in query.by)
        named = {**figure.filters, **{d: [m] for d, m in zip(query.by, key, strict=True)}}
        made[key] = replace(figure, group={d: m for d, m in figure.group.items() if d not in query.by}, filters=named)
    return made


def _run(
    base: str, parts: Sequence[tuple[_Wanted, str, Component]], context: Any, rows: dict[MetricQuery, dict[Key, dict[str, Any]]]
) -> None:
    """Puts the value of each component by member into `rows`: one expression, over the rows of each period and of all time (a row
    that is of three periods stands in four groups). A member who has rows at all has a value for every period."""
    first = parts[0][0].query
    table, keys = _cut(base, replace(first, period=None), first.by, None, True, context)
    table = table.filter(*[v.notnull() for v in keys.values()])
    spans = list(dict.fromkeys(w.query.period for w, _, _ in parts if w.query.period is not None))
    within = _by_span(table, spans)
    wanted: dict[Any, str] = {}
    named = [wanted.setdefault(_aggregate(within, part).op(), f"v{len(wanted)}") for _, _, part in parts]
    values = {name: op.to_expr() for op, name in wanted.items()}
    by = {**{k: within[v.get_name()] for k, v in keys.items()}, SPAN: within[SPAN]}
    found = context.reader.engine.backend.to_pyarrow(within.group_by(**by).aggregate(**values)).to_pydict()
    members = zip(*(map(str, found[k]) for k in keys), strict=True)
    place = {(member, span): i for i, (member, span) in enumerate(zip(members, found[SPAN], strict=True))}
    everybody = [member for member, span in place if span == ALWAYS]
    for (w, name, part), column in zip(parts, named, strict=True):
        at = ALWAYS if w.query.period is None else spans.index(w.query.period)
        nothing = 0 if part.kind in ("count", "distinct") else None
        told, row = found[column], rows[w.query]
        for member in everybody:
            i = place.get((member, at))
            row.setdefault(member, {})[name] = nothing if i is None else told[i]


def _by_span(table: Any, spans: Sequence[Period]) -> Any:
    """The rows of each span, with its place among the spans, and all rows as `ALWAYS`."""
    import ibis

    always = ibis.literal(ALWAYS, type="int8")
    if not spans:
        return table.mutate(**{SPAN: always})
    inside = [
        ibis.ifelse(table.day.between(s.start, s.end), ibis.literal(i, type="int8"), ibis.null("int8"))
        for i, s in enumerate(spans)
    ]
    return table.mutate(**{SPAN: ibis.array([always, *inside]).unnest()}).filter(lambda t: t[SPAN].notnull())


class Figures(Mapping[Key, Figure]):
    """The figures of one query by member. Each is made when it is first asked for: of thousands a brief shows a few."""

    def __init__(self, wanted: _Wanted, rows: Mapping[Key, dict[str, Any]], context: Any) -> None:
        self._wanted, self._rows, self._context = wanted, rows, context
        self._made: dict[Key, Figure | None] = {}

    def __getitem__(self, key: Key) -> Figure:
        if key not in self._made:
            self._made[key] = self._make(key) if key in self._rows else None
        found = self._made[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[Key]:
        return (key for key in sorted(self._rows) if self.get(key) is not None)

    def about(self, first: str) -> dict[Key, Figure]:
        """Those whose key begins with that member."""
        return {key: figure for key in self._by_first.get(first, ()) if (figure := self.get(key)) is not None}

    @cached_property
    def _by_first(self) -> dict[str, list[Key]]:
        found: dict[str, list[Key]] = {}
        for key in sorted(self._rows):
            found.setdefault(key[0], []).append(key)
        return found

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _make(self, key: Key) -> Figure | None:
        metric, query, row = self._wanted.metric, self._wanted.query, self._rows[key]
        full = {name: row.get(name) for name in metric.components}
        unmeasured = int(full.get(metric.unmeasured) or 0) if metric.unmeasured else 0
        if unmeasured and unmeasured / (unmeasured + int(full.get(metric.rows) or 0)) > REFUSE:
            return None
        cut = (*query.where, *(Filter(d, (m,)) for d, m in zip(query.by, key, strict=True)))
        found = figures_of(metric, replace(query, by=(), where=cut), self._context, {}, full)[0]
        return found if found.value is not None else None


def _inside(period: Period | None, covered: Period) -> None:
    if period is not None and (period.start > covered.end or period.end < covered.start):
        raise NoData(f"The data covers {covered.start:%-d %b %Y} to {covered.end:%-d %b %Y}.", code="outside_period")
