"""Imports as a user runs them: the hand-made cases from files to figures, and imports that are cut off."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from integrations.demo import generate
from knowledge.schema import TABLES
from knowledge.tables import Store
from tests.support import DATA

COMMAND = [sys.executable, "-c", "from integrations.cli import main; main()"]
Rows = list[dict[str, Any]]


def rapport(*arguments: str, home: Path) -> Any:
    result = subprocess.run(
        [*COMMAND, *arguments, "--workspace", str(home), "--json"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def write(folder: Path, tables: dict[str, Rows]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(c for row in rows for c in row))
        with (folder / f"{name}.csv").open("w", newline="") as file:
            made = csv.DictWriter(file, columns)
            made.writeheader()
            made.writerows(rows)
    return folder


BASE: dict[str, Rows] = {
    "customers": [{"customer_id": "C1", "name": "Acme"}],
    "products": [{"product_id": "P", "name": "Pallet"}],
}


def ec1() -> dict[str, Rows]:
    """Lines (ordered, first shipment, price) of four orders, promised and delivered on one day."""
    wanted = [("O1", 10, 10, 5), ("O1", 4, 4, 20), ("O2", 100, 60, 1), ("O2", 1, 1, 50), ("O3", 6, 0, 10), ("O4", 2, 2, 100)]
    return BASE | {
        "orders": [order(f"O{i}", "2026-01-05") for i in (1, 2, 3, 4)],
        "order_lines": [
            {"order_id": o, "line": n, "product_id": "P", "qty_ordered": q, "qty_shipped_first": f, "unit_price": p}
            for n, (o, q, f, p) in enumerate(wanted, 1)
        ],
    }


def ec2() -> dict[str, Rows]:
    """Ten orders: 1 and 2 late, 2 and 3 short, 4 damaged, 2 billed wrong."""
    lines = [
        {"order_id": f"O{i}", "line": 1, "product_id": "P", "qty_ordered": 2, "unit_price": 1, "qty_delivered": 1 if i in (2, 3) else 2,
         "is_damaged": i == 4, "invoice_ok": i != 2}
        for i in range(1, 11)
    ]  # fmt: skip
    return BASE | {
        "orders": [order(f"O{i}", "2026-01-06" if i in (1, 2) else "2026-01-05") for i in range(1, 11)],
        "order_lines": lines,
    }


def ec3() -> dict[str, Rows]:
    """Days against promise -4, -2, 0, 0, +1, +3, and an open order past due."""
    made = [order(f"O{n}", f"2026-01-{5 + d:02d}") for n, d in enumerate((-4, -2, 0, 0, 1, 3))]
    return BASE | {"orders": [*made, order("O9", "")]}


def order(identity: str, delivered: str) -> dict[str, Any]:
    return {
        "order_id": identity, "customer_id": "C1", "ordered_at": "2026-01-01T08:00:00Z", "promised_date": "2026-01-05",
        "status": "delivered" if delivered else "open", "delivered_at": f"{delivered}T17:00:00Z" if delivered else "",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (ec1, {"fill_rate": "ec1.fill_rate_line", "fill_rate.unit": "ec1.fill_rate_unit", "fill_rate.order": "ec1.fill_rate_order",
               "fill_rate.value": "ec1.fill_rate_value"}),
        (ec2, {"perfect_order": "ec2.perfect_order_rate", "perfect_order.product": "ec2.perfect_order_product"}),
        (ec3, {"otd": "ec3.otd_no_later_than_promise", "otd.window(1,1)": "ec3.otd_window_minus1_plus1"}),
    ],
)  # fmt: skip
def test_hand_made_cases_from_files_to_figures(tables: Any, expected: dict[str, str], tmp_path: Path) -> None:
    values = json.loads((DATA.parent / "reference_values.json").read_text())
    home = tmp_path / "w"
    report = rapport("import", "--mapping", "canonical", str(write(tmp_path / "files", tables())), home=home)
    assert report["quarantined"] == 0
    assert report["loaded"] == report["rows_in"]
    rapport("build", home=home)
    for metric, key in expected.items():
        figure = rapport("query", metric, home=home)["figures"][0]
        assert figure["value"] == pytest.approx(values[key]["value"], abs=1e-6), metric


def tables_of(home: Path) -> dict[str, pd.DataFrame]:
    """Every table without when and whence its rows came, sorted by key."""
    store = Store(home / "tables")
    return {
        n: store.read(n).select(list(TABLES[n].names)).to_pandas().sort_values(list(TABLES[n].key), ignore_index=True)
        for n in store.names()
    }


@pytest.mark.slow
def test_an_import_killed_at_any_moment_is_whole_after_the_next(tmp_path: Path) -> None:
    source, clean, cut = tmp_path / "company", tmp_path / "clean", tmp_path / "cut"
    generate(source, seed=3, scale=0.05)
    began = time.monotonic()
    first = rapport("import", "--mapping", "canonical", str(source), home=clean)
    whole = time.monotonic() - began
    want = tables_of(clean)
    command = [*COMMAND, "import", "--mapping", "canonical", str(source), "--workspace", str(cut)]
    draw = random.Random(5)
    for part in sorted(draw.uniform(0.3, 1.0) for _ in range(8)):  # ever later: the last ones die while writing
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(part * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
    again = rapport("import", "--mapping", "canonical", str(source), home=cut)
    assert (
        again["rows_in"] == first["rows_in"] == again["loaded"] + again["updated"] + again["unchanged"] + again["quarantined"]
    )
    found = tables_of(cut)
    assert found.keys() == want.keys()
    for name, frame in want.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name)
