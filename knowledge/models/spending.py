"""Gamma-Gamma model of the value of a transaction, and customer lifetime value from it and a repeat-buying model.

Source: Fader, Hardie and Lee 2005, "RFM and CLV"; Fader and Hardie 2013, "The Gamma-Gamma model of monetary value"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from knowledge.errors import NoData
from knowledge.models.buying import Fitted, History, expected

Array = npt.NDArray[np.float64]
WEEKS_A_MONTH = 365.25 / 12 / 7


@dataclass(frozen=True)
class Spending:
    """Fitted Gamma-Gamma: shape p, q and scale v; `correlation` of frequency and mean value (warn beyond ±0.3)."""

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float

    @property
    def population_mean(self) -> float | None:
        """Mean value a transaction over the population; None where it does not exist (q <= 1)."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else None

    @property
    def independent(self) -> bool:
        return abs(self.correlation) <= 0.3


def fit_spending(x: Array, z: Array) -> Spending:
    """Maximum likelihood over customers with repeats (x > 0) and a positive mean repeat value z.

    Fails: NoData (`too_few_customers`) below ten such customers."""
    used = (x > 0) & (z > 0)
    if used.sum() < 10:
        raise NoData(
            f"{int(used.sum())} repeat buyers with a value: too few to model what an order is worth.",
            "It needs at least ten customers who came back.",
            code="too_few_customers",
        )
    n, m = x[used].astype(float), z[used].astype(float)
    evaluate = negative_log_likelihood(n, m)
    scale = float(np.median(m))
    starts = (np.log([6.0, 4.0, scale]), np.log([2.0, 3.0, scale * 2]))
    found = min(
        (
            minimize(
                evaluate,
                s,
                jac=True,
                method="L-BFGS-B",
                bounds=[(-10, 12), (-10, 12), (-12, 25)],
                options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
            )
            for s in starts
        ),
        key=lambda r: float(r.fun),
    )
    p, q, v = np.exp(found.x)
    spread = n.std() > 0 and m.std() > 0
    correlation = float(np.corrcoef(n, m)[0, 1]) if spread else 0.0
    return Spending(float(p), float(q), float(v), -float(found.fun) * len(n), len(n), correlation)


def negative_log_likelihood(n: Array, m: Array) -> Callable[[Array], tuple[float, Array]]:
    """Mean negative log-likelihood and gradient on log-parameters (p, q, v), of `n` repeats with mean value `m` each."""
    log_m, log_n = np.log(m), np.log(n)

    def evaluate(log_parameters: Array) -> tuple[float, Array]:
        p, q, v = np.exp(log_parameters)
        px = p * n
        total = np.log(v + n * m)
        each = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + (px - 1) * log_m + px * log_n - (px + q) * total
        both = psi(px + q)
        grad_p = np.mean(n * (both - psi(px) + log_m + log_n - total))
        grad_q = np.mean(both) - psi(q) + np.log(v) - np.mean(total)
        grad_v = q / v - np.mean((px + q) / (v + n * m))
        return -float(np.mean(each)), -np.array([grad_p * p, grad_q * q, grad_v * v])

    return evaluate


def expected_value(model: Spending, x: Array, z: Array) -> Array:
    """Expected mean value of a transaction of each customer; without repeats the population's. NaN where q <= 1 and x = 0."""
    known = (x > 0) & (z > 0)
    mean = model.population_mean
    repeats = np.where(known, x, 1.0)
    values = np.where(known, z, 0.0)
    own = model.p * (model.v + repeats * values) / (model.p * repeats + model.q - 1)
    return np.asarray(np.where(known, own, np.nan if mean is None else mean))


def lifetime_value(
    buying: Fitted,
    history: History,
    value: Array,
    *,
    months: int = 36,
    yearly_discount: float = 0.10,
    margin: float | Array = 1.0,
    cost_per_order: float | Array = 0.0,
) -> Array:
    """Discounted expected margin of future orders over `months`, in money; the past does not count.

    `history` in weeks; `value` expected money an order; `margin` a share of it; end-of-month discounting."""
    worth = value * margin - cost_per_order
    total = np.zeros(len(history))
    before = np.zeros(len(history))
    for month in range(1, months + 1):
        until = expected(buying, history, month * WEEKS_A_MONTH)
        total += (until - before) * worth / (1 + yearly_discount) ** (month / 12)
        before = until
    return total
