"""Periods are set against each other like for like; what cannot be is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import spans
from assistant.understand.periods import parse_period
from knowledge.records import Period

ALL = Period(date(2000, 1, 1), date(2030, 12, 31))


def days(start: str, end: str) -> tuple[date, date]:
    return date.fromisoformat(start), date.fromisoformat(end)


def pair(one: str, two: str | None, today: str, covered: Period = ALL) -> spans.Pair:
    at = date.fromisoformat(today)
    first, second = parse_period(one, at), parse_period(two, at) if two else None
    assert first is not None
    return spans.compared(first, second, at, covered)


@pytest.mark.parametrize(
    ("one", "two", "today", "first", "second"),
    [
        ("2026", "2025", "2026-10-31", days("2026-01-01", "2026-10-31"), days("2025-01-01", "2025-10-31")),
        ("2025", "2026", "2026-10-31", days("2025-01-01", "2025-10-31"), days("2026-01-01", "2026-10-31")),
        ("2024", "2023", "2024-02-29", days("2024-01-01", "2024-02-29"), days("2023-01-01", "2023-02-28")),
        ("q4 2026", "q3 2026", "2026-10-31", days("2026-10-01", "2026-10-31"), days("2026-07-01", "2026-07-31")),
        ("q4 2026", "q4 2025", "2026-11-14", days("2026-10-01", "2026-11-14"), days("2025-10-01", "2025-11-14")),
        ("q4 2026", None, "2026-11-14", days("2026-10-01", "2026-11-14"), days("2026-07-01", "2026-08-14")),
        ("this week", "last week", "2027-01-05", days("2027-01-04", "2027-01-05"), days("2026-12-28", "2026-12-29")),
        ("this week", None, "2027-01-05", days("2027-01-04", "2027-01-05"), days("2026-12-28", "2026-12-29")),
        ("this month", "last month", "2026-03-30", days("2026-03-01", "2026-03-30"), days("2026-02-01", "2026-02-28")),
        ("january 2027", "december 2026", "2027-01-05", days("2027-01-01", "2027-01-05"), days("2026-12-01", "2026-12-05")),
        ("year to date", "last year", "2026-10-31", days("2026-01-01", "2026-10-31"), days("2025-01-01", "2025-10-31")),
        ("last month", "this month", "2026-10-10", days("2026-09-01", "2026-09-10"), days("2026-10-01", "2026-10-10")),
        ("h2 2026", "h1 2026", "2026-10-31", days("2026-07-01", "2026-10-31"), days("2026-01-01", "2026-04-30")),
        ("2025", "2024", "2026-10-31", days("2025-01-01", "2025-12-31"), days("2024-01-01", "2024-12-31")),
        ("september 2026", None, "2026-10-31", days("2026-09-01", "2026-09-30"), days("2026-08-01", "2026-08-31")),
        ("last 30 days", None, "2026-10-31", days("2026-10-02", "2026-10-31"), days("2026-09-02", "2026-10-01")),
    ],
)  # fmt: skip
def test_a_period_that_is_not_over_is_set_against_the_same_days(
    one: str, two: str | None, today: str, first: tuple[date, date], second: tuple[date, date]
) -> None:
    found = pair(one, two, today)
    assert ((found.one.start, found.one.end), (found.two.start, found.two.end)) == (first, second)
    assert found.fair
    cut = two is not None and (found.one, found.two) != (
        parse_period(one, date.fromisoformat(today)),
        parse_period(two, date.fromisoformat(today)),
    )
    assert any("not over" in n for n in found.notes) == cut


def test_the_same_weekdays_are_said_to_be_so() -> None:
    assert "weekdays" in " ".join(pair("this week", "last week", "2027-01-05").notes)


def test_what_the_data_lacks_of_a_period_is_said_and_no_change_is_told() -> None:
    covered = Period(date(2025, 12, 30), date(2027, 1, 5))
    found = pair("2026", "2025", "2027-01-05", covered)
    assert not found.fair
    assert "of 2025 it has 2 of 365 days" in " ".join(found.notes)
    assert pair("2026", "2025", "2027-01-05", Period(date(2025, 1, 2), date(2027, 1, 5))).fair


def test_periods_of_other_lengths_are_no_fair_comparison_of_what_adds_up() -> None:
    found = pair("this month", "2025", "2026-10-31")
    assert not found.fair
    assert "31 days against 365" in " ".join(found.notes)
    at = date(2026, 10, 31)
    month, year = parse_period("this month", at), parse_period("2025", at)
    assert spans.compared(month, year, at, ALL, adds_up=False).fair


@settings(max_examples=300, deadline=None)
@given(
    st.dates(date(2020, 1, 1), date(2028, 12, 31)),
    st.sampled_from(["this year", "this quarter", "this month", "this week", "year to date", "last quarter", "last month", "q1 2024", "2024"]),
)  # fmt: skip
def test_the_period_before_is_as_long_and_lies_before(today: date, words: str) -> None:
    period = parse_period(words, today)
    assert period is not None
    if period.start > today:
        return
    known = min(period.end, today)
    former = spans.before(period, today)
    assert former.end < period.start
    assert abs(former.days - ((known - period.start).days + 1)) <= 3
    assert former.end + timedelta(days=1) <= period.start
