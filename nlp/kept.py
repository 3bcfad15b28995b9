"""What one build leaves to the next: the clauses' vectors and the themes as they were found, so that only new comments cost."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.typing import ArrayLike

from nlp.encoder import Vectors
from nlp.naming import Name
from nlp.themes import Label


def ids_or_none(values: ArrayLike) -> npt.NDArray[np.object_]:
    """Ids as plain objects, None where there is none (stored tables and joins have other marks of absence)."""
    ids = np.array(values, dtype=object)
    ids[pd.isna(ids)] = None
    return ids


@dataclass(frozen=True)
class ThemeModel:
    """Themes as found at the last fit over `fitted` clauses: `ids` and `labels` by number of the rows of `centres`; reasons by
    `reason_ids` with their own centres; `given` is the highest number ever used in an id, `decided` the last decision applied, `found` the names found in the comments;
    `resolution` is how fine the themes are, chosen when there were `searched` clauses."""

    ids: tuple[str, ...]
    labels: tuple[Label, ...]
    centres: Vectors
    origin: Vectors
    reason_ids: tuple[str, ...]
    reason_centres: Vectors
    fitted: int
    given: int
    decided: int
    encoder: str
    found: tuple[str, ...] = ()
    resolution: float = 0.0
    searched: int = 0

    def save(self, path: Path, vectors: Vectors) -> None:
        """One .npz with the clauses' vectors (as float16: half the room, no theme changes)."""
        told = {
            "ids": self.ids, "reason_ids": self.reason_ids, "fitted": self.fitted, "given": self.given, "decided": self.decided,
            "encoder": self.encoder, "found": self.found,
            "resolution": self.resolution, "searched": self.searched,
            "labels": [[x.name.name, x.name.terms, x.parent_id, x.parent_name, x.status] for x in self.labels],
        }  # fmt: skip
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(
                file, told=np.frombuffer(json.dumps(told).encode(), dtype=np.uint8), centres=self.centres, origin=self.origin,
                reason_centres=self.reason_centres, vectors=vectors.astype(np.float16),
            )  # fmt: skip
        os.replace(part, path)


@dataclass(frozen=True)
class Kept:
    """The frames of the build before with the vectors of `segments`, row by row, and its themes."""

    texts: pd.DataFrame
    segments: pd.DataFrame
    reasons: pd.DataFrame
    mentions: pd.DataFrame
    vectors: Vectors
    model: ThemeModel
    lineage: pd.DataFrame = field(default_factory=pd.DataFrame)


def load_model(path: Path) -> tuple[ThemeModel, Vectors] | None:
    """The model and the vectors that `save` wrote; None where there is none."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as stored:
        told = json.loads(stored["told"].tobytes())
        labels = tuple(Label(Name(n, tuple(t)), p, pn, s) for n, t, p, pn, s in told["labels"])
        model = ThemeModel(
            tuple(told["ids"]), labels, stored["centres"], stored["origin"], tuple(told["reason_ids"]), stored["reason_centres"],
            told["fitted"], told["given"], told["decided"], told["encoder"],
            tuple(told.get("found", ())), told.get("resolution", 0.0), told.get("searched", 0),
        )  # fmt: skip
        return model, stored["vectors"].astype(np.float32)
