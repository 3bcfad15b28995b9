"""Answers read from records: where an order is, which orders are late or open, who a customer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from assistant import compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, day, framed, local_day, query_json, title
from knowledge import display
from knowledge.access import Reader
from knowledge.compile import cut_rows
from knowledge.errors import NoData, UnknownName
from knowledge.records import Citation, Figure

STAGES = (
    ("Ordered", "ordered_at"),
    ("Promised", "promised_date"),
    ("Approved", "approved_at"),
    ("Shipped", "shipped_at"),
    ("Delivered", "delivered_at"),
)
STATE_WORDS = {
    "late": "late", "overdue": "open and past their promise", "open": "open", "cancelled": "cancelled", "delivered": "delivered",
    "shipped": "on their way",
}  # fmt: skip
STATE_BASE = {
    "late": "due_orders",
    "overdue": "orders",
    "open": "orders",
    "shipped": "orders",
    "cancelled": "all_orders",
    "delivered": "delivered",
}
SHOWN = 20


def order(plan: Plan, reader: Reader) -> Answer:
    """Where an order is: its record, stage by stage, each date a figure of its own."""
    wanted = plan.search or ""
    orders = reader.table("orders")
    found = reader.engine.backend.to_pyarrow(orders.filter(orders.order_id.upper() == wanted.upper())).to_pylist()
    if not found:
        raise UnknownName(f"There is no order {wanted} that you can see.", "Check the number.", code="unknown_order")
    row = found[0]
    identity = str(row["order_id"])
    figures = [_dated(label, row[c], identity, reader) for label, c in STAGES if row.get(c) is not None]
    told = [f"{f.label.lower()} {f.display}" for f in figures if f.label != "Approved"]
    text = f"Order **{identity}** is **{row['status']}**: {', '.join(told)}."
    promised, delivered, today = row.get("promised_date"), row.get("delivered_at"), reader.snapshot.as_of.date()
    if promised and delivered:
        late = (local_day(delivered, reader) - promised).days
        if late > 0:
            figures.append(_days("Days late", late, identity, reader))
            text += f" **{figures[-1].display} late.**"
        else:
            text += " On time."
    elif promised and row["status"] == "open" and today > promised:
        figures.append(_days("Days past its promise", (today - promised).days, identity, reader))
        text += f" Open, and **{figures[-1].display} past its promise**."
    if row.get("carrier"):
        text += f" Carrier {row['carrier']}."
    moved = row.get("latest_promised_date")
    if moved and promised and moved != promised:
        figures.append(_dated("Latest promise", moved, identity, reader))
        text += f" The promise was moved to {figures[-1].display}."
    text += f"\n\n_Order record · data to {day(reader)}_"
    cited = (Citation("order", identity, f"Order {identity}"),)
    return framed(reader, plan, "answered", text, figures=tuple(figures), citations=cited)


def orders(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The orders in a state ("late", "open") within the filters: how many, what share where that has a meaning, which ones."""
    state = str(plan.slots["state"])
    query = plan.queries[0]
    today = reader.snapshot.as_of.date()
    table = cut_rows(STATE_BASE[state], replace(query, by=(), limit=None), reader)
    of_all = int(table.count().execute()) if state in ("late", "cancelled") else None
    if state == "late":
        table = table.filter(((table.delivered_day > table.day) | (table.status == "open")).fill_null(False))
    elif state == "overdue":
        table = table.filter((table.status == "open") & (table.promised_date < today))
    elif state == "shipped":
        table = table.filter((table.status == "open") & table.shipped_at.notnull())
    elif state != "delivered":
        table = table.filter(table.status == state)
    columns = [
        c
        for c in ("order_id", "customer_id", "status", "ordered_at", "promised_date", "delivered_at", "carrier")
        if c in table.columns
    ]
    rows = reader.engine.backend.to_pyarrow(table.select(*columns).distinct()).to_pylist()
    rows.sort(key=lambda r: (r.get("promised_date") or date.max, str(r["order_id"])), reverse=state in ("late", "delivered"))
    base = Figure(
        "orders", f"Orders {STATE_WORDS[state]}", len(rows), "count", display.number(len(rows)),
        filters={f.dimension: list(f.values) for f in query.where}, period=query.period, rows=len(rows), as_of=reader.snapshot.as_of,
        definition=f"Orders that are {STATE_WORDS[state]} as of the data's last day.", source="order records",
    )  # fmt: skip
    figures = [base]
    text = f"**{base.display}** orders{compose.scope_words(query, name)}{compose.period_words(query.period)} are {STATE_WORDS[state]}"
    if state in ("late", "delivered", "cancelled"):
        text = text.replace(" are ", " were ", 1)
    if of_all:
        share = len(rows) / of_all
        figures.append(
            replace(base, label=f"Share of orders {STATE_WORDS[state]}", value=round(share, 6), unit="share", display=display.share(share), rows=of_all,
                    numerator=float(len(rows)), denominator=float(of_all))
        )  # fmt: skip
        text += f", {figures[-1].display} of {display.number(of_all)}{' due' if state == 'late' else ''}"
    text += "."
    if plan.slots.get("share_first"):
        figures.reverse()
    limit = query.limit or SHOWN
    shown = rows[:limit]
    if len(rows) > len(shown):
        text += f" The {'latest' if state in ('late', 'delivered') else 'first'} {len(shown)} are listed."
    listed = {
        "columns": ["Order", "Customer", "Ordered", "Promised", "Delivered"],
        "rows": [_row(r, name, reader) for r in shown],
    }
    text += f"\n\n_Order records · {'by promised date · ' if state == 'late' else ''}data to {day(reader)}_"
    slots = {**plan.slots, "queries": [query_json(query)], "counts": {"shown": len(shown)}}
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=tuple(figures), table=listed if shown else None,
        citations=tuple(Citation("order", str(r["order_id"]), f"Order {r['order_id']}") for r in shown),
    )  # fmt: skip


def who(plan: Plan, reader: Reader) -> Answer:
    """Who a customer is: the record's own words."""
    asked = next((e for e in plan.slots.get("entities", ()) if e["dimension"] in ("customer", "parent")), None)
    if asked is None:
        raise NoData("Nobody has been named here yet.", "Name a customer.", code="nobody_named")
    customers = reader.table("customers")
    found = reader.engine.backend.to_pyarrow(customers.filter(customers.customer_id == asked["value"])).to_pylist()
    if not found:
        raise UnknownName(
            f"There is no customer {asked['label']} that you can see.", "Check the name.", code="unknown_customer"
        )
    row = found[0]
    bits = [
        f"{title(c).lower()} {row[c]}"
        for c in ("service_tier", "industry", "size", "region", "country", "account_owner")
        if row.get(c)
    ]
    text = f"**{row['name']}** ({row['customer_id']}): {', '.join(bits) or 'nothing more is recorded'}."
    figures: list[Figure] = []
    identity = str(row["customer_id"])
    if row.get("created_at"):
        figures.append(_dated("Customer since", row["created_at"], identity, reader))
        text += f" Customer since {figures[-1].display}."
    for label, at in (
        ("Last order", _last(reader, "orders", "ordered_at", identity)),
        ("Last contact", _last(reader, "interactions", "at", identity)),
    ):
        if at is not None:
            figures.append(_dated(label, at, identity, reader))
            text += f" {label} {figures[-1].display}."
    group = [(str(r["customer_id"]), str(r["name"])) for r in _related(reader, identity, row.get("parent_id"))]
    above = [n for i, n in group if i == row.get("parent_id")]
    below = [n for i, n in group if i not in (identity, row.get("parent_id"))]
    text += f" Part of {above[0]}." if above else ""
    text += f" {'In the same group' if above else 'Group of'}: {', '.join(below)}." if below else ""
    people, clubs = _people(reader, identity), _clubs(reader, identity)
    text += f" People: {', '.join(people)}." if people else ""
    text += f" Member of {', '.join(clubs)}." if clubs else ""
    text += f"\n\n_Customer record · data to {day(reader)}_"
    cited = (Citation("customer", str(row["customer_id"]), str(row["name"])),)
    slots = {**plan.slots, "names": [*(n for _, n in group), *people, *clubs]}
    return framed(reader, replace(plan, slots=slots), "answered", text, figures=tuple(figures), citations=cited)


def _people(reader: Reader, customer: str) -> list[str]:
    """Who is to be spoken to at a customer, with their role, for those who may know."""
    if not (reader.scope.may("personal") or reader.scope.accounts is not None):
        return []
    told = [(r["name"] or r["contact_id"], r["role"]) for r in _rows_of(reader, "contacts", customer)]
    return [f"{who} ({role})" if role else str(who) for who, role in told]


def _clubs(reader: Reader, customer: str) -> list[str]:
    """The loyalty programmes that a customer is in, with its level and points there."""
    made = []
    for row in _rows_of(reader, "loyalty", customer):
        points = f"{row['points']:,.0f} points" if row["points"] is not None else ""
        made.append(", ".join(filter(None, (row["program"], row["tier"] and f"level {row['tier']}", points))))
    return made


def _rows_of(reader: Reader, table: str, customer: str) -> list[dict[str, Any]]:
    if not reader.rows(table):
        return []
    rows = reader.table(table)
    found: list[dict[str, Any]] = reader.engine.backend.to_pyarrow(rows.filter(rows.customer_id == customer)).to_pylist()
    return found


def _last(reader: Reader, table: str, column: str, customer: str) -> Any:
    """The newest moment of a customer in a table; None where there is none."""
    if not reader.rows(table):
        return None
    rows = reader.table(table)
    return reader.engine.backend.to_pyarrow(rows.filter(rows.customer_id == customer)[column].max()).as_py()


def _related(reader: Reader, customer: str, parent: Any) -> list[dict[str, Any]]:
    """The customers of the same group: the parent, its other children, and those below this one."""
    rows = reader.table("customers")
    fits = (rows.parent_id == customer) | (rows.customer_id == customer)
    fits = fits | (rows.customer_id == str(parent)) | (rows.parent_id == str(parent)) if parent else fits
    found: list[dict[str, Any]] = reader.engine.backend.to_pyarrow(
        rows.filter(fits.fill_null(False)).select("customer_id", "name").order_by("customer_id")
    ).to_pylist()
    return found


def _row(row: Mapping[str, Any], name: Name, reader: Reader) -> list[str]:
    days = [_shown(row.get(c), reader) for c in ("ordered_at", "promised_date", "delivered_at")]
    return [str(row["order_id"]), name("customer", str(row["customer_id"])), *days]


def _shown(value: Any, reader: Reader) -> str:
    return f"{local_day(value, reader):%-d %b %Y}" if value is not None else ""


def _dated(label: str, value: Any, identity: str, reader: Reader) -> Figure:
    on = local_day(value, reader)
    return Figure("record", label, on.isoformat(), "date", f"{on.day} {on:%b %Y}", filters={"record": [identity]}, rows=1, as_of=reader.snapshot.as_of,
                  source="records")  # fmt: skip


def _days(label: str, value: int, identity: str, reader: Reader) -> Figure:
    shown = f"{value} day{'s' if value != 1 else ''}"
    return Figure(
        "record",
        label,
        value,
        "days",
        shown,
        filters={"record": [identity]},
        rows=1,
        as_of=reader.snapshot.as_of,
        source="records",
    )
