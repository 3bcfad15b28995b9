"""Databases as sources: named tables, queries, canonical tables, and what is said when something is wrong."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from knowledge import databases
from knowledge.errors import BadInput, Unavailable
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.tables import Store

MAPPING = """
name: shop
settings: {currency: EUR}
files:
  - match: kunden
    tables: [{table: customers, columns: {customer_id: nr, name: firma}}]
  - file: {query: "SELECT b.nr, b.kunde, b.am, sum(p.menge) AS menge FROM bestellung b JOIN posten p ON p.best = b.nr GROUP BY b.nr ORDER BY b.nr"}
    tables:
    - table: orders
      columns: {order_id: nr, customer_id: kunde, ordered_at: am, status: {value: open}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> str:
    base = sqlite3.connect(tmp_path / "shop.db")
    base.executescript("""
        CREATE TABLE kunden (nr INTEGER PRIMARY KEY, firma TEXT, rabatt REAL);
        CREATE TABLE bestellung (nr TEXT, kunde INTEGER, am TEXT);
        CREATE TABLE posten (best TEXT, menge NUMERIC);
        CREATE TABLE "customers" (customer_id TEXT, name TEXT, colour TEXT);
        INSERT INTO kunden VALUES (2, 'Zwei GmbH', 0.1), (1, 'Eins AG', NULL);
        INSERT INTO bestellung VALUES ('B1', 1, '2026-01-02 10:00'), ('B2', 9, '2026-01-03'), ('B3', 2, 'bald');
        INSERT INTO posten VALUES ('B1', 3), ('B1', 4), ('B2', 1), ('B3', 1);
        INSERT INTO customers VALUES ('C1', 'Acme', 'red');
    """)
    base.commit()
    base.close()
    return f"sqlite:///{tmp_path / 'shop.db'}"


def test_a_mapping_names_tables_and_queries(shop: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING)
    report = import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [shop])
    assert report.adds_up
    assert (report.rows_in, report.loaded) == (5, 3)
    assert report.reasons == {"unknown `customer_id`": 1, "`ordered_at` is not a time": 1}
    rows = Store(tmp_path / "w" / "tables").read("customers").to_pylist()
    assert [(r["customer_id"], r["name"], r["source_row"]) for r in rows] == [
        ("1", "Eins AG", "kunden:1"),
        ("2", "Zwei GmbH", "kunden:2"),
    ]
    again = import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [shop])
    assert (again.unchanged, again.quarantined) == (3, 2)


def test_canonical_takes_the_tables_it_knows(shop: str, tmp_path: Path) -> None:
    report = import_files(tmp_path / "w", load_mapping("canonical"), [shop])
    assert report.tables["customers"].loaded == report.rows_in == 1
    assert "colour" in report.notes[0]


def test_a_one_table_mapping_names_its_table(shop: str, tmp_path: Path) -> None:
    text = "name: k\ntables: [{table: customers, columns: {customer_id: nr, name: firma}}]\n"
    (tmp_path / "k.yaml").write_text(text)
    with pytest.raises(BadInput, match="names no table"):
        import_files(tmp_path / "w", load_mapping(tmp_path / "k.yaml"), [shop])
    (tmp_path / "k.yaml").write_text(text + "file: {table: kunden}\n")
    assert import_files(tmp_path / "w", load_mapping(tmp_path / "k.yaml"), [shop]).loaded == 2


def test_what_is_wrong_is_said_without_the_password(shop: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no database file"):
        databases.tables("sqlite:///not-there.db")
    with pytest.raises(BadInput, match="address"):
        databases.tables("orakel://x")
    with pytest.raises(BadInput, match="no such column"):
        databases.read(shop, "q", "SELECT nope FROM kunden")
    with pytest.raises(BadInput, match="twice"):
        databases.read(shop, "q", "SELECT nr, nr FROM kunden")
    with pytest.raises((BadInput, Unavailable)) as caught:
        databases.tables("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    assert caught.value.hint
    assert not (tmp_path / "not-there.db").exists()
