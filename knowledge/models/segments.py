"""Customer segmentation: RFM scores with named segments, and clusters whose number is chosen by stability (METRICS C1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

SEGMENTS = ("champions", "loyal", "big_spender", "new", "promising", "at_risk", "slipping_value", "hibernating", "lost")


@dataclass(frozen=True)
class Clusters:
    """A clustering of customers: `k` None where no number of clusters is stable. `tried` has inertia, silhouette and
    stability (mean adjusted Rand index of bootstrap refits) by k; `profile` the mean of each variable by cluster."""

    k: int | None
    labels: pd.Series
    tried: pd.DataFrame
    profile: pd.DataFrame

    @property
    def sentence(self) -> str:
        if self.k is None:
            return "These customers form no clear clusters: no number of groups comes out the same when it is found again."
        row = self.tried.loc[self.k]
        return f"{self.k} clusters, silhouette {row['silhouette']:.2f}, stability {row['stability']:.2f}."


def rfm(customers: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Scores 1 to 5 and the named segment of each customer.

    Needs `customer_id`, `last_order` (date), `orders`, `revenue`; customers without an order are left out.
    Gives recency_days, frequency, monetary, r, f, m, segment. Ties share a score, so row order cannot matter."""
    bought = customers[customers["orders"] > 0].sort_values("customer_id", ignore_index=True)
    recency = (pd.Timestamp(as_of) + pd.Timedelta(days=1) - pd.to_datetime(bought["last_order"])).dt.days
    monetary = bought["revenue"].astype(float)
    out = pd.DataFrame(
        {
            "customer_id": bought["customer_id"],
            "recency_days": recency,
            "frequency": bought["orders"].astype("int64"),
            "monetary": monetary,
            "r": 6 - _score(recency.to_numpy(dtype=np.float64)),  # the latest first, then reversed
            "f": _score(bought["orders"].to_numpy(dtype=np.float64)),
            "m": _score(monetary.round(6).to_numpy(dtype=np.float64)),
        }
    )
    r, f, m, orders = out["r"], out["f"], out["m"], out["frequency"]
    rules = [
        (r >= 4) & (f >= 4) & (m >= 4),
        (r >= 3) & (f >= 4),
        (r >= 3) & (m >= 4),
        (r >= 4) & (orders == 1),
        r >= 3,
        f >= 4,
        m >= 4,
        r == 2,
    ]
    out["segment"] = np.select([rule.to_numpy() for rule in rules], list(SEGMENTS[:-1]), default=SEGMENTS[-1])
    return out


def cluster(customers: pd.DataFrame, variables: list[str], *, seed: int = 0, refits: int = 50) -> Clusters:
    """k-means on standardised ln(1 + x) of the variables; k in 2..8 with stability of at least 0.75 and the highest silhouette.

    Needs `customer_id` and non-negative variables; negative values count as zero before the logarithm."""
    import sklearn.cluster  # noqa: F401 - first: only libraries that are loaded can be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):  # the fits are small: threads would wait for each other for most of the time
        return _cluster(customers, variables, seed, refits)


def _cluster(customers: pd.DataFrame, variables: list[str], seed: int, refits: int) -> Clusters:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    rows = customers.sort_values("customer_id", ignore_index=True)
    x = standardised(rows, variables)
    distinct = len(np.unique(x, axis=0))
    tried, labels = [], {}
    draw = np.random.default_rng(seed)
    sample = draw.permutation(len(x))[:6000]
    for k in range(2, min(8, distinct - 1) + 1):
        full = KMeans(k, n_init=20, random_state=seed).fit(x)
        agreement = []
        for _ in range(refits):
            again = KMeans(k, n_init=1, random_state=int(draw.integers(2**31))).fit(x[draw.integers(0, len(x), len(x))])
            agreement.append(adjusted_rand_score(full.labels_, again.predict(x)))
        order = np.argsort(-full.cluster_centers_.sum(axis=1), kind="stable")  # cluster 1 is the strongest
        labels[k] = np.argsort(order)[full.labels_] + 1
        score = float(silhouette_score(x[sample], full.labels_[sample])) if len(set(full.labels_[sample])) > 1 else 0.0
        tried.append({"k": k, "inertia": float(full.inertia_), "silhouette": score, "stability": float(np.mean(agreement))})
    table = pd.DataFrame(tried, columns=["k", "inertia", "silhouette", "stability"]).set_index("k")
    stable = table[table["stability"] >= 0.75]
    if stable.empty:
        return Clusters(None, pd.Series(dtype="int64"), table, pd.DataFrame())
    k = int(stable.index[int(stable["silhouette"].to_numpy().argmax())])
    found = pd.Series(labels[k], index=rows["customer_id"], name="cluster")
    profile = rows[variables].astype(float).groupby(labels[k]).mean().rename_axis("cluster")
    return Clusters(k, found, table, profile.assign(customers=found.value_counts().sort_index().to_numpy()))


def standardised(rows: pd.DataFrame, variables: list[str]) -> npt.NDArray[np.float64]:
    """ln(1 + x) of the variables, centred and divided by the population standard deviation (1 where it is 0)."""
    x = np.log1p(np.maximum(rows[variables].to_numpy(float), 0.0))
    spread = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def match_labels(now: pd.Series, before: pd.Series) -> dict[int, int]:
    """Which former cluster each cluster of `now` continues, by maximum overlap (one to one); new ones are left out."""
    from scipy.optimize import linear_sum_assignment

    both = pd.concat([now.rename("now"), before.rename("before")], axis=1, join="inner")
    overlap = pd.crosstab(both["now"], both["before"])
    counts = overlap.to_numpy(int)
    rows, columns = linear_sum_assignment(-counts)
    return {int(overlap.index[i]): int(overlap.columns[j]) for i, j in zip(rows, columns, strict=True) if counts[i, j] > 0}


def renamed(now: pd.Series, before: pd.Series) -> pd.Series:
    """The labels of `now` with the numbers that the clusters they continue had; a new cluster gets a number never used."""
    kept = match_labels(now, before)
    used = {int(n) for n in before.dropna().unique()}
    free = (n for n in range(1, len(used) + now.nunique() + 1) if n not in used)
    return now.map({c: kept.get(int(c)) or next(free) for c in sorted(now.unique())})


def migration(before: pd.Series, now: pd.Series) -> pd.DataFrame:
    """Customers by (segment then, segment now); both series are indexed by customer_id."""
    both = pd.concat([before.rename("before"), now.rename("now")], axis=1, join="inner")
    return pd.crosstab(both["before"], both["now"])


def _score(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    rank = rankdata(values, method="average")
    scores: npt.NDArray[np.int64] = np.ceil(5 * rank / len(values) - 1e-12).astype(np.int64)
    return scores
