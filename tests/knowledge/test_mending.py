"""The quarantine as a workbench: rows go out, are mended, come in again; nothing is lost and nothing else changes."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from knowledge import quarantine
from knowledge.errors import BadInput, NoData
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.mending import export, retry
from knowledge.tables import Store

INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,10001,Bolt,5,2011-01-05 10:00,2.5,17850.0,United Kingdom
1,10002,Nut,five,2011-01-05 10:00,1.5,17850.0,United Kingdom
1,10003,"Ring, small",7,2011-01-05 10:00,1.0,17850.0,United Kingdom
2,10001,Bolt,2,2011-01-06 10:00,2.5,,France
3,POST,Postage,1,2011-01-06 10:00,4.0,17851.0,France
"""
TWO = """name: two
files:
  - match: "people*"
    lookup: people
    tables: [{table: customers, per: [grp], columns: {customer_id: grp, name: grp}}]
  - match: "orders*"
    derive: {buyer: "(SELECT any_value(p.grp) FROM people p WHERE p.id = this.person)"}
    tables: [{table: orders, columns: {order_id: id, customer_id: buyer, ordered_at: day, status: {value: open}}}]
"""


def table(home: Path, name: str, *columns: str) -> list[tuple[object, ...]]:
    rows = Store(home / "tables").read(name).select(list(columns)).to_pylist()
    return sorted((tuple(str(r[c]) for c in columns) for r in rows), key=str)


def mend(path: Path, **by_reason: dict[str, str]) -> None:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column, changes in by_reason.items():
        frame[column] = [changes.get(v, v) for v in frame[column]]
    frame.to_csv(path, index=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "invoices.csv").write_text(INVOICES)
    report = import_files(tmp_path / "w", load_mapping("online-retail"), [tmp_path / "invoices.csv"])
    assert (report.loaded, report.quarantined) == (2, 3)
    return tmp_path / "w"


def test_rows_go_out_with_their_original_values(home: Path, tmp_path: Path) -> None:
    assert export(home, tmp_path / "out.csv") == 3
    frame = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert frame["quarantine_reason"].tolist() == ["no `qty_ordered`", "Q2_no_customer", "Q3_not_goods"]
    assert frame.loc[0, ["InvoiceNo", "StockCode", "Quantity", "CustomerID"]].tolist() == ["1", "10002", "five", "17850.0"]
    assert export(home, tmp_path / "one.csv", reason="Q3_not_goods") == 1
    with pytest.raises(NoData):
        export(home, tmp_path / "none.csv", source="other.csv")


def test_mended_rows_load_and_leave_the_others_as_they_are(home: Path, tmp_path: Path) -> None:
    before = table(home, "order_lines", "order_id", "line", "product_id", "qty_ordered")
    export(home, tmp_path / "out.csv")
    mend(tmp_path / "out.csv", Quantity={"five": "5"}, CustomerID={"": "17850.0"})
    report = retry(home, tmp_path / "out.csv")
    assert report.adds_up
    assert (report.rows_in, report.loaded, report.quarantined) == (3, 2, 1)
    assert report.set_aside == {"Q3_not_goods": 1}
    after = table(home, "order_lines", "order_id", "line", "product_id", "qty_ordered")
    assert set(before) < set(after)
    assert ("1", "2", "10002", "5.000000") in after  # its line number is the one it has in the whole file
    assert table(home, "customers", "customer_id", "country") == [
        ("17850", "United Kingdom")
    ]  # France of one row changes nothing
    assert table(home, "orders", "order_id", "customer_id") == [("1", "17850"), ("2", "17850")]
    assert [r["reason"] for r in quarantine.rows(home)] == ["Q3_not_goods"]
    rows = {r["source_row"] for r in Store(home / "tables").read("order_lines").to_pylist()}
    assert rows == {"invoices.csv:1", "invoices.csv:2", "invoices.csv:3", "invoices.csv:4"}
    frame = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    frame[frame["quarantine_reason"] != "Q3_not_goods"].to_csv(tmp_path / "out.csv", index=False)
    with pytest.raises(NoData, match="any more"):
        retry(home, tmp_path / "out.csv")


def test_only_the_rows_of_the_file_are_tried(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "one.csv", reason="Q2_no_customer")
    mend(tmp_path / "one.csv", CustomerID={"": "9"})
    assert retry(home, tmp_path / "one.csv").loaded == 1
    assert sum(r["rows"] for r in quarantine.summary(home)) == 2
    again = retry(home)
    assert (again.rows_in, again.loaded, again.quarantined) == (2, 0, 2)
    assert sum(r["rows"] for r in quarantine.summary(home)) == 2


def test_a_file_that_is_no_export_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="quarantine_id"):
        retry(home, tmp_path / "x.csv")
    export(home, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines(keepends=True)
    (tmp_path / "out.csv").write_text("".join([*lines, lines[-1]]))
    with pytest.raises(BadInput, match="twice"):
        retry(home, tmp_path / "out.csv")
    with pytest.raises(NoData):
        retry(tmp_path / "empty")


def test_what_was_referred_to_has_come_since(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "order_id,customer_id,ordered_at,status\nO1,C1,2026-01-01,open\nO2,C2,2026-01-01,open\n"
    )
    (tmp_path / "customers.csv").write_text("customer_id,name\nC1,Acme\n")
    home = tmp_path / "w"

    def load(name: str) -> ImportReport:
        return import_files(home, load_mapping("canonical"), [tmp_path / name])

    assert load("orders.csv").quarantined == 2
    load("customers.csv")
    report = retry(home)
    assert (report.loaded, report.reasons) == (1, {"unknown `customer_id`": 1})
    assert table(home, "orders", "order_id", "source_row") == [("O1", "orders.csv:1")]


def test_a_row_from_before_does_not_undo_a_newer_one(tmp_path: Path) -> None:
    head = "order_id,customer_id,ordered_at,status\n"
    for name, row in {
        "old": "O1,C1,2026-01-01,open",
        "new": "O1,C2,2026-01-01,delivered",
        "newest": "O1,C3,2026-01-01,cancelled",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.csv").write_text(head + row + "\n")
    (tmp_path / "customers.csv").write_text("customer_id,name\nC2,Acme\n")
    home, mapping = tmp_path / "w", load_mapping("canonical")
    (tmp_path / "old" / "orders.csv").rename(tmp_path / "old" / "orders.jan.csv")
    (tmp_path / "newest" / "orders.csv").rename(tmp_path / "newest" / "orders.mar.csv")
    import_files(home, mapping, [tmp_path / "old" / "orders.jan.csv", tmp_path / "customers.csv"])
    import_files(home, mapping, [tmp_path / "new" / "orders.csv"])
    time.sleep(1.1)  # imports are told apart by the second
    import_files(home, mapping, [tmp_path / "newest" / "orders.mar.csv"])
    (tmp_path / "customers.csv").write_text("customer_id,name\nC1,Old\nC3,New\n")
    import_files(home, mapping, [tmp_path / "customers.csv"])
    report = retry(home)
    assert (report.rows_in, report.quarantined) == (2, 0)
    assert table(home, "orders", "order_id", "customer_id", "status") == [("O1", "C3", "cancelled")]


def test_lookups_are_remembered(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(TWO)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "people.csv").write_text("id,grp\n1,A\n2,A\n3,B\n")
    (tmp_path / "s" / "orders.csv").write_text("id,person,day\nO1,2,2026-01-01\nO2,3,soon\nO3,7,2026-01-01\n")
    report = import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [tmp_path / "s"])
    assert (report.rows_in, report.loaded, report.quarantined) == (6, 4, 2)
    export(tmp_path / "w", tmp_path / "out.csv")
    mend(tmp_path / "out.csv", day={"soon": "2026-02-01"}, person={"7": "1"})
    assert retry(tmp_path / "w", tmp_path / "out.csv").loaded == 2
    assert table(tmp_path / "w", "orders", "order_id", "customer_id") == [("O1", "A"), ("O2", "B"), ("O3", "A")]
    assert quarantine.summary(tmp_path / "w") == []
