"""What else is said of a figure: a place in a ranking, when it was highest, whether one has more than another, a part in per cent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.understand import lexicon
from assistant.understand.dates import ORDINALS, count_of
from assistant.understand.reading import Reading
from knowledge.metrics import find

PLACES = {
    **{w: n for w, n in ORDINALS.items() if n > 1},
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
NUMBERED = frozenset(("number", "no", "nr", "rank", "place", "position"))
ENDS = frozenset(
    "best worst largest biggest smallest highest lowest most least top fewest strongest weakest slowest fastest longest shortest".split()
)
ASKS_WHETHER = frozenset("is are was were do does did has have had".split())
MORE = frozenset("more higher bigger larger greater better".split())
LESS = frozenset("less fewer lower smaller worse".split())
MOST_PLACES = 1000
OF_EACH = {"customer_model": "customer", "product_model": "product"}
"""Relations that hold one row of each thing: a sum over them has a mean over those things."""


def place(r: Reading) -> None:
    """ "Second best customer", "our number three", "3rd in sales": which place of a ranking is asked for."""
    for i, token in enumerate(r.tokens):
        if r.role[i] is not None:
            continue
        said = PLACES.get(token.text) or _nth(token.text)
        if said and (r.word(i + 1) in ENDS or r.word(i + 1) in NUMBERED or r.word(i - 1) in NUMBERED):
            first, last = (i - 1 if r.word(i - 1) in NUMBERED else i), (i + 1 if r.word(i + 1) in NUMBERED else i)
        elif r.word(i - 1) in NUMBERED and r.role[i - 1] is None and 1 < (count_of(token.text) or 0) <= MOST_PLACES:
            if r.word(i - 2) in ("order", "customer", "article", "product", "invoice"):
                continue  # "customer number 7"
            said, first, last = count_of(token.text), i - 1, i
        else:
            continue
        r.place = said
        r.take(first, last, "limit")
        if not any(r.word(j) in ENDS for j in range(len(r.tokens))):
            r.operations.append((i, "rank", "top"))
        return


def _nth(text: str) -> int:
    """ "4th", "11th"."""
    digits = text[:-2]
    return int(digits) if text[-2:] in ("st", "nd", "rd", "th") and digits.isdecimal() and int(digits) > 1 else 0


def when(r: Reading) -> None:
    """ "When was the fill rate worst": months are ranked, where nothing finer or coarser is named."""
    if "rank" not in r.names() or r.grains or r.dimensions:
        return
    for i, token in enumerate(r.tokens):
        if token.text == "when" and r.role[i] is None:
            r.grains.append((i, "month"))
            r.take(i, i, "grain")
            return


def how_many_have(r: Reading) -> None:
    """ "How many customers have a lifetime value": those of whom the amount is more than nothing are counted."""
    if r.having is not None or len(r.metrics) != 1 or find(r.metrics[0][2]).unit != "money":
        return
    things = lexicon.dimension_phrases()
    for i in range(1, len(r.tokens) - 1):
        thing = things.get(r.word(i), "")
        if r.word(i - 1) == "many" and thing in OF_EACH.values() and r.word(i + 1) in ("have", "has", "had", "with"):
            r.having = (">", 0.0)
            if not any(dimension == thing for _, _, dimension in r.dimensions):
                r.dimensions.append((i, i, thing))


def than(r: Reading, metrics: Sequence[str]) -> Literal["more", "less"] | None:
    """ "Did A buy more than B": what a plain yes would mean of the one that is named first."""
    said = {t.text for t in r.tokens}
    if r.word(0) not in ASKS_WHETHER or "than" not in said or not said & (MORE | LESS):
        return None
    up = bool(said & MORE)
    judged = said & {"better", "worse"} and metrics and find(metrics[0]).direction == "down"
    return "more" if up != bool(judged) else "less"


def in_percent(r: Reading) -> bool:
    """ "As a percentage": told of the figure itself, not of a limit or a part ("over 20 percent")."""
    said = ("percent", "percentage")
    return any(t.text in said and role in (None, "filler", "operation") for t, role in zip(r.tokens, r.role, strict=True))


def whether(r: Reading) -> bool:
    """ "Did revenue grow", "is otd down": a yes or a no is asked for."""
    return r.word(0) in ASKS_WHETHER


def of_each(metric: str) -> str | None:
    """What a sum is over one each of: "customer" for lifetime value; None for others."""
    found = find(metric)
    bases = {c.base for c in found.components.values()}
    return OF_EACH.get(next(iter(bases))) if found.additive and len(bases) == 1 else None
