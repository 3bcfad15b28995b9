"""Retention: time to the next order with censoring, cohorts, and a customer's own rhythm (METRICS 15 and C7).

Source: Kaplan and Meier 1958."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd


def kaplan_meier(duration: pd.Series, happened: pd.Series) -> pd.Series:
    """Survival by time: the share to whom it has not happened by then; censored rows count until their time.

    Needs durations > 0 in one unit and booleans; gives survival indexed by the distinct event times."""
    rows = pd.DataFrame({"time": duration.astype(float), "event": happened.astype(bool)})
    by_time = rows.groupby("time")["event"].agg(["sum", "size"]).sort_index()
    at_risk = len(rows) - by_time["size"].cumsum().shift(fill_value=0)
    steps = 1 - by_time["sum"] / at_risk
    return steps.cumprod()[by_time["sum"] > 0].rename("survival")


def happened_by(survival: pd.Series, time: float) -> float:
    """The share to whom it has happened by `time`."""
    until = survival[survival.index <= time]
    return 0.0 if until.empty else float(1 - until.iloc[-1])


def second_order(order_days: pd.DataFrame, as_of: date) -> pd.Series:
    """Kaplan-Meier survival of the time in days to a second order day; needs distinct rows `customer_id`, `day`."""
    days = order_days.assign(day=pd.to_datetime(order_days["day"])).sort_values(["customer_id", "day"])
    first = days.groupby("customer_id")["day"].nth(0).to_numpy()
    counts = days.groupby("customer_id")["day"].size().to_numpy()
    second = days.groupby("customer_id")["day"].apply(lambda s: s.iloc[1] if len(s) > 1 else pd.NaT).to_numpy()
    came = counts > 1
    until = np.where(came, second, np.datetime64(as_of))
    waited = (until.astype("datetime64[D]") - first.astype("datetime64[D]")).astype(float)
    kept = waited > 0
    return kaplan_meier(pd.Series(waited[kept]), pd.Series(came[kept]))


def gaps(order_days: pd.DataFrame) -> pd.DataFrame:
    """Days between consecutive order days of each customer: `customer_id`, `gap`."""
    days = order_days.assign(day=pd.to_datetime(order_days["day"])).sort_values(["customer_id", "day"])
    found = days.groupby("customer_id")["day"].diff().dt.days
    return pd.DataFrame({"customer_id": days["customer_id"], "gap": found}).dropna().reset_index(drop=True)


def cohorts(order_days: pd.DataFrame) -> pd.DataFrame:
    """Customers by month of first order (rows) active in each later month (columns 0, 1, 2 …); column 0 is the cohort's size."""
    days = order_days.assign(month=pd.to_datetime(order_days["day"]).dt.to_period("M"))
    first = days.groupby("customer_id")["month"].min().rename("cohort")
    months = days.drop_duplicates(["customer_id", "month"]).merge(first, left_on="customer_id", right_index=True)
    age = (months["month"].dt.year - months["cohort"].dt.year) * 12 + months["month"].dt.month - months["cohort"].dt.month
    return pd.crosstab(months["cohort"], age.rename("age"))


def overdue(order_days: pd.DataFrame, as_of: date, *, least_gaps: int = 4) -> pd.DataFrame:
    """Each customer's overdue ratio: days since the last order over the p90 of own gaps (at least four), else of all customers'.

    Gives `days_since`, `usual_gap` (p90), `ratio`, `risk` (high above 1.5, mid from 1), `own_rhythm`; index customer_id."""
    between = gaps(order_days)
    last = pd.to_datetime(order_days["day"]).groupby(order_days["customer_id"]).max()
    since = (pd.Timestamp(as_of) - last).dt.days
    counts = between.groupby("customer_id")["gap"].size().reindex(last.index, fill_value=0)
    own = between.groupby("customer_id")["gap"].quantile(0.9).reindex(last.index)
    usual = own.where(counts >= least_gaps, between["gap"].quantile(0.9) if len(between) else np.nan)
    ratio = since / usual.where(usual > 0)
    risk = np.select([ratio > 1.5, ratio >= 1], ["high", "mid"], default="low")
    out = pd.DataFrame(
        {"days_since": since, "usual_gap": usual, "ratio": ratio, "risk": risk, "own_rhythm": counts >= least_gaps}
    )
    return out.assign(risk=out["risk"].where(ratio.notna(), None)).rename_axis("customer_id")
