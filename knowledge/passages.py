"""Long texts cut into passages that can be found, cited and read on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 900  # characters of a passage: what the encoder reads of it in one go
HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|\Z)", re.DOTALL)
PIECE = re.compile(rf"\S.{{0,{LONGEST - 2}}}(?=\s|\Z)|\S{{1,{LONGEST}}}", re.DOTALL)


def split(text: str) -> list[tuple[str, str]]:
    """Passages of a text as (locator, exact words): paragraphs of one heading together, none longer than 900 characters.

    Headings are lines that begin with `#`; without any, the locator is the paragraph's number."""
    chunks: list[tuple[str, int, int, int]] = []
    for heading, number, start, end in _pieces(text):
        if chunks and chunks[-1][0] == heading and end - chunks[-1][2] <= LONGEST:
            chunks[-1] = (*chunks[-1][:3], end)
        else:
            chunks.append((heading, number, start, end))
    alone = {h: sum(c[0] == h for c in chunks) == 1 for h in {c[0] for c in chunks}}
    made = []
    for heading, number, start, end in chunks:
        where = f"paragraph {number}" if not alone[heading] or (not heading and len(chunks) > 1) else ""
        made.append((", ".join(w for w in (heading, where) if w), text[start:end]))
    return made


def _pieces(text: str) -> Iterator[tuple[str, int, int, int]]:
    """(heading, paragraph number, start, end) of paragraphs, long ones cut at sentences, else at words."""
    heading, number = "", 0
    for found, start, end in _paragraphs(text):
        heading, number = found, number + 1
        if end - start <= LONGEST:
            yield heading, number, start, end
            continue
        for sentence in SENTENCE.finditer(text, start, end):
            for piece in PIECE.finditer(text, sentence.start(), sentence.end()):
                yield heading, number, piece.start(), piece.end()


def _paragraphs(text: str) -> Iterator[tuple[str, int, int]]:
    heading, position, start, end = "", 0, -1, 0
    for line in [*text.splitlines(keepends=True), ""]:
        bare = line.strip()
        title = HEADING.match(bare)
        if (not bare or title) and start >= 0:
            yield heading, start, end
            start = -1
        if title:
            heading = title[1]
        elif bare:
            start = position + line.index(bare) if start < 0 else start
            end = position + len(line.rstrip())
        position += len(line)
