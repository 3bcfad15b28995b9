"""Base relations: one row a unit, seen as of a moment, with the attributed `day` (METRICS A2-A8). Metrics aggregate these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from knowledge.access import Reader
from knowledge.out_of_time import CLOCKS, PLANS

if TYPE_CHECKING:
    import ibis.expr.types as ir

DECIMAL, WIDE = "decimal(18, 6)", "decimal(38, 6)"


@dataclass(frozen=True)
class Context:
    """Where and when a query looks."""

    reader: Reader
    as_of: datetime

    @property
    def delivered_only(self) -> bool:
        return self.reader.snapshot.facts.get("service_population") == "delivered"


def _seen(table: ir.Table, at: str, later: tuple[str, ...], as_of: datetime) -> ir.Table:
    """Rows that had happened by then; later timestamps of a row are not yet known."""
    import ibis

    moment = ibis.literal(as_of, type="timestamp('UTC')")
    rows = table.filter(table[at] <= moment)
    return rows.mutate(**{c: ibis.ifelse(rows[c] <= moment, rows[c], None) for c in later})


def all_orders(context: Context) -> ir.Table:
    """Every order, cancelled ones too; `day` is the order date. An order delivered after the as-of is still open."""
    import ibis

    table = context.reader.table("orders")
    later = table.delivered_at > ibis.literal(context.as_of, type="timestamp('UTC')")
    table = table.mutate(status=ibis.ifelse(later.fill_null(False), "open", table.status))
    rows = _seen(table, "ordered_at", ("approved_at", "picked_at", "shipped_at", "delivered_at"), context.as_of)
    return rows.mutate(day=rows.ordered_at.date())


def orders(context: Context) -> ir.Table:
    rows = all_orders(context)
    return rows.filter(rows.status != "cancelled")


def worth(quantity: ir.Value, price: ir.Value) -> Any:
    """Their product, also of a line that is worth millions, which a decimal of their own width cannot hold."""
    return quantity.cast(WIDE) * price


def lines(context: Context) -> ir.Table:
    """Lines of orders that are not cancelled, with the order's columns and line value `lv`; `day` is the order date."""
    return _with_value(context, orders(context))


def _with_value(context: Context, of_orders: ir.Table) -> ir.Table:
    import ibis

    head = of_orders.drop("source", "source_row", "loaded_at")
    rows = context.reader.table("order_lines").drop("source", "source_row", "loaded_at").inner_join(head, "order_id")
    gross = worth(rows.qty_ordered, rows.unit_price)
    return rows.mutate(lv=(gross - ibis.coalesce(rows.discount, ibis.literal(0).cast(DECIMAL))).cast(DECIMAL))


def delivered_day(rows: ir.Table) -> Any:
    """The day of delivery; unknown where it is more than a day before the order, which no delivery can be."""
    import ibis

    possible = rows.delivered_at >= rows.ordered_at - ibis.interval(days=CLOCKS)
    return ibis.ifelse(possible, rows.delivered_at.date(), None)


def service_day(rows: ir.Table) -> Any:
    """The day promised, else requested; one that is half a year before the order is a mistyped one."""
    import ibis

    earliest = (rows.ordered_at - ibis.interval(days=PLANS)).date()
    return ibis.coalesce(*(ibis.ifelse(d >= earliest, d, None) for d in (rows.promised_date, rows.requested_date)))


def due_orders(context: Context) -> ir.Table:
    """Orders with a service date (promised, else requested): delivered ones, and open ones whose date is past; `day` is it.

    With neither date an order is not measured: nothing is late that was not promised."""
    import ibis

    rows = orders(context)
    rows = rows.mutate(day=service_day(rows))
    rows = rows.mutate(delivered_day=ibis.ifelse(rows.day.notnull(), delivered_day(rows), None))
    if context.delivered_only:
        return rows.filter(rows.status == "delivered")
    today = ibis.literal(context.as_of.date())
    return rows.filter((rows.status == "delivered") | (rows.day < today))


def due_lines(context: Context) -> ir.Table:
    return _with_value(context, due_orders(context))


def delivered(context: Context) -> ir.Table:
    """Delivered orders; `day` is the delivery date."""
    rows = orders(context)
    return rows.filter(rows.status == "delivered").mutate(day=delivered_day(rows))


def delivered_lines(context: Context) -> ir.Table:
    """Lines of delivered orders with what was delivered of their value; `day` is the delivery date."""
    import ibis

    rows = _with_value(context, delivered(context))
    quantity = ibis.coalesce(rows.qty_delivered, rows.qty_ordered)
    discount = ibis.coalesce(rows.discount, ibis.literal(0).cast(DECIMAL))
    return rows.mutate(delivered_value=(worth(quantity, rows.unit_price) - discount).cast(DECIMAL))


def order_values(context: Context) -> ir.Table:
    """Orders with their value; `day` is the order date."""
    rows = lines(context)
    value = rows.group_by("order_id").aggregate(value=rows.lv.sum())
    return orders(context).inner_join(value, "order_id")


def due_by_order(context: Context) -> ir.Table:
    """Orders due with, of their lines: how many there are, measured and failing, for each part of a perfect order."""
    rows = context.reader.table("order_lines")
    wrong = rows.is_wrong_item.fill_null(False)
    full = (rows.qty_delivered >= rows.qty_ordered).fill_null(False) & ~wrong
    counted = rows.mutate(
        full=full,
        short=((rows.qty_delivered < rows.qty_ordered).fill_null(False)) | wrong,
        first=(rows.qty_shipped_first >= rows.qty_ordered).fill_null(False),
    )
    checked = counted.group_by("order_id").aggregate(
        lines=counted.count(),
        in_full=counted.full.sum(),
        short=counted.short.sum(),
        full_known=counted.qty_delivered.count(),
        first_full=counted.first.sum(),
        first_known=counted.qty_shipped_first.count(),
        damaged=counted.is_damaged.fill_null(False).sum(),
        damage_known=counted.is_damaged.count(),
        invoice_wrong=(~counted.invoice_ok.fill_null(True)).sum(),
        invoice_known=counted.invoice_ok.count(),
    )
    joined = due_orders(context).inner_join(checked, "order_id")
    late_open = joined.status == "open"  # past its date and still open: what is not known to have come has not come
    return joined.mutate(first_known=late_open.ifelse(joined.lines, joined.first_known))


def first_orders(context: Context) -> ir.Table:
    """One row a customer with the day of the first order."""
    rows = orders(context)
    return rows.group_by("customer_id").aggregate(day=rows.day.min())


def returns(context: Context) -> ir.Table:
    rows = _seen(context.reader.table("returns"), "requested_at", ("received_at", "resolved_at"), context.as_of)
    return rows.mutate(day=rows.requested_at.date(), reason=rows.reason_code)


def interactions(context: Context) -> ir.Table:
    rows = _seen(context.reader.table("interactions"), "at", ("first_response_at", "resolved_at"), context.as_of)
    return rows.mutate(day=rows["at"].date(), contact_channel=rows.channel).drop("channel")


def feedback(context: Context) -> ir.Table:
    """Comments, every one of them; `day` is the day of the comment."""
    rows = _seen(context.reader.table("feedback"), "at", (), context.as_of)
    return rows.mutate(day=rows["at"].date(), feedback_channel=rows.channel).drop("channel")


def counting(context: Context, rows: ir.Table) -> ir.Table:
    """The rows (with a `feedback_id`) of comments that count for what is said: of a group of copies the first alone, unless the
    company counts each (`copies` in its settings)."""
    settings = context.reader.snapshot.facts.get("settings") or {}
    if settings.get("copies") == "each" or not context.reader.rows("feedback_text"):
        return rows
    texts = context.reader.table("feedback_text")
    return rows.anti_join(texts.filter(texts.duplicate_of.notnull()), "feedback_id")


def mentions(context: Context) -> ir.Table:
    """Clauses of comments with theme, aspect and sentiment, with the comment's own columns."""
    said = counting(context, context.reader.table("feedback_segments")).select("feedback_id", "theme_id", "aspect", "sentiment")
    return feedback(context).drop("language").inner_join(said, "feedback_id")


def orders_returned(context: Context) -> ir.Table:
    """Orders with whether a return is linked to them."""
    linked = returns(context).filter(lambda t: t.order_id.notnull()).select("order_id").distinct().mutate(returned=True)
    joined = orders(context).left_join(linked, "order_id")
    return joined.mutate(returned=joined.returned.fill_null(False)).drop("order_id_right")


def orders_with_returns(context: Context) -> ir.Table:
    """Orders with the value of the returns linked to them."""
    import ibis

    linked = returns(context).filter(lambda t: t.order_id.notnull())
    linked = linked.group_by(linked_id="order_id").aggregate(returned_value=linked["value"].sum())
    of_orders = orders(context)
    joined = of_orders.left_join(linked, of_orders.order_id == linked.linked_id).drop("linked_id")
    return joined.mutate(returned_value=ibis.coalesce(joined.returned_value, ibis.literal(0).cast(DECIMAL)))


def open_returns(context: Context) -> ir.Table:
    """Returns that are not resolved, with their `age` in days."""
    import ibis

    rows = returns(context)
    rows = rows.filter(rows.resolved_at.isnull())
    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    return rows.mutate(age=(moment.epoch_seconds() - rows.requested_at.epoch_seconds()) / 86400)


def customers_profiled(context: Context) -> ir.Table:
    """Customers with how many of their six profile fields are `filled`: five of their own, and a contact with a role."""
    rows = context.reader.table("customers")
    own = sum(rows[c].notnull().cast("int64") for c in ("industry", "region", "size", "account_owner", "service_tier"))
    if not context.reader.rows("contacts"):
        return rows.mutate(filled=own)
    known = context.reader.table("contacts")
    known = known.filter(known.role.notnull()).select(known_of="customer_id").distinct()
    rows = rows.mutate(own=own).left_join(known, rows.customer_id == known.known_of)
    return rows.mutate(filled=rows.own + rows.known_of.notnull().cast("int64")).drop("known_of", "own")


def customers(context: Context) -> ir.Table:
    return context.reader.table("customers")


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "all_orders": all_orders,
    "orders": orders,
    "lines": lines,
    "due_orders": due_orders,
    "due_lines": due_lines,
    "delivered": delivered,
    "delivered_lines": delivered_lines,
    "order_values": order_values,
    "due_by_order": due_by_order,
    "first_orders": first_orders,
    "returns": returns,
    "interactions": interactions,
    "feedback": feedback,
    "mentions": mentions,
    "mentions_all": mentions,
    "orders_returned": orders_returned,
    "orders_with_returns": orders_with_returns,
    "open_returns": open_returns,
    "customers_profiled": customers_profiled,
    "customers": customers,
}
