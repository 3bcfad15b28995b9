"""A question's words with their places in it: numbers, codes and names with signs inside stay whole, other signs stand alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A genitive's ending is a word of its own, so that a name before it is one too.
_WORD = re.compile(r"['’]s\b|\w+(?:(?!['’]s\b)(?:[-.,'’&:]|(?<=\d)/(?=\w*\d))\w+)*|[^\w\s]")


@dataclass(frozen=True)
class Word:
    """`text` is what the question holds from `start` to before `end`, in characters."""

    text: str
    start: int
    end: int


def words_of(text: str) -> tuple[Word, ...]:
    """All that is not white space belongs to exactly one word, in order."""
    return tuple(Word(found[0], found.start(), found.end()) for found in _WORD.finditer(text))
