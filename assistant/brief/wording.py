"""Parts as people read them; numbers and days as their language writes them (the words themselves are English)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from assistant.brief.content import Brief, Day, Name, Part, Words
from knowledge.records import Figure, Period, Quote

MONEY = re.compile(r"^(?P<sign>[+−-]?)(?P<currency>[$£€])(?P<rest>.*)$")


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


def _months(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LOCALES: dict[str, Locale] = {
    "en": Locale("en", ",", ".", _months("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"), after=False),
    "de": Locale("de", ".", ",", _months("Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez."), dot="."),
    "fr": Locale("fr", "\u202f", ",", _months("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")),
    "es": Locale("es", ".", ",", _months("ene feb mar abr may jun jul ago sept oct nov dic")),
    "sv": Locale("sv", "\u00a0", ",", _months("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.")),
}
ENGLISH = LOCALES["en"]


def text(words: Words, locale: Locale = ENGLISH) -> str:
    """The words as plain text."""
    return "".join(part(p, locale) for p in words)


def part(one: Part, locale: Locale = ENGLISH) -> str:
    if isinstance(one, str):
        return one
    if isinstance(one, Figure):
        return locale.number(one.display)
    if isinstance(one, Name):
        return one.text
    if isinstance(one, Day):
        return day(one.on, locale)
    if isinstance(one, Period):
        return one.label or f"{day(one.start, locale)} to {day(one.end, locale)}"
    if isinstance(one, Quote):
        return f"“{' '.join(one.text.split())}” ({one.feedback_id})"
    assert_never(one)


def day(on: date, locale: Locale = ENGLISH) -> str:
    return f"{on.day}{locale.dot} {locale.months[on.month - 1]} {on.year}"


def stand(brief: Brief, locale: Locale = ENGLISH) -> str:
    """How old the data is, and which snapshot it is."""
    return f"Data to {day(brief.as_of.date(), locale)} {brief.as_of:%H:%M} UTC · snapshot {brief.snapshot}"
