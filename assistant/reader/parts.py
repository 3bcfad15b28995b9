"""The spans of a tagged question, each linked to what it means: measures, names, groups, periods, conditions, and what could not be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from assistant.questions import Choice, Entity
from assistant.reader import conditions, links, near
from assistant.reader.links import Linked
from assistant.reader.measures import NO_THING, bucket_in, measures_in, one_metric
from assistant.reader.names import kinds_said, names_in, names_inside, own_value
from assistant.reader.one_condition import OWNERS, any_condition, by_grammar, one_condition
from assistant.reader.period_forms import period_of
from assistant.reader.spans import Workspace, groups_missed, joined
from assistant.reader.tagged import Span, Spans
from assistant.reader.together import groups_described, with_their_numbers, with_their_things, with_their_times
from assistant.understand import lexicon
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.predicates import All, Compare, Did, Either, Not, Predicate, both, compared, leaves
from knowledge.records import Grain, Period

AGAINST_BEFORE = re.compile(
    r"\b(?:period|month|quarter|year|week) before\b|\bbefore that\b|\bprior period\b|\bpreceding\b", re.IGNORECASE
)


AGAINST_YEAR = re.compile(
    r"\b(?:a|one|the) year (?:ago|earlier|before)\b|\blast year\b|\bprior year\b|\bprevious year\b|\bPY\b|\bLY\b|\byoy\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parts:
    """What the spans of a text mean, each by itself; `rank` and `limit` are as typed, `unknown` what could not be linked."""

    spans: Mapping[str, Sequence[Span]]
    unknown: tuple[str, ...]
    period: Period | None = None
    compare_to: Period | None = None
    entities: tuple[Entity, ...] = ()
    excluded: tuple[Entity, ...] = ()
    choices: tuple[Choice, ...] = ()
    asked: str = ""
    measures: tuple[Linked, ...] = ()
    thing: str = ""
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    sides: tuple[Predicate, ...] = ()
    rank: str = ""
    limit: str = ""

    @property
    def only(self) -> Predicate | None:
        """The conditions together."""
        return together(self.sides)


def parts_of(text: str, tagged: Spans, where: Workspace, kind: str, home: str = "") -> Parts:
    """Each span linked to what it means. `home` is the entity that conditions are about where the text names none."""
    spans: dict[str, list[Span]] = {}
    for span in (*joined(text, tagged.spans), *groups_missed(kind, tagged)):
        against = span.role == "g" and AGAINST_YEAR.fullmatch(span.text.strip())
        spans.setdefault("q" if against and kind.startswith(("growth", "compare")) else span.role, []).append(span)
    unknown: list[str] = []
    with_their_things(text, spans)
    with_their_numbers(text, spans, where)
    with_their_times(text, spans, where)
    groups_described(spans, where)
    bucket = _bucket_said(spans)
    period, compare_to = _periods(spans, where, unknown, bucket)
    own = _of_own(text, "c" if kind.startswith("compare") else "nc", spans, where)
    entities, choices, asked = names_in(spans.get("n", ()), where, unknown)
    entities = (*entities, *_other_side(entities, spans, where)) if kind.startswith("compare") else entities
    excluded, more, asked_too = names_in(spans.get("x", ()), where, unknown)
    stated: list[Predicate] = [*own]
    measures, thing = measures_in(kind, spans, where, unknown, stated)
    unknown, inside = names_inside(unknown, where)
    by, grain, unread = (
        links.groups_in(" and ".join(s.text for s in spans.get("g", ())), [m.name for m in measures], where.nearest)
        if spans.get("g")
        else ((), None, ())
    )
    unknown += unread
    if grain == "day" and any(attribute(b)[1].name == "weekday" for b in by if "." in b):
        grain = None
    if not (thing or measures) and kind in ("list", "count", "share") and (told := _thing_of(spans, inside, where)):
        thing = told
        unknown = [
            u for u in unknown if u not in (NO_THING, *(s.text for s in spans.get("m", ()) if not links.things_in(s.text)))
        ]
    grain = grain or bucket_in(spans) if kind in ("trend", "value", "extreme over time") else grain
    home = thing or (links.home_of(measures[0].name) if measures else home or "customer")
    beside = "".join(" " if any(s.start <= i < s.end for s in spans.get("n", ())) else c for i, c in enumerate(text))
    kinds = kinds_said(beside, home, where)
    stated += [one for _, one in kinds if one not in stated]
    unknown = [u for u in unknown if u not in {noun for noun, _ in kinds}]
    stated += _said_as_names(spans.get("n", ()), home, period, where, unknown)
    told = " ".join(s.text for s in spans.get("c", ()))
    _parted(text, spans, tagged, home, where)
    sides = (*stated, *(_of_kind(c, told, where) for c in _conditions(spans.get("c", ()), home, by, period, where, unknown)))
    unknown, within = names_inside(unknown, where)
    unknown = [u for u in unknown if not links.done_by({e.dimension for e in entities}, u)]
    entities = tuple(dict.fromkeys((*entities, *inside, *within)))
    return Parts(
        spans, tuple(unknown), period, compare_to, entities, excluded, (*choices, *more)[:3], asked or asked_too, measures, thing, by, grain, sides,
        " ".join(s.text for s in spans.get("k", ())), " ".join(s.text for s in spans.get("t", ())),
    )  # fmt: skip


def _other_side(entities: Sequence[Entity], spans: dict[str, list[Span]], where: Workspace) -> tuple[Entity, ...]:
    """ "Large against small": members of the kind that one is compared with which were not taken for names; they leave their spans."""
    if len(entities) != 1:
        return ()
    tokens = tokenise(where.text)
    found = []
    for match in where.vocabulary.find(tokens, [True] * len(tokens)):
        fits = [e for e in match.entities if e.dimension == entities[0].dimension and e.value != entities[0].value]
        start, end = tokens[match.first].start, tokens[match.last].end
        beside = where.text[end : entities[0].start] if end <= entities[0].start else where.text[entities[0].end : start]
        if len(fits) == 1 and (ON.search(f" {beside} ") or EITHER.search(f" {beside} ")):
            found.append(replace(fits[0], start=start, end=end))
            for role in "gcmk":
                spans[role] = [s for s in spans.get(role, ()) if not (start <= s.start and s.end <= end)]
    return tuple(found[:1])


EITHER = re.compile(r"\b(?:or|and|than|to|with)\b", re.IGNORECASE)


def _of_own(text: str, roles: str, spans: dict[str, list[Span]], where: Workspace) -> list[Predicate]:
    """What names and conditions (`roles`) say of the things' own ("in negotiation"), which leaves the spans."""
    said = " ".join(s.text for role in "mg" for s in spans.get(role, ()))
    thing = links.only_noun_in(said) or links.only_noun_in(text)
    if not thing and (measured := [m for m in links.metrics_in(said) if m.by_words]):
        thing = links.home_of(measured[0].name)
    made: list[Predicate] = []
    for role in roles:
        for span in list(spans.get(role, ())):
            one = own_value(span.text, thing, where)
            if one is not None:
                made.append(one)
                spans[role].remove(span)
    return made


def _of_kind(condition: Predicate, text: str, where: Workspace) -> Predicate:
    """What somebody did, of the kind that the nouns say ("without any visit")."""
    if not isinstance(condition, Did):
        return condition
    kinds = [one for _, one in kinds_said(text, condition.done, where)]
    said = {c.attribute for c in compared(condition.where)}
    if len(kinds) != 1 or kinds[0].attribute in said:
        return condition
    return replace(condition, where=both(condition.where, kinds[0]))


def _parted(text: str, spans: dict[str, list[Span]], tagged: Spans, home: str, where: Workspace) -> None:
    """ "With lumpy demand" "that we still make to stock": neighbours that were joined and that each are a plain condition stand for
    themselves."""
    around = conditions.Around(where.calendar, where.vocabulary, None, lambda _: None)
    made: list[Span] = []
    for span in spans.get("c", ()):
        pieces = [s for s in tagged.spans if s.role == "c" and span.start <= s.start and s.end <= span.end]
        if len(pieces) > 1:  # what was joined to the last one, a time or a noun, stays with it
            last = replace(pieces[-1], end=span.end, text=text[pieces[-1].start : span.end])
            pieces = [*pieces[:-1], last]
        plain = len(pieces) > 1 and all(one_condition(p.text, (home,), around, where, None) is not None for p in pieces)
        made += pieces if plain else [span]
    if made:
        spans["c"] = made


def _thing_of(spans: Mapping[str, Sequence[Span]], named: Sequence[Entity], where: Workspace) -> str:
    """What is listed or counted where no noun says it: what the condition is about ("solved within a day"), or what the names are
    members of ("champions")."""
    said = " ".join(s.text for s in spans.get("c", ()))
    found = near.meant(said, OWNERS, where.nearest, where.calendar, None) if said else None
    if found:
        return found[0]
    unknown: list[str] = []
    members = (*names_in(spans.get("n", ()), where, unknown)[0], *named)
    kinds = {e.dimension for e in members}
    return next((of for of in ("customer", "product") if kinds and kinds <= set(entity(of).attributes)), "")


def together(sides: Sequence[Predicate]) -> Predicate | None:
    """Conditions that all hold, as one; None without any."""
    made: Predicate | None = None
    for side in sides:
        made = both(made, side)
    return made


def _bucket_said(spans: Mapping[str, Sequence[Span]]) -> str:
    """The unit of time by which a figure is cut, for "the last 12"."""
    said = (t.text for s in spans.get("g", ()) for t in tokenise(s.text))
    return next((str(lexicon.GRAIN_WORDS[w]) for w in said if w in lexicon.GRAIN_WORDS), "month")


def _periods(
    spans: Mapping[str, Sequence[Span]], where: Workspace, unknown: list[str], bucket: str
) -> tuple[Period | None, Period | None]:
    told: list[Period] = []
    for span in spans.get("p", ()):
        if NOW.fullmatch(span.text.strip()):
            continue
        said = f"{span.text} {bucket}s" if BARE_COUNT.fullmatch(span.text.strip()) else span.text
        found = period_of(said, where.calendar)
        if found is not None:
            told.append(found)
        elif pair := _one_on_another(said, where):
            told += pair
        else:
            unknown.append(span.text)
    period = told[0] if told else None
    against = told[1] if len(told) > 1 else None
    for span in spans.get("q", ()):
        anchored = replace(where.calendar, anchor=period) if period else where.calendar
        found = period_of(span.text, anchored)
        if found is None and period is not None and AGAINST_YEAR.search(span.text):
            found = _year_before(period)
        if found is None and period is not None and BARE_LAST.fullmatch(span.text.strip()):
            found = _year_before(period) if period.days > 93 else _before(period)
        if found is None and period is not None:
            found = _before(period) if AGAINST_BEFORE.search(span.text) else None
        if found is None:
            unknown.append(span.text)
        against = found or against
    return period, against


def _one_on_another(text: str, where: Workspace) -> tuple[Period, Period] | None:
    """ "2025 on 2024", "the last 12 months on the 12 before": a period and the one that it is set against."""
    sides = ON.split(text, maxsplit=1)
    one = period_of(sides[0], where.calendar) if len(sides) == 2 else None
    if one is None:
        return None
    two = period_of(sides[1], replace(where.calendar, anchor=one))
    two = two or (_before(one) if BEFORE_IT.fullmatch(sides[1].strip()) else None)
    return (one, two) if two is not None else None


ON = re.compile(r"\s+(?:on|over|vs\.?|versus|against|compared (?:to|with)|relative to)\s+", re.IGNORECASE)
BEFORE_IT = re.compile(r"(?:the )?(?:\d+ |same |one |ones |period |months? |weeks? |days? |quarters? |years? )*(?:before|earlier|prior)(?: (?:it|that|those))?", re.IGNORECASE)  # fmt: skip


NOW = re.compile(
    r"right|(?:since|from) (?:the )?(?:launch|start|beginning|first day|inception)(?: of (?:the |our )?(?:records?|data|time|history|recording))?|"
    r"(?:as of |at |of )?(?:right |just )?(?:now|today|the moment|present|this moment)|currently|at the moment|these days|(?:in|over)? ?all(?: time)?|ever|overall|so far|to date",
    re.IGNORECASE,
)
"""Times that limit nothing."""


BARE_COUNT = re.compile(r"(?:the )?(?:last|past|previous) \d+", re.IGNORECASE)


BARE_LAST = re.compile(r"(?:the )?(?:last|previous|prior|before|one before|last one|previous one)", re.IGNORECASE)


def _before(period: Period) -> Period:
    """As many days just before."""
    return Period(period.start - timedelta(days=period.days), period.start - timedelta(days=1))


def _year_before(period: Period) -> Period:
    from assistant.spans import a_year_before

    return a_year_before(period)


def _said_as_names(
    spans: Sequence[Span], home: str, period: Period | None, where: Workspace, unknown: list[str]
) -> list[Predicate]:
    """ "Strategic", "members": what was taken for a name that the workspace does not have, and is a condition."""
    around = conditions.Around(where.calendar, where.vocabulary, period, lambda _: None)
    made = []
    for span in spans:
        read = by_grammar(span.text, (home,), around) if span.text in unknown else None
        if read is not None:
            made.append(read)
            unknown.remove(span.text)
    return made


def _conditions(
    spans: Sequence[Span], home: str, by: Sequence[str], period: Period | None, where: Workspace, unknown: list[str]
) -> tuple[Predicate, ...]:
    """Each condition as a predicate, about the first entity that makes sense of it."""
    around = conditions.Around(where.calendar, where.vocabulary, period, lambda text: one_metric(text, where))
    made: list[Predicate] = []
    before = ""
    for span in spans:
        if CAME_ABOUT.fullmatch(span.text.strip()):
            continue  # the period is that of the thing's own date
        own = conditions.head_of(span.text, around) or (before if MORE_OF_THEM.search(span.text) else "")
        before = own or before
        first = own or home
        others = (*(b for b in by if b in ("customer", "product")), home, *OWNERS)
        homes = tuple(dict.fromkeys((first, *others)))
        said = MORE_OF_THEM.sub(" ", span.text)
        read = any_condition(said, homes, around, where, period)
        if read is None:
            unknown.append(span.text)
        else:
            made.append(_of_its_lines(read, home))
    lost = [s.text for s in spans if s.text in unknown]
    if lost and (whole := _of_what_they_have(spans, home, around, where, period)) is not None:
        unknown[:] = [u for u in unknown if u not in lost]
        return (whole,)
    return tuple(made)


def _of_what_they_have(
    spans: Sequence[Span], home: str, around: conditions.Around, where: Workspace, period: Period | None
) -> Predicate | None:
    """ "Articles under safety stock" "with nothing on order": conditions that one thing of another kind, which a thing has, must meet
    together; None where it is not of one kind that they all speak."""
    for other in (*OWNERS, "stock"):
        if home in entity(other).links.values():
            pieces = [p for s in spans for p in JOINTS.split(s.text) if p.strip()]
            read = [one_condition(p, (other,), around, where, period) for p in pieces]
            own = [p for p in read if p is not None and all(_speaks_of(leaf, other) for leaf in leaves(p))]
            if len(own) == len(pieces):
                return Did(home, other, together(own))
    return None


JOINTS = re.compile(r"\s*,?\s*\b(?:and|but|with)\b\s*", re.IGNORECASE)


def _speaks_of(leaf: object, of: str) -> bool:
    return isinstance(leaf, Compare) and leaf.attribute.split(".")[0] == of


def of_lines(read: Predicate) -> Predicate:
    """What is said of orders that their lines can be as well ("shipped short"), of the lines where these are spoken of."""
    if isinstance(read, All | Either):
        return replace(read, parts=tuple(of_lines(p) for p in read.parts))
    if isinstance(read, Not):
        return Not(of_lines(read.part))
    if isinstance(read, Compare) and read.attribute.startswith("order."):
        name = read.attribute.removeprefix("order.")
        known = entity("line").attributes.get(name)
        if known is not None and known.kind == "flag":
            return replace(read, attribute=f"line.{name}")
    return read


def _of_its_lines(read: Predicate, home: str) -> Predicate:
    """What is said of products, where orders are spoken of, as a condition on the orders: that they have such a line."""
    one = read.part if isinstance(read, Not) else read
    if home == "line":
        return of_lines(read)
    if home != "order" or not isinstance(one, Compare) or one.attribute.split(".")[0] != "product":
        return read
    denied = isinstance(read, Not) or one.op == "!="
    said = replace(one, op="=") if one.op == "!=" else one
    return Did("order", "line", said, least=0, most=0) if denied else Did("order", "line", said)


CAME_ABOUT = re.compile(
    r"(?:(?:that|which|were|was|been|got|newly|being) )*(?:opened|created|raised|logged|filed)", re.IGNORECASE
)
MORE_OF_THEM = re.compile(r"\b(?:ones|one(?=\s*$)|those|them)\b", re.IGNORECASE)
"""Words that stand for the noun said before."""
