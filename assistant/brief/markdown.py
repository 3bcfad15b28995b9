"""A brief as Markdown: one page first, the details below a rule."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.brief.content import Brief, Line, Section, Table, Words
from assistant.brief.wording import stand, text
from assistant.locales import ENGLISH, Locale


def markdown(brief: Brief, locale: Locale = ENGLISH) -> str:
    """The whole brief; tables as pipe tables, what a line rests on after it."""
    lines = [page(brief, locale)]
    below = [s for s in brief.sections if s.place == "below"]
    if below:
        lines += ["---", "", "## Details", ""]
    for section in below:
        lines += _section(section, "###", locale)
    return "\n".join(lines).rstrip() + "\n"


def page(brief: Brief, locale: Locale = ENGLISH) -> str:
    """The first page alone."""
    lines = [f"# {plain(brief.title)}", "", _stand(brief, locale), ""]
    for section in brief.sections:
        lines += _section(section, "##", locale) if section.place == "page" else []
    return "\n".join(lines).rstrip() + "\n"


def section_text(section: Section, locale: Locale = ENGLISH) -> str:
    """One section alone."""
    return "\n".join(_section(section, "##", locale)).rstrip()


def _stand(brief: Brief, locale: Locale) -> str:
    return f"_{stand(brief, locale)}_"


def _section(section: Section, marks: str, locale: Locale) -> list[str]:
    numbered = section.key == "three"
    made = [f"{marks} {section.title}", ""]
    for n, line in enumerate(section.lines, 1):
        made.append(f"{n}. {_line(line, locale)}" if numbered else f"- {_line(line, locale)}")
    if section.lines:
        made.append("")
    for table in section.tables:
        made += [*_table(table, locale), ""]
    for chart in section.charts:
        made += [f"_{chart.title}: {plain(text(chart.alt, locale))}_", ""]
    return made


def _line(line: Line, locale: Locale) -> str:
    said = plain(text(line.parts, locale))
    lead = f"**{line.lead}** " if line.lead else ""
    tail = "; ".join(([f"owner: {plain(line.owner)}"] if line.owner else []) + ([f"rule: {line.rule}"] if line.rule else []))
    return lead + said + (f" _({tail})_" if tail else "")


def _table(table: Table, locale: Locale) -> Iterator[str]:
    yield f"**{table.caption}**"
    yield ""
    yield "| " + " | ".join(_cells(table.columns, locale)) + " |"
    yield "|" + "---|" * len(table.columns)
    for row in table.rows:
        yield "| " + " | ".join(plain(text(cell, locale)).replace("|", "\\|") for cell in row) + " |"
    if table.more:
        yield ""
        yield f"_and {table.more:,} more_"


def _cells(columns: Words, locale: Locale) -> list[str]:
    return [plain(text((c,), locale)) for c in columns]


def plain(said: str) -> str:
    """Text on one line that Markdown shows as it is."""
    flat = " ".join(said.split())
    for sign in "\\`*_[]<>#":
        flat = flat.replace(sign, "\\" + sign)
    return flat
