"""Lists of records by their state: invoices, contracts, quotes, promises, contacts, cases; and customers who fell silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assistant import compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, currency, day, framed, local_day, query_json
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.record_lists import KINDS, SILENT_DAYS, Kind, State, records_of, silent
from knowledge.records import Citation, Figure, MetricQuery, Period

SHOWN = 20


def listed(plan: Plan, reader: Reader, name: Name) -> Answer:
    """How many records of the kind are in that state within the filters, what they add up to, and which they are.

    Fails: NoData (none of that kind loaded, or not open to the reader), BadQuestion (a filter that is not of customers)."""
    kind = KINDS[str(plan.slots["kind"])]
    state = kind.states.get(str(plan.slots.get("record_state")))
    query = plan.queries[0]
    if kind.table == "contacts" and not reader.scope.may("personal"):
        raise NoData("Names and addresses of people are not open to you here.", "Ask a manager.", code="personal")
    if query.period is not None and plan.slots.get("record_state") == "ending":
        query = replace(query, period=_whole(query.period))
    rows = records_of(kind, state, query, reader)
    columns = [c for _, c in kind.columns if rows and c in rows[0]]
    nouns = _called(kind, state, 2)
    count = _count(nouns.capitalize(), len(rows), query, reader)
    of = compose.scope_words(query, name) + compose.period_words(query.period)
    figures = [count]
    text = f"**{count.display}** {_called(kind, state, len(rows))}{of}"
    if kind.amount and kind.amount in columns and rows:
        total = float(sum((r[kind.amount] for r in rows if r[kind.amount] is not None), Decimal(0)))
        figures.append(
            replace(
                count,
                label=f"Total of {nouns}",
                value=round(total, 2),
                unit="money",
                display=display.money(total, currency(reader)),
            )
        )
        text += f", **{figures[-1].display}** in all"
    text += "."
    shown = rows[: query.limit or SHOWN]
    if len(rows) > len(shown):
        text += f" The first {len(shown)} are listed."
    text += f"\n\n_{kind.table.capitalize()} · data to {day(reader)}_"
    heads = [head for head, c in kind.columns if c in columns]
    cells = [
        [
            str(r[kind.key]),
            name("customer", str(r["customer_id"])),
            *(_money(r[c], reader) if c == kind.amount else _cell(r[c], reader) for c in columns),
        ]
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
    """Customers who did not order in, or since, the period that is named; who never did; or not for ninety days. Largest first."""
    query, how = plan.queries[0], str(plan.slots.get("record_state") or "")
    period, today = query.period, reader.snapshot.as_of.date()
    rows = silent(query, reader, how)
    count = _count("Customers without an order", len(rows), query, reader)
    limit = replace(count, label="Days without an order", value=SILENT_DAYS, unit="days", display=str(SILENT_DAYS))
    who = "customer" if len(rows) == 1 else "customers"
    have = "has" if len(rows) == 1 else "have"
    plain = f"not ordered for more than {limit.display} days"
    if how == "never":
        said = f"{have} never ordered"
    elif period is None:
        said = f"{have} {plain}"
    elif how == "stopped" and not period.label.startswith("since"):
        said = f"ordered last{compose.period_words(period)} and {have} {plain}"
    elif period.end >= today:
        said = f"{have} not ordered since {period.start.day} {period.start:%b %Y}"
    else:
        said = f"{have} not ordered{compose.period_words(period)}"
    text = f"**{count.display}** {who}{compose.scope_words(query, name)} {said}."
    shown = rows[: query.limit or SHOWN]
    if shown:
        text += f" Largest: {', '.join(name('customer', r['customer_id']) for r in shown[:3])}."
    cells = [
        [
            name("customer", r["customer_id"]),
            _cell(r["last_order"], reader),
            _cell(r["recency_days"], reader),
            display.money(r["revenue"], currency(reader)),
        ]
        for r in shown
    ]
    text += f"\n\n_Last order of each customer · data to {day(reader)}_"
    dates = [str(period.start), str(period.end)] if period else []
    slots = {**plan.slots, "queries": [query_json(query)], "counts": {"shown": len(shown)}, "dates": [*dates, str(today)],
             "names": [name("customer", r["customer_id"]) for r in shown[:3]]}  # fmt: skip
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=(count, limit) if plain in said else (count,),
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


def _count(label: str, rows: int, query: MetricQuery, reader: Reader) -> Figure:
    return Figure(
        "records", label, rows, "count", display.number(rows), filters={f.dimension: list(f.values) for f in query.where},
        period=query.period, rows=rows, as_of=reader.snapshot.as_of, definition=f"{label} as of the data's last day.", source="records",
    )  # fmt: skip


def _cell(value: Any, reader: Reader) -> str:
    if isinstance(value, date):
        on = local_day(value, reader)
        return f"{on.day} {on:%b %Y}"
    return "" if value is None else display.number(value) if isinstance(value, int) else str(value)


def _money(value: Any, reader: Reader) -> str:
    return "" if value is None else display.money(float(value), currency(reader))
