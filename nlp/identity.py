"""Themes keep their identity from build to build: which of the themes found now are those known before, and what became of the rest.

Two themes are the same when they share most of their clauses. A theme that falls apart keeps its id in its largest part; themes
that flow together keep the id of the largest. What a clause's theme is called changes only when the clause clearly fits another."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

HALF, GROWN, STICKY = 0.5, 1.2, 0.1
COLUMNS = ["theme_id", "kind", "of", "clauses_before", "clauses_now", "shared"]


@dataclass(frozen=True)
class Identified:
    """`ids` of the groups by number; `lineage` (COLUMNS): one row a theme, known or found, and what became of it."""

    ids: list[str]
    lineage: pd.DataFrame


def identify(
    before: npt.NDArray[np.object_], now: npt.NDArray[np.int64], groups: int, *, given: int = 0, kept: tuple[str, ...] = ()
) -> Identified:
    """Ids of groups from the clauses' themes `before` (None: not known or in none) and groups `now` (-1: in none), row by row.

    New ids follow the `given` highest number and those of before; `kept` are ids that may not be given to others."""
    known = sorted({b for b in before if b is not None})
    place = {t: i for i, t in enumerate(known)}
    old = np.array([place.get(b, -1) for b in before], dtype=np.int64)
    table = np.zeros((groups, len(known)), dtype=np.int64)
    both = (old >= 0) & (now >= 0)
    np.add.at(table, (now[both], old[both]), 1)
    pairs = _paired(table)
    number = max([given, *(_number(t) for t in (*known, *kept))])
    ids: list[str] = []
    for g in range(groups):
        if g in pairs:
            ids.append(known[pairs[g]])
        else:
            number += 1
            ids.append(f"T{number:03d}")
    return Identified(ids, _lineage(table, pairs, known, ids, old, now))


def stick(
    before: npt.NDArray[np.object_],
    now: npt.NDArray[np.object_],
    own: npt.NDArray[np.floating],
    former: npt.NDArray[np.floating],
) -> npt.NDArray[np.object_]:
    """The clauses' themes: as before where that theme still is and `own` (likeness to the theme found now) is not clearly higher
    than `former` (likeness to the theme before; -1 where that is gone)."""
    stays = np.array([b is not None for b in before], dtype=bool) & (former > -1) & (own - former < STICKY)
    return np.where(stays, before, now)


def _number(theme_id: str) -> int:
    digits = theme_id[1:]
    return int(digits) if theme_id[:1] == "T" and digits.isdecimal() else 0


def _paired(table: npt.NDArray[np.int64]) -> dict[int, int]:
    """Group to known theme: largest overlap first, where it is most of the one or of the other."""
    if not table.size:
        return {}
    of_group, of_known = table.sum(axis=1), table.sum(axis=0)
    order = np.argsort(-table, axis=None, kind="stable")
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for flat in order.tolist():
        g, k = divmod(flat, table.shape[1])
        shared = table[g, k]
        if shared == 0:
            break
        if g not in pairs and k not in taken and (shared >= HALF * of_group[g] or shared >= HALF * of_known[k]):
            pairs[g] = k
            taken.add(k)
    return pairs


def _lineage(
    table: npt.NDArray[np.int64],
    pairs: dict[int, int],
    known: list[str],
    ids: list[str],
    old: npt.NDArray[np.int64],
    now: npt.NDArray[np.int64],
) -> pd.DataFrame:
    sizes, former = np.bincount(now[now >= 0], minlength=len(ids)), np.bincount(old[old >= 0], minlength=len(known))
    of_group = table.sum(axis=1)
    rows = []
    for g, identity in enumerate(ids):
        if g in pairs:
            k = pairs[g]
            joined = [known[j] for j in range(len(known)) if j not in pairs.values() and table[g, j] > HALF * max(former[j], 1)]
            kind = "merged" if joined else "grown" if sizes[g] > GROWN * former[k] else "matched"
            rows.append((identity, kind, joined, int(former[k]), int(sizes[g]), int(table[g, k])))
            continue
        best = int(table[g].argmax()) if table.shape[1] else -1
        split = best >= 0 and of_group[g] > 0 and table[g, best] >= HALF * of_group[g] and table[g, best] >= 0.25 * sizes[g]
        rows.append(
            (
                identity,
                "split" if split else "new",
                [known[best]] if split else [],
                0,
                int(sizes[g]),
                int(table[g, best]) if split else 0,
            )
        )
    for k, identity in enumerate(known):
        if k not in pairs.values():
            into = [ids[int(table[:, k].argmax())]] if len(ids) and table[:, k].max() > HALF * former[k] else []
            rows.append((identity, "gone", into, int(former[k]), 0, 0))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(of=[json.dumps(o) for o in frame["of"]])
