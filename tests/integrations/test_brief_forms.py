"""The forms of a brief: the same content in each, accessible, within the limits of where it goes; templates and locales."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from assistant.brief import Brief, make
from assistant.brief.book import Book
from assistant.brief.content import Line, Name, Section
from assistant.brief.wording import text
from assistant.locales import LOCALES
from integrations.briefs import Briefs
from integrations.exports.brief_blocks import MOST_BLOCKS, MOST_IN_ALL, MOST_TEXT, blocks
from integrations.exports.brief_forms import rendered
from integrations.exports.template import Template, applied, load
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.errors import BadInput, BadQuestion


@pytest.fixture(scope="session")
def made(company: Path) -> Brief:
    book = Book(Workspace(company).reader(Scope.of_role("manager")))
    return make("C-1005", book.reader, book)


def test_html_is_accessible_and_needs_nothing_else(made: Brief) -> None:
    page = rendered(made, "html").content.decode()
    assert '<html lang="en">' in page
    assert page.count("<h1>") == 1
    assert '<th scope="col">' in page
    assert '<th scope="row">' in page
    assert page.count('role="img"') == sum(len(s.charts) for s in made.sections) > 0
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "@media print" in page


def test_word_has_header_rows_and_alternative_text(made: Brief) -> None:
    from docx import Document

    document = Document(BytesIO(rendered(made, "docx").content))
    assert document.core_properties.title == "Halvorsen Marine – brief"
    assert all("w:tblHeader" in t.rows[0]._tr.xml for t in document.tables)
    pictures = document.inline_shapes
    assert len(pictures) == sum(len(s.charts) for s in made.sections)
    assert all(p._inline.docPr.get("descr") for p in pictures)


def test_pdf_holds_the_text_and_every_sign(made: Brief) -> None:
    from pypdf import PdfReader

    pdf = PdfReader(BytesIO(rendered(made, "pdf").content))
    told = " ".join(page.extract_text() for page in pdf.pages)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Halvorsen Marine – brief"
    flat = "".join(told.split())
    for line in made.lines():
        assert "".join(text(line.parts).split()) in flat
    assert rendered(made, "pdf").content == rendered(made, "pdf").content


def test_figures_stand_to_the_right_and_words_to_the_left(made: Brief) -> None:
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    value = made.section("value")
    orders = made.section("orders")
    assert value is not None
    assert orders is not None
    assert value.tables[0].of_figures == (False, True, True, True, True)
    assert not any(t.of_figures[0] for t in orders.tables), "an order's number is no figure"
    page = rendered(made, "html").content.decode()
    assert '<td class="number">$' in page
    document = Document(BytesIO(rendered(made, "docx").content))
    table = next(t for t in document.tables if t.rows[0].cells[1].text == "last 12 months")
    sides = [c.paragraphs[0].alignment for c in table.rows[1].cells]
    assert sides == [None] + [WD_ALIGN_PARAGRAPH.RIGHT] * 4


def test_the_company_s_name_and_colour_stand_on_its_papers(made: Brief, tmp_path: Path) -> None:
    from docx import Document
    from pypdf import PdfReader

    (tmp_path / "brief.yaml").write_text('company: Example <Bearings>\ncolour: "#7a1f4b"\n')
    template = load(tmp_path)
    pages = PdfReader(BytesIO(rendered(made, "pdf", template).content)).pages
    assert all("Example <Bearings>" in p.extract_text() for p in pages)
    document = Document(BytesIO(rendered(made, "docx", template).content))
    assert document.sections[0].header.paragraphs[0].text == "Example <Bearings>"
    assert str(document.styles["Title"].font.color.rgb) == "7A1F4B"
    page = rendered(made, "html", template).content.decode()
    assert "Example &lt;Bearings&gt;" in page
    assert "--brand: #7a1f4b" in page
    assert "#7a1f4b" in page.split("<figure>", 1)[1], "drawings are in the colour too"
    assert "Rapport" not in "".join(p.extract_text() for p in pages)


def test_every_colour_of_a_drawing_is_named(made: Brief) -> None:
    drawings = {c.title: c for s in made.sections for c in s.charts}
    for title in ("Revenue and margin by month", "On-time delivery against the promise"):
        said = json.dumps(dict(drawings[title].spec))
        assert '"legend"' in said
    assert all("display" in row for c in drawings.values() for row in c.spec["data"]["values"])


def test_an_unknown_form_is_refused(made: Brief) -> None:
    with pytest.raises(BadQuestion) as caught:
        rendered(made, "exe")
    assert caught.value.code == "unknown_form"


def test_slack_blocks_stay_within_the_limits(made: Brief) -> None:
    long = Section("long", "Long", tuple(Line((Name("x" * 900, "order", "1"),)) for _ in range(60)), place="page")
    for brief in (made, Brief(**{**made.__dict__, "sections": (*made.sections, long)})):
        shown = blocks(brief)
        assert len(shown) <= MOST_BLOCKS
        assert sum(len(json.dumps(b)) for b in shown) < 13_200
        assert sum(len(b["text"]["text"]) for b in shown if "text" in b) <= MOST_IN_ALL
        assert all(len(b["text"]["text"]) <= MOST_TEXT for b in shown if "text" in b)
        assert shown[-1]["type"] == "context"


def test_a_template_orders_hides_and_renames(made: Brief, tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text("body { color: black }")
    (tmp_path / "brief.yaml").write_text(
        "page: [steps, three]\nbelow: [who]\nhide: [glance]\ntitles: {three: Das Wichtigste}\ncss: own.css\nlocale: de\n"
    )
    template = load(tmp_path)
    shown = applied(made, template)
    assert [s.key for s in shown.sections][:2] == ["steps", "three"]
    assert "glance" not in {s.key for s in shown.sections}
    who = shown.section("who")
    assert who is not None
    assert who.place == "below"
    page = rendered(made, "html", template).content.decode()
    assert "Das Wichtigste" in page
    assert "body { color: black }" in page
    assert '<html lang="de">' in page


@pytest.mark.parametrize("wrong", ["page: 3", "colour: red", "pages: [who]", "[", "css: nowhere.css", "locale: xx"])
def test_a_wrong_template_says_what_is_wrong(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "brief.yaml").write_text(wrong)
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    assert "brief.yaml" in caught.value.message


def test_numbers_and_days_follow_the_locale() -> None:
    german, french = LOCALES["de"], LOCALES["fr"]
    assert german.number("$1,234,567.80") == "1.234.567,80\u00a0$"
    assert german.number("−$163,502.31") == "−163.502,31\u00a0$"
    assert french.number("93.4 %") == "93,4 %"
    assert text((Name("1.5", "x", "1"),), german) == "1.5"
    assert Template().locale == "en"


def test_a_person_is_told_what_changed_since_a_day_and_since_the_last_brief(company: Path) -> None:
    home = Workspace(company)
    state = home.state()
    state.add_user("mia", "manager")
    briefs = Briefs(home.folder, home.settings.zone, state)
    scope = home.scope("mia")
    assert briefs.make("C-1005", scope).section("since") is None
    assert briefs.make("C-1005", scope).section("since") is None, "the same data again has nothing new"
    since = briefs.make("C-1005", scope, since=date(2026, 4, 30))
    changed = since.section("since")
    assert changed is not None
    told = [text(x.parts) for x in changed.lines]
    assert told[0] == "Compared with the account as of 30 Apr 2026."
    assert any(t.startswith("Revenue −") for t in told), told
    kept = state.kept("briefs read", "mia\nC-1005")
    kept[-1] |= {"on": "2026-09-01", "matters": {"gone": "Something is over."}, "promises": {}}
    state.keep("briefs read", "mia\nC-1005", kept)
    again = briefs.make("C-1005", scope).section("since")
    assert again is not None
    assert ("No longer:", "Something is over.") in {(x.lead, text(x.parts)) for x in again.lines}
