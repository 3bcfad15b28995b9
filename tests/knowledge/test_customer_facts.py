from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from knowledge.access import Reader, Scope
from knowledge.models.customer_facts import TYPES, customer_facts
from knowledge.tables import Store
from tests.support import reader, workspace

CUSTOMERS = pd.DataFrame({"customer_id": ["C2", "C1", "C3", "C4"], "name": ["Two", "One", "Three", "Four"]})


def order(number: int, customer: str, day: str, status: str = "delivered") -> dict[str, object]:
    return {"order_id": f"O{number}", "customer_id": customer, "ordered_at": pd.Timestamp(day, tz="UTC"), "status": status}


ORDERS = [
    *(order(i, "C1", f"2025-01-{d:02d}T10:00") for i, d in enumerate((1, 3, 7, 8, 18))),
    order(5, "C1", "2025-01-18T20:00"),
    order(6, "C1", "2025-01-25", "cancelled"),
    order(7, "C2", "2025-01-10"),
    order(8, "C2", "2025-01-20"),
    order(9, "C4", "2025-02-03"),  # after the as-of
]
LINES = pd.DataFrame(
    {
        "order_id": [o["order_id"] for o in ORDERS],
        "line": 1,
        "product_id": "P",
        "qty_ordered": [3, 1, 1, 1, 1, 1, 100, 2, 1, 9],
        "unit_price": [0.335, 10, 10, 10, 10, 10, 99, 7.5, 1, 9],
        "discount": [None, 1, None, None, None, None, None, None, None, None],
    }
)


def frames() -> dict[str, pd.DataFrame]:
    return {
        "customers": CUSTOMERS,
        "products": pd.DataFrame({"product_id": ["P"], "name": ["Part"]}),
        "orders": pd.DataFrame(ORDERS),
        "order_lines": LINES,
        "returns": pd.DataFrame(
            {"return_id": ["R1"], "customer_id": "C2", "qty": 1, "value": 7.5, "requested_at": pd.Timestamp("2025-01-25", tz="UTC")}
        ),
        "interactions": pd.DataFrame(
            {"interaction_id": ["I1", "I2"], "customer_id": "C3", "at": pd.to_datetime(["2025-01-05", "2025-01-09"], utc=True), "channel": "email"}
        ),
        "feedback": pd.DataFrame(
            {"feedback_id": ["F1", "F2", "F3"], "customer_id": ["C1", "C1", None], "at": pd.Timestamp("2025-01-20", tz="UTC"), "channel": "web"}
        ),
    }  # fmt: skip


SEGMENTS = pa.table(
    {
        "feedback_id": ["F1", "F1", "F2", "F3"],
        "theme_id": pa.array([None] * 4, pa.string()),
        "aspect": pa.array([None] * 4, pa.string()),
        "sentiment": [1, -1, -1, 1],
    }
)


def facts(root: Path, tables: dict[str, pd.DataFrame], derived: dict[str, pa.Table] | None = None) -> pd.DataFrame:
    return customer_facts(reader(workspace(root, tables, "2025-01-31", derived))).set_index("customer_id")


def test_by_hand(tmp_path: Path) -> None:
    found = facts(tmp_path, frames(), {"feedback_segments": SEGMENTS})
    assert list(found.index) == ["C1", "C2", "C3", "C4"]
    one = found.loc["C1"]
    assert (str(one["first_order"]), str(one["last_order"])) == ("2025-01-01", "2025-01-18")
    assert (one["orders"], one["order_days"], one["recency_days"], one["tenure_days"]) == (6, 5, 14, 30)
    assert one["revenue"] == 50.01  # 3 x 0.335 = 1.005 is summed as a decimal before it is rounded
    assert (one["net_revenue"], one["returns_value"], one["aov"]) == (50.01, 0.0, 8.33)  # 50.005 / 6
    assert (one["median_gap_days"], one["p90_gap_days"]) == (3.0, 8.2)  # gaps 2, 4, 1, 10
    assert one["overdue_ratio"] == round(13 / 8.2, 4)
    assert (one["comments"], one["mean_sentiment"]) == (2, round(-1 / 3, 4))
    assert pd.isna(one["last_touch"])
    two = found.loc["C2"]
    assert (two["revenue"], two["returns_value"], two["net_revenue"], two["aov"]) == (16.0, 7.5, 8.5, 8.0)
    assert (two["recency_days"], two["median_gap_days"], two["comments"]) == (12, 10.0, 0)
    assert two["overdue_ratio"] == 1.1  # one gap only, so its segment's p90: 10 days
    assert (two["R"], two["F"], two["M"], two["rfm_segment"]) == (3, 3, 3, "promising")
    assert (one["R"], one["F"], one["M"], one["rfm_segment"]) == (1, 5, 5, "at_risk")
    assert found.loc["C3", "last_touch"] == pd.Timestamp("2025-01-09", tz="UTC")
    for nobody in ("C3", "C4"):
        row = found.loc[nobody]
        assert (row["orders"], row["revenue"], row["net_revenue"]) == (0, 0.0, 0.0)
        assert row[["first_order", "recency_days", "tenure_days", "aov", "overdue_ratio", "R", "rfm_segment"]].isna().all()


def test_row_order_does_not_matter(tmp_path: Path) -> None:
    turned = {n: f.iloc[::-1] for n, f in frames().items()}
    pd.testing.assert_frame_equal(facts(tmp_path / "a", frames()), facts(tmp_path / "b", turned))


@pytest.mark.parametrize("kept", [(), ("customers",), ("customers", "orders"), ("customers", "feedback", "returns")])
def test_what_was_never_loaded_is_null_and_the_types_stay(tmp_path: Path, kept: tuple[str, ...]) -> None:
    tables = {n: f for n, f in frames().items() if n in kept}
    found = customer_facts(reader(workspace(tmp_path, tables, "2025-01-31")))
    assert (
        found.dtypes.astype(str).to_dict()
        == pd.DataFrame({n: pd.Series(dtype=t) for n, t in TYPES.items()}).dtypes.astype(str).to_dict()
    )
    assert len(found) == (4 if kept else 0)
    assert found["revenue"].isna().all()
    assert found["orders"].notna().all() == ("orders" in kept or not kept)
    Store(tmp_path / "tables").replace("customer_facts", pa.Table.from_pandas(found, preserve_index=False))


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    tables = frames() | {"orders": pd.DataFrame([order(0, "C1", "2025-01-01T23:30")])}
    opened = reader(workspace(tmp_path, tables, "2025-01-31"))
    opened.snapshot.facts["zone"] = "Europe/Berlin"
    there = Reader(opened.workspace, opened.snapshot, opened.scope)
    row = customer_facts(there).set_index("customer_id").loc["C1"]
    assert str(row["first_order"]) == "2025-01-02"
    assert row["recency_days"] == 31  # as of 2025-02-01 in Berlin


def test_a_limited_reader_sees_own_customers(tmp_path: Path) -> None:
    root = workspace(tmp_path, frames(), "2025-01-31")
    found = customer_facts(reader(root, Scope("Ann", "rep", frozenset({"C2"}), frozenset({"open"}))))
    assert found["customer_id"].tolist() == ["C2"]


def test_it_is_quick(tmp_path: Path) -> None:
    n, each = 20_000, 4
    customers = pd.DataFrame({"customer_id": [f"C{i}" for i in range(n // each)], "name": "x"})
    days = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta([i * 37 % 365 for i in range(n)], unit="D")
    orders = pd.DataFrame(
        {"order_id": [f"O{i}" for i in range(n)], "customer_id": [f"C{i // each}" for i in range(n)], "ordered_at": days}
    ).assign(status="delivered")
    lines = pd.DataFrame({"order_id": orders["order_id"], "line": 1, "product_id": "P", "qty_ordered": 1, "unit_price": 1})
    opened = reader(workspace(tmp_path, {"customers": customers, "orders": orders, "order_lines": lines}, "2025-01-31"))
    start = time.perf_counter()
    assert len(customer_facts(opened)) == n // each
    assert time.perf_counter() - start < 5
