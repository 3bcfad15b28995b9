"""A brief as PDF (A4): one page first, details after it, header rows that repeat, page numbers, bookmarks."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from assistant.brief import Brief
from assistant.brief.content import Chart, Line, Section, Table
from assistant.brief.wording import stand, text
from assistant.locales import Locale
from integrations.exports.charts import render_png
from knowledge.errors import Unavailable

FACES = {"Brief": "", "Brief-Bold": "-Bold", "Brief-Italic": "-Oblique"}
VERA = {"Brief": "Vera.ttf", "Brief-Bold": "VeraBd.ttf", "Brief-Italic": "VeraIt.ttf"}
SYSTEM = Path("/usr/share/fonts/truetype/dejavu")
LONGEST = 170  # millimetres between the margins


def pdf(brief: Brief, locale: Locale) -> bytes:
    """The document. Fails: Unavailable where reportlab (extra `pdf`) is not installed."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm
        from reportlab.platypus import PageBreak, SimpleDocTemplate
    except ModuleNotFoundError as err:
        raise Unavailable("PDF needs the package reportlab.", "Install the extra `pdf`.") from err
    styles = _styles()
    story: list[Any] = [_say(escape(brief.title), styles["title"]), _say(escape(stand(brief, locale)), styles["quiet"])]
    below = False
    for section in brief.sections:
        if section.place == "below" and not below:
            story += [PageBreak(), _say("Details", styles["h1"])]
            below = True
        story += _section(section, styles["h2" if below else "h1"], styles, locale)
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=15 * mm, bottomMargin=15 * mm, lang=locale.language,
        title=f"{brief.title} – brief", author="Rapport", subject=stand(brief, locale), invariant=1,
    )  # fmt: skip

    def numbered(canvas: Any, _: Any) -> None:
        canvas.setFont("Brief", 7)
        canvas.drawRightString(190 * mm, 9 * mm, str(canvas.getPageNumber()))
        canvas.drawString(20 * mm, 9 * mm, brief.title)

    document.build(story, onFirstPage=numbered, onLaterPages=numbered)
    return out.getvalue()


def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import black, grey
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, face in FACES.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            own = SYSTEM / f"DejaVuSans{face}.ttf"
            pdfmetrics.registerFont(TTFont(name, str(own) if own.is_file() else VERA[name]))
    pdfmetrics.registerFontFamily("Brief", normal="Brief", bold="Brief-Bold", italic="Brief-Italic", boldItalic="Brief-Bold")
    body = ParagraphStyle("body", fontName="Brief", fontSize=8.6, leading=11.4, textColor=black, spaceAfter=2)
    return {
        "body": body,
        "item": ParagraphStyle("item", body, leftIndent=10, bulletIndent=1),
        "title": ParagraphStyle("title", body, fontName="Brief-Bold", fontSize=17, leading=21),
        "h1": ParagraphStyle("h1", body, fontName="Brief-Bold", fontSize=11, leading=14, spaceBefore=7, keepWithNext=1),
        "h2": ParagraphStyle("h2", body, fontName="Brief-Bold", fontSize=9.6, leading=12, spaceBefore=7, keepWithNext=1),
        "quiet": ParagraphStyle("quiet", body, fontSize=7.2, leading=9, textColor=grey),
        "cell": ParagraphStyle("cell", body, fontSize=7.6, leading=9.4, spaceAfter=0),
        "caption": ParagraphStyle("caption", body, fontName="Brief-Bold", keepWithNext=1, spaceBefore=3),
    }


def _say(marked: str, style: Any, bullet: str | None = None) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(marked, style, bulletText=bullet)


def _section(section: Section, heading: Any, styles: dict[str, Any], locale: Locale) -> list[Any]:
    made: list[Any] = [_say(escape(section.title), heading)]
    for n, line in enumerate(section.lines, 1):
        made.append(_say(_line(line, locale), styles["item"], f"{n}." if section.key == "three" else "•"))
    for table in section.tables:
        made += _table(table, styles, locale)
    for chart in section.charts:
        made += _chart(chart, styles, locale)
    return made


def _line(line: Line, locale: Locale) -> str:
    lead = f"<b>{escape(line.lead)}</b> " if line.lead else ""
    tail = [f"owner: {line.owner}"] * bool(line.owner) + [f"rule: {line.rule}"] * bool(line.rule)
    note = f' <font size="6.8" color="#555555">({escape("; ".join(tail))})</font>' if tail else ""
    said = escape(text(line.parts, locale))
    return lead + (said if line.known else f"<i>{said}</i>") + note


def _table(table: Table, styles: dict[str, Any], locale: Locale) -> list[Any]:
    from reportlab.lib.colors import Color, black
    from reportlab.lib.units import mm
    from reportlab.platypus import Table as Grid

    cell = styles["cell"]
    head = [_say(f"<b>{escape(text((c,), locale))}</b>", cell) for c in table.columns]
    rows = [[_say(escape(text(words, locale)), cell) for words in row] for row in table.rows]
    first = 1.6
    width = LONGEST * mm / (len(table.columns) - 1 + first)
    grid = Grid([head, *rows], repeatRows=1, hAlign="LEFT", colWidths=[first * width, *[width] * (len(table.columns) - 1)])
    grid.setStyle([("GRID", (0, 0), (-1, -1), 0.4, black), ("BACKGROUND", (0, 0), (-1, 0), Color(0.92, 0.92, 0.92)),
                   ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)])  # fmt: skip
    more = [_say(f"and {table.more:,} more", styles["quiet"])] if table.more else []
    return [_say(escape(table.caption), styles["caption"]), grid, *more]


def _chart(chart: Chart, styles: dict[str, Any], locale: Locale) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.lib.utils import ImageReader
    from reportlab.platypus import Image, KeepTogether, Spacer

    told = text(chart.alt, locale)
    drawn = render_png({**chart.spec, "description": told}, scale=1.5)
    wide, high = ImageReader(BytesIO(drawn)).getSize()
    width = min(140.0, wide / 1.5 * 0.26) * mm
    return [KeepTogether([Spacer(1, 2 * mm), Image(BytesIO(drawn), width=width, height=width * high / wide),
                          _say(escape(f"{chart.title}. {told}"), styles["quiet"])])]  # fmt: skip
