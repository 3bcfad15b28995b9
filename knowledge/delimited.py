"""Delimited text of any shape as rows: the fast reader for plain files, a patient one for all others.

What was passed over to find the table (titles, a `sep=` line, another encoding) is said in notes."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from knowledge import headers
from knowledge.encodings import Text, decoded
from knowledge.errors import BadInput

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE = 32_000_000
DELIMITERS = ",;\t|"
SEP = re.compile(r"\A\ufeff?\"?sep=(?P<sign>[^\r\n\"])\"?[^\S\t]*(\r\n|\r|\n)", re.IGNORECASE)
PASSED_OVER = 60
FORMULA = re.compile(r'^="([^"]*)"$')
"""A text written as a formula."""


@dataclass(frozen=True)
class Sheet:
    """A file's table (text columns), what is to be said of it, names that stand over several columns, and the encoding where
    it was found by looking."""

    table: pa.Table
    notes: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    encoding: str = ""


def plain(
    session: duckdb.DuckDBPyConnection, path: Path, head: bytes, kind: str, delimiter: str | None, latin: bool
) -> pa.Table | None:
    """The table of a file that is plain CSV from its first byte on; None where it is not. Fails: MemoryError's like in SQL."""
    import duckdb

    if (
        head.startswith((b"\xff\xfe", b"\xfe\xff"))
        or head.count(b"\r") != head.count(b"\r\n")
        or (b'\\"' in head)
        or b'="' in head
    ):
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1" if latin else "utf-8", errors="replace")
    if SEP.match(start) or not start.strip():
        return None
    delimiter = delimiter or ("\t" if kind == ".tsv" else delimiter_of(start))
    rows = _some(start, delimiter)
    if not rows or headers.find(rows) != 0:
        return None
    names = [" ".join(n.split()) for n in rows[0]]
    if not all(names) or len({n.casefold() for n in names}) < len(names):
        return None
    columns = "{" + ", ".join(f"{_literal(n)}: 'VARCHAR'" for n in names) + "}"
    options = (
        f"auto_detect=false, delim={_literal(delimiter)}, quote='\"', escape='\"', strict_mode=true, header=true, columns={columns}, "
        f"max_line_size={LONGEST_LINE}, buffer_size={2 * LONGEST_LINE}, nullstr='', encoding='{'latin-1' if latin else 'utf-8'}'"
    )
    try:
        found: pa.Table = session.execute(f"SELECT * FROM read_csv({_literal(str(path))}, {options})").to_arrow_table()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return None
    return found


def patient(raw: bytes, name: str, kind: str, encoding: str, delimiter: str | None, header: Sequence[str]) -> Sheet:
    """The table of a file in any shape. Fails: BadInput naming the line, what is wrong with it and what to do."""
    read = decoded(raw, name, encoding)
    text = read.text.removeprefix("\ufeff")
    first_line = 1
    if sep := SEP.match(text):
        delimiter, text, first_line = sep["sign"], text[sep.end() :], 2
    delimiter = delimiter or ("\t" if kind == ".tsv" else delimiter_of(text[:65536]))
    text = re.sub(rf"(?<![^{re.escape(delimiter)}\r\n])\\N(?=[{re.escape(delimiter)}\r\n]|\Z)", "", text)  # a database's null
    rows, lines = _rows(text, delimiter, name, first_line)
    if not rows:
        raise BadInput(f"{name} has no rows.", "Give a file with a header and rows.", code="empty_file")
    kept = sum(1 for r in rows for i, c in enumerate(r) if (m := FORMULA.match(c)) and not r.__setitem__(i, m[1]))
    at = -1 if header else headers.find(rows)
    _same_width(rows, lines, len(header) if header else len(rows[at]), at, name)
    notes = _said(read, rows, lines, at)
    notes += (
        [f'{kept:,} cells are written as ="…", so that a spreadsheet keeps their zeros; they are read as the text inside.']
        if kept
        else []
    )
    return replace(table_of(rows, at, name, header, notes), encoding=read.encoding if read.guessed else "")


def table_of(rows: Sequence[Sequence[str]], at: int, name: str, header: Sequence[str], notes: Iterable[str] = ()) -> Sheet:
    """Cells as a table with the names in row `at`, or with `header` where the file has none."""
    found = headers.Header(tuple(header), -1, tuple(range(len(header)))) if header else headers.named(rows, at)
    body = rows[at + 1 :]
    columns = {
        n: pa.array([(r[p] or None) if p < len(r) else None for r in body], pa.string())
        for n, p in zip(found.names, found.places, strict=True)
    }
    same = [
        n
        for n in columns
        if (one := re.match(r"(.+) \(\d+\)$", n)) and one[1] in columns and columns[n].equals(columns[one[1]])
    ]
    kept = {n: c for n, c in columns.items() if n not in same}
    twice = tuple(t for t in found.twice if any(re.fullmatch(rf"{re.escape(t)} \(\d+\)", n, re.IGNORECASE) for n in kept))
    return Sheet(pa.table(kept), tuple(f"{name}: {n}" for n in notes), twice)


def delimiter_of(start: str) -> str:
    """The sign that parts most lines into the same number of fields, more than one."""
    best, found = (0.0, 0), ","
    for sign in DELIMITERS:
        widths = [len(r) for r in _some(start, sign)[:60] if any(c.strip() for c in r)]
        many = Counter(w for w in widths if w > 1)
        if not many:
            continue
        width, count = max(many.items(), key=lambda m: (m[1], m[0]))
        score = (round(count / len(widths), 2), width)
        if score > best:
            best, found = score, sign
    return found


def _some(start: str, delimiter: str) -> list[list[str]]:
    """The rows of a file's beginning; the last one may be cut and is left out where there are others."""
    csv.field_size_limit(LONGEST_LINE)
    try:
        rows = list(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, escapechar=_ways(start, delimiter)[0][1]))
    except csv.Error:
        rows = [line.split(delimiter) for line in start.splitlines()]
    return rows[:-1] if len(rows) > 2 and len(start) > 60_000 else rows


def _ways(text: str, delimiter: str) -> list[tuple[str, str | None]]:
    """The text and its sign of escape, in the ways in which it may be written: with a backslash before quotes inside of fields,
    also where one ends a field, else with doubled quotes."""
    if '\\"' not in text:
        return [(text, None)]
    inside = re.sub(rf'(?<![{re.escape(delimiter)}\r\n])\\"(?!\s*({re.escape(delimiter)}|\r|\n|\Z))', '""', text)
    return [(text, "\\"), (inside, None), (text, None)]


def _parsed(text: str, delimiter: str, escape: str | None) -> tuple[list[list[str]], list[int], int]:
    """Rows with the line that each begins in, and the last line. Fails: csv.Error."""
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, escapechar=escape, strict=True)
    rows, lines, line = [], [], 0
    for row in reader:
        if row:
            rows.append(row)
            lines.append(line)
        line = reader.line_num
    return rows, lines, line


def _rows(text: str, delimiter: str, name: str, first_line: int) -> tuple[list[list[str]], list[int]]:
    failed: csv.Error | None = None
    kept: tuple[list[list[str]], list[int]] | None = None
    for one, escape in _ways(text, delimiter):
        try:
            rows, lines, _ = _parsed(one, delimiter, escape)
        except csv.Error as err:
            failed = failed or err
            continue
        lines = [line + first_line for line in lines]
        if len({len(r) for r in rows}) == 1:
            return rows, lines
        kept = kept or (rows, lines)
    if kept is not None:
        return kept
    line = _line_of(text, delimiter) + first_line
    if "end of data" in str(failed):
        raise BadInput(
            f"{name}, line {line}: a quoted field never ends; the file may be cut off.", "Export it again.", code="cut_off"
        ) from failed
    if "field limit" in str(failed):
        raise BadInput(
            f"{name}, line {line} is longer than {LONGEST_LINE // 1_000_000} million characters.",
            "Check for a missing quote.",
            code="long_line",
        ) from failed
    raise BadInput(
        f"{name}, line {line}: a quotation mark stands inside a field that is not closed before `{delimiter}`.",
        "Double the quotation marks inside of quoted fields, or export it again.",
        code="not_csv",
    ) from failed


def _line_of(text: str, delimiter: str) -> int:
    """The line in which the row begins that cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    try:
        for _ in reader:
            line = reader.line_num
    except csv.Error:
        return line
    return line


def _same_width(rows: list[list[str]], lines: list[int], width: int, at: int, name: str) -> None:
    """Cuts empty fields beyond the header, fills up what only stands below or between the records; says what is broken."""
    wrong = []
    tail = _tail(rows, lines, width, at)
    for place in range(at + 1, len(rows)):
        row = rows[place]
        if len(row) > width and not any(c.strip() for c in row[width:]):
            rows[place] = row[:width]
        elif len(row) < width and (place >= tail or len(row) == 1 or not any(c.strip() for c in row) or _total(row)):
            rows[place] = [*row, *[""] * (width - len(row))]
        elif len(row) != width:
            wrong.append((lines[place], len(row)))
    if not wrong:
        return
    body = len(rows) - at - 1
    line, fields = wrong[0]
    if len(wrong) > body / 2 and len({f for _, f in wrong}) == 1:
        raise BadInput(
            f"{name}: {len(wrong):,} of {body:,} rows have {fields} fields, the header in line {lines[at] if at >= 0 else 0} has {width}.",
            "Name every column in the header, or export it again.",
            code="fields",
        )
    more = f" (and {len(wrong) - 1:,} more lines)" if len(wrong) > 1 else ""
    raise BadInput(
        f"{name}, line {line} has {fields} fields, the header {width}{more}.",
        "Quote fields that hold the delimiter, or export it again.",
        code="fields",
    )


def _tail(rows: list[list[str]], lines: list[int], width: int, at: int) -> int:
    """From which row on, after an empty line or one of a single field, no row is whole: what stands below the table."""
    place = len(rows)
    while place > at + 1 and len(rows[place - 1]) < width:
        place -= 1
    while place < len(rows) and not (
        len(rows[place]) == 1 or lines[place] > lines[place - 1] + 1 + sum(c.count("\n") for c in rows[place - 1])
    ):
        place += 1
    return place


def _total(row: Sequence[str]) -> bool:
    return headers.TOTALS.match(next((c for c in row if c.strip()), "").strip()) is not None


def _said(read: Text, rows: list[list[str]], lines: list[int], at: int) -> list[str]:
    notes = []
    if read.guessed:
        notes.append(f"read as {read.encoding}, since it is not UTF-8.")
    if at > 0:
        notes.append(passed_over(rows[:at], lines[at], "line"))
    return notes


def passed_over(rows: Sequence[Sequence[str]], place: int, what: str) -> str:
    """What is said of the rows above the header."""
    first = " · ".join(c.strip() for r in rows for c in r if c.strip())
    shown = first[:PASSED_OVER] + ("…" if len(first) > PASSED_OVER else "")
    return f"the columns' names were found in {what} {place}; what is above was left out (“{shown}”)."


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
