"""The values that attributes of things take, where they are few enough to be called by: kinds of contacts, stages of quotes, languages."""

from __future__ import annotations

from knowledge.access import Reader
from knowledge.compile import measured
from knowledge.entities.catalogue import entities
from knowledge.entities.select import Things, rows_of
from knowledge.errors import RapportError
from knowledge.languages import called
from knowledge.metrics.bases import Context

FEW = 40
FREE = frozenset(("id", "name", "text", "subject", "calendar_month"))
"""Attributes whose values are texts of their own, or periods."""


def own_values(reader: Reader) -> dict[str, list[list[str]]]:
    """Of each attribute in words that has few values, these as [value, how it is called], by its path. What the reader may not see, and
    what this company has not, is not in it."""
    context = Context(reader, reader.snapshot.as_of)
    found: dict[str, list[list[str]]] = {}
    for of in entities().values():
        if not reader.scope.may(of.right):
            continue
        for name, attribute in of.attributes.items():
            path = f"{of.name}.{name}"
            told = attribute.kind == "text" and name not in FREE and reader.scope.may(attribute.right)
            if not told:
                continue
            try:
                rows = rows_of(Things(of.name), context, measured, (path,))
                values = rows.filter(rows[path].notnull()).select(value=rows[path].cast("string")).distinct().order_by("value")
                listed = [str(r["value"]) for r in reader.engine.backend.to_pyarrow(values.limit(FEW + 1)).to_pylist()]
            except RapportError:  # a table or a column that this company has not
                continue
            if 1 < len(listed) <= FEW:
                found[path] = [[v, called(v) if name == "language" else v] for v in listed]
    return found
