"""Messages of several sentences and several figures: what asks, what only tells, and each figure for itself."""

from __future__ import annotations

import pytest

from assistant import parts
from assistant.reader.spans import one_time
from assistant.reader.tagged import marked


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("They're asking me for more", True),
        ("My boss believes rush is free.", True),
        ("the customer has rung me twice this morning", True),
        ("I need the revenue of Acme", False),
        ("what did Acme buy", False),
        ("is it late?", False),
        ("the revenue of Acme, please", False),
    ],
)
def test_sentences_that_state_something_ask_nothing(sentence: str, states: bool) -> None:
    assert parts.states(sentence) is states


def test_a_statement_beside_a_question_is_left_out() -> None:
    pieces = parts.split("What discount did we give Acme? They're asking me for more.")
    tagged = [marked("What [m|discount] did we give [n|Acme]?", "value"), marked("They're [m|asking] me for more.", "value")]
    assert parts.asking(pieces, tagged) == ["What discount did we give Acme?"]


def test_whom_a_statement_is_about_goes_with_the_question() -> None:
    tagged = [marked("I have [n|Acme] on the line.", "small talk or help"), marked("[m|open orders]?", "count")]
    assert parts.asking(["I have Acme on the line.", "open orders?"], tagged) == ["Acme: open orders?"]


def test_several_figures_of_one_customer_are_asked_one_by_one() -> None:
    said = marked(
        "[n|Orrin Polymers]: [m|revenue] [p|last 12 months], [m|on time %], [c|open] [m|complaints] pls", "several figures"
    )
    assert parts.measured_apart(said.text, said) == [
        "Orrin Polymers: revenue last 12 months pls",
        "Orrin Polymers: on time % last 12 months pls",
        "Orrin Polymers: open complaints last 12 months pls",
    ]


def test_one_figure_stays_one_question() -> None:
    said = marked("[m|time] it takes [m|to answer] in [p|May]", "value")
    assert parts.measured_apart(said.text, said) == [said.text]


@pytest.mark.parametrize(
    ("said", "one"),
    [
        ("[m|orders], [p|q1 to] [q|q3 2011]", True),
        ("[m|orders] [p|from March until] [p|May]", True),
        ("[m|orders] [p|q1] against [q|q3 2011]", False),
        ("[m|orders] [p|q1 2011]", False),
    ],
)
def test_a_time_that_reaches_to_another_is_one_time(said: str, one: bool) -> None:
    tagged = marked(said, "compare periods")
    assert one_time(tagged.text, tagged.spans) is one
