"""What a group of clauses might be called: wordings that recur among those nearest to its centre and phrases that set it apart, each
with what it holds for and what it is worth as a name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from knowledge.index import centred, on_grid
from nlp.encoder import Vectors
from nlp.formulas import opened
from nlp.holding import Flags, Members, denied, said
from nlp.terms import Described, function, loose, says_again
from nlp.text import Token, parsed, tokens
from nlp.wording import POINTS, Wording, as_said, stands, wordings
from nlp.words import ordinary

Encode = Callable[[Sequence[str]], Vectors]
NEAREST, MOST, RECURS, SHARE, USUAL = 40, 40, 2, 0.015, 3
COVERS, COVERED, SAYS, SAID = 0.5, 0.5, 0.35, 0.2
BARE, LENGTHY, UNKNOWN, POINTING, UNREAD, LOOSELY, TURNED = 0.25, 0.05, 0.15, 0.06, 0.15, 0.1, 0.4
HYPHEN, JOINS, SHOUTED = re.compile(r"(?<=\w)-(?=\w)"), "\N{NON-BREAKING HYPHEN}", 0.6
WHOLE, READ, PLURAL = 5, 3, 0.5  # words; what it is worth that a topic is in the plural, among its forms


@dataclass(frozen=True)
class Candidate:
    """A wording with the stems that it says, whether it is a mere topic, and whether it was read from a parse or is a phrase; whether all its
    words are usual ones, so that it has no typo; and whether it is mostly all that is said, and not a noun out of a statement."""

    text: str
    key: frozenset[str]
    topic: bool
    read: bool
    usual: bool = True
    alone: bool = True


@dataclass(frozen=True)
class Held:
    """A candidate, its worth as a name, the members that it holds for, the share that says it in its words, and its vector."""

    candidate: Candidate
    worth: float
    flags: Flags
    says: float
    vector: Vectors

    @property
    def covers(self) -> float:
        """The share of the members that it holds for."""
        return float(self.flags.mean()) if len(self.flags) else 0.0


def candidates(
    described: Sequence[Described], groups: Sequence[Members], avoid: Sequence[frozenset[str]] = (), nearest: int = NEAREST
) -> list[list[Candidate]]:
    """What each group might be called, at most MOST, the likeliest first; none that says only what is to be avoided. Where no English
    pipeline is installed only the phrases that set it apart."""
    near = [[plainly(t) for t in g.nearest(nearest)] for g in groups]
    parses = _parsed([t for texts in near for t in texts])
    out, at = [], 0
    for number, (told, members, texts) in enumerate(zip(described, groups, near, strict=True)):
        own = parses[at : at + len(texts)] if parses else ()
        at += len(texts)
        out.append(_recurring(told, members, own, avoid[number] if avoid else frozenset()))
    return out


def plainly(text: str) -> str:
    """A text as a parser reads it best: without an opening formula, not in capitals that mean nothing, words with hyphens in one piece."""
    told = HYPHEN.sub(JOINS, opened(text))
    shouted = sum(map(str.isupper, told)) > SHOUTED * sum(map(str.isalpha, told))
    return told.lower() if shouted else told[:1].lower() + told[1:] if told.split(" ", 1)[0].lower() in ordinary() else told


def _parsed(texts: Sequence[str]) -> list[list[Token]]:
    """How the words of each text hang together; empty where no English pipeline is installed."""
    return [[replace(t, text=t.text.replace(JOINS, "-")) for t in parse] for parse in parsed(texts) or ()]


def _recurring(
    described: Described, members: Members, parses: Sequence[Sequence[Token]], avoid: frozenset[str]
) -> list[Candidate]:
    """The wordings read and the phrases (those that a parse shows to be whole, where there is one), one a set of stems in its most usual form,
    that recur."""
    forms: dict[frozenset[str], list[Wording]] = defaultdict(list)
    for wording in (w for parse in parses for w in wordings(parse)):
        if not says_again(wording.text):
            forms[said(wording.text)].append(wording)
    whole = frozenset(forms)
    for phrase, _ in described.phrases:
        if said(phrase) not in forms and stands(phrase.split()) and not says_again(phrase):
            words = phrase.replace("n't", " n't").split()
            told = [w for p in parses if (w := as_said(words, p))] if parses else [Wording(phrase, topic=False)]
            forms[said(phrase)] += [replace(w, text=phrase) for w in told]
    keys = [k for k in forms if forms[k] and k - denied(k) - avoid]
    flags, turned = members.in_words(keys)
    least = max(RECURS, SHARE * len(members.texts))
    often = Counter(w for t in members.texts for w in set(tokens(t)))
    found = []
    for key, times, against in zip(keys, flags.sum(axis=0).tolist(), turned.tolist(), strict=True):
        if times >= least and against < TURNED:
            text = usual_form(forms[key])
            own = [w for w in forms[key] if w.text == text]
            topic, alone = (2 * sum(flags) > len(own) for flags in ([w.topic for w in own], [w.alone for w in own]))
            usual = all(often[w] >= USUAL or known(w) for w in text.split())
            found.append((times + READ * len(forms[key]), Candidate(text, key, topic, key in whole, usual, alone)))
    found.sort(key=lambda c: (-c[0], c[1].text))
    return [c for _, c in found[:MOST]]


def usual_form(forms: Sequence[Wording]) -> str:
    """The most usual of several forms of a wording, a topic rather in the plural; of equals the shortest."""
    often = Counter(w.text for w in forms)
    topics = {w.text for w in forms if w.topic and w.text.endswith("s") and not any(map(function, w.text.split()))}
    return max(often, key=lambda t: (often[t] + PLURAL * len(forms) * (t in topics), -len(t), t))


def held(
    listed: Sequence[Sequence[Candidate]], groups: Sequence[Members], centres: Vectors, origin: Vectors, encode: Encode
) -> list[list[Held]]:
    """Each group's candidates by falling worth: how near they are to its centre in meaning, what share they hold for and how many say so,
    and how they read."""
    flat = [c.text for own in listed for c in own]
    if not flat:
        return [[] for _ in listed]
    vectors, at, out = encode(flat), 0, []
    apart = centred(vectors, origin)
    for own, members, centre in zip(listed, groups, on_grid(centres), strict=True):
        rows = slice(at, at + len(own))
        at += len(own)
        keys = [c.key for c in own]
        words, _ = members.in_words(keys)
        flags = words | members.in_meaning(keys, vectors[rows])
        likeness = apart[rows] @ centre
        told = [
            Held(c, _worth(c, float(near), float(f.mean()), float(w.mean())), f, float(w.mean()), v)
            for c, near, f, w, v in zip(own, likeness, flags.T, words.T, vectors[rows], strict=True)
        ]
        out.append(sorted(told, key=lambda h: (-round(h.worth, 4), h.candidate.text)))
    return out


def _worth(candidate: Candidate, likeness: float, covers: float, says: float) -> float:
    words = candidate.text.split()
    content = [w for w in words if not function(w)]
    worth = likeness + COVERED * min(1.0, covers / COVERS) ** 0.5 + SAYS * min(1.0, says / SAID) ** 0.5
    worth -= BARE * (len(content) < 2 and len(words) < 2) + LENGTHY * max(0, len(words) - WHOLE)
    worth -= UNKNOWN * any(not known(w) for w in words) + POINTING * any(w in POINTS for w in words)
    return float(worth) - (0.0 if candidate.read else UNREAD + LOOSELY * loose(candidate.text))


def known(word: str) -> bool:
    """Whether a word is an ordinary one, in any of its forms, or too short to tell."""
    plain = word.removesuffix("'s").removesuffix("’s")
    return (
        len(plain) < 4
        or "'" in plain
        or "’" in plain
        or "-" in plain
        or bool({plain, plain.removesuffix("s"), plain.removesuffix("es")} & ordinary())
    )


def together(first: Held, others: Sequence[Held]) -> Held | None:
    """Of the others the one that holds for most of the members that `first` does not hold for, and shares no word with it."""
    apart = [h for h in others if h.candidate.key.isdisjoint(first.candidate.key)]
    gain: npt.NDArray[np.float64] = np.array([float((h.flags & ~first.flags).mean()) for h in apart])
    return apart[int(gain.round(4).argmax())] if apart else None
