"""Whose figure is asked: what is said of customers beside the figure ("revenue of new customers", "customers with only one order"), which
the reading by words has no place for, as a condition of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.questions import Question
from assistant.reader import conditions, links
from assistant.reader.spans import Workspace
from assistant.understand.tokens import Token, tokenise
from knowledge.entities.predicates import Compare, Predicate, both, compared, leaves

BEFORE, AFTER = 3, 8
"""So many words before and after the noun may say which customers are meant."""
OPENS = frozenset(("with", "without", "who", "that", "whose", "having"))
UNMEASURED = re.compile(r"\b(?:business|working|week) ?days\b", re.IGNORECASE)
"""Days that no figure is measured in."""


def of_those(q: Question, where: Workspace) -> Question:
    """The question with what its text says of customers as a condition; as it is where it says nothing of them, where it has a place for
    that, or where the figure is not one of customers.

    A list of members becomes one of the customers that meet the condition."""
    if q.unknown or q.choices or q.only is not None or q.sides or q.follow_up or len(q.metrics) != 1:
        return q
    listed = q.operation == "members" and q.by == ("customer",)
    if not listed and (
        q.operation not in (None, "value", "breakdown", "trend", "ratio") or not _reaches_customers(q.metrics[0])
    ):
        return q
    said = [p for p in _said(q, where) if not _has_place(p, q)]
    if not said:
        return q
    only: Predicate | None = None
    for one in said:
        only = both(only, one)
    if not listed:
        return replace(q, only=only)
    named = [Compare(f"customer.{e.dimension}", "=", (e.value,)) for e in q.entities if e.dimension != "customer"]
    if len(named) < len(q.entities):
        return q
    for one in named:
        only = both(only, one)
    return replace(q, operation="things", things="customer", metrics=(), by=(), entities=(), only=only, limit=None, order=None)


def _reaches_customers(metric: str) -> bool:
    return "customer" in links.reachable(metric)


def _said(q: Question, where: Workspace) -> Iterator[Predicate]:
    """The conditions in the words around each noun for customers, each once."""
    tokens = tokenise(q.text)
    around = conditions.Around(where.calendar, where.vocabulary, q.period, lambda _: None)
    for at, token in enumerate(tokens):
        if links.only_a_noun(token.text) != "customer":
            continue
        before = next((p for n in range(min(BEFORE, at), 0, -1) if (p := _read(q, tokens[at - n : at + 1], around))), None)
        if before is not None:
            yield before
        following = tokens[at + 1 : at + 1 + AFTER]
        if following and following[0].text in OPENS:
            after = (p for n in range(len(following), 1, -1) if (p := _read(q, following[:n], around)))
            yield from (p for p in [next(after, None)] if p is not None)


def _read(q: Question, tokens: list[Token], around: conditions.Around) -> Predicate | None:
    """The condition that words say of customers; None where they say more, or name the figure itself."""
    said = " ".join(t.raw for t in tokens)
    if any(m.by_words and m.name == q.metrics[0] for m in links.metrics_in(said)):
        return None
    told = conditions.read(said, "customer", around)
    return told.predicate if told.sure else None


def _has_place(condition: Predicate, q: Question) -> bool:
    """Whether all that a condition compares is a name that the question has already ("gold customers")."""
    held = {(e.dimension, e.value) for e in (*q.entities, *q.excluded)}
    ends = list(leaves(condition))
    named = [leaf for leaf in compared(condition) if (leaf.attribute.split(".")[1], str(leaf.values[0])) in held]
    return len(named) == len(ends)


def unmeasured(q: Question) -> Iterator[str]:
    """Words for days that no figure is measured in."""
    yield from (m.group() for m in UNMEASURED.finditer(q.text))
