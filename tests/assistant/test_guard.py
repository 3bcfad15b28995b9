"""Nothing leaves with a number that no figure, date, name or quote of the answer accounts for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.guard import check
from assistant.questions import Answer
from knowledge.records import Figure, Quote

FIGURE = Figure("revenue", "Revenue", 1234.5, "money", "£1,234.50", rows=12)
KNOWN = {"1234.50", "12", "0", "2026", "10", "31"}
"""What the answer itself holds: its figure, its rows and the number of its groups, its day."""
ANSWER = Answer("a", "answered", "**£1,234.50** revenue.", figures=(FIGURE,), as_of=datetime(2026, 10, 31, tzinfo=UTC))


def test_a_traced_text_passes_as_it_is() -> None:
    assert check(ANSWER) is ANSWER


@given(st.integers(min_value=0, max_value=10**9))
def test_an_invented_number_holds_the_answer_back(number: int) -> None:
    assume(str(number) not in KNOWN)
    held = check(replace(ANSWER, text=f"{ANSWER.text} And {number} more."))
    assert held.status == "error"
    assert not held.figures
    assert str(number) not in held.text


def test_numbers_of_a_quote_are_only_those_of_that_quote() -> None:
    quote = Quote("F-7", "3 boxes were broken", 0, 19)
    told = replace(ANSWER, text="“3 boxes were broken” (F-7)", figures=(), quotes=(quote,))
    assert check(told).status == "answered"
    assert check(replace(told, text="4 boxes")).status == "error"


def test_labels_and_numbers_of_the_conditions_are_sources() -> None:
    span = {"start": "2026-08-03", "end": "2026-10-31", "label": "last 90 days to 31 Oct 2026"}
    tree = {"kind": "not", "part": {"kind": "all", "parts": [
        {"kind": "did", "entity": "customer", "done": "order", "least": 4, "period": span},
        {"kind": "compare", "attribute": "order.value", "op": ">", "values": [75000.0, {"date": "2027-11-19"}]},
    ]}}  # fmt: skip
    told = replace(ANSWER, plan={"queries": [{"metric": "count(customer)", "only": tree}]})
    said = "**12** without 4 orders above 75,000 in the last 90 days to 31 Oct 2026, from 3 Aug, until 19 Nov 2027."
    assert check(replace(told, text=said)).status == "answered"
    assert check(replace(told, text=f"{said} And 91.")).status == "error"
