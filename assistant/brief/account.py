"""One account as a book knows it: its figures by metric and span, its records, its peers and what its tier is promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from assistant.brief import costs, derived
from assistant.brief.book import Book, Spans
from assistant.brief.content import Name
from knowledge import account_records as records
from knowledge import account_voice
from knowledge.access import Reader
from knowledge.records import Figure, Period

PARTS = {
    "volume": "More or fewer units of each unit of measure, at the old average value.",
    "mix": "Dearer or cheaper articles, new ones and lost ones.",
    "price": "New against old price of the articles bought in both periods, at the new quantity.",
}
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
        return list(self.book.rows(name, load).get(self.id, ()))

    def derived(self, table: str) -> list[dict[str, Any]]:
        """The account's rows of a derived table."""
        return list(self.book.derived_rows(table).get(self.id, ()))

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
        return self.book.policies.get(tier, {}) if tier else {}

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
        return derived.others(self.book.among(dimension, member.text, metric, span), self.figure(metric, span))

    @property
    def compared(self) -> Period:
        """What the last quarter is compared with: the same days a year before where there were orders, else the quarter before."""
        spans = self.spans
        return spans.quarter_last_year if self.figure("revenue", spans.quarter_last_year) is not None else spans.quarter_before

    @cached_property
    def change_parts(self) -> dict[str, Figure]:
        """Volume, mix and price of the change of revenue from `compared` to the last quarter."""
        row = self.book.change_parts(self.compared).get(self.id)
        if row is None:
            return {}
        made = {}
        for name in ("volume", "mix", "price"):
            figure = self.total("order_lines", f"change of revenue by {name}", float(row[name]), 1)
            made[name] = replace(
                figure, display=derived.signed(figure.display.lstrip("-"), float(row[name])), definition=PARTS[name]
            )
        return made

    def by_month(self, metric: str) -> dict[str, Figure]:
        return self.book.by_month(self.id, metric)

    @cached_property
    def margin_by_month(self) -> dict[str, Figure]:
        """Margin after cost to serve by month; empty where no cost is known or the reader may not see it."""
        return costs.margin_by_month(self.book, self.id)

    @cached_property
    def dormant(self) -> list[tuple[Name, Figure]]:
        """Categories bought in the year before the last and not since, most revenue first."""
        rows = self.book.by_category.get(self.id, {})
        lost = [(c, f) for c, (now, f) in rows.items() if now is None and f is not None]
        return [(Name(c, "category", c), f) for c, f in sorted(lost, key=lambda i: (-(derived.number(i[1]) or 0), i[0]))]

    @cached_property
    def said(self) -> list[dict[str, Any]]:
        """Clauses of their comments, newest first."""
        return self.rows("said", account_voice.said)

    def modelled(self, column: str, label: str, unit: str = "money") -> Figure | None:
        """What the customer model says, as a figure; None where it says nothing or the reader may not see it."""
        value = self.model.get(column)
        return None if value is None else self.recorded("customer_model", column, self.id, value, unit, label)

    @cached_property
    def peer_margin(self) -> Figure | None:
        """Margin after cost to serve of the other accounts, as a share of their revenue; None below three others."""
        rows = [m[0] for i in self.book.customers if i != self.id and (m := self.book.models.get(i)) is not None]
        known = [
            (r["net_margin"], r["profit_revenue"]) for r in rows if r.get("net_margin") is not None and r.get("profit_revenue")
        ]
        if len(known) < 3:
            return None
        earned, sold = sum(e for e, _ in known), sum(s for _, s in known)
        return derived.counted(
            "customer_model", "margin of the other accounts", earned / sold, "share", "", self.id, self.book.as_of, len(known)
        )

    @cached_property
    def cost_driver(self) -> tuple[Name, Figure] | None:
        """The activity whose cost for each unit of revenue exceeds the others' most, with its cost of the year."""
        return costs.driver(self.book, self.id, self.book.as_of)

    @cached_property
    def margin_rates(self) -> tuple[Figure | None, Figure | None]:
        """Margin after cost to serve as a share of revenue, the last twelve costed months and the twelve before."""
        return costs.margin_rates(self.book, self.id)

    @cached_property
    def plan_bias(self) -> tuple[Figure | None, Figure | None]:
        """The bias of the customer's own plan over the year, and the revenue that such a share stands for."""
        bias = self.book.plan_figure(self.id, "forecast_bias", "customer")
        revenue = derived.number(self.figure("revenue", self.spans.year))
        if bias is None or revenue is None:
            return None, None
        return bias, self.total(
            "demand_plans", "revenue that the bias stands for", abs(derived.number(bias) or 0) * revenue, bias.rows
        )

    @cached_property
    def revenue_place(self) -> tuple[Figure, Figure, Figure | None] | None:
        """Place by revenue of the year among the accounts that the reader sees, of how many, and the share of all revenue.

        The share needs the commercial right (dependence on an account)."""
        values = self.book.revenue_of_year
        if self.id not in values:
            return None
        rank = 1 + sum(v > values[self.id] for v in values.values())
        share = None
        if self.book.reader.scope.may("commercial") and sum(values.values()) > 0:
            share = self.total("order_lines", "share of all revenue", values[self.id] / sum(values.values()), 1, "share")
        return (
            self.total("order_lines", "place by revenue", rank, 1, "count"),
            self.total("order_lines", "accounts that bought", len(values), len(values), "count"),
            share,
        )

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
