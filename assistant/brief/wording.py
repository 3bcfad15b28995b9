"""Parts as people read them."""

from __future__ import annotations

from typing import assert_never

from assistant.brief.content import Brief, Day, Name, Part, Words
from assistant.locales import ENGLISH, Locale
from knowledge.records import Figure, Period, Quote


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
        return locale.day(one.on)
    if isinstance(one, Period):
        return one.label or f"{locale.day(one.start)} to {locale.day(one.end)}"
    if isinstance(one, Quote):
        return f"“{' '.join(one.text.split())}” ({one.feedback_id})"
    assert_never(one)


def stand(brief: Brief, locale: Locale = ENGLISH) -> str:
    """How old the data is, and which snapshot it is."""
    return f"Data to {locale.day(brief.as_of.date())} {brief.as_of:%H:%M %Z} · snapshot {brief.snapshot}"
