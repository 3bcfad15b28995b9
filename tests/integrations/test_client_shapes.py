"""Round trips: what client libraries of the vendors give (recorded, see the README beside the files) means what it meant there."""

from __future__ import annotations

from pathlib import Path

from tests.integrations.test_cases_connectors import home as home  # noqa: PLC0414 - the fixture
from tests.integrations.test_cases_connectors import imported, said, sold, table
from tests.integrations.test_connectors import SAMPLES

CLIENTS = SAMPLES / "clients"


def test_simple_salesforce(home: Path) -> None:
    report = imported(home, "salesforce", CLIENTS / "salesforce")
    assert (report.rows_in, report.loaded) == (4, 4)
    customers = table(home, "customers", "customer_id")
    assert customers.loc["0015e00000AbCdEAAV", ["name", "account_owner", "region"]].to_list() == [
        "Norrvik Pumps",
        "Maria Ortiz",
        "TX",
    ]
    assert customers.loc["0015e00000AbCdeAAF", "parent_id"] == "0015e00000AbCdEAAV"
    assert table(home, "orders", "order_id")["customer_id"].to_list() == ["0015e00000AbCdEAAV"]
    case = table(home, "feedback", "feedback_id").iloc[0]
    assert (case["text"], case["customer_id"]) == ("The pallet came open.", "0015e00000AbCdeAAF")


def test_hubspot_api_client(home: Path) -> None:
    report = imported(home, "hubspot", CLIENTS / "hubspot")
    assert (report.rows_in, report.loaded) == (3, 3)
    company = table(home, "customers", "customer_id").loc["901"]
    assert (company["name"], company["size"], company["region"]) == ("Norrvik Pumps", "120", "TX")
    found = table(home, "feedback", "feedback_id")
    assert found["text"].to_dict() == {"HS-5501": "The crate came open.", "HSF-77001": "Quick answers."}
    assert found["customer_id"].to_list() == ["901", "901"]
    assert found.loc["HSF-77001", "nps"] == 9
    assert "several companies" not in said(report)


def test_shopify_api(home: Path) -> None:
    report = imported(home, "shopify", CLIENTS / "shopify" / "orders.json")
    assert sold(home) == {"#2001": 90.0, "#2002": 45.0}
    orders = table(home, "orders", "order_id")
    assert orders["status"].to_dict() == {"#2001": "delivered", "#2002": "open"}
    back = table(home, "returns", "return_id").iloc[0]
    assert (back["order_id"], back["product_id"], float(back["qty"]), float(back["value"])) == ("#2001", "B8", 1.0, 27.0)
    assert str(back["requested_at"])[:10] == "2026-03-10"
    assert imported(home, "shopify", CLIENTS / "shopify" / "orders.json").unchanged == report.rows_in


def test_woocommerce_api(home: Path) -> None:
    report = imported(home, "woocommerce", CLIENTS / "woocommerce" / "orders.json")
    assert sold(home) == {"727": 90.0, "728": 90.0}
    assert table(home, "orders", "order_id")["status"].to_dict() == {"727": "delivered", "728": "cancelled"}
    assert "refunds on 727" in said(report)
