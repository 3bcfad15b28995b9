"""Rules on what kind of account it is: strategic, new, very small, never heard."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Day, Words, several
from assistant.brief.rules.headline import Headline, Rule

NEW_DAYS, SMALL, LARGEST = 180, 0.10, 10


def weighty(account: Account) -> list[Headline]:
    """A named strategic account, or one of the ten with most revenue of the year: its place and share."""
    revenue, place = account.figure("revenue", account.spans.year), account.revenue_place
    if revenue is None or place is None:
        return []
    rank, count, share = place
    named = bool(account.facts["is_strategic"])
    if not named and ((derived.number(rank) or 0) > LARGEST or (derived.number(count) or 0) < 2 * LARGEST):
        return []
    part: Words = (", ", share, " of all revenue") if share is not None else ()
    words: Words = (
        "A named strategic account: " if named else "One of the largest accounts: ",
        revenue,
        " in the ",
        account.spans.year,
        *part,
    )
    words += (", number ", rank, " of ", count, " accounts by revenue.")
    rule = "a named strategic account" if named else "one of the ten accounts with most revenue"
    return [Headline("weighty", "standing", "They carry weight.", words, revenue, rule, bad=False)]


def new(account: Account) -> list[Headline]:
    """The first order was placed within half a year, and the data reaches further back."""
    first = account.rhythm.get("first_order")
    if first is None:
        return []
    first = first.date() if hasattr(first, "hour") else first
    if (account.today - first).days > NEW_DAYS or (first - account.book.covered.start).days < NEW_DAYS:
        return []
    revenue, orders = account.figure("revenue", account.spans.year), account.figure("orders", account.spans.year)
    if revenue is None or orders is None:
        return []
    words: Words = ("First order on ", Day(first), "; ", *several(orders, "order", "orders"), " for ", revenue, " since.")
    step: Words = ("Ask how it went so far (", *several(orders, "order", "orders"), "), and what comes next.")
    return [Headline("new", "standing", "They are new.", words, revenue, "first order within half a year", step, bad=False)]


def small(account: Account) -> list[Headline]:
    """Among the tenth of buying accounts with the least revenue of the year."""
    revenue, place = account.figure("revenue", account.spans.year), account.revenue_place
    if revenue is None or place is None or new(account) or account.rhythm.get("order_days") == 1:
        return []
    rank, count, _ = place
    if (derived.number(rank) or 0) <= (1 - SMALL) * (derived.number(count) or 0) or (derived.number(count) or 0) < 20:
        return []
    orders = account.figure("orders", account.spans.year)
    more: Words = (", ", *several(orders, "order", "orders")) if orders is not None else ()
    words: Words = ("One of the smallest accounts: ", revenue, " in the ", account.spans.year, *more)
    words += (", number ", rank, " of ", count, " by revenue.")
    return [Headline("small", "standing", "They are small.", words, revenue, "among the smallest tenth by revenue", bad=False)]


def unheard(account: Account) -> list[Headline]:
    """They buy and never said anything in a year, while others do."""
    revenue, orders = account.figure("revenue", account.spans.year), account.figure("orders", account.spans.year)
    if (
        not account.book.has("feedback")
        or revenue is None
        or orders is None
        or account.figure("feedback_count", account.spans.year)
    ):
        return []
    words: Words = (
        "Not one comment in the ",
        account.spans.year,
        ", with ",
        *several(orders, "order", "orders"),
        " for ",
        revenue,
        ".",
    )
    step: Words = ("Ask how it goes; they never say.",)
    return [Headline("unheard", "standing", "We do not hear from them.", words, revenue, "orders without a comment in a year", step, bad=False)]  # fmt: skip


RULES: tuple[Rule, ...] = (weighty, new, small, unheard)
