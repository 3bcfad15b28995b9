"""Events that cannot be at their time: said by the import and by `doctor` with row, column and cause, and in no figure of punctuality."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.doctor import examine
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.suggest import suggest
from tests.support import of_imported

END = datetime(2025, 12, 31, tzinfo=UTC)
HEAD = "Order No,Order Date,Customer No,SKU,Qty,Price,Promised Date,Shipped Date,Delivered Date\n"


def day(number: int, month: int = 3) -> str:
    return f"2025-{month:02d}-{number:02d}"


def sound(count: int = 8) -> list[str]:
    return [f"O{i},{day(i)},K{i % 3},P1,1,10,{day(i + 5)},{day(i + 2)},{day(i + 4)}" for i in range(1, count + 1)]


def imported(folder: Path, rows: list[str], head: str = HEAD) -> ImportReport:
    file = folder / "export.csv"
    file.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "m.yaml").write_text(suggest(file).yaml, encoding="utf-8")
    return import_files(folder / "w", load_mapping(folder / "m.yaml"), [file])


def said(report: ImportReport, *words: str) -> bool:
    return any(all(w in n for w in words) for n in report.notes)


def test_a_delivery_ten_years_before_its_order_is_said_and_is_not_on_time(tmp_path: Path) -> None:
    report = imported(tmp_path, [*sound(), "O9,2025-03-09,K1,P1,1,10,2025-03-14,2025-03-11,2015-03-13"])
    assert said(report, "export.csv:9", "O9", "`delivered_at`", "13 Mar 2015", "before", "`ordered_at`", "9 Mar 2025")
    reader = of_imported(tmp_path / "w", END)
    otd = run(MetricQuery("otd"), reader)
    assert (otd.figures[0].numerator, otd.figures[0].denominator, otd.unmeasured) == (8, 8, 1)
    assert run(MetricQuery("revenue"), reader).figures[0].value == 90
    told = "\n".join(f"{f.state} {f.what}" for f in examine(tmp_path / "w"))
    assert "O9" in told
    assert "13 Mar 2015" in told


def test_hours_that_are_out_of_order_are_no_fault(tmp_path: Path) -> None:
    report = imported(tmp_path, ["O9,2025-03-09 14:00,K1,P1,1,10,2025-03-14,2025-03-09 11:00,2025-03-09 09:00"])
    assert not said(report, "before")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("O9,2025-03-09,K1,P1,1,10,2025-03-14,2024-03-11,2025-03-13", ("`shipped_at`", "11 Mar 2024", "before", "`ordered_at`")),
        ("O9,2025-03-09,K1,P1,1,10,2015-03-14,2025-03-11,2025-03-13", ("`promised_date`", "14 Mar 2015", "before", "`ordered_at`")),
        ("O9,2015-03-09,K1,P1,1,10,2025-03-14,2025-03-11,2025-03-13", ("`ordered_at`", "9 Mar 2015", "`delivered_at`", "13 Mar 2025", "apart")),
        ("O9,2024-03-09,K1,P1,1,10,,,", ("`ordered_at`", "9 Mar 2024", "far before all others")),
    ],
)  # fmt: skip
def test_a_mistyped_year_is_said_with_its_row(row: str, words: tuple[str, ...], tmp_path: Path) -> None:
    report = imported(tmp_path, [*sound(), row])
    assert said(report, "export.csv:9", "O9", *words), report.notes
    told = "\n".join(f.what for f in examine(tmp_path / "w"))
    assert all(w in told for w in words), told


def test_a_promise_years_before_its_order_decides_nothing(tmp_path: Path) -> None:
    imported(tmp_path, [*sound(), "O9,2025-03-09,K1,P1,1,10,2015-03-14,2025-03-11,2025-03-13"])
    otd = run(MetricQuery("otd"), of_imported(tmp_path / "w", END)).figures[0]
    assert (otd.numerator, otd.denominator) == (8, 8)


def test_what_was_never_promised_is_not_late(tmp_path: Path) -> None:
    imported(tmp_path, [*sound(), "O9,2025-03-09,K1,P1,1,10,,2025-03-11,2025-03-13"])
    otd = run(MetricQuery("otd"), of_imported(tmp_path / "w", END))
    assert (otd.figures[0].value, otd.figures[0].denominator, otd.unmeasured) == (1, 8, 1)


@pytest.mark.parametrize("when", ["1025-03-09", "1970-01-01", "2925-03-09"])
def test_a_day_centuries_away_keeps_its_row_out(when: str, tmp_path: Path) -> None:
    report = imported(tmp_path, [*sound(), f"O9,{when},K1,P1,1,10,2025-03-14,2025-03-11,2025-03-13"])
    assert any("`ordered_at` is before 1971 or after 2100" in r for r in report.reasons), report.reasons


def test_a_return_before_its_order_is_said(tmp_path: Path) -> None:
    for name, text in {
        "customers.csv": "customer_id,name\nK1,Fjord\n",
        "products.csv": "product_id,name\nP1,Cup\n",
        "orders.csv": "order_id,customer_id,ordered_at,status\nO1,K1,2025-03-09,delivered\n",
        "order_lines.csv": "order_id,line,product_id,qty_ordered,unit_price\nO1,1,P1,2,5\n",
        "returns.csv": "return_id,order_id,customer_id,qty,value,requested_at\nR1,O1,K1,1,5,2024-03-12\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = import_files(tmp_path / "w", load_mapping("canonical"), sorted(tmp_path.glob("*.csv")))
    assert said(report, "returns.csv:1", "R1", "`requested_at`", "12 Mar 2024", "before", "`ordered_at` of its order")
    assert json.dumps(report.as_dict())


def test_where_many_are_out_of_order_the_cause_is_named(tmp_path: Path) -> None:
    rows = [f"O{i},{day(i, 6)},K1,P1,1,10,,,{day(i, 3)}" for i in range(1, 11)]
    assert said(imported(tmp_path, rows), "10 of 10", "exchanged")
