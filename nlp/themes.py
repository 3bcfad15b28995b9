"""Themes: what customers speak of, found in their clauses without being told how many; named, in two levels, with ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.candidates import Encode
from nlp.cluster import Groups, find_groups
from nlp.cues import explained
from nlp.encoder import Vectors
from nlp.formulas import known_formulas, shown
from nlp.holding import Mark, Members, marker, of_rows
from nlp.identity import STICKY
from nlp.moods import Moods, moods_apart
from nlp.naming import Casing, Name, name_groups, name_parents
from nlp.neutral import NOBODY, Names
from nlp.taxonomy import Taxonomy
from nlp.terms import EDGES, Described, Phrasebook, stems
from nlp.text import tokens

PARENTS_FROM = 8
ANSWERS, FITS = 0.3, 0.4
"""The share of all clauses of which the taxonomy says something, and of a theme's, from which its upper level is used."""
SAME, SHORT, TYPICAL, EXAMPLES = 0.6, 25, 200, 5
MIXED = Name("Mixed remarks", ())


@dataclass(frozen=True)
class Themes:
    """`of` (n,) is each clause's theme number or -1; `margin` (n,) how clear that is; `names` and `parents` by number
    (`parents` numbers into `parent_names`); `formula` (n,) are the clauses that say nothing of their own."""

    of: npt.NDArray[np.int64]
    margin: Vectors
    names: list[Name]
    parents: list[int]
    parent_names: list[str]
    groups: Groups
    formula: npt.NDArray[np.bool_]

    def likeness(self, vectors: Vectors) -> Vectors:
        """How like each clause is to the centre of its theme; 0 without one."""
        if not len(self.names):
            return np.zeros(len(vectors), dtype=np.float32)
        near = self.groups.likeness_of(vectors, np.maximum(self.of, 0))
        return np.where(self.of >= 0, near, 0).round(4).astype(np.float32)


@dataclass(frozen=True)
class Clauses:
    """Readable clauses with their vectors, the ids of their `comments` (those of a comment in order), their `moods` (-1, 0, 1), which are a
    mere `formula`, the row of the clause that each explains (-1: none), and the upper aspect of each ("": none)."""

    texts: Sequence[str]
    vectors: Vectors
    comments: Sequence[str]
    moods: Moods
    formula: npt.NDArray[np.bool_]
    explains: npt.NDArray[np.int64]
    above: Sequence[str]
    marked: Mark | None = None

    @classmethod
    def of(
        cls, segments: pd.DataFrame, texts: Sequence[str], vectors: Vectors, taxonomy: Taxonomy, names: Names = NOBODY
    ) -> Clauses:
        """Of segments (feedback_id, text, sentiment, formula, aspect) with what the encoder read of them, without `names`."""
        parent = {a.id: a.parent for a in taxonomy.aspects}
        above = [parent.get(a, "") for a in segments["aspect"]]
        comments, moods = segments["feedback_id"].tolist(), segments["sentiment"].to_numpy(np.int64)
        return cls(
            texts, vectors, comments, moods, segments["formula"].to_numpy(bool), explained(texts, comments, moods), above,
            marker(segments["text"].tolist(), names),
        )  # fmt: skip


def find_themes(
    clauses: Clauses, encode: Encode, *, outliers: float = 0.02, resolution: float | None = None, start: npt.NDArray[np.int64] | None = None
) -> Themes:  # fmt: skip
    """Themes; `resolution` and `start` as in `find_groups`. Formulas are in none, and what explains a clause is in its theme. Clauses that name
    nothing ("it was what it was") take no part, unless their comment would be left without a theme: then its longest goes to the nearest."""
    texts, vectors, comments = clauses.texts, clauses.vectors, clauses.comments
    of = np.full(len(texts), -1, dtype=np.int64)
    margin = np.zeros(len(texts), dtype=np.float32)
    formula = clauses.formula.copy()
    speaks = np.array([substance(t) for t in texts], dtype=bool) & ~formula & (clauses.explains < 0)
    if not speaks.any():
        speaks = ~formula
    if not speaks.any():
        empty = np.zeros((0, vectors.shape[1] if vectors.ndim == 2 else 1), dtype=np.float32)
        return Themes(of, margin, [], [], [], Groups(of, empty, margin, margin, empty.sum(axis=0), 0.0), formula)
    rows = np.flatnonzero(speaks)
    told = vectors if len(rows) == len(vectors) else vectors[rows]
    found = find_groups(
        [texts[i] for i in rows.tolist()], told, outliers=outliers, resolution=resolution, start=None if start is None else start[rows]
    )  # fmt: skip
    of[rows] = found.labels
    formula |= shown(texts, vectors, comments, of, encode(known_formulas()))
    if formula[rows].any():
        stays = ~formula[rows]
        rows, told = rows[stays], told[stays]
        found = found.of_rows(stays, told)
    groups, names, parents, parent_names = _named(
        [texts[i] for i in rows.tolist()], told, found, clauses.moods[rows], None if start is None else start[rows],
        [clauses.above[i] for i in rows.tolist()], encode, of_rows(clauses.marked, rows),
    )  # fmt: skip
    of[:] = -1
    of[rows], margin[rows] = groups.labels, groups.margin
    strange = {comments[i] for i in rows[groups.labels < 0].tolist()}
    silent = longest_of([i for i, c in enumerate(comments) if c not in strange and not formula[i]], of, texts, comments)
    if len(silent):
        of[silent], _, margin[silent] = groups.place(vectors[silent])
    for row in np.flatnonzero(clauses.explains >= 0).tolist():  # in order: what explains an explanation follows it
        if of[clauses.explains[row]] >= 0:
            of[row] = of[clauses.explains[row]]
    return Themes(of, margin, names, parents, parent_names, groups, formula)


def _named(
    texts: Sequence[str],
    vectors: Vectors,
    found: Groups,
    moods: Moods,
    start: npt.NDArray[np.int64] | None,
    above: Sequence[str],
    encode: Encode,
    marked: Mark | None,
) -> tuple[Groups, list[Name], list[int], list[str]]:
    """Groups of one thing and one mood each, their names, their upper themes (by number) and the names of these."""
    book = Phrasebook.of(texts)
    groups, mixed = one_thing_each(found, vectors, book, start)
    groups = moods_apart(groups, vectors, moods, keep=groups.count - 1 if mixed else None)
    described = _described(book, groups.labels, groups.count)
    casing = Casing.of(texts)
    names = name_groups(
        described, _members(texts, vectors, groups, moods, marked), groups.centres, groups.origin, encode, casing
    )
    clear = groups.count - mixed
    fits = upper_aspects(groups.labels, above, clear)
    parents = upper_numbers(groups.centres[:clear], fits)
    if mixed:
        names[-1] = MIXED
        parents.append(max(parents, default=-1) + 1)
    parent_of = np.array([*parents, -1], dtype=np.int64)[groups.labels]
    upper = _described(book, parent_of, max(parents) + 1)
    children = [
        [(names[i].name, stems(" ".join([names[i].name, *described[i].words]))) for i, p in enumerate(parents) if p == number]
        for number in range(len(upper))
    ]
    parent_names = name_parents(upper, children, _centres(groups, parents), groups.origin, encode, casing)
    for theme, label in enumerate(fits):
        parent_names[parents[theme]] = label or parent_names[parents[theme]]
    if mixed:
        parent_names[-1] = MIXED.name
    return groups, names, parents, parent_names


def _members(texts: Sequence[str], vectors: Vectors, groups: Groups, moods: Moods, marked: Mark | None) -> list[Members]:
    """The clauses of each group, those nearest to its centre first."""
    order = np.lexsort((np.arange(len(texts)), -groups.likeness))
    return [
        Members([texts[i] for i in own], vectors[own], moods[own], of_rows(marked, own))
        for own in (order[groups.labels[order] == number] for number in range(groups.count))
    ]


def _described(book: Phrasebook, labels: npt.NDArray[np.int64], count: int) -> list[Described]:
    return [book.describe(np.flatnonzero(labels == number)) for number in range(count)]


def one_thing_each(
    groups: Groups, vectors: Vectors, book: Phrasebook, start: npt.NDArray[np.int64] | None
) -> tuple[Groups, bool]:
    """Groups that say the same (centres alike on average at least SAME) become one, those that were two before only where they are
    clearly alike now; those that no few words explain become one of mixed remarks, the last; tells whether there is such a one."""
    from scipy.cluster.hierarchy import fcluster, linkage

    mixed = np.array([d.mixed for d in _described(book, groups.labels, groups.count)], dtype=bool)
    mixed &= not mixed.all()
    clear = np.flatnonzero(~mixed)
    merged = np.zeros(groups.count, dtype=np.int64)
    if len(clear) > 1:
        likeness = np.clip(groups.centres[clear] @ groups.centres[clear].T, -1, 1).astype(np.float64).round(5)
        if start is not None:
            known = _known(groups, start)[clear]
            likeness -= STICKY * ((known[:, None] != known) & (known[:, None] >= 0) & (known >= 0))
        apart = (1 - likeness)[np.triu_indices(len(clear), 1)]
        merged[clear] = fcluster(linkage(apart, "average"), 1 - SAME, "distance")
    merged[mixed] = merged.max() + 1
    return groups.joined(merged, vectors, last=int(merged.max()) if mixed.any() else None), bool(mixed.any())


def _known(groups: Groups, start: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The group known before of which most rows of each group are; -1 where there is none."""
    seen = (start >= 0) & (groups.labels >= 0)
    table = np.zeros((groups.count, int(start.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(table, (groups.labels[seen], start[seen]), 1)
    sizes = np.bincount(groups.labels[groups.labels >= 0], minlength=groups.count)
    return np.where(2 * table.max(axis=1) > sizes, table.argmax(axis=1), -1)


def longest_of(
    rows: Sequence[int], of: npt.NDArray[np.int64], texts: Sequence[str], comments: Sequence[str]
) -> npt.NDArray[np.int64]:
    """For each comment among `rows` that has no theme the row of its longest clause, if that has any word at all."""
    with_theme = {comments[i] for i in np.flatnonzero(of >= 0).tolist()}
    longest: dict[str, int] = {}
    for i in rows:
        comment = comments[i]
        if (
            comment not in with_theme
            and tokens(texts[i])
            and (comment not in longest or len(texts[i]) > len(texts[longest[comment]]))
        ):
            longest[comment] = i
    return np.array(sorted(longest.values()), dtype=np.int64)


def _centres(groups: Groups, parents: Sequence[int]) -> Vectors:
    """Centres of the upper level: the mean of their themes' centres by size."""
    sizes = np.bincount(groups.labels[groups.labels >= 0], minlength=groups.count)
    out = np.zeros((max(parents, default=-1) + 1, groups.centres.shape[1]))
    np.add.at(out, np.array(parents, dtype=np.int64), groups.centres * sizes[:, None])
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def substance(text: str) -> bool:
    """Whether a clause says something that a theme could be about: at least two words that are not function words."""
    return len({w for w in tokens(text) if w not in EDGES and len(w) > 1}) >= 2


def upper_aspects(labels: npt.NDArray[np.int64], above: Sequence[str], count: int) -> list[str]:
    """For each theme the upper aspect that most of its clauses with one are about, where that is enough of all of them; "" where none is, and
    everywhere where the taxonomy says nothing of most clauses."""
    told = np.array(above, dtype=object)
    if not len(told) or (told != "").mean() < ANSWERS:
        return [""] * count
    out = []
    for theme in range(count):
        own = Counter(told[labels == theme].tolist())
        size = own.total()
        del own[""]
        label, most = min(own.items(), key=lambda c: (-c[1], c[0]), default=("", 0))
        out.append(label if most >= FITS * size else "")
    return out


def upper_numbers(centres: Vectors, fits: Sequence[str]) -> list[int]:
    """The upper level: themes that fit an upper aspect by that; the others joined so that they differ least within (Ward), into about one and a
    half times the root of their number."""
    loose = [i for i, label in enumerate(fits) if not label]
    keys: list[str | int] = list(fits)
    if len(loose) < PARENTS_FROM:
        for i in loose:
            keys[i] = i
    else:
        from scipy.cluster.hierarchy import fcluster, linkage

        joined = linkage(centres[loose].astype(np.float64).round(5), "ward")
        found = fcluster(joined, round(1.5 * len(loose) ** 0.5), "maxclust")
        for i, number in zip(loose, found.tolist(), strict=True):
            keys[i] = int(number)
    rank = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [rank[key] for key in keys]


@dataclass(frozen=True)
class Label:
    """How one theme is shown: its name and terms, the theme above it, and whether a person approved it."""

    name: Name
    parent_id: str
    parent_name: str
    status: str = "found"


def theme_table(segments: pd.DataFrame, labels: Mapping[str, Label], at: pd.Series) -> pd.DataFrame:
    """One row a theme from clauses (feedback_id, start, end, text, theme_id, theme_likeness, sentiment, counts) and times by
    feedback_id. A comment counts once a theme; duplicates (`counts` False) do not count."""
    said = segments[segments["theme_id"].notna() & segments["counts"]]
    everyone = segments.loc[segments["counts"], "feedback_id"].nunique()
    when = said["feedback_id"].map(at) if len(at) else pd.Series(pd.NaT, index=said.index)
    by = said.assign(at=when).groupby("theme_id", sort=True)
    counts = by.agg(
        comments=("feedback_id", "nunique"), sentiment=("sentiment", "mean"), first=("at", "min"), last=("at", "max")
    )
    examples = _examples(said, labels)
    rows = []
    for identity, comments, sentiment, first, last in counts.itertuples():
        label = labels[str(identity)]
        rows.append(
            {
                "theme_id": identity,
                "name": label.name.name,
                "parent_id": label.parent_id,
                "parent_name": label.parent_name,
                "terms": json.dumps(label.name.terms, ensure_ascii=False),
                "comments": comments,
                "share": round(comments / everyone, 6),
                "sentiment": round(float(sentiment), 4),
                "first_at": first,
                "last_at": last,
                "examples": json.dumps(examples[str(identity)]),
                "status": label.status,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _examples(said: pd.DataFrame, labels: Mapping[str, Label]) -> dict[str, list[str]]:
    """Five comments of each theme that stand for it: like the rest of it, in its mood and the words of its name, most of their comment."""
    own = said.sort_values("theme_likeness", ascending=False, kind="stable").groupby("theme_id").head(TYPICAL)
    size = own["end"] - own["start"]
    most = size / size.groupby([own["theme_id"], own["feedback_id"]]).transform("sum")
    told = {identity: stems(label.name.name) for identity, label in labels.items()}
    says = [bool(told[t]) and told[t] <= stems(x) for t, x in zip(own["theme_id"], own["text"], strict=True)]
    glad = own.groupby("theme_id")["sentiment"].transform("mean") >= 0
    other = own["sentiment"] * np.where(glad, 1, -1) < 0
    worth = own["theme_likeness"] + 0.15 * np.array(says) + 0.3 * most - 0.1 * (size < SHORT) - 0.3 * other
    best = own.assign(worth=worth.round(4)).sort_values(["worth", "feedback_id"], ascending=[False, True])
    best = best.drop_duplicates(["theme_id", "feedback_id"]).groupby("theme_id").head(EXAMPLES)
    return {str(t): ids.tolist() for t, ids in best.groupby("theme_id")["feedback_id"]}


COLUMNS = ["theme_id", "name", "parent_id", "parent_name", "terms", "comments", "share", "sentiment", "first_at", "last_at",
           "examples", "status"]  # fmt: skip
