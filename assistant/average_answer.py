"""Averages: what is added up, spread over customers, orders, what it is of, or whole time buckets; both sides are told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant import charts, compose
from assistant.metric_answer import known, whole_buckets
from assistant.plan import LISTED
from assistant.questions import Answer, Plan
from assistant.shape import Name, currency, day, framed, noted, table
from assistant.understand.particulars import of_each
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricQuery, MetricResult

COUNTED = {"orders": "order", "active_customers": "customer"}
Group = tuple[str, ...]


@dataclass(frozen=True)
class _Spread:
    """What an average is over: its word, how many of them in all, each group's sum and number, and how that is said."""

    of: str
    whole: tuple[float, float]
    groups: dict[Group, tuple[float, float]]
    said: str
    beside: tuple[Figure, ...]
    results: tuple[MetricResult, ...]


def average(plan: Plan, reader: Reader, name: Name) -> Answer:
    """One figure spread over others, in all and by group. Fails: NoData where there is nothing to spread it over."""
    query = plan.queries[0]
    top = run_query(query, reader)
    total = top.total if query.by else top.figures[0]
    if total is None:
        raise NoData("These do not add up to one figure.", "Ask for the figure itself by group.", code="not_additive")
    over = plan.queries[1] if len(plan.queries) > 1 else None
    spread = (
        _over_each(top, total)
        if over is None
        else _over_time(total, over, reader)
        if over.grain
        else _over(top, total, over, reader)
    )
    if not spread.whole[1]:
        raise NoData("There is nothing to average over.", "Widen the period.", code="empty")

    def mean(of: tuple[float, float]) -> Figure:
        value = round(of[0] / of[1], 6)
        unit = total.unit if total.unit == "money" else "ratio"
        return replace(
            total, label=f"{total.label} per {spread.of}", value=value, display=display.figure(value, unit, currency(reader)),
            interval=None, unit=unit, definition=f"{total.label} divided by {spread.of}s",
        )  # fmt: skip

    figure = mean(spread.whole)
    groups = [replace(mean(v), group=dict(zip(query.by, k, strict=True))) for k, v in spread.groups.items() if v[1]]
    rising = plan.slots.get("order") == "asc"
    groups.sort(key=lambda f: float(f.value or 0) * (1 if rising else -1))
    shown = groups[: plan.slots.get("limit") or LISTED]
    text = f"**{figure.display}** {compose.label(figure)}{compose.scope_words(query, name)}{compose.period_words(query.period)} ({spread.said})."
    notes: list[str] = []
    if groups:
        text += f" {compose.broken_down(replace(top, figures=tuple(groups), total=None), name, query.by)}"
        notes = [f"{len(shown):,} of {len(groups):,} shown."] if len(shown) < len(groups) else []
    results = (replace(top, notes=(*top.notes, *notes)), *spread.results)
    text += f"\n\n{compose.quiet(results[:1], day(reader))}"
    return framed(
        reader, noted(plan, *results), "answered", text, figures=(figure, *shown, *spread.beside),
        table=table(shown, query.by, name) if shown else None,
        chart=charts.bars(shown, query.by[0], figure.label, name) if shown else None,
    )  # fmt: skip


def _over_each(top: MetricResult, total: Figure) -> _Spread:
    """Over the things that the figure has one of each for."""
    of = of_each(top.query.metric) or "row"
    count = replace(
        total, label=f"{of.capitalize()}s", value=total.rows, unit="count", display=f"{total.rows:,}", interval=None
    )
    groups = {_key(f, top.query): (_number(f), float(f.rows)) for f in top.figures} if top.query.by else {}
    said = f"{total.display} over {count.display} {of}{'s' if total.rows != 1 else ''}"
    return _Spread(of, (_number(total), float(total.rows)), groups, said, (total, count), ())


def _over(top: MetricResult, total: Figure, over: MetricQuery, reader: Reader) -> _Spread:
    """Over what another figure counts."""
    result = run_query(over, reader)
    bottom = result.total if over.by else result.figures[0]
    if bottom is None:
        raise NoData("There is nothing to average over.", "Widen the period.", code="empty")
    numbers = {_key(f, over): _number(f) for f in result.figures}
    groups = {k: (_number(f), numbers.get(k, 0.0)) for f in top.figures for k in (_key(f, over),)} if over.by else {}
    said = f"{total.display} over {bottom.display} {compose.label(bottom)}"
    return _Spread(COUNTED[over.metric], (_number(total), _number(bottom)), groups, said, (total, bottom), (result,))


def _over_time(total: Figure, over: MetricQuery, reader: Reader) -> _Spread:
    """Over whole buckets, those in which nothing happened too."""
    grain = str(over.grain)
    result = run_query(replace(over, by=()), reader)
    buckets, _, _ = whole_buckets(result, [], known(reader))
    told = {f.group[grain]: _number(f) for f in buckets if isinstance(f.value, int | float)}
    count = replace(
        total, label=f"Whole {grain}s", value=len(told), unit="count", display=f"{len(told):,}", interval=None, group={}
    )  # fmt: skip
    groups: dict[Group, tuple[float, float]] = {}
    if over.by:
        for f in run_query(over, reader).figures:
            if f.group[grain] in told:
                key = _key(f, over)
                groups[key] = (groups.get(key, (0.0, 0.0))[0] + _number(f), float(len(told)))
    said = f"the mean of {count.display} whole {grain}{'s' if len(told) != 1 else ''}"
    return _Spread(grain, (sum(told.values()), float(len(told))), groups, said, (count,), (result,))


def _key(figure: Figure, query: MetricQuery) -> Group:
    return tuple(figure.group[d] for d in query.by)


def _number(figure: Figure) -> float:
    return float(figure.value) if isinstance(figure.value, int | float) else 0.0
