"""Spans that the tagger took apart and that say one thing together: conditions with their nouns, numbers and times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.reader import conditions, links, near
from assistant.reader.one_condition import OWNERS, any_condition
from assistant.reader.period_forms import period_of
from assistant.reader.spans import Workspace, known_group
from assistant.reader.tagged import Span
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute


def with_their_things(text: str, spans: dict[str, list[Span]]) -> None:
    """ "Customers" "with at least 3" "returns": a condition that stops before the noun of what it counts is read with it."""
    for at, span in enumerate(spans.get("c", [])):
        if not COUNTING.search(span.text) or links.things_in(span.text):
            continue
        noun = next((m for m in spans.get("m", ()) if m.start >= span.end and not text[span.end : m.start].strip()), None)
        named = any(links.only_a_noun(s.text) for role in "mg" for s in spans.get(role, ()) if s.end <= span.start)
        if noun is not None and named and links.only_a_noun(noun.text):
            spans["c"][at] = Span("c", span.start, noun.end, text[span.start : noun.end], min(span.sure, noun.sure))
            spans["m"].remove(noun)


def with_their_numbers(text: str, spans: dict[str, list[Span]], where: Workspace) -> None:
    """ "Rated" "1 or 2": a condition and the number right behind it, which was taken for a limit on groups, where both are one."""
    around = conditions.Around(where.calendar, where.vocabulary, None, lambda _: None)
    for at, span in enumerate(spans.get("c", [])):
        limit = next((t for t in spans.get("t", ()) if t.start >= span.end and not text[span.end : t.start].strip()), None)
        whole = text[span.start : limit.end] if limit is not None else ""
        if limit is not None and any(conditions.read(whole, home, around).sure for home in OWNERS):
            spans["c"][at] = Span("c", span.start, limit.end, whole, min(span.sure, limit.sure))
            spans["t"].remove(limit)


def groups_described(spans: dict[str, list[Span]], where: Workspace) -> None:
    """ "Which new customers": a group whose noun has a condition before it is that group, of those for which it holds."""
    around = conditions.Around(where.calendar, where.vocabulary, None, lambda _: None)
    for at, span in enumerate(spans.get("g", [])):
        words = span.text.rsplit(maxsplit=1)
        noun = links.only_a_noun(words[-1]) if len(words) > 1 else ""
        if not noun or known_group(span.text) or not conditions.read(span.text, noun, around).sure:
            continue
        start = span.end - len(words[-1])
        spans["g"][at] = Span("g", start, span.end, words[-1], span.sure)
        spans.setdefault("c", []).append(replace(span, role="c"))


COUNTING = re.compile(
    r"\b(?:with|without|have|has|had|having|at least|at most|more than|fewer than|less than|over|exactly)\b", re.IGNORECASE
)


def with_their_times(text: str, spans: dict[str, list[Span]], where: Workspace) -> None:
    """ "Promised for" "next week": a condition that stands by its time is read with it, where it is none by itself."""
    around = conditions.Around(where.calendar, where.vocabulary, None, lambda _: None)
    homes = tuple(dict.fromkeys((*filter(None, (links.only_noun_in(text),)), *OWNERS)))
    for at, span in enumerate(spans.get("c", [])):
        time = next((p for p in spans.get("p", ()) if p.start >= span.end and not text[span.end : p.start].strip()), None)
        silent = None if time else _silence_after(text, span, spans.get("p", ()), where)
        if silent is not None:
            spans["c"][at] = Span("c", span.start, silent.end, text[span.start : silent.end], min(span.sure, silent.sure))
            spans["p"].remove(silent)
        if time is None or any(conditions.read(span.text, home, around).sure for home in OWNERS):
            continue
        if not _waits(span.text) and any_condition(span.text, homes, around, where, None) is not None:
            continue
        spans["c"][at] = Span("c", span.start, time.end, text[span.start : time.end], min(span.sure, time.sure))
        spans["p"].remove(time)


def _silence_after(text: str, span: Span, times: Sequence[Span], where: Workspace) -> Span | None:
    """ "Who had no contact" in "over two months": the length of time, no period, that a condition with a no goes on with."""
    if not near.negated(span.text):
        return None
    after = (p for p in times if p.start >= span.end and BRIDGE.fullmatch(text[span.end : p.start]))
    return next((p for p in after if period_of(p.text, where.calendar) is None), None)


BRIDGE = re.compile(r"\s*(?:in|for|within|during)?\s*(?:the)?\s*", re.IGNORECASE)


def _waits(text: str) -> bool:
    """Whether words name a date of a thing and leave open which one is meant ("promised for")."""
    said = [t.text for t in tokenise(text)]
    named = [i for i, w in enumerate(said) if any(attribute(p)[1].kind == "date" for p in links.attributes_in(w))]
    return bool(named) and not any(w in conditions.SIDES for w in said[: named[0]])
