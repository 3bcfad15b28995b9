"""A brief as one HTML page: headings, tables with header cells, drawings with text, fit to print in black and white."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path

from assistant.brief import Brief
from assistant.brief.content import Chart, Line, Section, Table, Words
from assistant.brief.wording import stand, text
from assistant.locales import Locale
from integrations.exports.charts import render_svg


def html(brief: Brief, locale: Locale, css: Path | None = None) -> bytes:
    """A whole page that needs nothing else. `css` replaces the style sheet."""
    style = (
        css.read_text(encoding="utf-8") if css is not None else files("integrations.exports").joinpath("brief.css").read_text()
    )
    page = [s for s in brief.sections if s.place == "page"]
    below = [s for s in brief.sections if s.place == "below"]
    title = escape(brief.title)
    parts = [
        f'<!doctype html>\n<html lang="{locale.language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title} – brief</title>\n<style>\n{style}\n</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>",
        f'<p class="stand">{escape(stand(brief, locale))}</p>\n</header>',
        *(x for s in page for x in _section(s, 2, locale)),
        '<div class="details">\n<h2>Details</h2>' if below else "",
        *(x for s in below for x in _section(s, 3, locale)),
        "</div>" if below else "",
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(p for p in parts if p).encode()


def _section(section: Section, level: int, locale: Locale) -> Iterator[str]:
    yield f'<section id="{escape(section.key)}" aria-labelledby="h-{escape(section.key)}">'
    yield f'<h{level} id="h-{escape(section.key)}">{escape(section.title)}</h{level}>'
    if section.lines:
        kind = "ol" if section.key == "three" else "ul"
        yield f"<{kind}>"
        yield from (_line(x, locale) for x in section.lines)
        yield f"</{kind}>"
    for table in section.tables:
        yield from _table(table, locale)
    for chart in section.charts:
        yield _chart(chart, locale)
    yield "</section>"


def _line(line: Line, locale: Locale) -> str:
    lead = f"<strong>{escape(line.lead)}</strong> " if line.lead else ""
    tail = [f"owner: {escape(line.owner)}"] if line.owner else []
    tail += [f"rule: {escape(line.rule)}"] if line.rule else []
    note = f" <small>{'; '.join(tail)}</small>" if tail else ""
    kind = "" if line.known else ' class="unknown"'
    return f"<li{kind}>{lead}{escape(text(line.parts, locale))}{note}</li>"


def _table(table: Table, locale: Locale) -> Iterator[str]:
    yield f"<table>\n<caption>{escape(table.caption)}</caption>\n<thead><tr>"
    yield "".join(f'<th scope="col">{_cell((c,), locale)}</th>' for c in table.columns) + "</tr></thead>\n<tbody>"
    for row in table.rows:
        cells = "".join(f"<td>{_cell(c, locale)}</td>" for c in row[1:])
        yield f'<tr><th scope="row">{_cell(row[0], locale)}</th>{cells}</tr>'
    yield "</tbody></table>"
    if table.more:
        yield f'<p class="more">and {table.more:,} more</p>'


def _cell(words: Words, locale: Locale) -> str:
    return escape(text(words, locale))


def _chart(chart: Chart, locale: Locale) -> str:
    told = text(chart.alt, locale)
    drawn = render_svg({**chart.spec, "description": told})
    return f"<figure>\n{drawn}\n<figcaption>{escape(chart.title)}. {escape(told)}</figcaption>\n</figure>"
