"""Names that a person would give: of the phrases that set a group apart the one nearest to its centre in meaning, whole (not cut out
of what is always said), with capitals as people write them. An upper group is named after what its parts have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.index import centred, on_grid
from nlp.candidates import Encode, Held, candidates, held, together
from nlp.encoder import Vectors
from nlp.formulas import plain_words
from nlp.holding import Members
from nlp.sentiment import lexical_score
from nlp.terms import BREAK, NEGATIVE, OPENS, Described, function, loose, says_again, stems
from nlp.text import tokens

STAND_INS = ("product", "carrier", "warehouse", "colleague", "company")
"""What stands for names that were taken out."""
STAND_IN = re.compile(rf"(?<=\w) (?:the|our) ({'|'.join(STAND_INS)})\b")
PIECE = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\s\w]")
OPENING = frozenset('.!?:;"“”(')
BEGINS = NEGATIVE | frozenset("get go come make take keep give put use try too".split())
DENIES = frozenset("do does did has have had is was are were can could will would".split())
LEADS = frozenset(
    "above below behind between among within across along inside outside onto toward towards through near beyond against".split()
)
ENDS = frozenset("up down off out back away ahead".split())
SHOUTED, WRITTEN, SEEN = 0.5, 0.6, 3
LONGEST, AROUND = 7, 3
COVERS, CLEAR, SOME, RARE = 0.2, 0.5, 0.3, 0.2
COMMON, SHARED, SHORT = 0.6, 0.33, 3
BAD, ASKED, GLAD = "problems with", "questions and complaints about", "praise for"
TOPICAL = (BAD, ASKED, GLAD, "mixed:")
"""How a name begins that says a topic and nothing of it."""
Candidates = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Name:
    """A name a person would give, and the terms that set the group apart, strongest first."""

    name: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Casing:
    """How words are written inside sentences, where mostly not in lower case ("EDI", "iPad", "Twitter")."""

    forms: dict[str, str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Casing:
        """Texts that are mostly capitals tell nothing."""
        seen: Counter[str] = Counter()
        forms: Counter[tuple[str, str]] = Counter()
        for text in texts:
            letters = sum(map(str.isalpha, text))
            if sum(map(str.isupper, text)) > SHOUTED * letters:
                continue
            opens = True
            for piece in PIECE.findall(text):
                if not piece[0].isalpha():
                    opens = piece in OPENING
                    continue
                if not opens or not (piece[0].isupper() and piece[1:].islower()):
                    seen[piece.lower()] += 1
                    if not piece.islower():
                        forms[piece.lower(), piece] += 1
                opens = False
        usual = {
            word: form for (word, form), n in sorted(forms.items()) if n >= SEEN and n > WRITTEN * seen[word] and len(word) > 1
        }
        return cls(usual)

    def shown(self, name: str) -> str:
        """A name as people write it: a capital first, "I" large, stand-ins without their article."""
        plain = re.sub(r"\bi(?=\b(?!\.))", "I", STAND_IN.sub(r" \1", name))
        told = [self.forms.get(w.lower(), w) for w in plain.split()]
        return (
            " ".join([told[0] if told[0] in self.forms.values() else told[0][:1].upper() + told[0][1:], *told[1:]])
            if told
            else ""
        )


AS_IT_IS = Casing({})


def name_groups(
    described: Sequence[Described], groups: Sequence[Members], centres: Vectors, origin: Vectors, encode: Encode, casing: Casing
) -> list[Name]:
    """A name for each group, all different: of the wordings and phrases that recur in it the one that is nearest in meaning to its centre and
    holds for most; at least for a fifth, else it is told to be mixed. A mere topic says in which mood it is spoken of."""
    nothing = plain_words("praise", "blame")
    order = held(candidates(described, groups, [nothing] * len(groups)), groups, centres, origin, encode)
    named: list[Name] = []
    taken: set[frozenset[str]] = set()
    for group, members, listed in zip(described, groups, order, strict=True):
        name = next((n for n in _of_group(group, members, listed) if stems(n) not in taken), "")
        name = name or f"{_of_group(group, members, listed)[0]} ({len(named) + 1})"
        taken.add(stems(name))
        named.append(Name(casing.shown(name), group.terms))
    return named


def _of_group(group: Described, members: Members, listed: Sequence[Held]) -> list[str]:
    """The names that a group might have, the best first."""
    whole = [h for h in listed if h.covers >= COVERS]
    found = sorted(
        (in_mood(h, members) for h in whole), key=lambda name: len(name.split()) < 2
    )  # a bare word only where nothing else holds
    if listed and not whole:
        other = together(listed[0], listed)
        found = ["mixed: " + ", ".join(h.candidate.text for h in (listed[0], other) if h)]
    return [*found, "mixed: " + ", ".join(group.words) if group.words else "Other"]


def in_mood(held: Held, members: Members) -> str:
    """A mere topic with the mood in which it is spoken of, where that is clear and the topic does not say it: "problems with seats"."""
    text = held.candidate.text
    if not held.candidate.topic or lexical_score(text):
        return text
    glad, bad = members.share(1), members.share(-1)
    if bad >= SOME and glad <= RARE:
        return f"{BAD if bad >= CLEAR else ASKED} {text}"
    return f"{GLAD} {text}" if glad >= CLEAR and bad <= RARE else text


def name_parents(
    described: Sequence[Described], children: Sequence[Sequence[tuple[str, frozenset[str]]]], centres: Vectors, origin: Vectors,
    encode: Encode, casing: Casing,
) -> list[str]:  # fmt: skip
    """Names of upper groups by those of their `children` (name and strongest stems, the largest first): a phrase that holds for at least a
    third of them, rather for all, and is near to the centre; where there is none, the names of two."""
    listed = [
        [(p, w + COMMON * _common(p, parts)) for p, w in d.phrases if _common(p, parts) >= SHARED]
        for d, parts in zip(described, children, strict=True)
    ]
    order = nearest_names(listed, centres, origin, encode)
    named: list[str] = []
    for parts, found in zip(children, order, strict=True):
        phrases = [] if len(parts) == 1 else [casing.shown(f) for f in found]
        named.append(next((p for p in phrases if p not in named), _of_two([n for n, _ in parts])))
    return named


def _common(phrase: str, children: Sequence[tuple[str, frozenset[str]]]) -> float:
    """The share of the children that have a word of the phrase among their strongest."""
    told = stems(phrase)
    return sum(not told.isdisjoint(own) for _, own in children) / len(children)


def _of_two(names: Sequence[str]) -> str:
    """The first of the short names, rather one of one thing, and the next that says something else."""
    short = sorted(names, key=lambda n: (n.startswith("Mixed: "), len(n.split()) > SHORT))
    other = next((n for n in short[1:] if stems(n).isdisjoint(stems(short[0]))), "")
    return f"{short[0]}, {other if other[1:2].isupper() else other[:1].lower() + other[1:]}" if other else short[0]


def nearest_names(candidates: Sequence[Candidates], centres: Vectors, origin: Vectors, encode: Encode) -> list[list[str]]:
    """Each group's candidates (wording, worth) by worth and by how near they are in meaning to its centre."""
    flat = [wording for listed in candidates for wording, _ in listed]
    if not flat:
        return [[] for _ in candidates]
    vectors = centred(encode(flat), origin)
    out: list[list[str]] = []
    start = 0
    for listed, centre in zip(candidates, on_grid(centres), strict=True):
        worth = vectors[start : start + len(listed)] @ centre + np.array([w for _, w in listed])
        start += len(listed)
        out.append([listed[i][0] for i in np.lexsort((np.arange(len(listed)), -worth.round(4)))])
    return out


def _stands(run: list[str], inner: list[str]) -> bool:
    """Whether a run of words around `inner` can stand by itself: what it adds begins and ends with a word that carries meaning, a denial, a
    plain verb or a particle, and not with a preposition."""
    if run == inner or len(run) > LONGEST:
        return False
    first, last = run[0], run[-1]
    begins = run[: len(inner)] == inner or not function(first) or first in BEGINS or (first in DENIES and run[1] in NEGATIVE)
    begins = begins or (first in OPENS and not function(run[1]))
    return begins and (run[-len(inner) :] == inner or last in ENDS or not (function(last) or last in LEADS))


def usual_wording(texts: Sequence[str], told: str, often: float, avoid: frozenset[str] = frozenset()) -> str:
    """The longest run of words, up to three more on either side, that a share of `often` of the texts with the words `told` say and that
    says no word twice and none of `avoid`; `told` itself where there is none."""
    inner = told.lower().split()
    runs: Counter[str] = Counter()
    having = 0
    for text in texts:
        found: set[str] = set()
        for said in map(tokens, BREAK.split(text)):
            at = [i for i in range(len(said) - len(inner) + 1) if said[i : i + len(inner)] == inner]
            found.update(
                " ".join(said[a:b])
                for i in at
                for a in range(max(0, i - AROUND), i + 1)
                for b in range(i + len(inner), i + len(inner) + AROUND + 1)
            )
        having += bool(found)
        runs.update(found)
    usual = [
        r for r, n in runs.items()
        if n >= max(2, often * having) and _stands(r.split(), inner) and stems(r).isdisjoint(avoid) and not says_again(r)
        and loose(r) <= loose(" ".join(inner))
    ]  # fmt: skip
    return max(usual, key=lambda r: (len(r.split()), runs[r], r), default=told)
