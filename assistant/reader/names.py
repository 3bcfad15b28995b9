"""Names: members of the workspace by words, things by their number, and members inside other words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.questions import Choice, Entity
from assistant.reader import links, near
from assistant.reader.nouns import base_form
from assistant.reader.spans import GRAMMAR, Workspace, known_group
from assistant.reader.tagged import Span
from assistant.understand.entities import DIMENSIONS, Match
from assistant.understand.tokens import Token, tokenise
from knowledge.entities.catalogue import attribute, entities, entity
from knowledge.entities.predicates import Compare, Did


def names_inside(unknown: Sequence[str], where: Workspace) -> tuple[list[str], list[Entity]]:
    """Members that stand in words that nothing else explains ("returns for quality defect", "ended up as scrap"), and the words that
    are left. A no, a number or more than two further words leave them unexplained."""
    said = " ".join(unknown)
    tokens = tokenise(said)
    if any(t.text in LOSSES for t in tokens):
        return list(unknown), []  # "revenue lost" is not that of a group called so
    found = [m for m in where.vocabulary.find(tokens, [True] * len(tokens)) if m.entities and m.entities[0].dimension in STATES]
    if not found:  # "scrapped", of what is called scrap
        based = [replace(t, text=base_form(t.text)) for t in tokens]
        found = [
            m for m in where.vocabulary.find(based, [True] * len(based)) if m.entities and m.entities[0].dimension in STATES
        ]
    if (
        not found and len(tokens) == 1 and tokens[0].text not in near.NEGATIONS
    ):  # "defect", of what only "quality defect" can be
        found = _only_one_with(tokens[0], where)
    covered = {i for m in found for i in range(m.first, m.last + 1)}
    left = [t for i, t in enumerate(tokens) if i not in covered and t.text not in GRAMMAR and t.text not in links.EMPTY]
    if not found or len(left) > 2 or any(t.text in near.NEGATIONS or t.text.isdigit() or known_group(t.text) for t in left):
        return list(unknown), []
    at = where.text.lower().find(tokens[found[0].first].raw.lower())
    return [], [replace(m.entities[0], start=max(at, 0), end=max(at, 0) + 1) for m in found]


def _only_one_with(token: Token, where: Workspace) -> list[Match]:
    """The one member of the dimensions of STATES that has the word in its name."""
    having = [
        (dimension, value, label)
        for dimension in STATES
        for value, label in where.vocabulary.members.get(dimension, ())
        if base_form(token.text) in {base_form(w) for w in label.lower().split()} and " " in label
    ]
    if len(having) != 1:
        return []
    dimension, value, label = having[0]
    return [Match(0, 0, (Entity(dimension, value, label, token.start, token.end, 1.0),))]


LOSSES = frozenset(("lost", "losing", "lose", "missed", "wasted", "forgone"))
"""Words by which a figure is one of what did not come, which no figure here is."""
STATES = frozenset(
    ("reason", "disposition", "order_type", "demand_class", "segment", "churn_risk", "size", "loyalty_tier", "status")
)
"""Dimensions whose members say what became of a thing, or what it is like."""


def names_in(spans: Sequence[Span], where: Workspace, unknown: list[str]) -> tuple[tuple[Entity, ...], tuple[Choice, ...], str]:
    kept: list[Entity] = []
    choices: list[Choice] = []
    asked = ""
    whole = tokenise(where.text)
    wider = [m for m in where.vocabulary.find(whole, [True] * len(whole)) if m.last > m.first] if spans else []
    for told in spans:
        span = _whole_name(told, whole, wider, where.text)
        tokens = tokenise(span.text)
        found = where.vocabulary.find(tokens, [True] * len(tokens))
        if not found and tokens:
            close = where.vocabulary.fuzzy(tokens, 0, len(tokens) - 1)
            found = [close] if close else []
        if not found and (numbered := _numbered(span, where)):
            kept.append(numbered)
            continue
        covered = {i for m in found for i in range(m.first, m.last + 1)}
        rest = [t.text for i, t in enumerate(tokens) if i not in covered and t.text not in NAME_EMPTY]
        if not found or rest:
            unknown.append(span.text)
            continue
        for match in found:
            fits = list(match.entities)
            said = [e for e in fits if e.dimension in " ".join(t.text for t in tokens)]
            first = (said or fits)[0]
            kinds = {"customer", "parent"} if first.dimension in ("customer", "parent") else {first.dimension}
            same = list({e.label: e for e in reversed(said or fits) if e.dimension in kinds}.values())[::-1]
            if len(same) > 1:
                meant = (where.preferred or {}).get(" ".join(t.text for t in tokens))
                chosen = next((e for e in same if e.value == meant), None)
                if chosen is None:
                    asked = span.text
                    choices += [Choice(e.label, e.label) for e in same[:3]]
                    continue
                first = chosen
            kept.append(replace(first, start=span.start, end=span.end))
    return tuple(dict.fromkeys(kept)), tuple(choices), asked


def _whole_name(span: Span, tokens: Sequence[Token], names: Sequence[Match], text: str) -> Span:
    """The span as wide as the name of the workspace that it is a part of ("Quick coupler" of "Quick coupler 1/2 in")."""
    for name in names:
        start, end = tokens[name.first].start, tokens[name.last].end
        if start <= span.start and span.end <= end and (start, end) != (span.start, span.end):
            return replace(span, start=start, end=end, text=text[start:end])
    return span


NUMBER = re.compile(r"#?[A-Za-z]{0,4}[-/ ]?\d[\w/.-]*\w|#\d+")
"""A number as records bear one."""


def _numbered(span: Span, where: Workspace) -> Entity | None:
    """The thing whose number a span says: of the kind that its noun names, else of the one that has that number."""
    told = NUMBER.search(span.text)
    if told is None or where.of_number is None or sum(c.isdigit() for c in told[0]) < 3:
        return None
    noun = links.things_in(span.text)
    found = [f for f in where.of_number(told[0]) if not noun or f[0] == noun] or list(where.of_number(told[0]))
    if not found:
        return Entity(noun or "order", told[0].strip("#"), told[0].strip("#"), span.start, span.end, 0.5)
    of, key = min(found, key=lambda f: ORDERED.index(f[0]) if f[0] in ORDERED else len(ORDERED))
    return Entity(of, key, key, span.start, span.end, 1.0)


ORDERED = ("order", "invoice", "return", "contract", "quote")
"""Which thing is meant by a number that several have."""


NAME_EMPTY = frozenset(
    """the customer customers account accounts region area tier warehouse carrier category product products article order orders channel industry from in of for
    and or vs versus with against to our company s owner s' site country group supplier by via on our at sector segment people clients client without excluding except leave out
    leaving excl ex not counting excluded aside no minus apart don't do count ignoring ignore skip but""".split()
)


def member_path(member: Entity, thing: str) -> str | None:
    """The attribute by which a member limits things of the entity, their own or that of what they belong to."""
    of = entity(thing)
    if member.dimension in ("customer", "product", "order"):
        return f"{member.dimension}.id" if member.dimension == thing or member.dimension in of.links.values() else None
    for name in (thing, *of.links.values()):
        if member.dimension in entity(name).attributes:
            return f"{name}.{member.dimension}"
    return None


def having(member: Entity) -> Did | None:
    """A member of what customers only have (a level of a programme) as the condition of having such a one; None where it is none: a
    thing is asked by its number, and is no state of its customer."""
    if member.dimension in entities():
        return None
    for of in entities().values():
        name = next((a.name for a in of.attributes.values() if member.dimension in (a.name, a.label.replace(" ", "_"))), None)
        if name is not None and set(of.links.values()) == {"customer"}:
            return Did("customer", of.name, Compare(f"{of.name}.{name}", "=", (member.value,)), None, 1, None)
    return None


def with_lines(members: Sequence[Entity], thing: str) -> Did | None:
    """Members of one dimension that only the lines of an order have (products, categories) as the condition of an order with a line of
    any of them."""
    if thing != "order" or member_path(members[0], thing) is not None:
        return None
    path = member_path(members[0], "line")
    return Did("order", "line", Compare(path, "=", tuple(m.value for m in members))) if path is not None else None


def own_value(text: str, thing: str, where: Workspace) -> Compare | None:
    """Words that are a value of what the things themselves have ("in negotiation" of quotes, "Swedish" of comments) as a condition."""
    said = [
        t.text
        for t in tokenise(text)
        if t.text not in links.EMPTY and t.text not in NAME_EMPTY and t.text not in GRAMMAR and t.text not in STILL
    ]
    known = any(attribute(p)[1].kind == "flag" for p in links.attributes_in(" ".join(said), thing)) if thing else True
    found = where.vocabulary.own(thing, " ".join(said)) if said and not known else None
    if found is None or (
        found[0].split(".")[1] in DIMENSIONS and where.vocabulary.called(" ".join(said), *tokenise(text)[:1] * 2)
    ):
        return None  # a member of a dimension is found by its name
    return Compare(found[0], "=", (found[1],))


STILL = frozenset("still now currently only level stage kind language written was were is are".split())


def kinds_said(text: str, thing: str, where: Workspace) -> tuple[tuple[str, Compare], ...]:
    """Nouns of the things that say which kind of them is meant ("tickets" of contacts), as typed, with the condition."""
    found = []
    for token in tokenise(text):
        if links.only_a_noun(token.text) != thing or not thing:
            continue
        value = where.vocabulary.own(thing, token.text) or where.vocabulary.own(thing, base_form(token.text))
        if value is not None and value[0].split(".")[1] not in DIMENSIONS:
            found.append((token.raw, Compare(value[0], "=", (value[1],))))
    return tuple(dict(found).items())
