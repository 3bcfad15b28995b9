"""A course over time has every bucket: nothing happened is 0 for sums and counts, and unknown for everything else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from knowledge.access import Reader
from knowledge.query import run
from knowledge.records import Filter, Grain, MetricQuery
from tests.support import reader, workspace


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Orders in January, March and on the last of May, one customer each; the data ends on 10 June without an order since."""
    days = ["2026-01-05", "2026-03-31", "2026-05-31", "2026-06-10"]
    orders = pd.DataFrame(
        {
            "order_id": [f"O{i}" for i in range(4)],
            "customer_id": ["C1", "C2", "C1", "C2"],
            "ordered_at": pd.to_datetime(days, utc=True),
            "status": "delivered",
        }
    )
    lines = pd.DataFrame(
        {"order_id": orders["order_id"], "line": 1, "product_id": "P", "qty_ordered": 1, "unit_price": [10, 20, 30, 40]}
    )
    frames = {
        "customers": pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["Acme", "Globex"], "region": ["north", "south"]}),
        "products": pd.DataFrame({"product_id": ["P"], "name": ["Bolt"]}),
        "orders": orders,
        "order_lines": lines,
    }
    return reader(workspace(tmp_path_factory.mktemp("gaps"), frames, "2026-06-10"))


def course(metric: str, grain: Grain, of: Reader, **more: object) -> dict[str, object]:
    found = run(MetricQuery(metric, grain=grain, **more), of)  # type: ignore[arg-type]
    return {f.group[grain]: f.value for f in found.figures}


def test_months_without_an_order_are_zero_for_sums_and_counts(gaps: Reader) -> None:
    revenue = {"2026-01": 10, "2026-02": 0, "2026-03": 20, "2026-04": 0, "2026-05": 30, "2026-06": 40}
    assert course("revenue", "month", gaps) == revenue
    assert course("orders", "month", gaps) == {m: min(v, 1) for m, v in revenue.items()}
    assert list(course("revenue", "quarter", gaps).values()) == [30, 70]


def test_a_customer_s_course_goes_over_the_days_that_the_data_covers(gaps: Reader) -> None:
    where = (Filter("customer", ("C1",)),)
    assert course("revenue", "month", gaps, where=where) == {
        "2026-01": 10, "2026-02": 0, "2026-03": 0, "2026-04": 0, "2026-05": 30, "2026-06": 0,
    }  # fmt: skip


def test_every_group_has_every_bucket(gaps: Reader) -> None:
    found = run(MetricQuery("revenue", ("region",), grain="month"), gaps)
    cells = {(f.group["month"], f.group["region"]): f.value for f in found.figures}
    assert len(cells) == 12
    assert cells[("2026-03", "north")] == 0
    assert sum(float(v or 0) for v in cells.values()) == 100


def test_means_and_rates_of_nothing_stay_unknown(gaps: Reader) -> None:
    assert set(course("aov", "month", gaps)) == {"2026-01", "2026-03", "2026-05", "2026-06"}


@pytest.mark.parametrize(("grain", "count"), [("day", 157), ("week", 23), ("year", 1)])
def test_buckets_follow_each_other_without_a_hole(grain: Grain, count: int, gaps: Reader) -> None:
    assert len(course("orders", grain, gaps)) == count


def test_rows_that_do_not_tell_a_sum_stay_unknown(tmp_path: Path) -> None:
    """A return without a value is not worth nothing; a month without a return is."""
    days = ["2026-01-06", "2026-03-06", "2026-05-06"]
    frames = {
        "customers": pd.DataFrame({"customer_id": ["C1"], "name": ["Acme"]}),
        "products": pd.DataFrame({"product_id": ["P"], "name": ["Bolt"]}),
        "returns": pd.DataFrame({"return_id": ["R1", "R2", "R3"], "customer_id": "C1", "product_id": "P", "requested_at": pd.to_datetime(days, utc=True), "qty": 1, "value": [5.0, None, 7.0]}),
    }  # fmt: skip
    of = reader(workspace(tmp_path, frames, "2026-05-10"))
    assert course("returned_value", "month", of) == {"2026-01": 5, "2026-02": 0, "2026-04": 0, "2026-05": 7}
