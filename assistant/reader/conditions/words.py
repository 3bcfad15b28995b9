"""The words of a condition: what it is read with, which of them are accounted for, and those that say nothing themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from assistant.reader.conditions.typed import NEGATIONS, in_plain_words
from assistant.reader.nouns import lexicon, stems
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from assistant.understand.periods import find_periods
from assistant.understand.tokens import Token, tokenise
from knowledge.records import Period

EMPTY = frozenset(
    """a an the who that which whose have be do did was were is are been did of for with in on to and their they them it its any some all
    every only our us we you i at by from customer's there those these still also ever already yet as so really actually currently
    kind one where whom when than then such sort far make come get place through via per time say being just even date day into out
    each own single my your his her see us anything something everything anyone someone""".split()
)
"""Words that carry a condition without saying anything themselves."""
OPENING = (
    frozenset(
        "who that which with without whose having had have has no never not where did does do we they having is are was were".split()
    )
    | NEGATIONS
)
"""Words after which a noun is what somebody has or does, not what is described."""
VERBAL = frozenset("ordered ordering bought returned returning contacted called rated".split())


@dataclass(frozen=True)
class Around:
    """What a condition is read with: the calendar, the names of the workspace, the question's period, and how metrics are found in
    words (None: no metric there)."""

    calendar: Calendar
    vocabulary: Vocabulary
    period: Period | None
    metric: Callable[[str], str | None]


@dataclass
class Words:
    """The words of a condition, their base forms, and which are accounted for."""

    tokens: list[Token]
    stems: list[str]
    used: set[int] = field(default_factory=set)

    def free(self, first: int, size: int = 1) -> bool:
        return not any(i in self.used for i in range(first, first + size))

    def take(self, first: int, size: int = 1) -> None:
        self.used.update(range(first, first + size))

    def copy(self) -> Words:
        """The same words with their own account."""
        return replace(self, used=set(self.used))

    def text(self, first: int, last: int) -> str:
        return " ".join(t.text for t in self.tokens[first:last])

    def left(self) -> tuple[str, ...]:
        left = (i for i in range(len(self.tokens)) if i not in self.used)
        return tuple(self.tokens[i].raw for i in left if not {self.stems[i], self.tokens[i].text} & EMPTY)


def words_of(text: str) -> Words:
    """The words of a text in the plain words of the grammar; "on-time" as the two words that an attribute is called."""
    known = lexicon().attributes
    parted = HYPHENED.sub(lambda m: f"{m[1]} {m[2]}" if stems(m[0]) in known else m[0], in_plain_words(text))
    tokens = tokenise(parted)
    return Words(tokens, [stems(t.text)[0] if stems(t.text) else t.text for t in tokens])


HYPHENED = re.compile(r"\b([a-z]+)-([a-z]+)\b", re.IGNORECASE)


def period_in(words: Words, around: Around) -> Period | None:
    text, starts = "", []
    for token in words.tokens:
        starts.append(len(text))
        text += token.text + " "
    for found in find_periods(text.rstrip(), around.calendar):
        span = [i for i, s in enumerate(starts) if found.start <= s < found.end]
        if span:
            words.take(span[0], len(span))
            return found.period
    silent = SILENCE.search(text) if any(t.text in NEGATIONS for t in words.tokens) else None
    if silent is not None:  # "no contact in over 60 days"
        span = [i for i, s in enumerate(starts) if silent.start() <= s < silent.end()]
        words.take(span[0], len(span))
        days = int(silent["n"])
        return Period(around.calendar.today - timedelta(days=days - 1), around.calendar.today, f"last {days} days")
    for i, stem in enumerate(words.stems):  # "in the period" is the question's own
        if stem == "period" and words.free(i):
            words.take(i)
    return None


SILENCE = re.compile(r"\b(?:in|for|within|during) (?:the )?(?:(?:more than|over|at least|last|past) )*(?P<n>\d+) days\b")
"""The time in which something did not come about, to this day."""


def negated_in(words: Words) -> bool:
    """Whether one no is said; two make a yes."""
    said = [
        i
        for i, t in enumerate(words.tokens)
        if t.text in NEGATIONS and words.stems[i + 1 : i + 2] not in (["more"], ["less"], ["fewer"])
    ]
    for i in said:
        words.take(i)
    return len(said) % 2 == 1
