"""What a name holds for, and what is no name: denied words, judgements alone, names for too few."""

from __future__ import annotations

import numpy as np

from nlp.candidates import Candidate, Held, known, together
from nlp.holding import Members, denied, said


def members(*texts: str, mood: int = -1) -> Members:
    return Members(texts, np.zeros((len(texts), 2), dtype=np.float32), np.full(len(texts), mood, dtype=np.int64))


def test_a_denial_reaches_what_it_denies() -> None:
    assert denied(said("the engine did not start")) == {"not start"}
    assert denied(said("not now. the engine started")) == set()
    assert said("runs great") != said("runs")  # a judgement matters in a wording


def test_a_wording_holds_for_those_that_say_it_and_not_for_those_that_deny_it() -> None:
    told = members("we recommend this oven", "would not recommend it", "a nice oven", "an oven to recommend")
    flags, turned = told.in_words([said("recommend oven"), said("not recommend"), said("recommend")])
    assert flags.T.tolist() == [[True, False, False, True], [False, True, False, False], [True, False, False, True]]
    assert turned.round(2).tolist() == [0.0, 0.0, 0.33]


def test_meaning_counts_only_beyond_what_says_less_of_the_same() -> None:
    near = np.array(
        [[1.0, 0.0], [0.6, 0.8]], dtype=np.float32
    )  # the first clause is like the topic, the second like the whole wording
    told = Members(("about ovens", "the oven smokes"), near, np.zeros(2, dtype=np.int64))
    wordings = np.array([[0.8, 0.6], [1.0, 0.0]], dtype=np.float32)
    flags = told.in_meaning([said("oven smokes"), said("oven")], wordings)
    assert flags.T.tolist() == [[False, True], [True, True]]


def test_a_mixed_name_tells_two_things() -> None:
    def held(text: str, flags: list[bool]) -> Held:
        return Held(Candidate(text, said(text), True, True), 1.0, np.array(flags), 0.1, np.zeros(2, dtype=np.float32))

    first = held("late ferries", [True, True, False, False])
    more = [held("ferry timetable", [False, False, True, True]), held("cold soup", [False, False, True, False])]
    other = together(first, more)
    assert other is not None
    assert other.candidate.text == "cold soup"  # says nothing that the first says


def test_a_typo_is_not_known() -> None:
    assert known("purchase")
    assert known("laptops")
    assert not known("purchsae")
