"""Claims of clauses that an order record can settle: late, incomplete, damaged, wrong item, wrong invoice, slow refund, no reply,
out of stock. What a clause claims is read from its meaning (sentences of `data/claims.yaml`), what it claims it of from its
structure; where the two do not go together ("the certificate is missing") it makes no claim."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from nlp.classify import Classifier
from nlp.encoder import Encoder, Vectors
from nlp.frames import DENIALS, Frame, Parse, frame, kinds_of, units
from nlp.frames import said as words_of
from nlp.heads import head
from nlp.text import parsed, tokens

COLUMNS = ["feedback_id", "segment", "start", "end", "claim", "about", "asserts", "likely"]
HERE = Path(__file__).parent / "data"
SLOT = re.compile(r"\{(\w+)\}")
NUMBERED = re.compile(
    r"\b(orders?|shipments?|deliver(?:y|ies)|invoices?|consignments?|parcels?|returns?|tickets?|cases?|po)\b"
    r"(?:\s+(?:no\.?|nr\.?|number|ref\.?|id))?\s*[#:]?\s*(?:[A-Z]{1,4}[-/ ]?)?\d{3,}[\w/.-]*(?<![.-])",
    re.IGNORECASE,
)
"""A paper and its number."""
DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
SENTENCE = re.compile(r"[.!?;\n]+(?=\s|$)")
APART = re.compile(r"[,:()–—]+(?=\s|$)|\s-+\s|\b(?:that|because|since)\b", re.IGNORECASE)
SHORTEST = 2  # words of a part
PLAIN = 0.8  # a clause that makes a claim so plainly need not be taken apart
FINE = "fine "
LOOK, WEAK, SURE, GLAD, DENIED, CLOSE, TURNS = 0.1, 0.2, 0.5, 0.5, 0.5, 0.5, 0.05
CLAIMED, MEANT_WELL = 0, 1
TIMED = frozenset({"late", "no_reply", "slow_refund"})
GENERIC = frozenset({"shipment", "container", "item"})
NAMED = frozenset({"goods", "part", "quality"})


@dataclass(frozen=True)
class Claim:
    """One checkable claim, and the kinds of things of which it can be made."""

    name: str
    label: str
    of: frozenset[str]


_GOODS = GENERIC | {"goods", "time"}
CLAIMS = (
    Claim("late", "late", _GOODS | {"part", "person"}),
    Claim("incomplete", "incomplete", _GOODS | {"part"}),
    Claim("damaged", "damaged", _GOODS | {"part", "quality"}),
    Claim("wrong_item", "wrong item", _GOODS | {"part", "quality", "marking"}),
    Claim("wrong_invoice", "wrong invoice", _GOODS | {"bill", "money", "person", "part"}),
    Claim("slow_refund", "refund or credit slow", _GOODS | {"money", "bill", "person", "part"}),
    Claim("no_reply", "no or slow answer", frozenset({"message", "person", "time", "item", "goods", "site", "shipment"})),
    Claim("out_of_stock", "out of stock", _GOODS | {"part"}),
)
BY_NAME = {c.name: c for c in CLAIMS}
NAMES = tuple(BY_NAME)


@dataclass(frozen=True)
class Made:
    """Of each clause the claims it may make with how likely each is (JSON; "" for none), the goods that it names ("" where it speaks of
    the order as such), and whether it asserts, rather than asks, supposes or says the opposite too."""

    claims: list[str]
    about: list[str]
    asserts: list[bool]


def read_claims(texts: Sequence[str], vectors: Vectors, sentiment: npt.NDArray[np.float64], encoder: Encoder, pipeline: str = "") -> Made:  # fmt: skip
    """The claims of readable clauses; only those that may make one are parsed, statement by statement."""
    made = Made([""] * len(texts), [""] * len(texts), [True] * len(texts))
    if not len(texts):
        return made
    texts, vectors = _unnumbered(texts, vectors, encoder)
    whole = _odds(texts, vectors, encoder)
    denies = np.array([_denies(t) for t in texts])
    may = whole[:, CLAIMED].max(axis=1) >= LOOK
    may |= (whole[:, MEANT_WELL].max(axis=1) >= LOOK) & denies
    of, parts = _parts(texts, (sentiment < GLAD) & (whole[:, CLAIMED].max(axis=1) < PLAIN))
    apart = _odds(parts, encoder.encode(parts), encoder) if parts else whole[:0]
    telling = apart[:, CLAIMED].max(axis=1, initial=0.0) >= LOOK
    glad = whole[:, MEANT_WELL].copy()
    praised = apart[:, MEANT_WELL].max(axis=1, initial=0.0) >= SURE
    np.maximum.at(glad, of[praised], apart[praised, MEANT_WELL])
    may[of[telling]] = True
    plainly = whole[:, CLAIMED].max(axis=1) >= PLAIN
    likely: list[int] = np.flatnonzero(may & ((sentiment < GLAD) | plainly)).tolist()
    owner: list[int] = [*likely, *of[telling].tolist()]
    odds = np.concatenate([whole[likely], apart[telling]])
    parses = parsed([*(texts[i] for i in likely), *(parts[n] for n in np.flatnonzero(telling))], pipeline)
    if parses is None:
        for i in likely:
            made.claims[i] = _told({c.name: float(p) for c, p in zip(CLAIMS, whole[i, CLAIMED], strict=True)})
        return made
    said = [(n, unit) for n, parse in enumerate(parses) for unit in units(parse)]
    frames = [frame(unit) for _, unit in said]
    odds = _statements(said, frames, odds, encoder)
    wholes = {int(i): frame(parse) for i, parse in zip(likely, parses, strict=False)}
    kinds = kinds_of(encoder).of([x for f in (*frames, *wholes.values()) for x in (*f.about, *f.before)])  # type: ignore[arg-type]
    numbers = {int(i): _kept(parse) for i, parse in zip(likely, parses, strict=False)}
    best: dict[int, dict[str, float]] = {}
    for (n, unit), read, row in zip(said, frames, odds, strict=True):
        i = owner[n]
        part, clause = n >= len(likely), wholes[i]
        if part and clause.denial and not (read.denial or read.complete):
            continue  # what is denied may be denied of this too
        things = [x for x in (*read.about[:1], *clause.about[:1]) if kinds[x] != "time"][:1]
        fits = [all(kinds[x] in c.of for x in things) for c in CLAIMS]
        likelihood = {c.name: float(p) for c, p, f in zip(CLAIMS, row[CLAIMED], fits, strict=True) if f}
        doubted = {*_kept(unit), *numbers[i]}
        if "incomplete" in doubted:
            likelihood.pop("incomplete", None)
        known = best.setdefault(i, {})
        if max(likelihood.values(), default=0.0) > max(known.values(), default=0.0):
            surely = max(likelihood, key=lambda c: likelihood[c])
            made.about[i] = next((x for x in read.about if kinds[x] in NAMED), "")
            made.asserts[i] = (
                read.asserts
                and (not part or (clause.asserts and whole[i, CLAIMED, NAMES.index(surely)] >= WEAK))
                and surely not in doubted
                and not (surely in TIMED and any(kinds[x] == "time" for x in (*read.before, *clause.before)))
                and bool(sentiment[i] < GLAD)
                and row[MEANT_WELL].max() < WEAK
                and (bool(read.denial) or glad[i].max() < WEAK)
            )
        best[i] = {n: max(known.get(n, 0.0), likelihood.get(n, 0.0)) for n in {*known, *likelihood}}
    for i in {*best, *np.flatnonzero((whole[:, MEANT_WELL].max(axis=1) >= WEAK) & ~denies).tolist()}:
        well = (
            {}
            if denies[i]
            else {FINE + c.name: float(p) for c, p in zip(CLAIMS, whole[i, MEANT_WELL], strict=True) if p >= WEAK}
        )
        made.claims[i] = _told(best.get(i, {}) | well)
    return made


def _denies(text: str) -> bool:
    return not DENIALS.isdisjoint(tokens(text)) or "n't" in text


def _parts(texts: Sequence[str], wanted: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """What the punctuation of a clause and the words that report or explain set apart ("a reminder that two are missing"), with the
    clause of each."""
    of: list[int] = []
    parts: list[str] = []
    for i in np.flatnonzero(wanted).tolist():
        sentences = [s.strip() for s in SENTENCE.split(texts[i])]
        apart = [p.strip() for s in sentences for p in APART.split(s)]
        found = [s for s in dict.fromkeys([*sentences, *apart]) if s != texts[i].strip(" .!?") and len(tokens(s)) >= SHORTEST]
        of += [i] * len(found)
        parts += found
    return np.array(of, dtype=np.int64), parts


def vectors_of(texts: Sequence[str], plain: Sequence[str], vectors: Vectors, encoder: Encoder) -> Vectors:
    """The vectors of `texts`, given those of `plain`; only where the two differ they are read."""
    changed = [i for i, (one, other) in enumerate(zip(texts, plain, strict=True)) if one != other]
    if not changed:
        return vectors
    vectors = vectors.copy()
    vectors[changed] = encoder.encode([texts[i] for i in changed])
    return vectors


def _unnumbered(texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> tuple[Sequence[str], Vectors]:
    """The texts without the numbers of orders and papers, which say whose a claim is and not what it claims."""
    bare = [NUMBERED.sub(r"\1", t) for t in texts]
    return bare, vectors_of(bare, texts, vectors, encoder)


def _told(likelihood: dict[str, float]) -> str:
    told = {n: round(p, 3) for n, p in sorted(likelihood.items()) if p >= WEAK}
    return json.dumps(told) if told else ""


def _odds(texts: Sequence[str], vectors: Vectors, encoder: Encoder) -> npt.NDArray[np.float64]:
    head = _head(encoder)  # type: ignore[arg-type]
    odds = head.probabilities(texts, vectors)[:, [head.classes.index(n) for n in (*BY_NAME, *(FINE + c for c in BY_NAME))]]
    return np.asarray(odds.round(6), dtype=np.float64).reshape(len(texts), 2, len(CLAIMS))


def _statements(
    said: Sequence[tuple[int, Parse]], frames: Sequence[Frame], whole: npt.NDArray[np.float64], encoder: Encoder
) -> npt.NDArray[np.float64]:
    """How likely each statement makes each claim or says its opposite. Denied, a claim is none ("nothing was missing") and the
    opposite of a claim makes it ("the truck never came")."""
    times = Counter(i for i, _ in said)
    odds = whole[[i for i, _ in said]]
    alone = [n for n, (i, _) in enumerate(said) if times[i] > 1]
    if alone:
        texts = [words_of(said[n][1]) for n in alone]
        odds[alone] = _odds(texts, encoder.encode(texts), encoder)
    denying = [n for n, f in enumerate(frames) if f.denial]
    if denying:
        texts = [words_of(said[n][1], frames[n].denial) for n in denying]
        plain = _odds(texts, encoder.encode(texts), encoder)
        bad, good = plain[:, CLAIMED], plain[:, MEANT_WELL]
        good = np.where(good >= odds[denying, MEANT_WELL] + TURNS, good, 0.0)
        made = np.where(
            (bad >= DENIED) & (_logit(bad) >= np.maximum(_logit(good), _logit(odds[denying, CLAIMED]) - CLOSE)),
            0.0,
            np.maximum(odds[denying, CLAIMED], good),
        )
        odds[denying] = np.stack([made, np.where(made > 0, 0.0, odds[denying, MEANT_WELL])], axis=1)
    return odds


def _logit(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    clipped = np.clip(odds, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _kept(unit: Parse) -> list[str]:
    """The claims that the numbers of a statement speak against ("ten ordered, ten here"; "by the 9th, and here on the 8th")."""
    numbers = [t.lemma for t in unit if t.pos == "NUM"]
    days = [int(d[1]) for t in unit if (d := DAY.fullmatch(t.text))]
    even = len(numbers) > 1 and len(set(numbers)) == 1
    return ["incomplete"] * even + ["late"] * (len(days) > 1 and days[-1] <= days[0])


def surest(claims: str) -> tuple[str, float]:
    """The likeliest claim of a clause (JSON of `Made.claims`) and how likely; "" where it makes none."""
    told = [(n, float(p)) for n, p in (json.loads(claims) if claims else {}).items() if not n.startswith(FINE)]
    return max(told, key=lambda c: c[1], default=("", 0.0))


def find_claims(segments: pd.DataFrame) -> pd.DataFrame:
    """The claims that clauses may make, one a row, with how likely; a clause may make several. What the comment says the opposite of
    as well, or takes back, is not asserted.

    `segments`: feedback_id, segment, start, end, claims, claim_about, claim_asserts."""
    made = segments[segments["claims"].fillna("") != ""].rename(columns={"claim_about": "about", "claim_asserts": "asserts"})
    told = [list(json.loads(c).items()) for c in made["claims"]]
    each = made.assign(each=told).explode("each", ignore_index=True)  # type: ignore[arg-type]
    each = each.assign(claim=[e[0] for e in each["each"]], likely=[float(e[1]) for e in each["each"]])
    each = each.astype({"claim": "string"})
    well = each["claim"].str.startswith(FINE).astype(bool)
    taken_back = set(zip(each.loc[well, "feedback_id"], each.loc[well, "claim"].str.removeprefix(FINE), strict=True))
    each = each[~well]
    back = np.array([k in taken_back for k in zip(each["feedback_id"], each["claim"], strict=True)], dtype=bool)
    each = each.assign(asserts=each["asserts"].to_numpy(bool) & ~back)
    ordered: pd.DataFrame = each[COLUMNS].sort_values(["feedback_id", "segment", "claim"], ignore_index=True)
    return ordered


@lru_cache(maxsize=2)
def _head(encoder: Encoder) -> Classifier:
    return head("claims", *examples(), encoder)


def examples() -> tuple[list[str], list[str]]:
    """The sentences of `data/claims.yaml`, their slots filled in turn, and the claim that each makes, its opposite (`fine …`) or `none`."""
    raw = yaml.safe_load((HERE / "claims.yaml").read_text(encoding="utf-8"))
    used = dict.fromkeys(raw["slots"], 0)

    def fill(match: re.Match[str]) -> str:
        words = raw["slots"][match[1]]
        used[match[1]] += 1
        return str(words[used[match[1]] % len(words)])

    made = [*raw["claims"].items(), *((FINE + claim, listed) for claim, listed in raw["fine"].items()), ("none", raw["none"])]
    told = [(SLOT.sub(fill, pattern), claim) for claim, patterns in made for pattern in patterns]
    return [text for text, _ in told], [claim for _, claim in told]
