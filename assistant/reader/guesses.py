"""What a question that is not understood may have meant: readings to choose from, none of them answered unasked.

Either the learned reading is whole and only words are left of which nobody knows whether they matter, or a figure was named in words that
are near to records without being clearly one of them: then each of the nearest is tried in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.questions import Question
from assistant.reader.links import AS_SAID, family
from assistant.reader.spans import ReadQuestion, Workspace

MOST = 3
NEAR, BESIDE = 0.5, 0.15
"""A record is tried from this likeness on, and when it is not further than that behind the nearest."""
LIKELY = 0.5
"""A figure is named where the tagger is at least so sure."""
Assemble = Callable[[str, ReadQuestion, Workspace], Question | None]


@dataclass(frozen=True)
class _Taken:
    """A tagged question in which one span is taken for one record."""

    base: ReadQuestion
    said: str
    record: str

    def __getattr__(self, name: str) -> object:
        return getattr(self.base, name)

    def nearest(self, text: str, kind: str) -> Sequence[tuple[str, float]]:
        if text == self.said and kind.removesuffix(AS_SAID) == "metric":
            return [(self.record, 1.0)]
        return self.base.nearest(text, kind)


def guesses(
    text: str, tagged: ReadQuestion, where: Workspace, assembled: Question | None, assemble: Assemble, whole: Callable[[Question], bool]
) -> tuple[Question, ...]:  # fmt: skip
    """Readings that the asker may choose from, likeliest first, at most three; `whole` says whether a reading can be answered."""
    if assembled is None:
        return ()
    if not assembled.unknown and not assembled.choices:
        return (assembled,) if whole(assembled) else ()
    found: list[Question] = []
    for span in tagged.spans:
        if span.role != "m" or span.sure < LIKELY or not any(span.text in u or u in span.text for u in assembled.unknown):
            continue
        ranked = tagged.nearest(span.text, "metric")
        tried: set[str] = set()
        for record, likeness in ranked:
            if likeness < NEAR or likeness < ranked[0][1] - BESIDE or family(record) in tried or len(found) == MOST:
                continue
            tried.add(family(record))
            taken = _Taken(tagged, span.text, record)
            made = assemble(text, taken, replace(where, nearest=taken.nearest))  # type: ignore[arg-type]
            if made is not None and not made.unknown and not made.choices and whole(made) and made not in found:
                found.append(made)
    return tuple(found)
