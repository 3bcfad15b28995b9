"""Orders: what is open, late or due next; and goods coming back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Section, Table, Words, line, several, unknown

SHOWN = 8


def section(account: Account) -> Section:
    open_ones, late = account.open_orders, account.late_orders
    lines: list[Line] = []
    if not account.book.has("orders"):
        return Section("orders", "Orders", (unknown("orders; none were ever loaded."),))
    if not open_ones:
        lines.append(line("No order is open."))
    else:
        count = account.total("orders", "open orders", len(open_ones), len(open_ones), "count")
        value = account.total("orders", "value of open orders", _sum(open_ones), len(open_ones))
        lines.append(line(*several(count, "open order", "open orders"), " worth ", value, "."))
    if late:
        count = account.total("orders", "open orders past their promise", len(late), len(late), "count")
        value = account.total("orders", "value of open orders past their promise", _sum(late), len(late))
        lines.append(line(count, " of them, worth ", value, ", are past the promised date."))
    lines += _next(account)
    rows = sorted(open_ones, key=lambda o: (-(o["days_past"] or -999), o["order_id"]))[:SHOWN]
    heads: Words = ("Order", "Ordered", "Promised", "Days past", "Value")
    tables = (Table("Open orders, latest first", heads, tuple(_row(account, o) for o in rows), len(open_ones) - len(rows)),)
    return Section("orders", "Orders", tuple(lines), tables if rows else ())


def _row(account: Account, order: dict[str, Any]) -> tuple[Words, ...]:
    identity = str(order["order_id"])
    past = order["days_past"]
    days: Words = ("–",) if past is None or past <= 0 else (account.recorded("orders", "days_past", identity, past, "count"),)
    value: Words = ("–",) if order["value"] is None else (account.money("orders", "value", identity, order["value"]),)
    return ((Name(identity, "order", identity),), _day(order["ordered"]), _day(order["promised"]), days, value)


def _day(on: Any) -> Words:
    return (Day(_date(on)),) if on is not None else ("–",)


def _date(on: Any) -> Any:
    return on.date() if hasattr(on, "hour") else on


def _sum(rows: list[dict[str, Any]]) -> float:
    return round(sum(r["value"] or 0.0 for r in rows), 2)


def _next(account: Account) -> list[Line]:
    """When the next order is to be expected, by the account's own rhythm."""
    last, usual = account.rhythm.get("last_order"), account.rhythm.get("median_gap_days")
    if last is None:
        return [line("It has not ordered yet.")] if account.book.has("orders") else []
    made = [line("Last order ", Day(_date(last)), ".")]
    since = account.recorded("customer_facts", "days_since_order", account.id, (account.today - _date(last)).days, "count")
    if usual is not None and float(usual) < 2:
        return [
            line(
                "Last order ",
                Day(_date(last)),
                ", ",
                *several(since, "day", "days"),
                " before the data ends; usually one nearly every day.",
            )
        ]
    if usual is None or (account.rhythm.get("order_days") or 0) < 5:
        made.append(unknown("when the next order is due; there are too few orders for a rhythm."))
        return made
    gap = account.recorded("customer_facts", "median_gap_days", account.id, usual, "days", "usual days between orders")
    due = _date(last) + timedelta(days=round(float(usual)))
    late = (account.today - due).days
    parts: Words = ("It usually orders every ", gap, "; the next was due ", Day(due))
    if late > 0:
        overdue = account.recorded("customer_facts", "days_overdue", account.id, late, "count", "days past the usual gap")
        made.append(line(*parts, ", ", *several(overdue, "day", "days"), " before the data ends."))
    else:
        made.append(line("It usually orders every ", gap, "; the next is due ", Day(due), "."))
    return made


def returns(account: Account) -> Section:
    """Returns and claims."""
    spans = account.spans
    if not account.book.has("returns"):
        return Section("returns", "Returns and claims", (unknown("returns; none were ever loaded."),))
    count, value = account.figure("returns_count", spans.year), account.figure("returned_value", spans.year)
    if count is None or value is None:
        return Section("returns", "Returns and claims", (line("Nothing was returned in the ", spans.year, "."),))
    lines = [line(*several(count, "return", "returns"), " worth ", value, " in the ", spans.year, ".")]
    rate, before = account.figure("return_rate", spans.year), account.figure("return_rate", spans.year_before)
    if rate is not None:
        more: Words = ("; ", before, " in ", spans.year_before) if before is not None else ()
        lines.append(line("Return rate by value ", rate, *more, "."))
    took = account.figure("return_turnaround", spans.year)
    if took is not None:
        lines.append(line("Half of them were settled within ", took, "."))
    still = account.figure("open_returns")
    if still is not None and still.value:
        lines.append(line(*several(still, "return is", "returns are"), " not settled."))
    return Section("returns", "Returns and claims", tuple(lines))
