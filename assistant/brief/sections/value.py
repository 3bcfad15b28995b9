"""What they are worth: revenue and what is left of it, how it changed and why, and what is to be expected."""

from __future__ import annotations

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Line, Part, Section, Table, Words, line, unknown
from knowledge.records import Figure

ROWS = ("revenue", "net_revenue", "orders", "aov", "gross_margin", "cost_to_serve", "customer_net_margin")
COMMERCIAL = ("gross_margin", "cost_to_serve", "customer_net_margin")


def section(account: Account) -> Section:
    spans = account.spans
    rows: list[tuple[Words, ...]] = []
    for metric in ROWS:
        year, before = account.figure(metric, spans.year), account.figure(metric, spans.year_before)
        quarter = account.figure(metric, spans.quarter)
        if year is None and before is None and quarter is None:
            continue
        first = next(f for f in (year, before, quarter) if f is not None)
        moved = derived.change(year, before)
        rows.append(((first.label,), _cell(year), _cell(before), _cell(moved), _cell(quarter)))
    lines = [*_place(account), *_change(account), *_lifetime(account), *_unknown(account, bool(rows))]
    tables: tuple[Table, ...] = ()
    if rows:
        heads: Words = ("Figure", spans.year, spans.year_before, "Change", spans.quarter)
        tables = (Table("Value of the account", heads, tuple(rows)),)
    return Section("value", "Value", tuple(lines), tables)


def _place(account: Account) -> list[Line]:
    """Place by revenue, and by what is left."""
    made = []
    if account.revenue_place is not None:
        rank, count, share = account.revenue_place
        more: Words = (", ", share, " of all revenue") if share is not None else ()
        whose = " accounts" if account.book.reader.scope.accounts is None else " of your accounts"
        made.append(line("Number ", rank, " of ", count, whose, " by revenue of the ", account.spans.year, *more, "."))
    place, margin = (
        account.modelled("profit_rank", "profit rank", "count"),
        account.modelled("net_margin", "margin after cost to serve"),
    )
    if place is not None and margin is not None:
        now, before = account.margin_rates
        tail: Words = (", ", now, " of revenue") if now is not None else ()
        tail += (" (", before, " the year before)") if before is not None and now is not None else ()
        made.append(
            line(
                "Margin after cost to serve ", margin, *tail, ", number ", place, " by what is left, over the last costed year."
            )
        )
    if margin is not None and account.cost_driver is not None:
        name, cost = account.cost_driver
        made.append(line("The cost to serve that stands out: ", name, ", ", cost, "."))
    return made


def _change(account: Account) -> list[Line]:
    """Why the revenue of the quarter changed."""
    parts = account.change_parts
    moved = derived.gap(
        account.figure("revenue", account.spans.quarter), account.figure("revenue", account.compared), account.book.currency
    )
    if not parts or moved is None:
        return []
    words: Words = (
        "Revenue of the ",
        account.spans.quarter,
        " against ",
        account.compared,
        ": ",
        moved,
        ", of which volume ",
        parts["volume"],
    )
    return [line(*words, ", mix ", parts["mix"], ", price ", parts["price"], ".", figures=tuple(parts.values()))]


def _lifetime(account: Account) -> list[Line]:
    worth, low, high = (account.modelled(c, "customer lifetime value") for c in ("clv", "clv_low", "clv_high"))
    if worth is None:
        return []
    between: Words = (" (between ", low, " and ", high, ")") if low is not None and high is not None else ()
    return [line("Customer lifetime value, three years ahead, ", worth, *between, ".")]


def _cell(figure: Figure | None) -> Words:
    return (figure,) if figure is not None else ("–",)


def _unknown(account: Account, some: bool) -> list[Line]:
    if not some:
        return [unknown("revenue; there are no orders with lines of this account.")]
    if not account.book.reader.scope.may("commercial") or account.model.get("net_margin") is not None:
        return []
    missing = [m for m in COMMERCIAL if account.figure(m, account.spans.year) is None]
    if not missing:
        return []
    parts: list[Part] = []
    for n, metric in enumerate(missing):
        parts += [", " if n else "", metric.replace("_", " ")]
    return [unknown(*parts, "; it needs costs and cost pools.")] if parts else []
