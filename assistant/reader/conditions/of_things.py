"""What is said of things themselves: a state, a number, a date that is known of them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from assistant.reader.conditions.amounts import comparison
from assistant.reader.conditions.spoken import Spoken, member_path, path_of
from assistant.reader.conditions.words import Words
from assistant.reader.nouns import stems
from assistant.understand.numbers import number_at
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.model import NUMBERS
from knowledge.entities.predicates import All, Compare, Predicate, both
from knowledge.records import Period


def states(words: Words, spoken: Spoken, what: str) -> Predicate | None:
    """What is said of the things that were done: "late", "above 100", "from Norrland"."""
    made: Predicate | None = None
    for first, size, paths in spoken.attributes:
        if not words.free(first, size):
            continue
        by_number = any(number_at([t.text], 0) is not None and i not in words.used for i, t in enumerate(words.tokens))
        path = path_of(
            sorted(paths, key=lambda p: (by_number and attribute(p)[1].kind not in NUMBERS, attribute(p)[1].kind == "date")),
            what,
        )
        if path is None:
            continue
        known = attribute(path)[1]
        if (
            known.kind == "flag"
            and size == 1
            and words.tokens[first].text.endswith("ing")
            and known.label.split()[0].endswith("ed")
        ):
            continue  # "express shipping" says nothing of what was shipped
        if known.kind == "flag":
            words.take(first, size)
            made = both(made, _measured_flag(words, path) or Compare(path, "=", (True,)))
        elif known.kind in NUMBERS:
            path = _as_a_share(words, path)
            told = comparison(words, "=")
            if told is not None:
                words.take(first, size)
                made = both(made, Compare(path, told[0], (told[1],)))
    for first, size, fits in spoken.members:
        path = next((p for m in fits if words.free(first, size) and (p := member_path(m, what)) is not None), None)
        if path is not None:
            words.take(first, size)
            value = next(m.value for m in fits if member_path(m, what) == path)
            made = both(made, Compare(path, "=", (value,)))
    return made


def _as_a_share(words: Words, path: str) -> str:
    """The attribute that tells as a part what this one tells in money, where per cent are said; else this one."""
    of, known = attribute(path)
    said = any(t.text.endswith("%") or t.text in ("percent", "pct") for t in words.tokens)
    return f"{of.name}.{known.name}_share" if said and f"{known.name}_share" in of.attributes else path


def _measured_flag(words: Words, path: str) -> Compare | None:
    """ "Late by more than 5 days": the attribute in that unit that goes with the yes or no."""
    of, known = attribute(path)
    for unit in ("days", "hours"):
        told = next((i for i, s in enumerate(words.stems) if f"{s}s" == unit and words.free(i)), None)
        other = next(
            (a for a in of.attributes.values() if a.kind == unit and set(known.name.split("_")) <= set(a.name.split("_"))), None
        )
        if told is not None and other is not None:
            compared = comparison(words, ">=")
            if compared is not None:
                for i, stem in enumerate(words.stems):  # "paid" more than 30 days "late"
                    if stem in other.name.split("_"):
                        words.take(i)
                return Compare(f"{of.name}.{other.name}", compared[0], (compared[1],))
    return None


SIDES: dict[str, Literal["<", "<=", ">", ">="]] = {
    "before": "<", "until": "<=", "till": "<=", "by": "<=", "earlier": "<=", "since": ">=", "after": ">", "later": ">=", "from": ">=",
}  # fmt: skip


OPEN_START = date(1900, 1, 1)
"""Where a period begins that has no beginning."""


def past(words: Words, spoken: Spoken, home: str, today: date) -> Predicate | None:
    """ "Past their promised date", "already beyond its due date": a date that is known of the thing lies before today."""
    for first, size, paths in spoken.attributes:
        path = path_of(paths, home)
        if path is None or attribute(path)[1].kind != "date" or not words.free(first, size):
            continue
        at = next((i for i in range(first - 1, max(-1, first - 4), -1) if words.tokens[i].text in ("past", "beyond")), None)
        if at is None or any(words.tokens[i].text not in ("its", "their", "the", "past", "beyond") for i in range(at, first)):
            continue
        words.take(at, first - at + size)
        return Compare(path, "<", (today,))
    return None


def dated(words: Words, spoken: Spoken, home: str, period: Period | None) -> Predicate | None:
    """ "Promised for next week", "due before May": a date that is known of the thing, within, before or after the period that is said."""
    if period is None:
        return None
    for first, size, paths in spoken.attributes:
        path = path_of(paths, home)
        if path is None or attribute(path)[1].kind != "date" or not words.free(first, size):
            continue
        begins = min(
            (i for i in words.used if i >= first + size), default=len(words.tokens)
        )  # the period's own words are taken by now
        sides = [i for i, t in enumerate(words.tokens) if t.text in SIDES and i not in words.used]
        if any(not first + size <= i < max(begins, first + size) for i in sides):
            return None  # "after their promised date in May" is about two dates
        words.take(first, size)
        sign = next((SIDES[words.tokens[i].text] for i in sides), None)
        for i in sides:
            words.take(i)
        if period.start <= OPEN_START:
            return Compare(path, "<=", (period.end,))  # "before May" as the periods have it
        if sign is None and period.label.startswith("since "):
            return Compare(path, ">=", (period.start,))  # dates to come count too
        if sign is None:
            return All((Compare(path, ">=", (period.start,)), Compare(path, "<=", (period.end,))))
        return Compare(path, sign, (period.start if sign in ("<", ">=") else period.end,))
    return None


TIMED = frozenset(("day", "hour", "week", "month", "year", "minute"))
SCALED = 10
VALUES = {
    "order": "order.value",
    "line": "line.value",
    "return": "return.value",
    "invoice": "invoice.amount",
    "contract": "contract.value",
    "quote": "quote.amount",
}
"""What "above 100" is about, where nothing else is said."""


def bare_number(words: Words, home: str) -> Predicate | None:
    if home not in VALUES or any(t.text in ("%", "percent", "pct") or t.text.endswith("%") for t in words.tokens):
        return None  # no part of anything
    if any(base in TIMED for base in words.stems):
        return None  # "more than 60 days" are no money
    told = comparison(words, ">=")
    return Compare(VALUES[home], told[0], (told[1],)) if told is not None else None


def value_of_verb(words: Words, at: int, what: str) -> Predicate | None:
    """ "Rated us 2 or lower", "rated 1 or 2": the number that a verb gives is what the things say by an attribute called like it."""
    known = next((a for a in entity(what).attributes.values() if words.stems[at] in stems(a.given)), None)
    numbers = [i for i, t in enumerate(words.tokens) if t.text.isdigit() and i > at and words.free(i)]
    counted = any(words.stems[i + 1 : i + 2] == ["time"] for i in numbers)
    if known is None or not numbers or counted:
        return None
    path = f"{what}.{known.name}"
    if len(numbers) == 2 and numbers[1] == numbers[0] + 2 and words.tokens[numbers[0] + 1].text in ("or", "and"):
        words.take(numbers[0], 3)
        return Compare(path, "=", tuple(float(words.tokens[i].text) for i in numbers))
    told = comparison(words, "=")
    return Compare(path, told[0], (told[1],)) if told is not None else None


def given(words: Words, home: str) -> Predicate | None:
    """ "Rated 1 or 2" of the comments themselves."""
    for at, stem in enumerate(words.stems):
        if any(stem in stems(a.given) for a in entity(home).attributes.values() if a.given):
            found = value_of_verb(words, at, home)
            if found is not None:
                words.take(at)
            return found
    return None
