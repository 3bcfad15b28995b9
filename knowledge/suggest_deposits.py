"""Deposits in a file of invoices: a document that was paid beforehand, and the row of a later one that takes it off again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from knowledge.lookups import quoted
from knowledge.readers import ROW

CENT = 0.011
WORDS = re.compile(r"[^\s,;()]+")


@dataclass(frozen=True)
class Deposits:
    """The numbers of the documents, what they add up to, and the SQL that holds for them and for what takes them off."""

    numbers: tuple[str, ...]
    worth: float
    columns: dict[str, str]
    holds: str


def deposits(table: pa.Table, order: str, values: np.ndarray, value: str) -> Deposits | None:
    """Documents whose whole `values` a row below zero of another document, which holds goods too, takes off, naming their number;
    `value` is the SQL of a row's. None where there are none."""
    names: Sequence[str] = [n for n in table.column_names if n not in (ROW, order)]
    numbers = [n or "" for n in table[order].to_pylist()]
    whole: dict[str, float] = defaultdict(float)
    for number, worth in zip(numbers, np.nan_to_num(values), strict=True):
        whole[number] += float(worth)
    texts = {n: table[n].to_pylist() for n in names}
    found = set()
    for place in np.flatnonzero(values < 0):
        own = numbers[place]
        if whole[own] <= 0:
            continue
        said = {w.rstrip(".:") for n in names for w in WORDS.findall(texts[n][place] or "")}
        found |= {n for n in said & set(whole) if n != own and abs(whole[n] + values[place]) <= CENT}
    if not found:
        return None
    row = f"concat_ws(' ', {', '.join(map(quoted, names))})"
    key = quoted(order)
    holds = (
        f"CASE WHEN below_zero THEN len(list_filter(all_numbers, n -> n <> {key} AND contains(' ' || {row} || ' ', ' ' || n || ' '))) > 0 "
        f"ELSE len(list_filter(all_below, t -> contains(' ' || t || ' ', ' ' || {key} || ' '))) > 0 END"
    )
    columns = {
        "below_zero": f"coalesce({value} < 0 AND sum({value}) OVER (PARTITION BY {key}) > 0, false)",
        "all_numbers": f"list(DISTINCT {key}) OVER ()",
        "all_below": f"list({row}) FILTER (below_zero) OVER ()",
    }
    return Deposits(tuple(sorted(found)), round(sum(whole[n] for n in found), 2), columns, holds)
