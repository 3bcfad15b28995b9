"""What the words of one condition mean: by the grammar, by the nearest sentence of the catalogue, or as two with nothing between them."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.reader import conditions, links, near
from assistant.reader.nouns import stems
from assistant.reader.spans import Workspace
from knowledge.entities.predicates import Did, Predicate, Reaches, both, leaves
from knowledge.records import Period

MOST_WORDS, TRIED = 12, 2


OWNERS = ("customer", "order", "product", "return", "comment", "contact", "invoice", "quote", "promise", "contract", "line")


def one_condition(
    text: str, homes: Sequence[str], around: conditions.Around, where: Workspace, period: Period | None
) -> Predicate | None:
    """The predicate of one condition, about the first of the entities `homes` that makes sense of it; None where none does."""
    if all(w in near.NEGATIONS or w in conditions.EMPTY for w in text.lower().split()):
        return None  # "no" alone says nothing of what
    return by_grammar(text, homes, around) or near.condition(text, homes, where.nearest, where.calendar, period)


def any_condition(
    text: str, homes: Sequence[str], around: conditions.Around, where: Workspace, period: Period | None
) -> Predicate | None:
    """The predicate of one condition, or of two that stand together."""
    return one_condition(text, homes, around, where, period) or _two_at_once(text, homes, around, where, period)


def _two_at_once(
    text: str, homes: Sequence[str], around: conditions.Around, where: Workspace, period: Period | None
) -> Predicate | None:
    """ "Above 50k older than 30 days": two conditions with nothing between them, one of them plain."""
    words = text.split()
    if not 2 < len(words) <= MOST_WORDS:
        return None
    for at in range(1, len(words)):
        if any(c.isdigit() for c in words[at - 1]) and stems(words[at])[:1] and stems(words[at])[0] in conditions.TIMED:
            continue  # "over 30 days" is one
        first, second = " ".join(words[:at]), " ".join(words[at:])
        home = next((h for h in homes[:TRIED] if by_grammar(first, (h,), around) or by_grammar(second, (h,), around)), None)
        if home is None:
            continue
        one = by_grammar(first, (home,), around) or near.condition(first, (home,), where.nearest, where.calendar, period)
        two = by_grammar(second, (home,), around) or near.condition(second, (home,), where.nearest, where.calendar, period)
        if one is not None and two is not None:
            return both(one, two)
    return None


def by_grammar(text: str, homes: Sequence[str], around: conditions.Around) -> Predicate | None:
    """The condition of the first entity that it fits; a figure is compared of that one alone, or where its noun is said."""
    for place, home in enumerate(homes):
        told = conditions.read(text, home, around)
        if not told.sure or told.predicate is None:
            continue
        done = {leaf.done for leaf in leaves(told.predicate) if isinstance(leaf, Did)}
        if place and done and homes[0] not in ("customer", "order") and links.things_in(text) not in {home, *done}:
            continue  # "quotes expiring" are no quotes of customers whose contract expires
        if place and any(isinstance(leaf, Reaches) for leaf in leaves(told.predicate)) and home != links.things_in(text):
            continue
        return told.predicate
    return None
