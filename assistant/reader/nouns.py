"""What the entity layer is called: nouns, verbs, attributes and set phrases, found in words. All of it comes from the records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from assistant.understand.spelling import american
from knowledge.entities.catalogue import entities
from knowledge.entities.model import Attribute, Entity
from knowledge.metrics.own import Own, own

IRREGULAR = {
    "bought": "buy", "sent": "send", "gave": "give", "given": "give", "paid": "pay", "left": "leave", "lost": "lose", "losing": "lose",
    "came": "come", "got": "get", "wrote": "write", "written": "write", "went": "go", "gone": "go", "made": "make", "making": "make",
    "said": "say", "told": "tell", "won": "win", "kept": "keep", "spent": "spend", "has": "have", "had": "have", "having": "have",
    "placed": "place", "placing": "place", "purchased": "purchase", "purchasing": "purchase", "rated": "rate",
}  # fmt: skip
"""Forms of common verbs that no ending tells."""


def base_form(word: str) -> str:
    """A verb or noun as a dictionary has it, near enough to compare: "ordered", "orders", "ordering" are "order"."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending, put in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ied", "y"), ("ed", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            stem = word[: -len(ending)] + put
            return (
                stem[:-1]
                if ending in ("ing", "ed") and len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls"
                else stem
            )
    return word


@dataclass(frozen=True)
class Phrase:
    """A set phrase of an entity and the condition text it means; `{n}` in its words stands for a number."""

    entity: str
    words: tuple[str, ...]
    means: str


@dataclass(frozen=True)
class Lexicon:
    """Words by what they mean; every key is a tuple of base forms."""

    nouns: Mapping[tuple[str, ...], str]
    verbs: Mapping[tuple[str, ...], str]
    attributes: Mapping[tuple[str, ...], tuple[str, ...]]
    phrases: Mapping[tuple[str, ...], tuple[Phrase, ...]]


def stems(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: without endings, in one spelling."""
    return tuple(base_form(american(w)) for w in re.findall(r"\{n\}|[^\W_]+(?:[-'][^\W_]+)*", text.lower().replace("-", " ")))


def lexicon() -> Lexicon:
    """The words of the entities in force."""
    return _lexicon(own())


@lru_cache(maxsize=16)
def _lexicon(_: Own) -> Lexicon:
    nouns: dict[tuple[str, ...], str] = {}
    verbs: dict[tuple[str, ...], str] = {}
    attributes: dict[tuple[str, ...], list[str]] = {}
    for of in entities().values():
        for word in (of.name, of.plural, *of.words):
            nouns.setdefault(stems(word), of.name)
        for word in of.verbs:
            verbs.setdefault(stems(word), of.name)
        for known in of.attributes.values():
            for word in _called(of, known):
                attributes.setdefault(stems(word), []).append(f"{of.name}.{known.name}")
    return Lexicon(nouns, verbs, {k: tuple(dict.fromkeys(v)) for k, v in attributes.items()}, _phrases())


def _called(of: Entity, known: Attribute) -> tuple[str, ...]:
    plain = known.name.replace("_", " ")
    return (known.label, plain, *known.words, f"{of.name} {plain}")


def _phrases() -> dict[tuple[str, ...], tuple[Phrase, ...]]:
    text = resources.files("knowledge.entities").joinpath("phrases.yaml").read_text(encoding="utf-8")
    made: dict[tuple[str, ...], list[Phrase]] = {}
    for of, listed in yaml.safe_load(text).items():
        for entry in listed:
            for said in entry["say"]:
                made.setdefault(stems(str(said)), []).append(Phrase(of, stems(str(said)), str(entry["means"])))
    return {k: tuple(v) for k, v in made.items()}


def longest(known: Mapping[tuple[str, ...], object], words: Sequence[str], at: int, most: int = 6) -> int:
    """How many words from `at` on are one of the known keys, the longest; 0 where none is."""
    for size in range(min(most, len(words) - at), 0, -1):
        if tuple(words[at : at + size]) in known:
            return size
    return 0
