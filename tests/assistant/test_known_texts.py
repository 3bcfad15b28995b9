"""What shipped records say of themselves has its vectors with the product: they are those that would be made."""

from __future__ import annotations

import numpy as np

from assistant.reader.known import shipped
from nlp.tagger import known, load_tagger

EVERY = 97


def test_every_text_of_a_record_ships_with_its_vector() -> None:
    found = known.vectors(load_tagger().weights)
    missing = [t for t, kind in shipped() if known.key(t, kind) not in found]
    assert missing == [], "run python -m assistant.reader.known"


def test_the_vectors_are_those_that_would_be_made() -> None:
    tagger = load_tagger()
    for text, kind in shipped()[::EVERY]:
        stored, made = tagger.texts([text], kind)[0], tagger.made([text], kind)[0]
        assert np.abs(stored - made).max() < 0.002, text


def test_vectors_of_other_weights_are_not_used() -> None:
    assert known.vectors("another") == {}
