"""Next product: item-to-item cosine over customers, checked against the popularity list (METRICS C12)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse


def similar_items(bought: pd.DataFrame, *, least_together: int = 30) -> pd.DataFrame:
    """s(i, j) = n_ij / sqrt(n_i n_j) for pairs bought by at least `least_together` of the same customers.

    Needs distinct rows `customer_id`, `product_id`; gives `product_id`, `other_id`, `together`, `similarity`, both ways."""
    customers, people = pd.factorize(bought["customer_id"], sort=True)
    items, articles = pd.factorize(bought["product_id"], sort=True)
    owned = sparse.csr_matrix((np.ones(len(bought), dtype=np.int32), (customers, items)), shape=(len(people), len(articles)))
    owned.data[:] = 1
    together = (owned.T @ owned).tocoo()
    count = np.asarray(owned.sum(axis=0)).ravel().astype(float)
    keep = (together.row != together.col) & (together.data >= least_together)
    i, j, n = together.row[keep], together.col[keep], together.data[keep]
    out = pd.DataFrame(
        {"product_id": articles[i], "other_id": articles[j], "together": n, "similarity": n / np.sqrt(count[i] * count[j])}
    )
    return out.sort_values(["product_id", "similarity", "other_id"], ascending=[True, False, True], ignore_index=True)


def next_products(bought: pd.DataFrame, similar: pd.DataFrame, customer_id: str, *, limit: int = 5) -> pd.DataFrame:
    """Articles the customer has not bought, by summed similarity to those bought: `product_id`, `score`, `support`."""
    own = set(bought.loc[bought["customer_id"] == customer_id, "product_id"])
    near = similar[similar["product_id"].isin(own) & ~similar["other_id"].isin(own)]
    scored = near.groupby("other_id").agg(score=("similarity", "sum"), support=("together", "max")).rename_axis("product_id")
    return scored.reset_index().sort_values(["score", "product_id"], ascending=[False, True], ignore_index=True).head(limit)
