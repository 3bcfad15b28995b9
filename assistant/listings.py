"""Lists of records by their state: invoices, contracts, quotes, promises, contacts, cases; and customers who fell silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from assistant import compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, day, framed, query_json
from knowledge import display
from knowledge.access import Reader
from knowledge.compile import column_of
from knowledge.errors import BadQuestion, NoData
from knowledge.records import Citation, Figure, Filter, MetricQuery, Period

if TYPE_CHECKING:
    import ibis.expr.types as ir

SHOWN, SILENT_DAYS = 20, 90
Test = Callable[["ir.Table", datetime], "ir.BooleanValue"]


@dataclass(frozen=True)
class State:
    """A state of records: how it is said of them, the test, and the column by which a period cuts them."""

    said: str
    test: Test
    dated: str


@dataclass(frozen=True)
class Kind:
    """A kind of record: its table and key, what to call one, the columns to show, the money that is added up, its states."""

    table: str
    key: str
    noun: str
    columns: tuple[tuple[str, str], ...]
    dated: str = ""
    amount: str = ""
    states: Mapping[str, State] = field(default_factory=dict)


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
    ),
}  # fmt: skip


def listed(plan: Plan, reader: Reader, name: Name) -> Answer:
    """How many records of the kind are in that state within the filters, what they add up to, and which they are.

    Fails: NoData (none of that kind loaded, or not open to the reader), BadQuestion (a filter that is not of customers)."""
    kind = KINDS[str(plan.slots["kind"])]
    state = kind.states.get(str(plan.slots.get("record_state")))
    query = plan.queries[0]
    if kind.table == "contacts" and not reader.scope.may("personal"):
        raise NoData("Names and addresses of people are not open to you here.", "Ask a manager.", code="personal")
    table = _of_customers(reader.table(kind.table), query, reader)
    if state is not None:
        table = table.filter(state.test(table, reader.snapshot.as_of))
    dated = state.dated if state else kind.dated
    if query.period is not None and dated:
        period = _whole(query.period) if plan.slots.get("record_state") == "ending" else query.period
        query = replace(query, period=period)
        table = table.filter(table[dated].date().between(period.start, period.end))
    columns = [c for _, c in kind.columns if c in table.columns]
    rows = reader.engine.backend.to_pyarrow(table.select(kind.key, "customer_id", *columns)).to_pylist()
    rows.sort(
        key=lambda r: (r.get(dated) is None, r.get(dated) or 0, str(r[kind.key])) if dated else (False, 0, str(r[kind.key]))
    )
    nouns = _called(kind, state, 2)
    count = _count(nouns.capitalize(), len(rows), query, reader)
    of = compose.scope_words(query, name) + compose.period_words(query.period)
    figures = [count]
    text = f"**{count.display}** {_called(kind, state, len(rows))}{of}"
    if kind.amount and kind.amount in columns and rows:
        currency = str(reader.snapshot.facts.get("currency", "") or "")
        total = float(sum((r[kind.amount] for r in rows if r[kind.amount] is not None), Decimal(0)))
        figures.append(
            replace(
                count,
                label=f"Total of {nouns}",
                value=round(total, 2),
                unit="money",
                display=display.money(total, currency),
            )
        )
        text += f", **{figures[-1].display}** in all"
    text += "."
    shown = rows[: query.limit or SHOWN]
    if len(rows) > len(shown):
        text += f" The first {len(shown)} are listed."
    text += f"\n\n_{kind.table.capitalize()} · data to {day(reader)}_"
    heads = [head for head, c in kind.columns if c in table.columns]
    cells = [
        [str(r[kind.key]), name("customer", str(r["customer_id"])), *(_cell(r[c], c == kind.amount, reader) for c in columns)]
        for r in shown
    ]
    slots = {**plan.slots, "queries": [query_json(query)], "counts": {"shown": len(shown)}}
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=tuple(figures),
        table={"columns": [kind.noun.capitalize(), "Customer", *heads], "rows": cells} if shown else None,
        citations=tuple(Citation(kind.noun, str(r[kind.key])) for r in shown[:5]),
    )  # fmt: skip


def _called(kind: Kind, state: State | None, number: int) -> str:
    """ "Overdue invoices", "promises broken or kept too late"."""
    noun = kind.noun if number == 1 else f"{kind.noun}s"
    if state is None:
        return noun
    return f"{noun} {state.said}" if " " in state.said else f"{state.said} {noun}"


def lapsed(plan: Plan, reader: Reader, name: Name) -> Answer:
    """Customers whose last order lies before the period that is named, or further back than ninety days; the largest first."""
    query = plan.queries[0]
    today = reader.snapshot.as_of.date()
    since = query.period.start if query.period else None
    table = _of_customers(reader.table("customer_facts"), query, reader)
    table = table.filter(table.last_order < since) if since else table.filter(table.recency_days > SILENT_DAYS)
    rows = reader.engine.backend.to_pyarrow(
        table.select("customer_id", "last_order", "recency_days", "orders", "revenue")
    ).to_pylist()
    rows.sort(key=lambda r: (-r["revenue"], r["customer_id"]))
    count = _count("Customers without an order", len(rows), query, reader)
    limit = replace(count, label="Days without an order", value=SILENT_DAYS, unit="days", display=str(SILENT_DAYS))
    when = f"since {since.day} {since:%b %Y}" if since else f"for more than {limit.display} days"
    who = "customer has" if len(rows) == 1 else "customers have"
    scope = compose.scope_words(replace(query, period=None), name)
    text = f"**{count.display}** {who} not ordered {when}{scope}."
    shown = rows[: query.limit or SHOWN]
    currency = str(reader.snapshot.facts.get("currency", "") or "")
    if shown:
        text += f" Largest: {', '.join(name('customer', r['customer_id']) for r in shown[:3])}."
    cells = [
        [
            name("customer", r["customer_id"]),
            _cell(r["last_order"], False, reader),
            f"{r['recency_days']:,}",
            display.money(r["revenue"], currency),
        ]
        for r in shown
    ]
    text += f"\n\n_Last order of each customer · data to {day(reader)}_"
    dates = [str(since)] if since else []
    slots = {**plan.slots, "counts": {"shown": len(shown)}, "dates": [*dates, str(today)]}
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=(count,) if since else (count, limit),
        table={"columns": ["Customer", "Last order", "Days ago", "Revenue so far"], "rows": cells} if shown else None,
    )  # fmt: skip


def _whole(period: Period) -> Period:
    """ "This year" of what lies ahead: to its end, not to today."""
    unit = next((u for u in ("year", "quarter", "month") if period.label.startswith(f"this {u}")), None)
    if unit is None:
        return period
    last = {"year": 12, "quarter": 3 * ((period.end.month - 1) // 3) + 3, "month": period.end.month}[unit]
    end = date(period.end.year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return Period(period.start, end, f"this {unit}, to {end.day} {end:%b %Y}")


def _of_customers(table: ir.Table, query: MetricQuery, reader: Reader) -> ir.Table:
    """The rows of the customers that the filters leave."""
    for f in query.where:
        source, column = ("customers", "customer_id") if f.dimension == "customer" else column_of(f.dimension)
        if source != "customers":
            raise BadQuestion(
                f"These records cannot be cut by {f.dimension.replace('_', ' ')}.",
                "Name customers, or an attribute of customers.",
            )
        customers = reader.table("customers")
        chosen = customers.filter(_fits(customers[column], f)).select(chosen_id="customer_id")
        table = table.semi_join(chosen, table.customer_id == chosen.chosen_id)
    return table


def _fits(column: ir.Value, condition: Filter) -> ir.BooleanValue:
    found = column.cast("string").lower().isin([v.casefold() for v in condition.values])
    return ~found.fill_null(False) if condition.negated else found


def _count(label: str, rows: int, query: MetricQuery, reader: Reader) -> Figure:
    return Figure(
        "records", label, rows, "count", display.number(rows), filters={f.dimension: list(f.values) for f in query.where},
        period=query.period, rows=rows, as_of=reader.snapshot.as_of, definition=f"{label} as of the data's last day.", source="records",
    )  # fmt: skip


def _cell(value: Any, money: bool, reader: Reader) -> str:
    if value is None:
        return ""
    if money:
        return display.money(float(value), str(reader.snapshot.facts.get("currency", "") or ""))
    if isinstance(value, datetime):
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(str(reader.snapshot.facts.get("zone", "UTC")))
        value = value.astimezone(zone).date() if value.tzinfo else value.date()
    return f"{value.day} {value:%b %Y}" if isinstance(value, date) else str(value)
