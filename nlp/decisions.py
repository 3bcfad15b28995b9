"""What people decided about themes, applied to what was found: in the order made, later ones win, every build anew.

Payloads: rename {theme_id, name} · merge {theme_ids, into} · split {theme_id, into, name, clauses: [[feedback_id, segment]…]} ·
move {feedback_id, from, into} · assign {feedback_id, theme_id} · approve {theme_id} · new {feedback_id, into, name, clauses}: a
theme of a comment's own · not_feedback {feedback_id}: in no theme. What was undone is left out before (`knowledge.state.in_force`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.encoder import Vectors
from nlp.kept import ids_or_none

Ids = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
CLEAR = 0.1


class Decided(Protocol):
    """One decision, as the state keeps it."""

    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Applied:
    """The clauses' themes after all decisions, names given by people, approved themes, and what `split` and `new` made."""

    theme_ids: Ids
    names: dict[str, str] = field(default_factory=dict)
    approved: frozenset[str] = frozenset()
    parents: dict[str, str] = field(default_factory=dict)
    made: tuple[str, ...] = ()


def apply(decisions: Sequence[Decided], segments: pd.DataFrame, vectors: Vectors) -> Applied:
    """Needs segments (feedback_id, segment, found_theme) in the row order of `vectors`. Decisions about themes or comments that
    are no longer there change nothing."""
    of = ids_or_none(segments["found_theme"])
    comments = segments["feedback_id"].to_numpy(object)
    names: dict[str, str] = {}
    approved: set[str] = set()
    parents: dict[str, str] = {}
    made: list[str] = []
    fixed = np.zeros(len(of), dtype=bool)
    for decision in decisions:
        told = decision.payload
        match decision.kind:
            case "rename":
                names[str(told["theme_id"])] = str(told["name"])
            case "approve":
                approved.add(str(told["theme_id"]))
            case "merge":
                into = str(told["into"])
                of[np.isin(of, [t for t in told["theme_ids"] if t != into])] = into
            case "split":
                into, source = str(told["into"]), str(told["theme_id"])
                parents[into] = source
                names.setdefault(into, str(told["name"]))
                _split(of, segments, vectors, source, into, told["clauses"], fixed)
            case "move":
                rows = (comments == told["feedback_id"]) & (of == told["from"])
                of[rows], fixed[rows] = told["into"], True
            case "assign":
                rows = comments == told["feedback_id"]
                empty = rows & np.array([t is None for t in of])
                chosen = empty if empty.any() else rows
                of[chosen], fixed[chosen] = told["theme_id"], True
            case "new":
                keys = {(str(f), int(n)) for f, n in told["clauses"]}
                rows = np.array([k in keys for k in zip(comments, segments["segment"], strict=True)], dtype=bool)
                of[rows], fixed[rows] = told["into"], True
                names.setdefault(str(told["into"]), str(told["name"]))
                made.append(str(told["into"]))
            case "not_feedback":
                rows = comments == told["feedback_id"]
                of[rows], fixed[rows] = None, True
    return Applied(of, names, frozenset(approved), parents, tuple(made))


def _split(
    of: Ids, segments: pd.DataFrame, vectors: Vectors, source: str, into: str, clauses: Sequence[Sequence[Any]], fixed: Flags
) -> None:
    """The clauses named go into the new theme, and with them those of the old one that are clearly nearer to them."""
    told = {(str(f), int(s)) for f, s in clauses}
    named = np.array([k in told for k in zip(segments["feedback_id"], segments["segment"], strict=True)], dtype=bool)
    inside = of == source
    first, rest = np.flatnonzero(inside & named), np.flatnonzero(inside & ~named & ~fixed)
    of[first] = into
    if len(first) and len(rest):
        one, two = (c / max(float(np.linalg.norm(c)), 1e-9) for c in (vectors[first].mean(axis=0), vectors[rest].mean(axis=0)))
        of[rest[(vectors[rest] @ (one - two)).round(5) > CLEAR]] = into
