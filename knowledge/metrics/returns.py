"""Returns and post-sales (METRICS 18)."""

from __future__ import annotations

from typing import Any

from knowledge.metrics.registry import Component, Measured, Metric, Row, Value, one, per, ratio

RETURNS = Component("returns", "count")
REVENUE = Component("lines", "sum", lambda t: t.lv)
NEEDS = ("returns.return_id",)


def _days(start: str, end: str) -> Any:
    return lambda t: (t[end].epoch_seconds() - t[start].epoch_seconds()) / 86400


def _turnaround(
    name: str, label: str, words: tuple[str, ...], start: str, end: str, variants: dict[str, Metric] | None = None
) -> Metric:
    def measured(t: Any) -> Any:
        return t[start].notnull() & t[end].notnull() & (t[end] >= t[start])

    return Metric(
        name, label, words, "days", f"Median days from {start} to {end} of a return.", f"median({end} - {start})", "C P R T", "ret", "down",
        {
            "value": Component("returns", "quantile", _days(start, end), measured), "n": Component("returns", "count", where=measured),
            "disorder": Component("returns", "count", where=lambda t: (t[end] < t[start]).fill_null(False)),
        },
        one("value"), (f"returns.{start}", f"returns.{end}"), source="reverse logistics", variants=variants or {},
    )  # fmt: skip


def _reasons(row: Row) -> dict[str, Value]:
    """Share of each reason, the most frequent first."""
    frame = row["value"].assign(reason=row["value"]["reason"].fillna("unknown")).groupby("reason")[["units", "rows"]].sum()
    whole = float(frame["units"].sum())
    ranked = frame.sort_values("units", ascending=False)
    return {str(r): Measured(round(v.units / whole, 9), rows=int(v.rows)) for r, v in ranked.iterrows()} if whole > 0 else {}


METRICS = (
    Metric(
        "return_rate", "Return rate by value", ("return rate", "returns", "send-backs", "rma rate", "returned share"), "share",
        "Value of the returns requested in the period, of the revenue of the period (not matched by order).",
        "sum(returns.value) / revenue", "C P R T", "ret", "down",
        {"k": Component("returns", "sum", lambda t: t.value), "d": REVENUE, "n": RETURNS}, ratio("k", "d"),
        (*NEEDS, "order_lines.unit_price"), source="SCOR return",
        variants={
            "units": Metric(
                "return_rate.units", "Return rate by units", ("unit return rate",), "share",
                "Units returned in the period, of units ordered in the period.", "sum(returns.qty) / units", "C P R T", "ret", "down",
                {"k": Component("returns", "sum", lambda t: t.qty), "d": Component("lines", "sum", lambda t: t.qty_ordered), "n": RETURNS},
                ratio("k", "d"), (*NEEDS, "order_lines.qty_ordered"), source="SCOR return",
            ),
            "orders": Metric(
                "return_rate.orders", "Return rate by orders", ("orders with a return",), "share",
                "Orders of the period with a linked return, of orders of the period.", "count(orders with a return) / orders", "C O T", "ord", "down",
                {"k": Component("orders_returned", "count", where=lambda t: t.returned), "n": Component("orders_returned", "count")},
                ratio("k", "n"), ("returns.order_id", "orders.order_id"), "wilson", source="SCOR return",
            ),
            "cohort": Metric(
                "return_rate.cohort", "Return rate matched by order", ("matched return rate",), "share", "Value of the returns linked to the orders of the period, whenever they came, of the revenue of those orders.",
                "sum(value of linked returns) / revenue of the orders", "C O T", "ord", "down",
                {"k": Component("orders_with_returns", "sum", lambda t: t.returned_value), "d": REVENUE, "n": Component("orders_with_returns", "count")}, ratio("k", "d"),
                ("returns.order_id", "order_lines.unit_price"), source="SCOR return",
            ),
        },
    ),
    Metric(
        "returned_value", "Value of returns", ("value returned", "refunds", "returns value"), "money", "Value of the returns requested in the period.",
        "sum(returns.value)", "C P R T", "ret", "down", {"value": Component("returns", "sum", lambda t: t.value), "n": RETURNS}, one("value"), NEEDS,
        additive=True, source="accounting",
    ),
    Metric(
        "returns_count", "Returns", ("number of returns", "how many returns", "rmas"), "count", "Returns requested in the period.", "count(returns)",
        "C P R T", "ret", "down", {"value": RETURNS, "n": RETURNS}, one("value"), NEEDS, additive=True,
    ),
    Metric(
        "return_reasons", "Return reasons", ("why do they return", "reasons for return", "reason for returns", "reasons for returns"), "share",
        "Quantity returned for each reason, of all quantity returned; a return without a reason counts as unknown.", "sum(returns.qty) of the reason / sum(returns.qty)", "C P R T", "ret", "none",
        {"value": per("returns", "reason", units=lambda t: t.qty, rows=lambda t: t.return_id.notnull().cast("int64")), "n": RETURNS}, _reasons, (*NEEDS, "returns.reason_code"), along="reason",
    ),
    Metric(
        "returned_units", "Units returned", ("returned units", "units returned", "returned quantity", "quantity returned"), "qty", "Quantity of the returns requested in the period.",
        "sum(returns.qty)", "C P R T", "ret", "down", {"value": Component("returns", "sum", lambda t: t.qty), "n": RETURNS}, one("value"), NEEDS, additive=True,
    ),
    _turnaround(
        "return_turnaround", "Return turn-around", ("refund time", "rma time", "return time"), "requested_at", "resolved_at",
        {
            "inbound": _turnaround("return_turnaround.inbound", "Return transit", (), "requested_at", "received_at"),
            "processing": _turnaround("return_turnaround.processing", "Return processing", (), "received_at", "resolved_at"),
        },
    ),
    Metric(
        "open_returns", "Open returns", ("pending rma", "pending returns", "unresolved returns"), "count", "Returns that are not resolved as of now.",
        "count(resolved_at is null)", "C P", "snap", "down",
        {"value": Component("returns", "count", where=lambda t: t.resolved_at.isnull()), "n": RETURNS}, one("value"), (*NEEDS, "returns.resolved_at"), additive=True,
        variants={
            "age": Metric(
                "open_returns.age", "Age of open returns", ("age of open returns", "how old are open returns"), "days", "Median days since the request, of returns that are not resolved.", "median(as-of - requested_at)", "C P", "snap", "down",
                {"value": Component("open_returns", "quantile", lambda t: t.age), "n": Component("open_returns", "count")}, one("value"), (*NEEDS, "returns.resolved_at"),
            )
        },
    ),
    Metric(
        "recovery_rate", "Value recovery", ("salvage", "resold", "recovered value"), "share", "Value restocked or repaired, of the value resolved.",
        "sum(value restocked or repaired) / sum(value resolved)", "P R T", "ret", "up",
        {
            "k": Component("returns", "sum", lambda t: t.value, lambda t: t.resolved_at.notnull() & t.disposition.isin(["restock", "repair"])),
            "d": Component("returns", "sum", lambda t: t.value, lambda t: t.resolved_at.notnull()),
            "n": Component("returns", "count", where=lambda t: t.resolved_at.notnull()),
        },
        ratio("k", "d"), (*NEEDS, "returns.disposition"), sensitivity="commercial", source="reverse logistics",
    ),
    Metric(
        "repeat_return_rate", "Repeat returners", ("serial returns", "repeat returns"), "share", "Customers with at least two returns, of those with one.",
        "customers with >= 2 returns / customers with >= 1", "C T", "ret", "down",
        {
            "k": Component("returns", "customers_with", lambda t: t.return_id, least=2),
            "n": Component("returns", "customers_with", lambda t: t.return_id, least=1),
        },
        ratio("k", "n"), NEEDS, "wilson",
    ),
    Metric(
        "customers_with_return_share", "Customers with a return", ("share of customers who return",), "share",
        "Customers with a return in the period, of customers in the data.", "customers with a return / customers", "C", "snap", "down",
        {
            "k": Component("returns", "customers_with", lambda t: t.return_id, least=1),
            "n": Component("customers", "count"),
        },
        ratio("k", "n"), (*NEEDS, "customers.customer_id"), "wilson",
    ),
    Metric(
        "support_load", "Support load", ("tickets per order", "support tickets per order"), "ratio",
        "Interactions about support or returns for each delivered order.", "count(interactions of stage support or return) / delivered orders", "C T", "at", "down",
        {"n": Component("interactions", "count", where=lambda t: t.stage.isin(["support", "return"])), "d": Component("delivered", "count")},
        ratio("n", "d"), ("interactions.stage", "orders.delivered_at"),
    ),
)  # fmt: skip
