"""What customers are likely to buy and be worth: the repeat-buying model is chosen, fitted and asked here (METRICS C2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from knowledge.errors import NoData
from knowledge.models import buying, spending
from knowledge.models.buying import Array, Fitted, History, alive, dropout_identified, expected, fit, orders_if_alive
from knowledge.models.spending import WEEKS_A_MONTH, Spending, expected_value, fit_spending

ONE_TIME_LIMIT = 0.2  # above this share of one-time buyers BG/NBD would call too many of them alive
MONTHS, YEARLY_DISCOUNT = 36, 0.10
Z95 = 1.959964
HEAVY_TAIL = 2.0
"""Gamma-Gamma's q up to which the variance of what people spend is infinite: a few large customers make its mean, which then says
nothing of those who bought once."""
ALL_ALIVE = 0.999


@dataclass(frozen=True)
class Choice:
    """The repeat-buying model in use, whether the data tell dropout from silence, and why, in a sentence."""

    model: Fitted
    identified: bool
    candidates: dict[str, Fitted]
    sentence: str


def histories(customer_days: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """x, t_x, T (weeks, from the first order day) and z, the mean value of the repeat days; index customer_id, sorted.

    Needs one row a customer and day: `customer_id`, `day`, `value`, sorted by both."""
    days = customer_days.groupby("customer_id", sort=True)
    first, last = days["day"].min(), days["day"].max()
    x = days.size() - 1
    repeat_value = days["value"].sum() - days["value"].first()
    weeks = {"x": x.astype(float), "t_x": (last - first).dt.days / 7, "T": (as_of - first).dt.days / 7}
    return pd.DataFrame(weeks | {"z": (repeat_value / x.where(x > 0)).fillna(0.0)}).rename_axis("customer_id")


def as_history(rows: pd.DataFrame) -> History:
    return History(*(rows[c].to_numpy(float) for c in ("x", "t_x", "T")))


def choose(history: History) -> Choice:
    """Fits BG/NBD, MBG/NBD and the NBD limit, and takes the one that C2 says.

    MBG/NBD where more than a fifth bought once; NBD where the likelihood ratio does not identify dropout.
    Fails: NoData as `fit`."""
    found = {kind: fit(kind, history) for kind in ("bgnbd", "mbgnbd", "nbd")}
    many_once = history.one_time_share > ONE_TIME_LIMIT
    preferred, limit = found["mbgnbd" if many_once else "bgnbd"], found["nbd"]
    tests = {preferred.kind: preferred, "bgnbd": found["bgnbd"]}
    identified = all(dropout_identified(history, m, limit) for m in tests.values())
    once = f"{history.one_time_share:.0%} bought once"
    if not identified:
        why = f"silence cannot be told from having left ({once}), so customers buy on at their own rate (NBD)"
        return Choice(limit, False, found, why)
    name = "MBG/NBD" if many_once else "BG/NBD"
    return Choice(preferred, True, found, f"{name} fits better than buying without dropout ({once})")


def discounted_orders(model: Fitted, history: History, months: int = MONTHS, yearly: float = YEARLY_DISCOUNT) -> Array:
    """Expected future orders over `months`, each discounted to the end of its month.

    Worked out once for each pair of repeats and age, of which a million customers have some thousands."""
    pairs, where = np.unique(history.x + 1j * history.T, return_inverse=True)
    total, before = np.zeros(len(pairs)), np.zeros(len(pairs))
    for month in range(1, months + 1):
        until = orders_if_alive(model, pairs.real, pairs.imag, month * WEEKS_A_MONTH)
        total += (until - before) / (1 + yearly) ** (month / 12)
        before = until
    return total[where] * (1.0 if model.kind == "nbd" else alive(model, history))


def covariance(evaluate: Callable[[Array], tuple[float, Array]], at: Array, customers: int) -> Array | None:
    """Covariance of log-parameters at the maximum, from the slope of the gradient; None where it is not a maximum."""
    step = 1e-4
    rows = []
    for i in range(len(at)):
        move = np.zeros(len(at))
        move[i] = step
        rows.append((evaluate(at + move)[1] - evaluate(at - move)[1]) / (2 * step))
    hessian = np.asarray(rows) * customers
    hessian = (hessian + hessian.T) / 2
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() <= 0:
        return None
    return np.asarray(np.linalg.inv(hessian))


def value_model(
    rows: pd.DataFrame, choice: Choice, margin: pd.Series | None = None, cost_per_order: pd.Series | None = None
) -> tuple[pd.DataFrame, Spending | None]:
    """Expected orders, order value and lifetime value of each customer of `histories`, with a 95 % interval of the parameters.

    Needs `margin` (share of an order) and `cost_per_order` (money) by customer for `clv`; without margins only `clv_revenue`.
    Gives p_alive (null where dropout is not identified), expected_orders_90d, expected_order_value, clv_revenue, clv,
    clv_low, clv_high; index customer_id. The interval is the delta method's, of parameters, not of one customer's luck."""
    history = as_history(rows)
    out = pd.DataFrame(index=rows.index)
    out["p_alive"] = _told_apart(alive(choice.model, history)) if choice.identified else np.nan
    out["expected_orders_90d"] = np.minimum(expected(choice.model, history, 90 / 7), 90.0)  # an order is a day with orders
    empty = out.assign(expected_order_value=np.nan, clv_revenue=np.nan, clv=np.nan, clv_low=np.nan, clv_high=np.nan)
    x, z = history.x, rows["z"].to_numpy(float)
    try:
        worth = fit_spending(x, z)
    except NoData:
        return empty, None
    spent = z[z > 0]  # nobody is expected to spend more, or less, than anybody does
    value = (
        np.clip(_of_their_kind(worth, x, z), spent.min(initial=np.inf), spent.max(initial=0.0))
        if len(spent)
        else _of_their_kind(worth, x, z)
    )
    orders = discounted_orders(choice.model, history)
    out["expected_order_value"], out["clv_revenue"] = value, orders * value
    if margin is None:
        return out.assign(clv=np.nan, clv_low=np.nan, clv_high=np.nan), worth
    share = margin.reindex(rows.index).to_numpy(float)
    cost = np.zeros(len(rows)) if cost_per_order is None else cost_per_order.reindex(rows.index).fillna(0.0).to_numpy(float)
    each = value * share - cost
    out["clv"] = orders * each
    error = _standard_error(choice.model, history, worth, x, z, orders, each, share)
    out["clv_low"], out["clv_high"] = out["clv"] - Z95 * error, out["clv"] + Z95 * error
    return out, worth


def _told_apart(probability: Array) -> Array:
    """The probabilities, or none where everybody is alive for certain: then the data tell nobody apart."""
    return probability if len(probability) and probability.min() < ALL_ALIVE else np.full(len(probability), np.nan)


def _of_their_kind(worth: Spending, x: Array, z: Array) -> Array:
    """Expected value of an order; NaN for one-time buyers where the mean over everybody is that of a few large customers."""
    value = expected_value(worth, x, z)
    return np.where((x > 0) & (z > 0) | (worth.q > HEAVY_TAIL), value, np.nan)


def _standard_error(
    model: Fitted, history: History, worth: Spending, x: Array, z: Array, orders: Array, each: Array, share: Array
) -> Array:
    """Standard error of orders x each by the delta method on the log-parameters of both models; NaN where it is not known."""
    logs = np.log(np.array(list(model.parameters.values())))
    used = (x > 0) & (z > 0)
    first = covariance(buying.negative_log_likelihood(model.kind, history), logs, len(history))
    spend = np.log(np.array([worth.p, worth.q, worth.v]))
    second = covariance(spending.negative_log_likelihood(x[used], z[used]), spend, int(used.sum()))
    if first is None or second is None:
        return np.full(len(x), np.nan)
    step = 1e-4
    slopes = []
    for i in range(len(logs)):
        moved = np.exp(logs + step * (np.arange(len(logs)) == i))
        other = Fitted(model.kind, dict(zip(model.parameters, map(float, moved), strict=True)), 0.0, model.customers, True)
        slopes.append((discounted_orders(other, history) - orders) / step * each)
    variance = np.einsum("in,ij,jn->n", np.array(slopes), first, np.array(slopes))
    slopes = []
    base = _of_their_kind(worth, x, z)
    for i in range(3):
        p, q, v = np.exp(spend + step * (np.arange(3) == i))
        moved_value = _of_their_kind(Spending(float(p), float(q), float(v), 0.0, worth.customers, 0.0), x, z)
        slopes.append((moved_value - base) / step * share * orders)
    variance += np.einsum("in,ij,jn->n", np.array(slopes), second, np.array(slopes))
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
