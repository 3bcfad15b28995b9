"""Service (METRICS 13): fill rate, on time, in full, perfect order and their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from knowledge.metrics.bases import worth
from knowledge.metrics.registry import Component, Metric, Row, one, ratio

SERVICE = ("orders.promised_date|requested_date",)


def _full(t: Any) -> Any:
    return (t.qty_shipped_first >= t.qty_ordered).fill_null(False)


def _known_first(t: Any) -> Any:
    return t.qty_shipped_first.notnull() | (t.status == "open")


def _shipped(t: Any) -> Any:
    import ibis

    first = ibis.coalesce(t.qty_shipped_first, ibis.literal(0).cast("decimal(18, 6)"))
    return ibis.least(first, t.qty_ordered)


def _sum(base: str, expr: Callable[[Any], Any], where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "sum", expr, where)


def _count(base: str, where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "count", None, where)


def _on_time(t: Any) -> Any:
    return (t.delivered_day <= t.day).fill_null(False)


def _rate(
    name: str,
    label: str,
    words: tuple[str, ...],
    definition: str,
    formula: str,
    k: Component,
    n: Component,
    needs: tuple[str, ...],
    **more: Any,
) -> Metric:
    parts = {"k": k, "n": n, **more.pop("extra", {})}
    dims, direction = more.pop("dims", "C O T"), more.pop("direction", "up")
    interval = more.pop("interval", "wilson")
    return Metric(
        name,
        label,
        words,
        "share",
        definition,
        formula,
        dims,
        "svc",
        direction,
        parts,
        ratio("k", "n"),
        (*SERVICE, *needs),
        interval,
        **more,
    )


FILL_NEEDS = ("order_lines.qty_shipped_first",)
FILL = _rate(
    "fill_rate", "Line fill rate", ("fill rate", "first-pass fill", "off-the-shelf", "service level from stock", "line fill"),
    "Order lines complete in the first shipment, of lines due.", "count(qty_shipped_first >= qty_ordered) / count(lines)",
    _count("due_lines", lambda t: _known_first(t) & _full(t)), _count("due_lines", _known_first), FILL_NEEDS, dims="C O P T", source="APICS idea",
    unmeasured="u", extra={"u": _count("due_lines", lambda t: ~_known_first(t))},
    variants={
        "unit": _rate(
            "fill_rate.unit", "Unit fill rate", ("unit fill rate", "unit fill"), "Units in the first shipment, of units due.",
            "sum(min(qty_shipped_first, qty_ordered)) / sum(qty_ordered)", _sum("due_lines", _shipped, _known_first),
            _sum("due_lines", lambda t: t.qty_ordered, _known_first), FILL_NEEDS, dims="C O P T", source="APICS idea", interval=None,
        ),
        "order": _rate(
            "fill_rate.order", "Order fill rate", ("order fill rate", "order fill"), "Orders with every line complete in the first shipment, of orders due.",
            "count(orders with every line full) / count(orders)",
            _count("due_by_order", lambda t: (t.first_known == t.lines) & (t.first_full == t.lines)), _count("due_by_order", lambda t: t.first_known == t.lines),
            FILL_NEEDS, source="APICS idea",
        ),
        "value": _rate(
            "fill_rate.value", "Value fill rate", ("value fill rate", "value fill"), "Value in the first shipment, of value due.",
            "sum(min(qty_shipped_first, qty_ordered) * unit_price) / sum(qty_ordered * unit_price)",
            _sum("due_lines", lambda t: worth(_shipped(t), t.unit_price), _known_first), _sum("due_lines", lambda t: worth(t.qty_ordered, t.unit_price), _known_first),
            FILL_NEEDS, dims="C O P T", source="APICS idea", interval=None,
        ),
    },
)  # fmt: skip


def otd_window(early: int, late: int) -> Metric:
    """On time when between `early` days before and `late` days after the promise; too early counts as a miss."""
    import ibis

    def inside(t: Any) -> Any:
        off = t.delivered_day.epoch_days() - t.day.epoch_days()
        return ((off >= ibis.literal(-early)) & (off <= ibis.literal(late))).fill_null(False)

    return _otd(
        f"otd.window({early},{late})",
        f"On-time delivery, {early} days early to {late} late",
        inside,
        f"delivered from {early} days before to {late} days after the promise",
    )


def otd_grace(late: int) -> Metric:
    """On time when at most `late` days after the promise."""

    def inside(t: Any) -> Any:
        return ((t.delivered_day.epoch_days() - t.day.epoch_days()) <= late).fill_null(False)

    return _otd(
        f"otd.grace({late})",
        f"On-time delivery with {late} days of grace",
        inside,
        f"delivered at most {late} days after the promise",
    )


def _known_end(t: Any) -> Any:
    return t.delivered_day.notnull() | (t.status == "open")


def _otd(name: str, label: str, inside: Callable[[Any], Any], words: str, **more: Any) -> Metric:
    return _rate(
        name, label, more.pop("synonyms", ()), f"Orders {words}, of orders due; an open order past its date is late.",
        f"count({words}) / count(orders due)", _count("due_orders", lambda t: _known_end(t) & inside(t)), _count("due_orders", _known_end),
        ("orders.delivered_at",), source="SCOR RL.2.2", unmeasured="u", extra={"u": _count("due_orders", lambda t: ~_known_end(t))}, **more,
    )  # fmt: skip


OTD = _otd(
    "otd", "On-time delivery", _on_time, "delivered on or before the promised date",
    synonyms=("on time", "on-time delivery", "punctuality", "delivery reliability", "on time delivery", "late deliveries"),
    variants={
        "requested": _rate(
            "otd.requested", "On time to request", ("on time to request",), "Orders delivered on or before the requested date, of orders due.",
            "count(delivered date <= requested_date) / count(orders due)",
            _count("due_orders", lambda t: t.requested_date.notnull() & (t.delivered_day <= t.requested_date).fill_null(False)),
            _count("due_orders", lambda t: t.requested_date.notnull() & _known_end(t)), ("orders.requested_date", "orders.delivered_at"), source="SCOR RL.2.2",
        )
    },
)  # fmt: skip


def _flag(
    name: str,
    label: str,
    words: tuple[str, ...],
    definition: str,
    formula: str,
    ok: Callable[[Any], Any],
    known: Callable[[Any], Any],
    needs: tuple[str, ...],
    source: str,
) -> Metric:
    return _rate(
        name, label, words, definition, formula, _count("due_by_order", lambda t: known(t) & ok(t)), _count("due_by_order", known), needs, source=source,
        unmeasured="u", extra={"u": _count("due_by_order", lambda t: ~known(t))},
    )  # fmt: skip


def _time_ok(t: Any) -> Any:
    return (t.delivered_day <= t.day).fill_null(False)


def _time_known(t: Any) -> Any:
    return t.delivered_day.notnull() | (t.status == "open")


def _full_ok(t: Any) -> Any:
    return (t.in_full == t.lines) & (t.status != "open")


def _full_known(t: Any) -> Any:
    return (t.status == "open") | (t.full_known == t.lines) | (t.short > 0)


COMPONENTS = (
    ("on time", _time_ok, _time_known),
    ("in full", _full_ok, _full_known),
    ("damage-free", lambda t: t.damaged == 0, lambda t: (t.damage_known == t.lines) | (t.damaged > 0)),
    ("documents right", lambda t: t.invoice_wrong == 0, lambda t: (t.invoice_known == t.lines) | (t.invoice_wrong > 0)),
)


def _failed(t: Any) -> Any:
    out = None
    for _, ok, known in COMPONENTS:
        fails = known(t) & ~ok(t)
        out = fails if out is None else out | fails
    return out


def _all_ok(t: Any) -> Any:
    out = None
    for _, ok, known in COMPONENTS:
        fine = known(t) & ok(t)
        out = fine if out is None else out & fine
    return out


def _both(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda t: first(t) & second(t)


def _line_known(t: Any) -> Any:
    return (t.status == "open") | (t.delivered_day.notnull() & t.qty_delivered.notnull())


def _days_late(t: Any) -> Any:
    return (t.delivered_day.epoch_days() - t.day.epoch_days()).cast("float64")


def _late(t: Any) -> Any:
    return (t.delivered_day > t.day).fill_null(False)


def _product(row: Row) -> float | None:
    value = 1.0
    for i in range(len(COMPONENTS)):
        if not row[f"n{i}"]:
            return None
        value *= float(row[f"k{i}"] or 0) / float(row[f"n{i}"])
    return value


METRICS = (
    FILL,
    Metric(
        "backorder_rate", "Backorders", ("short shipped lines", "back orders"), "share", "Lines due that were not complete in the first shipment.",
        "1 - fill_rate", "C O P T", "svc", "down",
        {"k": _count("due_lines", lambda t: _known_first(t) & ~_full(t)), "n": _count("due_lines", _known_first)}, ratio("k", "n"),
        (*SERVICE, *FILL_NEEDS), "wilson",
    ),
    OTD,
    _flag("in_full", "In full", ("complete", "full delivery", "complete deliveries"), "Orders with every line delivered in full and right, of orders due.",
          "count(every qty_delivered >= qty_ordered and right item) / count(orders due)", _full_ok, _full_known, ("order_lines.qty_delivered",), "SCOR RL.2.1"),
    _rate("otif", "On time in full", ("otif", "difot", "on time in full"), "Orders both on time and in full, of orders due.", "count(on time and in full) / count(orders due)",
          _count("due_by_order", lambda t: _time_known(t) & _full_known(t) & _time_ok(t) & _full_ok(t)), _count("due_by_order", lambda t: _time_known(t) & _full_known(t)),
          ("orders.delivered_at", "order_lines.qty_delivered"), source="retail",
          variants={"line": _rate("otif.line", "Lines on time in full", ("otif by line", "lines on time in full"), "Lines delivered both on time and in full, of lines due.", "count(lines on time and in full) / count(lines due)",
                                  _count("due_lines", lambda t: _line_known(t) & (t.delivered_day <= t.day).fill_null(False) & (t.qty_delivered >= t.qty_ordered).fill_null(False) & ~t.is_wrong_item.fill_null(False)), _count("due_lines", _line_known),
                                  ("orders.delivered_at", "order_lines.qty_delivered"), dims="C O P T", source="retail")}),
    _flag("damage_free", "Damage-free", ("condition", "arrived intact", "undamaged"), "Orders without a damaged line, of orders due.", "count(no is_damaged) / count(orders)",
          COMPONENTS[2][1], COMPONENTS[2][2], ("order_lines.is_damaged",), "SCOR RL.2.4"),
    _flag("document_accuracy", "Document accuracy", ("invoice right", "paperwork", "invoice accuracy"), "Orders with every invoice line right, of orders due.",
          "count(every invoice_ok) / count(orders)", COMPONENTS[3][1], COMPONENTS[3][2], ("order_lines.invoice_ok",), "SCOR RL.2.3"),
    _rate("perfect_order", "Perfect order", ("pof", "flawless orders", "error-free orders", "perfect orders", "perfect order rate"),
          "Orders on time, in full with the right item, damage-free and with right documents, of orders that can be decided.",
          "count(all four) / count(decided orders)", _count("due_by_order", _all_ok), _count("due_by_order", lambda t: _all_ok(t) | _failed(t)),
          ("orders.delivered_at",), source="SCOR RL.1.1", unmeasured="u", extra={"u": _count("due_by_order", lambda t: ~(_all_ok(t) | _failed(t)))},
          variants={"product": Metric(
              "perfect_order.product", "Perfect order (product of its parts)", (), "share", "Product of the four component rates.", "on time * in full * damage-free * documents",
              "C O T", "svc", "up",
              {"n": _count("due_by_order"), **{f"k{i}": _count("due_by_order", _both(known, ok)) for i, (_, ok, known) in enumerate(COMPONENTS)},
               **{f"n{i}": _count("due_by_order", known) for i, (_, _ok, known) in enumerate(COMPONENTS)}},
              _product, (*SERVICE, "orders.delivered_at"), source="SCOR RL.1.1")}),
    _rate("order_accuracy", "Order accuracy", ("right item", "picking accuracy"), "Lines with the right item, of lines checked.",
          "1 - count(is_wrong_item) / count(lines)", _count("due_lines", lambda t: t.is_wrong_item == False), _count("due_lines", lambda t: t.is_wrong_item.notnull()),  # noqa: E712
          ("order_lines.is_wrong_item",), dims="C O P T"),
    Metric("days_late", "Days late", ("how late", "lateness"), "days", "Mean days after the promise, of late deliveries.", "mean(delivered date - promised_date) of late deliveries",
           "C O T", "svc", "down",
           {"value": Component("due_orders", "mean", _days_late, _late), "n": _count("due_orders", _late),
            "sd": Component("due_orders", "sd", _days_late, _late)},
           one("value"), (*SERVICE, "orders.delivered_at"), "t",
           variants={"p90": Metric("days_late.p90", "Days late (p90)", (), "days", "90th percentile of the days after the promise, of late deliveries.", "percentile 90%(delivered date - promised_date) of late deliveries", "C O T", "svc", "down",
                                   {"value": Component("due_orders", "quantile", _days_late, _late, 0.9), "n": _count("due_orders", _late)}, one("value"), (*SERVICE, "orders.delivered_at"))}),
)  # fmt: skip
