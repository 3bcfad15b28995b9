"""Before a brief leaves: no digit in words, every quote literal, nothing that the reader has no right to."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.brief.book import Book
from assistant.brief.content import Brief, Name
from knowledge.errors import Internal, UnknownName
from knowledge.metrics import find


def checked(brief: Brief, book: Book) -> Brief:
    """The brief as it is. Fails: Internal where something in it cannot be traced or must not be seen."""
    faults = [*untraced(brief), *not_literal(brief, book), *forbidden(brief, book)]
    if faults:
        raise Internal("The brief was held back.", "; ".join(faults[:3]))
    return brief


def untraced(brief: Brief) -> Iterator[str]:
    """Words with a digit that is no figure, day, period, name or quote."""
    for words in brief.words():
        for part in words:
            if isinstance(part, str) and any(c.isdigit() for c in part):
                yield f"a number in words: {part!r}"
            elif isinstance(part, Name) and not part.kind and any(c.isdigit() for c in part.text):
                yield f"a name of no record: {part.text!r}"
    for section in brief.sections:
        for text in (section.title, *(t.caption for t in section.tables), *(x.lead for x in section.lines)):
            if any(c.isdigit() for c in text):
                yield f"a number in a heading: {text!r}"


def not_literal(brief: Brief, book: Book) -> Iterator[str]:
    """Quotes whose words are not those of the stored (masked) comment."""
    for quote in brief.quotes():
        if book.texts.get(quote.feedback_id, "")[quote.start : quote.end] != quote.text:
            yield f"a quote that is not literal: {quote.feedback_id}"


def forbidden(brief: Brief, book: Book) -> Iterator[str]:
    """Figures of metrics that the reader may not see."""
    scope = book.reader.scope
    for figure in brief.figures():
        name = figure.metric.removesuffix(".change").removesuffix(".gap").removesuffix(".target")
        try:
            sensitivity = find(name).sensitivity
        except UnknownName:  # a record's own column
            continue
        if not scope.may(sensitivity):
            yield f"{figure.metric} is not open to {scope.role}"
