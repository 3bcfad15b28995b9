"""Many metrics over several periods for every member of a dimension at once: one expression a base instead of one a figure.

What briefs and digests read. Each figure equals what `query.run` gives for that member, metric and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Panel:
    """`figures` by query and member (ids in the order of the query's `by`); `refused` says why a query has none."""

    figures: Mapping[MetricQuery, Mapping[Key, Figure]]
    refused: Mapping[MetricQuery, RapportError]


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
            found = _run(base, parts, context)
        except NoData as err:
            refused.update({w.query: err for w, _, _ in parts})
            continue
        for (w, name, _), values in zip(parts, found, strict=True):
            for key, value in values.items():
                rows[w.query].setdefault(key, {})[name] = value
    figures = {w.query: _figures(w, rows[w.query], context) for w in wanted if w.query not in refused}
    return Panel(figures | alone, refused)


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


def _run(base: str, parts: Sequence[tuple[_Wanted, str, Component]], context: Any) -> list[dict[Key, Any]]:
    """The values of each component by member."""
    first = parts[0][0].query
    table, keys = _cut(base, replace(first, period=None), first.by, None, True, context)
    table = table.filter(*[v.notnull() for v in keys.values()])
    values = {f"v{i}": _aggregate(table, _within(part, w.query.period)) for i, (w, _, part) in enumerate(parts)}
    found = context.reader.engine.backend.to_pyarrow(table.group_by(**keys).aggregate(**values)).to_pydict()
    members: list[Key] = list(zip(*(map(str, found[k]) for k in keys), strict=True))
    return [dict(zip(members, found[f"v{i}"], strict=True)) for i in range(len(parts))]


def _within(part: Component, period: Period | None) -> Component:
    """The component over the rows of the period only."""
    if period is None:
        return part
    where = part.where

    def inside(table: Any) -> Any:
        days = table.day.between(period.start, period.end)
        return days if where is None else days & where(table)

    return replace(part, where=inside)


def _figures(wanted: _Wanted, rows: Mapping[Key, dict[str, Any]], context: Any) -> dict[Key, Figure]:
    metric, query = wanted.metric, wanted.query
    made = {}
    for key, row in sorted(rows.items()):
        full = {name: row.get(name) for name in metric.components}
        unmeasured = int(full.get(metric.unmeasured) or 0) if metric.unmeasured else 0
        if unmeasured and unmeasured / (unmeasured + int(full.get(metric.rows) or 0)) > REFUSE:
            continue
        cut = (*query.where, *(Filter(d, (m,)) for d, m in zip(query.by, key, strict=True)))
        figure = figures_of(metric, replace(query, by=(), where=cut), context, {}, full)[0]
        if figure.value is not None:
            made[key] = figure
    return made


def _inside(period: Period | None, covered: Period) -> None:
    if period is not None and (period.start > covered.end or period.end < covered.start):
        raise NoData(f"The data covers {covered.start:%-d %b %Y} to {covered.end:%-d %b %Y}.", code="outside_period")
