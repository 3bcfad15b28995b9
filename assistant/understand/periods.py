"""Periods as people say them, relative to the as-of date of the data: "Q3 2011", "last 90 days", "ytd", "since June"."""

from __future__ import annotations

import calendar
import re
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
FIRST, LAST = date(1900, 1, 1), date(9999, 12, 31)
_month = "|".join(sorted(MONTHS, key=len, reverse=True))
_number = r"(?:\d{1,3}|" + "|".join(NUMBERS) + ")"
_day = r"\d{4}-\d{2}-\d{2}"
_year = r"(?:19|20)\d{2}"


@dataclass(frozen=True)
class Found:
    """A period found in words start..end of the normalised text. `bare` says that no year was named (a thread may supply it),
    `relative` that it is told from today ("last year")."""

    period: Period
    start: int
    end: int
    bare: bool = False
    relative: bool = False


@dataclass(frozen=True)
class Calendar:
    """Today is `today` (the as-of date); the fiscal year starts in month `fiscal`; `year` is what a bare month or quarter means
    where the conversation says so."""

    today: date
    fiscal: int = 1
    year: int | None = None

    def month(self, year: int, month: int) -> Period:
        last = calendar.monthrange(year, month)[1]
        return Period(date(year, month, 1), date(year, month, last), f"{calendar.month_name[month]} {year}")

    def quarter(self, year: int, quarter: int, fiscal: bool = False) -> Period:
        if fiscal and self.fiscal != 1:
            first = (self.fiscal - 1 + 3 * (quarter - 1)) % 12 + 1
            begin = year - 1 if first >= self.fiscal else year
            end = self.month(begin + (first + 2 > 12), (first + 1) % 12 + 1).end
            return Period(date(begin, first, 1), end, f"fiscal Q{quarter} {year}")
        return Period(date(year, 3 * quarter - 2, 1), self.month(year, 3 * quarter).end, f"Q{quarter} {year}")

    def whole_year(self, year: int, fiscal: bool = False) -> Period:
        if fiscal and self.fiscal != 1:
            start = date(year - 1, self.fiscal, 1)
            return Period(start, date(year, self.fiscal, 1) - timedelta(days=1), f"fiscal {year}")
        return Period(date(year, 1, 1), date(year, 12, 31), str(year))


def parse_period(text: str, today: date, fiscal_year_start: int = 1) -> Period | None:
    """The period that the whole text names, or None. `today` is the as-of date."""
    normal = " ".join(text.lower().replace(",", " ").split())
    found = find_periods(normal, Calendar(today, fiscal_year_start))
    rest = normal
    for f in reversed(found):
        rest = rest[: f.start] + rest[f.end :]
    return (
        found[0].period
        if len(found) == 1 and not re.sub(r"\b(?:in|during|for|the|of|over|on|from)\b", " ", rest).strip()
        else None
    )


def find_periods(text: str, cal: Calendar) -> list[Found]:
    """Periods in a normalised text (lower case, single spaces), left to right, not overlapping; longer readings win."""
    found: list[Found] = []
    for pattern, make in RULES:
        for match in pattern.finditer(text):
            if any(match.start() < f.end and f.start < match.end() for f in found):
                continue
            made = make(match, cal)
            if made is not None:
                period, bare = made
                found.append(Found(period, match.start(), match.end(), bare, make in (_previous, _year_back)))
    return sorted(found, key=lambda f: f.start)


Made = tuple[Period, bool] | None


def _count(text: str) -> int:
    return NUMBERS.get(text, 0) if not text.isdecimal() else int(text)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _between(m: re.Match[str], cal: Calendar) -> Made:
    one, two = _edge(m["one"], cal), _edge(m["two"], cal)
    if one is None or two is None:
        return None
    start, end = one.start, two.end
    if one.start > two.end and not re.search(_year, m["one"]):
        start = _shift_years(start, -1 if start > end else 0)
    elif re.search(_year, m["two"]) and not re.search(_year, m["one"]):
        start = (
            one.start.replace(year=two.end.year)
            if one.start.replace(year=two.end.year) <= end
            else _shift_years(one.start.replace(year=two.end.year), -1)
        )
    if start > end:
        return None
    return Period(start, end, f"{_spoken(start)} to {_spoken(end)}"), False


def _edge(text: str, cal: Calendar) -> Period | None:
    inner = find_periods(text.strip(), cal)
    return inner[0].period if len(inner) == 1 and inner[0].start == 0 and inner[0].end == len(text.strip()) else None


def _since(m: re.Match[str], cal: Calendar) -> Made:
    edge = _edge(m["edge"], cal)
    if edge is None:
        return None
    if m["word"] in ("before", "until", "till", "up to"):
        end = edge.start - timedelta(days=1) if m["word"] == "before" else edge.end
        return Period(FIRST, end, f"up to {_spoken(end)}"), False
    start = edge.end + timedelta(days=1) if m["word"] == "after" else edge.start
    if start > cal.today:
        start = _shift_years(start, -1)
    return Period(start, max(cal.today, start), f"since {_spoken(start)}"), False


def _shift_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _one_day(m: re.Match[str], _: Calendar) -> Made:
    day = _iso(m.group())
    return (Period(day, day, _spoken(day)), False) if day else None


def _spoken_day(m: re.Match[str], cal: Calendar) -> Made:
    month, number = MONTHS[m["month"]], int(re.sub(r"\D", "", m["day"]))
    year = int(m["year"]) if m["year"] else cal.year or cal.today.year
    try:
        day = date(year, month, number)
        if not m["year"] and not cal.year and day > cal.today:
            day = day.replace(year=year - 1)
    except ValueError:
        return None
    return Period(day, day, _spoken(day)), False


def _iso_month(m: re.Match[str], cal: Calendar) -> Made:
    year, month = map(int, m.group().split("-"))
    return (cal.month(year, month), False) if 1 <= month <= 12 else None


def _named_month(m: re.Match[str], cal: Calendar) -> Made:
    month = MONTHS[m["month"]]
    if (
        m["month"] in ("may", "mar", "sun", "dec", "jan", "march")
        and not m["year"]
        and not m["cue"]
        and m["month"] in ("may", "mar", "sun")
    ):
        return None
    year = int(m["year"]) if m["year"] else cal.year or (cal.today.year if month <= cal.today.month else cal.today.year - 1)
    return cal.month(year, month), not m["year"]


def _named_quarter(m: re.Match[str], cal: Calendar) -> Made:
    said = m["q"] or m["q2"] or m["q3"]
    quarter = ORDINALS.get(said) or int(re.sub(r"\D", "", said))
    if not 1 <= quarter <= 4:
        return None
    named = m["year"] or m["year2"]
    fiscal = bool(m["fiscal"])
    year = int(named) if named else cal.year or (cal.today.year if 3 * quarter - 2 <= cal.today.month else cal.today.year - 1)
    return cal.quarter(year, quarter, fiscal), not named


def _half(m: re.Match[str], cal: Calendar) -> Made:
    half = int(m["h"] or ORDINALS[m["hh"]])
    year = int(m["year"]) if m["year"] else cal.year or cal.today.year
    start, end = (date(year, 1, 1), date(year, 6, 30)) if half == 1 else (date(year, 7, 1), date(year, 12, 31))
    return Period(start, end, f"H{half} {year}"), not m["year"]


def _named_year(m: re.Match[str], cal: Calendar) -> Made:
    return cal.whole_year(int(m["year"]), bool(m["fiscal"])), False


def _to_date(m: re.Match[str], cal: Calendar) -> Made:
    unit = {"y": "year", "q": "quarter", "m": "month", "w": "week"}.get(m["short"] or "", m["unit"] or "year")
    start = _start_of(unit, cal.today, cal)
    return Period(start, cal.today, f"{unit} to {_spoken(cal.today)}"), False


def _this(m: re.Match[str], cal: Calendar) -> Made:
    unit = m["unit"]
    start = _start_of(unit, cal.today, cal)
    return Period(start, cal.today, f"this {unit}, to {_spoken(cal.today)}"), False


def _previous(m: re.Match[str], cal: Calendar) -> Made:
    unit, fiscal = m["unit"], bool(m["fiscal"])
    start = _start_of(unit, cal.today, cal, fiscal)
    if m["before"]:
        start = _start_of(unit, start - timedelta(days=1), cal, fiscal)
    end = start - timedelta(days=1)
    begin = _start_of(unit, end, cal, fiscal)
    label = {
        "year": f"{end.year}",
        "quarter": f"Q{(begin.month + 2) // 3} {begin.year}",
        "month": f"{calendar.month_name[begin.month]} {begin.year}",
    }
    return Period(
        begin, end, label.get(unit, f"week of {_spoken(begin)}") if not fiscal else f"fiscal {unit} to {_spoken(end)}"
    ), False


def _same_last_year(m: re.Match[str], cal: Calendar) -> Made:
    unit = m["unit"]
    start = _start_of(unit, cal.today, cal)
    begin = _shift_years(start, -1)
    after = {"month": cal.month(begin.year, begin.month).end, "quarter": cal.quarter(begin.year, (begin.month + 2) // 3).end}
    end = after.get(unit, begin + timedelta(days=6))
    return Period(begin, end, f"{_spoken(begin)} to {_spoken(end)}"), False


def _rolling(m: re.Match[str], cal: Calendar) -> Made:
    count, unit = _count(m["n"]), m["unit"].rstrip("s")
    if count < 1:
        return None
    if unit in ("day", "week"):
        start = cal.today - timedelta(days=count * DAYS[unit] - 1)
    else:
        months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
        total = cal.today.year * 12 + cal.today.month - 1 - months
        year, month = divmod(total, 12)
        day = min(cal.today.day, calendar.monthrange(year, month + 1)[1])
        start = date(year, month + 1, day) + timedelta(days=1)
    return Period(start, cal.today, f"last {count} {unit}{'s' if count > 1 else ''} to {_spoken(cal.today)}"), False


def _ago(m: re.Match[str], cal: Calendar) -> Made:
    count, unit = _count(m["n"]), m["unit"].rstrip("s")
    if unit == "day":
        day = cal.today - timedelta(days=count)
        return Period(day, day, _spoken(day)), False
    day = cal.today
    for _ in range(count):
        day = _start_of(unit, day, cal) - timedelta(days=1)
    start = _start_of(unit, day, cal)
    return Period(start, day, f"{_spoken(start)} to {_spoken(day)}"), False


def _year_back(_: re.Match[str], cal: Calendar) -> Made:
    return cal.whole_year(cal.today.year - 1), False


def _coming(m: re.Match[str], cal: Calendar) -> Made:
    unit = m["unit"].rstrip("s")
    count = _count(m["n"]) if m["n"] else 1
    if m["n"]:
        days = count * {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}[unit]
        start = cal.today + timedelta(days=1)
        return Period(start, start + timedelta(days=days - 1), f"next {count} {unit}{'s' if count > 1 else ''}"), False
    start = cal.today
    first = _start_of(unit, start, cal)
    while _start_of(unit, start, cal) == first:
        start += timedelta(days=1)
    end = start
    while _start_of(unit, end + timedelta(days=1), cal) == start:
        end += timedelta(days=1)
    return Period(start, end, f"next {unit}"), False


def _tomorrow(_: re.Match[str], cal: Calendar) -> Made:
    day = cal.today + timedelta(days=1)
    return Period(day, day, _spoken(day)), False


def _near(m: re.Match[str], cal: Calendar) -> Made:
    day = cal.today - timedelta(days={"today": 0, "yesterday": 1}[m.group()])
    return Period(day, day, _spoken(day)), False


def _start_of(unit: str, day: date, cal: Calendar, fiscal: bool = False) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    if fiscal and cal.fiscal != 1:
        return date(day.year if day.month >= cal.fiscal else day.year - 1, cal.fiscal, 1)
    return date(day.year, 1, 1)


def _spoken(day: date) -> str:
    return f"{day.day} {calendar.month_abbr[day.month]} {day.year}"


_unit = r"(?P<unit>week|month|quarter|year)"
_piece = rf"(?:{_day}|\d{{4}}-\d{{2}}|(?:\d{{1,2}}(?:st|nd|rd|th)? (?:{_month})|(?:{_month}) \d{{1,2}}(?:st|nd|rd|th)?(?! ?\d))(?: {_year})?|(?:q[1-4]|h[12]|{_month})(?: {_year})?|{_year}|last (?:week|month|quarter|year)|yesterday|today)"


def _days_of_month(m: re.Match[str], cal: Calendar) -> Made:
    """ "1 to 15 October", "first week of October", "second half of October", "last week of October 2025"."""
    month = MONTHS[m["month"]]
    named = m["year"]
    year = int(named) if named else cal.year or (cal.today.year if month <= cal.today.month else cal.today.year - 1)
    last = calendar.monthrange(year, month)[1]
    told = m.groupdict()
    if told.get("one"):
        first, end = int(re.sub(r"\D", "", m["one"])), int(re.sub(r"\D", "", m["two"]))
    elif m["part"] == "week":
        first = last - 6 if m["nth"] == "last" else 7 * ORDINALS[m["nth"]] - 6
        end = first + 6
    else:
        first, end = (1, 15) if m["nth"] in ("first", "1st") else (16, last)
    if not 1 <= first <= end <= last:
        return None
    start, stop = date(year, month, first), date(year, month, end)
    return Period(start, stop, f"{first} to {_spoken(stop)}"), named is None


_nth = r"(?P<nth>first|second|third|fourth|1st|2nd|3rd|4th|last)"
_ordinal = r"\d{1,2}(?:st|nd|rd|th)?"
_dated = rf"(?P<month>{_month})(?: (?P<year>{_year}))?"
RULES = (
    (re.compile(rf"\b(?:the )?{_nth} (?P<part>week|half) (?:of|in) {_dated}\b"), _days_of_month),
    (
        re.compile(
            rf"\b(?:between |from )?(?P<one>{_ordinal}) (?:and|to|-|until|through) (?P<two>{_ordinal}) (?:of )?{_dated}\b"
        ),
        _days_of_month,
    ),
    (
        re.compile(
            rf"\b(?:between |from )?(?P<month>{_month}) (?P<one>{_ordinal}) ?(?:and|to|-|until|through) ?(?P<two>{_ordinal})(?: (?P<year>{_year}))?\b"
        ),
        _days_of_month,
    ),
    (re.compile(rf"\b(?:between|from) (?P<one>{_piece}) (?:and|to|until|till|through|-) (?P<two>{_piece})\b"), _between),
    (
        re.compile(
            rf"\b(?P<one>{_day}|\d{{4}}-\d{{2}}|{_year}) ?(?:\.\.|to|-|until|through) ?(?P<two>{_day}|\d{{4}}-\d{{2}}|{_year})\b"
        ),
        _between,
    ),
    (
        re.compile(rf"\b(?P<one>(?:{_month})(?: {_year})?) (?:to|-|until|through) (?P<two>(?:{_month})(?: {_year})?)\b"),
        _between,
    ),
    (
        re.compile(
            rf"\b(?P<word>since|after|before|until|till|up to|starting|from) (?:the )?(?:beginning of |start of |end of )?(?P<edge>{_piece})\b"
        ),
        _since,
    ),
    (re.compile(r"\b(?:same|this) (?P<unit>week|month|quarter) (?:of )?last year\b"), _same_last_year),
    (
        re.compile(
            r"\b(?:the )?same (?:period|time) (?:(?:of|in) )?(?:last year|a year ago|a year earlier|the year before)(?P<fiscal>(?!))?(?P<unit>(?!))?(?P<before>(?!))?\b"
        ),
        _year_back,
    ),
    (re.compile(r"\b(?:a year ago|a year earlier|one year ago|the year before|prior year)(?P<before>(?!))?\b"), _year_back),
    (re.compile(rf"\b{_day}\b"), _one_day),
    (
        re.compile(rf"\b(?:on )?(?P<day>\d{{1,2}}(?:st|nd|rd|th)?) (?:of )?(?P<month>{_month})(?: (?P<year>{_year}))?\b"),
        _spoken_day,
    ),
    (
        re.compile(rf"\b(?:on )?(?P<month>{_month}) (?P<day>\d{{1,2}}(?:st|nd|rd|th)?)(?!\d)(?: (?P<year>{_year}))?\b"),
        _spoken_day,
    ),
    (re.compile(r"\b\d{4}-\d{2}\b"), _iso_month),
    (
        re.compile(rf"\b(?P<year>{_year}) ?(?P<fiscal>fiscal )?q(?P<q>[1-4])(?P<q2>(?!))?(?P<q3>(?!))?(?P<year2>(?!))?\b"),
        _named_quarter,
    ),
    (
        re.compile(
            rf"\b(?P<fiscal>fiscal )?(?:q(?P<q>[1-4])|quarter (?P<q3>[1-4])|(?P<q2>first|second|third|fourth|1st|2nd|3rd|4th) quarter)(?: of| in)?(?: fy)?(?: ?(?P<year>{_year}))?(?P<year2>(?!))?\b"
        ),
        _named_quarter,
    ),
    (re.compile(rf"\b(?:h(?P<h>[12])|(?P<hh>first|second) half)(?: of)?(?: (?P<year>{_year}))?\b"), _half),
    (
        re.compile(rf"\b(?P<cue>in |during |for |of |since |until )?(?P<month>{_month})(?: (?:of )?(?P<year>{_year}))?\b"),
        _named_month,
    ),
    (
        re.compile(
            rf"\b(?:(?:the )?(?:last|past|previous|trailing|rolling|recent) )(?P<n>{_number}) (?P<unit>days?|weeks?|months?|quarters?|years?)\b"
        ),
        _rolling,
    ),
    (re.compile(rf"\b(?P<n>{_number}) (?P<unit>days?|weeks?|months?|quarters?|years?) ago\b"), _ago),
    (re.compile(r"\b(?:(?P<short>[yqmw])td|(?P<unit>year|quarter|month|week) to date)\b"), _to_date),
    (re.compile(rf"\b(?:this|current) {_unit}\b"), _this),
    (re.compile(rf"\b(?:the )?{_unit} (?P<before>before (?:last|that))(?P<fiscal>(?!))?\b"), _previous),
    (re.compile(rf"\b(?:last|previous|prior|past) (?P<fiscal>fiscal )?{_unit}(?P<before>(?!))?\b"), _previous),
    (
        re.compile(
            rf"\b(?:the )?(?:next|coming|upcoming) (?:(?P<n>{_number}) )?(?P<unit>days?|weeks?|months?|quarters?|years?)\b"
        ),
        _coming,
    ),
    (re.compile(r"\btomorrow\b"), _tomorrow),
    (re.compile(r"\b(?:today|yesterday)\b"), _near),
    (re.compile(rf"\b(?P<fiscal>fy ?|fiscal (?:year )?)?(?P<year>{_year})\b"), _named_year),
)
