"""Which plans two parties should talk about, and why: the exception list of CPFR (METRICS C6).

Source: VICS CPFR; the percentages are this product's defaults, half of them for A articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from knowledge.metrics import bases_plans
from knowledge.models.inputs import Inputs
from knowledge.models.notes import Note, left_out

if TYPE_CHECKING:
    import ibis.expr.types as ir

COLUMNS = ("product_id", "customer_id", "period_start", "ours", "theirs", "plan_gap", "criteria", "nearer", "priority")
KEY = ["product_id", "customer_id"]
GAP, ERROR, SIGNAL, CHANGE = 0.20, 0.30, 4.0, 0.25
LEAST_BUCKETS = 3


def exceptions(
    coming: pd.DataFrame, closed: pd.DataFrame, stock: pd.DataFrame, price: pd.Series, classes: pd.Series
) -> pd.DataFrame:
    """The buckets to come (COLUMNS) in which a criterion fires, most money apart first.

    Needs coming: KEY, `period_start`, `ours`, `theirs`, `change` (of our version, null where there is one); closed: KEY,
    `period_start`, `party`, `forecast`, `actual`; stock (index article): `projected` at the end of the lead time and
    `safety`; price and ABC class by article."""
    record = _record(closed)
    rows = []
    items: Any = coming.sort_values([*KEY, "period_start"]).to_dict("records")
    for item in items:
        key = (item["product_id"], item["customer_id"])
        half = 0.5 if classes.get(item["product_id"]) == "A" else 1.0
        gap = _gap(item["ours"], item["theirs"])
        told = record.get(key, {})
        words = _criteria(item, gap, told, stock, half)
        if not words:
            continue
        apart = abs(item["ours"] - item["theirs"]) if gap is not None else 0.0
        rows.append({**{c: item[c] for c in (*KEY, "period_start", "ours", "theirs")}, "plan_gap": gap, "criteria": "; ".join(words),
                     "nearer": told.get("nearer"), "priority": round(apart * float(price.get(item["product_id"], 0.0)), 2)})  # fmt: skip
    out = pd.DataFrame(rows, columns=list(COLUMNS))
    return out.sort_values(["priority", *KEY, "period_start"], ascending=[False, True, True, True], ignore_index=True)


def _criteria(item: dict[str, Any], gap: float | None, told: dict[str, Any], stock: pd.DataFrame, half: float) -> list[str]:
    words = []
    if gap is not None and gap > GAP * half:
        words.append(f"plans differ by {gap:.0%} (ours {item['ours']:,.0f}, theirs {item['theirs']:,.0f})")
    wrong = [e for e in told.get("errors", [])[-3:] if e > ERROR * half]
    if len(wrong) >= 2:
        words.append(f"ours was wrong by more than {ERROR * half:.0%} in {len(wrong)} of the last three buckets")
    for party, signal in told.get("signals", {}).items():
        if abs(signal) > SIGNAL * half:
            who = "our plan" if party == "ours" else "the customer's plan"
            words.append(f"{who} leans {'high' if signal > 0 else 'low'} (tracking signal {signal:+.1f})")
    if item["product_id"] in stock.index:
        left, safety = stock.loc[item["product_id"], ["projected", "safety"]].astype(float)
        if left < safety:
            words.append(f"stock falls to {left:,.0f} within the lead time, below the safety stock of {safety:,.0f}")
    if pd.notna(item["change"]) and abs(item["change"]) > CHANGE * half:
        words.append(f"our plan moved by {item['change']:+.0%} inside the lead time")
    return words


def _gap(ours: float, theirs: float) -> float | None:
    if pd.isna(ours) or pd.isna(theirs):
        return None
    middle = (ours + theirs) / 2
    return abs(ours - theirs) / middle if middle > 0 else 0.0


def _record(closed: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """By article and customer: our relative errors in order, each party's tracking signal, and whose plan was nearer last time."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    groups: Any = closed.sort_values("period_start").groupby(KEY)
    for key, rows in groups:
        ours = rows[rows["party"] == "ours"]
        errors = ((ours["forecast"] - ours["actual"]).abs() / ours["actual"].clip(lower=1.0)).tolist()
        signals = {}
        for party, own in rows.groupby("party"):
            error = own["forecast"] - own["actual"]
            size = float(error.abs().mean())
            if len(own) >= LEAST_BUCKETS and size > 0:
                signals[str(party)] = float(error.sum() / size)
        last = rows[rows["period_start"] == rows["period_start"].max()]
        miss = (last["forecast"] - last["actual"]).abs().groupby(last["party"]).mean()
        nearer = None if len(miss) < 2 or miss.nunique() < 2 else str(miss.idxmin())
        found[key] = {"errors": errors, "signals": signals, "nearer": nearer}
    return found


def plan_exceptions(inputs: Inputs, articles: pd.DataFrame) -> tuple[pd.DataFrame, Note]:
    """The exception list of the buckets that are not over; needs the product model for stock, forecasts and classes."""
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not inputs.has("demand_plans", "forecast_qty") or not inputs.has("order_lines"):
        return nothing, left_out("cpfr", "it needs `demand_plans` and orders with lines.")
    closed = inputs.frame(
        lambda: bases_plans.plans(inputs.context), (*KEY, "period_start", "party", "forecast", "actual"), days=("period_start",)
    )
    coming = inputs.frame(lambda: _coming(inputs), (*KEY, "period_start", "ours", "theirs"), days=("period_start",))
    coming = coming.astype({"ours": "float64", "theirs": "float64"})
    coming = coming.merge(_changes(inputs, articles), on=[*KEY, "period_start"], how="left")
    known = articles.set_index("product_id")
    daily = known["forecast_week"] / 7
    stock = pd.DataFrame(
        {
            "projected": known["on_hand"] + known["on_order"].fillna(0.0) - daily * known["p_days"],
            "safety": known["safety_stock"],
        }
    )
    sold = inputs.product_days.groupby("product_id")[["value", "units"]].sum()
    price = (sold["value"] / sold["units"].where(sold["units"] > 0)).fillna(0.0)
    found = exceptions(coming, closed, stock.dropna(), price, known["abc"])
    said = f"{len(found):,} of {len(coming):,} plans of buckets to come should be discussed, those with most money apart first."
    return found, Note("cpfr", said, parameters={"coming": len(coming), "exceptions": len(found)})  # fmt: skip


def _coming(inputs: Inputs) -> ir.Table:
    import ibis

    rows = bases_plans.latest_plans(inputs.context)
    rows = rows.filter(rows.last_day > ibis.literal(inputs.today)).mutate(quantity=lambda t: t.forecast_qty.cast("float64"))
    return rows.group_by(*KEY, "period_start").aggregate(
        ours=rows.quantity.sum(where=rows.party == "ours"), theirs=rows.quantity.sum(where=rows.party == "customer")
    )


def _changes(inputs: Inputs, articles: pd.DataFrame) -> pd.DataFrame:
    """How our newest version differs from the one before, where it was made inside the article's lead time: `change`."""
    names = (*KEY, "period_start", "made_at", "forecast_qty")

    def query() -> ir.Table:
        rows = inputs.reader.table("demand_plans")
        return rows.filter((rows.party == "ours") & rows.made_at.notnull()).select(*names)

    rows = inputs.frame(query, names, days=("period_start",)).sort_values([*KEY, "period_start", "made_at"])
    rows["forecast_qty"] = rows["forecast_qty"].astype("float64")
    before = rows.groupby([*KEY, "period_start"], dropna=False)["forecast_qty"].shift()
    rows = rows.assign(change=rows["forecast_qty"] / before.where(before > 0) - 1)
    last = rows.drop_duplicates([*KEY, "period_start"], keep="last")
    lead = last["product_id"].map(articles.set_index("product_id")["p_days"])
    made = pd.to_datetime(last["made_at"], utc=True).dt.tz_localize(None)
    frozen = (last["period_start"] - made).dt.days < lead
    return last.assign(change=np.where(frozen, last["change"], np.nan))[[*KEY, "period_start", "change"]]
