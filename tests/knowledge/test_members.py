"""Members of a dimension as one reader sees them: those of some accounts are what their own rows name, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from knowledge.access import Reader, Scope
from knowledge.errors import Ambiguous, UnknownName
from knowledge.kept_results import KeptResults
from knowledge.members import resolved
from knowledge.query import members
from knowledge.records import Filter, MetricQuery
from knowledge.snapshot import current
from tests.support import workspace

SOME = Scope("Rita", "rep", frozenset({"C1", "C2"}), frozenset({"open"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    customers = pd.DataFrame(
        {
            "customer_id": ["C1", "C2", "C3", "C4"],
            "name": ["Acme", "Bolt", "Cove", "Bolt"],
            "region": ["north", "south", "west", None],
            "parent_id": ["C3", "C1", None, None],
        }
    )
    orders = pd.DataFrame(
        {
            "order_id": ["O1", "O2", "O3"],
            "customer_id": ["C1", "C2", "C3"],
            "carrier": ["DHL", "UPS", "GLS"],
            "status": "delivered",
            "ordered_at": pd.Timestamp("2026-01-02", tz="UTC"),
        }
    )
    return workspace(tmp_path_factory.mktemp("members"), {"customers": customers, "orders": orders}, "2026-03-31")


def reading(home: Path, scope: Scope) -> Reader:
    return Reader(home, current(home), scope)


@pytest.mark.parametrize(
    ("dimension", "seen", "all_"),
    [
        ("customer", [("C1", "Acme"), ("C2", "Bolt")], 4), ("region", [("north", "north"), ("south", "south")], 3),
        ("carrier", [("DHL", "DHL"), ("UPS", "UPS")], 3), ("parent", [("C1", "C1")], 2), ("product", [], 0), ("agent", [], 0),
    ],
)  # fmt: skip
def test_a_reader_of_some_accounts_sees_what_is_theirs(
    home: Path, dimension: str, seen: list[tuple[str, str]], all_: int
) -> None:
    assert members(dimension, reading(home, SOME)) == seen
    assert len(members(dimension, reading(home, Scope.of_role("admin")))) == all_


def test_a_name_is_resolved_or_refused(home: Path) -> None:
    def where(value: str, scope: Scope, dimension: str = "customer") -> tuple[str, ...]:
        return resolved(MetricQuery("orders", where=(Filter(dimension, (value,)),)), reading(home, scope)).where[0].values

    assert where("acme", SOME) == where("c1", SOME) == ("C1",)
    assert where("bolt", SOME) == ("C2",)
    with pytest.raises(Ambiguous):
        where("bolt", Scope.of_role("admin"))
    with pytest.raises(UnknownName) as err:
        where("Cove", SOME)
    assert err.value.nearest == ()
    assert where("NORTH", SOME, "region") == ("north",)


def test_results_are_kept_within_their_room() -> None:
    kept, made = KeptResults(100), []
    for n in range(50):
        kept.get(n, lambda n=n: made.append(n) or [n] * 5, len)
    assert len(made) == 50
    kept.get(49, lambda: made.append(0) or [], len)
    assert len(made) == 50
    kept.get(0, lambda: made.append(0) or [0], len)
    assert len(made) == 51
    for _ in range(2):
        kept.get("large", lambda: made.append(0) or [0] * 90, len)
    assert len(made) == 53
