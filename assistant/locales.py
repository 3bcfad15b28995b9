"""Numbers, money and days as a language writes them; the words themselves are English.

What is put together is English throughout, so that the guard reads one way of writing; an answer is written anew at the very end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant.questions import Answer
from knowledge.access import Reader

MONEY = re.compile(r"^(?P<sign>[+−-]?)(?P<currency>[$£€])(?P<rest>.*)$")
ENGLISH_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


@dataclass(frozen=True)
class Locale:
    """How a language writes numbers and days; `after` puts the sign of a currency behind the amount."""

    language: str
    thousands: str
    decimal: str
    months: tuple[str, ...]
    after: bool = True
    dot: str = ""

    def number(self, shown: str) -> str:
        """A figure's display, written as this language writes it."""
        if (self.thousands, self.decimal) == (",", "."):
            return shown
        money = MONEY.match(shown)
        if money and self.after:
            shown = f"{money['sign']}{money['rest']}\u00a0{money['currency']}"
        return "".join({",": self.thousands, ".": self.decimal}.get(c, c) for c in shown)

    def day(self, on: date) -> str:
        return f"{on.day}{self.dot} {self.months[on.month - 1]} {on.year}"


def _months(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LOCALES: dict[str, Locale] = {
    "en": Locale("en", ",", ".", _months(ENGLISH_MONTHS), after=False),
    "de": Locale("de", ".", ",", _months("Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez."), dot="."),
    "fr": Locale("fr", "\u202f", ",", _months("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")),
    "es": Locale("es", ".", ",", _months("ene feb mar abr may jun jul ago sept oct nov dic")),
    "sv": Locale("sv", "\u00a0", ",", _months("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.")),
}
ENGLISH = LOCALES["en"]
NUMBER = r"(?<![^\W_])(?<![.,])(?P<number>[+−-]?[$£€]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?![^\W_]|[.,]\d)"
DAY = rf"(?<!\d)(?P<day>\d{{1,2}}) (?P<month>{ENGLISH_MONTHS.replace(' ', '|')}) (?P<year>\d{{4}})(?!\d)"
AS_IT_IS = r"“[^”]*”|`[^`]*`"


def of(reader: Reader) -> Locale:
    """How the workspace writes numbers and days (`locale` in its settings)."""
    settings = reader.snapshot.facts.get("settings") or {}
    return LOCALES[str(settings.get("locale") or "en")]


def localised(answer: Answer, locale: Locale) -> Answer:
    """The answer with its text, tables and displays as the language writes them; values, names and quotes stay as they are."""
    if locale == ENGLISH:
        return answer
    pattern = re.compile("|".join((AS_IT_IS, *map(re.escape, _names(answer)), DAY, NUMBER)))

    def written(text: str) -> str:
        return pattern.sub(lambda m: _written(m, locale), text)

    table, chart = answer.table, answer.chart
    if table is not None:
        table = {**table, "rows": [[written(c) if isinstance(c, str) else c for c in row] for row in table["rows"]]}
    if chart is not None:
        rows = [{**row, "display": written(str(row.get("display", "")))} for row in chart["data"]["values"]]
        format_ = {"decimal": locale.decimal, "thousands": locale.thousands, "grouping": [3], "currency": ["", ""]}
        chart = {
            **chart,
            "description": written(str(chart["description"])),
            "data": {"values": rows},
            "config": {**chart.get("config", {}), "locale": {"number": format_}},
        }
    figures = tuple(replace(f, display=written(f.display)) if isinstance(f.value, int | float) else f for f in answer.figures)
    return replace(answer, text=written(answer.text), figures=figures, table=table, chart=chart)


def _written(match: re.Match[str], locale: Locale) -> str:
    if match["day"]:
        month = ENGLISH_MONTHS.split().index(match["month"])
        return f"{match['day']}{locale.dot} {locale.months[month]} {match['year']}"
    return locale.number(match["number"]) if match["number"] else match[0]


def _names(answer: Answer) -> list[str]:
    """Names in the answer that hold what looks like a number, longest first."""
    found = {n for n in _called(answer) if re.search(r"\d[.,]\d", n)}
    return sorted(found, key=lambda n: (-len(n), n))


def _called(answer: Answer) -> Iterator[str]:
    for figure in answer.figures:
        yield from (str(v) for v in figure.group.values())
    for citation in answer.citations:
        yield from (citation.id, citation.title, citation.locator)
    for plan in answer.plan.get("parts", (answer.plan,)):
        yield from _told(plan)


def _told(plan: Mapping[str, Any]) -> Iterator[str]:
    yield from map(str, plan.get("names") or ())
    for listed in (plan.get("entities") or (), plan.get("excluded") or ()):
        for entity in listed:
            yield from (str(entity["value"]), str(entity["label"]))
