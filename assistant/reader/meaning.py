"""The trained part of the reader at work: one question's roles and kind, and the records nearest in meaning to its spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from assistant.reader import links, near
from assistant.reader.edits import MARK
from assistant.reader.tagged import Outside, Span
from assistant.understand import lexicon
from knowledge.entities.catalogue import entities, said_groups, said_measures
from knowledge.metrics import metrics
from knowledge.metrics.own import Own, own
from nlp.tagger import Tagged, Tagger

Vectors = NDArray[np.float32]
NEAREST, LOOKED_AT = {"condition": 40}, 64
DIGITS = 4
"""Likenesses are told to so many digits, so that no processor decides a tie."""
ROLES = {"metric": "m", "fact": "m", "group": "g", "condition": "c"}
"""The role of the spans that records of a kind are linked to."""


@dataclass(frozen=True)
class _Shelf:
    """Texts of records of one kind, with the record that each is of."""

    names: tuple[str, ...]
    vectors: Vectors


class Learned:
    """Reads questions by the tagger; the records' vectors are made when they are first needed, once for each company's own ones."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._tagged = lru_cache(maxsize=8)(tagger.read)  # a message is read to part it, and then for what it asks
        self._shelves: dict[tuple[str, Own], _Shelf] = {}
        self._lock = Lock()

    def read(self, text: str, *, first: bool = True) -> OneQuestion:
        """The roles of the words, the kind of question, and a way to find what its spans mean. The `first` of a thread follows none."""
        return OneQuestion(self._tagged(text), self, first)

    def nearest(self, vector: Vectors, kind: str) -> tuple[tuple[str, float], ...]:
        """The records of a kind ("metric", "group", "condition") nearest to a vector, best first, with likeness -1..1."""
        shelf = self._shelf(kind)
        likeness = shelf.vectors @ vector
        best: dict[str, float] = {}
        for at in np.argsort(-np.round(likeness, DIGITS), kind="stable")[:LOOKED_AT]:
            best.setdefault(shelf.names[at], round(float(likeness[at]), DIGITS))
        return tuple(sorted(best.items(), key=lambda b: (-b[1], b[0]))[: NEAREST.get(kind, 5)])

    def vectors(self, tagged: Tagged, spans: Sequence[Span]) -> Vectors:
        return self._tagger.span_vectors(tagged, spans)  # type: ignore[arg-type]

    def of_text(self, text: str, kind: str) -> Vectors:
        """The vector of words that are no span of the question."""
        one: Vectors = self._tagger.texts([text], ROLES[kind])[0]
        return one

    def alike(self, one: str, other: str) -> float:
        """How near two texts are in meaning, -1..1."""
        return round(float(self.of_text(one, "metric") @ self.of_text(other, "metric")), DIGITS)

    def _shelf(self, kind: str) -> _Shelf:
        key = (kind, own())
        with self._lock:
            if key not in self._shelves:
                told = RECORDS[kind]()
                self._shelves[key] = _Shelf(tuple(n for n, _ in told), self._tagger.texts([t for _, t in told], ROLES[kind]))
            return self._shelves[key]


@dataclass(frozen=True)
class OneQuestion:
    """A question as the tagger reads it; `nearest` links its spans to records in their context."""

    tagged: Tagged
    learned: Learned
    first: bool = True

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(Span(s.role, s.start, s.end, s.text, s.sure) for s in self.tagged.spans)

    @property
    def outside(self) -> tuple[Outside, ...]:
        told = zip(self.tagged.words, self.tagged.roles, self.tagged.sure, strict=True)
        return tuple(Outside(w.start, w.end, w.text, sure) for w, role, sure in told if role == "o")

    @property
    def op(self) -> Sequence[tuple[str, float]]:
        """Kinds of question, likeliest first."""
        kept = [o for o in self.tagged.op if not (self.first and o[0].startswith(MARK))]
        whole = sum(sure for _, sure in kept) or 1.0
        return [(kind, round(sure / whole, 4)) for kind, sure in kept]

    def nearest(self, text: str, kind: str) -> tuple[tuple[str, float], ...]:
        """The records nearest to a span of the question in its context, or to other words; of a kind with AS_SAID the records nearest
        to the words alone."""
        if kind.endswith(links.AS_SAID):
            kind = kind.removesuffix(links.AS_SAID)
            return self.learned.nearest(self.learned.of_text(text, kind), kind)
        role = ROLES[kind]
        own_spans = [s for s in self.spans if s.text == text] or [
            s for s in self.spans if s.role == role and f" {s.text} " in f" {text} "
        ]
        if own_spans:
            vector = self.learned.vectors(self.tagged, own_spans).sum(axis=0)
            vector /= max(float(np.linalg.norm(vector)), 1e-9)
        else:
            vector = self.learned.of_text(text, kind)
        return self.learned.nearest(vector, kind)


def _of_metrics() -> list[tuple[str, str]]:
    told = []
    for one in metrics().values():
        for m in (one, *one.variants.values()):
            more = lexicon.MORE_SYNONYMS.get(m.name, ())
            full = f"{'; '.join((m.label, *m.synonyms))}. {m.definition}"
            told += [(m.name, text) for text in (full, m.label, *m.synonyms, *more, f"{m.label}: {m.definition}")]
    for of in entities().values():
        told += [(f"count({of.name})", of.plural), (f"count({of.name})", f"number of {of.plural}")]
        for known in of.attributes.values():
            if known.kind == "flag" and of.name in ("order", "line", "invoice", "return", "contact", "quote", "promise"):
                told += [
                    (f"share({of.name}.{known.name})", said)
                    for said in (f"share {known.label}", f"share of {of.plural} that are {known.label}")
                ]
            if known.kind in AVERAGED:
                told += [(f"mean({of.name}.{known.name})", said) for said in (f"average {known.label}", known.label)]
                if known.kind == "money":
                    told.append((f"sum({of.name}.{known.name})", f"total {known.label}"))
    return told + [(key, phrase) for key, phrases in said_measures().items() if not links.a_fact(key) for phrase in phrases]


def _of_facts() -> list[tuple[str, str]]:
    told = []
    for of in entities().values():
        for known in of.attributes.values():
            if known.name == "id":
                continue  # its number is what a thing is asked by
            path = f"{of.name}.{known.name}"
            told += [(path, said) for said in (known.label, *known.words, *said_measures().get(path, ()))]
    return told


AVERAGED = ("money", "number", "days", "hours", "count")
"""Kinds of attributes that have a mean."""


def _of_groups() -> list[tuple[str, str]]:
    told = {d: (*listed, *said_groups().get(d, ())) for d, listed in lexicon.DIMENSION_WORDS.items()}
    return [(dimension, said) for dimension, listed in told.items() for said in listed if said != "who"]


RECORDS: dict[str, Callable[[], Sequence[tuple[str, str]]]] = {
    "metric": _of_metrics,
    "fact": _of_facts, "group": _of_groups, "condition": near.records,
}  # fmt: skip


@lru_cache(maxsize=1)
def learned_reader() -> Learned:
    """The reader that ships. Fails: Unavailable where its weights are missing or are not those that shipped."""
    from nlp.tagger import load_tagger

    return Learned(load_tagger())
