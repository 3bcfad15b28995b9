"""The first page of a brief as Slack blocks, within Slack's limits; the whole brief goes beside it as a file."""

from __future__ import annotations

from typing import Any

from assistant.brief import Brief
from assistant.brief.content import Line, Section, Table
from assistant.brief.wording import stand, text
from assistant.locales import ENGLISH, Locale

MOST_BLOCKS, MOST_TEXT, MOST_IN_ALL = 50, 3000, 11_500
FIELDS = 10
Block = dict[str, Any]


def blocks(brief: Brief, locale: Locale = ENGLISH) -> list[Block]:
    """Header, a section block each section of the page, and how old the data is. What does not fit is left to the file, and
    the last block says so."""
    end = _context(f"{stand(brief, locale)} · the whole brief is in the file")
    made: list[Block] = [{"type": "header", "text": {"type": "plain_text", "text": brief.title[:150]}}]
    room = MOST_IN_ALL - _size(end) - _size(made[0])
    for section in (s for s in brief.sections if s.place == "page"):
        for block in _section(section, locale):
            if len(made) >= MOST_BLOCKS - 1 or _size(block) > room:
                return [*made, end]
            room -= _size(block)
            made.append(block)
    return [*made, end]


def fallback(brief: Brief, locale: Locale = ENGLISH) -> str:
    """The notification text: the name and the first thing to know."""
    three = brief.section("three")
    first = f": {three.lines[0].lead} {text(three.lines[0].parts, locale)}" if three and three.lines else ""
    return f"Brief on {brief.title}{first}"[:MOST_TEXT]


def _section(section: Section, locale: Locale) -> list[Block]:
    lines = [_line(x, n if section.key == "three" else None, locale) for n, x in enumerate(section.lines, 1)]
    made = [_text(t) for t in _packed([f"*{_safe(section.title)}*", *lines])] if lines else []
    for table in section.tables:
        if not made:
            made.append(_text(f"*{_safe(section.title)}*"))
        made += _table(table, locale)
    return made


def _line(line: Line, number: int | None, locale: Locale) -> str:
    lead = f"*{_safe(line.lead)}* " if line.lead else ""
    owner = f" _({_safe(line.owner)})_" if line.owner else ""
    return f"{f'{number}.' if number else '•'} {lead}{_safe(text(line.parts, locale))}{owner}"


def _table(table: Table, locale: Locale) -> list[Block]:
    """Rows as fields: what it is, and its value with what it is held against."""
    fields = []
    for row in table.rows:
        name, *cells = (text(words, locale) for words in row)
        fields.append(_written(f"*{_safe(name)}*\n{_safe(' · '.join(c for c in cells if c != '–'))}"[:2000]))
    return [{"type": "section", "fields": fields[i : i + FIELDS]} for i in range(0, len(fields), FIELDS)]


def _packed(lines: list[str]) -> list[str]:
    """Lines together as long as they fit into one block."""
    made = [""]
    for line in lines:
        cut = line if len(line) <= MOST_TEXT else line[: MOST_TEXT - 1] + "…"
        if made[-1] and len(made[-1]) + len(cut) + 1 > MOST_TEXT:
            made.append("")
        made[-1] += ("\n" if made[-1] else "") + cut
    return made


def _text(said: str) -> Block:
    return {"type": "section", "text": _written(said)}


def _context(said: str) -> Block:
    return {"type": "context", "elements": [_written(_safe(said))]}


def _written(said: str) -> Block:
    """Slack makes no links or mentions of its own of it."""
    return {"type": "mrkdwn", "text": said, "verbatim": True}


def _safe(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _size(block: Block) -> int:
    """Characters of text in a block, as Slack counts them."""
    if "fields" in block:
        return sum(len(f["text"]) for f in block["fields"])
    if "elements" in block:
        return sum(len(e["text"]) for e in block["elements"])
    return len(block["text"]["text"])
