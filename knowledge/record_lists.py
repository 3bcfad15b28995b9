"""Records by their state: invoices, contracts, quotes, promises, contacts, cases; and customers who fell silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from knowledge.access import Reader
from knowledge.compile import column_of, condition_of
from knowledge.entities.catalogue import entity
from knowledge.errors import BadQuestion
from knowledge.metrics.registry import RIGHT_OF
from knowledge.records import MetricQuery

if TYPE_CHECKING:
    import ibis.expr.types as ir

SILENT_DAYS = 90
Test = Callable[["ir.Table", datetime], "ir.BooleanValue"]


@dataclass(frozen=True)
class State:
    """A state of records: how it is said of them, the test, and the column by which a period cuts them."""

    said: str
    test: Test
    dated: str


@dataclass(frozen=True)
class Kind:
    """A kind of record: its table and key, what to call one, the columns to show, the money that is added up, its states;
    rows of the same `once` are one record, told by the first."""

    table: str
    key: str
    noun: str
    columns: tuple[tuple[str, str], ...]
    dated: str = ""
    amount: str = ""
    states: Mapping[str, State] = field(default_factory=dict)
    once: str = ""


KINDS: dict[str, Kind] = {
    "invoice": Kind(
        "invoices", "invoice_id", "invoice", (("Issued", "issued_at"), ("Due", "due_at"), ("Paid", "paid_at"), ("Amount", "amount")), "issued_at", "amount",
        {
            "overdue": State("overdue", lambda t, now: t.paid_at.isnull() & (t.due_at < now), "due_at"),
            "unpaid": State("unpaid", lambda t, _: t.paid_at.isnull(), "issued_at"),
            "paid": State("paid", lambda t, _: t.paid_at.notnull(), "paid_at"),
        },
    ),
    "contract": Kind(
        "contracts", "contract_id", "contract", (("Starts", "starts_at"), ("Renewal", "renewal_at"), ("Ends", "ends_at"), ("Value", "value"), ("Notes", "notes")), "starts_at", "value",
        {
            "ending": State("still to end", lambda t, now: t.ends_at >= now, "ends_at"),
            "running": State("running", lambda t, now: (t.starts_at <= now) & (t.ends_at.isnull() | (t.ends_at >= now)), "starts_at"),
        },
    ),
    "quote": Kind(
        "opportunities", "opportunity_id", "quote", (("Name", "name"), ("Stage", "stage"), ("Made", "created_at"), ("Expected", "expected_close"), ("Amount", "amount")), "created_at", "amount",
        {
            "open": State("open", lambda t, _: t.closed_at.isnull(), "created_at"),
            "won": State("won", lambda t, _: t.won.fill_null(False), "closed_at"),
            "lost": State("lost", lambda t, _: t.closed_at.notnull() & ~t.won.fill_null(False), "closed_at"),
        },
    ),
    "promise": Kind(
        "commitments", "commitment_id", "promise", (("Promise", "text"), ("Made", "made_at"), ("Due", "due_at"), ("Kept", "kept_at"), ("Owner", "owner")), "made_at", "",
        {
            "open": State("open", lambda t, now: t.kept_at.isnull() & (t.due_at.isnull() | (t.due_at >= now)), "made_at"),
            "broken": State("broken or kept too late", lambda t, now: (t.due_at < now) & (t.kept_at.isnull() | (t.kept_at > t.due_at)), "due_at"),
            "kept": State("kept in time", lambda t, _: t.kept_at.notnull() & (t.due_at.isnull() | (t.kept_at <= t.due_at)), "kept_at"),
        },
    ),
    "contact": Kind("contacts", "contact_id", "contact", (("Name", "name"), ("Role", "role"), ("E-mail", "email"), ("Prefers", "preferred_channel"))),
    "case": Kind(
        "interactions", "interaction_id", "case", (("Since", "at"), ("Channel", "channel"), ("About", "subject"), ("Agent", "agent")), "at", "",
        {
            "open": State("open", lambda t, _: t.resolved_at.isnull() & (t.direction.isnull() | (t.direction == "inbound")), "at"),
            "unanswered": State("unanswered", lambda t, _: t.first_response_at.isnull() & (t.direction.isnull() | (t.direction == "inbound")), "at"),
        },
        "case_id",
    ),
}  # fmt: skip


def records_of(kind: Kind, state: State | None, query: MetricQuery, reader: Reader) -> list[dict[str, Any]]:
    """Records of the kind in that state, within the query's filters and period, in order of their date; with `customer_id` and
    those of the kind's columns that the reader may see. Fails: NoData, BadQuestion (a filter that is not of customers)."""
    table = of_customers(reader.table(kind.table), query, reader)
    if state is not None:
        table = table.filter(state.test(table, reader.snapshot.as_of))
    dated = state.dated if state else kind.dated
    if query.period is not None and dated:
        table = table.filter(table[dated].date().between(query.period.start, query.period.end))
    columns = [c for _, c in kind.columns if c in table.columns and reader.scope.may(RIGHT_OF.get(c, "open"))]
    extra = [kind.once] if kind.once in table.columns else []
    rows = reader.engine.backend.to_pyarrow(table.select(kind.key, "customer_id", *columns, *extra)).to_pylist()

    def place(row: dict[str, Any]) -> tuple[bool, Any, str]:
        at = row.get(dated) if dated else None
        return at is None, at or 0, str(row[kind.key])

    first: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=place):
        identity = str(row.pop(kind.once, None) or row[kind.key])
        first.setdefault(identity, {**row, kind.key: identity})
    return list(first.values())


def silent(query: MetricQuery, reader: Reader, how: str) -> list[dict[str, Any]]:
    """Customers who did not order, the largest by revenue first. `how`: "never" at all; "stopped", their last order lies in the
    query's period; else not in it, customers since before its end. Without a period: not for ninety days."""
    period, today = query.period, reader.snapshot.as_of.date()
    facts = of_customers(reader.table("customer_facts"), query, reader)
    if how == "never":
        everybody = of_customers(reader.table("customers"), query, reader)
        ordered = reader.table("orders").select(ordered_id="customer_id").distinct()
        rows = reader.engine.backend.to_pyarrow(
            everybody.anti_join(ordered, everybody.customer_id == ordered.ordered_id).select("customer_id")
        ).to_pylist()
        return sorted(
            ({**r, "last_order": None, "recency_days": None, "revenue": 0.0} for r in rows), key=lambda r: r["customer_id"]
        )
    if period is None:
        facts = facts.filter(facts.recency_days > SILENT_DAYS)
    elif how == "stopped" and not period.label.startswith("since"):
        facts = facts.filter(facts.last_order.between(period.start, period.end), facts.recency_days > SILENT_DAYS)
    elif period.end >= today:
        facts = facts.filter(facts.last_order < period.start)
    else:
        orders = reader.table("orders")
        within = orders.filter(
            orders.ordered_at.date().between(period.start, period.end), (orders.status != "cancelled").fill_null(True)
        )
        within = within.select(ordered_id="customer_id").distinct()
        facts = facts.filter(facts.first_order <= period.end).anti_join(within, facts.customer_id == within.ordered_id)
    rows = reader.engine.backend.to_pyarrow(facts.select("customer_id", "last_order", "recency_days", "revenue")).to_pylist()
    return sorted(rows, key=lambda r: (-r["revenue"], r["customer_id"]))


def of_customers(table: ir.Table, query: MetricQuery, reader: Reader) -> ir.Table:
    """The rows of the customers that the filters leave."""
    for f in query.where:
        source, column = ("customers", "customer_id") if f.dimension == "customer" else column_of(f.dimension)
        if source != "customers" and f.dimension not in entity("customer").attributes:
            raise BadQuestion(
                f"These records cannot be cut by {f.dimension.replace('_', ' ')}.",
                "Name customers, or an attribute of customers.",
            )
        known = reader.table(source)
        chosen = known.filter(condition_of(known[column], f)).select(chosen_id="customer_id")
        table = table.semi_join(chosen, table.customer_id == chosen.chosen_id)
    return table
