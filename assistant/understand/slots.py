"""From roles to slots: what was asked, over what, by what, when, against what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from assistant.questions import Choice, Entity, Question
from assistant.spans import a_year_before, last_whole
from assistant.understand import lexicon, phrases
from assistant.understand.measures import measured
from assistant.understand.reading import Reading
from knowledge.metrics import find
from knowledge.records import Grain, Period

PRONOUNS = frozenset("their they them it its he she his her those these that there same him theirs".split())
BY = frozenset("by per each every across among which what".split())
EXCLUDE = frozenset("excluding except without exclude outside ignoring not but".split())
OVERVIEW = (
    "what changed",
    "what has changed",
    "what's new",
    "what is new",
    "how is",
    "how are",
    "how did",
    "how was",
    "how were",
)
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
AHEAD = frozenset(
    (
        "next_order_date",
        "expected_orders_90d",
        "expected_order_value",
        "clv",
        "churn_risk",
        "replenishment_suggestion",
        "days_of_supply",
    )
)
OTHERS_BY = (
    ("By revenue", "highest revenue"),
    ("By on-time delivery", "highest on-time delivery"),
    ("By satisfaction", "highest satisfaction"),
)


def question_of(r: Reading, today: date, preferred: Mapping[str, str]) -> Question:
    """The question that the reading amounts to. `preferred` says which member this person means by near-tied words."""
    measures = measured(r)
    metrics = measures.metrics
    named = entities_of(r, preferred)
    entities, excluded, choices = named.kept, named.excluded, named.choices
    operation = _operation(r, metrics)
    by = _by(r, operation, entities, metrics)
    grain = _grain(r)
    period, compare_to = periods_of(r, today)
    if (
        operation in ("themes", "quotes")
        and metrics
        and (metrics != ("feedback_count",) or by or grain or r.said("many", "number", "count"))
    ):
        operation = "why" if r.said("why") else None
    if operation in ("themes", "quotes") and not metrics and (grain or [d for d in by if d != "theme"]):
        metrics, operation = ("feedback_count",), None
    if (
        metrics == ("returned_units",)
        and not by
        and r.said("reason", "reasons")
        and not any(e.dimension == "reason" for e in entities)
    ):
        by = ("reason",)
    if operation == "rank" and not by and not metrics and not r.dimensions:
        operation = None
    if operation == "share" and r.part and not metrics:
        metrics, by = ("revenue",), by or ("customer",)
    if operation == "rank" and by and not metrics and not choices and not r.ambiguous:
        metrics, choices = _by_what(r, by)
    if operation in (None, "list", "rank", "growth") and r.having is not None and metrics:
        by, operation = by or ("customer",), "rank"
    if grain and operation in (None, "list", "growth") and not by and not measures.per:
        operation = "trend"
    if operation is None and by:
        operation = "breakdown"
    order = _order(r, metrics)
    if operation in ("breakdown", "list") and order and by:
        operation = "rank"
    if measures.state:
        operation = "orders"
    if (
        not metrics
        and not choices
        and not by_name(operation)
        and len(entities) == 1
        and entities[0].dimension in LABELS
        and not r.ambiguous
    ):
        metrics, operation = _of_one(r, entities[0].dimension, operation)
    if "will" in {t.text for t in r.tokens} and metrics and not any("forecast" in m or m in AHEAD for m in metrics):
        measures = replace(measures, unknown=(*measures.unknown, "will"))
    if measures.per and operation not in ("rank", "trend"):
        operation = "ratio"
    if (
        not metrics
        and not choices
        and operation in (None, "growth", "compare", "why")
        and _is_overview(r)
        and not r.ambiguous
        and not r.order_id
    ):
        operation = "overview"
    unknown = [*r.unknown_ids, *measures.unknown, *(r.tokens[i].raw for i, role in enumerate(r.role) if role is None)]
    if r.ambiguous and not metrics:
        word = r.ambiguous[0]
        choices = choices or tuple(Choice(label, _replaced(r, word, said)) for label, said in lexicon.AMBIGUOUS[word])
    said = {t.text for t in r.tokens}
    first = r.word(0)
    return Question(
        text=r.text,
        operation=operation,  # type: ignore[arg-type]
        metrics=metrics,
        entities=entities,
        by=by,
        period=period,
        compare_to=compare_to,
        grain=grain,
        order=order,
        limit=r.limit,
        choices=choices,
        unknown=tuple(unknown),
        follow_up=first in phrases.FOLLOW or (first in ("what", "how") and r.word(1) == "about"),
        excluded=excluded,
        mood=_mood(said),
        claim=_claim(said, metrics),
        refers=bool(said & PRONOUNS),
        bare_period=bool(r.periods) and r.periods[0].bare,
        order_id=r.order_id,
        topic=r.topic,
        state=measures.state,
        having=r.having,
        per=measures.per,
        part=r.part,
        ranked="rank" in r.names(),
        checks="truth" in r.names(),
        chart=r.said("chart", "graph", "plot"),
        document=r.text if r.documents else None,
        assumed=named.assumed,
        asked=named.asked or (r.ambiguous[0] if r.ambiguous and choices else ""),
    )


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


def _is_overview(r: Reading) -> bool:
    low = " ".join(t.text for t in r.tokens)
    changed = any(low.startswith(p) or f" {p}" in low for p in OVERVIEW[:4])
    doing = any(low.startswith(p) for p in OVERVIEW[4:]) and r.said(
        "doing", "going", "perform", "performing", "do", "things", "business"
    )
    return changed or doing


@dataclass(frozen=True)
class Named:
    """Members to keep and to leave out; choices where words are near-tied (`asked`), and those that were chosen before."""

    kept: tuple[Entity, ...]
    excluded: tuple[Entity, ...]
    choices: tuple[Choice, ...] = ()
    asked: str = ""
    assumed: tuple[tuple[str, str], ...] = ()


def entities_of(r: Reading, preferred: Mapping[str, str]) -> Named:
    """One entity a match. A match with several near-tied members of the same kind becomes a choice, unless the words around it
    say which kind is meant ("region north")."""
    kept: list[Entity] = []
    excluded: list[Entity] = []
    choices: tuple[Choice, ...] = ()
    asked = ""
    assumed: list[tuple[str, str]] = []
    said_dimensions = {d for _, _, d in r.dimensions}
    for match in sorted(r.matches, key=lambda m: m.first):
        fits = list(match.entities)
        near = {d for a, b, d in r.dimensions if b == match.first - 1 or a == match.last + 1}
        wanted = (
            [e for e in fits if e.dimension in near]
            or [e for e in fits if e.dimension in said_dimensions and e.dimension != "customer"]
            or fits
        )
        first = wanted[0]
        kinds = {"customer", "parent"} if first.dimension in ("customer", "parent") else {first.dimension}
        same = list({e.label: e for e in reversed(wanted) if e.dimension in kinds}.values())[::-1]
        words = r.words(match.first, match.last)
        chosen = next((e for e in same if e.value == preferred.get(words)), None) if len(same) > 1 else None
        if chosen:
            assumed.append((words, chosen.label))
            first = chosen
        elif len(same) > 1:
            asked = words
            start, end = r.tokens[match.first].start, r.tokens[match.last].end
            choices = tuple(Choice(e.label, f"{r.text[:start]}{e.label}{r.text[end:]}") for e in same[:3])
            continue
        before, two_before = r.word(match.first - 1), r.word(match.first - 2)
        negated = (
            before in EXCLUDE - {"but", "not"}
            or (before in ("for", "in", "the", "from", "of") and two_before in EXCLUDE - {"but"})
            or before == "not"
        )
        if not negated and excluded and before in ("and", "or", "nor") and r.tokens[match.first - 2].end <= excluded[-1].end:
            negated = excluded[-1].dimension == first.dimension
        (excluded if negated else kept).append(first)
        if negated:
            r.take(max(0, match.first - 2) if before not in EXCLUDE else match.first - 1, match.first - 1, "filler")
    return Named(tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(excluded)), choices, asked, tuple(assumed))


def _operation(r: Reading, metrics: Sequence[str]) -> str | None:
    names = r.names()
    if "why" in names:
        return "why"
    if "define" in names and (metrics or r.ambiguous) and not r.matches and not r.periods and not r.dimensions:
        asked = r.phrases() & phrases.DEFINING or r.said(
            "calculate", "calculated", "compute", "computed", "mean", "define", "definition"
        )
        doing = r.said("doing", "going") or (
            r.phrases("define") == {"how is"} and not r.said("calculated", "computed", "measured", "defined")
        )
        if asked and not doing:
            return "define"
    if "stock" in names and not metrics:
        return "stock"
    order: tuple[str, ...] = ("quotes", "compare", "growth", "share", "rank", "trend", "themes", "list")
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


def _by(r: Reading, operation: str | None, entities: Sequence[Entity], metrics: Sequence[str]) -> tuple[str, ...]:
    out = []
    named = {e.dimension for e in entities}
    for first, last, dimension in sorted(r.dimensions):
        before = r.word(first - 1)
        plural = r.word(last).endswith("s") and r.word(last) not in ("status", "sales")
        beside = any(m.first == last + 1 or m.last == first - 1 for m in r.matches if m.entities[0].dimension == dimension)
        described = any(m.last == first - 1 for m in r.matches) and dimension in ("customer", "product")
        asked = before in BY or (before in ("the", "all", "our") and r.word(first - 2) in BY)
        wide = plural and (operation in ("rank", "list", "share", "compare", "trend") or before in BY or r.having is not None)
        ranked = operation == "rank" and (
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
    return tuple(dict.fromkeys(out))[:2]


def _existing(dimension: str, metrics: Sequence[str]) -> str:
    """ "Channel" of comments is the feedback's, of contacts the contact's."""
    if dimension == "channel" and metrics:
        dims = find(metrics[0]).dimensions
        return next((d for d in ("channel", "feedback_channel", "contact_channel") if d in dims), dimension)
    return dimension


def _grain(r: Reading) -> Grain | None:
    asked = r.names()
    for at, grain in r.grains:
        word = r.word(at)
        if (
            r.word(at - 1) in ("by", "per", "each", "every", "a")
            or word.endswith("ly")
            or word in ("annual", "annually")
            or asked & {"trend"}
        ):
            return grain  # type: ignore[return-value]
    whole = next((p for p in r.phrases("trend") if " by " in p), None)
    return whole.split(" ")[0] if whole else None  # type: ignore[return-value]


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


def periods_of(r: Reading, today: date) -> tuple[Period | None, Period | None]:
    """The period, and what it is set against."""
    found = sorted(r.periods, key=lambda f: f.start)
    said = r.phrases("compare")
    yearly = said & {"yoy", "year over year", "year on year"}
    if not found:
        if yearly:
            return (now := Period(date(today.year, 1, 1), today, f"year to {today.day} {today:%b %Y}")), a_year_before(now)
        if said & {"qoq", "quarter over quarter", "quarter on quarter"}:
            return last_whole("quarter", today), None
        if said & {"mom", "month over month", "month on month"}:
            return last_whole("month", today), None
        return None, None
    if len(found) >= 2:
        one, two = found[0].period, found[1].period
        compares = bool(said) or r.names() & {"growth", "why"} or r.said("and", "to", "or", "than", "between")
        whole_year_back = found[1].relative and two.days > 300 and one.days < 300
        if whole_year_back:
            two = a_year_before(one)
        if r.said("from") and r.names() & {"growth", "why"} and one.start < two.start:
            one, two = two, one
        return (one, two) if compares and one != two else (one, None)
    only = found[0].period
    if yearly:
        return only, a_year_before(only)
    last = max(i for i, role in enumerate(r.role) if role == "period")
    against = {
        "compared to",
        "compared with",
        "vs",
        "versus",
        "against",
        "relative to",
        "compared",
        "than",
        "better than",
        "worse than",
        "higher than",
        "lower than",
    }
    span = [i for i, role in enumerate(r.role) if role == "period"]
    follows = any(r.words(span[0] - len(p.split()), span[0] - 1) == p for p in against if span[0] >= len(p.split()))
    if follows and only.end < today and last:
        return current_like(only, today), only
    return only, None


def current_like(before: Period, today: date) -> Period:
    """The period that "compared to last year" sets against it: this year so far."""
    if before.days >= 360:
        start = date(today.year, 1, 1)
    elif before.days >= 85:
        start = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    elif before.days >= 28:
        start = today.replace(day=1)
    else:
        start = today - timedelta(days=before.days - 1)
    return Period(start, today, f"{start.day} {start:%b %Y} to {today.day} {today:%b %Y}")


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
