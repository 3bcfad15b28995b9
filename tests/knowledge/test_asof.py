"""Which events lie alone, and which are only late."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.asof import _without_far


def days(*given: str) -> np.ndarray:
    return np.array(given, dtype="datetime64[us]")


DAILY = [str(d) for d in np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]")]
MONTHLY = [f"2025-{m:02}-01" for m in range(1, 13)]


@pytest.mark.parametrize(("late", "alone"), [("2062-01-05", True), ("2027-01-05", True), ("2026-04-20", False)])
def test_one_event_far_after_daily_ones(late: str, alone: bool) -> None:
    latest, far = _without_far("orders", {"ordered_at": days(*DAILY, late)})
    assert bool(far) == alone
    assert str(latest)[:10] == ("2026-02-28" if alone else late)


def test_monthly_events_with_a_pause_are_no_typing_error() -> None:
    latest, far = _without_far("orders", {"ordered_at": days(*MONTHLY, "2026-09-01")})
    assert (str(latest)[:10], far) == ("2026-09-01", [])


def test_a_second_cluster_is_data() -> None:
    later = [str(d) for d in np.arange("2027-06-01", "2027-07-01", dtype="datetime64[D]")]
    latest, far = _without_far("orders", {"ordered_at": days(*DAILY, *later)})
    assert (str(latest)[:10], far) == ("2027-06-30", [])
