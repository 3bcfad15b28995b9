"""Praise and complaints are not one theme: groups whose members disagree in mood are divided."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from knowledge.index import centred
from nlp.cluster import Groups
from nlp.encoder import Vectors

Moods = npt.NDArray[np.int64]
DISAGREE, FEWEST, LEAST = 0.15, 4, 0.001
"""From this share and number on, and this share of all clauses, members of the other mood are a theme of their own."""


def moods_apart(groups: Groups, vectors: Vectors, moods: Moods, *, keep: int | None = None) -> Groups:
    """Each group in which both moods are heard becomes two; clauses without a mood go to the one that they are nearer to. `keep` is left as
    it is, as the last."""
    labels = groups.labels.copy()
    number = groups.count
    for group in range(groups.count):
        rows = np.flatnonzero(groups.labels == group)
        own = moods[rows]
        fewer = min((own > 0).sum(), (own < 0).sum())
        if group == keep or fewer < max(FEWEST, DISAGREE * len(rows), LEAST * len(labels)):
            continue
        told = centred(vectors[rows], groups.origin)
        glad, bad = (told[own == mood].mean(axis=0, dtype=np.float64).round(6) for mood in (1, -1))
        nearer = (told.astype(np.float64) @ (glad - bad) - (glad @ glad - bad @ bad) / 2).round(5) > 0
        fewer_glad = (own > 0).sum() < (own < 0).sum()
        leaves = np.where(own == 0, nearer == fewer_glad, (own > 0) == fewer_glad)
        labels[rows[leaves]] = number
        number += 1
    return groups.regrouped(labels, vectors, last=keep) if number > groups.count else groups
