"""Files of every common format, read as text columns with a row number: nothing is guessed about types here.

A file that is broken is one clear error (what, where, what to do) before anything else has happened."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from knowledge import delimited, html_tables, mail, nested, sheets
from knowledge.dates import plain_clock
from knowledge.delimited import Sheet
from knowledge.encodings import decoded, wide
from knowledge.errors import BadInput

if TYPE_CHECKING:
    import duckdb

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".json", ".jsonl", ".ndjson", ".parquet", ".md", ".mbox")
ROW = "_row"
LOOKED_AT, SOME = 1000, 20
"""Rows that may be the header again, and that show how a column is written."""


@dataclass(frozen=True)
class Layout:
    """What a mapping may say of a file: `header` gives column names where the file has none; `blanks` splits at runs of
    blanks; `keep` names JSON fields that stay JSON text instead of becoming columns of their own, `each` lists in JSON records
    of which every entry is a row."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    header: tuple[str, ...] = ()
    blanks: bool = False
    sheet: str | None = None
    keep: tuple[str, ...] = ()
    each: tuple[str, ...] = ()


def read(session: duckdb.DuckDBPyConnection, path: Path, layout: Layout | None = None) -> pa.Table:
    """The file's columns as text plus `_row` (1-based, header not counted). Fails: BadInput naming file, place and remedy."""
    sheet = look(session, path, layout)
    if sheet.twice:
        raise BadInput(f"{path}: column `{sheet.twice[0]}` is there twice.", "Rename one of them.")
    return sheet.table


def look(session: duckdb.DuckDBPyConnection, path: Path, layout: Layout | None = None) -> Sheet:
    """As `read`, with what is to be said of the file and the names that are there twice (a second one is `name (2)`)."""
    layout = layout or Layout()
    there(path)
    kind = _kind(path)
    head = _head(path)
    _check_magic(path, kind, head)
    sheet = _sheet(session, path, kind, layout, head)
    sheet = _clocks(_turned(sheet))
    numbered = sheet.table.append_column(ROW, pa.array(range(1, sheet.table.num_rows + 1), pa.int64()))
    return replace(sheet, table=numbered)


def _clocks(sheet: Sheet) -> Sheet:
    """Moments with the half of the day in another script as ISO."""
    table = sheet.table
    for place, name in enumerate(table.column_names):
        some = [v for v in table[name].slice(0, SOME).to_pylist() if v]
        if some and all(plain_clock(v) != v for v in some):
            text = [v and plain_clock(v) for v in table[name].to_pylist()]
            table = table.set_column(place, name, pa.array(text, pa.string()))
    return replace(sheet, table=table)


def _turned(sheet: Sheet) -> Sheet:
    """Files glued together: below the header again with its columns in another order, the rows are read by that one."""
    names = sheet.table.column_names
    if len(names) < 2 or not sheet.table.num_rows:
        return sheet
    first = pc.utf8_ltrim(pc.fill_null(sheet.table.column(0), ""), characters="\ufeff ")
    places = np.flatnonzero(pc.is_in(first, value_set=pa.array(names)).to_numpy(zero_copy_only=False))
    heads = {int(p): [(c[int(p)].as_py() or "").strip("\ufeff ") for c in sheet.table.columns] for p in places[:LOOKED_AT]}
    heads = {p: h for p, h in heads.items() if sorted(h) == sorted(names)}
    if not any(h != list(names) for h in heads.values()):
        return sheet
    rows, order = [], list(names)
    for place, row in enumerate(zip(*(c.to_pylist() for c in sheet.table.columns), strict=True)):
        order = heads.get(place, order)
        by_name = dict(zip(order, row, strict=True))
        rows.append(names if place in heads else [by_name[n] for n in names])
    table = pa.table({n: pa.array([r[i] for r in rows], pa.string()) for i, n in enumerate(names)})
    turned = next(p for p, h in heads.items() if h != list(names))
    return replace(
        sheet,
        table=table,
        notes=(
            *sheet.notes,
            f"in row {turned + 1} the header stands again with its columns in another order; the rows below are read by it.",
        ),
    )


def there(path: Path) -> None:
    """Fails: BadInput where there is no such file, or nothing in it."""
    if not path.is_file():
        raise BadInput(f"{path} is not there.", "Check the path.", code="no_file")
    if path.stat().st_size == 0:
        raise BadInput(f"{path} is empty.", "Give a file with a header and rows.", code="empty_file")


def _sheet(session: duckdb.DuckDBPyConnection, path: Path, kind: str, layout: Layout, head: bytes) -> Sheet:
    if kind == ".parquet":
        return Sheet(_parquet(path))
    if kind == ".xls" and html_tables.is_page(head):
        return html_tables.read(_text(path), path.name, "" if layout.encoding == "utf-8" else layout.encoding)
    if kind == ".xlsx":
        return sheets.read(_text(path), path.name, layout.sheet, layout.header)
    if kind in (".json", ".jsonl", ".ndjson"):
        return nested.sheet(_decoded(path, ""), path.name, lines=kind != ".json", keep=layout.keep, each=layout.each)
    if kind == ".mbox":
        if not head.startswith(b"From "):
            raise BadInput(
                f"{path.name} is no mbox: it does not begin with `From `.", "Export the mail as mbox.", code="not_mbox"
            )
        return Sheet(mail.mbox(_text(path)))
    if kind == ".md":
        return Sheet(_markdown(path, layout))
    if layout.blanks:
        return Sheet(_blanks(path, layout))
    page = layout.encoding.lower().replace("_", "-")
    if page in ("utf-8", "utf8", "latin-1", "iso-8859-1", "latin1") and not layout.header:
        latin = not page.startswith("utf")
        table = delimited.plain(session, path, head, kind, layout.delimiter, latin)
        if table is not None:
            return Sheet(table)
    return delimited.patient(_text(path), path.name, kind, layout.encoding, layout.delimiter, layout.header)


def _kind(path: Path) -> str:
    name = path.name.removesuffix(".gz").lower()
    kind = Path(name).suffix
    if kind not in SUFFIXES:
        raise BadInput(
            f"{path.name}: `{kind or 'no ending'}` is not a format that can be read.",
            f"Known: {', '.join(SUFFIXES)}, also with .gz.",
        )
    return kind


def _head(path: Path) -> bytes:
    """The first bytes of the (unpacked) file, with a truncated or false gzip said clearly."""
    if path.suffix != ".gz":
        with path.open("rb") as file:
            return file.read(65536)
    try:
        with gzip.open(path, "rb") as file:
            return file.read(65536)
    except (OSError, EOFError) as err:
        raise BadInput(f"{path.name} is not a whole gzip file ({err}).", "Pack or download it again.") from err


def _check_magic(path: Path, kind: str, head: bytes) -> None:
    what = {
        b"PK\x03\x04": "a zip archive",
        b"%PDF": "a PDF",
        b"PAR1": "a Parquet file",
        b"\x1f\x8b": "a gzip file",
        b"\xd0\xcf\x11\xe0": "an old Office file",
    }
    if kind == ".xls" and head.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(f"{path.name} is a workbook of Excel 97 to 2003.", "Save it as XLSX or CSV.", code="old_workbook")
    for magic, name in what.items():
        wanted = (kind == ".xlsx" and magic == b"PK\x03\x04") or (kind == ".parquet" and magic == b"PAR1")
        if head.startswith(magic) and not wanted:
            raise BadInput(
                f"{path.name} is {name}, not {kind.removeprefix('.').upper()}.", "Unpack it, or give it the ending that fits."
            )
    text = kind not in (".xlsx", ".parquet", ".mbox")
    if text and head.count(b"\x00") and not wide(head):
        raise BadInput(
            f"{path.name} is a binary file: there is a zero byte at position {head.index(0)}.", "Export it as CSV text."
        )


def _text(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as err:
        raise BadInput(f"{path.name} is not a whole gzip file ({err}).", "Pack or download it again.") from err


def _decoded(path: Path, encoding: str) -> str:
    return decoded(_text(path), path.name, encoding).text.removeprefix("\ufeff")


def _from_rows(path: Path, names: Sequence[str], rows: list[list[str]], first_line: int) -> pa.Table:
    for number, row in enumerate(rows, first_line):
        if len(row) != len(names):
            raise BadInput(
                f"{path.name}, line {number} has {len(row)} fields, the header {len(names)}.", "Export it again.", code="fields"
            )
    return pa.table({n: pa.array([row[i] or None for row in rows], pa.string()) for i, n in enumerate(names)})


def _blanks(path: Path, layout: Layout) -> pa.Table:
    rows = [line.split() for line in _decoded(path, layout.encoding).splitlines() if line.strip()]
    names = list(layout.header) or rows.pop(0)
    return _from_rows(path, names, rows, 1)


def _markdown(path: Path, layout: Layout) -> pa.Table:
    """One row a document: its file name, its first heading (else the name) and all of its text."""
    text = _decoded(path, layout.encoding)
    heading = re.search(r"^#+\s+(.+?)\s*$", text, re.MULTILINE)
    stem = path.name.removesuffix(".gz").removesuffix(".md")
    row = {"name": stem, "title": heading[1] if heading else stem, "text": text.strip() or None}
    return pa.table({n: pa.array([v], pa.string()) for n, v in row.items()})


def _parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(_text(path)) if path.suffix == ".gz" else path)
    except (pa.ArrowInvalid, OSError) as err:
        raise BadInput(f"{path.name} is not a Parquet file that can be read.", "Write it again.", code="not_parquet") from err
    return pa.table({n: _as_text(c) for n, c in zip(table.column_names, table.columns, strict=True)})


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_timestamp(kind):
        text = pc.strftime(column.cast(pa.timestamp("us", tz=kind.tz)), format="%Y-%m-%dT%H:%M:%S")
        return pc.binary_join_element_wise(text, pa.scalar("+00:00"), "") if kind.tz else text
    if pa.types.is_nested(kind):
        return pa.chunked_array([[None if v is None else json.dumps(v, default=str) for v in column.to_pylist()]], pa.string())
    return column.cast(pa.string())
