"""Customer-centric design (METRICS 17) and the inputs of an account plan (12): needs against what is delivered, by segment."""

from __future__ import annotations

from typing import Any

from knowledge.display import share
from knowledge.metrics.registry import Component, Measured, Metric, Row, Value, count, mean, only, quantile, rate, total
from knowledge.metrics.tiers import FILL_PARTS, OTD_PARTS, PROMISED

LEAST = 5
SERVICE = ("orders.promised_date|requested_date", "orders.delivered_at")


def _cells(row: Row) -> dict[str, tuple[float, float, float, int, str]]:
    """Measured capabilities: shortfall (0 where the need is met, 1 at most), actual, need, count, and words."""
    found = {}
    for name, key in (("on-time delivery", "otd"), ("fill rate", "fill_rate")):
        k, n, need = row[f"{key}_k"], row[f"{key}_n"], row[f"{key}_target"]
        if n >= LEAST and need:
            actual, need = k / n, float(need)
            found[name] = (
                min(1.0, max(0.0, (need - actual) / need)),
                actual,
                need,
                int(n),
                f"{share(actual)}, needs {share(need)}",
            )
    for name, key, unit in (
        ("order cycle", "cycle", "days"), ("first response", "response", "hours"), ("resolution", "resolution", "hours"),
    ):  # fmt: skip
        actual, need, n = row[f"{key}_actual"], row[f"{key}_need"], row[f"{key}_n"]
        if n >= LEAST and need and actual is not None:
            actual, need = float(actual), float(need)
            found[name] = (
                min(1.0, max(0.0, (actual - need) / need)),
                actual,
                need,
                int(n),
                f"{actual:.1f} {unit}, needs {need:.1f}",
            )
    return found


def _profile(row: Row) -> dict[str, Value]:
    """What a segment asks of the design, each with the rows behind it; what is measured fewer than five times is left out."""
    found: dict[str, Value] = {}

    def add(name: str, n: int, words: str) -> None:
        if n >= LEAST:
            found[name] = Measured(words, rows=n)

    supply, wait, size, spread = row["supply"], row["wait"], row["size"], row["spread"]
    if supply and wait:
        add("P:D ratio", row["waited"], f"{supply / wait:.2f} (P {supply:.0f} days, D {wait:.0f} days)")
    if size and spread is not None:
        add("variability of order size", row["sized"], f"{spread / size:.2f} times the mean")
    if row["special"] is not None:
        add("customised share", row["told"], share(row["special"]))
    if row["back"] is not None:
        add("days of a return", row["settled"], f"{row['back']:.1f} days")
    return found


def _scorecard(row: Row) -> dict[str, Value]:
    return {
        name: Measured(round(gap, 9), rows=n, display=f"gap {share(gap)} ({words})")
        for name, (gap, _, _, n, words) in _cells(row).items()
    }


def _index(row: Row) -> Value:
    cells = _cells(row)
    if not cells:
        return None
    value = sum(c[0] for c in cells.values()) / len(cells)
    return Measured(
        round(value, 9), rows=sum(c[3] for c in cells.values()), display=f"{value:.2f} over {len(cells)} capabilities"
    )


def _first_to_fix(row: Row) -> Value:
    """The capability with the largest gap; of equal gaps the first by name."""
    cells = _cells(row)
    if not cells:
        return None
    gap, name = max((c[0], n) for n, c in cells.items())
    if gap <= 0:
        return Measured("nothing: every measured need is met", rows=len(cells))
    return Measured(
        name,
        rows=cells[name][3],
        display=f"{name} (gap {share(gap)}: {cells[name][4]}; margin behind it {float(row['margin'] or 0):,.0f})",
    )


def _plan(row: Row) -> dict[str, Value]:
    """What an account plan starts from; parts that are not known are left out."""
    parts: dict[str, Value] = {}

    def add(name: str, value: float | None, words: str, n: int = 1) -> None:
        if value is not None and n:
            parts[name] = Measured(words, rows=n)

    revenue = row["revenue"]
    add("revenue of the last year", revenue, f"{float(revenue or 0):,.0f}", int(row["lines"]))
    for name, key in (
        ("profit of the last year", "profit"),
        ("returns of the last year", "returned"),
        ("white space", "white"),
    ):
        add(name, row[key], f"{float(row[key] or 0):,.0f}")
    for name, key in (("on-time delivery", "otd"), ("fill rate", "fill")):
        n = int(row[f"{key}_n"] or 0)
        add(name, n, f"{(row[f'{key}_k'] or 0) / n:.1%} of {n:,}" if n else "", n)
    add("open issues", row["open"], f"{int(row['open'] or 0):,}")
    add("churn risk", 1.0 if row["risk"] else None, str(row["risk"]))
    add("strategic score", row["score"], f"{float(row['score'] or 0):.0f} of 100")
    return parts


PROFILE: dict[str, Component] = {
    "supply": quantile("waiting_lines_supplied", "lead_days"), "wait": quantile("waiting_lines_supplied", "wait_days"),
    "waited": count("waiting_lines_supplied", lambda t: t.wait_days.notnull() & t.lead_days.notnull()),
    "size": mean("order_values", "value"), "spread": Component("order_values", "sd", lambda t: t.value), "sized": count("order_values"),
    "special": mean("waiting_lines_supplied", lambda t: t.is_customized.cast("int64")), "told": count("waiting_lines_supplied", lambda t: t.is_customized.notnull()),
    "back": quantile("returns", lambda t: (t.resolved_at.epoch_seconds() - t.requested_at.epoch_seconds()) / 86400), "settled": count("returns", lambda t: t.resolved_at.notnull()),
}  # fmt: skip
CELLS: dict[str, Component] = {
    **OTD_PARTS, **FILL_PARTS,
    "cycle_actual": mean("cycles_promised", "cycle_days"), "cycle_need": mean("cycles_promised", "order_cycle_days_target"), "cycle_n": count("cycles_promised", lambda t: t.order_cycle_days_target.notnull()),
    "response_actual": quantile("answers_promised", "hours", lambda t: t.hours >= 0), "response_need": mean("answers_promised", "first_response_hours_target"), "response_n": count("answers_promised", lambda t: t.hours >= 0),
    "resolution_actual": quantile("answers_promised", "solved_hours", lambda t: t.solved_hours >= 0), "resolution_need": mean("answers_promised", "resolution_hours_target"), "resolution_n": count("answers_promised", lambda t: t.solved_hours >= 0),
}  # fmt: skip
MORE: dict[str, Any] = {"dims": "C", "date": "svc", "needs": (*PROMISED, *SERVICE), "rows": "otd_n"}
METRICS = (
    Metric("capability_scorecard", "Capability scorecard", ("scorecard", "segment needs", "design gap", "what must change", "capability scorecard", "needs against actual"), "share", "By segment, how far each capability falls short of what the customers' tiers were promised; 0 is met.", "min(1, shortfall / need) by segment and capability",
           direction="down", components=CELLS, combine=_scorecard, lists=("segment",), along="capability", source="topic 17", **MORE,
           variants={"profile": Metric("capability_scorecard.profile", "Design profile", ("design profile", "what segments ask of the design", "segment design profile"), "label", "What each segment asks of the design: supply lead time over how long it waits (P:D), how much its order size varies, the share of customised lines, the days that a return takes.", "by segment and parameter", "C", "svc", "none",
                                       PROFILE, _profile, ("order_lines.qty_ordered", "returns.requested_at"), rows="sized", lists=("segment",), along="parameter", source="topic 17")}),
    Metric("design_gap_index", "Design gap", ("distance to need", "design gap index", "design gap score"), "ratio", "Mean over the measured capabilities of how far they fall short of the need: 0 is met, 1 is nothing of it.", "mean(min(1, shortfall / need))", direction="down", components=CELLS, combine=_index, source="topic 17", **MORE),
    Metric("parameter_to_fix", "First parameter to fix", ("biggest lever", "parameter to fix", "what to fix first", "first parameter to fix"), "label", "The capability that falls shortest of the need, with the margin of the segment behind it.", "largest gap by segment", direction="none",
           components={**CELLS, "margin": total("year_costed", "margin")}, combine=_first_to_fix, sensitivity="commercial", lists=("segment",), **MORE),
    rate("responsiveness", "Responsiveness", ("rush capability", "responsiveness", "rush orders on time", "on time for rush orders"), "Orders asked for sooner than customers usually wait (the median) that came by the date asked for, of such orders due.", "count(on time) / count(orders asked for sooner than the median D)", "C O T", "svc", "up",
         count("asked_soon", lambda t: t.on_time), count("asked_soon"), ("orders.requested_date", "orders.delivered_at", "order_lines.qty_ordered"), source="SCOR agility idea"),
    Metric("account_plan_inputs", "Account plan inputs", ("account plan", "qbr pack", "account plan inputs", "inputs of the account plan"), "label", "What an account plan starts from, each as of now.", "revenue, profit, service, returns, issues, risk, white space", "C", "snap", "none",
           {"revenue": total("year_lines", "lv"), "lines": count("year_lines"), "profit": total("customer_model", "net_margin"), "returned": total("returns_year", "value"), "white": total("white_space_any", "peer_revenue"),
            "otd_k": count("due_year", lambda t: t.on_time & t.known), "otd_n": count("due_year", lambda t: t.known), "fill_k": count("fill_year", lambda t: t.full & t.known), "fill_n": count("fill_year", lambda t: t.known),
            "open": count("open_cases"), "risk": only("customer_model", "churn_risk"), "score": total("customer_model", "strategic_score"), "n": count("year_lines")}, _plan, ("order_lines.qty_ordered", "customer_model.strategic_score"),
           sensitivity="commercial", one_each="customer", along="input", source="strategic account management"),
)  # fmt: skip
