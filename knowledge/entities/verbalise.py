"""Predicates in plain English, from the records' own labels: "customers with at least 2 late orders in May 2026"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.model import Attribute, Entity
from knowledge.entities.predicates import All, Among, Compare, Did, Either, Not, Part, Predicate
from knowledge.metrics import find
from knowledge.records import Period

Name = Callable[[str, str], str]
"""How people call a member of a dimension (`customer`, `C-1002`)."""
SIGNS = {"<": "below", "<=": "of at most", ">": "above", ">=": "of at least", "=": "of", "!=": "other than"}
ON_DAYS = {"<": "before", "<=": "up to", ">": "after", ">=": "from", "=": "on", "!=": "not on"}
NAMED = 4


def things(of: str, only: Predicate | None, name: Name, period: Period | None = None) -> str:
    """The selection as a noun phrase: "late orders with an order value above 100 in 2026"."""
    found = entity(of)
    before, after = _parts(only, found, name)
    said = " ".join([*before, found.plural, *after])
    return said + within(period)


def condition(only: Predicate | None, name: Name) -> str:
    """What must hold, for the end of a sentence about figures: "for late orders and for customers in north"; empty without one."""
    if only is None:
        return ""
    by_entity: dict[str, list[Predicate]] = {}
    for part in only.parts if isinstance(only, All) else (only,):
        by_entity.setdefault(subject(part), []).append(part)
    told = [things(of, All(tuple(parts)), name) for of, parts in by_entity.items()]
    return " for " + " and for ".join(told)


def subject(part: Predicate) -> str:
    """The entity that a condition speaks of first."""
    if isinstance(part, All | Either):
        return subject(part.parts[0])
    if isinstance(part, Not):
        return subject(part.part)
    return attribute(part.attribute)[0].name if isinstance(part, Compare) else part.entity


def within(period: Period | None) -> str:
    if period is None:
        return ""
    label = period.label or f"{_day(period.start)} to {_day(period.end)}"
    relative = label.startswith(
        ("last ", "this ", "since ", "up to ", "the last ", "year to", "quarter to", "month to", "week to")
    )
    return f" {label}" if relative else f" in {label}"


def _parts(only: Predicate | None, of: Entity, name: Name) -> tuple[list[str], list[str]]:
    """What is said before the noun ("late") and after it ("with a value above 100")."""
    before: list[str] = []
    after: list[str] = []
    parts = list(only.parts if isinstance(only, All) else (only,)) if only is not None else []
    for first, last in _times(parts):
        owner, known = attribute(first.attribute)
        of_other = "" if owner.name == of.name else f"{owner.name} "
        after.append(f"with {of_other}{known.label} {_from_to(first.values[0], last.values[0])}")
        parts = [p for p in parts if p not in (first, last)]
    for part in parts:
        plain = _adjective(part, of)
        if plain:
            before.append(plain)
        else:
            after.append(_clause(part, of, name))
    joined = [after[0], *(f"and {a}" for a in after[1:])] if after else []
    return before, joined


def _times(parts: Sequence[Predicate]) -> list[tuple[Compare, Compare]]:
    """Pairs of conditions that say from when to when a date is."""
    dates = [p for p in parts if isinstance(p, Compare) and attribute(p.attribute)[1].kind == "date" and len(p.values) == 1]
    starts = {p.attribute: p for p in dates if p.op == ">="}
    return [(starts[p.attribute], p) for p in dates if p.op == "<=" and p.attribute in starts]


def _from_to(start: Any, end: Any) -> str:
    """ "In 2026", "in Q2 2026", "in May 2026" where it is all of that, else the two days."""
    if not (isinstance(start, date) and isinstance(end, date)):
        return f"from {start} to {end}"
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    whole = start.day == 1 and (end + timedelta(days=1)).day == 1
    if whole and months == YEAR and start.month == 1:
        return f"in {start.year}"
    if whole and months == QUARTER and start.month % QUARTER == 1:
        return f"in Q{start.month // QUARTER + 1} {start.year}"
    if whole and months == 1:
        return f"in {start:%B %Y}"
    return f"from {_day(start)} to {_day(end)}"


YEAR, QUARTER = 12, 3
"""Months."""


def _adjective(part: Predicate, of: Entity) -> str:
    inner = part.part if isinstance(part, Not) else part
    if not isinstance(inner, Compare) or len(inner.values) != 1 or not isinstance(inner.values[0], bool):
        return ""
    owner, known = attribute(inner.attribute)
    if owner.name != of.name or known.label.startswith(("with ", "in ", "on ", "out ", "below ", "billed ")):
        return ""
    holds = (inner.values[0] == (inner.op == "=") and not isinstance(part, Not)) or (
        isinstance(part, Not) and not inner.values[0]
    )
    return known.label if holds else f"not {known.label}"


def _clause(part: Predicate, of: Entity, name: Name) -> str:
    if isinstance(part, All | Either):
        return f" {'and' if isinstance(part, All) else 'or'} ".join(_clause(p, of, name) for p in part.parts)
    if isinstance(part, Not):
        inner = _clause(part.part, of, name)
        return f"not ({inner})" if isinstance(part.part, All | Either) else f"not {inner}"
    if isinstance(part, Compare):
        return _comparison(part, of, name)
    if isinstance(part, Among):
        named = ", ".join(name(part.entity, k) for k in part.keys[:NAMED])
        return f"of those {len(part.keys)} ({named}{' …' if len(part.keys) > NAMED else ''})"
    if isinstance(part, Did):
        return _done(part, name)
    metric = find(part.metric)
    label = metric.label[:1].lower() + metric.label[1:] if not metric.label[:2].isupper() else metric.label
    if isinstance(part, Part):
        end = "highest" if part.order == "desc" else "lowest"
        much = f"{part.share * 100:g} %" if part.share is not None else f"{part.count}"
        return f"among the {much} with the {end} {label}{within(part.period)}"
    where = condition(part.where, name)
    value = f"{part.value * 100:g} %" if metric.unit == "share" else f"{part.value:,.10g}"
    return f"with {label}{where}{within(part.period)} {SIGNS[part.op].replace('of ', '')} {value}"


def _comparison(part: Compare, of: Entity, name: Name) -> str:
    owner, known = attribute(part.attribute)
    of_other = "" if owner.name == of.name else f"{owner.name} "
    if known.kind == "flag":
        holds = bool(part.values[0]) == (part.op == "=")
        return f"{'' if holds else 'not '}{of_other}{known.label}"
    if known.kind == "date":
        return f"with {of_other}{known.label} {ON_DAYS[part.op]} {_value(part.values[0], known, name, part)}"
    if known.kind == "text":
        said = " or ".join(_value(v, known, name, part) for v in part.values[:NAMED])
        more = " …" if len(part.values) > NAMED else ""
        if known.name == "id":
            return f"{'not ' if part.op == '!=' else ''}{'of ' if of_other else ''}{said}{more}"
        return f"{'without' if part.op == '!=' else 'with'} {of_other}{known.label} {said}{more}"
    several = " or ".join(_value(v, known, name, part) for v in part.values[:NAMED])
    return f"with {of_other}{known.label} {SIGNS[part.op]} {several}"


def _value(value: Any, known: Attribute, name: Name, part: Compare) -> str:
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        shown = f"{value:,.10g}"
        return f"{shown} {known.kind}" if known.kind in ("days", "hours") else shown
    return member(part.attribute, str(value), name)


def member(path: str, value: str, name: Name) -> str:
    """What a value of an attribute is called."""
    of, _, known = path.partition(".")
    return name(of if known == "id" else known, value)


def _done(part: Did, name: Name) -> str:
    done = entity(part.done)
    if part.most == 0:
        return f"without {things(part.done, part.where, name, part.period)}"
    if part.least == part.most:
        much = "exactly one" if part.least == 1 else f"exactly {part.least}"
    elif part.most is None:
        much = "" if part.least == 1 else f"at least {part.least}"
    else:
        much = f"at most {part.most}" if not part.least else f"{part.least} to {part.most}"
    said = things(part.done, part.where, name, part.period)
    return (
        f"with {much} {said}".replace("  ", " ")
        if much != "exactly one"
        else f"with exactly one of {done.plural}{said.removeprefix(done.plural)}"
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
