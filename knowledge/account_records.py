"""Dated records of customers as of the snapshot, for account pages: what is open, unpaid, promised, agreed and planned.

Each function gives a frame with `customer_id`, sorted, cut to the reader; no rows where the table was never loaded. What
happened after the as-of is not known yet. Money is float, rounded to cents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir


def customers(reader: Reader) -> pd.DataFrame:
    columns = (
        "customer_id", "name", "industry", "region", "country", "size", "parent_id", "account_owner", "is_strategic",
        "service_tier", "created_at",
    )  # fmt: skip
    return _frame(lambda c: c.reader.table("customers").select(*columns), reader, columns, ("customer_id",))


def contacts(reader: Reader) -> pd.DataFrame:
    columns = ("customer_id", "contact_id", "name", "role", "preferred_channel")
    return _frame(lambda c: c.reader.table("contacts").select(*columns), reader, columns, ("customer_id", "contact_id"))


def open_orders(reader: Reader) -> pd.DataFrame:
    """Orders that are not delivered or cancelled: when ordered and promised, their value, and days past the promise."""
    columns = ("customer_id", "order_id", "ordered", "promised", "latest", "value", "days_past")

    def query(context: Context) -> ir.Table:
        rows = bases.orders(context)
        rows = rows.filter(rows.status == "open")
        due = rows.promised_date.coalesce(rows.requested_date)
        today = _today(context)
        rows = rows.mutate(
            ordered=rows.day, promised=due, latest=rows.latest_promised_date, days_past=today.epoch_days() - due.epoch_days()
        )
        if not context.reader.rows("order_lines"):
            return rows.mutate(value=_null("float64")).select(*columns)
        value = bases.lines(context).group_by("order_id").aggregate(value=lambda t: t.lv.sum().round(2).cast("float64"))
        return rows.left_join(value, "order_id").select(*columns)

    return _frame(query, reader, columns, ("customer_id", "promised", "order_id"))


def unpaid_invoices(reader: Reader) -> pd.DataFrame:
    """Invoices issued and not paid: `amount`, when due, and days past it (negative: still to come)."""
    columns = ("customer_id", "invoice_id", "issued", "due", "amount", "days_past")

    def query(context: Context) -> ir.Table:
        rows = seen(context.reader.table("invoices"), "issued_at", ("paid_at",), context)
        rows = rows.filter(rows.paid_at.isnull())
        today = _today(context)
        return rows.select(
            "customer_id",
            "invoice_id",
            issued=rows.issued_at.date(),
            due=rows.due_at.date(),
            amount=rows.amount.round(2).cast("float64"),
            days_past=today.epoch_days() - rows.due_at.date().epoch_days(),
        )

    return _frame(query, reader, columns, ("customer_id", "due", "invoice_id"))


def contracts(reader: Reader) -> pd.DataFrame:
    columns = ("customer_id", "contract_id", "starts", "ends", "renewal", "value", "notes")

    def query(context: Context) -> ir.Table:
        rows = context.reader.table("contracts")
        return rows.select(
            "customer_id", "contract_id", "notes", starts=rows.starts_at.date(), ends=rows.ends_at.date(),
            renewal=rows.renewal_at.date(), value=rows["value"].round(2).cast("float64"),
        ).select(*columns)  # fmt: skip

    return _frame(query, reader, columns, ("customer_id", "ends", "contract_id"))


def open_quotes(reader: Reader) -> pd.DataFrame:
    """Quotes and deals that are not closed."""
    columns = ("customer_id", "opportunity_id", "name", "stage", "amount", "created", "expected")

    def query(context: Context) -> ir.Table:
        rows = seen(context.reader.table("opportunities"), "created_at", ("closed_at",), context)
        rows = rows.filter(rows.closed_at.isnull())
        return rows.select(
            "customer_id", "opportunity_id", "name", "stage", amount=rows.amount.round(2).cast("float64"),
            created=rows.created_at.date(), expected=rows.expected_close.date(),
        ).select(*columns)  # fmt: skip

    return _frame(query, reader, columns, ("customer_id", "expected", "opportunity_id"))


def commitments(reader: Reader) -> pd.DataFrame:
    """What was promised: `kept` is the day, null while it is not; `days_past` its due day (null without one)."""
    columns = ("customer_id", "commitment_id", "text", "owner", "made", "due", "kept", "days_past")

    def query(context: Context) -> ir.Table:
        rows = seen(context.reader.table("commitments"), "made_at", ("kept_at",), context)
        today = _today(context)
        return rows.select(
            "customer_id", "commitment_id", "text", "owner", made=rows.made_at.date(), due=rows.due_at.date(),
            kept=rows.kept_at.date(), days_past=today.epoch_days() - rows.due_at.date().epoch_days(),
        ).select(*columns)  # fmt: skip

    return _frame(query, reader, columns, ("customer_id", "made", "commitment_id"))


def open_contacts(reader: Reader) -> pd.DataFrame:
    """Contacts that came in within 60 days and were neither answered nor resolved."""
    columns = ("customer_id", "interaction_id", "on", "channel", "stage", "subject", "days_waiting")

    def query(context: Context) -> ir.Table:
        rows = bases.interactions(context)
        rows = rows.filter((rows.direction == "inbound") & rows.first_response_at.isnull() & rows.resolved_at.isnull())
        waiting = _today(context).epoch_days() - rows.day.epoch_days()
        rows = rows.mutate(on=rows.day, channel=rows.contact_channel, days_waiting=waiting)
        return rows.filter(rows.days_waiting <= 60).select(*columns)

    return _frame(query, reader, columns, ("customer_id", "on", "interaction_id"))


def loyalty(reader: Reader) -> pd.DataFrame:
    columns = ("customer_id", "program", "tier", "points")
    return _frame(lambda c: c.reader.table("loyalty").select(*columns), reader, columns, ("customer_id", "program"))


def plans(reader: Reader) -> pd.DataFrame:
    """Plans of both parties beside each other, an article and a bucket a row: `theirs` and `ours`, null where one has none.

    Of several versions the one made last, as of the snapshot."""
    columns = ("customer_id", "product_id", "start", "theirs", "ours")

    def query(context: Context) -> ir.Table:
        rows = context.reader.table("demand_plans")
        moment = rows.made_at.fill_null(rows.period_start.cast("timestamp('UTC')"))
        rows = rows.mutate(moment=moment, qty=rows.forecast_qty.cast("float64"), start=rows.period_start)
        rows = rows.filter(rows.customer_id.notnull() & ((rows.moment <= _moment(context)) | rows.made_at.isnull()))
        return rows.group_by("customer_id", "product_id", "start").aggregate(
            theirs=rows.qty.argmax(rows.moment, where=rows.party == "customer"),
            ours=rows.qty.argmax(rows.moment, where=rows.party == "ours"),
        )

    found = _frame(query, reader, columns, ("customer_id", "product_id", "start"))
    return found.assign(start=pd.to_datetime(found["start"]))


def policies(reader: Reader) -> pd.DataFrame:
    """What each tier is promised, rates and times as floats."""
    columns = (
        "service_tier", "fill_rate_target", "otd_target", "order_cycle_days_target", "first_response_hours_target",
        "resolution_hours_target",
    )  # fmt: skip
    return _frame(lambda c: c.reader.table("service_policies").select(*columns), reader, columns, ("service_tier",))


def seen(table: ir.Table, at: str, later: tuple[str, ...], context: Context) -> ir.Table:
    """Rows that had happened by the as-of; their later moments are null while they lie after it."""
    return bases._seen(table, at, later, context.as_of)


def _frame(
    query: Callable[[Context], ir.Table], reader: Reader, columns: tuple[str, ...], order: tuple[str, ...]
) -> pd.DataFrame:
    try:
        found: pd.DataFrame = query(Context(reader, reader.snapshot.as_of)).execute()
    except NoData:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in columns})
    return found[list(columns)].sort_values(list(order), ignore_index=True)


def _today(context: Context) -> Any:
    """The as-of day in the workspace's zone."""
    return _moment(context).date()


def _moment(context: Context) -> Any:
    import ibis

    return ibis.literal(context.as_of, type="timestamp('UTC')")


def _null(kind: str) -> Any:
    import ibis

    return ibis.null().cast(kind)
