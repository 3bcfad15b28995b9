"""One door to the forms of a brief: Markdown, JSON, HTML, Word, PDF; by name, with its media type and file name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from assistant.brief import Brief, markdown, to_json
from assistant.locales import LOCALES, Locale
from integrations.exports.template import Template, applied
from knowledge.errors import BadQuestion

FORMS: dict[str, str] = {
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    content: bytes


def rendered(brief: Brief, form: str, template: Template | None = None) -> File:
    """The brief in a form of FORMS. Fails: BadQuestion (`unknown_form`), Unavailable where a form's package is missing."""
    if form not in FORMS:
        raise BadQuestion(f"A brief has no form `{form}`.", f"Forms: {', '.join(FORMS)}.", code="unknown_form")
    style = template or Template()
    shown, locale = applied(brief, style), LOCALES[style.locale]
    return File(f"brief-{_slug(brief)}.{form}", FORMS[form], _content(shown, form, style, locale))


def _content(brief: Brief, form: str, style: Template, locale: Locale) -> bytes:
    if form == "md":
        return markdown(brief, locale).encode()
    if form == "json":
        return (json.dumps(to_json(brief, locale), ensure_ascii=False, indent=1) + "\n").encode()
    if form == "html":
        from integrations.exports.brief_html import html

        return html(brief, locale, style.css, style.look)
    if form == "docx":
        from integrations.exports.brief_docx import docx

        return docx(brief, locale, style.docx, style.look)
    from integrations.exports.brief_pdf import pdf

    return pdf(brief, locale, style.look)


def _slug(brief: Brief) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{brief.id}-{brief.title}".lower()).strip("-")[:80]
