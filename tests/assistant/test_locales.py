"""An answer in a language's way of writing: its numbers, money and days, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.locales import ENGLISH, LOCALES, localised
from assistant.questions import Answer
from knowledge.display import money, number, share
from knowledge.records import Figure, Quote

TEXT = "**Bolt 3.5 mm** brought $1,234,567.80 in Q3 2026, 94.5 % on time (1,703 orders to 31 Oct 2026), −3.2 points; “it cost $1,000.50, 2.5 times more” (F-1,2)."
FIGURE = Figure("revenue", "Revenue", 1234567.8, "money", "$1,234,567.80", group={"product": "Bolt 3.5 mm"})
ANSWER = Answer(
    "a", "answered", TEXT, (FIGURE,), {"columns": ["Product", "Revenue"], "rows": [["Bolt 3.5 mm", "$1,234,567.80"]]},
    quotes=(Quote("F-1,2", "it cost $1,000.50, 2.5 times more", 0, 33),), plan={"names": ["Bolt 3.5 mm"]},
)  # fmt: skip


def test_german_numbers_money_and_days() -> None:
    said = localised(ANSWER, LOCALES["de"])
    assert said.text == (
        "**Bolt 3.5 mm** brought 1.234.567,80\u00a0$ in Q3 2026, 94,5 % on time (1.703 orders to 31. Okt. 2026), −3,2 points; "
        "“it cost $1,000.50, 2.5 times more” (F-1,2)."
    )
    assert said.figures[0].display == "1.234.567,80\u00a0$"
    assert said.figures[0].value == FIGURE.value
    assert said.table is not None
    assert said.table["rows"] == [["Bolt 3.5 mm", "1.234.567,80\u00a0$"]]
    assert said.quotes == ANSWER.quotes


def test_english_is_left_alone_and_each_language_keeps_its_signs_apart() -> None:
    assert localised(ANSWER, ENGLISH) is ANSWER
    assert "1\u202f703 orders" in localised(ANSWER, LOCALES["fr"]).text
    assert localised(Answer("a", "answered", "_1,703 orders · data to 27 Jun 2019_"), LOCALES["de"]).text == (
        "_1.703 orders · data to 27. Juni 2019_"
    )
    assert "31 oct 2026" in localised(ANSWER, LOCALES["es"]).text


@pytest.mark.parametrize("text", ["v1.2.3", "section 4.2.1", "2026-10-31", "F-99024", "at 10:30", "order 48213", "T001"])
def test_what_is_no_number_stays(text: str) -> None:
    assert localised(Answer("a", "answered", text), LOCALES["de"]).text == text


@given(st.floats(-1e9, 1e9), st.sampled_from(["de", "fr", "es", "sv"]))
def test_a_number_can_be_read_back(value: float, language: str) -> None:
    locale = LOCALES[language]
    for shown in (number(value, 2), money(value, "USD"), share(value / 1e9)):
        told = (
            localised(Answer("a", "answered", f"It is {shown} now."), locale).text.removeprefix("It is ").removesuffix(" now.")
        )
        back = told.replace(locale.thousands, "").replace(locale.decimal, ".")
        digits = "".join(c for c in shown if c.isdigit() or c == ".")
        assert "".join(c for c in back if c.isdigit() or c == ".") == digits


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_days_are_written_as_the_brief_writes_them(day: date) -> None:
    for locale in LOCALES.values():
        assert localised(Answer("a", "answered", f"to {ENGLISH.day(day)}"), locale).text == f"to {locale.day(day)}"
