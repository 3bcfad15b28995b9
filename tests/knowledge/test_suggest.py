"""Suggested mappings: files in many shapes are recognised, and what is suggested loads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.errors import BadInput
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.notation import Notation
from knowledge.profile import profile
from knowledge.suggest import Suggestion, columns_of, suggest
from knowledge.tables import Store
from tests.support import DATA

FILES: dict[str, str] = {
    "kunden.csv": "Kundennr;Firma;Land;Branche;Betreuer;angelegt am\n10001;Müller GmbH;DE;Maschinenbau;Schmidt;01.02.2019\n"
    "10002;Étoile SARL;FR;Handel;Meier;15.03.2020\n10003;Svea AB;SE;Handel;Schmidt;30.11.2021\n",
    "auftraege.csv": "Belegnummer;Pos;Datum;Kundennummer;Kunde;Artikelnummer;Bezeichnung;Menge;Einzelpreis;Liefertermin;Lieferdatum;Auftragsstatus\n"
    "A1;1;03.01.2026;1;Müller;P-1;Palette;10;1.234,50 €;10.01.2026;09.01.2026;geliefert\n"
    "A1;2;03.01.2026;1;Müller;P-2;Kiste;5,5;12,00 €;10.01.2026;09.01.2026;geliefert\n"
    "A2;1;14.01.2026;2;Étoile;P-1;Palette;1;1.200,00 €;20.01.2026;;offen\n",
    "tickets.csv": "Ticket #,Company,Created,Via,Subject,Description,Status,Assignee,Solved\n"
    '1001,Acme,2026-01-02T10:00:00Z,Email,Where is my order,"Hello, where is my order 4711? It was due last week.",solved,Kim,2026-01-03T10:00:00Z\n'
    '1002,Globex,2026-01-03T11:30:00Z,Phone,Damaged pallet,"Two boxes arrived crushed, please send new ones soon.",open,Lee,\n',
    "people.csv": "Full Name,Account ID,Job Title,Mail\nJoe Doe,C1,Buyer,joe@acme.com\nAnn Lee,C2,CFO,ann@globex.org\n",
    "survey.csv": "Response ID,Date,How likely are you to recommend,What could we do better?\n"
    "1,01/31/2026,9,Deliver on the day that was promised and tell us when not\n"
    "2,02/01/2026,3,Invoices never match the delivery notes which costs us hours\n3,02/15/2026,10,\n",
    "rma_2026.csv": "RMA Number,Customer No,Item No,Qty,Credit Amount,Return Reason,Return Date,Outcome\n"
    "R1,C1,P1,2,$40.00,too late,2026-01-05,Credited\nR2,C2,P1,1,$20.00,broken,2026-01-09,Scrapped\n",
    "articles.tsv": "Material Number\tMaterial Description\tProduct Group\tStandard Cost\tLead Time (days)\nM1\tBolt\tFixings\t0.12\t14\nM2\tNut\tFixings\t0.08\t7\n",
    "stock_levels.csv": "SKU,Warehouse,As of,Qty on hand,Safety stock\nP1,North,2026-01-31,120,30\nP1,South,2026-01-31,4,10\n",
    "SalesOrders.csv": "Order #,Account,Order Date,Ship Date,Actual Delivery Date,Promise Date,Ship Via,Order Status\n"
    "1,Acme,2026-01-02,2026-01-03,2026-01-05,2026-01-06,DHL,Complete\n2,Globex,2026-01-03,,,2026-01-09,UPS,On hold\n",
    "lines_total.csv": "invoice,date,client,article,pieces,Line Total\n7,2026-01-02,Acme,P1,4,10.00\n7,2026-01-02,Acme,P2,1,3.00\n8,2026-01-04,Globex,P1,2,5.00\n",
    "deals.csv": "Deal ID,Deal name,Company,Pipeline stage,Deal value,Close date\nD1,Racks,Acme,won,1200,2026-02-01\nD2,Bins,Globex,open,900,2026-03-01\n",
    "billing.csv": "Invoice No,Account ID,Invoice Date,Due Date,Payment Date,Total Amount\nI1,C1,2026-01-01,2026-01-31,2026-01-20,100.5\nI2,C2,2026-01-02,2026-02-01,,70\n",
}  # fmt: skip
TABLE = {
    "kunden.csv": "customers", "auftraege.csv": "order_lines", "tickets.csv": "interactions", "people.csv": "contacts",
    "survey.csv": "feedback", "rma_2026.csv": "returns", "articles.tsv": "products", "stock_levels.csv": "inventory",
    "SalesOrders.csv": "orders", "lines_total.csv": "order_lines", "deals.csv": "opportunities", "billing.csv": "invoices",
}  # fmt: skip
MEANT = {
    "kunden.csv": {"Kundennr": "customers.customer_id", "Betreuer": "customers.account_owner", "Land": "customers.country"},
    "auftraege.csv": {"Liefertermin": "orders.promised_date", "Lieferdatum": "orders.delivered_at", "Menge": "order_lines.qty_ordered",
                      "Bezeichnung": "products.name", "Kunde": "customers.name"},
    "tickets.csv": {"Description": "interactions.text", "Solved": "interactions.resolved_at", "Status": None},
    "people.csv": {"Mail": "contacts.email", "Job Title": "contacts.role"},
    "survey.csv": {"How likely are you to recommend": "feedback.nps", "What could we do better?": "feedback.text"},
    "rma_2026.csv": {"Credit Amount": "returns.value", "Return Reason": "returns.reason_code", "Outcome": "returns.disposition"},
    "articles.tsv": {"Material Description": "products.name", "Standard Cost": "products.unit_cost"},
    "stock_levels.csv": {"Qty on hand": "inventory.on_hand", "Safety stock": "inventory.safety_stock"},
    "SalesOrders.csv": {"Promise Date": "orders.promised_date", "Ship Date": "orders.shipped_at", "Ship Via": "orders.carrier",
                        "Actual Delivery Date": "orders.delivered_at"},
    "lines_total.csv": {"Line Total": "order_lines._total", "pieces": "order_lines.qty_ordered", "date": "orders.ordered_at"},
    "deals.csv": {"Deal value": "opportunities.amount"},
    "billing.csv": {"Payment Date": "invoices.paid_at", "Total Amount": "invoices.amount"},
}  # fmt: skip


def load(tmp_path: Path, path: Path, found: Suggestion) -> ImportReport:
    (tmp_path / "m.yaml").write_text(found.yaml, encoding="utf-8")
    return import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [path])


@pytest.mark.parametrize("name", FILES)
def test_files_of_many_shapes_are_recognised_and_load(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    found = suggest(path)
    assert found.table == TABLE[name]
    targets = {g.column: g.target for g in found.columns}
    for column, target in MEANT[name].items():
        assert (targets[column] or "None").split(", ")[0] == str(target)
    assert all(0 <= g.confidence <= 1 and g.why for g in found.columns)
    assert found.missing == ()
    assert found.confidence > 0.7
    report = load(tmp_path, path, found)
    assert report.loaded == report.rows_in == FILES[name].count("\n") - 1, report.reasons


def test_values_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "auftraege.csv"
    path.write_text(FILES["auftraege.csv"], encoding="cp1252")
    found = suggest(path)
    assert "encoding: cp1252" in found.yaml
    load(tmp_path, path, found)
    store = Store(tmp_path / "w" / "tables")
    lines = {(r["order_id"], r["line"]): r for r in store.read("order_lines").to_pylist()}
    assert [float(lines[k]["unit_price"]) for k in (("A1", 1), ("A2", 1))] == [1234.5, 1200.0]
    assert float(lines["A1", 2]["qty_ordered"]) == 5.5
    orders = {r["order_id"]: r for r in store.read("orders").to_pylist()}
    assert {o: r["status"] for o, r in orders.items()} == {"A1": "delivered", "A2": "open"}
    assert orders["A1"]["promised_date"].isoformat() == "2026-01-10"
    assert {r["name"] for r in store.read("customers").to_pylist()} == {"Müller", "Étoile"}
    assert "currency: EUR" in found.yaml


def test_what_is_not_found_is_said(tmp_path: Path) -> None:
    path = tmp_path / "order_items.csv"
    path.write_text("order_id,sku,price\n1,P1,2.50\n1,P2,3.10\n2,P1,2.50\n")
    found = suggest(path)
    assert found.table == "order_lines"
    assert found.missing == ("order_lines.qty_ordered",)
    assert "NOT FOUND: order_lines.qty_ordered" in found.yaml
    assert any("order_lines.line" in a for a in found.assumed)
    assert load_mapping(_written(tmp_path, found)).name


def test_days_and_months_that_cannot_be_told_apart_are_less_sure(tmp_path: Path) -> None:
    texts = {"clear": "R1,31/01/2026,good service\nR2,02/02/2026,bad service\n", "unclear": "R1,03/01/2026,good service\nR2,02/02/2026,bad service\n"}  # fmt: skip
    sure = {}
    for name, rows in texts.items():
        path = tmp_path / f"{name}.csv"
        path.write_text("review id,date,comment\n" + rows)
        sure[name] = next(g for g in suggest(path).columns if g.column == "date")
    assert sure["unclear"].confidence < sure["clear"].confidence
    assert "day/month or month/day" in sure["unclear"].why


def test_a_file_without_a_header_and_a_file_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text("joe@acme.com,12,2026-01-01\nann@globex.org,15,2026-01-02\n")
    found = suggest(tmp_path / "contacts.csv")
    assert "header:" in found.yaml
    assert {g.column: g.target for g in found.columns}["column_1"] == "contacts.email"
    (tmp_path / "x.csv").write_text("alpha,beta\nq,w\ne,r\n")
    with pytest.raises(BadInput, match="none of the tables"):
        suggest(tmp_path / "x.csv")


def test_profiles() -> None:
    decimals = {"1,234.50": ".", "1.234,50": ",", "1234.5": ".", "1'234.50": "."}
    for text, sign in decimals.items():
        assert profile([text, "12"]).written.notation == Notation(sign)
    assert profile(["1.234", "12"]).written.undecided
    assert profile(["a@b.de", None, "c@d.org"]).emails == 1.0
    assert profile(["2026-01-01", "2026-01-02 10:00"]).dates == 1.0
    assert profile([None, ""]).filled == 0.0


@pytest.mark.slow
def test_real_files(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip("the real data is not here (../shared/data)")
    want = {
        "customers": "customers",
        "orders": "orders",
        "order_items": "order_lines",
        "order_reviews": "feedback",
        "products": "products",
    }
    for name, table in want.items():
        assert suggest(DATA / "olist-sample" / f"olist_{name}_dataset.csv").table == table
    path = DATA / "online-retail" / "online_retail.csv.gz"
    found = suggest(path)
    assert found.table == "order_lines"
    assert {"orders", "products", "customers"} <= set(found.tables)
    report = load(tmp_path, path, found)
    assert report.adds_up
    assert report.loaded > 390_000
    assert json.dumps(found.as_dict())


def _written(folder: Path, found: Suggestion) -> Path:
    (folder / "s.yaml").write_text(found.yaml)
    return folder / "s.yaml"


def targets(path: Path, text: str) -> tuple[dict[str, str | None], Suggestion]:
    path.write_text(text, encoding="utf-8")
    found = suggest(path)
    return {g.column: g.target for g in found.columns}, found


def test_who_bought_may_be_an_address_and_an_articles_name_is_no_customers(tmp_path: Path) -> None:
    text = (
        "order-id\tpurchase-date\tbuyer-email\tbuyer-name\tsku\tproduct-name\tquantity-purchased\titem-price\n"
        "1\t2026-03-01\tann@x.example\tAnn\tP1\tFilter\t1\t10\n2\t2026-03-02\tbob@y.example\tBob\tP2\tHose\t3\t60\n3\t2026-03-02\tann@x.example\tAnn\tP2\tHose\t1\t20\n"
    )
    meant, _ = targets(tmp_path / "report.txt", text)
    assert (meant["buyer-email"] or "").split(", ") == ["orders.customer_id", "customers.customer_id"]
    assert (meant["product-name"], meant["buyer-name"]) == ("products.name", "customers.name")


@pytest.mark.parametrize(
    ("head", "rows", "meant"),
    [
        ("Sell-to Customer No.,No.,Document Date,Line No.,Item No.,Quantity,Unit Price,Applies-to Doc. No.",
         "C1,S1,2026-01-05,1,P1,2,10,\nC2,S2,2026-01-06,1,P1,3,10,\nC1,S3,2026-01-07,1,P2,1,20,S1\n", {"No.": "orders.order_id", "Sell-to Customer No.": "orders.customer_id"}),
        ("Sales Document,Item,Created on,Sold-to party,Material,Order Quantity,Net price",
         "1,10,2026-01-05,K1,M1,2,10\n1,20,2026-01-05,K1,M2,1,20\n2,10,2026-01-06,K2,M1,3,10\n", {"Item": "order_lines.line", "Material": "order_lines.product_id", "Created on": "orders.ordered_at"}),
        ("Document Number,Date,Name,Item,Quantity,Item Rate,Status",
         "S1,2026-01-05,Acme,VALVE,2,10,Pending Fulfillment\nS2,2026-01-06,Globex,HOSE,1,20,Odd words\n", {"Name": "orders.customer_id", "Date": "orders.ordered_at", "Status": "orders.status"}),
    ],
)  # fmt: skip
def test_names_that_mean_something_beside_their_systems_others(
    head: str, rows: str, meant: dict[str, str], tmp_path: Path
) -> None:
    found, proposal = targets(tmp_path / "export.csv", f"{head}\n{rows}")
    assert {c: t for c, t in meant.items() if t not in (found[c] or "").split(", ")} == {}
    assert load(tmp_path, tmp_path / "export.csv", proposal).quarantined == 0


def test_a_status_of_unknown_words_alone_loads(tmp_path: Path) -> None:
    _, proposal = targets(
        tmp_path / "orders.csv", "Order No,Customer,Order Date,Status\nA,K,2026-01-05,Zrobione\nB,L,2026-01-06,Czeka\n"
    )
    assert any("'Zrobione', 'Czeka' taken as open" in a for a in proposal.assumed)
    assert load(tmp_path, tmp_path / "orders.csv", proposal).loaded == 2


def test_lines_without_who_bought_say_so_before_they_are_loaded(tmp_path: Path) -> None:
    _, proposal = targets(
        tmp_path / "lines.csv", "Order No,Order Date,SKU,Qty,Unit Price\nA,2026-01-05,P1,1,10\nB,2026-01-06,P2,2,10\n"
    )
    assert any("who bought" in n and "orders.customer_id" in n for n in proposal.notes)


@pytest.mark.parametrize(
    "name",
    ["Refund Amount", "Rabattbetrag", "MwSt.-Betrag", "Shipping Amount", "Cart Discount Amount", "Order Subtotal Amount"],
)
def test_what_comes_off_or_on_top_is_no_line_total(name: str, tmp_path: Path) -> None:
    found, _ = targets(
        tmp_path / "o.csv",
        f"Order No,Customer,Order Date,SKU,Qty,Unit Price,{name}\nA,K,2026-01-05,P1,1,10,0\nB,L,2026-01-06,P2,2,10,3\n",
    )
    assert found[name] != "order_lines._total"


ODD = "Nr,Client,Ordered On,Item,Qty,Price each,Remark\n1001,Firm A,2026-01-02,Bolt,3,10.5,ok\n1002,Firm B,2026-01-03,Nut,2,4.25,late\n1003,Firm A,2026-02-03,Nut,2,4.25,\n"


def test_what_a_person_says_of_columns_is_heeded(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(ODD, encoding="utf-8")
    assert suggest(path).table == "customers", "without a person's word it is misread"
    found = suggest(path, told={"Nr": "orders.order_id", "Ordered On": "orders.ordered_at"})
    assert found.table == "order_lines"
    assert found.left == ("Remark",)
    report = load(tmp_path, path, found)
    assert report.loaded == report.rows_in == 3
    orders = Store(tmp_path / "w" / "tables").read("orders").to_pylist()
    assert sorted(o["order_id"] for o in orders) == ["1001", "1002", "1003"]
    assert suggest(path, told={"Qty": "order_lines.qty_ordered"}).table == "order_lines"
    without = suggest(path, told={"Price each": "", "Qty": ""})
    assert {"Price each", "Qty"} <= set(without.left)


def test_a_field_that_there_is_not_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(ODD, encoding="utf-8")
    with pytest.raises(BadInput, match=r"no field `orders\.nothing`"):
        suggest(path, told={"Nr": "orders.nothing"})
    assert columns_of(path) == ["Nr", "Client", "Ordered On", "Item", "Qty", "Price each", "Remark"]
