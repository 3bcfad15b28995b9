"""How a figure reaches what a question limits it by: through the orders of its rows, the lines of its orders, what its customers have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache

from assistant.questions import Question
from assistant.reader import links
from assistant.reader.kinds import of_things
from assistant.reader.names import having, member_path, with_lines
from assistant.reader.nouns import stems
from assistant.reader.parts import Parts
from assistant.reader.spans import Workspace
from assistant.understand import lexicon
from assistant.understand.entities import SOFT
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import entities, shipped
from knowledge.entities.predicates import Compare, both
from knowledge.metrics import find


def reached(q: Question) -> Question:
    """The question with names by which its figures are not cut as conditions on the customers that have them ("Yard Club members")."""
    if q.operation in ("themes", "quotes"):
        return _of_members(q, set(find("feedback_count").dimensions))
    q = _in_its_words(q) if len(q.metrics) == 1 else q
    if len(q.metrics) == 1 and links.home_of(q.metrics[0]) == "order":
        q = _with_lines(q)
    if len(q.metrics) == 1 and "(" in q.metrics[0]:
        return _of_their_own(q, links.home_of(q.metrics[0]))
    if not q.metrics or "(" in q.metrics[0] or not {"customer"} <= set(find(q.metrics[0]).dimensions):
        return q
    q = _of_their_orders(q)
    return _of_members(q, set(find(q.metrics[0]).dimensions))


def _of_members(q: Question, own: Collection[str]) -> Question:
    """The question with what customers only have (a membership) as a condition on them."""
    for e in q.entities:
        had = having(e) if e.dimension not in own else None
        if had is None:
            continue
        q = replace(
            q,
            only=both(q.only, had),
            entities=tuple(x for x in q.entities if x != e),
            by=tuple(b for b in q.by if b != e.dimension),
        )
    return q


def not_of_themes(q: Question, where: Workspace) -> Question:
    """The question without themes of comments by which its figures are never cut: "web shop" is then a channel and one word more.

    A theme in whose name there is no other is named as not known."""
    if not q.metrics or any("theme" in find(m).dimensions for m in q.metrics):
        return q
    for theme in [e for e in q.entities if e.dimension == "theme"]:
        tokens = tokenise(q.text[theme.start : theme.end])
        inner = [m for part in (tokens[:-1], tokens[1:]) for m in where.vocabulary.find(part, [True] * len(part))]
        found = next((e for m in inner for e in m.entities if e.dimension not in SOFT), None)
        rest = tuple(e for e in q.entities if e != theme)
        if found is None:
            q = replace(q, entities=rest, unknown=(*q.unknown, q.text[theme.start : theme.end] or theme.label))
        else:
            placed = replace(found, start=theme.start + found.start, end=theme.start + found.end)
            q = replace(q, entities=(*rest, placed))
    return q


def _with_lines(q: Question) -> Question:
    """The question with products by which a figure of orders is not cut as a condition on the orders: those that have such a line."""
    own = set(find(q.metrics[0]).dimensions)
    if find(q.metrics[0]).unit not in ("count", "share", "days"):
        return q  # what is in an order beside that product is not of it
    for listed, denied in ((q.entities, False), (q.excluded, True)):
        for dimension in dict.fromkeys(e.dimension for e in listed if e.dimension not in own):
            alike = [e for e in listed if e.dimension == dimension]
            had = with_lines(alike, "order")
            if had is None:
                continue
            had = replace(had, least=0, most=0) if denied else had
            q = replace(q, only=both(q.only, had), by=tuple(b for b in q.by if b != dimension))
            q = replace(
                q,
                entities=tuple(e for e in q.entities if e not in alike),
                excluded=tuple(e for e in q.excluded if e not in alike),
            )
    return q


def _of_their_orders(q: Question) -> Question:
    """The question with what only orders have (the warehouse of a return) as conditions on the orders that the figure's rows belong to."""
    own = set(find(q.metrics[0]).dimensions)
    for listed, sign in ((q.entities, "="), (q.excluded, "!=")):
        for dimension in dict.fromkeys(e.dimension for e in listed if e.dimension not in own):
            if (path := links.through_order(dimension, q.metrics[0])) is None:
                continue
            alike = [e for e in listed if e.dimension == dimension]
            q = replace(q, only=both(q.only, Compare(path, sign, tuple(e.value for e in alike))))  # type: ignore[arg-type]
            q = replace(
                q,
                entities=tuple(e for e in q.entities if e not in alike),
                excluded=tuple(e for e in q.excluded if e not in alike),
            )
    return q


def _in_its_words(q: Question) -> Question:
    """The question with names under the dimension that its figure has them under (a warehouse is the place of stock)."""
    own = find(q.metrics[0]).dimensions
    named = [replace(e, dimension=d) if (d := links.fitting(e.dimension, q.metrics[:1])) in own else e for e in q.entities]
    return replace(q, entities=tuple(named), by=tuple(b if "." in b else links.fitting(b, q.metrics[:1]) for b in q.by))


def orders_with(q: Question) -> Question:
    """Orders in a state that are limited by what only their lines have ("open orders for saw blades") as a list of those that have
    such a line; others as they are."""
    path = f"order.{q.state}"
    if q.operation != "orders" or cut_as(q, "orders") or q.state not in entities()["order"].attributes or q.by:
        return q
    lined = _with_lines(replace(q, metrics=("orders",)))
    state = both(lined.only, Compare(path, "=", (True,)))
    return of_things(replace(lined, operation="things", things="order", metrics=(), state=None, only=state))


def _of_their_own(q: Question, thing: str) -> Question:
    """Names that only the things themselves have ("Yard Club" of memberships) as conditions on them."""
    for e in q.entities:
        path = member_path(e, thing) if e.dimension not in find(q.metrics[0]).dimensions else None
        if path is not None and path.split(".")[0] == thing:
            one = Compare(path, "=", (e.value,))
            q = replace(q, only=both(q.only, one), entities=tuple(x for x in q.entities if x != e))
    return q


def tellable(q: Question, parts: Parts, where: Workspace) -> Question:
    """The question with, for a figure that cannot be cut as asked, the nearest other one that can ("lead time by category" is the
    supply's)."""
    if where.nearest is None or len(q.metrics) != 1 or q.metrics[0].startswith("count(") or cut_as(q, q.metrics[0]):
        return q
    said = " ".join(s.text for s in parts.spans.get("m", ()))
    words = {w for t in tokenise(said) if t.text not in links.EMPTY for w in stems(t.text)}
    others = [n for n, _ in where.nearest(said, "metric") if links.WHERE not in n and cut_as(q, n) and words <= _called(n)]
    return replace(q, metrics=(others[0],)) if words and others and "per" not in said.split() else q


def _called(metric: str) -> set[str]:
    """The words of a metric's names."""
    m = find(metric)
    return set(stems(" ".join((m.label, *m.synonyms))))


def cut_as(q: Question, metric: str) -> bool:
    """Whether the metric has the groups and the names by which the question cuts it."""
    cuts = {b for b in q.by if "." not in b and b not in GRAINS} | {e.dimension for e in (*q.entities, *q.excluded)}
    cuts = {c for c in cuts if "(" in metric or links.through_order(c, metric) is None or c in find(metric).dimensions}
    # a company's own groups are its own
    return cuts <= {*find(metric).dimensions, "order"} or not cuts <= set(lexicon.DIMENSION_WORDS) | _attributes_shipped()


@cache
def _attributes_shipped() -> frozenset[str]:
    """What the shipped entities know of themselves, as dimensions call it."""
    known = [a for of in shipped().values() for a in of.attributes.values()]
    return frozenset((*(a.name for a in known), *(a.label.replace(" ", "_") for a in known)))


GRAINS = ("day", "week", "month", "quarter", "year")
