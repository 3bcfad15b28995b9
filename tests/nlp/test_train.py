"""A company's own labels: held-out scores, what more would buy, what to label next; and several labels a text."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from knowledge.errors import BadInput
from nlp.aspects import AspectTagger, learned
from nlp.encoder import load_encoder
from nlp.evaluate_aspects import eval_aspects
from nlp.multilabel import fit_tags, micro_f1
from nlp.taxonomy import load_taxonomy
from nlp.train import next_to_label, train
from tests.nlp.test_themes_and_reasons import PARTS

TEXTS = {t: [f"{h} {x}".strip() for h, x in itertools.product(*parts)] for t, parts in PARTS.items()}


@pytest.fixture(scope="module")
def labelled() -> tuple[list[str], list[str]]:
    pairs = sorted((t, name) for name, texts in TEXTS.items() for t in texts)
    return [t for t, _ in pairs], [n for _, n in pairs]


def test_labels_are_learned_and_scored_on_what_was_held_out(labelled: tuple[list[str], list[str]]) -> None:
    made = train(*labelled, load_encoder())
    assert made.examples == len(labelled[0])
    assert made.accuracy > 0.9
    assert 0 <= made.gain < 0.2
    assert made.per_label["examples"].sum() == made.examples
    assert set(made.per_label["label"]) == set(TEXTS)


def test_noise_is_not_mistaken_for_knowledge(labelled: tuple[list[str], list[str]]) -> None:
    mixed = np.random.default_rng(2).permutation(labelled[1]).tolist()
    assert train(labelled[0], mixed, load_encoder()).accuracy < 0.5


def test_next_are_the_unsure_and_no_two_alike(labelled: tuple[list[str], list[str]]) -> None:
    encoder = load_encoder()
    model = train(*labelled, encoder).model
    pool = [
        "the delivery was late",
        "the delivery was very late",
        "the portal is down",
        "late and crushed and billed twice",
        "who is our contact now",
    ]
    rows = next_to_label(model, list("abcde"), pool, encoder.encode(pool), 3)
    assert len(rows) == 3
    assert len({"a", "b"} & set(rows["id"])) <= 1
    assert rows["confidence"].is_monotonic_increasing or rows["confidence"].max() < 0.9


def test_what_was_learned_wins_where_it_is_sure(labelled: tuple[list[str], list[str]]) -> None:
    encoder = load_encoder()
    tagger = AspectTagger(load_taxonomy("supply_chain"), encoder)
    texts = ["Our order arrived too late because the truck broke down", "zzz"]
    vectors = encoder.encode(texts)
    told = learned(train(*labelled, encoder).model, texts, vectors, tagger.tag(vectors))
    assert told.aspect[0] == "late"
    assert told.aspect[1] is None


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(BadInput, match="least to learn from"):
        train(["a"] * 3, ["x", "y", "x"], load_encoder())


def test_several_labels_a_text() -> None:
    encoder = load_encoder()
    late, crushed = TEXTS["late"], TEXTS["damage"]
    texts = [*late, *crushed, *(f"{a}. {b}" for a, b in zip(late, crushed, strict=True)), *TEXTS["praise"]]
    labels = [["late"]] * 16 + [["damage"]] * 16 + [["late", "damage"]] * 16 + [[]] * 16
    tagger = fit_tags(texts, encoder.encode(texts), labels)
    asked = ["the shipment came late and the boxes were crushed", "goods arrived damaged", "very helpful support"]
    assert tagger.tags(asked, encoder.encode(asked)) == [["damage", "late"], ["damage"], []]


def test_micro_f1_counts_rows_and_labels() -> None:
    truth = np.array([[True, False], [True, True], [False, False]])
    found = np.array([[True, False], [False, True], [False, True]])
    assert micro_f1(truth, found) == pytest.approx(2 * 2 / (3 + 3))


def test_eval_aspects_reads_several_labels_and_their_polarity(tmp_path: Path) -> None:
    late, praise = TEXTS["late"], TEXTS["praise"]
    rows = [(t, "late", "negative") for t in late] + [
        (f"{p}. But {t.lower()}", "praise|late", "positive|negative") for p, t in zip(praise, late, strict=True)
    ]
    frame = pd.DataFrame([*rows, ("ok", "", "")], columns=["t", "l", "s"])
    frame.iloc[::2].to_csv(tmp_path / "a.csv", index=False)
    frame.iloc[1::2].to_csv(tmp_path / "b.csv", index=False)
    found = eval_aspects(tmp_path / "b.csv", "t", "l", "s", train=tmp_path / "a.csv")
    assert found["micro_f1"] > 0.9
    assert found["sentiment_accuracy"] > 0.9
    frame.assign(s="positive|negative|neutral").to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(BadInput, match="3 polarities for 1 labels"):
        eval_aspects(tmp_path / "c.csv", "t", "l", "s")
