"""How a ranking is meant: which end comes first, how many, which place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.understand.numbers import number_at
from assistant.understand.tokens import tokenise
from knowledge.records import Direction

HIGH = frozenset(
    "highest most busiest largest biggest top greatest maximum max longest record peak heaviest more leading high up first-rate major huge priciest".split()
)
LOW = frozenset("lowest least fewest smallest bottom minimum min shortest low less weakest tiniest cheapest".split())
BEST = frozenset("best strongest better good winner champion finest improved".split())
WORST = frozenset("worst poorest worse bad laggard terrible weakest last".split())
FALL = frozenset(
    "fell fallen dropped shrank shrunk declined lost decreased falling dropping shrinking down deteriorated sank slipped fall drop decline losers slid".split()
)
ORDINALS = {
    "second": 2, "2nd": 2, "two": 2, "runner-up": 2, "runner": 2, "third": 3, "3rd": 3, "three": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "silver": 2, "bronze": 3,
}  # fmt: skip


NTH = frozenset(ORDINALS) - {"two", "three"}
"""Words that ask for one place, not for so many."""


@dataclass(frozen=True)
class Rank:
    """`order` by value; `limit` None where all are wanted; `place` which one is asked for, counted from 1; `part` a share of all."""

    order: Literal["desc", "asc"]
    limit: int | None = None
    place: int | None = None
    part: float | None = None


EMPTY = frozenset(
    "the a an of in by at our their its first one ones most all every place order number no rank ranked ranking list show only just and to from with performing selling".split()
)


def unread(text: str) -> tuple[str, ...]:
    """Words of a ranking that say which end or how many in a way that is not known ("newest")."""
    said = tokenise(text)
    words = [t.text for t in said]
    numbers = {i for at in range(len(said)) if (n := number_at(words, at)) is not None for i in range(at, n.last + 1)}
    known = HIGH | LOW | BEST | WORST | FALL | EMPTY | frozenset(ORDINALS)
    return tuple(t.raw for i, t in enumerate(said) if i not in numbers and t.text not in known)


def says(word: str) -> bool:
    """Whether a word says which end of a ranking is meant."""
    return word in HIGH | LOW | BEST | WORST


def read(text: str, direction: Direction, *, place: bool = False) -> Rank:
    """The ranking that words like "top five", "worst first", "second lowest" mean for a figure of that direction."""
    said = [t.text for t in tokenise(text)]
    order: Literal["desc", "asc"] = "desc"
    good = direction != "down"
    for word in said:
        if word in LOW:
            order = "asc"
        elif word in WORST:
            order = "asc" if good else "desc"
        elif word in BEST:
            order = "desc" if good else "asc"
        elif word in FALL:
            order = "asc"
        elif word in HIGH:
            order = "desc"
        else:
            continue
        break
    if place:
        nth = next((ORDINALS[w] for w in said if w in ORDINALS), None)
        digits = next((int(w) for w in said if w.isdigit()), None)
        found = nth or digits or 2
        return Rank(order, found, found)
    for at in range(len(said)):
        number = number_at(said, at)
        if number is not None and said[at] not in ("a", "an"):
            if number.share:
                return Rank(order, part=number.value)
            if 0 < number.value <= 1000:
                return Rank(order, int(number.value))
    everything = any(w in ("all", "every", "full", "everything", "first", "rank", "ranked", "ranking") for w in said)
    return Rank(order, None if everything else 1)
