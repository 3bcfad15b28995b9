"""Periods that are said with two others: one up to the end of another, and a change from one to another."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.understand.dates import Calendar
from assistant.understand.periods import from_one_to_another, parse_period
from tests.assistant.conftest import Ask

TODAY = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("this year, to 31 Oct 2026", "2026-01-01", "2026-10-31"),
        ("this year through June", "2026-01-01", "2026-06-30"),
        ("2025 up to June", "2025-01-01", "2025-06-30"),
        ("2025 until 14 February", "2025-01-01", "2025-02-14"),
        ("this quarter to 15 Oct 2026", "2026-10-01", "2026-10-15"),
        ("last year till September", "2025-01-01", "2025-09-30"),
        ("the last 3 full months", "2026-08-01", "2026-10-31"),
        ("the last 2 full quarters", "2026-04-01", "2026-09-30"),
    ],
)
def test_up_to_a_day_in_it_a_period_is_one(said: str, start: str, end: str) -> None:
    found = parse_period(said, TODAY)
    assert found is not None
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("over the past year", "2025-11-01", "2026-10-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("before new year", "2026-10-31", "2026-12-31"),
        ("by year-end", "2026-10-31", "2026-12-31"),
        ("before the end of the quarter", "2026-10-31", "2026-12-31"),
        ("end of month", "2026-10-31", "2026-10-31"),
        ("until christmas", "2026-10-31", "2026-12-24"),
        ("since spring", "2026-03-01", "2026-10-31"),
        ("since summer 2025", "2025-06-01", "2026-10-31"),
        ("since new year", "2026-01-01", "2026-10-31"),
    ],
)
def test_ends_that_lie_ahead_and_beginnings_of_seasons(said: str, start: str, end: str) -> None:
    found = parse_period(said, TODAY)
    assert found is not None
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


def test_the_end_of_another_year_is_none_that_lies_ahead() -> None:
    assert parse_period("year end 2025", TODAY) is None
    assert parse_period("the end of last year", TODAY) is None


def test_what_does_not_lie_in_it_cuts_no_period() -> None:
    assert parse_period("this quarter until June", TODAY) is None


@pytest.mark.parametrize(
    ("said", "sides"),
    [
        ("from august to september", ("2026-08-01", "2026-08-31", "2026-09-01", "2026-09-30")),
        ("from q1 to q2 2025", ("2025-01-01", "2025-03-31", "2025-04-01", "2025-06-30")),
        ("from 2025 to 2026", ("2025-01-01", "2025-12-31", "2026-01-01", "2026-12-31")),
    ],
)
def test_a_change_is_from_one_period_to_another(said: str, sides: tuple[str, ...]) -> None:
    found = from_one_to_another(said, Calendar(TODAY))
    assert found is not None
    assert tuple(d.isoformat() for p in found for d in (p.start, p.end)) == sides


@pytest.mark.parametrize(
    "question",
    [
        "how did otd change from august to september",
        "otd change from august to september",
        "why did otd rise from august to september",
    ],
)
def test_a_change_from_one_month_to_another_sets_them_against_each_other(question: str, ask: Ask) -> None:
    months = [ask(f"otd in {month} 2026").figures[0].value for month in ("september", "august")]
    assert [f.value for f in ask(question).figures[:2]] == months


def test_without_a_change_they_are_all_the_days_between(ask: Ask) -> None:
    both = sum(float(ask(f"revenue in {month} 2026").figures[0].value) for month in ("august", "september"))
    assert float(ask("revenue from august to september").figures[0].value) == pytest.approx(both)
