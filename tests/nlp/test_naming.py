"""Names: whole, written as people write them, saying nothing twice; an upper name holds for what is under it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from nlp.candidates import Candidate, Held
from nlp.encoder import Vectors
from nlp.holding import Members, said
from nlp.naming import Casing, in_mood, name_groups, name_parents, usual_wording
from nlp.terms import Described, Phrasebook, says_again, stems

AS_TYPED = Casing.of([])


def alike(texts: Sequence[str]) -> Vectors:
    """Every text the same vector: meaning decides nothing."""
    return np.ones((len(texts), 2), dtype=np.float32)


NOTHING = np.zeros(2, dtype=np.float32)
CENTRES, ORIGIN = np.ones((3, 2), dtype=np.float32), np.zeros(2, dtype=np.float32)


def test_a_name_is_not_cut_out_of_what_is_always_said() -> None:
    said = ["a rude gate agent", "rude gate agents were there", "what a rude gate agent!", "they hung up on me", "it hung up"]
    assert usual_wording(said, "rude gate", 0.6) == "rude gate agent"
    assert (
        usual_wording(["I hung it there", "they hung up"], "hung", 0.8) == "hung"
    )  # never alike: the word itself, never nothing
    assert usual_wording(said[3:], "hung", 0.8) == "hung up"


@pytest.mark.parametrize(
    ("text", "told", "want"),
    [
        ("we had been dropped there", "dropped", "dropped"),  # no auxiliary in front
        ("they did not call ahead", "call", "did not call ahead"),  # but a denial, and a particle behind
        ("forgot it on the staging lane", "staging", "staging lane"),
        ("the price is above that of others", "price", "price"),
        ("an order of orders", "order", "order"),  # no word twice
    ],
)
def test_what_is_added_to_a_name_stands_by_itself(text: str, told: str, want: str) -> None:
    assert usual_wording([text] * 3, told, 0.8) == want


def test_no_words_that_are_to_be_avoided_come_in_by_the_wording() -> None:
    assert usual_wording(["late delivery again"] * 3, "late", 0.8) == "late delivery"
    assert usual_wording(["late delivery again"] * 3, "late", 0.8, stems("deliveries")) == "late"


def test_capitals_are_as_people_write_them() -> None:
    casing = Casing.of(
        [
            "the EDI order",
            "an EDI file",
            "our EDI is down",
            "write to Twitter now",
            "on Twitter",
            "see Twitter",
            "Orders came",
            "THE ORDER",
        ]
    )
    assert casing.shown("edi order on twitter") == "EDI order on Twitter"
    assert Casing.of(["my iPad is here", "an iPad", "the iPad"]).shown("ipad on the flight") == "iPad on the flight"
    assert AS_TYPED.shown("shorter than i expected of the product") == "Shorter than I expected of product"
    assert AS_TYPED.shown("") == ""


def members(*texts: str, mood: int = 0) -> Members:
    return Members(texts, np.zeros((len(texts), 2), dtype=np.float32), np.full(len(texts), mood, dtype=np.int64))


def test_names_differ_and_fall_back_on_words() -> None:
    phrases = (("late delivery", 1.0), ("slow truck", 0.5))
    told = [
        Described((), ("late",), phrases, 1.0),
        Described((), ("late",), phrases, 1.0),
        Described((), ("food", "drink"), (), 1.0),
    ]
    groups = [
        members("a late delivery", "late deliveries"),
        members("a slow truck", "the truck was slow"),
        members("some food", "a drink"),
    ]
    named = [n.name for n in name_groups(told, groups, CENTRES, ORIGIN, alike, AS_TYPED)]
    assert named == ["Late delivery", "Slow truck", "Mixed: food, drink"]


def test_a_name_holds_for_a_fifth_or_says_that_it_is_mixed() -> None:
    odd = ["bent oars", "wet towels", "loud horn", "torn flag", "blunt knife", "dim lamp", "stiff rope", "dirty deck"]
    told = [Described((), ("ferry", "soup"), (("late ferry", 1.0), ("cold soup", 0.9)), 1.0)]
    few = members("a late ferry", "the late ferry", "cold soup", "the cold soup", *odd)
    assert name_groups(told, [few], CENTRES[:1], ORIGIN, alike, AS_TYPED)[0].name.startswith("Mixed: ")
    many = members("a late ferry", "the late ferry", "late ferries", "what a late ferry", *odd)
    assert name_groups(told, [many], CENTRES[:1], ORIGIN, alike, AS_TYPED)[0].name == "Late ferry"


@pytest.mark.parametrize(
    ("moods", "want"),
    [([-1] * 8 + [0] * 2, "problems with seats"), ([-1] * 4 + [0] * 6, "questions and complaints about seats"),
     ([1] * 8 + [0] * 2, "praise for seats"), ([1] * 4 + [-1] * 6, "seats"), ([0] * 10, "seats")],
)  # fmt: skip
def test_a_mere_topic_says_in_which_mood_it_is_spoken_of(moods: list[int], want: str) -> None:
    group = Members(["seats"] * 10, np.zeros((10, 2), dtype=np.float32), np.array(moods))
    flags = np.ones(10, dtype=bool)
    assert in_mood(Held(Candidate("seats", said("seats"), True, True), 1.0, flags, 1.0, NOTHING), group) == want
    assert (
        in_mood(Held(Candidate("broken seats", said("broken seats"), False, True), 1.0, flags, 1.0, NOTHING), group)
        == "broken seats"
    )
    assert (
        in_mood(Held(Candidate("seat delays", said("seat delays"), True, True), 1.0, flags, 1.0, NOTHING), group)
        == "seat delays"
    )


def test_an_upper_name_holds_for_its_parts_or_tells_two_of_them() -> None:
    phrases = (("late delivery", 1.0), ("refund", 0.4))
    told = [Described((), (), phrases, 1.0)] * 3
    children = [
        [
            ("Refund asked for", stems("refund")),
            ("Slow refund", stems("slow refund")),
            ("Refund by cheque", stems("refund cheque")),
        ],
        [("Weather", stems("weather")), ("A very long name of five", stems("long name")), ("Food", stems("food"))],
        [("Only one", stems("one"))],
    ]
    assert name_parents(told, children, CENTRES, ORIGIN, alike, AS_TYPED) == ["Refund", "Weather, food", "Only one"]


def test_whatever_is_said_a_reason_never_says_its_theme_again() -> None:
    draw = random.Random(5)
    vocabulary = "late truck driver dock box crushed label price invoice wrong order-number top-up reply mail nobody not the a of was".split()
    for _ in range(30):
        texts = [" ".join(draw.choices(vocabulary, k=draw.randint(2, 9))) for _ in range(60)]
        theme = stems(" ".join(draw.choices(vocabulary, k=2)))
        book = Phrasebook.of(texts)
        found = book.describe(np.arange(25), theme, 0.05)
        for phrase in [*(p for p, _ in found.phrases), *found.words]:
            whole = usual_wording(texts[:25], phrase, 0.3, theme)
            assert stems(phrase).isdisjoint(theme)
            assert stems(whole).isdisjoint(theme)
            assert not says_again(whole)
