"""What the expressions of a mapping have at hand: other files by their lookup names, and what was imported before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from knowledge.errors import BadInput
from knowledge.mapping import Accept, Part
from knowledge.readers import ROW
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from knowledge.tables import Store

LOADED = re.compile(r"\bloaded\.([a-z_]+)")
KNOWN = re.compile(r"\bknown\.([a-z_]+)")
OWN = " id "
"""What parts file and line from the source's own id in `source_row`."""


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
    """What was imported before as `loaded.<table>`, and `known.<table>`, the `key` and the source's `own` id of each row there and
    of the files read so far, for those that the expressions of the parts name."""
    said = " ".join(str(p.model_dump()) for p in parts)
    known = set(KNOWN.findall(said)) & set(TABLES)
    named = set(LOADED.findall(said)) | known
    session.execute("CREATE SCHEMA loaded")
    for name in sorted(named & set(TABLES)):
        rows = store.read(name) if store.exists(name) and store.version(name).rows else TABLES[name].arrow.empty_table()
        session.register("given", rows)
        session.execute(f"CREATE TABLE loaded.{name} AS SELECT * FROM given")
        session.unregister("given")
    session.execute("CREATE SCHEMA known")
    for name in sorted(known):
        key = quoted(TABLES[name].key[0])
        session.execute(
            f"CREATE VIEW known.{name} AS SELECT {key} AS key, nullif(split_part(source_row, '{OWN}', 2), '') AS own FROM loaded.{name} "
            f"UNION ALL SELECT {key}, _own FROM in_{name}"
        )


def matched(accept: dict[str, Accept], columns: Sequence[str]) -> dict[str, str]:
    """Which column of a file stands for which name that `accept` adds."""
    known = {c.strip().casefold(): c for c in columns}
    found: dict[str, Any] = {}
    for name, rule in accept.items():
        column = next((known[n.casefold()] for n in rule.names if n.casefold() in known), None)
        if column is None and rule.like:
            column = alike(rule.like, [c for c in columns if c not in found.values() and c != ROW])
        if column is not None:
            found[name] = column
    return found


def accepted(path: str, accept: dict[str, Accept], columns: list[str]) -> str:
    """SQL of the columns that `accept` adds under its names. Fails: BadInput naming every column that has to be there."""
    known = {c.strip().casefold(): c for c in columns}
    there = matched(accept, columns)
    lacking = [(name, rule) for name, rule in accept.items() if rule.required and name not in there]
    out = ""
    for name, rule in accept.items():
        if rule.asks and name.casefold() in known:
            continue
        found = there.get(name)
        if found is None or found.strip().casefold() != name.casefold():
            if name.casefold() in known and known[name.casefold()] != found:
                continue
            out += f", {quoted(found)} AS {quoted(name)}" if found else f", CAST(NULL AS VARCHAR) AS {quoted(name)}"
    if lacking:
        names = " and for ".join(f"`{n}`" for n, _ in lacking)
        hints = "; ".join(f"{n}: {', '.join(r.names[:4])}" for n, r in lacking)
        raise BadInput(
            f"{path} has no column for {names}; it has: {', '.join(c for c in columns if c != ROW)}.",
            f"Name one of its columns so ({hints}), or have a mapping proposed: `rapport mapping suggest`.",
            code="missing_column",
        )
    return out


REPLY = re.compile(
    r"\b(repl(y|ies|ied)|(company|owner|merchant|seller|shop|business|host|staff) (response|answer|comment)|antwort des|reponse du|respuesta de|risposta del|resposta d[ao])\b"
)
"""What is not the customer's but the answer to it."""


def alike(target: str, columns: Sequence[str]) -> str | None:
    """The column that is called what a target of ours is called somewhere, by its whole name or by its last words."""
    from knowledge.guesses import plain_words
    from knowledge.synonyms import COLUMNS

    table, field = target.split(".")
    plain = {c: plain_words(re.sub(r"\(.*?\)", " ", c)) for c in columns}
    if table == "feedback":
        plain = {c: w for c, w in plain.items() if not REPLY.search(w)}
    for synonym in map(plain_words, COLUMNS[table][field].split("|")):
        whole = next((c for c, w in plain.items() if w == synonym), None)
        if whole is not None:
            return whole
    for synonym in map(plain_words, COLUMNS[table][field].split("|")):
        last = next((c for c, w in plain.items() if len(synonym) > 3 and w.endswith(f" {synonym}")), None)
        if last is not None:
            return last
    return None
