"""Demand in complete weeks and months: partial buckets are left out (METRICS A16)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

Bucket = Literal["W", "M"]


def complete_buckets(first: pd.Timestamp, as_of: pd.Timestamp, bucket: Bucket, most: int | None) -> pd.DatetimeIndex:
    """First days of the complete weeks (Monday to Sunday) or months between both days, both inclusive, the last `most`.

    A month whose data begin by its third day counts as complete: nobody orders on a holiday."""
    if bucket == "W":
        begin = first + pd.Timedelta(days=-first.weekday() % 7)
        end = as_of - pd.Timedelta(days=(as_of.weekday() + 1) % 7)  # the last Sunday
        starts = pd.date_range(begin, end - pd.Timedelta(days=6), freq="7D")
    else:
        month = first.to_period("M") + (0 if first.day <= 3 else 1)
        last = (as_of + pd.Timedelta(days=1)).to_period("M") - 1
        starts = pd.period_range(month, last, freq="M").to_timestamp()
    return starts[-most:] if most is not None else starts


def demand(rows: pd.DataFrame, key: str, starts: pd.DatetimeIndex, bucket: Bucket, column: str = "units") -> pd.DataFrame:
    """Sums of `column` by `key` (rows, sorted) and bucket (columns `starts`), zeros kept; items without any day there are 0.

    Needs `key`, `day` and the column, a row a day."""
    items, names = pd.factorize(rows[key], sort=True)
    values = np.zeros((len(names), len(starts)))
    if len(starts) and len(rows):
        if bucket == "W":
            at = ((rows["day"] - starts[0]).dt.days // 7).to_numpy()
        else:
            at = ((rows["day"].dt.year - starts[0].year) * 12 + rows["day"].dt.month - starts[0].month).to_numpy()
        inside = (at >= 0) & (at < len(starts))
        np.add.at(values, (items[inside], at[inside]), rows[column].to_numpy(float)[inside])
    return pd.DataFrame(np.maximum(values.round(6), 0.0), index=pd.Index(names, name=key), columns=starts)


def window(days: pd.Series, as_of: pd.Timestamp, bucket: Bucket, most: int | None) -> pd.DatetimeIndex:
    """The complete buckets of a series of days; none where it is empty."""
    return complete_buckets(days.min(), as_of, bucket, most) if len(days) else pd.DatetimeIndex([])
