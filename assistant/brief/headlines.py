"""The things to know: every rule looks at the account and may find one; they are ranked by the money at stake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Words, several
from assistant.brief.sections import money, service, voice
from knowledge.records import Figure

SHOWN = 3


@dataclass(frozen=True)
class Headline:
    """One thing to know: in words, what is at stake, the rule that found it, and what to do about it by whom."""

    key: str
    lead: str
    parts: Words
    stake: Figure
    rule: str
    step: Words = ()
    owner: str = "account owner"
    evidence: tuple[Figure, ...] = ()


Rule = Callable[[Account], Headline | None]


def headlines(account: Account) -> list[Headline]:
    """Everything that the rules find, most at stake first."""
    found = [h for rule in RULES if (h := rule(account)) is not None]
    return sorted(found, key=lambda h: (-abs(derived.number(h.stake) or 0.0), h.key))


def as_line(headline: Headline) -> Line:
    return Line(
        (*headline.parts, " At stake: ", headline.stake, "."), lead=headline.lead, figures=headline.evidence, rule=headline.rule
    )


def as_step(headline: Headline) -> Line:
    return Line(headline.step, figures=(headline.stake,), rule=headline.rule, owner=headline.owner)


def revenue_moved(account: Account) -> Headline | None:
    """Revenue of the last quarter a tenth or more away from the same quarter a year before (else the quarter before)."""
    spans = account.spans
    now = account.figure("revenue", spans.quarter)
    year_ago = account.figure("revenue", spans.quarter_last_year)
    span = spans.quarter_last_year if year_ago is not None else spans.quarter_before
    before = account.figure("revenue", span)
    if before is None or not derived.number(before):
        return None
    if now is None:
        now = account.total("order_lines", "revenue", 0.0, 0)
    moved, by = derived.change(now, before), derived.gap(now, before, account.book.currency)
    share = derived.number(moved)
    if moved is None or by is None or share is None or abs(share) < 0.10:
        return None
    orders, orders_before = account.figure("orders", spans.quarter), account.figure("orders", span)
    rhythm: Words = (", ", orders, " orders after ", orders_before) if orders and orders_before else ()
    words: Words = ("Revenue ", moved, " in the ", spans.quarter, " against ", span, ": ", now, " after ", before, *rhythm, ".")
    if share < 0:
        step: Words = ("Ask what they buy elsewhere now, and why; revenue is ", moved, ".")
        return Headline("falling", "They are buying less.", words, by, "revenue down a tenth or more on the quarter", step)
    step = ("Agree volumes and stock for the growth: ", moved, ".")
    return Headline("growing", "They are growing.", words, by, "revenue up a tenth or more on the quarter", step)


def below_promise(account: Account) -> Headline | None:
    """On-time delivery or line fill clearly below what the tier is promised; at stake is the revenue of the quarter."""
    worst: tuple[float, str, Figure, Figure] | None = None
    for metric in ("otd", "fill_rate"):
        if service.verdict(account, metric) != "missed":
            continue
        now, promised = service.judged(account, metric), account.target(metric)
        short = (derived.number(promised) or 0.0) - (derived.number(now) or 0.0)
        if now is not None and promised is not None and (worst is None or short > worst[0]):
            worst = (short, metric, now, promised)
    if worst is None:
        return None
    short, metric, now, promised = worst
    revenue = account.figure("revenue", now.period)
    if revenue is None:
        return None
    missed = 1 - (derived.number(now) or 0.0)
    stake = account.total("orders", "revenue by the share that missed", missed * (derived.number(revenue) or 0), now.rows)
    off = derived.gap(now, promised)
    words: Words = (now.label, " ", now, " against ", promised, " promised")
    if off is not None:
        words += (" (", off, ")")
    if now.period is not None:
        words += (", ", now.period)
    peers = account.peers(metric, now.period) if now.period is not None else None
    if peers is not None:
        words += ("; peers got ", peers)
    rule = "service clearly below the promise of the tier"
    step: Words = ("Tell them what is being done about ", now.label.lower(), " before the meeting; it is at ", now, ".")
    return Headline("service", "Service is below promise.", (*words, "."), stake, rule, step, "service", (revenue,))


def late_orders(account: Account) -> Headline | None:
    """Open orders past their promised date."""
    late = account.late_orders
    if not late:
        return None
    count = account.total("orders", "open orders past their promise", len(late), len(late), "count")
    value = account.total("orders", "value of open orders past their promise", sum(o["value"] or 0 for o in late), len(late))
    worst = max(late, key=lambda o: (o["days_past"], o["order_id"]))
    days = account.recorded("orders", "days_past", worst["order_id"], worst["days_past"], "count")
    name = Name(str(worst["order_id"]), "order", str(worst["order_id"]))
    words: Words = (
        *several(count, "open order is past its", "open orders are past their"),
        " promised date; the oldest, ",
        name,
        ", by ",
        *several(days, "day", "days"),
        ".",
    )
    step: Words = ("Give them new dates for the ", *several(count, "late order", "late orders"), ", first ", name, ".")
    return Headline(
        "late_orders", "Orders are late now.", words, value, "open orders past their promised date", step, "service"
    )


def overdue(account: Account) -> Headline | None:
    """Invoices overdue by more than two weeks."""
    rows, _ = money.overdue(account)
    old = [i for i in rows if i["days_past"] > 14]
    if not old:
        return None
    amount = account.total("invoices", "amount overdue by more than two weeks", sum(i["amount"] for i in old), len(old))
    count = account.total("invoices", "invoices overdue by more than two weeks", len(old), len(old), "count")
    first = max(old, key=lambda i: (i["days_past"], i["invoice_id"]))
    days = account.recorded("invoices", "days_overdue", first["invoice_id"], first["days_past"], "count")
    words: Words = (
        *several(count, "invoice is", "invoices are"),
        " overdue by more than two weeks, the oldest by ",
        *several(days, "day", "days"),
        ".",
    )
    step: Words = ("Settle the ", *several(count, "overdue invoice", "overdue invoices"), ", ", amount, ".")
    return Headline("overdue", "They owe us money.", words, amount, "invoices overdue by more than two weeks", step, "finance")


def contract_ends(account: Account) -> Headline | None:
    """A contract that ends within 120 days and has no successor."""
    for row in account.contracts:
        if row["ends"] is None or row["value"] is None:
            continue
        ends = row["ends"].date()
        newer = any(c["ends"] is not None and c["ends"].date() > ends for c in account.contracts)
        if 0 <= (ends - account.today).days <= 120 and not newer:
            identity = str(row["contract_id"])
            worth = account.money("contracts", "value", identity, row["value"])
            words: Words = (
                "Contract ",
                Name(identity, "contract", identity),
                " ends ",
                Day(ends),
                " and no later one is recorded.",
            )
            if row["notes"]:
                words += (" Note: ", Name(row["notes"], "contract", identity), ".")
            step: Words = ("Settle the renewal of ", Name(identity, "contract", identity), " before ", Day(ends), ".")
            return Headline("contract", "Their contract ends.", words, worth, "a contract ends within four months", step)
    return None


def complaint(account: Account) -> Headline | None:
    """The theme they complained of most in the year; at stake is the revenue of the orders that the comments name."""
    found = voice.complaints(account)
    if not found:
        return None
    first = found[0]
    total = account.figure("feedback_count", account.spans.year)
    quote = voice.exact(account.book, first.clauses[0])
    if total is None or quote is None or first.comments.value == 1:
        return None
    orders = {c["order_id"]: c["order_value"] or 0.0 for c in first.clauses if c["order_id"]}
    stake = account.total("feedback", "value of the orders complained of", sum(orders.values()), len(orders))
    words: Words = (
        first.comments,
        " of ",
        total,
        " comments of the ",
        account.spans.year,
        " complain of ",
        first.theme,
        ": ",
        quote,
        ".",
    )
    step: Words = ("Answer their complaint about ", first.theme, " (", first.comments, " comments).")
    return Headline(
        "complaint", "What they complain of.", words, stake, "the most frequent complaint of the year", step, "quality"
    )


def no_orders(account: Account) -> Headline | None:
    """No order yet; at stake are the open quotes."""
    if account.rhythm.get("last_order") is not None or not account.book.has("orders"):
        return None
    amount = sum(q["amount"] or 0.0 for q in account.quotes_open)
    count = len(account.quotes_open)
    stake = account.total("opportunities", "value of open quotes", amount, count)
    words: Words = (
        "They have not ordered yet; ",
        account.total("opportunities", "open quotes", count, count, "count"),
        " quotes are open.",
    )
    return Headline("no_orders", "No orders yet.", words, stake, "no order was ever placed", ("Ask what a first order needs.",))


RULES: tuple[Rule, ...] = (
    revenue_moved, below_promise, late_orders, overdue, contract_ends, complaint, no_orders,
)  # fmt: skip
