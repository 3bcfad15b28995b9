"""Weekly demand forecasts of many articles at once, each by the method that was best on its own past (METRICS 19).

Sources: Croston 1972 with the Syntetos-Boylan correction (SBA); Teunter, Syntetos and Babai 2011 (TSB); RMSSE as in the M5
competition. Needs matrices with a row an article and a column a complete week, oldest first, zeros kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
SEASON = 52
BACKTEST = 13
ALPHAS = (0.1, 0.2, 0.3)
HIGH = 0.90  # with its mirror the 80 % interval
SPREAD = 39  # weeks whose errors make the interval


def one_step(values: Array) -> dict[str, Array]:
    """What each method said for each week before it came, and for the next one: name -> articles x (weeks + 1), NaN at first."""
    found = {"naive": _shift(values, 1), "mean of 4": _mean_of(values, 4)}
    if values.shape[1] > SEASON:
        found["seasonal naive"] = _shift(values, SEASON)
    for alpha in ALPHAS:
        found[f"smoothing {alpha:g}"] = smoothing(values, alpha)
        found[f"croston sba {alpha:g}"] = croston_sba(values, alpha)
        found[f"tsb {alpha:g}"] = tsb(values, alpha)
    return found


def smoothing(values: Array, alpha: float) -> Array:
    """Simple exponential smoothing, started at the first week's demand."""
    out = np.full((values.shape[0], values.shape[1] + 1), np.nan)
    level = values[:, 0].copy() if values.shape[1] else np.zeros(len(values))
    for week in range(1, values.shape[1] + 1):
        level = level + alpha * (values[:, week - 1] - level)
        out[:, week] = level
    return out


def croston_sba(values: Array, alpha: float) -> Array:
    """Croston's size over interval, times 1 - alpha/2; NaN before the first demand."""
    count, weeks = values.shape
    out = np.full((count, weeks + 1), np.nan)
    size, interval, since = np.full(count, np.nan), np.full(count, np.nan), np.ones(count)
    for week in range(weeks):
        sold = values[:, week] > 0
        first = sold & np.isnan(size)
        later = sold & ~first
        size = np.where(first, values[:, week], np.where(later, size + alpha * (values[:, week] - size), size))
        interval = np.where(first, since, np.where(later, interval + alpha * (since - interval), interval))
        since = np.where(sold, 1.0, since + 1.0)
        out[:, week + 1] = (1 - alpha / 2) * size / interval
    return out


def tsb(values: Array, alpha: float, beta: float = 0.1) -> Array:
    """Chance of demand times its size, the chance falling in every week without (items that die out); NaN before the first."""
    count, weeks = values.shape
    out = np.full((count, weeks + 1), np.nan)
    size, chance = np.full(count, np.nan), np.full(count, np.nan)
    for week in range(weeks):
        sold = values[:, week] > 0
        first = sold & np.isnan(size)
        size = np.where(first, values[:, week], np.where(sold, size + alpha * (values[:, week] - size), size))
        started = 1.0 / (week + 1)
        chance = np.where(first, started, chance + beta * (sold - chance))
        out[:, week + 1] = chance * size
    return out


@dataclass(frozen=True)
class Backtest:
    """One-step errors of one method over the last weeks, summed over articles: shares of demand, and interval coverage."""

    wape: float | None
    bias: float | None
    weeks: int


def backtest(said: Array, values: Array, weeks: int = BACKTEST) -> Backtest:
    """WAPE and bias of one-step forecasts (articles x weeks or weeks + 1) over the last weeks; None where nothing was sold."""
    last = slice(values.shape[1] - weeks, values.shape[1])
    actual, forecast = values[:, last], said[:, last]
    known = ~np.isnan(forecast)
    total = float(actual[known].sum())
    if total <= 0:
        return Backtest(None, None, weeks)
    error = (forecast - actual)[known]
    return Backtest(float(np.abs(error).sum() / total), float(error.sum() / total), weeks)


@dataclass(frozen=True)
class Forecasts:
    """By article (index): method, weekly `forecast`, `low`, `high` (80 %), `wape`, `naive_wape`, `bias`, `rmsse`, `coverage`;
    `weekly` has the next weeks (articles x weeks), which differ where the season speaks."""

    table: pd.DataFrame
    weekly: pd.DataFrame


def forecast(demand: pd.DataFrame, classes: pd.Series, horizon: int = BACKTEST) -> Forecasts:
    """Forecasts the next `horizon` weeks of each row of `demand` (columns: Mondays of complete weeks).

    Smooth and erratic articles take the lowest WAPE among smoothing, mean of 4 and seasonal naive; intermittent, lumpy and
    rare ones the lowest RMSSE among Croston-SBA and TSB; whatever does not beat naive on the last 13 weeks gives way to it.
    Articles without demand, and with fewer than 16 weeks of data, get the mean of all weeks and no interval."""
    values = demand.to_numpy(float)
    weeks = values.shape[1]
    ahead = (
        pd.date_range(pd.Timestamp(demand.columns[-1]) + pd.Timedelta(days=7), periods=horizon, freq="7D")
        if weeks
        else pd.DatetimeIndex([])
    )
    if weeks < BACKTEST + 3 or not len(values):
        mean = values.mean(axis=1) if weeks else np.zeros(len(values))
        table = pd.DataFrame({"method": "mean", "forecast": mean}, index=demand.index)
        for name in ("low", "high", "wape", "naive_wape", "bias", "rmsse", "coverage"):
            table[name] = np.nan
        return Forecasts(table, pd.DataFrame(np.repeat(mean[:, None], len(ahead), axis=1), demand.index, ahead))
    said = one_step(values)
    regular = classes.reindex(demand.index).isin(["smooth", "erratic"]).to_numpy()
    names = list(said)
    errors = {n: _errors(said[n], values) for n in names}
    steady = [n for n in names if n.startswith(("smoothing", "mean of 4", "seasonal"))]
    rare = [n for n in names if n.startswith(("croston", "tsb"))]
    chosen = np.full(len(values), "naive", dtype=object)
    for group, pool, measure in ((regular, steady, "mae"), (~regular, rare, "rmse")):
        by_method: Array = np.column_stack([errors[n][measure] for n in pool])
        best = np.nanargmin(np.where(np.isnan(by_method), np.inf, by_method), axis=1)
        found: Array = np.take_along_axis(by_method, best[:, None], axis=1)[:, 0]
        better = group & (found < errors["naive"][measure])
        chosen[better] = np.array(pool, dtype=object)[best[better]]
    picked = np.vstack([said[name][row] for row, name in enumerate(chosen)])
    return _result(demand, values, picked, chosen, ahead)


def _result(
    demand: pd.DataFrame, values: Array, picked: Array, chosen: npt.NDArray[np.object_], ahead: pd.DatetimeIndex
) -> Forecasts:
    weeks = values.shape[1]
    last = slice(weeks - BACKTEST, weeks)
    actual, naive = values[:, last], _shift(values, 1)[:, last]
    error = np.nan_to_num(picked[:, last] - actual)
    sold = actual.sum(axis=1)
    base = np.where(sold > 0, sold, np.nan)
    scale = np.sqrt(np.mean(np.diff(values, axis=1) ** 2, axis=1))
    level = np.nan_to_num(picked[:, weeks])
    past = np.nan_to_num(picked[:, :weeks])[:, -SPREAD:] - values[:, -SPREAD:]
    under, over = _spread(past)
    low, high = np.maximum(0.0, level - over), np.maximum(0.0, level - under)
    was_under, was_over = _spread(past[:, :-BACKTEST])  # of the weeks before the last ones, to be checked on them
    inside = (error >= was_under[:, None]) & (error <= was_over[:, None])
    table = pd.DataFrame(
        {
            "method": chosen,
            "forecast": level,
            "low": low,
            "high": high,
            "wape": np.abs(error).sum(axis=1) / base,
            "naive_wape": np.abs(naive - actual).sum(axis=1) / base,
            "bias": error.sum(axis=1) / base,
            "rmsse": np.sqrt((error**2).mean(axis=1)) / np.where(scale > 0, scale, np.nan),
            "coverage": inside.mean(axis=1),
        },
        index=demand.index,
    )
    weekly = np.repeat(level[:, None], len(ahead), axis=1)
    seasonal = chosen == "seasonal naive"
    if seasonal.any():
        weekly[seasonal] = values[seasonal][:, [weeks - SEASON + i for i in range(len(ahead))]]
        table.loc[seasonal, "forecast"] = weekly[seasonal].mean(axis=1)
    return Forecasts(table.round(6), pd.DataFrame(weekly.round(4), demand.index, ahead))


def _spread(error: Array) -> tuple[Array, Array]:
    """The errors that one in ten stays below and above; levels widened for few weeks, so that new weeks fall inside as often."""
    count = error.shape[1]
    level = min(1.0, HIGH * (count + 1) / count)
    return np.quantile(error, 1 - level, axis=1), np.quantile(error, level, axis=1)


def _errors(said: Array, values: Array) -> dict[str, Array]:
    """Mean absolute and root mean square error over the last weeks; NaN where a forecast was missing in any of them."""
    last = slice(values.shape[1] - BACKTEST, values.shape[1])
    error = said[:, last] - values[:, last]
    return {"mae": np.abs(error).mean(axis=1), "rmse": np.sqrt((error**2).mean(axis=1))}


def _shift(values: Array, by: int) -> Array:
    out = np.full((values.shape[0], values.shape[1] + 1), np.nan)
    out[:, by:] = values[:, : values.shape[1] + 1 - by]
    return out


def _mean_of(values: Array, count: int) -> Array:
    out = np.full((values.shape[0], values.shape[1] + 1), np.nan)
    if values.shape[1] >= count:
        sums = np.cumsum(np.hstack([np.zeros((len(values), 1)), values]), axis=1)
        out[:, count:] = (sums[:, count:] - sums[:, :-count]) / count
    return out
