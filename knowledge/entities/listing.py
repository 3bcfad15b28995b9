"""Lists of things: which they are, with what is known of them, in an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from knowledge.access import Reader
from knowledge.checks import condition_allowed
from knowledge.compile import measured
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.model import Entity
from knowledge.entities.predicates import Predicate
from knowledge.entities.select import Things, rows_of, with_key
from knowledge.errors import BadQuestion, NoData, NotAllowed, UnknownName
from knowledge.metrics.bases import Context
from knowledge.records import Period


@dataclass(frozen=True)
class Listing:
    """Things in order. `columns` are attribute paths; each row holds the thing's key, its customer (empty where it has none) and
    the values of the columns; `of_all` counts those that were not cut off."""

    entity: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Any, ...]], ...]
    of_all: int


def listed(
    things: str,
    reader: Reader,
    *,
    only: Predicate | None = None,
    period: Period | None = None,
    columns: tuple[str, ...] = (),
    by: str | None = None,
    order: Literal["desc", "asc"] = "desc",
    limit: int | None = None,
    as_of: datetime | None = None,
) -> Listing:
    """The things of an entity that `only` leaves in the period, by the attribute `by` (None: by their own date, newest first);
    without `columns` those that the entity shows, as far as the reader may see them.

    Fails: UnknownName, BadQuestion, NoData, NotAllowed."""
    of = entity(things)
    if not reader.scope.may(of.right):
        raise NotAllowed(f"{of.plural.capitalize()} are {of.right}.", "A manager can see them.")
    import ibis

    condition_allowed(only, reader)
    context = Context(reader, as_of or reader.snapshot.as_of)
    shown = _paths(columns, of, reader)
    ranked = _paths((by,), of, reader)[0] if by else None
    span = (period.start, period.end) if period else (None, None)
    rows = rows_of(Things(of.name, only, *span), context, measured, dict.fromkeys((*shown, *((ranked,) if ranked else ()))))
    if "customer" in of.links.values() and of.name != "customer":
        rows = with_key(rows, entity("customer"), context)
    key = rows.order_id.concat(" line ", rows.line.cast("string")) if of.name == "line" else rows[of.key].cast("string")
    placed: dict[str, Any] = {"key": key, "owner": rows.customer_id if "customer_id" in rows.columns else ibis.literal("")}
    placed |= {f"c{n}": rows[p] for n, p in enumerate(shown)}
    placed["place"] = rows[ranked] if ranked else rows[of.day] if of.day else key
    table = rows.select(**placed)
    if ranked:
        table = table.filter(table.place.notnull())
    table = table.mutate(of_all=table.count().over(ibis.window()))  # one query for the rows and for how many there are
    place = ibis.desc(table.place) if order == "desc" and (ranked or of.day) else ibis.asc(table.place)
    table = table.order_by([place, table.key])
    found = reader.engine.backend.to_pyarrow(table.limit(limit) if limit else table).to_pylist()
    listed_rows = tuple((str(r["key"]), str(r["owner"] or ""), tuple(r[f"c{n}"] for n in range(len(shown)))) for r in found)
    return Listing(of.name, shown, listed_rows, int(found[0]["of_all"]) if found else 0)


def _paths(columns: tuple[str | None, ...], of: Entity, reader: Reader) -> tuple[str, ...]:
    """Full paths of attributes that this reader may see; a wanted one that may not be seen is an error, a usual one is left out."""
    made = []
    for name in columns or of.shown:
        if name is None:
            continue
        path = name if "." in name else f"{of.name}.{name}"
        owner, known = attribute(path)
        try:
            condition_allowed(None, reader, (path,))
        except (NotAllowed, NoData, BadQuestion, UnknownName):
            if columns:
                raise
            continue
        made.append(f"{owner.name}.{known.name}")
    return tuple(made)
