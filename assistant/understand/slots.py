"""From roles to slots: what was asked, over what, by what, when, against what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from assistant.questions import Entity, Question
from assistant.understand import lexicon, particulars, phrases, wants
from assistant.understand.intent import by_of, operation_of
from assistant.understand.measures import Measures, measured
from assistant.understand.names import Named, entities_of
from assistant.understand.reading import Reading
from assistant.understand.times import grain_of, periods_of, spare
from assistant.understand.wants import Want
from knowledge.metrics import find
from knowledge.records import Grain

PRONOUNS = frozenset("their they them it its he she his her those these that there same him theirs".split())
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
COURSES = frozenset("growth trend distribution share why".split())
WINNING = frozenset("win won gain gained acquire acquired sign signed land landed".split())
"""Words that say nothing more where an order, or new customers, are asked for."""


def question_of(r: Reading, today: date, preferred: Mapping[str, str]) -> Question:
    """The question that the reading amounts to. `preferred` says which member this person means by near-tied words."""
    measures = measured(r)
    named = entities_of(r, preferred)
    period, compare_to = periods_of(r, today)
    grain = grain_of(r)
    want, kept = _asked_about(_wanted(r, measures, named, grain, set_against=compare_to is not None), r, named.kept)
    order = _order(r, want)
    want = _settled(want, r, measures, replace(named, kept=kept), set_against=compare_to is not None, ordered=order is not None)
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
        counted=_counted_mood(said) if want.metrics == ("feedback_count",) else None,
        claim=_claim(said, want.metrics),
        refers=bool(said & PRONOUNS),
        bare_period=bool(r.periods) and r.periods[0].bare,
        order_id=r.order_id,
        topic=r.topic,
        state=measures.state,
        kind=r.kind,
        record_state=r.record_state,
        facts=r.facts,
        claims=r.claims,
        label=next((label for a, b, _ in r.metrics if (label := lexicon.label_asked(r.words(a, b)))), None),
        having=_scaled(r.having, want.metrics),
        per=measures.per,
        part=r.part,
        ranked="rank" in r.names(),
        place=r.place,
        than=particulars.than(r, want.metrics),
        percent=particulars.in_percent(r),
        checks="truth" in r.names() or particulars.whether(r),
        chart=r.said("chart", "graph", "plot"),
        document=r.text if asks_text else None,
        assumed=named.assumed,
        asked=named.asked or (r.ambiguous[0] if r.ambiguous and want.choices else ""),
    )


def _wanted(r: Reading, measures: Measures, named: Named, grain: Grain | None, *, set_against: bool) -> Want:
    """What is wanted, by its own words alone; `set_against`: two times are named."""
    operation = operation_of(r, measures.metrics)
    want = Want(measures.metrics, operation, by_of(r, operation, named.kept, measures.metrics), named.choices)
    want = wants.comments_or_figures(want, r, grain)
    want = wants.ranked(want, r, named.kept)
    want = wants.without_shares_of_shares(wants.cut(want, grain, measures.per), r)
    if "revenue_growth" in want.metrics and set_against:  # "revenue growth, q3 against q2": of the revenue
        return replace(want, metrics=("revenue",), operation="compare")
    return want


def _asked_about(want: Want, r: Reading, named: tuple[Entity, ...]) -> tuple[Want, tuple[Entity, ...]]:
    """ "Is europe our largest region": all regions are ranked, so that the one named does not cut them."""
    if r.word(0) not in ("is", "are", "was", "were") or want.operation != "rank":
        return want, named
    said = tuple(dict.fromkeys(d for _, _, d in sorted(r.dimensions)))
    kept = tuple(e for e in named if e.dimension not in said)
    if kept != named and not want.metrics and not want.by:
        want = wants.ranked(replace(want, by=said[:1]), r, kept)
    return want, kept


def _settled(want: Want, r: Reading, measures: Measures, named: Named, *, set_against: bool, ordered: bool) -> Want:
    """What is wanted, now that names, times and the order are known."""
    kept = named.kept
    if want.operation in ("breakdown", "list") and ordered and want.by:
        want = replace(want, operation="rank")
    if measures.state and not _asked(want, r):
        want = replace(want, operation="orders")
    want = wants.members(wants.one_member(want, r, kept), r, kept)
    if measures.per and (want.operation not in ("rank", "trend") or _beside_per(want, measures.per)):
        want = replace(want, operation="ratio")  # "which region has the highest average revenue per customer"
    if wants.is_overview(want, r):
        want = replace(want, operation="overview")
    if set_against and want.operation in (None, "breakdown", "list", "value") and want.metrics:
        want = replace(want, operation="compare")
    want = wants.in_percent(wants.either(want, r), r)
    asks = _asked(want, r)
    if asks == "brief" and not any(e.dimension in ("customer", "parent") for e in kept) and (r.periods or kept):
        return Want((), "overview", (), named.choices)  # "a summary of Q3"
    return Want((), asks, want.by if asks == "stock" else (), named.choices) if asks else want


def _beside_per(want: Want, per: str) -> bool:
    """Whether a ranking is by something else than what an average is over."""
    return want.operation == "rank" and bool(set(want.by) - ({"customer"} if per in ("each", "active_customers") else set()))


def _scaled(having: tuple[str, float] | None, metrics: Sequence[str]) -> tuple[str, float] | None:
    """A limit of a share that was told in per cent without saying so ("otd below 90")."""
    if having is None or not metrics or find(metrics[0]).unit != "share" or having[1] <= 1:
        return having
    return having[0], having[1] / 100


def _asked(want: Want, r: Reading) -> str | None:
    """What is asked that is no figure; a summary, or something for a meeting, of a figure that is named is that figure."""
    return None if r.asks == "brief" and want.metrics and not r.said("brief", "briefing") else r.asks


def _unread(want: Want, r: Reading) -> tuple[str, ...]:
    """Words that nothing accounts for. "Should" asks for advice, so it is read where advice is what is given."""
    advised = r.asks or r.document_words or set(want.metrics) & ADVICE
    dated = r.asks or r.document_words or r.order_id or set(want.metrics) & {"next_order_date", "last_touch_days"}
    passed = {"should", "next"} if advised or set(want.metrics) & AHEAD else set()
    passed |= {"meet", "meeting", "hitting", "reaching"} if any(m.startswith("target") for m in want.metrics) else set()
    passed |= ON_THE_WAY if r.order_id and not want.metrics else set()
    passed |= WINNING if "new_customers" in want.metrics else set()
    set_beside = (len(r.periods) > 1 and want.operation == "compare") or particulars.than(r, want.metrics)
    passed |= {"less", "fewer"} if set_beside else set()
    passed |= {"first", "last"} if "rank" in r.names() else set()  # "worst first"
    passed |= {"return"} if r.word(0) == "return" and want.by else set()  # "return revenue by customer": show it
    unread = tuple(w for w in r.unaccounted() if w.lower() not in (passed | {"when"} if dated else passed))
    return (*unread, *_counted(want, r), *_unfit(want, r))


def _unfit(want: Want, r: Reading) -> tuple[str, ...]:
    """A limit in per cent of what is no share, in money of what is none; months that a ranking by something else leaves out."""
    unit = find(want.metrics[0]).unit if want.metrics else ""
    if r.having is not None and r.having[1] and (want.operation != "rank" or (unit == "share" and 1 < r.having[1] <= STARS)):
        return (f"{r.having[1]:g}",)
    if r.having is not None and r.having_of == "share" and unit not in ("share", "share_points", ""):
        return (f"{r.having[1] * 100:g} %",)
    if r.having is not None and r.having_of == "money" and unit not in ("money", ""):
        return (f"{r.having[1]:,.0f}",)
    if want.operation == "stock":  # counts of now, added up: no average of them, no course
        return (
            *(r.word(at) for at, how in r.averages if how != "sum"),
            *(w for at, name, w in r.operations if name in COURSES),
        )
    if r.having is not None and any(find(m).unit == "label" for m in want.metrics):
        return (f"{r.having[1]:,.10g}",)  # a label is neither over nor under a number
    if want.operation == "rank" and r.grains and want.by and not r.dimensions:
        return tuple(r.word(at) for at, _ in r.grains)
    return ()


def _counted(want: Want, r: Reading) -> tuple[str, ...]:
    """ "Number of stores": a name of some kind that is to be counted, as no figure does."""
    if want.metrics or want.operation or r.asks or r.document_words:
        return ()
    kinds = {m.first: m.entities[0].dimension for m in r.matches}
    after = [i + (2 if r.word(i + 1) == "of" else 1) for i, t in enumerate(r.tokens) if t.text in ("number", "many")]
    return tuple(r.tokens[i].raw for i in after if kinds.get(i, "customer") not in ("customer", "parent", "product"))


def _ahead(want: Want, r: Reading) -> tuple[str, ...]:
    """ "Will" of a figure that is no forecast: that lies ahead of the data."""
    told = any("forecast" in m or m in AHEAD for m in want.metrics)
    return ("will",) if want.metrics and not told and r.said("will") else ()


def _order(r: Reading, want: Want) -> Literal["desc", "asc"] | None:
    if want.operation == "growth" and r.phrases("growth") & (phrases.FALLING - {"down"}):
        return "asc"  # "which customers shrank most"
    said = r.phrases("rank")
    if r.having is not None and not said:
        return "desc" if r.having[0].startswith(">") else "asc"
    if not said:
        return None
    if want.operation == "growth" and said & {"fastest", "slowest"}:
        return "desc" if "fastest" in said else "asc"
    if said & set(phrases.GOOD_BAD):
        direction = find(want.metrics[0]).direction if want.metrics else "up"
        if said & {"slowest"}:
            return "desc"
        wants_good = bool(said & {"best", "strongest"}) and not said & {"worst", "poorest"}
        return "desc" if (direction != "down") == wants_good else "asc"
    return "asc" if said & phrases.LOW_WORDS else "desc"


def _counted_mood(said: set[str]) -> Literal[-1, 1] | None:
    """ "How many complaints": the comments that complain, not all of them; where both are spoken of, all of them."""
    if said & {"comments", "comment", "reviews", "feedback", "responses"} and not said & {"negative", "positive"}:
        return None
    return (
        -1
        if said & {"complaints", "complaint", "complain", "complains", "complained", "negative"}
        else 1
        if said & {"positive", "praise", "compliments"}
        else None
    )


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
