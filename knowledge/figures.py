"""From components to figures: the value of a group with its interval, display and count, in order, and what must be said with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from knowledge import display
from knowledge.compile import LOOKUPS
from knowledge.entities import conditions
from knowledge.errors import NoData
from knowledge.intervals import nps_margin, t_interval, wilson
from knowledge.metrics.bases import Context
from knowledge.metrics.registry import Measured, Metric, Value
from knowledge.records import Figure, Grain, MetricQuery, Period

NOT_GIVEN = "(not given)"
WARN, REFUSE = 0.20, 0.60
MOST_FILLED = 20_000
LONGEST: dict[Grain, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
STABLE = 9
"""Digits after the point that do not depend on the order in which a float sum was made."""


def figures_of(metric: Metric, query: MetricQuery, context: Context, key: dict[str, Any], row: dict[str, Any]) -> list[Figure]:
    """The figure of one group, or one a member where the metric runs along a dimension of its own."""
    value = metric.combine(row) if row and all(n in row for n in metric.components) else None
    if isinstance(value, Mapping):
        return [figure(metric, query, context, {**key, metric.along: member}, row, v) for member, v in value.items()]
    return [figure(metric, query, context, key, row, value)]


def figure(
    metric: Metric, query: MetricQuery, context: Context, key: dict[str, Any], row: dict[str, Any], found: Value
) -> Figure:
    measured = found if isinstance(found, Measured) else _measured(metric, row, found)
    value = measured.value
    if isinstance(value, float) and type(value) is not float:
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):  # never a NaN to a person
        value = None
    if isinstance(value, float):
        value = round(float(value), STABLE)
    if isinstance(value, int | float) and float(value).is_integer() and metric.unit in ("count", "qty"):
        value = int(value)
    currency = str(context.reader.snapshot.facts.get("currency", ""))
    shown = display.figure(value, metric.unit, currency, measured.numerator, measured.denominator)
    counted = row.get(metric.rows) if row else 0
    return Figure(
        metric=metric.name,
        label=metric.label,
        value=value,
        unit=metric.unit,
        display=measured.display or shown if value is not None else shown,
        filters=_filters(query),
        group={d: _group(d, v) for d, v in key.items()},
        period=query.period,
        rows=measured.rows if measured.rows is not None else int(counted or 0),
        interval=tuple(round(x, STABLE) for x in measured.interval) if measured.interval else None,  # type: ignore[arg-type]
        definition=metric.definition,
        source=metric.source,
        as_of=context.as_of,
        numerator=measured.numerator,
        denominator=measured.denominator,
    )


def _filters(query: MetricQuery) -> dict[str, list[str]]:
    """What the figure is cut to, for whoever checks it again."""
    told = {f.dimension: list(f.values) for f in query.where}
    return told | {"only": [conditions.written(query.only)]} if query.only is not None else told


def _measured(metric: Metric, row: dict[str, Any], value: float | str | None) -> Measured:
    if not isinstance(value, int | float) or metric.interval is None:
        return Measured(value)
    if metric.interval == "wilson":
        k, n = float(row["k"] or 0), float(row["n"])
        return Measured(value, wilson(k, n), numerator=k, denominator=n)
    if metric.interval == "t":
        return Measured(value, t_interval(value, float(row["sd"] or 0), int(row.get(metric.rows) or 0)))
    margin = nps_margin(float(row["p"]), float(row["d"]), float(row["n"]))
    return Measured(value, (value - margin, value + margin))


def _group(dimension: str, value: Any) -> str:
    if value is None:
        return NOT_GIVEN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        labels = {"year": f"{value:%Y}", "quarter": f"{value:%Y}-Q{(value.month + 2) // 3}", "month": f"{value:%Y-%m}"}
        return labels.get(dimension, value.isoformat())
    return str(value)


def ordered(pairs: list[tuple[Figure, Any]], query: MetricQuery, metric: Metric) -> list[Figure]:
    """Figures by group, or by value: of a label by what ranks it (the second of each pair), else alphabetically."""
    if query.order is None:
        if metric.along:  # in the order that the metric gives
            return [f for f, _ in sorted(pairs, key=lambda p: tuple(v for d, v in p[0].group.items() if d != metric.along))]
        ranked = sorted(
            pairs, key=lambda p: tuple(reversed([*p[0].group.values()])) if query.grain else tuple(p[0].group.values())
        )
        return [f for f, _ in ranked]
    sign = -1 if query.order == "desc" else 1

    def place(pair: tuple[Figure, Any]) -> tuple[Any, ...]:
        found, rank = pair
        by = rank if rank is not None else found.value
        number = float(by) if isinstance(by, int | float) else 0.0
        word = str(found.value) if not isinstance(by, int | float) else ""
        return (sign * round(number, 9), word, tuple(found.group.values()))

    return [f for f, _ in sorted(pairs, key=place)]


def notes_of(metric: Metric, query: MetricQuery, context: Context, row: dict[str, Any], unmeasured: int) -> tuple[str, ...]:
    """Sentences that must be said with the figures. Fails: NoData (`unmeasured`) where most of it cannot be measured."""
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
    if metric.by_month and query.period is not None:
        notes.append(f"Costs are known by month, so whole months count from {query.period.start:%B %Y}.")
    if any(d in LOOKUPS for d in query.by) and (query.grain or query.period):
        notes.append("Attributes of customers and products are as they are now.")
    return tuple(notes)


def partial(query: MetricQuery, covered: Period) -> tuple[str, ...]:
    """A sentence where the last bucket of the grain is not over."""
    last = min(covered.end, query.period.end) if query.period else covered.end
    if not query.grain or _begin(last + timedelta(days=1), query.grain) == last + timedelta(days=1):
        return ()
    return (f"The last {query.grain} is partial (to {last:%-d %b %Y}).",)


def adds_up(metric: Metric) -> bool:
    """Whether a figure is a sum or a count: of nothing it is 0, and it grows with the days that it is over."""
    return metric.additive or metric.unit == "count"


def or_zero(found: Figure, metric: Metric, currency: str) -> Figure:
    """The figure, 0 where it is a sum or a count over no rows at all; one of rows that do not tell it stays unknown."""
    if found.value is not None or found.rows or not adds_up(metric):
        return found
    return replace(found, value=0, display=display.figure(0, metric.unit, currency))


def without_gaps(
    figures: Sequence[Figure],
    untold: Sequence[Figure],
    query: MetricQuery,
    metric: Metric,
    covered: Period,
    currency: str,
) -> list[Figure]:
    """The buckets of a course over time, those in which nothing happened as 0 where the figure is a sum or a count; by group too,
    where that makes no more than `MOST_FILLED`. The `untold`, of rows that do not tell it, stay out.

    Sales have a value for every bucket that the data covers; what has a source of its own, from its first to its last."""
    grain = query.grain
    known = [f for f in figures if grain and f.group[grain] != NOT_GIVEN]
    if grain is None or not known or not adds_up(metric) or metric.along or query.order:
        return list(figures)
    buckets = _buckets([f.group[grain] for f in known], query, metric, covered)
    groups = list(dict.fromkeys(tuple(f.group[d] for d in query.by) for f in known))
    if len(buckets) * len(groups) > MOST_FILLED:
        return list(figures)
    told = {(*(f.group[d] for d in query.by), f.group[grain]): f for f in known}
    base = replace(known[0], value=None, rows=0, interval=None, numerator=None, denominator=None)
    unknown = {(*(f.group[d] for d in query.by), f.group[grain]) for f in untold}
    out = []
    for bucket in buckets:
        for group in sorted(groups):
            if (*group, bucket) in unknown:
                continue
            found = told.get((*group, bucket))
            members = dict(zip((*query.by, grain), (*group, bucket), strict=True))
            out.append(found or or_zero(replace(base, group=members), metric, currency))
    return [*out, *(f for f in figures if f.group[grain] == NOT_GIVEN)]


def _buckets(told: Sequence[str], query: MetricQuery, metric: Metric, covered: Period) -> list[str]:
    """All buckets from the first to the last, by name."""
    assert query.grain is not None
    grain = query.grain
    days = [_first_day(key, grain) for key in told]
    day, last = min(days), max(days)
    if metric.date == "ord":
        span = query.period or covered
        day = min(day, _begin(max(span.start, covered.start), grain))
        last = max(last, _begin(min(span.end, covered.end), grain))
    out = []
    while day <= last:
        out.append(_group(grain, day))
        day = _begin(day + timedelta(days=LONGEST[grain]), grain)
    return out


def _begin(day: date, grain: Grain) -> date:
    """The first day of the bucket that the day is in."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "day":
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return date(day.year, months * ((day.month - 1) // months) + 1, 1)


def _first_day(key: str, grain: Grain) -> date:
    """The first day of a bucket by its name."""
    if grain == "quarter":
        return date(int(key[:4]), 3 * int(key[-1]) - 2, 1)
    return date.fromisoformat(f"{key}-01-01"[:10] if grain == "year" else f"{key}-01"[:10])
