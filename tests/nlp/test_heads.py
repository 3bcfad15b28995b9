"""Classifiers that ship fitted: they are those of today's sentences, and others are fitted anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlp import claims, heads, safety
from nlp.classify import fit
from nlp.encoder import load_encoder

SENTENCES = [
    "the pallet arrived a week late",
    "she cut her hand on the burr",
    "thank you for the quick answer",
    "two boxes were missing",
]


@pytest.mark.parametrize(("name", "given"), [("claims", claims.examples), ("safety", safety.labelled)])
def test_what_ships_was_fitted_on_todays_sentences(name: str, given) -> None:  # type: ignore[no-untyped-def]
    made_of = json.loads(heads.MADE_OF.read_text(encoding="utf-8"))
    assert made_of[name] == heads.digest(*given(), load_encoder().name), "run `python -m nlp.heads`"


def test_what_ships_says_what_a_fit_says() -> None:
    encoder = load_encoder()
    vectors = encoder.encode(SENTENCES)
    texts, labels = safety.labelled()
    fitted = fit(texts, encoder.encode(texts), labels, deep=False)
    shipped = heads.head("safety", texts, labels, encoder)
    assert shipped.classes == fitted.classes
    assert np.abs(shipped.probabilities(SENTENCES, vectors) - fitted.probabilities(SENTENCES, vectors)).max() < 1e-4


def test_other_sentences_are_fitted_anew(tmp_path: Path) -> None:
    encoder = load_encoder()
    told = (["it came late", "delivered two days late", "all good", "very happy"], ["late", "late", "fine", "fine"])
    heads.write({"small": told}, encoder, tmp_path)
    (tmp_path / "small.npz").write_bytes(b"never read for other sentences")
    other = ([*told[0], "nothing here"], [*told[1], "none"])
    assert heads.head("small", *other, encoder, folder=tmp_path).classes == ("fine", "late", "none")
