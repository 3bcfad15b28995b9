"""Order numbers that are there twice in one file, of two companies or shops, and the column that tells them apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from knowledge.functions import of_salesforce, salesforce_id
from knowledge.guesses import Guess
from knowledge.lookups import quoted
from knowledge.notation import Notation, read_number
from knowledge.profile import Profile

THOUSANDS = re.compile(
    r"(?i)\b(in thousands|thousands|thousand|miles|milliers|migliaia|milhares|tsd|tausend|teur|tusd|tgbp|duizend(tallen)?|tusental|tusen|tys|tisic|tis|ezer|тыс)\b|\b[kt] ?[€$£]|[€$£] ?k\b|['’]000|\bk(eur|usd|gbp)\b|千円|千元"
)
"""What a column of thousands says of itself."""
ROUNDED = re.compile(r"^\s*\d([.,]\d+)?E\+?\d+\s*$", re.IGNORECASE)
"""An id that a spreadsheet has rounded."""
MOST = 50
"""Companies or shops in one file; a column of more values is something else."""


@dataclass(frozen=True)
class Apart:
    """The file's rows with ids that are told apart, the SQL that does so by column, and what is said of it."""

    table: pa.Table
    derive: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def apart(table: pa.Table, taken: Mapping[str, Sequence[Guess]], left: Sequence[str]) -> Apart:
    """Where one order number has several buyers, or one line of it comes twice, and a column that nothing else takes (`left`)
    tells all of them apart, its value goes before the number; before the customer's too where one has two names."""
    lines = {g.field: g.column for g in taken.get("order_lines", ())}
    orders = {g.field: g.column for g in taken.get("orders", ())}
    names = {g.field: g.column for g in taken.get("customers", ())}
    order, line, buyer = lines.get("order_id"), lines.get("line"), orders.get("customer_id")
    if order is None or buyer is None:
        return Apart(table)
    columns = {n: table[n].to_pylist() for n in dict.fromkeys([order, buyer, *filter(None, [line]), *left])}
    rows = range(table.num_rows)
    twice = _clashes(rows, columns, order, buyer, line, None)
    if not twice or any(v and ROUNDED.match(v) for v in columns[order]):
        return Apart(table)  # what a spreadsheet rounded cannot be told apart by anything; the import says so
    fits = [c for c in left if _few(columns[c]) and not _clashes(rows, columns, order, buyer, line, c)]
    day = orders.get("ordered_at")
    if day is not None:
        columns[day] = table[day].to_pylist()
        fits = [c for c in fits if not _clashes(rows, columns, order, day, None, c)] or fits
        mixed = all(_clashes(rows, columns, order, day, None, c) for c in fits)
        if mixed and all(v and v.strip() for v in columns[day]) and not _clashes(rows, columns, order, buyer, line, day):
            fits = [day]  # numbers that begin anew every day
    if not fits:
        said = f"{twice:,} order numbers ({quoted(order)}) stand for several orders (two buyers, or one line twice), and no column tells them apart: the later rows take the place of the earlier"
        return Apart(table, {}, (said,))
    by = min(fits, key=lambda c: len(set(columns[c])))
    known = defaultdict(set)
    name = names.get("name")
    for one, called in zip(columns[buyer], table[name].to_pylist() if name and name != buyer else [], strict=False):
        known[one].add(called)
    widened = [order, *([buyer] if any(len(n) > 1 for n in known.values()) else [])]
    for column in widened:
        place = table.column_names.index(column)
        text = [None if v is None else f"{columns[by][i]}:{v}" for i, v in enumerate(columns[column])]
        table = table.set_column(place, column, pa.array(text, pa.string()))
    sql = {c: f"{quoted(by)} || ':' || {quoted(c)}" for c in widened}
    what = " and ".join(f"`{c}`" for c in widened)
    return Apart(
        table, sql, (f"{what}: {twice:,} numbers are there in several `{by}`, which tells them apart and goes before them",)
    )


def one_form(found: Apart, taken: Mapping[str, Sequence[Guess]]) -> Apart:
    """Ids of Salesforce, which exports write with 15 or with 18 characters, all with 18."""
    columns = dict.fromkeys(g.column for guesses in taken.values() for g in guesses if g.field.endswith("_id"))
    for column in columns:
        values = {v.strip() for v in found.table[column].to_pylist() if v and v.strip()}
        if column in found.derive or not values or not all(map(of_salesforce, values)):
            continue
        place = found.table.column_names.index(column)
        text = [v and salesforce_id(v) for v in found.table[column].to_pylist()]
        said = f"{quoted(column)}: ids of Salesforce, written with 18 characters, so that those of 15 are the same"
        found = Apart(
            found.table.set_column(place, column, pa.array(text, pa.string())),
            {**found.derive, column: f"salesforce_id({quoted(column)})"},
            (*found.said, said),
        )
    return found


def in_thousands(found: Apart, taken: Mapping[str, Sequence[Guess]], seen: Mapping[str, Profile]) -> Apart:
    """Amounts whose column is called in thousands, as they are."""
    for guess in taken.get("order_lines", ()):
        how = seen[guess.column].written.notation or Notation(".")
        if (
            guess.field in ("order_id", "line", "product_id")
            or not THOUSANDS.search(guess.column)
            or guess.column in found.derive
        ):
            continue
        numbers = [None if v is None else read_number(v, how) for v in found.table[guess.column].to_pylist()]
        text = [None if n is None else f"{n * 1000:.6f}".replace(".", how.decimal) for n in numbers]
        place = found.table.column_names.index(guess.column)
        sql = f"replace(CAST(number({quoted(guess.column)}, '{how.decimal}') * 1000 AS VARCHAR), '.', '{how.decimal}')"
        said = f"{quoted(guess.column)} is in thousands: it is taken times 1,000"
        found = Apart(
            found.table.set_column(place, guess.column, pa.array(text, pa.string())),
            {**found.derive, guess.column: sql},
            (*found.said, said),
        )
    return found


def _clashes(
    rows: Sequence[int], columns: Mapping[str, list[Any]], order: str, buyer: str, line: str | None, by: str | None
) -> int:
    """Order numbers with several buyers or with a line twice; within each value of `by`."""
    buyers: dict[Any, set[Any]] = defaultdict(set)
    lines: dict[Any, set[Any]] = defaultdict(set)
    found = set()
    for i in rows:
        number = columns[order][i]
        if number is None or not number.strip():
            continue
        key = (columns[by][i] if by else None, number)
        buyers[key].add(columns[buyer][i])
        if len(buyers[key]) > 1:
            found.add(number)
        if line is not None and columns[line][i] is not None:
            if columns[line][i] in lines[key]:
                found.add(number)
            lines[key].add(columns[line][i])
    return len(found)


def _few(values: list[str | None]) -> bool:
    return all(v is not None and v.strip() for v in values) and 1 < len(set(values)) <= min(MOST, max(2, len(values) // 2))
