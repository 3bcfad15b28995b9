"""Whose figure is asked: what is said of customers beside the figure ("revenue of new customers", "customers with only one order"), which
the reading by words has no place for, as a condition of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from assistant.questions import Question
from assistant.reader import conditions, links
from assistant.reader.kinds import of_things
from assistant.reader.spans import Workspace
from assistant.understand.tokens import Token, tokenise
from knowledge.entities.predicates import Compare, Did, Part, Predicate, both, compared, leaves

BEFORE, AFTER = 3, 8
"""So many words before and after the noun may say which customers are meant."""
OF_FIGURES = (None, "value", "breakdown", "trend", "ratio", "rank", "share", "growth", "compare", "distribution")
LEADS = frozenset(
    """of from by for to at in on per among with across did do does have has had is are was were will would can could should which what
    how many much""".split()
)
"""Words before which no word is part of the noun's own phrase: "order for distribution customers" says "distribution" of them."""
OPENS = frozenset(("with", "without", "who", "that", "whose", "having"))
UNMEASURED = re.compile(r"\b(?:business|working|week) ?days\b", re.IGNORECASE)
"""Days that no figure is measured in."""


def of_those(q: Question, where: Workspace) -> Question:
    """The question with what its text says of customers as a condition; as it is where it says nothing of them, where it has a place for
    that, or where the figure is not one of customers.

    A list of members becomes one of the customers that meet the condition."""
    if q.unknown or q.choices or q.only is not None or q.sides or q.follow_up or not q.metrics:
        return q
    listed = q.operation == "members" and q.by == ("customer",)
    if not listed and (q.operation not in OF_FIGURES or not all("customer" in links.reachable(m) for m in q.metrics)):
        return q
    q = _without_whose(q)
    if q.operation in ("compare", None) and (sides := _two_sides(q, where)) is not None:
        return sides
    said = [p for p in _said(q, where) if not _has_place(p, q) and not _is_the_rank(p, q)]
    if not said:
        return q
    only: Predicate | None = None
    for one in said:
        only = both(only, one)
    if listed:
        told = replace(q, operation="things", things="customer", metrics=(), by=(), only=only, limit=None, order=None)
        return of_things(_without_its_time(told))
    whole = q.operation == "share" and q.by == ("customer",)  # the part that these customers have, not each of them
    again = {(c.attribute.split(".")[1], str(v)) for c in compared(only) if c.op == "=" for v in c.values}
    entities = tuple(e for e in q.entities if (e.dimension, e.value) not in again)
    by = ("customer",) if q.operation == "rank" and not (q.by or q.grain) else q.by  # "the top 5 lost customers"
    return replace(q, only=only, by=() if whole else by, entities=entities)


def _two_sides(q: Question, where: Workspace) -> Question | None:
    """ "New customers against gold customers": the figure of each, where two kinds of customers are set against each other that no
    one dimension tells apart."""
    if not AGAINST.search(q.text):
        return None
    said = list(dict.fromkeys(_said(q, where)))
    about = [{leaf.attribute for leaf in compared(p)} for p in said]
    if len(said) != 2 or about[0] == about[1] or not all(about):
        return None
    again = {(c.attribute.split(".")[1], str(v)) for p in said for c in compared(p) for v in c.values}
    entities = tuple(e for e in q.entities if (e.dimension, e.value) not in again)
    return replace(q, operation=None, only=None, sides=(said[0], said[1]), entities=entities)


AGAINST = re.compile(r"\b(?:compare\w*|vs|versus|against|or|than|differ\w*)\b", re.IGNORECASE)


def unheld(q: Question, where: Workspace) -> Iterator[str]:
    """What the words around a noun for customers say of them, in words, where the reading has no place for it."""
    held = {_kind(leaf) for p in (q.only, *q.sides) for leaf in leaves(p)}
    for condition, words in _with_words(q, where):
        without = {_kind(leaf) for leaf in leaves(condition)} - held
        if without and not _has_place(condition, q) and not _is_the_rank(condition, q):
            yield words


def places(q: Question, where: Workspace) -> list[tuple[int, int]]:
    """Where the words stand that say of customers what the reading holds of them, as characters."""
    held = {_kind(leaf) for p in (q.only, *q.sides) for leaf in leaves(p)}
    said = [(p, q.text.find(words), words) for p, words in _with_words(q, where)]
    return [(at, at + len(words)) for p, at, words in said if at >= 0 and {_kind(leaf) for leaf in leaves(p)} <= held]


def _kind(leaf: Predicate) -> tuple[str, ...]:
    """What a condition is about, whatever the time that it holds in."""
    match leaf:
        case Compare(attribute, op, values):
            return (attribute, op, *(() if isinstance(values[0], date) else map(str, values)))
        case Did(thing, done):
            return (thing, done)
    return (type(leaf).__name__,)


def _without_its_time(q: Question) -> Question:
    """The list of customers without the period that its condition holds; customers have no date of their own, so any other is named."""
    if q.period is None:
        return q
    held = any(getattr(leaf, "period", None) == q.period for leaf in leaves(q.only))
    return replace(q, period=None, unknown=q.unknown if held else (*q.unknown, q.period.label))


def _without_whose(q: Question) -> Question:
    """Without the figures that only say whose the others are: "revenue and orders of new customers" asks for no number of new ones."""
    tokens = tokenise(q.text)
    whose = set()
    for at, token in enumerate(tokens):
        led = _led(tokens, at)
        if led and links.only_a_noun(token.text) == "customer":
            whose |= {m.name for m in links.metrics_in(" ".join(t.raw for t in tokens[led : at + 1])) if m.by_words}
    others = tuple(m for m in q.metrics if m not in whose)
    return replace(q, metrics=others) if others else q


def _led(tokens: list[Token], at: int) -> int:
    """Where the phrase of the noun at a place begins, 0 where no such word leads it."""
    return next((i + 1 for i in range(at - 1, -1, -1) if tokens[i].text in LEADS), 0)


def _said(q: Question, where: Workspace) -> Iterator[Predicate]:
    """The conditions in the words around each noun for customers, each once."""
    yield from (condition for condition, _ in _with_words(q, where))


def _with_words(q: Question, where: Workspace) -> Iterator[tuple[Predicate, str]]:
    """These conditions, each with the words that say it."""
    tokens = tokenise(q.text)
    around = conditions.Around(where.calendar, where.vocabulary, q.period, lambda _: None)
    for at, token in enumerate(tokens):
        if links.only_a_noun(token.text) != "customer":
            continue
        before = (tokens[start : at + 1] for start in range(max(at - BEFORE, _led(tokens, at)), at))
        following = tokens[at + 1 : at + 1 + AFTER]
        opened = bool(following) and following[0].text in OPENS
        after = (following[:n] for n in range(len(following), 1, -1) if opened)
        for ways in (before, after):
            told = next(((p, q.text[w[0].start : w[-1].end]) for w in ways if (p := _read(q, w, around))), None)
            if told is not None:
                yield told


def _read(q: Question, tokens: list[Token], around: conditions.Around) -> Predicate | None:
    """The condition that words say of customers; None where they say more, or name the figure itself."""
    said = " ".join(t.raw for t in tokens)
    if any(m.by_words and m.name in q.metrics for m in links.metrics_in(said)):
        return None
    told = conditions.read(said, "customer", around)
    return told.predicate if told.sure else None


def _has_place(condition: Predicate, q: Question) -> bool:
    """Whether all that a condition compares is a name that the question has already ("gold customers")."""
    held = {(e.dimension, e.value) for e in (*q.entities, *q.excluded)}
    ends = list(leaves(condition))
    named = [leaf for leaf in compared(condition) if (leaf.attribute.split(".")[1], str(leaf.values[0])) in held]
    return len(named) == len(ends)


def _is_the_rank(condition: Predicate, q: Question) -> bool:
    """Whether it is what a ranking of customers asks ("the 10 smallest customers"), not which of them it is of."""
    return q.operation == "rank" and "customer" in q.by and any(isinstance(leaf, Part) for leaf in leaves(condition))


def unmeasured(q: Question) -> Iterator[str]:
    """Words for days that no figure is measured in."""
    yield from (m.group() for m in UNMEASURED.finditer(q.text))
