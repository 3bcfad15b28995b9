"""Periods as people say them, relative to the as-of date of the data: "Q3 2011", "last 90 days", "between March and May", "since
June", and those told from another one: "the quarter before", "September against the same month last year"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.spans import a_year_before, label, minus_months
from assistant.spans import before as before_it
from assistant.understand import plain_periods as plain
from assistant.understand.dates import DAYS, MONTHS, Calendar, count_of, shift_years, spoken
from assistant.understand.plain_periods import DAY, MONTH, NUMBER, YEAR, Made, Maker
from knowledge.records import Period

FIRST = date(1900, 1, 1)
UNTIL = re.compile(r"[ ,]*(?:to|until|till|through|thru|up to)\b")
_number, _units = NUMBER, r"(?P<unit>days?|weeks?|months?|quarters?)"
_piece = (
    rf"(?:{DAY}|\d{{4}}-\d{{2}}|(?:\d{{1,2}}(?:st|nd|rd|th)? (?:{MONTH})|(?:{MONTH}) \d{{1,2}}(?:st|nd|rd|th)?(?! ?\d))(?: {YEAR})?"
    rf"|(?:q[1-4]|h[12]|{MONTH})(?: (?:of )?{YEAR})?|(?:first|second|third|fourth) quarter(?: of)?(?: {YEAR})?|{YEAR}|(?:last|this|previous) (?:week|month|quarter|year)|yesterday|today|(?:{'|'.join(plain.SEASONS)})(?: (?:of )?{YEAR})?)"
)
_part = rf"(?:q[1-4]|h[12]|{MONTH})(?: {YEAR})?"
_year_ago = r"(?:a year (?:ago|earlier|before)|one year (?:ago|earlier|before)|the (?:previous |prior )?year (?:before|earlier|prior)(?: that)?|the (?:previous|prior) year)"


@dataclass(frozen=True)
class Found:
    """A period found in words start..end of the normalised text. `bare` says that no year was named (a thread may supply it),
    `relative` that it is told from today ("last year"), `year_only` that it is one of the years around today."""

    period: Period
    start: int
    end: int
    bare: bool = False
    relative: bool = False
    year_only: bool = False


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
    told = [(m, make) for pattern, make in ANCHORED for m in pattern.finditer(text)]
    kept_free = [m.span() for m, _ in told]
    found: list[Found] = []
    for pattern, make in (*plain.FIRST_RULES, *COMPOUND, *plain.RULES):
        for match in pattern.finditer(text):
            if any(
                match.start() < end and start < match.end() for start, end in (*kept_free, *((f.start, f.end) for f in found))
            ):
                continue
            made = make(match, cal)
            if made is not None:
                year = make in plain.RELATIVE and match.groupdict().get("unit") == "year"
                found.append(Found(made[0], match.start(), match.end(), made[1], make in plain.RELATIVE, year))
    for match, tell in told:
        if not any(match.start() < f.end and f.start < match.end() for f in found):
            found = tell(match, cal, found)
    return _clipped(_of_years(sorted(found, key=lambda f: f.start), text), text)


def _of_years(found: Sequence[Found], text: str) -> list[Found]:
    """ "Q4 last year", "the first half of this year", "ytd last year": a part of a year and the year it is of are one period."""
    out: list[Found] = []
    for f in found:
        last = out[-1] if out else None
        beside = last is not None and text[last.end : f.start].strip() in ("", "of", "in", "of the")
        if last is not None and beside and f.year_only and not last.year_only and (last.bare or last.relative):
            years = last.period.start.year - f.period.start.year
            moved = last.period if not years else _years_back(last.period, years)
            out[-1] = Found(moved, last.start, f.end)
        else:
            out.append(f)
    return out


def _clipped(found: Sequence[Found], text: str) -> list[Found]:
    """ "This year through June", "2025 up to August": the first up to the end of the second, which lies in it, is one period."""
    out: list[Found] = []
    for f in found:
        last = out[-1] if out else None
        cut = _until(last.period, f, text[last.end : f.end]) if last is not None else None
        if last is not None and cut is not None:
            out[-1] = Found(cut, last.start, f.end)
        else:
            out.append(f)
    return out


def _until(whole: Period, f: Found, said: str) -> Period | None:
    """The part of `whole` up to the end of a period said right behind it ("until june"); None where that is none of it."""
    if not UNTIL.match(said):
        return None
    one_year = whole.start.year == whole.end.year and not re.search(YEAR, said)
    end = f.period.end if not one_year else shift_years(f.period.end, whole.end.year - f.period.end.year)
    begins_before = f.period.start != FIRST and not one_year and f.period.start < whole.start
    if begins_before or not whole.start <= end <= whole.end:
        return None
    return whole if end == whole.end else Period(whole.start, end, label(whole.start, end))


def _years_back(period: Period, years: int) -> Period:
    whole = (period.end + timedelta(days=1)).day == 1
    end = (
        minus_months(period.end + timedelta(days=1), 12 * years) - timedelta(days=1)
        if whole
        else shift_years(period.end, -years)
    )
    start = shift_years(period.start, -years)
    return Period(start, end, label(start, end))


def _between(m: re.Match[str], cal: Calendar) -> Made:
    if re.search(r"\b(?:difference|compare|comparison)\b", m.string[: m.start()]) and m.group().startswith("between"):
        return None  # two periods, and what lies between their figures
    one, two = _edge(m["one"], cal), _edge(m["two"], cal)
    if one is None or two is None:
        return None
    start, end = one.start, two.end
    if one.start > two.end and not re.search(YEAR, m["one"]):
        start = shift_years(start, -1 if start > end else 0)
    elif re.search(YEAR, m["two"]) and not re.search(YEAR, m["one"]):
        same = one.start.replace(year=two.end.year)
        start = same if same <= end else shift_years(same, -1)
    if start > end:
        return None
    return Period(start, end, f"{spoken(start)} to {spoken(end)}"), not re.search(YEAR, m.group())


def from_one_to_another(text: str, cal: Calendar) -> tuple[Period, Period] | None:
    """The two periods of "from august to september" in a normalised text: what a change is from, and to. As one period they are all the
    days from the first to the last."""
    for m in FROM_TO.finditer(text):
        both = _between(m, cal)
        if both is not None:
            one, two = (
                _edge(m["one"], replace(cal, year=both[0].start.year)),
                _edge(m["two"], replace(cal, year=both[0].end.year)),
            )
            if one is not None and two is not None and one.end < two.start and one.days > 1 < two.days:
                return one, two
    return None


def _edge(text: str, cal: Calendar) -> Period | None:
    said = text.strip()
    said = f"in {said}" if said in MONTHS else f"in the {said}" if said in plain.SEASONS else said
    inner = find_periods(said, cal)
    return inner[0].period if len(inner) == 1 and inner[0].start == 0 and inner[0].end == len(said) else None


def _since(m: re.Match[str], cal: Calendar) -> Made:
    edge = _edge(m["edge"], cal)
    if edge is None:
        return None
    over = (m["side"] or "").startswith("end")
    if m["word"] in ("before", "until", "till", "up to"):
        first = m["word"] == "before" or (m["side"] and not over)
        end = edge.start - timedelta(days=1) if first and not over else edge.end
        return Period(FIRST, end, f"up to {spoken(end)}"), False
    start = edge.end + timedelta(days=1) if m["word"] == "after" or over else edge.start
    if start > cal.today:
        start = shift_years(start, -1)
    return Period(start, max(cal.today, start), f"since {spoken(start)}"), False


def _since_unit(m: re.Match[str], cal: Calendar) -> Made:
    """ "Since the beginning of the year"."""
    start = cal.start_of(m["unit"], cal.today)
    return Period(start, cal.today, f"since {spoken(start)}"), False


def _first_of(m: re.Match[str], cal: Calendar) -> Made:
    """ "The first nine months of 2025", "the last two weeks of october"."""
    edge = _edge(m["edge"], cal)
    count, unit = count_of(m["n"]), m["unit"].rstrip("s")
    if edge is None or count < 1:
        return None
    if m["nth"] == "last":
        start = cal.run_of(unit, count, edge.end)
        end = edge.end
    else:
        start = edge.start
        months = {"month": 1, "quarter": 3}.get(unit)
        end = (
            minus_months(start, -months * count) - timedelta(days=1)
            if months
            else start + timedelta(days=count * (7 if unit == "week" else 1) - 1)
        )
    if start < edge.start or end > (edge.end if edge.end != cal.today else max(end, edge.end)):
        return None
    return Period(start, end, label(start, end)), False


def _ending(m: re.Match[str], cal: Calendar) -> Made:
    """ "The 12 months to September 2026", "3 months ending june"."""
    edge = _edge(m["edge"], cal)
    count = count_of(m["n"])
    if edge is None or count < 1:
        return None
    start = cal.run_of(m["unit"].rstrip("s"), count, edge.end)
    return Period(start, edge.end, label(start, edge.end)), False


def _week_of(m: re.Match[str], cal: Calendar) -> Made:
    """ "The week of 5 October"."""
    edge = _edge(m["edge"], cal)
    if edge is None or edge.days != 1:
        return None
    start = cal.start_of("week", edge.start)
    return Period(start, start + timedelta(days=6), f"{spoken(start)} to {spoken(start + timedelta(days=6))}"), False


def _told_from(found: Sequence[Found], m: re.Match[str], cal: Calendar) -> tuple[Found | None, Period | None]:
    """The period that "before" counts from: the nearest one said before it, else the thread's."""
    former = [f for f in found if f.end <= m.start()]
    nearest = max(former, key=lambda f: f.end, default=None)
    return nearest, nearest.period if nearest else cal.anchor


def _ends_there(m: re.Match[str]) -> bool:
    """Whether nothing that it could be before ("3 days before the promise") follows."""
    return bool(
        re.match(
            r"(?: |$)(?:$|and|or|vs|versus|for|in|by|of|at|to|with|from|per|please|than|was|were|is|did|how|what)(?: |$)|$",
            m.string[m.end() :] or "",
        )
    )


def _a_year_back(m: re.Match[str], cal: Calendar, found: list[Found]) -> list[Found]:
    """ "The same month last year", "a year ago": a year before the period it is told from; right behind that one, in its place."""
    nearest, anchor = _told_from(found, m, cal)
    if not _ends_there(m):
        return found
    if anchor is None:
        unit = m.groupdict().get("unit")
        if unit is None and not m.group().startswith(("same", "the same", "last", "the previous", "the prior")):
            return found  # "a year ago", of nothing
        start = cal.start_of("year", cal.today)
        so_far = Period(start, cal.today, "year to date")
        if unit == "year" or (unit is None and m.group().startswith(("the previous", "the prior"))):
            made = cal.whole_year(cal.today.year - 1)
        elif unit == "month":
            made = cal.month(cal.today.year - 1, cal.today.month)
        elif unit == "quarter":
            made = cal.quarter(cal.today.year - 1, (cal.today.month + 2) // 3)
        else:
            made = a_year_before(so_far)
        return [*found, Found(made, m.start(), m.end(), False, True)]
    shifted = a_year_before(anchor)
    if nearest and m.string[nearest.end : m.start()].strip() in ("", "in", "of"):
        return [*(f for f in found if f is not nearest), Found(shifted, nearest.start, m.end())]
    return [*found, Found(shifted, m.start(), m.end(), False, True)]


def _just_before(m: re.Match[str], cal: Calendar, found: list[Found]) -> list[Found]:
    """ "The quarter before", "the 3 months before last month", "the month after that": told from another period."""
    follows = next((f for f in found if 0 <= f.start - m.end() <= 1), None)
    if follows is None and not _ends_there(m):
        return found
    _, anchor = _told_from(found, m, cal)
    anchor = follows.period if follows else anchor
    count, unit = count_of(m["n"] or "a"), m["unit"].rstrip("s")
    if anchor is None and m["side"] in ("previous", "preceding"):
        following = cal.today + timedelta(days=1)
        first = following if m["n"] else cal.start_of(unit, cal.today)
        anchor = Period(first, max(first, cal.today), "")
    if anchor is None:
        return found
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if m["side"] in ("after", "later", "following"):
        start = anchor.end + timedelta(days=1)
        end = (
            minus_months(start, -months * count) - timedelta(days=1)
            if months
            else start + timedelta(days=count * (7 if unit == "week" else 1) - 1)
        )
    elif unit == "year" and not m["n"] and anchor.days < 300:
        back = a_year_before(anchor)
        start, end = back.start, back.end
    elif not m["n"] and abs(anchor.days - DAYS[unit]) <= 3:
        back = before_it(anchor, cal.today)
        start, end = back.start, back.end
    else:
        end = anchor.start - timedelta(days=1)
        start = cal.run_of(unit, count, end)
    kept = [f for f in found if f is not follows]
    return [*kept, Found(Period(start, end, label(start, end)), m.start(), follows.end if follows else m.end(), False, True)]


def _rule(pattern: str, make: Maker) -> tuple[re.Pattern[str], Maker]:
    return re.compile(rf"\b{pattern}\b"), make


FROM_TO = re.compile(rf"\bfrom (?P<one>{_piece}) (?:to|until|till|through|-) (?P<two>{_piece})\b")
COMPOUND: tuple[tuple[re.Pattern[str], Maker], ...] = (
    _rule(
        rf"(?:the )?(?P<nth>first|last|final) (?P<n>{NUMBER}) {_units} (?:of|in) (?:the )?(?P<edge>{_piece})",
        _first_of,
    ),
    _rule(rf"(?:the )?(?P<n>{NUMBER}) {_units} (?:to|up to|until|ending|ended)(?: (?:in|on))? (?P<edge>{_piece})", _ending),
    _rule(rf"(?:in )?(?:the )?week (?:of|commencing|starting|beginning)(?: the)? (?P<edge>{_piece})", _week_of),
    _rule(rf"(?:between|from) (?P<one>{_piece}) (?:and|to|until|till|through|-) (?P<two>{_piece})", _between),
    _rule(
        rf"(?P<one>{DAY}|\d{{4}}-\d{{2}}|{YEAR}) ?(?:\.\.|to|-|until|through) ?(?P<two>{DAY}|\d{{4}}-\d{{2}}|{YEAR})", _between
    ),
    _rule(rf"(?P<one>{_part}) ?(?:to|-|until|through) ?(?P<two>{_part})", _between),
    _rule(r"since (?:the )?(?:beginning|start) of (?:the|this) (?P<unit>week|month|quarter|year)", _since_unit),
    _rule(
        rf"(?P<word>since|after|before|until|till|up to|starting|from) (?:the )?(?P<side>(?:beginning|start|end) of )?(?:the )?(?P<edge>{_piece})",
        _since,
    ),
)
"""Periods made of others."""
_last_year = (
    r"(?:last year|a year (?:ago|earlier|before)|one year (?:ago|earlier)|the (?:year before|previous year|prior year))"
)
ANCHORED = tuple(
    (re.compile(rf"\b{pattern}\b"), tell)
    for pattern, tell in (
        (rf"(?:the )?same (?:{NUMBER} )?(?:period|time|days|weeks|months|quarters)(?: (?:of|in))? {_last_year}", _a_year_back),
        (rf"(?:the )?same (?P<unit>month|quarter)(?: (?:of|in))? {_last_year}", _a_year_back),
        (r"last year(?: in)? (?:the )?same (?P<unit>month|quarter)", _a_year_back),
        (r"last year(?: in)? (?:the )?same (?:period|time)", _a_year_back),
        (_year_ago, _a_year_back),
        (
            rf"(?:the )?(?:(?P<n>{NUMBER}) )?(?P<unit>days?|weeks?|months?|quarters?|years?) (?P<side>before|prior to|earlier|preceding|after)(?: (?:that|then|it|this one))?(?! last$| last (?!week|month|quarter|year)| yesterday| today)",
            _just_before,
        ),
        (rf"the (?P<side>previous|preceding|following)(?: (?P<n>{NUMBER}))? (?P<unit>weeks?|months?|quarters?)", _just_before),
    )
)
"""Periods told from another one of the question or of its thread."""
