"""Themes: what customers speak of, found in their clauses without being told how many; named, in two levels, with ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.cluster import Groups, find_groups
from nlp.encoder import Vectors
from nlp.terms import EDGES, Described, Encode, Name, Phrasebook, name_groups, stems
from nlp.text import words

PARENTS_FROM = 8
SAME, SHORT = 0.7, 25
MIXED = Name("Mixed remarks", ())


@dataclass(frozen=True)
class Themes:
    """`of` (n,) is each clause's theme number or -1; `margin` (n,) how clear that is; `names` and `parents` by number
    (`parents` numbers into `parent_names`)."""

    of: npt.NDArray[np.int64]
    margin: Vectors
    names: list[Name]
    parents: list[int]
    parent_names: list[str]
    groups: Groups

    @property
    def ids(self) -> list[str]:
        return [f"T{number + 1:03d}" for number in range(len(self.names))]

    def likeness(self, vectors: Vectors) -> Vectors:
        """How like each clause is to the centre of its theme; 0 without one."""
        if not len(self.names):
            return np.zeros(len(vectors), dtype=np.float32)
        rows = vectors - self.groups.origin
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        near = np.einsum("nd,nd->n", rows, self.groups.centres[self.of])
        return np.where(self.of >= 0, near, 0).round(4).astype(np.float32)


def find_themes(
    texts: Sequence[str], vectors: Vectors, comments: Sequence[str], encode: Encode, *, outliers: float = 0.02
) -> Themes:
    """Themes of readable clauses of `comments` (their ids). Clauses that name nothing ("thank you so much") take no part, unless
    their comment would be left without a theme: then its longest clause goes to the nearest."""
    speaks = np.array([substance(t) for t in texts], dtype=bool)
    of = np.full(len(texts), -1, dtype=np.int64)
    margin = np.zeros(len(texts), dtype=np.float32)
    if not speaks.any():
        speaks[:] = True
    if not len(texts):
        empty = np.zeros((0, vectors.shape[1] if vectors.ndim == 2 else 1), dtype=np.float32)
        return Themes(of, margin, [], [], [], Groups(of, empty, margin, margin, empty.sum(axis=0), 0.0))
    rows = np.flatnonzero(speaks)
    spoken = [texts[i] for i in rows.tolist()]
    book = Phrasebook.of(spoken)
    groups, mixed = _one_thing_each(find_groups(spoken, vectors[rows], outliers=outliers), vectors[rows], book)
    of[rows], margin[rows] = groups.labels, groups.margin
    described = _described(book, groups.labels, groups.count)
    names = name_groups(described, groups.centres, groups.origin, encode)
    if mixed:
        names[-1] = MIXED
    parents = _parents(groups)
    parent_of = np.array([*parents, -1], dtype=np.int64)[groups.labels]
    upper = _described(book, parent_of, max(parents) + 1)
    parent_names = [n.name for n in name_groups(upper, _centres(groups, parents), groups.origin, encode)]
    _place_silent(of, margin, texts, vectors, comments, groups)
    return Themes(of, margin, names, parents, parent_names, groups)


def _described(book: Phrasebook, labels: npt.NDArray[np.int64], count: int) -> list[Described]:
    return [book.describe(np.flatnonzero(labels == number)) for number in range(count)]


def _one_thing_each(groups: Groups, vectors: Vectors, book: Phrasebook) -> tuple[Groups, bool]:
    """Groups that say the same (centres alike on average at least SAME) become one; those that no few words explain become one
    of mixed remarks, the last; tells whether there is such a one."""
    from scipy.cluster.hierarchy import fcluster, linkage

    mixed = np.array([d.mixed for d in _described(book, groups.labels, groups.count)], dtype=bool)
    mixed &= not mixed.all()
    clear = np.flatnonzero(~mixed)
    merged = np.zeros(groups.count, dtype=np.int64)
    if len(clear) > 1:
        likeness = np.clip(groups.centres[clear] @ groups.centres[clear].T, -1, 1).astype(np.float64).round(5)
        apart = (1 - likeness)[np.triu_indices(len(clear), 1)]
        merged[clear] = fcluster(linkage(apart, "average"), 1 - SAME, "distance")
    merged[mixed] = merged.max() + 1
    return groups.joined(merged, vectors, last=int(merged.max()) if mixed.any() else None), bool(mixed.any())


def _place_silent(
    of: npt.NDArray[np.int64], margin: Vectors, texts: Sequence[str], vectors: Vectors, comments: Sequence[str], groups: Groups
) -> None:
    """The longest clause of a comment that has no theme goes to the nearest theme, if it has any word at all."""
    with_theme = {comments[i] for i in np.flatnonzero(of >= 0).tolist()}
    longest: dict[str, int] = {}
    for i, comment in enumerate(comments):
        if (
            comment not in with_theme
            and words(texts[i])
            and len(texts[i]) > len(texts[longest.get(comment, i)]) - (comment not in longest)
        ):
            longest[comment] = i
    rows = np.array(sorted(longest.values()), dtype=np.int64)
    if len(rows):
        of[rows], _, margin[rows] = groups.place(vectors[rows])


def _centres(groups: Groups, parents: Sequence[int]) -> Vectors:
    """Centres of the upper level: the mean of their themes' centres by size."""
    sizes = np.bincount(groups.labels[groups.labels >= 0], minlength=groups.count)
    out = np.zeros((max(parents, default=-1) + 1, groups.centres.shape[1]))
    np.add.at(out, np.array(parents, dtype=np.int64), groups.centres * sizes[:, None])
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def substance(text: str) -> bool:
    """Whether a clause says something that a theme could be about: at least two words that are not function words."""
    return len({w for w in words(text) if w not in EDGES and len(w) > 1}) >= 2


def _parents(groups: Groups) -> list[int]:
    """The upper level: themes joined by average likeness into about one and a half times the root of their number."""
    if groups.count < PARENTS_FROM:
        return list(range(groups.count))
    from scipy.cluster.hierarchy import fcluster, linkage

    likeness = np.clip(groups.centres @ groups.centres.T, -1, 1).astype(np.float64).round(5)
    apart = (1 - likeness)[np.triu_indices(groups.count, 1)]
    found = fcluster(linkage(apart, "average"), round(1.5 * groups.count**0.5), "maxclust")
    _, numbered = np.unique(found, return_inverse=True)
    first = pd.unique(numbered)
    rank = {int(old): new for new, old in enumerate(first)}
    return [rank[int(p)] for p in numbered]


def theme_table(segments: pd.DataFrame, themes: Themes, at: pd.Series) -> pd.DataFrame:
    """One row a theme from clauses (feedback_id, start, end, text, theme_id, theme_likeness, sentiment, counts) and times by feedback_id.

    A comment counts once a theme; duplicates (`counts` False) do not count."""
    said = segments[segments["theme_id"].notna() & segments["counts"]]
    everyone = segments.loc[segments["counts"], "feedback_id"].nunique()
    rows = []
    for number, (identity, name) in enumerate(zip(themes.ids, themes.names, strict=True)):
        own = said[said["theme_id"] == identity]
        comments = own["feedback_id"].unique()
        if not len(comments):
            continue
        times = at.reindex(comments).dropna()
        typical = own.assign(typical=_typical(own, name)).sort_values(["typical", "feedback_id"], ascending=[False, True])
        parent = themes.parents[number]
        rows.append(
            {
                "theme_id": identity,
                "name": name.name,
                "parent_id": f"P{parent + 1:02d}",
                "parent_name": themes.parent_names[parent],
                "terms": json.dumps(name.terms, ensure_ascii=False),
                "comments": len(comments),
                "share": round(len(comments) / everyone, 6),
                "sentiment": round(float(own["sentiment"].mean()), 4),
                "first_at": times.min() if len(times) else pd.NaT,
                "last_at": times.max() if len(times) else pd.NaT,
                "examples": json.dumps(typical["feedback_id"].drop_duplicates().head(5).tolist()),
                "status": "found",
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _typical(own: pd.DataFrame, name: Name) -> pd.Series:
    """How well each clause stands for its theme: like the rest of it, in the words of its name, and most of its comment."""
    size = own["end"] - own["start"]
    most = size / size.groupby(own["feedback_id"]).transform("sum")
    told = stems(name.name)
    says = [bool(told) and told <= stems(t) for t in own["text"]]
    return (own["theme_likeness"] + 0.15 * np.array(says) + 0.3 * most - 0.1 * (size < SHORT)).round(4)


COLUMNS = ["theme_id", "name", "parent_id", "parent_name", "terms", "comments", "share", "sentiment", "first_at", "last_at",
           "examples", "status"]  # fmt: skip
