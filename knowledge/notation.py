"""How numbers are written in a column: which sign parts the decimals, decided over all values at once, never value by value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NULLS = ("", "\\n", "nan", "null", "none", "nat", "-", "n/a", "na", "#n/a", "--", "—")
CURRENCY_CODES = "EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|JPY|CNY|AUD|CAD|NZD|BRL|INR|ZAR|MXN|SGD|HKD"
SIGN = rf"(?:R\$|[€$£¥₹₩₽₺]|kr\.?|zł|Kč|Ft|{CURRENCY_CODES})"
MONEY_SIGN = re.compile(rf"^\s*[-+(]?\s*({SIGN})\s*|\s*({SIGN})\s*[-)]?\s*$")
SPACE = "[\\s\u00a0\u202f\u2009'’]"
GROUPED = re.compile(rf"(?<=\d){SPACE}(?=\d{{3}}(?!\d))")
SHAPE = re.compile(r"^\d*[.,]?\d*$")
POINT = re.compile(r"^(\d+|[1-9]\d{0,2}(,\d{2,3})*,\d{3})?(\.\d+)?([eE][+-]?\d+)?$")
COMMA = re.compile(r"^(\d+|[1-9]\d{0,2}(\.\d{3})+)?(,\d+)?([eE][+-]?\d+)?$")
EITHER = re.compile(r"^[1-9]\d{0,2}([.,])\d{3}$")
"""A thousand, or one and three decimals."""
DASHED = re.compile(r"(?<=\d)[.,]\s?[-−–—]{1,2}(?=\s*$)")
"""No cents: `1.250,-`, `12.-`; no minus, which stands behind a digit."""


@dataclass(frozen=True)
class Notation:
    """`decimal` parts the decimals; thousands may be parted by the other sign, by blanks or by an apostrophe."""

    decimal: str


@dataclass(frozen=True)
class Written:
    """What a column's values say. `notation` is None where nothing decides (`either` holds how many may be read two ways);
    `numbers`, `percent`: shares of values that are a number at all, that carry a percent sign; `against`: how many values
    are written the other way than most."""

    notation: Notation | None
    numbers: float
    either: int = 0
    against: int = 0
    percent: float = 0.0
    sign: str = ""
    separated: bool = False
    signs: tuple[str, ...] = ()

    @property
    def undecided(self) -> bool:
        return self.notation is None and self.either > 0


def notation_of(values: Iterable[str | None] | Mapping[str, int]) -> Written:
    """Looks at all of a column's values (or their counts)."""
    counts = values if isinstance(values, Mapping) else Counter(v for v in values if v is not None)
    total = number = either = percent = 0
    votes: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    separated = False
    for value, many in counts.items():
        text = value.strip()
        if text.lower() in NULLS:
            continue
        total += many
        marked = MONEY_SIGN.search(text)
        bare = _bare(text)
        if bare is None or not (POINT.match(bare) or COMMA.match(bare)) or not any(c.isdigit() for c in bare):
            continue
        number += many
        percent += many * ("%" in text)
        if marked:
            signs[marked[1] or marked[2]] += many
        separated = separated or "." in bare or "," in bare or GROUPED.search(text) is not None
        dashed = DASHED.search(MONEY_SIGN.sub("", text))
        if dashed:
            votes[dashed[0][0]] += many
            separated = True
        elif EITHER.match(bare):
            either += many
        elif bare.isdigit():
            continue
        elif not COMMA.match(bare):
            votes["."] += many
        elif not POINT.match(bare):
            votes[","] += many
    most = max(votes, key=lambda v: votes[v], default=None)
    sign = max(signs, key=lambda s: signs[s], default="")
    return Written(
        Notation(most) if most else None if either else Notation("."),
        number / total if total else 0.0,
        either,
        votes[{".": ",", ",": "."}[most]] if most else 0,
        percent / total if total else 0.0,
        sign if total and signs[sign] > total / 2 else "",
        separated,
        tuple(sorted(signs)),
    )


def read_number(text: str, how: Notation) -> float | None:
    """The number that a text is in a notation, `20%` as 20; None where it is none."""
    bare = _bare(text.strip())
    if bare is None or not (POINT if how.decimal == "." else COMMA).match(bare) or not any(c.isdigit() for c in bare):
        return None
    other = "," if how.decimal == "." else "."
    found = float(bare.replace(other, "").replace(how.decimal, "."))
    return -found if _negative(text) else found


def number_sql(text: str, decimal: str) -> str:
    """SQL: the plain number that the SQL text holds in this notation; NULL where it is none."""
    other = "," if decimal == "." else "."
    groups = r"[1-9]\d{0,2}(,\d{2,3})*,\d{3}" if decimal == "." else r"[1-9]\d{0,2}(\.\d{3})+"
    whole = rf"[-+(−–]*\s*(\d+|{groups})?([{decimal}]\d+)?([eE][-+]?\d+)?\s*[-)%−–]*"
    blank = "([0-9])[ \\x{00a0}\\x{202f}\\x{2009}''’]([0-9]{3})"
    plain_blanks = f"regexp_replace({text}, '[\\x{{00a0}}\\x{{202f}}\\x{{2009}}]', ' ', 'g')"
    bare = f"regexp_replace(trim(regexp_replace({plain_blanks}, '{SIGN}', '', 'g')), '([0-9])[.,] ?[-−–—]+$', '\\1')"
    for _ in range(2):
        bare = f"regexp_replace({bare}, '{blank}', '\\1\\2', 'g')"
    ends = rf"regexp_replace({bare}, '^[-+(−–\s]+|[-+()%−–\s]+$', '', 'g')"
    plain = f"replace(replace({ends}, '{other}', ''), '{decimal}', '.')"
    sign = rf"CASE WHEN regexp_matches({bare}, '^[(−–-]|[)−–-][\s%]*$') THEN '-' ELSE '' END"
    return rf"(CASE WHEN regexp_full_match({bare}, '{whole}') AND regexp_matches({bare}, '\d') THEN {sign} || {plain} END)"


def _bare(text: str) -> str | None:
    """Without signs of money, blanks between thousands, brackets, minus and percent; None where a sign stands alone."""
    bare = DASHED.sub("", MONEY_SIGN.sub("", text))
    bare = bare.strip().strip("()+%").strip().strip("-−–+").strip()
    bare = MONEY_SIGN.sub("", bare)
    bare = GROUPED.sub("", bare)
    return bare or None


def _negative(text: str) -> bool:
    whole = text.strip().rstrip("% ")
    bare = MONEY_SIGN.sub("", whole).strip()
    if DASHED.search(bare) or DASHED.search(whole):
        whole = bare = DASHED.sub("", bare)
    return any(t[:1] in tuple("(-−–") or t[-1:] in tuple(")-−–") for t in (whole, bare))
