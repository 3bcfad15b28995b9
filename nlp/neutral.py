"""Names, codes and dates taken out of what the encoder reads, so that themes are about what is said and not about whom or which.

Names come from the records; places, and the company that is spoken to, are found in the comments themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlp.terms import EDGES
from nlp.text import MENTION, readable

CODE = re.compile(r"\b(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])[A-Za-z0-9]+(?:[-./][A-Za-z0-9]+)*\b")
NUMBER = re.compile(r"(?<![\w])#?\d[\d.,:/-]+\d(?![\w%])")
REFERENCE = re.compile(
    r"\b(?:po|order|invoice|ref|no|nr|ticket|case|article|part)\.?\s*(?:no\.?|nr\.?|number)?\s*#(?=\s|$|[.,;!?])", re.I
)
DAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thur?s?|fri|satur|sun)day\b|\b(?:january|february|april|june|july|august|september|october|november|december)\b|\b(?:mon|tue|wed|thu|fri|sat|sun) (?=#|\d)|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\b(?=\s*(?:#|\d|$|[.,;]))", re.I)  # fmt: skip
BARE = re.compile(
    r"\b(?:the|a|an)\s+#(?!\w)(?=\s*(?:$|[.,;!?]|(?:for|from|of|on|in|at|with|is|was|are|were|and|or|to)\b))", re.I
)
KEPT = re.compile(r"^(?:\d{1,2}(?:st|nd|rd|th)|24/7|b2b|b/c|w/o?|a/c|\d{1,3}(?:h|hrs?|min|mins|days?|am|pm|kg|mm|cm|x))$", re.I)
TOKEN = re.compile(r"[^\W_]+(?:[-&/'’.][^\W_]+)*")
LONGEST = 6
HOLE = "X"
"""What may stand in a text where a name, a code or a number was taken out, so that a parse sees that something was there."""
PIECE = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*|\d+|[^\w\s]")
PLACED = frozenset("to from in at into near via out outside through between around".split())
OPENING, JOINING = frozenset('.!?:;"“('), frozenset("-/&,")
SEEN, CAPITAL, AFTER, SHOUTED, ADDRESSED = 4, 0.7, 0.4, 0.5, 0.02
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


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

    def and_found(self, found: Iterable[str]) -> Names:
        """These and names found in comments, which nothing stands for."""
        more = {tuple(t.lower() for t in TOKEN.findall(name)): "" for name in found}
        return Names({**more, **self.by_words})


NOBODY = Names({})


def found_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Names that these comments themselves show: places, and the company that they are written to. In order."""
    called = _addressed(texts)
    heads = {name.split()[0] for name in called if " " in name}
    seen, capital, placed = _capitals(texts)
    names = [w for w, n in seen.items() if n >= SEEN and capital[w] >= CAPITAL * n and w not in EDGES]
    return tuple(sorted({*called, *(w for w in names if placed[w] >= AFTER * capital[w] or (w in heads and len(w) > 3))}))


def _capitals(texts: Sequence[str]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often each word is seen in the middle of a sentence, how often capitalised, and how often so after "to", "from", "in" …"""
    seen: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    for text in map(readable, texts):
        letters = sum(c.isalpha() for c in text)
        if sum(c.isupper() for c in text) > SHOUTED * letters:
            continue
        opens, before, inside = True, "", False
        for piece in PIECE.findall(text):
            if not piece[0].isalpha():
                opens = piece in OPENING
                before = before if piece in JOINING else ""
                continue
            word = piece.lower()
            inside = not opens and piece[0].isupper() and (inside or before in PLACED)
            if not opens and len(word) > 1:
                seen[word] += 1
                capital[word] += piece[0].isupper()
                placed[word] += inside
            before, opens = word, False
    return seen, capital, placed


def _addressed(texts: Sequence[str]) -> list[str]:
    """The accounts that at least one comment in fifty is written to, in one word and in several ("@BlueAir": "blueair", "blue air")."""
    handles = Counter(h[1:] for t in texts for h in set(MENTION.findall(t)))
    told = [h for h, n in handles.items() if n >= max(SEEN, ADDRESSED * len(texts))]
    return [name for h in told for name in {h.lower(), " ".join(CAMEL.findall(h)).lower()} if len(name) > 3]


def neutral(text: str, names: Names = NOBODY, hole: str = "") -> str:
    """The readable text with known names replaced by what they are, and codes, long numbers, weekdays and dates taken out; `hole` is put in
    their place."""
    whole = text
    text = _without_names(text, names, hole) if names.by_words else text
    text = CODE.sub(lambda m: m.group() if KEPT.match(m.group()) else "#", text)
    text = BARE.sub("#", DAY.sub("#", NUMBER.sub("#", text)))
    text = REFERENCE.sub(lambda m: m.group().rstrip("#").rstrip(), text)
    return re.sub(r"\s+", " ", re.sub(r"#(?!\w)", hole or " ", text)).strip() or whole


def unnamed(text: str, names: Names = NOBODY) -> str:
    """The readable text with known names alone replaced."""
    return _without_names(text, names) if names.by_words else text


def _without_names(text: str, names: Names, hole: str = "") -> str:
    tokens = list(TOKEN.finditer(text))
    low = [t.group().lower().removesuffix("'s").removesuffix("’s") for t in tokens]
    out: list[str] = []
    at = i = 0
    while i < len(tokens):
        for size in range(min(LONGEST, len(tokens) - i), 0, -1):
            stand_in = names.by_words.get(tuple(low[i : i + size]))
            if stand_in is not None:
                out += [text[at : tokens[i].start()], stand_in or hole]
                at = tokens[i + size - 1].end()
                i += size
                break
        else:
            i += 1
    return "".join(out) + text[at:]
