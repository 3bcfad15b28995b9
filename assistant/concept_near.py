"""Which entry of the handbook a question is about that names none: the one whose sentences are nearest in meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.concept_match import WORD, Asked, part_of, vocabulary
from assistant.documents import ASKING, Encode, stem
from knowledge.handbook import Entry, entries
from knowledge.index import Vectors, on_grid

Places = NDArray[np.intp]
NEAR, NEARER, ALIKE = 0.55, 0.72, 0.85
"""An entry is meant from this nearness on; from the second where the question may as well ask for a figure or for a name that the handbook
does not have; from the third on a question is one of those by which the entry is found, whatever else it names."""
AHEAD, NARROWLY = 0.05, 0.02
"""So far it is before the next one; so far where it is `NEARER`."""
UNHEARD, SELDOM, FEWEST = 0.34, 0.25, 3
"""At most this share of a question's words may be unknown to the handbook, fewer where it is less near; a shorter question is no
description."""
NAMING = re.compile(
    r"^\W*(?:what (?:is|are)|what's|whats|define|explain)\b|\b(?:means?|meant|stands? for|definition)\b", re.IGNORECASE
)
"""Who asks what a thing is asks for it by its name."""


def near(text: str, encode: Encode) -> Asked | None:
    """What the question asks of the entry that is nearest in meaning; None where none is near enough or two are as near."""
    words = [w.casefold().replace("’", "'") for w in WORD.findall(text)]
    said = [stem(w) for w in words if w not in ASKING and "'" not in w and len(w) > 1]
    if len(words) < FEWEST or not said:
        return None
    unheard = sum(w not in _heard() for w in said) / len(said)
    (first, likeness), (_, second) = _nearest(text, encode, _shelf(encode))
    if unheard > (UNHEARD if likeness >= NEARER else SELDOM):
        return None
    if likeness < (NEARER if NAMING.search(text) else NEAR) or likeness - second < (NARROWLY if likeness >= NEARER else AHEAD):
        return None
    return _of(first, text)


def alike(text: str, encode: Encode, *, least: float = ALIKE) -> Asked | None:
    """What the question asks where it is nearly one of those by which an entry is found; None for any other."""
    (first, likeness), (_, second) = _nearest(text, encode, _questions(encode))
    return _of(first, text) if likeness >= least and likeness - second >= NARROWLY else None


def _of(entry: Entry, text: str) -> Asked:
    part = part_of(text)
    return Asked("what" if part in ("difference", "compute") else part, (entry,), defined=part != "what")


def _nearest(text: str, encode: Encode, shelf: tuple[Places, Vectors]) -> list[tuple[Entry, float]]:
    """The two nearest entries with the nearness of the sentence of each that is nearest."""
    places, vectors = shelf
    likeness = np.round(vectors @ on_grid(encode([text]))[0], 4)
    best = np.full(len(entries()), -1.0)
    np.maximum.at(best, places, likeness)
    order = np.argsort(-best, kind="stable")[:2]
    return [(entries()[i], float(best[i])) for i in order]


@lru_cache(maxsize=2)
def _shelf(encode: Encode) -> tuple[Places, Vectors]:
    """The sentences of all entries as vectors, with the place of the entry that each is of."""
    return _shelved([(place, text) for place, entry in enumerate(entries()) for text in _sentences(entry)], encode)


@lru_cache(maxsize=2)
def _questions(encode: Encode) -> tuple[Places, Vectors]:
    """The questions by which entries are found, likewise."""
    return _shelved([(place, text) for place, entry in enumerate(entries()) for text in entry.asked], encode)


def _shelved(told: Sequence[tuple[int, str]], encode: Encode) -> tuple[Places, Vectors]:
    return np.array([place for place, _ in told], dtype=np.intp), on_grid(encode([text for _, text in told]))


def _sentences(entry: Entry) -> list[str]:
    parts = (entry.means, entry.matters, entry.serves, entry.improve, *entry.differs.values())
    return [*entry.names, *entry.asked, *(f"{entry.name}. {part}" for part in parts)]


@lru_cache(maxsize=1)
def _heard() -> frozenset[str]:
    """The stems of the handbook's words and of the questions by which its entries are found."""
    return vocabulary() | {stem(w.casefold()) for e in entries() for said in e.asked for w in WORD.findall(said)}
