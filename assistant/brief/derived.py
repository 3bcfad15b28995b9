"""Figures made from other figures or from one record: differences, parts, targets, and what a row of a table holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from knowledge import display
from knowledge.intervals import rates_differ, wilson
from knowledge.records import Figure


def number(figure: Figure | None) -> float | None:
    """The value as a number, None where there is none."""
    return float(figure.value) if figure is not None and isinstance(figure.value, int | float) else None


def change(now: Figure | None, before: Figure | None) -> Figure | None:
    """By what share a sum changed, for example +12.3 %; None where there is nothing to compare with."""
    one, two = number(now), number(before)
    if now is None or before is None or one is None or not two or two <= 0:
        return None
    share = one / two - 1
    return replace(
        now, metric=f"{now.metric}.change", label=f"Change of {now.label.lower()}", value=round(share, 9), unit="share",
        display=signed(display.share(abs(share)), share), interval=None, numerator=one, denominator=two,
        definition=f"{now.label} now over {now.label.lower()} in the period before, less one.",
    )  # fmt: skip


def gap(now: Figure | None, before: Figure | None, currency: str = "") -> Figure | None:
    """The difference of two figures in their own unit; of two rates in points."""
    one, two = number(now), number(before)
    if now is None or before is None or one is None or two is None:
        return None
    by = one - two
    rate = now.unit in ("share", "share_points")
    points = abs(by) * 100 if rate else abs(by)
    shown = f"{points:.1f} points" if rate or now.unit == "points" else display.figure(abs(by), now.unit, currency)
    return replace(
        now, metric=f"{now.metric}.gap", label=f"Difference of {now.label.lower()}", value=round(by, 9),
        unit="points" if rate else now.unit, display=signed(shown, by), interval=None, numerator=one, denominator=two,
        definition="The first less the second.",
    )  # fmt: skip


def others(all_of_them: list[Figure], own: Figure | None, least: int = 3) -> Figure | None:
    """The rate of a group without the account itself; None where fewer than `least` others are measured."""
    rest = [f for f in all_of_them if own is None or f is not own]
    rest = [f for f in rest if f.denominator]
    if len(rest) < least:
        return None
    k, n = sum(float(f.numerator or 0) for f in rest), sum(float(f.denominator or 0) for f in rest)
    first = rest[0]
    return replace(
        first, value=k / n, display=display.figure(k / n, first.unit, "", k, n), interval=wilson(k, n) if first.interval else None,
        rows=sum(f.rows for f in rest), numerator=k, denominator=n, group={}, filters={},
    )  # fmt: skip


def differ(one: Figure | None, two: Figure | None, p: float = 0.05) -> bool:
    """Whether two rates are different beyond chance (METRICS C11)."""
    counts = [x for f in (one, two) if f is not None for x in (f.numerator, f.denominator)]
    if len(counts) < 4 or any(c is None for c in counts) or not counts[1] or not counts[3]:
        return False
    k1, n1, k2, n2 = (int(c or 0) for c in counts)
    return rates_differ(k1, n1, k2, n2) < p


def target(value: Any, of: Figure | None, unit: str, label: str, tier: str, as_of: datetime) -> Figure | None:
    """What the tier is promised, as a figure of the service policies."""
    if value is None:
        return None
    shown = display.share(float(value)) if unit == "share" else display.figure(float(value), unit, "")
    metric = of.metric if of is not None else label
    return Figure(
        f"{metric}.target", f"Promised {label}", float(value), unit, shown, filters={"service_tier": [tier]}, rows=1,
        definition="What customers of the tier are promised (service policies).", source="service_policies", as_of=as_of,
    )  # fmt: skip


def recorded(
    table: str, column: str, identity: str, value: Any, unit: str, currency: str, as_of: datetime, label: str = ""
) -> Figure:
    """One value of one record, as a figure that names the record."""
    figure = float(value)
    shown = int(figure) if unit in ("count", "qty") and figure.is_integer() else figure
    return Figure(
        f"{table}.{column}", label or column.replace("_", " "), shown, unit, display.figure(figure, unit, currency),
        filters={table: [identity]}, rows=1, definition=f"`{column}` of one row of `{table}`.", source=table, as_of=as_of,
    )  # fmt: skip


def counted(table: str, what: str, value: float, unit: str, currency: str, customer: str, as_of: datetime, rows: int) -> Figure:
    """A count or a sum over records of one account."""
    shown = int(value) if unit in ("count", "qty") and float(value).is_integer() else round(float(value), 2)
    return Figure(
        f"{table}.{what.replace(' ', '_')}", what.capitalize(), shown, unit, display.figure(float(value), unit, currency),
        filters={"customer": [customer]}, rows=rows, definition=f"{what.capitalize()} of the account in `{table}`.",
        source=table, as_of=as_of,
    )  # fmt: skip


def signed(text: str, value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + text
