"""The small cases of service figures and of companies without spread: counted by hand, refused with the reason, or sane."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from integrations.build import build
from integrations.settings import load
from knowledge.access import Reader, Scope
from knowledge.errors import NoData
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current
from tests.integrations.test_cases_connectors import case, needs_cases

pytestmark = [pytest.mark.slow, needs_cases]


def built(home: Path, number: str) -> Reader:
    import_files(home, load_mapping("canonical"), [case(number)])
    build(home, load(home))
    snapshot = current(home)
    assert snapshot is not None
    return Reader(home, snapshot, Scope.of_role("admin"))


def value(reader: Reader, metric: str) -> float:
    return float(run(MetricQuery(metric), reader).figures[0].value)


def test_17_service_figures_are_those_counted_by_hand(tmp_path: Path) -> None:
    reader = built(tmp_path, "17")
    found = {m: round(value(reader, m), 4) for m in ("otd", "otd.requested", "otif", "in_full", "fill_rate.unit")}
    assert found == {"otd": 0.5714, "otd.requested": 0.5714, "otif": 0.4286, "in_full": 0.7143, "fill_rate.unit": 0.8133}
    assert round(value(reader, "fill_rate"), 4) in (0.75, 0.7778)


@pytest.mark.parametrize("number", ["20", "21"])
def test_nothing_that_repeats_is_refused_with_the_reason(number: str, tmp_path: Path) -> None:
    reader = built(tmp_path, number)
    for metric in ("clv", "p_alive", "expected_orders_90d", "expected_order_value"):
        with pytest.raises(NoData, match="0 of them repeat buyers"):
            value(reader, metric)
    assert value(reader, "repeat_rate") == 0.0


def test_23_clockwork_buyers(tmp_path: Path) -> None:
    reader = built(tmp_path, "23")
    assert 170 <= value(reader, "expected_orders_90d") <= 190
    assert value(reader, "expected_order_value") == pytest.approx(50.0, abs=0.01)
    model = reader.frame("customer_model").set_index("customer_id")
    assert set(model["churn_risk"]) == {"low"}
    last = reader.frame("customer_facts").set_index("customer_id")["last_order"]
    assert (pd.to_datetime(model["next_order_date"]) - pd.to_datetime(last)).dt.days.eq(30).all()


def test_24_a_whale_among_one_timers(tmp_path: Path) -> None:
    reader = built(tmp_path, "24")
    model = reader.frame("customer_model").set_index("customer_id")
    assert 85 <= model.loc["C00", "expected_orders_90d"] <= 90
    with pytest.raises(NoData, match="too few came back"):
        value(reader, "expected_order_value")
    notes = reader.frame("model_notes").set_index("model")["sentence"]
    assert "One customer makes 99.9%" in notes["clv"]
