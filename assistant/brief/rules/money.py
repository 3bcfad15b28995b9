"""Rules on money: what is earned on them, what they owe, contracts that end, quotes that are open, plans that mislead."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Day, Name, Words, several
from assistant.brief.rules.headline import Headline, Rule

OVERDUE_DAYS, CONTRACT_DAYS = 14, 90
ERODED, SENT_BACK = 0.05, 0.20


def loses(account: Account) -> list[Headline]:
    """Margin after cost to serve below zero over the last twelve costed months; at stake is the way to the peers' margin."""
    earned, sold = account.modelled("net_margin", "margin after cost to serve"), account.model.get("profit_revenue")
    margin = derived.number(earned)
    if earned is None or margin is None or margin >= 0:
        return []
    usual = account.peer_margin
    stake = earned
    words: Words = ("Margin after cost to serve is ", earned, " in the last costed year")
    if sold:
        words += (
            " on revenue of ",
            account.money("customer_model", "profit_revenue", account.id, sold, "revenue of the costed year"),
        )
    if usual is not None and sold:
        stake = account.total(
            "customer_model", "way to the margin of its peers", (derived.number(usual) or 0) * float(sold) - margin, 1
        )
        words += ("; peers keep ", usual, " of revenue")
    driver = account.cost_driver
    if driver is not None:
        name, cost = driver
        words += ("; the cost that stands out is ", name, " with ", cost)
    step: Words = ("Agree on fewer, larger or paid-for rush orders; they cost us ", earned, " a year.") if driver is None else (
        "Agree on what drives ", driver[0], " (", driver[1], "): they lose us money.")  # fmt: skip
    return [
        Headline(
            "loses", "money", "We lose money on them.", (*words, "."), stake, "margin after cost to serve below zero", step
        )
    ]


def eroded(account: Account) -> list[Headline]:
    """The margin after cost to serve fell by five points of revenue or more against the year before, and is above zero."""
    now, before = account.margin_rates
    if now is None or before is None or (derived.number(now) or 0) < 0:
        return []
    fell = (derived.number(before) or 0) - (derived.number(now) or 0)
    revenue = derived.number(account.figure("revenue", account.spans.year))
    if fell < ERODED or revenue is None:
        return []
    stake = account.total("customer_months", "margin lost against the year before", fell * revenue, 1)
    words: Words = ("Of their revenue ", now, " is left after cost to serve; it was ", before, " the year before")
    driver = account.cost_driver
    if driver is not None:
        words += ("; the cost that stands out is ", driver[0], " with ", driver[1])
    words += (".",)
    step: Words = ("Look at what serving them costs: the margin fell to ", now, " of revenue.")
    return [
        Headline(
            "eroded",
            "money",
            "Less of it is left.",
            words,
            stake,
            "margin after cost to serve fell by five points or more",
            step,
        )
    ]


def sent_back(account: Account) -> list[Headline]:
    """Returns of the year worth a fifth of its revenue or more."""
    spans = account.spans
    value, revenue, rate = (account.figure(m, spans.year) for m in ("returned_value", "revenue", "return_rate"))
    if value is None or revenue is None or rate is None or (derived.number(rate) or 0) < SENT_BACK:
        return []
    words: Words = ("They sent back goods worth ", value, " of ", revenue, " bought in the ", spans.year, ": ", rate, ".")
    step: Words = ("Ask why so much came back: ", value, " in the ", spans.year, ".")
    return [
        Headline(
            "sent back",
            "money",
            "Much of it came back.",
            words,
            value,
            "returns worth a fifth of the revenue or more",
            step,
            "quality",
        )
    ]


def overdue(account: Account) -> list[Headline]:
    """Invoices overdue by more than two weeks."""
    old = [i for i in account.unpaid if (i["days_past"] or 0) > OVERDUE_DAYS]
    if not old:
        return []
    amount = account.total("invoices", "amount overdue by more than two weeks", sum(i["amount"] for i in old), len(old))
    count = account.total("invoices", "invoices overdue by more than two weeks", len(old), len(old), "count")
    first = max(old, key=lambda i: (i["days_past"], i["invoice_id"]))
    days = account.recorded("invoices", "days_overdue", first["invoice_id"], first["days_past"], "count")
    said = several(count, "invoice is", "invoices are")
    words: Words = (*said, " overdue by more than two weeks, the oldest by ", *several(days, "day", "days"), ".")
    step: Words = ("Settle the ", *several(count, "overdue invoice", "overdue invoices"), ", ", amount, ".")
    return [
        Headline(
            "overdue", "money", "They owe us money.", words, amount, "invoices overdue by more than two weeks", step, "finance"
        )
    ]


def contract_ends(account: Account) -> list[Headline]:
    """The last contract ends within three months, or its renewal date has passed; at stake is a year of revenue, at most its value."""
    dated = [c for c in account.contracts if c["ends"] is not None]
    last = max(dated, key=lambda c: (c["ends"], c["contract_id"]), default=None)
    if last is None:
        return []
    ends = last["ends"].date()
    left = (ends - account.today).days
    passed = last["renewal"] is not None and last["renewal"].date() <= account.today
    if left < 0 or (left > CONTRACT_DAYS and not passed):
        return []
    identity = str(last["contract_id"])
    name = Name(identity, "contract", identity)
    revenue = account.figure("revenue", account.spans.year)
    worth = (
        account.money("contracts", "value", identity, last["value"], "contract value") if last["value"] is not None else None
    )
    least = [f for f in (revenue, worth) if f is not None]
    if not least:
        return []
    stake = min(least, key=lambda f: derived.number(f) or 0.0)
    words: Words = (
        "Contract ",
        name,
        *((" worth ", worth) if worth is not None else ()),
        " ends ",
        Day(ends),
        " and no later one is recorded.",
    )
    if last["notes"]:
        words += (" Note: ", Name(str(last["notes"]), "contract", identity), ".")
    step: Words = ("Settle the renewal of ", name, " before ", Day(ends), ".")
    return [
        Headline("contract", "money", "Their contract ends.", words, stake, "the last contract ends within three months", step)
    ]


def plans_mislead(account: Account) -> list[Headline]:
    """Their forecasts of the last year were off in one direction by a fifth or more."""
    bias, value = account.plan_bias
    if bias is None or value is None or abs(derived.number(bias) or 0) < 0.20:
        return []
    high = (derived.number(bias) or 0) > 0
    words: Words = ("Their own plans were ", bias, " off what they then wanted, in the ", account.spans.year, ".")
    step: Words = ("Show them their plan against what they took (", bias, ") and agree on a frozen horizon.")
    lead = "They plan too much." if high else "They plan too little."
    return [
        Headline(
            "plans", "money", lead, words, value, "bias of the customer's plan of a fifth or more", step, "demand planning"
        )
    ]


RULES: tuple[Rule, ...] = (loses, eroded, sent_back, overdue, contract_ends, plans_mislead)
