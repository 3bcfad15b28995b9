"""What the values of an unknown column look like: how full and unique, of which kind, how dates and numbers are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

EMPTY = ("", "nan", "null", "none", "nat", "-", "n/a", "na")
EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}$")
PLAIN = re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$")
POINT = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")  # 1,234.56
COMMA = re.compile(r"^[+-]?(\d{1,3}([.  ]\d{3})+|\d+)(,\d+)?$")  # 1.234,56
ISO = re.compile(r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$")
MONEY_SIGN = re.compile(r"^\s*(R\$|[€$£¥₹]|kr|CHF|zł|EUR|USD|GBP|SEK)\s*|\s*([€$£¥₹]|kr\.?|CHF|zł|EUR|USD|GBP|SEK)\s*$")
BOOLS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"})
FORMATS = tuple(
    day + clock
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%b %d, %Y",
                "%d-%b-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y")
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """Shares are of the values that are there. `formats`: date formats that read every date (two when day and month cannot
    be told apart); `style`: how numbers are written (plain, point, comma); `sign`: a currency sign at the numbers."""

    filled: float
    unique: float
    distinct: tuple[str, ...]
    dates: float
    formats: tuple[str, ...]
    numbers: float
    style: str
    sign: str
    whole: bool
    lowest: float
    highest: float
    emails: float
    bools: float
    length: float


def profile(values: Sequence[str | None]) -> Profile:
    """Looks at a column's values (text)."""
    there = [v.strip() for v in values if v is not None and v.strip().lower() not in EMPTY]
    count = max(len(there), 1)
    different = list(dict.fromkeys(there))
    dates, formats = _dates(there)
    numbers, style, sign = _numbers(there)
    read = [number(v, style) for v in there] if numbers > 0.5 else []
    known = [n for n in read if n is not None]
    return Profile(
        filled=len(there) / max(len(values), 1),
        unique=len(different) / count,
        distinct=tuple(different[:60]),
        dates=dates,
        formats=formats,
        numbers=numbers,
        style=style,
        sign=sign,
        whole=bool(known) and all(n == int(n) for n in known),
        lowest=min(known, default=0.0),
        highest=max(known, default=0.0),
        emails=sum(bool(EMAIL.match(v)) for v in there) / count,
        bools=sum(v.lower() in BOOLS for v in there) / count,
        length=sum(map(len, there)) / count,
    )


def number(text: str, style: str) -> float | None:
    """The number in a style's writing; None where it is none."""
    bare = MONEY_SIGN.sub("", text).strip()
    if style == "comma":
        bare = re.sub(r"[.  ](?=\d{3})", "", bare).replace(",", ".")
    elif style == "point":
        bare = bare.replace(",", "")
    try:
        return float(bare)
    except ValueError:
        return None


def _numbers(there: Sequence[str]) -> tuple[float, str, str]:
    bare = [MONEY_SIGN.sub("", v).strip() for v in there]
    signs = [m.group(0).strip() for v in there if (m := MONEY_SIGN.search(v))]
    shares = {
        "plain": sum(bool(PLAIN.match(v)) for v in bare),
        "point": sum(bool(POINT.match(v) or PLAIN.match(v)) for v in bare),
        "comma": sum(bool(COMMA.match(v)) for v in bare),
    }
    style = max(shares, key=lambda s: shares[s])  # plain first: where all fit, nothing has to be done
    return shares[style] / max(len(there), 1), style, (signs[0] if len(signs) > len(there) / 2 else "")


def _dates(there: Sequence[str]) -> tuple[float, tuple[str, ...]]:
    if not there:
        return 0.0, ()
    iso = sum(bool(ISO.match(v)) for v in there)
    if iso >= 0.5 * len(there):
        return iso / len(there), ()
    sample = there[:: max(len(there) // 400, 1)]
    shares = {f: sum(_reads(v, f) for v in sample) / len(sample) for f in FORMATS if _reads(sample[0], f) or len(sample) > 1}
    best = max(shares.values(), default=0.0)
    if best < 0.5:
        return 0.0, ()
    return best, tuple(f for f, s in shares.items() if s == best)[:2]


def _reads(text: str, form: str) -> bool:
    try:
        read = datetime.strptime(text, form)
    except ValueError:
        return False
    return 1900 <= read.year <= 2200
