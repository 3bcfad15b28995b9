"""The hand-made cases EC4-EC6 and EC10-EC12, each against the reference values."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from knowledge.errors import BadInput, NoData
from knowledge.models.cost_to_serve import charge, driver_volume, whale
from knowledge.models.decoupling import recommend
from knowledge.models.demand_classes import abc, demand_class, demand_cv, xyz
from knowledge.models.plans import plan_gap, replenish, score_plan
from knowledge.models.retention import cohorts, happened_by, kaplan_meier, overdue
from knowledge.models.segments import cluster, match_labels, migration, rfm
from knowledge.models.trust import trust_index
from tests.support import DATA


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    path = DATA.parent / "reference_values.json"
    if not path.is_file():
        pytest.skip("the reference values are not here (../shared)")
    return {k: v["value"] for k, v in json.loads(path.read_text()).items()}


def test_ec4_activity_based_costing(reference: dict[str, Any]) -> None:
    pools = pd.DataFrame(
        {
            "activity": ["take orders", "talk", "rush"],
            "driver": ["order", "interaction", "rush_order"],
            "cost": [3000, 2000, 500],
            "practical_capacity": [100, 400, 10],
        }
    )
    volumes = pd.DataFrame(
        {"order": [20, 70, 10], "interaction": [30, 250, 20], "rush_order": [0, 8, 2]}, index=["A", "B", "C"]
    )
    costing = charge(pools, volumes)
    margin = pd.Series({"A": 4000.0, "B": 3000.0, "C": 900.0}) - costing.cost_to_serve
    for name in "ABC":
        assert costing.cost_to_serve[name] == pytest.approx(reference[f"ec4.cost_to_serve.{name}"], abs=1e-3)
        assert margin[name] == pytest.approx(reference[f"ec4.net_margin.{name}"], abs=1e-3)
    assert costing.unused == pytest.approx(reference["ec4.unused_capacity_cost"], abs=1e-3)
    assert whale(margin).peak_pct == pytest.approx(reference["ec4.whale_peak_pct"], abs=1e-4)
    assert whale(margin).customers_at_peak == 2


def test_costing_without_capacity_charges_all_and_says_so() -> None:
    pools = pd.DataFrame({"activity": ["pack"], "driver": ["line"], "cost": [100], "practical_capacity": [None]})
    costing = charge(pools, pd.DataFrame({"line": [1, 3]}, index=["A", "B"]))
    assert costing.cost_to_serve.tolist() == [25.0, 75.0]
    assert "practical capacity" in costing.notes[0]


def test_a_driver_may_be_an_expression_and_an_unknown_one_is_named() -> None:
    volumes = pd.DataFrame({"line": [1, 3], "rush_order": [2, 0]})
    assert driver_volume("line + 2 * rush_order", volumes).tolist() == [5, 3]
    with pytest.raises(BadInput, match="moon_phase"):
        driver_volume("line * moon_phase", volumes)


def test_a_whale_curve_of_losses_is_refused() -> None:
    with pytest.raises(NoData):
        whale(pd.Series({"A": -1.0, "B": 0.5}))


EC5 = {
    "steady": "10 12 9 11 10 10 8 12 11 9 10 10",
    "late_start": "0 0 0 0 5 0 5 0 6 0 4 0",
    "lumpy": "1 0 0 30 0 0 2 0 0 0 40 0",
    "erratic": "1 20 2 1 30 1 2 1 25 1 1 2",
    "two_buckets": "0 3 0 0 0 7 0 0 0 0 0 0",
}


def test_ec5_demand_classes(reference: dict[str, Any]) -> None:
    weekly = pd.DataFrame({n: list(map(float, v.split())) for n, v in EC5.items()}).T
    for name, row in demand_class(weekly).iterrows():
        said = row["demand_class"]
        if said != "too_few":
            said = f"ADI {row['adi']:.4f}, CV2 {row['cv2']:.4f}, {said}"
        assert said == reference[f"ec5.{name}"]


def test_all_zero_demand_has_a_class_and_no_number() -> None:
    row = demand_class(pd.DataFrame([[0.0] * 12])).iloc[0]
    assert row["demand_class"] == "too_few"
    assert pd.isna(row["adi"])
    assert xyz(pd.DataFrame([[0.0] * 12])).tolist() == ["none"]
    assert demand_cv(pd.Series([0.0] * 12)) is None


def test_abc_takes_the_item_that_crosses_the_line_and_breaks_ties_by_id() -> None:
    assert abc(pd.Series({"a": 80.0, "b": 15.0, "c": 5.0})).to_dict() == {"a": "A", "b": "B", "c": "C"}
    assert abc(pd.Series({"y": 50.0, "x": 50.0, "z": 0.0})).to_dict() == {"y": "A", "x": "A", "z": "C"}


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("ec6.a_P20_D5_cv0.4_cust0", (20, 5, 0.4, 0.0)),
        ("ec6.b_P20_D5_cv1.6_cust0.1", (20, 5, 1.6, 0.1)),
        ("ec6.c_P10_D15_cv0.4_cust0.2", (10, 15, 0.4, 0.2)),
        ("ec6.d_P30_D60_cv2_cust1", (30, 60, 2.0, 1.0)),
        ("ec6.e_P20_D5_cv0.4_cust0.7", (20, 5, 0.4, 0.7)),
    ],
)
def test_ec6_decoupling_point(reference: dict[str, Any], key: str, arguments: tuple[float, ...]) -> None:
    advice = recommend(*arguments)
    assert f"P:D {advice.pd_ratio:.4f}, {advice.point}" == reference[key]
    assert advice.why
    assert advice.flips


def test_no_lead_time_gives_no_advice() -> None:
    assert recommend(None, 5, 0.4, 0.0).point is None


def test_ec10_plans(reference: dict[str, Any]) -> None:
    rows = pd.DataFrame({"forecast": [100, 100, 100], "actual": [105, 150, 60], "previous": [95, 105, 150]})
    score = score_plan(rows)
    assert score.wape == pytest.approx(reference["ec10.wape_ours"], abs=1e-6)
    assert score.bias == pytest.approx(reference["ec10.bias_ours"], abs=1e-6)
    assert score.naive_wape == pytest.approx(reference["ec10.wape_naive"], abs=1e-6)
    assert score.value_added == pytest.approx(reference["ec10.fva_ours"], abs=1e-6)
    gap = plan_gap(pd.Series([100, 100, 100]), pd.Series([110, 160, 100]))
    assert " / ".join(f"{g:.4f}" for g in gap) == reference["ec10.plan_gap"]
    assert " / ".join("yes" if g > 0.2 else "no" for g in gap) == reference["ec10.exceptions_at_20pct"]


def test_ec11_replenishment(reference: dict[str, Any]) -> None:
    assert replenish(40 * 3, 30, 50, 20) == reference["ec11.replenish_raw"]
    assert replenish(40 * 3, 30, 50, 20, 24) == reference["ec11.replenish_packs_of_24"]
    assert replenish(0, 0, 500, 0, 24) == 0


def test_ec12_trust(reference: dict[str, Any]) -> None:
    trust = trust_index({"promise_keeping": (0.9, 20), "response_reliability": (0.8, 20), "complaint_recovery": (0.5, 20)})
    assert trust.index == pytest.approx(reference["ec12.trust_index"], abs=1e-4)
    assert trust.coverage == pytest.approx(reference["ec12.trust_coverage"])
    assert trust.left_out == ("document_accuracy",)
    with pytest.raises(NoData):
        trust_index({"response_reliability": (0.8, 20), "promise_keeping": (0.9, 4)})


def test_kaplan_meier_by_hand() -> None:
    survival = kaplan_meier(pd.Series([1, 2, 2, 3, 4]), pd.Series([True, True, False, True, False]))
    assert survival.to_dict() == pytest.approx({1.0: 0.8, 2.0: 0.6, 3.0: 0.3})
    assert happened_by(survival, 2.5) == pytest.approx(0.4)


def test_cohorts_and_overdue() -> None:
    days = pd.DataFrame(
        {
            "customer_id": ["a"] * 6 + ["b"] * 2,
            "day": [
                "2026-01-01",
                "2026-01-11",
                "2026-01-21",
                "2026-01-31",
                "2026-02-10",
                "2026-02-20",
                "2026-02-01",
                "2026-02-15",
            ],
        }
    )
    table = cohorts(days)
    assert table.loc[pd.Period("2026-01"), 0] == 1
    assert table.loc[pd.Period("2026-01"), 1] == 1
    late = overdue(days, date(2026, 3, 20))
    assert late.loc["a", "risk"] == "high"
    assert bool(late.loc["a", "own_rhythm"])
    assert not late.loc["b", "own_rhythm"]


def test_rfm_does_not_depend_on_row_order_and_handles_one_customer() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "last_order": [date(2026, 1, d) for d in (1, 5, 9, 20, 30)],
            "orders": [1, 1, 3, 8, 20],
            "revenue": [10.0, 10.0, 50.0, 900.0, 5000.0],
        }
    )
    here = rfm(rows, date(2026, 1, 31))
    assert here.equals(rfm(rows.iloc[::-1], date(2026, 1, 31)))
    assert here.set_index("customer_id").loc["e", "segment"] == "champions"
    assert len(rfm(rows.head(1), date(2026, 1, 31))) == 1
    assert rfm(rows.head(0), date(2026, 1, 31)).empty


def test_two_plain_groups_are_found() -> None:
    draw = np.random.default_rng(3)
    small, large = draw.normal(2, 0.2, (40, 2)), draw.normal(7, 0.2, (40, 2))
    values = np.expm1(np.vstack([small, large]))
    rows = pd.DataFrame({"customer_id": [f"c{i:02}" for i in range(80)], "orders": values[:, 0], "revenue": values[:, 1]})
    found = cluster(rows, ["orders", "revenue"], refits=10)
    assert found.k == 2
    assert found.profile["customers"].tolist() == [40, 40]
    assert found.profile.loc[1, "revenue"] > found.profile.loc[2, "revenue"]
    assert match_labels(found.labels, 3 - found.labels) == {1: 2, 2: 1}
    assert migration(found.labels, found.labels).to_numpy().sum() == 80
