"""The small cases of shops, CRMs, surveys, mail and helpdesks, and relatives of them: what is loaded, what is kept out, what is said."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from knowledge.errors import BadInput
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.tables import Store
from tests.support import DATA

CASES = DATA.parent / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the small cases are not here (../shared/cases)")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "w"


def case(number: str) -> Path:
    return next(CASES.glob(f"{number}-*"))


def imported(home: Path, mapping: str, *paths: Path, **options: object) -> ImportReport:
    return import_files(home, load_mapping(mapping), list(paths), **options)  # type: ignore[arg-type]


def table(home: Path, name: str, key: str) -> pd.DataFrame:
    store = Store(home / "tables")
    if not (store.exists(name) and store.version(name).rows):
        return pd.DataFrame()
    return store.read(name).to_pandas().set_index(key).sort_index()


def sold(home: Path) -> dict[str, float]:
    lines = Store(home / "tables").read("order_lines").to_pandas()
    value = lines["qty_ordered"].astype(float) * lines["unit_price"].astype(float) - lines["discount"].fillna(0).astype(float)
    return value.groupby(lines["order_id"]).sum().round(6).to_dict()


def put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode())
    return path


def said(report: ImportReport) -> str:
    return " ".join(report.notes)


# shops ---------------------------------------------------------------------------------------------------------------


@needs_cases
def test_01_the_discount_of_an_order_is_taken_off_its_lines(home: Path) -> None:
    imported(home, "shopify", case("01") / "orders_export_1.csv")
    assert sold(home) == {"#2001": 90.0, "#2002": 45.0, "#2003": 0.0}


@needs_cases
@pytest.mark.parametrize("together", [True, False])
def test_02_orders_of_two_shops_with_one_number_are_two(home: Path, together: bool) -> None:
    files = [case("02") / "orders_export_de.csv", case("02") / "orders_export_us.csv"]
    reports = [imported(home, "shopify", *files)] if together else [imported(home, "shopify", f) for f in files]
    assert sold(home) == {"#1001": 100.0, "#1001/700001": 75.0}
    assert table(home, "orders", "order_id")["customer_id"].to_dict() == {
        "#1001": "ann@a.example",
        "#1001/700001": "bob@b.example",
    }
    assert "#1001/700001" in said(reports[-1])
    again = imported(home, "shopify", *reversed(files))
    assert (again.loaded, again.updated, again.unchanged) == (0, 0, 3)


SHOP = (
    "Name,Email,Financial Status,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Id,Lineitem discount\n"
)


def test_a_discount_on_shipping_is_not_taken_off_the_goods_and_an_edited_order_is_told(home: Path, tmp_path: Path) -> None:
    rows = (
        "#1,a@x.example,paid,fulfilled,EUR,80.00,0.00,0.00,80.00,FREESHIP,4.90,2026-02-04 10:00:00 +0100,2,Lamp,40.00,L1,,0.00,11,0.00\n"
        "#2,b@x.example,paid,fulfilled,EUR,20.00,5.00,0.00,25.00,,0.00,2026-02-05 10:00:00 +0100,3,Cup,10.00,C1,,0.00,12,0.00\n"
        "#3,c@x.example,refunded,fulfilled,EUR,33.34,5.00,5.32,38.34,TEN,0.01,2026-02-06 10:00:00 +0100,1,Cup,11.11,C1,,38.34,13,0.00\n"
        "#3,c@x.example,,,,,,,,,,2026-02-06 10:00:00 +0100,2,Plate,11.12,P1,,,,0.00\n"
    )
    report = imported(home, "shopify", put(tmp_path, "orders.csv", SHOP + rows))
    assert sold(home) == {"#1": 80.0, "#2": 20.0, "#3": 33.34}
    assert "#2 come to more than their Subtotal" in said(report)
    assert "38.34" in said(report)
    assert "#3" in said(report)
    assert "prices include tax" in said(report)


def test_one_file_with_the_orders_of_two_shops_keeps_their_lines_apart(home: Path, tmp_path: Path) -> None:
    rows = (
        "#1,a@x.example,paid,fulfilled,EUR,10.00,0,0,10.00,,0.00,2026-02-04 10:00:00 +0100,1,Lamp,10.00,L1,,0.00,11,0.00\n"
        "#1,a@x.example,paid,fulfilled,EUR,30.00,0,0,30.00,,0.00,2026-02-04 10:00:00 +0100,1,Vase,20.00,V1,,0.00,77,0.00\n"
        "#1,a@x.example,,,,,,,,,,2026-02-04 10:00:00 +0100,1,Bowl,10.00,B1,,,,0.00\n"
    )
    imported(home, "shopify", put(tmp_path, "orders.csv", SHOP + rows))
    assert sold(home) == {"#1": 10.0, "#1/77": 30.0}


WOO = """Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),Email (Billing),Cart Discount Amount,Order Subtotal Amount,SKU,Item Name,Quantity (- Refund),Item Cost
1001,Completed,2026-03-02 10:00,Kim,Nord,kim@north.example,10,100,B8,Bolt,2,30
1001,Completed,2026-03-02 10:00,Kim,Nord,kim@north.example,10,100,N8,Nut,1,40
1002,Processing,2026-03-03 10:00,Lee,Sud,lee@south.example,5,50,W1,Washer,1,45
"""


def test_woocommerce_item_costs_before_or_after_the_discount_come_to_what_was_paid(home: Path, tmp_path: Path) -> None:
    imported(home, "woocommerce", put(tmp_path, "orders.csv", WOO))
    assert sold(home) == {"1001": 90.0, "1002": 45.0}


# keys that collide ---------------------------------------------------------------------------------------------------


def company(folder: Path, names: str, orders: str) -> Path:
    put(folder, "customers.csv", "customer_id,name\n" + "".join(f"{i},{n}\n" for i, n in enumerate(names.split(), 1)))
    put(folder, "orders.csv", "order_id,customer_id,ordered_at,status\n" + orders)
    return folder


A = "1001,1,2026-01-05,delivered\n1002,2,2026-01-06,delivered\n"
B = "1001,2,2026-02-05,delivered\n1003,3,2026-02-07,open\n"


def test_customers_and_orders_of_another_system_are_kept_out_and_said_and_a_scope_lets_them_in(
    home: Path, tmp_path: Path
) -> None:
    first, second = company(tmp_path / "a", "Norrvik Sandberg Tarn", A), company(tmp_path / "b", "Peel Quist Rolf", B)
    imported(home, "canonical", first)
    report = imported(home, "canonical", second)
    assert report.reasons == {"`customer_id` is that of another customer": 5}
    assert "Norrvik" in said(report)
    assert "--scope" in said(report)
    assert table(home, "customers", "customer_id")["name"].to_list() == ["Norrvik", "Sandberg", "Tarn"]
    scoped = imported(home, "canonical", second, scope="b")
    assert scoped.loaded == 5
    orders = table(home, "orders", "order_id")
    assert orders["customer_id"].to_dict() == {"1001": "1", "1002": "2", "b:1001": "b:2", "b:1003": "b:3"}


def test_an_order_number_of_another_order_is_kept_out_and_a_renamed_customer_is_not(home: Path, tmp_path: Path) -> None:
    imported(home, "canonical", company(tmp_path / "a", "Norrvik Sandberg Tarn", A))
    report = imported(home, "canonical", company(tmp_path / "c", "Norrvik Berglund Tarn", B))
    assert report.reasons == {"`order_id` is that of another order": 1}
    assert "2 from Sandberg to Berglund" in said(report)
    assert str(table(home, "orders", "order_id").loc["1001", "ordered_at"])[:10] == "2026-01-05"
    taken = imported(home, "canonical", tmp_path / "c" / "orders.csv", replacing=True)
    assert taken.updated == 1


def test_a_record_that_changed_in_part_is_updated(home: Path, tmp_path: Path) -> None:
    imported(home, "canonical", company(tmp_path / "a", "Norrvik Sandberg Tarn", A))
    moved = imported(
        home,
        "canonical",
        put(
            tmp_path / "d",
            "orders.csv",
            "order_id,customer_id,ordered_at,status\n1001,1,2026-01-09,open\n1002,3,2026-01-06,open\n",
        ),
    )
    assert (moved.updated, moved.quarantined) == (2, 0)


def test_a_persons_id_is_not_taken_for_a_comments(home: Path, tmp_path: Path) -> None:
    head = "id,text,date,rating\n"
    first = put(
        tmp_path,
        "first.csv",
        head + "17,Parcel was open,2026-03-02,2\n22,Good size,2026-03-21,4\n17,Second leak,2026-04-02,1\n",
    )
    report = imported(home, "feedback", first)
    assert report.loaded == 3
    assert "1 ids stand for several" in said(report)
    later = put(
        tmp_path, "later.csv", head + "17,Second leak,2026-04-02,1\n17,Third leak,2026-05-02,1\n22,Better now,2026-05-03,5\n"
    )
    assert (imported(home, "feedback", later).loaded, len(table(home, "feedback", "feedback_id"))) == (2, 5)
    assert imported(home, "feedback", first).unchanged == 3


@needs_cases
def test_10_ids_in_e_notation_are_refused_by_name(home: Path) -> None:
    report = imported(home, "feedback", case("10") / "feedback.csv")
    assert report.quarantined == 3
    assert "E notation" in " ".join(report.reasons)


# CRMs ----------------------------------------------------------------------------------------------------------------


@needs_cases
def test_03_ids_of_15_and_18_characters_are_one_and_the_footer_is_no_row(home: Path) -> None:
    report = imported(home, "salesforce", case("03") / "Account.csv", case("03") / "Order.csv")
    assert (report.loaded, report.quarantined) == (4, 5)
    owner = table(home, "orders", "order_id").merge(
        table(home, "customers", "customer_id"), left_on="customer_id", right_index=True
    )
    assert sorted(owner["name"]) == ["Norrvik Pumps", "Sandberg Foods"]
    assert len(table(home, "orders", "order_id")) == 2


@needs_cases
def test_06_the_words_of_a_hubspot_response_are_its_comment(home: Path) -> None:
    imported(home, "hubspot", case("06") / "all-companies.csv", case("06") / "feedback-submissions.csv")
    found = table(home, "feedback", "feedback_id")
    assert found["text"].fillna("").to_list() == ["The crate came open and two pumps were scratched.", "Easy to order.", ""]
    assert found["nps"].fillna(-1).to_list() == [3, -1, -1]
    assert found["rating_scale"].fillna("").to_list() == ["", "1-7", "0-2"]


# surveys -------------------------------------------------------------------------------------------------------------


@needs_cases
def test_04_label_rows_in_german_are_headers(home: Path) -> None:
    report = imported(home, "qualtrics", case("04") / "survey.csv")
    assert (report.set_aside, report.reasons) == ({"header": 2, "preview": 1, "unfinished": 1}, {})
    assert table(home, "feedback", "feedback_id")["nps"].to_list() == [10, 0]


@needs_cases
def test_05_questions_with_a_companys_name_in_them_are_known(home: Path) -> None:
    report = imported(home, "surveymonkey", case("05") / "survey.csv")
    found = table(home, "feedback", "feedback_id")
    assert (found["nps"].to_list(), found["rating"].to_list()) == ([9, 2, 10], [5, 2, 4])
    assert found["text"].notna().sum() == 2
    assert "Which of these did you buy?" in said(report)


ASKED = "Respondent ID,End Date,{nps},{rating},{text}\n,,Response,Response,Open-Ended Response\n"
ANSWERS = "1,03/21/2026 02:33:00 PM,{best},{very},Una\n2,03/22/2026 02:33:00 PM,{worst},{bad},due parole\n3,03/23/2026 02:33:00 PM,7,{neither},\n"
LANGUAGES = {
    "de": ("Würden Sie Pumpen Huber weiterempfehlen?", "Wie zufrieden sind Sie mit uns?", "Warum?", "10 - Äußerst wahrscheinlich", "Sehr zufrieden", "0 - Gar nicht", "Unzufrieden", "Weder zufrieden noch unzufrieden"),
    "it": ("Quanto è probabile che ci consigli a un amico?", "Quanto è soddisfatto di noi?", "Altri commenti", "Molto probabile - 10", "Molto soddisfatto", "0", "Insoddisfatto", "Né soddisfatto né insoddisfatto"),
    "pl": ("Czy polecisz nas znajomym?", "Jak bardzo jest Pan zadowolony?", "Dlaczego?", "10", "Bardzo zadowolony", "0", "Niezadowolony", "Ani zadowolony ani niezadowolony"),
    "sv": ("Hur troligt är det att du rekommenderar oss?", "Hur nöjd är du med oss?", "Varför?", "10", "Mycket nöjd", "0", "Missnöjd", "Varken nöjd eller missnöjd"),
    "pt": ("Recomendaria a Bombas Lda a um colega?", "Qual é a sua satisfação connosco?", "Comentários", "10", "Muito satisfeito", "0", "Insatisfeito", "Nem satisfeito nem insatisfeito, neutro"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_and_answers_are_known_in_other_languages(language: str, home: Path, tmp_path: Path) -> None:
    nps, rating, text, best, very, worst, bad, neither = LANGUAGES[language]
    asked = ASKED.format(nps=f'"{nps}"', rating=f'"{rating}"', text=f'"{text}"')
    answers = ANSWERS.format(best=best, very=very, worst=worst, bad=bad, neither=f'"{neither}"')
    imported(home, "surveymonkey", put(tmp_path, "survey.csv", asked + answers))
    found = table(home, "feedback", "feedback_id")
    assert (found["nps"].to_list(), found["rating"].to_list()) == ([10, 0, 7], [5, 2, 3])


def test_a_score_that_is_not_recognised_is_said_loudly(home: Path, tmp_path: Path) -> None:
    survey = "Respondent ID,End Date,Kolik bodů nám dáte?,Vaše slova o nás\n1,03/21/2026 02:33:00 PM,9,Vše v naprostém pořádku\n2,03/22/2026 02:33:00 PM,2,\n"
    report = imported(home, "surveymonkey", put(tmp_path, "survey.csv", survey))
    assert "NO SCORE QUESTION WAS RECOGNISED" in said(report)
    assert "Kolik bodů nám dáte?" in said(report)


def test_any_file_of_comments_in_spanish_is_read_by_what_is_asked_and_answered(home: Path, tmp_path: Path) -> None:
    forms = (
        '"Marca temporal","En una escala del 0 al 10, ¿nos recomendarías?","¿Cuántas estrellas le das?","Comentarios"\n'
        '"5/03/2026 14:05:22","10","★★★★★","Todo llegó a tiempo."\n"23/03/2026 9:15:02","0","★☆☆☆☆","Caja abierta."\n"2/04/2026 8:00:00","8","★★★★☆",""\n'
    )
    imported(home, "feedback", put(tmp_path, "respuestas.csv", forms))
    found = table(home, "feedback", "feedback_id").sort_values("at")
    assert (found["nps"].to_list(), found["rating"].to_list()) == ([10, 0, 8], [5, 1, 4])
    assert [str(d)[:10] for d in found["at"]] == ["2026-03-05", "2026-03-23", "2026-04-02"]


# helpdesk and mail ---------------------------------------------------------------------------------------------------


@needs_cases
def test_35_tickets_of_the_api_are_read_as_they_are(home: Path) -> None:
    report = imported(home, "zendesk", case("35") / "organizations.json", case("35") / "tickets.json")
    assert report.set_aside == {"no_organization": 1}
    assert len(table(home, "interactions", "interaction_id")) == 2
    found = table(home, "feedback", "feedback_id")
    assert found["text"].to_dict() == {
        "ZD-501": "The crate came open.\nTwo pumps are scratched.",
        "ZDS-T501": "Nobody called back.",
    }
    assert found.loc["ZDS-T501", "rating"] == 0


@needs_cases
def test_30_mail_of_any_charset_is_whole_and_without_what_was_quoted(home: Path) -> None:
    imported(home, "canonical", case("30") / "customers.csv")
    report = imported(home, "mbox", case("30") / "contacts.csv", case("30") / "inbox.mbox")
    assert (report.rows_in, report.loaded, report.unchanged, report.set_aside) == (10, 8, 1, {"automatic": 1})
    assert table(home, "feedback", "feedback_id")["text"].to_dict() == {
        "MAIL-m1@x": "Die Lieferung kam zu spät, schöne Grüße",
        "MAIL-m2@x": "The crate came open – “again”. It’s wet.",
        "MAIL-m3@x": "Pump leaks, très mal",
        "MAIL-m4@x": "Two invoices are wrong & unpaid.\nPlease call.",
        "MAIL-m5@x": "First line about the order.\n\nFrom Monday on we cannot take deliveries.\nThank you.",
        "MAIL-m6@x": "Still not solved.",
        "MAIL-m8@x": "Where is my order?",
        "MAIL-m9@x": "Das Maß ist voll – 3 Tage zu spät",
    }


def test_a_page_of_the_api_with_users_beside_the_tickets_is_read_as_the_file_says(home: Path, tmp_path: Path) -> None:
    put(tmp_path, "organizations.json", '{"organizations": [{"id": 1, "name": "Norrvik"}], "count": 1}')
    put(
        tmp_path,
        "tickets.json",
        '{"tickets": [{"id": 5, "organization_id": 1, "description": "Leaks", "created_at": "2026-01-05T08:00:00Z"}], "users": [{"id": 9, "name": "Ada"}]}',
    )
    report = imported(home, "zendesk", tmp_path / "organizations.json", tmp_path / "tickets.json")
    assert report.loaded == 2
    assert "`users`" in said(report)
    put(tmp_path, "page.ticket.json", '{"people": [{"id": 9}], "things": [{"id": 8}]}')
    with pytest.raises(BadInput, match="several lists"):
        imported(home, "zendesk", tmp_path / "page.ticket.json")
