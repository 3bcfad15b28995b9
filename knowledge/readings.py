"""From texts to typed values, in SQL: how each column of a file is read, by its mapping and by how the whole file is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.conventions import Conventions, conventions
from knowledge.dates import moment_sql
from knowledge.lookups import quoted
from knowledge.mapping import Part, Value
from knowledge.notation import number_sql
from knowledge.schema import TABLES, Column, Kind

if TYPE_CHECKING:
    import duckdb

SQL: dict[Kind, str] = {
    "text": "VARCHAR", "ts": "TIMESTAMPTZ", "date": "DATE", "money": "DECIMAL(18,6)", "qty": "DECIMAL(18,6)",
    "number": "DOUBLE", "int": "BIGINT", "bool": "BOOLEAN",
}  # fmt: skip
NUMBERS: tuple[Kind, ...] = ("money", "qty", "number", "int")
MOMENTS: tuple[Kind, ...] = ("ts", "date")
OFFSET = r"'(:\d\d(?:\.\d+)?) ?([+-]\d\d):?(\d\d)$', '\1\2:\3'"  # "14:33:00 -0500" as "14:33:00-05:00"
THREE = r"[1-9]\d{0,2}[.,]\d{3}"  # a thousand, or three decimals
TURN = str.maketrans("dm", "md")
NONE = Conventions({}, {}, {})


def of_file(session: duckdb.DuckDBPyConnection, part: Part, rows: str = "sorted") -> Conventions:
    """How the numbers and dates that a part of a mapping reads as columns are written, over all rows that are data."""
    found: dict[str, dict[str, dict[str, int]]] = {"numbers": {}, "dates": {}}
    there = {d[0].casefold() for d in session.execute(f"DESCRIBE {rows}").fetchall()}
    for spec in part.tables:
        for name, value in spec.columns.items():
            kind = TABLES[spec.table].column(name).kind
            if value.column is None or value.map or value.column.casefold() not in there or kind not in (*NUMBERS, *MOMENTS):
                continue
            plain = f"trim(CAST({quoted(value.column)} AS VARCHAR))"
            if kind in NUMBERS:
                easy = f"TRY_CAST({plain} AS DOUBLE) IS NOT NULL AND NOT regexp_full_match({plain}, '{THREE}')"
            else:
                easy = f"TRY_CAST({plain} AS {SQL[kind]}) IS NOT NULL"
            hard = session.execute(
                f"SELECT {plain}, count(*) FROM {rows} WHERE _aside IS NULL AND {plain} <> '' AND NOT ({easy}) GROUP BY 1"
            ).fetchall()
            if not hard:
                continue
            if kind in NUMBERS:  # what is easy says which sign parts the decimals, too
                hard += session.execute(
                    f"SELECT {plain}, count(*) FROM {rows} WHERE _aside IS NULL AND ({easy}) GROUP BY 1"
                ).fetchall()
            found["numbers" if kind in NUMBERS else "dates"][value.column] = dict(hard)
    return conventions(found["numbers"], found["dates"])


def cast(column: Column, text: str, value: Value, file: Conventions = NONE) -> str:
    """SQL: the typed value of a text; NULL where it is none."""
    kind = column.kind
    if kind == "text":
        return text
    if kind == "bool":
        yes, no = "('true','t','yes','y','1','1.0')", "('false','f','no','n','0','0.0')"
        return f"CASE WHEN lower({text}) IN {yes} THEN true WHEN lower({text}) IN {no} THEN false END"
    if kind in MOMENTS:
        return _moment(kind, text, value, file)
    number = _number(text, value, file)
    if kind == "int":
        whole = f"TRY_CAST({number} AS DOUBLE)"
        return f"CASE WHEN {whole} = floor({whole}) THEN TRY_CAST({whole} AS BIGINT) END"
    if kind == "number":
        return f"CASE WHEN isfinite(TRY_CAST({number} AS DOUBLE)) THEN TRY_CAST({number} AS DOUBLE) END"
    return f"TRY_CAST({number} AS {SQL[kind]})"


def doubts(column: Column, value: Value, file: Conventions) -> str:
    """Why a value of this column was not read, where the reason is how the whole column is written; else nothing."""
    source = value.column or ""
    dated, written = file.dates.get(source), file.numbers.get(source)
    if column.kind in MOMENTS and dated and dated.undecided:
        return f"`{column.name}` may be day/month or month/day ({dated.example}): name its `format` in the mapping"
    if column.kind in NUMBERS and written:
        if len(written.signs) > 1 and value.decimal is None:
            return f"`{column.name}` is in several currencies ({', '.join(written.signs)}): convert them first"
        if written.percent:
            return f"`{column.name}` is a share (%), not {'an amount' if column.kind == 'money' else 'a number'}"
        if written.undecided and value.decimal is None:
            return f"`{column.name}` may be thousands or decimals: name its `decimal` in the mapping"
    return ""


def _number(text: str, value: Value, file: Conventions) -> str:
    seen = file.numbers.get(value.column or "")
    if value.decimal is not None:
        return _no_share(text, number_sql(text, value.decimal))
    if seen is None or seen.notation is None or len(seen.signs) > 1:
        return text
    return _no_share(text, number_sql(text, seen.notation.decimal))


def _no_share(text: str, number: str) -> str:
    return f"(CASE WHEN NOT contains({text}, '%') THEN {number} END)"


def _moment(kind: Kind, text: str, value: Value, file: Conventions) -> str:
    formats = [value.format] if isinstance(value.format, str) else value.format or []
    seen = file.dates.get(value.column or "")
    more: tuple[str, ...] = ()
    if seen is not None and seen.order and seen.share >= 0.9:  # the file itself shows it
        formats = [f for f in formats if not ("%d" in f and "%m" in f)]
    if seen is not None and not seen.undecided:
        turned = {f.translate(TURN) for f in formats}
        more = (*(f for f in seen.formats if f not in turned), *((seen.numbers,) if seen.numbers else ()))
    tries = [
        f"CAST({m} AS {SQL[kind]})"
        for m in moment_sql(text, [*formats, *(m for m in more if m not in formats)], seen.months if seen else ())
    ]
    if kind == "ts":
        tries.append(f"TRY_CAST(regexp_replace({text}, {OFFSET}) AS TIMESTAMPTZ)")
    else:
        tries += [f"TRY_CAST({text} AS DATE)", f"CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE)"]
    # a moment has digits: DuckDB reads `epoch` and `infinity` as days, in any format
    found = _finite(f"coalesce({', '.join(tries)})")
    return f"CASE WHEN regexp_matches({text}, '[0-9]') THEN {found} END"


def _finite(sql: str) -> str:
    """Not a year that the rest of the world cannot hold."""
    return f"CASE WHEN year(CAST({sql} AS DATE)) BETWEEN 1 AND 9999 THEN {sql} END"


def e_notation(name: str) -> str:
    """SQL: whether an id went through a spreadsheet that rounded it."""
    return f"regexp_full_match({quoted(name)}, '[0-9]([.,][0-9]+)?[eE][+][0-9]{{2}}')"
