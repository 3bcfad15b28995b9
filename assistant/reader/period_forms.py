"""Periods as strangers say them, brought to the forms that the period grammar knows: abbreviations, ranges of days, "so far".

Only what the tagger holds for a period comes here, so that a form may be generous without taking words that mean something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from assistant.understand.dates import MONTHS, Calendar
from assistant.understand.numbers import number_at
from assistant.understand.periods import find_periods
from knowledge.records import Period

UNIT = r"(?:day|week|month|quarter|year)"
SHORT = {
    "d": "days",
    "w": "weeks",
    "wk": "weeks",
    "m": "months",
    "mo": "months",
    "mth": "months",
    "mths": "months",
    "q": "quarters",
    "y": "years",
}
FISCAL = r"(?:fiscal|financial|business|trading|book) year|f\.?y"
NOW = r"(?:so far|to date|to[- ]day|td|until (?:now|today)|till (?:now|today)|up to (?:now|today|date)|up till now|until the present)"
RULES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\b(?:yday|yest\.?)(?!\w)", "yesterday"),
    (r"^(?:as of )?(?:lately|recently|of late|these last weeks|in recent (?:weeks|months))$", "last 90 days"),
    (r"\b(?:prev|previous|prior|preceding|past)\b\.?", "last"),
    (r"\b(?:these|the) last\b", "last"),
    (r"^(?:rolling|trailing|running|latest)\b", "last"),
    (r"\b(wk|mo|mth|qtr|qrtr|yr)\b\.?", lambda m: {"wk": "week", "mo": "month", "mth": "month", "qtr": "quarter", "qrtr": "quarter", "yr": "year"}[m[1]]),
    (r"\blast q\b", "last quarter"),
    (r"\bthis q\b|\bq (?:td|so far|to date)\b|\bqtd\b", "this quarter"),
    (r"\bmtd\b", "this month"), (r"\bwtd\b", "this week"), (r"\bytd\b (\d{2,4})\b", r"\1"), (r"\b(\d{4}) ?ytd\b", r"\1"), (r"^(?:year-to-date|ytd)$", "this year"),
    (r"\bly\b", "last year"),
    (r"^(?:l|last )?(\d+) ?(d|w|wk|m|mo|mth|mths|q|y)\b(?: back)?", lambda m: f"last {m[1]} {SHORT[m[2]]}"),
    (rf"^(?:the )?(?:{FISCAL})(?: ?{NOW})?$|^fytd$|^fiscal ytd$|^this (?:{FISCAL})(?: {NOW})?$|^current (?:{FISCAL})(?: {NOW})?$", "this fiscal year"),
    (rf"^since (?:the )?(?:begin(?:ning)?|start)(?: of)? (?:the )?(?:{FISCAL})$|^since (?:the )?(?:{FISCAL})(?: has)? (?:began|begun|started|kicked off|start)$", "this fiscal year"),
    (rf"^so far (?:in )?this (?:{FISCAL})$|^(?:the )?(?:{FISCAL}) (?:kicked off|began|started)$", "this fiscal year"),
    (rf"^(?:since )?(?:the )?(?:(?:current|running|present|ongoing|this) )?({UNIT})(?: {NOW}| (?:has )?(?:began|begun|started)| that runs now| we are in(?: now)?)$", r"this \1"),
    (rf"^(?:the )?(?:current|running|present|ongoing) ({UNIT})$", r"this \1"),
    (rf"^so far (?:in )?this ({UNIT})$", r"this \1"),
    (rf"^since (?:the )?(?:begin(?:ning)?|start|first|1st)(?: of)? (?:the |this )?({UNIT})$", r"this \1"),
    (r"^since new year(?:'s)?(?: day)?$", "this year"),
    (rf"^(?:the )?({UNIT}) (?:just )?(?:before(?: (?:this|the current|the present|that))?(?: (?:one|\1))?|just gone|that just ended|gone by)$", r"last \1"),
    (rf"^(?:the )?last (?:full|complete|whole|finished) ({UNIT})$", r"last \1"),
    (r"^(?:the )?last calendar year$", "last year"),
    (r"^(?:calendar year|cy|the year|year|fy) ?'?(\d{4})$", r"\1"),
    (r"^(?:cy|calendar year|the year|year) ?'?(\d{2})$", r"20\1"),
    (r"\b(q[1-4]|h[12]|summer|spring|autumn|winter|fall)[ /'-]+(?:of )?'?(\d{2})$", r"\1 20\2"),
    (r"^sum(?:m?er)? '?(\d{2})$", r"summer 20\1"), (r"^sum '?(\d{4})$", r"summer \1"),
    (r"^([12])h ?'?(\d{2})$", r"h\1 20\2"), (r"^([12])h (last|this) year$", r"h\1 \2 year"),
    (r"^(?:the )?(?:first|1st) half(?:[- ]year)?(?: of)? (\d{4})$", r"h1 \1"), (r"^(?:the )?(?:second|2nd) half(?:[- ]year)?(?: of)? (\d{4})$", r"h2 \1"),
    (r"^(?:the )?month of ([a-z]+)$", r"\1"), (r"^([a-z]+) so far$", r"\1"),
    (r"^(?:the )?last week,?(?: of)? (?:seven|7) days$", "last 7 days"),
    (r"^(?:the )?last year,? (?:i\.e\. )?(?:twelve|12) months$|^(?:last )?(?:twelve|12) (?:months|mths)(?: back)?(?: until now)?$|^last year back from today$", "last 12 months"),
    (r"^last year'?s? ?,? ?summer,? ?(\d{4})$|^last summer,? (\d{4})$", lambda m: f"summer {m[1] or m[2]}"),
    (r"^last year,? summer (\d{4})$", r"summer \1"),
    (r"^(\d{4}) ?(?:td|to date|so far)$|^so far in (\d{4})$", lambda m: m[1] or m[2]),
)  # fmt: skip
LEADING = re.compile(r"^(?:(?:in|during|over|for|the|of|at|on|within|through(?:out)?|across|that|about)\s+)+", re.IGNORECASE)
DAY_IN = re.compile(
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})|(?P<a>\d{1,2})[./](?P<b>\d{1,2})(?:[./](?P<y>\d{4}|\d{2})?)?"
    r"|(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<m>[a-z]{3,9})\.?,?(?: (?P<y2>\d{4}))?"
    r"|(?P<end>(?:the )?end of )?(?P<m2>[a-z]{3,9})\.?(?: (?:the )?(?P<d2>\d{1,2})(?:st|nd|rd|th)?)?,?(?: (?P<y3>\d{4}))?",
    re.IGNORECASE,
)
JOINED = re.compile(
    r"\s*(?:–|—|\s-\s|(?<=[\w.])-(?=\d)|\bto\b|\btill\b|\buntil\b|\bthrough\b|\bthru\b|\band\b|\bup to\b|\.\.)\s*",
    re.IGNORECASE,
)


def normal(text: str) -> str:
    """The text in a form that the grammar knows, as far as a rule tells one; lower case, single spaces."""
    said = LEADING.sub("", " ".join(text.lower().replace("’", "'").replace("?", "").split())).strip(" ,.;:!")
    said = _digits(said)
    for pattern, put in RULES:
        said = re.sub(pattern, put, said).strip()
    return LEADING.sub("", said)


def _digits(text: str) -> str:
    """Numbers in words as digits: "ninety days"."""
    words = text.split()
    out: list[str] = []
    at = 0
    while at < len(words):
        number = (
            number_at(words, at)
            if words[at] not in ("a", "an", "one", "second", "first") and not words[at][0].isdigit()
            else None
        )
        if number is not None and not number.share and number.value == int(number.value):
            out.append(str(int(number.value)))
            at = number.last + 1
        else:
            out.append(words[at])
            at += 1
    return " ".join(out)


def ranged(text: str, calendar: Calendar) -> Period | None:
    """A range of days or months: "1 june to 31 aug", "01.10.–31.10.2011", "04/01-09/30"; None where the text is none.

    Days come first, unless that cannot be; without a year the latest such range that does not begin after today is meant."""
    said = re.sub(r"^(?:from|between|since)\s+", "", text.lower().strip())
    parts = [p for p in JOINED.split(said) if p]
    if len(parts) != 2:
        return None
    found = [DAY_IN.fullmatch(p.strip(" .,")) for p in parts]
    if found[0] is None or found[1] is None:
        return None
    flipped = any(m["a"] and int(m["b"]) > 12 for m in found if m is not None)
    sides = [_side(m, last=i == 1, flipped=flipped) for i, m in enumerate(found) if m is not None]
    if any(s is None for s in sides):
        return None
    (y1, m1, d1), (y2, m2, d2) = sides  # type: ignore[misc]
    try:
        if y2 is None and y1 is None:
            y1 = calendar.year or calendar.today.year
            if date(y1, m1, 1) > calendar.today:
                y1 -= 1
            y2 = y1 + ((m2, d2) < (m1, d1))
        elif y1 is None and y2 is not None:
            y1 = y2 - ((m1, d1) > (m2, d2))
        elif y2 is None and y1 is not None:
            y2 = y1 + ((m2, d2) < (m1, d1))
        assert y1 is not None
        assert y2 is not None
        start, end = date(y1, m1, d1), _end(y2, m2, d2)
    except ValueError:
        return None
    return Period(start, end, f"{start.day} {start:%b %Y} to {end.day} {end:%b %Y}") if start <= end else None


def _side(m: re.Match[str], *, last: bool, flipped: bool) -> tuple[int | None, int, int] | None:
    if m["iso"]:
        y, mo, d = (int(x) for x in m["iso"].split("-"))
        return y, mo, d
    if m["a"]:
        d, mo = (int(m["b"]), int(m["a"])) if flipped else (int(m["a"]), int(m["b"]))
        year = int(m["y"]) if m["y"] else None
        return (2000 + year if year is not None and year < 100 else year), mo, d
    name = m["m"] or m["m2"]
    month = MONTHS.get(name[:3]) if name and (name in MONTHS or name[:3] in MONTHS) else None
    if month is None:
        return None
    told = m["y2"] or m["y3"]
    day = m["d"] or m["d2"]
    return (int(told) if told else None), month, int(day) if day else (31 if last else 1)


def _end(year: int, month: int, day: int) -> date:
    """That day, or the month's last where it has no such day."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, min(day, 28)) + timedelta(days=max(0, day - 28)), following - timedelta(days=1))


def since(text: str, calendar: Calendar) -> Period | None:
    """ "Since the 1st of december", "since july 1", "from may on": to today."""
    m = re.fullmatch(
        r"(?:since|from|starting|as of)\s+(?:last )?(.*?)(?:\s+(?:on|onwards?|then|until now|first))*(?:,.*)?",
        text.lower().strip(),
    )
    found = DAY_IN.fullmatch(m[1].strip(" .,")) if m else None
    side = _side(found, last=False, flipped=False) if found else None
    if side is None:
        return None
    year, month, day = side
    year = year or calendar.today.year - (date(calendar.today.year, month, 1) > calendar.today)
    start = date(year, month, day)
    return Period(start, calendar.today, f"since {start.day} {start:%b %Y}") if start <= calendar.today else None


def period_of(text: str, calendar: Calendar) -> Period | None:
    """The one period that a text names; None where it names none, or words that change it are left over."""
    plain = " ".join(text.lower().replace(",", " ").split())
    for said in (plain, normal(text)):
        if said == "this fiscal year" and calendar.fiscal == 1:
            said = "this year"  # noqa: PLW2901
        found = find_periods(said, calendar)
        if len(found) == 1:
            rest = said[: found[0].start] + " " + said[found[0].end :]
            if not [w for w in rest.split() if w not in EMPTY]:
                return found[0].period
    return ranged(normal(text), calendar) or ranged(plain, calendar) or since(plain, calendar) or since(normal(text), calendar)


EMPTY = frozenset(
    "the in of for during over on from to so far now only just whole entire calendar period all as at up until till that".split()
)
