"""Periods set against each other, like for like: the one before, the year before, the same days; and what a bucket covers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from knowledge.records import Grain, Period

MONTHS: dict[Grain, int] = {"year": 12, "quarter": 3, "month": 1}
ROUGHLY = 0.1
"""By how much a month or a year may be longer than another."""
NEARLY_ALL = 0.95
"""A period of which the data has so much is told as one that it has: a company need not sell on New Year's Day."""


@dataclass(frozen=True)
class Pair:
    """Two periods as they are set against each other, and what must be said of it; `fair` says whether a change between them
    means anything."""

    one: Period
    two: Period
    notes: tuple[str, ...] = ()
    fair: bool = True


def compared(period: Period | None, against: Period | None, today: date, covered: Period, *, adds_up: bool = True) -> Pair:
    """The two periods of a question about change: the one that it names, else the last whole month; against the other that it
    names, else the one before. `adds_up` says that a figure grows with the days that it is over."""
    one = period or latest(covered, today)
    if against is None:
        return _told(Pair(_until(one, today), before(one, today)), covered, adds_up=adds_up)
    return _told(same_days(one, against, today), covered, adds_up=adds_up)


def same_days(one: Period, two: Period, today: date) -> Pair:
    """Two periods like for like: where one of two that are alike is not over, the other is cut to as much of it."""
    here, there = _until(one, today), _until(two, today)
    one_open, two_open = here.end < whole(one).end, there.end < whole(two).end
    cut = Pair(here, there)
    if one_open != two_open and _alike(whole(one), whole(two)):
        cut = Pair(here, _first_days(two, whole(one), here)) if one_open else Pair(_first_days(one, whole(two), there), there)
    unfinished = one if one_open else two
    if (cut.one.end, cut.two.end) == (one.end, two.end):
        return cut
    days = "weekdays" if _unit_of(unfinished) == "week" else "days"
    note = f"{said(whole(unfinished), first=True)} is not over: both are told for the same {days}."
    return replace(cut, notes=(note,)) if cut.one.days == cut.two.days or _alike(whole(one), whole(two)) else cut


def _told(pair: Pair, covered: Period, *, adds_up: bool) -> Pair:
    """The pair with what is not alike in it, in words."""
    notes, fair = list(pair.notes), True
    for period in (pair.one, pair.two):
        if period.start < covered.start <= period.end:
            part = (period.end - covered.start).days + 1
            notes.append(
                f"The data begins on {covered.start:%-d %b %Y}: of {said(period)} it has {part:,} of {period.days:,} days."
            )
            fair = fair and part >= NEARLY_ALL * period.days
    if adds_up and not _alike(pair.one, pair.two):
        notes.append(f"They are of different length: {pair.one.days:,} days against {pair.two.days:,}.")
        fair = False
    return Pair(pair.one, pair.two, tuple(notes), fair)


def before(period: Period, today: date) -> Period:
    """The period just before, of the same kind: the month before a month; of a month that is not over the same days of the month
    before, of a week the same weekdays."""
    full = whole(period)
    former = _just_before(full)
    known = _until(period, today)
    return former if known.end >= full.end else _first_days(former, full, known)


def a_year_before(period: Period) -> Period:
    """The same days of the year before; the end of a month stays one."""
    start, end = minus_months(period.start, 12), _back(period.end, 12)
    return Period(start, end, label(start, end))


def whole(period: Period) -> Period:
    """The week, month, quarter or year that the period is the beginning of; one that is whole, or of no such kind, as it is."""
    if period.unit == "week":
        return Period(period.start, period.start + timedelta(days=6))
    if period.unit in MONTHS:
        end = minus_months(period.start, -MONTHS[period.unit]) - timedelta(days=1)
        return Period(period.start, end, label(period.start, end))
    return period


def last_whole(unit: Grain, today: date) -> Period:
    """The last whole month, quarter or year up to today."""
    months = MONTHS[unit]
    following = (today + timedelta(days=1)).replace(day=1)
    first = following.replace(month=months * ((following.month - 1) // months) + 1)
    start, end = minus_months(first, months), first - timedelta(days=1)
    return Period(start, end, label(start, end))


def latest(covered: Period, today: date) -> Period:
    """What a question about change means when it names no period: the last whole month."""
    month = last_whole("month", today)
    return covered if month.end < covered.start else month


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


def said(period: Period, *, first: bool = False) -> str:
    """The period in words; `first` where a sentence begins with it."""
    words = period.label or label(period.start, period.end)
    return words[:1].upper() + words[1:] if first else words


def label(first: date, last: date) -> str:
    """How people say it: "September 2026", "Q3 2026", "2025", or its two days."""
    is_whole = first.day == 1 and _ends_month(last)
    if is_whole and (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if is_whole and first.month % 3 == 1 and (last.year, last.month) == (first.year, first.month + 2):
        return f"Q{(first.month + 2) // 3} {first.year}"
    if is_whole and (first.month, last.month) == (1, 12) and first.year == last.year:
        return str(first.year)
    return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}" if first != last else f"{first.day} {first:%b %Y}"


def _until(period: Period, today: date) -> Period:
    """The period up to today, where it goes beyond."""
    if not period.start <= today < period.end:
        return period
    said_as = f"{period.label or period.start} to {today.day} {today:%b %Y}"
    return Period(period.start, today, said_as, _unit_of(period))


def _just_before(full: Period) -> Period:
    months = _months_of(full)
    if months:
        start, end = minus_months(full.start, months), full.start - timedelta(days=1)
    else:
        start, end = full.start - timedelta(days=full.days), full.start - timedelta(days=1)
    return Period(start, end, label(start, end))


def _first_days(other: Period, full: Period, known: Period) -> Period:
    """As much of the other period as is known of the full one: to the same day of the month where both are of whole months and
    as long, else so many days."""
    other = whole(other)
    apart = (full.start.year - other.start.year) * 12 + full.start.month - other.start.month
    if _months_of(full) and _months_of(full) == _months_of(other):
        end = _back(known.end, apart)
    else:
        end = other.start + timedelta(days=known.days - 1)
    end = min(end, other.end)
    return Period(other.start, end, label(other.start, end), _unit_of(other))


def _alike(one: Period, two: Period) -> bool:
    """Whether the two are as long, as months and years go: one of 28 days is like one of 31."""
    months, apart = _months_of(one), abs(one.days - two.days)
    if months and months == _months_of(two):
        return True
    return apart <= ROUGHLY * max(one.days, two.days) and (apart == 0 or min(one.days, two.days) >= 28)


def _months_of(period: Period) -> int:
    """How many whole calendar months it is; 0 where it is not of such."""
    if period.start.day != 1 or not _ends_month(period.end):
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1


def _unit_of(period: Period) -> Grain | None:
    if period.unit:
        return period.unit
    if period.days == 7 and period.start.weekday() == 0:
        return "week"
    return next((unit for unit, months in MONTHS.items() if _months_of(period) == months), None)


def _back(day: date, months: int) -> date:
    """The day that many months before; the end of a month stays one."""
    if _ends_month(day):
        return minus_months(day + timedelta(days=1), months) - timedelta(days=1)
    return minus_months(day, months)


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
