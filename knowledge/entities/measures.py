"""Metrics of things themselves: how many there are, and what an attribute of theirs amounts to.

`count(order)`, `mean(order.days_late)`, `share(order.late)`, `first(order.ordered)`, also of sum, median, min, max and last."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.model import NUMBERS, UNITS, Attribute, Entity
from knowledge.errors import UnknownName
from knowledge.metrics.registry import Component, DateCode, Measured, Metric, One, Ratio, Row, Value
from knowledge.schema import TABLES

WRITTEN = re.compile(r"(count|sum|mean|median|min|max|first|last|share)\(([a-z_]+(?:\.[a-z_0-9]+)?)\)")
SAID = {
    "sum": "Total",
    "mean": "Average",
    "median": "Median",
    "min": "Lowest",
    "max": "Highest",
    "first": "Earliest",
    "last": "Latest",
}
WHOLE = ("sum", "min", "max")
"""Aggregates of pieces and points that are such a quantity themselves."""
GROUPS = {
    "order": "C O T",
    "line": "C O P T",
    "customer": "C",
    "product": "P",
    "return": "C P R T",
    "contact": "C I T",
    "comment": "C P V T",
    "clause": "C P V T",
    "stock": "P location",
}
DATES: dict[str, DateCode] = {
    "order": "ord",
    "line": "ord",
    "return": "ret",
    "customer": "snap",
    "product": "snap",
    "stock": "snap",
}


def written(name: str) -> bool:
    """Whether a metric's name is that of a measure of things."""
    return WRITTEN.fullmatch(name) is not None


@lru_cache(maxsize=512)
def measure(name: str) -> Metric:
    """The metric of that name. Fails: UnknownName for a name that is none, or an attribute that has no such aggregate."""
    found = WRITTEN.fullmatch(name)
    if found is None:
        raise UnknownName(
            f"There is no measure `{name}`.", "Write count(order) or mean(order.days_late).", code="unknown_metric"
        )
    how, path = found.groups()
    if how == "count":
        return _count(entity(path))
    of, known = attribute(path)
    fits = {
        "share": known.kind == "flag",
        "first": known.kind == "date",
        "last": known.kind == "date",
    }.get(how, known.kind in NUMBERS)
    if not fits:
        raise UnknownName(f"{known.label.capitalize()} has no {how}.", "", code="unknown_metric")
    return _share(of, known) if how == "share" else _aggregate(of, known, how)


def _count(of: Entity) -> Metric:
    every = Component(base(of), "count")
    return _metric(
        of, f"count({of.name})", of.plural.capitalize(), "count", f"Number of {of.plural}.", {"value": every, "n": every}, One("value"),
        additive=True,
    )  # fmt: skip


def _share(of: Entity, known: Attribute) -> Metric:
    path = f"{of.name}.{known.name}"
    parts = {
        "k": Component(base(of), "count", None, lambda t: t[path].fill_null(False), reads=(path,)),
        "n": Component(base(of), "count", None, lambda t: t[path].notnull(), reads=(path,)),
    }
    label = f"Share of {of.plural} {known.label}"
    return _metric(of, f"share({path})", label, "share", f"{of.plural.capitalize()} that are {known.label}, of those of which it is known.",
                   parts, Ratio("k", "n"), known=known, interval="wilson")  # fmt: skip


def _aggregate(of: Entity, known: Attribute, how: str) -> Metric:
    path = f"{of.name}.{known.name}"
    kinds: dict[str, Any] = {
        "sum": "sum",
        "mean": "mean",
        "median": "quantile",
        "min": "min",
        "max": "max",
        "first": "min",
        "last": "max",
    }
    read: Callable[[Any], Any] = (lambda t: t[path].epoch_days()) if known.kind == "date" else (lambda t: t[path])
    parts = {
        "value": Component(base(of), kinds[how], read, reads=(path,)),
        "n": Component(base(of), "count", None, lambda t: t[path].notnull(), reads=(path,)),
    }
    if how == "mean":
        parts["sd"] = Component(base(of), "sd", read, reads=(path,))
    unit = "date" if known.kind == "date" else UNITS[known.kind]
    unit = "qty" if unit == "number" and how in WHOLE else unit
    label = f"{SAID[how]} {known.label}"
    definition = f"{label} of {of.plural}, of those of which it is known."
    combine: Callable[[Row], Value] = _day if known.kind == "date" else One("value")
    return _metric(of, f"{how}({path})", label, unit, definition, parts, combine, known=known, additive=how == "sum",
                   interval="t" if how == "mean" else None)  # fmt: skip


def _day(row: Row) -> Value:
    if row["value"] is None:
        return None
    on = date(1970, 1, 1) + timedelta(days=int(row["value"]))
    return Measured(on.isoformat(), display=f"{on.day} {on:%b %Y}")


def base(of: Entity) -> str:
    """The name of the relation that holds the things of an entity."""
    return f"things({of.name})"


def _told_by(of: Entity) -> tuple[str, ...]:
    """The column that must hold something for there to be such things at all."""
    return (f"{of.table}.{TABLES[of.table].key[0]}",) if of.table in TABLES else ()


def _metric(
    of: Entity,
    name: str,
    label: str,
    unit: str,
    definition: str,
    parts: dict[str, Component],
    combine: Callable[[Row], Value],
    known: Attribute | None = None,
    **more: Any,
) -> Metric:
    return Metric(
        name, label, (), unit, definition, name, GROUPS.get(of.name, "C T"), DATES.get(of.name, "at"), "none", parts, combine,
        needs=known.needs if known and known.needs else _told_by(of), sensitivity=known.right if known and known.right != "open" else of.right,
        source="records", thing=of.name, **more,
    )  # fmt: skip
