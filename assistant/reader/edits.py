"""Follow-ups as edits of the last question: what a turn replaces, adds, takes away or asks in another way; the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from assistant.questions import Entity, Question
from assistant.reader import links, ranks
from assistant.reader.kinds import limit_of, of_things
from assistant.reader.names import member_path
from assistant.reader.parts import Parts, parts_of
from assistant.reader.spans import Workspace
from assistant.reader.tagged import Spans
from knowledge.entities.predicates import All, Compare, Predicate, both, leaves
from knowledge.metrics import find

MARK = "follow: "
"""How the tagger's kinds of follow-ups begin."""
FIGURED = (None, "value", "breakdown", "rank", "trend", "compare", "share", "growth", "ratio", "distribution")


def edited_as(kind: str, text: str, last: Question, tagged: Spans, where: Workspace) -> Question | None:
    """The question that a follow-up of that kind makes of the last one, with what it does not understand in `unknown`; None where it
    says nothing to change, or something that such an edit has no place for."""
    make = EDITS[kind]
    home = links.home_of(last.metrics[0]) if last.metrics else last.things
    parts = parts_of(text, tagged, where, kind, home)
    made = make(last, parts) if not unused(kind, parts) else None
    if made is None:
        return None
    made = of_things(replace(made, text=text, unknown=parts.unknown, choices=parts.choices, asked=parts.asked, follow_up=False))
    return made if not parts.unknown else replace(made, unknown=tuple(dict.fromkeys((*parts.unknown, *made.unknown))))


def names(old: tuple[Entity, ...], new: tuple[Entity, ...], *, add: bool = False) -> tuple[Entity, ...]:
    """Names of a dimension in place of those of the same one; added ones stand beside them."""
    if add:
        return tuple(dict.fromkeys((*old, *new)))
    kinds = {_kind(e) for e in new}
    return (*(e for e in old if _kind(e) not in kinds), *new)


def _kind(e: Entity) -> str:
    return "customer" if e.dimension == "parent" else e.dimension


def _about(predicate: Predicate) -> frozenset[str]:
    """The attributes that a condition speaks of."""
    return frozenset(leaf.attribute if isinstance(leaf, Compare) else type(leaf).__name__ for leaf in leaves(predicate))


def _parts_of(predicate: Predicate | None) -> tuple[Predicate, ...]:
    return predicate.parts if isinstance(predicate, All) else (predicate,) if predicate is not None else ()


def instead(last: Predicate | None, new: Predicate | None) -> Predicate | None:
    """A condition in place of those about the same attributes."""
    if new is None:
        return last
    kept: Predicate | None = None
    for part in _parts_of(last):
        if not _about(part) & _about(new):
            kept = both(kept, part)
    return both(kept, new)


def _replaced(last: Question, p: Parts, *, add: bool = False) -> Question | None:
    """Names, times, conditions, groups and figures that are said take the place of the former, or stand beside them."""
    if not (p.entities or p.excluded or p.period or p.compare_to or p.sides or p.by or p.grain or p.measures):
        return None
    metrics = tuple(dict.fromkeys(m.name for m in p.measures))
    if p.compare_to and not p.period and not add:
        p = replace(p, period=p.compare_to, compare_to=None)  # "and the quarter before?"
    q = replace(
        last,
        entities=names(last.entities, p.entities, add=add),
        excluded=tuple(dict.fromkeys((*last.excluded, *p.excluded))),
        period=p.period or last.period,
        compare_to=p.compare_to or (None if p.period and not add else last.compare_to),
        only=both(last.only, p.only) if add else instead(last.only, p.only),
        by=tuple(dict.fromkeys((*last.by, *p.by))) if add else p.by or last.by,
        grain=p.grain or last.grain,
        metrics=tuple(dict.fromkeys((*last.metrics, *metrics))) if add else metrics or last.metrics,
    )
    if add and p.period and last.period and not p.compare_to:
        q = replace(q, period=last.period, compare_to=p.period, operation="compare")
    if p.compare_to:
        q = replace(q, operation="compare" if last.operation in (None, "value", "growth") else last.operation)
    if add and p.entities and not q.by and last.operation in (None, "value"):
        alike = {_kind(e) for e in p.entities} & {_kind(e) for e in last.entities}
        q = replace(q, operation="compare", by=tuple(alike)[:1]) if alike else q
    return _grouped(q, p) if p.by or p.grain else q


def _grouped(q: Question, p: Parts) -> Question:
    if p.grain and not p.by and q.operation in (None, "value", "growth", "compare", "trend"):
        return replace(q, operation="trend", compare_to=None)
    return replace(q, operation="breakdown") if q.operation in (None, "value", "compare", "share", "growth") else q


def _removed(last: Question, p: Parts) -> Question | None:
    """What is named goes: a name that limits is forgotten, another one is left out; a condition, a time or a group is forgotten."""
    gone = {(e.dimension, e.value) for e in (*p.entities, *p.excluded)}
    there = {(e.dimension, e.value) for e in last.entities}
    if not (gone or p.sides or p.by or p.grain or p.period or p.spans.get("p")):
        return None
    kept: Predicate | None = None
    for part in _parts_of(last.only):
        if not any(_about(part) & _about(side) for side in p.sides):
            kept = both(kept, part)
    new = [s for s in p.sides if not any(_about(s) & _about(part) for part in _parts_of(last.only))]
    if new:
        return None  # what was not there cannot go
    left_out = (*last.excluded, *(e for e in (*p.entities, *p.excluded) if (e.dimension, e.value) not in there))
    return replace(
        last,
        entities=tuple(e for e in last.entities if (e.dimension, e.value) not in gone),
        excluded=tuple(dict.fromkeys(left_out)),
        only=kept,
        by=tuple(b for b in last.by if b not in p.by),
        grain=None if p.grain else last.grain,
        period=None if p.period is not None and p.period == last.period else last.period,
    )


def _narrowed(last: Question, p: Parts) -> Question | None:
    if not (p.entities or p.sides or p.period or p.limit or p.rank):
        return None
    q = replace(last, entities=names(last.entities, p.entities), only=both(last.only, p.only), period=p.period or last.period)
    if p.limit:
        having = limit_of(p.limit, find(last.metrics[0]).unit if last.metrics else "")
        q = replace(q, having=having) if having else replace(q, unknown=(p.limit,))
    return _ranked(q, p.rank) if p.rank else q


def _ranked(q: Question, rank: str) -> Question:
    direction = find(q.metrics[0]).direction if q.metrics else "up"
    nth = any(w in ranks.ORDINALS for w in rank.lower().split()) and not any(c.isdigit() for c in rank)
    read = ranks.read(rank, direction, place=nth)
    operation = "rank" if q.by or q.operation == "rank" else q.operation
    return replace(q, operation=operation, order=read.order, limit=read.limit, part=read.part, place=read.place, ranked=True)


def _regrouped(last: Question, p: Parts) -> Question | None:
    if not (p.by or p.grain or p.rank):
        return None
    by = p.by or (() if p.grain else last.by)
    q = replace(last, by=by, grain=p.grain or (last.grain if not p.by else None))
    q = replace(q, entities=tuple(e for e in q.entities if e.dimension not in p.by))
    return _ranked(q, p.rank) if p.rank and by else _grouped(q, p) if p.by or p.grain else None


def _measured(last: Question, p: Parts) -> Question | None:
    """Another figure of the same."""
    metrics = tuple(dict.fromkeys(m.name for m in p.measures))
    if not metrics:
        return None
    operation = last.operation if last.operation in FIGURED else None
    q = replace(last, metrics=metrics, operation=operation, having=None, mood=None, things="", claims=(), kind=None, state=None)
    more = _replaced(q, replace(p, measures=()))
    return more or q


def _over_time(last: Question, p: Parts) -> Question | None:
    if p.period and not (p.compare_to or p.grain):
        return _replaced(last, p)
    if not last.metrics:
        return None
    if p.compare_to:
        return replace(last, operation="compare", compare_to=p.compare_to, by=last.by[:1])
    grain = p.grain or last.grain or "month"
    return replace(last, operation="trend", grain=grain, by=(*last.by, *p.by), compare_to=None, order=None, limit=None)


def _shown(last: Question, p: Parts) -> Question | None:
    if p.by or p.grain:
        return _replaced(last, p)
    return None


def _listed(last: Question, p: Parts) -> Question | None:
    """The things behind the last figure."""
    thing = last.things or (links.home_of(last.metrics[0]) if last.metrics else "")
    if not thing or (last.operation not in FIGURED and not last.things):
        return None
    only = both(last.only, p.only)
    for e, sign in (*((e, "=") for e in last.entities), *((e, "!=") for e in last.excluded)):
        path = member_path(e, thing)
        if path is None:
            return None
        only = both(only, Compare(path, sign, (e.value,)))  # type: ignore[arg-type]
    if last.metrics and not last.metrics[0].startswith("count(") and find(last.metrics[0]).unit != "count":
        return None  # the things behind a share or a sum are not all of one kind
    return Question(last.text, "things", things=thing, only=only, period=last.period)


def _counted(last: Question, p: Parts) -> Question | None:
    listed = _listed(last, p)
    if listed is None or not listed.things:
        return None
    return replace(listed, operation=None, metrics=(f"count({listed.things})",), things="")


def _picked(last: Question, p: Parts) -> Question | None:
    """ "And second?": another place of the last ranking."""
    if not p.rank or p.measures or last.operation not in ("rank", "growth", "breakdown") or not last.by:
        return None
    return _ranked(last, p.rank)


def _why(last: Question, p: Parts) -> Question | None:  # noqa: ARG001
    return replace(last, operation="why", by=(), grain=None, order=None, limit=None, having=None, ranked=False, place=None)


def _voiced(last: Question, p: Parts) -> Question | None:
    quotes = any(w in " ".join(s.text.lower() for s in p.spans.get("m", ())) for w in ("quote", "word", "verbatim", "comment"))
    return Question(
        last.text, "quotes" if quotes else "themes", entities=names(last.entities, p.entities), excluded=last.excluded, period=p.period or last.period
    )  # fmt: skip


def _defined(last: Question, p: Parts) -> Question | None:
    metrics = tuple(dict.fromkeys(m.name for m in p.measures)) or last.metrics
    return Question(last.text, "define", metrics) if metrics else None


EDITS: Mapping[str, Callable[[Question, Parts], Question | None]] = {
    "replace": _replaced, "add": lambda last, p: _replaced(last, p, add=True), "remove": _removed, "narrow": _narrowed, "regroup": _regrouped,
    "measure": _measured, "over time": _over_time, "show": _shown, "list": _listed, "count": _counted, "why": _why, "voice": _voiced, "define": _defined, "member": _picked,
}  # fmt: skip
"""By the tagger's kinds."""


ALL = frozenset(("entities", "excluded", "period", "compare_to", "sides", "by", "grain", "measures"))
USES: Mapping[str, frozenset[str]] = {
    "replace": ALL, "add": ALL, "measure": ALL, "remove": ALL - {"measures", "compare_to"}, "narrow": frozenset(("entities", "sides", "period", "limit", "rank")),
    "regroup": frozenset(("by", "grain", "rank")), "over time": frozenset(("grain", "by", "compare_to", "period")), "show": frozenset(("by", "grain")),
    "list": frozenset(("sides",)), "count": frozenset(("sides", "measures")), "voice": frozenset(("entities", "period")), "define": frozenset(("measures",)),
    "member": frozenset(("rank",)), "why": frozenset(),
}  # fmt: skip
"""What each kind makes something of."""


def unused(kind: str, p: Parts) -> bool:
    """Whether something is said that an edit of that kind has no place for: then it is another one."""
    told = {name for name in (*ALL, "limit", "rank") if getattr(p, name)}
    return bool(told - USES[kind])
