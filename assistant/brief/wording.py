"""Parts as people read them, in their language's way of writing numbers and days."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from assistant.brief.content import Day, Name, Part, Words
from knowledge.records import Figure, Period, Quote


def text(words: Words) -> str:
    """The words as plain text."""
    return "".join(part(p) for p in words)


def part(one: Part) -> str:
    if isinstance(one, str):
        return one
    if isinstance(one, Figure):
        return one.display
    if isinstance(one, Name):
        return one.text
    if isinstance(one, Day):
        return day(one.on)
    if isinstance(one, Period):
        return one.label or f"{day(one.start)} to {day(one.end)}"
    if isinstance(one, Quote):
        return f"“{' '.join(one.text.split())}” ({one.feedback_id})"
    assert_never(one)


def day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"
