"""What sets groups of texts apart: n-grams with log-odds against the rest, and names made of them.

Source: Monroe, Colaresi and Quinn 2008, "Fightin' Words" (log-odds with an informative Dirichlet prior)."""

from __future__ import annotations

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
    haven wasn weren t s m re ve ll d can't""".split()
)
INSIDE = frozenset("""of in on to for with out off up down not no a the my our your at over by without""".split())
LONGEST, BONUS = 3, 0.4
STRENGTH, PHRASE = 0.6, 0.15
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Name:
    """A name a person would give, and the terms that set the group apart, strongest first."""

    name: str
    terms: tuple[str, ...]


def name_groups(
    texts: Sequence[str], groups: npt.NDArray[np.int64], centres: Vectors, origin: Vectors, encode: Encode
) -> list[Name]:
    """A name for each group (-1: in none), all different: of the n-grams that set it apart from all other texts the one that is
    nearest in meaning to its centre."""
    ranked = distinctive(texts, groups, len(centres))
    chosen = nearest_names(ranked, centres, origin, encode)
    named: list[Name] = []
    taken: set[str] = set()
    for terms, order in zip(ranked, chosen, strict=True):
        name = next((t for t in order if t.lower() not in taken), None) or f"other ({len(named) + 1})"
        if " " not in name and len(order) > 1:
            partner = next((t for t in order[1:4] if not set(stem(t).split()) & set(stem(name).split())), None)
            name = f"{name}, {partner}" if partner else name
        taken.add(name.lower())
        named.append(Name(name[:1].upper() + name[1:], tuple(terms[:8])))
    return named


def nearest_names(candidates: Sequence[Sequence[str]], centres: Vectors, origin: Vectors, encode: Encode) -> list[list[str]]:
    """Each group's candidates (strongest first) by how near they are in meaning to its centre; strength counts a little."""
    flat = [c for listed in candidates for c in listed]
    if not flat:
        return [[] for _ in candidates]
    vectors = encode(flat) - origin
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    out: list[list[str]] = []
    start = 0
    for listed, centre in zip(candidates, centres, strict=True):
        near = vectors[start : start + len(listed)] @ centre
        start += len(listed)
        worth = near + np.linspace(STRENGTH, 0, len(listed)) + np.array([PHRASE * (" " in t) for t in listed])
        out.append([listed[i] for i in np.lexsort((np.arange(len(listed)), -worth.round(4)))])
    return out


def distinctive(
    texts: Sequence[str], groups: npt.NDArray[np.int64], count: int, avoid: frozenset[str] = frozenset()
) -> list[list[str]]:
    """For each group the n-grams that set it apart from all other texts, strongest first, none containing a word of `avoid`."""
    table, vocabulary = _counts(texts)
    inside = _by_group(table, groups, count)
    everything = np.asarray(table.sum(axis=0)).ravel().astype(np.float64)
    sizes = np.bincount(groups[groups >= 0], minlength=count)
    return [
        _ranked(log_odds(inside[g], everything - inside[g]), inside[g], vocabulary, int(sizes[g]), avoid) for g in range(count)
    ]


def log_odds(inside: npt.NDArray[np.float64], outside: npt.NDArray[np.float64], prior: float = 0.5) -> npt.NDArray[np.float64]:
    """z-scores of the log-odds of each term inside against outside."""
    total = inside + outside
    weight = prior * total / max(total.mean(), 1e-9) + 0.01
    n, m, w = inside.sum() + 1, outside.sum() + 1, weight.sum()
    one = np.log((inside + weight) / np.maximum(n + w - inside - weight, 1e-9))
    two = np.log((outside + weight) / np.maximum(m + w - outside - weight, 1e-9))
    return np.asarray((one - two) / np.sqrt(1 / (inside + weight) + 1 / (outside + weight)))


def ngrams(text: str) -> list[str]:
    """The distinct 1- to 3-word phrases of a text that could name something: no function word at either end."""
    said = words(text)
    found: dict[str, None] = {}
    for i in range(len(said)):
        for size in range(1, LONGEST + 1):
            gram = said[i : i + size]
            if len(gram) < size or _function(gram[0]) or _function(gram[-1]) or len(set(gram)) < size:
                continue
            if size == 3 and gram[1] in EDGES and gram[1] not in INSIDE:
                continue
            found[" ".join(gram)] = None
    return list(found)


def _function(word: str) -> bool:
    return word in EDGES or len(word) < 2 or not any(c.isalpha() for c in word)


def _counts(texts: Sequence[str]) -> tuple[Any, list[str]]:
    """Documents by terms (0/1). Forms of a word count as one term, shown in its most frequent form."""
    from sklearn.feature_extraction.text import CountVectorizer

    surface: dict[str, Counter[str]] = {}

    def analyse(text: str) -> list[str]:
        found: dict[str, None] = {}
        for gram in ngrams(text) or ["?"]:
            key = stem(gram)
            found[key] = None
            surface.setdefault(key, Counter())[gram] += 1
        return list(found)

    least = 1 if len(texts) < 40 else 2 if len(texts) < 4000 else 3
    table = CountVectorizer(analyzer=analyse, binary=True, min_df=1, dtype=np.float64).fit(texts)
    keys = table.get_feature_names_out()
    counts = table.transform(texts)
    keep = np.flatnonzero(np.asarray(counts.sum(axis=0)).ravel() >= least)
    keep = keep if len(keep) else np.arange(len(keys))
    shown = [max(surface[keys[i]].items(), key=lambda f: (f[1], f[0]))[0] for i in keep]
    return counts[:, keep], shown


def _by_group(table: Any, groups: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    from scipy.sparse import csr_matrix

    rows = np.flatnonzero(groups >= 0)
    member = csr_matrix((np.ones(len(rows)), (groups[rows], rows)), shape=(count, table.shape[0]))
    return np.asarray((member @ table).toarray())


def _ranked(
    scores: npt.NDArray[np.float64], inside: npt.NDArray[np.float64], vocabulary: list[str], size: int, avoid: frozenset[str]
) -> list[str]:
    """Terms by falling worth: strength, times how much of the group says it; longer ones are worth more. A term within a
    better one (or the other way) is left out."""
    lengths = np.array([t.count(" ") for t in vocabulary])
    covers = np.clip(inside / max(size, 1), 0, 1)
    worth = scores * (1 + BONUS * lengths) * covers**0.25
    enough = inside >= np.maximum(max(1.0, min(3.0, 0.02 * size)), 0.03 * size * (lengths == 0))
    order = [
        i for i in np.lexsort((np.array(vocabulary), -worth.round(6))) if enough[i] and scores[i] > 0 and vocabulary[i] != "?"
    ][:60]
    kept: list[str] = []
    barred = {stem(w) for w in avoid}
    for i in order:
        own = set(stem(vocabulary[i]).split())
        if own <= barred or any(own <= set(stem(k).split()) or set(stem(k).split()) <= own for k in kept):
            continue
        kept.append(vocabulary[i])
        if len(kept) == 12:
            break
    return kept


@lru_cache(maxsize=262144)
def stem(term: str) -> str:
    """The term without common endings, to see that two forms are the same word."""
    return " ".join(_stem(w) for w in term.split())


def _stem(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    for ending, least in (
        ("ations", 4),
        ("ation", 4),
        ("lled", 3),
        ("lling", 3),
        ("ies", 3),
        ("ing", 4),
        ("ed", 4),
        ("es", 4),
        ("s", 3),
        ("y", 4),
        ("e", 3),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            cut = word[: -len(ending)] + ("l" if ending.startswith("ll") else "")
            return cut.removesuffix("i") if ending in {"es", "ies"} else cut
    return word
