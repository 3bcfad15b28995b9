"""Turns of a thread: the same thing asked about again, and kinds of question that take what they leave out from the question before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.questions import Entity, Question
from assistant.reader.spans import Workspace
from assistant.reader.tagged import marked
from assistant.reader.turns import turned
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from knowledge.entities.predicates import Compare
from knowledge.records import Period
from tests.assistant.conftest import Ask

NAMES = Vocabulary({"region": [["north", "north"], ["south", "south"]], "carrier": [["Norrland", "Norrland"]]})
WHERE = Workspace(NAMES, Calendar(date(2026, 10, 31), 1, None, None))
Q3 = Period(date(2026, 7, 1), date(2026, 9, 30), "Q3 2026")
NORTH = Entity("region", "north", "north", 0, 5, 1.0)
BY_OWNER = Question("revenue by account owner", "breakdown", ("revenue",), entities=(NORTH,), by=("account_owner",), period=Q3)


def turn(text: str, kind: str, last: Question) -> Question | None:
    said = marked(text, kind)
    return turned(said.text, last, said, replace(WHERE, text=said.text))


def test_what_else_is_known_of_an_order_is_asked_without_its_number() -> None:
    order = Question("where is order 48213", "order", order_id="48213")
    made = turn("and when had we [m|promised it]?", "follow: measure", order)
    assert made is not None
    assert (made.operation, made.things, made.facts) == ("facts", "order", ("order.promised",))
    assert made.only == Compare("order.id", "=", ("48213",))
    carrier = turn("ok n [m|who is the carrier]", "who is", order)
    assert carrier is not None
    assert carrier.facts == ("order.carrier",)


def test_another_thing_is_no_fact_of_the_last_one() -> None:
    order = Question("where is order 48213", "order", order_id="48213")
    made = turn("[m|revenue] in the [n|south]", "value", order)
    assert made is None or made.operation != "facts"


def test_the_worst_month_is_that_of_the_figure_before() -> None:
    made = turn("[k|worst] [g|month]?", "extreme over time", replace(BY_OWNER, by=(), operation="trend", grain="month"))
    assert made is not None
    assert (made.operation, made.metrics, made.entities, made.period) == ("rank", ("revenue",), (NORTH,), Q3)
    assert (made.order, made.grain) == ("asc", "month")


def test_who_grew_most_is_asked_of_the_groups_before() -> None:
    made = turn("who [k|grew the most] vs [q|q2]?", "growth rank", BY_OWNER)
    assert made is not None
    assert (made.operation, made.by, made.period) == ("growth", ("account_owner",), Q3)
    assert made.compare_to is not None
    assert made.compare_to.start == date(2026, 4, 1)
    second = turn("and [k|second]", "ordinal", made)
    assert second is not None
    assert (second.operation, second.by, second.place) == ("growth", ("account_owner",), 2)


def test_the_same_quarter_last_year_is_that_of_the_quarter_before() -> None:
    made = turn("and against [q|the same quarter last year]?", "compare periods", replace(BY_OWNER, by=(), operation=None))
    assert made is not None
    assert made.compare_to is not None
    assert (made.operation, made.period, made.compare_to.start, made.compare_to.end) == (
        "compare", Q3, date(2025, 7, 1), date(2025, 9, 30),
    )  # fmt: skip


def test_a_name_narrows_a_list_of_things_by_a_condition_on_them() -> None:
    late = Question("late orders", "things", things="order", only=Compare("order.late", "=", (True,)))
    made = turn("the [n|Norrland] ones", "follow: narrow", late)
    assert made is not None
    assert (made.operation, made.entities) == ("things", ())
    assert "Norrland" in str(made.only)


def test_a_question_out_of_scope_takes_nothing_from_the_thread() -> None:
    assert turn("[m|how many holiday days] have i got", "out of scope", BY_OWNER) is None


def test_why_customers_are_unhappy_is_no_question_of_the_figure_before(ask: Ask) -> None:
    ask("revenue in 2026 by month", conversation="unhappy")
    told = ask("why are customers unhappy?", conversation="unhappy")
    assert told.plan["operation"] in ("themes", "why")
    assert "revenue" not in told.plan.get("metrics", ())
