"""Where the columns' names stand in a table of cells: below titles and comments, in one row or in two (merged groups above)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LOOKED_AT = 40
"""Rows among which the header is looked for."""
NUMBER_LIKE = re.compile(r"^[\s+\-(]*[\d.,'’\s]*\d[\d.,'’\s]*[%)\-]?\s*$")
DATE_LIKE = re.compile(r"^\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}([ T].*)?$")

TOTALS = re.compile(
    r"^\W*(grand |sub|report |page )?\s*-?(totals?|totaux|totale[ns]?|totaal|totalt|summen?|gesamt\w*|zwischensumme|sub-?total\w*|sous-total|somme|suma|"
    r"soma|itogo|итого|всего|razem|celkem|yhteensä|összesen|toplam|合計|总计|總計|합계|sum)\b",
    re.IGNORECASE,
)  # fmt: skip
"""With what the first cell of a row of sums begins, in many languages."""
ENDS = re.compile(r"\s(sub)?(total|totals|gesamt|summe|ergebnis|totale|totaal)\W*$", re.IGNORECASE)
"""With what it may end: `Arden Mill Total`."""


@dataclass(frozen=True)
class Header:
    """The columns' `names`; the index of the row that holds them; `places` of the columns that are kept; `twice` the names
    that were there more than once."""

    names: tuple[str, ...]
    row: int
    places: tuple[int, ...]
    twice: tuple[str, ...] = ()
    grouped: bool = False


def find(rows: Sequence[Sequence[str]]) -> int:
    """The index of the row with the names: the first that is as wide as the table, or the one below it where that only groups."""
    some = [[c.strip() for c in r] for r in rows[: LOOKED_AT + 200]]
    filled = [sum(map(bool, r)) for r in some]
    width = _width(filled)
    wide = [
        i for i, f in enumerate(filled[:LOOKED_AT]) if f >= max(0.6 * width, min(width, 2)) and not _comment(some[i], width)
    ]
    if not wide:
        return 0
    at = wide[0]
    if filled[at] < width:  # `From:; 1 Jan` above `text; date; rating`: a later row that is whole and all words
        later = next((i for i in wide[1:] if filled[i] >= width), at)
        if later > at and _words(some[later]) and not (_words(some[at]) and _data_between(some, at, later)):
            at = later
    below = at + 1
    if below < len(some) and _groups(some[at], some[below]) and any(not _words(r) for r in some[below + 1 : below + 4]):
        at = below
    return at


def named(rows: Sequence[Sequence[str]], at: int) -> Header:
    """The names of the columns: of the row `at`, with the group above where there is one; columns without name and values go."""
    row = [_line(c) for c in rows[at]]
    above = [_line(c) for c in rows[at - 1]] if at and sum(map(bool, map(str.strip, rows[at - 1]))) > 1 else []
    grouped = bool(above) and _groups(above, row)
    names = _with_groups(above, row) if grouped else row
    body = rows[at + 1 :]
    kept = [i for i, n in enumerate(names) if n or any(i < len(r) and r[i].strip() for r in body)]
    seen: Counter[str] = Counter()
    out = []
    for place in kept:
        name = names[place] or f"column_{place + 1}"
        seen[name.casefold()] += 1
        out.append(name if seen[name.casefold()] == 1 else f"{name} ({seen[name.casefold()]})")
    twice = tuple(n for n in dict.fromkeys(names[i] for i in kept) if n and seen[n.casefold()] > 1)
    return Header(tuple(out), at, tuple(kept), twice, grouped)


def _width(filled: Sequence[int]) -> int:
    many = Counter(f for f in filled if f)
    return max(many, key=lambda f: (many[f] * (f > 1), f), default=1)


def _comment(row: Sequence[str], width: int) -> bool:
    there = [c for c in row if c]
    return bool(there) and there[0].startswith(("#", "//", "--")) and len(there) < max(width, 2) and len(there[0]) > 1


def _words(row: Sequence[str]) -> bool:
    """Whether no cell is a number or a date."""
    return not any(NUMBER_LIKE.match(c) or DATE_LIKE.match(c) for c in row if c)


def _data_between(rows: Sequence[Sequence[str]], at: int, later: int) -> bool:
    """Whether what follows `at` looks like its data already: numbers or dates before `later`."""
    return any(not _words(r) for r in rows[at + 1 : later])


def _groups(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row only groups the names below it: it has gaps where they have none, and both are words."""
    pairs = list(zip([*above, *[""] * len(below)], below, strict=False))
    gaps = sum(1 for a, b in pairs if b and not a)
    both = sum(1 for a, b in pairs if a and b)
    lost = sum(1 for a, b in pairs if a and not b)
    return gaps > 0 and both > 0 and lost <= gaps and _words(above) and _words(below)


def _with_groups(above: Sequence[str], row: Sequence[str]) -> list[str]:
    names, group = [], ""
    for place, name in enumerate(row):
        over = above[place] if place < len(above) else ""
        group = over or group
        same = not name or group.casefold() in name.casefold() or name.casefold() in group.casefold()
        names.append((name if len(name) >= len(group) else group) if same else f"{group} {name}".strip())
    return names


def _line(text: str) -> str:
    return " ".join(text.split())
