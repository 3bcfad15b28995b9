"""What is wanted, step by step: figures, what is to be done with them and by what, and readings to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.questions import Choice, Entity
from assistant.understand import lexicon, phrases
from assistant.understand.particulars import in_percent as in_percent_said
from assistant.understand.reading import Reading
from knowledge.metrics import find
from knowledge.records import Grain

CHANGED = (
    "what changed",
    "what has changed",
    "what is new",
    "anything new",
    "what is going on",
    "what is happening",
    "what is up with",
    "how are things",
)
DOING = ("how is", "how are", "how did", "how was", "how were")
MEMBERS_BY: dict[str, str] = {
    **dict.fromkeys(("region", "country", "industry", "size", "account_owner", "service_tier", "parent"), "active_customers"),
    **dict.fromkeys(("carrier", "ship_from", "channel", "ship_to_region", "status"), "orders"),
    **dict.fromkeys(("category", "order_type", "customer", "product"), "revenue"),
    **dict.fromkeys(("feedback_channel", "language"), "feedback_count"),
    "segment": "segment_size", "reason": "returns_count", "disposition": "returns_count", "contact_channel": "interactions",
}  # fmt: skip
"""The figure that lists a dimension's members by how much each is used."""
DEFAULT_RANKED = frozenset(
    "customer product category region country channel industry account_owner parent size service_tier segment".split()
)
BEST_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "customer": (("By revenue", "highest revenue"), ("By orders", "most orders"), ("By satisfaction", "highest satisfaction")),
    "product": (("By revenue", "highest revenue"), ("By units", "most units"), ("By return rate", "lowest return rate")),
    "carrier": (("By on-time delivery", "highest on-time delivery"), ("By transit time", "lowest transit time"), ("By days late", "lowest days late")),
    "ship_from": (("By fill rate", "highest fill rate"), ("By on-time delivery", "highest on-time delivery"), ("By picking time", "lowest picking time")),
}  # fmt: skip
LABELS: dict[str, dict[str, str]] = {
    "customer": {"service_tier": "service_tier", "segment": "segment", "churn_risk": "churn_risk"},
    "product": {
        "demand_class": "demand_class",
        "abc": "abc_class",
        "decoupling_point": "recommended_codp",
        "order_type": "recommended_codp",
    },
}
OF_CUSTOMERS = frozenset("service_tier industry region country size account_owner parent".split())
OTHERS_BY = (
    ("By revenue", "highest revenue"),
    ("By on-time delivery", "highest on-time delivery"),
    ("By satisfaction", "highest satisfaction"),
)


@dataclass(frozen=True)
class Want:
    """What is wanted, as far as it is known: figures, what to do with them, by what, and readings to choose from."""

    metrics: tuple[str, ...]
    operation: str | None
    by: tuple[str, ...]
    choices: tuple[Choice, ...] = ()


def comments_or_figures(want: Want, r: Reading, grain: Grain | None) -> Want:
    """ "Complaints" are read, unless a figure of them is asked ("complaints by month"); "return reasons" are counted by reason."""
    spoken = want.operation in ("themes", "quotes")
    counted = want.by or grain or r.said("many", "number", "count")
    if spoken and want.metrics and (want.metrics != ("feedback_count",) or counted):
        return replace(want, operation="why" if r.said("why") else None)
    themes = [d for _, _, d in r.dimensions] == ["theme"]
    if themes and not want.metrics and not r.ambiguous and want.operation in (None, "rank", "list", "breakdown"):
        return replace(want, operation="themes", by=(), choices=())  # "top themes in the north"
    if spoken and not want.metrics and (grain or [d for d in want.by if d != "theme"]):
        return replace(want, metrics=("feedback_count",), operation=None)
    return want


def without_shares_of_shares(want: Want, r: Reading) -> Want:
    """ "The share of customers with a return" is that figure, not a part of it."""
    if want.operation != "share" or not want.metrics or find(want.metrics[0]).unit != "share":
        return want
    return want if r.dimensions or "revenue" in want.metrics[0] else replace(want, operation=None, by=())


def in_percent(want: Want, r: Reading) -> Want:
    """ "Revenue by region as a percentage": of what adds up, the parts of the whole."""
    parted = want.operation in ("breakdown", "list") and want.by and want.metrics and find(want.metrics[0]).additive
    return replace(want, operation="share") if parted and in_percent_said(r) and not r.grains else want


def ranked(want: Want, r: Reading, entities: Sequence[Entity]) -> Want:
    """Rankings: what is ranked by what, and the shares of the largest."""
    reasons = r.said("reason", "reasons") and not any(e.dimension == "reason" for e in entities)
    if want.metrics == ("returned_units",) and not want.by and reasons:
        want = replace(want, by=("reason",))
    times = [g for _, g in r.grains]
    if want.operation == "rank" and not want.by and not r.dimensions and times and not want.choices:
        metrics = want.metrics or (() if r.ambiguous else ("revenue",))
        return replace(want, metrics=metrics, operation="trend") if metrics else want  # "best month", "worst week for otd"
    if want.operation == "rank" and not want.by and not want.metrics and not r.dimensions:
        want = replace(want, operation=None)
    if want.operation == "share" and r.part and not want.metrics:
        want = replace(want, metrics=("revenue",), by=want.by or ("customer",))
    if want.operation == "rank" and want.by and not want.metrics and not want.choices and not r.ambiguous:
        metrics, choices = _by_what(r, want.by)
        want = replace(want, metrics=metrics, choices=choices)
    want = _moved(want, r, entities)
    if want.operation in (None, "list", "rank", "growth") and r.having is not None and want.metrics:
        want = replace(want, by=want.by or ("customer",), operation="rank")
    return want


def _moved(want: Want, r: Reading, entities: Sequence[Entity]) -> Want:
    """Who grew or shrank, by revenue where nothing else is said; what got better or worse is asked."""
    moves = want.operation in ("growth", "rank", "compare") and "growth" in r.names()
    if not moves or want.metrics or want.choices or r.ambiguous or r.asks:
        return want
    if r.said("improved", "improve", "improving", "better", "worse", "worsened", "deteriorated"):
        told = next(iter((*want.by, *(e.dimension for e in entities))), "")
        offered = BEST_BY.get(told, OTHERS_BY)
        choices = tuple(Choice(label, f"{r.text.rstrip('?. ')} by {ask.split(' ', 1)[1]}") for label, ask in offered)
        return replace(want, choices=choices)
    dimensions = [d for _, _, d in sorted(r.dimensions)]
    ranks = r.said("which", "what", "who", "fastest", "growing", "growth", "shrinking", "grew", "grown") or "rank" in r.names()
    if ranks and (dimensions or entities):
        return replace(want, metrics=("revenue",), by=want.by or tuple(dimensions[:1]), operation="growth")
    return want


def cut(want: Want, grain: Grain | None, per: str | None) -> Want:
    """A figure by time is a trend, one by groups a breakdown."""
    if grain and want.operation in (None, "list", "growth") and not want.by and not per:
        return replace(want, operation="trend")
    if want.operation is None and want.by:
        return replace(want, operation="breakdown")
    return want


def one_member(want: Want, r: Reading, entities: Sequence[Entity]) -> Want:
    """What is asked of one customer or article by the name of its attribute."""
    open_ = not want.metrics and not want.choices and not by_name(want.operation) and not r.ambiguous
    attributes = {e.dimension for e in entities} - {"customer"}
    if open_ and r.word(0) in ("is", "are") and len(entities) == 2 and attributes and attributes <= OF_CUSTOMERS:
        return replace(want, operation="who")  # "is globex a gold customer"
    if not open_ or len(entities) != 1 or entities[0].dimension not in LABELS:
        return want
    metrics, operation = _of_one(r, entities[0].dimension, want.operation)
    return replace(want, metrics=metrics, operation=operation)


def members(want: Want, r: Reading, entities: Sequence[Entity]) -> Want:
    """ "Which carriers do we use": the members of a dimension, by the figure that says how much each is used."""
    dimensions = list(dict.fromkeys(d for _, _, d in sorted(r.dimensions)))
    dimensions = [d for d in dimensions if d != "ship_to_region"] if len(dimensions) > 1 else dimensions
    open_ = not want.metrics and not want.choices and want.operation in (None, "list", "breakdown") and not r.ambiguous
    if not open_ or len(dimensions) != 1 or dimensions[0] not in MEMBERS_BY or r.document_words or r.order_id:
        return want
    if dimensions[0] in ("customer", "product") and not (
        r.said("list", "which", "name", "show") or r.word(0) in lexicon.dimension_phrases()
    ):
        return want  # "customers" is in most questions, and then not what is asked
    cut_by = any(r.word(first - 1) in ("by", "per", "each", "every", "across") for first, _, _ in r.dimensions)
    if cut_by or any(e.dimension in ("customer", "product") for e in entities):
        return want
    return replace(want, metrics=(MEMBERS_BY[dimensions[0]],), by=(dimensions[0],), operation="members")


def either(want: Want, r: Reading) -> Want:
    """An ambiguous name of a figure is asked."""
    if not r.ambiguous or want.metrics or want.choices:
        return want
    word = r.ambiguous[0]
    return replace(want, choices=tuple(Choice(label, _replaced(r, word, said)) for label, said in lexicon.AMBIGUOUS[word]))


def by_name(operation: str | None) -> bool:
    """Whether the operation needs no figure of its own."""
    return operation in ("themes", "quotes", "stock", "orders", "overview", "why", "define", "search")


def _of_one(r: Reading, dimension: str, operation: str | None) -> tuple[tuple[str, ...], str | None]:
    """What is asked of one customer or article by the name of its attribute ("which tier is globex", "who is globex")."""
    asked = [d for _, _, d in sorted(r.dimensions)]
    labels = LABELS[dimension]
    known = next((labels[d] for d in asked if d in labels), None)
    if known == "service_tier" and r.said("should", "recommend", "recommended", "deserve"):
        return ("service_tier.recommended",), None
    if known:
        return (known,), None
    if r.said("when", "next") and r.said("order", "orders", "buy", "reorder") and dimension == "customer":
        return ("next_order_date",), None
    if dimension == "customer" and (
        r.word(0) == "who" or set(asked) & {"account_owner", "industry", "region", "country", "size", "parent"}
    ):
        return (), "who"
    return (), operation


def _by_what(r: Reading, by: Sequence[str]) -> tuple[tuple[str, ...], tuple[Choice, ...]]:
    """A ranking that names no figure: the largest are so by revenue; what is best depends, so it is asked."""
    said = r.phrases("rank")
    if said & set(phrases.GOOD_BAD):
        word = next(p for p in ("best", "worst", "strongest", "poorest", "slowest") if p in said)
        offered = BEST_BY.get(by[0], OTHERS_BY)
        good = phrases.GOOD_BAD[word] == "good"
        turned = [(label, ask if good else _turned(ask)) for label, ask in offered]
        return (), tuple(Choice(label, f"{r.text.rstrip('?. ')} by {ask}") for label, ask in turned)
    return (("revenue",), ()) if by[0] in DEFAULT_RANKED else ((), ())


def _turned(ask: str) -> str:
    for one, other in (("highest", "lowest"), ("most", "fewest"), ("lowest", "highest")):
        if ask.startswith(one):
            return other + ask.removeprefix(one)
    return ask


def is_overview(want: Want, r: Reading) -> bool:
    """ "How are we doing", "what changed", with no figure named."""
    if want.metrics or want.choices or want.operation not in (None, "growth", "compare", "why") or r.ambiguous or r.order_id:
        return False
    low = " ".join(t.text for t in r.tokens)
    changed = any(low.startswith(p) or f" {p}" in low for p in CHANGED)
    doing = any(low.startswith(p) for p in DOING)
    return changed or (doing and r.said("doing", "going", "perform", "performing", "do", "things", "business"))


def _replaced(r: Reading, phrase: str, by: str) -> str:
    """The question with the ambiguous words replaced by one reading."""
    words = phrase.split()
    for i in range(len(r.tokens) - len(words) + 1):
        if [t.text for t in r.tokens[i : i + len(words)]] == words:
            return f"{r.text[: r.tokens[i].start]}{by}{r.text[r.tokens[i + len(words) - 1].end :]}"
    return r.text
