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
from integrations.exports.look import Look


def html(brief: Brief, locale: Locale, css: Path | None, look: Look) -> bytes:
    """A whole page that needs nothing else. `css` replaces the style sheet."""
    style = (
        css.read_text(encoding="utf-8") if css is not None else files("integrations.exports").joinpath("brief.css").read_text()
    )
    page = [s for s in brief.sections if s.place == "page"]
    below = [s for s in brief.sections if s.place == "below"]
    title = escape(brief.title)
    own = f":root {{ --brand: {look.colour}; --tint: {look.tint}; }}\n{style}"
    company = f'<p class="company">{escape(look.company)}</p>\n' if look.company else ""
    parts = [
        f'<!doctype html>\n<html lang="{locale.language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title} – brief</title>\n<style>\n{own}\n</style>\n</head>\n<body>\n<main>\n<header>\n{company}<h1>{title}</h1>",
        f'<p class="stand">{escape(stand(brief, locale))}</p>\n</header>',
        *(x for s in page for x in _section(s, 2, locale, look)),
        '<div class="details">\n<h2>Details</h2>' if below else "",
        *(x for s in below for x in _section(s, 3, locale, look)),
        "</div>" if below else "",
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(p for p in parts if p).encode()


def _section(section: Section, level: int, locale: Locale, look: Look) -> Iterator[str]:
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
        yield _chart(chart, locale, look)
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
    kinds = [' class="number"' if right else "" for right in table.of_figures] or [""] * len(table.columns)
    heads = zip(table.columns, kinds, strict=True)
    yield "".join(f'<th scope="col"{kind}>{_cell((c,), locale)}</th>' for c, kind in heads) + "</tr></thead>\n<tbody>"
    for row in table.rows:
        cells = "".join(f"<td{kind}>{_cell(c, locale)}</td>" for c, kind in zip(row[1:], kinds[1:], strict=True))
        yield f'<tr><th scope="row">{_cell(row[0], locale)}</th>{cells}</tr>'
    yield "</tbody></table>"
    if table.more:
        yield f'<p class="more">and {table.more:,} more</p>'


def _cell(words: Words, locale: Locale) -> str:
    return escape(text(words, locale))


def _chart(chart: Chart, locale: Locale, look: Look) -> str:
    told = text(chart.alt, locale)
    drawn = render_svg({**look.drawn(chart.spec), "description": told})
    return f"<figure>\n{drawn}\n<figcaption>{escape(chart.title)}. {escape(told)}</figcaption>\n</figure>"
