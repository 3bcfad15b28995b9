"""Periods in a few words, each by its own rule: days, months, quarters, "last 90 days", "ytd", "week 23", "next quarter"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from assistant.understand.dates import DAYS, MONTHS, NUMBERS, ORDINALS, Calendar, count_of, shift_years, spoken
from knowledge.records import Grain, Period

MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
NUMBER = r"(?:\d{1,3}|" + "|".join(NUMBERS) + ")"
DAY = r"\d{4}-\d{2}-\d{2}"
YEAR = r"(?:19|20)\d{2}"
ORDINAL = r"\d{1,2}(?:st|nd|rd|th)?"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9}
UNITS: dict[str, Grain] = {
    "y": "year",
    "q": "quarter",
    "m": "month",
    "w": "week",
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
}
Made = tuple[Period, bool] | None
"""A period, and whether it came without its year."""
Maker = Callable[[re.Match[str], Calendar], Made]


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _one_day(m: re.Match[str], _: Calendar) -> Made:
    day = _iso(m.group())
    return (Period(day, day, spoken(day)), False) if day else None


def _spoken_day(m: re.Match[str], cal: Calendar) -> Made:
    month, number = MONTHS[m["month"]], int(re.sub(r"\D", "", m["day"]))
    year = int(m["year"]) if m["year"] else cal.year or cal.today.year
    try:
        day = date(year, month, number)
        if not m["year"] and not cal.year and day > cal.today:
            day = day.replace(year=year - 1)
    except ValueError:
        return None
    return Period(day, day, spoken(day)), False


def _iso_month(m: re.Match[str], cal: Calendar) -> Made:
    year, month = map(int, m.group().split("-"))
    return (cal.month(year, month), False) if 1 <= month <= 12 else None


def _named_month(m: re.Match[str], cal: Calendar) -> Made:
    month = MONTHS[m["month"]]
    if m["month"] in ("may", "mar", "sun") and not (m["year"] or m["cue"]) and not _is_month(m):
        return None
    year = int(m["year"]) if m["year"] else cal.year or (cal.today.year if month <= cal.today.month else cal.today.year - 1)
    return cal.month(year, month), not m["year"]


def _is_month(m: re.Match[str]) -> bool:
    """Whether a bare "may" is the month: set against another one, or the last word ("sales may vs june", "europe orders may")."""
    rest = m.string[m.end() :]
    return not rest.strip() or bool(
        re.match(
            rf" (?:(?:vs|versus|and|to|-|until|through|against|compared to) (?:{MONTH})|(?:this|last) year|a year)\b", rest
        )
    )


def _named_quarter(m: re.Match[str], cal: Calendar) -> Made:
    said = m["q"] or m["q2"] or m["q3"]
    quarter = ORDINALS.get(said) or int(re.sub(r"\D", "", said))
    if not 1 <= quarter <= 4:
        return None
    named = m["year"] or m["year2"]
    fiscal = bool(m["fiscal"])
    if fiscal and cal.fiscal != 1 and not named and not m["fy"]:
        year = cal.fiscal_year_of(cal.today)
        return cal.quarter(year if quarter <= cal.fiscal_quarter_of(cal.today) else year - 1, quarter, fiscal), True
    told = _fiscal_number(m["fy"], cal) if m["fy"] else int(named) if named else None
    if m["fy"] and told is None:
        return None
    year = told or cal.year or (cal.today.year if 3 * quarter - 2 <= cal.today.month else cal.today.year - 1)
    return cal.quarter(year, quarter, fiscal or bool(m["fy"])), told is None


def _half(m: re.Match[str], cal: Calendar) -> Made:
    half = int(m["h"] or ORDINALS[m["hh"]])
    if m["fy"]:
        of = _fiscal_number(m["fy"], cal)
        both = [cal.quarter(of, q, fiscal=True) for q in (2 * half - 1, 2 * half)] if of else []
        return (
            (Period(both[0].start, both[1].end, f"{spoken(both[0].start)} to {spoken(both[1].end)}"), False) if both else None
        )
    begun = half == 1 or cal.today.month > 6
    year = int(m["year"]) if m["year"] else cal.year or (cal.today.year if begun else cal.today.year - 1)
    return cal.half(year, half), not m["year"]


def _half_year(m: re.Match[str], cal: Calendar) -> Made:
    """ "This half-year", "the last half"."""
    start = cal.start_of("half", cal.today)
    if m["which"] in ("this", "current"):
        return Period(start, cal.today, f"{spoken(start)} to {spoken(cal.today)}"), False
    end = start - timedelta(days=1)
    return cal.half(end.year, 1 if end.month <= 6 else 2), False


def _named_year(m: re.Match[str], cal: Calendar) -> Made:
    return cal.whole_year(int(m["year"]), bool(m["fiscal"])), False


def _fiscal_number(text: str, cal: Calendar) -> int | None:
    """The year that a fiscal year ends in by its name: "27", "2027", "2026/27"; None for one that names no fiscal year here."""
    first, _, second = text.replace("-", "/").partition("/")
    one = int(first) if len(first) == 4 else 2000 + int(first)
    if not second:
        return one
    two = int(second) if len(second) == 4 else one // 100 * 100 + int(second)
    return two if two == one + 1 and cal.fiscal != 1 else None


def _fiscal_year(m: re.Match[str], cal: Calendar) -> Made:
    """ "FY27", "2026/27", "fiscal year 2026/27"."""
    year = _fiscal_number(m["fy"], cal)
    return (cal.whole_year(year, fiscal=True), False) if year else None


def _this_fiscal(m: re.Match[str], cal: Calendar) -> Made:
    """ "This fiscal year", "fiscal quarter to date": from its beginning to today."""
    unit: Grain = "quarter" if m["unit"] == "quarter" else "year"
    return _begun(unit, cal, fiscal=True), False


def _begun(unit: Grain, cal: Calendar, *, fiscal: bool) -> Period:
    """A year or a quarter from its beginning to today, named as fiscal where that is another."""
    start = cal.start_of(unit, cal.today, fiscal)
    if start == cal.start_of(unit, cal.today):
        return Period(start, cal.today, f"{unit} to {spoken(cal.today)}", unit)
    name = cal.fiscal_name(cal.fiscal_year_of(cal.today))
    said = f"fiscal year {name}" if unit == "year" else f"fiscal Q{cal.fiscal_quarter_of(cal.today)} {name}"
    return Period(start, cal.today, f"{said}, to {spoken(cal.today)}", unit)


def _to_date(m: re.Match[str], cal: Calendar) -> Made:
    unit = UNITS[m["short"] or m["unit"] or "year"]
    if unit == "year":  # that of the company
        return _begun("year", cal, fiscal=True), False
    start = cal.start_of(unit, cal.today)
    return Period(start, cal.today, f"{unit} to {spoken(cal.today)}", unit), False


def _this(m: re.Match[str], cal: Calendar) -> Made:
    unit = UNITS[m["unit"]]
    start = cal.start_of(unit, cal.today)
    return Period(start, cal.today, f"this {unit}, to {spoken(cal.today)}", unit), False


def _previous(m: re.Match[str], cal: Calendar) -> Made:
    unit, fiscal = m["unit"], bool(m["fiscal"])
    start = cal.start_of(unit, cal.today, fiscal)
    if m["before"]:
        start = cal.start_of(unit, start - timedelta(days=1), fiscal)
    end = start - timedelta(days=1)
    begin = cal.start_of(unit, end, fiscal)
    label = {
        "year": f"{end.year}",
        "quarter": f"Q{(begin.month + 2) // 3} {begin.year}",
        "month": f"{calendar.month_name[begin.month]} {begin.year}",
    }
    if fiscal and cal.fiscal != 1:
        name = cal.fiscal_name(cal.fiscal_year_of(begin))
        label |= {"year": f"fiscal year {name}", "quarter": f"fiscal Q{cal.fiscal_quarter_of(begin)} {name}"}
    return Period(begin, end, label.get(unit, f"week of {spoken(begin)}")), False


def _same_last_year(m: re.Match[str], cal: Calendar) -> Made:
    unit = m["unit"]
    start = cal.start_of(unit, cal.today)
    begin = shift_years(start, -1)
    after = {"month": cal.month(begin.year, begin.month).end, "quarter": cal.quarter(begin.year, (begin.month + 2) // 3).end}
    end = after.get(unit, begin + timedelta(days=6))
    return Period(begin, end, f"{spoken(begin)} to {spoken(end)}"), False


def _rolling(m: re.Match[str], cal: Calendar) -> Made:
    count, unit = count_of(m["n"]), m["unit"].rstrip("s")
    if count < 1:
        return None
    start = cal.run_of(unit, count, cal.today)
    return Period(start, cal.today, f"last {count} {unit}{'s' if count > 1 else ''} to {spoken(cal.today)}"), False


def _whole_ones(m: re.Match[str], cal: Calendar) -> Made:
    """ "The last 3 full months": so many that are over."""
    count, unit = count_of(m["n"]), m["unit"].rstrip("s")
    if count < 1:
        return None
    ends_today = cal.start_of(unit, cal.today + timedelta(days=1)) > cal.today
    end = cal.today if ends_today else cal.start_of(unit, cal.today) - timedelta(days=1)
    start = cal.run_of(unit, count, end)
    return Period(start, end, f"last {count} full {unit}{'s' if count > 1 else ''} to {spoken(end)}"), False


def _past_year(_: re.Match[str], cal: Calendar) -> Made:
    """ "The past year": the twelve months that lie behind us, not the calendar year before this one."""
    return Period(cal.run_of("month", 12, cal.today), cal.today, f"last 12 months to {spoken(cal.today)}"), False


def _to_its_end(m: re.Match[str], cal: Calendar) -> Made:
    """ "Before year end", "by the end of the month", "until christmas": the days from now on to that end."""
    unit = m["unit"] or m["unit2"]
    if unit:
        end = cal.start_of(unit, cal.today)
        while cal.start_of(unit, end + timedelta(days=1)) == cal.start_of(unit, cal.today):
            end += timedelta(days=1)
    else:
        end = date(cal.today.year, 12, 24 if m["feast"] else 31)
        end = end if end >= cal.today else shift_years(end, 1)
    return Period(cal.today, end, f"{spoken(cal.today)} to {spoken(end)}"), False


def _since_new_year(_: re.Match[str], cal: Calendar) -> Made:
    start = cal.start_of("year", cal.today)
    return Period(start, cal.today, f"since {spoken(start)}"), False


def _ago(m: re.Match[str], cal: Calendar) -> Made:
    count, unit = count_of(m["n"]), m["unit"].rstrip("s")
    if unit == "day":
        day = cal.today - timedelta(days=count)
        return Period(day, day, spoken(day)), False
    day = cal.today
    for _ in range(count):
        day = cal.start_of(unit, day) - timedelta(days=1)
    start = cal.start_of(unit, day)
    return Period(start, day, f"{spoken(start)} to {spoken(day)}"), False


def _coming(m: re.Match[str], cal: Calendar) -> Made:
    unit = m["unit"].rstrip("s")
    count = count_of(m["n"]) if m["n"] else 1
    if m["n"]:
        days = count * DAYS[unit]
        start = cal.today + timedelta(days=1)
        return Period(start, start + timedelta(days=days - 1), f"next {count} {unit}{'s' if count > 1 else ''}"), False
    start = cal.today
    first = cal.start_of(unit, start)
    while cal.start_of(unit, start) == first:
        start += timedelta(days=1)
    end = start
    while cal.start_of(unit, end + timedelta(days=1)) == start:
        end += timedelta(days=1)
    return Period(start, end, f"next {unit}"), False


def _tomorrow(_: re.Match[str], cal: Calendar) -> Made:
    day = cal.today + timedelta(days=1)
    return Period(day, day, spoken(day)), False


def _near(m: re.Match[str], cal: Calendar) -> Made:
    day = cal.today - timedelta(days=2 if m["before"] else 1 if m["day"] == "yesterday" else 0)
    return Period(day, day, spoken(day)), False


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
    return Period(start, stop, f"{first} to {spoken(stop)}"), named is None


def _numeric_month(m: re.Match[str], cal: Calendar) -> Made:
    """ "09/2026"."""
    month = int(m["month"])
    return (cal.month(int(m["year"]), month), False) if 1 <= month <= 12 else None


def _numeric_day(m: re.Match[str], _: Calendar) -> Made:
    """ "9/15/2026", "15.09.2026"; one that could be two days is not guessed."""
    one, two, year = int(m["one"]), int(m["two"]), int(m["year"])
    if m["dot"] == "." or one > 12 or one == two:
        day, month = one, two
    elif two > 12:
        day, month = two, one
    else:
        return None
    found = _iso(f"{year}-{month:02d}-{day:02d}")
    return (Period(found, found, spoken(found)), False) if found else None


def _week_number(m: re.Match[str], cal: Calendar) -> Made:
    """ "Week 23", "cw40 2026": the week of that number (ISO)."""
    number, named = int(m["n"]), m["year"]
    years = [int(named)] if named else [cal.year] if cal.year else [cal.today.year, cal.today.year - 1]
    begun = [day for day in (_monday(year, number) for year in years) if day and (named or cal.year or day <= cal.today)]
    if not begun:
        return None
    start = begun[0]
    return Period(start, start + timedelta(days=6), f"{spoken(start)} to {spoken(start + timedelta(days=6))}"), not named


def _monday(year: int, week: int) -> date | None:
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def _weekday(m: re.Match[str], cal: Calendar) -> Made:
    """ "Last Monday", "this Monday": the latest one, the last one before today."""
    back = (cal.today.weekday() - WEEKDAYS.index(m["day"])) % 7
    day = cal.today - timedelta(days=back or (7 if m["cue"] == "last" else 0))
    return Period(day, day, spoken(day)), False


def _season(m: re.Match[str], cal: Calendar) -> Made:
    """ "Summer 2026": its three months (spring from March, summer from June, autumn from September)."""
    month = SEASONS[m["season"]]
    year = int(m["year"]) if m["year"] else cal.year or (cal.today.year if month <= cal.today.month else cal.today.year - 1)
    start, end = date(year, month, 1), cal.month(year, month + 2).end
    return Period(start, end, f"{spoken(start)} to {spoken(end)}"), not m["year"]


_nth = r"(?P<nth>first|second|third|fourth|1st|2nd|3rd|4th|last)"
_dated = rf"(?P<month>{MONTH})(?: (?P<year>{YEAR}))?"
_unit = r"(?P<unit>week|month|quarter|year)"
_units = r"(?P<unit>days?|weeks?|months?|quarters?|years?)"
_fy = r"(?P<fy>\d{4}[/-]\d{4}|\d{4}[/-]\d{2}(?![\d-])|\d{2}/\d{2}|\d{4}|\d{2})"
_to = r"(?:before|by|until|till|up to)"
_season_name = "spring|summer|autumn"


def _rule(pattern: str, make: Maker) -> tuple[re.Pattern[str], Maker]:
    return re.compile(rf"\b{pattern}\b"), make


FIRST_RULES: tuple[tuple[re.Pattern[str], Maker], ...] = (
    _rule(r"(?:the )?(?P<before>day before )(?P<day>yesterday)", _near),
    _rule(rf"(?:the )?{_nth} (?P<part>week|half) (?:of|in) {_dated}", _days_of_month),
    _rule(
        rf"(?:between |from )?(?P<one>{ORDINAL}) (?:and|to|-|until|through) (?P<two>{ORDINAL}) (?:of )?{_dated}", _days_of_month
    ),
    _rule(
        rf"(?:between |from )?(?P<month>{MONTH}) (?P<one>{ORDINAL}) ?(?:and|to|-|until|through) ?(?P<two>{ORDINAL})(?: (?P<year>{YEAR}))?",
        _days_of_month,
    ),
)
"""What other rules would read a part of only."""
RULES: tuple[tuple[re.Pattern[str], Maker], ...] = (
    _rule(rf"(?:on )?{DAY}", _one_day),
    _rule(r"(?:on )?(?P<one>\d{1,2})(?P<dot>[/.])(?P<two>\d{1,2})[/.](?P<year>\d{4})", _numeric_day),
    _rule(rf"(?<!/)(?P<month>\d{{1,2}})/(?P<year>{YEAR})", _numeric_month),
    _rule(rf"(?:on )?(?P<day>{ORDINAL}) (?:of )?(?P<month>{MONTH})(?: (?P<year>{YEAR}))?", _spoken_day),
    _rule(rf"(?:on )?(?P<month>{MONTH}) (?P<day>{ORDINAL})(?!\d)(?: (?P<year>{YEAR}))?", _spoken_day),
    _rule(r"\d{4}-\d{2}", _iso_month),
    _rule(
        rf"(?:fy ?|fiscal (?:year )?){_fy} ?(?P<fiscal>)q(?P<q>[1-4])(?P<q2>(?!))?(?P<q3>(?!))?(?P<year>(?!))?(?P<year2>(?!))?",
        _named_quarter,
    ),
    _rule(
        rf"(?P<fiscal>fiscal )?q(?P<q>[1-4])(?P<q2>(?!))?(?P<q3>(?!))? (?:of )?(?:fy ?|fiscal (?:year )?){_fy}(?P<year>(?!))?(?P<year2>(?!))?",
        _named_quarter,
    ),
    _rule(
        r"(?P<fiscal>fiscal )q(?P<q>[1-4])(?P<q2>(?!))?(?P<q3>(?!))? (?:of )?(?P<fy>\d{4}[/-]\d{2,4})(?P<year>(?!))?(?P<year2>(?!))?",
        _named_quarter,
    ),
    _rule(
        rf"(?:h(?P<h>[12])|(?:the )?(?P<hh>first|second) half)(?: of)? (?:fy ?|fiscal (?:year )?){_fy}(?P<year>(?!))?", _half
    ),
    _rule(rf"(?:fy ?|fiscal (?:year )?){_fy}", _fiscal_year),
    _rule(r"(?P<fy>(?:19|20)\d{2}/(?:(?:19|20)\d{2}|\d{2})|\d{2}/\d{2})(?![/.\d])", _fiscal_year),
    _rule(r"(?:the )?(?P<which>this|current|last|previous) half(?: year|-year)?", _half_year),
    _rule(
        rf"(?P<year>{YEAR}) ?(?P<fiscal>fiscal )?q(?P<q>[1-4])(?P<q2>(?!))?(?P<q3>(?!))?(?P<year2>(?!))?(?P<fy>(?!))?",
        _named_quarter,
    ),
    _rule(
        r"(?P<fiscal>fiscal )?(?:q(?P<q>[1-4])|quarter (?P<q3>[1-4])|(?P<q2>first|second|third|fourth|1st|2nd|3rd|4th) quarter)"
        rf"(?: of| in)?(?: fy)?(?: ?(?P<year>{YEAR}))?(?P<year2>(?!))?(?P<fy>(?!))?",
        _named_quarter,
    ),
    _rule(rf"(?:h(?P<h>[12])|(?P<hh>first|second) half)(?: of)?(?: (?P<year>{YEAR}))?(?P<fy>(?!))?", _half),
    _rule(rf"(?:in |of )?(?:calendar )?(?:week |w|cw ?|kw ?)(?P<n>\d{{1,2}})(?: (?:of |in )?(?P<year>{YEAR}))?", _week_number),
    _rule(
        r"(?P<cue>in |during |for |of |since |until |till |by |vs |versus |to |than |against |with |from |between |last |this |through )?"
        rf"(?P<month>{MONTH})(?: (?:of )?(?P<year>{YEAR}))?",
        _named_month,
    ),
    _rule(rf"(?:the )?(?:last|past|previous|trailing|rolling|recent) (?P<n>{NUMBER}) {_units}", _rolling),
    _rule(
        rf"(?:the )?(?:last|past|previous) (?P<n>{NUMBER}) (?:full|complete|completed|whole|closed|finished) {_units}",
        _whole_ones,
    ),
    _rule(rf"(?P<n>{NUMBER}) {_units} ago", _ago),
    _rule(r"(?:(?:fiscal|financial|fy) (?:ytd|to date)|this fy)(?P<unit>(?!))?", _this_fiscal),
    _rule(
        r"(?<!last )(?<!previous )(?<!prior )(?<!past )(?<!by )(?<!per )(?<!each )(?<!every )(?:the )?(?:this |current )?(?:fiscal |financial )(?P<unit>year|quarter)(?: to date| so far)?(?! \d| before)",
        _this_fiscal,
    ),
    _rule(r"(?:(?P<short>[yqmw])td|(?P<unit>year|quarter|month|week) to date)", _to_date),
    _rule(
        r"(?:(?:the |that )?same|this) (?P<unit>week|month|quarter) (?:of |in )?(?:the )?(?:(?:last|previous|prior) year|(?:a|one) year (?:ago|before|earlier))",
        _same_last_year,
    ),
    _rule(rf"(?:this|current) {_unit}(?: so far)?", _this),
    _rule(rf"in the (?P<season>fall)(?: (?:of )?(?P<year>{YEAR}))?", _season),
    _rule(rf"(?:this|the|in|in the|during the) (?P<season>{_season_name})(?: (?:of )?(?P<year>{YEAR}))?", _season),
    _rule(rf"(?<!last )(?P<season>{_season_name}) (?:of )?(?P<year>{YEAR})", _season),
    _rule(r"since (?:the )?new year", _since_new_year),
    _rule(
        rf"(?:(?:{_to} )?(?:the )?(?<!fiscal )(?<!financial )(?:end of (?:the |this )?(?P<unit>year|quarter|month|week)"
        r"|(?P<unit2>year|quarter|month|week)[ -]end)"
        rf"|{_to} (?:the )?(?:new year|(?P<feast>christmas|xmas)))(?! ?\d| before| ago)",
        _to_its_end,
    ),
    _rule(r"(?:the )?past year", _past_year),
    _rule(rf"(?:the )?{_unit} (?P<before>before last)(?P<fiscal>(?!))?", _previous),
    _rule(rf"(?:the )?(?:last|previous|prior|past) (?P<fiscal>fiscal |financial )?{_unit}(?P<before>(?!))?", _previous),
    _rule(rf"(?:the )?(?:next|coming|upcoming) (?:(?P<n>{NUMBER}) )?{_units}", _coming),
    _rule(rf"(?P<cue>last|this|past) (?P<day>{'|'.join(WEEKDAYS)})", _weekday),
    _rule(r"tomorrow", _tomorrow),
    _rule(r"(?P<before>(?!))?(?P<day>today|yesterday)", _near),
    _rule(rf"(?P<fiscal>fy ?|fiscal (?:year )?)?(?P<year>{YEAR})", _named_year),
)
RELATIVE = (_past_year, _this, _this_fiscal, _half_year, _previous, _to_date, _same_last_year, _rolling, _whole_ones)
"""Rules whose periods are told from today."""
