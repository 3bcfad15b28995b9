"""What well-known systems call their columns: realistic headers, each with what it must and what it must not be taken for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from knowledge.suggest import Suggestion, suggest

SAP = "MANDT VBELN POSNR AUART VKORG VTWEG ERDAT ERNAM KUNNR NAME1 LAND1 REGIO VDATU MATNR ARKTX MATKL KWMENG VRKME NETPR KPEIN NETWR WAERK MWSBP GBSTK WERKS LFDAT WADAT_IST WAVWR PRCTR"
SAP_ROWS = [
    "100 0000004501 000010 TA 1000 10 20260105 KM 0000104711 Hydrotec DE BY 20260119 P10 Pump PUMP 2.000 ST 120.50 1 241.00 EUR 45.79 C 1010 20260118 20260117 140.00 P1",
    "100 0000004502 000010 TA 1000 10 20260112 KM 0000104712 Nordvik NO 03 20260126 S20 Seal SEAL 10.000 ST 840.00 100 84.00 EUR 15.96 A 1010 20260125 20260127 50.00 P1",
]
CASES: dict[str, tuple[str, list[str], str, dict[str, str], set[str]]] = {
    # name: header, rows, delimiter, what must be found, columns that must be left out
    "sap orders": (
        SAP.replace(" ", ";"), [r.replace(" ", ";") for r in SAP_ROWS], ";",
        {"VBELN": "orders.order_id", "KUNNR": "orders.customer_id", "NAME1": "customers.name", "LAND1": "customers.country", "REGIO": "customers.region", "MATNR": "order_lines.product_id",
         "KWMENG": "order_lines.qty_ordered", "NETPR": "order_lines.unit_price", "KPEIN": "order_lines._per", "LFDAT": "orders.promised_date", "VDATU": "orders.requested_date",
         "WADAT_IST": "orders.shipped_at", "GBSTK": "orders.status", "WERKS": "orders.ship_from", "VRKME": "products.unit"},
        {"MANDT", "ERNAM", "PRCTR"},
    ),
    "sap deliveries": (
        "VBELN;ERDAT;LFART;KUNNR;LFDAT;WADAT;WADAT_IST;POSNR;MATNR;ARKTX;LFIMG;VGBEL;VGPOS",
        ["0080000101;05.01.2026;LF;104711;08.01.2026;07.01.2026;07.01.2026;10;P10;Pump;2,5;0000004501;10", "0080000102;12.01.2026;LF;104712;15.01.2026;14.01.2026;16.01.2026;10;S20;Seal;10,0;0000004502;10"], ";",
        {"VGBEL": "orders.order_id", "WADAT_IST": "orders.shipped_at"}, {"VBELN", "ERDAT", "POSNR"},
    ),
    "dynamics 365": (
        "dataAreaId,SalesOrderNumber,LineNumber,OrderingCustomerAccountNumber,SalesOrderName,ItemNumber,ProductName,OrderedSalesQuantity,SalesPrice,SalesPriceQuantity,LineDiscountPercentage,LineAmount,LineDiscountAmount,OrderCreationDateTime,ConfirmedShippingDate,ConfirmedReceiptDate,SalesOrderLineStatus",
        ["usmf,SO-1,1,US-11,Hydrotec,D01,Pump,2,120.50,1,10,216.90,0,2026-01-05T00:00:00Z,2026-01-09T00:00:00Z,2026-01-12T00:00:00Z,Invoiced", "usmf,SO-2,1,US-12,Nordvik,D02,Seal,10,8.40,1,0,84.00,0,2026-01-06T00:00:00Z,2026-01-10T00:00:00Z,2026-01-13T00:00:00Z,Backorder"], ",",
        {"LineDiscountPercentage": "order_lines.discount", "ConfirmedReceiptDate": "orders.promised_date", "SalesPriceQuantity": "order_lines._per", "SalesOrderLineStatus": "orders.status"},
        {"ConfirmedShippingDate", "LineDiscountAmount"},
    ),
    "netsuite": (
        "Internal ID,Date,Type,Document Number,Name,Status,Item,Quantity,Quantity Fulfilled/Received,Item Rate,Amount,Expected Ship Date,Actual Ship Date,Location,Currency,Tax Line",
        ["4001,1/5/2026,Sales Order,SO1001,11 Hydrotec,Billed,PUMP,2,2,120.50,241.00,1/14/2026,1/13/2026,East,USD,F", "4002,1/16/2026,Sales Order,SO1002,12 Nordvik,Pending Fulfillment,SEAL,10,0,8.40,84.00,1/25/2026,,East,USD,F"], ",",
        {"Document Number": "orders.order_id", "Name": "orders.customer_id", "Item Rate": "order_lines.unit_price", "Expected Ship Date": "orders.promised_date", "Actual Ship Date": "orders.shipped_at"},
        {"Tax Line", "Internal ID"},
    ),
    "odoo": (
        "Order Reference,Order Date,Customer,Delivery Date,Salesperson,Order Lines/Product,Order Lines/Quantity,Order Lines/Delivery Quantity,Order Lines/Invoiced Quantity,Order Lines/Unit Price,Order Lines/Discount (%),Order Lines/Subtotal",
        ["S01,2026-01-05 08:12:00,Hydrotec,2026-01-12 08:00:00,Mitchell,[P] Pump,2,2,2,120.50,0,241.00", ",,,,,[S] Seal,5,5,5,8.40,10,37.80", "S02,2026-01-10 08:12:00,Nordvik,2026-01-17 08:00:00,Mitchell,[P] Pump,2,2,2,120.50,10,216.90"], ",",
        {"Delivery Date": "orders.promised_date", "Order Lines/Delivery Quantity": "order_lines.qty_delivered", "Order Lines/Unit Price": "order_lines.unit_price", "Order Lines/Discount (%)": "order_lines.discount"},
        {"Order Lines/Invoiced Quantity"},
    ),
    "shopify": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Province,Billing Country,Id",
        ["#1,a@x.example,paid,2026-01-05 10:00:00 +0100,fulfilled,2026-01-07 10:00:00 +0100,EUR,10.00,4.90,1.90,16.80,0.00,2026-01-05 10:00:00 +0100,1,Cup,10.00,C1,Ann,BE,DE,5501", "#2,b@x.example,paid,2026-01-06 10:00:00 +0100,fulfilled,2026-01-08 10:00:00 +0100,EUR,20.00,4.90,3.80,28.70,0.00,2026-01-06 10:00:00 +0100,2,Cup,10.00,C1,Bob,BE,DE,5502"], ",",
        {"Name": "orders.order_id", "Created at": "orders.ordered_at", "Email": "orders.customer_id", "Subtotal": "order_lines._order_total", "Billing Country": "customers.country", "Billing Name": "customers.name"},
        {"Paid at", "Total"},
    ),
    "woocommerce": (
        "order_id,order_date,status,cart_discount,order_total,shipping_total,customer_id,billing_email,billing_company,billing_country,billing_state,item_id,item_sku,item_name,item_quantity,item_subtotal,item_total",
        ["2001,2026-01-05 10:00,completed,0,25.00,5.00,1,a@x.example,Ahlin,DE,BE,701,C1,Cup,2,20.00,20.00", "2002,2026-01-06 10:00,processing,1.00,14.00,5.00,2,b@x.example,Berg,DE,BE,702,C1,Cup,1,10.00,9.00"], ",",
        {"order_id": "orders.order_id", "item_total": "order_lines._total", "billing_country": "customers.country", "billing_state": "customers.region", "item_sku": "order_lines.product_id"}, {"item_subtotal"},
    ),
    "salesforce cases": (
        "Id,CaseNumber,AccountId,ContactId,Subject,Description,Status,Origin,Type,CreatedDate,ClosedDate,OwnerId,ParentId",
        ["500R0000001,1001,001R1,003R1,Pump leaks,The pump leaks at the seal again this week.,Closed,Email,Problem,2026-01-05T10:00:00Z,2026-01-07T10:00:00Z,005R1,", "500R0000002,1002,001R2,003R2,Wrong invoice,The price on the invoice is not what we agreed on.,New,Phone,Question,2026-01-06T10:00:00Z,,005R1,"], ",",
        {"Id": "interactions.interaction_id", "OwnerId": "interactions.agent", "AccountId": "interactions.customer_id", "Description": "interactions.text"}, {"ParentId"},
    ),
    "salesforce opportunities": (
        "Account Name,Opportunity Name,Stage,Amount,Close Date,Created Date,Opportunity Owner,Lead Source",
        ["Hydrotec,Hydrotec pumps,Closed Won,12000,3/1/2026,1/15/2026,Ann,Web", "Nordvik,Nordvik seals,Prospecting,5000,4/20/2026,1/16/2026,Ann,Web"], ",",
        {"Opportunity Name": "opportunities.opportunity_id", "Amount": "opportunities.amount", "Close Date": "opportunities.expected_close"}, {"Opportunity Owner"},
    ),
    "hubspot companies": (
        "Record ID,Company name,Company owner,Create Date,Phone Number,Last Activity Date,City,Country/Region,Industry,State/Region,Number of Employees,Lifecycle Stage",
        ["12301,Hydrotec,Ann,2026-01-05 10:12,+49 89 1,2026-03-01 10:00,Munich,Germany,Machinery,Bavaria,50,Customer", "12302,Nordvik,Ann,2026-01-06 10:12,+47 2,2026-03-02 10:00,Oslo,Norway,Machinery,Oslo,200,Customer"], ",",
        {"Record ID": "customers.customer_id", "Company name": "customers.name", "Country/Region": "customers.country", "State/Region": "customers.region"}, {"Phone Number", "Last Activity Date"},
    ),
    "hubspot deals": (
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date,Associated Company,Associated Company IDs,Is Closed Won",
        ["98701,Pumps,Closed won,2026-03-01 10:12,Ann,500,2026-01-05 10:12,Hydrotec,12301,true", "98702,Seals,Contract sent,2026-04-01 10:12,Ann,900,2026-01-06 10:12,Nordvik,12302,false"], ",",
        {"Record ID": "opportunities.opportunity_id", "Associated Company IDs": "opportunities.customer_id", "Associated Company": "customers.name"}, {"Deal owner"},
    ),
    "zendesk": (
        "Id,Requester,Requester id,Assignee,Group,Subject,Tags,Status,Via,Ticket type,Created at,Updated at,Organization,Due date,Solved at",
        ["501,Ann,9001,Smith,Support,Pump leaks at the seal,vip,Closed,Mail,Incident,2026-01-05 10:00,2026-01-06 10:00,Hydrotec,,2026-01-07 10:00", "502,Bob,9002,Smith,Support,Invoice is wrong again,vip,Open,Web,Incident,2026-01-06 10:00,2026-01-07 10:00,Nordvik,,"], ",",
        {"Id": "interactions.interaction_id", "Organization": "interactions.customer_id", "Assignee": "interactions.agent", "Solved at": "interactions.resolved_at"}, {"Group", "Updated at"},
    ),
    "jd edwards": (
        "SDKCOO,SDDOCO,SDDCTO,SDAN8,SDTRDJ,SDLITM,SDUORG,SDUPRC,SDAEXP", ["00010,60001,SO,4242,126005,BRG,50,6.4000,320.00", "00010,60002,SO,4243,126040,BRG,10,6.4000,64.00"], ",",
        {"SDDOCO": "orders.order_id", "SDAN8": "orders.customer_id", "SDTRDJ": "orders.ordered_at", "SDUORG": "order_lines.qty_ordered"}, {"SDKCOO"},
    ),
}  # fmt: skip


def proposed(folder: Path, name: str) -> Suggestion:
    header, rows, _, _, _ = CASES[name]
    path = folder / "export.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return suggest(path)


@pytest.mark.parametrize("name", CASES)
def test_a_systems_columns_are_what_the_system_means(name: str, tmp_path: Path) -> None:
    header, rows, delimiter, right, left = CASES[name]
    assert {len(r) for r in csv.reader([header, *rows], delimiter=delimiter)} == {header.count(delimiter) + 1}
    taken = {c.column: set((c.target or "").split(", ")) for c in proposed(tmp_path, name).columns}
    assert {c: t for c, t in right.items() if t not in taken[c]} == {}
    assert {c: taken[c] for c in left if taken[c] != {""}} == {}


def test_a_customers_owner_and_day_are_not_those_of_a_deal_or_case(tmp_path: Path) -> None:
    for name in ("salesforce cases", "salesforce opportunities", "hubspot deals", "shopify"):
        taken = {t for c in proposed(tmp_path, name).columns for t in (c.target or "").split(", ")}
        assert not taken & {"customers.account_owner", "customers.created_at", "customers.parent_id"}, name


@pytest.mark.parametrize(
    ("name", "mapping"),
    [("shopify", "shopify"), ("hubspot companies", "hubspot"), ("zendesk", "zendesk"), ("salesforce cases", "salesforce")],
)
def test_where_a_mapping_is_shipped_for_such_files_that_is_said_first(name: str, mapping: str, tmp_path: Path) -> None:
    assert f"the shipped mapping `{mapping}` reads such files" in proposed(tmp_path, name).notes[0]


def test_what_a_system_holds_in_a_column_of_states_is_known(tmp_path: Path) -> None:
    text = proposed(tmp_path, "sap orders").yaml
    assert "c: delivered" in text
    assert "a: open" in text
    assert "invoiced: delivered" in proposed(tmp_path, "dynamics 365").yaml
