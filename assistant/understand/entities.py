"""Names in a question: customers, products, regions … from the workspace's own tables; exact, partial and misspelt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.questions import Entity
from assistant.understand.tokens import Token, tokenise
from knowledge.access import Reader
from knowledge.entities.values import own_values
from knowledge.metrics import definitions
from knowledge.query import members

DIMENSIONS = (
    "customer", "parent", "product", "category", "region", "country", "industry", "size", "service_tier", "account_owner", "channel",
    "carrier", "ship_from", "ship_to_region", "order_type", "segment", "own_segment", "churn_risk", "demand_class", "decoupling_point", "location", "program",
    "loyalty_tier", "reason", "disposition", "stage", "feedback_channel", "contact_channel", "party", "agent", "theme",
)  # fmt: skip
SOFT = frozenset(
    """theme reason disposition stage order_type feedback_channel contact_channel party churn_risk demand_class decoupling_point location program
    loyalty_tier segment""".split()
)
PLACES: dict[str, str] = {
    "uk": "united kingdom",
    "u.k": "united kingdom",
    "britain": "united kingdom",
    "great britain": "united kingdom",
    "england": "united kingdom",
    "usa": "united states",
    "u.s": "united states",
    "u.s.a": "united states",
    "america": "united states",
    "the states": "united states",
    "us": "united states",
    "ireland": "eire",
    "holland": "netherlands",
    "the netherlands": "netherlands",
    "deutschland": "germany",
    "emea": "europe",
    "eu": "europe",
    "northern": "north",
    "southern": "south",
    "eastern": "east",
    "western": "west",
    "european": "europe",
    "german": "germany",
    "french": "france",
    "spanish": "spain",
    "british": "united kingdom",
    "american": "united states",
    "swedish": "sweden",
    "dutch": "netherlands",
    "canadian": "canada",
    "sao paulo": "sp",
    "são paulo": "sp",
    "rio": "rj",
    "rio de janeiro": "rj",
    "minas gerais": "mg",
    "rio grande do sul": "rs",
    "parana": "pr",
    "paraná": "pr",
    "santa catarina": "sc",
    "bahia": "ba",
    "pernambuco": "pe",
    "ceara": "ce",
    "ceará": "ce",
    "espirito santo": "es",
    "distrito federal": "df",
    "goias": "go",
}
"""What people call places, to what the data may call them; used only where the data does."""
PRONOUN = "us"
"""A place that is called like a pronoun."""
SUFFIXES = frozenset(
    "inc incorporated ltd limited llc gmbh ag co corp corporation company plc sa ab oy bv nv as srl spa kg the group holding holdings".split()
)
COMMON = frozenset(
    "the and of in for a an to by on with is are was no yes other all new one set box bag red blue green white black small large".split()
)
CALLED_SHORT = frozenset("customer parent theme carrier account_owner agent ship_from".split())
"""Members that people call by a part of their name."""
LONGEST, CLOSE, CLEAR, MOST_ALIKE = 6, 86.0, 4.0, 3
MOST_OWN = 10_000
"""A dimension of the company's own with more members (ids of single records) is cut by, but its members are no names."""


def build_vocabulary(reader: Reader) -> dict[str, list[list[str]]]:
    """Members of every dimension as [id, label], by dimension, and what attributes of things take that are no dimension, by their path
    ("contact.kind"); what the reader may not see is not in it."""
    own = definitions.of_snapshot(reader.snapshot).dimensions
    known = {d: [[i, label] for i, label in found] for d in DIMENSIONS if (found := members(d, reader))}
    added = {d: [[i, label] for i, label in found] for d in own if 0 < len(found := members(d, reader)) <= MOST_OWN}
    return known | added | own_values(reader)


@dataclass(frozen=True)
class Match:
    """Readings of words first..last (tokens): the members that fit, best first; several of one dimension are near-tied."""

    first: int
    last: int
    entities: tuple[Entity, ...]


class Vocabulary:
    """Finds members in tokens. `members` is what `build_vocabulary` gave."""

    def __init__(self, members: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self.members = {d: listed for d, listed in members.items() if "." not in d}
        self._own = {path: listed for path, listed in members.items() if "." in path}
        self.words: set[str] = set()
        self.of_articles: set[str] = set()
        """Words of articles' names: right as they are, but nothing is mended into them."""
        self._labelled = {(d, str(i)): str(n) for d, listed in self.members.items() for i, n in listed}
        self._exact: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._starts: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._labels: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._inside: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for dimension, listed in self.members.items():
            for identity, label in listed:
                self._add(dimension, str(identity), str(label))
        for said, place in PLACES.items():
            if said not in self._exact and place in self._exact:
                self._exact[said] = [e for e in self._exact[place] if e[0] in ("country", "region", "ship_to_region")]

    def label(self, dimension: str, identity: str) -> str:
        """How people call a member."""
        return self._labelled.get((dimension, identity), identity)

    def called(self, text: str, first: Token, last: Token) -> list[Entity]:
        """Members called exactly that, at the place of those words."""
        return [Entity(d, i, label, first.start, last.end, 1.0) for d, i, label in self._exact.get(text, ())]

    def id_of(self, label: str) -> str | None:
        """The id of a customer or parent by its exact label."""
        return next((str(i) for d in ("customer", "parent") for i, n in self.members.get(d, ()) if str(n) == label), None)

    def own(self, thing: str, text: str) -> tuple[str, str] | None:
        """The attribute of the things themselves, by its path, that takes the value which is called so, and that value: of contacts
        "ticket" as a kind of them; None where no attribute has it, or several."""
        said = normal(text)
        found = [
            (path, str(value))
            for path, listed in self._own.items()
            for value, label in listed
            if path.split(".")[0] == thing and said in (normal(str(label)), normal(str(value)))
        ]
        alone = [f for f in found if f[0].split(".")[1] not in DIMENSIONS] or found  # rather a kind of contact than its channel
        return alone[0] if len(alone) == 1 and len(said) > 1 else None

    def has(self, dimension: str) -> bool:
        return bool(self.members.get(dimension))

    def by_id(self, dimension: str, identity: str) -> tuple[str, str] | None:
        """(id, label) of a member by its id, case-blind."""
        low = identity.lower()
        return next(((str(i), str(n)) for i, n in self.members.get(dimension, ()) if str(i).lower() == low), None)

    def find(self, tokens: Sequence[Token], free: Sequence[bool]) -> list[Match]:
        """Members named by whole labels or by the beginning of a name, in words that are free; longer ones win."""
        found: list[Match] = []
        taken = [not f for f in free]
        for size in range(min(LONGEST, len(tokens)), 0, -1):
            for first in range(len(tokens) - size + 1):
                span = range(first, first + size)
                if any(taken[i] for i in span):
                    continue
                text = " ".join(tokens[i].text for i in span)
                fits = self._fitting(text)
                if not fits or (text == PRONOUN and not _country(tokens, first)) or _an_article(tokens, first, size):
                    continue
                found.append(self._match(tokens, first, first + size - 1, fits, 1.0))
                for i in span:
                    taken[i] = True
        return sorted(found, key=lambda m: m.first)

    def nearest(self, text: str, dimension: str | None = None, limit: int = 3) -> list[tuple[Entity, float]]:
        """Members whose names are like the text, best first, with likeness 0..100 (misspelt names)."""
        from rapidfuzz import fuzz, process

        names = [n for n, fits in self._labels.items() if dimension is None or any(f[0] == dimension for f in fits)]
        ranked = process.extract(text, names, scorer=fuzz.ratio, limit=limit, score_cutoff=60)
        out = []
        for name, likeness, _ in ranked:
            for d, i, label in self._labels[name]:
                if dimension is None or d == dimension:
                    out.append((Entity(d, i, label, 0, 0, likeness / 100), likeness))
        return out[:limit]

    def fuzzy(self, tokens: Sequence[Token], first: int, last: int) -> Match | None:
        """A misspelt name in words first..last, where one member is clearly nearest."""
        text = " ".join(t.text for t in tokens[first : last + 1])
        if len(text) < 4 or text.isdigit():
            return None
        ranked = self.nearest(text)
        if not ranked or ranked[0][1] < CLOSE or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < CLEAR):
            return None
        best = ranked[0][0]
        return self._match(tokens, first, last, [(best.dimension, best.value, best.label)], best.score)

    def _match(
        self, tokens: Sequence[Token], first: int, last: int, fits: Sequence[tuple[str, str, str]], score: float
    ) -> Match:
        rank = {d: n for n, d in enumerate(DIMENSIONS)}
        ordered = sorted(set(fits), key=lambda f: (rank.get(f[0], 99), f[2], f[1]))
        start, end = tokens[first].start, tokens[last].end
        return Match(first, last, tuple(Entity(d, i, label, start, end, score) for d, i, label in ordered))

    def _fitting(self, text: str) -> list[tuple[str, str, str]]:
        """Members called exactly that; where the words are only the beginning of names ("acme"), all that begin so."""
        exact = self._exact.get(text) or self._exact.get(text.replace("-", ""), [])  # "e-mail"
        starts = self._starts.get(text, []) if self._telling(text) else []
        whole = [e for e in exact if normal(e[2]) == text or e[1].lower() == text or text in PLACES]
        inside = self._inside.get(text, []) if self._telling(text) and not exact and not starts else []
        return whole or [*exact, *starts] or (inside if len(inside) <= MOST_ALIKE else [])

    def _telling(self, text: str) -> bool:
        return len(text) >= 3 and text not in COMMON and not text.isdigit()

    def _add(self, dimension: str, identity: str, label: str) -> None:
        entry = (dimension, identity, label)
        whole = normal(label)
        core = " ".join(w for w in whole.split() if w not in SUFFIXES) or whole
        typed = " ".join(t.text for t in tokenise(label)) if any(c.isdigit() for c in label) else whole  # "1/2" is two tokens
        for text in dict.fromkeys((whole, core, typed, normal(identity))):
            if text and not (text in COMMON and dimension == "product"):
                self._exact[text].append(entry)
        self._labels[core].append(entry)
        telling = {w for w in core.split() if len(w) > 3 and not any(c.isdigit() for c in w)}
        (self.of_articles if dimension == "product" else self.words).update(telling)
        if dimension in CALLED_SHORT:
            parts = core.split()
            for size in range(1, min(len(parts), 4)):
                self._starts[" ".join(parts[:size])].append(entry)
            if dimension in ("customer", "account_owner", "carrier"):
                for word in {w for w in parts[1:] if len(w) > 3 and not any(c.isdigit() for c in w)}:
                    self._inside[word].append(entry)


def _an_article(tokens: Sequence[Token], at: int, size: int) -> bool:
    """Whether "a" is a word and no customer that is called so: written small, or where a sentence begins."""
    return size == 1 and tokens[at].text in ("a", "i") and (at == 0 or not tokens[at].raw.isupper())


def _country(tokens: Sequence[Token], at: int) -> bool:
    """Whether "us" is the country: written in capitals, or with an article."""
    return tokens[at].raw.isupper() or (at > 0 and tokens[at - 1].text == "the")


def normal(label: str) -> str:
    """A label as tokens write it: lower case, words parted by single spaces."""
    return " ".join(re.findall(r"[^\W_]+(?:[-&/'’.][^\W_]+)*", label.lower().replace("’", "'")))
