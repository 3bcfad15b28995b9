"""What was planted in the demo company is found by the product, which never reads the ledger."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from integrations.demo import Ledger, generate
from knowledge.access import Reader, Scope
from knowledge.query import run
from knowledge.records import Filter, MetricQuery, Period
from knowledge.snapshot import current

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tenth")]
BEGIN, END = date(2024, 11, 1), date(2026, 10, 31)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return generate(tmp_path_factory.mktemp("again"), seed=7, scale=0.1)


@pytest.fixture(scope="module")
def reader(tenth: Path) -> Reader:
    return Reader(tenth, current(tenth), Scope.of_role("admin"))


def by(metric: str, dimension: str, reader: Reader, period: Period | None = None, *where: Filter) -> dict[str, float]:
    found = run(MetricQuery(metric, by=(dimension,), period=period, where=where), reader).figures
    return {f.group[dimension]: float(f.value or 0) for f in found}


def test_the_segment_that_became_unprofitable(ledger: Ledger, reader: Reader) -> None:
    cause = ledger.cause("unprofitable_segment")
    since = date.fromisoformat(str(cause.first_day))
    segment = str(cause.where["industry"])
    before = by("customer_net_margin.share", "industry", reader, Period(BEGIN, since.replace(day=1) - timedelta(days=1)))
    after = by("customer_net_margin.share", "industry", reader, Period(since.replace(day=1), END))
    assert [i for i, share in after.items() if share < 0.05] == [segment]
    assert before[segment] > 0.15
    assert after[segment] == pytest.approx(cause.size, abs=0.05)
    costs = by("cost_to_serve", "activity", reader, Period(since, END), Filter("industry", (segment,)))
    assert max(costs, key=costs.__getitem__) == "rush handling"
    said = reader.frame("model_notes").set_index("model").loc["profitability", "sentence"]
    assert "rush handling" in said.split("What sets them apart: ")[1].split(";")[0]


def test_the_account_that_slips_away_is_among_the_five_highest_risks(ledger: Ledger, reader: Reader) -> None:
    slipping = ledger.cause("slipping_account").where["customer"]
    names = reader.frame("customers").set_index("customer_id")["name"]
    ranked = run(MetricQuery("churn_risk", by=("customer",), order="desc", limit=5), reader).figures
    assert slipping in [names[f.group["customer"]] for f in ranked]
    model = reader.frame("customer_model").set_index("customer_id")
    assert "less in the last 180 days" in model.loc[names[names == slipping].index[0], "churn_reasons"]


def test_what_is_engineered_for_one_customer_waits_for_the_order_and_what_sells_steadily_is_stocked(reader: Reader) -> None:
    articles = reader.frame("products")[["product_id", "order_type"]].merge(reader.frame("product_model"), on="product_id")
    advice = articles.groupby("order_type_x")["decoupling_point"].agg(set)
    assert "make_to_stock" not in advice["engineer"]
    stocked = articles[articles["order_type_x"] == "stock"]
    assert set(stocked["decoupling_point"]) <= {"make_to_stock", "make_to_order"}
    waits = stocked["p_days"] <= stocked["d_days"]
    pd.testing.assert_series_equal(stocked["decoupling_point"] == "make_to_order", waits, check_names=False)


def test_the_partner_who_plans_too_much_on_purpose(ledger: Ledger, reader: Reader) -> None:
    cause = ledger.cause("biased_forecasts")
    partner = reader.frame("customers").set_index("name").loc[cause.where["customer"], "customer_id"]
    since = Period(date.fromisoformat(str(cause.first_day)), END)
    theirs = by("forecast_bias", "customer", reader, since, Filter("party", ("customer",)))
    assert max(theirs, key=theirs.__getitem__) == partner
    assert theirs[partner] == pytest.approx(cause.size, abs=0.08)
    assert theirs[partner] > 0.2 > max(share for who, share in theirs.items() if who != partner)
    listed = reader.frame("cpfr_exceptions")
    leaning = listed[listed["criteria"].str.contains("the customer's plan leans high")]
    assert leaning["customer_id"].value_counts().idxmax() == partner
