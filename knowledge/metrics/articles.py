"""Decoupling point and demand segmentation of articles and customers (METRICS 7, 14), and their forecasts (19)."""

from __future__ import annotations

from typing import Any

import numpy as np

from knowledge.metrics.registry import (
    Measured,
    Metric,
    Row,
    Value,
    count,
    distinct,
    mean,
    one,
    only,
    per,
    quantile,
    rate,
    ratio,
    rows,
    text,
    total,
)
from knowledge.models.demand_classes import SUPPLY_FIT

MODEL = "product_model"
NEEDS_WAIT = ("orders.requested_date|promised_date", "order_lines.qty_ordered")
LEAST_WAITS = 5


def _class(name: str, label: str, words: tuple[str, ...], definition: str, formula: str, column: str, **more: Any) -> Metric:
    """A class of one article, and the same of one customer as a variant where the customer model has it."""
    extra, combine = more.pop("extra", {}), more.pop("combine", text)
    return Metric(
        name, label, words, "label", definition, formula, "P", "snap", "none",
        {"value": only(MODEL, column), "n": count(MODEL, lambda t: t[column].notnull()), **extra}, combine, (f"{MODEL}.{column}",), one_each="product", **more,
    )  # fmt: skip


def _of_customer(name: str, label: str, definition: str, column: str, **more: Any) -> Metric:
    return Metric(
        name, label, (), "label", definition, "the same over the customer's weekly buying", "C", "snap", "none",
        {"value": only("customer_model", column), "n": count("customer_model", lambda t: t[column].notnull())}, text, (f"customer_model.{column}",),
        one_each="customer", model="customer_classes", **more,
    )  # fmt: skip


def _waited(row: Row) -> Value:
    return None if row["n"] < LEAST_WAITS or row["value"] is None else float(row["value"])


def _pd(row: Row) -> Value:
    """P over D of the lines in scope."""
    if row["n"] < LEAST_WAITS or not row["d"] or row["p"] is None:
        return None
    return Measured(
        row["p"] / row["d"], rows=row["n"], display=f"{row['p'] / row['d']:.2f} (P {row['p']:.0f} days, D {row['d']:.0f} days)"
    )


def _advice(row: Row) -> Value:
    """The decoupling point of the lines in scope from their P, D, variability and share of specials (METRICS C4)."""
    from knowledge.models.decoupling import recommend

    wait = row["d"] if row["n"] >= LEAST_WAITS else None
    advice = recommend(row["p"], wait, _variation(row), row["special"])
    if advice.point is None:
        return None
    flips = f"; {'; '.join(advice.flips)}" if advice.flips else ""
    said = advice.point.replace("_", " ")
    return Measured(said, rows=row["n"], display=f"{said} (P:D {advice.pd_ratio:.2f}: {advice.why}{flips})")


def _variation(row: Row) -> float | None:
    """sd over mean of monthly units over complete months since the first demand; None under six months."""
    from knowledge.models.demand_classes import demand_cv

    frame = row["months"]
    if not len(frame):
        return None
    by_month = frame.groupby("at")["units"].sum()
    first, last = int(frame["first"].min()), int(frame["last"].max())
    return demand_cv(by_month.reindex(range(first, last + 1), fill_value=0.0)) if last >= first else None


def _cv(row: Row) -> Value:
    value = _variation(row)
    return None if value is None else Measured(value, rows=len(row["months"]))


def _forecast(row: Row) -> Value:
    """Sum of the weeks' forecasts; the 80 % range takes articles as independent and weeks of one article as alike."""
    frame = row["value"]
    if not len(frame):
        return None
    sums = frame.groupby("product_id")[["forecast", "low", "high"]].sum()
    whole = float(sums["forecast"].sum())
    if sums[["low", "high"]].isna().any().any():
        return Measured(round(whole, 4), rows=len(frame))
    down = float(np.sqrt(((sums["forecast"] - sums["low"]) ** 2).sum()))
    up = float(np.sqrt(((sums["high"] - sums["forecast"]) ** 2).sum()))
    shown = f"{whole:,.0f} (80 %: {max(0.0, whole - down):,.0f} to {whole + up:,.0f})"
    return Measured(round(whole, 4), rows=len(frame), display=shown)


def _weighed(column: str) -> dict[str, Any]:
    known = {"where": lambda t: t[column].notnull() & (t.demand_13w > 0)}
    return {
        "k": total(MODEL, lambda t: t[column] * t.demand_13w, **known),
        "d": total(MODEL, "demand_13w", **known),
        "n": count(MODEL, **known),
    }


CODP: dict[str, Any] = {
    "p": quantile("waiting_lines_supplied", "lead_days", lambda t: t.lead_days.notnull()), "d": quantile("waiting_lines_supplied", "wait_days", lambda t: t.wait_days.notnull()),
    "n": count("waiting_lines_supplied", lambda t: t.wait_days.notnull()), "special": mean("waiting_lines_supplied", lambda t: t.is_customized.cast("int64")),
}  # fmt: skip
BACKTEST: dict[str, Any] = {
    "dims": "P",
    "date": "snap",
    "source": "forecasting",
    "model": "forecast",
    "needs": (f"{MODEL}.wape",),
    "note": "one week ahead over the last 13 weeks; the method was chosen on the same weeks",
}
METRICS = (
    Metric("supply_lead_time", "Supply lead time (P)", ("p time", "production lead time", "make/buy time", "supply lead time", "replenishment lead time"), "days", "Our lead time to make or buy; of a group the median over the lines ordered.", "median over lines of products.lead_time_days", "P", "snap", "down",
           {"value": CODP["p"], "n": count("waiting_lines_supplied", lambda t: t.lead_days.notnull())}, one("value"), ("products.lead_time_days", "order_lines.qty_ordered"), source="Mather 1988"),
    Metric("customer_tolerance_time", "Customer tolerance time (D)", ("d time", "how long they wait", "demand lead time", "tolerance time", "how long customers wait", "customer waiting time"), "days", "Median days from the order to the requested date, else to the promised one; five lines at least.", "median(requested_date - ordered date)", "C P T", "ord", "up",
           {"value": quantile("waiting_lines", "wait_days"), "n": count("waiting_lines", lambda t: t.wait_days.notnull())}, _waited, NEEDS_WAIT, source="ASCM idea"),
    Metric("pd_ratio", "P:D ratio", ("lead-time gap", "p:d ratio", "pd ratio", "lead time gap"), "ratio", "Supply lead time over how long customers wait: above 1 we must start before the order comes.", "P / D", "C P", "snap", "down", CODP, _pd, ("products.lead_time_days", *NEEDS_WAIT), source="Mather 1988, Olhager 2003"),
    Metric("demand_cv", "Demand variability", ("demand cv", "variability", "volatility", "demand variability", "demand volatility"), "ratio", "Standard deviation over mean of monthly units over complete months since the first demand; six months at least.", "sd / mean of monthly units", "C P", "snap", "down",
           {"months": per("unit_months", "at", "first", "last", units=lambda t: t.units), "n": count("unit_months")}, _cv, ("order_lines.qty_ordered",), source="Olhager 2003"),
    rate("customized_share", "Customised share", ("special orders", "customised", "customized share", "share of special orders", "customised lines"), "Customised lines, of lines.", "count(is_customized) / count(lines)", "C P T", "ord", "none",
         count("lines", lambda t: t.is_customized.fill_null(False)), count("lines", lambda t: t.is_customized.notnull()), ("order_lines.is_customized",)),
    Metric("recommended_codp", "Decoupling point", ("make-to-stock or order", "mts", "ato", "mto", "eto", "decoupling point", "codp", "order decoupling point", "make to stock or make to order", "recommended decoupling point"), "label", "Where the order should enter the chain: make to stock, assemble, make or engineer to order, from P, D, variability and specials of the lines in scope.", "first rule of C4 that fits P/D, demand CV and customised share", "C P", "snap", "none",
           {**CODP, "months": per("unit_months", "at", "first", "last", units=lambda t: t.units)}, _advice, ("products.lead_time_days", *NEEDS_WAIT), source="Olhager 2003; cut-offs are this product's own", lists=("category",), model="decoupling"),
    Metric("codp_mismatch", "Decoupling mismatches", ("wrong strategy items", "codp mismatch", "decoupling mismatch", "articles with the wrong strategy"), "count", "Articles that are supplied in another way than recommended.", "count(order_type differs from recommended_codp)", "P", "snap", "down",
           {"value": total(MODEL, "codp_mismatch"), "n": count(MODEL, lambda t: t.codp_mismatch.notnull())}, one("value"), (f"{MODEL}.codp_mismatch",), additive=True, model="decoupling"),
    Metric("adi", "Demand interval", ("adi", "how often it sells", "average demand interval"), "ratio", "Complete weeks since the first demand, a week with demand; of a group the median.", "weeks / weeks with demand", "P", "snap", "down", {"value": quantile(MODEL, "adi"), "n": count(MODEL, lambda t: t.adi.notnull())}, one("value"), (f"{MODEL}.adi",), source="Syntetos and Boylan 2005", model="product_classes"),
    Metric("cv2", "Size variability", ("cv squared", "cv²", "size variability"), "ratio", "Squared coefficient of variation of the weeks with demand; of a group the median.", "(sd / mean)^2 of non-zero weeks", "P", "snap", "down", {"value": quantile(MODEL, "cv2"), "n": count(MODEL, lambda t: t.cv2.notnull())}, one("value"), (f"{MODEL}.cv2",), source="Syntetos and Boylan 2005", model="product_classes"),
    _class("demand_class", "Demand class", ("smooth, erratic, intermittent, lumpy", "demand pattern", "demand type"), "Smooth, erratic, intermittent or lumpy weekly demand; too few where fewer than three weeks have any.", "ADI <= 1.32 and CV2 <= 0.49", "demand_class", source="Syntetos, Boylan and Croston 2005", model="product_classes",
           variants={"customer": _of_customer("demand_class.customer", "Demand class of a customer", "The pattern of the customer's weekly buying.", "demand_class", source="Syntetos, Boylan and Croston 2005"),
                     "articles": Metric("demand_class.articles", "Articles by demand class", ("articles by demand class", "number of articles by demand class", "how many articles are lumpy"), "count", "Articles that have a demand class.", "count(articles)", "P", "snap", "none", {"value": distinct(MODEL, "product_id", lambda t: t.demand_class.notnull()), "n": count(MODEL, lambda t: t.demand_class.notnull())}, one("value"), (f"{MODEL}.demand_class",), additive=True, lists=("demand_class",), order="desc", model="product_classes")}),
    _class("abc_class", "ABC class", ("a items", "pareto class", "abc class"), "A: the articles that make the first 80 % of revenue, B up to 95 %, C the rest.", "cumulative share of revenue before the article < 80 % / 95 %", "abc", model="product_classes",
           variants={"customer": _of_customer("abc_class.customer", "ABC class of a customer", "A: the customers that make the first 80 % of revenue, B up to 95 %, C the rest.", "abc_class")}),
    _class("xyz_class", "XYZ class", ("predictability class", "xyz class"), "X: monthly demand varies by up to half its mean over 12 complete months, Y up to its mean, Z more.", "sd / mean of monthly units <= 0.5 / 1", "xyz", model="product_classes"),
    _class("supply_fit", "Supply model", ("lean or agile", "supply fit", "supply model"), "What supply fits the demand class: " + ", ".join(f"{k.replace('_', ' ')}: {v}" for k, v in SUPPLY_FIT.items()) + ".", "by demand class", "supply_fit", source="topic 14", model="product_classes"),
    Metric("demand_forecast", "Demand forecast", ("sales forecast", "expected volume", "forecast", "expected demand", "demand forecast", "forecast demand"), "qty", "Units expected in the next 13 weeks, each article by the method best on its own past, with a range that holds in eight of ten cases.", "sum of weekly forecasts", "P T", "per", "none",
           {"value": rows("forecasts", "product_id", "forecast", "low", "high"), "units_of_measure": distinct("forecasts", "unit_of_measure"), "n": count("forecasts")}, _forecast, ("forecasts.forecast",), one_unit=True, source="forecasting: Croston-SBA, TSB, smoothing", model="forecast"),
    Metric("forecast_backtest", "Forecast error on the past", ("can i trust the forecast", "backtest", "forecast backtest", "forecast quality"), "share", "Absolute error of our own forecasts, of demand.", "sum(abs(forecast - actual)) / sum(actual)", components=_weighed("wape"), combine=ratio("k", "d"), direction="down", **BACKTEST,
           variants={
               "bias": Metric("forecast_backtest.bias", "Forecast bias on the past", (), "share", "Forecast less actual, of demand; + is too much.", "sum(forecast - actual) / sum(actual)", components=_weighed("forecast_bias"), combine=ratio("k", "d"), direction="none", **BACKTEST),
               "naive": Metric("forecast_backtest.naive", "Error of repeating the last week", (), "share", "Absolute error of repeating the last week, of demand.", "sum(abs(previous - actual)) / sum(actual)", components=_weighed("naive_wape"), combine=ratio("k", "d"), direction="down", **BACKTEST),
               "coverage": Metric("forecast_backtest.coverage", "Weeks inside the range", (), "share", "Weeks inside the 80 % range that was set before them; mean over articles.", "mean(weeks inside / weeks)", components={"value": mean(MODEL, "coverage"), "n": count(MODEL, lambda t: t.coverage.notnull())}, combine=one("value"), direction="up", **BACKTEST)}),
    Metric("replenishment_suggestion", "Suggested reorder", ("how much to send", "reorder", "suggested order", "replenishment", "replenishment suggestion", "what should we reorder", "what to reorder"), "qty", "Forecast over lead time and a week of review, plus safety stock, less what is there and coming, at least 0, in whole packs, each place by its part of the demand.",
           "max(0, forecast over lead and review + safety_stock - on_hand - on_order), up to pack_size", "P location", "snap", "none", {"value": total("reorders", "reorder"), "n": count("reorders", lambda t: t.reorder.notnull())}, lambda row: float(row["value"]) if row["n"] else None, ("reorders.reorder",), lists=("product",), order="desc", limit=10, one_each="product", source="periodic review", model="reorder"),
    Metric("days_of_supply", "Days of supply", ("cover", "stock days", "stock cover", "days of cover", "days of stock", "stock coverage"), "days", "Stock over the daily forecast; of a group the median over articles and places.", "on_hand / mean daily forecast", "P location", "snap", "none", {"value": quantile("reorders", "days_of_supply"), "n": count("reorders", lambda t: t.days_of_supply.notnull())}, one("value"), ("reorders.days_of_supply",), source="periodic review", model="reorder"),
)  # fmt: skip
