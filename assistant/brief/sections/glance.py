"""The account at a glance: one row a figure that people ask first, with what it is held against."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import TARGETS, Account
from assistant.brief.content import Section, Table, Words
from assistant.brief.sections import service
from knowledge.records import Figure


def section(account: Account) -> Section:
    spans = account.spans
    rows: list[tuple[Words, ...]] = []

    def add(label: str, now: Figure | None, against: Words, verdict: str = "") -> None:
        if now is not None:
            rows.append(((label,), (now,), against or ("–",), (verdict or "–",)))

    revenue = account.figure("revenue", spans.year)
    changed = derived.change(revenue, account.figure("revenue", spans.year_before))
    add("Revenue, year", revenue, (changed, " on the year before") if changed is not None else ())
    margin = account.modelled("net_margin", "margin after cost to serve")
    place = account.modelled("profit_rank", "profit rank", "count")
    add("Margin after cost to serve, year", margin, ("number ", place, " of all accounts") if place is not None else ())
    for metric, label in (("otd", "On time"), ("fill_rate", "Line fill"), ("perfect_order", "Perfect orders")):
        now = service.judged(account, metric)
        promise = account.target(metric) if metric in TARGETS else None
        peers = account.peers(metric, now.period) if now is not None and now.period is not None else None
        against: Words = (promise, " promised") if promise is not None else ()
        if peers is not None:
            against += ("; peers " if against else "peers ", peers)
        add(
            f"{label}, {'quarter' if now is not None and now.period == spans.quarter else 'year'}",
            now,
            against,
            service.verdict(account, metric),
        )
    mood = account.figure("net_sentiment", spans.year)
    before = account.figure("net_sentiment", spans.year_before)
    add("Net sentiment, year", mood, (before, " the year before") if before is not None else ())
    return Section("glance", "At a glance", (), (_table(rows),) if rows else (), place="page")


def _table(rows: list[tuple[Words, ...]]) -> Table:
    return Table("The account at a glance", ("Figure", "Now", "Held against", "Promise"), tuple(rows))
