"""Demand and plan: what they say they will take, what we think, how good either was, and where the two disagree."""

from __future__ import annotations

from typing import Any

from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Section, Table, Words, line, unknown
from knowledge import account_records as records

SHOWN, APART = 5, 0.20


def section(account: Account) -> Section:
    title = "Demand and plan"
    if not account.book.has("demand_plans"):
        return Section("plan", title, (unknown("plans; no forecasts were ever loaded."),))
    plans = account.rows("plans", records.plans)
    if not plans:
        return Section("plan", title, (line("Neither they nor we plan this account's demand."),))
    lines = [
        x for party, whose in (("customer", "Their"), ("ours", "Our")) if (x := _quality(account, party, whose)) is not None
    ]
    coming = [p for p in plans if p["start"].date() > account.today]
    if not coming:
        lines.append(line("No plan reaches beyond ", Day(account.today), "."))
    apart = [p for p in coming if _apart(p) is not None and (_apart(p) or 0) > APART]
    rows = tuple(
        _row(account, p) for p in sorted(apart, key=lambda p: (-(_apart(p) or 0), p["product_id"], p["start"]))[:SHOWN]
    )
    heads: Words = ("Article", "From", "Theirs", "Ours", "Apart")
    tables = (Table("Plans more than a fifth apart", heads, rows, len(apart) - len(rows)),) if rows else ()
    return Section("plan", title, tuple(lines), tables)


def _quality(account: Account, party: str, whose: str) -> Line | None:
    error, bias = (account.book.plan_figure(account.id, m, party) for m in ("wape", "forecast_bias"))
    if error is None:
        return None
    words: Words = (whose, " plans of the ", account.spans.year, " were ", error, " off")
    if bias is not None:
        words += (", with a bias of ", bias)
    return line(*words, ".")


def _apart(plan: dict[str, Any]) -> float | None:
    """How far the two plans are from each other, over their mean; 0 when both are 0 (METRICS 10)."""
    theirs, ours = plan["theirs"], plan["ours"]
    if theirs is None or ours is None:
        return None
    return abs(theirs - ours) / ((theirs + ours) / 2) if theirs + ours else 0.0


def _row(account: Account, plan: dict[str, Any]) -> tuple[Words, ...]:
    identity = str(plan["product_id"])
    name = account.book.names("products", "product_id").get(identity, identity)
    theirs = account.recorded("demand_plans", "forecast_qty", identity, plan["theirs"], "qty", "their plan")
    ours = account.recorded("demand_plans", "forecast_qty", identity, plan["ours"], "qty", "our plan")
    apart = account.recorded("demand_plans", "plan_gap", identity, _apart(plan) or 0.0, "share", "apart")
    return ((Name(name, "product", identity),), (Day(plan["start"].date()),), (theirs,), (ours,), (apart,))
