"""Statements that must be raised at the first one: somebody was or could have been harmed. Read from what a clause means (sentences
of `data/safety.yaml`), so that a word alone ("on fire", "a shock") raises nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from nlp.claims import examples as claim_examples
from nlp.classify import Classifier
from nlp.encoder import Encoder, Vectors
from nlp.heads import head

COLUMNS = ["feedback_id", "segment", "kind", "start", "end", "text"]
HARMLESS = "harmless"
RAISED, BESIDE, NEAR = 0.5, 3, 0.4


def read_dangers(texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> list[str]:
    """For each readable clause the kind of danger that it speaks of (injury, fire, contamination, recall), or nothing."""
    if not len(texts):
        return []
    head = _head(encoder)  # type: ignore[arg-type]
    odds = head.probabilities(texts, vectors).round(6)
    harmless = head.classes.index(HARMLESS)
    kinds = np.delete(odds, harmless, axis=1).argmax(axis=1)
    names = [c for c in head.classes if c != HARMLESS]
    told: Vectors = _told(encoder)  # type: ignore[arg-type]
    near = (vectors @ told.T).max(axis=1).round(4) >= NEAR
    return [names[k] if p >= RAISED and n else "" for k, p, n in zip(kinds, 1 - odds[:, harmless], near, strict=True)]


def safety_statements(segments: pd.DataFrame) -> pd.DataFrame:
    """Clauses (feedback_id, segment, start, end, text, danger) that speak of danger, with kind and exact characters."""
    raised = segments[segments["danger"] != ""]
    found: pd.DataFrame = raised.rename(columns={"danger": "kind"})[COLUMNS].reset_index(drop=True)
    return found


def examples() -> dict[str, list[str]]:
    """The sentences of `data/safety.yaml` by kind of danger, and the harmless ones."""
    listed = yaml.safe_load((Path(__file__).parent / "data" / "safety.yaml").read_text(encoding="utf-8"))
    return {str(kind): [str(t) for t in listed[kind]] for kind in listed}


@lru_cache(maxsize=2)
def _told(encoder: Encoder) -> Vectors:
    """Vectors of the sentences that speak of danger: what is near none of them is unlike anything learned, not dangerous."""
    return encoder.encode([t for kind, texts in examples().items() if kind != HARMLESS for t in texts])


@lru_cache(maxsize=2)
def _head(encoder: Encoder) -> Classifier:
    return head("safety", *labelled(), encoder)


def labelled() -> tuple[list[str], list[str]]:
    """The sentences that dangers are learned from, and the kind of each; complaints of other things are harmless."""
    listed = examples()
    beside = claim_examples()[0][::BESIDE]
    texts = [t for kind in listed for t in listed[kind]]
    labels = [kind for kind in listed for _ in listed[kind]]
    return [*texts, *beside], [*labels, *[HARMLESS] * len(beside)]
