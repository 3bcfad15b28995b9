"""Names, codes and dates taken out of what the encoder reads, so that themes are about what is said and not about whom or which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CODE = re.compile(r"\b(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])[A-Za-z0-9]+(?:[-./][A-Za-z0-9]+)*\b")
NUMBER = re.compile(r"(?<![\w])#?\d[\d.,:/-]+\d(?![\w%])")
REFERENCE = re.compile(
    r"\b(?:po|order|invoice|ref|no|nr|ticket|case|article|part)\.?\s*(?:no\.?|nr\.?|number)?\s*#(?=\s|$|[.,;!?])", re.I
)
DAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thur?s?|fri|satur|sun)day\b|\b(?:january|february|april|june|july|august|september|october|november|december)\b|\b(?:mon|tue|wed|thu|fri|sat|sun) (?=#|\d)|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\b(?=\s*(?:#|\d|$|[.,;]))", re.I)  # fmt: skip
KEPT = re.compile(r"^(?:\d{1,2}(?:st|nd|rd|th)|24/7|b2b|b/c|w/o?|a/c|\d{1,3}(?:h|hrs?|min|mins|days?|am|pm|kg|mm|cm|x))$", re.I)
TOKEN = re.compile(r"[^\W_]+(?:[-&/'’.][^\W_]+)*")
LONGEST = 6


@dataclass(frozen=True)
class Names:
    """Known names by their words, each with the word that stands for them ("the product")."""

    by_words: Mapping[tuple[str, ...], str]

    @classmethod
    def of(cls, names: Mapping[str, Iterable[str]]) -> Names:
        """Names by stand-in word; those of one short or common word are left out."""
        made = {}
        for stand_in, listed in names.items():
            for name in listed:
                said = tuple(t.lower() for t in TOKEN.findall(name))
                if said and len(said) <= LONGEST and (len(said) > 1 or len(said[0]) > 3):
                    made[said] = stand_in
        return cls(made)


NOBODY = Names({})


def neutral(text: str, names: Names = NOBODY) -> str:
    """The readable text with known names replaced by what they are, and codes, long numbers, weekdays and dates taken out."""
    whole = text
    if names.by_words:
        text = _without_names(text, names)
    text = CODE.sub(lambda m: m.group() if KEPT.match(m.group()) else "#", text)
    text = DAY.sub("#", NUMBER.sub("#", text))
    text = REFERENCE.sub(lambda m: m.group().rstrip("#").rstrip(), text)
    return re.sub(r"\s+", " ", re.sub(r"#(?!\w)", " ", text)).strip() or whole


def _without_names(text: str, names: Names) -> str:
    tokens = list(TOKEN.finditer(text))
    low = [t.group().lower().removesuffix("'s").removesuffix("’s") for t in tokens]
    out: list[str] = []
    at = i = 0
    while i < len(tokens):
        for size in range(min(LONGEST, len(tokens) - i), 0, -1):
            stand_in = names.by_words.get(tuple(low[i : i + size]))
            if stand_in is not None:
                out += [text[at : tokens[i].start()], stand_in]
                at = tokens[i + size - 1].end()
                i += size
                break
        else:
            i += 1
    return "".join(out) + text[at:]
