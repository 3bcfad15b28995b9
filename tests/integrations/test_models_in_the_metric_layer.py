"""What the models say can be asked, filtered, grouped and ranked like any other figure, and refuses like any other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import BadQuestion, NoData, NotAllowed
from knowledge.query import run
from knowledge.records import Filter, MetricQuery, Period
from knowledge.snapshot import current

HALVORSEN = "C-1005"


def reader(home: Path, role: str = "admin", accounts: frozenset[str] | None = None) -> Reader:
    return Reader(home, current(home), Scope(role, role, accounts, ROLE_RIGHTS[role]))


@pytest.fixture(scope="module")
def whole(company: Path) -> Reader:
    return reader(company)


def test_a_label_is_of_one_customer_and_is_not_added_up(whole: Reader) -> None:
    one = run(MetricQuery("segment", where=(Filter("customer", (HALVORSEN,)),)), whole).figures[0]
    assert isinstance(one.value, str)
    with pytest.raises(BadQuestion) as caught:
        run(MetricQuery("segment", by=("region",)), whole)
    assert caught.value.code == "not_additive"


def test_labels_are_ranked_by_what_is_behind_them(whole: Reader) -> None:
    ranked = run(MetricQuery("churn_risk", by=("customer",), order="desc"), whole).figures
    order = [("high", "mid", "low").index(str(f.value)) for f in ranked]
    assert order == sorted(order)
    assert HALVORSEN in [f.group["customer"] for f in ranked[:5]]


def test_any_figure_is_grouped_and_filtered_by_segment(whole: Reader) -> None:
    sizes = {f.group["segment"]: f.value for f in run(MetricQuery("segment_size"), whole).figures}
    revenue = run(MetricQuery("revenue", by=("segment",)), whole)
    assert set(sizes) == {f.group["segment"] for f in revenue.figures}
    one = next(iter(sizes))
    alone = run(MetricQuery("revenue", where=(Filter("segment", (one,)),)), whole).figures[0]
    assert alone.value == next(f.value for f in revenue.figures if f.group["segment"] == one)


def test_a_list_along_its_own_dimension_may_be_filtered(whole: Reader) -> None:
    every = run(MetricQuery("channel_mix"), whole).figures
    assert sum(float(f.value or 0) for f in every) == pytest.approx(1.0)
    web = run(MetricQuery("channel_mix", where=(Filter("channel", ("web",)),)), whole).figures
    assert [f.value for f in web] == [f.value for f in every if f.group["channel"] == "web"]
    others = run(MetricQuery("channel_mix", where=(Filter("channel", ("web",), negated=True),)), whole).figures
    assert len(others) == len(every) - 1


def test_an_account_plan_holds_the_other_metrics_of_the_account(whole: Reader) -> None:
    where = (Filter("customer", (HALVORSEN,)),)
    parts = {f.group["input"]: f.value for f in run(MetricQuery("account_plan_inputs", where=where), whole).figures}
    year = Period(date(2025, 11, 1), date(2026, 10, 31))
    revenue = run(MetricQuery("revenue", where=where, period=year), whole).figures[0].value
    assert parts["revenue of the last year"] == f"{revenue:,.0f}"
    assert parts["churn risk"] == run(MetricQuery("churn_risk", where=where), whole).figures[0].value


def test_a_tracking_signal_is_of_one_article(whole: Reader) -> None:
    with pytest.raises(BadQuestion):
        run(MetricQuery("forecast_bias.tracking_signal"), whole)
    product = str(whole.frame("demand_plans")["product_id"].iloc[0])
    bias = run(MetricQuery("forecast_bias", where=(Filter("product", (product,)),)), whole).figures
    signal = run(MetricQuery("forecast_bias.tracking_signal", where=(Filter("product", (product,)),)), whole).figures
    assert [float(f.value or 0) > 0 for f in bias] == [float(f.value or 0) > 0 for f in signal]


def test_costs_are_known_by_whole_months(whole: Reader) -> None:
    part = run(MetricQuery("cost_to_serve", period=Period(date(2026, 3, 10), date(2026, 3, 20))), whole)
    full = run(MetricQuery("cost_to_serve", period=Period(date(2026, 3, 1), date(2026, 3, 31))), whole)
    assert part.figures[0].value == full.figures[0].value
    assert any("known by month" in n for n in part.notes)
    with pytest.raises(BadQuestion):
        run(MetricQuery("cost_to_serve", grain="week"), whole)


def test_cost_to_serve_goes_by_the_channel_of_the_order(whole: Reader) -> None:
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    taken = (Filter("activity", ("order handling",)),)
    found = run(MetricQuery("cost_to_serve", by=("channel",), where=taken, period=march), whole)
    orders, pools = whole.frame("orders"), whole.frame("cost_activities")
    orders = orders[(orders["status"] != "cancelled") & (orders["ordered_at"].dt.strftime("%Y-%m") == "2026-03")]
    pool = pools[(pools["activity"] == "order handling") & (pools["period_start"].astype(str) == "2026-03-01")].iloc[0]
    rate = float(pool["cost"]) / float(pool["practical_capacity"])
    want = (orders.groupby("channel").size() * rate).to_dict()
    assert {f.group["channel"]: float(f.value or 0) for f in found.figures} == pytest.approx(want, rel=1e-6)
    every = run(MetricQuery("cost_to_serve", by=("channel",)), whole)
    assert every.total is not None
    assert sum(float(f.value or 0) for f in every.figures) == pytest.approx(float(every.total.value or 0))


def test_units_of_different_measure_are_not_added(whole: Reader) -> None:
    with pytest.raises(BadQuestion) as caught:
        run(MetricQuery("units"), whole)
    assert caught.value.code == "mixed_units"
    assert run(MetricQuery("units", by=("product",)), whole).total is None


def test_a_median_has_the_interval_that_a_bootstrap_gives(whole: Reader) -> None:
    orders = whole.frame("orders")
    orders = orders[orders["status"] == "delivered"]
    days = ((orders["delivered_at"] - orders["ordered_at"]).dt.total_seconds() / 86400).to_numpy()
    draw = np.random.default_rng(1)
    drawn = draw.choice(days[days >= 0], (2000, len(days)))
    for metric, q in (("order_cycle_time", 0.5), ("order_cycle_time.p90", 0.9)):
        figure = run(MetricQuery(metric), whole).figures[0]
        want = np.quantile(np.quantile(drawn, q, axis=1), [0.025, 0.975])
        assert figure.interval == pytest.approx(tuple(want), rel=0.02)
        assert figure.interval is not None
        assert figure.interval[0] <= float(figure.value or 0) <= figure.interval[1]


def test_what_a_model_could_not_tell_says_why(whole: Reader) -> None:
    with pytest.raises(NoData) as caught:
        run(MetricQuery("p_alive"), whole)
    assert "silence cannot be told from having left" in caught.value.message
    assert "None" not in caught.value.message


@pytest.mark.parametrize(
    "metric", ["clv", "churn_risk", "customer_net_margin", "trust_index", "white_space", "next_order_date"]
)
def test_commercial_figures_need_the_right(metric: str, company: Path) -> None:
    with pytest.raises(NotAllowed):
        run(MetricQuery(metric, where=(Filter("customer", (HALVORSEN,)),)), reader(company, "rep"))


def test_a_commercial_dimension_needs_the_right_too(company: Path) -> None:
    with pytest.raises(NotAllowed):
        run(MetricQuery("revenue", by=("churn_risk",)), reader(company, "rep"))
    assert run(MetricQuery("revenue", by=("segment",)), reader(company, "rep")).figures


def test_some_accounts_are_counted_over_those_accounts(company: Path) -> None:
    own = frozenset({HALVORSEN, "C-1006"})
    seen = run(MetricQuery("clv", by=("customer",)), reader(company, "manager", own))
    assert {f.group["customer"] for f in seen.figures} == own
    assert seen.total is not None
    assert seen.total.value == pytest.approx(sum(float(f.value or 0) for f in seen.figures))
    with pytest.raises(NoData):
        run(MetricQuery("demand_class", by=("product",)), reader(company, "manager", own))


def test_a_state_of_a_period_is_the_state_at_its_end(whole: Reader) -> None:
    then = run(MetricQuery("open_returns", period=Period(date(2026, 1, 1), date(2026, 3, 31))), whole).figures[0]
    assert then.as_of is not None
    assert then.as_of.date() <= date(2026, 4, 1)
    with pytest.raises(NoData) as caught:
        run(MetricQuery("clv", period=Period(date(2026, 1, 1), date(2026, 3, 31))), whole)
    assert caught.value.code == "as_of"
