"""A brief as a Word document: its own heading styles, header rows that repeat, pictures with alternative text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from assistant.brief import Brief
from assistant.brief.content import Chart, Line, Section, Table
from assistant.brief.wording import stand, text
from assistant.locales import Locale
from integrations.exports.charts import render_png
from integrations.exports.look import Look

QUIET = RGBColor(0x55, 0x55, 0x55)


def docx(brief: Brief, locale: Locale, template: Path | None, look: Look) -> bytes:
    """The document; `template` is a .docx whose styles it takes (Title, Heading 1–2, List Bullet, List Number, Table Grid)."""
    document = Document(str(template) if template is not None else None)
    if template is None:
        _plain_style(document, RGBColor.from_string(look.colour[1:].upper()))
    document.core_properties.title = f"{brief.title} – brief"
    document.core_properties.language = locale.language
    document.core_properties.author = look.company or "Rapport"
    document.core_properties.created = document.core_properties.modified = brief.as_of.replace(tzinfo=None)
    if look.company:
        _headed(document, look)
    document.add_heading(brief.title, 0)
    _quiet(document.add_paragraph(stand(brief, locale)))
    below = False
    for section in brief.sections:
        if section.place == "below" and not below:
            document.add_heading("Details", 1).paragraph_format.page_break_before = True
            below = True
        _section(document, section, 2 if below else 1, locale, look)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _headed(document: Any, look: Look) -> None:
    """The company's name on top of every page."""
    paragraph = document.sections[0].header.paragraphs[0]
    run = paragraph.add_run(look.company)
    run.bold, run.font.size, run.font.color.rgb = True, Pt(9), RGBColor.from_string(look.colour[1:].upper())


def _plain_style(document: Any, colour: RGBColor) -> None:
    document.sections[0].page_width, document.sections[0].page_height = Cm(21), Cm(29.7)
    for margin in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(document.sections[0], margin, Cm(1.6))
    document.styles["Normal"].font.size = Pt(9.5)
    document.styles["Normal"].font.name = "DejaVu Sans"
    for name in ("Normal", "List Bullet", "List Number"):
        document.styles[name].paragraph_format.space_after = Pt(2)
    for name in ("Title", "Heading 1", "Heading 2"):
        document.styles[name].font.color.rgb = colour
        document.styles[name].font.name = "DejaVu Sans"
        document.styles[name].paragraph_format.space_before = Pt(8)
        fonts = document.styles[name].element.rPr.rFonts
        for key in list(fonts.attrib):
            if key.endswith("Theme"):
                del fonts.attrib[key]
    document.styles["Title"].font.size, document.styles["Heading 1"].font.size = Pt(20), Pt(13)


def _section(document: Any, section: Section, level: int, locale: Locale, look: Look) -> None:
    document.add_heading(section.title, level)
    for line in section.lines:
        _line(document.add_paragraph(style="List Number" if section.key == "three" else "List Bullet"), line, locale)
    for table in section.tables:
        _table(document, table, locale, look)
    for chart in section.charts:
        _chart(document, chart, locale, look)


def _line(paragraph: Any, line: Line, locale: Locale) -> None:
    if line.lead:
        paragraph.add_run(line.lead + " ").bold = True
    said = paragraph.add_run(text(line.parts, locale))
    said.italic = not line.known
    tail = [f"owner: {line.owner}"] * bool(line.owner) + [f"rule: {line.rule}"] * bool(line.rule)
    if tail:
        note = paragraph.add_run(f"  ({'; '.join(tail)})")
        note.font.size, note.font.color.rgb = Pt(8), QUIET


def _quiet(paragraph: Any) -> None:
    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(8.5), QUIET


def _table(document: Any, table: Table, locale: Locale, look: Look) -> None:
    caption = document.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.add_run(table.caption).bold = True
    made = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    right = table.of_figures or (False,) * len(table.columns)
    for cell, name, figures in zip(made.rows[0].cells, table.columns, right, strict=True):
        _write(cell, text((name,), locale), figures, bold=True)
        _shade(cell, look.tint)
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(header)
    for row in table.rows:
        for cell, words, figures in zip(made.add_row().cells, row, right, strict=True):
            _write(cell, text(words, locale), figures)
    if table.more:
        _quiet(document.add_paragraph(f"and {table.more:,} more"))


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour[1:])):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _write(cell: Any, said: str, right: bool, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(said)
    run.bold, run.font.size = bold, Pt(8.5)
    cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    if right:
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _chart(document: Any, chart: Chart, locale: Locale, look: Look) -> None:
    told = text(chart.alt, locale)
    picture = document.add_picture(BytesIO(render_png({**look.drawn(chart.spec), "description": told})), width=Cm(15))
    properties = picture._inline.docPr
    properties.set("descr", told)
    properties.set("title", chart.title)
    note = document.add_paragraph(f"{chart.title}. {told}")
    _quiet(note)
