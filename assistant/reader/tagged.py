"""What the tagger says of a question, as the assembly needs it; `nlp.tagger` gives it, tests may write it by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MARK = re.compile(r"\[([mgncpqktx])\|([^\]]*)\]")


@dataclass(frozen=True)
class Span:
    """Words start..end of the question (characters) in one role: m measure, g group, n name, c condition, p period, q period to
    compare with, k rank, t limit on groups, x left out; `sure` from 0 to 1."""

    role: str
    start: int
    end: int
    text: str
    sure: float = 1.0


@dataclass(frozen=True)
class Outside:
    """A word at start..end without a role, and how sure it is that it has none."""

    start: int
    end: int
    text: str
    sure: float


class Spans(Protocol):
    """A tagged question: its spans, and what is asked as a whole, likeliest first."""

    @property
    def spans(self) -> Sequence[Span]: ...
    @property
    def op(self) -> Sequence[tuple[str, float]]: ...


@dataclass(frozen=True)
class Marked:
    """A question marked by hand."""

    text: str
    spans: tuple[Span, ...]
    op: tuple[tuple[str, float], ...]


def marked(text: str, op: str) -> Marked:
    """The question that "[m|sales] in the [n|north]" says, with its spans."""
    plain, spans, at = "", [], 0
    for found in MARK.finditer(text):
        plain += text[at : found.start()]
        spans.append(Span(found[1], len(plain), len(plain) + len(found[2]), found[2]))
        plain += found[2]
        at = found.end()
    return Marked(plain + text[at:], tuple(spans), ((op, 1.0),))
