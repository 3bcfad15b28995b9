"""Tables that loading tools land: only what is new is read, and what is deleted at the source is removed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from knowledge import quarantine
from knowledge.errors import BadInput
from knowledge.import_log import marks
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.tables import Store

CANONICAL = load_mapping("canonical")


class Source:
    """A database that a loading tool fills."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "landed.db"
        self.url = f"sqlite:///{self.path}"
        self.run("CREATE TABLE customers (customer_id TEXT, name TEXT, _fivetran_deleted BOOLEAN, _fivetran_synced TIMESTAMP)")
        self.run(
            "CREATE TABLE orders (order_id TEXT, customer_id TEXT, ordered_at TEXT, status TEXT, _fivetran_deleted BOOLEAN, _fivetran_synced TIMESTAMP)"
        )
        self.run("INSERT INTO customers VALUES ('C1','Acme',0,'2026-01-01 00:00:00'),('C2','Globex',0,'2026-01-01 00:00:00')")
        self.run(
            "INSERT INTO orders VALUES ('O1','C1','2026-01-01','open',0,'2026-01-01 00:00:00'),('O2','C1','2026-01-02','open',0,'2026-01-02 00:00:00')"
        )

    def run(self, sql: str) -> None:
        with sqlite3.connect(self.path) as base:
            base.executescript(sql)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def ids(home: Path, table: str) -> list[str]:
    rows = Store(home / "tables").read(table).to_pylist()
    return sorted(r[f"{table.removesuffix('s')}_id"] for r in rows)


def test_only_rows_past_what_was_seen_are_read(source: Source, tmp_path: Path) -> None:
    home = tmp_path / "w"
    first = import_files(home, CANONICAL, [source.url], incremental="_fivetran_synced")
    assert (first.rows_in, first.loaded) == (4, 4)
    source.run("INSERT INTO orders VALUES ('O3','C2','2026-01-03','open',0,'2026-01-03 00:00:00')")
    source.run("INSERT INTO orders VALUES ('O4','C2','2026-01-03','open',0,'2026-01-02 00:00:00')")  # of the moment seen last
    source.run("INSERT INTO orders VALUES ('O5','C2','2026-01-03','open',0,NULL)")
    second = import_files(home, CANONICAL, [source.url], incremental="auto")
    assert (second.tables["orders"].loaded, second.tables["orders"].unchanged) == (3, 1)  # O2 is of that moment too
    assert ids(home, "orders") == ["O1", "O2", "O3", "O4", "O5"]
    assert sorted(marks(home).values()) == ["2026-01-01 00:00:00", "2026-01-03 00:00:00"]
    assert import_files(home, CANONICAL, [source.url], incremental="auto", all_rows=True).rows_in == 7


def test_what_is_deleted_at_the_source_goes_unless_others_refer_to_it(source: Source, tmp_path: Path) -> None:
    home = tmp_path / "w"
    import_files(home, CANONICAL, [source.url], incremental="auto")
    source.run("UPDATE customers SET _fivetran_deleted = 1, _fivetran_synced = '2026-02-01 00:00:00'")
    source.run("UPDATE orders SET _fivetran_deleted = 1, _fivetran_synced = '2026-02-01 00:00:00' WHERE order_id = 'O2'")
    report = import_files(home, CANONICAL, [source.url], incremental="auto")
    assert report.adds_up
    assert report.set_aside == {"deleted": 3}
    assert report.notes[-2:] == (
        "customers: 1 removed that the source has deleted; 1 kept, since other rows refer to it.",
        "orders: 1 removed that the source has deleted.",
    )
    assert (ids(home, "customers"), ids(home, "orders")) == (["C1"], ["O1"])
    source.run("UPDATE orders SET _fivetran_deleted = 0, _fivetran_synced = '2026-03-01 00:00:00' WHERE order_id = 'O2'")
    import_files(home, CANONICAL, [source.url], incremental="auto")
    assert ids(home, "orders") == ["O1", "O2"]


@pytest.mark.parametrize(
    ("column", "gone", "there"),
    [
        ("_fivetran_active", "0", "1"),
        ("_ab_cdc_deleted_at", "'2026-01-05T00:00:00Z'", "NULL"),
        ("_dlt_valid_to", "'2026-01-05'", "NULL"),
    ],
)
def test_each_loading_tool_says_it_in_its_own_column(column: str, gone: str, there: str, tmp_path: Path) -> None:
    path = tmp_path / "landed.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            f"CREATE TABLE customers (customer_id TEXT, name TEXT, {column} TEXT);"
            f"INSERT INTO customers VALUES ('C1','Acme',{there}),('C2','Globex',{gone}),('C3','Old name',{gone}),('C3','New name',{there});"
        )
    import_files(tmp_path / "w", CANONICAL, [f"sqlite:///{path}"])
    names = {r["customer_id"]: r["name"] for r in Store(tmp_path / "w" / "tables").read("customers").to_pylist()}
    assert names == {"C1": "Acme", "C3": "New name"}


def test_a_row_that_was_refused_stays_listed_when_the_next_rows_come(source: Source, tmp_path: Path) -> None:
    home = tmp_path / "w"
    source.run("INSERT INTO orders VALUES ('O9','C9','2026-01-03','open',0,'2026-01-03 00:00:00')")
    import_files(home, CANONICAL, [source.url], incremental="auto")
    source.run("INSERT INTO orders VALUES ('O6','C1','2026-01-04','open',0,'2026-01-04 00:00:00')")
    import_files(home, CANONICAL, [source.url], incremental="auto")
    import_files(home, CANONICAL, [source.url], incremental="auto")
    kept = [r for r in quarantine.rows(home) if r["reason"] == "unknown `customer_id`"]
    assert "orders:3" in [r["source_row"] for r in kept]
    assert all('"O9"' in r["values"] for r in kept)


def test_a_mapping_names_its_own_column_and_what_is_deleted(tmp_path: Path) -> None:
    path, home = tmp_path / "shop.db", tmp_path / "w"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE kunden (nr INTEGER PRIMARY KEY, firma TEXT, version INTEGER, weg TEXT); INSERT INTO kunden VALUES (1,'Eins',9,NULL),(2,'Zwei',10,NULL);"
        )
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        """{name: shop, files: [{match: kunden, file: {incremental: version}, deleted: "weg = 'ja'",
            tables: [{table: customers, columns: {customer_id: nr, name: firma}}]}]}"""
    )
    import_files(home, load_mapping(mapping), [f"sqlite:///{path}"])
    assert list(marks(home).values()) == [10]
    with sqlite3.connect(path) as base:
        base.executescript(
            "UPDATE kunden SET weg = 'ja', version = 100 WHERE nr = 1; INSERT INTO kunden VALUES (3,'Drei',11,NULL);"
        )
    report = import_files(home, load_mapping(mapping), [f"sqlite:///{path}"])
    assert (report.rows_in, report.loaded, report.unchanged) == (3, 1, 1)
    assert ids(home, "customers") == ["2", "3"]


def test_a_column_that_is_not_there_is_one_clear_error(source: Source, tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "{name: shop, files: [{match: customers, file: {incremental: changed}, tables: [{table: customers, columns: {customer_id: customer_id, name: name}}]}]}"
    )
    with pytest.raises(BadInput, match="no column `changed`"):
        import_files(tmp_path / "w", load_mapping(mapping), [source.url])
