"""What of a proposed mapping only a person can tell: dates and numbers that may be read in two ways."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from knowledge import suggest_money
from knowledge.dates import DAY_FIRST, MONTH_FIRST, parsed
from knowledge.guesses import Guess
from knowledge.lookups import quoted
from knowledge.notation import Notation, read_number
from knowledge.profile import Profile
from knowledge.schema import TABLES
from knowledge.staging import literal
from knowledge.suggest_plan import Plan


def doubts(table: pa.Table, plan: Plan, seen: Pairs[str, Profile]) -> dict[str, Any]:
    """Questions about columns that are taken for dates or numbers and may be read in two ways."""
    asked: dict[str, Any] = {}
    fields = {
        g.column: TABLES[t].column(g.field).kind for t, gs in plan.taken.items() for g in gs if not g.field.startswith("_")
    }
    dated = [n for n, k in fields.items() if k in ("ts", "date") and seen[n].dated.undecided]
    if dated:
        names = ", ".join(f"`{n}`" for n in dated)
        options = {}
        for order in (DAY_FIRST, MONTH_FIRST):
            looks = {n: seen[n].dated.ordered(order) for n in dated}
            days = [m for v in seen[dated[0]].distinct if (m := parsed(v, looks[dated[0]]))]
            options[order.replace(" ", "-")] = {
                "gives": f"{min(days):%-d %b %Y} to {max(days):%-d %b %Y}",
                "derive": {n: _iso(n, look.formats) for n, look in looks.items()},
            }
        example = seen[dated[0]].dated.example
        asked["dates"] = {
            "ask": f"Is the day or the month first in {names} ({example})? Nothing in the file says it.",
            "options": options,
        }
    numbers = [n for n, k in fields.items() if k in ("money", "qty", "number", "int") and seen[n].written.undecided]
    if numbers:
        names = ", ".join(f"`{n}`" for n in numbers)
        options = {}
        for label in ("thousands", "decimals"):
            sums = {
                n: sum(x for v in table[n].to_pylist() if v and (x := read_number(v, _mark(v, label))) is not None)
                for n in numbers
            }
            told = "; ".join(f"{n} adds up to {s:,.3f}".rstrip("0").rstrip(".") for n, s in sums.items())
            options[label] = {
                "gives": told,
                "derive": {n: f"CAST(number({quoted(n)}, '{_sign(seen[n], label)}') AS VARCHAR)" for n in numbers},
            }
        example = next(v for v in seen[numbers[0]].distinct if "." in v or "," in v)
        asked["numbers"] = {
            "ask": f"Are there thousands or decimals in {names} ({example})? Nothing in the file says it.",
            "options": options,
        }
    return asked


def _sign(seen: Profile, label: str) -> str:
    """The sign before decimals, where the one that stands in the values parts thousands, or decimals."""
    stands = "." if any("." in v for v in seen.distinct) else ","
    return stands if label == "decimals" else {".": ",", ",": "."}[stands]


def _mark(value: str, label: str) -> Notation:
    stands = "." if "." in value else ","
    return Notation(stands if label == "decimals" else {".": ",", ",": "."}[stands])


def _iso(column: str, formats: Sequence[str]) -> str:
    known = ", ".join(literal(f) for f in formats)
    return f"coalesce(strftime(try_strptime(trim({quoted(column)}), [{known}]), '%Y-%m-%d %H:%M:%S'), {quoted(column)})"


def unsure(
    questions: Pairs[str, Any],
    money: suggest_money.Money | None,
    lines: Pairs[str, Guess],
    seen: Pairs[str, Profile],
) -> dict[str, float]:
    """Columns that may be read in two ways are not sure, whatever they are called."""
    out = {
        n: 0.5
        for q in questions.values()
        for o in q["options"].values()
        for n in o["derive"]
        if n in seen and q["answer"] is None
    }
    if money is not None and not money.sure:
        out |= {lines[f].column: 0.5 for f in ("unit_price", "discount", "_total") if f in lines}
    return out
