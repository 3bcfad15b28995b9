"""Exact and near duplicates: grouped, so that a copied comment can be counted once or many times, as asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from knowledge.index import neighbours, on_grid
from nlp.encoder import Vectors
from nlp.text import words

ALIKE, SAME_WORDS, LONG_ENOUGH = 0.95, 0.8, 5
LETTER, DAYS = 20, 14  # words from which a text that several send is a form letter; days within which one who repeats it copies
Copies = Literal["once", "each"]
FEW, BLOCK, LARGE = 0.05, 1024, 20_000


@dataclass(frozen=True)
class Writers:
    """Who wrote each comment and when (seconds; NaN where not known): what two people write in few words is no copy."""

    who: Sequence[str | None]
    at: np.ndarray

    def copies(self, a: int, b: int, words: int) -> bool:
        """Whether b may be a copy of a, which says the same in so many words: a form letter, or the same customer within days."""
        if words >= LETTER:
            return True
        same = self.who[a] is not None and self.who[a] == self.who[b]
        apart = abs(self.at[a] - self.at[b])
        return same and not apart > DAYS * 86400


def duplicates(
    ids: Sequence[str], texts: Sequence[str], vectors: Vectors | None = None, writers: Writers | None = None
) -> list[str | None]:
    """For each comment the id of the first (by id) that says the same, or None where it is that first one or stands alone.

    Same words in the same order are exact duplicates at any length; near ones need five words, cosine of `vectors` >= 0.95 and
    four fifths of their words in common. Where the `writers` are known, two of them are no copies but of a letter. The order of
    rows does not matter."""
    order = sorted(range(len(ids)), key=lambda i: ids[i])
    first: dict[tuple[str, ...], list[int]] = {}
    of: list[int] = list(range(len(ids)))
    said = [tuple(words(t)) for t in texts]
    for i in order:
        if len(said[i]) >= LONG_ENOUGH:
            known = first.setdefault(said[i], [])
            of[i] = next((k for k in known if writers is None or writers.copies(k, i, len(said[i]))), i)
            if of[i] == i:
                known.append(i)
    if vectors is not None:
        heads = [i for i in order if of[i] == i and len(said[i]) >= LONG_ENOUGH]
        for a, b in _near(vectors[heads]):
            one, two = heads[a], heads[b]
            x, y = set(said[one]), set(said[two])
            may = writers is None or writers.copies(one, two, min(len(said[one]), len(said[two])))
            if may and of[two] == two and len(x & y) >= SAME_WORDS * len(x | y):
                of[two] = _head(of, one)
    return [ids[_head(of, i)] if _head(of, i) != i else None for i in range(len(ids))]


def with_new(
    ids: Sequence[str], texts: Sequence[str], vectors: Vectors, known: Sequence[str | None], new: np.ndarray,
    writers: Writers | None = None,
) -> list[str | None]:  # fmt: skip
    """As `duplicates`, where all but a few `new` rows have been grouped before (`known`): only these are compared."""
    place = {name: i for i, name in enumerate(ids)}
    fresh = {i for i, (n, k) in enumerate(zip(new, known, strict=True)) if n or (k is not None and k not in place)}
    if len(fresh) > FEW * len(ids):
        return duplicates(ids, texts, vectors, writers)
    of = [place[k] if i not in fresh and k is not None else i for i, k in enumerate(known)]
    for one, two in _pairs(vectors, np.array(sorted(fresh), dtype=np.int64)):
        x, y = words(texts[one]), words(texts[two])
        may = writers is None or writers.copies(one, two, min(len(x), len(y)))
        if may and min(len(x), len(y)) >= LONG_ENOUGH and (x == y or len({*x} & {*y}) >= SAME_WORDS * len({*x} | {*y})):
            a, b = sorted((_head(of, one), _head(of, two)), key=lambda i: ids[i])
            of[b] = a
    return [ids[_head(of, i)] if _head(of, i) != i else None for i in range(len(ids))]


def _pairs(vectors: Vectors, rows: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of one of `rows` and any other row that are alike, in order."""
    found: set[tuple[int, int]] = set()
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        for first in range(start if len(rows) == len(vectors) else 0, len(vectors), BLOCK):
            near = np.argwhere(on_grid(vectors[part]) @ on_grid(vectors[first : first + BLOCK]).T >= ALIKE)
            found.update(
                (min(a, b), max(a, b))
                for a, b in zip(part[near[:, 0]].tolist(), (near[:, 1] + first).tolist(), strict=True)
                if a != b
            )
    return sorted(found)


def _head(of: list[int], i: int) -> int:
    while of[i] != i:
        i = of[i]
    return i


def _near(vectors: Vectors) -> list[tuple[int, int]]:
    """Pairs of rows that are alike; of many rows only the nearest of each are looked at."""
    if len(vectors) <= LARGE:
        return _pairs(vectors, np.arange(len(vectors)))
    near, likeness = neighbours(vectors, 6)
    pairs = {
        (min(i, int(j)), max(i, int(j)))
        for i in range(len(near))
        for j, s in zip(near[i], likeness[i], strict=True)
        if s >= ALIKE and j >= 0 and j != i
    }
    return sorted(pairs)


def counting(said: pd.DataFrame, texts: pd.DataFrame, copies: Copies) -> pd.Series[bool]:
    """Which rows (with a `feedback_id`) count: of a group of copies the first comment alone (`once`), or all of them (`each`)."""
    repeated = texts["duplicate_of"].notna() & (copies == "once")
    return ~said["feedback_id"].isin(set(texts.loc[repeated, "feedback_id"]))
