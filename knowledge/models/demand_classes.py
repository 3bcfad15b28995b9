"""Demand segmentation: ABC by value, XYZ by monthly variability, and smooth/erratic/intermittent/lumpy by ADI and CV².

Sources: Syntetos, Boylan and Croston 2005 (ADI 1.32, CV² 0.49); ABC and XYZ as METRICS 14 words them."""

from __future__ import annotations

import numpy as np
import pandas as pd

ADI_CUT, CV2_CUT = 1.32, 0.49
SUPPLY_FIT = {
    "smooth": "lean",
    "erratic": "agile with buffer",
    "intermittent": "pooled stock",
    "lumpy": "order-driven",
    "too_few": "too little demand to say",
}


def abc(revenue: pd.Series) -> pd.Series:
    """A while the cumulative share before the item is below 80 %, B below 95 %, else C. Index: item id (ties go by id)."""
    rows = revenue.astype(float).round(6).rename("value").rename_axis("id").reset_index()
    rows = rows.sort_values(["value", "id"], ascending=[False, True])
    total = rows["value"].sum()
    if total <= 0:
        return pd.Series("C", index=revenue.index, name="abc_class")
    before = (rows["value"].cumsum() - rows["value"]) / total
    classes = np.select([before < 0.80, before < 0.95], ["A", "B"], default="C")
    return pd.Series(classes, index=rows["id"].to_numpy(), name="abc_class").reindex(revenue.index)


def xyz(monthly: pd.DataFrame) -> pd.Series:
    """X, Y, Z by sd/mean (ddof 1) over the months in the columns, zeros kept; `none` without demand. Rows: items."""
    values = monthly.to_numpy(float)
    mean = values.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variation = values.std(axis=1, ddof=1) / mean
    classes = np.select([mean <= 0, variation <= 0.5, variation <= 1.0], ["none", "X", "Y"], default="Z")
    return pd.Series(classes, index=monthly.index, name="xyz_class")


def demand_class(weekly: pd.DataFrame) -> pd.DataFrame:
    """ADI, CV² and class of each row (item) of a frame whose columns are consecutive complete weeks.

    ADI counts weeks from the first demand to the window's end, over weeks with demand. Fewer than three weeks with
    demand: `too_few`, and no ADI or CV²."""
    values = weekly.to_numpy(float)
    sold = values > 0
    active = sold.sum(axis=1)
    first = np.where(active > 0, sold.argmax(axis=1), values.shape[1])
    enough = active >= 3
    counts = np.maximum(active, 1)
    positive = np.where(sold, values, 0.0)
    mean = positive.sum(axis=1) / counts
    deviation = np.where(sold, values - mean[:, None], 0.0)
    variance = (deviation**2).sum(axis=1) / np.maximum(active - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        adi = np.where(enough, (values.shape[1] - first) / counts, np.nan)
        cv2 = np.where(enough, variance / mean**2, np.nan)
    rare, uneven = adi > ADI_CUT, cv2 > CV2_CUT
    classes = np.select(
        [~enough, rare & uneven, rare, uneven], ["too_few", "lumpy", "intermittent", "erratic"], default="smooth"
    )
    return pd.DataFrame({"adi": adi, "cv2": cv2, "demand_class": classes}, index=weekly.index)


def demand_cv(monthly: pd.Series) -> float | None:
    """sd/mean (ddof 1) of monthly units over complete months since the first demand; None under six months."""
    values = monthly.to_numpy(float)
    started = np.flatnonzero(values > 0)
    if not len(started) or len(values) - started[0] < 6:
        return None
    since = values[started[0] :]
    return float(since.std(ddof=1) / since.mean())
