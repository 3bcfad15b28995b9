"""Excel workbooks as tables of text: the sheet that holds a table, its header below titles, cells of mixed kinds read one way."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from knowledge import headers
from knowledge.dates import TRIPLE
from knowledge.delimited import Sheet, passed_over, table_of
from knowledge.errors import BadInput
from knowledge.notation import Notation, notation_of, read_number

DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, LookupError, OSError, ValueError, TypeError, AttributeError, RecursionError,
    SyntaxError,  # of XML: what is not well formed, and entities of entities
)  # fmt: skip
"""What reading a workbook gives that is damaged, or was made to do harm."""
SERIALS = range(20_000, 80_000)
"""Days since the end of 1899 that a spreadsheet's date can be: 1954 to 2119."""


def read(raw: bytes, name: str, sheet: str | None, header: Sequence[str]) -> Sheet:
    """One sheet of a workbook: the one named, else the first visible one that holds a table. Fails: BadInput."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        found = {s.title: _cells(s) for s in book.worksheets if sheet or s.sheet_state == "visible"}
        epoch = book.epoch
    except (InvalidFileException, *DAMAGED) as err:
        raise BadInput(
            f"{name} is not an Excel workbook that can be read.", "Save it as XLSX again, or export CSV.", code="not_xlsx"
        ) from err
    if sheet is not None and sheet not in found:
        raise BadInput(f"{name} has no sheet `{sheet}`; it has {', '.join(found)}.", "Name one of them.", code="no_sheet")
    title, others = _chosen(found, sheet)
    rows = _filled_down(found.get(title, []), _merged(raw, title))
    lines = [i for i, r in enumerate(rows, 1) if any(c not in (None, "") for c, _ in r)]
    rows = [rows[i - 1] for i in lines]
    if not rows:
        raise BadInput(f"{name} has no rows.", "Check which sheet holds them.", code="empty_file")
    shown = [["" if v is None else str(v) for v, _ in r] for r in rows]
    at = -1 if header else headers.find(shown)
    width = max(map(len, rows))
    below = [[*r, *[(None, False)] * (width - len(r))] for r in rows[at + 1 :]]
    swapped = _exchanged(below, width)
    body = _columns(below, width, epoch)
    notes = [passed_over(shown[:at], lines[at], "row")] if at > 0 else []
    notes += (
        [f"read from the sheet `{title}`; there are rows in {', '.join(others)} too (`file: {{sheet: …}}`)."] if others else []
    )
    notes += _formulas(raw, title, lines[at + 1 :] if at + 1 < len(lines) else [])
    notes += [
        f"`{shown[at][i] if at >= 0 and i < len(shown[at]) else i + 1}` holds {many:,} dates and texts that are days before months, and no date has a day over 12: a spreadsheet took their days for months; they are read the "
        "other way round."
        for i, many in swapped.items()
    ]
    return table_of([*shown[: at + 1], *body], at, name, header, notes)


def _cells(sheet: Any) -> list[list[tuple[Any, bool]]]:
    """Values, each with whether it is shown as a percentage."""
    sheet.reset_dimensions()
    return [[(c.value, c.value is not None and "%" in str(c.number_format)) for c in row] for row in sheet.iter_rows()]


def _merged(raw: bytes, title: str) -> list[tuple[int, int, int]]:
    """Column, first and last row of the cells that are merged downwards."""
    from openpyxl import load_workbook
    from openpyxl.utils.cell import range_boundaries

    if b"<mergeCell " not in _sheet_text(raw):
        return []
    sheet = load_workbook(io.BytesIO(raw))[title]
    bounds = [range_boundaries(str(r)) for r in sheet.merged_cells.ranges]
    return [(left, top, bottom) for left, top, right, bottom in bounds if bottom > top and left == right]


def _filled_down(rows: list[list[tuple[Any, bool]]], merged: Sequence[tuple[int, int, int]]) -> list[list[tuple[Any, bool]]]:
    """Every row under a merged cell with its value."""
    for column, top, bottom in merged:
        value = rows[top - 1][column - 1] if top <= len(rows) and column <= len(rows[top - 1]) else None
        if value is None or value[0] is None:
            continue
        for row in rows[top:bottom]:
            if column <= len(row) and row[column - 1][0] is None:
                row[column - 1] = value
    return rows


def _chosen(found: dict[str, list[list[tuple[Any, bool]]]], sheet: str | None) -> tuple[str, list[str]]:
    if sheet is not None:
        return sheet, []
    tables = []
    for title, rows in found.items():
        filled = [sum(v not in (None, "") for v, _ in r) for r in rows]
        if sum(f > 1 for f in filled) > 1:
            tables.append(title)
    if tables:
        return tables[0], tables[1:]
    return next((t for t, rows in found.items() if rows), next(iter(found), "")), []


def _exchanged(rows: list[list[tuple[Any, bool]]], width: int) -> dict[int, int]:
    """Exchanges day and month of real dates that a spreadsheet has read month first, where only that is possible: the column's other
    days stayed text, since no month has their number. How many, by column."""
    found = {}
    for place in range(width):
        values = [r[place][0] for r in rows]
        dates = [v for v in values if isinstance(v, datetime | date)]
        parts = [TRIPLE.match(v.strip()) for v in values if isinstance(v, str) and v.strip()]
        days = [m for m in parts if m and len(m["a"]) <= 2 and int(m["a"]) > 12 >= int(m["b"])]
        if len(dates) < 2 or len(days) < 2 or len(days) < len(parts) or any(d.day > 12 for d in dates):
            continue
        for row in rows:
            value, percent = row[place]
            if isinstance(value, datetime | date):
                row[place] = (value.replace(month=value.day, day=value.month), percent)
        found[place] = len(dates)
    return found


def _columns(rows: list[list[tuple[Any, bool]]], width: int, epoch: datetime) -> list[list[str]]:
    """The cells as text, every column read one way."""
    cells = [[r[place] for r in rows] for place in range(width)]
    typed = [
        w
        for w in (notation_of([v for v, _ in c if isinstance(v, str)]) for c in cells if any(_number(v) for v, _ in c))
        if w.numbers > 0.5
    ]
    decimals = {w.notation.decimal for w in typed if w.notation and w.separated}
    whole = Notation(decimals.pop()) if len(decimals) == 1 else None
    columns = [_one_way(c, epoch, whole) for c in cells]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def _one_way(cells: list[tuple[Any, bool]], epoch: datetime, whole: Notation | None = None) -> list[str]:
    """One column's cells as text; `whole` is how numbers in text are written in the sheet's other columns."""
    from openpyxl.utils.datetime import from_excel

    values = [v for v, _ in cells]
    dated = any(isinstance(v, datetime | date) for v in values)
    numbers = sum(_number(v) for v in values)
    texts = [v for v in values if isinstance(v, str) and v.strip()]
    how = notation_of(texts) if numbers and texts else None
    out = []
    for value, percent in cells:
        one = from_excel(value, epoch) if dated and _number(value) and int(value) in SERIALS else value
        if how is not None and isinstance(one, str) and how.numbers > 0.5:
            one = _as_number(one, how.notation or whole)
        out.append(_shown(one, percent))
    return out


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_number(text: str, how: Notation | None) -> str:
    """A number that was typed as text among numbers, written as they are; with an apostrophe where it may be two."""
    if how is None:
        either = notation_of([text]).undecided
        return f"'{text.strip()}" if either else text
    found = read_number(text, how)
    return text if found is None or "%" in text else f"{found:.15g}"


def _shown(value: Any, percent: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return f"{value * 100:.12g}%" if percent else f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    return str(value)


def _formulas(raw: bytes, title: str, lines: Sequence[int]) -> list[str]:
    """A word about formulas whose results were never stored, since their cells read as empty."""
    if b"<f" not in _sheet_text(raw):
        return []
    from openpyxl import load_workbook

    known = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)[title]
    given = load_workbook(io.BytesIO(raw), read_only=True)[title]
    wanted, lost = set(lines), []
    for number, (row, had) in enumerate(zip(given.iter_rows(), known.iter_rows(), strict=False), 1):
        if number in wanted:
            lost += [
                c.coordinate for c, h in zip(row, had, strict=False) if str(c.value or "").startswith("=") and h.value is None
            ]
    if not lost:
        return []
    return [f"{len(lost):,} formulas have no stored result and read as empty ({lost[0]} …): open it in Excel and save it once."]


def _sheet_text(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        return b"".join(packed.read(n) for n in packed.namelist() if n.startswith("xl/worksheets/"))
