"""Base relations of what customers say beside what they buy: themes with scores and money, complaints of orders, stages (METRICS 6, 11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from knowledge.errors import NoData
from knowledge.metrics import bases, bases_contact, bases_loyalty
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

NEAR_DAYS = 30


def themed(context: Context) -> ir.Table:
    """Distinct comment and theme with the comment's rating and NPS; comments without a theme have one row."""
    said = bases.counting(context, context.reader.table("feedback_segments")).select("feedback_id", "theme_id").distinct()
    return bases.feedback(context).inner_join(said, "feedback_id")


def themed_lately(context: Context) -> ir.Table:
    """`themed` of the last 180 days with `lately`: of the last 90."""
    import ibis

    end = bases_loyalty.today(context)
    rows = themed(context)
    rows = rows.filter(rows.day > ibis.literal(end - timedelta(days=180)))
    return rows.mutate(lately=rows.day > ibis.literal(end - timedelta(days=90)))


def themed_customers(context: Context) -> ir.Table:
    """Negative mentions by theme and customer with the customer's `year_revenue`, of the twelve months to the as-of."""
    import ibis

    since = bases_loyalty.today(context) - timedelta(days=365)
    spent = bases.lines(context)
    spent = spent.filter(spent.day > ibis.literal(since)).group_by("customer_id").aggregate(year_revenue=spent.lv.sum())
    rows = bases.mentions(context)
    rows = rows.filter((rows.sentiment < 0) & rows.theme_id.notnull()).select("theme_id", "customer_id", "day")
    spent = spent.rename(spender="customer_id")
    return rows.inner_join(spent, rows.customer_id == spent.spender).drop("spender")


def claims(context: Context) -> ir.Table:
    """Claims of comments that a record can settle, with their `verdict` and the comment's own columns."""
    said = bases.counting(context, context.reader.table("claims")).select("feedback_id", "claim", "verdict")
    return bases.feedback(context).inner_join(said, "feedback_id")


def order_complaints(context: Context) -> ir.Table:
    """Complaints tied to an order: comments with more negative than positive clauses, and tickets about what went wrong."""
    import ibis

    found = []
    try:
        rows = bases.mentions(context)
        mood = rows.group_by("feedback_id").aggregate(
            order_id=rows.order_id.max(), customer_id=rows.customer_id.max(), day=rows.day.min(), mood=rows.sentiment.sum()
        )
        mood = mood.filter(mood.order_id.notnull() & (mood.mood < 0))
        found.append(mood.select(complaint="feedback_id", order_of="order_id", customer_id="customer_id", day="day"))
    except NoData:
        pass
    try:
        tickets = bases_contact.inbound(context)
        tickets = tickets.filter(
            (tickets.kind == "ticket") & tickets.stage.isin(bases_contact.COMPLAINT_STAGES) & tickets.order_id.notnull()
        )
        found.append(tickets.select(complaint="interaction_id", order_of="order_id", customer_id="customer_id", day="day"))
    except NoData:
        pass
    if not found:
        raise NoData("There are no complaints: this needs comments or tickets with an order.", "Import `feedback`.")
    rows = ibis.union(*found) if len(found) > 1 else found[0]
    orders = bases.orders(context).select("order_id", "channel", "carrier", "ship_from", "ship_to_region", "status")
    return rows.inner_join(orders, rows.order_of == orders.order_id).drop("order_of")


def staged_mentions(context: Context) -> ir.Table:
    """Clauses of comments about an order with the `stage` of the nearest contact about the same order within 30 days."""
    rows = bases.mentions(context)
    touched = bases.interactions(context)
    touched = touched.filter(touched.order_id.notnull() & touched.stage.notnull())
    touched = touched.select(
        about="order_id", stage="stage", contact_channel="contact_channel", kind="kind", agent="agent", touched="at"
    )
    comments = bases.feedback(context).select(comment="feedback_id", order="order_id", said="at")
    both = comments.inner_join(touched, comments.order == touched.about)
    apart = ((both.said.epoch_seconds() - both.touched.epoch_seconds()) / 86400).abs()
    both = both.mutate(apart=apart).filter(lambda t: t.apart <= NEAR_DAYS)
    near = both.group_by("comment").aggregate(
        stage=both.stage.argmin(both.apart), contact_channel=both.contact_channel.argmin(both.apart),
        kind=both.kind.argmin(both.apart), agent=both.agent.argmin(both.apart),
    )  # fmt: skip
    return rows.inner_join(near, rows.feedback_id == near.comment).drop("comment")


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "themed": themed,
    "themed_lately": themed_lately,
    "themed_customers": themed_customers,
    "claims": claims,
    "order_complaints": order_complaints,
    "staged_mentions": staged_mentions,
}
