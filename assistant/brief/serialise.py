"""A brief as JSON: everything that the other forms show, with each line's figures, quotes and citations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from assistant.brief.content import Brief, Line, Section, Words
from assistant.brief.wording import text
from assistant.locales import ENGLISH, Locale
from assistant.serialise import figure, plain
from knowledge.records import Figure, Quote


def to_json(brief: Brief, locale: Locale = ENGLISH) -> dict[str, Any]:
    """Numbers of `figures` are exact; texts are written as the locale writes."""
    return {
        "subject": brief.subject,
        "id": brief.id,
        "title": brief.title,
        "as": {"principal": brief.principal, "role": brief.role},
        "as_of": brief.as_of.isoformat(),
        "snapshot": brief.snapshot,
        "currency": brief.currency,
        "since": brief.since.isoformat() if brief.since else None,
        "sections": [_section(s, locale) for s in brief.sections],
    }


def _section(section: Section, locale: Locale) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "place": section.place,
        "lines": [_line(x, locale) for x in section.lines],
        "tables": [
            {
                "caption": t.caption,
                "columns": [text((c,), locale) for c in t.columns],
                "rows": [[text(cell, locale) for cell in row] for row in t.rows],
                "right": list(t.of_figures),
                "more": t.more,
                "figures": [figure(f) for row in t.rows for cell in row for f in _figures(cell)],
            }
            for t in section.tables
        ],
        "charts": [
            {
                "title": c.title,
                "alt": text(c.alt, locale),
                "spec": plain(dict(c.spec)),
                "figures": [figure(f) for f in c.figures],
            }
            for c in section.charts
        ],
    }


def _line(line: Line, locale: Locale) -> dict[str, Any]:
    return {
        "lead": line.lead,
        "text": text(line.parts, locale),
        "known": line.known,
        "rule": line.rule,
        "owner": line.owner,
        "as_of": line.as_of.isoformat() if line.as_of else None,
        "figures": [figure(f) for f in (*_figures(line.parts), *line.figures)],
        "quotes": [asdict(p) for p in line.parts if isinstance(p, Quote)],
        "citations": [asdict(c) for c in line.citations],
    }


def _figures(words: Words) -> list[Figure]:
    return [p for p in words if isinstance(p, Figure)]
