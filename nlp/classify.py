"""Labels for texts, learned from examples: few or many, the same settings for every data set.

Three linear models vote: logistic regression on the encoder's vectors, a support vector machine on words and character
n-grams, and the same on n-grams weighed by their log-odds (Wang and Manning 2012). How much each counts, and how sure the
whole is, comes from cross-validation inside the training rows. With few examples the label's own words are one more."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import BadInput
from nlp.encoder import Encoder, Vectors

Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
FOLDS, SEARCHED, FEW = 3, 6000, 32
DENSE, PLAIN, ODDS = 10.0, 0.2, 0.2
NAME_WEIGHT, EVEN = 1.2, 0.5
TOKEN = r"(?u)\w+|[^\w\s]"
LEVELS = np.round(np.arange(0.5, 1.0, 0.01), 2)


@dataclass(frozen=True)
class Ngrams:
    """Words and punctuation (1-2) and characters within words (2-5): TF-IDF, each kind of length 1."""

    kinds: tuple[tuple[str, ...], tuple[str, ...]]
    idf: tuple[Vectors, Vectors]

    def __call__(self, texts: Sequence[str]) -> Any:
        """(n, features) sparse."""
        from scipy import sparse

        parts = [_weighed(_counter(k, self.kinds[k]).transform(texts), self.idf[k]) for k in (0, 1)]
        return sparse.hstack(parts).tocsr()


@dataclass(frozen=True)
class Classifier:
    """`classes` in sorted order; the weights of the three models (features, classes + 1: the last row is the bias), what is
    taken off the vectors, how much each model counts, and `sure_at`: the confidence from which LEVELS of the answers are
    right by cross-validation (2 where that is never so)."""

    classes: tuple[str, ...]
    origin: Vectors
    dense: Vectors
    ngrams: Ngrams
    plain: Vectors
    odds: Vectors
    say: Vectors
    sure_at: Vectors

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> Scores:
        """(n, classes), rows sum to 1."""
        if not len(texts):
            return np.zeros((0, len(self.classes)))
        return _voted(self._votes(texts, vectors), self.say)

    def predict(self, texts: Sequence[str], vectors: Vectors, *, abstain_below: float | None = None) -> list[str | None]:
        """The likeliest class of each text; None where its probability is under `abstain_below`."""
        found = self.probabilities(texts, vectors)
        best = found.round(9).argmax(axis=1)
        sure = found.max(axis=1) >= (abstain_below or 0.0)
        return [self.classes[b] if s else None for b, s in zip(best.tolist(), sure.tolist(), strict=True)]

    def threshold(self, right: float) -> float:
        """The confidence to ask for so that a share `right` (0.5 to 0.99) of the answers given is right."""
        return float(self.sure_at[int(np.clip(np.searchsorted(LEVELS, right - 1e-9), 0, len(LEVELS) - 1))])

    def save(self, path: Path) -> None:
        """One .npz file of arrays; names and n-grams as JSON in it."""
        words = json.dumps({"version": 1, "classes": self.classes, "kinds": self.ngrams.kinds}).encode()
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"classes", "ngrams"}}
        with path.open("wb") as file:
            np.savez_compressed(
                file, words=np.frombuffer(words, dtype=np.uint8), idf0=self.ngrams.idf[0], idf1=self.ngrams.idf[1], **arrays
            )

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Fails: BadInput (`no_file`, `not_classifier`)."""
        if not path.is_file():
            raise BadInput(f"There is no file {path}.", "Check the path.", code="no_file")
        try:
            with np.load(path, allow_pickle=False) as stored:
                a = {name: stored[name] for name in stored.files}
            words = json.loads(a.pop("words").tobytes())
            first, second = (tuple(k) for k in words["kinds"])
            ngrams = Ngrams((first, second), (a.pop("idf0"), a.pop("idf1")))
            return cls(classes=tuple(words["classes"]), ngrams=ngrams, **a)
        except (ValueError, KeyError, OSError, TypeError) as err:
            raise BadInput(f"{path.name} is not a saved classifier.", "Fit and save it again.", code="not_classifier") from err

    def _votes(self, texts: Sequence[str], vectors: Vectors) -> Scores:
        """(3, n, classes) log-probabilities before they are weighed."""
        features = self.ngrams(texts)
        raw = [_linear(_centred(vectors, self.origin), self.dense), _linear(features, self.plain), _linear(features, self.odds)]
        return np.stack(raw)


def fit(
    texts: Sequence[str], vectors: Vectors, labels: Sequence[str], *, seed: int = 7, encoder: Encoder | None = None
) -> Classifier:
    """Needs readable texts and their vectors. With `encoder` and at most FEW examples a label, the labels' words help too.

    Fails: BadInput (`one_label`, `lengths`)."""
    if not len(texts) == len(vectors) == len(labels):
        raise BadInput("Texts, vectors and labels differ in number.", "Give one of each a row.", code="lengths")
    classes, y = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    if len(classes) < 2:
        raise BadInput("There is only one label to learn.", "Give examples of at least two labels.", code="one_label")
    names = _names(classes.tolist(), encoder) if encoder is not None and len(y) <= FEW * len(classes) else None
    rows = _sample(y, SEARCHED, seed)
    votes, truth = _held_out([texts[i] for i in rows], vectors[rows], y[rows], len(classes), names, seed)
    say = _say(votes, truth)
    model = _three(tuple(classes.tolist()), texts, vectors, y, names)
    return replace(model, say=say, sure_at=_sure_at(_voted(votes, say), truth))


def _held_out(
    texts: list[str], vectors: Vectors, y: Rows, classes: int, names: Vectors | None, seed: int
) -> tuple[Scores, Rows]:
    """The three models' votes on rows they were not fitted to, and the truth there (rows of a label new to its fold left out)."""
    order = np.random.default_rng(seed).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % FOLDS
    numbers = tuple(map(str, range(classes)))
    votes, truth = [], []
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        outside = outside[np.isin(y[outside], y[inside])]
        if not len(outside) or len(np.unique(y[inside])) < 2:
            continue
        part = _three(numbers, [texts[i] for i in inside], vectors[inside], y[inside], names)
        votes.append(part._votes([texts[i] for i in outside], vectors[outside]))
        truth.append(y[outside])
    return np.concatenate(votes, axis=1), np.concatenate(truth)


def _three(classes: tuple[str, ...], texts: Sequence[str], vectors: Vectors, y: Rows, names: Vectors | None) -> Classifier:
    """The three models fitted to these rows, not yet weighed."""
    from sklearn.linear_model import LogisticRegression

    origin = vectors.mean(axis=0)
    x, seen, weight = _centred(vectors, origin), y, _even(y)
    if names is not None:
        own = _centred(names, names.mean(axis=0)) if len(names) > 3 else _centred(names, origin)
        x, seen = np.vstack([x, own]), np.concatenate([y, np.arange(len(names))])
        weight = np.concatenate([weight, np.full(len(names), NAME_WEIGHT)])
    model = LogisticRegression(C=DENSE, max_iter=300).fit(x, seen, sample_weight=weight)
    rows = model.coef_ if len(model.classes_) > 2 else np.vstack([-model.coef_, model.coef_]) / 2
    bias = model.intercept_ if len(model.classes_) > 2 else np.array([-1, 1]) * model.intercept_[0] / 2
    dense = _placed(np.vstack([rows.T, bias]), model.classes_, len(classes))
    ngrams = _ngrams(texts)
    features = ngrams(texts)
    present = np.unique(y)
    plain = _placed(_machines(features, y, present, odds=False), present, len(classes))
    odds = _placed(_machines(features, y, present, odds=True), present, len(classes))
    none = np.zeros(0, dtype=np.float32)
    return Classifier(classes, origin.astype(np.float32), dense, ngrams, plain, odds, none, none)


def _machines(features: Any, y: Rows, present: Rows, *, odds: bool) -> Scores:
    """A support vector machine for each class against the rest: (features + 1, classes), with features weighed by log-odds
    of the class where `odds` (the weighing is folded into the weights)."""
    from sklearn.svm import LinearSVC

    out = np.zeros((features.shape[1] + 1, len(present)))
    there = features.copy()
    there.data = np.ones_like(there.data)
    total = np.asarray(there.sum(axis=0)).ravel()
    for column, k in enumerate(present):
        mine = y == k
        scale = np.ones(features.shape[1])
        if odds:
            with_it = np.asarray(there[mine].sum(axis=0)).ravel()
            yes, no = with_it + 1, total - with_it + 1
            scale = np.log((yes / yes.sum()) / (no / no.sum()))
        x = features.copy()
        x.data = x.data * scale[x.indices]
        heavy = (len(y) / len(present) / mine.sum()) ** EVEN
        model = LinearSVC(C=ODDS if odds else PLAIN, random_state=0).fit(x, mine, sample_weight=np.where(mine, heavy, 1.0))
        out[:-1, column], out[-1, column] = model.coef_[0] * scale, model.intercept_[0]
    return out


def _say(votes: Scores, truth: Rows) -> Vectors:
    """(2, 3): how steep each model's log-probabilities are made and how much they count; the likeliest for held-out rows,
    drawn a little towards equal parts."""
    from scipy.optimize import minimize

    at = np.arange(len(truth))

    def loss(logs: Scores) -> float:
        likely = np.log(np.maximum(_voted(votes, np.exp(logs.reshape(2, -1))), 1e-12))[at, truth]
        return float(-likely.mean() + 0.002 * np.square(logs[3:] - logs[3:].mean()).sum())

    start = np.log(np.array([1.0, 3.0, 3.0, 0.4, 0.4, 0.4]))
    found = minimize(
        loss, start, method="Powell", bounds=[(-1.5, 3.5)] * 3 + [(-5.0, 1.5)] * 3, options={"maxfev": 400, "xtol": 1e-2}
    )
    return np.asarray(np.exp(found.x).reshape(2, 3), dtype=np.float32)


def _voted(votes: Scores, say: npt.NDArray[np.floating]) -> Scores:
    total = sum(say[1][m] * _log_softmax(votes[m] * say[0][m]) for m in range(3))
    return np.asarray(np.exp(_log_softmax(total)))


def _sure_at(held_out: Scores, truth: Rows) -> Vectors:
    """The lowest confidence from which each of LEVELS is the share that is right."""
    confidence = held_out.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = np.cumsum(held_out.argmax(axis=1)[order] == truth[order]) / np.arange(1, len(truth) + 1)
    best = [np.flatnonzero(right >= level) for level in LEVELS]
    return np.array([confidence[order][b[-1]] if len(b) else 2.0 for b in best], dtype=np.float32)


def _names(classes: list[str], encoder: Encoder) -> Vectors | None:
    """Vectors of the labels' own words, where every label has some."""
    words = [" ".join(re.findall(r"[^\W\d_]{2,}", c.lower())) for c in classes]
    return encoder.encode(words) if all(words) and len(set(words)) == len(words) else None


def _ngrams(texts: Sequence[str]) -> Ngrams:
    """Those found in at least two texts where there are many texts."""
    kinds, idf = [], []
    for kind in (0, 1):
        counter = _counter(kind, None, 2 if len(texts) > 1000 else 1)
        try:
            counts = counter.fit_transform(texts)
        except ValueError:  # not one word in all texts
            counter = _counter(kind, ("?",))
            counts = counter.transform(texts)
        kinds.append(tuple(counter.get_feature_names_out().tolist()))
        idf.append((np.log((1 + len(texts)) / (1 + counts.getnnz(axis=0))) + 1).astype(np.float32))
    return Ngrams((kinds[0], kinds[1]), (idf[0], idf[1]))


def _counter(kind: int, vocabulary: tuple[str, ...] | None, least: int = 1) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    how = {"token_pattern": TOKEN, "ngram_range": (1, 2)} if kind == 0 else {"analyzer": "char_wb", "ngram_range": (2, 5)}
    given = None if vocabulary is None else {word: i for i, word in enumerate(vocabulary)}
    return CountVectorizer(vocabulary=given, min_df=least, dtype=np.float32, **how)


def _weighed(counts: Any, idf: Vectors) -> Any:
    from sklearn.preprocessing import normalize

    counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
    return normalize(counts, copy=False)


def _linear(x: Any, weights: Vectors) -> Scores:
    return np.asarray(x @ weights[:-1] + weights[-1], dtype=np.float64)


def _placed(found: Scores, present: Rows, classes: int) -> Vectors:
    """Weights in the columns of their classes; a class that was not seen stays far below."""
    out = np.zeros((len(found), classes), dtype=np.float32)
    out[-1] = -30.0
    out[:, present] = found
    return out


def _even(y: Rows) -> Scores:
    """Weights that make rare classes count for more than they are, but not for as much as common ones."""
    sizes = np.bincount(y)
    return np.asarray((sizes[sizes > 0].mean() / sizes[y]) ** EVEN, dtype=np.float64)


def _sample(y: Rows, limit: int, seed: int) -> Rows:
    return np.sort(np.random.default_rng(seed).permutation(len(y))[:limit])


def _centred(vectors: Vectors, origin: Vectors) -> Vectors:
    rows = vectors - origin
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _log_softmax(raw: Scores) -> Scores:
    raw = raw - raw.max(axis=1, keepdims=True)
    return np.asarray(raw - np.log(np.exp(raw).sum(axis=1, keepdims=True)))
