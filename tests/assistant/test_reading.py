"""What is understood of a question: slot by slot, without any data but names."""

from __future__ import annotations

from datetime import date

import pytest

from assistant import other_languages
from assistant.plan import AS_OF_NOW, make
from assistant.questions import Question
from assistant.understand.definitions import taken_out
from assistant.understand.entities import Vocabulary
from assistant.understand.read import understand
from knowledge.entities.conditions import parse
from knowledge.entities.predicates import Compare
from knowledge.errors import BadQuestion
from knowledge.records import Period

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
        ("revenue but not orders if they rose", "if"),
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
        ("in q4 last year", date(2025, 10, 1), date(2025, 12, 31)),
        ("in the first half of this year", date(2026, 1, 1), date(2026, 6, 30)),
        ("last quarter a year ago", date(2025, 7, 1), date(2025, 9, 30)),
        ("last year same quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("in the 3 months before last month", date(2026, 6, 1), date(2026, 8, 31)),
        ("in the first nine months of 2025", date(2025, 1, 1), date(2025, 9, 30)),
        ("in the 12 months to september 2026", date(2025, 10, 1), date(2026, 9, 30)),
        ("between march and may", date(2026, 3, 1), date(2026, 5, 31)),
        ("aug-oct 2026", date(2026, 8, 1), date(2026, 10, 31)),
        ("in week 23", date(2026, 6, 1), date(2026, 6, 7)),
        ("in the week of october 5", date(2026, 10, 5), date(2026, 10, 11)),
        ("in summer 2026", date(2026, 6, 1), date(2026, 8, 31)),
        ("since the end of march", date(2026, 4, 1), date(2026, 10, 31)),
        ("since the beginning of the year", date(2026, 1, 1), date(2026, 10, 31)),
        ("the day before yesterday", date(2026, 10, 29), date(2026, 10, 29)),
        ("last monday", date(2026, 10, 26), date(2026, 10, 26)),
        ("on 9/15/2026", date(2026, 9, 15), date(2026, 9, 15)),
        ("09/2026", date(2026, 9, 1), date(2026, 9, 30)),
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


@pytest.mark.parametrize(
    ("question", "one", "two"),
    [
        ("revenue last month vs the month before", date(2026, 9, 1), date(2026, 8, 1)),
        ("revenue q3 this year vs q3 last year", date(2026, 7, 1), date(2025, 7, 1)),
        ("september revenue compared with the same month last year", date(2026, 9, 1), date(2025, 9, 1)),
        ("revenue september vs a year earlier", date(2026, 9, 1), date(2025, 9, 1)),
        ("difference in revenue between september and august", date(2026, 9, 1), date(2026, 8, 1)),
        ("revenue may vs june", date(2026, 5, 1), date(2026, 6, 1)),
        ("revenue in q3 against last year", date(2026, 7, 1), date(2025, 7, 1)),
    ],
)
def test_two_periods_are_set_side_by_side(question: str, one: date, two: date) -> None:
    found = read(question)
    assert found.period
    assert found.compare_to
    assert (found.period.start, found.compare_to.start) == (one, two)


def test_what_is_before_is_told_from_the_thread() -> None:
    anchor = Period(date(2026, 4, 1), date(2026, 6, 30), "Q2 2026")
    found = understand("and the quarter before?", NAMES, TODAY, anchor=anchor)
    assert found.period
    assert found.period.start == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("revenue in july, august and september 2026", "September 2026"),
        ("share of revenue by region in q3 2026 and q2 2026", "Q2 2026"),
        ("revenue in late september", "late September 2026"),
        ("revenue a year ago", "ago"),
        ("revenue of north france", "north france"),
        ("average wage in the warehouse", "wage"),
        ("number of stores of globex", "stores"),
        ("orders over 10,000 dollars in 2025", "10,000"),
        ("overdue invoices over 90 days", "90"),
        ("satisfaction below 4", "4"),
        ("revenue target of globex", "target"),
        ("orders in q3 shipped 3 days before the promise", "3"),
        ("otd on monday", "monday"),
        ("our biggest customers with more than 10% of revenue", "10 %"),
        ("revenue of the 5 newest customers", "newest"),
        ("the two best months of 2025 by revenue for north and south", "months"),
    ],
)
def test_what_a_reading_would_leave_out_is_named(question: str, words: str) -> None:
    assert words in read(question).unknown


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Good morning, could you please tell me the revenue of globex in q3?", "revenue of globex in q3"),
        ("sorry to bother you, but do you happen to know how many orders we shipped out of Reno in March", "orders out of reno in march"),
        ("my boss is asking what our return rate was in the third quarter", "return rate in the third quarter"),
        ("for my presentation tomorrow i need the orders of globex in 2025", "orders of globex in 2025"),
        ("i'm putting together the monthly report and need sales by category for september", "sales by category for september"),
    ],
)  # fmt: skip
def test_courtesy_asks_nothing(question: str, plain: str) -> None:
    one, other = read(question), read(plain)
    assert one.unknown == ()
    assert (one.metrics, one.by, one.period, one.entities and one.entities[0].value) == (
        other.metrics, other.by, other.period, other.entities and other.entities[0].value,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "having", "metrics"),
    [
        ("which accounts bought for more than half a million in 2025", (">", 500000.0), ("revenue",)),
        ("customers with revenue > 50k", (">", 50000.0), ("revenue",)),
        ("who spent over two hundred thousand dollars", (">", 200000.0), ("revenue",)),
        ("accounts with otd below 90", ("<", 0.9), ("otd",)),
        ("which customers ordered at least 100 times in 2025", (">=", 100.0), ("orders",)),
    ],
)
def test_limits_in_words_and_signs(question: str, having: tuple[str, float], metrics: tuple[str, ...]) -> None:
    found = read(question)
    assert (found.having, found.metrics) == (having, metrics)


@pytest.mark.parametrize(
    "question", ["revenue other than packaging", "orders not placed in the north", "revenue of all but globex", "revenue apart from gold"]
)  # fmt: skip
def test_what_is_left_out_is_left_out(question: str) -> None:
    found = read(question)
    assert len(found.excluded) == 1
    assert not found.entities
    assert not found.unknown


def test_late_deliveries_are_counted_not_rated() -> None:
    assert read("number of late deliveries to globex").operation == "orders"
    by_carrier = read("late deliveries by carrier")
    assert (by_carrier.metrics, by_carrier.state) == ((), "late")


def test_a_number_is_an_order_where_its_delivery_is_asked() -> None:
    assert read("i need the delivery date of 41003").order_id == "41003"


def test_who_shrank_most_comes_first() -> None:
    found = read("which customers shrank the most in q3")
    assert (found.operation, found.order, found.by) == ("growth", "asc", ("customer",))


def test_the_figure_of_another_time_is_not_told() -> None:
    plan = make(read("clv of globex in 2025"), TODAY, Period(date(2024, 11, 1), TODAY, ""))
    assert (plan.status, plan.reason) == ("out_of_scope", AS_OF_NOW)


def test_two_accounts_of_a_name_are_asked() -> None:
    assert [c.label for c in read("revenue of acme").choices] == ["Acme Foods", "Acme Holding"]


def test_a_choice_made_before_is_told() -> None:
    found = understand("revenue of acme", NAMES, TODAY, preferred={"acme": "C-1"})
    assert [e.value for e in found.entities] == ["C-1"]
    assert found.assumed == (("acme", "Acme Foods"),)


def test_a_long_message_of_definitions_is_read_at_once() -> None:
    for text in (
        "where x is " * 4_000,
        "where revenue is " * 800 + "the sum of orders",
        "where " + "a " * 5_000 + "divided by b",
    ):
        assert taken_out(text)[1] or taken_out(text)[0] == text  # with quadratic searches this took half a minute


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Wie viele Aufträge haben wir im September verspätet geliefert?", "auf Englisch"),
        ("Quais são os cinco clientes de Espanha que mais compraram este ano?", "em inglês"),
        ("Combien de commandes avons-nous livrées en retard cette année?", "en anglais"),
        ("Hoeveel bestellingen hebben wij vorige maand te laat geleverd?", "in het Engels"),
    ],
)
def test_another_language_is_answered_in_it(asked: str, said: str) -> None:
    assert said in str(other_languages.sentence(asked))


def test_english_with_names_of_elsewhere_is_english() -> None:
    for text in (
        "orders of Königsberg Maschinenbau in September",
        "revenue acme",
        "otd blueroute q3 europe",
        "what did Müller say",
    ):
        assert other_languages.sentence(text) is None


def test_a_condition_about_comments_is_no_statement_of_sql() -> None:
    said = parse("comment.complaint = true", lambda _: None, "comment")
    assert said == Compare("comment.complaint", "=", (True,))
    with pytest.raises(BadQuestion):
        parse("late = true) or (1 = 1", lambda _: None, "order")


@pytest.mark.parametrize("question", ["revenue without lubricants and web", "revenue excluding web or lubricants in 2025"])
def test_a_name_joined_to_one_that_is_left_out_is_left_out_with_it(question: str) -> None:
    names = Vocabulary({"category": [["lubricants", "lubricants"]], "channel": [["web", "web"]]})
    asked = understand(question, names, date(2026, 10, 31))
    assert {e.value for e in asked.excluded} == {"lubricants", "web"}
    assert not asked.entities
