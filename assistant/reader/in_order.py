"""Records by their place in an order: "the last five tickets of X", "2nd biggest order in september", "which carrier took the latest
order", "amount of the last but one invoice"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from assistant.questions import Question
from assistant.reader import conditions, links
from assistant.reader.ranks import ORDINALS
from assistant.reader.spans import Workspace
from assistant.reader.tagged import Marked, Span, Spans
from assistant.understand import lexicon
from assistant.understand.numbers import number_at
from assistant.understand.tokens import Token, tokenise
from knowledge.entities.catalogue import attribute, entity
from knowledge.metrics import find

LATE = frozenset(("latest", "last", "newest", "recent", "final", "penultimate"))
EARLY = frozenset(("first", "earliest", "oldest"))
BIG = frozenset(("biggest", "largest", "highest", "expensive", "priciest", "valuable", "top"))
SMALL = frozenset(("smallest", "cheapest", "lowest"))
BETWEEN = 3
"""So many words may stand between the place in the order and the noun ("most recent 1 star review")."""
LIKELY = 0.3
AsKind = Callable[[str, str, Spans, Workspace], Question]


@dataclass(frozen=True)
class Place:
    """Where in which order: `by` time or size, which end comes first, how many, or which one of them. Words first..noun say it, those
    from `after` to the noun what kind of it."""

    thing: str
    by: Literal["time", "size"]
    order: Literal["desc", "asc"]
    limit: int
    place: int | None
    first: int
    after: int
    noun: int


def placed(text: str) -> Place | None:
    """The place in an order of records that a text names; None where it names none, or where the words are those of a figure."""
    tokens = tokenise(text)
    said = [t.text for t in tokens]
    for at in range(len(said)):
        found = _ends(said, at)
        if found is None:
            continue
        first, end, place = found
        count = _number(said, end + 1) if place is None else None
        after = count[1] + 1 if count is not None else end + 1
        if count is None and place is None and first and (before := _number(said, first - 1)) is not None:
            count, first = before, first - 1  # "the three largest"
        noun = next((i for i in range(after, min(len(said), after + BETWEEN + 1)) if links.only_a_noun(said[i])), None)
        if (
            noun is None
            or any(w in lexicon.GRAIN_WORDS or w == "of" for w in said[after:noun])
            or _of_a_figure(said, first, noun)
        ):
            continue
        word = "last" if said[first : end + 1] == ["last", "but", "one"] else said[end]
        by: Literal["time", "size"] = "time" if word in LATE | EARLY else "size"
        limit = place or (count[0] if count is not None else _several(tokens[noun]))
        order: Literal["desc", "asc"] = "asc" if word in EARLY | SMALL else "desc"
        return Place(links.only_a_noun(said[noun]), by, order, limit, place, first, after, noun)
    return None


def _number(said: list[str], at: int) -> tuple[int, int] | None:
    """A number of things at a word, and where it ends."""
    found = number_at(said, at) if 0 <= at < len(said) and said[at] not in ("a", "an", "one") else None
    whole = found is not None and not found.share and found.value >= 1 and found.value == int(found.value)
    return (int(found.value), found.last) if found is not None and whole else None


def _ends(said: list[str], at: int) -> tuple[int, int, int | None] | None:
    """Words first..last that say an end of an order, and the place from there: "latest", "second biggest", "last but one"."""
    if said[at : at + 3] == ["last", "but", "one"] or said[at : at + 3] == ["next", "to", "last"]:
        return at, at + 2, 2
    if said[at] == "penultimate":
        return at, at, 2
    if said[at] in ORDINALS and number_at(said, at) is None and at + 1 < len(said):
        to = at + 1 + (said[at + 1] in ("most", "to"))
        if to < len(said) and said[to] in LATE | EARLY | BIG | SMALL:
            return at, to, ORDINALS[said[at]]
    if said[at] in ("most", "least") and at + 1 < len(said) and said[at + 1] in ("recent", "expensive", "valuable"):
        return at, at + 1, None
    return (at, at, None) if said[at] in (LATE | EARLY | BIG | SMALL) - {"recent", "expensive", "valuable"} else None


def _several(noun: Token) -> int:
    """How many a noun without a number means: one, or the first few of several."""
    return 5 if noun.text.endswith("s") and not noun.text.endswith("ss") else 1


def _of_a_figure(said: list[str], first: int, noun: int) -> bool:
    """Whether the words belong to the name of a figure ("first response time", "last order value")."""
    text = " " + " ".join(said) + " "
    start = len(" ".join(said[:first])) + (1 if first else 0)
    end = len(" ".join(said[: noun + 1]))
    nouns = end - len(said[noun])
    for phrase in lexicon.metric_phrases():
        at = text.find(f" {phrase} ") if " " in phrase else -1
        counts = find(lexicon.metric_phrases()[phrase].partition(links.WHERE)[0]).unit == "count"  # "orders placed" are orders
        if 0 <= at < end and start < at + len(phrase) and not (counts and at >= nouns):
            return True
    return False


def words_of(text: str) -> tuple[int, int]:
    """From where to where (characters) a text says a place in an order of records; (0, 0) where it says none."""
    place = placed(text)
    tokens = tokenise(text)
    return (tokens[place.first].start, tokens[place.noun].end) if place is not None else (0, 0)


def in_order(text: str, tagged: Spans, where: Workspace, listed: AsKind) -> Question | None:
    """The Question for records by their place in an order: a list, or what is asked of the one; None where the text names no such
    place. `listed` makes a Question of spans as a kind."""
    place = placed(text)
    if place is None or not entity(place.thing).day or (place.by == "size" and place.thing not in conditions.VALUES):
        return None
    tokens = tokenise(text)
    start, stop = tokens[place.first].start, tokens[place.noun].end
    grouped = any(s.role == "g" and links.only_a_noun(s.text) != place.thing for s in tagged.spans)
    if place.by == "size" and grouped:
        return None  # groups are ranked
    others = [s for s in tagged.spans if s.end <= start or s.start >= stop or s.role in "nx"]
    asked = [s for s in others if s.role in "mg" and s.sure >= LIKELY and not links.only_a_noun(s.text)]
    facts, beyond = _facts(text, asked, [*others, Span("m", start, stop, text[start:stop])], place, where)
    if beyond:
        return None
    kept = [s for s in others if s.role in "ncpqx"]
    told = [t for t in tokens[place.after : place.noun] if not any(s.start <= t.start and t.end <= s.end for s in kept)]
    if told:
        kept.append(Span("c", told[0].start, told[-1].end, text[told[0].start : told[-1].end]))
    noun = tokens[place.noun]
    kept.append(Span("m", noun.start, noun.end, noun.raw))
    q = listed("list", text, Marked(text, tuple(sorted(kept, key=lambda s: s.start)), (("list", 1.0),)), where)
    if q.things != place.thing:
        return None
    path = conditions.VALUES[place.thing] if place.by == "size" else None
    return replace(
        q, operation="facts" if facts else "things", facts=facts, ranked_by=path, order=place.order, limit=place.limit,
        place=place.place, ranked=True,
    )  # fmt: skip


def _facts(
    text: str, asked: list[Span], spans: list[Span], place: Place, where: Workspace
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is asked of the record, and the words that ask for something that it does not have."""
    near = (place.thing, *entity(place.thing).links.values())
    found: list[str] = []
    beyond: list[str] = []
    for span in asked:
        if WHEN.fullmatch(span.text.strip()):
            continue
        path = links.fact_in(span.text, near, where.nearest)
        when = attribute(path)[1].when if path is not None and WHEN.search(text) else ""
        path = f"{place.thing}.{when}" if when else path
        (found if path is not None else beyond).append(path or span.text)
    if not found and WHEN.search(text):
        outside = " ".join(
            t.raw for t in tokenise(text) if not any(s.start <= t.start and t.end <= s.end for s in spans if s not in asked)
        )
        found += _day_asked(outside, place.thing)
        beyond = [b for b in beyond if not found]
    return tuple(dict.fromkeys(found)), tuple(beyond)


def _day_asked(said: str, thing: str) -> list[str]:
    """The date that "when" asks for: that of the state which is said ("delivered", "due"), else of the thing itself."""
    known = [attribute(p)[1] for p in links.attributes_in(said, thing)]
    days = [f"{thing}.{a.name}" for a in known if a.kind == "date"] + [f"{thing}.{a.when}" for a in known if a.when]
    own = next((f"{thing}.{a.name}" for a in entity(thing).attributes.values() if a.kind == "date"), None)
    return days[:1] or ([own] if own else [])


WHEN = re.compile(r"^\W*(?:and )?when\b|\bwhat (?:date|day)\b|\bwhich (?:date|day)\b|\bdate (?:of|was)\b", re.IGNORECASE)
