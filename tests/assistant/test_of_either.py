"""Members of one dimension are of either; what one is compared with keeps the conditions; a number is that of its unit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.reader import conditions
from assistant.understand import lexicon
from knowledge.access import Reader
from tests.assistant.conftest import Ask
from tests.assistant.test_sayings import around


def test_customers_of_two_tiers_are_of_either(ask: Ask, reader: Reader) -> None:
    customers, orders = reader.frame("customers"), reader.frame("orders")
    since = orders[orders["ordered_at"].dt.tz_convert("UTC").dt.date > (reader.snapshot.as_of - timedelta(days=90)).date()]
    silent = customers[
        customers["service_tier"].isin(["gold", "platinum"]) & ~customers["customer_id"].isin(since["customer_id"])
    ]
    told = ask("gold and platinum customers with no order in the last 90 days", conversation="either")
    told = ask("yes", conversation="either") if told.status == "clarify" else told
    assert told.status == "answered"
    assert told.figures[0].value == len(silent)


def test_a_condition_stays_on_both_sides(ask: Ask) -> None:
    answer = ask("compare late orders of Albany with the other warehouses")
    whole = ask("how many late orders do we have")
    late = [float(f.value) for f in answer.figures if f.unit == "count" and not f.group][:2]
    assert answer.status != "answered" or sum(late) == float(whole.figures[0].value)


@pytest.mark.parametrize(
    ("text", "home", "attribute", "value"),
    [
        ("unresolved for more than one week", "contact", "contact.open_days", 7.0),
        ("open for more than 2 weeks", "contact", "contact.open_days", 14.0),
        ("late by more than a month", "order", "order.days_late", 30.0),
        ("with more than 20% discount", "line", "line.discount_share", 0.2),
        ("with a rating below 3", "comment", "comment.rating", 3.0),
    ],
)
def test_a_number_is_that_of_its_unit(text: str, home: str, attribute: str, value: float) -> None:
    told = conditions.read(text, home, around())
    assert told.sure
    assert (told.predicate.attribute, told.predicate.values) == (attribute, (value,))  # type: ignore[union-attr]


@pytest.mark.parametrize("question", ["invoices paid over 30 days late", "orders rated 1 or 2 since june"])
def test_days_are_no_money_and_a_bare_number_is_no_condition(question: str, ask: Ask) -> None:
    answer = ask(question)
    assert "amount above 30" not in answer.text
    assert "order value" not in answer.text


def test_what_things_have_is_a_group_with_their_noun() -> None:
    assert lexicon.dimension_phrases()["customer size"] == "size"
    assert lexicon.dimension_phrases()["product category"] == "category"


def test_us_is_the_country_in_capitals_or_with_an_article(ask: Ask) -> None:
    whole = ask("revenue in 2026").figures[0].value
    for question in ("revenue in the US in 2026", "US revenue in 2026", "revenue in the us in 2026"):
        assert ask(question).figures[0].value == ask("revenue in the United States in 2026").figures[0].value < whole, question
    assert ask("revenue of customers that bought from us in 2026").plan.get("entities", []) == []


def test_what_was_rated_is_the_rating(ask: Ask, reader: Reader) -> None:
    comments, orders = reader.frame("feedback"), reader.frame("orders").query("status != 'cancelled'")
    low = comments[comments["rating"].isin([1, 2])]["order_id"]
    told = ask("list of orders rated 1 or 2", conversation="rated")
    told = ask("yes", conversation="rated") if told.status == "clarify" else told
    assert told.figures[0].value == orders["order_id"].isin(low).sum()
