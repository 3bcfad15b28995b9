"""What is to be said of the rows of an import: days ahead, rows that a later one replaces, ids that are not known, or nearly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from knowledge import out_of_time
from knowledge.asof import EVENTS
from knowledge.identity import BARE
from knowledge.lookups import quoted
from knowledge.placing import same_key
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb


def of(session: duckdb.DuckDBPyConnection, names: list[str]) -> Iterator[str]:
    """All that is to be said of the staged rows, one sentence each, their files having these names. Call it once they are settled."""
    yield from _ahead(session)
    yield from out_of_time.of_import(session, names)
    yield from _replaced(session)
    yield from _unknown(session)


def _ahead(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What is to be said of events that lie ahead of today, as a mistyped year does."""
    for table, columns in EVENTS.items():
        for column in columns:
            found = session.execute(
                f"SELECT count(*), strftime(max({quoted(column)}), '%d %b %Y'), arg_max({quoted(TABLES[table].key[0])}, {quoted(column)}) FROM in_{table} WHERE _reason IS NULL AND {quoted(column)} > now() + INTERVAL 2 DAY"
            ).fetchone()
            if found and found[0]:
                yield f"{found[0]:,} rows of {table} have `{column}` after today (up to {found[1]}, {found[2]}): a mistyped year? Answers set lone ones aside."


def _unknown(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What to load first, where rows name others that are not there."""
    for table in TABLES.values():
        for column in table.columns:
            if column.references is None:
                continue
            found = session.execute(
                f"SELECT count(*) FROM in_{table.name} WHERE _reason = $1", [f"unknown `{column.name}`"]
            ).fetchone()
            if found and found[0]:
                yield f"{found[0]:,} rows of {table.name} name {column.references} that are not known yet: import those first, or together with them."
                yield from _nearly_known(session, table.name, column.name, column.references)


def _nearly_known(session: duckdb.DuckDBPyConnection, table: str, column: str, of: str) -> Iterator[str]:
    """Unknown ids that are known but for what a spreadsheet or another export takes from them: zeros in front, capitals, signs."""
    plain = BARE
    key = quoted(TABLES[of].key[0])
    found = session.execute(
        f"SELECT count(DISTINCT n.{quoted(column)}), min(n.{quoted(column)}), arg_min(k.key, n.{quoted(column)}) FROM in_{table} n JOIN (SELECT {key} AS key FROM "
        f"in_{of} WHERE _reason IS NULL UNION SELECT {key} FROM old_{of}) k ON {plain.format(f'n.{quoted(column)}')} = {plain.format('k.key')} WHERE n._reason = $1",
        [f"unknown `{column}`"],
    ).fetchone()
    if found and found[0]:
        yield (
            f"{found[0]:,} of them are known but for zeros in front, capitals or signs: `{found[1]}` here is `{found[2]}` among the {of}. A spreadsheet may have "
            "taken the zeros; write them alike in both files."
        )


def _replaced(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What is to be said of rows whose place a later row of the same file takes."""
    for table in TABLES.values():
        keys = ", ".join(f"n.{quoted(k)}" for k in table.key)
        found = session.execute(
            f"SELECT count(*), arg_min(concat_ws(', ', {keys}), n._row) FROM in_{table.name} n WHERE n._state = 'updated' AND NOT n._last AND n._one AND EXISTS "
            f"(SELECT 1 FROM in_{table.name} o WHERE {same_key(table)} AND o._file = n._file AND o._row > n._row AND o._reason IS NULL)"
        ).fetchone()
        if found and found[0]:
            yield (
                f"{found[0]:,} rows of {table.name} have the key ({', '.join(table.key)}) of a later row of their file, which differs and takes their place: {found[1]}."
            )
