"""Set phrases of an entity ("one-time buyers"), and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.reader.conditions.words import EMPTY, Around, Words
from assistant.reader.nouns import Lexicon, Phrase, longest, stems
from assistant.understand.numbers import Number, number_at
from knowledge.entities import conditions
from knowledge.entities.catalogue import entity
from knowledge.entities.predicates import Predicate
from knowledge.errors import RapportError
from knowledge.records import Period


def set_phrase(words: Words, lex: Lexicon, home: str, period: Period | None, around: Around) -> Predicate | None:
    """A set phrase of the entity, where one covers all that is said beside its noun and the period."""
    number: Number | None = None
    said: list[tuple[int, str]] = []
    at = 0
    names = {home, entity(home).plural, *entity(home).words}
    nouns = {s for n in names for s in stems(n)}
    while at < len(words.tokens):
        found = (
            number_at([t.text for t in words.tokens], at) if at not in words.used or words.tokens[at].text.isdigit() else None
        )
        if found is not None and words.tokens[at].text not in ("one", "a", "an"):
            number = found
            said.append((at, "{n}"))
            at = found.last + 1
            continue
        said.append((at, words.stems[at]))
        at += 1
    options = _matches(lex, [s for _, s in said], home, nouns)
    if options is None:
        return None
    means = _filled(options, number, period, around)
    if means is None:
        return None
    for i, _ in said:
        words.take(i)
    return means


def _matches(lex: Lexicon, said: Sequence[str], home: str, nouns: set[str]) -> Phrase | None:
    """The set phrase of the entity that says just this, in any order, empty words and the entity's own noun left aside."""

    def plain(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(w for w in words if w not in EMPTY and w not in nouns))

    wanted = plain(said)
    fits = [p for phrases in lex.phrases.values() for p in phrases if p.entity == home and wanted and plain(p.words) == wanted]
    called = [
        c for at in range(len(said)) if (c := tuple(said[at : at + longest(lex.attributes, said, at)])) and set(c) <= EMPTY
    ]
    fits = [p for p in fits if all(f" {' '.join(c)} " in f" {' '.join(p.words)} " for c in called)]  # "on time" says something
    counting = bool(COUNTING & set(said))
    fits = [p for p in fits if counting or not COUNTING & set(p.words)]  # who ordered has not ordered only once
    return max(fits, key=lambda p: len(set(p.words) & set(said)), default=None)  # "make to stock" is not "out of stock"


COUNTING = frozenset("one once only single exactly just off".split())
"""Words that say how many, though they say nothing elsewhere."""


def _filled(phrase: Phrase, number: Number | None, period: Period | None, around: Around) -> Predicate | None:
    span = period or around.period
    if span is None and ("{start}" in phrase.means or "{end}" in phrase.means):
        today = around.calendar.today
        span = Period(today.replace(month=1, day=1), today, f"{today.year} so far")
    text = phrase.means
    if "{n}" in text:
        if number is None:
            return None
        text = text.replace("{n}", f"{number.value:g}")
    if span is not None:
        text = text.replace("{start}", f"'{span.start}'").replace("{end}", f"'{span.end}'")
        text = text.replace("{span}", f"'{span.start}..{span.end}'")
    text = text.replace(", {span}", "")

    def periods(said: str) -> Period | None:
        return span if span is not None and said == f"{span.start}..{span.end}" else None

    try:
        return conditions.parse(text, periods, phrase.entity)
    except RapportError:
        return None
