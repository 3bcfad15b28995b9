"""What the values of an unknown column look like: how full and unique, of which kind, how dates and numbers are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.conventions import Conventions, conventions
from knowledge.dates import Dated, dates_of
from knowledge.notation import NULLS, Notation, Written, notation_of, read_number

EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}$")
BOOLS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"})
SHOWN = 60


@dataclass(frozen=True)
class Profile:
    """Shares are of the values that are there. `formats`: date formats that read every date; `sign`: a currency sign at the
    numbers; `dated` and `written`: how the column's dates and numbers are written, as the whole file shows it; `again`: one
    value stands on rows that differ."""

    filled: float
    unique: float
    distinct: tuple[str, ...]
    dates: float
    numbers: float
    whole: bool
    lowest: float
    highest: float
    emails: float
    bools: float
    length: float
    dated: Dated
    written: Written
    again: bool = False

    @property
    def formats(self) -> tuple[str, ...]:
        return self.dated.formats

    @property
    def sign(self) -> str:
        return self.written.sign


def profile(values: Sequence[str | None] | Mapping[str | None, int]) -> Profile:
    """Looks at a column's values (text), or at their counts."""
    given = values if isinstance(values, Mapping) else Counter(values)
    rows = sum(given.values())
    there: Counter[str] = Counter()
    for value, many in given.items():
        if value is not None and value.strip().lower() not in NULLS:
            there[value.strip()] += many
    count = max(sum(there.values()), 1)
    written, dated = notation_of(there), dates_of(there)
    made = Profile(
        filled=sum(there.values()) / max(rows, 1),
        unique=len(there) / count,
        distinct=tuple(list(there)[:SHOWN]),
        dates=dated.share if not dated.numbers or dated.formats else 0.0,
        numbers=written.numbers,
        whole=False,
        lowest=0.0,
        highest=0.0,
        emails=sum(m for v, m in there.items() if EMAIL.match(v)) / count,
        bools=sum(m for v, m in there.items() if v.lower() in BOOLS) / count,
        length=sum(len(v) * m for v, m in there.items()) / count,
        dated=dated,
        written=written,
    )
    return _with_range(made, there)


def of_file(columns: Mapping[str, Mapping[str | None, int]]) -> tuple[dict[str, Profile], Conventions]:
    """The profiles of all columns of a file, with numbers and dates read as the file as a whole writes them."""
    seen = {n: profile(c) for n, c in columns.items()}
    texts = {n: {v: m for v, m in c.items() if v is not None} for n, c in columns.items()}
    whole = conventions(
        {n: texts[n] for n, p in seen.items() if p.numbers > 0.5}, {n: texts[n] for n, p in seen.items() if p.dates > 0.5}
    )
    out = {}
    for name, one in seen.items():
        told = replace(one, written=whole.numbers.get(name, one.written), dated=whole.dates.get(name, one.dated))
        out[name] = _with_range(told, Counter(texts[name])) if told.written != one.written else told
    return out, whole


def number(text: str, how: Written) -> float | None:
    """The number that a column's value is; None where it is none."""
    return read_number(text, how.notation or Notation("."))


def _with_range(made: Profile, there: Mapping[str, int]) -> Profile:
    read = [number(v, made.written) for v in there] if made.numbers > 0.5 else []
    known = [n for n in read if n is not None]
    whole = bool(known) and all(n == int(n) for n in known)
    return replace(made, whole=whole, lowest=min(known, default=0.0), highest=max(known, default=0.0))
