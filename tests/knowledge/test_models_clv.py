"""Repeat-buying and value models against published and independently computed values (CDNOW)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.errors import NoData
from knowledge.models.buying import History, alive, dropout_identified, expected, expected_new, fit, negative_log_likelihood
from knowledge.models.spending import expected_value, fit_spending, lifetime_value
from tests.support import DATA

SUMMARY = DATA / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
ONE = History(np.array([2.0]), np.array([30.43]), np.array([38.86]))


@pytest.fixture(scope="module")
def reference() -> dict[str, tuple[Any, float]]:
    if not SUMMARY.is_file():
        pytest.skip("the real data is not here (../shared/data)")
    raw = json.loads((DATA.parent / "reference_values.json").read_text())
    return {k: (v["value"], v["tolerance"] or 0) for k, v in raw.items() if k.startswith("cd.")}


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
    if not SUMMARY.is_file():
        pytest.skip("the real data is not here (../shared/data)")
    return pd.read_csv(SUMMARY)


@pytest.fixture(scope="module")
def history(summary: pd.DataFrame) -> History:
    return History(*(summary[c].to_numpy(float) for c in ("x", "t_x", "T")))


@pytest.mark.parametrize("kind", ["bgnbd", "mbgnbd", "pnbd"])
def test_parameters_and_likelihood(kind: Any, history: History, reference: dict[str, tuple[Any, float]]) -> None:
    model = fit(kind, history)
    for name, got in {**model.parameters, "loglik": model.log_likelihood}.items():
        want, tolerance = reference[f"cd.{kind}.{name}"]
        assert got == pytest.approx(want, abs=tolerance)
    assert model.converged


def test_dropout_is_identified_on_cdnow(history: History, reference: dict[str, tuple[Any, float]]) -> None:
    limit, model = fit("nbd", history), fit("bgnbd", history)
    assert limit.log_likelihood == pytest.approx(*[reference["cd.nbd.loglik"][0]], abs=0.05)
    assert 2 * (model.log_likelihood - limit.log_likelihood) == pytest.approx(362.5, abs=0.2)
    assert dropout_identified(history, model, limit)


def test_expectations(history: History, reference: dict[str, tuple[Any, float]]) -> None:
    bg, mbg = fit("bgnbd", history), fit("mbgnbd", history)
    got = {
        "cd.bgnbd.expected_39w_x2_tx30.43_T38.86": expected(bg, ONE, 39.0)[0],
        "cd.bgnbd.alive_x2_tx30.43_T38.86": alive(bg, ONE)[0],
        "cd.mbgnbd.expected_39w_x2_tx30.43_T38.86": expected(mbg, ONE, 39.0)[0],
        "cd.mbgnbd.alive_x0_T38.86": alive(mbg, History(np.zeros(1), np.zeros(1), np.array([38.86])))[0],
        "cd.bgnbd.expected_per_customer_1w": expected_new(bg, 1),
        "cd.bgnbd.expected_per_customer_32w": expected_new(bg, 32),
        "cd.bgnbd.expected_per_customer_78w": expected_new(bg, 78),
        "cd.bgnbd.holdout_expected": expected(bg, history, 39.0).sum(),
        "cd.mbgnbd.holdout_expected": expected(mbg, history, 39.0).sum(),
    }
    for key, value in got.items():
        want, tolerance = reference[key]
        assert value == pytest.approx(want, abs=tolerance), key


def test_value_of_orders_and_lifetime(summary: pd.DataFrame, history: History, reference: dict[str, tuple[Any, float]]) -> None:
    model = fit_spending(summary["x"].to_numpy(float), summary["zbar"].to_numpy(float))
    own = expected_value(model, np.array([2.0]), np.array([22.35]))
    buying = fit("bgnbd", history)
    got = {
        "cd.gg.customers": model.customers,
        "cd.gg.p": model.p,
        "cd.gg.q": model.q,
        "cd.gg.v": model.v,
        "cd.gg.loglik": model.log_likelihood,
        "cd.gg.population_mean": model.population_mean,
        "cd.gg.corr_x_zbar": model.correlation,
        "cd.gg.expected_value_x2_z22.35": own[0],
        "cd.clv_12m_10pct_x2": lifetime_value(buying, ONE, own, months=12)[0],
        "cd.clv_36m_10pct_x2_margin30_cost2": lifetime_value(buying, ONE, own, months=36, margin=0.3, cost_per_order=2.0)[0],
    }
    for key, value in got.items():
        want, tolerance = reference[key]
        assert value == pytest.approx(want, abs=tolerance), key


def test_row_order_does_not_matter(history: History) -> None:
    turned = History(history.x[::-1].copy(), history.t_x[::-1].copy(), history.T[::-1].copy())
    for name, value in fit("mbgnbd", history).parameters.items():
        assert fit("mbgnbd", turned)[name] == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("kind", ["bgnbd", "mbgnbd", "nbd"])
def test_the_gradient_is_the_slope_of_the_likelihood(kind: Any) -> None:
    from scipy.optimize import check_grad

    draw = np.random.default_rng(5)
    x = draw.poisson(1.5, 60).astype(float)
    whole = draw.uniform(10, 50, 60)
    told = History(x, np.where(x > 0, whole * draw.uniform(0.1, 1, 60), 0.0), whole)
    evaluate = negative_log_likelihood(kind, told)
    at = np.log(np.array([0.7, 6.0, 0.9, 2.2][: 2 if kind == "nbd" else 4]))
    assert check_grad(lambda p: evaluate(p)[0], lambda p: evaluate(p)[1], at) < 1e-5


def test_too_few_customers_is_said() -> None:
    with pytest.raises(NoData) as caught:
        fit("bgnbd", History(np.zeros(3), np.zeros(3), np.ones(3)))
    assert caught.value.code == "too_few_customers"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.floats(0.05, 1.0), st.floats(1.0, 200.0))
def test_more_silence_never_makes_a_customer_more_alive(x: int, last: float, age: float) -> None:
    from knowledge.models.buying import Fitted

    model = Fitted("mbgnbd", {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}, 0.0, 1, True)
    seen = age * last if x else 0.0
    now, later = (History(np.array([float(x)]), np.array([seen]), np.array([t])) for t in (age, age + 10))
    assert 0 <= alive(model, later)[0] <= alive(model, now)[0] + 1e-9
    assert expected(model, now, 10.0)[0] >= 0
