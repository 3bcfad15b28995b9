"""Buy-till-you-drop models of repeat buying: BG/NBD, MBG/NBD, their no-dropout limit NBD, and Pareto/NBD, by maximum likelihood.

Data are three arrays, one entry a customer: `x` repeat transactions (customer-days), `t_x` the last one and `T` the age, both
measured from the first order, in one time unit (weeks here). Sources: Fader, Hardie and Lee 2005 (BG/NBD); Batislam and
others 2007 (MBG/NBD); Schmittlein, Morrison and Colombo 1987 (Pareto/NBD); Ehrenberg 1959 (NBD).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1, psi

from knowledge.errors import NoData

Array = npt.NDArray[np.float64]
Kind = Literal["bgnbd", "mbgnbd", "nbd", "pnbd"]
CHI2_95_2DF = 5.991464547107979


@dataclass(frozen=True)
class History:
    """Repeat-buying histories: `x` repeats, `t_x` time of the last one, `T` age; equal lengths, one time unit."""

    x: Array
    t_x: Array
    T: Array

    def __post_init__(self) -> None:
        if not len(self.x) == len(self.t_x) == len(self.T):
            raise ValueError("x, t_x and T must have one entry a customer each")
        if (self.x < 0).any() or (self.t_x < 0).any() or (self.t_x > self.T + 1e-9).any():
            raise ValueError("a history needs x >= 0 and 0 <= t_x <= T")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def one_time_share(self) -> float:
        return float((self.x == 0).mean()) if len(self) else 0.0


@dataclass(frozen=True)
class Fitted:
    """A fitted model: parameters by name, log-likelihood, customers used, and whether the optimiser converged."""

    kind: Kind
    parameters: dict[str, float]
    log_likelihood: float
    customers: int
    converged: bool

    def __getitem__(self, name: str) -> float:
        return self.parameters[name]


def fit(kind: Kind, history: History) -> Fitted:
    """Maximises the likelihood on log-parameters from two starts and keeps the better.

    Fails: NoData (`too_few_customers`) below ten customers or without one repeat."""
    if len(history) < 10 or not (history.x > 0).any():
        raise NoData(
            f"{len(history)} customers, {int((history.x > 0).sum())} of them repeat buyers: too few for a repeat-buying model.",
            "It needs at least ten customers, some of whom came back.",
            code="too_few_customers",
        )
    names, starts, objective = _SPECS[kind]
    evaluate = objective(*distinct(history))
    with_gradient = kind != "pnbd"
    best = None
    for start in starts:
        found = minimize(
            evaluate,
            np.log(np.asarray(start)),
            jac=with_gradient,
            method="L-BFGS-B",
            bounds=[(-12.0, 12.0)] * len(names),
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
        )
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    values = np.exp(best.x)
    parameters = {n: float(v) for n, v in zip(names, values, strict=True)}
    return Fitted(kind, parameters, -float(best.fun) * len(history), len(history), bool(best.success))


def negative_log_likelihood(kind: Kind, history: History) -> Callable[[Array], tuple[float, Array]]:
    """Mean negative log-likelihood and gradient on log-parameters (in the order of `Fitted.parameters`); not for Pareto/NBD."""
    if kind == "pnbd":
        raise ValueError("Pareto/NBD is fitted without a gradient")
    return _SPECS[kind][2](*distinct(history))  # type: ignore[return-value]


def distinct(history: History) -> tuple[History, Array]:
    """The different histories in order, and the share of the customers who have each: few where days are counted."""
    rows = np.column_stack([history.x, history.t_x, history.T])[np.lexsort((history.T, history.t_x, history.x))]
    first = np.flatnonzero(np.append(True, (rows[1:] != rows[:-1]).any(axis=1)))
    return History(*rows[first].T), np.diff(np.append(first, len(rows))) / len(rows)


def dropout_identified(history: History, model: Fitted, limit: Fitted) -> bool:
    """Whether the data tell dropout from mere silence: likelihood ratio against the NBD limit above 5.99 (2 df, 95 %)."""
    return 2 * (model.log_likelihood - limit.log_likelihood) > CHI2_95_2DF and len(history) > 0


def alive(model: Fitted, history: History) -> Array:
    """P(alive) at the end of each history. BG/NBD gives 1 to every one-time buyer: prefer MBG/NBD where many bought once."""
    if model.kind not in ("bgnbd", "mbgnbd"):
        raise ValueError("P(alive) is defined here for BG/NBD and MBG/NBD")
    return 1.0 / (1.0 + np.exp(_log_odds_dead(model, history)))


def expected(model: Fitted, history: History, t: float | Array) -> Array:
    """Expected transactions of each customer in the next `t` time units, given the history. Needs a fitted BG/NBD, MBG/NBD or NBD."""
    if model.kind == "nbd":
        return orders_if_alive(model, history.x, history.T, t)
    return np.asarray(alive(model, history) * orders_if_alive(model, history.x, history.T, t))


def orders_if_alive(model: Fitted, x: Array, age: Array, t: float | Array) -> Array:
    """Expected transactions in the next `t` time units of customers who are still there, by repeats and age alone."""
    if model.kind == "nbd":
        return np.asarray((model["r"] + x) / (model["alpha"] + age) * t)
    r, alpha, a, b = (model[n] for n in ("r", "alpha", "a", "b"))
    if abs(a - 1.0) < 1e-6:  # the closed form has a removable pole at a = 1
        a = 1.0 + 1e-6
    shift = 0.0 if model.kind == "bgnbd" else 1.0
    left = alpha + age
    z = t / (left + t)
    series = hyp2f1(r + x, b + x + shift, a + b + x - 1 + shift, z)
    factor = (a + b + x - 1 + shift) / (a - 1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        still = np.exp((r + x) * (np.log(left) - np.log(left + t))) * series
    return np.asarray(
        factor * (1 - np.where(np.isfinite(still), still, 0.0))
    )  # the first factor has vanished where both leave the range


def expected_new(model: Fitted, t: float) -> float:
    """Expected repeat transactions of a new customer in the first `t` time units."""
    none = History(np.zeros(1), np.zeros(1), np.zeros(1))
    if model.kind == "mbgnbd":
        raise ValueError("for a new customer use BG/NBD; MBG/NBD lets people leave at the first purchase")
    return float(expected(model, none, t)[0])


def _log_odds_dead(model: Fitted, history: History) -> Array:
    r, alpha, a, b = (model[n] for n in ("r", "alpha", "a", "b"))
    x = history.x
    c = x - 1 if model.kind == "bgnbd" else x
    counts = x > 0 if model.kind == "bgnbd" else np.ones(len(x), dtype=bool)
    odds = np.full(len(x), -np.inf)
    odds[counts] = (
        np.log(a)
        - np.log(b + c[counts])
        + (r + x[counts]) * (np.log(alpha + history.T[counts]) - np.log(alpha + history.t_x[counts]))
    )
    return odds


Objective = Callable[[npt.NDArray[np.float64]], tuple[float, Array]]


def _beta_geometric(history: History, weight: Array, *, modified: bool) -> Objective:
    """Mean negative log-likelihood and gradient on log-parameters (r, alpha, a, b) of BG/NBD or MBG/NBD; `weight` sums to 1.

    Terms that depend on x alone are computed once a distinct x, which is what makes a million customers quick."""
    levels, where = np.unique(history.x, return_inverse=True)
    c_levels = levels if modified else levels - 1
    x, t_x, whole = history.x, history.t_x, history.T
    counts = np.ones(len(x), dtype=bool) if modified else x > 0
    share = np.bincount(where, weights=weight, minlength=len(levels))

    def evaluate(log_parameters: Array) -> tuple[float, Array]:
        r, alpha, a, b = np.exp(log_parameters)
        log_whole, log_last = np.log(alpha + whole), np.log(alpha + t_x)
        gap = log_whole - log_last
        with np.errstate(divide="ignore", invalid="ignore"):
            level_odds = np.where(b + c_levels > 0, np.log(a) - np.log(np.maximum(b + c_levels, 1e-300)), -np.inf)
        u = np.where(counts, level_odds[where] + (r + x) * gap, -np.inf)
        w = 1.0 / (1.0 + np.exp(-u))
        by_x = gammaln(r + levels) - gammaln(r) + r * np.log(alpha) + betaln(a, b + c_levels + 1) - betaln(a, b)
        value = share @ by_x + weight @ (np.logaddexp(0.0, u) - (r + x) * log_whole)
        mean_w = np.bincount(where, weights=w * weight, minlength=len(levels))
        inverse_whole, inverse_last = 1.0 / (alpha + whole), 1.0 / (alpha + t_x)
        grad_r = share @ (psi(r + levels) - psi(r)) + np.log(alpha) - weight @ log_whole + weight @ (w * gap)
        grad_alpha = r / alpha - weight @ ((r + x) * inverse_whole) + weight @ (w * (r + x) * (inverse_whole - inverse_last))
        grad_a = share @ (psi(a + b) - psi(a + b + c_levels + 1)) + mean_w.sum() / a
        safe = np.where(b + c_levels > 0, b + c_levels, 1.0)
        grad_b = share @ (psi(b + c_levels + 1) - psi(a + b + c_levels + 1) - psi(b) + psi(a + b)) - (mean_w / safe).sum()
        gradient = np.array([grad_r * r, grad_alpha * alpha, grad_a * a, grad_b * b])
        return -float(value), -gradient

    return evaluate


def _nbd(history: History, weight: Array) -> Objective:
    """The same for NBD (r, alpha): Poisson buying with gamma rates and no dropout."""
    levels, where = np.unique(history.x, return_inverse=True)
    share = np.bincount(where, weights=weight, minlength=len(levels))

    def evaluate(log_parameters: Array) -> tuple[float, Array]:
        r, alpha = np.exp(log_parameters)
        log_whole = np.log(alpha + history.T)
        value = share @ (gammaln(r + levels) - gammaln(r)) + r * np.log(alpha) - weight @ ((r + history.x) * log_whole)
        grad_r = share @ (psi(r + levels) - psi(r)) + np.log(alpha) - weight @ log_whole
        grad_alpha = r / alpha - weight @ ((r + history.x) / (alpha + history.T))
        return -float(value), -np.array([grad_r * r, grad_alpha * alpha])

    return evaluate


def _pareto(history: History, weight: Array) -> Callable[[Array], float]:
    """Mean negative log-likelihood of Pareto/NBD on log-parameters (r, alpha, s, beta)."""
    x, t_x, whole = history.x, history.t_x, history.T

    def log_a0(r: float, alpha: float, s: float, beta: float) -> Array:
        top, low = (alpha, beta) if alpha >= beta else (beta, alpha)
        second = np.full(len(x), s + 1) if alpha >= beta else r + x
        power = r + s + x
        early = hyp2f1(power, second, power + 1, (top - low) / (top + t_x))
        late = hyp2f1(power, second, power + 1, (top - low) / (top + whole))
        log_early = np.log(early) - power * np.log(top + t_x)
        log_late = np.log(late) - power * np.log(top + whole)
        with np.errstate(divide="ignore"):
            return np.asarray(log_early + np.log1p(-np.exp(np.minimum(log_late - log_early, 0.0))))

    def evaluate(log_parameters: Array) -> float:
        r, alpha, s, beta = np.exp(log_parameters)
        survived = -(r + x) * np.log(alpha + whole) - s * np.log(beta + whole)
        left = np.log(s) - np.log(r + s + x) + log_a0(r, alpha, s, beta)
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.logaddexp(survived, left)
        return -float(weight @ value)

    return evaluate


_SPECS: dict[Kind, tuple[tuple[str, ...], tuple[tuple[float, ...], ...], Callable[[History, Array], Callable[..., object]]]] = {
    "bgnbd": (
        ("r", "alpha", "a", "b"),
        ((0.5, 5.0, 0.8, 2.0), (1.0, 10.0, 2.0, 5.0)),
        lambda h, w: _beta_geometric(h, w, modified=False),
    ),
    "mbgnbd": (
        ("r", "alpha", "a", "b"),
        ((0.5, 5.0, 0.8, 2.0), (1.0, 10.0, 2.0, 5.0)),
        lambda h, w: _beta_geometric(h, w, modified=True),
    ),
    "nbd": (("r", "alpha"), ((0.5, 5.0), (1.0, 20.0)), _nbd),
    "pnbd": (("r", "alpha", "s", "beta"), ((0.5, 10.0, 0.5, 10.0), (1.0, 5.0, 1.0, 12.0)), _pareto),
}
