"""Themes that rise: more of them now than before, beyond what volume, season and many comparisons explain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nlp.lift import LIKELY, adjusted, two_rates
from nlp.trends_step import COLUMNS as STEP
from nlp.trends_step import steps

DAYS, BEFORE, YEAR = 60, 300, 364
LEAST, RATIO = 5, 1.5
COLUMNS = [
    "theme_id",
    "recent",
    "recent_of",
    "before",
    "before_of",
    "ratio",
    "season_ratio",
    "p",
    "q",
    "state",
    "months",
    *STEP[1:],
]


def trends(mentions: pd.DataFrame, comments: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """For each theme its share of the last 60 days' comments against the 300 days before (volume), and against the same days a
    year earlier where there are any (season).

    `mentions`: feedback_id, theme_id; `comments`: feedback_id, at. `state`: emerging (hardly said before), spiking, falling or
    steady, at q <= 0.05 by Benjamini-Hochberg over the themes; the season must agree. `months`: comments by month. `step_*`: since
    which month it is said more or less, however long ago that is (`steps`)."""
    at = pd.to_datetime(comments.set_index("feedback_id")["at"], utc=True).dropna()
    if at.empty or mentions.empty:
        return pd.DataFrame(columns=COLUMNS)
    age = (as_of - at).dt.days
    windows = {
        "recent": (age >= 0) & (age < DAYS),
        "before": (age >= DAYS) & (age < DAYS + BEFORE),
        "season": (age >= YEAR) & (age < YEAR + DAYS),
    }
    said = mentions[["feedback_id", "theme_id"]].dropna().drop_duplicates()
    said = said[said["feedback_id"].isin(at.index)]
    themes = np.sort(said["theme_id"].unique())
    count = {n: _count(said, w, themes) for n, w in windows.items()}
    of = {n: np.full(len(themes), float(w.sum())) for n, w in windows.items()}
    p = two_rates(count["recent"], of["recent"], count["before"], of["before"])
    rate = {n: count[n] / np.maximum(of[n], 1) for n in windows}
    ratio = rate["recent"] / np.maximum(rate["before"], 0.5 / np.maximum(of["before"], 1))
    seasonal = of["season"] >= 20
    season_ratio = np.where(seasonal, rate["recent"] / np.maximum(rate["season"], 0.5 / np.maximum(of["season"], 1)), np.nan)
    q = adjusted(np.where(of["recent"] * of["before"] > 0, p, np.nan))
    same_season = two_rates(count["recent"], of["recent"], count["season"], of["season"])
    out = pd.DataFrame({"theme_id": themes, "recent": count["recent"].astype(int), "recent_of": of["recent"].astype(int),
                        "before": count["before"].astype(int), "before_of": of["before"].astype(int), "ratio": ratio.round(4),
                        "season_ratio": season_ratio.round(4), "p": p, "q": q})  # fmt: skip
    risen = (
        (q <= LIKELY)
        & (ratio >= RATIO)
        & (count["recent"] >= LEAST)
        & (~seasonal | ((season_ratio > 1) & (same_season <= LIKELY)))
    )
    fallen = (q <= LIKELY) & (ratio <= 1 / RATIO) & (~seasonal | ((season_ratio < 1) & (same_season <= LIKELY)))
    new = count["before"] <= 1
    out["state"] = np.where(risen & new, "emerging", np.where(risen, "spiking", np.where(fallen, "falling", "steady")))
    months = at.dt.strftime("%Y-%m")
    by_month = said.assign(month=said["feedback_id"].map(months)).groupby("theme_id")["month"].value_counts().sort_index()
    out["months"] = [_months(by_month[t]) for t in themes]
    return out.merge(steps(said, at), on="theme_id")[COLUMNS]


def _count(said: pd.DataFrame, window: pd.Series, themes: np.ndarray) -> np.ndarray:
    inside = said[said["feedback_id"].isin(window.index[window])]
    return inside.groupby("theme_id")["feedback_id"].nunique().reindex(themes).fillna(0).to_numpy(np.float64)


def _months(counts: pd.Series) -> str:
    import json

    return json.dumps({str(m): int(n) for m, n in counts.sort_index().items()})
