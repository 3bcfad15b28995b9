"""The fifty files of `tests/data/files/outside`: each loads right, or is refused with the true cause; and relatives of what went wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from tests.knowledge.outside import OUTSIDE, expected, met, verdict
from tests.knowledge.test_other_peoples_files import columns, loaded, revenue, rows

CASES = sorted(p.name for p in OUTSIDE.iterdir() if p.is_dir())
HEAD = "Order No,Order Date,Customer No,Customer,SKU,Qty,Unit Price"


@pytest.mark.parametrize("name", CASES)
def test_a_file_from_outside_is_right_or_refused_for_its_true_cause(name: str, tmp_path: Path) -> None:
    found = met(name, tmp_path)
    said, differs = verdict(name, found)
    assert said in ("right", "refused"), f"{expected(name)['about']}\n{differs}\n{found.said}"


def test_discounts_below_zero_without_a_total_are_taken_off(tmp_path: Path) -> None:
    loaded(
        tmp_path, "o.csv", f"{HEAD},Discount Amount\n1,2026-02-03,K1,Fjord,CUP,1,20,-3.10\n2,2026-02-04,K2,Berg,CUP,1,20,0\n"
    )
    assert revenue(tmp_path) == 36.9


@pytest.mark.parametrize("kind", ["Versandkosten", "Freight", "G/L Account", "frais de port", "送料"])
def test_rows_that_a_column_calls_shipping_are_no_goods(kind: str, tmp_path: Path) -> None:
    found, report = loaded(
        tmp_path,
        "o.csv",
        f"{HEAD},Row kind\n1,2026-02-03,K1,Fjord,CUP,2,20,Goods\n1,2026-02-03,K1,Fjord,X9,1,6,{kind}\n2,2026-02-04,K2,Berg,CUP,1,20,Goods\n",
    )
    assert (revenue(tmp_path), report.set_aside) == (60.0, {f"no goods: {kind}": 1})
    assert any("6.00 of the 66.00" in n for n in found.notes)


def test_an_article_that_is_called_freight_is_none_beside_goods_and_one_where_it_is_all(tmp_path: Path) -> None:
    text = "Order No,Order Date,Customer,Item,Qty,Unit Price\n1,2026-02-03,Fjord,Cup,2,20\n1,2026-02-03,Fjord,Freight,1,6\n2,2026-02-04,Berg,Cup,1,20\n"
    loaded(tmp_path, "o.csv", text)
    assert revenue(tmp_path) == 60.0
    (tmp_path / "b").mkdir()
    carrier = (
        "Order No,Order Date,Customer,Item,Qty,Unit Price\n1,2026-02-03,Fjord,Freight,2,20\n2,2026-02-04,Berg,Freight,1,6\n"
    )
    loaded(tmp_path / "b", "o.csv", carrier)
    assert revenue(tmp_path / "b") == 46.0


def test_a_sort_of_goods_that_is_called_transport_is_goods(tmp_path: Path) -> None:
    body = "1,2026-02-03,K1,Fjord,VAN,2,20,Transport\n1,2026-02-03,K1,Fjord,CUP,4,30,Kitchen\n2,2026-02-04,K2,Berg,CAR,1,20,Transport\n3,2026-02-04,K2,Berg,POT,1,30,Kitchen\n4,2026-02-05,K2,Berg,POT,1,30,Kitchen\n"
    loaded(tmp_path, "o.csv", f"{HEAD},Category\n{body}")
    assert revenue(tmp_path) == 240.0


def test_whether_something_is_taxed_does_not_make_it_a_tax(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        "o.csv",
        f"{HEAD},Tax\n1,2026-02-03,K1,Fjord,CUP,2,20,yes\n2,2026-02-04,K2,Berg,POT,1,30,no\n3,2026-02-04,K2,Berg,POT,1,30,no\n",
    )
    assert revenue(tmp_path) == 100.0


@pytest.mark.parametrize("state", ["Angebot", "Draft", "devis", "abandoned checkout"])
def test_a_quotation_is_no_order(state: str, tmp_path: Path) -> None:
    text = f"{HEAD},Status\n1,2026-02-03,K1,Fjord,CUP,2,20,shipped\n2,2026-02-04,K2,Berg,CUP,1,20,{state}\n"
    _, report = loaded(tmp_path, "o.csv", text)
    assert (revenue(tmp_path), report.set_aside) == (40.0, {"a quotation, no order": 1})


def test_an_article_of_a_kind_that_is_called_draft_is_sold(tmp_path: Path) -> None:
    text = f"{HEAD},Item type\n1,2026-02-03,K1,Fjord,ALE,2,20,Bottle\n2,2026-02-04,K2,Berg,LAGER,1,20,Draft\n"
    loaded(tmp_path, "o.csv", text)
    assert revenue(tmp_path) == 60.0


@pytest.mark.parametrize("column", ["ABGRU", "Cancellation reason", "Reason for rejection"])
def test_a_row_with_a_reason_why_it_was_taken_out_is_cancelled(column: str, tmp_path: Path) -> None:
    text = (
        f"{HEAD},{column}\n1,2026-02-03,K1,Fjord,CUP,2,20,\n2,2026-02-04,K2,Berg,CUP,1,20,Z3\n3,2026-02-05,K2,Berg,CUP,1,20,\n"
    )
    _, report = loaded(tmp_path, "o.csv", text)
    assert (revenue(tmp_path), report.set_aside) == (60.0, {"cancelled": 1})


def test_a_total_below_zero_is_a_credit_whatever_sign_its_quantity_has(tmp_path: Path) -> None:
    text = f"{HEAD},Line Total\n1,2026-02-03,K1,Fjord,CUP,2,20,40\n2,2026-02-04,K2,Berg,CUP,1,20,20\n3,2026-02-05,K2,Berg,CUP,1,20,-20\n"
    loaded(tmp_path, "o.csv", text)
    assert (revenue(tmp_path), [float(r["value"]) for r in rows(tmp_path, "returns")]) == (60.0, [20.0])  # type: ignore[arg-type]


def test_numbers_of_a_column_called_as_the_mapping_calls_it_are_read_in_their_notation(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        'id,dealname,dealstage,amount,createdate,Associated Company IDs\n1,Cups,closedwon,"2,400.75",2026-01-03,91\n',
        encoding="utf-8",
    )
    (tmp_path / "companies.csv").write_text("Record ID,Name\n91,Fjord\n", encoding="utf-8")
    report = import_files(tmp_path / "w", load_mapping("hubspot"), sorted(tmp_path.glob("*.csv")))
    assert (report.quarantined, [float(r["amount"]) for r in rows(tmp_path, "opportunities")]) == (0, [2400.75])  # type: ignore[arg-type]


def test_who_is_named_beside_is_the_customer_and_his_order_is_not(tmp_path: Path) -> None:
    text = "Sales Order,Entered,Purchase Order,Ship-to,Ship-to Name,SKU,Qty,Unit Price\n1,2026-02-03,PO-1,7,Fjord,CUP,2,20\n2,2026-02-04,PO-2,8,Berg,CUP,1,20\n3,2026-02-05,PO-3,7,Fjord,CUP,1,20\n"
    found, _ = loaded(tmp_path, "o.csv", text)
    assert columns(found)["Ship-to"] == "orders.customer_id, customers.customer_id"
    assert (columns(found)["Purchase Order"], {r["name"] for r in rows(tmp_path, "customers")}) == (None, {"Fjord", "Berg"})


def test_connections_of_graphql_are_lists_at_every_depth(tmp_path: Path) -> None:
    order = {"name": "#7", "processedAt": "2026-02-03", "customer": {"id": "K1"}}
    line = {"sku": "CUP", "quantity": 2, "unitPrice": {"amount": "20.0"}}
    whole = {
        "data": {"shop": {"orders": {"nodes": [{**order, "lineItems": {"nodes": [line], "totalCount": 1}}]}}},
        "extensions": {"cost": {"n": 1}},
    }
    loaded(tmp_path, "orders.json", json.dumps(whole))
    assert (revenue(tmp_path), [r["order_id"] for r in rows(tmp_path, "orders")]) == (40.0, ["#7"])


def test_amounts_of_orders_without_lines_are_no_revenue_and_this_is_said(tmp_path: Path) -> None:
    text = "Order No,Order Date,Customer No,Kind,Order Total\n1,2026-02-03,K1,sale,40\n2,2026-02-04,K2,sale,20\n3,2026-02-05,K2,refund,-20\n"
    _, report = loaded(tmp_path, "orders.csv", text)
    assert (len(rows(tmp_path, "orders")), report.set_aside) == (2, {"a credit or a payment, no order": 1})
    assert any("`Order Total`" in n and "no revenue" in n for n in report.notes)


def test_what_is_called_an_article_beside_its_number_is_its_name(tmp_path: Path) -> None:
    text = "Order No,Order Date,Customer,SKU,EAN,Item,Qty,Unit Price\n1,2026-02-03,Fjord,CUP-1,4006381333931,Red cup,2,20\n2,2026-02-04,Berg,CUP-2,4006381333948,Blue cup,1,20\n"
    loaded(tmp_path, "o.csv", text)
    assert {(r["product_id"], r["name"]) for r in rows(tmp_path, "products")} == {("CUP-1", "Red cup"), ("CUP-2", "Blue cup")}
