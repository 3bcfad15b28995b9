"""Files of every common format, read as text columns with a row number: nothing is guessed about types here.

A file that is broken is one clear error (what, where, what to do) before anything else has happened."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from knowledge import mail, nested
from knowledge.errors import BadInput

if TYPE_CHECKING:
    import duckdb

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl", ".ndjson", ".parquet", ".md", ".mbox")
LONGEST_LINE = 32_000_000
ROW = "_row"


@dataclass(frozen=True)
class Layout:
    """What a mapping may say of a file: `header` gives column names where the file has none; `blanks` splits at runs of
    blanks; `keep` names JSON fields that stay JSON text instead of becoming columns of their own."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    header: tuple[str, ...] = ()
    blanks: bool = False
    sheet: str | None = None
    keep: tuple[str, ...] = ()


def read(session: duckdb.DuckDBPyConnection, path: Path, layout: Layout | None = None) -> pa.Table:
    """The file's columns as text plus `_row` (1-based, header not counted). Fails: BadInput naming file, place and remedy."""
    layout = layout or Layout()
    if not path.is_file():
        raise BadInput(f"{path} is not there.", "Check the path.", code="no_file")
    if path.stat().st_size == 0:
        raise BadInput(f"{path} is empty.", "Give a file with a header and rows.", code="empty_file")
    kind = _kind(path)
    with _opened(path) as start:
        head = start
    _check_magic(path, kind, head)
    if kind == ".parquet":
        table = _parquet(path)
    elif kind == ".xlsx":
        table = _xlsx(path, layout)
    elif kind in (".json", ".jsonl", ".ndjson"):
        table = nested.rows(_decoded(path, "utf-8"), path.name, lines=kind != ".json", keep=layout.keep)
    elif kind == ".mbox":
        if not head.startswith(b"From "):
            raise BadInput(
                f"{path.name} is no mbox: it does not begin with `From `.", "Export the mail as mbox.", code="not_mbox"
            )
        table = mail.mbox(_text(path))
    elif kind == ".md":
        table = _markdown(path, layout)
    elif layout.blanks:
        table = _blanks(path, layout)
    else:
        table = _csv(session, path, kind, layout, head)
    twice = sorted({n for n in table.column_names if table.column_names.count(n) > 1})
    if twice:
        raise BadInput(f"{path}: column `{twice[0]}` is there twice.", "Rename one of them.")
    return table.append_column(ROW, pa.array(range(1, table.num_rows + 1), pa.int64()))


def _kind(path: Path) -> str:
    name = path.name.removesuffix(".gz").lower()
    kind = Path(name).suffix
    if kind not in SUFFIXES:
        raise BadInput(
            f"{path.name}: `{kind or 'no ending'}` is not a format that can be read.",
            f"Known: {', '.join(SUFFIXES)}, also with .gz.",
        )
    return kind


class _opened:
    """The first bytes of the (unpacked) file, with a truncated or false gzip said clearly."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> bytes:
        if self.path.suffix != ".gz":
            with self.path.open("rb") as file:
                return file.read(65536)
        try:
            with gzip.open(self.path, "rb") as file:
                return file.read(65536)
        except (OSError, EOFError) as err:
            raise BadInput(f"{self.path.name} is not a whole gzip file ({err}).", "Pack or download it again.") from err

    def __exit__(self, *_: object) -> None:
        return None


def _check_magic(path: Path, kind: str, head: bytes) -> None:
    what = {
        b"PK\x03\x04": "a zip archive",
        b"%PDF": "a PDF",
        b"PAR1": "a Parquet file",
        b"\x1f\x8b": "a gzip file",
        b"\xd0\xcf\x11\xe0": "an old Office file",
    }
    for magic, name in what.items():
        wanted = (kind == ".xlsx" and magic == b"PK\x03\x04") or (kind == ".parquet" and magic == b"PAR1")
        if head.startswith(magic) and not wanted:
            raise BadInput(
                f"{path.name} is {name}, not {kind.removeprefix('.').upper()}.", "Unpack it, or give it the ending that fits."
            )
    if kind not in (".xlsx", ".parquet", ".mbox") and head.count(b"\x00") and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(
            f"{path.name} is a binary file: there is a zero byte at position {head.index(0)}.", "Export it as CSV text."
        )


def _text(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as err:
        raise BadInput(f"{path.name} is not a whole gzip file ({err}).", "Pack or download it again.") from err


def _decoded(path: Path, encoding: str) -> str:
    raw = _text(path)
    try:
        return raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except (UnicodeDecodeError, LookupError) as err:
        line = raw[: getattr(err, "start", 0)].count(b"\n") + 1
        raise BadInput(
            f"{path.name}, line {line}: the bytes are not {encoding}.",
            "Save it as UTF-8, or name its `encoding` in the mapping.",
        ) from err


def _csv(session: duckdb.DuckDBPyConnection, path: Path, kind: str, layout: Layout, head: bytes) -> pa.Table:
    import duckdb

    latin = layout.encoding.lower().replace("_", "-") in ("latin-1", "iso-8859-1", "latin1")
    if not latin and layout.encoding.lower() not in ("utf-8", "utf8"):
        return _python_csv(path, kind, layout)
    if not latin and head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _python_csv(path, kind, Layout("utf-16", layout.delimiter, layout.header))
    start = _decode(head.removeprefix(b"\xef\xbb\xbf"), latin)
    delimiter = layout.delimiter or ("\t" if kind == ".tsv" else _delimiter(start.splitlines()[0]))
    names = layout.header or tuple(n.strip() for n in next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)))
    if not all(names) or len(set(names)) < len(names):
        names = _mended(path, names)
    columns = "{" + ", ".join(f"{_quote(n)}: 'VARCHAR'" for n in names) + "}"
    options = f"auto_detect=false, delim={_quote(delimiter)}, quote='\"', escape='\"', strict_mode=true, header={'false' if layout.header else 'true'}"
    options += f", columns={columns}, max_line_size={LONGEST_LINE}, buffer_size={2 * LONGEST_LINE}, nullstr='', encoding='{'latin-1' if latin else 'utf-8'}'"
    try:
        found: pa.Table = session.execute(f"SELECT * FROM read_csv({_quote(str(path))}, {options})").to_arrow_table()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as err:
        raise _csv_error(path, str(err), len(names)) from err
    return found


def _csv_error(path: Path, said: str, columns: int) -> BadInput:
    line = re.search(r"Line: (\d+)", said)
    where = f"{path.name}, line {line[1]}" if line else path.name
    if "unicode" in said or "utf-8" in said.lower():
        return BadInput(
            f"{where}: the bytes are not UTF-8.", "Save it as UTF-8, or name its `encoding` in the mapping.", code="encoding"
        )
    if "unterminated quote" in said:
        return BadInput(f"{where}: a quoted field never ends; the file may be cut off.", "Export it again.", code="cut_off")
    wrong = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    if wrong:
        return BadInput(
            f"{where} has {wrong[2]} fields, the header {columns}.",
            "Quote fields that hold the delimiter, or export it again.",
            code="fields",
        )
    if "Maximum line size" in said:
        return BadInput(
            f"{where} is longer than {LONGEST_LINE // 1_000_000} million characters.",
            "Check for a missing quote.",
            code="long_line",
        )
    return BadInput(f"{where} cannot be read as CSV.", "Check that it is text with one row a line.", code="not_csv")


def _python_csv(path: Path, kind: str, layout: Layout) -> pa.Table:
    text = _decoded(path, layout.encoding)
    delimiter = layout.delimiter or ("\t" if kind == ".tsv" else _delimiter(text.splitlines()[0] if text else ""))
    csv.field_size_limit(LONGEST_LINE)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as err:
        raise BadInput(f"{path.name} cannot be read as CSV ({err}).", "Export it again.") from err
    names = list(layout.header) or [n.strip() for n in rows.pop(0)]
    return _from_rows(path, names, rows, 1 if layout.header else 2)


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


def _xlsx(path: Path, layout: Layout) -> pa.Table:
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        raw = io.BytesIO(_text(path))
        book = load_workbook(raw, read_only=True, data_only=True)
        sheet = book[layout.sheet] if layout.sheet else book.worksheets[0]
        rows = [["" if c is None else _cell(c) for c in row] for row in sheet.iter_rows(values_only=True)]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError, IndexError) as err:
        raise BadInput(
            f"{path.name} is not an Excel workbook that can be read.", "Save it as XLSX again, or export CSV.", code="not_xlsx"
        ) from err
    rows = [r for r in rows if any(r)]
    if not rows:
        raise BadInput(f"{path.name} has no rows.", "Check which sheet holds them.", code="empty_file")
    names = list(layout.header) or [n.strip() for n in rows.pop(0)]
    return _from_rows(path, names, [r[: len(names)] + [""] * (len(names) - len(r)) for r in rows], 2)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(sep=" ") if hasattr(value, "hour") else str(value)


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


def _delimiter(first_line: str) -> str:
    return max(",;\t|", key=lambda d: (first_line.count(d), -",;\t|".index(d)))


def _decode(head: bytes, latin: bool) -> str:
    return head.decode("latin-1" if latin else "utf-8", errors="replace")


def _mended(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name and list(names).count(name) > 1:
            raise BadInput(f"{path.name}: column `{name}` is there twice.", "Rename one of them.")
    return tuple(n or f"column_{i}" for i, n in enumerate(names, 1))


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
