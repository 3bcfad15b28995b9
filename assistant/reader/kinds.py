"""What each kind of question still needs once its spans are linked: rankings, limits, lists, facts, sides, parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from assistant.questions import Entity, Question
from assistant.reader import conditions, links, ranks
from assistant.reader.measures import COMPARATIVES, WHO, one_measure_each
from assistant.reader.names import LOSSES, STATES, having, member_path, with_lines
from assistant.reader.nouns import base_form
from assistant.reader.tagged import Span
from assistant.understand.numbers import number_at
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute, entities, entity
from knowledge.entities.model import NUMBERS
from knowledge.entities.predicates import All, Compare, Did, Not, Predicate, both, compared, leaves
from knowledge.metrics import find
from knowledge.records import Direction, Period

HORIZON = 91
"""Days that forecasts reach ahead."""


def settled_as(
    kind: str,
    today: date,
    q: Question,
    spans: Mapping[str, Sequence[Span]],
    thing: str,
    sides: Sequence[Predicate],
    nearest: links.Nearest | None = None,
) -> Question:
    """What each kind of question still needs."""
    rank_text = " ".join(s.text for s in spans.get("k", ()))
    rank_text = rank_text or " ".join(t.text for s in spans.get("m", ()) for t in tokenise(s.text) if ranks.says(t.text))
    direction = direction_of(q) if q.metrics else "up"
    if kind in ("rank", "ordinal", "growth rank", "extreme over time"):
        by_meaning = bool(q.metrics) and not spans.get("m")  # the word of the ranking is what named the figure
        if spans.get("k") and kind != "growth rank" and not by_meaning:
            q = replace(q, unknown=(*q.unknown, *ranks.unread(rank_text)))
        if not q.metrics and isinstance(q.only, Compare) and q.only.values == (True,):
            q = replace(q, metrics=(f"share({q.only.attribute})",), only=None)  # "the worst for damage"
            direction = "down"
        if not (q.by or q.grain) and WHO.search(q.text) and q.metrics and "customer" in find(q.metrics[0]).dimensions:
            q = replace(q, by=("customer",))  # "who is third on lifetime value"
        rank = ranks.read(rank_text or q.text, direction, place=kind == "ordinal")
        q = replace(q, order=rank.order, limit=rank.limit, ranked=True, part=rank.part)
        if (
            any(t.text in LOSSES for t in tokenise(q.text))
            and q.metrics
            and "(" not in q.metrics[0]
            and find(q.metrics[0]).unit == "money"
        ):
            if find(q.metrics[0]).direction != "up":
                return replace(q, unknown=(*q.unknown, *(t.raw for t in tokenise(q.text) if t.text in LOSSES)))
            q = replace(q, order="asc", having=("<", 0.0), limit=None)  # "which customers do we lose money on"
        q = replace(q, place=rank.place) if kind == "ordinal" else q
    if kind == "threshold on groups":
        limit = limit_of(" ".join(s.text for s in spans.get("t", ())), find(q.metrics[0]).unit if q.metrics else "")
        q = replace(q, having=limit, unknown=q.unknown if limit else (*q.unknown, *(s.text for s in spans.get("t", ()))))
        if not q.by and (q.grain or WHEN.search(q.text)):  # "when was it last above 95 %", "months with more than 400"
            q = replace(
                q, operation="trend", grain=q.grain or "month", unknown=tuple(u for u in q.unknown if u.lower() not in TIMES)
            )
    elif spans.get("t"):
        q = replace(q, unknown=(*q.unknown, *(s.text for s in spans["t"])))
    compared = kind.startswith("compare")  # which of them is more is what the answer tells
    if spans.get("k") and kind not in RANKED and not (compared and all(_which_is_more(s.text) for s in spans["k"])):
        q = replace(q, unknown=(*q.unknown, *(s.text for s in spans["k"])))
    far = q.period is not None and q.period.end > today + timedelta(days=HORIZON)
    if kind == "forecast" and q.period is not None and not any(find(m).over_time for m in q.metrics):
        q = replace(
            q, unknown=(*q.unknown, *(s.text for s in spans.get("p", ())))
        )  # a figure that looks ahead by a time of its own
    if kind == "what-if" or (kind == "forecast" and (far or not all(find(m).model for m in q.metrics))):
        q = replace(q, unknown=(*q.unknown, *(s.text for s in spans.get("c", ())), q.text) if not q.unknown else q.unknown)
    averaged = (
        bool(q.metrics)
        and not find(q.metrics[0]).additive
        and find(q.metrics[0]).unit in ("days", "hours", "share", "scale", "points")
    )
    if kind == "average per" and averaged:
        q = replace(q, operation="breakdown" if q.by or q.grain else None)  # an average of what is one already
    elif kind == "average per":
        per = _per(" ".join(s.text for s in spans.get("g", ())) or q.text)
        q = replace(
            q, per=per, by=(), grain=None, unknown=q.unknown if per else (*q.unknown, *(s.text for s in spans.get("g", ())))
        )
    if kind == "compare members" and not q.by:
        named = [e.dimension for e in q.entities]
        q = replace(q, by=tuple(sorted(dict.fromkeys(named), key=lambda d: named.count(d) < MANY_SIDES))[:1])
    if kind == "compare conditions":
        q = _compared(q, sides)
    if kind == "attribute of one":
        return _facts(q, spans, nearest)
    if kind in ("list", "count") and thing:
        q = _of_things(kind, q, spans, thing, rank_text)
    if kind == "share" and not thing and not q.by and not q.entities and q.metrics and find(q.metrics[0]).unit == "share":
        return replace(q, operation=None)  # "what percentage was perfect" asks for what is a share already
    if kind == "share" and thing:
        q = _share_of(q, thing)
    if kind == "share" and not thing and not q.by and q.entities:
        q = replace(q, by=(_part_of_whole(q).dimension,))
    if kind == "extreme over time" and q.period is not None and q.grain and q.period.days <= SHORTEST[q.grain]:
        q = replace(
            q, unknown=(*q.unknown, *(s.text for s in spans.get("p", ())))
        )  # "is January the worst month": no time to look at
    if kind == "why" and not q.metrics:
        q = replace(q, mood=-1)
    if kind == "themes" and VERBATIM.search(q.text):
        q = replace(q, operation="quotes")
    return replace(q, grain=q.grain or ("month" if kind == "extreme over time" and not q.by else None))


MANY_SIDES = 2
"""So many members of a dimension are set side by side."""


def _which_is_more(text: str) -> bool:
    return all(ranks.says(t.text) or t.text in COMPARATIVES or t.text == "the" for t in tokenise(text))


def _part_of_whole(q: Question) -> Entity:
    """Whose share is asked: of several members the last that is not where it is asked for ("how much of Acme's spend went to bolts")."""
    named = sorted(q.entities, key=lambda e: e.start)
    parts = [e for e in named if not re.search(r"\b(?:in|within|at)(?: the)? $", q.text[: e.start].lower())]
    return (parts or named)[-1]


SHORTEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days of the longest bucket of each grain."""
VERBATIM = re.compile(
    r"\bown words\b|\bword for word\b|\bverbatim|\bquot(?:e|es|ation)s?\b|\bexact words\b|\bliterally\b", re.IGNORECASE
)


RANKED = frozenset(
    (
        "rank",
        "ordinal",
        "growth rank",
        "extreme over time",
        "list",
        "count",
        "themes",
        "rising themes",
        "quotes",
        "why",
        "advise",
        "brief",
        "account status",
        "distribution",
    )
)
"""Kinds that make something of a word of ranking."""


WHEN = re.compile(
    r"\b(?:since )?when\b|\blast time\b|\blast (?:day|week|month|quarter|year) (?:where|when|in which|that|with)\b|\bhow long has\b",
    re.IGNORECASE,
)
"""What asks for the time at which a figure kept to a limit."""
TIMES = frozenset(("last", "ever", "since", "when", "last time"))


def _facts(q: Question, spans: Mapping[str, Sequence[Span]], nearest: links.Nearest | None) -> Question:
    """The attributes that are asked of what is named."""
    if not q.entities:
        return replace(q, unknown=(*q.unknown, *(s.text for s in spans.get("m", ()))) or (q.text,))
    one = q.entities[0]
    thing = one.dimension if one.dimension in entities() else "customer" if one.dimension == "parent" else ""
    if not thing or any(e.dimension != one.dimension for e in q.entities):
        return replace(q, unknown=(*q.unknown, *(e.label for e in q.entities)))
    near = (thing, *entity(thing).links.values())
    facts: list[str] = []
    unknown: list[str] = []
    for said in one_measure_each(spans.get("m", ()), q.text):
        found = links.fact_in(said, near, nearest)
        if found:
            facts.append(found)
        else:
            unknown.append(said)
    only = Compare(f"{thing}.id", "=", tuple(e.value for e in q.entities))
    if not facts:
        return replace(q, unknown=(*q.unknown, *unknown) or (q.text,))
    return replace(
        q,
        operation="facts",
        things=thing,
        facts=tuple(dict.fromkeys(facts)),
        only=only,
        metrics=(),
        unknown=(*q.unknown, *unknown),
    )


def direction_of(q: Question) -> Direction:
    """Whether more of the figure is better: fewer things are where what must hold of them is bad ("the worst week for late orders")."""
    states = [attribute(c.attribute)[1] for c in compared(q.only) if c.values == (True,)]
    counted = find(q.metrics[0]).unit == "count"
    return "down" if counted and any(a.bad for a in states) else find(q.metrics[0]).direction


def _compared(q: Question, sides: Sequence[Predicate]) -> Question:
    """ "Late orders against those on time": the figure of each side, of one alone against all others."""
    if len(sides) == 1:
        return replace(q, sides=(sides[0], Not(sides[0])))
    return replace(q, sides=tuple(sides)) if len(sides) > 1 else q


def of_things(q: Question) -> Question:
    """A list of things by what they are alone: names that limit them are conditions on them, groups make it their number by group."""
    if q.operation != "things" or not (q.entities or q.excluded or q.by or q.grain):
        return q
    only = q.only
    for listed, sign in ((q.entities, "="), (q.excluded, "!=")):
        for dimension in dict.fromkeys(e.dimension for e in listed):
            members = [e for e in listed if e.dimension == dimension]
            path = member_path(members[0], q.things)
            if path is None:
                return replace(q, unknown=(*q.unknown, members[0].label))
            only = both(only, Compare(path, sign, tuple(e.value for e in members)))  # type: ignore[arg-type]
    q = replace(q, only=only, entities=(), excluded=())
    if not (q.by or q.grain):
        return q
    return replace(q, operation="breakdown", metrics=(f"count({q.things})",), things="", ranked_by=None)


def _of_things(kind: str, q: Question, spans: Mapping[str, Sequence[Span]], thing: str, rank_text: str) -> Question:
    """Lists and counts of things: names become conditions on them, a rank an order."""
    only = q.only
    for e, negated in (*((e, False) for e in q.entities), *((e, True) for e in q.excluded)):
        path = member_path(e, thing)
        same = [x for x in (q.excluded if negated else q.entities) if x.dimension == e.dimension]
        one: Predicate | None
        if (lines := with_lines(same, thing)) is not None:
            one = replace(lines, least=0, most=0) if negated else lines
        elif path is not None:
            one = Compare(path, "!=" if negated else "=", tuple(x.value for x in same))
        else:
            one = having(e)
        if one is None or (
            isinstance(one, Did) and lines is None and (negated or "customer" not in (thing, *entity(thing).links.values()))
        ):
            return replace(q, unknown=(*q.unknown, e.label))
        if one not in (only.parts if isinstance(only, All) else (only,)):  # "gold and platinum customers" are of either
            only = both(only, one)
    flagged = _own_flags(spans, thing, only)
    only = both(only, flagged)
    if only is not None and any(getattr(leaf, "done", "") == thing and leaf.most == 0 for leaf in leaves(only)):  # type: ignore[union-attr]
        return replace(q, unknown=(*q.unknown, *(s.text for s in spans.get("c", ()))))  # things that are not there
    if links.things_in(" ".join(s.text for s in spans.get("c", ()))) in ("", thing):
        q, only = _when_done(q, only, thing)
    within = only is not None and q.period is not None and any(_is_within(leaf, q.period) for leaf in leaves(only))
    if within or (q.period is not None and not entity(thing).day):
        q = replace(q, period=None, unknown=q.unknown if within else (*q.unknown, *(s.text for s in spans.get("p", ()))))
    q = replace(q, only=only, things=thing, operation="things" if kind == "list" else None, entities=(), excluded=())
    if kind == "count":
        return replace(q, metrics=(f"count({thing})",), things="")
    if rank_text:
        rank = ranks.read(rank_text, "up")
        path = _ranked_by(rank_text, thing)
        return replace(
            q,
            ranked_by=path,
            limit=rank.limit,
            order="asc" if re.search(r"\b(?:oldest|earliest|first)\b", rank_text) or rank.order == "asc" else "desc",
        )
    if kind == "list" and set(q.by) - {thing}:
        return of_things(replace(q, by=tuple(b for b in q.by if b != thing)))
    return replace(q, by=(), grain=None) if kind == "list" else q


def _when_done(q: Question, only: Predicate | None, thing: str) -> tuple[Question, Predicate | None]:
    """ "Orders placed in october": that a thing has itself says when it came, no more."""
    parts = only.parts if isinstance(only, All) else (only,) if only is not None else ()
    own = [p for p in parts if isinstance(p, Did) and p.done == thing and p.where is None and p.least == 1 and p.most is None]
    if not own or (q.period is not None and any(p.period not in (None, q.period) for p in own)):
        return q, only
    left: Predicate | None = None
    for part in parts:
        left = left if part in own else both(left, part)
    return replace(q, period=q.period or own[0].period), left


def _is_within(leaf: Any, period: Period) -> bool:
    """Whether a condition is about that period already."""
    if getattr(leaf, "period", None) == period:
        return True
    return isinstance(leaf, Compare) and any(
        v in (period.start, period.end, str(period.start), str(period.end)) for v in leaf.values
    )


def _own_flags(spans: Mapping[str, Sequence[Span]], thing: str, only: Predicate | None) -> Predicate | None:
    """States said in the measure itself ("open orders"), where no condition says them."""
    told = str(only)
    made: Predicate | None = None
    for path in links.attributes_in(" ".join(s.text for s in spans.get("m", ())), thing):
        if attribute(path)[1].kind == "flag" and path not in told:
            made = both(made, Compare(path, "=", (True,)))
    return made


def _ranked_by(text: str, thing: str) -> str | None:
    named = [p for p in links.attributes_in(text, thing) if attribute(p)[1].kind in (*NUMBERS, "date")]
    if named:
        return named[0]
    if re.search(r"\b(?:largest|biggest|highest|smallest|lowest|most|top|worth|expensive)\b", text.lower()):
        return conditions.VALUES.get(thing) or None
    return None


def _share_of(q: Question, thing: str) -> Question:
    """ "What share of orders came late": the part of the things for which the condition holds, also where a name says what became of
    them ("ended up as scrap")."""
    states = [(e, path) for e in q.entities if e.dimension in STATES and (path := member_path(e, thing)) is not None]
    for e, path in states:
        q = replace(q, only=both(q.only, Compare(path, "=", (e.value,))), entities=tuple(x for x in q.entities if x != e))
    if (
        isinstance(q.only, Compare)
        and q.only.values == (True,)
        and q.only.op == "="
        and q.only.attribute.split(".")[0] == thing
    ):
        return replace(q, metrics=(f"share({q.only.attribute})",), only=None, operation="breakdown" if q.by else None)
    return replace(q, operation="part", things=thing)


def _per(text: str) -> str | None:
    """What an average is over: "per customer", "in an average month", "avg/wk"."""
    said = [base_form(t.text) for t in tokenise(text.replace("/", " ").replace("-", " "))]
    return next((PER[w] for w in said if w in PER), None)


PER = {
    "customer": "active_customers", "account": "active_customers", "client": "active_customers", "buyer": "active_customers",
    "order": "orders", "invoice": "orders", "day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month",
    "monthly": "month", "quarter": "quarter", "quarterly": "quarter", "year": "year", "yearly": "year", "annual": "year",
}  # fmt: skip


PASSED = (
    (
        re.compile(r"\b(?:exceed(?:s|ed|ing)?|pass(?:es|ed)?|top(?:s|ped)?|beats?|climb(?:ed|s)? (?:to|over)|r[io]se over)$"),
        ">",
    ),
    (re.compile(r"\b(?:fall|fell|falls|dip(?:s|ped)?|drop(?:s|ped)?|sink|sank)(?: to)?$"), "<"),
)
"""Verbs that set a limit by themselves."""


def limit_of(text: str, unit: str) -> tuple[str, float] | None:
    """ "Above 100k", "below 90 %", "at least 3": a sign and a number; a share in per cent is one between 0 and 1."""
    said = [t.text for t in tokenise(text)]
    for at in range(len(said)):
        number = number_at(said, at)
        if number is None or said[at] in ("a", "an"):
            continue
        rest = [n for i in range(number.last + 1, len(said)) if (n := number_at(said, i)) is not None]
        if rest:
            return None  # between two numbers
        before, after = " ".join(said[:at]), " ".join(said[number.last + 1 :])
        sign = next((s for words, s in conditions.MORE.items() if before.endswith(words) and s != "="), None)
        if sign is None and before.endswith(("better than", "worse than")):
            more = unit not in ("days", "hours")  # of a time less is better
            sign = ">" if more == before.endswith("better than") else "<"
        sign = sign or next((s for words, s in PASSED if words.search(before)), None)
        sign = sign or (
            ">="
            if re.match(r"or (?:more|above|higher|better)|plus|and up", after)
            else "<="
            if re.match(r"or (?:less|fewer|below|lower|worse)", after)
            else None
        )
        if sign is None:
            return None
        value = number.value
        if (number.share and unit != "share") or (links.MONEY.search(text) and unit != "money"):
            return None  # a part of something, or money, that the figure is not
        if unit == "share" and value > 1:
            value /= 100
        return sign, value
    return None
