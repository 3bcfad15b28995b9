"""Base relations of the last twelve months that an account plan or a scorecard sums up; what was never loaded has no rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from knowledge.metrics import bases, bases_cost, bases_model
from knowledge.metrics.bases import DECIMAL, Context
from knowledge.metrics.bases_contact import inbound, or_nothing
from knowledge.metrics.bases_loyalty import YEAR, today

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _recent(rows: ir.Table, context: Context) -> ir.Table:
    import ibis

    return rows.filter(rows.day > ibis.literal(today(context) - timedelta(days=YEAR)))


def due(context: Context) -> ir.Table:
    """Orders due in the last year: `known`, `on_time`."""
    rows = _recent(bases.due_orders(context), context)
    known = rows.delivered_day.notnull() | (rows.status == "open")
    return rows.mutate(known=known, on_time=(rows.delivered_day <= rows.day).fill_null(False))


def filled(context: Context) -> ir.Table:
    """Lines due in the last year: `known`, `full`."""
    rows = _recent(bases.due_lines(context), context)
    known = rows.qty_shipped_first.notnull() | (rows.status == "open")
    return rows.mutate(known=known, full=(rows.qty_shipped_first >= rows.qty_ordered).fill_null(False))


def returned(context: Context) -> ir.Table:
    return _recent(bases.returns(context), context).select("customer_id", "day", "value")


def open_cases(context: Context) -> ir.Table:
    """Contacts that came in and are not resolved."""
    rows = inbound(context)
    return rows.filter(rows.resolved_at.isnull())


def costed(context: Context) -> ir.Table:
    return _recent(bases_cost.costed_lines(context), context).select("customer_id", "day", "margin")


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "due_year": or_nothing(due, known="boolean", on_time="boolean"),
    "fill_year": or_nothing(filled, known="boolean", full="boolean"),
    "returns_year": or_nothing(returned, value=DECIMAL),
    "open_cases": or_nothing(open_cases),
    "year_costed": or_nothing(costed, margin=DECIMAL),
    "white_space_any": or_nothing(bases_model.white_space, peer_revenue="float64"),
}
