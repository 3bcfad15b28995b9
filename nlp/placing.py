"""New clauses among themes and reasons that are there already: by the nearest centre, so that they cost what they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.index import on_grid
from nlp.cluster import Groups
from nlp.cues import cause, explained
from nlp.encoder import Vectors
from nlp.kept import Kept, ThemeModel, ids_or_none
from nlp.text import readable
from nlp.themes import longest_of, substance

STRANGE, UNCLEAR, NEAR = 0.12, 0.02, 0.6


@dataclass(frozen=True)
class Placed:
    """Clauses with found_theme, theme_margin, theme_likeness, nearest_theme; the themes they are in; and what became of the
    themes known before (empty where none were found anew)."""

    segments: pd.DataFrame
    model: ThemeModel
    lineage: pd.DataFrame = field(default_factory=pd.DataFrame)


def ids_of(values: npt.NDArray[np.object_]) -> pd.Series:
    """Ids or None as a column of plain objects."""
    return pd.Series(ids_or_none(values), dtype="object")


def place(segments: pd.DataFrame, vectors: Vectors, new: npt.NDArray[np.bool_], model: ThemeModel) -> Placed:
    """The `new` clauses go to the nearest theme; those like none are left for the review, with the nearest."""
    rows = np.flatnonzero(new)
    out = segments.copy()
    if not len(rows):
        return Placed(out, model)
    none = np.zeros(0, dtype=np.float32)
    groups = Groups(np.zeros(0, dtype=np.int64), model.centres, none, none, model.origin, 0.0)
    of, likeness, margin = groups.place(vectors[rows])
    texts = [readable(t) for t in segments["text"].iloc[rows]]
    comments = segments["feedback_id"].iloc[rows].tolist()
    strange = (likeness < STRANGE) & (margin < UNCLEAR)
    formula = segments["formula"].to_numpy(bool)[rows]
    speaks = np.array([substance(t) for t in texts], dtype=bool) & ~formula
    chosen = np.where(speaks & ~strange, of, -1)
    aside = {comments[i] for i in np.flatnonzero(speaks & strange).tolist()}
    for i in np.flatnonzero(
        (after := explained(texts, comments, segments["sentiment"].to_numpy(np.int64)[rows])) >= 0
    ).tolist():
        chosen[i] = chosen[after[i]] if chosen[after[i]] >= 0 else chosen[i]
    silent = longest_of([i for i, c in enumerate(comments) if c not in aside and not formula[i]], chosen, texts, comments)
    chosen[silent] = of[silent]
    ids = np.array([*model.ids, None], dtype=object)
    columns: dict[str, npt.NDArray[Any]] = {"found_theme": ids[chosen], "theme_margin": margin.round(4), "theme_likeness": likeness.round(4),
               "nearest_theme": np.array([None if c >= 0 or f else ids[o] for c, o, f in zip(chosen, of, formula, strict=True)], dtype=object)}  # fmt: skip
    for column, values in columns.items():
        whole = out[column].to_numpy(object).copy() if values.dtype == object else out[column].to_numpy(np.float64).copy()
        whole[rows] = values
        out[column] = ids_of(whole) if values.dtype == object else whole.astype(np.float32)
    return Placed(out, model)


def place_reasons(
    segments: pd.DataFrame, texts: pd.DataFrame, vectors: Vectors, new: npt.NDArray[np.bool_], before: Kept
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reasons and mentions of before, with the `new` clauses added to the reasons of their theme that they are near; counts anew."""
    model = before.model
    gone = ~pd.MultiIndex.from_frame(before.mentions[["feedback_id", "segment"]]).isin(
        pd.MultiIndex.from_frame(segments[["feedback_id", "segment"]])
    )
    fresh_ids = set(segments.loc[new, "feedback_id"])
    mentions = before.mentions[~gone & ~before.mentions["feedback_id"].isin(fresh_ids)]
    of_theme: dict[str, list[int]] = {}
    for i, reason in enumerate(model.reason_ids):
        of_theme.setdefault(reason.rsplit("-R", 1)[0], []).append(i)
    comment = texts.set_index("feedback_id")["text"]
    added = []
    fresh = segments.loc[new, ["theme_id", "feedback_id", "segment", "start", "end"]]
    for i, (theme, comment_id, segment, first, last) in zip(
        np.flatnonzero(new).tolist(), fresh.itertuples(index=False), strict=True
    ):
        known = of_theme.get(theme, [])
        if not known:
            continue
        near = (on_grid(model.reason_centres[known]) @ on_grid(vectors[i])).round(5)
        if near.max() < NEAR:
            continue
        whole = str(comment[comment_id])
        start, end, cue = cause(whole, first, last) or (first, last, "")
        reason = model.reason_ids[known[int(near.argmax())]]
        added.append((reason, theme, comment_id, segment, start, end, whole[start:end], cue))
    more = pd.DataFrame(added, columns=[c for c in mentions.columns if c != "rank"])
    last = mentions.groupby("reason_id")["rank"].max()
    more["rank"] = more.groupby("reason_id").cumcount() + 1 + more["reason_id"].map(last).fillna(-1).astype("int64")
    every = (
        pd.concat([mentions, more], ignore_index=True).astype({"rank": "int64"})
        if len(more)
        else mentions.reset_index(drop=True)
    )
    counts = segments[segments["counts"]]
    heard = counts.groupby("theme_id")["feedback_id"].nunique()
    once = set(counts["feedback_id"])
    said = every[every["feedback_id"].isin(once)].groupby("reason_id")["feedback_id"].nunique()
    reasons = before.reasons.assign(comments=before.reasons["reason_id"].map(said).fillna(0).astype("int64"))
    share = reasons["comments"] / reasons["theme_id"].map(heard).fillna(1)
    return reasons.assign(share=share.clip(upper=1).round(6))[reasons["comments"] > 0].reset_index(drop=True), every


def reason_centres(segments: pd.DataFrame, vectors: Vectors) -> tuple[tuple[str, ...], Vectors]:
    """The mean vector of each reason's clauses, of length 1."""
    from scipy.sparse import csr_matrix

    rows = np.flatnonzero(segments["reason_id"].notna().to_numpy())
    if not len(rows):
        return (), np.zeros((0, vectors.shape[1] if vectors.ndim == 2 else 1), dtype=np.float32)
    ids, number = np.unique(segments["reason_id"].to_numpy(object)[rows].astype(str), return_inverse=True)
    member = csr_matrix((np.ones(len(rows)), (number, np.arange(len(rows)))), shape=(len(ids), len(rows)))
    centres = np.asarray(member @ vectors[rows])
    return tuple(ids.tolist()), on_grid(centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9))
