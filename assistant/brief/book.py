"""What briefs read, once a snapshot and reader: figures of every account through the metric layer, and dated records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from assistant.brief import derived
from knowledge import account_records as records
from knowledge import account_voice
from knowledge.access import Reader
from knowledge.account_trade import bought_twice
from knowledge.errors import NoData, NotAllowed, RapportError, UnknownName
from knowledge.metrics import find
from knowledge.models.price_volume_mix import decompose
from knowledge.panel import Panel, panel
from knowledge.query import coverage
from knowledge.query import run as run_query
from knowledge.records import Figure, Filter, MetricQuery, Period

T = TypeVar("T")
CORE = (
    "revenue", "net_revenue", "orders", "units", "aov", "otd", "fill_rate", "in_full", "perfect_order", "damage_free",
    "document_accuracy", "order_accuracy", "days_late", "order_cycle_time", "first_response_hours", "resolution_hours",
    "promise_keeping", "response_reliability", "complaint_recovery", "return_rate", "returned_value", "returns_count",
    "return_turnaround", "open_returns", "feedback_count", "csat", "nps", "net_sentiment", "gross_margin", "cost_to_serve",
    "customer_net_margin",
)  # fmt: skip

WEEKLY = ("revenue", "orders", "otd", "fill_rate", "perfect_order", "returned_value", "feedback_count", "net_sentiment")
LEAST_OTHERS = 3
LEEWAY = 7  # days that may be missing at the beginning of a span
PLANNED = ("wape", "forecast_bias", "forecast_value_added")
SPLITS: dict[str, tuple[str, ...]] = {
    "carrier": ("otd", "damage_free"),
    "ship_from": ("otd", "fill_rate", "damage_free", "order_accuracy"),
    "channel": ("otd", "document_accuracy"),
    "category": ("fill_rate", "order_accuracy"),
}
"""Dimensions that may explain a failing service rate, and the metrics they can split."""


@dataclass(frozen=True)
class Spans:
    """The periods that briefs speak of, all ending at the as-of day."""

    year: Period
    year_before: Period
    quarter: Period
    quarter_before: Period
    quarter_last_year: Period
    week: Period
    week_before: Period

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
            back(7, 0, "last 7 days"),
            back(14, 7, "the 7 days before"),
        )

    def each(self) -> tuple[Period, ...]:
        return (self.year, self.year_before, self.quarter, self.quarter_before, self.quarter_last_year)

    @property
    def weeks(self) -> tuple[Period, ...]:
        return (self.week, self.week_before)


class part(Generic[T]):
    """A property of a book that is read when first asked for, and then kept for all who share the book."""

    def __init__(self, load: Callable[[Any], T]) -> None:
        self._load = load
        self.__doc__ = load.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, book: Book, owner: type) -> T:
        return book.kept(f"part: {self._name}", lambda: self._load(book))


class Book:
    """Reads as one reader; every part is read when first asked for and kept. Safe to drop at any time."""

    def __init__(self, reader: Reader, latest: bool = True) -> None:
        """`latest` False: the reader's as-of is a past day, of which the tables derived by the build know nothing."""
        self.reader, self.latest = reader, latest
        zone = ZoneInfo(str(reader.snapshot.facts.get("zone", "UTC")))
        self.as_of = reader.snapshot.as_of
        self.today: date = self.as_of.astimezone(zone).date()
        self.spans = Spans.until(self.today)
        self.currency = str(reader.snapshot.facts.get("currency", ""))
        self._kept: dict[str, Any] = {}
        self._columns: dict[tuple[str, Period | None], Mapping[tuple[str, ...], Figure]] = {}

    def read_by(self, reader: Reader) -> Book:
        """The same book in the hands of another reader with the same rights to the same accounts: what one has read, both have."""
        found = copy(self)
        found.reader = reader
        return found

    @part
    def covered(self) -> Period:
        return coverage(self.reader)

    @part
    def customers(self) -> Mapping[str, Mapping[str, Any]]:
        """Attributes of each account by id; what is missing is None."""
        return {row["customer_id"]: row for row in plain(records.customers(self.reader))}

    @part
    def core(self) -> Panel:
        """The figures of CORE for every account and span."""
        return panel([_by_customer(m, p) for m in CORE for p in self._spans_of(m)], self.reader)

    def figure(self, customer: str, metric: str, span: Period | None = None) -> Figure | None:
        """One account's figure; None where there is none (`why_not` says why) or the data begins well after the span."""
        if span is not None and (self.covered.start - span.start).days > LEEWAY:
            return None
        return self._column(metric, span).get((customer,))

    def _column(self, metric: str, span: Period | None) -> Mapping[tuple[str, ...], Figure]:
        """A core metric's figures of a span by account."""
        if (metric, span) not in self._columns:
            self._columns[metric, span] = self.core.figures.get(_by_customer(metric, span), {})
        return self._columns[metric, span]

    def among(self, dimension: str, member: str, metric: str, span: Period) -> list[Figure]:
        """The figures of all accounts of a member of an attribute (an industry, a tier)."""

        def load() -> list[Figure]:
            ids = [i for i, c in self.customers.items() if c[dimension] == member]
            return [f for i in ids if (f := self.figure(i, metric, span)) is not None]

        return self.kept(f"among: {dimension} {member} {metric} {span.start} {span.end}", load)

    def why_not(self, metric: str, span: Period | None = None) -> RapportError | None:
        return self.core.refused.get(_by_customer(metric, span))

    def change_of_all(self, metric: str, now: Period, before: Period) -> Figure | None:
        """How a sum changed over all accounts that the reader sees; None below three others to hide among."""

        def load() -> Figure | None:
            sums = [[f for f in self._column(metric, s).values() if isinstance(f.value, int | float)] for s in (now, before)]
            if min(map(len, sums)) < LEAST_OTHERS + 1:
                return None
            one, two = (replace(f[0], value=round(sum(float(x.value or 0) for x in f), 6), filters={}) for f in sums)
            return derived.change(one, two)

        return self.kept(f"change of all: {metric} {now.start} {before.start}", load)

    def split(self, customer: str, dimension: str, metric: str, span: Period) -> dict[str, Figure]:
        """One account's figure by the members of a dimension of SPLITS, over the quarter or the year."""

        def query(of: str, within: Period) -> MetricQuery:
            return MetricQuery(of, by=("customer", dimension), period=within)

        def load() -> Panel:
            spans = (self.spans.quarter, self.spans.year)
            return panel([query(m, s) for m in SPLITS[dimension] for s in spans], self.reader)

        found = self.kept(f"split: {dimension}", load).about(query(metric, span), customer)
        return {member: figure for (_, member), figure in found.items()}

    def by_customer(self, name: str, load: Callable[[Reader], pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        """The rows of `load` by account."""

        def grouped() -> Mapping[str, pd.DataFrame]:
            found = load(self.reader)
            return {str(who): rows for who, rows in found.groupby("customer_id")} if len(found) else {}

        return self.kept(f"by customer: {name}", grouped)

    def rows(self, name: str, load: Callable[[Reader], pd.DataFrame]) -> Mapping[str, list[dict[str, Any]]]:
        """The rows of `load` by account as records, None for what is missing."""

        def listed() -> Mapping[str, list[dict[str, Any]]]:
            found: dict[str, list[dict[str, Any]]] = {}
            for row in plain(load(self.reader)):
                if row["customer_id"] is not None:
                    found.setdefault(str(row["customer_id"]), []).append(row)
            return found

        return self.kept(f"rows: {name}", listed)

    def kept(self, name: str, load: Callable[[], T]) -> T:
        """What `load` gives, loaded once."""
        if name not in self._kept:
            self._kept[name] = load()
        found: T = self._kept[name]
        return found

    def derived(self, name: str) -> Mapping[str, pd.DataFrame]:
        """The rows of a derived table by account; empty where the build did not make it."""
        return self.by_customer(f"table {name}", lambda _: self._derived(name))

    def derived_rows(self, name: str) -> Mapping[str, list[dict[str, Any]]]:
        """As `derived`, as records."""
        return self.rows(f"table {name}", lambda _: self._derived(name))

    def _derived(self, name: str) -> pd.DataFrame:
        found = self.table(name) if self.latest else pd.DataFrame()
        return found if len(found) else pd.DataFrame({"customer_id": []})

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

        def load() -> Mapping[str, str]:
            found = self.table(table)
            return dict(zip(found[key], found["name"], strict=True)) if len(found) else {}

        return self.kept(f"names: {table}", load)

    @part
    def models(self) -> Mapping[str, list[dict[str, Any]]]:
        """The customer model by account."""
        return self.derived_rows("customer_model")

    @part
    def policies(self) -> Mapping[str, dict[str, Any]]:
        """What each tier is promised."""
        return {str(row["service_tier"]): row for row in reversed(plain(self.table("service_policies")))}

    @part
    def revenue_of_year(self) -> Mapping[str, float]:
        figures = self._column("revenue", self.spans.year)
        return {who: float(f.value) for (who,), f in figures.items() if isinstance(f.value, int | float)}

    @part
    def by_category(self) -> Mapping[str, dict[str, tuple[Figure | None, Figure | None]]]:
        """Revenue by account and category in the last year and the one before."""
        spans = (self.spans.year, self.spans.year_before)
        asked = [MetricQuery("revenue", by=("customer", "category"), period=s) for s in spans]
        found = panel(asked, self.reader).figures
        now, before = (found.get(q, {}) for q in asked)
        made: dict[str, dict[str, tuple[Figure | None, Figure | None]]] = {}
        for who, category in sorted(now.keys() | before.keys()):
            made.setdefault(who, {})[category] = (now.get((who, category)), before.get((who, category)))
        return made

    def by_month(self, customer: str, metric: str) -> dict[str, Figure]:
        """One account's figure by whole month (2026-10), at most two years."""

        def load() -> dict[str, dict[str, Figure]]:
            try:
                found = run_query(MetricQuery(metric, by=("customer",), period=self.months, grain="month"), self.reader)
            except RapportError:
                return {}
            made: dict[str, dict[str, Figure]] = {}
            for figure in found.figures:
                made.setdefault(figure.group["customer"], {})[figure.group["month"]] = figure
            return made

        return dict(sorted(self.kept(f"months: {metric}", load).get(customer, {}).items()))

    @part
    def months(self) -> Period:
        """Whole months up to the as-of day, at most 24, within the data."""
        tomorrow = self.today + timedelta(days=1)
        end = tomorrow.replace(day=1) - timedelta(days=1)
        total = end.year * 12 + end.month - 24
        start = max(date(total // 12, total % 12 + 1, 1), self.covered.start)
        return Period(min(start, end), end)

    def change_parts(self, before: Period) -> Mapping[str, Mapping[str, float]]:
        """Volume, mix and price of the change of revenue by account, from that period to the last quarter."""

        def load() -> Mapping[str, Mapping[str, float]]:
            rows = decompose(bought_twice(self.reader, self.spans.quarter, before))
            return {str(who): {str(k): float(v) for k, v in row.items()} for who, row in rows.to_dict("index").items()}

        return self.kept(f"parts: {before.start}", load)

    def plan_figure(self, customer: str, metric: str, party: str) -> Figure | None:
        """How good one party's plan of an account was in the year (METRICS 10)."""

        def load() -> Panel:
            where = (Filter("party", (party,)),)
            return panel([MetricQuery(m, ("customer",), where, self.spans.year) for m in PLANNED], self.reader)

        query = MetricQuery(metric, ("customer",), (Filter("party", (party,)),), self.spans.year)
        return self.kept(f"plans: {party}", load).figures.get(query, {}).get((customer,))

    @part
    def texts(self) -> Mapping[str, str]:
        """The masked comments by id."""
        return account_voice.texts(self.reader)

    @part
    def claims(self) -> Mapping[str, list[dict[str, Any]]]:
        """What was checked of each comment."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in plain(self.table("claims")):
            found.setdefault(str(row["feedback_id"]), []).append(row)
        return found

    @part
    def praised(self) -> frozenset[str]:
        """Themes that are praise on the whole."""
        if not self.has("themes"):
            return frozenset()
        themes = self.table("themes")
        return frozenset(themes.loc[themes["sentiment"] > 0, "theme_id"])

    def has(self, table: str) -> bool:
        return self.reader.rows(table) > 0

    def _spans_of(self, metric: str) -> tuple[Period | None, ...]:
        try:
            each = (*self.spans.each(), *(self.spans.weeks if metric in WEEKLY else ()))
            return each if find(metric).over_time else (None,)
        except UnknownName:
            return ()


def _by_customer(metric: str, span: Period | None) -> MetricQuery:
    return MetricQuery(metric, by=("customer",), period=span)


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as records with None for what is missing."""
    told = frame.astype("object")
    return [{str(k): v for k, v in row.items()} for row in told.where(frame.notna(), None).to_dict("records")]
