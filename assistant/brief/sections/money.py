"""Money and paper: unpaid and overdue invoices, contract dates, open quotes."""

from __future__ import annotations

from typing import Any

from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Section, Table, Words, line, several, unknown

SHOWN = 6


def section(account: Account) -> Section:
    lines = [*_invoices(account), *_contracts(account), *_quotes(account)]
    overdue = sorted((i for i in account.unpaid if (i["days_past"] or 0) > 0), key=lambda i: -i["days_past"])
    rows = tuple(_row(account, i) for i in overdue[:SHOWN])
    heads: Words = ("Invoice", "Due", "Days overdue", "Amount")
    tables = (Table("Overdue invoices, oldest first", heads, rows, len(overdue) - len(rows)),) if rows else ()
    return Section("money", "Invoices, contracts and quotes", tuple(lines), tables)


def overdue(account: Account) -> tuple[list[dict[str, Any]], float]:
    rows = [i for i in account.unpaid if (i["days_past"] or 0) > 0]
    return rows, round(sum(i["amount"] for i in rows), 2)


def _invoices(account: Account) -> list[Line]:
    if not account.book.has("invoices"):
        return [unknown("invoices; none were ever loaded.")]
    unpaid = account.unpaid
    if not unpaid:
        return [line("No invoice is unpaid.")]
    amount = account.total("invoices", "unpaid amount", round(sum(i["amount"] for i in unpaid), 2), len(unpaid))
    count = account.total("invoices", "unpaid invoices", len(unpaid), len(unpaid), "count")
    made = [line(*several(count, "invoice is", "invoices are"), " unpaid, ", amount, " in all.")]
    rows, value = overdue(account)
    if rows:
        late = account.total("invoices", "overdue amount", value, len(rows))
        number = account.total("invoices", "overdue invoices", len(rows), len(rows), "count")
        made.append(line(*several(number, "of them is", "of them are"), " overdue: ", late, "."))
    return made


def _row(account: Account, invoice: dict[str, Any]) -> tuple[Words, ...]:
    identity = str(invoice["invoice_id"])
    return (
        (Name(identity, "invoice", identity),),
        (Day(invoice["due"].date()),),
        (account.recorded("invoices", "days_overdue", identity, invoice["days_past"], "count"),),
        (account.money("invoices", "amount", identity, invoice["amount"]),),
    )


def _contracts(account: Account) -> list[Line]:
    if not account.book.has("contracts"):
        return [unknown("contracts; none were ever loaded.")]
    made = []
    for row in account.contracts:
        if row["ends"] is None:
            continue
        identity, ends = str(row["contract_id"]), row["ends"].date()
        ended = ends < account.today
        parts: Words = ("Contract ", Name(identity, "contract", identity))
        if row["value"] is not None:
            parts += (" worth ", account.money("contracts", "value", identity, row["value"]))
        parts += (" ended " if ended else " runs to ", Day(ends))
        if row["renewal"] is not None and not ended:
            parts += (", renewal date ", Day(row["renewal"].date()))
        if row["notes"]:
            parts += (": ", Name(row["notes"], "contract", identity))
        made.append(line(*parts, "."))
    return made or [line("No contract is recorded.")]


def _quotes(account: Account) -> list[Line]:
    if not account.book.has("opportunities"):
        return [unknown("quotes; none were ever loaded.")]
    made = []
    for row in account.quotes_open:
        identity = str(row["opportunity_id"])
        parts: Words = ("Open quote ", Name(identity, "opportunity", identity))
        if row["name"]:
            parts += (", ", Name(row["name"], "opportunity", identity))
        if row["amount"] is not None:
            parts += (", ", account.money("opportunities", "amount", identity, row["amount"]))
        if row["stage"]:
            parts += (", ", Name(row["stage"]))
        if row["expected"] is not None:
            parts += (", expected ", Day(row["expected"].date()))
        made.append(line(*parts, "."))
    return made or [line("No quote is open.")]
