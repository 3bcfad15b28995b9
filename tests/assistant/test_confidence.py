"""A reading that is not likely to be what was asked is said back as a question; who says yes gets the answer."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.conversation import InMemory
from assistant.engine import Engine
from assistant.questions import Question, Turn
from assistant.reader.confidence import Signs, enough, likelihood
from assistant.said_back import said_back
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.entities.predicates import Compare
from tests.assistant.conftest import Ask

SURE = Signs(
    alike=1.0,
    agree=1.0,
    agree_wholly=1.0,
    kind=1.0,
    least=1.0,
    mean=1.0,
    near=1.0,
    ahead=0.4,
    words=1.4,
    follows=0.0,
    plain=1.0,
)
ANY = st.floats(0, 1, allow_nan=False)


@pytest.fixture(scope="module")
def doubting(company: Path) -> Engine:
    """An assistant that is sure of nothing."""
    made = Workspace(company).engine(memory=InMemory())
    made.likely = lambda _: 0.0
    return made


def turn(text: str, conversation: str | None = None) -> Turn:
    return Turn(text, Scope.of_role("manager"), conversation)


def test_a_reading_that_is_not_likely_is_said_back_and_answered_after_a_yes(doubting: Engine, ask: Ask) -> None:
    back = doubting.reply(turn("revenue by region in 2026", "t1"))
    assert back.status == "clarify"
    assert not back.figures
    assert back.choices[0].label in back.text
    assert "revenue by region" in back.text
    told = doubting.reply(turn("yes", "t1"))
    assert told.status == "answered"
    assert [f.value for f in told.figures] == [f.value for f in ask("revenue by region in 2026").figures]


@pytest.mark.parametrize("reply", ["1", "yes please", "Yes, exactly."])
def test_a_yes_has_many_forms(doubting: Engine, reply: str) -> None:
    doubting.reply(turn("orders by month in 2026", f"t-{reply}"))
    assert doubting.reply(turn(reply, f"t-{reply}")).status == "answered"


def test_who_says_something_else_is_heard(doubting: Engine) -> None:
    doubting.reply(turn("orders by month in 2026", "t3"))
    again = doubting.reply(turn("revenue in 2026", "t3"))
    assert again.status == "clarify"
    assert "revenue" in again.text
    assert "orders" not in again.text


@pytest.mark.parametrize(
    "question",
    [
        "whats the worst weekday for stuff leavin late",
        "How long until someone answers when a customer gets in touch?",
        "10 SKUs where we're guessing too high the most",
        "made to order stuff vs off-the-shelf stuff: avg days from order to door this yr",
    ],
)
def test_without_a_thread_a_choice_is_a_question_that_is_answered(question: str, ask: Ask) -> None:
    back = ask(question)
    assert back.status == "clarify"
    for choice in back.choices:
        assert ask(choice.question).status == "answered", choice


def test_what_is_left_without_a_word_that_nobody_knows_is_offered_not_answered(ask: Ask) -> None:
    back = ask("revenue of snazzy customers by region this year")
    assert back.status == "out_of_scope"
    assert "“snazzy”" in back.text
    assert not back.figures
    left = ask(back.nearest[0])
    assert {(f.metric, *f.group) for f in left.figures if f.group} == {("revenue", "region")}


def test_plain_questions_are_answered_without_one(ask: Ask) -> None:
    for question in ("revenue in 2026", "otd by carrier", "top 5 customers by revenue", "fill rate of Acme Industrial in 2026"):
        assert ask(question).status == "answered", question


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.builds(Signs, **{f.name: ANY for f in fields(Signs)}))
def test_a_likelihood_is_one(given_: Signs) -> None:
    assert 0 <= likelihood(given_) <= 1


@pytest.mark.parametrize("sign", ["alike", "mean", "near"])
def test_what_speaks_for_a_reading_makes_it_likelier(sign: str) -> None:
    assert likelihood(SURE) > likelihood(replace(SURE, **{sign: 0.2}))
    assert likelihood(SURE) > enough()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question("", metrics=("revenue",), by=("region",)), "revenue by region"),
        (Question("", metrics=("otd",), by=("carrier",), order="asc", limit=3), "carrier with the lowest on-time delivery, 3 of them"),
        (
            Question("", metrics=("orders",), only=Compare("order.late", "=", (True,))),
            "orders, only late orders",
        ),
        (Question("", things="order", only=Compare("order.late", "=", (True,))), "list of late orders"),
        (Question(""), ""),
    ],
)  # fmt: skip
def test_readings_are_said_back(question: Question, said: str) -> None:
    assert said_back(question, lambda _, member: member) == said


def test_a_question_with_a_word_that_nobody_knows_offers_the_reading_of_the_rest(ask: Ask) -> None:
    back = ask("How long until someone answers when a customer gets in touch?", conversation="guess")
    assert back.status == "clarify"
    assert not back.figures
    assert "first response" in back.choices[0].label
    told = ask("yes", conversation="guess")
    assert [f.value for f in told.figures] == [f.value for f in ask("first response time").figures[: len(told.figures)]]


def test_at_most_three_readings_are_offered_and_each_can_be_chosen(ask: Ask) -> None:
    back = ask("whats the worst weekday for stuff leavin late", conversation="three")
    assert back.status == "clarify"
    assert 1 <= len(back.choices) <= 3
    assert len({c.label for c in back.choices}) == len(back.choices)
    assert ask(back.choices[-1].label, conversation="three").status == "answered"


def test_what_goes_on_with_a_question_that_was_not_understood_goes_on_with_nothing(ask: Ask) -> None:
    ask("orders by carrier", conversation="lost")
    answer = ask("anything frobnicated yesterday? split by warehouse", conversation="lost")
    assert not any("orders" in f.metric for f in answer.figures)
