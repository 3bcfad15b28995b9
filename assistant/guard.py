"""Before anything leaves: every digit of a text must come from a figure, a date, a name or a quote of the same answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from assistant.questions import Answer

NUMBER = re.compile(r"\d[\d,.\u202f]*\d|\d")


def check(answer: Answer) -> Answer:
    """The answer as it is, or, where its text holds a number that nothing accounts for, one that says so without it."""
    stray = untraced(answer)
    if not stray:
        return answer
    return replace(
        answer,
        status="error",
        text="The answer was held back: a number in it could not be traced to a figure. Ask again, or use `rapport query`.",
        figures=(),
        table=None,
        chart=None,
        quotes=(),
    )


def untraced(answer: Answer) -> list[str]:
    """Numbers in the text that no figure, date, name, quote or choice of the answer contains."""
    allowed = {n for text in _sources(answer) for n in numbers(text)}
    return [n for n in numbers(answer.text) if n not in allowed]


def numbers(text: str) -> list[str]:
    """Numbers as they are written, without separators of thousands and trailing full stops."""
    return [m.replace(",", "").replace("\u202f", "").rstrip(".") for m in NUMBER.findall(text)]


def _sources(answer: Answer) -> Iterator[str]:
    for figure in answer.figures:
        yield figure.display
        yield figure.definition
        yield figure.label
        yield f"{figure.rows} {figure.value}"
        if figure.numerator is not None and figure.denominator is not None:
            yield f"{figure.numerator:.0f} {figure.denominator:.0f}"
        if figure.interval:
            yield "95"  # every interval is a 95 % interval
            yield f"{figure.interval[0] * 100:.1f} {figure.interval[1] * 100:.1f} {figure.interval[0]:.2f} {figure.interval[1]:.2f}"
        if figure.period:
            yield figure.period.label
            for day in (figure.period.start, figure.period.end):
                yield f"{day} {day.day} {day.month} {day.year}"
        yield " ".join(map(str, (*figure.group.keys(), *figure.group.values())))
        yield _flat(figure.filters)
    for quote in answer.quotes:
        yield f"{quote.text} {quote.feedback_id}"
    for citation in answer.citations:
        yield f"{citation.id} {citation.title} {citation.locator}"
    for choice in answer.choices:
        yield f"{choice.label} {choice.question}"
    yield from answer.nearest
    yield _flat(answer.plan)
    if answer.as_of:
        yield f"{answer.as_of.date()} {answer.as_of.day} {answer.as_of.year} {answer.as_of:%H %M}"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_flat(v) for v in value.values())
    if isinstance(value, list | tuple):
        return " ".join(_flat(v) for v in value)
    return str(value)
