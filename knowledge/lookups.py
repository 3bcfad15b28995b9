"""What the expressions of a mapping have at hand: other files by their lookup names, and what was imported before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge.errors import BadInput
from knowledge.mapping import Accept, Part
from knowledge.readers import ROW
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from knowledge.tables import Store

LOADED = re.compile(r"\bloaded\.([a-z_]+)")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def lookup(session: duckdb.DuckDBPyConnection, name: str, table: pa.Table, part: Part) -> None:
    """Puts a file at hand under its lookup name for the expressions of other parts; rows of several files are gathered."""
    assert part.lookup is not None
    session.register("given", table)
    renamed = accepted(name, part.accept, table.column_names)
    rows = f"SELECT *{renamed} FROM given"
    there = session.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = $1", [part.lookup]).fetchone()
    if there and there[0]:
        session.execute(f"INSERT INTO {quoted(part.lookup)} BY NAME {rows}")
    else:
        session.execute(f"CREATE TABLE {quoted(part.lookup)} AS {rows}")
    session.unregister("given")


def empty_lookups(session: duckdb.DuckDBPyConnection, parts: Sequence[Part], given: set[str | None]) -> None:
    """The optional lookups that were not `given`, with the columns that they accept and no rows."""
    for part in parts:
        if part.optional and part.lookup and part.lookup not in given:
            columns = ", ".join(f"{quoted(c)} VARCHAR" for c in part.accept)
            session.execute(f"CREATE TABLE IF NOT EXISTS {quoted(part.lookup)} ({columns}, {ROW} BIGINT)")


def loaded(session: duckdb.DuckDBPyConnection, store: Store, parts: Sequence[Part]) -> None:
    """What was imported before as `loaded.<table>`, for those that the expressions of the parts name."""
    named = set(LOADED.findall(" ".join(str(p.model_dump()) for p in parts)))
    session.execute("CREATE SCHEMA loaded")
    for name in sorted(named & set(TABLES)):
        rows = store.read(name) if store.exists(name) and store.version(name).rows else TABLES[name].arrow.empty_table()
        session.register("given", rows)
        session.execute(f"CREATE TABLE loaded.{name} AS SELECT * FROM given")
        session.unregister("given")


def accepted(path: str, accept: dict[str, Accept], columns: list[str]) -> str:
    """SQL of the columns that `accept` adds under its names. Fails: BadInput naming a column that has to be there."""
    known = {c.strip().casefold(): c for c in columns}
    out = ""
    for name, rule in accept.items():
        found = next((known[n.casefold()] for n in rule.names if n.casefold() in known), None)
        if found is None and rule.required:
            raise BadInput(
                f"{path} has no column for `{name}`; it has: {', '.join(c for c in columns if c != ROW)}.",
                f"Name one of its columns {', '.join(rule.names[:4])}, or write a mapping.",
                code="missing_column",
            )
        if found != name:
            if name.casefold() in known and known[name.casefold()] != found:
                continue
            out += f", {quoted(found)} AS {quoted(name)}" if found else f", CAST(NULL AS VARCHAR) AS {quoted(name)}"
    return out
