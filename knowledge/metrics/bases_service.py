"""Base relations of service against what was promised to a tier, of stages and of channels (METRICS 5, 8, 9, 13, 16, 17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from knowledge.metrics import bases, bases_contact, bases_cost
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

TARGETS = (
    "fill_rate_target", "otd_target", "order_cycle_days_target", "first_response_hours_target", "resolution_hours_target",
)  # fmt: skip
INTAKE_DAYS = 3


def _promised(rows: ir.Table, context: Context) -> ir.Table:
    """Rows of customers whose tier has a policy, with its targets, `tier` and `tier_place` (1 is promised most)."""
    import ibis

    policies = context.reader.table("service_policies")
    best = ibis.window(order_by=[ibis.desc("otd_target"), ibis.desc("fill_rate_target"), "service_tier"])
    policies = policies.mutate(tier_place=ibis.row_number().over(best) + 1)
    policies = policies.select("tier_place", *TARGETS, tier="service_tier")
    whose = context.reader.table("customers").select(tier_of="customer_id", tier="service_tier")
    known = whose.inner_join(policies, "tier")
    return rows.inner_join(known, rows.customer_id == known.tier_of).drop("tier_of")


def due_promised(context: Context) -> ir.Table:
    """Orders due of customers with a tier: `on_time`, `known` and the tier's targets."""
    rows = bases.due_orders(context)
    rows = rows.mutate(on_time=(rows.delivered_day <= rows.day).fill_null(False))
    rows = rows.mutate(known=rows.delivered_day.notnull() | (rows.status == "open"))
    return _promised(rows.filter(rows.known), context)


def due_lines_promised(context: Context) -> ir.Table:
    """Lines due of customers with a tier, where the first shipment is known: `full`."""
    rows = bases.due_lines(context)
    rows = rows.filter(rows.qty_shipped_first.notnull() | (rows.status == "open"))
    return _promised(rows.mutate(full=(rows.qty_shipped_first >= rows.qty_ordered).fill_null(False)), context)


def cycles_promised(context: Context) -> ir.Table:
    """Delivered orders of customers with a tier: `cycle_days`; `day` is the service date, as for the rest of the targets."""
    import ibis

    rows = bases.delivered(context)
    rows = rows.filter(rows.delivered_at.notnull() & (rows.delivered_at >= rows.ordered_at))
    rows = rows.mutate(
        cycle_days=(rows.delivered_at.epoch_seconds() - rows.ordered_at.epoch_seconds()) / 86400,
        day=ibis.coalesce(rows.promised_date, rows.requested_date, rows.day),
    )
    return _promised(rows, context)


def answers_promised(context: Context) -> ir.Table:
    """Contacts that came in from customers with a tier: `hours` to the answer, `solved_hours`, and `waited` so far."""
    import ibis

    rows = bases_contact.answered(context)
    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    rows = rows.mutate(waited=(moment.epoch_seconds() - rows["at"].epoch_seconds()) / 3600)
    return _promised(rows, context)


def policies(context: Context) -> ir.Table:
    return context.reader.table("service_policies")


def open_orders(context: Context) -> ir.Table:
    """Open orders with `age` in days and `past_due`."""
    import ibis

    moment = ibis.literal(context.as_of, type="timestamp('UTC')")
    rows = bases.orders(context)
    rows = rows.filter(rows.status == "open")
    due = ibis.coalesce(rows.promised_date, rows.requested_date)
    age = (moment.epoch_seconds() - rows.ordered_at.epoch_seconds()) / 86400
    return rows.mutate(age=age, past_due=(due < ibis.literal(context.as_of.date())).fill_null(False))


def staged(context: Context) -> ir.Table:
    """Delivered orders by the days of each stage, in order, with `late`; `day` is the delivery date."""
    import ibis

    def days(start: Any, end: Any) -> Any:
        return (end.epoch_seconds() - start.epoch_seconds()) / 86400

    rows = bases.delivered(context)
    picked = ibis.coalesce(rows.picked_at, rows.approved_at)
    rows = rows.mutate(
        approval=days(rows.ordered_at, rows.approved_at), picking=days(rows.approved_at, picked),
        dispatch=days(picked, rows.shipped_at), transit=days(rows.shipped_at, rows.delivered_at),
        late=(rows.day > ibis.coalesce(rows.promised_date, rows.requested_date)),
    )  # fmt: skip
    whole = (rows.approval >= 0) & (rows.picking >= 0) & (rows.dispatch >= 0) & (rows.transit >= 0)
    return rows.filter(whole.fill_null(False))


def asked_soon(context: Context) -> ir.Table:
    """Orders due that were asked for sooner than customers usually wait, with `on_time`."""
    waits = bases_cost.waiting_lines(context)
    usual = waits.aggregate(usual=waits.wait_days.median())
    rows = bases.due_orders(context)
    asked = (rows.requested_date.epoch_days() - rows.ordered_at.date().epoch_days()).cast("float64")
    rows = rows.mutate(asked=asked, known=rows.delivered_day.notnull() | (rows.status == "open")).cross_join(usual)
    rows = rows.filter((rows.asked < rows.usual) & rows.known)
    return rows.mutate(on_time=(rows.delivered_day <= rows.requested_date).fill_null(False))


def intakes(context: Context) -> ir.Table:
    """Returns of a known order with an intake: `elsewhere` where the contact about the return used another channel than the order."""
    rows = bases.returns(context)
    orders = bases.orders(context).select("order_id", "channel", "carrier", "ship_from", "ship_to_region", "status")
    rows = rows.filter(rows.order_id.notnull()).inner_join(orders, "order_id")
    said = bases.interactions(context)
    said = said.filter(said.stage == "return").select(caller="customer_id", called="at", intake="contact_channel")
    both = rows.inner_join(said, rows.customer_id == said.caller)
    apart = (both.called.epoch_seconds() - both.requested_at.epoch_seconds()) / 86400
    both = both.mutate(apart=apart.abs()).filter(lambda t: t.apart <= INTAKE_DAYS)
    nearest = both.group_by("return_id").aggregate(intake=both.intake.argmin(both.apart))
    known = rows.inner_join(nearest, "return_id")
    return known.filter(known.channel.notnull()).mutate(elsewhere=known.channel.lower() != known.intake.lower())


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "due_promised": due_promised,
    "due_lines_promised": due_lines_promised,
    "cycles_promised": cycles_promised,
    "answers_promised": answers_promised,
    "policies": policies,
    "open_orders": open_orders,
    "staged": staged,
    "asked_soon": asked_soon,
    "intakes": intakes,
}
