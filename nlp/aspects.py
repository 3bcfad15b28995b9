"""Aspects of clauses: which part of the taxonomy a clause speaks of, with confidence and runner-up; it may abstain.

Zero-shot: a clause is compared with each aspect's sentences. Vectors are centred on what the sentences of the taxonomy share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.index import centred
from nlp.classify import STABLE, Classifier
from nlp.encoder import Encoder, Vectors
from nlp.taxonomy import Taxonomy
from nlp.text import readable

ENOUGH, CLEAR, TEMPERATURE = 0.34, 0.03, 0.06
RIGHT = 0.8


@dataclass(frozen=True)
class Tagged:
    """For each clause: the aspect's id (or None: abstained), confidence 0..1, and the runner-up's id."""

    aspect: list[str | None]
    confidence: npt.NDArray[np.float64]
    runner_up: list[str | None]


class AspectTagger:
    """Tags clauses by likeness to the taxonomy's sentences (the mean of the two likest of each aspect)."""

    def __init__(self, taxonomy: Taxonomy, encoder: Encoder) -> None:
        self.taxonomy = taxonomy
        sentences = [(i, s) for i, a in enumerate(taxonomy.aspects) for s in (*a.says, a.describes)]
        vectors = encoder.encode([s for _, s in sentences])
        self._of = np.array([i for i, _ in sentences])
        self._origin = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        self._sentences = centred(vectors, self._origin)

    def tag(self, vectors: Vectors) -> Tagged:
        """Aspects of clause vectors (n, d)."""
        likeness = self.likeness(vectors)
        order = np.argsort(-likeness, axis=1, kind="stable")
        best, second = order[:, 0], order[:, 1]
        rows = np.arange(len(vectors))
        top, next_one = likeness[rows, best], likeness[rows, second]
        sure = np.exp((likeness - top[:, None]) / TEMPERATURE)
        confidence = (1 / sure.sum(axis=1) * np.clip(top / 0.6, 0, 1)).round(4)
        ids = [a.id for a in self.taxonomy.aspects]
        keep = (top >= ENOUGH) & (top - next_one >= CLEAR)
        return Tagged([ids[b] if k else None for b, k in zip(best, keep, strict=True)], confidence, [ids[s] for s in second])

    def likeness(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """(n, aspects): how like each clause is to each aspect."""
        out = np.empty((len(vectors), len(self.taxonomy.aspects)), dtype=np.float64)
        for start in range(0, len(vectors), 8192):
            all_of = centred(vectors[start : start + 8192], self._origin) @ self._sentences.T
            for i in range(out.shape[1]):
                mine = np.sort(all_of[:, self._of == i], axis=1)[:, -2:]
                out[start : start + 8192, i] = mine.mean(axis=1, dtype=np.float64)
        return out.round(5)


def learned(classifier: Classifier, texts: list[str], vectors: Vectors, otherwise: Tagged) -> Tagged:
    """What the company's own classifier says where it is sure enough to be right in eight of ten; elsewhere `otherwise`."""
    odds = classifier.probabilities([readable(t) for t in texts], vectors)
    order = np.argsort(-odds.round(STABLE), axis=1, kind="stable")
    top = odds[np.arange(len(odds)), order[:, 0]]
    sure = top.round(STABLE) >= round(classifier.threshold(RIGHT), STABLE)
    classes = classifier.classes
    return Tagged(
        [classes[b] if s else a for b, s, a in zip(order[:, 0], sure, otherwise.aspect, strict=True)],
        np.where(sure, top, otherwise.confidence).round(4),
        [classes[b] if s else a for b, s, a in zip(order[:, 1], sure, otherwise.runner_up, strict=True)],
    )
