"""Ordinary words are told from misspelt ones."""

from nlp.words import ordinary


def test_ordinary_words_are_known_and_misspelt_ones_are_not() -> None:
    known = ordinary()
    assert {"early", "earlier", "cheap", "revenue"} <= known
    assert not {"revenu", "custmer", "quater", "delivry"} & known
