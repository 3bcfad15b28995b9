"""Suggestions by similar buyers equal the definition written out, customer by customer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from knowledge.models import next_product
from knowledge.models.next_product import next_products, popular, together


def bought(seed: int = 4, customers: int = 60, articles: int = 12) -> pd.DataFrame:
    owned = np.random.default_rng(seed).random((customers, articles)) < np.linspace(0.2, 0.8, articles)
    who, what = np.nonzero(owned)
    return pd.DataFrame({"customer_id": [f"C{i:02}" for i in who], "product_id": [f"P{i:02}" for i in what]})


@pytest.mark.parametrize("rows", [7, 50_000])
def test_score_and_support_by_hand(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_product, "ROWS", rows)  # the same in one go and in pieces
    ever = bought()
    owners = ever.groupby("product_id")["customer_id"].agg(set).to_dict()
    baskets = ever.groupby("customer_id")["product_id"].agg(set).to_dict()
    found = next_products(ever, ever, together(ever, least=5), limit=3)
    assert len(found) > 100
    for customer, part in found.groupby("customer_id"):
        scores = {}
        for candidate in set(owners) - baskets[customer]:
            both = {own: len(owners[own] & owners[candidate]) for own in baskets[customer]}
            told = {own: n for own, n in both.items() if n >= 5}
            scores[candidate] = (
                sum(n / np.sqrt(len(owners[own]) * len(owners[candidate])) for own, n in told.items()),
                max(told.values(), default=0),
            )
        best = sorted(scores, key=lambda c: (-round(scores[c][0], 9), c))[: len(part)]
        assert part.sort_values("rank")["product_id"].tolist() == best
        for row in part.itertuples():
            assert row.score == pytest.approx(scores[row.product_id][0])
            assert row.support == scores[row.product_id][1]


def test_the_popular_are_those_with_most_buyers_that_one_never_bought() -> None:
    ever = bought()
    counts = ever["product_id"].value_counts()
    for customer, part in popular(ever, ever, limit=2).groupby("customer_id"):
        own = set(ever.loc[ever["customer_id"] == customer, "product_id"])
        left = counts[~counts.index.isin(own)]
        assert part["support"].tolist() == sorted(left, reverse=True)[: len(part)]
