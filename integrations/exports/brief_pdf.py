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
from integrations.exports.look import Look
from knowledge.errors import Unavailable

FACES = {"Brief": "", "Brief-Bold": "-Bold", "Brief-Italic": "-Oblique"}
VERA = {"Brief": "Vera.ttf", "Brief-Bold": "VeraBd.ttf", "Brief-Italic": "VeraIt.ttf"}
SYSTEM = Path("/usr/share/fonts/truetype/dejavu")
LONGEST = 170  # millimetres between the margins


def pdf(brief: Brief, locale: Locale, look: Look) -> bytes:
    """The document. Fails: Unavailable where reportlab (extra `pdf`) is not installed."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm
        from reportlab.platypus import PageBreak, SimpleDocTemplate
    except ModuleNotFoundError as err:
        raise Unavailable("PDF needs the package reportlab.", "Install the extra `pdf`.") from err
    styles = _styles(look)
    story: list[Any] = [_say(escape(brief.title), styles["title"]), _say(escape(stand(brief, locale)), styles["quiet"])]
    below = False
    for section in brief.sections:
        if section.place == "below" and not below:
            story += [PageBreak(), _say("Details", styles["h1"])]
            below = True
        story += _section(section, styles["h2" if below else "h1"], styles, locale, look)
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=(19 if look.company else 14) * mm, bottomMargin=14 * mm, lang=locale.language,
        title=f"{brief.title} – brief", author=look.company or "Rapport", subject=stand(brief, locale), invariant=1,
    )  # fmt: skip

    def numbered(canvas: Any, _: Any) -> None:
        canvas.setFont("Brief", 7)
        canvas.drawRightString(190 * mm, 9 * mm, str(canvas.getPageNumber()))
        canvas.drawString(20 * mm, 9 * mm, brief.title)
        if look.company:
            canvas.setFont("Brief-Bold", 9)
            canvas.setFillColor(look.colour)
            canvas.setStrokeColor(look.colour)
            canvas.drawString(20 * mm, 284 * mm, look.company)
            canvas.line(20 * mm, 282 * mm, 190 * mm, 282 * mm)

    document.build(story, onFirstPage=numbered, onLaterPages=numbered)
    return out.getvalue()


def _styles(look: Look) -> dict[str, Any]:
    from reportlab.lib.colors import HexColor, black, grey
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, face in FACES.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            own = SYSTEM / f"DejaVuSans{face}.ttf"
            pdfmetrics.registerFont(TTFont(name, str(own) if own.is_file() else VERA[name]))
    pdfmetrics.registerFontFamily("Brief", normal="Brief", bold="Brief-Bold", italic="Brief-Italic", boldItalic="Brief-Bold")
    own = HexColor(look.colour)
    body = ParagraphStyle("body", fontName="Brief", fontSize=8.6, leading=11.4, textColor=black, spaceAfter=2)
    return {
        "body": body,
        "item": ParagraphStyle("item", body, leftIndent=10, bulletIndent=1),
        "title": ParagraphStyle("title", body, fontName="Brief-Bold", fontSize=17, leading=21, textColor=own),
        "h1": ParagraphStyle(
            "h1", body, fontName="Brief-Bold", fontSize=11, leading=14, spaceBefore=7, keepWithNext=1, textColor=own
        ),
        "h2": ParagraphStyle(
            "h2", body, fontName="Brief-Bold", fontSize=9.6, leading=12, spaceBefore=7, keepWithNext=1, textColor=own
        ),
        "quiet": ParagraphStyle("quiet", body, fontSize=7.2, leading=9, textColor=grey),
        "cell": ParagraphStyle("cell", body, fontSize=7.6, leading=9.4, spaceAfter=0),
        "right": ParagraphStyle("right", body, fontSize=7.6, leading=9.4, spaceAfter=0, alignment=TA_RIGHT),
        "caption": ParagraphStyle("caption", body, fontName="Brief-Bold", keepWithNext=1, spaceBefore=3),
    }


def _say(marked: str, style: Any, bullet: str | None = None) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(marked, style, bulletText=bullet)


def _section(section: Section, heading: Any, styles: dict[str, Any], locale: Locale, look: Look) -> list[Any]:
    made: list[Any] = [_say(escape(section.title), heading)]
    for n, line in enumerate(section.lines, 1):
        made.append(_say(_line(line, locale), styles["item"], f"{n}." if section.key == "three" else "•"))
    for table in section.tables:
        made += _table(table, styles, locale, look)
    for chart in section.charts:
        made += _chart(chart, styles, locale, look)
    return made


def _line(line: Line, locale: Locale) -> str:
    lead = f"<b>{escape(line.lead)}</b> " if line.lead else ""
    tail = [f"owner: {line.owner}"] * bool(line.owner) + [f"rule: {line.rule}"] * bool(line.rule)
    note = f' <font size="6.8" color="#555555">({escape("; ".join(tail))})</font>' if tail else ""
    said = escape(text(line.parts, locale))
    return lead + (said if line.known else f"<i>{said}</i>") + note


def _table(table: Table, styles: dict[str, Any], locale: Locale, look: Look) -> list[Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm
    from reportlab.platypus import Table as Grid

    cells = [styles["right" if right else "cell"] for right in table.of_figures] or [styles["cell"]] * len(table.columns)
    head = [_say(f"<b>{escape(text((c,), locale))}</b>", cell) for c, cell in zip(table.columns, cells, strict=True)]
    rows = [[_say(escape(text(words, locale)), cell) for words, cell in zip(row, cells, strict=True)] for row in table.rows]
    first = 1.6
    width = LONGEST * mm / (len(table.columns) - 1 + first)
    grid = Grid([head, *rows], repeatRows=1, hAlign="LEFT", colWidths=[first * width, *[width] * (len(table.columns) - 1)])
    grid.setStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#999999")), ("BACKGROUND", (0, 0), (-1, 0), HexColor(look.tint)),
                   ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)])  # fmt: skip
    more = [_say(f"and {table.more:,} more", styles["quiet"])] if table.more else []
    return [_say(escape(table.caption), styles["caption"]), grid, *more]


def _chart(chart: Chart, styles: dict[str, Any], locale: Locale, look: Look) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.lib.utils import ImageReader
    from reportlab.platypus import Image, KeepTogether, Spacer

    told = text(chart.alt, locale)
    drawn = render_png({**look.drawn(chart.spec), "description": told}, scale=2.5)
    wide, high = ImageReader(BytesIO(drawn)).getSize()
    width = min(140.0, wide / 2.5 * 0.26) * mm
    return [KeepTogether([Spacer(1, 2 * mm), Image(BytesIO(drawn), width=width, height=width * high / wide),
                          _say(escape(f"{chart.title}. {told}"), styles["quiet"])])]  # fmt: skip
