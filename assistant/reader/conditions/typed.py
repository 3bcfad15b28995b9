"""Conditions as they are typed, in the plain words of the grammar: signs, stars and short forms written out; the ways to part them."""

from __future__ import annotations

import re
from itertools import pairwise

from assistant.understand.dates import DAYS, count_of
from assistant.understand.plain_periods import NUMBER

NEGATIONS = frozenset("not no never without none neither nor nothing hardly lacking missing".split())


def in_plain_words(text: str) -> str:
    """Signs and short forms written out: "w/o", ">60d", "10 000"."""
    text = re.sub(
        r"\b(have|has|had|did|do|does|is|are|was|were|could|would|should)n['’]?t\b", r"\1 not", text, flags=re.IGNORECASE
    )
    text = re.sub(r">=", " at least ", re.sub(r"<=", " at most ", text))
    text = re.sub(r">", " more than ", re.sub(r"<", " less than ", text))
    text = re.sub(r"(\d[\d.,]*[km]?) ?\+(?!\d)", r"at least \1", text, flags=re.IGNORECASE)
    text = SENT_BACK.sub(lambda m: f"returned {m[1] or ''}", text)
    text = re.sub(r"\b(?:more often than|more than) once\b", "at least 2 times", text, flags=re.IGNORECASE)
    text = STARS.sub(lambda m: f" rated {m[1]}{f' or {m[2]}' if m[2] else ''} ", text)
    text = LONGER.sub(lambda m: f"{m[1]} {(count_of(m[2].lower()) or 1) * DAYS[m[3].lower()]} days", text)
    said = re.sub(r"\bw/o\b", "without", re.sub(r"\bw/(?!o\b)", "with ", text))
    return re.sub(r"(?<=\d) ?(d|h)\b", lambda m: {"d": " days", "h": " hours"}[m[1]], GROUPED.sub("", said))


SENT_BACK = re.compile(r"\b(?:send|sends|sent|sending|ship|shipped|bring|brought|give|gave) (\w+ )?back\b", re.IGNORECASE)
STARS = re.compile(r"\b(\d)(?:[\s-]*(?:star)?\s*(?:and|or|to|&|/|,)\s*(\d))?[\s-]*stars?\b(?! or\b| and\b)", re.IGNORECASE)
"""A rating told in stars."""
LONG = "|".join(unit for unit, days in DAYS.items() if days > 1)
LONGER = re.compile(
    rf"\b(more than|longer than|less than|at least|over|under|for|within|older than)\s+(an?|{NUMBER})\s+({LONG})s?\b(?!\s+(?:ago|before))",
    re.IGNORECASE,
)
"""Times in longer units than days; ages and delays are known in days."""


def ways_to_part(text: str) -> list[tuple[str, list[str]]]:
    """The whole, and the ways to part it at "but", "and", "or", and before a no ("over 10,000 not shipped yet")."""
    ways = [("", [text])]
    for joint, pattern in (
        ("but", r"\s*,?\s+but\s+(?:also\s+)?"),
        ("and", r"\s*,?\s+and\s+(?:also\s+)?"),
        ("not", rf"\s*,?\s+(?=(?:{'|'.join(sorted(NEGATIONS))})\b)"),
        ("or", r"\s*,?\s+or\s+(?!more\b|less\b|fewer\b|higher\b|lower\b|above\b|below\b|longer\b|better\b|worse\b)"),
    ):
        parts = [p for p in re.split(pattern, text, flags=re.IGNORECASE) if p.strip()]
        numbers = any(re.search(r"\d\W*$", p) and re.match(r"\W*\d", q) for p, q in pairwise(parts))
        if len(parts) > 1 and not numbers:  # "1 or 2" are no conditions for themselves
            ways.append((joint, parts))
    return ways


GROUPED = re.compile(r"(?<=\d)[ \u202f'](?=\d{3}(?!\d))")
"""The gap between thousands: "10 000"."""
