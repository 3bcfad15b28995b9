"""What is to be done with the figures: the operation, and by which dimensions they are cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.questions import Entity
from assistant.understand import phrases
from assistant.understand.reading import Reading
from knowledge.metrics import find
from knowledge.metrics.own import own

LINKS, MOST_BETWEEN = frozenset("and then also with the their its it corresponding".split()), 8
BY = frozenset("by per each every across among which what".split())


def operation_of(r: Reading, metrics: Sequence[str]) -> str | None:
    names = r.names()
    if "why" in names:
        return "why"
    if "difference between" in r.phrases("compare") and len(metrics) > 1 and not (r.matches or r.periods or r.dimensions):
        return "define"
    if "define" in names and (metrics or r.ambiguous) and not r.matches and not r.periods and not r.dimensions:
        asked = r.phrases() & phrases.DEFINING or r.said(
            "calculate", "calculated", "compute", "computed", "mean", "define", "definition"
        )
        doing = r.said("doing", "going") or (
            r.phrases("define") == {"how is"} and not r.said("calculated", "computed", "measured", "defined")
        )
        if asked and not doing:
            return "define"
    plain = not (r.matches or r.periods or r.dimensions or r.having)
    if plain and len(metrics) == 1 and re.match(r"what (?:is|are) (?:a|an)\b", " ".join(t.text for t in r.tokens)):
        return "define"  # "what is a perfect order"
    if "stock" in names and not metrics:
        return "stock"
    order: tuple[str, ...] = ("quotes", "distribution", "compare", "growth", "share", "rank", "trend", "themes", "list")
    soft_changes = {"up", "down", "better", "worse", "higher", "lower", "gain", "lost", "lose"}
    if "growth" in names and r.phrases("growth") <= {"up", "down"}:
        order = tuple(o for o in order if o != "growth") if not r.said("is", "are", "was", "went", "go") else order
    if (
        "compare" in names
        and r.phrases("compare") <= {"than"}
        and r.phrases("growth") <= soft_changes
        and not r.periods[1:]
        and len(r.matches) < 2
    ):
        order = tuple(o for o in order if o != "compare")
    if "themes" in names and not metrics:
        said = r.phrases()
        quoting = names & {"quotes"} and not said & {
            "saying",
            "say",
            "complaining about",
            "complain about",
            "unhappy",
            "complaints",
            "complaint",
        }
        return "quotes" if quoting or (r.topic and said & {"comments", "comment", "quotes", "reviews"}) else "themes"
    return next((o for o in order if o in names), None)


def by_of(r: Reading, operation: str | None, entities: Sequence[Entity], metrics: Sequence[str]) -> tuple[str, ...]:
    out = []
    named = {e.dimension for e in entities}
    asked_at = -9
    for first, last, dimension in sorted(r.dimensions):
        before = r.word(first - 1)
        plural = r.word(last).endswith("s") and r.word(last) not in ("status", "sales")
        beside = any(m.first == last + 1 or m.last == first - 1 for m in r.matches if m.entities[0].dimension == dimension)
        described = any(m.last == first - 1 for m in r.matches) and dimension in ("customer", "product")
        of_each = before in ("a", "an") and r.word(first - 2) == "that"  # "what a customer has paid" is told of each
        asked = before in BY or (before in ("the", "all", "our") and r.word(first - 2) in BY) or of_each
        asked = (
            asked or _chained(r, asked_at, first) or _beside_grain(r, first) or (r.word(first) == "who" and "rank" in r.names())
        )
        asked_at = last if asked else asked_at
        wide = plural and (operation in ("rank", "list", "share", "compare", "trend") or before in BY or r.having is not None)
        ranks = operation == "rank" or (operation == "stock" and "rank" in r.names())
        ranked = ranks and (
            plural
            or r.word(first) == "who"
            or before in ("which", "what", "our", "the")
            or not metrics
            or dimension not in named
        )
        if beside and not asked:
            continue
        if described and not asked and not (operation in ("rank", "list") or r.having):
            continue
        if (asked or wide or ranked) and not (dimension in named and not asked and operation != "compare"):
            out.append(_existing(dimension, metrics))
    if operation == "compare" or not out:
        pairs = [e.dimension for e in entities]
        out += [d for d in dict.fromkeys(pairs) if pairs.count(d) > 1 and d not in out]
    if operation == "share" and not out and "rank" in r.names():
        out += [d for _, _, d in sorted(r.dimensions)][:1]
    if operation == "share" and not out and entities:
        out.append(
            entities[-1].dimension
            if entities[-1].dimension in ("product", "category") and len(entities) > 1
            else entities[0].dimension
        )
    return tuple(dict.fromkeys(out))


def _beside_grain(r: Reading, first: int) -> bool:
    """ "By month and region": a dimension right behind the buckets that are asked for."""
    at = next((i for i in (first - 1, first - 2) if i > 0 and r.role[i] == "grain"), -1)
    joined = (at == first - 2 and r.word(first - 1) in ("and", "then")) or (at == first - 1 and "," in r.between(at, first))
    return at > 0 and joined and r.word(at - 1) in BY


def _chained(r: Reading, last: int, first: int) -> bool:
    """Whether a dimension goes on from the one that ended at `last` ("by region, carrier and the corresponding warehouse", "by
    region, with orders and the carrier": figures may stand between)."""
    if last < 0 or first - last > MOST_BETWEEN:
        return False
    between = [i for i in range(last + 1, first) if r.role[i] != "metric"]
    words = {r.word(i) for i in between}
    passed = words <= LINKS | own().pass_over
    return passed and bool(words & {"and", "then"} or "," in r.between(last, first))


def _existing(dimension: str, metrics: Sequence[str]) -> str:
    """ "Channel" of comments is the feedback's, of contacts the contact's; the warehouse of stock is its location."""
    alike = {"channel": ("channel", "feedback_channel", "contact_channel"), "ship_from": ("ship_from", "location")}
    dims = find(metrics[0]).dimensions if metrics else ()
    return next((d for d in alike.get(dimension, ()) if d in dims), dimension)
