"""Files in shapes that tables come in: what is found, what is passed over, and what is said of it."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest

from knowledge.encodings import decoded
from knowledge.errors import BadInput
from knowledge.footers import aside
from knowledge.readers import ROW, look
from knowledge.tables import sql_session

ROWS = "order;customer;day;qty;price\nA1;Kim;2026-01-05;3;2,50\nA2;Öl & Co;2026-01-06;4;1,00\nA3;Lee;2026-01-07;5;2,00\n"


def read(folder: Path, name: str, content: bytes):  # type: ignore[no-untyped-def]
    path = folder / name
    path.write_bytes(content)
    return look(sql_session(), path)


SHAPES: dict[str, bytes] = {
    "sep line": b"sep=;\r\n" + ROWS.encode(),
    "title rows": f"Orders of January;;;;\nprinted by Pat;;;;\n;;;;\n{ROWS}".encode(),
    "narrow title rows": f"Orders of January\nPeriod: 1 to 31\n\n{ROWS}".encode(),
    "comment": f"# exported\n{ROWS}".encode(),
    "cp1252": ROWS.encode("cp1252"),
    "cp850": ROWS.encode("cp850"),
    "utf-16 with mark": ROWS.encode("utf-16"),
    "utf-16 without mark": ROWS.encode("utf-16-be"),
    "utf-8 with mark": b"\xef\xbb\xbf" + ROWS.encode(),
    "carriage returns": ROWS.replace("\n", "\r").encode(),
    "mixed ends": ROWS.replace("\n", "\r\n", 2).encode(),
    "a delimiter more": ROWS.replace("\n", ";\n").encode(),
    "two headers": f"Sale;;;Line;\n{ROWS}".encode(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_table_in_many_shapes(shape: str, tmp_path: Path) -> None:
    sheet = read(tmp_path, "o.csv", SHAPES[shape])
    rows = sheet.table.drop_columns([ROW]).to_pylist()
    assert [list(r.values()) for r in rows] == [line.split(";") for line in ROWS.splitlines()[1:]]
    if shape not in ("two headers",):
        assert sheet.table.column_names[:5] == ROWS.splitlines()[0].split(";")


def test_a_group_above_is_part_of_the_name(tmp_path: Path) -> None:
    content = "Kunde;;Auftrag;\nNr;Name;Nr;Datum\n1;Kim;A1;05.01.2026\n2;Lee;A2;06.01.2026\n"
    assert read(tmp_path, "o.csv", content.encode()).table.column_names[:-1] == [
        "Kunde Nr",
        "Kunde Name",
        "Auftrag Nr",
        "Auftrag Datum",
    ]


def test_text_that_no_encoding_explains_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput) as caught:
        decoded("id,text\n1,café ".encode() + "café\n".encode("latin-1"), "x.csv")
    assert "line 2" in caught.value.message


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        ("Total;;;12;\n", ["total row"]),
        (";;;;\nGesamtsumme;;;12;\n", ["empty row", "total row"]),
        (";;;12;\n", ["total row"]),
        ("order;customer;day;qty;price\nA4;Max;2026-01-08;1;1,00\n", ["the header again"]),
        ("\n3 records\n", ["a note below the table"]),
        ("Total Care Ltd;Kim;2026-01-09;1;1,00\n", []),
        ("A3;;;2;3,00\n", []),
    ],
)
def test_rows_that_are_no_records(more: str, reasons: list[str], tmp_path: Path) -> None:
    sheet = read(tmp_path, "o.csv", (ROWS + more).encode())
    assert [why for _, why in aside(sheet.table)] == reasons


@pytest.mark.parametrize(
    ("field", "text"),
    [('"He said \\"no\\", twice"', 'He said "no", twice'), ('"C:\\"', "C:\\"), ('"a ""b"" c"', 'a "b" c')],
)
def test_backslashes_and_quotes(field: str, text: str, tmp_path: Path) -> None:
    sheet = read(tmp_path, "o.csv", f"id,text,day\n1,{field},2026-01-01\n2,plain,2026-01-02\n".encode())
    assert sheet.table["text"].to_pylist() == [text, "plain"]


def workbook(rows: list[list[object]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_mixed_cells_of_a_workbook_are_read_one_way(tmp_path: Path) -> None:
    rows = [
        ["Report"],
        [],
        ["Order", "Day", "Qty"],
        ["A1", datetime(2026, 1, 5), 1234.5],
        ["A2", 46031, "1,250.25"],
        ["A3", datetime(2026, 2, 2, 10, 30), "7"],
    ]  # type: ignore[list-item]
    sheet = read(tmp_path, "o.xlsx", workbook(rows))
    assert sheet.table["Day"].to_pylist() == ["2026-01-05", "2026-01-09", "2026-02-02 10:30:00"]
    assert sheet.table["Qty"].to_pylist() == ["1234.5", "1250.25", "7"]
    assert "row 3" in sheet.notes[0]


WRAPPED = {
    "list": '[{"id": 1}, {"id": 2}]',
    "wrapper": '{"count": 2, "rows": [{"id": 1}, {"id": 2}]}',
    "twice": '{"status": "ok", "data": {"page": 1, "items": [{"id": 1}, {"id": 2}]}}',
    "graphql": '{"data": {"orders": {"edges": [{"node": {"id": 1}}, {"node": {"id": 2}}]}}}',
    "search": '{"took": 3, "hits": {"total": 2, "hits": [{"_source": {"id": 1}}, {"_source": {"id": 2}}]}}',
}


@pytest.mark.parametrize("shape", WRAPPED)
def test_json_records_wherever_they_lie(shape: str, tmp_path: Path) -> None:
    assert read(tmp_path, "o.json", WRAPPED[shape].encode()).table["id"].to_pylist() == ["1", "2"]


def test_two_lists_of_records_are_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="several lists of records: `orders` \\(1\\), `returns` \\(1\\)"):
        read(tmp_path, "o.json", b'{"orders": [{"id": 1}], "returns": [{"id": 2}]}')
