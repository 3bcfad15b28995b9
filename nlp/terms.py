"""What sets groups of texts apart: short phrases with log-odds against the rest, and names made of them.

A phrase is a set of word stems found close together, so that "lost my bag" and "my bag was lost" are one; it is shown in its
most usual wording. Source: Monroe, Colaresi and Quinn 2008, "Fightin' Words" (log-odds with an informative Dirichlet prior)."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.encoder import Vectors
from nlp.text import words

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
NEGATIVE = frozenset(
    "no not never without nobody nothing cannot can't cant don't dont didn't didnt doesn't isn't wasn't won't".split()
)
APART = frozenset("do does did when that which who whom whose what how where why if because since while until whether".split())
OPENS = frozenset("on no not never without too out".split())
BREAK = re.compile(r"[.!?;:,()\[\]\"“”…/|]+|\s[–—-]+\s")
STAND_IN = re.compile(r"(?<=\w) (?:the|our) (product|carrier|warehouse|colleague|company)\b")
WORDS, CONTENT, BONUS = 5, 3, 0.5
KEPT, TERMS, CANDIDATES = 14, 8, 30
LOOSE = frozenset(
    "a an the my your our his her their its and or of to for in on at by with from as is was are were i we you it they i'm this that".split()
)
STRENGTH, SAID, OFTEN, AGAIN = 0.6, 0.4, 0.2, 0.8
MIXED, LEAST, EVEN = 0.25, 0.025, 0.5
Encode = Callable[[Sequence[str]], Vectors]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Name:
    """A name a person would give, and the terms that set the group apart, strongest first."""

    name: str
    terms: tuple[str, ...]


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


def name_groups(described: Sequence[Described], centres: Vectors, origin: Vectors, encode: Encode) -> list[Name]:
    """A name for each group, all different: of the phrases that set it apart the one that is nearest in meaning to its centre;
    where no phrase is usual, its strongest words."""
    order = nearest_names([d.phrases for d in described], centres, origin, encode)
    named: list[Name] = []
    taken: set[frozenset[str]] = set()
    for group, listed in zip(described, order, strict=True):
        fallback = ", ".join(group.words) or "Other"
        name = next((t for t in (*listed, fallback) if stems(t) not in taken), f"{fallback} ({len(named) + 1})")
        taken.add(stems(name))
        named.append(Name(shown(name), group.terms[:TERMS]))
    return named


def shown(name: str) -> str:
    """A name as people write it: a capital first, "I" large, stand-ins without their article."""
    plain = re.sub(r"\bi(?=\b(?!\.))", "I", STAND_IN.sub(r" \1", name))
    return plain[:1].upper() + plain[1:]


def nearest_names(
    candidates: Sequence[Sequence[tuple[str, float]]], centres: Vectors, origin: Vectors, encode: Encode
) -> list[list[str]]:
    """Each group's candidates (wording, worth) by worth and by how near they are in meaning to its centre."""
    flat = [wording for listed in candidates for wording, _ in listed]
    if not flat:
        return [[] for _ in candidates]
    vectors = encode(flat) - origin
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    out: list[list[str]] = []
    start = 0
    for listed, centre in zip(candidates, centres, strict=True):
        worth = vectors[start : start + len(listed)] @ centre + np.array([w for _, w in listed])
        start += len(listed)
        out.append([listed[i][0] for i in np.lexsort((np.arange(len(listed)), -worth.round(4)))])
    return out


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
        """What sets these texts apart from all others of the book. Stems of `avoid` name nothing: a phrase may hold them for at most
        half of its words, and is worth less then. A phrase that names is said by a share of `least`."""
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

        terms = tuple(wording(k) for k in _strongest(scores, inside, self.keys, size, avoid))
        single = {next(iter(self.keys[i])): i for i in place}
        strong = tuple(wording(single[w]) for w in top[:3] if words_of[w] >= EVEN * words_of[top[0]])
        told = [k for k in np.flatnonzero((inside >= max(3.0 if size >= 40 else 2.0, least * size)) & (scores > 0)).tolist()
                if len(self.keys[k] - {"not"}) > 1 and not self.keys[k].isdisjoint(top)]  # fmt: skip
        worth = [self._worth(k, inside[k] / size, words_of, avoid) for k in told]
        chosen = sorted((-round(w, 6), k) for w, k in zip(worth, told, strict=True) if w > 0)[:CANDIDATES]
        return Described(terms, strong, tuple((wording(k), -w) for w, k in chosen), explained)

    def _worth(self, phrase: int, share: float, words_of: dict[str, float], avoid: frozenset[str]) -> float:
        """How well a phrase names a group of which a `share` says it, by how strong its words are; 0 where most are to avoid."""
        told = self.keys[phrase] - {"not"}
        again = len(told & avoid) / len(told)
        if again > 0.5:
            return 0.0
        strength = sum(words_of.get(w, 0.0) for w in told) / max(words_of.values(), default=1.0) / len(told) ** 0.5
        return float(STRENGTH * strength + SAID * min(1.0, share / OFTEN) ** 0.5 - AGAIN * again)

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
        said = words(part)
        plain = [not _function(w) for w in said]
        for i in (i for i, p in enumerate(plain) if p):
            key: set[str] = set()
            for j in range(i, min(i + WORDS, len(said))):
                if said[j] in NEGATIVE:
                    key.add("not")
                if said[j] in APART:
                    break
                if not plain[j]:
                    continue
                if stem(said[j]) in key:
                    break
                key.add(stem(said[j]))
                if len(key - {"not"}) > CONTENT:
                    break
                start = i - 1 if i and said[i - 1] in OPENS else i
                whole = frozenset(key | {"not"}) if said[start] in NEGATIVE else frozenset(key)
                found.setdefault(whole, " ".join(said[start : j + 1]))
    return found


def _function(word: str) -> bool:
    return word in EDGES or len(word) < 2 or not all(c.isalpha() or c in "-'’" for c in word)


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


def usual_wording(texts: Sequence[str], told: str, often: float) -> str:
    """The longest run of words, up to three more on either side, that a share of `often` of the texts with the words `told` say; `told`
    itself where there is none."""
    inner = told.lower().split()
    runs: Counter[str] = Counter()
    having = 0
    for text in texts:
        found: set[str] = set()
        for said in map(words, BREAK.split(text)):
            at = [i for i in range(len(said) - len(inner) + 1) if said[i : i + len(inner)] == inner]
            found.update(
                " ".join(said[a:b])
                for i in at
                for a in range(max(0, i - 3), i + 1)
                for b in range(i + len(inner), i + len(inner) + 4)
            )
        having += bool(found)
        runs.update(found)
    usual = [
        r
        for r, n in runs.items()
        if r != " ".join(inner) and n >= max(2, often * having) and not {r.split()[0], r.split()[-1]} & LOOSE
    ]
    return max(usual, key=lambda r: (len(r.split()), runs[r], r), default=told)


def stems(term: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    return frozenset(stem(w) for w in words(term) if not _function(w))


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
