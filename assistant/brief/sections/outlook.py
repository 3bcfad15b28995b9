"""What may come: the risk that they leave and why; what else they could buy; what they are expected to order."""

from __future__ import annotations

from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Section, Words, line, unknown

SHOWN = 3


def section(account: Account) -> Section:
    if not account.book.reader.scope.may("commercial"):
        return Section("outlook", "Risk and opportunity", (*_dormant(account), line("Scores of accounts are for managers.")))
    if not account.model:
        return Section(
            "outlook", "Risk and opportunity", (unknown("risk and opportunity; the models have nothing on this account."),)
        )
    lines = [*_risk(account), *_next(account), *_dormant(account), *_white_space(account), *_products(account), *_tier(account)]
    return Section("outlook", "Risk and opportunity", tuple(lines))


def _risk(account: Account) -> list[Line]:
    level = account.model.get("churn_risk")
    if not level:
        return [unknown("the risk that they leave; they never ordered or too seldom.")]
    words: Words = ("Risk that they leave: ", Name(str(level)))
    alive = account.modelled("p_alive", "probability that they still buy", "share")
    if alive is not None:
        words += (", probability that they still buy ", alive)
    if account.model.get("churn_reasons"):
        words += ("; signs: ", Name(str(account.model["churn_reasons"]), "customer_model", account.id))
    return [line(*words, ".")]


def _next(account: Account) -> list[Line]:
    due, low, high = (account.model.get(k) for k in ("next_order_date", "next_order_low", "next_order_high"))
    orders = account.modelled("expected_orders_90d", "order days expected in the next quarter", "count")
    words: Words = ()
    if due is not None:
        words += ("Next order expected ", Day(due.date() if hasattr(due, "hour") else due))
        if low is not None and high is not None:
            words += (" (", Day(low), " to ", Day(high), ")")
    if orders is not None:
        words += ("; " if words else "", orders, " order days expected in the next quarter")
    return [line(*words, ".")] if words else []


def _dormant(account: Account) -> list[Line]:
    return [
        line("Dormant: ", category, ", ", before, " in ", account.spans.year_before, ", nothing since.")
        for category, before in account.dormant[:SHOWN]
    ]


def _white_space(account: Account) -> list[Line]:
    rows = sorted(account.derived("white_space"), key=lambda r: (-(r["peer_revenue"] or 0), r["category"]))[:SHOWN]
    made = []
    for row in rows:
        share = account.recorded("white_space", "peer_share", row["category"], row["peer_share"], "share")
        worth = account.money("white_space", "peer_revenue", row["category"], row["peer_revenue"])
        made.append(line("They do not buy ", Name(row["category"], "category", row["category"]), "; ", share, " of their peers do, for ", worth, " a year each."))  # fmt: skip
    return made


def _products(account: Account) -> list[Line]:
    rows = sorted(account.derived("next_products"), key=lambda r: r["rank"])[:SHOWN]
    if not rows:
        return []
    names = account.book.names("products", "product_id")
    words: Words = ("Next products by what similar buyers have: ",)
    for n, row in enumerate(rows):
        words += (", " if n else "", Name(names.get(row["product_id"], row["product_id"]), "product", row["product_id"]))
        if row.get("support"):
            words += (
                " (",
                account.recorded("next_products", "support", row["product_id"], row["support"], "count"),
                " buyers of both)",
            )
    return [line(*words, ".")]


def _tier(account: Account) -> list[Line]:
    gap, earned = account.model.get("tier_gap"), account.model.get("recommended_tier")
    if gap not in ("under", "over") or not earned:
        return []
    words: Words = (
        "Tier: they bring what ",
        Name(str(earned)),
        " stands for, and are served ",
        "below" if gap == "under" else "above",
        " it",
    )
    if account.model.get("tier_reason"):
        words += ("; ", Name(str(account.model["tier_reason"]), "customer_model", account.id))
    return [line(*words, ". A person decides.")]
