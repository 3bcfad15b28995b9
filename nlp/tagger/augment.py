"""A wording said a little differently with the same marks: other names, numbers and periods, small talk around it, slips of typing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nlp.tagger.bank import Mark, Wording

OTHER_NAME, OTHER_NUMBER, OTHER_PERIOD, AROUND, BARE, SLIPS = 0.5, 0.35, 0.3, 0.15, 0.15, 0.2
LEAST_TALK = 3  # words that a wording has before or after its marks to be taken for small talk
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_MONTHS = "january february march april may june july august september october november december".split()
Part = tuple[str | None, str]  # a mark's role, or None, and its text


@dataclass(frozen=True)
class Augmenter:
    """`names` by kind; `companies` as the bank has them; `wordings` give the periods and the small talk."""

    names: Mapping[str, Sequence[str]]
    companies: Mapping[str, Mapping[str, object]]
    wordings: Sequence[Wording]

    @cached_property
    def _periods(self) -> list[str]:
        return sorted({w.text[m.start : m.end] for w in self.wordings for m in w.marks if m.role in "pq"})

    @cached_property
    def _openings(self) -> list[str]:
        found = {w.text[: w.marks[0].start] for w in self.wordings if w.marks}
        return sorted(
            cut for text in found if len((cut := text[: max(text.rfind(s) for s in ".!,") + 1]).split()) >= LEAST_TALK
        )

    @cached_property
    def _closings(self) -> list[str]:
        found = {w.text[w.marks[-1].end :] for w in self.wordings if w.marks}
        cuts = (re.search(r"[.,!?]\s*(\w.*)", text) for text in found)
        return sorted(cut[1] for cut in cuts if cut and len(cut[1].split()) >= LEAST_TALK)

    def vary(self, wording: Wording, draw: random.Random) -> Wording:
        """Another wording of the same plan, apart from the names, numbers and periods in it."""
        parts = _parts(wording)
        facts = self.companies.get(wording.company, {})
        if draw.random() < OTHER_NAME:
            parts = [(r, self._renamed(t, facts, draw) if r in ("n", "x", "c") else t) for r, t in parts]
        if draw.random() < OTHER_NUMBER:
            parts = [(r, _renumbered(t, draw) if r in ("k", "t", "c") else t) for r, t in parts]
        if draw.random() < OTHER_PERIOD:
            parts = [(r, self._period(draw) if r in ("p", "q") else t) for r, t in parts]
        if draw.random() < AROUND and self._openings and wording.marks:
            parts = [(None, draw.choice(self._openings) + " "), *parts]
        if draw.random() < AROUND and self._closings and wording.marks:
            ends = parts[-1][1].rstrip()[-1:] in ".!?,"
            parts = [*parts, (None, (" " if ends else draw.choice([", ", ". ", " - ", "! "])) + draw.choice(self._closings))]
        if draw.random() < BARE:
            parts = [(r, re.sub(r"[?!.,;:](?=\s|$)", "", t)) for r, t in parts]
        if draw.random() < SLIPS:
            for at in draw.sample(range(len(parts)), min(len(parts), 2)):
                role, text = parts[at]
                parts[at] = (role, text if role in ("n", "x") else _slipped(text, draw))
        return _joined(wording, parts)

    def _renamed(self, text: str, facts: Mapping[str, object], draw: random.Random) -> str:
        """The text with the first of the company's names that it holds replaced by another of the same kind."""
        for kind, values in facts.items():
            if not isinstance(values, list):
                continue
            for value in sorted(values, key=len, reverse=True):
                found = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.I if len(value) > 2 else 0)
                if found:
                    return text[: found.start()] + self._name(kind, draw) + text[found.end() :]
        return text

    def _name(self, kind: str, draw: random.Random) -> str:
        if kind == "order" or (kind in ("product", "customer") and draw.random() < 0.25):
            return _code(draw)
        return draw.choice(self.names[kind])

    def _period(self, draw: random.Random) -> str:
        return draw.choice(self._periods) if self._periods and draw.random() < 0.6 else _dated(draw)


def _parts(wording: Wording) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for mark in wording.marks:
        parts += [(None, wording.text[at : mark.start]), (mark.role, wording.text[mark.start : mark.end])]
        at = mark.end
    return [*parts, (None, wording.text[at:])]


def _joined(wording: Wording, parts: Iterable[Part]) -> Wording:
    text, marks = "", []
    for role, part in parts:
        if role is not None and part.strip():
            marks.append(Mark(role, len(text), len(text) + len(part)))
        text += part
    return replace(wording, text=text, marks=tuple(marks))


def _renumbered(text: str, draw: random.Random) -> str:
    def other(found: re.Match[str]) -> str:
        digits = found[0].replace(",", "")
        first = str(draw.randint(1, 9))
        changed = first + (
            "0" * (len(digits) - 1) if digits.endswith("00") else "".join(draw.choices("0123456789", k=len(digits) - 1))
        )
        return f"{int(changed):,}" if "," in found[0] else changed

    return re.sub(r"(?<![\w-])\d[\d,]*(?![\w-])", other, text)


def _code(draw: random.Random) -> str:
    """A number of an order, article or customer of any shape."""
    digits = "".join(draw.choices("0123456789", k=draw.randint(4, 8)))
    letters = "".join(draw.choices("ABCDEFGHKLMNPRSTVWXZ", k=draw.randint(1, 3)))
    return draw.choice(
        [digits, letters + digits, f"{letters}-{digits}", f"#{digits}", f"{letters} {digits}", f"20{draw.randint(18, 29)}/{digits[:5]}",
         f"{digits}-{letters[0]}", f"{letters}-20{draw.randint(18, 29)}-{digits[:4]}", f"{letters}{digits[:3]}.{digits[3:]}", (letters + digits).lower()]
    )  # fmt: skip


def _dated(draw: random.Random) -> str:
    year, month, day, n = draw.randint(2009, 2029), draw.choice(_MONTHS), draw.randint(1, 28), draw.randint(2, 90)
    short, quarter = month[:3], draw.randint(1, 4)
    iso = f"{year}-{draw.randint(1, 12):02}"
    return draw.choice(
        [f"{month} {year}", f"{short} {year % 100:02}", f"{short}", f"q{quarter} {year}", f"Q{quarter}", f"Q{quarter}/{year % 100:02}", f"{year}", f"FY{year % 100:02}",
         f"fiscal {year}", f"last {n} days", f"past {n} weeks", f"the last {n} months", f"{iso}", f"{iso}-{day:02}", f"{day}.{draw.randint(1, 12)}.{year}",
         f"H{draw.randint(1, 2)} {year}", f"week {draw.randint(1, 52)}", f"KW {draw.randint(1, 52)}", f"{short} {day} - {draw.choice(_MONTHS)[:3]} {draw.randint(1, 28)}",
         f"from {day} {month} to {draw.randint(1, 28)} {draw.choice(_MONTHS)}", f"since {month}", f"since {iso}-{day:02}", "today", "last monday", f"{day}th of {month}",
         f"between {month} and {draw.choice(_MONTHS)} {year}", "ytd", "mtd", "so far this year", f"{draw.choice(['spring', 'summer', 'autumn', 'winter'])} {year}",
         f"{n} days ago", f"the {quarter}. quarter of {year}", "year to date", f"early {year}", f"until {short} {day}", f"{year - 1}-{year % 100:02}"]
    )  # fmt: skip


def _slipped(text: str, draw: random.Random) -> str:
    """A slip of typing in one of the longer words of letters alone."""
    words = list(re.finditer(r"[A-Za-z]{4,}", text))
    if not words:
        return text
    found = draw.choice(words)
    return text[: found.start()] + _slip(found[0], draw) + text[found.end() :]


def _slip(word: str, draw: random.Random) -> str:
    at = draw.randint(1, len(word) - 2)
    row = next(r for r in _KEYS if word[at].lower() in r)
    near = row[max(row.index(word[at].lower()) + draw.choice([-1, 1]), 0) % len(row) :][:1]
    return draw.choice(
        [word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at] + word[at:], word[:at] + near + word[at + 1 :]]
    )  # fmt: skip
