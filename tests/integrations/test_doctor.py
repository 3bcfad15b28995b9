"""`rapport doctor` says what is wrong with a workspace and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from integrations.doctor import examine
from tests.support import workspace


def told(home: Path) -> str:
    return "\n".join(f"{f.state} {f.what} {f.todo}" for f in examine(home))


def test_a_whole_company_has_nothing_wrong(company: Path) -> None:
    assert {f.state for f in examine(company)} == {"ok"}


def test_no_workspace_is_a_note_with_what_to_do(tmp_path: Path) -> None:
    assert "`rapport demo`" in told(tmp_path / "nowhere")


def test_what_is_wrong_with_the_data_is_counted(tmp_path: Path) -> None:
    at = pd.Timestamp("2026-01-05", tz="UTC")
    orders = [
        {"order_id": "O1", "ordered_at": at, "delivered_at": at - pd.Timedelta(days=1), "status": "delivered"},
        {"order_id": "O2", "ordered_at": at, "status": "open"},
    ]
    frames = {
        "customers": pd.DataFrame({"customer_id": ["C1"], "name": ["Acme"]}),
        "products": pd.DataFrame({"product_id": ["P"], "name": ["Pallet"], "unit_cost": [None]}),
        "orders": pd.DataFrame(orders).assign(customer_id="C1"),
        "order_lines": pd.DataFrame([{"order_id": "O1", "line": 1, "product_id": "P", "qty_ordered": 1, "unit_price": 0}]),
        "feedback": pd.DataFrame([{"feedback_id": "F1", "at": at, "channel": "survey", "text": "late"}]),
    }
    said = told(workspace(tmp_path, frames, "2026-01-31"))
    for expected in (
        "1 of 2 orders have times out of order",
        "All 2 orders have neither a promised nor a requested date",
        "1 of 2 orders have no line",
        "All 1 order lines have the price 0",
        "All 1 articles have no cost",
        "All 1 comments name no customer",
        "The data end",
    ):
        assert expected in said, expected


def test_lost_files_and_a_bad_setting_are_wrong(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    next((home / "tables" / "orders").glob("*.parquet")).unlink()
    (home / "rapport.toml").write_text('zone = "Middle/Earth"\n')
    wrong = [f for f in examine(home) if f.state == "wrong"]
    assert any("zone" in f.what for f in wrong)
    assert any("`orders`: 1 of its files are missing or damaged" in f.what for f in wrong)
    assert all(f.todo for f in wrong)
