"""What the words of a condition speak of: things by noun or verb, what is known of them, members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.questions import Entity as Member
from assistant.reader.conditions.words import OPENING, VERBAL, Around, Words, words_of
from assistant.reader.nouns import Lexicon, lexicon, longest
from assistant.understand.entities import SOFT
from knowledge.entities.catalogue import attribute, entities, entity
from knowledge.entities.model import NUMBERS


@dataclass(frozen=True)
class Spoken:
    """What the words speak of: entities by noun or verb with their place, attributes with their place, members."""

    things: tuple[tuple[int, int, str], ...]
    attributes: tuple[tuple[int, int, tuple[str, ...]], ...]
    members: tuple[tuple[int, int, tuple[Member, ...]], ...]


def speaks_of(words: Words, lex: Lexicon, around: Around) -> Spoken:
    things: list[tuple[int, int, str]] = []
    known: list[tuple[int, int, tuple[str, ...]]] = []
    free = [i not in words.used for i in range(len(words.tokens))]
    found = around.vocabulary.find(words.tokens, free)
    named = {i for m in found for i in range(m.first, m.last + 1)}
    for i, token in enumerate(words.tokens):  # "surveys", of a channel called survey
        if i not in named and free[i] and token.text.endswith("s"):
            fits = around.vocabulary.find([replace(token, text=words.stems[i])], [True])
            found += [replace(m, first=i, last=i) for m in fits if (words.stems[i],) not in lex.nouns]
    members = [(m.first, m.last - m.first + 1, m.entities) for m in found]
    hard = [m for m in members if any(e.dimension not in SOFT for e in m[2])]
    inside = {i for first, size, _ in hard for i in range(first, first + size)}
    numbered = any(t.text.replace(".", "").isdigit() for t in words.tokens)
    at = 0
    while at < len(words.stems):
        if at in words.used:
            at += 1
            continue
        noun, verb, attr = (longest(k, words.stems, at) for k in (lex.nouns, lex.verbs, lex.attributes))
        size = max(noun, verb, attr)
        if size == 1 and at in inside and not noun:
            at += 1
            continue
        if attr and attr >= max(noun, verb):
            known.append((at, attr, lex.attributes[tuple(words.stems[at : at + attr])]))
        measured = attr == noun == size == 1 and not verb and numbered and not words.tokens[at].text.endswith("s")
        one = (words.stems[at],)
        if measured and any(p.split(".")[0] == lex.nouns[one] and attribute(p)[1].kind in NUMBERS for p in lex.attributes[one]):
            at += 1
            continue  # "a rating below 3" is what a rating says, "3 ratings" are so many
        if (noun and noun == size) or (verb and verb == size):
            key = tuple(words.stems[at : at + size])
            things.append((at, size, lex.nouns.get(key) or lex.verbs[key]))
        at += max(1, size)
    return Spoken(tuple(things), tuple(known), tuple(members))


def head_in(words: Words, spoken: Spoken) -> str:
    """The noun that the condition describes ("late orders", "customers with …"); none where it begins with what was done."""
    if not spoken.things:
        return ""
    at, size, name = spoken.things[0]
    lex = lexicon()
    plain = tuple(words.stems[at : at + size]) in lex.nouns and (words.tokens[at].text not in VERBAL)
    return name if plain and not any(t.text in OPENING for t in words.tokens[:at]) else ""


def head_of(text: str, around: Around) -> str:
    """The entity whose noun the condition describes ("late orders", "customers with …"); empty where it has none of its own."""
    words = words_of(text)
    return head_in(words, speaks_of(words, lexicon(), around))


def path_of(paths: Sequence[str], of: str) -> str | None:
    """The attribute of that entity among those called so; else one of what its things belong to."""
    return next((p for p in paths if p.split(".")[0] == of), None)


def member_path(member: Member, of: str) -> str | None:
    """The attribute of the entity, or of what it belongs to, that the member is a value of."""
    if member.dimension in ("customer", "product"):
        owner = entity(of)
        fits = member.dimension == of or member.dimension in owner.links.values()
        return f"{member.dimension}.id" if fits else None
    for name in (of, *(n for n in entity(of).links.values() if of == "line" and n == "product")):
        if member.dimension in entities()[name].attributes:
            return f"{name}.{member.dimension}"
    return None
