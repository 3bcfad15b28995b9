"""Before anything leaves: every number of a text must come from a figure, a date, a name, a quote or a citation of the same answer.

Of the plan only what is explicit counts: periods, names, counts of rows and groups, notes that the metric layer made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.questions import Answer
from knowledge.errors import RapportError
from knowledge.metrics import find
from knowledge.records import Figure, Period

NUMBER = re.compile(r"\d[\d,.\u202f]*\d|\d")


def check(answer: Answer) -> Answer:
    """The answer as it is, or, where its text holds a number that nothing accounts for, one that says so without it."""
    if not untraced(answer):
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
    """Numbers in the text that no figure, date, name, quote, citation or choice of the answer contains."""
    allowed = {n for text in _sources(answer) for n in numbers(text)}
    return [n for n in numbers(answer.text) if n not in allowed]


def numbers(text: str) -> list[str]:
    """Numbers as they are written, without separators of thousands and trailing full stops."""
    return [m.replace(",", "").replace("\u202f", "").rstrip(".") for m in NUMBER.findall(text)]


def _sources(answer: Answer) -> Iterator[str]:
    for figure in answer.figures:
        yield from _of_figure(figure)
    for quote in answer.quotes:
        yield f"{quote.text} {quote.feedback_id}"
    for citation in answer.citations:
        yield f"{citation.id} {citation.title} {citation.locator}"
    for choice in answer.choices:
        yield f"{choice.label} {choice.question}"
    yield from answer.nearest
    if answer.as_of:
        yield _of_day(answer.as_of.date())
    for plan in answer.plan.get("parts", (answer.plan,)):
        yield from _of_plan(plan, answer.status)


def _of_figure(figure: Figure) -> Iterator[str]:
    yield f"{figure.display} {figure.label} {figure.rows} {len(figure.group)}"
    if figure.numerator is not None and figure.denominator is not None:
        yield f"{figure.numerator:.0f} {figure.denominator:.0f}"
    if figure.interval:
        low, high = figure.interval
        yield f"95 {low * 100:.1f} {high * 100:.1f} {low:.2f} {high:.2f} {low:.1f} {high:.1f}"  # every interval is a 95 % interval
    if figure.period:
        yield from _of_period(figure.period)
    yield " ".join((*figure.group.keys(), *map(str, figure.group.values())))
    for listed in figure.filters.values():
        yield " ".join(map(str, listed)) if isinstance(listed, list | tuple) else str(listed)


def _of_period(period: Period) -> Iterator[str]:
    yield period.label
    yield _of_day(period.start)
    yield _of_day(period.end)


def _of_day(day: date) -> str:
    return f"{day} {day.day} {day.year}"


DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def _of_plan(plan: Mapping[str, Any], status: str) -> Iterator[str]:
    yield " ".join(str(n) for n in (plan.get("counts") or {}).values())
    yield from map(str, plan.get("notes") or ())
    yield from map(str, plan.get("names") or ())
    yield str(plan.get("conditions") or "")
    for listed in (plan.get("entities") or (), plan.get("excluded") or ()):
        yield " ".join(f"{e['value']} {e['label']}" for e in listed)
    for query in plan.get("queries") or ():
        if query.get("period"):
            yield query["period"]["label"]
            yield from (_of_day(date.fromisoformat(query["period"][edge])) for edge in ("start", "end"))
        yield from _of_metric(query["metric"])
        yield str(query.get("only_where", ""))
        yield from _of_tree(query.get("only"))
        yield from (_of_day(date.fromisoformat(day)) for day in DAY.findall(str(query.get("only_where", ""))))
        yield " ".join(str(v) for f in query.get("where") or () for v in f["values"])
    for named in (plan.get("period"), plan.get("compare_to")):
        if named:
            yield named["label"]
    for day in plan.get("dates") or ():
        yield _of_day(date.fromisoformat(day))
    if plan.get("having"):
        value = float(plan["having"][1])
        yield f"{value:.2f} {value:g} {value * 100:g} {value:,.0f}"
    for word in (*(plan.get("unknown") or ()), str(plan.get("order_id") or "")):
        yield str(word)  # said back to the asker
    if status != "answered" and plan.get("refused"):
        yield str(plan["refused"]["message"])
    for name in plan.get("metrics") or ():
        yield from _of_metric(name)


def _of_tree(node: Any) -> Iterator[str]:
    """Every label, number and day of a tree of conditions, as JSON has it."""
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _of_tree(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _of_tree(value)
    elif isinstance(node, float) and node == int(node):
        yield f"{node:.0f}"
    elif isinstance(node, str) and DAY.fullmatch(node):
        yield _of_day(date.fromisoformat(node))
    elif node is not None and not isinstance(node, bool):
        yield str(node)


def _of_metric(name: str) -> Iterator[str]:
    """What the registry itself says of a metric."""
    try:
        metric = find(name)
    except RapportError:
        return
    variants = " ".join(v.label for v in metric.variants.values())
    yield f"{metric.label} {metric.definition} {metric.formula} {metric.source} {variants}"
