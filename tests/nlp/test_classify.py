"""Labels learned from few or many examples; a saved model answers the same; sure answers are right as often as promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.errors import BadInput
from nlp.classify import Classifier, fit
from nlp.encoder import load_encoder

SAYS = {
    "late": ["the delivery was late", "it came two days after the promised date", "still waiting for our order", "the truck was delayed again"],
    "broken": ["the box was crushed", "goods arrived damaged", "it was broken when we opened it", "the pallet was dented and wet"],
    "invoice": ["the invoice is wrong", "we were billed twice", "the price on the bill is not the agreed one", "wrong amount charged"],
}  # fmt: skip
ASKED = {
    "late": "our shipment arrived a week late",
    "broken": "the parts came smashed in the carton",
    "invoice": "you charged us the wrong price",
}


@pytest.fixture(scope="module")
def model() -> Classifier:
    encoder = load_encoder()
    texts = [t for said in SAYS.values() for t in said]
    labels = [name for name, said in SAYS.items() for _ in said]
    return fit(texts, encoder.encode(texts), labels, encoder=encoder)


def test_few_examples_are_enough(model: Classifier) -> None:
    texts = list(ASKED.values())
    assert model.predict(texts, load_encoder().encode(texts)) == list(ASKED)


def test_it_may_abstain(model: Classifier) -> None:
    texts = ["the weather in Oslo is nice"]
    assert model.predict(texts, load_encoder().encode(texts), abstain_below=0.9) == [None]


def test_probabilities_are_ones(model: Classifier) -> None:
    texts = [*ASKED.values(), ""]
    odds = model.probabilities(texts, load_encoder().encode(texts))
    assert odds.shape == (4, 3)
    assert np.allclose(odds.sum(axis=1), 1)
    assert model.probabilities([], np.zeros((0, 384), dtype=np.float32)).shape == (0, 3)


def test_a_saved_model_answers_the_same(model: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    model.save(path)
    texts = list(ASKED.values())
    vectors = load_encoder().encode(texts)
    assert np.array_equal(Classifier.load(path).probabilities(texts, vectors), model.probabilities(texts, vectors))
    path.write_bytes(b"not a model")
    with pytest.raises(BadInput, match="not a saved classifier"):
        Classifier.load(path)


def test_the_order_of_examples_does_not_matter(model: Classifier) -> None:
    encoder = load_encoder()
    pairs = [(t, name) for name, said in SAYS.items() for t in said][::-1]
    turned = fit([t for t, _ in pairs], encoder.encode([t for t, _ in pairs]), [n for _, n in pairs], encoder=encoder)
    texts = list(ASKED.values())
    vectors = encoder.encode(texts)
    assert np.allclose(turned.probabilities(texts, vectors), model.probabilities(texts, vectors), atol=1e-3)


def test_one_label_is_not_enough() -> None:
    with pytest.raises(BadInput, match="only one label"):
        fit(["a", "b"], np.zeros((2, 384), dtype=np.float32), ["x", "x"])
