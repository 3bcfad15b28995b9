"""How a file writes its numbers and dates: decided for every column over all its rows, and where a column alone does not say
it, by the file's other columns. Nothing is decided value by value."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from knowledge.dates import DAY_FIRST, MONTH_FIRST, Dated, dates_of, file_order, parsed, weekday_names
from knowledge.notation import Notation, Written, notation_of

LEAST_SORTED = 8
"""Different days from which on the order of a file's rows shows which reading of its dates is meant."""


@dataclass(frozen=True)
class Conventions:
    """By column: how its numbers and its dates are written. `because`: by column, what decided where the column alone did not."""

    numbers: Mapping[str, Written]
    dates: Mapping[str, Dated]
    because: Mapping[str, str]

    def decimal(self, column: str) -> str | None:
        """The sign before the decimals; None where it is not decided."""
        seen = self.numbers.get(column)
        return seen.notation.decimal if seen and seen.notation else None

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it: rows of a file that are read again later are read as the whole file was."""
        return {n: {c: asdict(seen) for c, seen in getattr(self, n).items()} for n in ("numbers", "dates")}

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Conventions:
        written = {
            c: Written(**w | {"notation": Notation(**w["notation"]) if w["notation"] else None, "signs": tuple(w["signs"])})
            for c, w in raw["numbers"].items()
        }
        dated = {
            c: Dated(**d | {"formats": tuple(d["formats"]), "months": tuple((w, n) for w, n in d["months"])})
            for c, d in raw["dates"].items()
        }
        return cls(written, dated, {})


def conventions(numbers: Mapping[str, Mapping[str, int]], dates: Mapping[str, Mapping[str, int]]) -> Conventions:
    """From the counts of the values of each column that is to hold numbers or dates."""
    because: dict[str, str] = {}
    written = {n: notation_of(v) for n, v in numbers.items()}
    shown = {w.notation.decimal for w in written.values() if w.notation and w.separated and w.numbers > 0.5}
    for name, seen in written.items():
        if seen.undecided and len(shown) == 1:
            decimal = next(iter(shown))
            written[name] = replace(seen, notation=Notation(decimal))
            other = next(n for n, w in written.items() if n != name and w.notation and w.separated and w.numbers > 0.5)
            because[name] = f"`{other}` parts decimals by `{decimal}`"
    dated = {n: dates_of(v) for n, v in dates.items()}
    order, why = file_order(dated.values()), "other dates of the file"
    for name, look in dated.items():
        if look.undecided and order:
            other = next((n for n, d in dated.items() if n != name and d.order == order), why)
            because[name] = f"`{other}` has the {order.removesuffix(' first')} first"
            dated[name] = look.ordered(order)
    return Conventions(written, dated, because)


def order_of_rows(columns: Mapping[str, tuple[str | None, ...]], dated: Mapping[str, Dated]) -> tuple[str, str]:
    """Day or month first where nothing in the values says it, by the rows: one reading has the rows in the order of time, or
    never puts a later step (shipped) before an earlier one (ordered); and what showed it. ("", "") where neither does."""
    readings = {
        o: {n: [parsed(v, d.ordered(o)) if v else None for v in columns[n]] for n, d in dated.items()}
        for o in (DAY_FIRST, MONTH_FIRST)
    }
    broken = {o: _backwards(r) for o, r in readings.items()}
    for order, other in ((DAY_FIRST, MONTH_FIRST), (MONTH_FIRST, DAY_FIRST)):
        if broken[order] == 0 and broken[other] >= 2:
            return order, f"otherwise {broken[other]} rows would have a later step before an earlier one"
    for name in dated:
        sorted_ = {o: _sorted(r[name]) for o, r in readings.items()}
        if sorted_[DAY_FIRST] != sorted_[MONTH_FIRST]:
            return (DAY_FIRST if sorted_[DAY_FIRST] else MONTH_FIRST), f"only so are the rows in the order of `{name}`"
    return "", ""


def order_of_weekdays(
    named: Mapping[str, tuple[str | None, ...]], columns: Mapping[str, tuple[str | None, ...]], dated: Mapping[str, Dated]
) -> tuple[str, str]:
    """Day or month first by a column of weekdays (`named`) beside the dates: in one order every day has its name, in the other one
    does not; and what showed it. ("", "") where no such column is, or where it fits neither or both."""
    known = weekday_names()
    for said, texts in named.items():
        days = [known.get(t.strip().rstrip(".").casefold()) if t and t.strip() else None for t in texts]
        if not any(days) or any(d is None and t and t.strip() for d, t in zip(days, texts, strict=True)):
            continue
        for name, look in dated.items():
            fits = {}
            for order in (DAY_FIRST, MONTH_FIRST):
                read = [parsed(v, look.ordered(order)) if v else None for v in columns[name]]
                pairs = [(m, d) for m, d in zip(read, days, strict=True) if m is not None and d is not None]
                fits[order] = bool(pairs) and all(m.weekday() in d for m, d in pairs)
            if fits[DAY_FIRST] != fits[MONTH_FIRST]:
                return (DAY_FIRST if fits[DAY_FIRST] else MONTH_FIRST), f"only so do the days of `{name}` fit `{said}`"
    return "", ""


def _backwards(read: Mapping[str, list[datetime | None]]) -> int:
    """Rows in which a column that is mostly later than the one before it is earlier."""
    names = list(read)
    count = 0
    for a, b in itertools.pairwise(names):
        pairs = [(x, y) for x, y in zip(read[a], read[b], strict=True) if x and y]
        before = sum(y < x for x, y in pairs)
        count += min(before, len(pairs) - before) if pairs else 0
    return count


def _sorted(moments: list[datetime | None]) -> bool:
    there = [m for m in moments if m]
    if len(set(there)) < LEAST_SORTED:
        return False
    return there == sorted(there) or there == sorted(there, reverse=True)
