"""Which figures a question asks for: metrics as named, verbs that imply one, averages and their variants, states of orders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.understand import phrases
from assistant.understand.particulars import of_each
from assistant.understand.reading import Reading
from knowledge.figures import adds_up
from knowledge.metrics import find

STATE_ORDER = ("overdue", "late", "open", "cancelled", "shipped", "delivered")
"""Of two states the more telling one is meant: "delivered late" is late."""
COUNTED = {"open": "open_order_age.orders", "overdue": "open_order_age.past_due"}
"""The figure that counts the orders in a state by group."""
NOUNS = frozenset("orders units order_lines_count returns_count active_customers feedback_count".split())
"""Figures that are also what one speaks of ("approval time for phone orders")."""
PER = {
    "order": "orders",
    "customer": "active_customers",
    "account": "active_customers",
    "client": "active_customers",
    "buyer": "active_customers",
}
MORE_OR_LESS = frozenset("most fewest least more fewer".split())
BUCKETS = frozenset("day week month quarter year".split())
KNOWN_RATIOS = {
    ("revenue", "orders"): "aov",
    ("units", "orders"): "units_per_order",
    ("order_lines_count", "orders"): "lines_per_order",
}


@dataclass(frozen=True)
class Measures:
    """The metrics, the state of orders where that is what is asked, what an average is over, and words that fit none."""

    metrics: tuple[str, ...]
    state: str | None = None
    per: str | None = None
    unknown: tuple[str, ...] = ()


def measured(r: Reading) -> Measures:
    """The figures asked for."""
    metrics = tuple(dict.fromkeys(n for _, _, n in sorted(r.metrics)))
    if not metrics:
        metrics = _implied(r)
    if metrics == ("active_customers",) and r.having is not None and any(v == "buy" for _, v in r.verbs):
        metrics = ("revenue",)  # "how many customers spent more than …"
    if r.counts and {v for _, v in r.verbs} & {"buy", "return"}:  # "ordered at least 100 times"
        metrics = ("orders",) if any(v == "buy" for _, v in r.verbs) else ("returns_count",)
    if r.said("often") and metrics in (("orders",), ("order_frequency",)):
        metrics = ("order_frequency",)
        r.account("often")
    state = _state(r, metrics)
    if state and r.dimensions and state in COUNTED and _split(r):
        return Measures((COUNTED[state],))
    if state:
        if state == "late" and r.said("now", "currently", "today", "moment", "presently"):
            state = "overdue"  # late now: not delivered yet, and past the promise
        return Measures((), state)
    metrics = _returns_in(r, metrics)
    metrics, per, unknown = _averaged(r, metrics)
    return Measures(_as_share(r, metrics), None, per, (*unknown, *_unmet(r, metrics)))


def _split(r: Reading) -> bool:
    """Whether the orders in a state are asked by group ("backlog by warehouse")."""
    return any(r.word(first - 1) in ("by", "per", "each") for first, _, _ in r.dimensions)


def _as_share(r: Reading, metrics: tuple[str, ...]) -> tuple[str, ...]:
    """ "Gross margin %", "margin in percent": the variant that is a share, where there is one."""
    said = [(b, n) for _, b, n in r.metrics]
    asked = {
        n
        for last, n in said
        if re.match(r"\s*(?:in |as a )?(?:%|percent\b|pct\b|percentage\b)", r.text[r.tokens[last].end :].lower())
        or re.search(r"\b(?:in|as a) (?:percent|percentage)\b", " ".join(t.text for t in r.tokens))
    }
    return tuple(f"{n}.share" if n in asked and "share" in find(n).variants else n for n in metrics)


def _unmet(r: Reading, metrics: tuple[str, ...]) -> tuple[str, ...]:
    """States that the figure does not know ("open" of returns that are counted in all)."""
    if (
        not metrics
        or r.asks
        or any(m.split(".")[0] in ("open_order_age", "open_returns", "cancellation_rate", "overdue_ratio") for m in metrics)
    ):
        return ()
    return tuple(s for s in r.states if s in ("open", "overdue", "cancelled"))


def asked_for(r: Reading) -> list[tuple[int, int, str]]:
    """Metrics that stand side by side ("orders and revenue") all count; else what is only the noun of another one falls away."""
    found = sorted(r.metrics)
    names = [n for _, _, n in found]
    kept = set(range(len(found)))
    for i in range(len(found) - 1):
        gap = r.between(found[i][1], found[i + 1][0])
        words = set(re.findall(r"\w+", gap))
        if re.search(r"[,&+/;]", gap) or words & {"and", "plus", "vs", "versus", "or", "to", "also", "with"}:
            continue
        one, two = names[i], names[i + 1]
        if (two in NOUNS and one not in NOUNS) or (two == "return_reasons" and "by" in words):
            kept.discard(i + 1)
        elif (one in NOUNS and two not in NOUNS) or "by" in words:
            kept.discard(i)
        else:
            kept.discard(i + 1)
    return [found[i] for i in sorted(kept)]


def _implied(r: Reading) -> tuple[str, ...]:
    """What a verb alone asks for: "how much did globex buy" is revenue, "how many bearings did they buy" units."""
    verbs = {v for _, v in r.verbs}
    articles = any(m.entities[0].dimension in ("product", "category") for m in r.matches) or any(
        d in ("product", "category") and r.word(a - 1) == "many" for a, _, d in r.dimensions
    )
    if "return" in verbs:
        return (
            ("return_reasons",)
            if r.said("many") and articles
            else ("returns_count",)
            if r.said("many", "often")
            else ("returned_value",)
        )
    if "buy" in verbs and _offers(r):
        return ("next_best_product",)
    if "buy" in verbs and not r.order_id and not r.states:
        if r.said("many") and any(d == "customer" and r.word(a - 1) == "many" for a, _, d in r.dimensions):
            return ("active_customers",)
        if r.said("often"):
            return ("order_frequency",)
        asked = r.said(
            "much",
            "what",
            "worth",
            "did",
            "has",
            "have",
            "does",
            "do",
            "selling",
            "sold",
            "most",
            "least",
            "best",
            "spent",
            "spend",
            "sell",
            "more",
            "less",
        )
        return ("units",) if r.said("many") and articles else ("revenue",) if asked or r.names() else ()
    if r.said("many") and any(m.entities[0].dimension == "segment" for m in r.matches):
        return ("segment_size",)
    if any(d == "customer" and r.word(a - 1) == "many" for a, _, d in r.dimensions):
        return ("active_customers",)
    if verbs and _offers(r):
        return ("next_best_product",)
    return ()


def _offers(r: Reading) -> bool:
    """ "What could we sell to globex next"."""
    to_sell = re.search(
        r"\bwhat (?:else )?(?:could|can|should|might) (?:we|i) (?:sell|offer|pitch)\b", " ".join(t.text for t in r.tokens)
    )
    return bool(to_sell)


def _state(r: Reading, metrics: tuple[str, ...]) -> str | None:
    """ "late orders": asked of the orders themselves, not of a rate."""
    state = min(r.states, key=STATE_ORDER.index, default=None)
    if state is None:
        return None
    nouns = r.said(*phrases.ORDER_NOUNS)
    if (
        metrics in ((), ("orders",))
        and (nouns or state in ("overdue", "late", "open"))
        and not r.names() & {"themes", "quotes", "define"}
    ):
        return None if state == "delivered" and metrics == ("orders",) and "trend" in r.names() else state
    return None


def _returns_in(r: Reading, metrics: tuple[str, ...]) -> tuple[str, ...]:
    """ "Returns by value", "returned most by quantity", "returns by reason": what of the returns is asked."""
    if len(metrics) != 1 or metrics[0] not in ("return_rate", "returned_value", "returns_count", "return_reasons"):
        return metrics
    if any(d == "reason" for _, _, d in r.dimensions) and metrics[0] == "return_rate" and not r.said("rate"):
        return ("return_reasons",)
    rated = any(r.words(a, b) not in ("returns", "send-backs") for a, b, n in r.metrics)
    counted = r.said("number", "count", "many") or any(r.word(a - 1) in MORE_OR_LESS for a, _, _ in r.metrics)
    if metrics[0] == "return_rate" and not rated and counted:
        return ("returns_count",)
    if metrics[0] == "returned_value" and r.said("quantity", "units", "pieces", "volume"):
        return ("returned_units",)
    if metrics[0] == "return_reasons" and r.said("quantity", "units", "pieces", "volume"):
        return ("returned_units",)
    return metrics if rated else ("returned_value",) if r.said("value") else metrics


def _averaged(r: Reading, metrics: tuple[str, ...]) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    """Variants that an average word chooses ("median order value"), ratios ("average revenue per customer"), or words that do not fit."""
    asked = next((a for _, a in r.averages if a != "sum"), None)
    spread = (
        KNOWN_RATIOS.get((metrics[0], "orders"))
        if metrics and re.search(r"\bper (?:order|invoice)\b", r.text.lower())
        else None
    )
    if spread and asked is None:
        r.account("order")
        r.account("invoice")
        return (spread, *metrics[1:]), None, ()
    if asked is None or not metrics:
        unknown = tuple(r.tokens[i].raw for i, a in r.averages if a in ("median", "p90")) if not metrics else ()
        return metrics, None, unknown
    name = metrics[0]
    base = name.split(".")[0]
    metric = find(base)
    middle = metric.components.get("value")
    if asked == "median" and middle is not None and (middle.kind, middle.q) == ("quantile", 0.5):
        return metrics, None, ()
    if asked in metric.variants:
        return (f"{base}.{asked}", *metrics[1:]), None, ()
    per = _per(r)
    summed = adds_up(metric)
    if summed and asked == "mean" and per in (None, f"{of_each(base)}s", "active_customers") and of_each(base):
        return metrics, "each", ()  # "average lifetime value": a mean over customers
    if summed and asked == "mean" and per:
        known = KNOWN_RATIOS.get((base, per))
        return ((known,), None, ()) if known else (metrics, per, ())
    if asked == "mean" and not summed:
        return metrics, None, ()
    if asked == "mean" and base == "revenue" and r.said("order"):
        return ("aov",), None, ()
    return metrics, None, tuple(r.tokens[i].raw for i, a in r.averages if a == asked)


def _per(r: Reading) -> str | None:
    for i, token in enumerate(r.tokens):
        if r.word(i - 1) in ("per", "a", "each", "by") and token.text in PER:
            return PER[token.text]
        if token.text in BUCKETS and r.word(i - 1) in ("per", "a", "each"):
            return token.text
        if token.text in ("daily", "weekly", "monthly", "quarterly", "yearly"):
            return {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}[token.text]
    return None
