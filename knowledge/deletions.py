"""Rows that are deleted at their source: told by a column of the source, removed here unless other rows refer to them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from knowledge.lookups import quoted
from knowledge.mapping import Part
from knowledge.placing import same_key
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb

LANDED = Path(__file__).parent / "landed.yaml"


def told(part: Part, columns: Sequence[str]) -> Part:
    """The part with `deleted` as the columns of a loading tool say it, where the mapping says nothing of its own."""
    known = {c.casefold() for c in columns}
    rules = [sql for column, sql in conventions()["deleted"].items() if column in known]
    if part.deleted is not None or not rules:
        return part
    return part.model_copy(update={"deleted": " OR ".join(f"coalesce({r}, false)" for r in rules)})


@cache
def conventions() -> dict[str, Any]:
    """The columns of loading tools (landed.yaml)."""
    return dict(yaml.safe_load(LANDED.read_text(encoding="utf-8")))


def settle(session: duckdb.DuckDBPyConnection) -> tuple[int, tuple[str, ...]]:
    """Leaves in every `gone_<table>` only what is to be removed: keys that are here, that no row of this import brings
    back and no row that stays refers to. Gives how many, and a line on each table. Needs the states of all staging tables."""
    notes, total = [], 0
    for table in reversed(TABLES.values()):
        gone, on = f"gone_{table.name}", same_key(table)
        session.execute(
            f"DELETE FROM {gone} o WHERE EXISTS (SELECT 1 FROM in_{table.name} n WHERE n._state <> 'quarantined' AND {on}) "
            f"OR NOT EXISTS (SELECT 1 FROM old_{table.name} n WHERE {on})"
        )
        found = count(session, gone)
        if not found:
            continue
        for other in TABLES.values():
            for column in other.columns:
                if column.references == table.name:
                    named = quoted(column.name)
                    stays = f"SELECT {named} FROM old_{other.name} n WHERE NOT EXISTS (SELECT 1 FROM gone_{other.name} o WHERE {same_key(other)})"
                    session.execute(
                        f"DELETE FROM {gone} WHERE {quoted(table.key[0])} IN ({stays} UNION "
                        f"SELECT {named} FROM in_{other.name} WHERE _state <> 'quarantined')"
                    )
        removed = count(session, gone)
        total += removed
        kept = f"; {found - removed:,} kept, since other rows refer to {'it' if found - removed == 1 else 'them'}"
        notes.append(f"{table.name}: {removed:,} removed that the source has deleted{kept if removed < found else ''}.")
    return total, tuple(reversed(notes))


def count(session: duckdb.DuckDBPyConnection, table: str) -> int:
    row = session.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
