"""What briefs read, once a snapshot and reader: figures of every account through the metric layer, and dated records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from knowledge import account_records as records
from knowledge import account_voice
from knowledge.access import Reader
from knowledge.errors import NoData, NotAllowed, RapportError, UnknownName
from knowledge.metrics import find
from knowledge.panel import Panel, panel
from knowledge.query import coverage
from knowledge.records import Figure, MetricQuery, Period

T = TypeVar("T")
CORE = (
    "revenue", "net_revenue", "orders", "units", "aov", "otd", "fill_rate", "in_full", "perfect_order", "damage_free",
    "document_accuracy", "order_accuracy", "days_late", "order_cycle_time", "first_response_hours", "resolution_hours",
    "promise_keeping", "response_reliability", "complaint_recovery", "return_rate", "returned_value", "returns_count",
    "return_turnaround", "open_returns", "feedback_count", "csat", "nps", "net_sentiment", "gross_margin", "cost_to_serve",
    "customer_net_margin", "wape", "forecast_bias",
)  # fmt: skip


@dataclass(frozen=True)
class Spans:
    """The periods that briefs speak of, all ending at the as-of day."""

    year: Period
    year_before: Period
    quarter: Period
    quarter_before: Period
    quarter_last_year: Period

    @classmethod
    def until(cls, today: date) -> Spans:
        def back(first: int, last: int, label: str) -> Period:
            return Period(today - timedelta(days=first - 1), today - timedelta(days=last), label)

        return cls(
            back(365, 0, "last 12 months"),
            back(730, 365, "the 12 months before"),
            back(90, 0, "last 90 days"),
            back(180, 90, "the 90 days before"),
            back(455, 365, "the same 90 days a year before"),
        )

    def each(self) -> tuple[Period, ...]:
        return (self.year, self.year_before, self.quarter, self.quarter_before, self.quarter_last_year)


class Book:
    """Reads as one reader; every part is read when first asked for and kept. Safe to drop at any time."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        zone = ZoneInfo(str(reader.snapshot.facts.get("zone", "UTC")))
        self.as_of = reader.snapshot.as_of
        self.today: date = self.as_of.astimezone(zone).date()
        self.spans = Spans.until(self.today)
        self.currency = str(reader.snapshot.facts.get("currency", ""))
        self._kept: dict[str, Any] = {}

    @cached_property
    def covered(self) -> Period:
        return coverage(self.reader)

    @cached_property
    def customers(self) -> Mapping[str, Mapping[str, Any]]:
        """Attributes of each account by id; what is missing is None."""
        return {row["customer_id"]: row for row in plain(records.customers(self.reader))}

    @cached_property
    def core(self) -> Panel:
        """The figures of CORE for every account and span."""
        return panel([_by_customer(m, p) for m in CORE for p in self._spans_of(m)], self.reader)

    def figure(self, customer: str, metric: str, span: Period | None = None) -> Figure | None:
        """One account's figure; None where there is none (`why_not` says why)."""
        return self.core.figures.get(_by_customer(metric, span), {}).get((customer,))

    def why_not(self, metric: str, span: Period | None = None) -> RapportError | None:
        return self.core.refused.get(_by_customer(metric, span))

    def by_customer(self, name: str, load: Callable[[Reader], pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        """The rows of `load` by account."""

        def grouped() -> Mapping[str, pd.DataFrame]:
            found = load(self.reader)
            return {str(who): rows for who, rows in found.groupby("customer_id")} if len(found) else {}

        return self.kept(f"by customer: {name}", grouped)

    def kept(self, name: str, load: Callable[[], T]) -> T:
        """What `load` gives, loaded once."""
        if name not in self._kept:
            self._kept[name] = load()
        found: T = self._kept[name]
        return found

    def derived(self, name: str) -> Mapping[str, pd.DataFrame]:
        """The rows of a derived table by account; empty where the build did not make it."""

        def load(reader: Reader) -> pd.DataFrame:
            try:
                return reader.frame(name)
            except (NoData, NotAllowed):
                return pd.DataFrame({"customer_id": []})

        return self.by_customer(f"table {name}", load)

    def table(self, name: str) -> pd.DataFrame:
        """A small table whole; empty where it is not there."""

        def load() -> pd.DataFrame:
            try:
                return self.reader.frame(name)
            except (NoData, NotAllowed):
                return pd.DataFrame()

        return self.kept(f"table: {name}", load)

    def names(self, table: str, key: str) -> Mapping[str, str]:
        """`name` by `key` of a derived table (themes, reasons)."""
        found = self.table(table)
        return self.kept(f"names: {table}", lambda: dict(zip(found[key], found["name"], strict=True)) if len(found) else {})

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The masked comments by id."""
        return account_voice.texts(self.reader)

    def has(self, table: str) -> bool:
        return self.reader.rows(table) > 0

    def _spans_of(self, metric: str) -> tuple[Period | None, ...]:
        try:
            return self.spans.each() if find(metric).over_time else (None,)
        except UnknownName:
            return ()


def _by_customer(metric: str, span: Period | None) -> MetricQuery:
    return MetricQuery(metric, by=("customer",), period=span)


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as records with None for what is missing."""
    return [{str(k): None if _missing(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


def _missing(value: Any) -> bool:
    return value is None or (not isinstance(value, list | tuple | dict) and bool(pd.isna(value)))
