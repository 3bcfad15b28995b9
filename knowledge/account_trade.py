"""What each customer bought, article by article and category by category, for account pages."""

from __future__ import annotations

import pandas as pd

from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import Context
from knowledge.records import Period

TWICE = ("customer_id", "product_id", "unit", "category", "units_now", "value_now", "units_before", "value_before")


def bought_twice(reader: Reader, now: Period, before: Period) -> pd.DataFrame:
    """Units and value of each article by customer in two periods (TWICE, floats, 0 where none); no rows without lines."""
    context = Context(reader, reader.snapshot.as_of)
    try:
        rows = bases.lines(context)
        in_now, in_before = rows.day.between(now.start, now.end), rows.day.between(before.start, before.end)
        rows = rows.filter(in_now | in_before).group_by("customer_id", "product_id")
        found: pd.DataFrame = rows.aggregate(
            units_now=lambda t: t.qty_ordered.sum(where=t.day.between(now.start, now.end)).cast("float64"),
            value_now=lambda t: t.lv.sum(where=t.day.between(now.start, now.end)).cast("float64"),
            units_before=lambda t: t.qty_ordered.sum(where=t.day.between(before.start, before.end)).cast("float64"),
            value_before=lambda t: t.lv.sum(where=t.day.between(before.start, before.end)).cast("float64"),
        ).execute()
    except NoData:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in TWICE})
    numbers = [c for c in TWICE if c.startswith(("units", "value"))]
    found[numbers] = found[numbers].astype("float64").fillna(0.0)
    return found.merge(_articles(reader), on="product_id", how="left")[list(TWICE)].sort_values(["customer_id", "product_id"])


def _articles(reader: Reader) -> pd.DataFrame:
    try:
        found: pd.DataFrame = reader.table("products").select("product_id", "unit", "category").execute()
    except NoData:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in ("product_id", "unit", "category")})
    return found
