"""What to send where: stock of each article in each place against the demand that it serves (METRICS 10 and C6).

Source: periodic review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from knowledge.metrics import bases
from knowledge.models.inputs import Inputs
from knowledge.models.notes import Note, left_out
from knowledge.models.plans import replenish

if TYPE_CHECKING:
    import ibis.expr.types as ir

REVIEW_DAYS = 7
SERVED_DAYS = 182  # what a place shipped in them is its share of the demand
COLUMNS = (
    "product_id", "location", "on_hand", "on_order", "safety_stock", "share", "forecast_week", "p_days", "reorder", "days_of_supply",
)  # fmt: skip


def reorders(inputs: Inputs, articles: pd.DataFrame) -> tuple[pd.DataFrame, Note]:
    """What each place should be sent of each article (COLUMNS), from the product model's forecasts and lead times.

    An article's forecast is parted as the places shipped it lately; where orders do not say from where they were shipped,
    the article's stock is taken together and `location` is null."""
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not inputs.has("inventory") or not inputs.has("order_lines"):
        return nothing, left_out("reorder", "it needs `inventory` and orders with lines.")
    stock, split = latest_stock(inputs), shares(inputs)
    numbers = ["on_hand", "on_order", "safety_stock"]
    if split.empty:
        rows = stock.groupby("product_id")[numbers].sum(min_count=1).reset_index().assign(location=None, share=1.0)
    else:
        rows = stock.merge(split, on=["product_id", "location"], how="left")
        rows["share"] = rows["share"].fillna(0.0).where(rows["product_id"].isin(split["product_id"]))
    known = articles[["product_id", "forecast_week", "p_days"]].merge(
        inputs.products[["product_id", "pack_size"]], on="product_id", how="left"
    )
    rows = rows.merge(known, on="product_id")
    rows["forecast_week"] = rows["forecast_week"] * rows["share"]
    each: Any = rows.itertuples()
    made = [_of_place(item) for item in each]
    rows["reorder"] = pd.Series([m[0] for m in made], index=rows.index, dtype="float64")
    rows["days_of_supply"] = pd.Series([m[1] for m in made], index=rows.index, dtype="float64")
    count, places = int((rows["reorder"] > 0).sum()), int(rows["location"].nunique())
    where = f" in {places} places, each with its own part of the demand" if places else ", all places together"
    sentence = (
        f"{count:,} of {len(rows):,} stocks should be filled up: forecast over lead time and {REVIEW_DAYS} days of review, plus "
        f"safety stock, less what is there and coming, in whole packs{where}."
    )
    parameters = {"stocks": len(rows), "reorder": count, "places": places, "review_days": REVIEW_DAYS}
    ordered = rows.sort_values(["product_id", "location"], ignore_index=True)
    return ordered[list(COLUMNS)], Note("reorder", sentence, parameters=parameters)


def _of_place(item: Any) -> tuple[float | None, float | None]:
    """What to send and for how many days the stock lasts; null where the forecast, the lead time or the stock is not known."""
    if pd.isna(item.p_days) or pd.isna(item.forecast_week) or pd.isna(item.on_hand):
        return None, None
    daily = float(item.forecast_week) / 7
    safety, coming = (0.0 if pd.isna(v) else float(v) for v in (item.safety_stock, item.on_order))
    pack = None if pd.isna(item.pack_size) else float(item.pack_size)
    sent = replenish(daily * (float(item.p_days) + REVIEW_DAYS), safety, float(item.on_hand), coming, pack)
    return sent, float(item.on_hand) / daily if daily > 0 else None


def shares(inputs: Inputs) -> pd.DataFrame:
    """`product_id`, `location`, `share` of the article's units that were shipped from there lately; no rows where none says."""
    names = ("product_id", "location", "units")
    since = (inputs.now - pd.Timedelta(days=SERVED_DAYS)).date()

    def query() -> ir.Table:
        rows = bases.lines(inputs.context)
        rows = rows.filter(rows.ship_from.notnull() & (rows.day > since))
        return rows.group_by("product_id", location=rows.ship_from).aggregate(units=rows.qty_ordered.sum().cast("float64"))

    if not inputs.has("orders", "ship_from"):
        return pd.DataFrame(columns=["product_id", "location", "share"])
    found = inputs.frame(query, names).astype({"units": "float64"})
    found["share"] = found["units"] / found.groupby("product_id")["units"].transform("sum")
    return found[["product_id", "location", "share"]]


def latest_stock(inputs: Inputs) -> pd.DataFrame:
    """The latest count of each article and location up to the as-of: `product_id`, `location`, `at`, on_hand, on_order, safety_stock."""
    names = ("product_id", "location", "at", "on_hand", "on_order", "safety_stock")

    def query() -> ir.Table:
        rows = inputs.reader.table("inventory")
        return rows.filter(rows["at"] <= inputs.today).select(*names)

    found = inputs.frame(query, names, days=("at",))
    found[["on_hand", "on_order", "safety_stock"]] = found[["on_hand", "on_order", "safety_stock"]].astype("float64")
    return found.sort_values(["product_id", "location", "at"]).drop_duplicates(["product_id", "location"], keep="last")
