"""The figures of the twenty questions by hand: pandas and scipy over the tables that were loaded, nothing of the models."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from knowledge.access import Reader
from tests.integrations.metric_truth import World, gap_between, trust

ACME, HALVORSEN, STANHOPE = "C-1002", "C-1005", "C-1006"
ARTICLE = "FAS-101"
YEAR = pd.Timedelta(days=365)
Array = npt.NDArray[np.float64]


class Company(World):
    """The whole company, with what a year cost, who is worth what, and the rhythm of each customer, all from loaded tables."""

    @cached_property
    def customers(self) -> pd.DataFrame:
        return self.table("customers").set_index("customer_id")

    @cached_property
    def days(self) -> pd.DataFrame:
        """Customer-days with what was bought on them."""
        value = self.lines.groupby(["customer_id", "day"])["value"].sum().rename("value")
        days = self.orders.groupby(["customer_id", "day"]).size().rename("orders")
        return pd.concat([days, value], axis=1).fillna(0.0).reset_index().sort_values(["customer_id", "day"])

    @cached_property
    def work(self) -> pd.DataFrame:
        """What was done: customer, day, driver, volume."""
        orders, lines = self.orders, self.lines
        soon = (pd.to_datetime(lines["requested_date"]) - lines["day"]).dt.days
        usual = lines.groupby("category")["waits"].transform("median")
        rushed = set(lines.loc[soon < usual / 2, "order_id"])
        parts = {
            "order": orders, "line": lines, "return": self.returns, "interaction": self.contacts,
            "shipment": orders[orders["shipped_at"].notna()].assign(day=lambda t: self.day(t["shipped_at"])),
            "rush_order": orders[orders["order_id"].isin(rushed)],
            "customized_line": lines[lines["is_customized"].fillna(False).astype(bool)],
        }  # fmt: skip
        return pd.concat([p[["customer_id", "day"]].assign(driver=d, volume=1.0) for d, p in parts.items()])

    @cached_property
    def served(self) -> pd.DataFrame:
        """Cost to serve by customer and month: each pool's cost over its capacity, times what was done."""
        pools = self.table("cost_activities")
        pools["month"] = pd.to_datetime(pools["period_start"]).dt.to_period("M")
        pools["rate"] = pools["cost"] / pools["practical_capacity"]
        done = self.work.assign(month=self.work["day"].dt.to_period("M"))
        rows = done.merge(pools[["driver", "month", "rate"]], on=["driver", "month"])
        return rows.assign(cost=rows["volume"] * rows["rate"])

    def earned(self, start: str, end: str) -> pd.DataFrame:
        """Revenue, margin after returns, and cost to serve by customer between two days."""
        first, last = pd.Timestamp(start), pd.Timestamp(end)
        lines = self.lines[self.lines["day"].between(first, last)]
        back = self.returns[self.returns["day"].between(first, last)]
        cost = self.table("products").set_index("product_id")["unit_cost"]
        shelf = (back["qty"] * back["product_id"].map(cost)).where(back["disposition"] == "restock", 0.0).fillna(0.0)
        served = self.served[self.served["month"].between(first.to_period("M"), last.to_period("M"))]
        sums = pd.DataFrame(
            {
                "revenue": lines.groupby("customer_id")["value"].sum(),
                "margin": (lines["value"] - lines["cost"]).groupby(lines["customer_id"]).sum(),
                "lost": (back["value"] - shelf).groupby(back["customer_id"]).sum(),
                "served": served.groupby("customer_id")["cost"].sum(),
            }
        ).fillna(0.0)
        return sums.assign(net=sums["margin"] - sums["lost"] - sums["served"])

    @cached_property
    def worth(self) -> pd.Series:
        """Lifetime value by customer: BG/NBD and Gamma-Gamma, their likelihoods as in the papers, maximised by Nelder-Mead."""
        grouped = self.days.groupby("customer_id")
        first = grouped["day"].min()
        x, last = grouped.size() - 1, (grouped["day"].max() - first).dt.days / 7
        age = (self.today - first).dt.days / 7
        z = ((grouped["value"].sum() - grouped["value"].first()) / x.where(x > 0)).fillna(0.0)
        told = (x.to_numpy(float), last.to_numpy(float), age.to_numpy(float))
        buying = np.exp(_least(lambda s: -_bg_nbd(*np.exp(s), *told).sum(), [0.0, 1.0, 0.0, 4.0]))
        n, m = (s[(x > 0) & (z > 0)].to_numpy(float) for s in (x, z))
        p, q, v = np.exp(_least(lambda s: -_gamma_gamma(*np.exp(s), n, m).sum(), [1.0, 1.0, math.log(np.median(m))]))
        value = p * (v + x * z) / (p * x + q - 1)
        until = [_expected(*buying, *told, month * 365.25 / 12 / 7) for month in range(37)]
        orders = sum((until[k] - until[k - 1]) / 1.1 ** (k / 12) for k in range(1, 37))
        year = self.earned("2025-11-01", "2026-10-31").reindex(x.index)
        lately = self.days[self.days["day"] > self.today - YEAR].groupby("customer_id").size()
        return orders * (value * (year["margin"] - year["lost"]) / year["revenue"] - year["served"] / lately)

    @cached_property
    def segments(self) -> pd.Series:
        """Each customer's segment by how lately, how often and for how much it bought."""
        grouped = self.orders.groupby("customer_id")
        people = pd.DataFrame(
            {"last": grouped["day"].max(), "n": grouped.size(), "spent": self.lines.groupby("customer_id")["value"].sum()}
        )
        scores = np.ceil(5 * people.rank() / len(people) - 1e-12).assign(orders=people["n"])
        return scores.apply(lambda s: _named(s["last"], s["n"], s["spent"], s["orders"]), axis=1)

    @cached_property
    def overdue(self) -> pd.Series:
        """Days since the last order over the 90th percentile of the customer's own gaps; under four gaps of its segment's."""
        grouped = self.days.groupby("customer_id")["day"]
        gaps = grouped.diff().dt.days
        whose = self.days["customer_id"]
        own = gaps.groupby(whose).quantile(0.9).where(gaps.groupby(whose).count() >= 4)
        shared = self.segments.map(gaps.groupby(whose.map(self.segments)).quantile(0.9))
        return (self.today - grouped.max()).dt.days / own.fillna(shared).fillna(gaps.quantile(0.9))


class Account(World):
    """The tables of one customer."""

    def __init__(self, reader: Reader, customer: str) -> None:
        super().__init__(reader)
        self.customer = customer

    def table(self, name: str) -> pd.DataFrame:
        rows = super().table(name)
        return rows[rows["customer_id"] == self.customer] if "customer_id" in rows else rows


def _least(loss: Callable[[Any], float], start: list[float]) -> Any:
    return minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000}).x


def _bg_nbd(r: float, alpha: float, a: float, b: float, x: Array, last: Array, age: Array) -> Array:
    common = gammaln(r + x) - gammaln(r) + r * math.log(alpha)
    stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
    return common + np.where(x > 0, np.logaddexp(stayed, left), stayed)


def _expected(r: float, alpha: float, a: float, b: float, x: Array, last: Array, age: Array, t: float) -> Array:
    """Orders in the next t weeks; every customer of this company came back."""
    dead = a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x)
    decay = ((alpha + age) / (alpha + age + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    return (a + b + x - 1) / (a - 1) * (1 - decay) / (1 + dead)


def _gamma_gamma(p: float, q: float, v: float, n: Array, m: Array) -> Array:
    px = p * n
    return (
        gammaln(px + q) - gammaln(px) - gammaln(q) + q * math.log(v) + (px - 1) * np.log(m) + px * np.log(n)
        - (px + q) * np.log(v + n * m)
    )  # fmt: skip


def in_2026(days: pd.Series) -> pd.Series:
    return days.dt.year == 2026


def rank(values: pd.Series) -> pd.Series:
    return (values.rank() - 1) / (values.notna().sum() - 1) * 100


def _named(r: float, f: float, m: float, orders: float) -> str:
    if r >= 3 and f >= 4:
        return "champions" if r >= 4 and m >= 4 else "loyal"
    if r >= 3:
        return "big spender" if m >= 4 else "new" if r >= 4 and orders == 1 else "promising"
    return "at risk" if f >= 4 else "slipping value" if m >= 4 else "hibernating" if r == 2 else "lost"


def least_profitable(w: Company) -> tuple[str, float]:
    net = w.earned("2026-01-01", "2026-10-31")["net"]
    sums = net.groupby(w.customers["industry"].reindex(net.index)).sum()
    return str(sums.idxmin()), float(sums.min())


def best_tier(w: Company) -> str:
    assert bool(w.customers.loc[ACME, "is_strategic"])
    return str(w.table("service_policies").sort_values("otd_target").iloc[-1]["service_tier"])


def likely_to_leave(w: Company) -> dict[str, str]:
    five = w.overdue.sort_values(ascending=False).head(5)
    return {c: "high" if o > 1.5 else "mid" if o >= 1 else "low" for c, o in five.items()}


def strategic(w: Company) -> float:
    year = w.lines[w.lines["day"] > w.today - YEAR]
    before = w.lines[(w.lines["day"] > w.today - 2 * YEAR) & (w.lines["day"] <= w.today - YEAR)]
    growth = year.groupby("customer_id")["value"].sum() / before.groupby("customer_id")["value"].sum() - 1
    since = w.today - YEAR
    plans = w.table("demand_plans")
    planned = plans[(plans["party"] == "customer") & (pd.to_datetime(plans["period_start"]) > since)]["customer_id"]
    met = w.contacts[(w.contacts["kind"].eq("visit") | w.contacts["stage"].eq("renewal")) & (w.contacts["day"] > since)]
    together = 50.0 * (ACME in set(planned)) + 50.0 * (ACME in set(met["customer_id"]))
    ranked = {
        0.30: w.earned("2025-11-01", "2026-10-31")["net"], 0.20: growth, 0.2000001: w.worth,
        0.15: year.groupby("customer_id")["category"].nunique(),
    }  # fmt: skip
    return 0.15 * together + sum(round(weight, 2) * float(rank(values)[ACME]) for weight, values in ranked.items())


def demand_class(w: Company) -> str:
    weekly = _weekly(w, 52)
    since = weekly[weekly.gt(0).cumsum() > 0]
    sold = since[since > 0]
    rare, uneven = len(since) / len(sold) > 1.32, (sold.std() / sold.mean()) ** 2 > 0.49
    return {(False, False): "smooth", (False, True): "erratic", (True, False): "intermittent", (True, True): "lumpy"}[
        rare, uneven
    ]


def _weekly(w: Company, count: int) -> pd.Series:
    """Units of the article in the last complete weeks from Monday."""
    monday = w.today - pd.Timedelta(days=(w.today.weekday() + 1) % 7 + 6)
    weeks = pd.date_range(end=monday, periods=count, freq="7D")
    own = w.lines[w.lines["product_id"] == ARTICLE]
    start = own["day"] - pd.to_timedelta(own["day"].dt.day_of_week, unit="D")
    return own.groupby(start)["qty_ordered"].sum().reindex(weeks, fill_value=0.0)


def next_quarter(w: Company) -> float:
    """Thirteen weeks at the level of the method that the product says it uses."""
    said = w.articles.set_index("product_id").loc[ARTICLE, "forecast_method"]
    weekly = _weekly(w, 103).to_numpy()  # all complete weeks of the data
    if said == "naive":
        return float(13 * weekly[-1])
    if said == "mean of 4":
        return float(13 * weekly[-4:].mean())
    alpha = float(said.split()[-1])
    sold = np.flatnonzero(weekly)
    if said.startswith("smoothing"):
        level = weekly[0]
        for units in weekly[1:]:
            level = alpha * units + (1 - alpha) * level
        return float(13 * level)
    sizes, gaps = weekly[sold], np.diff(sold, prepend=-1)
    size, gap = sizes[0], gaps[0]
    for s, g in zip(sizes[1:], gaps[1:], strict=True):
        size, gap = alpha * s + (1 - alpha) * size, alpha * g + (1 - alpha) * gap
    assert said.startswith("croston"), said
    return float(13 * (1 - alpha / 2) * size / gap)


def fasteners(w: Company) -> float:
    rows = w.lines[w.lines["category"] == "fasteners"]
    return float(rows["lead_time_days"].median() / rows["waits"].median())


def promised_and_kept(w: Company) -> float:
    own = w.due[w.due["customer_id"] == ACME]
    policy = w.table("service_policies").set_index("service_tier")["otd_target"]
    return float(own["hit"].mean() - policy[w.customers.loc[ACME, "service_tier"]])


def leaning(w: Company) -> float:
    rows = w.plans[(w.plans["customer_id"] == STANHOPE) & (w.plans["party"] == "customer")]
    return float((rows["forecast_qty"] - rows["actual"]).sum() / rows["actual"].sum())


def kept(w: Company) -> float:
    before = w.days[(w.days["day"] > w.today - pd.Timedelta(days=180)) & (w.days["day"] <= w.today - pd.Timedelta(days=90))]
    now = set(w.days.loc[w.days["day"] > w.today - pd.Timedelta(days=90), "customer_id"])
    return float(np.mean([c in now for c in before["customer_id"].unique()]))


def rushed_in_time(w: Company) -> float:
    asked = pd.to_datetime(w.due["requested_date"])
    rows = w.due[in_2026(w.due["due"]) & ((asked - w.due["day"]).dt.days < w.lines["waits"].median())]
    return float((rows["came"] <= pd.to_datetime(rows["requested_date"])).mean())


def cycle(w: Company) -> float:
    rows = w.delivered[in_2026(w.delivered["came"])]
    return float(((rows["delivered_at"] - rows["ordered_at"]).dt.total_seconds() / 86400).median())


def returned(w: Company) -> float:
    sold = w.lines.loc[in_2026(w.lines["day"]), "value"].sum()
    return float(w.returns.loc[in_2026(w.returns["day"]), "value"].sum() / sold)


def recommenders(w: Company) -> float:
    scores = w.comments.loc[in_2026(w.comments["day"]), "nps"].dropna()
    return float(100 * ((scores >= 9).mean() - (scores <= 6).mean()))


def full_lines(w: Company) -> float:
    due = set(w.due.loc[in_2026(w.due["due"]), "order_id"])
    return float(w.due_lines.loc[w.due_lines["order_id"].isin(due), "full"].mean())


def bought_2026(w: Company) -> float:
    return float(w.lines.loc[in_2026(w.lines["day"]) & (w.lines["customer_id"] == ACME), "value"].sum())


BY_HAND: dict[int, Callable[[Company], Any]] = {
    1: bought_2026, 2: lambda w: w.segments[HALVORSEN], 3: lambda w: float(w.worth[ACME]), 4: least_profitable, 5: best_tier, 6: recommenders,
    7: fasteners, 8: promised_and_kept, 9: cycle, 10: leaning, 11: likely_to_leave, 12: strategic, 13: full_lines,
    14: demand_class, 15: kept, 16: lambda w: gap_between(w.due, "channel", "hit"), 17: rushed_in_time, 18: returned,
    19: next_quarter, 20: lambda w: trust(Account(w.reader, ACME)),
}  # fmt: skip
"""The right figure of each topic's question; with the member it belongs to where the question asks for one."""
