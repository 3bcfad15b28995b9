"""From a tagged question to a Question: spans are linked to records, conditions read, and what cannot be linked is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.questions import Entity, Question
from assistant.reader import conditions, links, ranks
from assistant.reader.in_order import in_order
from assistant.reader.kinds import limit_of, of_things, settled_as
from assistant.reader.measures import OF_NAMES, of_comments
from assistant.reader.names import member_path, names_in
from assistant.reader.parts import Parts, parts_of, together
from assistant.reader.reach import reached, tellable
from assistant.reader.spans import THE_REST, Workspace, joined
from assistant.reader.tagged import Marked, Span, Spans
from assistant.understand import lexicon
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute, entities
from knowledge.entities.model import NUMBERS
from knowledge.entities.predicates import All, Compare, Not, Predicate, both, leaves
from knowledge.metrics import find

OPERATIONS: Mapping[str, str | None] = {
    "value": None, "several figures": None, "forecast": None, "what-if": None, "target gap": None, "breakdown": "breakdown", "two dimensions": "breakdown", "rank": "rank", "ordinal": "rank",
    "extreme over time": "rank", "trend": "trend", "compare periods": "compare", "compare members": "compare", "compare conditions": None,
    "share": "share", "growth": "growth", "growth rank": "growth", "distribution": "distribution", "threshold on groups": "rank",
    "average per": "ratio", "list": "things", "count": None, "why": "why", "themes": "themes", "quotes": "quotes", "define": "define",
    "how computed": "define", "attribute of one": None, "account status": "brief", "brief": "brief", "advise": "advise", "who is": "who", "stock": "stock", "rising themes": "themes",
}  # fmt: skip
"""What the tagger's kinds of question are to the plan."""


def assemble(text: str, tagged: Spans, where: Workspace) -> Question | None:
    """The Question that the spans amount to as the likeliest kind that they make whole; `unknown` names the spans that could not be
    linked as the likeliest kind of all. None for kinds of question that are not put together from spans."""
    if tagged.op and tagged.op[0][0] == "where is it":
        return _where_is_it(text, tagged, where)
    if not tagged.op or len(tagged.spans) > MOST_SPANS:
        return None
    if tagged.op[0][0] in OF_RECORDS and (placed := in_order(text, tagged, where, as_kind)) is not None:
        return placed
    if tagged.op[0][0] in OF_ONE and (fact := _fact_of_one(text, tagged, where)) is not None:
        return fact
    if tagged.op[0][0] not in OPERATIONS:
        return None
    first: Question | None = None
    kinds = dict(tagged.op)
    if tagged.op[0][0] in ("several figures", "value") and HOW_MANY.match(text) and kinds.get("count", 0.0) >= MAY_BE:
        counted = as_kind("count", text, tagged, where)
        if counted.metrics and not counted.unknown and not counted.choices:
            return counted
    for kind, sure in tagged.op:
        if sure < MAY_BE or (first is not None and (kind not in OPERATIONS or kind in OF_NAMES or not fits(kind, tagged))):
            break
        if kind == "average per" and not AVERAGED.search(text):
            continue
        made = as_kind(kind, text, tagged, where)
        if not made.unknown and not made.choices:
            return made
        first = first or made
    return first


HOW_MANY = re.compile(r"(?:and |so |but )?(?:how many|number of|count (?:of|the))\b", re.IGNORECASE)


def _fact_of_one(text: str, tagged: Spans, where: Workspace) -> Question | None:
    """ "Is X a strategic account", "in what unit do we sell Y": what the record holds of one thing that is named, where nothing else is
    said; None where it is no fact of it, or where a figure is called so."""
    unknown: list[str] = []
    spans = joined(text, tagged.spans)
    entities, choices, _ = names_in([s for s in spans if s.role == "n"], where, unknown)
    asked = [s for s in spans if s.role in "mg" and not _only_asks(s.text)]
    if len(entities) != 1 or choices or unknown or any(s.role not in "mgn" for s in spans):
        return None
    one = entities[0]
    since = links.fact_in("customer since", ("customer",), None) if SINCE_WHEN.search(text) else None
    if one.dimension == "customer" and since is not None:
        return Question(text, "facts", things="customer", facts=(since,), only=Compare("customer.id", "=", (one.value,)))
    if not asked or one.dimension not in ("customer", "product"):
        return None
    if (owned := _fact_of_what_it_has(text, asked, one)) is not None:
        return owned
    paths = []
    for span in asked:
        if any(m.by_words and not m.left for m in links.metrics_in(span.text)):
            return None
        by_meaning = where.nearest if tagged.op[0][0] != "who is" else None  # "who owns it" is a person, whatever is near to it
        path = links.fact_in(span.text, (one.dimension,), by_meaning) or _named_in(span.text, one.dimension)
        if path is None:
            return None
        paths.append(path)
    only = Compare(f"{one.dimension}.id", "=", (one.value,))
    return Question(text, "facts", things=one.dimension, facts=tuple(dict.fromkeys(paths)), only=only)


SINCE_WHEN = re.compile(
    r"\bsince when\b|\bhow long has\b.* been (?:a |our )?(?:customer|client)\b|\bcustomer since\b", re.IGNORECASE
)


def _fact_of_what_it_has(text: str, asked: Sequence[Span], one: Entity) -> Question | None:
    """ "When does our contract with X end": a fact of the things of another kind that the one named has, where it has them by name."""
    of = links.only_noun_in(" ".join(s.text for s in asked)) or links.only_noun_in(text)
    if of in ("", one.dimension, "order") or one.dimension not in entities()[of].links.values():
        return None
    said = " ".join(w for w in text[: one.start].split() + text[one.end :].split())
    paths = [
        p
        for p in links.attributes_in(said, of)
        if attribute(p)[1].kind in ("date", "text", *NUMBERS) and attribute(p)[1].name != "id"
    ]
    left = [w for s in asked for w in links.left_of(s.text, paths[0])] if paths else []
    if len(set(paths)) != 1 or any(w not in links.ASKING and w not in conditions.EMPTY for w in left):
        return None
    return Question(
        text, "facts", things=of, facts=tuple(dict.fromkeys(paths)), only=Compare(f"{one.dimension}.id", "=", (one.value,))
    )


def _only_asks(text: str) -> bool:
    return all(
        t.text in links.ASKING or t.text in links.EMPTY or t.text in ("in", "is", "what", "which") for t in tokenise(text)
    )


def _named_in(text: str, thing: str) -> str | None:
    """The one attribute that words name, whatever verbs stand around it ("what unit do we sell")."""
    named = [p for p in links.attributes_in(text, thing) if attribute(p)[1].name != "id"]
    return named[0] if len(set(named)) == 1 else None


def _where_is_it(text: str, tagged: Spans, where: Workspace) -> Question | None:
    """An order by its number."""
    parts = parts_of(text, tagged, where, "attribute of one")
    one = next((e for e in parts.entities if e.dimension == "order"), None)
    if one is None or len(parts.entities) > 1 or parts.choices:
        return None
    return Question(text, "order", order_id=one.value, unknown=parts.unknown)


OF_RECORDS = frozenset(
    ("list", "ordinal", "rank", "attribute of one", "value", "quotes", "who is", "distribution", "where is it")
)
"""Kinds of questions that may be of records by their place in an order."""
LAST_WHERE = re.compile(r"\blast (day|week|month|quarter|year) (?:where|when|in which|that|with)\b", re.IGNORECASE)
"""The last of the buckets for which something holds, no period."""
AVERAGED = re.compile(
    r"\b(?:averages?|avg|mean|typical|typically|per|each|every|a (?:day|week|month|quarter|year|customer|head))\b",
    re.IGNORECASE,
)
SURELY = 0.8
OF_COMMENTS = frozenset(("themes", "quotes", "rising themes"))
"""Kinds of questions whose conditions are about comments."""
OF_ONE = frozenset(("is it true", "stock", "who is", "distribution", "attribute of one", "where is it", "value"))
"""Kinds of questions that may ask what is known of one thing that is named."""
MOST_SPANS = 20
"""What says more is no one question."""
MAY_BE = 0.15
"""A kind of question that is less likely is not tried."""


NEEDS: Mapping[str, str] = {
    "compare conditions": "c", "compare members": "n", "two dimensions": "g", "breakdown": "g", "threshold on groups": "t", "rank": "g", "growth rank": "g",
}  # fmt: skip
"""The role without which a kind is not meant, where another is likelier."""


def fits(kind: str, tagged: Spans) -> bool:
    """Whether the spans have what a question of that kind cannot do without."""
    return kind not in NEEDS or any(s.role == NEEDS[kind] for s in tagged.spans)


def as_kind(kind: str, text: str, tagged: Spans, where: Workspace) -> Question:
    """The Question that the spans amount to as that kind."""
    if kind in ("list", "count") and (limited := _buckets_limited(tagged)) is not None:
        kind, tagged = "threshold on groups", Marked(text, limited, tuple(tagged.op))
    if kind == "threshold on groups" and (of_each := _money_of_each(tagged)) is not None:
        kind, tagged = "breakdown", Marked(text, of_each, tuple(tagged.op))
    if kind == "threshold on groups" and (unit := LAST_WHERE.search(text)) is not None:
        spans = [s for s in tagged.spans if s.end <= unit.start() or s.start >= unit.end()]
        tagged = Marked(text, (Span("g", *unit.span(1), unit[1]), *spans), tuple(tagged.op))
    if kind in OF_COMMENTS and not of_comments(text) and dict(tagged.op).get(kind, 0.0) < SURELY:
        return Question(text, unknown=(text,))
    parts = parts_of(text, tagged, replace(where, text=text), kind, "comment" if kind in OF_COMMENTS else "")
    apart_said = kind in ("value", "several figures", "target gap") and SIDE_BY_SIDE.search(text) is not None
    if (apart_said or (kind == "compare conditions" and not parts.sides)) and _of_one_kind(parts.entities):
        kind = "compare members"
    question = Question(
        text=text, operation=OPERATIONS[kind], metrics=tuple(dict.fromkeys(m.name for m in parts.measures)), entities=parts.entities, by=parts.by, period=parts.period,  # type: ignore[arg-type]
        compare_to=parts.compare_to, grain=parts.grain, choices=parts.choices, excluded=parts.excluded, unknown=parts.unknown, asked=parts.asked,
        only=parts.only if kind != "compare conditions" else None,
    )  # fmt: skip
    question = since_when(reached(tellable(question, parts, where)), parts.thing)
    if (apart := _against_the_rest(question, parts, where)) is not None:
        return apart
    if kind == "rank" and (listed := _things_by_rank(text, parts, where)) is not None:
        return listed
    if kind == "list" and (ranking := _ranked_by_condition(text, parts, where)) is not None:
        return ranking
    made = settled_as(kind, where.calendar.today, question, parts.spans, parts.thing, parts.sides, where.nearest)
    made = _of_all(made)
    held = [s for role in "ctpqn" for s in parts.spans.get(role, ())]
    asks_part = any(not any(s.start <= m.start() < s.end for s in held) for m in PART_OF.finditer(text))
    if not asks_part or made.operation in ("share", "part"):
        return made
    return _share_in_a_state(made) or replace(made, percent=True)


def _share_in_a_state(q: Question) -> Question | None:
    """ "What proportion of order lines arrived damaged, for each category": the share of the things that are in the state that is said
    of them themselves; None where none is, or several are."""
    thing = links.only_a_noun(find(q.metrics[0]).label) if len(q.metrics) == 1 else ""
    if not thing or find(q.metrics[0]).unit != "count" or q.only is None:
        return None
    parts = q.only.parts if isinstance(q.only, All) else (q.only,)
    states = [p for p in parts if isinstance(p, Compare) and p.values == (True,) and p.attribute.split(".")[0] == thing]
    if len(states) > 1:  # of those delivered the part that was late
        states = [p for p in states if not attribute(p.attribute)[1].when]
    if len(states) != 1 or attribute(states[0].attribute)[1].kind != "flag":
        return None
    rest = together([p for p in parts if p != states[0]])
    return replace(q, metrics=(f"share({states[0].attribute})",), only=rest)


SIDE_BY_SIDE = re.compile(
    r"\b(?:side by side|next to (?:each|one an)other|each of|respectively|head to head|separately)\b", re.IGNORECASE
)


def _of_one_kind(entities: Sequence[Entity]) -> bool:
    return len(entities) > 1 == len({e.dimension for e in entities})


def _of_all(q: Question) -> Question:
    """The share of things in a state is of all of them, not of those in it."""
    if len(q.metrics) != 1 or not q.metrics[0].startswith("share(") or q.only is None:
        return q
    state = Compare(q.metrics[0].removeprefix("share(").rstrip(")"), "=", (True,))
    parts = q.only.parts if isinstance(q.only, All) else (q.only,)
    return replace(q, only=together([p for p in parts if p != state]))


REST = re.compile(THE_REST, re.IGNORECASE)


def _buckets_limited(tagged: Spans) -> tuple[Span, ...] | None:
    """ "Which weeks had more than 700 orders": days, weeks or months that keep to a limit are no list of orders; the spans as such."""
    buckets = [s for s in tagged.spans if s.role in "gm" and links.only_a_bucket(s.text)]
    limits = [s for s in tagged.spans if s.role in "ct" and limit_of(s.text, "") is not None]
    if len(buckets) != 1 or len(limits) != 1 or buckets[0].start > limits[0].start:
        return None
    return tuple(replace(s, role="g" if s == buckets[0] else "t" if s == limits[0] else s.role) for s in tagged.spans)


def _money_of_each(tagged: Spans) -> tuple[Span, ...] | None:
    """ "Phone orders above $5,000 by carrier": money is no limit on how many there are, but on what each of them comes to."""
    limits = [s for s in tagged.spans if s.role == "t"]
    counted = [s for s in tagged.spans if s.role == "m"]
    if (
        len(limits) != 1
        or len(counted) != 1
        or not links.MONEY.search(limits[0].text)
        or not links.only_a_noun(counted[0].text)
    ):
        return None
    return tuple(replace(s, role="c") if s == limits[0] else s for s in tagged.spans)


def _against_the_rest(q: Question, parts: Parts, where: Workspace) -> Question | None:
    """ "Margin of europe against everyone else": the figure of those that are named and that of all others; None where nothing is set
    against the rest, or the figure's things are not told apart by it."""
    rest = [s.text for s in parts.spans.get("n", ()) if REST.fullmatch(s.text)]
    dimensions = {e.dimension for e in q.entities}
    if rest and q.metrics and not dimensions and len(parts.sides) == 1:
        left = tuple(u for u in q.unknown if u not in rest)
        return replace(q, operation=None, only=None, sides=(parts.sides[0], Not(parts.sides[0])), unknown=left)
    if not rest or len(dimensions) != 1 or not q.metrics:
        return None
    path = member_path(q.entities[0], links.home_of(q.metrics[0]))
    if path is None:
        return None
    those = Compare(path, "=", tuple(e.value for e in q.entities))
    left = tuple(u for u in q.unknown if u not in rest)
    others = both(_among(rest[0], links.home_of(q.metrics[0]), where), Not(those))
    sides = tuple(part for side in (those, others) if (part := both(parts.only, side)) is not None)
    return replace(q, operation=None, entities=(), by=(), only=None, sides=sides, unknown=left)


def _among(rest: str, home: str, where: Workspace) -> Predicate | None:
    """ "Other aerospace customers": of which kind all others are; None where they are of any."""
    tokens = tokenise(rest)
    members = [m.entities[0] for m in where.vocabulary.find(tokens, [True] * len(tokens)) if m.entities]
    paths = [(member_path(e, home), e.value) for e in members]
    return together([Compare(path, "=", (value,)) for path, value in paths if path is not None])


PART_OF = re.compile(r"\b(?:share|percent\w*|proportion|portion)\b|%", re.IGNORECASE)
"""What is said of a figure that is to be a part of a whole; an answer without one says that it is not."""


def _ranked_by_condition(text: str, parts: Parts, where: Workspace) -> Question | None:
    """ "Which products get sent back the most": a list by what a condition says most of is a ranking by that figure."""
    by = links.only_a_noun(" ".join(s.text for s in (*parts.spans.get("m", ()), *parts.spans.get("g", ()))))
    said = next(
        (
            s.text
            for s in parts.spans.get("c", ())
            if s.text in parts.unknown and any(ranks.says(t.text) for t in tokenise(s.text))
        ),
        "",
    )
    if by not in ("customer", "product") or not said:
        return None
    words = [t.raw for t in tokenise(said)]
    figure = " ".join(w for w in words if not ranks.says(w.lower()) and w.lower() not in ("the", "get", "gets", "got"))
    linked = links.metrics_in(figure, where.nearest)
    if len(linked) != 1 or linked[0].left or links.WHERE in linked[0].name or by not in find(linked[0].name).dimensions:
        return None
    rank = ranks.read(said, find(linked[0].name).direction)
    return Question(
        text, "rank", (linked[0].name,), entities=parts.entities, excluded=parts.excluded, by=(by,), period=parts.period, order=rank.order,
        limit=rank.limit, ranked=True, unknown=tuple(u for u in parts.unknown if u != said), choices=parts.choices, asked=parts.asked,
    )  # fmt: skip


def _things_by_rank(text: str, parts: Parts, where: Workspace) -> Question | None:
    """ "Top 5 members by points": things of a kind in the order of what is known of them; None of what figures are cut by."""
    said = " ".join(s.text for s in parts.spans.get("g", ()))
    thing = links.only_a_noun(said) if said else ""
    if not thing or thing in lexicon.DIMENSION_WORDS:
        return None
    path = links.fact_in(" ".join(s.text for s in parts.spans.get("m", ())), (thing,), where.nearest)
    if path is None or attribute(path)[1].kind not in (*NUMBERS, "date"):
        return None
    rank = ranks.read(parts.rank, "up")
    unknown = tuple(
        u for u in parts.unknown if u not in {s.text for s in (*parts.spans.get("m", ()), *parts.spans.get("g", ()))}
    )
    listed = Question(
        text, "things", things=thing, entities=parts.entities, excluded=parts.excluded, only=parts.only, period=parts.period,
        ranked_by=path, order=rank.order, limit=rank.limit, ranked=True, unknown=unknown, choices=parts.choices, asked=parts.asked,
    )  # fmt: skip
    return of_things(listed)


def since_when(q: Question, thing: str) -> Question:
    """The question with its period as that of the state that is asked for: tickets solved in September were solved then, whenever they
    came in."""
    written = [m for m in q.metrics if "(" in m]
    of = thing or (written[0].split("(")[1].split(".")[0].rstrip(")") if len(written) == 1 == len(q.metrics) else "")
    if q.period is None or q.grain or q.compare_to is not None or of not in entities():
        return q
    flags = [
        leaf for leaf in (leaves(q.only) if q.only is not None else ()) if isinstance(leaf, Compare) and leaf.values == (True,)
    ]
    dates = [
        known.when for leaf in flags if (known := attribute(leaf.attribute)[1]).when and leaf.attribute.startswith(f"{of}.")
    ]
    if len(dates) != 1:
        return q
    path = f"{of}.{dates[0]}"
    within = both(Compare(path, ">=", (q.period.start,)), Compare(path, "<=", (q.period.end,)))
    return replace(q, only=both(q.only, within), period=None)
