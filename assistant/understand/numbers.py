"""Numbers as people write them, in digits or words: "50k", "1.5 million", "half a million", "two hundred thousand", "90 percent"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SMALL = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())} | {
    "a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "m": 1e6,
    "mn": 1e6,
    "millions": 1e6,
    "billion": 1e9,
    "bn": 1e9,
}
DIGITS = re.compile(r"(\d[\d,]*\.?\d*)(k|m|mn|bn|%)?")


@dataclass(frozen=True)
class Number:
    """A value, and the place of its last word; `share` says that it was told in per cent."""

    value: float
    last: int
    share: bool = False


def number_at(words: Sequence[str], first: int) -> Number | None:
    """The number that begins at that word; None where none does, and for "a" alone."""
    said = list(words[first:])
    if said[:2] == ["half", "a"] and said[2:3] and said[2] in SCALES:
        return Number(0.5 * SCALES[said[2]], first + 2)
    if said[:4] == ["a", "quarter", "of", "a"] and said[4:5] and said[4] in SCALES:
        return Number(0.25 * SCALES[said[4]], first + 4)
    digits = DIGITS.fullmatch(said[0]) if said else None
    at = first + 1
    if digits:
        value = float(digits[1].replace(",", "")) * SCALES.get(digits[2] or "", 1.0)
        if digits[2] == "%":
            return Number(value / 100, first, True)
        if words[at : at + 1] == ["percent"]:
            return Number(value / 100, at, True)
    elif said and said[0] in SMALL:
        value = float(SMALL[said[0]])
        if words[at : at + 3] == ["and", "a", "half"]:
            value, at = value + 0.5, at + 3
        if words[at : at + 1] == ["percent"]:
            return Number(value / 100, at, True)
    else:
        return None
    scaled = False
    while at < len(words) and words[at] in SCALES and not (digits and digits[2]):
        value, at, scaled = value * SCALES[words[at]], at + 1, True
    return None if said[0] in ("a", "an") and not scaled else Number(value, at - 1)
