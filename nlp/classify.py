"""Labels for texts, learned from examples: few or many, the same settings for every data set.

One model: kernel ridge regression of each label against the rest, with the sum of three kernels: likeness of meaning (the
encoder's vectors), words and pairs of words, and characters within words. How sure it is comes from leaving each training row
out, which costs nothing more (Rasmussen and Williams 2006, 5.4.2). With few examples the labels' own words are examples too;
with many (MANY_LABELS) the encoder's top layers learn the labels as well, and both are heard."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.errors import BadInput
from knowledge.index import centred
from nlp.calibration import LEVELS, Rows, Scores, softmax, steepness, sure_at
from nlp.encoder import Encoder, States, Vectors, token_states
from nlp.encoder_layers import Layers

NEAR, EVEN = 2.0, 0.5
MANY, FEW_OF_EACH = ((0.25, 0.5), 1.0), ((0.05, 0.1), 0.3)  # weights of words and characters, ridge
LARGEST, CALIBRATED, FEW, NAME_WEIGHT = 12_000, 4_000, 32, 1.2
TOKEN = r"(?u)\w+|[^\w\s]"
BLOCK, LAYER = 4_096, "layer "
STABLE = 5  # decimals of a probability that float32 sums leave alone
MANY_LABELS, LAYERS_SHARE, LAYERS_EVEN, HELD = 3_000, 0.7, 0.25, 0.1
LONGEST = 64  # tokens that the layers read


@dataclass(frozen=True)
class Ngrams:
    """Words and punctuation (1-2) and characters within words (2-5): TF-IDF, each kind of length 1."""

    kinds: tuple[tuple[str, ...], tuple[str, ...]]
    idf: tuple[Vectors, Vectors]
    weights: tuple[float, float]

    def __call__(self, texts: Sequence[str]) -> Any:
        """(n, features) sparse; the product of two rows is their likeness in words and characters."""
        from scipy import sparse

        parts = [_weighed(_counter(k, self.kinds[k]).transform(texts), self.idf[k]) * self.weights[k] ** 0.5 for k in (0, 1)]
        return sparse.hstack(parts).tocsr()


@dataclass(frozen=True)
class Classifier:
    """`classes` in sorted order; the examples' vectors without what they share (`origin`) with each one's `pull` on each class; the
    weights of n-grams in `bag`; `bias`; how `steep` scores become probabilities (the kernels' alone; with the `layers`); and
    `sure_at`: the confidence from which LEVELS of the answers are right, on rows left out (2 where that is never so)."""

    classes: tuple[str, ...]
    origin: Vectors
    examples: Vectors
    pull: Vectors
    ngrams: Ngrams
    bag: Vectors
    bias: Vectors
    steep: Vectors
    sure_at: Vectors
    layers: Layers | None = None

    def probabilities(self, texts: Sequence[str], vectors: Vectors, states: Sequence[States] | None = None) -> Scores:
        """(n, classes), rows sum to 1; `states` (of LONGEST tokens) are read where they are needed and not given."""
        out = np.zeros((len(texts), len(self.classes)))
        for start in range(0, len(texts), BLOCK):
            part = slice(start, start + BLOCK)
            near = likeness(centred(vectors[part], self.origin), self.examples) @ self.pull
            out[part] = softmax((near + self.ngrams(texts[part]) @ self.bag + self.bias) * self.steep[0])
            if self.layers is not None:
                read = token_states(texts[part], LONGEST) if states is None else states[part]
                out[part] = softmax(_both(out[part], self.layers.log_odds(read)) * self.steep[1])
        return out

    def predict(self, texts: Sequence[str], vectors: Vectors, *, abstain_below: float | None = None) -> list[str | None]:
        """The likeliest class of each text; None where its probability is under `abstain_below`."""
        found = self.probabilities(texts, vectors)
        best = found.round(STABLE).argmax(axis=1)
        sure = found.max(axis=1).round(STABLE) >= round(abstain_below or 0.0, STABLE)
        return [self.classes[b] if s else None for b, s in zip(best.tolist(), sure.tolist(), strict=True)]

    def threshold(self, right: float) -> float:
        """The confidence to ask for so that a share `right` (0.5 to 0.99) of the answers given is right."""
        return float(self.sure_at[int(np.clip(np.searchsorted(LEVELS, right - 1e-9), 0, len(LEVELS) - 1))])

    def save(self, path: Path) -> None:
        """One .npz file of arrays; names and n-grams as JSON in it."""
        words = json.dumps(
            {"version": 1, "classes": self.classes, "kinds": self.ngrams.kinds, "weights": self.ngrams.weights}
        ).encode()
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"classes", "ngrams", "layers"}}
        arrays |= {LAYER + name: w for name, w in (self.layers.weights if self.layers else {}).items()}
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
            ngrams = Ngrams((first, second), (a.pop("idf0"), a.pop("idf1")), tuple(words["weights"]))
            learned = {name.removeprefix(LAYER): a.pop(name) for name in list(a) if name.startswith(LAYER)}
            return cls(classes=tuple(words["classes"]), ngrams=ngrams, layers=Layers(learned) if learned else None, **a)
        except (ValueError, KeyError, OSError, TypeError) as err:
            raise BadInput(f"{path.name} is not a saved classifier.", "Fit and save it again.", code="not_classifier") from err


def fit(
    texts: Sequence[str],
    vectors: Vectors,
    labels: Sequence[str],
    *,
    seed: int = 7,
    encoder: Encoder | None = None,
    states: Sequence[States] | None = None,
    deep: bool = True,
) -> Classifier:
    """Needs readable texts and their vectors; of more than LARGEST rows a sample is learned. With `encoder` and at most FEW
    examples a label, the labels' words help too. With MANY_LABELS and `deep`, layers are learned (minutes); `states` as in
    `probabilities`.

    Fails: BadInput (`one_label`, `lengths`)."""
    if not len(texts) == len(vectors) == len(labels):
        raise BadInput("Texts, vectors and labels differ in number.", "Give one of each a row.", code="lengths")
    classes, y = np.unique(np.array(labels, dtype=np.str_), return_inverse=True)
    if len(classes) < 2:
        raise BadInput("There is only one label to learn.", "Give examples of at least two labels.", code="one_label")
    rows = _sample(len(y), LARGEST, seed)
    told, y, weight = [texts[i] for i in rows], y[rows], _even(y[rows], EVEN)
    origin = vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    examples = centred(vectors[rows], origin)
    weights, ridge = FEW_OF_EACH if (few := len(y) <= FEW * len(classes)) else MANY
    names = _names(classes.tolist()) if encoder is not None and few else None
    real = len(y)
    if names is not None and encoder is not None:
        own = encoder.encode(names)
        told, y = [*told, *names], np.concatenate([y, np.arange(len(names))])
        examples = np.vstack(
            [examples, centred(own, own.mean(axis=0, dtype=np.float64).astype(np.float32) if len(own) > 3 else origin)]
        )
        weight = np.concatenate([weight, np.full(len(names), NAME_WEIGHT)])
    ngrams = make_ngrams(told, weights)
    features = ngrams(told)
    target = np.full((len(y), len(classes)), -1.0 / (len(classes) - 1), dtype=np.float32)
    target[np.arange(len(y)), y] = 1.0
    bias = target[:real].mean(axis=0)
    kernel = likeness(examples, examples) + (features @ features.T).toarray().astype(np.float32)
    checked = _sample(real, CALIBRATED, seed)
    seen = np.concatenate([checked, np.arange(real, len(y))])
    left_out = _left_out(kernel[np.ix_(seen, seen)], target[seen] - bias, ridge / weight[seen])[: len(checked)] + bias
    steep = [steepness(left_out, y[checked])]
    odds, layers = softmax(left_out * steep[0]), None
    if deep and real >= MANY_LABELS:
        apart = _sample(len(checked), int(HELD * real), seed + 1)
        checked, odds = checked[apart], odds[apart]
        read = token_states(told[:real], LONGEST) if states is None else [states[i] for i in rows.tolist()]
        layers = _deep(read, y[:real], np.setdiff1d(np.arange(real), checked), seed)
        both = _both(odds, layers.log_odds([read[i] for i in checked.tolist()]))
        steep.append(steepness(both, y[checked]))
        odds = softmax(both * steep[1])
    pull = solved(kernel, target - bias, ridge / weight)
    bag = np.asarray(features.T @ pull, dtype=np.float32)
    return Classifier(
        tuple(classes.tolist()), origin, examples, pull, ngrams, bag, bias, np.array(steep, dtype=np.float32),
        sure_at(odds, y[checked]), layers,
    )  # fmt: skip


def _deep(read: Sequence[States], y: Rows, rows: Rows, seed: int) -> Layers:
    """Layers that learned these rows; a class that is rare, or not among them, weighs more, though not as much as common ones."""
    from nlp.encoder_tuning import tune

    sizes = np.maximum(np.bincount(y), 1)
    return tune([read[i] for i in rows.tolist()], y[rows], (sizes.mean() / sizes) ** LAYERS_EVEN, seed=seed)


def _both(odds: Scores, layers: Scores) -> Scores:
    """The weighted mean of the logarithms of both probabilities."""
    return np.asarray((1 - LAYERS_SHARE) * np.log(np.maximum(odds, 1e-12)) + LAYERS_SHARE * layers)


def solved(kernel: Vectors, target: Vectors, ridge: Scores) -> Vectors:
    """The pull of each row; `kernel` is used up."""
    from scipy.linalg import cho_factor, cho_solve

    kernel[np.diag_indices(len(kernel))] += ridge.astype(np.float32)
    return np.asarray(cho_solve(cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False), target), dtype=np.float32)


def _left_out(kernel: Vectors, target: Vectors, ridge: Scores) -> Scores:
    """What would be said of each row had it not been learned; `kernel` is used up."""
    kernel[np.diag_indices(len(kernel))] += ridge.astype(np.float32)
    inverse = np.linalg.inv(kernel)
    return np.asarray(target - (inverse @ target) / np.diag(inverse)[:, None], dtype=np.float64)


def _names(classes: list[str]) -> list[str] | None:
    """The labels' own words, where every label has some."""
    words = [" ".join(re.findall(r"[^\W\d_]{2,}", c.lower())) for c in classes]
    return words if all(words) and len(set(words)) == len(words) else None


def make_ngrams(texts: Sequence[str], weights: tuple[float, float]) -> Ngrams:
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
    return Ngrams((kinds[0], kinds[1]), (idf[0], idf[1]), weights)


def _counter(kind: int, vocabulary: tuple[str, ...] | None, least: int = 1) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    how = {"token_pattern": TOKEN, "ngram_range": (1, 2)} if kind == 0 else {"analyzer": "char_wb", "ngram_range": (2, 5)}
    given = None if vocabulary is None else {word: i for i, word in enumerate(vocabulary)}
    return CountVectorizer(vocabulary=given, min_df=least, dtype=np.float32, **how)


def _weighed(counts: Any, idf: Vectors) -> Any:
    from sklearn.preprocessing import normalize

    counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
    return normalize(counts, copy=False)


def likeness(x: Vectors, y: Vectors) -> Vectors:
    """Likeness of unit rows by their distance."""
    return np.asarray(np.exp(NEAR * (x @ y.T - 1)), dtype=np.float32)


def _even(y: Rows, power: float) -> Scores:
    """Weights that make rare classes count for more than they are, but not for as much as common ones."""
    sizes = np.bincount(y)
    return np.asarray((sizes[sizes > 0].mean() / sizes[y]) ** power, dtype=np.float64)


def _sample(n: int, limit: int, seed: int) -> Rows:
    return np.sort(np.random.default_rng(seed).permutation(n)[:limit])
