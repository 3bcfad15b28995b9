"""Which members a question names: kept, left out, near-tied (then asked), or tied and chosen before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.questions import Choice, Entity
from assistant.understand.reading import Reading

EXCLUDE = frozenset("excluding except without exclude outside ignoring not but".split())


@dataclass(frozen=True)
class Named:
    """Members to keep and to leave out; choices where words are near-tied (`asked`), and those that were chosen before."""

    kept: tuple[Entity, ...]
    excluded: tuple[Entity, ...]
    choices: tuple[Choice, ...] = ()
    asked: str = ""
    assumed: tuple[tuple[str, str], ...] = ()


def _left_out(r: Reading, first: int) -> int | None:
    """Where the word stands that leaves out the name that begins at `first` ("not placed on the web"); None where none does."""
    for at in range(first - 1, max(-1, first - 5), -1):
        if r.word(at) in EXCLUDE - {"but"}:
            return at
        if r.role[at] not in ("filler", "verb", "dimension") or r.word(at) in ("and", "or", "but", "with"):
            return None
    return None


def entities_of(r: Reading, preferred: Mapping[str, str]) -> Named:
    """One entity a match. A match with several near-tied members of the same kind becomes a choice, unless the words around it
    say which kind is meant ("region north")."""
    kept: list[Entity] = []
    excluded: list[Entity] = []
    choices: tuple[Choice, ...] = ()
    asked = ""
    assumed: list[tuple[str, str]] = []
    said_dimensions = {d for _, _, d in r.dimensions}
    for match in sorted(r.matches, key=lambda m: m.first):
        fits = list(match.entities)
        near = {d for a, b, d in r.dimensions if b == match.first - 1 or a == match.last + 1}
        wanted = (
            [e for e in fits if e.dimension in near]
            or [e for e in fits if e.dimension in said_dimensions and e.dimension != "customer"]
            or fits
        )
        first = wanted[0]
        kinds = {"customer", "parent"} if first.dimension in ("customer", "parent") else {first.dimension}
        same = list({e.label: e for e in reversed(wanted) if e.dimension in kinds}.values())[::-1]
        words = r.words(match.first, match.last)
        chosen = next((e for e in same if e.value == preferred.get(words)), None) if len(same) > 1 else None
        if chosen:
            assumed.append((words, chosen.label))
            first = chosen
        elif len(same) > 1:
            asked = words
            start, end = r.tokens[match.first].start, r.tokens[match.last].end
            choices = tuple(Choice(e.label, f"{r.text[:start]}{e.label}{r.text[end:]}") for e in same[:3])
            continue
        before = r.word(match.first - 1)
        left_out = _left_out(r, match.first)
        negated = left_out is not None
        if not negated and excluded and before in ("and", "or", "nor") and r.tokens[match.first - 2].end <= excluded[-1].end:
            negated = True  # "without lubricants and web", of whatever kind
        (excluded if negated else kept).append(first)
        if negated:
            r.take(left_out if left_out is not None else match.first - 1, match.first - 1, "filler")
    return Named(tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(excluded)), choices, asked, tuple(assumed))
