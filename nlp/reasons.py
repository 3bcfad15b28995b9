"""Reasons: why customers say it. Causes said with a cue ("because the driver left it at the wrong dock"), and causes without
one, found by what sets part of a theme apart from the rest of it. Every mention carries its exact characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.index import centred
from nlp.candidates import Candidate, Encode, Held, candidates, held, known
from nlp.cluster import find_groups
from nlp.cues import cause
from nlp.encoder import Encoder, Vectors
from nlp.formulas import plain_words
from nlp.holding import Members, denied, marker, of_rows, said
from nlp.naming import STAND_INS, TOPICAL, Casing
from nlp.neutral import NOBODY, Names, neutral
from nlp.sentiment import lexical_score
from nlp.terms import Described, Phrasebook, function, stems
from nlp.text import readable

FEWEST, LEAST_SHARE, MOST, TRIED, PARSED = 3, 0.04, 8, 10, 40
HOLDS, PART_SAYS, PART_HOLDS, HALF, MOSTLY_CAUSES = 0.35, 0.05, 0.3, 0.5, 0.3
STRONG, AGAIN = 2.0, 0.75
"""The leaning of a word that only judges; likeness from which a reason says its theme again."""
LIKE, BEYOND = 0.6, 0.4
"""Likeness from which a clause of the theme gives a reason that it does not say in the same words; in what it says beyond the theme."""


@dataclass(frozen=True)
class Reasons:
    """`reasons`: reason_id, theme_id, name, comments, share (of the theme's comments). `mentions`: reason_id, theme_id, row
    of the clause, start, end, text, cue ("" where found by contrast), rank (0: most typical); start..end are characters of the
    comment."""

    reasons: pd.DataFrame
    mentions: pd.DataFrame


@dataclass(frozen=True)
class _Group:
    """Part of a theme that may be a reason: its rows (nearest to its centre first), what sets it apart, and its centre."""

    theme: str
    rows: list[int]
    described: Described
    centre: Vectors


@dataclass(frozen=True)
class _Reason:
    """A reason of a theme: its name and the rows that it holds for, those that say it in so many words first."""

    theme: str
    name: str
    rows: list[int]


def find_reasons(
    segments: pd.DataFrame,
    vectors: Vectors,
    names: dict[str, str],
    encoder: Encoder,
    named: Names = NOBODY,
    plain: Sequence[str] | None = None,
) -> Reasons:
    """Reasons of every theme. `segments` (row order of `vectors`): feedback_id, comment (the whole text), start, end, text,
    theme_id, sentiment, formula, counts. `names`: theme_id to name; `plain`: what the encoder read of the clauses, where that is at hand."""
    found = [cause(c, s, e) for c, s, e in zip(segments["comment"], segments["start"], segments["end"], strict=True)]
    cued = {i: c[f[0] : f[1]] for i, (c, f) in enumerate(zip(segments["comment"], found, strict=True)) if f}
    causes = [neutral(readable(t), named) for t in cued.values()]
    units = vectors.copy()
    if cued:
        units[list(cued)] = encoder.encode(causes)
    origin = units.mean(axis=0, dtype=np.float64).round(6).astype(np.float32) if len(units) else np.zeros(1, dtype=np.float32)
    plain = list(plain) if plain is not None else [neutral(readable(t), named) for t in segments["text"]]
    for i, cause_alone in zip(cued, causes, strict=True):
        plain[i] = cause_alone
    marked = marker([cued.get(i, t) for i, t in enumerate(segments["text"])], named)
    themes = segments["theme_id"].where(~segments["formula"].astype(bool)).to_numpy(object)
    rows_of = {str(t): np.flatnonzero(themes == t) for t in sorted(t for t in names if t in set(themes[pd.notna(themes)]))}
    groups = [g for t, rows in rows_of.items() for g in _of_theme(t, names[t], rows, plain, units, origin)]
    moods = segments["sentiment"].to_numpy(np.int64)
    members = [
        Members([plain[i] for i in g.rows], units[g.rows], moods[g.rows], of_rows(marked, np.array(g.rows))) for g in groups
    ]
    listed = candidates(
        [g.described for g in groups], members, [stems(names[g.theme]) | plain_words("praise", "blame") for g in groups]
    )
    order = held(listed, members, np.array([g.centre for g in groups], dtype=np.float32), origin, encoder.encode)
    told = _told(groups, order, rows_of, names, _Said(plain, units, moods, frozenset(cued)), encoder.encode)
    return _tables(segments, told, found, Casing.of(plain))


def _of_theme(
    identity: str, name: str, rows: npt.NDArray[np.int64], plain: Sequence[str], units: Vectors, origin: Vectors
) -> list[_Group]:  # fmt: skip
    """The parts of a theme that hold together: groups of what its clauses say beyond what the whole theme says."""
    if len(rows) < 2 * FEWEST:
        return []
    own = units[rows]
    rest = centred(own, own.mean(axis=0, dtype=np.float64).astype(np.float32))
    texts = [plain[i] for i in rows]
    parts = find_groups(texts, rest, smallest=_least(rows), outliers=0.1, resolution=1.0)
    book = Phrasebook.of(texts)
    made = []
    for number in range(parts.count):
        part = np.flatnonzero(parts.labels == number)
        members = part[parts.likeness[part] >= HOLDS]
        if len(members) < _least(rows):
            continue
        members = members[np.lexsort((rows[members], -parts.likeness[members]))]
        centre = centred(own[members].mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32), origin)[0]
        made.append(_Group(identity, [int(rows[j]) for j in members], book.describe(part, stems(name), PART_SAYS), centre))
    return sorted(made, key=lambda g: -len(g.rows))


def _least(rows: npt.NDArray[np.int64]) -> int:
    """How many clauses of a theme make a reason."""
    return max(FEWEST, int(LEAST_SHARE * len(rows)))


@dataclass(frozen=True)
class _Said:
    """What all clauses say: readable texts (the cause alone where there is one), vectors, moods, and which give a cause with a cue."""

    texts: Sequence[str]
    units: Vectors
    moods: npt.NDArray[np.int64]
    cued: frozenset[int]

    def holding(self, name: Held, rows: npt.NDArray[np.int64]) -> list[int]:
        """The clauses of a theme that say a reason, in its words or like it also in what they say beyond the theme, and not in the mood that is
        not the theme's."""
        members = Members([self.texts[i] for i in rows], self.units[rows], self.moods[rows])
        key, told = name.candidate.key, name.vector[None, :]
        mean = members.vectors.mean(axis=0, dtype=np.float64).round(6).astype(np.float32)
        beyond = (centred(members.vectors, mean) @ centred(told, mean)[0]).round(4) >= BEYOND
        holds = members.in_words([key])[0][:, 0] | (members.in_meaning([key], told, LIKE)[:, 0] & beyond)
        other = -int(np.sign(members.moods.sum()))
        return [int(i) for i, h, m in zip(rows, holds, members.moods, strict=True) if h and (not other or m != other)]


def _told(
    groups: Sequence[_Group], order: Sequence[Sequence[Held]], rows_of: Mapping[str, npt.NDArray[np.int64]], names: Mapping[str, str],
    clauses: _Said, encode: Encode,
) -> list[_Reason]:  # fmt: skip
    """The reasons of each theme, at most MOST: the best name of each part, with all clauses of the theme that it holds for and that no other
    reason has; none that holds for fewer than make a reason."""
    made: list[_Reason] = []
    used: dict[str, list[frozenset[str]]] = {}
    taken: set[int] = set()
    vectors = dict(zip(names, encode(list(names.values())), strict=True)) if names else {}
    for group, listed in zip(groups, order, strict=True):
        keys = used.setdefault(group.theme, [])
        if len(keys) == MOST:
            continue
        rows, name = rows_of[group.theme], names[group.theme]
        caused = sum(i in clauses.cued for i in group.rows) >= MOSTLY_CAUSES * len(group.rows)
        alike = _alike(name, vectors[group.theme], listed)
        fit = [h for h, a in zip(listed, alike, strict=True) if _tells_why(h, caused, name, a)]
        fit.sort(key=lambda h: h.candidate.topic)  # rather what is said of something
        for told in [h for h in fit if not any(h.candidate.key <= k or k <= h.candidate.key for k in keys)][:TRIED]:
            own, candidate = [i for i in clauses.holding(told, rows) if i not in taken], told.candidate
            if len(own) < _least(rows) or (candidate.topic and sum(i in clauses.cued for i in own) < HALF * len(own)):
                continue
            first = {i: n for n, i in enumerate(group.rows)}
            own.sort(key=lambda i, c=candidate, f=first: (not c.key <= said(clauses.texts[i]), f.get(i, len(f))))  # type: ignore[misc]
            keys.append(candidate.key)
            taken.update(own)
            made.append(_Reason(group.theme, candidate.text, own))
            break
    return made


def _tells_why(held: Held, caused: bool, theme: str, alike: float) -> bool:
    """Whether a name can be a reason of a theme: in ordinary words it says something that is more than a judgement and not the theme `alike`
    again, and holds for much of its part; of one word that matters for most of it."""
    told = held.candidate
    words = told.text.split()
    content = [w for w in words if not function(w) and w not in STAND_INS]
    more = [w for w in content if abs(lexical_score(w)) < STRONG and not stems(w) <= stems(theme) and known(w)]
    enough = held.covers >= (HALF if len(content) < 2 or len(words) < 2 else PART_HOLDS)
    says = caused and told.alone if told.topic else _states(told, content)
    return says and bool(more) and told.usual and enough and alike < AGAIN


def _states(told: Candidate, content: Sequence[str]) -> bool:
    """Whether a wording says something of something: a statement, or a noun that is judged or denied, of two words that matter or one that
    judges."""
    judges = bool(lexical_score(told.text))
    return len(told.text.split()) > 1 and (told.alone or judges or bool(denied(told.key))) and (len(content) > 1 or judges)


def _alike(theme: str, vector: Vectors, listed: Sequence[Held]) -> list[float]:
    """How like wordings are to the name of a theme; not at all to one that only says a topic."""
    if not listed or theme.lower().startswith(TOPICAL):
        return [0.0] * len(listed)
    likeness: list[float] = (np.array([h.vector for h in listed]) @ vector).round(4).tolist()
    return likeness


def _tables(
    segments: pd.DataFrame, told: Sequence[_Reason], found: Sequence[tuple[int, int, str] | None], casing: Casing
) -> Reasons:
    heard = segments[segments["counts"]].groupby("theme_id")["feedback_id"].nunique()
    who, counts = segments["feedback_id"].to_numpy(object), segments["counts"].to_numpy(dtype=bool)
    comment, starts, ends = (segments[c].tolist() for c in ("comment", "start", "end"))
    reasons, mentions = [], []
    number: Counter[str] = Counter()
    for reason in told:
        number[reason.theme] += 1
        reason_id = f"{reason.theme}-R{number[reason.theme]}"
        count = len({who[i] for i in reason.rows if counts[i]})
        reasons.append(
            (reason_id, reason.theme, casing.shown(reason.name), count, round(count / max(1, heard.get(reason.theme, 0)), 6))
        )
        for rank, i in enumerate(reason.rows):
            start, end, cue = found[i] or (starts[i], ends[i], "")
            mentions.append((reason_id, reason.theme, i, start, end, comment[i][start:end], cue, rank))
    return Reasons(
        pd.DataFrame(reasons, columns=["reason_id", "theme_id", "name", "comments", "share"]),
        pd.DataFrame(mentions, columns=["reason_id", "theme_id", "row", "start", "end", "text", "cue", "rank"]),
    )
