"""What amounts mean: arithmetic decides, values hint, and what neither settles is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import BadInput
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.suggest import Suggestion, suggest
from knowledge.tables import Store
from knowledge.trial import trial

HEAD = "Order No,Customer,Order Date,SKU,Qty"


def proposal(folder: Path, text: str, **answers: str) -> Suggestion:
    (folder / "orders.csv").write_text(text)
    return suggest(folder / "orders.csv", answers=answers)


def revenue(folder: Path, found: Suggestion) -> float:
    (folder / "m.yaml").write_text(found.yaml)
    import_files(folder / "w", load_mapping(folder / "m.yaml"), [folder / "orders.csv"])
    rows = Store(folder / "w" / "tables").read("order_lines").to_pylist()
    return round(sum(float(r["qty_ordered"] * r["unit_price"] - (r["discount"] or 0)) for r in rows), 2)


FILES: dict[str, tuple[str, float]] = {
    "the price of one piece": (f"{HEAD},Price,Total\nA,K,2026-01-05,P1,3,10,30\nB,K,2026-01-06,P1,2,10,20\n", 50.0),
    "the price of the line": (f"{HEAD},Price,Order Total\nA,K,2026-01-05,P1,3,30,30\nB,K,2026-01-06,P1,2,20,20\n", 50.0),
    "a line's price without totals": (f"{HEAD},Price\nA,K,2026-01-05,P1,3,30\nB,K,2026-01-06,P1,2,20\nC,L,2026-01-07,P1,1,10\n", 60.0),
    "a price of as many pieces as another column says": (
        f"{HEAD},Net price,Price unit,Net value\nA,K,2026-01-05,P1,300,5,100,15\nB,K,2026-01-06,P2,2,10,1,20\nC,L,2026-01-07,P1,100,5,100,5\n", 40.0,
    ),
    "rows without a quantity beside goods: a discount, freight": (
        f"{HEAD},Rate,Amount\nA,K,2026-01-05,P1,3,10,30\nA,K,2026-01-05,Bonus,,,-6\nA,K,2026-01-05,Carrier,,9,9\nB,K,2026-01-06,P2,2,10,20\n", 44.0,
    ),
    "a discount of which one row has a percent sign behind a hard blank": (
        "Order No;Customer;Order Date;SKU;Qty;Price;Discount\nA;K;2026-01-05;P1;3;10,00\u00a0€;10,0\u202f%\nB;K;2026-01-06;P2;2;10,50\u00a0€;\n", 48.0,
    ),
    "a discount in percent": (f"{HEAD},Unit Price,Discount %,Line Total\nA,K,2026-01-05,P1,3,10,10,27\nB,K,2026-01-06,P2,2,10,50,10\n", 37.0),
    "a discount as a share": (f"{HEAD},Unit Price,Discount,Net\nA,K,2026-01-05,P1,3,10,0.1,27\nB,K,2026-01-06,P2,2,10,0.5,10\n", 37.0),
    "a discount of each piece": (f"{HEAD},Unit Price,Discount,Net\nA,K,2026-01-05,P1,3,10,1,27\nB,K,2026-01-06,P2,4,10,2,32\n", 59.0),
    "a discount of the order on each line": (
        f"{HEAD},Unit Price,Order Discount,Order Total\nA,K,2026-01-05,P1,3,10,5,45\nA,K,2026-01-05,P2,2,10,5,45\nB,K,2026-01-06,P2,2,10,0,20\n", 65.0,
    ),
    "tax and shipping in the order's total": (
        f"{HEAD},Unit Price,Shipping,Tax,Order Total\nA,K,2026-01-05,P1,3,10,5,6,41\nB,K,2026-01-06,P2,2,10,5,4,29\n", 50.0,
    ),
    "a total and no price": (f"{HEAD},Amount\nA,K,2026-01-05,P1,3,30\nB,K,2026-01-06,P1,2,25\n", 55.0),
    "a discount of the order on every row, in a shop's words": (
        "Order Number,Order Date,Customer Email,SKU,Quantity,Item Cost,Cart Discount Amount,Order Refund Amount,Order Subtotal Amount,Order Total Tax Amount,Order Total Amount\n"
        "1,2026-01-05,a@x.example,P1,2,30,10,0,100,17.1,107.1\n1,2026-01-05,a@x.example,P2,1,40,10,0,100,17.1,107.1\n2,2026-01-06,b@x.example,P1,1,30,0,0,30,5.7,35.7\n", 120.0,
    ),
    "prices without cents": ("Ordernr;Datum;Klant;Artikel;Aantal;Prijs per stuk;Totaal\nA;2026-01-05;K;P1;3;1.250,-;3.750,-\nB;2026-01-06;K;P2;2;0,50;1,-\n", 3751.0),
    "a discount line in an order": (f"{HEAD},Unit Price\nA,K,2026-01-05,P1,3,10\nA,K,2026-01-05,OFF,1,-5\nB,K,2026-01-06,P1,2,10\n", 45.0),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_the_revenue_of_a_file(kind: str, tmp_path: Path) -> None:
    text, value = FILES[kind]
    found = proposal(tmp_path, text)
    assert not found.questions
    assert revenue(tmp_path, found) == value
    assert any(f"revenue {value:,.2f}" in a for a in found.assumed)


@pytest.mark.parametrize("credit", ["B,K,2026-01-09,P1,-2,10", "B,K,2026-01-09,P1,2,-10"])
def test_credits_become_returns(credit: str, tmp_path: Path) -> None:
    assert revenue(tmp_path, proposal(tmp_path, f"{HEAD},Unit Price\nA,K,2026-01-05,P1,3,10\n{credit}\n")) == 30.0
    store = Store(tmp_path / "w" / "tables")
    assert [float(r["value"]) for r in store.read("returns").to_pylist()] == [20.0]
    assert store.read("orders").num_rows == 1


def test_what_nothing_decides_is_asked_and_not_loaded_before(tmp_path: Path) -> None:
    text = f"{HEAD},Unit Price,Discount\nA,K,2026-01-25,P1,3,100,10\nB,K,2026-01-26,P2,2,80,20\nC,L,2026-01-27,P1,1,100,5\n"
    found = proposal(tmp_path, text)
    assert [q.name for q in found.questions] == ["amounts"]
    given = {g.column: g.confidence for g in found.columns}
    assert given["Discount"] <= 0.5
    with pytest.raises(BadInput) as caught:
        revenue(tmp_path, found)
    assert caught.value.code == "open_question"
    sums = dict(found.questions[0].options)
    assert "revenue 525.00" in sums["each-amount"]
    assert "revenue 493.00" in sums["each-percent"]
    assert revenue(tmp_path, proposal(tmp_path, text, amounts="each-percent")) == 493.0


def test_dates_that_nothing_decides_are_asked(tmp_path: Path) -> None:
    found = proposal(tmp_path, f"{HEAD},Unit Price\nA,K,03/04/2026,P1,3,10\nB,K,05/06/2026,P1,2,10\n", dates="month-first")
    assert [(q.name, q.answer) for q in found.questions] == [("dates", "month-first")]
    revenue(tmp_path, found)
    days = [str(r["ordered_at"])[:10] for r in Store(tmp_path / "w" / "tables").read("orders").to_pylist()]
    assert days == ["2026-03-04", "2026-05-06"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Order No,Customer,Order Date,SKU,Qty,Amount,Discount\nA,K,2026-01-05,P1,3,30,4\nB,K,2026-01-06,P1,2,20,0\n", "revenue 46.00"),
        ("Order No,Customer,Order Date,SKU,Qty,Unit Price,Line Disc,Line Pct,Line Amount\nA,K,2026-01-05,P1,3,10,0,10,27\nB,K,2026-01-06,P2,2,10,5,0,10\n"
         "C,L,2026-01-07,P2,1,10,0,0,10\n", "revenue 47.00"),
        ("Order No,Customer,Order Date,SKU,Qty,Net price,Basis,Net value\nA,K,2026-01-05,P1,300,5,100,15\nB,K,2026-01-06,P2,2,10,1,20\n"
         "C,L,2026-01-07,P1,100,5,100,5\n", "revenue 40.00"),
        ("Auftragsnr.;Auftragsdatum;Kundennr.;Artikelnr.;Menge;Einzelpreis;Rabatt %;Rechnungsrabattbetrag;Betrag ohne MwSt.;MwSt.-Betrag\n"
         "A;05.01.2026;K;P1;3;10,00;10;2,00;25,00;4,75\nB;06.01.2026;K;P2;2;10,00;0;0,00;20,00;3,80\n", "revenue 45.00"),
    ],
    ids=["off a line's total or in it already", "two discounts", "a price of several pieces", "a discount of the invoice besides"],
)  # fmt: skip
def test_what_a_total_contradicts_is_asked_with_what_it_says(text: str, right: str, tmp_path: Path) -> None:
    found = proposal(tmp_path, text)
    (asked,) = found.questions
    assert asked.name == "amounts"
    assert right in " ".join(gives for _, gives in asked.options)
    with pytest.raises(BadInput) as caught:
        revenue(tmp_path, found)
    assert caught.value.code == "open_question"
    for option, gives in asked.options:
        assert f"revenue {revenue(tmp_path / option, proposal(_made(tmp_path / option), text, amounts=option)):,.2f}" in gives


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_one_order_number_of_two_companies_is_told_apart(tmp_path: Path) -> None:
    head = "Subsidiary,Order No,Line No,Customer No,Customer Name,Order Date,SKU,Qty,Unit Price"
    rows = "EU,1,1,C1,Acme,2026-01-05,P1,1,10\nEU,2,1,C2,Globex,2026-01-06,P1,2,10\nUS,1,1,C1,Initech,2026-01-05,P1,4,10\nUS,2,1,C3,Hooli,2026-01-07,P1,8,10\n"
    found = proposal(tmp_path, f"{head}\n{rows}")
    assert any("`Subsidiary`, which tells them apart" in n for n in found.notes)
    assert revenue(tmp_path, found) == 150.0
    store = Store(tmp_path / "w" / "tables")
    assert store.read("orders").num_rows == 4
    assert {(r["customer_id"], r["name"]) for r in store.read("customers").to_pylist()} >= {
        ("EU:C1", "Acme"),
        ("US:C1", "Initech"),
    }


def test_one_customer_of_two_companies_stays_one(tmp_path: Path) -> None:
    head = "Subsidiary,Order No,Line No,Customer No,Customer Name,Order Date,SKU,Qty,Unit Price"
    rows = "EU,1,1,C1,Acme,2026-01-05,P1,1,10\nEU,2,1,C2,Globex,2026-01-06,P1,2,10\nUS,1,1,C1,Acme,2026-01-05,P1,4,10\nUS,2,1,C3,Hooli,2026-01-07,P1,8,10\n"
    assert revenue(tmp_path, proposal(tmp_path, f"{head}\n{rows}")) == 150.0
    assert {r["customer_id"] for r in Store(tmp_path / "w" / "tables").read("customers").to_pylist()} == {"C1", "C2", "C3"}


def test_a_line_that_comes_twice_and_differs_is_said(tmp_path: Path) -> None:
    head = "Order No,Line No,Customer,Order Date,SKU,Qty,Unit Price"
    found = proposal(tmp_path, f"{head}\n1,1,K,2026-01-05,P1,1,10\n1,1,K,2026-01-05,P2,4,10\n2,1,L,2026-01-06,P1,1,10\n")
    assert any("stand for several orders" in n for n in found.notes)
    (tmp_path / "m.yaml").write_text(found.yaml)
    report = import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [tmp_path / "orders.csv"])
    assert any("order_lines" in n and "takes their place: 1, 1" in n for n in report.notes)


def test_orders_in_two_currencies_are_mixed_whatever_the_workspace_says(tmp_path: Path) -> None:
    from knowledge import currencies

    file = tmp_path / "orders.csv"
    file.write_text(
        "Order,Date,Customer,Item,Quantity,Price,Currency,Status\n"
        "1,2026-01-05,A,x,2,10,SEK,open\n2,2026-01-06,B,y,1,5,nok,open\n3,2026-01-07,B,y,1,5,DKK,cancelled\n"
    )
    (tmp_path / "m.yaml").write_text(suggest(file).yaml)
    import_files(tmp_path / "w", load_mapping(tmp_path / "m.yaml"), [file])
    store = Store(tmp_path / "w" / "tables")
    told = currencies.of_orders(store, {"orders": store.version("orders")})
    assert told == ("NOK", "SEK")  # the cancelled order's is nobody's
    assert currencies.of_workspace("SEK", "", told) == currencies.MIXED
    assert currencies.of_workspace("EUR", "", ("SEK",)) == "SEK"
    tried = trial(load_mapping(tmp_path / "m.yaml"), [file])
    assert tried.sums["revenue by currency, which is not added up"] == "NOK 5.00, SEK 20.00"
