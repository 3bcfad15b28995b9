"""The canonical tables as data, in one place: names, keys, types, ranges, references. Nothing else defines a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "ts", "date", "money", "qty", "number", "int", "bool"]

MONEY = pa.decimal128(18, 6)
ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "ts": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "money": MONEY,
    "qty": MONEY,  # decimal, so that sums do not depend on row order
    "number": pa.float64(),
    "int": pa.int64(),
    "bool": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column: `required` may not be null; `allowed` lists the only values; `minimum`/`maximum` bound numbers;
    `references` names the table whose key the value must be found in."""

    name: str
    kind: Kind
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    references: str | None = None


@dataclass(frozen=True)
class Table:
    """One canonical table: what a row is, its key and its columns (without the three that every table carries)."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    @property
    def arrow(self) -> pa.Schema:
        """Arrow schema with the provenance columns at the end."""
        fields = [pa.field(c.name, ARROW[c.kind], nullable=not c.required) for c in self.columns]
        return pa.schema([*fields, *PROVENANCE])


PROVENANCE = (
    pa.field("source", pa.string()),
    pa.field("source_row", pa.string()),
    pa.field("loaded_at", pa.timestamp("us", tz="UTC")),
)

_KINDS: dict[str, Kind] = {
    "text": "text", "ts": "ts", "date": "date", "money": "money", "qty": "qty", "number": "number", "int": "int", "bool": "bool",
}  # fmt: skip


def _table(name: str, row: str, key: str, columns: str) -> Table:
    """Reads `name kind [?] [>table] [=a|b] [min..max]` words, one column a line."""
    keys = tuple(key.split())
    made = []
    for line in columns.strip().splitlines():
        words = line.split()
        column, kind, rest = words[0], _KINDS[words[1].rstrip("?")], words[2:]
        required = not words[1].endswith("?")
        references = next((w[1:] for w in rest if w.startswith(">")), None)
        allowed = next((tuple(w[1:].split("|")) for w in rest if w.startswith("=")), ())
        bounds = next((w.split("..") for w in rest if ".." in w), ["", ""])
        low = float(bounds[0]) if bounds[0] else (0.0 if kind == "qty" else None)
        high = float(bounds[1]) if bounds[1] else None
        made.append(Column(column, kind, required, allowed, low, high, references))
    return Table(name, row, keys, tuple(made))


_ALL = (
    _table("customers", "a company or person we sell to", "customer_id", """
        customer_id text
        name text
        industry text?
        region text?
        country text?
        size text?
        parent_id text?
        account_owner text?
        is_strategic bool?
        service_tier text?
        created_at ts?
    """),
    _table("contacts", "a person at a customer", "contact_id", """
        contact_id text
        customer_id text >customers
        name text?
        role text?
        email text?
        preferred_channel text?
    """),
    _table("products", "an article", "product_id", """
        product_id text
        name text
        category text?
        unit_cost money? 0..
        unit text?
        pack_size number? 0..
        lead_time_days number? 0..
        order_type text? =stock|assemble|make|engineer
    """),
    _table("orders", "a customer order", "order_id", """
        order_id text
        customer_id text >customers
        channel text?
        ordered_at ts
        requested_date date?
        promised_date date?
        latest_promised_date date?
        currency text?
        status text =open|delivered|cancelled
        approved_at ts?
        picked_at ts?
        shipped_at ts?
        delivered_at ts?
        carrier text?
        ship_from text?
        ship_to_region text?
    """),
    _table("order_lines", "a line of an order", "order_id line", """
        order_id text >orders
        line int
        product_id text >products
        qty_ordered qty
        qty_shipped_first qty?
        qty_delivered qty?
        unit_price money 0..
        discount money?
        unit_cost money? 0..
        is_damaged bool?
        is_wrong_item bool?
        invoice_ok bool?
        is_customized bool?
        lot text?
        packaging text?
    """),
    _table("returns", "goods coming back", "return_id", """
        return_id text
        order_id text? >orders
        customer_id text >customers
        product_id text? >products
        qty qty
        value money
        reason_code text?
        requested_at ts
        received_at ts?
        resolved_at ts?
        disposition text? =restock|repair|scrap|refund|replace
    """),
    _table("interactions", "a touchpoint", "interaction_id", """
        interaction_id text
        customer_id text >customers
        contact_id text? >contacts
        at ts
        channel text
        stage text? =inquiry|order|delivery|invoice|support|return|renewal
        kind text? =call|email|chat|visit|ticket
        direction text? =inbound|outbound
        case_id text?
        order_id text? >orders
        subject text?
        text text?
        first_response_at ts?
        resolved_at ts?
        promised_by ts?
        agent text?
    """),
    _table("feedback", "a voice-of-customer comment", "feedback_id", """
        feedback_id text
        customer_id text? >customers
        order_id text? >orders
        product_id text? >products
        at ts
        channel text
        text text?
        rating number?
        rating_scale text?
        nps number? 0..10
        language text?
    """),
    _table("demand_plans", "one forecast for one bucket", "product_id customer_id period_start party made_at", """
        product_id text >products
        customer_id text? >customers
        period_start date
        period_days int 1..
        party text =ours|customer
        forecast_qty qty
        made_at ts?
    """),
    _table("inventory", "stock and plan at a moment", "product_id location at", """
        product_id text >products
        location text
        at date
        on_hand qty
        on_order qty?
        safety_stock qty?
        reorder_point qty?
    """),
    _table("cost_activities", "an activity pool", "activity period_start", """
        activity text
        driver text
        period_start date
        period_end date
        cost money 0..
        practical_capacity number? 0..
    """),
    _table("loyalty", "a membership", "customer_id program", """
        customer_id text >customers
        program text
        tier text?
        points number?
        enrolled_at ts?
    """),
    _table("service_policies", "what a tier is promised", "service_tier", """
        service_tier text
        fill_rate_target number? 0..1
        otd_target number? 0..1
        order_cycle_days_target number? 0..
        first_response_hours_target number? 0..
        resolution_hours_target number? 0..
        notes text?
    """),
    _table("customer_aliases", "the same customer in another system", "system external_id", """
        system text
        external_id text
        customer_id text >customers
        confirmed bool?
    """),
    _table("commitments", "something promised to a customer", "commitment_id", """
        commitment_id text
        customer_id text >customers
        text text
        made_at ts
        due_at ts?
        kept_at ts?
        owner text?
    """),
    _table("invoices", "an invoice and its payment", "invoice_id", """
        invoice_id text
        customer_id text >customers
        order_id text? >orders
        issued_at ts
        due_at ts?
        paid_at ts?
        amount money
    """),
    _table("contracts", "an agreement", "contract_id", """
        contract_id text
        customer_id text >customers
        starts_at ts?
        ends_at ts?
        renewal_at ts?
        value money?
        notes text?
    """),
    _table("opportunities", "a quote or deal", "opportunity_id", """
        opportunity_id text
        customer_id text >customers
        name text?
        stage text?
        amount money?
        created_at ts?
        expected_close ts?
        closed_at ts?
        won bool?
    """),
    _table("targets", "a budget or goal", "metric dimension member period_start", """
        metric text
        dimension text?
        member text?
        period_start date
        period_end date
        value number
    """),
    _table("documents", "knowledge: policies, playbooks, account notes", "document_id", """
        document_id text
        title text
        text text
        kind text?
        customer_id text? >customers
        audience text?
        updated_at ts?
        url text?
    """),
)  # fmt: skip

TABLES: dict[str, Table] = {t.name: t for t in _ALL}
