"""What sets groups of texts apart: short phrases with log-odds against the rest.

A phrase is a set of word stems found close together, so that "lost my bag" and "my bag was lost" are one; it is shown in its
most usual wording. Source: Monroe, Colaresi and Quinn 2008, "Fightin' Words" (log-odds with an informative Dirichlet prior)."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.text import tokens

EDGES = frozenset(
    """a an the and or but if so as at by for from in into of on to with without over under about than then there here this
    that these those i you he she it we they me him her us them my your his its our their mine yours is are was were be
    been being am do does did doing done have has had having will would can could should may might must shall not no nor
    never don't doesn't didn't isn't wasn't won't can't couldn't wouldn't i'm i've i'll it's that's there's what's we're
    you're they're we've you've he's she's let's u ur im ive dont cant just very really too also even still again now
    today ever yet please pls thanks thank hi hello hey dear ok okay yes yeah oh wow lol get got gets getting go going
    goes went come comes came make makes made take takes took one two three any some all each every other another more
    most much many few such own same only both either who whom whose which what when where why how because due since while
    until after before during per via up down out off back like want wanted need needs know think say says said tell told
    see seen look looks looking feel use used using try tried trying let put give given thing things something anything
    nothing everything someone anyone lot bit way sure good bad great day days time times first last next new well right
    left keep kept won't amp rt via etc am pm mr ms though although however were've which've isn aren doesn didn hasn
    haven wasn weren t s m re ve ll d can't that’s it’s i’m don’t can’t guys anyway maybe already almost around quite
    rather else able happen happens happened far against yall y'all gonna wanna gotta""".split()
)
STANCE = frozenset(
    """actually apparently basically certainly clearly definitely especially eventually evidently exactly finally frankly generally
    honestly hopefully indeed literally mainly mostly naturally normally obviously perhaps personally presumably probably recently
    sadly seriously simply somehow sometimes somewhat supposedly surely totally truly turns turned unfortunately usually absolutely
    overall plus besides otherwise therefore however anymore lately reason reasons""".split()
)
LOOSE = frozenset(
    """i we you it they he she me us him them myself nobody somebody someone everybody everyone anybody who which that there had has have did does do will would can could should may might if because when as so than but""".split()
)
NEGATIVE = frozenset(
    "no not never without nobody nothing cannot can't cant don't dont didn't didnt doesn't isn't wasn't won't".split()
)
APART = frozenset("do does did when that which who whom whose what how where why if because since while until whether".split())
OPENS = frozenset("on no not never without too out".split())
BREAK = re.compile(r"[.!?;:,()\[\]\"“”…/|]+|\s[–—-]+\s")
WORDS, CONTENT, BONUS = 5, 3, 0.5
KEPT, TERMS, CANDIDATES = 14, 8, 30
STRENGTH, SAID, OFTEN, LOOSELY = 0.6, 0.4, 0.2, 0.3
MIXED, LEAST, EVEN = 0.25, 0.025, 0.5
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Described:
    """What sets a group apart: `terms` for show, its one to three strongest `words`, `phrases` that might name it with their
    worth, and the share of the group that its five strongest words explain."""

    terms: tuple[str, ...]
    words: tuple[str, ...]
    phrases: tuple[tuple[str, float], ...]
    explained: float

    @property
    def mixed(self) -> bool:
        """Whether the group is of one thing at all."""
        return self.explained < MIXED


@dataclass(frozen=True)
class Phrasebook:
    """The phrases of texts, counted once: `table` (texts, phrases) holds the number of the wording that the text uses, plus one;
    `keys` are the phrases' stems, `wordings` what they look like, `total` in how many texts each is."""

    table: Any
    keys: list[frozenset[str]]
    wordings: list[str]
    total: npt.NDArray[np.float64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Phrasebook:
        """Rare phrases are left out where there are many texts."""
        from scipy.sparse import csr_matrix

        number: dict[frozenset[str], int] = {}
        wording: dict[str, int] = {}
        found = array("q")
        for row, text in enumerate(texts):
            for key, said in phrases(text).items():
                found.extend((row, number.setdefault(key, len(number)), wording.setdefault(said, len(wording)) + 1))
        keys = list(number)
        rows, columns, used = np.array(found, dtype=np.int64).reshape(-1, 3).T
        total = np.bincount(columns, minlength=len(keys))
        least = 1 if len(texts) < 40 else 2 if len(texts) < 4000 else 3
        kept = sorted(np.flatnonzero(total >= least).tolist(), key=lambda i: sorted(keys[i]))
        place = np.full(len(keys), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        stays = place[columns] >= 0 if len(columns) else np.zeros(0, dtype=bool)
        table = csr_matrix((used[stays], (rows[stays], place[columns[stays]])), shape=(len(texts), len(kept)))
        return cls(table, [keys[i] for i in kept], list(wording), total[kept].astype(np.float64))

    def describe(self, rows: Rows, avoid: frozenset[str] = frozenset(), least: float = LEAST) -> Described:
        """What sets these texts apart from all others of the book. A phrase with a stem of `avoid` names nothing. A phrase that names
        is said by a share of `least`."""
        if not self.keys:
            return Described((), (), (), 0.0)
        own = self.table[rows].tocsc()
        size = max(len(rows), 1)
        inside = np.diff(own.indptr).astype(np.float64)
        scores = np.maximum(log_odds(inside, self.total - inside), 0.0)
        scores[inside == 0] = 0.0
        weight = scores * np.sqrt(inside / size)
        words_of = {
            next(iter(k)): weight[i] for i, k in enumerate(self.keys) if len(k) == 1 and weight[i] > 0 and not k <= avoid
        }
        top = sorted(words_of, key=lambda w: (-round(words_of[w], 6), w))[:5]
        place = [i for i, k in enumerate(self.keys) if len(k) == 1 and next(iter(k)) in top]
        explained = float((np.asarray((own[:, place] > 0).sum(axis=1)) > 0).mean()) if place else 0.0

        def wording(k: int) -> str:
            return self._wording(own.data[own.indptr[k] : own.indptr[k + 1]])

        terms = tuple(wording(k) for k in _strongest(scores, inside, self.keys, size, avoid)[:TERMS])
        single = {next(iter(self.keys[i])): i for i in place}
        strong = tuple(wording(single[w]) for w in top[:3] if words_of[w] >= EVEN * words_of[top[0]])
        told = [k for k in np.flatnonzero((inside >= max(3.0 if size >= 40 else 2.0, least * size)) & (scores > 0)).tolist()
                if len(self.keys[k] - {"not"}) > 1 and not self.keys[k].isdisjoint(top) and self.keys[k].isdisjoint(avoid)]  # fmt: skip
        worth = {k: self._worth(k, inside[k] / size, words_of) for k in told}
        told = sorted(told, key=lambda k: (-round(worth[k], 6), k))[:CANDIDATES]
        said = {k: wording(k) for k in told}
        return Described(terms, strong, tuple((said[k], worth[k] - LOOSELY * loose(said[k])) for k in told), explained)

    def _worth(self, phrase: int, share: float, words_of: dict[str, float]) -> float:
        """How well a phrase names a group of which a `share` says it, by how strong its words are."""
        told = self.keys[phrase] - {"not"}
        strength = sum(words_of.get(w, 0.0) for w in told) / max(words_of.values(), default=1.0) / len(told) ** 0.5
        return float(STRENGTH * strength + SAID * min(1.0, share / OFTEN) ** 0.5)

    def _wording(self, used: npt.NDArray[np.int64]) -> str:
        """The most usual wording, rather one without figures; of equals the shortest."""
        numbers, counts = np.unique(used, return_counts=True)
        told = [(any(c.isdigit() for c in self.wordings[n - 1]), -c, len(self.wordings[n - 1]), self.wordings[n - 1])
                for n, c in zip(numbers.tolist(), counts.tolist(), strict=True)]  # fmt: skip
        return str(min(told)[3])


def log_odds(inside: npt.NDArray[np.float64], outside: npt.NDArray[np.float64], prior: float = 0.5) -> npt.NDArray[np.float64]:
    """z-scores of the log-odds of each term inside against outside."""
    total = inside + outside
    weight = prior * total / max(total.mean(), 1e-9) + 0.01
    n, m, w = inside.sum() + 1, outside.sum() + 1, weight.sum()
    one = np.log((inside + weight) / np.maximum(n + w - inside - weight, 1e-9))
    two = np.log((outside + weight) / np.maximum(m + w - outside - weight, 1e-9))
    return np.asarray((one - two) / np.sqrt(1 / (inside + weight) + 1 / (outside + weight)))


def phrases(text: str) -> dict[frozenset[str], str]:
    """The phrases of a text that could name something, by their stems: at most WORDS words between two breaks, of which one to
    CONTENT carry meaning, first and last among these. A word of denial in it or before it belongs to it."""
    found: dict[frozenset[str], str] = {}
    for part in BREAK.split(text):
        said = tokens(part)
        plain = [not function(w) for w in said]
        for i in (i for i, p in enumerate(plain) if p):
            key: set[str] = set()
            for j in range(i, min(i + WORDS, len(said))):
                if said[j] in NEGATIVE:
                    key.add("not")
                if said[j] in APART:
                    break
                if not plain[j]:
                    continue
                if not key.isdisjoint(own := word_stems(said[j])):
                    break
                key |= own
                if len(key - {"not"}) > CONTENT:
                    break
                start = i - 1 if i and said[i - 1] in OPENS else i
                whole = frozenset(key | {"not"}) if said[start] in NEGATIVE else frozenset(key)
                found.setdefault(whole, " ".join(said[start : j + 1]))
    return found


def loose(wording: str) -> bool:
    """Whether a wording is rather part of a sentence than a name: a pronoun, an auxiliary or a conjunction within it."""
    return any(w in LOOSE for w in wording.split()[1:-1])


@lru_cache(maxsize=262144)
def word_stems(word: str) -> frozenset[str]:
    """The stem of a word; of one with hyphens those of its parts ("top-up" is "top up")."""
    return frozenset(stem(p) for p in word.split("-") if not function(p)) or frozenset({stem(word)})


@lru_cache(maxsize=262144)
def function(word: str) -> bool:
    """Whether a word carries no meaning of its own, or is no word."""
    return word in EDGES or word in STANCE or len(word) < 2 or not all(c.isalpha() or c in "-'’" for c in word)


def _strongest(
    scores: npt.NDArray[np.float64],
    inside: npt.NDArray[np.float64],
    keys: list[frozenset[str]],
    size: int,
    barred: frozenset[str],
) -> list[int]:
    """Phrases by falling worth: strength, times how much of the group says it; longer ones are worth more. Of two of which one
    holds the other the better stays."""
    lengths = np.array([len(k) - 1 for k in keys], dtype=np.float64)
    covers = np.clip(inside / max(size, 1), 0, 1)
    worth = scores * (1 + BONUS * lengths) * covers**0.25
    enough = inside >= np.maximum(max(1.0, min(3.0, 0.02 * size)), 0.03 * size * (lengths == 0))
    candidates = np.flatnonzero(enough & (scores > 0))
    kept: list[int] = []
    for i in candidates[np.argsort(-worth[candidates].round(6), kind="stable")][:80]:
        own = keys[i]
        if own - {"not"} <= barred or any(own <= keys[k] or keys[k] <= own for k in kept):
            continue
        kept.append(int(i))
        if len(kept) == KEPT:
            break
    return kept


def stems(term: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    return frozenset().union(*(word_stems(w) for w in tokens(term) if not function(w)))


def says_again(term: str) -> bool:
    """Whether a term says a word that carries meaning twice."""
    seen: set[str] = set()
    for own in (word_stems(w) for w in tokens(term) if not function(w)):
        if not seen.isdisjoint(own):
            return True
        seen |= own
    return False


@lru_cache(maxsize=262144)
def stem(word: str) -> str:
    """The word without common endings, to see that two forms are the same word."""
    word = word.removesuffix("'s").removesuffix("’s")
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending, least in (("ation", 6), ("ing", 3), ("ed", 3), ("ly", 4)):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= least and any(c in "aeiouy" for c in rest):
            word = rest
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "y" and word[-2] not in "aeiou":
        word = word[:-1] + "i"
    return word
