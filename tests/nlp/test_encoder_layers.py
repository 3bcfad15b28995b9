"""The encoder's top layers: read by numpy they give what the encoder gives; taught labels, they tell them apart; saved, they stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from nlp import classify
from nlp.classify import Classifier, fit
from nlp.encoder import LOWER, load_encoder, token_states
from nlp.encoder_export import LAYERS, LONGEST
from nlp.encoder_layers import Layers
from nlp.encoder_tuning import tune
from nlp.weights import default_files
from tests.nlp.test_train import TEXTS

PAIRS = sorted((t, name) for name, texts in TEXTS.items() for t in texts)
SAID, NAMES = [t for t, _ in PAIRS], [n for _, n in PAIRS]


def test_numpy_reads_the_layers_as_the_encoder_does() -> None:
    texts = ["The driver was late again.", "love it", "", "the seals of the third pallet leak and nobody calls us back " * 4]
    stored = load_file(str(default_files()["model.safetensors"]))
    weights = {
        f"{i - LOWER}.{name.split(f'layer.{i}.')[1]}": w.astype(np.float16)
        for i in range(LOWER, LAYERS)
        for name, w in stored.items()
        if f"layer.{i}." in name
    }
    vectors = load_encoder().encode(texts)
    head = {"head.weight": (4 * vectors).astype(np.float16), "head.bias": np.zeros(len(texts), dtype=np.float16)}
    odds = Layers({**weights, **head}).log_odds(token_states(texts, LONGEST))
    assert odds.argmax(axis=1).tolist() == list(range(len(texts)))
    assert np.allclose(np.exp(odds).sum(axis=1), 1)


def test_states_do_not_depend_on_row_order_and_stop_at_the_longest() -> None:
    texts = ["The driver was late again.", "love it", "word " * 300]
    straight, turned = token_states(texts, 16), token_states([*reversed(texts), texts[0]], 16)
    assert [len(s) for s in straight] == [8, 4, 16]
    assert all(np.array_equal(a, b) for a, b in zip(straight, turned[:3][::-1], strict=True))
    assert np.array_equal(turned[3], straight[0])


@pytest.mark.slow
def test_layers_learn_labels_and_learn_them_again() -> None:
    names, y = np.unique(NAMES, return_inverse=True)
    states = token_states(SAID, 64)
    layers, again = (tune(states, y, np.ones(len(names)), seed=7) for _ in range(2))
    assert (layers.log_odds(states).argmax(axis=1) == y).mean() > 0.9
    assert all(np.array_equal(w, again.weights[name]) for name, w in layers.weights.items())


def test_with_many_labels_kernels_and_layers_are_heard_and_saved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(classify, "MANY_LABELS", len(SAID))
    vectors = load_encoder().encode(SAID)
    model = fit(SAID, vectors, NAMES)
    assert model.layers is not None
    assert fit(SAID, vectors, NAMES, deep=False).layers is None
    asked = ["our shipment was late by a week", "the boxes came crushed"]
    odds = model.probabilities(asked, load_encoder().encode(asked))
    assert np.allclose(odds.sum(axis=1), 1)
    assert np.array(model.classes)[odds.argmax(axis=1)].tolist() == ["late", "damage"]
    model.save(tmp_path / "model.npz")
    loaded = Classifier.load(tmp_path / "model.npz")
    assert np.array_equal(loaded.probabilities(asked, load_encoder().encode(asked)), odds)
