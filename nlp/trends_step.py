"""When something began: a scan for the month from which on a theme is said more (or less) than before, with how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.lift import LIKELY, adjusted, two_rates

COLUMNS = ["theme_id", "step_month", "step_ratio", "step_before", "step_before_of", "step_after", "step_after_of", "step_q"]
LEAST, RATIO, APART = 5, 1.5, 2
Counts = npt.NDArray[np.float64]


def steps(said: pd.DataFrame, at: pd.Series) -> pd.DataFrame:
    """For each theme the month that parts its comments best into before and after, where the shares differ beyond chance.

    `said`: feedback_id, theme_id (each pair once); `at` by feedback_id. Every month with at least two before and one after it is tried
    (Bonferroni), over the themes Benjamini-Hochberg; `step_month` is None where q > 0.05 or the shares differ by less than half."""
    month = at.dt.strftime("%Y-%m")
    whole = month.value_counts().sort_index()
    months, of = whole.index.to_numpy(object), whole.to_numpy(np.float64)
    themes = np.sort(said["theme_id"].unique())
    table = pd.crosstab(said["theme_id"], said["feedback_id"].map(month)).reindex(index=themes, columns=months, fill_value=0)
    counts = table.to_numpy(np.float64)
    found = [_step(row, of) for row in counts]
    q = adjusted(np.array([f[1] for f in found], dtype=np.float64))
    rows = []
    for theme, (cut, _), row, sure in zip(themes, found, counts, q, strict=True):
        before, after = row[:cut].sum(), row[cut:].sum()
        n, m = of[:cut].sum(), of[cut:].sum()
        ratio = (after / max(m, 1)) / max(before / max(n, 1), 0.5 / max(n, 1))
        clear = bool(cut) and sure <= LIKELY and max(before, after) >= LEAST and not 1 / RATIO < ratio < RATIO
        rows.append(
            (
                theme,
                str(months[cut]) if clear else None,
                round(float(ratio), 4),
                int(before),
                int(n),
                int(after),
                int(m),
                float(sure),
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _step(counts: Counts, of: Counts) -> tuple[int, float]:
    """The cut at which the shares differ most surely, and how likely chance does that anywhere; 0 and 1 with too few months."""
    cuts = np.arange(APART, len(counts))
    if not len(cuts):
        return 0, 1.0
    before, n = np.cumsum(counts)[cuts - 1], np.cumsum(of)[cuts - 1]
    after, m = counts.sum() - before, of.sum() - n
    p = two_rates(after, m, before, n)
    whole = (
        counts.sum() / of.sum()
    )  # of clear steps the chance is too small to tell cuts apart, the distance in deviations is not
    apart = (after / m - before / n) / np.sqrt(max(whole * (1 - whole), 1e-12) * (1 / n + 1 / m))
    best = int(np.argmax(np.abs(apart).round(9)))
    return int(cuts[best]), float(min(1.0, p[best] * len(cuts)))


def began(found: Mapping[str, Any]) -> str:
    """A step in words ("since 2026-03 4.1 × its former share, q < 0.001"); nothing where there is none."""
    month = found.get("step_month")
    if not isinstance(month, str):
        return ""
    sure = "q < 0.001" if found["step_q"] < 0.001 else f"q {found['step_q']:.3f}"
    if not found["step_before"]:
        return f"new since {month}: {found['step_after']} of {found['step_after_of']} comments ({sure})"
    return f"since {month} {found['step_ratio']:.1f} × its former share ({sure})"
