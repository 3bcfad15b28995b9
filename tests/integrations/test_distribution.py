"""How figures are spread: over orders, comments or customers, against numpy on the company's own tables."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import InMemory
from assistant.engine import Engine
from assistant.questions import Answer, Turn
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.distribution import CUTS, _bins, distribution
from knowledge.errors import BadQuestion, NoData, NotAllowed
from knowledge.records import Filter, MetricQuery
from knowledge.snapshot import current


@pytest.fixture(scope="module")
def reader(company: Path) -> Reader:
    return Reader(company, current(company), Scope.of_role("manager"))


@pytest.fixture(scope="module")
def engine(company: Path) -> Engine:
    return Workspace(company).engine(memory=InMemory())


def lines(reader: Reader) -> pd.DataFrame:
    rows, orders = reader.frame("order_lines"), reader.frame("orders")
    value = rows["qty_ordered"].astype(float) * rows["unit_price"].astype(float) - rows["discount"].astype(float).fillna(0)
    return rows.assign(value=value).merge(orders[orders["status"] != "cancelled"], on="order_id")


def cuts(values: pd.Series) -> list[float]:
    return [float(np.quantile(values, share)) for share, _ in CUTS]


def ask(engine: Engine, question: str) -> Answer:
    return engine.reply(Turn(question, Scope.of_role("manager")))


def test_of_orders(reader: Reader) -> None:
    values = lines(reader).groupby("order_id")["value"].sum()
    found = distribution(MetricQuery("aov"), reader)
    assert [f.value for f in found.figures] == pytest.approx(cuts(values))
    assert found.count == sum(b.count for b in found.bins) == len(values)
    assert found.figures[3].label == "Order value, median"
    for one in found.bins[:-1]:
        assert one.count == ((values >= one.low) & (values < one.high)).sum()


def test_of_customers_within_a_filter(reader: Reader) -> None:
    rows = lines(reader).merge(reader.frame("customers")[["customer_id", "region"]], on="customer_id")
    region = rows["region"].value_counts().index[0]
    values = rows[rows["region"] == region].groupby("customer_id")["value"].sum()
    found = distribution(MetricQuery("revenue", where=(Filter("region", (region,)),)), reader)
    assert (found.over, found.count) == ("customer", len(values))
    assert [f.value for f in found.figures] == pytest.approx(cuts(values))


def test_of_ratings_each_has_a_place_of_its_own(reader: Reader) -> None:
    ratings = reader.frame("feedback")["rating"].dropna()
    found = distribution(MetricQuery("rating_mean"), reader)
    assert {b.low: b.count for b in found.bins} == ratings.value_counts().to_dict()


def test_of_what_each_customer_has_one(reader: Reader) -> None:
    worth = reader.frame("customer_model")["clv"].dropna().astype(float)
    found = distribution(MetricQuery("clv"), reader)
    assert found.over == "customer"
    assert [f.value for f in found.figures] == pytest.approx(cuts(worth), rel=1e-6)


def test_what_has_none_is_refused_in_words(reader: Reader, company: Path) -> None:
    with pytest.raises(BadQuestion, match="is a label"):
        distribution(MetricQuery("service_tier"), reader)
    with pytest.raises(NoData, match="too few"):
        distribution(MetricQuery("revenue", ("ship_from",), (Filter("carrier", ("Norrland",)),)), reader)
    rep = Reader(company, current(company), Scope.of_role("rep"))
    with pytest.raises(NotAllowed):
        distribution(MetricQuery("gross_margin"), rep)


@pytest.mark.parametrize(
    ("question", "metric", "of"),
    [
        ("distribution of order values", "aov", "orders"),
        ("how is revenue distributed across customers", "revenue", "customers"),
        ("histogram of order cycle time", "order_cycle_time", "orders"),
        ("revenue distribution by product in 2026", "revenue", "products"),
        ("distribution of ratings", "rating_mean", "comments"),
    ],
)
def test_asked_in_words(engine: Engine, question: str, metric: str, of: str) -> None:
    answer = ask(engine, question)
    assert answer.status == "answered"
    assert answer.plan["operation"] == "distribution"
    assert {f.metric for f in answer.figures} == {metric}
    assert f" {of} has " in answer.text
    assert answer.table is not None
    assert sum(int(row[1].replace(",", "")) for row in answer.table["rows"]) == answer.plan["counts"]["values"]
    assert answer.chart is not None


def test_an_industry_of_that_name_is_no_distribution(engine: Engine) -> None:
    assert ask(engine, "top 3 customers in distribution by revenue").plan["operation"] == "rank"
    asked = ask(engine, "lines per order for distribution customers")
    assert asked.plan["operation"] != "distribution"
    assert asked.figures[0].filters == {"industry": ["distribution"]}


def test_a_label_of_one_customer_has_no_groups(engine: Engine, reader: Reader) -> None:
    name = reader.frame("customers")["name"].iloc[0]
    answer = ask(engine, f"which tier should {name} be in")
    assert answer.text.startswith("**")
    assert len(answer.figures) == 1


def test_several_figures_are_compared_side_by_side(engine: Engine) -> None:
    regions = ask(engine, "compare north vs south on fill rate and otd")
    assert regions.table is not None
    assert len(regions.table["columns"]) == 3
    assert {f.metric for f in regions.figures} == {"fill_rate", "otd"}
    quarters = ask(engine, "compare revenue and orders in Q2 2026 and Q3 2026")
    assert quarters.table is not None
    assert [row[0] for row in quarters.table["rows"]] == ["Revenue", "Orders"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=200))
def test_every_value_is_in_one_bin(values: list[float]) -> None:
    bins = _bins(np.array(values))
    assert sum(b.count for b in bins) == len(values)
    assert all(a.high <= b.low + 1e-6 for a, b in itertools.pairwise(bins))
    assert bins[0].low <= min(values) + 1e-6
    assert bins[-1].high >= max(values) - 1e-6
