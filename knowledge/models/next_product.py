"""Next product: item-to-item cosine over customers, checked against the popularity list (METRICS C12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from knowledge.models.inputs import Inputs
from knowledge.models.notes import Note, left_out

DAYS = 365  # what a customer bought in them speaks for what comes next
LISTED = 5
LEAST_CUSTOMERS = 10
LEAST_TOGETHER = 30
COLUMNS = ("customer_id", "rank", "product_id", "score", "support")
CHUNK = 500  # customers scored at a time
ROWS = 50_000  # suggestions counted at a time


@dataclass(frozen=True)
class Together:
    """How often articles were bought by the same customers: `articles` sorted by id, `count` of customers of each, `pairs`
    n_ij (sparse, without the diagonal and pairs below the least), `similarity` n_ij / sqrt(n_i n_j) of the same pairs."""

    articles: pd.Index
    count: npt.NDArray[np.float64]
    pairs: sparse.csr_matrix
    similarity: sparse.csr_matrix

    def of(self, product_id: str) -> pd.Series:
        """Similarity to one article, highest first."""
        row = self.similarity[self.articles.get_loc(product_id)]
        found = pd.Series(row.data, index=self.articles[row.indices]).rename_axis("product_id").reset_index(name="similarity")
        found = found.sort_values(["similarity", "product_id"], ascending=[False, True])
        return found.set_index("product_id")["similarity"]


def together(bought: pd.DataFrame, *, least: int = LEAST_TOGETHER) -> Together:
    """Item-to-item cosine over customers; needs distinct rows `customer_id`, `product_id`."""
    articles = pd.Index(sorted(bought["product_id"].unique()), name="product_id")
    owned = _matrix(bought, pd.Index(bought["customer_id"].unique()), articles)
    both = (owned.T @ owned).tocoo()
    count = np.asarray(owned.sum(axis=0)).ravel().astype(float)
    keep = (both.row != both.col) & (both.data >= least)
    i, j, n = both.row[keep], both.col[keep], both.data[keep].astype(float)
    shape = (len(articles), len(articles))
    return Together(
        articles, count, sparse.csr_matrix((n, (i, j)), shape), sparse.csr_matrix((n / np.sqrt(count[i] * count[j]), (i, j)), shape)
    )  # fmt: skip


def _matrix(rows: pd.DataFrame, people: pd.Index, articles: pd.Index) -> sparse.csr_matrix:
    at = people.get_indexer(pd.Index(rows["customer_id"])), articles.get_indexer(pd.Index(rows["product_id"]))
    known = (at[0] >= 0) & (at[1] >= 0)
    made = sparse.csr_matrix((np.ones(int(known.sum())), (at[0][known], at[1][known])), (len(people), len(articles)))
    made.data[:] = 1.0
    return made


def next_products(recent: pd.DataFrame, ever: pd.DataFrame, near: Together, *, limit: int = LISTED) -> pd.DataFrame:
    """For each customer the articles never bought with the highest summed similarity to those bought lately.

    Needs `customer_id`, `product_id` of the last year and of all time; gives both, `rank`, `score`, `support` (the most
    customers who bought it together with one of theirs)."""
    people = pd.Index(sorted(recent["customer_id"].unique()))
    lately = _matrix(recent, people, near.articles)
    made = _best(lambda part: (lately[part] @ near.similarity).toarray(), people, ever, near.articles, limit)
    who, what = people.get_indexer(pd.Index(made["customer_id"])), near.articles.get_indexer(pd.Index(made["product_id"]))
    parts = [_support(who[at : at + ROWS], what[at : at + ROWS], lately, near) for at in range(0, len(made), ROWS)]
    return made.assign(support=np.concatenate([np.zeros(0, dtype=np.int64), *parts]))


def _support(
    who: npt.NDArray[np.intp], what: npt.NDArray[np.intp], lately: sparse.csr_matrix, near: Together
) -> npt.NDArray[np.int64]:
    """Of each suggestion the most customers who bought it together with an article of the customer's own."""
    counts = np.diff(lately.indptr)[who]
    suggestion = np.repeat(np.arange(len(who)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    own = lately.indices[np.repeat(lately.indptr[who], counts) + place]
    found = np.asarray(near.pairs[own, what[suggestion]]).ravel()
    most = np.zeros(len(who), dtype=np.int64)
    np.maximum.at(most, suggestion, found.astype(np.int64))
    return most


def popular(recent: pd.DataFrame, ever: pd.DataFrame, *, limit: int = LISTED) -> pd.DataFrame:
    """For each customer of `recent` the articles most customers bought lately and it never did; the same columns."""
    people = pd.Index(sorted(recent["customer_id"].unique()))
    articles = pd.Index(sorted(recent["product_id"].unique()), name="product_id")
    buyers = np.asarray(_matrix(recent, people, articles).sum(axis=0)).ravel()
    share = buyers / max(1, len(people))
    made = _best(lambda part: np.tile(share, (len(people[part]), 1)), people, ever, articles, limit)
    return made.assign(support=buyers[articles.get_indexer(pd.Index(made["product_id"]))].astype("int64"))


def _best(
    scores: Callable[[slice], npt.NDArray[np.float64]], people: pd.Index, ever: pd.DataFrame, articles: pd.Index, limit: int
) -> pd.DataFrame:
    """The highest scores above 0 of articles that the customer does not own, ties by id; a slice of customers at a time."""
    owned = _matrix(ever, people, articles)
    parts = []
    for start in range(0, len(people), CHUNK):
        part = slice(start, start + CHUNK)
        values = scores(part).round(6)
        values[owned[part].nonzero()] = 0.0
        cut = np.partition(values, -limit, axis=1)[:, -limit] if values.shape[1] > limit else np.zeros(len(values))
        who, what = np.nonzero((values >= cut[:, None]) & (values > 0))
        parts.append(pd.DataFrame({"customer_id": people[part][who], "product_id": articles[what], "score": values[who, what]}))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["customer_id", "product_id", "score"])
    rows = rows.sort_values(["customer_id", "score", "product_id"], ascending=[True, False, True], ignore_index=True)
    rows["rank"] = rows.groupby("customer_id").cumcount() + 1
    return rows.loc[rows["rank"] <= limit, ["customer_id", "rank", "product_id", "score"]].reset_index(drop=True)


def hit_rate(listed: pd.DataFrame, hidden: pd.DataFrame) -> float:
    """Share of the customers of `hidden` for whom a hidden article is on their list."""
    people = hidden["customer_id"].nunique()
    found = listed.merge(hidden[["customer_id", "product_id"]], on=["customer_id", "product_id"])["customer_id"].nunique()
    return found / people if people else 0.0


def recommendations(inputs: Inputs) -> tuple[pd.DataFrame, Note]:
    """The next products of every customer who bought in the last year, by the list that found more of the hidden last orders."""
    bought = inputs.bought
    year = inputs.now - pd.Timedelta(days=DAYS)
    recent = bought[bought["last_day"] > year]
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if recent["customer_id"].nunique() < LEAST_CUSTOMERS:
        return nothing, left_out("next_product", f"it needs {LEAST_CUSTOMERS} customers who bought in the last year.")
    last = bought["last_day"].eq(bought.groupby("customer_id")["last_day"].transform("max"))
    others = bought.groupby("customer_id")["first_day"].transform("min") < bought["last_day"]
    new = last & others & bought["first_day"].eq(bought["last_day"]) & (bought["last_day"] > year)
    known = bought[~new]
    before = known[known["first_day"] > year - pd.Timedelta(days=DAYS)]
    hidden = bought[new & bought["customer_id"].isin(before["customer_id"])]
    rates = (
        hit_rate(next_products(before, known, together(known)), hidden),
        hit_rate(popular(before, known), hidden),
    )
    tested = f"In the last orders of {hidden['customer_id'].nunique():,} customers, hidden for the test, {LISTED} suggestions"
    if rates[0] > rates[1]:
        made, how = next_products(recent, bought, together(bought)), "articles bought together"
        sentence = f"{tested} by {how} named a new article for {rates[0]:.1%}, the most popular ones for {rates[1]:.1%}."
    else:
        made, how = popular(recent, bought), "popularity"
        sentence = f"{tested} by articles bought together named a new article for {rates[0]:.1%} and were no better than the most popular ones ({rates[1]:.1%}), so those are shown."
    parameters = {
        "hit_rate": rates[0],
        "popular_hit_rate": rates[1],
        "tested": int(hidden["customer_id"].nunique()),
        "method": how,
    }
    return made, Note("next_product", sentence, parameters=parameters)
