"""Companies that leave the customer models nothing to tell: they refuse with the reason, or give figures that can be true."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.errors import NoData
from knowledge.models import churn
from knowledge.models.customer_value import as_history, choose, histories, value_model

NOW = pd.Timestamp("2026-11-26")
Company = list[list[tuple[int, float]]]
"""By customer: order days before the as-of day, and the money of each."""


def days_of(company: Company) -> pd.DataFrame:
    rows = [
        {"customer_id": f"C{i:03}", "day": NOW - pd.Timedelta(days=ago), "value": money, "orders": 1}
        for i, orders in enumerate(company)
        for ago, money in dict(orders).items()
    ]
    return pd.DataFrame(rows).sort_values(["customer_id", "day"]).reset_index(drop=True)


def modelled(company: Company) -> pd.DataFrame | str:
    """What the models say of each customer; the reason where they refuse. Every warning is an error."""
    days = days_of(company)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        rows = histories(days, NOW)
        try:
            choice = choose(as_history(rows))
        except NoData as err:
            return str(err)
        margin = pd.Series(0.5, index=rows.index)
        found, _ = value_model(rows, choice, margin)
        due = churn.next_orders(days, NOW, pd.Series(dtype=object))
        ratio = churn.overdue_ratio(days, NOW, pd.Series(dtype=object))
    return (
        found.join(due.drop(columns=["own_rhythm"]))
        .join(ratio)
        .assign(x=rows["x"], mean=days.groupby("customer_id")["value"].mean())
    )


def check(company: Company) -> None:
    found = modelled(company)
    if isinstance(found, str):
        assert found
        return
    numbers = found.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy(float)).any()
    assert found["expected_orders_90d"].between(0, 90).all()
    alive = found["p_alive"].dropna()
    assert alive.between(0, 1).all()
    assert alive.empty or alive.min() < 0.999, "all are alive for certain"
    worth, spent = found["expected_order_value"].dropna(), found["mean"]
    assert worth.empty or worth.between(0.5 * spent.min(), 2 * spent.max()).all()
    once = found.loc[found["x"] == 0, "expected_order_value"].dropna()
    usual = spent.loc[found["x"] == 0].median()
    assert once.empty or (once <= 25 * max(usual, 1.0)).all(), "one-time buyers are worth what a whale is"
    known = found["clv"].notna()
    assert (
        found.loc[known & found["clv_low"].notna(), "clv_low"] <= found.loc[known & found["clv_low"].notna(), "clv"] + 1e-6
    ).all()


def every(gap: int, count: int, money: float = 50.0, last: int = 3) -> list[tuple[int, float]]:
    return [(last + gap * i, money) for i in range(count)]


ONE_DAY: Company = [[(0, 5.0 + i)] for i in range(30)]
ONCE: Company = [[(8 * i + 15, 50.0)] for i in range(40)]
CLOCKWORK: Company = [every(30, 12, last=i % 30) for i in range(60)]
WHALE: Company = [
    every(1, 330, 25000.0, 0),
    *([[(4 * i + 10, 20.0)] if i % 8 else [(4 * i + 10, 20.0), (4 * i + 40, 20.0)] for i in range(79)]),
]
WHALE_AND_REGULARS: Company = [
    every(1, 330, 25000.0, 0),
    *(every(40, 4, 20.0, 5 + i) for i in range(14)),
    *[[(4 * i + 10, 20.0)] for i in range(60)],
]
TWO: Company = [every(10, 20), every(25, 6)]
A_YEAR_OFF: Company = [[(800 + 3 * i, 30.0), (760 + 3 * i, 35.0), (20 + i, 40.0)] for i in range(25)]
ALL_GONE: Company = [every(7, 15, 40.0, 700 + i) for i in range(20)]
FREE: Company = [every(20 + i, 6, 0.0) for i in range(15)]
DAILY: Company = [every(1, 200 + i, 10.0, 0) for i in range(15)]


@pytest.mark.parametrize(
    "company", [ONE_DAY, ONCE, CLOCKWORK, WHALE, WHALE_AND_REGULARS, TWO, A_YEAR_OFF, ALL_GONE, FREE, DAILY]
)
def test_a_company_without_spread_is_refused_or_given_figures_that_can_be_true(company: Company) -> None:
    check(company)


def test_clockwork_buyers_come_again_when_they_are_due() -> None:
    found = modelled(CLOCKWORK)
    assert isinstance(found, pd.DataFrame)
    assert found["expected_orders_90d"].sum() == pytest.approx(180, abs=10)
    assert found["expected_order_value"].tolist() == pytest.approx([50.0] * 60, abs=0.01)
    last = days_of(CLOCKWORK).groupby("customer_id")["day"].max()
    assert (found["next_order_date"] == last + pd.Timedelta(days=30)).all()


def test_nothing_that_repeats_is_refused_with_the_reason() -> None:
    for company in (ONE_DAY, ONCE):
        assert "0 of them repeat buyers" in str(modelled(company))


ORDERS = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from([0.01, 1.0, 20.0, 50.0, 999.0, 25000.0])), min_size=1, max_size=12
)
REGULAR = st.builds(
    every, st.sampled_from([1, 7, 30, 90]), st.integers(1, 20), st.sampled_from([20.0, 50.0]), st.integers(0, 400)
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(REGULAR | ORDERS, min_size=2, max_size=25))
@example([every(1, 20, 20.0, 0)] * 12)
def test_small_companies_of_any_kind_never_give_figures_that_cannot_be(company: Company) -> None:
    found = modelled(company)
    if isinstance(found, str):
        return
    assert not np.isinf(found.select_dtypes("number").to_numpy(float)).any()
    assert found["expected_orders_90d"].between(0, 90).all()
    alive = found["p_alive"].dropna()
    assert alive.empty or (alive.between(0, 1).all() and alive.min() < 0.999)
    worth = found["expected_order_value"].dropna()
    assert worth.empty or worth.between(0, 2 * found["mean"].max()).all()
