"""From roles to slots: what was asked, over what, by what, when, against what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from assistant.questions import Choice, Entity, Question
from assistant.understand import lexicon, phrases
from assistant.understand.intent import by_of, operation_of
from assistant.understand.measures import measured
from assistant.understand.names import entities_of
from assistant.understand.reading import Reading
from assistant.understand.times import grain_of, periods_of, spare
from knowledge.metrics import find
from knowledge.records import Grain

PRONOUNS = frozenset("their they them it its he she his her those these that there same him theirs".split())
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
AHEAD = frozenset(
    "next_order_date expected_orders_90d expected_order_value clv churn_risk replenishment_suggestion days_of_supply".split()
)
ADVICE = frozenset(
    """recommended_codp service_tier service_tier.recommended next_best_product replenishment_suggestion tier_gap demand_forecast parameter_to_fix
    supply_fit white_space""".split()
)
SET_SIDE_BY_SIDE = frozenset("compare growth why overview".split())
"""Operations that set one period against another."""
STARS = 10
"""A limit of a share from 1 to that is told on some scale, not in per cent."""
ON_THE_WAY = frozenset("arrive arrives arrived arriving eta will expected due yet when".split())
WINNING = frozenset("win won gain gained acquire acquired sign signed land landed".split())
"""Words that say nothing more where an order, or new customers, are asked for."""
OTHERS_BY = (
    ("By revenue", "highest revenue"),
    ("By on-time delivery", "highest on-time delivery"),
    ("By satisfaction", "highest satisfaction"),
)


@dataclass(frozen=True)
class _Want:
    """What is wanted, as far as it is known: figures, what to do with them, by what, and readings to choose from."""

    metrics: tuple[str, ...]
    operation: str | None
    by: tuple[str, ...]
    choices: tuple[Choice, ...] = ()


def question_of(r: Reading, today: date, preferred: Mapping[str, str]) -> Question:
    """The question that the reading amounts to. `preferred` says which member this person means by near-tied words."""
    measures = measured(r)
    named = entities_of(r, preferred)
    period, compare_to = periods_of(r, today)
    grain = grain_of(r)
    operation = operation_of(r, measures.metrics)
    want = _Want(measures.metrics, operation, by_of(r, operation, named.kept, measures.metrics), named.choices)
    want = _comments_or_figures(want, r, grain)
    want = _ranked(want, r, named.kept)
    want = _cut(want, grain, measures.per)
    want = _without_shares_of_shares(want, r)
    if "revenue_growth" in want.metrics and compare_to is not None:  # "revenue growth, q3 against q2": of the revenue
        want = replace(want, metrics=("revenue",), operation="compare")
    kept = named.kept
    if r.word(0) in ("is", "are", "was", "were") and want.operation == "rank":  # "is europe our largest region"
        said = {d for _, _, d in r.dimensions}
        kept = tuple(e for e in kept if e.dimension not in said)
        if kept != named.kept and not want.metrics and not want.by:
            want = _ranked(replace(want, by=tuple(said)[:1]), r, kept)
    order = _order(r, want.metrics)
    if want.operation == "growth" and r.phrases("growth") & (phrases.FALLING - {"down"}):
        order = "asc"  # "which customers shrank most"
    if want.operation in ("breakdown", "list") and order and want.by:
        want = replace(want, operation="rank")
    if measures.state and not _asked(want, r):
        want = replace(want, operation="orders")
    want = _one_member(want, r, kept)
    want = _members(want, r, kept)
    if measures.per and want.operation not in ("rank", "trend"):
        want = replace(want, operation="ratio")
    if _is_overview(want, r):
        want = replace(want, operation="overview")
    if compare_to is not None and want.operation in (None, "breakdown", "list", "value") and want.metrics:
        want = replace(want, operation="compare")
    want = _either(want, r)
    asks = _asked(want, r)
    if asks == "brief" and not any(e.dimension in ("customer", "parent") for e in kept) and (r.periods or kept):
        want = _Want((), "overview", (), named.choices)  # "a summary of Q3"
    elif asks:
        want = _Want((), asks, (), named.choices)
    said = {t.text for t in r.tokens}
    asks_text = r.document_words & phrases.DOCUMENT_KINDS or (r.document_words and not want.metrics)
    return Question(
        text=r.text,
        operation=want.operation,  # type: ignore[arg-type]
        metrics=want.metrics,
        entities=kept,
        by=want.by,
        period=period,
        compare_to=compare_to,
        grain=grain,
        order=order,
        limit=r.limit,
        choices=want.choices,
        unknown=(
            *r.unknown_ids,
            *measures.unknown,
            *spare(r, compare_to is not None and want.operation in SET_SIDE_BY_SIDE),
            *_ahead(want, r),
            *_unread(want, r),
        ),
        follow_up=r.word(0) in phrases.FOLLOW or (r.word(0) in ("what", "how") and r.word(1) == "about"),
        excluded=named.excluded,
        mood=_mood(said),
        claim=_claim(said, want.metrics),
        refers=bool(said & PRONOUNS),
        bare_period=bool(r.periods) and r.periods[0].bare,
        order_id=r.order_id,
        topic=r.topic,
        state=measures.state,
        kind=r.kind,
        record_state=r.record_state,
        claims=r.claims,
        label=next((label for a, b, _ in r.metrics if (label := lexicon.label_asked(r.words(a, b)))), None),
        having=_scaled(r.having, want.metrics),
        per=measures.per,
        part=r.part,
        ranked="rank" in r.names(),
        checks="truth" in r.names(),
        chart=r.said("chart", "graph", "plot"),
        document=r.text if asks_text else None,
        assumed=named.assumed,
        asked=named.asked or (r.ambiguous[0] if r.ambiguous and want.choices else ""),
    )


def _scaled(having: tuple[str, float] | None, metrics: Sequence[str]) -> tuple[str, float] | None:
    """A limit of a share that was told in per cent without saying so ("otd below 90")."""
    if having is None or not metrics or find(metrics[0]).unit != "share" or having[1] <= 1:
        return having
    return having[0], having[1] / 100


def _asked(want: _Want, r: Reading) -> str | None:
    """What is asked that is no figure; a summary, or something for a meeting, of a figure that is named is that figure."""
    return None if r.asks == "brief" and want.metrics and not r.said("brief", "briefing") else r.asks


def _comments_or_figures(want: _Want, r: Reading, grain: Grain | None) -> _Want:
    """ "Complaints" are read, unless a figure of them is asked ("complaints by month"); "return reasons" are counted by reason."""
    spoken = want.operation in ("themes", "quotes")
    counted = want.by or grain or r.said("many", "number", "count")
    if spoken and want.metrics and (want.metrics != ("feedback_count",) or counted):
        return replace(want, operation="why" if r.said("why") else None)
    if spoken and not want.metrics and (grain or [d for d in want.by if d != "theme"]):
        return replace(want, metrics=("feedback_count",), operation=None)
    return want


def _without_shares_of_shares(want: _Want, r: Reading) -> _Want:
    """ "The share of customers with a return" is that figure, not a part of it."""
    if want.operation != "share" or not want.metrics or find(want.metrics[0]).unit != "share":
        return want
    return want if r.dimensions or "revenue" in want.metrics[0] else replace(want, operation=None, by=())


def _ranked(want: _Want, r: Reading, entities: Sequence[Entity]) -> _Want:
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


def _moved(want: _Want, r: Reading, entities: Sequence[Entity]) -> _Want:
    """Who grew or shrank, by revenue where nothing else is said; what got better or worse is asked."""
    moves = want.operation in ("growth", "rank") and "growth" in r.names()
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


def _cut(want: _Want, grain: Grain | None, per: str | None) -> _Want:
    """A figure by time is a trend, one by groups a breakdown."""
    if grain and want.operation in (None, "list", "growth") and not want.by and not per:
        return replace(want, operation="trend")
    if want.operation is None and want.by:
        return replace(want, operation="breakdown")
    return want


def _one_member(want: _Want, r: Reading, entities: Sequence[Entity]) -> _Want:
    """What is asked of one customer or article by the name of its attribute."""
    open_ = not want.metrics and not want.choices and not by_name(want.operation) and not r.ambiguous
    attributes = {e.dimension for e in entities} - {"customer"}
    if open_ and r.word(0) in ("is", "are") and len(entities) == 2 and attributes and attributes <= OF_CUSTOMERS:
        return replace(want, operation="who")  # "is globex a gold customer"
    if not open_ or len(entities) != 1 or entities[0].dimension not in LABELS:
        return want
    metrics, operation = _of_one(r, entities[0].dimension, want.operation)
    return replace(want, metrics=metrics, operation=operation)


def _members(want: _Want, r: Reading, entities: Sequence[Entity]) -> _Want:
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


def _either(want: _Want, r: Reading) -> _Want:
    """An ambiguous name of a figure is asked."""
    if not r.ambiguous or want.metrics or want.choices:
        return want
    word = r.ambiguous[0]
    return replace(want, choices=tuple(Choice(label, _replaced(r, word, said)) for label, said in lexicon.AMBIGUOUS[word]))


def _unread(want: _Want, r: Reading) -> tuple[str, ...]:
    """Words that nothing accounts for. "Should" asks for advice, so it is read where advice is what is given."""
    advised = r.asks or r.document_words or set(want.metrics) & ADVICE
    dated = r.asks or r.document_words or r.order_id or set(want.metrics) & {"next_order_date", "last_touch_days"}
    passed = {"should", "next"} if advised or set(want.metrics) & AHEAD else set()
    passed |= {"meet", "meeting", "hitting", "reaching"} if any(m.startswith("target") for m in want.metrics) else set()
    passed |= ON_THE_WAY if r.order_id and not want.metrics else set()
    passed |= WINNING if "new_customers" in want.metrics else set()
    passed |= {"less", "fewer"} if len(r.periods) > 1 and want.operation == "compare" else set()
    passed |= {"first", "last"} if "rank" in r.names() else set()  # "worst first"
    passed |= {"return"} if r.word(0) == "return" and want.by else set()  # "return revenue by customer": show it
    unread = tuple(w for w in r.unaccounted() if w.lower() not in (passed | {"when"} if dated else passed))
    return (*unread, *_counted(want, r), *_unfit(want, r))


def _unfit(want: _Want, r: Reading) -> tuple[str, ...]:
    """A limit in per cent of what is no share, in money of what is none; months that a ranking by something else leaves out."""
    unit = find(want.metrics[0]).unit if want.metrics else ""
    if r.having is not None and r.having[1] and (want.operation != "rank" or (unit == "share" and 1 < r.having[1] <= STARS)):
        return (f"{r.having[1]:g}",)
    if r.having is not None and r.having_of == "share" and unit not in ("share", "share_points", ""):
        return (f"{r.having[1] * 100:g} %",)
    if r.having is not None and r.having_of == "money" and unit not in ("money", ""):
        return (f"{r.having[1]:,.0f}",)
    if want.operation == "rank" and r.grains and want.by and not r.dimensions:
        return tuple(r.word(at) for at, _ in r.grains)
    return ()


def _counted(want: _Want, r: Reading) -> tuple[str, ...]:
    """ "Number of stores": a name of some kind that is to be counted, as no figure does."""
    if want.metrics or want.operation or r.asks or r.document_words:
        return ()
    kinds = {m.first: m.entities[0].dimension for m in r.matches}
    after = [i + (2 if r.word(i + 1) == "of" else 1) for i, t in enumerate(r.tokens) if t.text in ("number", "many")]
    return tuple(r.tokens[i].raw for i in after if kinds.get(i, "customer") not in ("customer", "parent", "product"))


def _ahead(want: _Want, r: Reading) -> tuple[str, ...]:
    """ "Will" of a figure that is no forecast: that lies ahead of the data."""
    told = any("forecast" in m or m in AHEAD for m in want.metrics)
    return ("will",) if want.metrics and not told and r.said("will") else ()


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


def _is_overview(want: _Want, r: Reading) -> bool:
    """ "How are we doing", "what changed", with no figure named."""
    if want.metrics or want.choices or want.operation not in (None, "growth", "compare", "why") or r.ambiguous or r.order_id:
        return False
    low = " ".join(t.text for t in r.tokens)
    changed = any(low.startswith(p) or f" {p}" in low for p in CHANGED)
    doing = any(low.startswith(p) for p in DOING)
    return changed or (doing and r.said("doing", "going", "perform", "performing", "do", "things", "business"))


def _order(r: Reading, metrics: Sequence[str]) -> Literal["desc", "asc"] | None:
    said = r.phrases("rank")
    if r.having is not None and not said:
        return "desc" if r.having[0].startswith(">") else "asc"
    if not said:
        return None
    if said & set(phrases.GOOD_BAD):
        direction = find(metrics[0]).direction if metrics else "up"
        if said & {"slowest"}:
            return "desc"
        wants_good = bool(said & {"best", "strongest"}) and not said & {"worst", "poorest"}
        return "desc" if (direction != "down") == wants_good else "asc"
    return "asc" if said & phrases.LOW_WORDS else "desc"


def _mood(said: set[str]) -> Literal[-1, 1] | None:
    if said & phrases.NEGATIVE_MOOD:
        return -1
    return 1 if said & phrases.POSITIVE_MOOD else None


def _claim(said: set[str], metrics: Sequence[str]) -> Literal["up", "down"] | None:
    """The direction that the asker takes for granted; better and worse depend on the figure."""
    good = find(metrics[0]).direction if metrics else "up"
    if said & phrases.BETTER:
        return "down" if good == "down" else "up"
    if said & phrases.WORSE:
        return "up" if good == "down" else "down"
    return "down" if said & phrases.FALLING else "up" if said & phrases.RISING else None


def _replaced(r: Reading, phrase: str, by: str) -> str:
    """The question with the ambiguous words replaced by one reading."""
    words = phrase.split()
    for i in range(len(r.tokens) - len(words) + 1):
        if [t.text for t in r.tokens[i : i + len(words)]] == words:
            return f"{r.text[: r.tokens[i].start]}{by}{r.text[r.tokens[i + len(words) - 1].end :]}"
    return r.text
