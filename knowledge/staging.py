"""Staging: from a file's text columns to typed rows of canonical tables, each row with its reason where it breaks a rule.

Everything here happens in a private SQL session; nothing of the workspace is touched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge import readings, survey
from knowledge.asof import EVENTS
from knowledge.conventions import Conventions
from knowledge.errors import BadInput
from knowledge.expressions import check
from knowledge.lookups import accepted, matched, quoted
from knowledge.mapping import Part, Rule, TableSpec, Value
from knowledge.nearest import Meaning
from knowledge.notation import number_sql
from knowledge.readers import ROW
from knowledge.readings import SQL
from knowledge.schema import TABLES, Column, Kind, Table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

WORDS: dict[Kind, str] = {
    "text": "a text", "ts": "a time", "date": "a date", "money": "an amount", "qty": "a quantity", "number": "a number",
    "int": "a whole number", "bool": "yes or no",
}  # fmt: skip
WINDOW = re.compile(r"\bover\s*\(", re.IGNORECASE)
NO_DATE = r"^([0.:/ -]*|(0001|1753|1900)[-/]0?1[-/]0?1|0?1[./-]0?1[./-](0001|1753|1900)|9999[-/]12[-/]31|31[./-]12[./-]9999|12[./-]31[./-]9999)([ T]0?0:00(:00([.]0*)?)?Z?)?$"
"""What systems write where there is no date: `00.00.0000`, and the first or last day that they know."""
WORD = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
DELETED = "deleted"
YEARS = (1971, 2100)
"""No event here is before or after them; 1 January 1970 is a system's zero."""
NULLS = "('', '\\n', 'nan', 'null', 'none', 'nat', '-', 'n/a', 'na')"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def make_tables(session: duckdb.DuckDBPyConnection) -> None:
    """Empty staging tables `in_<table>`, one a canonical table, `gone_<table>` for keys of what is deleted at the source,
    and `aside` for rows that no table takes."""
    for table in TABLES.values():
        columns = ", ".join(f"{quoted(c.name)} {SQL[c.kind]}" for c in table.columns)
        session.execute(
            f"CREATE TABLE in_{table.name} ({columns}, _file INT, _row BIGINT, _order INT, _one BOOLEAN, _reason VARCHAR, _own VARCHAR)"
        )
        keys = ", ".join(f"{quoted(k)} {SQL[table.column(k).kind]}" for k in table.key)
        session.execute(f"CREATE TABLE gone_{table.name} ({keys})")
    both = f"CASE WHEN sign = ',' THEN {number_sql('t', ',')} ELSE {number_sql('t', '.')} END"
    session.execute(f"CREATE OR REPLACE MACRO number(t, sign) AS TRY_CAST({both} AS DECIMAL(18, 6))")
    session.execute("CREATE TABLE aside (_file INT, _row BIGINT, name VARCHAR, declared BOOLEAN)")
    # rows that only groups take: each goes the way of its group, which stands at the group's first row
    session.execute("CREATE TABLE members (_file INT, _row BIGINT, _lead BIGINT, _order INT, tab VARCHAR)")


def stage(
    session: duckdb.DuckDBPyConnection, number: int, path: str, table: pa.Table, mapping: Part, kept: pa.Table | None = None,
    aside: Sequence[tuple[int, str]] = (), meaning: Meaning | None = None, written: Conventions | None = None,
) -> tuple[list[str], Conventions, Part]:  # fmt: skip
    """Applies a part of the mapping to the rows of its file, named `path`; gives what it tells of them, how the file writes
    its numbers and dates, and the part with what the file has no columns for as a stand-in. Fails: BadInput where the file lacks a column.

    `kept` holds, by row number, what columns that look at other rows (windows) had when the whole file was there, `written`
    how the whole file was written; `aside` numbers and reasons of rows that are no records: nothing else sees them."""
    check(mapping)
    own = {c.casefold() for c in table.column_names}
    table, asked = survey.with_answers(table, mapping.accept, meaning)
    mapping = _unsaid(mapping, _lacking(mapping, table, own), own)
    session.register("given", table)
    session.execute("DROP TABLE IF EXISTS source")
    renamed = accepted(path, mapping.accept, table.column_names)
    session.execute(f"CREATE TABLE raw_{number} AS SELECT *{renamed}, {literal(path)} AS _path FROM given")
    session.unregister("given")
    session.executemany("INSERT INTO aside VALUES ($1, $2, $3, true)", [[number, *a] for a in aside]) if aside else None
    here = f"SELECT _row FROM aside WHERE _file = {number}"
    session.execute(f"CREATE TEMP TABLE source AS SELECT * FROM raw_{number} WHERE _row NOT IN ({here})")
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
    file = written or readings.of_file(session, mapping)
    for order, spec in enumerate(mapping.tables):
        _stage_table(session, number, path, order, spec, file)
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
    chosen = ", ".join(["_row", *(quoted(n) for n, sql in mapping.derive.items() if WINDOW.search(sql))])
    session.execute(f"CREATE TABLE kept_{number} AS SELECT {chosen} FROM sorted WHERE {'true' if ',' in chosen else 'false'}")
    told = _told(session, path, mapping)
    for step in range(len(mapping.derive)):
        session.execute(f"DROP TABLE step_{step}")
    return [*(f"{path}: {a}" for a in asked), *told], file, mapping


def _lacking(mapping: Part, table: pa.Table, there: set[str]) -> frozenset[str]:
    """The names that the mapping accepts and that the file, whose columns were `there`, has no column for."""
    found = set(matched(mapping.accept, [c for c in table.column_names if c.casefold() in there]))
    asked = {n for n, a in mapping.accept.items() if a.asks and n in table.column_names}
    found |= {n for n in asked if table[n].null_count < table.num_rows} | {n for n in mapping.accept if n.casefold() in there}
    return frozenset(mapping.accept) - found


def _unsaid(mapping: Part, lacking: frozenset[str], there: set[str]) -> Part:
    """The part in which what comes from lacking columns alone stands in for new rows and changes no known one."""
    names = {*mapping.accept, *mapping.derive, *there}
    empty = set(lacking)
    for name, sql in mapping.derive.items():
        read = set(WORD.findall(sql)) & names
        empty = empty | {name} if read and read <= empty else empty - {name}

    def silent(value: Value) -> bool:
        read = {value.column} if value.column else set(WORD.findall(value.sql or "")) & names
        return bool(read) and read <= empty

    def said(spec: TableSpec) -> TableSpec:
        table = TABLES[spec.table]
        columns = {}
        for name, value in spec.columns.items():
            if name in table.key or not silent(value):
                columns[name] = value
            elif value.column is None or not table.column(name).required:
                columns[name] = value.model_copy(update={"only_new": True})
        return spec.model_copy(update={"columns": columns})

    return mapping.model_copy(update={"tables": [said(s) for s in mapping.tables]}) if lacking else mapping


def _told(session: duckdb.DuckDBPyConnection, path: str, mapping: Part) -> list[str]:
    said = []
    for number, expression in enumerate(mapping.tell):
        select = f"CREATE OR REPLACE TEMP TABLE told AS SELECT CAST({expression} AS VARCHAR) AS said FROM sorted AS this WHERE _aside IS NULL"
        _run(session, select, path, f"tell.{number}")
        said += [f"{path}: {row[0]}" for row in session.execute("SELECT said FROM told WHERE said IS NOT NULL").fetchall()]
    return said


def without(table: pa.Table, aside: Sequence[tuple[int, str]]) -> pa.Table:
    """The rows that are records."""
    if not aside:
        return table
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.invert(pc.is_in(table[ROW], pa.array([row for row, _ in aside], pa.int64()))))


def _taken(spec: TableSpec) -> str:
    return "_aside IS NULL" + (f" AND ({spec.where})" if spec.where else "")


def _stage_table(
    session: duckdb.DuckDBPyConnection, number: int, path: str, order: int, spec: TableSpec, file: Conventions
) -> None:
    table = TABLES[spec.table]
    grouped = bool(spec.per)
    chosen = ", ".join(f"CAST({_expression(v, grouped)} AS VARCHAR) AS {quoted(c)}" for c, v in spec.columns.items())
    row = f"min({ROW})" if grouped else ROW
    own = f"CAST({'min' if grouped else ''}({spec.own or 'NULL'}) AS VARCHAR)"
    group = f" GROUP BY {', '.join(spec.per)}" if grouped else ""
    _run(
        session,
        f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT {chosen}, {row} AS _row, {own} AS _own FROM sorted AS this WHERE {_taken(spec)}{group}",
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
        if column.kind in readings.MOMENTS:
            clean = f"CASE WHEN NOT regexp_matches({clean}, '{NO_DATE}') THEN {clean} END"
        typed.append(readings.cast(column, clean, value, file))
        reasons += _broken(table, column, readings.doubts(column, value, file))
    missing = [k for k in table.key if table.column(k).required and k not in spec.columns]
    reasons = [f"WHEN true THEN {literal(f'no `{m}`')}" for m in missing] + reasons
    if table.name == "feedback":
        reasons.append("WHEN text IS NULL AND rating IS NULL AND nps IS NULL THEN 'no text, rating or NPS'")
    names = ", ".join(quoted(c.name) for c in table.columns)
    aliased = ", ".join(f"{t} AS {quoted(c.name)}" for t, c in zip(typed, table.columns, strict=True))
    case = f"CASE {' '.join(reasons)} END" if reasons else "NULL"
    raw = ", ".join(f"{quoted(c)} AS {quoted('raw ' + c)}" for c in spec.columns)
    session.execute(
        f"INSERT INTO in_{table.name} SELECT {names}, {number}, _row, {order}, {str(not grouped).lower()}, {case}, nullif(trim(_own), '') "
        f"FROM (SELECT {aliased}, _row, _own, {raw} FROM chosen)"
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
    typed = [readings.cast(table.column(k), f"trim({quoted(k)})", spec.columns[k]) if k in given else "NULL" for k in table.key]
    needed = " AND ".join(f"{quoted(k)} IS NOT NULL" for k in table.key if table.column(k).required)
    aliased = ", ".join(f"{t} AS {quoted(k)}" for t, k in zip(typed, table.key, strict=True))
    session.execute(f"INSERT INTO gone_{table.name} SELECT * FROM (SELECT {aliased} FROM chosen) WHERE {needed or 'true'}")


def _rules(part: Part) -> list[Rule]:
    deleted = [Rule(name=DELETED, when=part.deleted)] if part.deleted is not None else []
    return [*deleted, *part.set_aside]


def _expression(value: Value, grouped: bool) -> str:
    out = _unscoped(value, grouped)
    if not value.scope:
        return out
    bare, before = f"nullif(trim(CAST({out} AS VARCHAR)), '')", literal(f"{value.scope}:")
    return f"(CASE WHEN starts_with({bare}, {before}) THEN {bare} ELSE {before} || {bare} END)"


def _unscoped(value: Value, grouped: bool) -> str:
    if value.sql is not None:
        return f"({value.sql})"
    if value.value is not None:
        return literal(str(value.value))
    assert value.column is not None
    out = quoted(value.column)
    if value.map is not None:
        cases = " ".join(f"WHEN {literal(k.casefold())} THEN {literal(v)}" for k, v in value.map.items())
        rest = literal(value.otherwise) if value.otherwise is not None else out
        out = f"(CASE lower(trim({out})) {cases} ELSE {rest} END)" if cases else rest
    return f"arg_min({out}, {ROW})" if grouped else out


def _broken(table: Table, column: Column, doubt: str = "") -> list[str]:
    """Reasons of one column, on the typed values; the untyped one is at hand as `raw <name>`."""
    name, typed = column.name, quoted(column.name)
    raw = quoted("raw " + name)
    given = f"lower(trim({raw})) NOT IN {NULLS}" if column.kind != "text" else f"trim({raw}) <> ''"
    if column.kind in readings.MOMENTS:
        given += f" AND NOT regexp_matches(trim({raw}), '{NO_DATE}')"
    rules = []
    if column.kind != "text":
        said = doubt or f"`{name}` is not {WORDS[column.kind]}"
        rules.append(f"WHEN {typed} IS NULL AND {raw} IS NOT NULL AND {given} THEN {literal(said)}")
    elif name in table.key or column.references or name.endswith("_id"):
        said = f"`{name}` is in E notation: a spreadsheet rounded it, so it cannot be told from others"
        rules.append(f"WHEN {readings.e_notation(name)} THEN {literal(said)}")
    if column.required:
        rules.append(f"WHEN {typed} IS NULL THEN {literal(f'no `{name}`')}")
    if column.allowed:
        allowed = ", ".join(literal(a) for a in column.allowed)
        rules.append(
            f"WHEN {typed} IS NOT NULL AND {typed} NOT IN ({allowed}) THEN {literal(f'`{name}` is none of ' + ', '.join(column.allowed))}"
        )
    if name in EVENTS.get(table.name, ()) or (table.name == "orders" and column.kind in readings.MOMENTS):
        rules.append(
            f"WHEN year({typed}) NOT BETWEEN {YEARS[0]} AND {YEARS[1]} THEN {literal(f'`{name}` is before {YEARS[0]} or after {YEARS[1]}: a mistyped year, or no date')}"
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
