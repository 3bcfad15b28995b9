"""How people call figures, conditions and groups is data: every record leads to something that is there, and to one thing only."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from assistant.questions import Question
from assistant.reader import conditions as grammar
from assistant.reader import links, near
from assistant.reader.fitness import limits_figure
from assistant.reader.names import names_in
from assistant.reader.nouns import stems
from assistant.reader.outdone import without_state
from assistant.reader.spans import Workspace, with_names
from assistant.reader.tagged import Outside, Span
from assistant.understand import lexicon
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from knowledge.entities import conditions
from knowledge.entities.catalogue import attribute, said_conditions, said_groups, said_measures
from knowledge.entities.predicates import All, Compare, Did, both, leaves
from knowledge.metrics import find
from knowledge.records import Period

TODAY = Calendar(date(2026, 10, 31), 1, None, None)
WEEK = Period(date(2026, 11, 2), date(2026, 11, 8), "next week")


@pytest.mark.parametrize("key", sorted(said_measures()))
def test_a_saying_leads_to_a_figure_or_a_fact(key: str) -> None:
    name, _, state = key.partition(links.WHERE)
    if links.a_fact(name):
        assert attribute(name)
    else:
        assert find(name).name == name
    if state:
        assert conditions.parse(state, lambda _: None, name.split("(")[1].split(".")[0].rstrip(")"))


def test_no_saying_leads_to_two_figures() -> None:
    said = Counter(
        stems(phrase) for key, phrases in said_measures().items() if not links.a_fact(key) for phrase in set(phrases)
    )
    twice = [" ".join(words) for words, times in said.items() if times > 1]
    assert len(twice) <= 0.02 * len(said), twice


def test_groups_are_those_that_figures_are_cut_by() -> None:
    assert set(said_groups()) <= set(lexicon.DIMENSION_WORDS)


def test_every_condition_can_be_read() -> None:
    for of, says, means in said_conditions():
        text = means.replace("{n}", "5").replace("{start}", "2026-01-01").replace("{end}", "2026-01-31")
        assert conditions.parse(text, lambda _: WEEK, of), says


def around() -> grammar.Around:
    return grammar.Around(TODAY, Vocabulary({}), None, lambda _: None)


@pytest.mark.parametrize(
    ("text", "home", "predicate"),
    [
        ("> 50k", "quote", "quote.amount > 50000"),
        ("promised for next week", "order", "order.promised >= '2026-11-02' and order.promised <= '2026-11-08'"),
        ("due since may", "invoice", "invoice.due >= '2026-05-01'"),
        ("that end before march", "contract", "contract.ends <= '2026-02-28'"),
    ],
)
def test_conditions_on_dates_and_amounts(text: str, home: str, predicate: str) -> None:
    read = grammar.read(text, home, around())
    assert read.sure, read
    assert conditions.written(read.predicate).replace("(", "").replace(")", "") == predicate


@pytest.mark.parametrize("text", ["after their promised date in october", "more than 60 days", "above 20 percent"])
def test_what_is_about_something_else_is_not_read(text: str) -> None:
    assert not grammar.read(text, "invoice" if "days" in text else "order", around()).sure


def near_by(*ranked: tuple[str, float]) -> links.Nearest:
    return lambda _text, _kind: ranked


SHIPPED = ("order:order.shipped_yet = false|orders that have not been shipped", 0.9)
SOLVED = ("contact:contact.resolution_hours <= {n}|contacts solved within 24 hours", 0.84)
TOOK = ("contact:contact.resolution_hours > {n}|contacts that took more than 48 hours to solve", 0.82)


def test_a_sentence_fits_only_with_the_number_the_sign_and_the_no_that_are_said() -> None:
    meant = near.condition("haven't shipped yet", ("order",), near_by(SHIPPED), TODAY, None)
    assert meant == Compare("order.shipped_yet", "=", (False,))
    assert near.condition("shipped already", ("order",), near_by(SHIPPED), TODAY, None) is None
    within = near.condition("solved within two days", ("contact",), near_by(SOLVED, TOOK), TODAY, None)
    assert within == Compare("contact.resolution_hours", "<=", (48.0,))
    assert near.condition("solved quickly", ("contact",), near_by(SOLVED, TOOK), TODAY, None) is None


def test_a_sentence_about_another_state_is_not_meant() -> None:
    still_open = ("order:order.open = true|orders still open", 0.9)
    assert near.condition("delivered but nothing else", ("order",), near_by(still_open), TODAY, None) is None


class Tagged:
    """A question tagged by hand, with what has no role."""

    def __init__(self, spans: list[Span], outside: list[Outside]) -> None:
        self.spans, self.outside, self.op = spans, outside, [("value", 1.0)]

    def nearest(self, text: str, kind: str) -> list[tuple[str, float]]:
        return []


def test_names_of_several_words_are_the_workspaces_own() -> None:
    names = Vocabulary({"product": [["FIT-199", "Quick coupler 1/4 in"]], "segment": [["champions", "champions"]]})
    text = "sales of quick coupler 1/4 in to champions"
    cut = [Span("m", 0, 5, "sales"), Span("n", 9, 22, "quick coupler"), Span("p", 23, 26, "1/4")]
    outside = [Outside(33, 42, "champions", 0.4)]
    found = with_names(text, Tagged(cut, outside), names)
    assert [(s.role, s.text) for s in found.spans] == [("m", "sales"), ("n", "quick coupler 1/4 in"), ("n", "champions")]
    members, _, _ = names_in([s for s in found.spans if s.role == "n"], Workspace(names, TODAY, text=text), [])
    assert [m.value for m in members] == ["FIT-199", "champions"]


def test_average_value_of_things_is_an_attribute_of_theirs() -> None:
    assert links.aggregate_in("avg value of a return") == "mean(return.value)"
    assert links.aggregate_in("total value of invoices") == "sum(invoice.amount)"
    assert links.aggregate_in("how many returns") is None


def test_what_is_said_twice_holds_once() -> None:
    late = Compare("order.late", "=", (True,))
    assert both(late, late) == late
    assert both(both(late, Compare("order.rush", "=", (True,))), late) == All((late, Compare("order.rush", "=", (True,))))


def test_a_state_that_the_words_pass_over_is_not_dropped() -> None:
    shipped = Question("orders shipped", metrics=("count(order)",), only=Compare("order.shipped_yet", "=", (True,)))
    assert without_state(Question("orders shipped", metrics=("orders",)), shipped)
    assert not without_state(Question("late orders", metrics=("orders",), state="late"), shipped)
    assert not without_state(Question("revenue", metrics=("revenue",)), shipped)


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("customers who complained at least 3 times", False),
        ("with revenue above 3", False),
        ("with average order value above 3", True),
        ("above 3", True),
        ("of at least 3 dollars", True),
    ],
)
def test_a_limit_of_the_figure_is_no_place_for_that_of_another(said: str, fits: bool) -> None:
    assert limits_figure(Question("", metrics=("aov",), having=(">=", 3.0)), said) is fits


def test_so_much_money_is_no_number_of_orders() -> None:
    orders = Question("", metrics=("orders",), having=(">", 5000.0))
    assert not limits_figure(orders, "above 5000 dollars")
    assert limits_figure(orders, "above 5000")


def test_who_ordered_has_not_ordered_only_once() -> None:
    told = grammar.read("who ordered on the web", "customer", around())
    assert not any(isinstance(leaf, Did) and leaf.most == 1 for leaf in leaves(told.predicate))
    once = grammar.read("who ordered only once", "customer", around()).predicate
    assert isinstance(once, Did)
    assert (once.least, once.most) == (1, 1)


@pytest.mark.parametrize("home", ["order", "customer"])
def test_on_time_is_two_words_with_a_hyphen_too(home: str) -> None:
    told = [grammar.read(said, home, around()).predicate for said in ("on-time orders", "on time orders")]
    assert told[0] == told[1] is not None
