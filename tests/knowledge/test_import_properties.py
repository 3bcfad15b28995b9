"""Whatever mess comes in: every row is counted once, and the same rows give the same tables however they are brought.

RAPPORT_EXAMPLES says how many messes are tried, new ones each time (in `make soak`); without it a few, the same every time."""

from __future__ import annotations

import csv
import itertools
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import quarantine
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.mending import retry
from knowledge.schema import TABLES
from knowledge.tables import Store

Row = tuple[str, ...]
HEADS = {
    "customers": ("customer_id", "name", "is_strategic", "created_at"),
    "products": ("product_id", "name", "unit_cost"),
    "orders": ("order_id", "customer_id", "ordered_at", "promised_date", "status"),
    "order_lines": ("order_id", "line", "product_id", "qty_ordered", "unit_price"),
}
ids = st.sampled_from(["1", "2", "3", " 2 ", "", "nan", "ünï"])
days = st.sampled_from(
    [
        "2026-01-02",
        "2026-01-03T10:00:00Z",
        "2026-02-30",
        "01.02.2026",
        "soon",
        "",
        "2026-03-29 02:30",
        "infinity",
        "99999-01-01",
        "0044-03-15 (BC)",
    ]
)
numbers = st.sampled_from(["1", "0", "-3", "2.5", "1,5", "1e3", "NaN", "inf", "ten", "", "99999999999999999999"])
texts = st.sampled_from(["Acme", 'A "quoted" name', "semi;colon", "a,b", "", "-", "O'Brien", "=1+1", "two\nlines"])
states = st.sampled_from(["open", "delivered", "cancelled", "lost", ""])
MESS = {
    "customers": st.tuples(ids, texts, st.sampled_from(["yes", "no", "maybe", ""]), days),
    "products": st.tuples(ids, texts, numbers),
    "orders": st.tuples(ids, ids, days, days, states),
    "order_lines": st.tuples(ids, numbers, ids, numbers, numbers),
}
messes = st.fixed_dictionaries({n: st.lists(s, max_size=10) for n, s in MESS.items()})
EXAMPLES = os.environ.get("RAPPORT_EXAMPLES")
some = settings(max_examples=int(EXAMPLES or 5), derandomize=EXAMPLES is None, deadline=None)


OTHERWISE = {"1,5": "2.5"}
EMPTY = {"-3": "ten", "0": "1"}


def without(instead: dict[str, str], mess: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {n: [tuple(instead.get(v, v) for v in row) for row in rows] for n, rows in mess.items()}


apart = messes.map(lambda m: without(EMPTY, m))
"""What may come in imports of its own: whether an order is emptied is seen by the lines that come with it."""
pieces = apart.map(lambda m: without(OTHERWISE, m))
"""What may come in pieces: how a file parts decimals is decided over all of its rows, so one that mixes both is read otherwise."""


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def put(path: Path, table: str, rows: list[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADS[table], *rows])
    return path


def load(home: Path, *paths: Path) -> ImportReport:
    report = import_files(home, load_mapping("canonical"), list(paths), zone="Europe/Berlin")
    assert report.adds_up
    listed = {(r["source"], r["source_row"]) for r in quarantine.rows(home, limit=10_000)}
    assert report.quarantined <= len(listed)
    assert sum(report.reasons.values()) + sum(report.set_aside.values()) == report.quarantined
    return report


def contents(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The tables' rows without the columns that say where and when they came from."""
    store = Store(home / "tables")
    found = {}
    for name in store.names():
        rows = store.read(name, columns=list(TABLES[name].names)).to_pylist()
        keys = [tuple(r[k] for k in TABLES[name].key) for r in rows]
        assert len(keys) == len(set(keys)), f"{name} has a key twice"
        found[name] = sorted((tuple(r.values()) for r in rows), key=repr)
    return {n: r for n, r in found.items() if r}


@some
@given(messes)
def test_every_row_is_counted_once_and_twice_changes_nothing(mess: dict[str, list[Row]]) -> None:
    with folder() as root:
        files = [put(root / "s" / f"{n}.csv", n, rows) for n, rows in mess.items()]
        first = load(root / "w", *files)
        assert first.rows_in == sum(map(len, mess.values()))
        before = contents(root / "w")
        second = load(root / "w", *files)
        assert (second.rows_in, second.quarantined) == (first.rows_in, first.quarantined)
        assert second.loaded == 0
        assert contents(root / "w") == before


@some
@given(messes, st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(mess: dict[str, list[Row]], rng: random.Random) -> None:
    with folder() as root:
        files = [put(root / "s" / f"{n}.csv", n, rows) for n, rows in mess.items()]
        load(root / "a", *files)
        rng.shuffle(files)
        load(root / "b", *files)
        assert contents(root / "a") == contents(root / "b")


@some
@given(pieces, st.integers(1, 4))
def test_pieces_give_the_same_as_the_whole(mess: dict[str, list[Row]], size: int) -> None:
    """Each file in pieces, one import a piece."""
    with folder() as root:
        whole = load(root / "a", *(put(root / "s" / f"{n}.csv", n, rows) for n, rows in mess.items()))
        rows_in = left = 0
        for name in HEADS:  # what others refer to comes first
            rows = mess[name]
            for number, start in enumerate(range(0, len(rows), size)):
                report = load(root / "b", put(root / "p" / f"{name}.{number}.csv", name, rows[start : start + size]))
                rows_in, left = rows_in + report.rows_in, left + report.quarantined
        assert contents(root / "b") == contents(root / "a")
        assert (rows_in, left) == (whole.rows_in, whole.quarantined)


@some
@given(apart, st.randoms(use_true_random=False))
def test_tables_in_any_order_are_whole_after_a_retry(mess: dict[str, list[Row]], rng: random.Random) -> None:
    """One import a table, in any order; what then waits for what it refers to loads with `retry`."""
    with folder() as root:
        load(root / "a", *(put(root / "s" / f"{n}.csv", n, rows) for n, rows in mess.items()))
        names = [n for n in mess if mess[n]]
        rng.shuffle(names)
        for name in names:
            load(root / "b", root / "s" / f"{name}.csv")
        for _ in names:
            if quarantine.summary(root / "b"):
                assert retry(root / "b").adds_up
        assert contents(root / "b") == contents(root / "a")


def test_a_row_out_of_the_quarantine_is_read_as_the_file_that_it_came_from(tmp_path: Path) -> None:
    """Most costs part decimals by a comma; the one that does not is refused, and would be read if it stood alone."""
    rows: list[Row] = [(str(n), "Acme", cost) for n, cost in enumerate(("1,5", "2,5", "2.5"))]
    file = put(tmp_path / "products.csv", "products", rows)
    assert load(tmp_path / "w", file).quarantined == 1
    before = contents(tmp_path / "w")
    for _ in range(2):
        assert retry(tmp_path / "w").quarantined == 1
    assert contents(tmp_path / "w") == before


@pytest.mark.parametrize("word", ["infinity", "-infinity", "epoch"])
def test_a_word_is_no_day_in_any_format(tmp_path: Path, word: str) -> None:
    rows: list[Row] = [("1", "Acme", "yes", "01.02.2026"), ("2", "Acme", "yes", word)]
    assert load(tmp_path / "w", put(tmp_path / "customers.csv", "customers", rows)).reasons == {"`created_at` is not a time": 1}


def test_promises_of_one_order_end_alike_in_one_file_and_in_several(tmp_path: Path) -> None:
    """The first promise stays, the last one that is another is the latest; an empty one changes neither."""
    days = ("2026-03-01", "2026-03-02", "")
    customers = put(tmp_path / "customers.csv", "customers", [("1", "Acme", "no", "")])
    several = list(itertools.product(days, repeat=3))
    rows: list[list[Row]] = [
        [(str(n), "1", "2026-01-02", promises[i], "open") for n, promises in enumerate(several)] for i in range(3)
    ]
    load(tmp_path / "one", customers, put(tmp_path / "s" / "orders.csv", "orders", [r for part in rows for r in part]))
    files = [put(tmp_path / f"{i}" / "orders.csv", "orders", part) for i, part in enumerate(rows)]
    load(tmp_path / "files", customers, *files)
    for file in (customers, *files):
        load(tmp_path / "imports", file)
    assert contents(tmp_path / "one") == contents(tmp_path / "files") == contents(tmp_path / "imports")
    made = Store(tmp_path / "one" / "tables").read("orders").to_pylist()
    told = {several[int(r["order_id"])]: (str(r["promised_date"] or ""), str(r["latest_promised_date"] or "")) for r in made}
    assert told["2026-03-01", "2026-03-02", ""] == ("2026-03-01", "2026-03-02")
    assert told["2026-03-01", "2026-03-02", "2026-03-01"] == ("2026-03-01", "2026-03-01")
    assert told["", "2026-03-02", ""] == ("2026-03-02", "")


def test_the_later_of_two_rows_with_one_key_stands(tmp_path: Path) -> None:
    """Of files the later given, of rows of one file the lower; what the later file has no column for stays."""
    first = put(tmp_path / "a" / "products.csv", "products", [("1", "Valve", "2"), ("1", "Valve, old", "3")])
    second = tmp_path / "b" / "products.csv"
    second.parent.mkdir()
    second.write_text("product_id,name\n 1 ,Valve DN25\n", encoding="utf-8")

    def got(*files: Path) -> list[tuple[str, str]]:
        home = tmp_path / "-".join(f.parent.name for f in files)
        load(home, *files)
        return [(r["name"], f"{r['unit_cost']:f}"[:1]) for r in Store(home / "tables").read("products").to_pylist()]

    assert got(first) == [("Valve, old", "3")]
    assert got(first, second) == [("Valve DN25", "3")]
    assert got(second, first) == [("Valve, old", "3")]
