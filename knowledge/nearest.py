"""Names of columns that are in no list, by their meaning: the encoder's vectors are given from above as a callable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from knowledge.guesses import plain_words
from knowledge.synonyms import COLUMNS

Meaning = Callable[[Sequence[str]], np.ndarray]
Near = Mapping[tuple[str, str], float]
LEAST, BEST = 0.6, 0.72
"""Cosine from which on two names are taken for near, and the sureness that a meaning alone can give."""
GENERIC = frozenset("id no code key record row internal system object entry unique".split())
"""Words that mean any thing's own: a name of nothing else is near to all of them."""


def nearest(names: Sequence[str], meaning: Meaning) -> Near:
    """By column and target: how near its name is to what the target is called, 0 to `BEST`."""
    words = [plain_words(n) or n for n in names]
    called = {
        f"{t}.{f}": [f.strip("_").replace("_", " "), *many.split("|")[:4]]
        for t, fields in COLUMNS.items()
        for f, many in fields.items()
    }
    phrases = list(dict.fromkeys(p for many in called.values() for p in many))
    vectors = meaning([*words, *phrases])
    own, known = vectors[: len(words)], dict(zip(phrases, vectors[len(words) :], strict=True))
    found = {}
    for target, many in called.items():
        close = (own @ np.array([known[p] for p in many]).T).max(axis=1)
        for name, word, cosine in zip(names, words, close, strict=True):
            if cosine >= LEAST and not _needs_a_name(target) and not GENERIC.issuperset(word.split()):
                found[name, target] = float(BEST * min(1.0, cosine))
    return found


def _needs_a_name(target: str) -> bool:
    """What is worked out where no column is called it (numbers of lines, sums): a meaning alone does not stand for it."""
    return target in (
        "order_lines.line",
        "order_lines._total",
        "order_lines._order_total",
        "order_lines._per",
        "order_lines._credit",
    )
