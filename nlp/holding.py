"""What a wording holds for: which members of a group say it, in its words or in its meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nlp.encoder import Vectors
from nlp.neutral import HOLE, Names, neutral
from nlp.terms import BREAK, NEGATIVE, function, word_stems
from nlp.text import readable, tokens

NEAR = 0.5
"""Likeness from which a clause says what a wording says."""
REACH = 4
"""Words behind a denial that are denied."""
Flags = npt.NDArray[np.bool_]
Mark = Callable[[int], str]
"""Gives a clause with a mark where something was taken out."""


JUDGES = frozenset("good great bad well right wrong nice new".split())
"""Words that carry little by themselves and much in what is said of something ("runs great")."""


def tells(word: str) -> bool:
    """Whether a word matters in a wording."""
    return word in JUDGES or not function(word)


@lru_cache(maxsize=65536)
def said(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning; of what is denied also "not" and the stem."""
    found: set[str] = set()
    for part in BREAK.split(text):
        denied = 0
        for word in tokens(part):
            if word in NEGATIVE or word.endswith(("n't", "n’t")):
                denied = REACH
                continue
            denied -= 1
            if tells(word):
                own = word_stems(word)
                found |= own
                if denied > 0:
                    found |= {f"not {s}" for s in own}
    return frozenset(found)


def denied(stems: frozenset[str]) -> frozenset[str]:
    """Those that are denied."""
    return frozenset(s for s in stems if s.startswith("not "))


def marker(texts: Sequence[str], names: Names) -> Mark:
    """Marks the clauses of `texts`."""
    return lambda row: neutral(readable(texts[row]), names, HOLE)


def of_rows(marked: Mark | None, rows: npt.NDArray[np.int64]) -> Mark | None:
    """Marks some of the clauses, by their place among `rows`."""
    return (lambda place: marked(int(rows[place]))) if marked else None


@dataclass(frozen=True)
class Members:
    """The clauses of a group, those nearest to its centre first: what each says, its vector, its mood (-1, 0, 1); `marked` gives a clause with
    a mark where names and numbers were taken out of it."""

    texts: Sequence[str]
    vectors: Vectors
    moods: npt.NDArray[np.int64]
    marked: Mark | None = None

    def nearest(self, count: int) -> list[str]:
        """The first texts, each once, with their marks."""
        first = dict.fromkeys(t for t in self.texts if t.strip())
        place = {t: i for i, t in reversed(list(enumerate(self.texts)))}
        return [self.marked(place[t]) if self.marked else t for t in list(first)[:count]]

    def share(self, mood: int) -> float:
        """The share of the clauses in this mood."""
        return float((self.moods == mood).mean()) if len(self.moods) else 0.0

    def in_words(self, keys: Sequence[frozenset[str]]) -> tuple[Flags, npt.NDArray[np.float64]]:
        """(members, wordings): which say all the words of a wording, denied just where it denies them; and for each wording the share of those
        with its words that deny one of them where it does not."""
        where: dict[str, set[int]] = {}
        for i, text in enumerate(self.texts):
            for stem in said(text):
                where.setdefault(stem, set()).add(i)
        none: set[int] = set()
        flags, turned = np.zeros((len(self.texts), len(keys)), dtype=bool), np.zeros(len(keys))
        for j, key in enumerate(keys):
            if not key:
                continue
            having = set.intersection(*(where.get(s, none) for s in key))
            against = having & set().union(*(where.get(f"not {s}", none) for s in key if f"not {s}" not in key))
            flags[sorted(having - against), j] = True
            turned[j] = len(against) / max(1, len(having))
        return flags, turned

    def in_meaning(self, keys: Sequence[frozenset[str]], vectors: Vectors, least: float = NEAR) -> Flags:
        """(members, wordings): which are like a wording, at least so much, and no more like another that says less of the same."""
        near = (self.vectors @ vectors.T).round(4)
        flags = near >= least
        for j, key in enumerate(keys):
            for k, less in enumerate(keys):
                if less < key:
                    flags[:, j] &= near[:, j] >= near[:, k]
        return flags
