"""What a brief is made of: sections of lines, each line made of words and of parts that can be traced. Doors render it.

Words (plain text) never hold a digit: every number is a Figure, a Day, a Period, a Name from a record, or inside a Quote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from knowledge.records import Citation, Figure, Period, Quote

Place = Literal["page", "below"]


@dataclass(frozen=True)
class Name:
    """A name or text as a record holds it (a customer, an order, a theme); may hold digits. `kind` and `id` say which record."""

    text: str
    kind: str = ""
    id: str = ""


@dataclass(frozen=True)
class Day:
    """A date of a record or of the data."""

    on: date


Part = str | Figure | Name | Day | Period | Quote
Words = tuple[Part, ...]


@dataclass(frozen=True)
class Line:
    """One statement. `lead` is what stands out at its beginning; `about` what it rests on beside its parts; `rule` the rule
    that produced it; `as_of` the moment of its data where it is older than the brief's; `known` False says what is not known."""

    parts: Words
    lead: str = ""
    figures: tuple[Figure, ...] = ()
    citations: tuple[Citation, ...] = ()
    rule: str = ""
    owner: str = ""
    as_of: datetime | None = None
    known: bool = True


@dataclass(frozen=True)
class Table:
    """Rows of cells under column headings; `caption` says what they are."""

    caption: str
    columns: Words
    rows: tuple[tuple[Words, ...], ...]
    more: int = 0

    @property
    def of_figures(self) -> tuple[bool, ...]:
        """Which columns hold figures and nothing else: these stand to the right."""
        return tuple(
            all(_fits(c) for c in column) and any(_leads(c) for c in column) for column in zip(*self.rows, strict=True)
        )


def _leads(cell: Words) -> bool:
    return bool(cell) and isinstance(cell[0], Figure)


def _fits(cell: Words) -> bool:
    """A figure alone, with a remark in brackets at most; or nothing to say."""
    if _leads(cell):
        return all(isinstance(p, str) and (not p.strip() or p.lstrip().startswith("(")) for p in cell[1:])
    return all(isinstance(p, str) and not any(c.isalnum() for c in p) for p in cell)


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite drawing of figures; `alt` says in words what it shows."""

    title: str
    alt: Words
    spec: Mapping[str, Any]
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    lines: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    place: Place = "below"


@dataclass(frozen=True)
class Brief:
    """A whole brief. `subject` is what it is about (customer, segment, portfolio, theme); `since` the day it compares with."""

    subject: str
    id: str
    title: str
    principal: str
    role: str
    as_of: datetime
    snapshot: str
    zone: str
    currency: str
    sections: tuple[Section, ...] = ()
    since: date | None = None
    key_figures: Mapping[str, Figure] = field(default_factory=dict)

    def section(self, key: str) -> Section | None:
        return next((s for s in self.sections if s.key == key), None)

    def lines(self) -> Iterator[Line]:
        for section in self.sections:
            yield from section.lines

    def words(self) -> Iterator[Words]:
        """Everything that is shown, as parts."""
        for section in self.sections:
            for line in section.lines:
                yield line.parts
            for table in section.tables:
                yield table.columns
                yield from (cell for row in table.rows for cell in row)
            yield from (chart.alt for chart in section.charts)

    def figures(self) -> Iterator[Figure]:
        """Every figure that is shown or rested on."""
        for words in self.words():
            yield from (p for p in words if isinstance(p, Figure))
        for line in self.lines():
            yield from line.figures
        for section in self.sections:
            for chart in section.charts:
                yield from chart.figures

    def quotes(self) -> Iterator[Quote]:
        for words in self.words():
            yield from (p for p in words if isinstance(p, Quote))


def line(*parts: Part, **more: Any) -> Line:
    return Line(tuple(parts), **more)


def unknown(*parts: Part) -> Line:
    """A line that says what is not known."""
    return Line(("not known: ", *parts), known=False)


def several(count: Figure, one: str, many: str) -> Words:
    """A count with its noun: 1 return, 2 returns."""
    return (count, " ", one if count.value == 1 else many)


def joined(listed: list[Words], between: str = "; ") -> Words:
    """Several runs of parts as one, with words between them."""
    made: list[Part] = []
    for words in listed:
        made += [between, *words] if made else words
    return tuple(made)
