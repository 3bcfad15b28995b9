"""The same question as other people type it: three variants each, by a program with a fixed seed.

Casing, one typing error in a long word (swapped neighbours, a letter left out, doubled or wrong), spaces and question marks."""

from __future__ import annotations

import random
import re

NEAR = {
    "a": "s",
    "s": "d",
    "d": "f",
    "e": "r",
    "r": "t",
    "t": "y",
    "i": "o",
    "o": "p",
    "n": "m",
    "l": "k",
    "u": "i",
    "c": "v",
    "v": "b",
}


def variants(question: str, seed: int = 0) -> list[str]:
    """Three variants: shouted or lower-cased, with one typing error, with an error and other spacing."""
    draw = random.Random(f"{seed}:{question}")
    cased = question.upper() if draw.random() < 0.5 else question.title()
    return [cased, misspelt(question, draw), f"  {misspelt(question.lower(), draw).replace(' ', '  ', 1)} ??"]


def misspelt(question: str, draw: random.Random) -> str:
    """The question with one error in one of its longer words; names with digits and short words stay."""
    words = list(re.finditer(r"[A-Za-z]{5,}", question))
    if not words:
        return question
    word = draw.choice(words)
    at = draw.randrange(word.start() + 1, word.end() - 1)
    kind = draw.randrange(4)
    if kind == 0 and at + 1 < word.end():
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    if kind == 1:
        return question[:at] + question[at + 1 :]
    if kind == 2:
        return question[:at] + question[at] + question[at:]
    return question[:at] + NEAR.get(question[at].lower(), question[at]) + question[at + 1 :]
