"""Kinds of files that other people's exports come in, each by a small relative of those that went wrong: what is proposed loads right,
or is kept out with the true cause."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest

from knowledge.errors import BadInput
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.suggest import Suggestion, suggest
from knowledge.tables import Store
from knowledge.trial import trial


def loaded(folder: Path, name: str, text: str | bytes) -> tuple[Suggestion, ImportReport]:
    """A file through the mapping that is proposed for it, into the folder's workspace."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = suggest(file)
    (folder / "m.yaml").write_text(found.yaml, encoding="utf-8")
    return found, import_files(folder / "w", load_mapping(folder / "m.yaml"), [file])


def rows(folder: Path, table: str) -> list[dict[str, object]]:
    store = Store(folder / "w" / "tables")
    return store.read(table).to_pylist() if store.exists(table) else []


def revenue(folder: Path) -> float:
    return round(sum(float(r["qty_ordered"] * r["unit_price"] - (r["discount"] or 0)) for r in rows(folder, "order_lines")), 2)  # type: ignore[operator]


def columns(found: Suggestion) -> dict[str, str | None]:
    return {g.column: g.target for g in found.columns}


def test_orders_that_name_no_article_keep_their_quantities_and_prices(tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path, "bestilling.csv", "Order no;Customer;Order date;Qty;Price\n7;Fjord;2026-02-01;3;20\n8;Berg;2026-02-03;1;5\n"
    )
    assert revenue(tmp_path) == 65.0
    assert any("one unnamed article" in a for a in found.assumed)
    assert [r["name"] for r in rows(tmp_path, "products")] == ["unnamed article"]


def test_an_articles_name_serves_where_it_has_no_number(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        "o.csv",
        "Order no,Customer,Order date,Description,Qty,Price\n7,Fjord,2026-02-01,Red lamp,3,20\n8,Berg,2026-02-03,Shade,1,5\n",
    )
    assert (revenue(tmp_path), {r["product_id"] for r in rows(tmp_path, "order_lines")}) == (65.0, {"Red lamp", "Shade"})


@pytest.mark.parametrize(
    ("name", "target"),
    [("Price SEK", "order_lines.unit_price"), ("Price excl. VAT", "order_lines.unit_price"), ("Pris per styck", "order_lines.unit_price"), ("Price per pc", "order_lines.unit_price"),
     ("Prix HT", "order_lines.unit_price"), ("Sales lines/Price", "order_lines.unit_price"), ("Price per 100", None)],
)  # fmt: skip
def test_what_a_name_says_beside_what_it_names(name: str, target: str | None, tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(f"Order no,Customer,Order date,SKU,Qty,{name}\n7,Fjord,2026-02-01,A1,3,20\n8,Berg,2026-02-03,B2,1,5\n")
    assert columns(suggest(file))[name] == target


def test_an_amount_without_tax_is_no_tax(tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path,
        "o.csv",
        "Order no,Customer,Order date,SKU,Qty,Price NOK,Sum NOK excl. VAT,VAT 25 %\n7,Fjord,2026-02-01,A1,3,20,60,15\n8,Berg,2026-02-03,B2,1,5,5,1.25\n",
    )
    assert columns(found)["VAT 25 %"] == "order_lines._tax"
    assert columns(found)["Sum NOK excl. VAT"] != "order_lines._tax"
    assert revenue(tmp_path) == 65.0


def test_ids_alone_do_not_contradict_the_names_that_are_known(tmp_path: Path) -> None:
    loaded(tmp_path, "customers.csv", "Account No,Account Name\nK1,Fjord Handel\nK2,Berg Import\nK3,Dal Drift\n")
    _, report = loaded(
        tmp_path,
        "orders.csv",
        "Order no,Account No,Order date,Qty,Price\n7,K1,2026-02-01,3,20\n8,K2,2026-02-03,1,5\n9,K3,2026-02-04,1,5\n",
    )
    assert report.quarantined == 0
    assert {r["name"] for r in rows(tmp_path, "customers")} == {"Fjord Handel", "Berg Import", "Dal Drift"}


def test_ids_that_lost_their_zeros_are_no_other_customers(tmp_path: Path) -> None:
    loaded(tmp_path, "customers.csv", "Account No,Account Name\n00071,Fjord\n00072,Berg\n")
    _, report = loaded(
        tmp_path, "orders.csv", "Order no,Account No,Order date,Qty,Price\n7,71,2026-02-01,3,20\n8,72,2026-02-03,1,5\n"
    )
    assert report.nothing_loaded
    assert len(rows(tmp_path, "customers")) == 2
    assert any("`71` here is `00071` among the customers" in n for n in report.notes)
    assert "zeros in front" in report.causes()


def test_a_first_column_of_codes_is_the_key(tmp_path: Path) -> None:
    found, _ = loaded(tmp_path, "klienci.csv", "Kartoteka,Name,Country\nA-01,Wisła,PL\nA-02,Odra,PL\nA-03,Warta,DE\n")
    assert columns(found)["Kartoteka"] == "customers.customer_id"
    assert {r["customer_id"] for r in rows(tmp_path, "customers")} == {"A-01", "A-02", "A-03"}


def test_a_column_of_other_rows_ids_is_told(tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path, "accounts.csv", "Account No,Account Name,Kept As\nK1,Fjord,\nK2,Fjord AS,K1\nK3,Berg,\nK4,Berg Co,K3\n"
    )
    assert columns(found)["Kept As"] == "customers.parent_id"
    assert any("K2, K4" in n for n in found.notes)


def test_salesforce_ids_of_both_lengths_are_one(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        "Account.csv",
        "ID,NAME\n0015g00000aBcDEAA0,Fjord\n0015g00000XyZabAAB,Berg\n".replace(
            "0015g00000aBcDEAA0", full("0015g00000aBcDE")
        ).replace("0015g00000XyZabAAB", full("0015g00000XyZab")),
    )
    _, report = loaded(
        tmp_path,
        "orders.csv",
        "Order no,Account ID,Order date,Qty,Price\n7,0015g00000aBcDE,2026-02-01,3,20\n8,0015g00000XyZab,2026-02-03,1,5\n",
    )
    assert (report.quarantined, len(rows(tmp_path, "customers"))) == (0, 2)


def full(short: str) -> str:
    from knowledge.functions import salesforce_id

    return salesforce_id(short)


def test_a_persons_id_is_no_answers(tmp_path: Path) -> None:
    text = (
        "id,day,Would you recommend Lund 3 Ltd to a colleague?,How satisfied were you with the visit? (1-5),What should change?\n"
        + "".join(f"{i % 3},2026-02-{i + 1:02},{8 + i % 3},{3 + i % 3},{'Nothing at all' if i % 2 else ''}\n" for i in range(9))
    )
    found, report = loaded(tmp_path, "poll.csv", text)
    assert columns(found)["id"] is None
    assert (report.loaded, len(rows(tmp_path, "feedback"))) == (9, 9)
    assert sorted({r["nps"] for r in rows(tmp_path, "feedback")}) == [8, 9, 10]
    assert {r["rating"] for r in rows(tmp_path, "feedback")} == {3, 4, 5}


def test_a_databases_null_is_no_text(tmp_path: Path) -> None:
    _, report = loaded(
        tmp_path,
        "c.csv",
        'id,created,stars,comment\n"1","2026-02-01","5","He said \\"no\\""\n"2","2026-02-02",\\N,"Late again"\n"3","2026-02-03","4",\\N\n',
    )
    assert report.loaded == 3
    assert [(r["rating"], r["text"]) for r in rows(tmp_path, "feedback")] == [
        (5.0, 'He said "no"'),
        (None, "Late again"),
        (4.0, None),
    ]


def test_lines_inside_of_records_with_money_in_parts(tmp_path: Path) -> None:
    def money(cents: int) -> dict[str, object]:
        return {"centAmount": cents, "fractionDigits": 3, "currencyCode": "KWD"}

    orders = [
        {"orderNumber": f"N{i}", "customerId": f"c{i % 2}", "createdAt": f"2026-02-0{i}T08:00:00Z", "total": money(1500 * i + 700), "delivery": {"price": money(700)},
         "positions": [{"sku": "A", "quantity": i, "price": money(1500)}], "notes": [{"by": "x"}]}
        for i in range(1, 5)
    ]  # fmt: skip
    found, report = loaded(tmp_path, "orders.json", json.dumps({"results": orders, "count": 4}))
    assert (report.quarantined, revenue(tmp_path)) == (0, 15.0)
    assert columns(found)["delivery.price"] != "order_lines.unit_price"


def test_a_file_that_ends_in_the_middle_of_a_record_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "o.jsonl").write_text('{"order_no": "1", "qty": 1}\n{"order_no": "2", "qt')
    with pytest.raises(BadInput, match="is cut off: its last line \\(2\\)"):
        suggest(tmp_path / "o.jsonl")


def test_numbers_typed_as_text_are_read_as_the_sheets_others(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [
        ["Order no", "Customer", "Order date", "SKU", "Qty", "Price"], [1, "Fjord", "2026-02-01", "A", 40, 2.5], [2, "Berg", "2026-02-02", "B", "1.500", "0,75"],
        [3, "Dal", "2026-02-03", "B", 10, "12,00"],
    ]:  # fmt: skip
        book.active.append(row)
    raw = io.BytesIO()
    book.save(raw)
    _, report = loaded(tmp_path, "o.xlsx", raw.getvalue())
    assert (report.quarantined, revenue(tmp_path)) == (0, 40 * 2.5 + 1500 * 0.75 + 120)


def test_a_discount_that_is_no_number_keeps_its_row_out(tmp_path: Path) -> None:
    _, report = loaded(
        tmp_path,
        "o.csv",
        "Order no,Customer,Order date,SKU,Qty,Price,Discount %\n1,Fjord,2026-02-01,A,4,10,10%\n2,Berg,2026-02-02,A,2,10,staff\n3,Dal,2026-02-03,A,1,10,20%\n",
    )
    assert report.reasons == {"`discount` is not an amount": 1}
    assert revenue(tmp_path) == 44.0


def test_comments_can_be_tried(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,date,comment\n1,2026-02-01,Late again and nobody called\n2,2026-02-09,All fine\n")
    assert trial(load_mapping("feedback"), [tmp_path / "c.csv"]).sums["comments from and to"] == "01 Feb 2026 to 09 Feb 2026"


def test_large_amounts_can_be_tried(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("Order no,Customer,Order date,SKU,Qty,Price\n1,Fjord,2026-02-01,A,3000000,7654321.5\n")
    (tmp_path / "m.yaml").write_text(suggest(tmp_path / "o.csv").yaml)
    assert "22,962,964,500,000.00" in trial(load_mapping(tmp_path / "m.yaml"), [tmp_path / "o.csv"]).sums.values()


DEPOSITS = (
    "Invoice No,Customer,Invoice Date,Text,Qty,Unit Price\n"
    "P-7,Fjord,2026-01-05,Prepayment,1,400\nI-8,Berg,2026-01-06,Lamp,2,50\nI-9,Fjord,2026-02-02,Boat,1,1000\nI-9,Fjord,2026-02-02,less P-7,-1,400\n"
    "I-10,Berg,2026-02-03,Shade,1,30\nC-1,Berg,2026-02-09,returned from I-10,-1,30\n"
)


@pytest.mark.parametrize(("answer", "sold"), [("deposits", 1130.0), ("returns", 1530.0)])
def test_a_deposit_that_a_later_document_takes_off_is_asked(answer: str, sold: float, tmp_path: Path) -> None:
    file = tmp_path / "i.csv"
    file.write_text(DEPOSITS)
    (asked,) = suggest(file).questions
    assert "`P-7`" in asked.ask
    assert "I-10" not in asked.ask  # a whole return is none
    assert f"revenue {sold:,.2f}" in dict(asked.options)[answer]
    (tmp_path / "m.yaml").write_text(suggest(file, answers={"deposits": answer}).yaml)
    import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [file])
    assert revenue(tmp_path) == sold


def test_comments_of_customers_that_nobody_knows_yet(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "id,date,customer_id,comment\n1,2026-02-01,K1,Late again and nobody called\n2,2026-02-09,K2,All fine\n"
    )
    report = import_files(tmp_path / "w", load_mapping("feedback"), [tmp_path / "c.csv"])
    assert [r["customer_id"] for r in rows(tmp_path, "feedback")] == [None, None]
    assert any("none is known here" in n for n in report.notes)
    (tmp_path / "customers.csv").write_text("customer_id,name\nK1,Fjord\nK2,Berg\n")
    import_files(tmp_path / "w", load_mapping("canonical"), [tmp_path / "customers.csv"])
    import_files(tmp_path / "w", load_mapping("feedback"), [tmp_path / "c.csv"])
    assert {r["customer_id"] for r in rows(tmp_path, "feedback")} == {"K1", "K2"}


def test_tickets_of_a_view_belong_to_those_who_asked(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text(
        "Id,Requester,Requester id,Subject,Status,Created at,Satisfaction Score\n5,Ada,901,Leak,Closed,2026-02-01 08:00,Good\n6,Bo,902,Noise,Open,2026-02-02 08:00,Offered\n"
    )
    report = import_files(tmp_path / "w", load_mapping("zendesk"), [tmp_path / "tickets.csv"])
    assert {r["name"] for r in rows(tmp_path, "customers")} == {"Ada", "Bo"}
    assert [r["rating"] for r in rows(tmp_path, "feedback")] == [1.0]
    assert any("no ticket names an organization" in n for n in report.notes)


@pytest.mark.parametrize(
    ("name", "target"),
    [("order_line/price_total", "order_lines._total"), ("Order Lines/Subtotal", "order_lines._total"), ("Order Sum", "order_lines._order_total"), ("Order Item Total", "order_lines._total")],
)  # fmt: skip
def test_what_is_of_a_line_is_not_of_its_order(name: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(
        f"Order no,Customer,Order date,SKU,Qty,Price,{name}\n7,Fjord,2026-02-01,A1,3,20,60\n8,Berg,2026-02-03,B2,1,5,5\n"
    )
    assert columns(suggest(file))[name] == target


def test_a_delivery_that_was_promised_is_told_from_one_that_was(tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path,
        "o.csv",
        "Order no,Customer,Order date,Delivery Day Promised Date,Qty,Price,Delivered\n7,Fjord,2026-02-01,2026-02-09,3,20,2026-02-08\n8,Berg,2026-02-03,2026-02-08,1,5,2026-02-09\n",
    )
    assert (columns(found)["Delivery Day Promised Date"], columns(found)["Delivered"]) == (
        "orders.promised_date",
        "orders.delivered_at",
    )


def test_a_json_list_is_told_from_a_text_in_brackets(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        "o.csv",
        "Order no,Customer,Order date,Product,Qty,Price\n7,Fjord,2026-02-01,[A1] Lamp,3,20\n8,Berg,2026-02-03,[B2] Shade,1,5\n",
    )
    assert revenue(tmp_path) == 65.0
