"""Why revenue changed: volume, mix and price of one customer's articles between two periods (price-volume-mix analysis)."""

from __future__ import annotations

import pandas as pd

PARTS = ("change", "volume", "mix", "price")


def decompose(bought: pd.DataFrame) -> pd.DataFrame:
    """The change of value by customer and its parts (PARTS), which add up to it to the cent; index customer_id.

    Needs `customer_id`, `unit` (of measure), `units_now`, `value_now`, `units_before`, `value_before`, a row an article.
    Price: articles of both periods, at the new quantity. Volume: more or fewer units, at the old average value of the unit of
    measure. Mix: the rest, that is dearer or cheaper articles, new ones and lost ones."""
    rows = bought.copy()
    rows["unit"] = rows["unit"].fillna("")
    both = (rows["units_now"] > 0) & (rows["units_before"] > 0)
    old_price = (rows["value_before"] / rows["units_before"].where(rows["units_before"] > 0)).where(both)
    rows["price"] = (rows["value_now"] - rows["units_now"] * old_price).where(both, 0.0)
    groups = rows.groupby(["customer_id", "unit"])[["units_now", "units_before", "value_before"]].sum()
    average = groups["value_before"] / groups["units_before"].where(groups["units_before"] > 0)
    groups["volume"] = ((groups["units_now"] - groups["units_before"]) * average).fillna(0.0)
    out = rows.groupby("customer_id")[["value_now", "value_before", "price"]].sum()
    out["change"] = (out["value_now"] - out["value_before"]).round(2)
    out["volume"] = groups["volume"].groupby("customer_id").sum().round(2)
    out["price"] = out["price"].round(2)
    out["mix"] = (out["change"] - out["volume"] - out["price"]).round(2)
    return out[list(PARTS)]
