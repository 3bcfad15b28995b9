"""Rules on what they buy: more, less, nothing any more; with volume, mix and price behind it."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Day, Name, Words, several
from assistant.brief.rules.headline import Headline, Rule
from knowledge.records import Figure

MOVED, SILENT, LEAST_SILENT_DAYS = 0.10, 1.5, 21
LEAST_ORDERS, ONCE_DAYS = 10, 90


def moved(account: Account) -> list[Headline]:
    """Revenue of the last quarter a tenth or more away from the same quarter a year before (else from the quarter before), and
    from how all accounts together changed."""
    if silence(account):
        return []
    spans = account.spans
    now = account.figure("revenue", spans.quarter)
    span = account.compared
    before = account.figure("revenue", span)
    if before is None or now is None or account.number("orders", span) + account.number("orders", spans.quarter) < LEAST_ORDERS:
        return []
    changed, by = derived.change(now, before), derived.gap(now, before, account.book.currency)
    share = derived.number(changed)
    market = account.book.change_of_all("revenue", spans.quarter, span)
    usual = derived.number(market) or 0.0
    if (
        changed is None
        or by is None
        or share is None
        or abs(share) < MOVED
        or (share - usual) * share < 0
        or abs(share - usual) < MOVED
    ):
        return []
    orders, orders_before = account.figure("orders", spans.quarter), account.figure("orders", span)
    rhythm: Words = (", ", orders, " orders after ", orders_before) if orders and orders_before else ()
    words: Words = ("Revenue ", changed, " in the ", spans.quarter, " against ", span, ": ", now, " after ", before, *rhythm)
    if market is not None:
        words += ("; all accounts ", market)
    parts = account.change_parts
    if parts:
        words += ("; volume ", parts["volume"], ", mix ", parts["mix"], ", price ", parts["price"])
    if share < 0:
        step: Words = ("Ask what they buy elsewhere now, and why; revenue is ", changed, ".")
        return [Headline("falling", "buying", "They are buying less.", (*words, "."), by, "revenue down a tenth or more on the quarter",
                         step)]  # fmt: skip
    step = ("Agree volumes and stock for the growth: ", changed, " on the quarter.")
    return [Headline("growing", "buying", "They are growing.", (*words, "."), by, "revenue up a tenth or more on the quarter", step, bad=False)]  # fmt: skip


def silence(account: Account) -> list[Headline]:
    """No order for much longer than the account's usual gaps (METRICS C7: over one and a half times their p90), and for three weeks at least."""
    ratio, last = account.rhythm.get("overdue_ratio"), account.rhythm.get("last_order")
    if ratio is None or last is None or float(ratio) <= SILENT or account.rhythm.get("order_days") == 1:
        return []
    last = last.date() if hasattr(last, "hour") else last
    if (account.today - last).days < LEAST_SILENT_DAYS:
        return []
    days = account.recorded("customer_facts", "days_since_order", account.id, (account.today - last).days, "count")
    usual = account.recorded("customer_facts", "p90_gap_days", account.id, account.rhythm.get("p90_gap_days") or 0, "days")
    value = account.figure("revenue", account.spans.year) or account.figure("revenue", account.spans.year_before)
    if value is None:
        value = account.money("customer_facts", "revenue", account.id, account.rhythm.get("revenue") or 0.0, "revenue so far")
    words: Words = ("No order since ", Day(last), ", ", *several(days, "day", "days"))
    if account.rhythm.get("p90_gap_days") is not None and (account.rhythm.get("order_days") or 0) >= 5:
        words += ("; nine in ten of their gaps were shorter than ", usual)
    words += ("; they bought for ", value, *_in(value), ".")
    step: Words = ("Call them: ", days, " days without an order.")
    return [Headline("silent", "buying", "They have gone silent.", words, value, "silent for over one and a half times the usual gap", step)]  # fmt: skip


def _in(value: Figure) -> Words:
    return (" in the ", value.period) if value.period is not None else (" in all",)


def once(account: Account) -> list[Headline]:
    """One day with orders, a quarter ago or longer: they tried us and did not come back."""
    last, days = account.rhythm.get("last_order"), account.rhythm.get("order_days")
    if days != 1 or last is None:
        return []
    on = last.date() if hasattr(last, "hour") else last
    since = (account.today - on).days
    if since < ONCE_DAYS:
        return []
    worth = account.money("customer_facts", "revenue", account.id, account.rhythm.get("revenue") or 0.0, "revenue so far")
    ago = account.recorded("customer_facts", "days_since_order", account.id, since, "count")
    words: Words = ("One order, on ", Day(on), ", for ", worth, "; none in the ", *several(ago, "day", "days"), " since.")
    step: Words = ("Ask why they did not come back after ", Day(on), ".")
    return [
        Headline(
            "once", "standing", "They ordered once.", words, worth, "a single day with orders, a quarter ago or longer", step
        )
    ]


def dormant(account: Account) -> list[Headline]:
    """A category that they bought for a year and not in the last half of it."""
    lost = account.dormant
    if not lost or silence(account):
        return []
    category, before = lost[0]
    words: Words = ("They bought ", category, " for ", before, " in ", account.spans.year_before, " and nothing since.")
    step: Words = ("Ask who supplies ", category, " now; it was ", before, " a year.")
    return [Headline("dormant", "buying", "A category has gone.", words, before, "a category bought the year before and not since", step)]  # fmt: skip


def no_orders(account: Account) -> list[Headline]:
    """No order yet; at stake are the open quotes."""
    if account.rhythm.get("last_order") is not None or not account.book.has("orders"):
        return []
    count = len(account.quotes_open)
    stake = account.total("opportunities", "value of open quotes", sum(q["amount"] or 0.0 for q in account.quotes_open), count)
    words: Words = ("They have never ordered; ",) if count else ("They have never ordered, and no quote is open",)
    if count:
        words += (
            *several(account.total("opportunities", "open quotes", count, count, "count"), "quote is", "quotes are"),
            " open",
        )
        first = account.quotes_open[0]
        words += (", the next ", Name(str(first["opportunity_id"]), "opportunity", str(first["opportunity_id"])))
    step: Words = ("Ask what a first order needs.",)
    return [
        Headline("no_orders", "standing", "No orders yet.", (*words, "."), stake, "no order was ever placed", step, bad=False)
    ]


RULES: tuple[Rule, ...] = (moved, silence, once, dormant, no_orders)
