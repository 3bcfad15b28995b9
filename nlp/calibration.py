"""How sure a classifier may say it is, from answers it gave without having seen them: probabilities that come true, the
confidence from which a share of answers is right, and how right it is when it answers only its surest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
LEVELS = np.round(np.arange(0.5, 1.0, 0.01), 2)
ANSWERED = (0.2, 0.4, 0.6, 0.8, 1.0)


def softmax(raw: Scores) -> Scores:
    odds = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)


def steepness(raw: Scores, truth: Rows) -> float:
    """What `raw` must be multiplied by to be probabilities under softmax (least cross-entropy)."""
    from scipy.optimize import minimize_scalar

    def loss(steep: float) -> float:
        return float(-np.log(np.maximum(softmax(raw * steep)[np.arange(len(truth)), truth], 1e-9)).mean())

    return float(minimize_scalar(loss, bounds=(0.25, 40.0), method="bounded").x)


def sure_at(odds: Scores, truth: Rows) -> npt.NDArray[np.float32]:
    """The lowest confidence from which each of LEVELS is the share that is right; 2 where that is never so."""
    confidence = odds.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = np.cumsum(odds.argmax(axis=1)[order] == truth[order]) / np.arange(1, len(truth) + 1)
    best = [np.flatnonzero(right >= level) for level in LEVELS]
    return np.array([confidence[order][b[-1]] if len(b) else 2.0 for b in best], dtype=np.float32)


def right_when_answered(confidence: Scores, right: npt.NDArray[np.bool_]) -> dict[float, float]:
    """Share that is right among the surest fifth, two fifths, … all (ANSWERED); ties in their order."""
    order = np.argsort(-confidence, kind="stable")
    return {share: float(right[order][: max(1, round(share * len(order)))].mean()) for share in ANSWERED} if len(order) else {}
