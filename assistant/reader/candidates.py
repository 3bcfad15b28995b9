"""Candidates for a question that is not understood: readings to choose from, none of them answered unasked.

Either a reading is whole and only words are left of which nobody knows whether they matter, or a figure was named in words that are near
to records without being clearly one of them: then each of the nearest is tried in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.questions import Question
from assistant.reader import links
from assistant.reader.links import AS_SAID, Nearest, family
from assistant.reader.spans import ReadQuestion, Workspace

MOST = 3
NEAR, BESIDE = 0.5, 0.15
"""A record is tried from this likeness on, and when it is not further than that behind the nearest."""
LIKELY = 0.5
"""A figure is named where the tagger is at least so sure."""
Assemble = Callable[[str, ReadQuestion, Workspace], Question | None]


def candidates(
    text: str,
    tagged: ReadQuestion,
    where: Workspace,
    assembled: Question | None,
    assemble: Assemble,
    whole: Callable[[Question], bool],
) -> tuple[Question, ...]:
    """Readings that the asker may choose from, at most three: `assembled`, where it is whole, else what is assembled with each of the
    records nearest to a figure's words. `whole` says whether a reading can be answered."""
    if assembled is not None and not assembled.unknown and not assembled.choices and whole(assembled):
        return (assembled,)
    found: list[Question] = []
    named = any(m.by_words for span in tagged.spans if span.role == "m" for m in links.metrics_in(span.text))
    several = bool(tagged.op) and tagged.op[0][0].startswith("several")
    if named or several:
        return ()  # a figure that is called by its name is not another, nor is it to be left out
    for span in tagged.spans:
        if span.role != "m" or span.sure < LIKELY:
            continue
        ranked = tagged.nearest(span.text, "metric")
        tried: set[str] = set()
        for record, likeness in ranked:
            if likeness < NEAR or likeness < ranked[0][1] - BESIDE or family(record) in tried:
                continue
            tried.add(family(record))
            made = assemble(text, tagged, replace(where, nearest=_taken_for(span.text, record, tagged.nearest)))
            if made is not None and not made.unknown and not made.choices and whole(made) and made not in found:
                found.append(made)
    return tuple(found[:MOST])


def _taken_for(said: str, record: str, nearest: Nearest) -> Nearest:
    """As `nearest`, with one span taken for one record."""

    def near(text: str, kind: str) -> Sequence[tuple[str, float]]:
        return [(record, 1.0)] if text == said and kind.removesuffix(AS_SAID) == "metric" else nearest(text, kind)

    return near
