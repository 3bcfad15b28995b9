"""Names that a person would give: phrases by their stems, in their usual wording, and none where nothing is in common."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.terms import Phrasebook, loose, phrases, says_again, stem, stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("delayed", "delay"), ("delays", "delay"), ("cancelled", "cancel"), ("cancellation", "cancel"), ("deliveries", "delivery"),
        ("boxes", "box"), ("updating", "update"), ("issues", "issue"), ("shipped", "shipping"), ("quickly", "quick"),
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_stay_different() -> None:
    assert len({stem(w) for w in ("bus", "busy", "price", "prize", "boss", "box", "delay", "deliver")}) == 8


def test_a_phrase_is_the_same_in_any_wording_and_a_denial_belongs_to_it() -> None:
    assert set(phrases("lost my bag")) & set(phrases("my bag was lost")) >= {frozenset({"lost", "bag"})}
    assert frozenset({"not", "repli"}) in phrases("no reply")
    assert phrases("we are on hold again")[frozenset({"hold"})] == "on hold"
    assert not any(len(k) > 1 for k in phrases("late, bag"))  # not across a comma


def test_what_sets_a_group_apart_and_what_does_not() -> None:
    late = ["the driver came late"] * 6 + ["the driver was late again"] * 6
    mixed = [
        f"{w} {v}"
        for w, v in zip(["red", "blue", "cat", "sun", "tree", "sea"], ["ink", "dog", "hat", "bed", "cup", "pen"], strict=True)
    ]
    book = Phrasebook.of([*late, *mixed, *["the driver smiled"] * 4])
    found = book.describe(np.arange(12))
    assert not found.mixed
    assert stems(found.phrases[0][0]) == {"driver", stem("late")}
    assert stems(" ".join(found.words)) <= {"driver", stem("late")}
    assert "driver" not in stems(" ".join(book.describe(np.arange(12), frozenset({"driver"})).words))


def test_texts_without_words_have_no_phrases() -> None:
    book = Phrasebook.of(["!!!", "", "5"])
    assert book.describe(np.arange(3)).phrases == ()


def test_a_phrase_says_nothing_again() -> None:
    book = Phrasebook.of(["rude gate agent at the desk", "rude gate agent, rude desk", "gate closed early", "early gate"] * 5)
    rude = np.arange(20)[np.arange(20) % 4 < 2]
    assert "rude gate agent" in dict(book.describe(rude).phrases)
    assert all(stems(p).isdisjoint(stems("gate agent")) for p, _ in book.describe(rude, stems("gate agent")).phrases)
    assert says_again("the order of orders")
    assert says_again("top-up a top")
    assert not says_again("the order of the day")


def test_words_with_a_hyphen_are_their_parts() -> None:
    assert stems("top-up") == stems("top up")
    assert phrases("the top-up failed")[frozenset({"top", "fail"})] == "top-up failed"
    assert stems("t-shirt") == {"shirt"}


def test_part_of_a_sentence_is_worth_less_than_a_name() -> None:
    assert not loose("late delivery of the order")
    assert loose("dispatch had it ready")
    said = ["crate had cracks", "lid with dents"] * 6
    worth = dict(Phrasebook.of([*said, *["other words here", "quite different text"] * 6]).describe(np.arange(12)).phrases)
    assert worth["lid with dents"] > worth["crate had cracks"]
