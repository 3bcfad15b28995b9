"""The exception list: each criterion of C6 fires by itself, A articles at half the thresholds, most money apart first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from knowledge.models.exceptions import agreed, exceptions

NOW = pd.Timestamp("2026-04-01")
NO_STOCK = pd.DataFrame({"projected": pd.Series(dtype=float), "safety": pd.Series(dtype=float)})


def coming(**more: Any) -> pd.DataFrame:
    usual = {"product_id": "P", "customer_id": "C", "period_start": NOW, "ours": 100.0, "theirs": 100.0, "change": float("nan")}
    return pd.DataFrame([usual | more])


def closed(ours: list[float], actual: list[float], theirs: list[float] | None = None) -> pd.DataFrame:
    rows = []
    for party, said in (("ours", ours), ("customer", theirs or actual)):
        rows += [
            {
                "product_id": "P",
                "customer_id": "C",
                "period_start": NOW - pd.DateOffset(months=len(said) - i),
                "party": party,
                "forecast": f,
                "actual": a,
            }
            for i, (f, a) in enumerate(zip(said, actual, strict=True))
        ]
    return pd.DataFrame(rows)  # fmt: skip


FINE = closed([100, 105, 100], [100, 100, 105])


def found(plans: pd.DataFrame, past: pd.DataFrame, stock: pd.DataFrame = NO_STOCK, abc: str = "B") -> pd.DataFrame:
    return exceptions(plans, past, stock, pd.Series({"P": 2.0, "Q": 10.0}), pd.Series({"P": abc, "Q": abc}))


def test_plans_that_agree_and_hold_are_no_exception() -> None:
    assert found(coming(), FINE).empty


@pytest.mark.parametrize(
    ("plans", "past", "stock", "words"),
    [
        (coming(theirs=130.0), FINE, NO_STOCK, "plans differ by 26% (ours 100, theirs 130)"),
        (coming(), closed([100, 160, 60], [100, 100, 100]), NO_STOCK, "ours was wrong by more than 30% in 2 of the last three"),
        (coming(), closed([109, 112, 110], [100, 100, 100], [101, 99, 100]), NO_STOCK, ""),
        (coming(), FINE, pd.DataFrame({"projected": [10.0], "safety": [30.0]}, index=["P"]), "stock falls to 10"),
        (coming(change=0.4), FINE, NO_STOCK, "our plan moved by +40% inside the lead time"),
    ],
)  # fmt: skip
def test_each_criterion(plans: pd.DataFrame, past: pd.DataFrame, stock: pd.DataFrame, words: str) -> None:
    told = found(plans, past, stock)
    assert told["criteria"].tolist() == [told["criteria"].iloc[0]] if words else told.empty
    assert not words or words in told["criteria"].iloc[0]


def test_a_plan_that_always_leans_one_way_is_called_out() -> None:
    past = pd.concat(
        [
            closed([115] * 3, [100] * 3),
            closed([115] * 3, [100] * 3).assign(period_start=lambda t: t["period_start"] - pd.DateOffset(months=3)),
        ]
    )
    told = found(coming(), past)
    assert "our plan leans high (tracking signal +6.0)" in told["criteria"].iloc[0]  # fmt: skip


def test_ordinary_noise_is_no_exception() -> None:
    noisy = closed([145, 60, 150, 55, 140, 60], [100] * 6)
    assert found(coming(), noisy).empty
    worse = closed([115, 90, 110, 155, 60, 100], [100] * 6)
    assert "wrong by more than 30% in 2 of the last three" in found(coming(), worse)["criteria"].iloc[0]


def test_an_a_article_may_lean_as_far_as_any_other_and_old_leanings_are_forgotten() -> None:
    slight = closed([110, 100, 110, 101], [100, 105, 100, 104])  # a signal of about 3
    assert found(coming(), slight, abc="A").empty
    once = closed([130] * 8 + [102, 98] * 6, [100] * 20)
    assert found(coming(), once).empty


def test_partners_agree_on_their_own_tolerance() -> None:
    usual, own = agreed({"plan_tolerance": {"gap": 0.4, "customers": {"D": {"gap": 0.1}}}})
    plans = pd.concat([coming(theirs=130.0), coming(theirs=130.0, customer_id="D")])
    told = exceptions(plans, FINE, NO_STOCK, pd.Series({"P": 2.0}), pd.Series({"P": "B"}), usual, own)
    assert told["customer_id"].tolist() == ["D"]


def test_a_articles_have_half_the_thresholds_and_money_ranks() -> None:
    plans = pd.concat([coming(theirs=115.0), coming(product_id="Q", theirs=115.0)])
    assert found(plans, FINE).empty
    told = found(plans, FINE, abc="A")
    assert told[["product_id", "priority"]].to_numpy().tolist() == [["Q", 150.0], ["P", 30.0]]


def test_whose_plan_was_nearer_is_told() -> None:
    told = found(coming(theirs=130.0), closed([100, 100, 90], [100, 100, 100], [100, 100, 99]))
    assert told["nearer"].tolist() == ["customer"]
