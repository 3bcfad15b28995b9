"""The entities and what is known of each. A new attribute is one record here, or an entry of a company's `metrics.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.entities import relations
from knowledge.entities.model import Attribute, Entity, Kind, attributes
from knowledge.errors import UnknownName
from knowledge.metrics.own import own

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DISSATISFIED = 0.25
"""A rating in the lowest part of its scale (1 or 2 of 5) complains, also without a word."""


def column(name: str, kind: Kind, label: str, *words: str, of: str = "", **more: Any) -> Attribute:
    """An attribute that is a column of the entity's rows (`of`: another name there)."""
    return Attribute(name, kind, label, lambda t: t[of or name], words, **more)


def _day(column_name: str) -> Any:
    """A moment's day; a date as it is."""
    return lambda t: t[column_name].date() if t[column_name].type().is_timestamp() else t[column_name]


def dated(name: str, at: str, label: str, *words: str, **more: Any) -> Attribute:
    return Attribute(name, "date", label, _day(at), words, **more)


def flag(name: str, label: str, value: Any, *words: str, **more: Any) -> Attribute:
    return Attribute(name, "flag", label, value, words, **more)


def number(name: str, kind: Kind, label: str, value: Any, *words: str, **more: Any) -> Attribute:
    return Attribute(name, kind, label, value, words, **more)


def _days(start: str, end: str) -> Any:
    """Whole days from one date to the other."""
    return lambda t: _day(end)(t).epoch_days() - _day(start)(t).epoch_days()


def _since(start: str, end: str, unit: int) -> Any:
    """From moment to moment, in days (86 400 seconds) or hours (3 600); what ends before it begins is not known."""

    def value(t: Any) -> Any:
        seconds = t[end].epoch_seconds() - t[start].epoch_seconds()
        return (seconds >= 0).ifelse(seconds / unit, None)

    return value


def _open_for(start: str, ended: str) -> Any:
    """Days that a thing has been open by today, of those that did not end yet."""
    return lambda t: t[ended].isnull().ifelse(t.today.epoch_days() - _day(start)(t).epoch_days(), None)


def _paid(t: Any) -> Any:
    """Whether it was paid by now; a payment that is dated ahead is none yet."""
    return (t.paid_at <= t.now).fill_null(False)


def _days_overdue(t: Any) -> Any:
    """Days since the due date of what is not paid; below zero is not due yet. What is paid is overdue no more."""
    return _paid(t).ifelse(None, _days("due_at", "today")(t))


def _part(of: Any, whole: Any) -> Any:
    """A part of money as a share of the whole."""
    return lambda t: of(t).cast("float64") / whole(t).cast("float64").nullif(0)


def _calendar(day: Any) -> tuple[Attribute, ...]:
    """What a day's place in week and year says, as ordinals."""
    return (
        Attribute("weekday", "text", "weekday", lambda t: day(t).day_of_week.full_name(), ("day of the week",), order=WEEKDAYS),
        Attribute(
            "calendar_month", "text", "calendar month", lambda t: day(t).strftime("%B"), ("month of the year",), order=MONTHS
        ),
    )


def _late(t: Any) -> Any:
    """Delivered after its service day, or open though that day is over; not known of others."""
    open_late = (t.status == "open") & (t.service_day < t.today)
    delivered = (t.status == "delivered").ifelse(t.delivered_day > t.service_day, None)
    return open_late.fill_null(False).ifelse(True, delivered)


def _days_late(t: Any) -> Any:
    """Days after the service day; below zero is early; open orders count to today once they are late."""
    import ibis

    end = ibis.ifelse(t.status == "delivered", t.delivered_day, ibis.ifelse(t.service_day < t.today, t.today, None))
    return ibis.ifelse(t.status == "cancelled", None, end.epoch_days() - t.service_day.epoch_days())


def _complains(t: Any) -> Any:
    """A clause that complains, or a rating at the bottom of its scale, whatever the words are."""
    low = (t.rating - t.bottom) / (t.top - t.bottom).nullif(0) <= DISSATISFIED
    return (t.worst < 0).fill_null(False) | low.fill_null(False)


ORDER = Entity(
    name="order",
    plural="orders",
    rows=relations.orders,
    key="order_id",
    table="orders",
    day="day",
    words=("purchase", "shipment", "delivery", "po", "purchase order", "sales order"),
    verbs=("order", "buy", "purchase", "place", "reorder"),
    links={"customer_id": "customer"},
    attributes=attributes(
        column("id", "text", "order", of="order_id"),
        column("status", "text", "status"),
        column("channel", "text", "channel", "order channel"),
        column("carrier", "text", "carrier", "shipper", "forwarder", done_by=("carry", "take", "took", "deliver", "bring", "brought", "haul", "transport", "ship")),
        column("ship_from", "text", "warehouse", "site", "depot", "distribution centre", done_by=("ship", "send", "sent", "leave", "left", "dispatch")),
        column("ship_to_region", "text", "destination"),
        column("currency", "text", "currency"),
        dated("ordered", "ordered_at", "order date", "ordered", "placed"),
        dated("requested", "requested_date", "requested date", "requested"),
        dated("promised", "promised_date", "promised date", "promised", "promise date", "due date"),
        dated("approved", "approved_at", "approval date", "approved"),
        dated("shipped", "shipped_at", "ship date", "shipped", "dispatched"),
        dated("delivered_on", "delivered_at", "delivery date", "delivered on", "arrived"),
        flag("open", "open", lambda t: t.status == "open", "not delivered yet", "outstanding", "undelivered", now=True),
        flag("delivered", "delivered", lambda t: t.status == "delivered", when="delivered_on"),
        flag("cancelled", "cancelled", lambda t: t.status == "cancelled", "canceled", bad=True),
        flag("late", "late", _late, "delayed", "overdue", "past due", "behind schedule", bad=True),
        flag("on_time", "on time", lambda t: ~_late(t), "punctual"),
        flag("early", "early", lambda t: (t.status == "delivered").ifelse(t.delivered_day < t.service_day, None)),
        number("days_late", "days", "days late", _days_late, "delay"),
        number("days_early", "days", "days early", lambda t: -_days_late(t)),
        number("cycle_days", "days", "days from order to delivery", _since("ordered_at", "delivered_at", 86_400), "cycle time"),
        flag("shipped_yet", "shipped", lambda t: t.shipped_at.notnull(), "sent", "sent out", "gone out", needs=("orders.shipped_at",), when="shipped"),
        flag("approved_yet", "approved", lambda t: t.approved_at.notnull(), needs=("orders.approved_at",), when="approved"),
        flag("picked_yet", "picked", lambda t: t.picked_at.notnull(), needs=("orders.picked_at",)),
        flag("on_the_way", "on the way", lambda t: t.shipped_at.notnull() & (t.status == "open"), "in transit", "underway", needs=("orders.shipped_at",), now=True),
        flag("shipped_late", "shipped after the promised date", lambda t: _day("shipped_at")(t) > t.service_day, "shipped late", needs=("orders.shipped_at",)),
        flag("requested_kept", "delivered by the requested date", lambda t: t.delivered_day <= t.requested_date, needs=("orders.requested_date",)),
        number("days_to_ship", "days", "days from order to shipping", _since("ordered_at", "shipped_at", 86_400), "time to ship", needs=("orders.shipped_at",)),
        number("transit_days", "days", "days in transit", _since("shipped_at", "delivered_at", 86_400), "transit time", "time on the road", needs=("orders.shipped_at",)),
        number("open_days", "days", "days open", lambda t: (t.status == "open").ifelse(t.today.epoch_days() - _day("ordered_at")(t).epoch_days(), None), "age"),
        number("promised_days", "days", "days from order to promise", _days("ordered_at", "promised_date"), "promised lead time"),
        flag("rescheduled", "rescheduled", lambda t: t.latest_promised_date > t.promised_date, "postponed", "moved"),
        number("value", "money", "order value", lambda t: t.value, "amount", "worth", source="order_totals"),
        number("units", "number", "units", lambda t: t.units, "pieces", source="order_totals"),
        number("lines", "count", "lines", lambda t: t.lines, "positions", "items", source="order_totals"),
        flag("in_full", "in full", lambda t: t.in_full, "complete", source="order_totals", needs=("order_lines.qty_delivered",)),
        flag("short", "short", lambda t: ~t.in_full, "incomplete", source="order_totals", needs=("order_lines.qty_delivered",), bad=True),
        flag("damaged", "damaged", lambda t: t.damaged, source="order_totals", needs=("order_lines.is_damaged",), bad=True),
        flag("wrong_item", "with a wrong item", lambda t: t.wrong_item, source="order_totals", needs=("order_lines.is_wrong_item",), bad=True),
        flag("billed_wrong", "billed wrong", lambda t: t.billed_wrong, source="order_totals", needs=("order_lines.invoice_ok",)),
        flag("customized", "customized", lambda t: t.customized, source="order_totals", needs=("order_lines.is_customized",)),
        flag("discounted", "discounted", lambda t: t.given > 0, source="order_totals", needs=("order_lines.discount",)),
        number("discount", "money", "discount", lambda t: t.given, "rebate", source="order_totals", needs=("order_lines.discount",)),
        number("discount_share", "share", "discount in per cent", _part(lambda t: t.given, lambda t: t.value + t.given), "discount rate", source="order_totals", needs=("order_lines.discount",)),
        flag("rush", "rush", lambda t: t.rush, "urgent", "express", source="order_rush"),
        flag("first", "first", lambda t: t.place == 1, source="order_places"),
        flag("repeat", "repeat", lambda t: t.place > 1, source="order_places"),
        number("place", "count", "number in the customer's sequence", lambda t: t.place, source="order_places"),
        *_calendar(lambda t: t.day),
    ),
    usual=lambda t: t.status != "cancelled",
    unless=frozenset(("order.cancelled", "order.status", "order.id")),
    shown=("ordered", "promised", "delivered_on", "status", "value"),
)  # fmt: skip

LINE = Entity(
    name="line",
    plural="order lines",
    rows=relations.lines,
    key="line",
    table="order_lines",
    day="day",
    words=("order line", "position", "line item"),
    links={"order_id": "order", "customer_id": "customer", "product_id": "product"},
    attributes=attributes(
        number("quantity", "number", "quantity", lambda t: t.qty_ordered, "pieces"),
        number("price", "money", "unit price", lambda t: t.unit_price, "price"),
        number("value", "money", "line value", lambda t: t.lv),
        flag("discounted", "discounted", lambda t: t.discount > 0, needs=("order_lines.discount",)),
        number("discount", "money", "discount", lambda t: t.discount, "rebate", needs=("order_lines.discount",)),
        number(
            "discount_share",
            "share",
            "discount in per cent",
            _part(lambda t: t.discount, lambda t: t.lv + t.discount),
            "discount rate",
            needs=("order_lines.discount",),
        ),
        number(
            "missing",
            "number",
            "pieces missing",
            lambda t: (t.qty_ordered - t.qty_delivered).clip(lower=0),
            "short quantity",
            needs=("order_lines.qty_delivered",),
        ),
        flag("short", "short", lambda t: t.qty_delivered < t.qty_ordered, needs=("order_lines.qty_delivered",), bad=True),
        flag("damaged", "damaged", lambda t: t.is_damaged, needs=("order_lines.is_damaged",), bad=True),
        flag("wrong_item", "wrong", lambda t: t.is_wrong_item, needs=("order_lines.is_wrong_item",), bad=True),
        flag("billed_wrong", "billed wrong", lambda t: ~t.invoice_ok, needs=("order_lines.invoice_ok",)),
        flag("customized", "customized", lambda t: t.is_customized, needs=("order_lines.is_customized",)),
        column("lot", "text", "lot", "batch"),
        column("packaging", "text", "packaging"),
    ),
)

CUSTOMER = Entity(
    name="customer",
    plural="customers",
    rows=relations.customers,
    key="customer_id",
    table="customers",
    words=("account", "client", "buyer", "company", "dealer", "shop", "firm"),
    attributes=attributes(
        column("id", "text", "customer", of="customer_id"),
        column("name", "text", "name"),
        column("industry", "text", "industry", "sector", "trade"),
        column("region", "text", "region", "area"),
        column("country", "text", "country"),
        column("size", "text", "size"),
        column("account_owner", "text", "account owner", "owner", "account manager", "salesperson", done_by=("own", "manage", "look", "handle", "carry", "serve")),
        column("service_tier", "text", "tier", "service tier"),
        column("parent", "text", "parent", "group", of="parent_id"),
        flag("strategic", "strategic", lambda t: t.is_strategic, "key account", needs=("customers.is_strategic",)),
        dated("created", "created_at", "customer since", "signed up"),
        dated("first_order", "first", "first order", source="customer_orders"),
        dated("last_order", "last", "last order", source="customer_orders"),
        number("orders", "count", "orders so far", lambda t: t.orders, source="customer_orders"),
        number("silent_days", "days", "days since the last order", lambda t: t.silent, "days silent", source="customer_orders"),
        number("order_gap", "days", "average days between orders", lambda t: t.gap, "days between orders", source="customer_orders"),
        column("segment", "text", "segment", of="rfm_segment", source="customer_segments"),
        column("churn_risk", "text", "churn risk", "risk", source="customer_risk", right="commercial", order=("low", "mid", "high")),
    ),
    shown=("region", "service_tier", "first_order", "last_order", "orders"),
)  # fmt: skip

PRODUCT = Entity(
    name="product",
    plural="products",
    rows=relations.products,
    key="product_id",
    table="products",
    words=("article", "item", "sku", "skus", "part"),
    attributes=attributes(
        column("id", "text", "product", of="product_id"),
        column("name", "text", "name"),
        column("category", "text", "category", "product group", "range"),
        column("order_type", "text", "order type"),
        column("unit", "text", "unit of measure"),
        number("lead_time", "days", "lead time", lambda t: t.lead_time_days, needs=("products.lead_time_days",)),
        number("pack_size", "number", "pack size", lambda t: t.pack_size),
        number("cost", "money", "unit cost", lambda t: t.unit_cost, "cost", right="commercial"),
        column("abc", "text", "ABC class", source="product_model"),
        column("demand_class", "text", "demand class", "demand pattern", source="product_model"),
        column("decoupling_point", "text", "decoupling point", source="product_model"),
    ),
    shown=("name", "category", "order_type", "lead_time"),
)

RETURN = Entity(
    name="return",
    plural="returns",
    rows=relations.returns,
    key="return_id",
    table="returns",
    day="day",
    words=("rma", "return shipment", "goods return"),
    verbs=("return", "send back", "give back"),
    links={"order_id": "order", "customer_id": "customer", "product_id": "product"},
    attributes=attributes(
        column("id", "text", "return", of="return_id"),
        column("reason", "text", "return reason", "reason"),
        column("disposition", "text", "disposition"),
        number("quantity", "number", "quantity", lambda t: t.qty),
        number("value", "money", "return value", lambda t: t.value, "worth"),
        flag("open", "open", lambda t: t.resolved_at.isnull(), "unresolved", "pending", now=True),
        flag("resolved", "resolved", lambda t: t.resolved_at.notnull(), "settled", "closed", when="settled_on"),
        flag("received", "received", lambda t: t.received_at.notnull()),
        flag(
            "refunded", "refunded", lambda t: t.disposition == "refund", "refund", "money back", needs=("returns.disposition",)
        ),
        dated("requested", "requested_at", "requested", "return date"),
        dated("settled_on", "resolved_at", "settled on"),
        number(
            "settle_days",
            "days",
            "days to settle",
            _since("requested_at", "resolved_at", 86_400),
            "settled after",
            "settled within",
            "settlement time",
            "took to settle",
        ),
        number("open_days", "days", "days open", _open_for("requested_at", "resolved_at"), "age"),
        *_calendar(lambda t: t.day),
    ),
    shown=("requested", "reason", "quantity", "value", "disposition"),
)

CONTACT = Entity(
    name="contact",
    plural="contacts",
    rows=relations.contacts,
    key="interaction_id",
    table="interactions",
    day="day",
    words=("interaction", "touchpoint", "ticket", "case", "call", "inquiry", "visit", "chat"),
    verbs=("contact", "call", "phone", "write in", "get in touch"),
    links={"customer_id": "customer", "order_id": "order"},
    attributes=attributes(
        column("id", "text", "contact", of="interaction_id"),
        column("channel", "text", "contact channel", "channel", of="contact_channel"),
        column("stage", "text", "stage"),
        column("kind", "text", "kind of contact"),
        column("agent", "text", "agent", right="personal", done_by=("handle", "take", "took", "answer", "deal", "dealt", "assign")),
        column("subject", "text", "subject", "about"),
        flag("inbound", "inbound", lambda t: t.direction == "inbound", "incoming"),
        flag("outbound", "outbound", lambda t: t.direction == "outbound", "outgoing"),
        flag("answered", "answered", lambda t: t.first_response_at.notnull(), needs=("interactions.first_response_at",)),
        flag("unanswered", "unanswered", lambda t: t.first_response_at.isnull(), needs=("interactions.first_response_at",), now=True),
        flag("open", "open", lambda t: t.resolved_at.isnull(), "unresolved", "pending", needs=("interactions.resolved_at",), now=True),
        flag("resolved", "resolved", lambda t: t.resolved_at.notnull(), "solved", "closed", needs=("interactions.resolved_at",), when="solved_on"),
        dated("solved_on", "resolved_at", "date of the solution", "solved on"),
        number("response_hours", "hours", "hours to the first answer", _since("at", "first_response_at", 3_600), "response time", "answered after", "answered within", "answered in", "answer time"),
        number("resolution_hours", "hours", "hours to the resolution", _since("at", "resolved_at", 3_600), "resolution time", "resolved after", "resolved within"),
        number("open_days", "days", "days open", _open_for("at", "resolved_at"), "age", needs=("interactions.resolved_at",)),
        dated("on", "at", "contact date"),
        *_calendar(lambda t: t.day),
    ),
    shown=("on", "channel", "stage", "subject"),
)  # fmt: skip

COMMENT = Entity(
    name="comment",
    plural="comments",
    rows=relations.comments,
    key="feedback_id",
    table="feedback",
    day="day",
    words=("review", "survey answer", "response", "feedback", "rating"),
    verbs=("comment", "review", "rate"),
    links={"customer_id": "customer", "order_id": "order", "product_id": "product"},
    attributes=attributes(
        column("id", "text", "comment", of="feedback_id"),
        column("channel", "text", "feedback channel", "channel", of="feedback_channel"),
        column("language", "text", "language"),
        column("rating", "number", "rating", "stars", "score", given="rate"),
        column("nps", "number", "NPS score", "recommend score"),
        flag("promoter", "promoter", lambda t: t.nps >= 9, needs=("feedback.nps",)),
        flag("detractor", "detractor", lambda t: t.nps <= 6, needs=("feedback.nps",)),
        flag("complaint", "complaint", _complains, "complain", "negative", "unhappy", "moan", "criticism", bad=True),
        flag("praise", "praise", lambda t: ((t.best > 0) & (t.worst >= 0)).fill_null(False), "positive", "happy", "compliment"),
        dated("on", "at", "comment date"),
        *_calendar(lambda t: t.day),
    ),
    shown=("on", "channel", "rating"),
)  # fmt: skip

INVOICE = Entity(
    name="invoice",
    plural="invoices",
    rows=relations.invoices,
    key="invoice_id",
    table="invoices",
    day="day",
    words=("bill",),
    links={"customer_id": "customer", "order_id": "order"},
    attributes=attributes(
        column("id", "text", "invoice", of="invoice_id"),
        number("amount", "money", "invoice amount", lambda t: t.amount, "value", "worth"),
        flag("paid", "paid", _paid, "settled", when="paid_on"),
        flag("unpaid", "unpaid", lambda t: ~_paid(t), "open", "outstanding", now=True, bad=True),
        flag("overdue", "overdue", lambda t: ~_paid(t) & (t.due_at < t.now), "past due", "late", now=True, bad=True),
        flag("paid_late", "paid late", lambda t: t.paid_at > t.due_at, needs=("invoices.due_at",), bad=True),
        dated("issued", "issued_at", "issued", "invoice date"),
        dated("due", "due_at", "due", "due date"),
        dated("paid_on", "paid_at", "paid on"),
        number("days_overdue", "days", "days overdue", _days_overdue, needs=("invoices.due_at",), now=True),
        number("days_since_issue", "days", "days since issue", _days("issued_at", "today"), "age"),
        number("days_paid_late", "days", "days paid late", _since("due_at", "paid_at", 86_400), needs=("invoices.due_at",)),
        number("days_to_pay", "days", "days to pay", _since("issued_at", "paid_at", 86_400)),
    ),
    shown=("issued", "due", "paid_on", "amount"),
)

CONTRACT = Entity(
    name="contract",
    plural="contracts",
    rows=relations.contracts,
    key="contract_id",
    table="contracts",
    day="day",
    words=("agreement",),
    links={"customer_id": "customer"},
    attributes=attributes(
        column("id", "text", "contract", of="contract_id"),
        number("value", "money", "contract value", lambda t: t.value, "worth"),
        dated("starts", "starts_at", "start date", "starts"),
        dated("ends", "ends_at", "end date", "ends", "expires", "runs out"),
        dated("renewal", "renewal_at", "renewal date", "renewal"),
        flag(
            "running", "running", lambda t: (t.starts_at <= t.now) & ((t.ends_at >= t.now).fill_null(True)), "active", now=True
        ),
        flag("ended", "ended", lambda t: t.ends_at < t.now, "expired"),
        number("days_left", "days", "days left", lambda t: _day("ends_at")(t).epoch_days() - t.today.epoch_days()),
    ),
    shown=("starts", "renewal", "ends", "value"),
)

QUOTE = Entity(
    name="quote",
    plural="quotes",
    rows=relations.quotes,
    key="opportunity_id",
    table="opportunities",
    day="day",
    words=("opportunity", "deal", "offer"),
    links={"customer_id": "customer"},
    attributes=attributes(
        column("id", "text", "quote", of="opportunity_id"),
        column("name", "text", "name"),
        column("stage", "text", "stage"),
        number("amount", "money", "quote amount", lambda t: t.amount, "value", "worth"),
        flag("open", "open", lambda t: t.closed_at.isnull(), "pending", now=True),
        flag("won", "won", lambda t: t.won.fill_null(False), when="closed"),
        flag("lost", "lost", lambda t: t.closed_at.notnull() & ~t.won.fill_null(False), when="closed"),
        number("open_days", "days", "days open", _open_for("created_at", "closed_at"), "age"),
        number("days_to_close", "days", "days to close", _since("created_at", "closed_at", 86_400), "sales cycle"),
        dated("created", "created_at", "made", "created"),
        dated("expected", "expected_close", "expected close", "expected"),
        dated("closed", "closed_at", "closed"),
    ),
    shown=("created", "stage", "expected", "amount"),
)

PROMISE = Entity(
    name="promise",
    plural="promises",
    rows=relations.promises,
    key="commitment_id",
    table="commitments",
    day="day",
    words=("commitment",),
    links={"customer_id": "customer"},
    attributes=attributes(
        column("id", "text", "promise", of="commitment_id"),
        column("text", "text", "promise"),
        column("owner", "text", "owner"),
        flag("kept", "kept", lambda t: t.kept_at.notnull() & (t.due_at.isnull() | (t.kept_at <= t.due_at))),
        flag(
            "broken",
            "broken",
            lambda t: (t.due_at < t.now) & (t.kept_at.isnull() | (t.kept_at > t.due_at)),
            "missed",
            now=True,
            bad=True,
        ),
        flag("open", "open", lambda t: t.kept_at.isnull() & (t.due_at.isnull() | (t.due_at >= t.now)), "outstanding", now=True),
        flag("overdue", "overdue", lambda t: t.kept_at.isnull() & (t.due_at < t.now), "past due", now=True, bad=True),
        number("days_overdue", "days", "days overdue", _open_for("due_at", "kept_at")),
        dated("made", "made_at", "made"),
        dated("due", "due_at", "due"),
    ),
    shown=("made", "due", "text", "owner"),
)

MEMBERSHIP = Entity(
    name="membership",
    plural="memberships",
    rows=relations.memberships,
    key="membership_id",
    table="loyalty",
    day="day",
    words=("member", "club member", "programme member", "program member"),
    links={"customer_id": "customer"},
    attributes=attributes(
        column("program", "text", "program", "programme", "loyalty programme"),
        column("tier", "text", "loyalty tier", of="loyalty_tier"),
        column("points", "number", "points"),
        dated("enrolled", "enrolled_at", "enrolled", "joined"),
    ),
    shown=("program", "tier", "points", "enrolled"),
)

STOCK = Entity(
    name="stock",
    plural="stock counts",
    rows=relations.stock,
    key="stock_id",
    table="inventory",
    words=("inventory",),
    links={"product_id": "product"},
    attributes=attributes(
        column("location", "text", "location", "place"),
        column("on_hand", "number", "on hand", "stock"),
        column("on_order", "number", "on order", needs=("inventory.on_order",)),
        column("safety_stock", "number", "safety stock", "buffer stock", needs=("inventory.safety_stock",)),
        column("reorder_point", "number", "reorder point", "reorder level", needs=("inventory.reorder_point",)),
        number("value", "money", "stock value", lambda t: t.worth, "inventory value", source="stock_worth", needs=("products.unit_cost",), right="commercial"),
        flag("out", "out of stock", lambda t: t.on_hand <= 0, "sold out", now=True),
        flag("to_reorder", "at or below the reorder point", lambda t: t.on_hand <= t.reorder_point, "to reorder", needs=("inventory.reorder_point",), now=True),
        flag("low", "below the safety stock", lambda t: t.on_hand < t.safety_stock, "low", needs=("inventory.safety_stock",), now=True),
        dated("counted", "at", "counted"),
    ),
    shown=("location", "counted", "on_hand", "on_order", "safety_stock"),
)  # fmt: skip

CLAUSE = Entity(
    name="clause",
    plural="clauses",
    rows=relations.clauses,
    key="clause_id",
    table="feedback_segments",
    day="day",
    words=("mention",),
    links={"feedback_id": "comment", "customer_id": "customer", "order_id": "order", "product_id": "product"},
    attributes=attributes(
        column("theme", "text", "theme", of="theme_id"),
        column("aspect", "text", "aspect"),
        flag("complaint", "negative", lambda t: t.sentiment < 0, "complaint", bad=True),
        flag("praise", "positive", lambda t: t.sentiment > 0, "praise"),
    ),
)

ALL = (
    ORDER, LINE, CUSTOMER, PRODUCT, RETURN, CONTACT, COMMENT, INVOICE, CONTRACT, QUOTE, PROMISE, MEMBERSHIP, STOCK, CLAUSE,
)  # fmt: skip


@cache
def shipped() -> Mapping[str, Entity]:
    """The entities that everybody has, by name."""
    return {e.name: e for e in ALL}


def entities() -> Mapping[str, Entity]:
    """Every entity by name, with the attributes that the company in force added."""
    added = own().attributes
    if not added:
        return shipped()
    from dataclasses import replace

    return {n: replace(e, attributes={**e.attributes, **added[n]}) if n in added else e for n, e in shipped().items()}


@cache
def said_conditions() -> tuple[tuple[str, str, str], ...]:
    """Conditions as whole sentences: (entity, sentence, condition with {n}, {start}, {end})."""
    told = yaml.safe_load((Path(__file__).parent / "conditions.yaml").read_text(encoding="utf-8"))
    return tuple((of, says, means) for of, listed in told.items() for says, means in listed)


@cache
def _said() -> Mapping[str, Mapping[str, list[str]]]:
    told: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
        (Path(__file__).parent / "said.yaml").read_text(encoding="utf-8")
    )
    return told


def said_measures() -> Mapping[str, list[str]]:
    """How people call figures and facts: by metric, by measure of things ("count(order) where order.late"), by attribute."""
    return _said()["measures"]


def said_groups() -> Mapping[str, list[str]]:
    """How people call the groups that figures are cut by."""
    return _said()["groups"]


def entity(name: str) -> Entity:
    """The entity of a name or plural. Fails: UnknownName listing those there are."""
    known = entities()
    found = known.get(name) or next((e for e in known.values() if name in (e.plural, f"{e.name}s")), None)
    if found is None:
        raise UnknownName(
            f"There is no kind of thing called `{name}`.", f"There are: {', '.join(known)}.", code="unknown_entity"
        )
    return found


def attribute(path: str, home: str = "") -> tuple[Entity, Attribute]:
    """The entity and attribute of `order.late`; of a bare name that of the entity `home`, else of the one entity that has it.

    Fails: UnknownName (`unknown_attribute`) with what the entity knows, or with the entities that share a bare name."""
    owner, _, name = path.rpartition(".")
    if owner:
        found = entity(owner)
        if name not in found.attributes:
            raise UnknownName(
                f"Of {found.plural} no `{name}` is known.", f"Known: {', '.join(found.attributes)}.", code="unknown_attribute"
            )
        return found, found.attributes[name]
    having = [e for e in entities().values() if name in e.attributes]
    having = [e for e in having if e.name == home] or having
    if len(having) != 1:
        names = ", ".join(f"{e.name}.{name}" for e in having)
        raise UnknownName(
            f"`{name}` is known of {'several things' if having else 'nothing'}.",
            f"Say which: {names}." if having else "Write entity.attribute, like order.late.",
            code="unknown_attribute",
        )
    return having[0], having[0].attributes[name]
