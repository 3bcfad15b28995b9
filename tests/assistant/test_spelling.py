"""Both ways to spell English are one to both readers; what is shown stays as it is."""

from __future__ import annotations

import pytest

from assistant.reader.nouns import stems
from assistant.understand import lexicon
from assistant.understand.spelling import american, british
from assistant.understand.tokens import Words, corrected
from tests.assistant.conftest import Ask

PAIRS = (
    ("customised", "customized"), ("utilisation", "utilization"), ("recognises", "recognizes"), ("colour", "color"), ("behaviours", "behaviors"),
    ("favourable", "favorable"), ("centre", "center"), ("metres", "meters"), ("programme", "program"), ("catalogue", "catalog"),
    ("cancelled", "canceled"), ("labelled", "labeled"), ("travelling", "traveling"), ("non-standardised", "non-standardized"),
)  # fmt: skip


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_the_two_spellings_are_one(here: str, there: str) -> None:
    assert american(here) == american(there) == there
    assert british(there) == british(here) == here
    assert stems(here) == stems(there)


@pytest.mark.parametrize(
    "word",
    "promise exercise supervised otherwise raise praised enterprise merchandise four hour vendor error order number size prize billed selling parallel".split(),
)
def test_words_that_are_spelt_alike_stay(word: str) -> None:
    assert american(word) == british(word) == word


def test_names_of_figures_are_known_in_both() -> None:
    known = lexicon.metric_phrases()
    assert all(known.get(american(phrase)) for phrase in known)
    assert all(known[american(phrase)] == name for phrase, name in known.items() if american(phrase) != phrase)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("how many orders were customised in 2026", "how many orders were customized in 2026"),
        ("number of customised orders", "number of customized orders"),
        ("orders by distribution centre", "orders by distribution center"),
        ("number of cancelled orders by channel", "number of canceled orders by channel"),
    ],
)
def test_a_question_is_answered_alike_in_both(ask: Ask, here: str, there: str) -> None:
    one, two = ask(here), ask(there)
    assert one.status == two.status == "answered"
    assert [(f.metric, f.value, f.group) for f in one.figures] == [(f.metric, f.value, f.group) for f in two.figures]


WORDS = Words(
    ["many", "money", "from", "firm", "month", "orders", "order", "shipped", "curious", "customers", "lines", "short"],
    ["orders", "month", "lines"],
    ["many", "from"],
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how mny ordrs shipd frm Albany lst mnth", "how many orders shipped from Albany lst month"),
        ("customrs are furious", "customers are furious"),
        ("Ordrs of ACME", "orders of ACME"),
        ("frmn xyz", "frmn xyz"),
    ],
)
def test_words_written_short_are_mended_and_english_ones_never(typed: str, meant: str) -> None:
    assert corrected(typed, WORDS) == meant
