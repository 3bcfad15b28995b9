"""Several labels a text: the kernels of `nlp.classify` with one target a label, and one threshold for all that is chosen by leaving
each training row out (Rasmussen and Williams 2006, 5.4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.errors import BadInput
from knowledge.index import centred
from nlp.classify import LARGEST, MANY, STABLE, Ngrams, likeness, make_ngrams, solved
from nlp.encoder import Vectors

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Tagger:
    """`labels` in sorted order; a text has those whose score is at least `threshold`."""

    labels: tuple[str, ...]
    origin: Vectors
    examples: Vectors
    pull: Vectors
    ngrams: Ngrams
    bag: Vectors
    bias: Vectors
    threshold: float

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """(n, labels)."""
        near = likeness(centred(vectors, self.origin), self.examples) @ self.pull
        return np.asarray(near + self.ngrams(texts) @ self.bag + self.bias, dtype=np.float32)

    def tags(self, texts: Sequence[str], vectors: Vectors) -> list[list[str]]:
        """Each text's labels, perhaps none."""
        return [
            [self.labels[i] for i in np.flatnonzero(row)]
            for row in self.scores(texts, vectors).round(STABLE) >= round(self.threshold, STABLE)
        ]


def fit_tags(texts: Sequence[str], vectors: Vectors, labels: Sequence[Sequence[str]]) -> Tagger:
    """Fails: BadInput (`one_label`) without any label, (`many_rows`) beyond LARGEST rows."""
    names = tuple(sorted({x for of in labels for x in of}))
    if not names:
        raise BadInput("There is no label to learn.", "Give rows with labels.", code="one_label")
    if len(texts) > LARGEST:
        raise BadInput(f"{len(texts):,} rows are more than {LARGEST:,}.", "Give a sample of them.", code="many_rows")
    place = {n: i for i, n in enumerate(names)}
    has = np.zeros((len(texts), len(names)), dtype=bool)
    for row, of in enumerate(labels):
        has[row, [place[x] for x in of]] = True
    weights, ridge = MANY
    origin = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    examples, ngrams = centred(vectors, origin), make_ngrams(texts, weights)
    features = ngrams(texts)
    bias = has.mean(axis=0).astype(np.float32)
    target = has.astype(np.float32) - bias
    kernel = likeness(examples, examples) + (features @ features.T).toarray().astype(np.float32)
    held = kernel.copy()
    held[np.diag_indices(len(held))] += ridge
    inverse = np.linalg.inv(held)
    left_out = has - (inverse @ target) / np.diag(inverse)[:, None]
    pull = solved(kernel, target, np.full(len(texts), ridge))
    bag = np.asarray(features.T @ pull, dtype=np.float32)
    return Tagger(names, origin, examples, pull, ngrams, bag, bias, _threshold(left_out, has))


def micro_f1(truth: Flags, found: Flags) -> float:
    """2 · right / (said + true) over all rows and labels."""
    return float(2 * (truth & found).sum() / max(truth.sum() + found.sum(), 1))


def _threshold(scores: npt.NDArray[np.floating], has: Flags) -> float:
    """The score from which labels are given so that micro-F1 of rows left out is best."""
    order = np.argsort(-scores, axis=None, kind="stable")
    right = np.cumsum(has.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + has.sum())
    return float(scores.ravel()[order[int(f1.argmax())]])
