"""What is understood of a question: slot by slot, without any data but names."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.questions import Question
from assistant.understand.entities import Vocabulary
from assistant.understand.read import understand

TODAY = date(2026, 10, 31)
NAMES = Vocabulary(
    {
        "customer": [("C-1", "Acme Foods"), ("C-2", "Acme Holding"), ("C-3", "Globex"), ("C-4", "Halvorsen Marine")],
        "region": [("north", "north"), ("south", "south")],
        "carrier": [("Norrland", "Norrland")],
        "ship_from": [("Dallas", "Dallas"), ("Reno", "Reno")],
        "service_tier": [("gold", "gold"), ("platinum", "platinum")],
        "category": [("bearings", "bearings"), ("packaging", "packaging")],
        "product": [("P-1", "Steel strap XL")],
        "industry": [("healthcare", "healthcare")],
        "country": [("France", "France")],
        "theme": [("T001", "Account manager thinks")],
    }
)


def read(question: str) -> Question:
    return understand(question, NAMES, TODAY)


@pytest.mark.parametrize(
    ("question", "slots"),
    [
        ("revenue of globex last month", {"metrics": ("revenue",), "operation": None}),
        ("revenue by industry and region", {"by": ("industry", "region"), "operation": "breakdown"}),
        ("sales per rep for 2026", {"by": ("account_owner",)}),
        ("top 3 products by units", {"operation": "rank", "by": ("product",), "limit": 3}),
        ("best month ever", {"operation": "trend", "grain": "month", "metrics": ("revenue",)}),
        ("worst week for otd this year", {"operation": "trend", "grain": "week", "metrics": ("otd",)}),
        ("which carriers do we use", {"operation": "members", "by": ("carrier",)}),
        ("list gold customers in the north", {"operation": "members", "by": ("customer",)}),
        ("which segment loses money", {"metrics": ("customer_net_margin",), "having": ("<", 0.0)}),
        ("gross margin % by category", {"metrics": ("gross_margin.share",)}),
        ("median first response time", {"metrics": ("first_response_hours",), "unknown": ()}),
        ("days of supply by warehouse", {"metrics": ("days_of_supply",), "by": ("location",)}),
        ("how often does globex order", {"metrics": ("order_frequency",)}),
        ("revenue per order", {"metrics": ("aov",)}),
        ("backlog by warehouse", {"metrics": ("open_order_age.orders",), "by": ("ship_from",)}),
        ("how many orders are late right now", {"state": "overdue"}),
        ("percentage of orders delivered late", {"state": "late"}),
        ("who has not ordered since june", {"operation": "lapsed"}),
        ("which customers stopped buying", {"operation": "lapsed"}),
        ("who did not order in june 2026", {"operation": "lapsed", "record_state": None}),
        ("which customers stopped buying in 2025", {"operation": "lapsed", "record_state": "stopped"}),
        ("which customers never ordered", {"operation": "lapsed", "record_state": "never"}),
        ("lost customers by region", {"metrics": ("churn_rate",), "by": ("region",)}),
        ("summary of revenue by region", {"metrics": ("revenue",), "by": ("region",), "operation": "breakdown"}),
        ("contracts running out this year", {"operation": "records", "kind": "contract"}),
        ("do the records back up the complaints of globex", {"operation": "claims"}),
        ("complaints about wrong items in the north", {"topic": "wrong items"}),
        ("overdue invoices of globex", {"operation": "records", "kind": "invoice", "record_state": "overdue"}),
        ("which contracts end this year", {"operation": "records", "kind": "contract", "record_state": "ending"}),
        ("contacts at globex", {"operation": "records", "kind": "contact"}),
        ("is globex's complaint about late deliveries right", {"operation": "claims", "claims": ("late",)}),
        ("brief on globex", {"operation": "brief"}),
        ("what should we do about halvorsen", {"operation": "advise"}),
        ("when did globex last order", {"operation": "who"}),
        ("who is the account manager of globex", {"operation": "who"}),
        ("customers at risk of leaving", {"metrics": ("churn_risk",), "label": "high"}),
        ("which customers are over-served", {"metrics": ("tier_gap",), "label": "over"}),
        ("what do customers say about invoices", {"topic": "invoices", "metrics": ()}),
        ("what's the difference between fill rate and otif", {"operation": "define", "metrics": ("fill_rate", "otif")}),
    ],
)  # fmt: skip
def test_a_question_is_read_as_it_is_meant(question: str, slots: dict[str, object]) -> None:
    found = read(question)
    assert {k: getattr(found, k) for k in slots} == slots
    assert found.unknown == ()


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("which customers have not returned anything", "not"),
        ("revenue but not orders if possible", "if"),
        ("should we raise revenue", "should"),
        ("revenue of customers without returns", "without"),
        ("when is the revenue", "when"),
        ("revenue in the third", "third"),
        ("who is the president of france", "president"),
        ("how many returns are overdue", "overdue"),
        ("revenue by order", "order"),
    ],
)
def test_a_word_that_changes_the_question_is_never_passed_over(question: str, word: str) -> None:
    assert word in [w.lower() for w in read(question).unknown]


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("first week of october", date(2026, 10, 1), date(2026, 10, 7)),
        ("last week of september 2025", date(2025, 9, 24), date(2025, 9, 30)),
        ("second half of february 2025", date(2025, 2, 16), date(2025, 2, 28)),
        ("between 1 and 15 october", date(2026, 10, 1), date(2026, 10, 15)),
        ("october 3 to 9", date(2026, 10, 3), date(2026, 10, 9)),
        ("same period last year", date(2025, 1, 1), date(2025, 10, 31)),
    ],
)
def test_parts_of_months_are_periods(said: str, start: date, end: date) -> None:
    period = read(f"revenue {said}").period
    assert period is not None
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("revnue of globx", "revenue of globex"), ("ordres by regoin", "orders by region"), ("retrun rate", "return rate"), ("TOP 5 CUSTOMERS", "top 5 customers")],
)  # fmt: skip
def test_typing_errors_are_mended(typed: str, meant: str) -> None:
    one, other = read(typed), read(meant)
    assert (one.metrics, one.by, one.operation, [e.value for e in one.entities]) == (
        other.metrics, other.by, other.operation, [e.value for e in other.entities],
    )  # fmt: skip


def test_words_of_articles_are_right_as_they_are() -> None:
    assert [e.value for e in read("stock of steel strap xl").entities] == ["P-1"]


def test_two_accounts_of_a_name_are_asked() -> None:
    assert [c.label for c in read("revenue of acme").choices] == ["Acme Foods", "Acme Holding"]


def test_a_choice_made_before_is_told() -> None:
    found = understand("revenue of acme", NAMES, TODAY, preferred={"acme": "C-1"})
    assert [e.value for e in found.entities] == ["C-1"]
    assert found.assumed == (("acme", "Acme Foods"),)
