"""Over which days and in which buckets: the period of a question, what it is set against, and its grain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from assistant.questions import Question
from assistant.spans import a_year_before, last_whole
from assistant.understand.dates import Calendar
from assistant.understand.periods import Found, from_one_to_another
from assistant.understand.reading import Reading
from assistant.understand.tokens import tokenise
from knowledge.records import Grain, Period

EACH = frozenset(("by", "per", "each", "every"))


def grain_of(r: Reading) -> Grain | None:
    asked = r.names()
    for at, grain in r.grains:
        word = r.word(at)
        if (
            r.word(at - 1) in ("by", "per", "each", "every", "a")
            or _behind_dimension(r, at)
            or word.endswith("ly")
            or word in ("annual", "annually")
            or asked & {"trend", "rank"}
        ):
            return grain  # type: ignore[return-value]
    whole = next((p for p in r.phrases("trend") if " by " in p), None)
    return whole.split(" ")[0] if whole else None  # type: ignore[return-value]


def _behind_dimension(r: Reading, at: int) -> bool:
    """ "By region and month", "by region, month"."""
    listed = at > 0 and r.role[at - 1] == "dimension" and "," in r.between(at - 1, at)
    joined = r.word(at - 1) in ("and", "then") and at > 1 and r.role[at - 2] in ("dimension", "metric")
    return listed or (joined and any(r.word(j) in EACH for j in range(max(0, at - 6), at - 1)))


def periods_of(r: Reading, today: date) -> tuple[Period | None, Period | None]:
    """The period, and what it is set against."""
    found = sorted(r.periods, key=lambda f: f.start)
    said = r.phrases("compare")
    yearly = said & {"yoy", "year over year", "year on year"}
    if not found:
        if yearly:
            return (now := Period(date(today.year, 1, 1), today, f"year to {today.day} {today:%b %Y}", "year")), a_year_before(
                now
            )
        if said & {"qoq", "quarter over quarter", "quarter on quarter"}:
            return last_whole("quarter", today), None
        if said & {"mom", "month over month", "month on month"}:
            return last_whole("month", today), None
        return None, None
    if len(found) >= 2:
        one, two = found[0].period, _in_that_year(found[1], found[0].period)
        if r.said("from") and r.names() & {"growth", "why"} and one.start < two.start:
            one, two = two, one
        return (one, two) if one != two else (one, None)
    only = found[0].period
    if yearly:
        return only, a_year_before(only)
    last = max(i for i, role in enumerate(r.role) if role == "period")
    against = {
        "compared to",
        "compared with",
        "vs",
        "versus",
        "against",
        "relative to",
        "compared",
        "than",
        "better than",
        "worse than",
        "higher than",
        "lower than",
    }
    span = [i for i, role in enumerate(r.role) if role == "period"]
    follows = any(r.words(span[0] - len(p.split()), span[0] - 1) == p for p in against if span[0] >= len(p.split()))
    if follows and only.end < today and last:
        return current_like(only, today), only
    return only, None


def changed_between(q: Question, calendar: Calendar) -> Question:
    """ "How did otd change from august to september": september's set against august's, and not both months against the two before."""
    if q.operation not in ("growth", "why") or q.period is None or q.compare_to is not None:
        return q
    sides = from_one_to_another(" ".join(t.text for t in tokenise(q.text)), calendar)
    if sides is None or (sides[0].start, sides[1].end) != (q.period.start, q.period.end):
        return q
    return replace(q, period=sides[1], compare_to=sides[0])


def spare(r: Reading, set_against: bool) -> tuple[str, ...]:
    """The periods that nothing uses: a third one, and a second where none is set against the first."""
    used = 2 if set_against else 1
    told = [f.period for f in sorted(r.periods, key=lambda f: f.start)]
    return tuple(p.label for p in dict.fromkeys(told[used:]) if p not in told[:used])


def _in_that_year(found: Found, beside: Period) -> Period:
    """ "Last year", set against a part of a year: the same part of it."""
    if not found.year_only or beside.days > 300:
        return found.period
    years = beside.start.year - found.period.start.year
    for _ in range(years):
        beside = a_year_before(beside)
    return beside if years > 0 else found.period


def current_like(before: Period, today: date) -> Period:
    """The period that "compared to last year" sets against it: this year so far."""
    unit: Grain | None = None
    if before.days >= 360:
        start, unit = date(today.year, 1, 1), "year"
    elif before.days >= 85:
        start, unit = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), "quarter"
    elif before.days >= 28:
        start, unit = today.replace(day=1), "month"
    elif before.days == 7 and before.start.weekday() == 0:
        start, unit = today - timedelta(days=today.weekday()), "week"
    else:
        start = today - timedelta(days=before.days - 1)
    return Period(start, today, f"{start.day} {start:%b %Y} to {today.day} {today:%b %Y}", unit)
