"""One row an article: classes, decoupling point and forecast (METRICS 7, 14, 19 and C4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from knowledge.metrics import bases_cost
from knowledge.models.customer_model import typed
from knowledge.models.decoupling import ORDER_TYPE, recommend
from knowledge.models.demand_classes import SUPPLY_FIT, abc, demand_class, demand_cv, xyz
from knowledge.models.forecasting import forecast
from knowledge.models.inputs import Inputs
from knowledge.models.notes import Note, left_out
from knowledge.models.weeks import demand, window

if TYPE_CHECKING:
    import ibis.expr.types as ir

LEAST_WAITS = 5
TEXT = "str"
COLUMNS: dict[str, str] = {
    "product_id": TEXT, "abc": TEXT, "xyz": TEXT, "demand_class": TEXT, "adi": "float64", "cv2": "float64", "supply_fit": TEXT,
    "p_days": "float64", "d_days": "float64", "d_lines": "Int64", "pd_ratio": "float64", "demand_cv": "float64",
    "customized_share": "float64", "decoupling_point": TEXT, "decoupling_reason": TEXT, "decoupling_flips": TEXT,
    "order_type": TEXT, "codp_mismatch": "Int64",
    "forecast_method": TEXT, "forecast_week": "float64", "forecast_week_low": "float64", "forecast_week_high": "float64",
    "forecast_13w": "float64", "wape": "float64", "naive_wape": "float64", "forecast_bias": "float64", "coverage": "float64",
    "demand_13w": "float64",
}  # fmt: skip
FORECASTS: dict[str, str] = {
    "product_id": TEXT,
    "week": "datetime64[s]",
    "forecast": "float64",
    "low": "float64",
    "high": "float64",
    "method": TEXT,
}


def product_model(inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """The product model (COLUMNS, sorted by id), weekly forecasts (FORECASTS) of the articles ever ordered, and notes.

    Articles that were never ordered have what the article itself tells and nulls elsewhere."""
    days = inputs.product_days
    known = inputs.products.set_index("product_id")
    out = pd.DataFrame(index=pd.Index(sorted(set(known.index) | set(days["product_id"])), name="product_id"))
    out["order_type"] = known["order_type"]
    out["p_days"] = known["lead_time_days"]
    if days.empty:
        why = "it needs orders with lines."
        notes = [left_out(n, why) for n in ("product_classes", "decoupling", "forecast")]
        return typed(out.reset_index(), COLUMNS), typed(pd.DataFrame(), FORECASTS), notes
    classes, notes = _classes(inputs)
    out = out.join(classes)
    weekly, table, said = _forecast(inputs, out)
    out, notes = out.join(table), [*notes, said]
    out = out.join(_waits(inputs))
    points, said = _decoupling(inputs, out)
    out, notes = out.join(points), [*notes, said]
    return typed(out.reset_index(), COLUMNS), typed(weekly, FORECASTS), notes


def _classes(inputs: Inputs) -> tuple[pd.DataFrame, list[Note]]:
    """ABC over all dates, ADI and CV² over 52 complete weeks, XYZ over 12 complete months, demand CV since first demand."""
    days, now = inputs.product_days, inputs.now
    revenue = days.groupby("product_id")["value"].sum()
    out = abc(revenue).rename("abc").rename_axis("product_id").to_frame()
    weeks, months = window(days["day"], now, "W", 52), window(days["day"], now, "M", 12)
    if len(weeks) >= 3:
        by_week = demand(days, "product_id", weeks, "W")
        out = out.join(demand_class(by_week[by_week.sum(axis=1) > 0]))
        out["supply_fit"] = out["demand_class"].map(SUPPLY_FIT)
    if len(months) >= 2:
        out["xyz"] = xyz(demand(days, "product_id", months, "M"))
    every = demand(days, "product_id", window(days["day"], now, "M", None), "M")
    out["demand_cv"] = pd.Series({i: demand_cv(row) for i, row in every.iterrows()}, dtype="float64")
    told = [f"{len(out):,} articles ordered"]
    for name in ("abc", "xyz", "demand_class"):
        if name in out:
            counts = out[name].value_counts().sort_index()
            words = {"none": "without demand"}
            told += (
                [", ".join(f"{n:,} {words.get(str(k), str(k)).replace('_', ' ')}" for k, n in counts.items())]
                if len(counts)
                else []
            )
    parameters = {"weeks": len(weeks), "months": len(months)}
    return out, [Note("product_classes", "; ".join(told) + ".", parameters=parameters)]


def _forecast(inputs: Inputs, out: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, Note]:
    days = inputs.product_days
    weeks = window(days["day"], inputs.now, "W", 104)
    if len(weeks) < 3:
        nothing = pd.DataFrame(columns=["forecast_week"], dtype="float64").rename_axis("product_id")
        return pd.DataFrame(columns=list(FORECASTS)), nothing, left_out("forecast", "it needs three complete weeks of orders.")
    by_week = demand(days, "product_id", weeks, "W")
    classes = out["demand_class"] if "demand_class" in out else pd.Series(dtype=object)
    made = forecast(by_week, classes)
    table = made.table.rename(
        columns={"method": "forecast_method", "forecast": "forecast_week", "low": "forecast_week_low", "high": "forecast_week_high",
                 "bias": "forecast_bias"}
    ).drop(columns="rmsse")  # fmt: skip
    table["forecast_13w"] = made.weekly.sum(axis=1)
    table["demand_13w"] = by_week.iloc[:, -13:].sum(axis=1)
    long = made.weekly.rename_axis(columns="week").reset_index().melt("product_id", var_name="week", value_name="forecast")
    step = made.table[["forecast", "low", "high", "method"]].rename(columns={"forecast": "level"})
    long = long.join(step, on="product_id").sort_values(["product_id", "week"], ignore_index=True)
    long["low"] = np.maximum(0.0, long["forecast"] - (long["level"] - long["low"]))
    long["high"] = long["forecast"] + (long["high"] - long["level"])
    counts = table["forecast_method"].value_counts()
    total = float(table["demand_13w"].sum())
    error, naive = (float((table[c] * table["demand_13w"]).sum()) / total if total else np.nan for c in ("wape", "naive_wape"))
    sentence = f"Each article's next {made.weekly.shape[1]} weeks by the method best on its own past: "
    sentence += ", ".join(f"{n:,} {k}" for k, n in counts.head(5).items()) + "."
    if total and not np.isnan(error):
        covered = float(table["coverage"].mean())
        sentence += f" One week ahead over the last 13 the error was {error:.0%} of demand, against {naive:.0%} for repeating the last week"
        if not np.isnan(covered):  # a range takes weeks before those that it is tried on
            sentence += f"; {covered:.0%} of weeks fell inside the 80% range set before them"
        sentence += ". The method was chosen on the same weeks."
    parameters = {
        "methods": {str(k): int(v) for k, v in counts.items()},
        "wape": error,
        "naive_wape": naive,
        "weeks": len(weeks),
    }
    return long, table, Note("forecast", sentence, parameters=parameters)


def _waits(inputs: Inputs) -> pd.DataFrame:
    """D time (median days customers wait, five lines at least) and the share of customised lines, by article."""

    def query() -> ir.Table:
        rows = bases_cost.waiting_lines(inputs.context)
        special = rows.is_customized.cast("int64")
        return rows.group_by("product_id").aggregate(
            d_days=rows.wait_days.median(), d_lines=rows.wait_days.count(), customized_share=special.cast("float64").mean()
        )

    names = ("product_id", "d_days", "d_lines", "customized_share")
    found = inputs.frame(query, names).set_index("product_id").astype("float64")
    found["d_days"] = found["d_days"].where(found["d_lines"] >= LEAST_WAITS)
    return found


def _decoupling(inputs: Inputs, out: pd.DataFrame) -> tuple[pd.DataFrame, Note]:
    if not inputs.has("products", "lead_time_days") or out["d_days"].notna().sum() == 0:
        missing = "`products.lead_time_days`" if not inputs.has("products", "lead_time_days") else "requested or promised dates"
        empty = pd.DataFrame(columns=["decoupling_point"], dtype=object).rename_axis("product_id")
        return empty, left_out("decoupling", f"it needs {missing}.")
    rows = []
    articles: Any = out.itertuples()
    for item in articles:
        supply, tolerance, variation, special = (
            None if pd.isna(v) else float(v) for v in (item.p_days, item.d_days, item.demand_cv, item.customized_share)
        )
        advice = recommend(supply, tolerance, variation, special, smooth=getattr(item, "demand_class", None) == "smooth")
        own = None if pd.isna(item.order_type) else str(item.order_type)
        differs = None if advice.point is None or own is None else int(ORDER_TYPE[advice.point] != own)
        rows.append((advice.point, advice.pd_ratio, advice.why, "; ".join(advice.flips), differs))
    names = ["decoupling_point", "pd_ratio", "decoupling_reason", "decoupling_flips", "codp_mismatch"]
    found = pd.DataFrame(rows, columns=names, index=out.index)
    counts = found["decoupling_point"].value_counts()
    told = ", ".join(f"{n:,} {str(k).replace('_', ' ')}" for k, n in counts.items())
    wrong = int(pd.to_numeric(found["codp_mismatch"]).fillna(0).sum())
    sentence = f"By supply lead time against how long customers wait: {told}. {wrong:,} articles are supplied otherwise today."
    return found, Note("decoupling", sentence, parameters={**{str(k): int(v) for k, v in counts.items()}, "mismatch": wrong})
