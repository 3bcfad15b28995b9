"""Import as its users know it: everything is loaded or listed, twice changes nothing, a broken file changes nothing."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import quarantine
from knowledge.errors import BadInput, Unavailable, UnknownName
from knowledge.ingest import ImportReport, import_files, imported_settings
from knowledge.mapping import list_mappings, load_mapping
from knowledge.tables import Store
from tests.support import DATA

HEADER = "feedback_id,text,at,channel,rating\n"
GOOD = HEADER + "F1,The driver was late again,2026-01-02,survey,2\nF2,Great service,2026-01-03 10:00,survey,5\n"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load(home: Path, *paths: Path, mapping: str = "feedback", zone: str = "UTC") -> ImportReport:
    return import_files(home, load_mapping(mapping), list(paths), zone=zone)


def below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_rows_go_in_and_the_sum_is_told(tmp_path: Path) -> None:
    report = load(tmp_path / "w", put(tmp_path, "c.csv", GOOD))
    assert report.adds_up
    assert (report.rows_in, report.loaded) == (2, 2)
    rows = Store(tmp_path / "w" / "tables").read("feedback").to_pandas()
    assert rows["source_row"].tolist() == ["c.csv:1", "c.csv:2"]
    assert rows["rating"].tolist() == [2.0, 5.0]


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "c.csv", GOOD)
    load(tmp_path / "w", path)
    before = below(tmp_path / "w" / "tables")
    again = load(tmp_path / "w", path)
    assert again.unchanged == 2
    assert below(tmp_path / "w" / "tables") == before


def test_nothing_of_the_staging_stays_not_even_of_an_import_that_was_killed(tmp_path: Path) -> None:
    home = tmp_path / "w"
    (home / "staging-cut").mkdir(parents=True)
    (home / "staging-cut" / "part.tmp").write_bytes(b"x")
    load(home, put(tmp_path, "c.csv", GOOD))
    assert not list(home.glob("staging-*"))


@pytest.mark.slow
def test_an_import_larger_than_its_memory_goes_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"F{n},{'late again ' * 200}{n},2026-01-02,survey,2\n" for n in range(150_000))  # 330 MB
    monkeypatch.setattr("knowledge.tables.TIMES_THE_SOURCE", 1)
    report = load(tmp_path / "w", put(tmp_path, "c.csv", HEADER + rows))
    assert (report.rows_in, report.loaded) == (150_000, 150_000)


def test_an_import_without_any_room_says_so_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path / "w", put(tmp_path, "a.csv", GOOD))
    before = below(tmp_path / "w")
    monkeypatch.setattr("knowledge.tables.STAGING_MEMORY", 8)
    monkeypatch.setattr("knowledge.tables.MEMORY_A_THREAD", 0)
    with pytest.raises(Unavailable) as caught:
        load(tmp_path / "w", put(tmp_path, "c.csv", HEADER + "F9,late,2026-01-02,survey,2\n"))
    assert caught.value.code == "memory"
    assert below(tmp_path / "w") == before


def test_a_changed_row_is_updated_and_the_others_stay(tmp_path: Path) -> None:
    load(tmp_path / "w", put(tmp_path, "c.csv", GOOD))
    report = load(tmp_path / "w", put(tmp_path, "d.csv", GOOD.replace("Great service", "Good service")))
    assert (report.updated, report.unchanged) == (1, 1)
    rows = Store(tmp_path / "w" / "tables").read("feedback").to_pandas().set_index("feedback_id")
    assert rows.loc["F2", "text"] == "Good service"
    assert len(rows) == 2


def test_bad_rows_are_listed_with_their_reason_and_values(tmp_path: Path) -> None:
    path = put(tmp_path, "c.csv", GOOD + "F3,x,not a day,survey,1\n,y,2026-01-05,survey,1\nF5,,2026-01-05,survey,\n")
    report = load(tmp_path / "w", path)
    assert report.reasons == {"`at` is not a time": 1, "no text, rating or NPS": 1}
    assert report.loaded == 3  # the one without an id gets one from its content
    listed = quarantine.rows(tmp_path / "w")
    assert [r["source_row"] for r in listed] == ["c.csv:3", "c.csv:5"]
    assert json.loads(listed[0]["values"])["at"] == "not a day"
    assert sum(r["rows"] for r in quarantine.summary(tmp_path / "w")) == 2


def test_times_without_a_zone_take_the_workspace_zone_and_dates_are_not_shifted(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    put(tmp_path / "s", "customers.csv", "customer_id,name\nC1,Acme\n")
    put(
        tmp_path / "s",
        "orders.csv",
        "order_id,customer_id,ordered_at,promised_date,status\nO1,C1,2026-07-01 01:00,2026-07-03,delivered\n",
    )
    load(tmp_path / "w", tmp_path / "s", mapping="canonical", zone="Europe/Stockholm")
    row = Store(tmp_path / "w" / "tables").read("orders").to_pylist()[0]
    assert row["ordered_at"].isoformat() == "2026-06-30T23:00:00+00:00"
    assert row["promised_date"].isoformat() == "2026-07-03"


def test_references_are_checked_after_all_files_are_in(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    put(tmp_path / "s", "orders.csv", "order_id,customer_id,ordered_at,status\nO1,C1,2026-07-01,open\nO2,C9,2026-07-01,open\n")
    put(tmp_path / "s", "zcustomers.csv", "x\n1\n").rename(tmp_path / "s" / "customers.csv").write_text(
        "customer_id,name\nC1,Acme\n"
    )
    report = load(tmp_path / "w", tmp_path / "s", mapping="canonical")
    assert report.reasons == {"unknown `customer_id`": 1}
    assert report.tables["orders"].loaded == 1


@pytest.mark.parametrize("kind", ["tsv", "xlsx", "json", "jsonl", "parquet", "csv.gz"])
def test_every_format_loads_the_same(kind: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"feedback_id": ["F1"], "text": ["late, again"], "at": ["2026-01-02"], "channel": ["survey"], "rating": [2]}
    )
    path = tmp_path / f"c.{kind}"
    if kind == "tsv":
        frame.to_csv(path, sep="\t", index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "json":
        path.write_text(frame.to_json(orient="records"))
    elif kind == "jsonl":
        path.write_text(frame.to_json(orient="records", lines=True))
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    load(tmp_path / "w", path)
    row = Store(tmp_path / "w" / "tables").read("feedback").to_pylist()[0]
    assert (row["text"], row["rating"], row["at"].date().isoformat()) == ("late, again", 2.0, "2026-01-02")


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "wrong encoding": ("b.csv", HEADER.encode() + b"F1,caf\xc3\xa9 caf\xe9,2026-01-02,survey,1\n", "line 2"),
    "a line cut off": ("b.csv", (GOOD + "F3,and th").encode(), "line 4"),
    "a quote that never ends": ("b.csv", (GOOD + 'F3,"and th').encode(), "line 4"),
    "binary": ("b.csv", bytes(range(256)) * 40, "binary"),
    "empty": ("b.csv", b"", "empty"),
    "half a gzip": ("b.csv.gz", gzip.compress(GOOD.encode() * 500)[:-40], "gz"),
    "not json": ("b.json", b'[{"text": ', "JSON"),
    "an unknown ending": ("b.doc", b"hello", "format"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_one_clear_error_and_changes_nothing(what: str, tmp_path: Path) -> None:
    load(tmp_path / "w", put(tmp_path, "good.csv", GOOD))
    before = below(tmp_path / "w" / "tables")
    name, content, said = BROKEN[what]
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "w", put(tmp_path, name, content))
    assert said in caught.value.message
    assert name in caught.value.message
    assert caught.value.hint
    assert below(tmp_path / "w" / "tables") == before


def test_a_zip_of_something_else_is_named(tmp_path: Path) -> None:
    for name in ("b.csv", "b.xlsx"):
        with zipfile.ZipFile(tmp_path / name, "w") as box:
            box.writestr("holiday.txt", "sun")
        with pytest.raises(BadInput):
            load(tmp_path / "w", tmp_path / name)


def test_a_field_of_a_million_characters_loads(tmp_path: Path) -> None:
    report = load(tmp_path / "w", put(tmp_path, "c.csv", HEADER + "F1," + "late " * 200_000 + ",2026-01-02,survey,1\n"))
    assert report.loaded == 1


def test_mappings_are_listed_and_a_wrong_one_says_where(tmp_path: Path) -> None:
    assert {"canonical", "online-retail", "feedback", "cdnow"} <= {m.name for m in list_mappings()}
    with pytest.raises(UnknownName, match="online-retail"):
        load_mapping("no-such")
    wrong = put(tmp_path, "m.yaml", "name: m\ntables:\n- table: orders\n  columns: {order_id: id, colour: c}\n")
    with pytest.raises(BadInput, match="colour"):
        load_mapping(wrong)


def test_two_currencies_are_said_to_be_mixed(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    lines = [{"settings": {"currency": c}} for c in ("GBP", "USD")]
    (tmp_path / "w" / "imports.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    assert imported_settings(tmp_path / "w")["currency"] == "mixed"


cell = st.sampled_from(
    ["", "1", "-4", "2026-01-02", "x", "open", "delivered", "C1", "C2", "O1", "O2", "nan", "é", "1e9", '"q"']
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cell, cell, cell, cell, cell), max_size=12))
def test_the_row_sum_holds_over_any_mess(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    folder = tmp_path_factory.mktemp("mess")
    (folder / "s").mkdir()
    put(folder / "s", "customers.csv", "customer_id,name\nC1,Acme\nC1,Acme Ltd\nC2,\n")
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "ordered_at", "status", "promised_date"])
    frame.to_csv(folder / "s" / "orders.csv", index=False)
    first = load(folder / "w", folder / "s", mapping="canonical")
    assert first.adds_up
    assert first.rows_in == len(rows) + 3
    before = below(folder / "w" / "tables")
    second = load(folder / "w", folder / "s", mapping="canonical")
    assert second.loaded == 0
    assert second.quarantined == first.quarantined
    assert below(folder / "w" / "tables").keys() >= before.keys()


@pytest.mark.slow
def test_online_retail_to_the_row(tmp_path: Path) -> None:
    path = DATA / "online-retail" / "online_retail.csv.gz"
    if not path.is_file():
        pytest.skip("the real data is not here (../shared/data)")
    reference: dict[str, Any] = {
        k: v["value"] for k, v in json.loads((DATA.parent / "reference_values.json").read_text()).items()
    }
    report = load(tmp_path / "w", path, mapping="online-retail")
    assert report.rows_in == reference["or.rows_in"]
    assert report.tables["order_lines"].loaded == reference["or.order_lines"]
    assert report.tables["returns"].loaded == reference["or.return_rows"]
    assert report.tables["orders"].loaded == reference["or.orders"]
    assert report.tables["customers"].loaded == reference["or.customers_all"]
    assert report.quarantined == reference["or.quarantined_total"]
    for name, count in report.set_aside.items():
        assert count == reference[f"or.quarantined.{name}"]


@pytest.mark.slow
def test_cdnow_to_the_row(tmp_path: Path) -> None:
    path = DATA / "cdnow" / "CDNOW_sample.txt"
    if not path.is_file():
        pytest.skip("the real data is not here (../shared/data)")
    report = load(tmp_path / "w", path, mapping="cdnow")
    assert report.adds_up
    assert report.rows_in == 6919
    assert report.tables["customers"].loaded == 2357
    lines = Store(tmp_path / "w" / "tables").read("order_lines").to_pandas()
    assert float((lines["qty_ordered"] * lines["unit_price"]).sum()) == pytest.approx(244091.94, abs=0.01)


@pytest.mark.parametrize(
    "written", ["03.01.2026", "03.01.2026 14:05", "3 Jan 2026", "Jan 3, 2026", "Sat Jan 03 14:05:00 +0000 2026", "2026/01/03"]
)
def test_comments_bring_their_dates_in_many_clear_forms(written: str, tmp_path: Path) -> None:
    put(tmp_path, "c.csv", f'text,date\nlate again,"{written}"\n')
    load(tmp_path / "w", tmp_path / "c.csv", mapping="feedback")
    assert Store(tmp_path / "w" / "tables").read("feedback").to_pylist()[0]["at"].date().isoformat() == "2026-01-03"


def test_a_date_that_may_be_two_days_is_kept_out(tmp_path: Path) -> None:
    put(tmp_path, "c.csv", "text,date\nlate again,03/01/2026\n")
    report = load(tmp_path / "w", tmp_path / "c.csv", mapping="feedback")
    assert [r.split(" (")[0] for r in report.reasons] == ["`at` may be day/month or month/day"]
