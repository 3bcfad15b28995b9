"""The calendar that periods are read against: months, quarters and years from the as-of date, and the numbers in words."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.records import Period

MONTHS = (
    {n.lower(): i for i, n in enumerate(calendar.month_name) if n}
    | {n.lower(): i for i, n in enumerate(calendar.month_abbr) if n}
    | {"sept": 9}
)
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
NUMBERS = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())} | {
    "couple": 2,
    "few": 3,
    "a": 1,
}
DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7}


@dataclass(frozen=True)
class Calendar:
    """Today is `today` (the as-of date); the fiscal year starts in month `fiscal`; where the conversation says so, `year` is what a
    bare month or quarter means, and `anchor` the period that "the quarter before" counts from."""

    today: date
    fiscal: int = 1
    year: int | None = None
    anchor: Period | None = None

    def month(self, year: int, month: int) -> Period:
        last = calendar.monthrange(year, month)[1]
        return Period(date(year, month, 1), date(year, month, last), f"{calendar.month_name[month]} {year}")

    def quarter(self, year: int, quarter: int, fiscal: bool = False) -> Period:
        if fiscal and self.fiscal != 1:
            first = (self.fiscal - 1 + 3 * (quarter - 1)) % 12 + 1
            begin = year - 1 if first >= self.fiscal else year
            end = self.month(begin + (first + 2 > 12), (first + 1) % 12 + 1).end
            return Period(date(begin, first, 1), end, f"fiscal Q{quarter} {self.fiscal_name(year)}")
        return Period(date(year, 3 * quarter - 2, 1), self.month(year, 3 * quarter).end, f"Q{quarter} {year}")

    def whole_year(self, year: int, fiscal: bool = False) -> Period:
        if fiscal and self.fiscal != 1:
            start = date(year - 1, self.fiscal, 1)
            return Period(start, date(year, self.fiscal, 1) - timedelta(days=1), f"fiscal year {self.fiscal_name(year)}")
        return Period(date(year, 1, 1), date(year, 12, 31), str(year))

    def half(self, year: int, half: int) -> Period:
        start = date(year, 1 if half == 1 else 7, 1)
        return Period(start, self.month(year, start.month + 5).end, f"H{half} {year}")

    def fiscal_year_of(self, day: date) -> int:
        """The fiscal year that the day is in, by the year that it ends in."""
        return day.year + (self.fiscal != 1 and day.month >= self.fiscal)

    def fiscal_quarter_of(self, day: date) -> int:
        return (day.month - self.fiscal) % 12 // 3 + 1

    def fiscal_name(self, year: int) -> str:
        """ "2026/27", the fiscal year that ends in 2027."""
        return f"{year - 1}/{year % 100:02d}"

    def start_of(self, unit: str, day: date, fiscal: bool = False) -> date:
        """The first day of the week, month, quarter or year that the day is in."""
        if unit == "week":
            return day - timedelta(days=day.weekday())
        if unit == "month":
            return day.replace(day=1)
        if unit == "quarter" and fiscal and self.fiscal != 1:
            return self.quarter(self.fiscal_year_of(day), self.fiscal_quarter_of(day), fiscal=True).start
        if unit == "half":
            return date(day.year, 1 if day.month <= 6 else 7, 1)
        if unit == "quarter":
            return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        if fiscal and self.fiscal != 1:
            return date(day.year if day.month >= self.fiscal else day.year - 1, self.fiscal, 1)
        return date(day.year, 1, 1)

    def run_of(self, unit: str, count: int, last: date) -> date:
        """The first day of so many days, weeks, months, quarters or years that end on `last`."""
        if unit in ("day", "week"):
            return last - timedelta(days=count * DAYS[unit] - 1)
        total = last.year * 12 + last.month - 1 - count * {"month": 1, "quarter": 3, "year": 12}[unit]
        year, month = divmod(total, 12)
        whole = (last + timedelta(days=1)).day == 1
        longest = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, longest if whole else min(last.day, longest)) + timedelta(days=1)


DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
"""Units of time in days, where no calendar says how long one is."""


def count_of(text: str) -> int:
    """A number in digits or words; 0 for none."""
    return NUMBERS.get(text, 0) if not text.isdecimal() else int(text)


def shift_years(day: date, years: int) -> date:
    """The same day of another year; 28 February for the 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def spoken(day: date) -> str:
    """ "5 Mar 2026"."""
    return f"{day.day} {calendar.month_abbr[day.month]} {day.year}"
