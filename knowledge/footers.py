"""Rows of a file that are no records: empty ones, totals, the header again, notes below the table. Each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from knowledge.headers import ENDS, TOTALS
from knowledge.notation import Notation, notation_of, read_number
from knowledge.readers import ROW

EMPTY, TOTAL, AGAIN, NOTE = "empty row", "total row", "the header again", "a note below the table"
TAIL = 12
MOST_OF_A_NOTE = 3
"""Cells of a note; a row with more is a record that lacks some."""


def aside(table: pa.Table) -> list[tuple[int, str]]:
    """Row numbers (`_row`) and reasons of what is no record. A total is known by its word, or by being the sum of what is
    above it, and by lacking what every record has."""
    names = [n for n in table.column_names if n != ROW]
    if not names or not table.num_rows:
        return []
    there = np.column_stack([_filled(table[n]) for n in names])
    filled = there.sum(axis=1)
    rows = table[ROW].to_numpy()
    usual = float(np.percentile(filled[filled > 0], 75)) if (filled > 0).any() else 0.0
    found = [(int(r), EMPTY) for r in rows[filled == 0]]
    always = there[filled >= usual].mean(axis=0) >= 0.95 if usual else np.zeros(len(names), bool)
    lacks = (~there[:, always]).any(axis=1) & (filled > 0)
    last = set(np.flatnonzero(filled > 0)[-TAIL:].tolist())
    key = int(always.argmax()) if always.any() else 0  # what every record has first
    first = _first_cells(table, names, there, np.flatnonzero(lacks))
    for place in sorted(first, reverse=True):
        cells = first[place]
        word = TOTALS.match(cells) or ENDS.search(cells)
        if word or (
            place in last and not there[place, key] and there[place, always].mean() < 0.5 and _sums(table, names, place, there)
        ):
            if len(names) > 1:
                found.append((int(rows[place]), TOTAL))
        elif (
            place in last
            and filled[place] <= min(usual / 2, MOST_OF_A_NOTE)
            and usual >= 3
            and not _goes_on(table[names[0]], place)
            and there[place, 0]
            and _after_table(place, filled, usual)
            and _strange(table[names[0]], place)
        ):
            found.append((int(rows[place]), NOTE))
    found += _repeated(table, names)
    return sorted(dict(reversed(found)).items())


def _filled(column: pa.ChunkedArray) -> np.ndarray:
    trimmed = pc.utf8_length(pc.fill_null(pc.utf8_trim_whitespace(column), ""))
    return np.asarray(pc.greater(trimmed, 0).to_numpy(zero_copy_only=False), dtype=bool)


def _first_cells(table: pa.Table, names: Sequence[str], there: np.ndarray, places: np.ndarray) -> dict[int, str]:
    return {int(p): str(table[names[int(there[p].argmax())]][int(p)].as_py()).strip() for p in places[:100_000]}


def _sums(table: pa.Table, names: Sequence[str], place: int, there: np.ndarray) -> bool:
    """Whether a number of the row is the sum of its column above."""
    for column, name in enumerate(names):
        if not there[place, column]:
            continue
        above = [v for v in table[name].slice(0, place).to_pylist() if v is not None and v.strip()]
        how = notation_of(above).notation or Notation(".")
        total = read_number(str(table[name][place].as_py()), how)
        read = [n for v in above if (n := read_number(v, how)) is not None]
        if total and len(read) > 1 and len(read) == len(above) and abs(sum(read) - total) < 0.006 * max(1.0, abs(total) ** 0.1):
            return True
    return False


def _goes_on(first: pa.ChunkedArray, place: int) -> bool:
    """Whether the row begins as the one above does: a further line of that order."""
    return place > 0 and first[place].as_py() == first[place - 1].as_py()


def _after_table(place: int, filled: np.ndarray, usual: float) -> bool:
    """Whether no record follows."""
    return not bool((filled[place + 1 :] >= 0.6 * usual).any())


def _strange(column: pa.ChunkedArray, place: int) -> bool:
    """Whether a first cell is written like none above it: a note, not the last record with little in it."""
    shapes = {_shape(str(v)) for v in column.slice(0, place).slice(max(0, place - 2000)).to_pylist() if v is not None}
    return _shape(str(column[place].as_py())) not in shapes


def _shape(text: str) -> str:
    """`#4101` as `#9`, `C-1` as `a-9`."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text.strip()))


def _repeated(table: pa.Table, names: Sequence[str]) -> list[tuple[int, str]]:
    if len(names) < 2:
        return []
    same = None
    for name in names:
        equal = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(table[name]), name), False)
        same = equal if same is None else pc.and_(same, equal)
    return [(int(r), AGAIN) for r in table.filter(same)[ROW].to_pylist()]
