"""What people say beside what they have to say ("just so you know", "thanks in advance", "as always, perfect"): known formulas, and
those that these comments show, short clauses that open or close comments of any theme. They make no theme and give no reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from nlp.encoder import Vectors
from nlp.holding import said
from nlp.terms import stems
from nlp.text import tokens

Flags = npt.NDArray[np.bool_]
HERE = Path(__file__).parent / "data"
LONGEST, LIKE, SAME, ALIKE = 8, 0.72, 0.9, 0.5
FEWEST, OUTER, EVEN = 5, 0.8, 0.7


@lru_cache(maxsize=1)
def _listed() -> dict[str, list[str]]:
    told = yaml.safe_load((HERE / "formulas.yaml").read_text(encoding="utf-8"))
    return {str(kind): [str(f) for f in listed] for kind, listed in told.items()}


@lru_cache(maxsize=2)
def known_formulas(*kinds: str) -> tuple[str, ...]:
    """The formulas of `data/formulas.yaml`, of all `kinds` or of these."""
    return tuple(f for kind, listed in _listed().items() for f in listed if not kinds or kind in kinds)


@lru_cache(maxsize=1)
def _opening() -> re.Pattern[str]:
    listed = "|".join(re.escape(f) for f in sorted(known_formulas("opener", "link"), key=len, reverse=True))
    return re.compile(rf"^\W*(?:(?:and|but|so)\s+)?(?:{listed})\b(?:\s+that\b)?\W*(?=\w+\W+\w)", re.IGNORECASE)


def opened(text: str) -> str:
    """A clause without a formula that opens it, where something else follows."""
    return _opening().sub("", text)


@lru_cache(maxsize=2)
def plain_words(*kinds: str) -> frozenset[str]:
    """The stems of the words of formulas, of all `kinds` or of these: by themselves they say nothing of anything."""
    return frozenset().union(*(stems(f) for kind, listed in _listed().items() for f in listed if not kinds or kind in kinds))


def formulas(texts: Sequence[str], vectors: Vectors, known_vectors: Vectors) -> Flags:
    """Which readable clauses are a known formula, in its words or nearly: short, like one, and with no word that says what it is about."""
    short = np.array([len(tokens(t)) <= LONGEST for t in texts], dtype=bool)
    out = np.zeros(len(texts), dtype=bool)
    rows = np.flatnonzero(short)
    if len(rows):
        near = (vectors[rows] @ known_vectors.T).max(axis=1).round(4)
        own = [stems(texts[i]) for i in rows.tolist()]
        plain = np.array([s <= plain_words() for s in own], dtype=bool)
        out[rows] = (near >= SAME) | ((near >= LIKE) & plain)
    return out


def shown(
    texts: Sequence[str], vectors: Vectors, comments: Sequence[str], themes: npt.NDArray[np.int64], known_vectors: Vectors
) -> Flags:
    """Which clauses of `comments` (their ids, those of a comment in order) these comments show to be formulas: distantly like a known one,
    said in the same words in several comments, first or last in most of them, beside clauses of as many `themes` (-1: none) as chance
    would have it."""
    of: dict[frozenset[str], list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        if len(tokens(text)) <= LONGEST:
            of[said(text)].append(i)
    comment = pd.factorize(np.asarray(comments, dtype=object))[0]
    size = np.bincount(comment)
    place = pd.Series(comment).groupby(comment).cumcount().to_numpy()
    outer = (place == 0) | (place == size[comment] - 1)
    share = np.bincount(themes[themes >= 0], minlength=1) / max(1, (themes >= 0).sum())
    beside: dict[int, list[int]] = defaultdict(list)
    for i, c in enumerate(comment.tolist()):
        beside[c].append(i)
    out = np.zeros(len(texts), dtype=bool)
    for rows in of.values():
        told = [i for i in rows if size[comment[i]] > 1]
        others = [themes[j] for i in told for j in beside[comment[i]] if j != i and themes[j] >= 0 and themes[j] != themes[i]]
        if (
            (vectors[rows[0]] @ known_vectors.T).max() < ALIKE
            or len(told) < FEWEST
            or len(told) < 0.5 * len(rows)
            or not others
            or outer[told].mean() < OUTER
        ):
            continue
        elsewhere = share.copy()
        elsewhere[[themes[i] for i in told if themes[i] >= 0]] = 0.0
        expected = float((1 - (1 - elsewhere / max(elsewhere.sum(), 1e-9)) ** len(others)).sum())
        out[rows] = len(set(others)) >= EVEN * expected
    return out
