"""Periods set against each other: the one before, the year before, the same number of days; and which buckets are whole."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from knowledge.records import Grain, Period

UNITS = {"year": 12, "quarter": 3, "month": 1}
TO_DATE = (
    ("year", re.compile(r"^(?:this year|year to|\d{4} to )")),
    ("quarter", re.compile(r"^(?:this quarter|quarter to|Q\d \d{4} to )")),
    ("month", re.compile(r"^(?:this month|month to|[A-Z][a-z]+ \d{4} to )")),
)


def before(period: Period, today: date) -> Period:
    """The period just before, of the same kind: the month before a month, the same days of the month before a month to date."""
    unit = next((u for u, said in TO_DATE if said.match(period.label)), None) if period.end == today else None
    if unit:
        start = minus_months(period.start, UNITS[unit])
        end = min(start + timedelta(days=period.days - 1), period.start - timedelta(days=1))
        return Period(start, end, label(start, end))
    if period.start.day == 1 and _ends_month(period.end):
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
        start, end = minus_months(period.start, months), period.start - timedelta(days=1)
        return Period(start, end, label(start, end))
    start, end = period.start - timedelta(days=period.days), period.start - timedelta(days=1)
    return Period(start, end, label(start, end))


def a_year_before(period: Period) -> Period:
    """The same days of the year before; the end of a month stays one."""
    start, end = minus_months(period.start, 12), minus_months(period.end, 12)
    if _ends_month(period.end):
        end = minus_months(period.end + timedelta(days=1), 12) - timedelta(days=1)
    return Period(start, end, label(start, end))


def last_whole(unit: str, today: date) -> Period:
    """The last whole month, quarter or year up to today."""
    months = UNITS[unit]
    following = (today + timedelta(days=1)).replace(day=1)
    first = following.replace(month=months * ((following.month - 1) // months) + 1)
    start, end = minus_months(first, months), first - timedelta(days=1)
    return Period(start, end, label(start, end))


def latest(covered: Period, today: date) -> Period:
    """What a question about change means when it names no period: the last whole month."""
    month = last_whole("month", today)
    return covered if month.end < covered.start else month


def so_far(period: Period, today: date) -> Period:
    """A period that the data has not reached the end of, cut to what there is: changes are then between equal spans."""
    if period.start <= today < period.end:
        return Period(period.start, today, f"{period.label or period.start} to {today.day} {today:%b %Y}")
    return period


def aligned(one: Period, two: Period, today: date) -> Period:
    """A whole year, quarter or month set against one to date is cut to the same number of days."""
    if one.end == today and two.days > one.days and one.start.day == two.start.day:
        end = two.start + timedelta(days=one.days - 1)
        return Period(two.start, end, label(two.start, end))
    return two


def clipped(period: Period | None, covered: Period) -> Period | None:
    """An open-ended period ("before 2026") cut to the data; others as they are."""
    if period is not None and period.start.year <= 1900 and covered.start <= period.end:
        return replace(period, start=covered.start)
    return period


def grain_for(period: Period) -> Grain:
    return "day" if period.days <= 31 else "week" if period.days <= 100 else "month" if period.days <= 1100 else "quarter"


def bucket(key: str, grain: Grain) -> Period:
    """The days of a bucket by the name that figures give it ("2026-Q3", "2026-09", a day)."""
    if grain == "year":
        return Period(date(int(key), 1, 1), date(int(key), 12, 31), key)
    if grain == "quarter":
        start = date(int(key[:4]), 3 * int(key[-1]) - 2, 1)
        return Period(start, minus_months(start, -3) - timedelta(days=1), key)
    if grain == "month":
        start = date(int(key[:4]), int(key[5:7]), 1)
        return Period(start, minus_months(start, -1) - timedelta(days=1), key)
    day = date.fromisoformat(key)
    return Period(day, day + timedelta(days=6 if grain == "week" else 0), key)


def minus_months(day: date, months: int) -> date:
    """That many months earlier; the last day of a shorter month where the day is not there."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"no such day: {day} less {months} months")


def label(first: date, last: date) -> str:
    """How people say it: "September 2026", "Q3 2026", "2025", or its two days."""
    whole = first.day == 1 and _ends_month(last)
    if whole and (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if whole and first.month % 3 == 1 and (last.year, last.month) == (first.year, first.month + 2):
        return f"Q{(first.month + 2) // 3} {first.year}"
    if whole and (first.month, last.month) == (1, 12) and first.year == last.year:
        return str(first.year)
    return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}" if first != last else f"{first.day} {first:%b %Y}"


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
