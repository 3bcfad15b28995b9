"""Exact and near duplicates: grouped, so that a copied comment can be counted once or many times, as asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlp.encoder import Vectors
from nlp.text import words

ALIKE, SAME_WORDS, LONG_ENOUGH = 0.95, 0.8, 5


def duplicates(ids: Sequence[str], texts: Sequence[str], vectors: Vectors | None = None) -> list[str | None]:
    """For each comment the id of the first (by id) that says the same, or None where it is that first one or stands alone.

    Same words in the same order are exact duplicates at any length; near ones need five words, cosine of `vectors` >= 0.95 and
    four fifths of their words in common. The order of rows does not matter."""
    order = sorted(range(len(ids)), key=lambda i: ids[i])
    first: dict[tuple[str, ...], int] = {}
    of: list[int] = list(range(len(ids)))
    said = [tuple(words(t)) for t in texts]
    for i in order:
        of[i] = first.setdefault(said[i], i) if len(said[i]) >= LONG_ENOUGH else i
    if vectors is not None:
        heads = [i for i in order if of[i] == i and len(said[i]) >= LONG_ENOUGH]
        for a, b in _near(vectors[heads]):
            one, two = heads[a], heads[b]
            x, y = set(said[one]), set(said[two])
            if of[two] == two and len(x & y) >= SAME_WORDS * len(x | y):
                of[two] = _head(of, one)
    return [ids[_head(of, i)] if _head(of, i) != i else None for i in range(len(ids))]


def _head(of: list[int], i: int) -> int:
    while of[i] != i:
        i = of[i]
    return i


def _near(vectors: Vectors) -> list[tuple[int, int]]:
    from knowledge.index import neighbours

    if len(vectors) < 2:
        return []
    near, likeness = neighbours(vectors, 6)
    pairs = {
        (min(i, int(j)), max(i, int(j)))
        for i in range(len(near))
        for j, s in zip(near[i], likeness[i], strict=True)
        if s >= ALIKE and j >= 0 and j != i
    }
    return sorted(pairs)


def count_once(duplicate_of: Sequence[str | None]) -> np.ndarray:
    """True for the comments that count when duplicates count once."""
    return np.array([d is None for d in duplicate_of], dtype=bool)
