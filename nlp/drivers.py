"""Drivers: how much each theme moves the rating or NPS. An association with an interval, never a proof of cause.

Source: METRICS C8; Lindeman, Merenda and Gold (LMG) shares of R2 by Shapley permutations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

FEWEST, DRAWS, PERMUTATIONS = 20, 200, 200


def drivers(
    score: pd.Series,
    themes: pd.DataFrame,
    clusters: pd.Series | None = None,
    *,
    controls: pd.DataFrame | None = None,
    seed: int = 11,
) -> pd.DataFrame:
    """For each theme said by at least 20: its effect on `score` (partial coefficient), a 95 % bootstrap interval over `clusters`
    (customers; else comments), its share of R2, and the score with and without it.

    Needs `score` by feedback_id and `themes` (0/1, one column a theme) on the same index; what `controls` (channel, month) explain
    is taken out of both first. Gives theme, comments, effect, low,
    high, share_of_r2, mean_with, mean_without, impact (all - all without those who say it); `attrs['r2']`."""
    known = score.dropna()
    x = themes.reindex(known.index).fillna(0).astype(np.float64)
    x = x.loc[:, (x.sum() >= FEWEST) & (x.sum() <= len(x) - FEWEST)]
    columns = ["theme", "comments", "effect", "low", "high", "share_of_r2", "mean_with", "mean_without", "impact"]
    if x.shape[1] == 0 or len(known) < 3 * FEWEST or known.std() == 0:
        empty = pd.DataFrame(columns=columns)
        empty.attrs["r2"] = None
        return empty
    y, matrix = known.to_numpy(np.float64), x.to_numpy()
    if controls is not None and controls.shape[1]:
        held = np.column_stack([np.ones(len(y)), controls.reindex(known.index).fillna(0).to_numpy(np.float64)])
        effect_of = np.linalg.lstsq(held, np.column_stack([matrix, y]), rcond=None)[0]
        held_out = np.column_stack([matrix, y]) - held @ effect_of
        raw, matrix, y_left = matrix, held_out[:, :-1], held_out[:, -1]
    else:
        raw, y_left = matrix, y
    effect = _partial(matrix, y_left)
    draw = np.random.default_rng(seed)
    groups = pd.factorize(
        (clusters.reindex(known.index) if clusters is not None else known.index.to_series()).fillna(known.index.to_series())
    )[0]
    low, high = _bootstrap(matrix, y_left, groups, draw)
    share, r2 = _shares(matrix, y_left, draw)
    total = y.mean()
    rows = []
    for i, name in enumerate(x.columns):
        says = raw[:, i] > 0
        rows.append(
            (
                name,
                int(says.sum()),
                effect[i],
                low[i],
                high[i],
                share[i],
                y[says].mean(),
                y[~says].mean(),
                total - y[~says].mean(),
            )
        )
    out = pd.DataFrame(rows, columns=columns).round(4).sort_values(["effect", "theme"], ignore_index=True)
    out.attrs["r2"] = round(r2, 4)
    return out


def _partial(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    design = np.column_stack([np.ones(len(x)), x])
    gram = design.T @ design + 1e-6 * np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(gram, design.T @ y)[1:])


def _bootstrap(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], draw: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    count = int(groups.max()) + 1
    made = np.empty((DRAWS, x.shape[1]))
    for i in range(DRAWS):
        weight = np.bincount(draw.integers(0, count, count), minlength=count)[groups].astype(np.float64)
        design = np.column_stack([np.ones(len(x)), x])
        gram = (design * weight[:, None]).T @ design + 1e-6 * np.eye(design.shape[1])
        made[i] = np.linalg.solve(gram, (design * weight[:, None]).T @ y)[1:]
    return np.quantile(made, 0.025, axis=0), np.quantile(made, 0.975, axis=0)


def _shares(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], draw: np.random.Generator
) -> tuple[npt.NDArray[np.float64], float]:
    """Shapley shares of R2 over random orders of entry (Cholesky of the correlations makes each order cheap)."""
    data = np.column_stack([x, y])
    data = (data - data.mean(axis=0)) / np.maximum(data.std(axis=0), 1e-9)
    correlation = data.T @ data / len(data)
    k = x.shape[1]
    gain = np.zeros(k)
    for _ in range(PERMUTATIONS):
        order = draw.permutation(k)
        index = [*order, k]
        factor = np.linalg.cholesky(correlation[np.ix_(index, index)] + 1e-8 * np.eye(k + 1))
        gain[order] += factor[k, :k] ** 2
    gain /= PERMUTATIONS
    return gain, float(gain.sum())
