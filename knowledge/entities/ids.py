"""Things named by their number, whatever its shape: "W204418", "SO-2024/0017", "#1001-B"."""

from __future__ import annotations

from knowledge.access import Reader
from knowledge.entities.catalogue import entities
from knowledge.entities.select import as_known
from knowledge.errors import UserError
from knowledge.metrics.bases import Context


def of_number(raw: str, reader: Reader) -> tuple[tuple[str, str], ...]:
    """Every (entity, key) that this reader may see whose key is `raw`, apart from case, leading `#` and surrounding signs."""
    wanted = raw.strip().strip("#.,;:?!()\"'").upper()
    if not wanted:
        return ()
    found = []
    for of in entities().values():
        if of.name in ("line", "clause") or not of.key or not reader.scope.may(of.right):
            continue
        try:
            rows = of.rows(as_known(of, Context(reader, reader.snapshot.as_of)))
            keys = rows.filter(rows[of.key].cast("string").upper() == wanted).select(key=rows[of.key].cast("string")).distinct()
            told = reader.engine.backend.to_pyarrow(keys.limit(2)).to_pylist()
        except UserError:  # a table that this company has not
            continue
        found += [(of.name, str(row["key"])) for row in told]
    return tuple(found)
