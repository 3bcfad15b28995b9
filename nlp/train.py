"""Learning a company's own labels: held-out scores of each label, what more labels would buy, and which to label next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.errors import BadInput
from nlp.classify import MANY_LABELS, Classifier, fit
from nlp.encoder import Encoder, Vectors
from nlp.taxonomy import Taxonomy

FOLDS, OF_MANY, MORE, PARTS, SEED = 5, 2, 20, (0.4, 0.6, 0.8, 1.0), 7
FEWEST = 10


@dataclass(frozen=True)
class Trained:
    """The model fitted to all labels, and what to expect of it: `accuracy` and `per_label` (label, examples, precision, recall, f1)
    held out by folds (OF_MANY of FOLDS where there are MANY_LABELS: `scored` rows), `gain`: points of accuracy that 20 more labels
    would bring by the curve so far, `coverage` and `selective_accuracy` where it answers only when nine in ten are right."""

    model: Classifier
    examples: int
    scored: int
    accuracy: float
    coverage: float
    selective_accuracy: float | None
    gain: float
    per_label: pd.DataFrame


def train(texts: Sequence[str], labels: Sequence[str], encoder: Encoder, taxonomy: Taxonomy | None = None) -> Trained:
    """Needs readable texts with one label each. The taxonomy's sentences for labels that it knows are learned too, never scored.

    Fails: BadInput (`few_labels`, `one_label`)."""
    if len(texts) < FEWEST:
        raise BadInput(
            f"There are {len(texts)} labels; {FEWEST} are the least to learn from.", "Label more comments.", code="few_labels"
        )
    vectors, y = encoder.encode(texts), np.array(labels, dtype=np.str_)
    taught = (
        [(s, a.id) for a in taxonomy.aspects for s in a.says]
        if taxonomy and set(labels) <= {a.id for a in taxonomy.aspects}
        else []
    )
    extra, extra_y = [s for s, _ in taught], np.array([i for _, i in taught], dtype=np.str_)
    extra_vectors = encoder.encode(extra) if extra else np.zeros((0, vectors.shape[1]), dtype=np.float32)

    def fitted(rows: npt.NDArray[np.int64], *, deep: bool) -> Classifier:
        every = np.concatenate([y[rows], extra_y])
        return fit(
            [*(texts[i] for i in rows.tolist()), *extra], np.vstack([vectors[rows], extra_vectors]), every.tolist(),
            seed=SEED, encoder=encoder, deep=deep,
        )  # fmt: skip

    fold, folds = _folds(y), OF_MANY if len(y) >= MANY_LABELS else FOLDS
    found = np.full(len(y), "", dtype=np.promote_types(y.dtype, extra_y.dtype) if len(extra_y) else y.dtype)
    sure = np.zeros(len(y), dtype=bool)
    curve: list[tuple[float, float]] = []
    draw = np.random.default_rng(SEED)
    for k in range(folds):
        inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        held = [texts[i] for i in outside.tolist()]
        model = None
        for part in PARTS:
            rows = np.sort(draw.permutation(inside)[: int(part * len(inside))])
            if len(set(y[rows].tolist()) | set(extra_y.tolist())) < 2:
                continue
            model = fitted(rows, deep=False)
            said = np.array(model.classes)[model.probabilities(held, vectors[outside]).argmax(axis=1)]
            curve.append((len(rows), float((said == y[outside]).mean())))
        if model is None:
            continue
        if len(inside) >= MANY_LABELS:
            model = fitted(inside, deep=True)
        odds = model.probabilities(held, vectors[outside])
        found[outside] = np.array(model.classes)[odds.argmax(axis=1)]
        sure[outside] = odds.max(axis=1) >= model.threshold(0.9)
    scored = fold < folds
    right = (found == y)[scored]
    kept = sure[scored]
    return Trained(
        fitted(np.arange(len(y)), deep=True), len(y), int(scored.sum()), float(right.mean()), float(kept.mean()),
        float(right[kept].mean()) if kept.any() else None, _gain(curve, len(y)), _per_label(y[scored], found[scored]),
    )  # fmt: skip


def next_to_label(
    model: Classifier, ids: Sequence[str], texts: Sequence[str], vectors: Vectors, count: int = MORE
) -> pd.DataFrame:
    """Rows whose labels would teach most: the least sure, no two of them alike. id, text, likely, runner_up, confidence."""
    odds = model.probabilities(texts, vectors)
    order = np.argsort(-odds, axis=1, kind="stable")
    at = np.arange(len(odds))
    margin = odds[at, order[:, 0]] - odds[at, order[:, 1]]
    chosen: list[int] = []
    for i in np.lexsort((np.array(ids, dtype=np.str_), margin.round(6))).tolist():
        if len(chosen) == count:
            break
        if not chosen or float((vectors[chosen] @ vectors[i]).max()) < 0.7:
            chosen.append(i)
    classes = model.classes
    return pd.DataFrame(
        [(ids[i], texts[i], classes[order[i, 0]], classes[order[i, 1]], round(float(odds[i, order[i, 0]]), 3)) for i in chosen],
        columns=["id", "text", "likely", "runner_up", "confidence"],
    )


def _folds(y: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """Stratified: the rows of each label are dealt out in turn."""
    order = np.random.default_rng(SEED).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % FOLDS
    return fold


def _gain(curve: list[tuple[float, float]], n: int) -> float:
    """Points of accuracy from 20 more labels: accuracy against the logarithm of their number, never less than none."""
    x, score = np.log([c for c, _ in curve]), np.array([a for _, a in curve])
    if len(curve) < 2 or np.ptp(x) == 0:
        return 0.0
    slope = float(np.polyfit(x, score, 1)[0])
    return max(0.0, slope * float(np.log((n + MORE) / n)))


def _per_label(truth: npt.NDArray[np.str_], found: npt.NDArray[np.str_]) -> pd.DataFrame:
    rows = []
    for label in np.unique(truth):
        true, said = truth == label, found == label
        right = int((true & said).sum())
        precision, recall = right / max(int(said.sum()), 1), right / int(true.sum())
        rows.append((str(label), int(true.sum()), precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)))
    return pd.DataFrame(rows, columns=["label", "examples", "precision", "recall", "f1"]).round(4)
