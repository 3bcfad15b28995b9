"""Reasons: why customers say it. Causes said with a cue ("because the driver left it at the wrong dock"), and causes without
one, found by what sets part of a theme apart from the rest of it. Every mention carries its exact characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.index import centred
from nlp.cluster import find_groups
from nlp.encoder import Encoder, Vectors
from nlp.naming import Casing, nearest_names, usual_wording
from nlp.neutral import NOBODY, Names, neutral
from nlp.terms import Described, Phrasebook, says_again, stems
from nlp.text import readable, tokens

CUE = re.compile(
    r"\b(?P<cue>because(?: of)?|b/c|cuz|due to|owing to|thanks to|caused by|as a result of|the reason (?:is|was|being)(?: that)?|on account of"
    r"|since (?=(?:the|you|your|they|we|our|it|no|nobody|there|i|my|his|her|a)\b)|after (?=(?:you|your|the|they)\b[^.!?]{4,60}\b(?:change|update|switch|move|left|merge)))\s*",
    re.IGNORECASE,
)
DATED = re.compile(r"^(?:the )?(?:last|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|yesterday|\d|this (?:morning|week|month|year)|then|day one)\b", re.I)  # fmt: skip
ENDS = re.compile(r"[.!?;\n…]|,? (?:but|however|although|which means|so that|and (?:now|so|then|I|we|you|it|they|the|my|our)\b)|, (?:so|we|i|you|it|they|please|and)\b| - ", re.I)  # fmt: skip
LONGEST_CAUSE, SHORTEST_CAUSE = 110, 2
FEWEST, LEAST_SHARE, MOST, PHRASES = 3, 0.04, 6, 5
HOLDS, PART_SAYS, TIMES = 0.35, 0.05, 5.0
HALF, MOSTLY = 0.5, 0.8
CAUSE, MOSTLY_CAUSES, SHARED = 0.6, 0.3, 0.3


@dataclass(frozen=True)
class Reasons:
    """`reasons`: reason_id, theme_id, name, comments, share (of the theme's comments). `mentions`: reason_id, theme_id, row
    of the clause, start, end, text, cue ("" where found by contrast), rank (0: most typical); start..end are characters of the
    comment."""

    reasons: pd.DataFrame
    mentions: pd.DataFrame


def cause(text: str, start: int, end: int) -> tuple[int, int, str] | None:
    """The first cause with a cue in text[start:end], as (start, end, cue) of the comment; it may run on to the sentence's end."""
    for match in CUE.finditer(text, start, end):
        if match["cue"].lower() == "since" and DATED.match(text[match.end() :]):
            continue
        stop = ENDS.search(text, match.end())
        last = min(stop.start() if stop else len(text), match.end() + LONGEST_CAUSE)
        if last - match.end() >= LONGEST_CAUSE and text[last - 1].isalnum():
            last = text.rfind(" ", match.end(), last)
        begin = match.end()
        while last > begin and text[last - 1] in " ,:\"'":
            last -= 1
        if len(tokens(text[begin:last])) >= SHORTEST_CAUSE:
            return begin, last, match["cue"].lower().strip()
    return None


@dataclass(frozen=True)
class _Group:
    """Part of a theme that may be a reason: its rows (nearest to its centre first), its centre, and names it might take."""

    theme: str
    rows: list[int]
    centre: Vectors
    candidates: list[tuple[str, float]]


def find_reasons(
    segments: pd.DataFrame,
    vectors: Vectors,
    names: dict[str, str],
    encoder: Encoder,
    known: Names = NOBODY,
    plain: Sequence[str] | None = None,
) -> Reasons:
    """Reasons of every theme. `segments` (row order of `vectors`): feedback_id, comment (the whole text), start, end, text,
    theme_id, counts. `names`: theme_id to name; `plain`: what the encoder read of the clauses, where that is at hand."""
    found = [cause(c, s, e) for c, s, e in zip(segments["comment"], segments["start"], segments["end"], strict=True)]
    said = [c[f[0] : f[1]] if f else "" for c, f in zip(segments["comment"], found, strict=True)]
    cued = [i for i, f in enumerate(found) if f]
    causes = [neutral(readable(said[i]), known) for i in cued]
    units = vectors.copy()
    if cued:
        units[cued] = encoder.encode(causes)
    origin = units.mean(axis=0, dtype=np.float64).round(6).astype(np.float32) if len(units) else np.zeros(1, dtype=np.float32)
    if plain is None:
        plain = [neutral(readable(t), known) for t in segments["text"]]
    plain = list(plain)
    for i, cause_alone in zip(cued, causes, strict=True):
        plain[i] = cause_alone
    themes = segments["theme_id"].to_numpy()
    common = Counter(s for t in plain for s in stems(t))
    groups: list[_Group] = []
    for identity in sorted(t for t in names if t in set(themes[pd.notna(themes)])):
        groups += _of_theme(identity, names[identity], np.flatnonzero(themes == identity), plain, said, units, origin, common)
    centres = np.array([g.centre for g in groups], dtype=np.float32)
    chosen = nearest_names([g.candidates for g in groups], centres, origin, encoder.encode)
    return _tables(segments, plain, groups, chosen, found, {t: stems(n) for t, n in names.items()})


def _of_theme(
    identity: str,
    name: str,
    rows: npt.NDArray[np.int64],
    plain: Sequence[str],
    said: Sequence[str],
    units: Vectors,
    origin: Vectors,
    common: Counter[str],
) -> list[_Group]:
    """The parts of a theme that hold together: groups of what its clauses say beyond what the whole theme says."""
    if len(rows) < 2 * FEWEST:
        return []
    own = units[rows]
    rest = centred(own, own.mean(axis=0, dtype=np.float64).astype(np.float32))
    least = max(FEWEST, int(LEAST_SHARE * len(rows)))
    texts = [plain[i] for i in rows]
    parts = find_groups(texts, rest, smallest=least, outliers=0.1, resolution=1.0)
    book, theme_words = Phrasebook.of(texts), stems(name)
    made = []
    for number in range(parts.count):
        part = np.flatnonzero(parts.labels == number)
        members = part[parts.likeness[part] >= HOLDS]
        if len(members) < least:
            continue
        described = book.describe(part, theme_words, PART_SAYS)
        members = members[np.lexsort((rows[members], -parts.likeness[members]))]
        causes = [said[rows[j]] for j in members if said[rows[j]]]
        candidates = _candidates(described, [texts[j] for j in part], causes, len(members), theme_words, common, len(plain))
        if candidates:
            centre = centred(own[members].mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32), origin)[0]
            made.append(_Group(identity, [int(rows[j]) for j in members], centre, candidates))
    return sorted(made, key=lambda g: -len(g.rows))[:MOST]


def _candidates(
    described: Described,
    texts: Sequence[str],
    causes: Sequence[str],
    size: int,
    theme_words: frozenset[str],
    common: Counter[str],
    every: int,
) -> list[tuple[str, float]]:
    """Names that part of a theme (`texts`; `size` of them surely) might take: causes that several give in about the same words,
    phrases that set it apart, or else its strongest word in its usual surroundings."""
    told = [stems(c) for c in causes]
    made: list[tuple[str, float]] = []
    if len(causes) >= MOSTLY_CAUSES * size:
        common = Counter(s for t in told for s in t)
        shared = {s for s, n in common.items() if n >= max(2, SHARED * len(causes))}
        short = dict.fromkeys(s for c, t in zip(causes, told, strict=True) if t <= shared and (s := _short(c, theme_words)))
        made = [(s, CAUSE) for s in list(short)[:PHRASES]]
    if not described.mixed:
        made += described.phrases
        for word in () if made else described.words:
            usual, says = usual_wording(texts, word, HALF, theme_words), sum(word in tokens(t) for t in texts)
            rare = all(says * every >= TIMES * len(texts) * common[s] for s in stems(word))
            if usual != word or (rare and says >= HALF * len(texts)):
                made.append((usual, 0.0))
    return made


def _short(phrase: str, theme_words: frozenset[str]) -> str:
    """A cause as a name: two to seven words, at least two of them with a meaning, none of them the theme's; else empty."""
    told = phrase.split()
    content = stems(phrase)
    if not 2 <= len(told) <= 7 or len(content) < 2 or content & theme_words or says_again(phrase):
        return ""
    return " ".join(told).strip(" ,.!?\"'“”()")


def _tables(
    segments: pd.DataFrame, plain: Sequence[str], groups: list[_Group], chosen: list[list[str]], found: Sequence[tuple[int, int, str] | None],
    barred: dict[str, frozenset[str]],
) -> Reasons:  # fmt: skip
    heard = segments[segments["counts"]].groupby("theme_id")["feedback_id"].nunique()
    who, counts = segments["feedback_id"].to_numpy(object), segments["counts"].to_numpy(dtype=bool)
    comment, starts, ends = (segments[c].tolist() for c in ("comment", "start", "end"))
    reasons, mentions = [], []
    casing = Casing.of(plain)
    taken: dict[str, set[frozenset[str]]] = {}
    number: dict[str, int] = {}
    for group, order in zip(groups, chosen, strict=True):
        used = taken.setdefault(group.theme, set())
        name = next((n for n in order if stems(n) not in used), None)
        if name is None:
            continue
        used.add(stems(name))
        number[group.theme] = number.get(group.theme, 0) + 1
        reason_id = f"{group.theme}-R{number[group.theme]}"
        told = stems(name)
        whole = casing.shown(usual_wording([plain[i] for i in group.rows], name, MOSTLY, barred[group.theme]))
        rows = sorted(group.rows, key=lambda i: not told <= stems(plain[i]))  # those that say it in so many words first
        count = len({who[i] for i in rows if counts[i]})
        reasons.append((reason_id, group.theme, whole, count, round(count / max(1, heard.get(group.theme, 0)), 6)))
        for rank, i in enumerate(rows):
            start, end, cue = found[i] or (starts[i], ends[i], "")
            mentions.append((reason_id, group.theme, i, start, end, comment[i][start:end], cue, rank))
    return Reasons(
        pd.DataFrame(reasons, columns=["reason_id", "theme_id", "name", "comments", "share"]),
        pd.DataFrame(mentions, columns=["reason_id", "theme_id", "row", "start", "end", "text", "cue", "rank"]),
    )
