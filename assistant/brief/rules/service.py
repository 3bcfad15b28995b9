"""Rules on the service they get: below promise, worse than before, late now; with the place where it comes from."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import TARGETS, Account
from assistant.brief.causes import cause
from assistant.brief.content import Name, Words, several
from assistant.brief.rules.headline import Headline, Rule
from assistant.brief.sections import service
from knowledge.records import Figure, Period

WATCHED = ("otd", "fill_rate", "damage_free", "order_accuracy", "document_accuracy")
FAILS = {
    "otd": "late", "fill_rate": "short", "damage_free": "damaged", "order_accuracy": "wrong", "document_accuracy": "billed wrong",
}  # fmt: skip


def promised(account: Account) -> list[Headline]:
    """A rate clearly below the promise of the tier, or clearly worse than a year before; at stake is the revenue that it hit."""
    return [h for metric in WATCHED if (h := _one(account, metric)) is not None]


def _one(account: Account, metric: str) -> Headline | None:
    now = service.judged(account, metric)
    if now is None or now.period is None or not derived.number(now):
        return None
    below = metric in TARGETS and service.verdict(account, metric) == "missed"
    before = account.figure(metric, account.spans.year_before)
    worse = (derived.number(now) or 0) < (derived.number(before) or 0) and derived.differ(now, before, 0.01)
    peers = account.peers(metric, now.period)
    behind = (derived.number(now) or 0) < (derived.number(peers) or 0) and derived.differ(now, peers, 0.01)
    if not (below or worse or behind):
        return None
    stake = _missed(account, now, now.period)
    if stake is None:
        return None
    words: Words = (now.label, " ", now, " in the ", now.period)
    promise = account.target(metric) if below else None
    if promise is not None:
        words += (" against ", promise, " promised")
    if worse and before is not None:
        words += (", ", before, " in ", account.spans.year_before)
    if peers is not None:
        words += ("; peers ", peers)
    where = cause(account, metric, now.period)
    if where is not None:
        words += ("; most of it comes from ", *where.words)
    lead = f"Service is below promise: {FAILS[metric]}." if below else f"Service got worse: {FAILS[metric]}."
    rule = (
        "a service rate clearly below the tier's promise" if below else "a service rate clearly worse than before or than peers"
    )
    step: Words = ("Say before the meeting what is being done about ", now.label.lower(), " (", now, ")")
    step += (", first ", where.member, ".") if where is not None else (".",)
    evidence = tuple(f for f in (promise, before, peers) if f is not None) + (where.figures if where is not None else ())
    return Headline(f"service {metric}", "service", lead, (*words, "."), stake, rule, step, "service", evidence)


def _missed(account: Account, now: Figure, span: Period) -> Figure | None:
    """Revenue of the span times the share that failed: what the failures touched, an estimate."""
    revenue = derived.number(account.figure("revenue", span))
    if revenue is None:
        return None
    share = 1 - (derived.number(now) or 0.0)
    return account.total("orders", "revenue touched by the failures", revenue * share, now.rows)


def late_now(account: Account) -> list[Headline]:
    """Open orders past their promised date."""
    late = account.late_orders
    if not late:
        return []
    count = account.total("orders", "open orders past their promise", len(late), len(late), "count")
    value = account.total("orders", "value of open orders past their promise", sum(o["value"] or 0 for o in late), len(late))
    worst = max(late, key=lambda o: (o["days_past"], o["order_id"]))
    days = account.recorded("orders", "days_past", worst["order_id"], worst["days_past"], "count")
    name = Name(str(worst["order_id"]), "order", str(worst["order_id"]))
    said = several(count, "open order is past its", "open orders are past their")
    words: Words = (*said, " promised date; the oldest, ", name, ", by ", *several(days, "day", "days"), ".")
    step: Words = ("Give new dates for the ", *several(count, "late order", "late orders"), ", first ", name, ".")
    return [Headline("late now", "service", "Orders are late now.", words, value, "open orders past their promised date", step, "service")]  # fmt: skip


def unanswered(account: Account) -> list[Headline]:
    """Two messages or more that have waited for three days; at stake is an average order for each."""
    waiting = [w for w in account.waiting if w["days_waiting"] >= 3]
    if len(waiting) < 2:
        return []
    count = account.total("interactions", "messages without an answer", len(waiting), len(waiting), "count")
    oldest = max(waiting, key=lambda w: (w["days_waiting"], w["interaction_id"]))
    days = account.recorded("interactions", "days_waiting", oldest["interaction_id"], oldest["days_waiting"], "count")
    revenue = derived.number(account.figure("aov", account.spans.year))
    if revenue is None:
        return []
    stake = account.total("interactions", "an average order for each message", revenue * len(waiting), len(waiting))
    words: Words = (count, " messages wait for an answer, the oldest for ", *several(days, "day", "days"), ".")
    step: Words = ("Answer the ", count, " open messages before the meeting.")
    return [Headline("unanswered", "service", "They wait for answers.", words, stake, "messages unanswered for three days or more", step, "service")]  # fmt: skip


RULES: tuple[Rule, ...] = (promised, late_now, unanswered)
