"""The values that attributes of things take, where they are few enough to be called by: kinds of contacts, stages of quotes, languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from knowledge.access import Reader, Scope
from knowledge.checks import condition_allowed
from knowledge.compile import measured
from knowledge.entities.catalogue import attribute, entities
from knowledge.entities.model import Entity
from knowledge.entities.select import Things, rows_of
from knowledge.errors import RapportError
from knowledge.languages import called
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

FEW = 40
FREE = frozenset(("id", "name", "text", "subject", "calendar_month", "weekday"))
"""Attributes whose values are texts of their own, or times."""


def own_values(reader: Reader) -> dict[str, list[list[str]]]:
    """Of each attribute in words that has few values, these as [value, how it is called], by its path. What the reader may not see, and
    what this company has not, is not in it."""
    import ibis

    context = Context(reader, reader.snapshot.as_of)
    found: dict[str, list[list[str]]] = {}
    for of in entities().values():
        paths = [path for path in _in_words(of) if open_to(path, reader.scope) and _there(path, reader)]
        if not paths:
            continue
        try:
            rows = rows_of(Things(of.name), context, measured, paths)
        except RapportError:  # a table that this company has not
            continue
        told = reader.engine.backend.to_pyarrow(ibis.union(*_distinct(rows, paths), distinct=False)).to_pylist()
        for path in paths:
            values = sorted(str(r["value"]) for r in told if r["path"] == path)
            if 1 < len(values) <= FEW:
                found[path] = [[v, called(v) if path.endswith(".language") else v] for v in values]
    return found


def open_to(path: str, scope: Scope) -> bool:
    """Whether who has this scope may know what values the attribute takes."""
    of, known = attribute(path)
    return scope.may(of.right) and scope.may(known.right)


def _in_words(of: Entity) -> Iterable[str]:
    return (f"{of.name}.{a.name}" for a in of.attributes.values() if a.kind == "text" and a.name not in FREE)


def _there(path: str, reader: Reader) -> bool:
    try:
        condition_allowed(None, reader, (path,))
    except RapportError:
        return False
    return True


def _distinct(rows: ir.Table, paths: Iterable[str]) -> list[ir.Table]:
    """The values of each attribute with its path, one more than are few at most."""
    import ibis

    return [
        rows.filter(rows[p].notnull()).select(path=ibis.literal(p), value=rows[p].cast("string")).distinct().limit(FEW + 1)
        for p in paths
    ]
