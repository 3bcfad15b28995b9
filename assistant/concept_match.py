"""Which entries of the handbook a question is about, and which part of them is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from assistant.documents import ASKING, stem
from knowledge.handbook import Entry, entries
from knowledge.metrics import metrics

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Part = Literal["what", "why", "when", "improve", "difference", "compute"]
LONGEST = 7
"""Words of the longest name."""
MENDED, SAME, SHORTEST = 88, 0.6, 6
"""A misspelt name is taken at this likeness and from this length on; an entry that is described, when it holds this share of the words."""
AHEAD, DESCRIBED = 1.25, 3
DETERMINERS = frozenset("a an the our your their my his her its this that these those each every any some of".split())
JOINING = frozenset("and or nor versus vs to from with against than rather not".split())
"""Words that set two names side by side where nothing else stands between them."""
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
WHAT_IT_IS = re.compile(
    r"\b(?:what(?:'s| is| are| was)(?: an?| the)? it\b(?! (?:for|good|worth))|what does (?:an? |the )?it mean|(?:explain|define|describe)(?: an?| the)? it\b"
    r"|it (?:means?|stands? for)\b|meant by (?:an? |the )?it\b|meaning of (?:an? |the )?it\b)"
)
"""That it is asked what a thing is, whatever else is asked of it."""
DIFFERENCE = re.compile(
    r"\b(?:differ(?:s|ed|ent|ently|ence|ences)?|distinguish\w*|distinct\w*|vs|versus|compar\w+|as opposed to|instead of|same (?:thing|as)|the same|confus\w+|mix(?:ed)? up|"
    r"relates? to|"
    r"is (?:it|that|this) it\b|tell apart|apart from|equal to|or (?:is|are) (?:it|that|they)|just another (?:name|word))\b"
)
ONE_OF = re.compile(r"\b(?:or|against|better than|and not|rather than|not)\b")
PARTS: tuple[tuple[Part, re.Pattern[str]], ...] = (
    ("why", re.compile(r"^\W*(?:\w+\W+){0,4}?(?:why|what(?:'s| is| are)? the (?:point|use|benefits?|purpose|advantages?|big deal))\b")),
    ("compute", re.compile(
        r"\b(?:comput\w+|calculat\w+|formula|work(?:s|ed)? (?:\w+ )?out|measur(?:e|ed|es|ing)|figured? out|math|equation|determined?|derived?|"
        r"how (?:is|are|do|does|did|would|should|can) .{0,40}\b(?:defined|counted|tracked|quantif\w+|calculated|scored))\b"
    )),
    ("when", re.compile(
        r"\b(?:when|where|in (?:which|what) (?:case|cases|situation|situations)) (?:do|does|should|would|to|is|are|can|not|we|i|you|it)\b|\bsuit\w*\b"
        r"|\b(?:makes?|make) sense\b|\bworth (?:it|doing|using|having)\b|\bappropriate\b|\b(?:should|shall) (?:we|i) (?:use|have|apply|introduce|go for|adopt|pick|start)\b"
        r"|\bright for us\b|\bgood (?:fit|idea)\b"
    )),
    ("improve", re.compile(
        r"\b(?:improv\w+|increas\w+|rais(?:e|ing)|reduc\w+|lower\w*|cut(?:ting)?|fix\w*|mend\w*|prevent\w*|avoid\w*|boost\w*|minimi[sz]\w+|better at|tackle|fight|shrink|tame|"
        r"get .{0,40}\b(?:down|up|better|under control)|bring .{0,40}\b(?:down|up)|deal with|handle better|advice|advise|tips?|best practices?|what (?:can|could|should) (?:we|i|one) do|"
        r"build|get rid of|stop|make .{0,30}\bbetter|work on|good at|grow)\b"
    )),
    ("why", re.compile(r"\b(?:why|matter\w*|important|importance|benefits?|advantages?|purpose|care about|bother|good for|useful|point of)\b")),
)  # fmt: skip


@dataclass(frozen=True)
class Mention:
    """Words start..end of the question that name one of `of` (several where the name is ambiguous)."""

    of: tuple[Entry, ...]
    start: int
    end: int
    said: str


@dataclass(frozen=True)
class Asked:
    """What a question asks of the handbook: entries in the order of mention, the part, and the `other` side of a difference
    that has no entry of its own (a name that an entry sets itself against, or a metric). Several `either` are to be chosen from.
    `defined`: what it is is asked too. `beside`: another entry that is named in it."""

    part: Part
    entries: tuple[Entry, ...]
    said: tuple[str, ...] = ()
    other: str = ""
    either: tuple[Entry, ...] = ()
    defined: bool = False
    beside: Entry | None = None


def asked(text: str, *, sure: bool = False) -> Asked | None:
    """What the question asks of the handbook; None where no entry is clearly meant. `sure`: that it asks of the field is known, so
    that a number or a name beside the mention does not speak against it."""
    words = [m.group().replace("’", "'").removesuffix("'s") for m in WORD.finditer(text)]
    stems = [stem(w.casefold()) for w in words]
    found = _mentions(words, stems, apart=False) or _misspelt(words, stems)
    low = _without(words, found)
    part, contrast = _part(low), bool(DIFFERENCE.search(low))
    if contrast:
        found = _mentions(words, stems, apart=True) or found
    if len({m.of for m in found}) > 1:
        apart = contrast or bool(ONE_OF.search(low)) or (part == "what" and _side_by_side(words, found))
    else:
        apart = bool(found) and contrast and (part == "what" or len(found) > 1 or bool(_other(found[0].of[0], stems, found[0])))
    part = "difference" if apart else part
    if not found:
        described = _described(words, stems)
        return Asked("what", (described,)) if described else None  # who describes a thing asks what it is
    if not _clear(words, stems, found, sure=sure):
        return None
    defined = bool(WHAT_IT_IS.search(low))
    chosen = [_chosen(m, stems, found) for m in found]
    if part != "difference":
        if len(chosen[0]) > 1:
            return Asked(part, (), either=chosen[0])
        return Asked(
            part, chosen[0], (found[0].said,), defined=defined, beside=next((c[0] for c in chosen[1:] if c != chosen[0]), None)
        )
    sides = tuple(c[0] for c in chosen)
    said = tuple(m.said for m in found)
    if len(sides) > 1:
        return Asked("difference", sides[:2], said[:2])
    other = _other(sides[0], stems, found[0])
    if not other and _unheard(words, stems, found):
        return None
    return Asked("difference", sides, said, other)


def named_at(text: str) -> list[tuple[int, int]]:
    """Where names of the handbook stand in the text."""
    places = list(WORD.finditer(text))
    words = [m.group().replace("’", "'").removesuffix("'s") for m in places]
    found = _mentions(words, [stem(w.casefold()) for w in words], apart=False)
    return [(places[m.start].start(), places[m.end - 1].end()) for m in found]


def part_of(text: str) -> Part:
    """The part that is asked for, by the words of a question that names no entry."""
    return _part(text.casefold().replace("’", "'"))


def _side_by_side(words: Sequence[str], found: Sequence[Mention]) -> bool:
    """Whether two names that follow each other are joined ("churn and retention")."""
    between = ({w.casefold() for w in words[one.end : two.start]} for one, two in pairwise(found))
    return any(not said or (said & JOINING and said <= JOINING | DETERMINERS) for said in between)


def _part(low: str) -> Part:
    return next((part for part, pattern in PARTS if pattern.search(low)), "what")


def _without(words: Sequence[str], found: Sequence[Mention]) -> str:
    """The question in small letters with each name as "it", so that no word of a name says which part is asked."""
    said = [w.casefold() for w in words]
    for m in reversed(found):
        said[m.start : m.end] = ["it"]
    return " ".join(said)


@cache
def _names() -> dict[str, tuple[Entry, ...]]:
    """Entries by the stems of each of their names, written together ("bull whip" is "bullwhip")."""
    out: dict[str, tuple[Entry, ...]] = {}
    for entry in entries():
        for name in entry.names:
            stems = key(name)
            if entry not in out.get(stems, ()):
                out[stems] = (*out.get(stems, ()), entry)
    return out


@cache
def vocabulary() -> frozenset[str]:
    """Stems of all words of the handbook."""
    said = (w for e in entries() for w in WORD.findall(f"{e.text} {' '.join((*e.differs, *e.differs.values()))}"))
    return frozenset(stem(w.casefold()) for w in said)


def key(name: str) -> str:
    """The stems of a name without its articles, written together."""
    said = [w.replace("’", "'").removesuffix("'s").casefold() for w in WORD.findall(name)]
    return "".join(stem(w) for w in said if w not in DETERMINERS) or "".join(map(stem, said))


def _mentions(words: Sequence[str], stems: Sequence[str], *, apart: bool) -> list[Mention]:
    """Names in the text, the longest first where they overlap ("segment our customers" is "segment customers"); `apart`: no name that
    joins two by "and"."""
    kept = [i for i, w in enumerate(words) if w.casefold() not in DETERMINERS or len(words) == 1]
    found: list[Mention] = []
    for size in range(min(LONGEST, len(kept)), 0, -1):
        for first in range(len(kept) - size + 1):
            inside = kept[first : first + size]
            start, end = inside[0], inside[-1] + 1
            if any(m.start < end and start < m.end for m in found):
                continue
            of = _names().get("".join(stems[i] for i in inside))
            if of and not (apart and "and" in stems[start:end]) and not (size == 1 and words[start].casefold() in ASKING):
                found.append(Mention(of, start, end, " ".join(words[start:end])))
    return sorted(found, key=lambda m: m.start)


def _misspelt(words: Sequence[str], stems: Sequence[str]) -> list[Mention]:
    """The one name that is nearly written, with a word that the handbook does not know."""
    from rapidfuzz import fuzz, process

    keys = [k for k in _names() if len(k) >= SHORTEST]
    best: tuple[float, Mention] | None = None
    for size in range(1, min(LONGEST, len(stems)) + 1):
        for start in range(len(stems) - size + 1):
            window = stems[start : start + size]
            if len("".join(window)) < SHORTEST or all(w in vocabulary() for w in window):
                continue
            near = process.extractOne("".join(window), keys, scorer=fuzz.ratio, score_cutoff=MENDED)
            if near and (best is None or near[1] > best[0]):
                said = " ".join(words[start : start + size])
                best = (near[1], Mention(_names()[near[0]], start, start + size, said))
    return [best[1]] if best else []


def _described(words: Sequence[str], stems: Sequence[str]) -> Entry | None:
    """The entry that holds nearly all words of the question, clearly before the next one."""
    content = list(dict.fromkeys(s for w, s in zip(words, stems, strict=True) if w.casefold() not in ASKING and len(w) > 1))
    if len(content) < DESCRIBED or DIFFERENCE.search(" ".join(words).casefold()) or any(c.isdigit() for w in words for c in w):
        return None
    scores = _scorer()(" ".join(content))
    first, second = (int(i) for i in scores.argsort(kind="stable")[::-1][:2])
    entry = entries()[first]
    held = {stem(w.casefold()) for w in WORD.findall(entry.text)}
    fits = sum(c in held for c in content) / len(content) >= SAME
    return entry if fits and scores[first] >= AHEAD * scores[second] else None


@cache
def _scorer() -> Callable[[str], npt.NDArray[np.float32]]:
    from knowledge.search import by_words

    return by_words([" ".join(stem(w.casefold()) for w in WORD.findall(e.text)) for e in entries()])


def _clear(words: Sequence[str], stems: Sequence[str], found: Sequence[Mention], *, sure: bool) -> bool:
    """Not clear: a number or a name beside the mention (a figure is asked for, unless one is `sure`), or a one-word name inside a
    longer one that the handbook does not know ("trust fund")."""
    inside = {i for m in found for i in range(m.start, m.end)}
    if not sure and any(c.isdigit() for i, w in enumerate(words) if i not in inside for c in w):
        return False
    spoken = [w for w in words if w != "I"]
    titled = sum(w[:1].isupper() for w in spoken) > len(spoken) / 2
    for m in found:
        if m.end - m.start == 1 and m.end < len(words) and m.end not in inside:
            after = words[m.end].casefold()
            if after not in ASKING and stems[m.end] not in vocabulary() and not _part_word(after):
                return False
    strange = (
        i
        for i, w in enumerate(words)
        if i
        and i not in inside
        and w[:1].isupper()
        and w != "I"
        and w.casefold() not in ASKING
        and stems[i] not in vocabulary()
    )
    return sure or titled or next(strange, None) is None


def _part_word(word: str) -> bool:
    """Whether the word says what is asked, such as "calculated" or "matters"."""
    return any(p.fullmatch(word) for p in (DIFFERENCE, ONE_OF, *(pattern for _, pattern in PARTS)))


def _unheard(words: Sequence[str], stems: Sequence[str], found: Sequence[Mention]) -> bool:
    """Whether a word is left that nothing accounts for: the other side of a difference, which we do not know."""
    inside = {i for m in found for i in range(m.start, m.end)}
    return any(
        w.casefold() not in ASKING and len(w) > 1 and stems[i] not in vocabulary() and not _part_word(w.casefold())
        for i, w in enumerate(words)
        if i not in inside
    )


def _chosen(mention: Mention, stems: Sequence[str], found: Sequence[Mention]) -> tuple[Entry, ...]:
    """The entries that an ambiguous name can mean, cut by the other words of the question and by the other mentions."""
    if len(mention.of) == 1:
        return mention.of
    others = {e for m in found if m is not mention for e in m.of}
    rest = {s for i, s in enumerate(stems) if not mention.start <= i < mention.end}
    left = [e for e in mention.of if e not in others] or list(mention.of)
    fits = {
        e.name: len(rest & {stem(w.casefold()) for w in WORD.findall(" ".join((*e.names, e.means)))} - _common()) for e in left
    }
    best = max(fits.values())
    return tuple(e for e in left if fits[e.name] == best)


@cache
def _common() -> frozenset[str]:
    return frozenset(stem(w) for w in ASKING)


def _other(entry: Entry, stems: Sequence[str], mention: Mention) -> str:
    """The side of a difference that has no entry: a name that the entry sets itself against, else a metric's label."""
    rest = [s for i, s in enumerate(stems) if not mention.start <= i < mention.end]
    joined = ["".join(rest[i:j]) for i in range(len(rest)) for j in range(i + 1, min(len(rest), i + LONGEST) + 1)]
    for name in entry.differs:
        if key(name) in joined:
            return name
    labels = {key(said): name for name, m in reversed(metrics().items()) for said in (*m.synonyms, m.label)}
    known = sorted((k for k in joined if k in labels), key=len, reverse=True)
    return labels[known[0]] if known else ""
