"""Tiers move only when two reviews say so; clusters keep their numbers; a company's own rules are read, or refused in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from knowledge.errors import BadInput
from knowledge.models.accounts import recommend_tiers
from knowledge.models.rules import assign
from knowledge.models.segments import renamed

NAMES = ("platinum", "gold", "silver", "standard")
WHO = pd.Index([f"C{i:03d}" for i in range(101)], name="customer_id")


def tiers(now: int, before: int | None, contracted: str | None, **more: bool) -> pd.Series:
    """The customer C000 at percentile `now`, `before` at the last review; everybody else fills the other places."""

    def scores(place: int) -> pd.Series:
        others = [p for p in range(101) if p != place]
        return pd.Series([float(place), *map(float, others)], index=WHO)

    def flag(name: str) -> pd.Series:
        return pd.Series([more.get(name, False), *[False] * 100], index=WHO)

    past = pd.Series(dtype="float64") if before is None else scores(before)
    held = pd.Series([contracted, *[None] * 100], index=WHO, dtype=object)
    return recommend_tiers(scores(now), past, flag("strategic"), flag("losing"), held, NAMES).iloc[0]


@pytest.mark.parametrize(
    ("now", "before", "contracted", "tier"),
    [
        (97, 96, "gold", "platinum"),  # clearly across the line, twice
        (97, 80, "gold", "gold"),  # once only
        (93, 93, "gold", "gold"),  # twice, but not by five points
        (97, None, "gold", "platinum"),  # no review before: what is known now decides
        (60, 62, "gold", "silver"),
        (60, 80, "gold", "gold"),
        (68, 67, "gold", "gold"),
        (20, 10, "platinum", "standard"),
        (97, 50, None, "platinum"),  # nobody has promised anything yet
    ],
)
def test_a_tier_changes_when_two_reviews_agree(now: int, before: int | None, contracted: str | None, tier: str) -> None:
    told = tiers(now, before, contracted)
    assert told["recommended_tier"] == tier
    assert ("at two reviews" in told["tier_reason"]) == (contracted == tier)


def test_a_loss_maker_does_not_rise_and_a_strategic_account_is_served_best() -> None:
    assert tiers(97, 97, "gold", losing=True)["recommended_tier"] == "gold"
    assert tiers(20, 20, "gold", strategic=True)["recommended_tier"] == "platinum"


def test_clusters_keep_their_numbers_and_a_new_one_gets_a_new_number() -> None:
    before = pd.Series([1, 1, 1, 2, 2, 2], index=list("abcdef"))
    turned = pd.Series([2, 2, 2, 1, 1, 1, 1], index=list("abcdefg"))
    assert renamed(turned, before).tolist() == [1, 1, 1, 2, 2, 2, 2]
    split = pd.Series([1, 1, 2, 3, 3, 3], index=list("abcdef"))
    assert renamed(split, before).tolist() == [1, 1, 3, 2, 2, 2]
    assert renamed(split, pd.Series(dtype="object")).tolist() == split.tolist()


CUSTOMERS = pd.DataFrame(
    {"revenue": [100.0, 5000.0, 7000.0, np.nan], "industry": ["energy", "Energy", "chemicals", None], "churn_risk": ["low", "high", "low", "low"]},
    index=list("abcd"),
)  # fmt: skip


def test_the_first_rule_that_fits_names_the_segment() -> None:
    rules = [
        {"name": "shaky", "where": ["churn_risk = high"]},
        {"name": "large", "where": ["revenue >= 5000", "industry = energy | chemicals"]},
        {"name": "others", "where": ["industry != energy"]},
    ]
    assert assign(CUSTOMERS, rules).fillna("none").tolist() == ["none", "shaky", "large", "none"]


@pytest.mark.parametrize("condition", ["turnover > 5", "revenue > much", "industry > energy", "revenue", "industry ="])
def test_a_rule_that_cannot_be_read_is_named(condition: str) -> None:
    with pytest.raises(BadInput) as caught:
        assign(CUSTOMERS, [{"name": "mine", "where": [condition]}])
    assert caught.value.code == "bad_rule"
    assert "`mine`" in caught.value.message
