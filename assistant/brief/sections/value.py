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
    lines = _unknown(account, bool(rows))
    tables: tuple[Table, ...] = ()
    if rows:
        heads: Words = ("Figure", spans.year, spans.year_before, "Change", spans.quarter)
        tables = (Table("Value of the account", heads, tuple(rows)),)
    return Section("value", "Value", tuple(lines), tables)


def _cell(figure: Figure | None) -> Words:
    return (figure,) if figure is not None else ("–",)


def _unknown(account: Account, some: bool) -> list[Line]:
    if not some:
        return [unknown("revenue; there are no orders with lines of this account.")]
    if not account.book.reader.scope.may("commercial"):
        return []
    missing = [m for m in COMMERCIAL if account.figure(m, account.spans.year) is None]
    if not missing:
        return []
    parts: list[Part] = []
    for n, metric in enumerate(missing):
        parts += [", " if n else "", metric.replace("_", " ")]
    return [unknown(*parts, "; it needs costs and cost pools.")] if parts else []


def lead(account: Account) -> Line | None:
    """Revenue of the year and its change, for the page."""
    spans = account.spans
    year = account.figure("revenue", spans.year)
    if year is None:
        return None
    moved = derived.change(year, account.figure("revenue", spans.year_before))
    more: tuple[Part, ...] = (", ", moved, " on ", spans.year_before) if moved is not None else ()
    return line("Revenue ", year, " in the ", spans.year, *more, ".")
