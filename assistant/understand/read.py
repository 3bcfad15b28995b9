"""Reads a question into slots: every word is accounted for, or it is named as unknown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from assistant.questions import Question
from assistant.understand import asks, courtesy, definitions, lexicon, meaning, particulars, phrases, stock, take
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from assistant.understand.reading import Reading
from assistant.understand.slots import question_of
from assistant.understand.tokens import Words, mend, tokenise
from knowledge.records import Period


def understand(
    question: str,
    vocabulary: Vocabulary,
    today: date,
    fiscal: int = 1,
    year: int | None = None,
    preferred: Mapping[str, str] | None = None,
    anchor: Period | None = None,
    idle: Collection[tuple[int, int]] = (),
) -> Question:
    """Slots of one question. `today` is the as-of date; `year` what a bare month means in this thread, `anchor` what "the month
    before" counts from; `preferred` which member this person means by words that several fit; `idle` the places (start, end) of words
    that are known to say nothing of what is asked."""
    question, contradicted = definitions.taken_out(question)
    tokens = mend(tokenise(question), words_of(vocabulary))
    reading = Reading(question, tokens, [None] * len(tokens))
    names = vocabulary.find(reading.tokens, reading.free()) if idle else ()
    courtesy.idle(reading, idle, {i for m in names if m.last > m.first for i in range(m.first, m.last + 1)})
    courtesy.polite(reading)
    courtesy.pictured(reading, lexicon.core_words(), _of_names(vocabulary, reading))
    meaning.exclusions(reading)
    meaning.tag(reading)
    take.ids(reading, vocabulary)
    take.periods(reading, Calendar(today, fiscal, year, anchor))
    take.threshold(reading)
    take.bare_order(reading)
    take.part(reading)
    particulars.place(reading)
    take.limit(reading)
    meaning.profit(reading)
    asks.special(reading)
    take.document_words(reading)
    members = vocabulary.find(reading.tokens, reading.free())
    stock.quantities(reading, members)
    take.metric_words(reading, members)
    take.other_words(reading, members)
    meaning.compass(reading)
    meaning.order_nouns(reading)
    meaning.owner(reading)
    take.side_metrics(reading, vocabulary)
    meaning.topic(reading)
    take.misspelt(reading, vocabulary)
    meaning.at_risk(reading)
    meaning.by_what(reading)
    particulars.when(reading)
    particulars.how_many_have(reading)
    asked = question_of(reading, today, preferred or {})
    return replace(asked, unknown=(*asked.unknown, *contradicted)) if contradicted else asked


def _of_names(vocabulary: Vocabulary, r: Reading) -> frozenset[int]:
    """The places of words that are names, where a picture is spoken of at all."""
    if not r.said(*courtesy.PICTURES, "map"):
        return frozenset()
    return frozenset(i for m in vocabulary.find(r.tokens, r.free()) for i in range(m.first, m.last + 1))


def words_of(vocabulary: Vocabulary) -> Words:
    """The words that mean something in a workspace."""
    return Words(lexicon.known_words() | vocabulary.words, lexicon.core_words(), phrases.FILLERS, vocabulary.of_articles)
