"""Files of other languages, code pages, calendars and habits, each a relative of one that went wrong: loaded right, or kept out by name."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from knowledge.dates import dates_of, is_period, parsed, plain_clock
from knowledge.encodings import page_of
from knowledge.errors import BadInput
from knowledge.ingest import import_files
from knowledge.mail import mbox
from knowledge.mapping import load_mapping
from knowledge.prose import written
from knowledge.suggest import suggest
from knowledge.trial import trial
from tests.knowledge.test_other_peoples_files import columns, loaded, revenue, rows

HEADS = {
    "sk": "Číslo objednávky;Dátum objednávky;Kód zákazníka;Názov zákazníka;Kód tovaru;Názov tovaru;Množstvo;Jednotková cena",
    "fi": "Tilausnumero;Tilauspäivä;Asiakasnumero;Asiakkaan nimi;Tuotekoodi;Tuotenimi;Määrä;Yksikköhinta",
    "ro": "Nr comandă;Data comenzii;Cod client;Nume client;Cod produs;Denumire produs;Cantitate;Preț unitar",
    "el": "Αριθμός παραγγελίας;Ημερομηνία παραγγελίας;Κωδικός πελάτη;Επωνυμία πελάτη;Κωδικός είδους;Περιγραφή είδους;Ποσότητα;Τιμή μονάδας",
    "uk": "Номер замовлення;Дата замовлення;Код клієнта;Найменування клієнта;Код товару;Назва товару;Кількість;Ціна за одиницю",
    "zh": "订单号;下单时间;客户编号;客户名称;商品编号;商品名称;数量;单价",
    "ko": "주문번호;주문일자;고객번호;고객명;상품코드;상품명;수량;단가",
    "vi": "Mã đơn hàng;Ngày đặt hàng;Mã khách hàng;Tên khách hàng;Mã sản phẩm;Tên sản phẩm;Số lượng;Đơn giá",
}
BODY = "A1;2026-02-03;K1;Fjord;P1;Cup;3;20,50\nA2;2026-02-04;K2;Berg;P2;Bowl;2;10,00\n"


@pytest.mark.parametrize("language", HEADS)
def test_orders_with_columns_in_another_language(language: str, tmp_path: Path) -> None:
    _, report = loaded(tmp_path, "export.csv", f"{HEADS[language]}\n{BODY}")
    assert (revenue(tmp_path), report.quarantined) == (81.5, 0)
    assert {r["name"] for r in rows(tmp_path, "customers")} == {"Fjord", "Berg"}
    assert {(r["product_id"], r["name"]) for r in rows(tmp_path, "products")} == {("P1", "Cup"), ("P2", "Bowl")}


PAGES = {
    "cp1250": ("sk", "Ľubomír Šťastný"), "iso-8859-7": ("el", "Αφοί Πέτρου"), "cp1251": ("uk", "Їжак і Ґава"), "gb18030": ("zh", "陶喆贸易"),
    "cp949": ("ko", "한빛상사"), "cp1252": ("fi", "Yhtiö Åström"),
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_page_of_signs_is_the_one_in_which_the_columns_have_names(page: str, tmp_path: Path) -> None:
    language, name = PAGES[page]
    raw = f"{HEADS[language]}\n{BODY.replace('Fjord', name)}".encode(page)
    found = page_of(raw)
    assert found is not None
    assert raw.decode(found) == raw.decode(page)
    loaded(tmp_path, "export.csv", raw)
    assert name in {r["name"] for r in rows(tmp_path, "customers")}


HEAD = "Order No;Order Date;Customer No;Customer Name;SKU;Description;Qty;Unit Price"


def test_parts_of_a_bundle_are_not_counted_beside_it_and_what_was_paid_tells_the_discount(tmp_path: Path) -> None:
    text = (
        "order_number,order_date,customer_no,item_id,parent_item,sku,qty,price,row_total,discount_amount,grand_total\n"
        "1,2026-02-03,K1,10,NULL,SET,1,50,50,-5,45\n1,2026-02-03,K1,11,10,CUP,2,20,40,-5,45\n1,2026-02-03,K1,12,10,BOWL,1,10,10,-5,45\n"
        "2,2026-02-04,K2,13,NULL,CUP,2,20,40,-4,41\n2,2026-02-04,K2,14,NULL,TIN,1,5,5,-4,41\n3,2026-02-05,K1,15,NULL,CUP,1,20,20,0,20\n"
    )
    found, report = loaded(tmp_path, "items.csv", text)
    assert revenue(tmp_path) == 106.0
    assert report.set_aside == {"part of another row": 2}
    assert any("parts of other rows" in n for n in found.notes)


def test_a_correction_that_lists_what_was_and_what_is_sells_nothing(tmp_path: Path) -> None:
    text = (
        "Document No;Corrects;Date;Customer No;SKU;Qty;Price;Line total\nF1;;2026-02-03;K1;P1;10;5,00;50,00\nF2;;2026-02-04;K2;P1;4;5,00;20,00\n"
        "C1;F1;2026-02-09;K1;P1;-10;5,00;-50,00\nC1;F1;2026-02-09;K1;P1;8;5,00;40,00\n"
    )
    found, report = loaded(tmp_path, "register.csv", text)
    assert (revenue(tmp_path), report.set_aside) == (70.0, {"correction of another document": 2})
    assert any("-10.00" in n and "C1" in n for n in found.notes)


@pytest.mark.parametrize(
    ("column", "yes", "no"), [("Annullert", "ja", "nei"), ("Voided", "TRUE", "FALSE"), ("Cancelled on", "2026-02-09", "")]
)
def test_rows_that_say_they_are_cancelled_are_set_aside(column: str, yes: str, no: str, tmp_path: Path) -> None:
    text = f"{HEAD};{column}\n1;2026-02-03;K1;Fjord;P1;Cup;3;20;{no}\n2;2026-02-04;K2;Berg;P1;Cup;1;20;{yes}\n3;2026-02-05;K2;Berg;P1;Cup;2;20;{no}\n"
    _, report = loaded(tmp_path, "o.csv", text)
    assert (revenue(tmp_path), report.set_aside) == (100.0, {"cancelled": 1})


@pytest.mark.parametrize("name", ["Amount (TEUR)", "Montant (milliers €)", "Net amount in thousands"])
def test_amounts_in_thousands_are_taken_so(name: str, tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path,
        "o.csv",
        f"Order No,Order Date,Customer,Item,Qty,{name}\n1,2026-02-03,Fjord,Mill,2,12.5\n2,2026-02-04,Berg,Saw,1,3.25\n",
    )
    assert revenue(tmp_path) == 15_750.0
    assert any("in thousands" in n for n in found.notes)


def test_numbers_that_begin_anew_every_day_are_told_apart_by_the_day(tmp_path: Path) -> None:
    text = (
        "Receipt No;Date;Card;Customer;Item;Qty;Price\n0001;2026-02-03;T1;Ann;Tea;1;5\n0002;2026-02-03;T2;Bob;Tea;2;5\n"
        "0001;2026-02-04;T1;Ann;Tea;3;5\n0002;2026-02-04;T3;Cem;Tea;1;5\n"
    )
    loaded(tmp_path, "till.csv", text)
    assert (len(rows(tmp_path, "orders")), revenue(tmp_path)) == (4, 35.0)


def test_years_of_the_buddhist_era_and_days_of_the_century() -> None:
    thai = dates_of(["05/02/2569", "29/02/2567", "13/02/2569"])
    assert (thai.share, parsed("29/02/2567", thai)) == (1.0, datetime(2024, 2, 29))
    assert dates_of(["126035", "125366", "124001"]).numbers == "julian"
    assert dates_of(["126400", "99"]).numbers != "julian"


def test_both_are_loaded_as_their_days(tmp_path: Path) -> None:
    found, _ = loaded(tmp_path, "o.csv", f"{HEAD}\n1;29/02/2567;K1;Fjord;P1;Cup;3;20\n2;13/03/2567;K2;Berg;P1;Cup;1;20\n")
    assert {str(r["ordered_at"])[:10] for r in rows(tmp_path, "orders")} == {"2024-02-29", "2024-03-13"}
    assert any("Buddhist" in n for n in found.notes)
    (tmp_path / "b").mkdir()
    loaded(tmp_path / "b", "o.csv", f"{HEAD}\n1;124060;K1;Fjord;P1;Cup;3;20\n2;124073;K2;Berg;P1;Cup;1;20\n")
    assert {str(r["ordered_at"])[:10] for r in rows(tmp_path / "b", "orders")} == {"2024-02-29", "2024-03-13"}


def test_dates_with_blanks_and_a_last_dot(tmp_path: Path) -> None:
    loaded(tmp_path, "o.csv", f"{HEAD}\n1;2026. 02. 03.;K1;Fjord;P1;Cup;3;20\n2;2026. 11. 24.;K2;Berg;P1;Cup;1;20\n")
    assert {str(r["ordered_at"])[:10] for r in rows(tmp_path, "orders")} == {"2026-02-03", "2026-11-24"}


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026/04/01 8:15:40 午後 GMT+9", "2026-04-01T20:15:40+09:00"), ("2026. 4. 1 오전 12:05:12", "2026-04-01T00:05:12"), ("2026/4/1 下午3:05", "2026-04-01T15:05:00"),
        ("2026/4/1 15:05", "2026/4/1 15:05"),
    ],
)  # fmt: skip
def test_the_half_of_the_day_in_another_script(text: str, iso: str) -> None:
    assert plain_clock(text) == iso


def test_a_web_page_that_is_called_a_workbook_is_read_and_an_old_workbook_is_named(tmp_path: Path) -> None:
    lines = [
        HEAD.replace(";", "|"),
        "1|2026-02-03|K1|Größe &amp; Co|P1|Cup|3|1&nbsp;020,50",
        "2|2026-02-04|K2|Berg|P1|Cup|1|20,00",
    ]
    cells = [line.split("|") for line in lines]
    table = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in cells)
    page = f'<html><head><meta charset="windows-1252"></head><body><table><tr><td>Shop</td></tr></table><table border=1>{table}</table></body></html>'
    found, _ = loaded(tmp_path, "export.xls", page.encode("cp1252"))
    assert (revenue(tmp_path), {r["name"] for r in rows(tmp_path, "customers")}) == (3081.5, {"Größe & Co", "Berg"})
    assert any("a web page's table" in n for n in found.notes)
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(BadInput, match="Excel 97 to 2003"):
        suggest(tmp_path / "old.xls")


def test_files_glued_together_are_read_by_the_header_above_each_row(tmp_path: Path) -> None:
    turned = "\ufeffQty;Unit Price;Order No;Order Date;Customer No;Customer Name;SKU;Description"
    text = f"{HEAD}\n1;2026-02-03;K1;Fjord;P1;Cup;3;20\n{turned}\n1;50;2;2026-03-04;K2;Berg;P2;Bowl\n"
    found, report = loaded(tmp_path, "both.csv", text)
    assert (revenue(tmp_path), report.set_aside) == (110.0, {"the header again": 1})
    assert any("in another order" in n for n in found.notes)


def test_a_text_that_is_written_as_a_formula_is_that_text(tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path,
        "o.csv",
        f'{HEAD}\n="007";2026-02-03;="0012";Fjord;="0870";Cup;3;20\n="008";2026-02-04;="1200";Berg;="0871";Cup;1;20\n',
    )
    assert {r["customer_id"] for r in rows(tmp_path, "customers")} == {"0012", "1200"}
    assert any('="…"' in n for n in found.notes)


def test_days_that_a_spreadsheet_took_for_months_are_turned_back(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    days = [
        datetime(2026, 1, 3),
        datetime(2026, 5, 3),
        datetime(2026, 12, 3),
        "14/03/2026",
        "27/03/2026",
    ]  # 1, 5 and 12 March as read month first
    sheet.append(["Order No", "Order Date", "Customer", "SKU", "Qty", "Unit Price"])
    for number, day in enumerate(days, 1):
        sheet.append([f"A{number}", day, "Fjord", "P1", 1, 10])
    buffer = io.BytesIO()
    book.save(buffer)
    found, _ = loaded(tmp_path, "march.xlsx", buffer.getvalue())
    assert sorted(str(r["ordered_at"])[:10] for r in rows(tmp_path, "orders")) == [
        f"2026-03-{d:02}" for d in (1, 5, 12, 14, 27)
    ]
    assert any("took their days for months" in n for n in found.notes)


def test_records_of_a_bulk_export_are_put_into_the_ones_that_they_name(tmp_path: Path) -> None:
    records = [
        {"id": "gid://shopify/Order/1", "name": "#1", "createdAt": "2026-02-03T09:00:00Z", "customer": {"id": "C1"}},
        {"id": "gid://shopify/LineItem/9", "sku": "P1", "title": "Cup", "quantity": 3, "originalUnitPriceSet": {"shopMoney": {"amount": "12.0"}},
         "discountedUnitPriceSet": {"shopMoney": {"amount": "10.5"}}, "__parentId": "gid://shopify/Order/1"},
        {"id": "gid://shopify/Order/2", "name": "#2", "createdAt": "2026-02-04T09:00:00Z", "customer": {"id": "C2"}},
        {"id": "gid://shopify/LineItem/8", "sku": "P2", "title": "Tin", "quantity": 1, "originalUnitPriceSet": {"shopMoney": {"amount": "4.0"}},
         "discountedUnitPriceSet": {"shopMoney": {"amount": "4.0"}}, "__parentId": "gid://shopify/Order/2"},
    ]  # fmt: skip
    loaded(tmp_path, "bulk.jsonl", "\n".join(map(json.dumps, records)))
    assert (revenue(tmp_path), len(rows(tmp_path, "orders"))) == (35.5, 2)


def test_months_as_columns_are_refused_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("Kunde;Januar 2026;Februar 2026;Summe\nFjord;10;20;30\nBerg;5;5;10\n")
    with pytest.raises(BadInput, match="cross table"):
        suggest(tmp_path / "c.csv")
    assert [is_period(n) for n in ("Q1 2026", "2026-03", "maj 2026", "Q1", "Qty 2026", "Order 2026", "P1")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_an_answer_of_the_shop_is_not_the_customers(tmp_path: Path) -> None:
    text = "Review ID,Created,Stars,Review text,Owner response,Owner reply date\nR1,2026-02-03,2,Cup broke,We are sorry,2026-02-09\nR2,2026-02-04,5,,,\n"
    (tmp_path / "r.csv").write_text(text)
    import_files(tmp_path / "w", load_mapping("feedback"), [tmp_path / "r.csv"])
    found = {str(r["feedback_id"]): (r["text"], str(r["at"])[:10]) for r in rows(tmp_path, "feedback")}
    assert found == {"R1": ("Cup broke", "2026-02-03"), "R2": (None, "2026-02-04")}


def test_grades_of_which_the_low_ones_are_the_best_are_turned_round_and_said(tmp_path: Path) -> None:
    label = "Wie zufrieden sind Sie? (1 = sehr gut, 6 = ungenügend)"
    (tmp_path / "s.csv").write_text(f'id,date,"{label}",Kommentar\n1,2026-02-03,1,gut\n2,2026-02-04,6,schlecht\n')
    report = import_files(tmp_path / "w", load_mapping("feedback"), [tmp_path / "s.csv"])
    assert {str(r["feedback_id"]): (r["rating"], r["rating_scale"]) for r in rows(tmp_path, "feedback")} == {
        "1": (6, "1-6"),
        "2": (1, "1-6"),
    }
    assert any("1 is the best" in n for n in report.notes)
    assert trial(load_mapping("feedback"), [tmp_path / "s.csv"]).left == ()


def test_answers_between_quoted_questions_stay_and_a_telephones_line_goes() -> None:
    mail = "On Wed, 4 Mar 2026 at 08:00, Desk <d@x.example> wrote:\n> Which one?\n\nThe red one.\n\n> Have you the receipt?\n\nNo.\n\nEnvoyé de mon iPhone\n"
    assert written(mail).split() == "The red one. No.".split()
    below = "Thanks.\n\nOn Wed, 4 Mar 2026 at 08:00, Desk <d@x.example> wrote:\nWhich one?\n"
    assert written(below) == "Thanks."


def test_mail_in_a_narrow_chinese_page_may_hold_wider_signs() -> None:
    head = b"From a@x Mon Mar  2 10:00:00 2026\nFrom: a@x.example\nTo: b@y.example\nDate: Mon, 02 Mar 2026 10:00:00 +0800\nContent-Type: text/plain; charset=gb2312\n\n"
    assert mbox(head + "请陶喆先生补发。\n".encode("gb18030")).column("text").to_pylist() == ["请陶喆先生补发。"]


def test_a_name_behind_an_articles_number_is_the_articles(tmp_path: Path) -> None:
    found, _ = loaded(
        tmp_path,
        "o.csv",
        "Order No,Order Date,Customer Id,sku,name,qty,price\n1,2026-02-03,K1,P1,Cup,3,20\n2,2026-02-04,K2,P2,Bowl,1,20\n",
    )
    assert columns(found)["name"] == "products.name"
    assert {r["name"] for r in rows(tmp_path, "customers")} == {"K1", "K2"}
