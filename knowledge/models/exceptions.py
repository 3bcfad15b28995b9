"""Which plans two parties should talk about, and why: the exception list of CPFR (METRICS C6).

Sources: VICS CPFR (criteria are agreed by the partners); Brown 1959 (tracking signal in mean absolute deviations). The
percentages are this product's defaults, half of them for A articles: docs/decisions/0020-plan-exceptions.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
LEAST_BUCKETS = 3
REMEMBERED = 12  # closed buckets that speak for how a party plans now
JUDGED = 3
UNUSUAL = 1.5  # times the plan's own mean error before: less is its ordinary noise


@dataclass(frozen=True)
class Tolerance:
    """What two partners agreed to let pass: how far the plans may differ, our plan be wrong and move inside the lead time
    (shares), and how far either may lean to one side (tracking signal, in mean absolute deviations)."""

    gap: float = 0.20
    error: float = 0.30
    change: float = 0.25
    signal: float = 4.0

    def of_class(self, abc: object) -> Tolerance:
        """Half the shares for A articles; the signal is measured in the article's own errors already."""
        return replace(self, gap=self.gap / 2, error=self.error / 2, change=self.change / 2) if abc == "A" else self


def agreed(settings: Mapping[str, Any]) -> tuple[Tolerance, dict[str, Tolerance]]:
    """The usual tolerance and those of single customers, from the settings' `plan_tolerance`."""
    said = dict(settings.get("plan_tolerance") or {})
    own = said.pop("customers", {})
    usual = Tolerance(**said)
    return usual, {str(c): replace(usual, **t) for c, t in own.items()}


def exceptions(
    coming: pd.DataFrame,
    closed: pd.DataFrame,
    stock: pd.DataFrame,
    price: pd.Series,
    classes: pd.Series,
    usual: Tolerance | None = None,
    own: Mapping[str, Tolerance] | None = None,
) -> pd.DataFrame:
    """The buckets to come (COLUMNS) in which a criterion fires, most money apart first.

    Needs coming: KEY, `period_start`, `ours`, `theirs`, `change` (of our version, null where there is one); closed: KEY,
    `period_start`, `party`, `forecast`, `actual`; stock (index article): `projected` at the end of the lead time and
    `safety`; price and ABC class by article; the `usual` tolerance and the `own` one of a customer."""
    record, usual = _record(closed), usual or Tolerance()
    rows = []
    items: Any = coming.sort_values([*KEY, "period_start"]).to_dict("records")
    for item in items:
        key = (item["product_id"], item["customer_id"])
        tolerance = (own or {}).get(str(item["customer_id"]), usual).of_class(classes.get(item["product_id"]))
        gap = _gap(item["ours"], item["theirs"])
        told = record.get(key, {})
        words = _criteria(item, gap, told, stock, tolerance)
        if not words:
            continue
        apart = abs(item["ours"] - item["theirs"]) if gap is not None else 0.0
        rows.append({**{c: item[c] for c in (*KEY, "period_start", "ours", "theirs")}, "plan_gap": gap, "criteria": "; ".join(words),
                     "nearer": told.get("nearer"), "priority": round(apart * float(price.get(item["product_id"], 0.0)), 2)})  # fmt: skip
    out = pd.DataFrame(rows, columns=list(COLUMNS))
    return out.sort_values(["priority", *KEY, "period_start"], ascending=[False, True, True, True], ignore_index=True)


def _criteria(item: dict[str, Any], gap: float | None, told: dict[str, Any], stock: pd.DataFrame, may: Tolerance) -> list[str]:
    words = []
    if gap is not None and gap > may.gap:
        words.append(f"plans differ by {gap:.0%} (ours {item['ours']:,.0f}, theirs {item['theirs']:,.0f})")
    wrong = [e for e in told.get("errors", []) if e > may.error]
    if len(wrong) >= 2:
        words.append(f"ours was wrong by more than {may.error:.0%} in {len(wrong)} of the last three buckets")
    for party, signal in told.get("signals", {}).items():
        if abs(signal) > may.signal:
            who = "our plan" if party == "ours" else "the customer's plan"
            words.append(f"{who} leans {'high' if signal > 0 else 'low'} (tracking signal {signal:+.1f})")
    if item["product_id"] in stock.index:
        left, safety = stock.loc[item["product_id"], ["projected", "safety"]].astype(float)
        if left < safety:
            words.append(f"stock falls to {left:,.0f} within the lead time, below the safety stock of {safety:,.0f}")
    if pd.notna(item["change"]) and abs(item["change"]) > may.change:
        words.append(f"our plan moved by {item['change']:+.0%} inside the lead time")
    return words


def _gap(ours: float, theirs: float) -> float | None:
    if pd.isna(ours) or pd.isna(theirs):
        return None
    middle = (ours + theirs) / 2
    return abs(ours - theirs) / middle if middle > 0 else 0.0


def _record(closed: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """By article and customer: our relative errors of the buckets judged, 0 where one is ordinary, each party's tracking
    signal over the buckets remembered, and whose plan was nearer last time."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    groups: Any = closed.sort_values("period_start").groupby(KEY)
    for key, rows in groups:
        ours = rows[rows["party"] == "ours"].tail(REMEMBERED)
        missed = (ours["forecast"] - ours["actual"]).abs()
        relative = missed / ours["actual"].clip(lower=1.0)
        before = missed.iloc[:-JUDGED]
        ordinary = UNUSUAL * before.mean() if len(before) >= LEAST_BUCKETS else 0.0
        errors = relative[missed > ordinary].reindex(ours.index, fill_value=0.0).tail(JUDGED).tolist()
        signals = {}
        for party, own in rows.groupby("party"):
            error = (own["forecast"] - own["actual"]).tail(REMEMBERED)
            size = float(error.abs().mean())
            if len(own) >= LEAST_BUCKETS and size > 0:
                signals[str(party)] = float(error.sum() / size)
        last = rows[rows["period_start"] == rows["period_start"].max()]
        miss = (last["forecast"] - last["actual"]).abs().groupby(last["party"]).mean()
        nearer = None if len(miss) < 2 or miss.nunique() < 2 else str(miss.idxmin())
        found[key] = {"errors": errors, "signals": signals, "nearer": nearer}
    return found


def plan_exceptions(inputs: Inputs, articles: pd.DataFrame, stocks: pd.DataFrame) -> tuple[pd.DataFrame, Note]:
    """The exception list of the buckets that are not over; needs the product model for classes and lead times, and what
    `reorder.reorders` says of the stocks, all places of an article together."""
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
    there = stocks.groupby("product_id")[["on_hand", "on_order", "safety_stock"]].sum(min_count=1).astype("float64")
    left = there["on_hand"] + there["on_order"].fillna(0.0) - known["forecast_week"] / 7 * known["p_days"]
    stock = pd.DataFrame({"projected": left, "safety": there["safety_stock"]})
    sold = inputs.product_days.groupby("product_id")[["value", "units"]].sum()
    price = (sold["value"] / sold["units"].where(sold["units"] > 0)).fillna(0.0)
    usual, own = agreed(inputs.settings)
    found = exceptions(coming, closed, stock.dropna(), price, known["abc"], usual, own)
    said = f"{len(found):,} of {len(coming):,} plans of buckets to come should be discussed, those with most money apart first."
    apart = int(found["criteria"].str.contains("plans differ").sum())
    said += (
        f" In {apart:,} the two plans differ by more than {usual.gap:.0%} (A articles: {usual.gap / 2:.0%})." if apart else ""
    )
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
    lead = last["product_id"].map(articles.set_index("product_id")["p_days"]).astype("float64")
    made = pd.to_datetime(last["made_at"], utc=True).dt.tz_localize(None)
    frozen = (last["period_start"] - made).dt.days < lead
    return last.assign(change=np.where(frozen, last["change"], np.nan))[[*KEY, "period_start", "change"]]
