"""Staging: from a file's text columns to typed rows of canonical tables, each row with its reason where it breaks a rule.

Everything here happens in a private SQL session; nothing of the workspace is touched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.errors import BadInput
from knowledge.lookups import accepted, quoted
from knowledge.mapping import Part, Rule, TableSpec, Value
from knowledge.readers import ROW
from knowledge.schema import TABLES, Column, Kind

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SQL: dict[Kind, str] = {
    "text": "VARCHAR", "ts": "TIMESTAMPTZ", "date": "DATE", "money": "DECIMAL(18,6)", "qty": "DECIMAL(18,6)",
    "number": "DOUBLE", "int": "BIGINT", "bool": "BOOLEAN",
}  # fmt: skip
WORDS: dict[Kind, str] = {
    "text": "a text", "ts": "a time", "date": "a date", "money": "an amount", "qty": "a quantity", "number": "a number",
    "int": "a whole number", "bool": "yes or no",
}  # fmt: skip
WINDOW = re.compile(r"\bover\s*\(", re.IGNORECASE)
DELETED = "deleted"
OFFSET = r"'(:\d\d(?:\.\d+)?) ?([+-]\d\d):?(\d\d)$', '\1\2:\3'"  # "14:33:00 -0500" as "14:33:00-05:00"
NULLS = "('', 'nan', 'null', 'none', 'nat', '-', 'n/a', 'na')"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def make_tables(session: duckdb.DuckDBPyConnection) -> None:
    """Empty staging tables `in_<table>`, one a canonical table, `gone_<table>` for keys of what is deleted at the source,
    and `aside` for rows that no table takes."""
    for table in TABLES.values():
        columns = ", ".join(f"{quoted(c.name)} {SQL[c.kind]}" for c in table.columns)
        session.execute(
            f"CREATE TABLE in_{table.name} ({columns}, _file INT, _row BIGINT, _order INT, _one BOOLEAN, _reason VARCHAR)"
        )
        keys = ", ".join(f"{quoted(k)} {SQL[table.column(k).kind]}" for k in table.key)
        session.execute(f"CREATE TABLE gone_{table.name} ({keys})")
    session.execute("CREATE TABLE aside (_file INT, _row BIGINT, name VARCHAR, declared BOOLEAN)")
    # rows that only groups take: each goes the way of its group, which stands at the group's first row
    session.execute("CREATE TABLE members (_file INT, _row BIGINT, _lead BIGINT, _order INT, tab VARCHAR)")


def stage(
    session: duckdb.DuckDBPyConnection, number: int, path: str, table: pa.Table, mapping: Part, kept: pa.Table | None = None
) -> None:
    """Applies a part of the mapping to the rows of its file, named `path`. Fails: BadInput where the file lacks a column.

    `kept` holds, by row number, what columns that look at other rows (windows) had when the whole file was there."""
    session.register("given", table)
    session.execute("DROP TABLE IF EXISTS source")
    renamed = accepted(path, mapping.accept, table.column_names)
    session.execute(f"CREATE TEMP TABLE source AS SELECT *{renamed}, {literal(path)} AS _path FROM given")
    session.unregister("given")
    view = "source"
    for step, (name, given) in enumerate(mapping.derive.items()):
        expression = given
        columns = [d[0] for d in session.execute(f"DESCRIBE {view}").fetchall()]
        there = next((c for c in columns if c.casefold() == name.casefold()), None)
        if kept is not None and name in kept.column_names:
            session.register("kept_given", kept)
            expression = f"coalesce((SELECT k.{quoted(name)} FROM kept_given k WHERE k._row = this._row), {expression})"
        chosen = f"* REPLACE ({expression} AS {quoted(there)})" if there else f"*, {expression} AS {quoted(name)}"
        _run(
            session, f"CREATE OR REPLACE TEMP TABLE step_{step} AS SELECT {chosen} FROM {view} AS this", path, f"derive.{name}"
        )
        view = f"step_{step}"
    rules = "".join(f" WHEN {r.when} THEN {literal(r.name)}" for r in _rules(mapping))
    case = f"CASE{rules} END" if rules else "CAST(NULL AS VARCHAR)"
    _run(session, f"CREATE OR REPLACE TEMP TABLE sorted AS SELECT *, {case} AS _aside FROM {view} AS this", path, "set_aside")
    for order, spec in enumerate(mapping.tables):
        _stage_table(session, number, path, order, spec)
        if mapping.deleted is not None and not spec.per:
            _stage_deleted(session, path, spec)
    session.execute(f"INSERT INTO aside SELECT {number}, _row, _aside, true FROM sorted WHERE _aside IS NOT NULL")
    placed = " UNION ALL ".join(f"SELECT _row FROM in_{s.table} WHERE _file = {number} AND _one" for s in mapping.tables)
    for order, spec in enumerate(mapping.tables):
        if spec.per:
            session.execute(
                f"INSERT INTO members SELECT * FROM (SELECT {number}, _row, min(_row) OVER (PARTITION BY {', '.join(spec.per)}) AS lead, "
                f"{order}, '{spec.table}' FROM sorted WHERE {_taken(spec)}) WHERE _row NOT IN ({placed})"
            )
    placed += f" UNION ALL SELECT _row FROM members WHERE _file = {number}"
    session.execute(
        f"INSERT INTO aside SELECT {number}, _row, 'no table takes this row', false FROM sorted "
        f"WHERE _aside IS NULL AND _row NOT IN ({placed})"
    )
    session.execute(f"CREATE TABLE raw_{number} AS SELECT * FROM source")
    chosen = ", ".join(["_row", *(quoted(n) for n, sql in mapping.derive.items() if WINDOW.search(sql))])
    session.execute(f"CREATE TABLE kept_{number} AS SELECT {chosen} FROM sorted WHERE {'true' if ',' in chosen else 'false'}")
    for step in range(len(mapping.derive)):
        session.execute(f"DROP TABLE step_{step}")


def _taken(spec: TableSpec) -> str:
    return "_aside IS NULL" + (f" AND ({spec.where})" if spec.where else "")


def _stage_table(session: duckdb.DuckDBPyConnection, number: int, path: str, order: int, spec: TableSpec) -> None:
    table = TABLES[spec.table]
    grouped = bool(spec.per)
    chosen = ", ".join(f"CAST({_expression(v, grouped)} AS VARCHAR) AS {quoted(c)}" for c, v in spec.columns.items())
    row = f"min({ROW})" if grouped else ROW
    group = f" GROUP BY {', '.join(spec.per)}" if grouped else ""
    _run(
        session,
        f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT {chosen}, {row} AS _row FROM sorted AS this WHERE {_taken(spec)}{group}",
        path,
        spec.table,
    )
    typed, reasons = [], []
    for column in table.columns:
        value = spec.columns.get(column.name)
        if value is None:
            typed.append(f"CAST(NULL AS {SQL[column.kind]})")
            continue
        text = f"trim({quoted(column.name)})"
        clean = (
            f"nullif({text}, '')" if column.kind == "text" else f"CASE WHEN lower({text}) IN {NULLS} THEN NULL ELSE {text} END"
        )
        typed.append(_cast(column, clean, value))
        reasons += _broken(column)
    missing = [c.name for c in table.columns if c.required and c.name not in spec.columns]
    reasons = [f"WHEN true THEN {literal(f'no `{m}`')}" for m in missing] + reasons
    if table.name == "feedback":
        reasons.append("WHEN text IS NULL AND rating IS NULL AND nps IS NULL THEN 'no text, rating or NPS'")
    names = ", ".join(quoted(c.name) for c in table.columns)
    aliased = ", ".join(f"{t} AS {quoted(c.name)}" for t, c in zip(typed, table.columns, strict=True))
    case = f"CASE {' '.join(reasons)} END" if reasons else "NULL"
    raw = ", ".join(f"{quoted(c)} AS {quoted('raw ' + c)}" for c in spec.columns)
    session.execute(
        f"INSERT INTO in_{table.name} SELECT {names}, {number}, _row, {order}, {str(not grouped).lower()}, {case} "
        f"FROM (SELECT {aliased}, _row, {raw} FROM chosen)"
    )


def _stage_deleted(session: duckdb.DuckDBPyConnection, path: str, spec: TableSpec) -> None:
    """The keys of rows that are deleted at the source; a row whose key cannot be told deletes nothing."""
    table = TABLES[spec.table]
    given = [k for k in table.key if k in spec.columns]
    chosen = ", ".join(f"CAST({_expression(spec.columns[k], False)} AS VARCHAR) AS {quoted(k)}" for k in given)
    _run(
        session,
        f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT {chosen} FROM sorted AS this WHERE _aside = {literal(DELETED)}",
        path,
        spec.table,
    )
    typed = [_cast(table.column(k), f"trim({quoted(k)})", spec.columns[k]) if k in given else "NULL" for k in table.key]
    needed = " AND ".join(f"{quoted(k)} IS NOT NULL" for k in table.key if table.column(k).required)
    aliased = ", ".join(f"{t} AS {quoted(k)}" for t, k in zip(typed, table.key, strict=True))
    session.execute(f"INSERT INTO gone_{table.name} SELECT * FROM (SELECT {aliased} FROM chosen) WHERE {needed or 'true'}")


def _rules(part: Part) -> list[Rule]:
    deleted = [Rule(name=DELETED, when=part.deleted)] if part.deleted is not None else []
    return [*deleted, *part.set_aside]


def _expression(value: Value, grouped: bool) -> str:
    if value.sql is not None:
        return f"({value.sql})"
    if value.value is not None:
        return literal(str(value.value))
    assert value.column is not None
    out = quoted(value.column)
    if value.map is not None:
        cases = " ".join(f"WHEN {literal(k.casefold())} THEN {literal(v)}" for k, v in value.map.items())
        rest = literal(value.otherwise) if value.otherwise is not None else out
        out = f"(CASE lower(trim({out})) {cases} ELSE {rest} END)"
    return f"arg_min({out}, {ROW})" if grouped else out


def _cast(column: Column, text: str, value: Value) -> str:
    formats = [value.format] if isinstance(value.format, str) else value.format or []
    kind = column.kind
    if kind == "text":
        return text
    if kind == "ts":
        tries = [f"CAST(try_strptime({text}, {literal(f)}) AS TIMESTAMPTZ)" for f in formats]
        plain = f"regexp_replace({text}, {OFFSET})"
        return _finite(f"coalesce({', '.join([*tries, f'TRY_CAST({plain} AS TIMESTAMPTZ)'])})")
    if kind == "date":
        tries = [f"CAST(try_strptime({text}, {literal(f)}) AS DATE)" for f in formats]
        return _finite(
            f"coalesce({', '.join([*tries, f'TRY_CAST({text} AS DATE)', f'CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE)'])})"
        )
    if kind == "int":
        number = f"TRY_CAST({text} AS DOUBLE)"
        return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS BIGINT) END"
    if kind == "bool":
        yes, no = "('true','t','yes','y','1','1.0')", "('false','f','no','n','0','0.0')"
        return f"CASE WHEN lower({text}) IN {yes} THEN true WHEN lower({text}) IN {no} THEN false END"
    if kind == "number":
        return f"CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) THEN TRY_CAST({text} AS DOUBLE) END"
    return f"TRY_CAST({text} AS {SQL[kind]})"


def _finite(sql: str) -> str:
    """Not `infinity`, nor a year that the rest of the world cannot hold."""
    return f"CASE WHEN year(CAST({sql} AS DATE)) BETWEEN 1 AND 9999 THEN {sql} END"


def _broken(column: Column) -> list[str]:
    """Reasons of one column, on the typed values; the untyped one is at hand as `raw <name>`."""
    name, typed = column.name, quoted(column.name)
    raw = quoted("raw " + name)
    given = f"lower(trim({raw})) NOT IN {NULLS}" if column.kind != "text" else f"trim({raw}) <> ''"
    rules = []
    if column.kind != "text":
        rules.append(
            f"WHEN {typed} IS NULL AND {raw} IS NOT NULL AND {given} THEN {literal(f'`{name}` is not {WORDS[column.kind]}')}"
        )
    if column.required:
        rules.append(f"WHEN {typed} IS NULL THEN {literal(f'no `{name}`')}")
    if column.allowed:
        allowed = ", ".join(literal(a) for a in column.allowed)
        rules.append(
            f"WHEN {typed} IS NOT NULL AND {typed} NOT IN ({allowed}) THEN {literal(f'`{name}` is none of ' + ', '.join(column.allowed))}"
        )
    if column.minimum is not None:
        rules.append(f"WHEN {typed} < {column.minimum} THEN {literal(f'`{name}` is below {column.minimum:g}')}")
    if column.maximum is not None:
        rules.append(f"WHEN {typed} > {column.maximum} THEN {literal(f'`{name}` is above {column.maximum:g}')}")
    return rules


def _run(session: duckdb.DuckDBPyConnection, sql: str, path: str, where: str) -> None:
    import duckdb

    try:
        session.execute(sql)
    except duckdb.CatalogException as err:
        missing = re.search(r"Table with name (\w+) does not exist", str(err))
        if missing is None:
            raise BadInput(
                f"The mapping's `{where}` is not valid: {str(err).splitlines()[0]}.", "Mend it.", code="bad_mapping"
            ) from err
        raise BadInput(
            f"{path} is mapped with the help of `{missing[1]}`, which is not among the files given.",
            "Give that file too, or the whole folder.",
            code="no_lookup",
        ) from err
    except duckdb.BinderException as err:
        said = str(err)
        if "not found in FROM clause" in said:
            column = said.split('"')[1] if '"' in said else "?"
            raise BadInput(
                f"{path} lacks the column `{column}` that the mapping uses in `{where}`.",
                "Check the file, or the mapping.",
                code="missing_column",
            ) from err
        raise BadInput(
            f"The mapping's `{where}` is not valid: {said.splitlines()[0]}.", "Mend that expression.", code="bad_mapping"
        ) from err
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as err:
        raise BadInput(
            f"The mapping's `{where}` fails on {path}: {str(err).splitlines()[0]}.",
            "Mend that expression.",
            code="bad_mapping",
        ) from err
