"""Every reference value by the product itself: the file is read, each of its keys is computed, none is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.knowledge.reference import cdnow, hand_made, olist, retail
from tests.support import DATA

FILE = DATA.parent / "reference_values.json"
REFERENCE: dict[str, dict[str, Any]] = json.loads(FILE.read_text()) if FILE.is_file() else {}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("reference"),
    pytest.mark.skipif(not REFERENCE, reason="the reference values are not here (../shared)"),
]


@pytest.fixture(scope="module")
def got(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for source in (hand_made, cdnow, olist, retail):
        found |= source.values(tmp_path_factory.mktemp("reference"))
    return found


def test_every_key_is_computed(got: dict[str, Any]) -> None:
    assert set(got) == set(REFERENCE)


@pytest.mark.parametrize("key", sorted(REFERENCE))
def test_value(key: str, got: dict[str, Any]) -> None:
    want, tolerance = REFERENCE[key]["value"], REFERENCE[key]["tolerance"]
    if isinstance(want, str | bool) or tolerance is None:
        assert got[key] == want
    else:
        assert float(got[key]) == pytest.approx(want, abs=tolerance or 1e-9)


@pytest.mark.parametrize(
    ("trap", "right"),
    [
        ("or.trap.revenue_if_duplicates_dropped", "or.revenue"), ("or.trap.revenue_all_rows_any_sign", "or.revenue"),
        ("or.trap.mean_of_customer_aov", "or.aov"), ("ol.trap.otd_timestamp_rule", "ol.otd"), ("ec9.trap_mean_of_ratios", "ec9.ratio_of_sums"),
    ],
)  # fmt: skip
def test_no_trap_is_reached(trap: str, right: str, got: dict[str, Any]) -> None:
    assert float(got[right]) != pytest.approx(REFERENCE[trap]["value"], rel=1e-3)
