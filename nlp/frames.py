"""What a clause is about and whether it asserts something, read from how its words hang together, not from which they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from nlp.encoder import Encoder
from nlp.text import Token

HERE = Path(__file__).parent / "data"
Parse = tuple[Token, ...]
NOMINAL = frozenset({"NOUN", "PROPN"})
SUBJECTS = ("nsubj", "nsubjpass", "csubj")
OBJECTS = ("dobj", "attr", "oprd", "dative", "npadvmod")
LINKS = frozenset({"conj", "ccomp", "xcomp", "advcl", "relcl", "parataxis"})
JOINED = frozenset({"conj", "parataxis", "advcl"})
SUPPOSES = frozenset({"if", "unless", "whether"})
MODAL = frozenset({"would", "could", "may", "might", "will", "can", "shall"})
DENIALS = frozenset({"no", "not", "never", "nothing", "none", "nobody", "without", "hardly", "neither", "nor"})
EARLY = frozenset({"early", "earlier"})
FORMER = frozenset({"previous", "former", "prior", "other"})
LAST = frozenset({"year", "spring", "summer", "autumn", "fall", "winter", "season", "quarter", "time"})
AGO = frozenset({"month", "year", "season"})
MONTHS = frozenset(
    {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)
USUAL = frozenset(
    {"always", "often", "usually", "regularly", "frequently", "constantly", "sometimes", "generally", "occasionally"}
)
TOLD = frozenset({"say", "claim", "tell", "report", "write", "complain", "mention", "insist", "swear"})
GUESSED = frozenset({"hear", "read", "think", "believe", "suppose", "guess", "fear", "assume", "suspect", "imagine", "expect"})
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
NEAR = 0.42


@dataclass(frozen=True)
class Frame:
    """The things that a statement is about (with what qualifies them: "packing list"); whether it asserts something of what is spoken
    of, rather than asking, wishing, supposing, passing on, or telling what was at another time or is usual; the places of its words of denial; whether its predicate has a subject of its own; and what it puts something
    before ("the agreed date"; "time" where it says only that it was early)."""

    about: tuple[str, ...]
    asserts: bool
    denial: frozenset[int]
    complete: bool
    before: tuple[str, ...]


def units(tokens: Sequence[Token]) -> list[Parse]:
    """The statements of a clause, one a predicate that has a subject of its own ("the lid broke and two boxes were missing")."""
    below = _below(tokens)
    heads = [
        i for i, t in enumerate(tokens)
        if t.head == i or ((t.relation in JOINED or (t.relation == "ccomp" and i < t.head)) and _subjects(i, tokens, below))
    ]  # fmt: skip
    owner = {i: i for i in heads}

    def of(i: int) -> int:
        chain = []
        while i not in owner:
            chain.append(i)
            i = tokens[i].head
        owner.update(dict.fromkeys(chain, owner[i]))
        return owner[i]

    parts: dict[int, list[int]] = {}
    for i in range(len(tokens)):
        parts.setdefault(of(i), []).append(i)
    return [_apart(tokens, rows, head) for head, rows in sorted(parts.items()) if len(rows) > 1] or [tuple(tokens)]


def _subjects(verb: int, tokens: Sequence[Token], below: dict[int, list[int]]) -> list[int]:
    """The subjects of a verb, also those that hang on its auxiliary."""
    own = below.get(verb, [])
    helped = [j for i in own if tokens[i].relation == "aux" for j in below.get(i, ())]
    return [i for i in (*own, *helped) if tokens[i].relation in SUBJECTS]


def _apart(tokens: Sequence[Token], rows: list[int], head: int) -> Parse:
    """The tokens of `rows` as a sentence of their own."""
    place = {old: new for new, old in enumerate(rows)}
    return tuple(replace(tokens[i], head=place[i] if i == head else place.get(tokens[i].head, place[head])) for i in rows)


def said(tokens: Sequence[Token], without: frozenset[int] = frozenset()) -> str:
    """The words as a text."""
    return " ".join(t.text for i, t in enumerate(tokens) if i not in without)


def frame(tokens: Sequence[Token]) -> Frame:
    """The frame of a statement: its subject, or where that is a pronoun or nobody what the verb is done to."""
    below = _below(tokens)
    verbs = [i for i, t in enumerate(tokens) if t.head == i]
    first = verbs[0] if verbs else 0
    things: list[str] = []
    for verb in verbs:  # grows while it is read
        children = below.get(verb, ())
        verbs += [i for i in children if tokens[i].relation in LINKS and tokens[i].pos in {"VERB", "AUX", "ADJ"}]
        things += _things(verb, tokens, below) if tokens[verb].pos in NOMINAL else []
        named = [x for i in _subjects(verb, tokens, below) for x in _things(i, tokens, below)]
        things += named or [x for i in children if tokens[i].relation in OBJECTS for x in _things(i, tokens, below)]
    helpers = [t for i in below.get(first, ()) if (t := tokens[i]).relation == "aux"]
    supposes = any(t.relation == "mark" and t.lemma in SUPPOSES for t in tokens)
    supposes |= any(t.lemma in MODAL for t in helpers) or (
        bool(tokens) and tokens[-1].text == "?" and tokens[0].lemma.lower() not in {"where", "why"}
    )
    denial = frozenset(i for i, t in enumerate(tokens) if t.relation == "neg" or t.lemma in DENIALS)
    before = ["time" for t in tokens if t.lemma in EARLY]
    for i in (i for i, t in enumerate(tokens) if t.lemma == "before" and t.relation == "prep"):
        before += [
            "time" if tokens[j].pos == "NUM" else tokens[j].lemma for j in below.get(i, ()) if tokens[j].relation == "pobj"
        ]
    return Frame(
        tuple(dict.fromkeys(things)),
        not (supposes or _at_another_time(tokens, below) or _passed_on(tokens, below)),
        denial,
        bool(tokens) and bool(_subjects(first, tokens, below)),
        tuple(before),
    )


def _at_another_time(tokens: Sequence[Token], below: dict[int, list[int]]) -> bool:
    """Whether it tells of another time than now ("last spring", "a year ago", "in May", "used to") or of every time ("always")."""
    for i, t in enumerate(tokens):
        head, low = tokens[t.head], t.text.lower()
        if t.lemma in USUAL or (
            t.relation == "amod" and (low in FORMER or (low == "last" and head.lemma in LAST and head.relation != "poss"))
        ):
            return True
        if low == "ago" and any(tokens[j].lemma in AGO for j in (*below.get(i, ()), t.head)):
            return True
        if low == "used" and i + 2 < len(tokens) and tokens[i + 1].lemma == "to" and tokens[i + 2].pos in {"VERB", "AUX"}:
            return True
        day = any(tokens[j].pos == "NUM" for j in below.get(i, ()))
        if t.text in MONTHS and t.relation == "pobj" and head.text.lower() == "in" and not day:
            return True
    return False


def _passed_on(tokens: Sequence[Token], below: dict[int, list[int]]) -> bool:
    """Whether it is what somebody else says, or what the writer only heard or thinks."""
    for i in (t.head for t in tokens if t.relation == "ccomp"):
        who = {tokens[j].text.lower() for j in _subjects(i, tokens, below)}
        if (tokens[i].lemma in TOLD and who and who.isdisjoint({"i", "we", "you"})) or tokens[i].lemma in GUESSED:
            return True
    return False


def _below(tokens: Sequence[Token]) -> dict[int, list[int]]:
    below: dict[int, list[int]] = {}
    for i, token in enumerate(tokens):
        if token.head != i:
            below.setdefault(token.head, []).append(i)
    return below


def _things(at: int, tokens: Sequence[Token], below: dict[int, list[int]]) -> list[str]:
    """The nouns that a phrase names: through numbers and measures ("8 of the 10 crates", "a box of gloves") and "and"."""
    found: list[str] = []
    inner = [k for j in below.get(at, ()) if tokens[j].lemma == "of" for k in below.get(j, ()) if tokens[k].relation == "pobj"]
    for k in inner:
        found += _things(k, tokens, below)
    if tokens[at].pos in NOMINAL:
        whole = [tokens[j].lemma for j in below.get(at, ()) if tokens[j].relation == "compound" and j < at]
        found = [" ".join([*whole, tokens[at].lemma]), *found]
    for j in below.get(at, ()):
        if tokens[j].relation == "conj" and tokens[j].pos in NOMINAL:
            found += _things(j, tokens, below)
    return found


class Kinds:
    """Tells kinds of things apart by nouns that stand for each, in meaning."""

    def __init__(self, encoder: Encoder) -> None:
        listed = yaml.safe_load((HERE / "subjects.yaml").read_text(encoding="utf-8"))
        self._names = list(listed)
        self._encoder = encoder
        self._of = np.array([i for i, n in enumerate(self._names) for _ in listed[n]])
        self._vectors = encoder.encode([str(w) for n in self._names for w in listed[n]])
        self._known = {str(w): n for n in self._names for w in listed[n]}

    def of(self, nouns: Sequence[str]) -> dict[str, str]:
        """The kind of each noun."""
        unknown = sorted({n for n in nouns if n not in self._known and n.split()[-1] not in self._known})
        found = {n: self._known.get(n) or self._known.get(n.split()[-1], "") for n in nouns}
        found |= dict.fromkeys((n for n in unknown if ORDINAL.fullmatch(n)), "time")
        unknown = [n for n in unknown if not found[n]]
        if unknown:
            near = self._encoder.encode(unknown) @ self._vectors.T
            for noun, row in zip(unknown, near, strict=True):
                worth = [np.sort(row[self._of == i])[-2:].mean() for i in range(len(self._names))]
                best = int(np.argmax(np.round(worth, 4)))
                found[noun] = self._names[best] if worth[best] >= NEAR else "goods"
        return found


@lru_cache(maxsize=2)
def kinds_of(encoder: Encoder) -> Kinds:
    """Once a process and encoder."""
    return Kinds(encoder)
