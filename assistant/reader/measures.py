"""What is measured: figures by words or by likeness, things that are counted, and what a measure says of its things."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.reader import conditions, links, near, ranks
from assistant.reader.links import Linked
from assistant.reader.names import LOSSES
from assistant.reader.nouns import stems
from assistant.reader.spans import LOOSE, Workspace
from assistant.reader.tagged import Span
from assistant.understand import lexicon, phrases
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.conditions import parse
from knowledge.entities.predicates import Compare, Predicate, leaves
from knowledge.metrics import find
from knowledge.records import Grain

OF_NAMES = frozenset(("account status", "brief", "advise", "who is", "stock"))
"""Kinds that are about who or what is named, with no figure of their own."""


NO_THING = "what is to be listed"
WHO = re.compile(r"\b(?:who|whom|whose|anyone|anybody|someone|somebody|everyone|everybody)\b", re.IGNORECASE)


NOUNS_OF_LISTS = frozenset(
    "list lists table overview details detail names name record records all every single each whole full many number count which show".split()
)


MANY = re.compile(r"\b(?:how many|number of|count|amount of|no\.? of|#|how often)\b", re.IGNORECASE)


COMPARATIVES = frozenset(
    "faster slower quicker longer shorter sooner more less fewer higher lower better worse bigger larger smaller than rather really ahead behind often".split()
)
"""What is said of one of two beside the figure that tells it."""


def measures_in(
    kind: str, spans: Mapping[str, Sequence[Span]], where: Workspace, unknown: list[str], more: list[Predicate]
) -> tuple[tuple[Linked, ...], str]:
    """The metrics that are asked for, and the entity whose things are listed or counted; `more` gets what a measure says of its things."""
    told = [s for s in spans.get("m", ()) if not all(ranks.says(t.text) or t.text in COMPARATIVES for t in tokenise(s.text))]
    told = told or list(spans.get("m", ()))
    text = " ".join(s.text for s in told)
    if kind in ("list", "count") or (kind == "share" and spans.get("c") and not _adds_up(text, where)):
        said = sorted((s for role in ("m", "g", "c") for s in spans.get(role, ())), key=lambda s: s.start)
        named = _without_owners(" ".join(s.text for s in said if s.role != "c"))
        who = "customer" if WHO.search(where.text) else ""
        thing = links.things_in(named) or who or links.things_in(where.text) or links.things_in(" ".join(s.text for s in said))
        if not thing:
            unknown.append(text or NO_THING)
        elif kind == "list" and not links.things_in(text) and any(m.by_words for m in links.metrics_in(text)):
            unknown.append(text)  # a figure is no list
        else:
            if any(c.isdigit() for c in text) and (numbered := _stated(text, where)) is not None and numbered[0] == thing:
                more.append(numbered[1])  # "how many 5 star reviews"
                return (), thing
            flags = " ".join(a[1].label for p in links.attributes_in(text, thing) if (a := attribute(p))[1].kind == "flag")
            known = set(stems(f"{flags} {entity(thing).name} {entity(thing).plural} {' '.join(entity(thing).words)}"))
            unknown += (
                t.raw for t in tokenise(text) if t.text not in links.EMPTY and not set(stems(t.text)) & known and not MANY.search(t.raw)
                and not links.attributes_in(t.text, thing) and t.text not in lexicon.GRAIN_WORDS and not ranks.says(t.text) and not t.text.isdigit()
                and t.text not in NOUNS_OF_LISTS
            )  # fmt: skip
        return (), thing
    if kind == "stock" and not _of_stock(where.text):
        unknown += (s.text for s in told)
    if kind in OF_NAMES or kind in ("themes", "quotes", "rising themes", "attribute of one"):
        return (), ""
    found: list[Linked] = []
    for measure in one_measure_each(told, where.text):
        if (numbered := _in_a_state(measure, kind, where)) is not None:
            found.append(Linked(f"count({numbered[0]})", 1.0, True))
            more.append(numbered[1])
            continue
        linked = tuple(_plain(link, kind, measure, more) for link in links.metrics_in(measure, where.nearest))
        linked = tuple(
            link
            for link in linked
            if link.by_words or (_of_what_is_named(link.name, measure) and not _of_another(link.name, measure))
        )
        if not any(link.by_words and not link.left for link in linked):
            stated = _stated(measure, where)
            if stated is not None:
                found.append(Linked(f"count({stated[0]})", 1.0, True))
                more.append(stated[1])
                continue
        if not any(link.by_words and not link.left for link in linked) and (amount := links.aggregate_in(measure)):
            found.append(Linked(amount, 1.0, True))
            continue
        if len(linked) > 1 and any(f" {words} " in f" {measure.lower()} " for words in conditions.MORE):
            unknown.append(measure)  # one figure below another is no figure
            continue
        if (mean := _mean_of(measure, linked)) is not None:
            found.append(Linked(mean, 1.0, True))
            continue
        amount_said = any(t.text in links.AGGREGATES or t.text in links.WORTH for t in tokenise(measure))
        counted = (
            links.only_a_noun(measure)
            if not (amount_said or links.RATES.search(measure))
            and not any(links.labelled(link.name, measure) and not _of_more(link.name, measure, spans) for link in linked)
            else ""
        )
        if counted:
            found.append(Linked(f"count({counted})", 1.0, True))
        elif linked and not (beyond := _named_beside(measure, linked, where)):
            found += linked
        elif linked:
            unknown.append(beyond)
        elif one := _one_piece(measure, told, where):
            found.append(one)
        elif not (kind == "why" or _carries(measure)):
            unknown.append(measure)
    if not told and kind in ("growth", "growth rank") and not spans.get("c"):
        found.append(Linked(USUAL, 0.5, False))
    if not told and kind in ("rank", "ordinal", "extreme over time") and not spans.get("c"):
        found += _ranked_by_meaning(spans, where)
        if not found and kind == "extreme over time" and not ranks.unread(" ".join(s.text for s in spans.get("k", ()))):
            found.append(Linked(USUAL, 0.5, False))
    if not told and kind in ("breakdown", "two dimensions") and (thing := _noun_outside(spans, where.text)):
        found.append(Linked(f"count({thing})", 1.0, True))
    if kind in ("value", "count", "share", "breakdown", "compare conditions"):
        unknown += (t.raw for t in tokenise(text) if t.text in LOSSES)
    for link in found:
        of_two = COMPARATIVES if kind.startswith("compare") else frozenset()
        unknown += (w for w in link.left if w not in {*lexicon.GRAIN_WORDS, *phrases.FILLERS, *of_two} and not ranks.says(w))
    return tuple(found), ""


def of_comments(text: str, *, surely: bool = False) -> bool:
    """Whether words speak of what customers say: of comments, or of complaining, praising, saying; `surely` leaves out saying and
    feeling, which anybody does. Quotes are also offers."""
    said = {t.text for t in tokenise(text)}
    felt = any(attribute(p)[1].kind == "flag" for p in links.attributes_in(text, "comment"))
    return (
        felt or bool(said & (_VOICE - _ANYBODY if surely else _VOICE)) or any(links.only_a_noun(w) == "comment" for w in said)
    )


_VOICE = frozenset(
    p for name, told in phrases.OPERATION_PHRASES if name in ("themes", "quotes") for p in told if len(p.split()) == 1
) - {"quote", "quotes", "issues", "raise"}
"""Single words by which the words' reading knows that comments are asked for; quotes are also offers."""
_ANYBODY = frozenset("say saying said think feel mention mentioning happy problems".split())


def _of_stock(text: str) -> bool:
    """Whether words speak of stock: by what is known of it, or by having so many of something."""
    return "stock" in near.things_spoken(text) or bool(links.attributes_in(text, "stock")) or HELD.search(text) is not None


HELD = re.compile(
    r"\b(?:stock\w*|inventory|how many|how much|have we|we have|do we have|have any|got|left|available|on hand|shelf|enough|reorder|run(?:ning)? (?:out|low))\b",
    re.IGNORECASE,
)
OWNER = re.compile(r"\b\w+(?:['’]s|s['’])(?=\s)", re.IGNORECASE)


def _without_owners(text: str) -> str:
    """The words without those that own what follows ("small customers' invoices" are invoices)."""
    left = OWNER.sub(" ", text)
    return left if links.things_in(left) else text


def _noun_outside(spans: Mapping[str, Sequence[Span]], text: str) -> str:
    """The things that a text names beside what it says of them ("Yard Club members by tier"): their number is meant."""
    held = [s for told in spans.values() for s in told]
    outside = " ".join(t.raw for t in tokenise(text) if not any(s.start <= t.start and t.end <= s.end for s in held))
    return links.only_noun_in(outside)


def _of_what_is_named(name: str, text: str) -> bool:
    """Whether a measure found by meaning counts or belongs to the things that the words name ("new members" are no new customers)."""
    thing = links.only_noun_in(text)
    thing = thing if thing and entity(thing).day else ""
    if not thing or "(" in name:
        return not thing or name.split("(")[1].split(".", maxsplit=1)[0].rstrip(")") == thing
    return thing == links.home_of(name) or thing in links.reachable(name) or thing in name


def _of_another(name: str, text: str) -> bool:
    """Whether a word of a measure found by meaning is a number that other things have ("unused points" is no unused capacity, the "age" of
    customers no tenure)."""
    if "(" in name:
        return False
    m = find(name)
    record = set(stems(" ".join((m.label, *m.synonyms, m.definition))))
    words = [t.text for t in tokenise(text) if t.text not in links.EMPTY and not set(stems(t.text)) & record]
    return any(attribute(p)[1].kind in ("number", "count", "days") for w in words for p in links.attributes_in(w))


def _adds_up(text: str, where: Workspace) -> bool:
    """Whether words name a figure of which there is a share: money or pieces, not things that are counted."""
    found = links.metrics_in(text, where.nearest)
    return len(found) == 1 and not found[0].left and "(" not in found[0].name and find(found[0].name).unit in ("money", "qty")


def _plain(link: Linked, kind: str, text: str, more: list[Predicate]) -> Linked:
    """The measure without the state that its record says, which joins the conditions; the number of things in a state where a share
    of them was found but no share is asked, and the other way round."""
    told = links.OF_MEASURE.fullmatch(link.name)
    rate = kind == "share" or links.RATES.search(text) is not None
    if told and told[1] == "share" and not rate and kind == "count":
        link = replace(link, name=f"count({told[2].split('.')[0]}){links.WHERE}{told[2]}")
    elif told and told[1] == "count" and told[3] and rate:
        link = replace(link, name=f"share({told[3]})")
    name, _, state = link.name.partition(links.WHERE)
    if state:
        more.append(parse(state, lambda _: None, name.split("(")[1].split(".")[0].rstrip(")")))
    return replace(link, name=name)


def _of_more(name: str, text: str, spans: Mapping[str, Sequence[Span]]) -> bool:
    """Whether conditions would be about the things that those counted belong to ("damaged" order lines are no lines of damaged orders)."""
    return bool(spans.get("c")) and links.only_a_noun(text) not in ("", links.home_of(name))


def _mean_of(text: str, linked: Sequence[Linked]) -> str | None:
    """ "Average value of returns": what one of the things has in the middle, where the words found what all of them add up to."""
    how = next((links.AGGREGATES[t.text] for t in tokenise(text) if links.AGGREGATES.get(t.text) in ("mean", "median")), None)
    added_up = len(linked) == 1 and "(" not in linked[0].name and find(linked[0].name).additive
    return links.aggregate_in(text) if how is not None and added_up else None


def _in_a_state(text: str, kind: str, where: Workspace) -> tuple[str, Predicate] | None:
    """ "Cancelled orders", "shipments 2+ days late": things in a state where the words may also be those of a rate that nothing asks
    for, or hold a number, which no figure has; None else."""
    if kind in OF_RATES or links.RATES.search(text) or links.RATES.search(where.text):
        return None
    by_words = [link.name for link in links.metrics_in(text) if link.by_words]
    rated = len(by_words) == 1 and "(" not in by_words[0] and find(by_words[0]).unit == "share"
    several = any(
        t.text.endswith("s") and links.only_a_noun(t.text) for t in tokenise(text)
    )  # "on-time delivery" is no number of them
    return _stated(text, where) if (rated and several) or any(c.isdigit() for c in text) else None


OF_RATES = frozenset(("share", "define", "how computed", "target gap", "what-if", "why", "is it true", "several figures"))
"""Kinds of questions in which what is in a state may be meant as a part of all."""


def _stated(text: str, where: Workspace) -> tuple[str, Predicate] | None:
    """ "Late deliveries": things of a kind in a state, where the words say just that."""
    thing = links.things_in(text)
    if not thing:
        return None
    around = conditions.Around(where.calendar, where.vocabulary, None, lambda _: None)
    told = conditions.read(MANY.sub(" ", text), thing, around)
    flags = list(leaves(told.predicate)) if told.predicate is not None else []
    own = all(isinstance(leaf, Compare) and leaf.attribute.split(".")[0] == thing for leaf in flags)
    return (thing, told.predicate) if told.sure and told.predicate is not None and own else None


def _named_beside(text: str, linked: Sequence[Linked], where: Workspace) -> str:
    """A member or a group that a measure found by meaning holds and its record does not: it would be lost ("engineer-to-order jobs")."""
    if any(link.by_words for link in linked):
        return ""
    m = find(linked[0].name) if "(" not in linked[0].name else None
    record = set(stems(" ".join((m.label, *m.synonyms, m.definition)))) if m else set()
    tokens = tokenise(text.replace("-", " "))
    members = [
        x for x in where.vocabulary.find(tokens, [True] * len(tokens)) if x.entities and x.entities[0].dimension not in LOOSE
    ]
    for x in members:
        if not set(stems(" ".join(t.text for t in tokens[x.first : x.last + 1]))) & record:
            return " ".join(t.raw for t in tokens[x.first : x.last + 1])
    return ""


def _one_piece(text: str, spans: Sequence[Span], where: Workspace) -> Linked | None:
    """The figure that one piece of a measure names clearly, where the others only carry it ("how long … for a first answer")."""
    pieces = [s.text for s in spans if s.text in text and s.text != text]
    clear = [
        one[0]
        for p in pieces
        if not _carries(p)
        and len(one := links.metrics_in(p, where.nearest)) == 1
        and not one[0].left
        and links.WHERE not in one[0].name
    ]
    return clear[0] if len(clear) == 1 else None


def one_measure_each(spans: Sequence[Span], text: str) -> list[str]:
    """What is said of each measure: pieces with nothing like "and" between them say one together ("took … to answer")."""
    made: list[str] = []
    end = -1
    for span in spans:
        between = text[end : span.start] if end >= 0 else ""
        apart = end < 0 or not text or ASIDE.search(between) is not None
        if apart:
            made.append(span.text)
        else:
            made[-1] = f"{made[-1]} {span.text}"
        end = span.end
    return made


ASIDE = re.compile(r"\band\b|\bor\b|\bvs\b|\bversus\b|\bagainst\b|\bplus\b|[,;/&+]", re.IGNORECASE)


USUAL = "revenue"
"""What grows where nothing else is named."""


def _ranked_by_meaning(spans: Mapping[str, Sequence[Span]], where: Workspace) -> tuple[Linked, ...]:
    """ "The slowest carrier": the figure that the word of the ranking speaks of."""
    said = " ".join(s.text for s in spans.get("k", ()))
    if where.nearest is None or not ranks.unread(said):
        return ()
    near = links.clearly(where.nearest(f"{said} {' '.join(s.text for s in spans.get('g', ()))}".strip(), "metric"))
    return (Linked(near, 0.6, False),) if near else ()


def bucket_in(spans: Mapping[str, Sequence[Span]]) -> Grain | None:
    """ "Weekly orders": the bucket that is said with the measure."""
    said = (t.text for s in spans.get("m", ()) for t in tokenise(s.text))
    grain: Any = next((lexicon.GRAIN_WORDS[w] for w in said if w.endswith("ly") and w in lexicon.GRAIN_WORDS), None)
    return grain  # type: ignore[no-any-return]


def _carries(text: str) -> bool:
    return bool(MANY.fullmatch(text.strip())) or all(t.text in links.EMPTY for t in tokenise(text))


def one_metric(text: str, where: Workspace) -> str | None:
    found = links.metrics_in(text, where.nearest)
    return found[0].name if len(found) == 1 and not found[0].left and links.WHERE not in found[0].name else None
