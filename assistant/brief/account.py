"""One account as a book knows it: its figures by metric and span, its records, its peers and what its tier is promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from assistant.brief import derived
from assistant.brief.book import Book, Spans, plain
from assistant.brief.content import Name
from knowledge import account_records as records
from knowledge.access import Reader
from knowledge.records import Figure, Period

TARGETS = {
    "otd": ("otd_target", "share"),
    "fill_rate": ("fill_rate_target", "share"),
    "order_cycle_time": ("order_cycle_days_target", "days"),
    "first_response_hours": ("first_response_hours_target", "hours"),
    "resolution_hours": ("resolution_hours_target", "hours"),
}


class Account:
    """What sections read; gives None or empty lists where nothing is known."""

    def __init__(self, book: Book, identity: str) -> None:
        self.book, self.id = book, identity
        self.facts = book.customers[identity]
        self.name = Name(str(self.facts["name"] or identity), "customer", identity)

    @property
    def spans(self) -> Spans:
        return self.book.spans

    @property
    def today(self) -> date:
        return self.book.today

    def figure(self, metric: str, span: Period | None = None) -> Figure | None:
        return self.book.figure(self.id, metric, span)

    def number(self, metric: str, span: Period | None = None) -> float:
        """The figure's value, 0 where there is none."""
        return derived.number(self.figure(metric, span)) or 0.0

    def rows(self, name: str, load: Callable[[Reader], pd.DataFrame]) -> list[dict[str, Any]]:
        found = self.book.by_customer(name, load).get(self.id)
        return [] if found is None else plain(found)

    def derived(self, table: str) -> list[dict[str, Any]]:
        """The account's rows of a derived table."""
        found = self.book.derived(table).get(self.id)
        return [] if found is None else plain(found)

    def money(self, table: str, column: str, identity: str, value: Any, label: str = "") -> Figure:
        return derived.recorded(table, column, identity, value, "money", self.book.currency, self.book.as_of, label)

    def recorded(self, table: str, column: str, identity: str, value: Any, unit: str, label: str = "") -> Figure:
        return derived.recorded(table, column, identity, value, unit, self.book.currency, self.book.as_of, label)

    def total(self, table: str, what: str, value: float, rows: int, unit: str = "money") -> Figure:
        return derived.counted(table, what, value, unit, self.book.currency, self.id, self.book.as_of, rows)

    @cached_property
    def model(self) -> dict[str, Any]:
        """What the models say of the account; empty where they were not built."""
        found = self.derived("customer_model")
        return found[0] if found else {}

    @cached_property
    def rhythm(self) -> dict[str, Any]:
        """First and last order, usual gap: the customer facts of the build."""
        found = self.derived("customer_facts")
        return found[0] if found else {}

    @cached_property
    def policy(self) -> dict[str, Any]:
        """What its tier is promised."""
        tier = self.facts["service_tier"]
        return next((p for p in plain(self.book.table("service_policies")) if p["service_tier"] == tier), {}) if tier else {}

    def target(self, metric: str) -> Figure | None:
        column, unit = TARGETS[metric]
        now = self.figure(metric, self.spans.quarter) or self.figure(metric, self.spans.year)
        label = now.label.lower() if now is not None else metric.replace("_", " ")
        return derived.target(self.policy.get(column), now, unit, label, str(self.facts["service_tier"]), self.book.as_of)

    @cached_property
    def peer_group(self) -> tuple[str, Name] | None:
        """The dimension and the member that make its peers: its industry, else its tier."""
        for dimension in ("industry", "service_tier"):
            if self.facts[dimension]:
                return dimension, Name(str(self.facts[dimension]), dimension, str(self.facts[dimension]))
        return None

    def peers(self, metric: str, span: Period) -> Figure | None:
        """The rate of the others in the peer group; None below three others."""
        if self.peer_group is None:
            return None
        dimension, member = self.peer_group
        ids = [i for i, c in self.book.customers.items() if c[dimension] == member.text]
        found = [f for i in ids if (f := self.book.figure(i, metric, span)) is not None]
        return derived.others(found, self.figure(metric, span))

    @cached_property
    def open_orders(self) -> list[dict[str, Any]]:
        return self.rows("open_orders", records.open_orders)

    @cached_property
    def late_orders(self) -> list[dict[str, Any]]:
        return [o for o in self.open_orders if (o["days_past"] or 0) > 0]

    @cached_property
    def unpaid(self) -> list[dict[str, Any]]:
        return self.rows("unpaid_invoices", records.unpaid_invoices)

    @cached_property
    def contracts(self) -> list[dict[str, Any]]:
        return self.rows("contracts", records.contracts)

    @cached_property
    def quotes_open(self) -> list[dict[str, Any]]:
        return self.rows("open_quotes", records.open_quotes)

    @cached_property
    def commitments(self) -> list[dict[str, Any]]:
        return self.rows("commitments", records.commitments)

    @cached_property
    def waiting(self) -> list[dict[str, Any]]:
        """Contacts that came in and were not answered."""
        return self.rows("open_contacts", records.open_contacts)
