"""Sentiment of a clause or a comment: -1, 0 or +1, with a score between. A small head on the encoder's vectors, fitted to
sentences written by hand, beside a lexicon with negation and intensity; it can be fitted to a company's own labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from nlp.encoder import Encoder, Vectors
from nlp.text import readable

Scores = npt.NDArray[np.float64]
CLASSES = ("negative", "neutral", "positive")
HERE = Path(__file__).parent / "data"
NEGATIONS = frozenset(
    """not no never n't cannot can't cant don't dont didn't didnt doesn't doesnt isn't isnt wasn't wasnt won't wont wouldn't
    aren't without hardly barely nor neither nobody nothing couldn't shouldn't ain't""".split()
)
STRONGER = frozenset(
    """very really so extremely absolutely totally completely too super incredibly such way most utterly""".split()
)
HAPPY = re.compile(r"(?::-?\)|:D|;-?\)|<3|[😀😃😄😁😊🙂😍🥰👍🎉❤💕😘🙌👏✈💖😎🌟])")
UNHAPPY = re.compile(r"(?::-?\(|:'\(|>:\(|[😡😠😤😞😢😭👎💔😒🙄😩😫😑🤬😔😣])")
THANKS_FOR_NOTHING = re.compile(r"\b(?:thanks for nothing|so much for|thanks a lot for (?:the|losing|ruining|not|cancel)|great,? another|nice (?:job|work) (?:losing|ruining|on the delay)|way to (?:go|lose|ruin)|well done,? (?:another|again))", re.I)  # fmt: skip
WORD = re.compile(r"n't|[a-z]+(?:['’][a-z]+)?", re.I)
FEATURES = 9
LEXICAL, SHIPPED_STRENGTH = 0.2, 0.01  # chosen on tweets to other companies and on laptop reviews
WINDOW, BLOCK, MANY = 3, 4096, 2000


@dataclass(frozen=True)
class Head:
    """A fitted sentiment head: `weights` (3, d + FEATURES), `bias` (3,), and the mean and scale of its inputs."""

    weights: Scores
    bias: Scores
    mean: Scores
    scale: Scores

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> Scores:
        """(n, 3) probabilities of negative, neutral, positive."""
        weights, bias = self.weights / self.scale, self.bias - self.weights @ (self.mean / self.scale)
        size, out = vectors.shape[1], np.empty((len(texts), 3))
        for start in range(0, len(texts), BLOCK):
            part = slice(start, start + BLOCK)
            raw = vectors[part] @ weights[:, :size].T + lexical(texts[part]) @ weights[:, size:].T + bias
            odds = np.exp(raw - raw.max(axis=1, keepdims=True))
            out[part] = odds / odds.sum(axis=1, keepdims=True)
        return out


def score(probabilities: Scores) -> Scores:
    """From -1 (surely negative) to +1 (surely positive), rounded to what is stable."""
    return np.asarray((probabilities[:, 2] - probabilities[:, 0]).round(4))


def polarity(probabilities: Scores) -> npt.NDArray[np.int64]:
    """-1, 0 or +1: the likeliest class."""
    return np.asarray(probabilities.round(6).argmax(axis=1) - 1, dtype=np.int64)


def shipped_head(encoder: Encoder) -> Head:
    """The head as shipped: fitted to the sentences of `data/sentiment.yaml` with this encoder (once a process)."""
    return _shipped(encoder)  # type: ignore[arg-type]


def fit(texts: Sequence[str], vectors: Vectors, labels: Sequence[str], *, strength: float = 1.0) -> Head:
    """A head fitted to labels among CLASSES; classes weigh alike where there are few examples."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    x = inputs(texts, vectors)
    mean, scale = x.mean(axis=0), np.full(x.shape[1], x[:, : vectors.shape[1]].std() or 1.0)
    scale[vectors.shape[1] :] = LEXICAL
    y = np.array([CLASSES.index(label) for label in labels])
    # Newton's steps end at the optimum itself, not somewhere near it, so that no order of a sum shows in what comes out
    few = len(y) < MANY
    how = {"solver": "newton-cholesky", "tol": 1e-10} if few else {"tol": 1e-9, "max_iter": 2000}
    model = LogisticRegression(C=strength, class_weight="balanced" if few else None, **how)
    with threadpool_limits(1):
        model.fit((x - mean) / scale, y)
    return Head(*_three(model), mean, scale)


def _three(model: Any) -> tuple[Scores, Scores]:
    """Weights and bias for all three classes, whichever of them were seen."""
    weights, bias = np.zeros((3, model.coef_.shape[1])), np.full(3, -1e3)
    if len(model.classes_) == 2:
        low, high = model.classes_
        bias[low], weights[high], bias[high] = 0.0, model.coef_[0], model.intercept_[0]
        return weights, bias
    weights[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return weights, bias


def inputs(texts: Sequence[str], vectors: Vectors) -> Scores:
    """The head's inputs: vectors beside FEATURES lexical counts; (n, d + FEATURES)."""
    return np.hstack([vectors.astype(np.float64), lexical(texts)])


def lexical(texts: Sequence[str]) -> Scores:
    """(n, FEATURES) lexical counts."""
    return np.array([_lexical(t) for t in texts], dtype=np.float64).reshape(len(texts), FEATURES)


def lexical_score(text: str) -> float:
    """Sum of the words' leanings after negation and intensity."""
    features = _lexical(text)
    return float(features[0] + features[1])


@lru_cache(maxsize=8192)
def _lexical(text: str) -> tuple[float, ...]:
    leaning = _lexicon()
    found = [w.lower().replace("’", "'") for w in WORD.findall(readable(text))]
    up = down = 0.0
    negations = 0
    for i, word in enumerate(found):
        before = found[max(0, i - WINDOW) : i]
        negated = any(b in NEGATIONS or b.endswith("n't") for b in before)
        negations += word in NEGATIONS or word.endswith("n't")
        lean = leaning.get(word, 0.0)
        if not lean:
            continue
        lean *= 1.5 if any(b in STRONGER for b in before[-1:]) else 1.0
        if negated and word not in NEGATIONS:
            lean *= -0.6
        up, down = up + max(lean, 0.0), down + min(lean, 0.0)
    sarcastic = bool(THANKS_FOR_NOTHING.search(text))
    return (
        min(up, 6.0),
        max(down, -6.0),
        float(up + down > 0) - float(up + down < 0),
        min(negations, 3.0),
        min(text.count("!"), 3.0),
        min(text.count("?"), 3.0),
        float(len(HAPPY.findall(text)) > 0),
        float(len(UNHAPPY.findall(text)) > 0),
        float(sarcastic),
    )


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, float]:
    raw = yaml.safe_load((HERE / "lexicon.yaml").read_text(encoding="utf-8"))
    return {word: float(lean) for lean, listed in raw.items() for word in listed}


@lru_cache(maxsize=2)
def _shipped(encoder: Encoder) -> Head:
    raw = yaml.safe_load((HERE / "sentiment.yaml").read_text(encoding="utf-8"))
    texts = [str(t) for c in CLASSES for t in raw[c]]
    labels = [c for c in CLASSES for _ in raw[c]]
    return fit(texts, encoder.encode([readable(t) for t in texts]), labels, strength=SHIPPED_STRENGTH)
