"""What serving an account costs, from the cost tables of the build: the driver that stands out, the margin of two years."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from assistant.brief import derived
from assistant.brief.content import Name
from knowledge.records import Figure

if TYPE_CHECKING:
    from assistant.brief.book import Book

LEAST_MONTHS = 6


def driver(book: Book, customer: str, as_of: datetime) -> tuple[Name, Figure] | None:
    """The activity whose cost for each unit of revenue exceeds that of all accounts most; None where no cost is known."""
    costs = book.kept("costs of the year", lambda: _costs(book))
    sold = book.kept("costed revenue", lambda: _revenue(book))
    if costs.empty or customer not in costs.index or not sold.get(customer):
        return None
    own = {str(k): float(v) for k, v in costs.loc[[customer]].iloc[0].items()}
    usual = {str(k): float(v) / sum(sold.values()) for k, v in costs.sum().items()}
    name = min(own, key=lambda n: (-round(own[n] / sold[customer] - usual[n], 9), n))
    value = own[name]
    spent = derived.counted("customer_costs", f"cost of {name}", value, "money", book.currency, customer, as_of, 1)
    return Name(name.replace("_", " "), "activity", name), spent


def margin_rates(book: Book, customer: str) -> tuple[Figure | None, Figure | None]:
    """Margin after cost to serve over revenue, the last twelve costed months and the twelve before."""

    def rate(name: str, first: int, until: int) -> Figure | None:
        known = book.kept(f"margins {name}", lambda: _margins(book, first, until))
        sold, earned, months = known.get(customer, (0.0, 0.0, 0))
        if sold <= 0 or months < LEAST_MONTHS:
            return None
        return derived.counted(
            "customer_months", f"margin share {name}", earned / sold, "share", "", customer, book.as_of, months
        )

    return rate("now", 12, 0), rate("before", 24, 12)


def _margins(book: Book, first: int, until: int) -> dict[str, tuple[float, float, int]]:
    """Revenue, margin after cost to serve and number of costed months by account, from so many months ago until so many."""
    months = _months(book)
    if months.empty:
        return {}
    days, last = pd.to_datetime(months["month"]), _last_month(book)
    inside = months[(days > last - pd.DateOffset(months=first)) & (days <= last - pd.DateOffset(months=until))]
    sums = inside.groupby("customer_id").agg(
        sold=("revenue", "sum"), earned=("net_margin", "sum"), months=("net_margin", "size")
    )
    return {str(who): (float(s), float(e), int(n)) for who, s, e, n in sums.itertuples()}


def margin_by_month(book: Book, customer: str) -> dict[str, Figure]:
    """Margin after cost to serve of each whole month of the book."""
    made = {}
    for row in _rows(book, customer):
        month = pd.Timestamp(row["month"])
        if row.get("net_margin") is not None and book.months.start <= month.date() <= book.months.end:
            label = f"{month:%Y-%m}"
            figure = derived.counted(
                "customer_months", "net margin", row["net_margin"], "money", book.currency, customer, book.as_of, 1
            )
            made[label] = replace(figure, group={"month": label})
    return dict(sorted(made.items()))


def _rows(book: Book, customer: str) -> list[dict[str, Any]]:
    found = book.derived("customer_months").get(customer)
    return (
        [] if found is None else [{str(k): None if pd.isna(v) else v for k, v in r.items()} for r in found.to_dict("records")]
    )


def _months(book: Book) -> pd.DataFrame:
    found = book.table("customer_months")
    return found[found["net_margin"].notna()] if "net_margin" in found else pd.DataFrame()


def _last_month(book: Book) -> pd.Timestamp:
    return pd.Timestamp(pd.to_datetime(_months(book)["month"]).max())


def _costs(book: Book) -> pd.DataFrame:
    """Cost of the last twelve costed months by account and activity."""
    costs, months = book.table("customer_costs"), _months(book)
    if costs.empty or months.empty:
        return pd.DataFrame()
    year = costs[pd.to_datetime(costs["month"]) > _last_month(book) - pd.DateOffset(months=12)]
    return year.pivot_table(index="customer_id", columns="activity", values="cost", aggfunc="sum", fill_value=0.0)


def _revenue(book: Book) -> dict[str, float]:
    months = _months(book)
    if months.empty:
        return {}
    year = months[pd.to_datetime(months["month"]) > _last_month(book) - pd.DateOffset(months=12)]
    return {str(k): float(v) for k, v in year.groupby("customer_id")["revenue"].sum().items()}
