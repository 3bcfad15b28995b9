"""Files that say less than what is known: what they lack stays, and ids that are nearly known are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import load_mapping
from knowledge.tables import Store


def load(home: Path, mapping: str, **files: str) -> ImportReport:
    folder = home.parent / f"{home.name}-{len(list(home.parent.iterdir()))}"
    folder.mkdir()
    paths = []
    for name, text in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    return import_files(home, load_mapping(mapping), paths)


def rows(home: Path, table: str) -> list[dict[str, Any]]:
    return sorted(Store(home / "tables").read(table).to_pylist(), key=lambda r: next(iter(r.values())))


TEXTS = "id,date,text,stars,channel\nf1,2026-03-02,Came late,2,phone\nf2,2026-03-03,Nice and quick,,shop\n"
SCORES = "id,date,stars\nf1,2026-03-02,1\nf2,2026-03-03,5\n"


@pytest.mark.parametrize(
    "order",
    [(TEXTS, SCORES), (SCORES, "id,date,text,channel\nf1,2026-03-02,Came late,phone\nf2,2026-03-03,Nice and quick,shop\n")],
)
def test_comments_and_their_scores_in_two_files(order: tuple[str, str], tmp_path: Path) -> None:
    for text in order:
        load(tmp_path / "w", "feedback", comments=text)
    got = [(r["text"], r["rating"] is not None, r["rating_scale"], r["channel"]) for r in rows(tmp_path / "w", "feedback")]
    assert got == [("Came late", True, "1-5", "phone"), ("Nice and quick", True, "1-5", "shop")]


def test_a_column_that_is_there_and_empty_does_empty(tmp_path: Path) -> None:
    load(tmp_path / "w", "feedback", comments=TEXTS)
    load(tmp_path / "w", "feedback", comments="id,date,text,stars\nf1,2026-03-02,,1\nf2,2026-03-03,Nice and quick,\n")
    assert [(r["text"], r["rating"]) for r in rows(tmp_path / "w", "feedback")] == [(None, 1.0), ("Nice and quick", None)]


def test_a_vendors_partial_file_changes_what_it_has_alone(tmp_path: Path) -> None:
    load(tmp_path / "w", "hubspot", companies="Record ID,Company name,Industry,Service Tier\n1,Acme,Pumps,Gold\n")
    load(tmp_path / "w", "hubspot", companies="Record ID,Company name,Country/Region\n1,Acme,Sweden\n")
    (acme,) = rows(tmp_path / "w", "customers")
    assert (acme["industry"], acme["service_tier"], acme["country"]) == ("Pumps", "gold", "Sweden")


PARTS = {
    "invoices": ("invoice_id,customer_id,issued_at,due_at,amount\nI1,K,2026-01-10,2026-02-09,100\n", "invoice_id,paid_at\nI1,2026-02-01\nI9,2026-02-02\n",
                 {"amount": 100, "customer_id": "K"}),
    "orders": ("order_id,customer_id,ordered_at,status\nI1,K,2026-01-10,open\n", "order_id,status\nI1,delivered\nI9,delivered\n", {"customer_id": "K", "status": "delivered"}),
    "interactions": ("interaction_id,customer_id,at,channel,kind,direction,subject\nI1,K,2026-01-10,email,ticket,inbound,Late\n",
                     "interaction_id,resolved_at\nI1,2026-01-11\nI9,2026-01-11\n", {"subject": "Late", "customer_id": "K"}),
}  # fmt: skip


@pytest.mark.parametrize("table", PARTS)
def test_a_later_file_of_key_and_one_column(table: str, tmp_path: Path) -> None:
    whole, part, kept = PARTS[table]
    load(tmp_path / "w", "canonical", customers="customer_id,name\nK,Kay\n", **{table: whole})
    report = load(tmp_path / "w", "canonical", **{table: part})
    assert (report.updated, report.quarantined) == (1, 1)
    assert set(report.reasons) <= {"no `customer_id`", "no `issued_at`", "no `at`", "no `ordered_at`"}
    (got,) = rows(tmp_path / "w", table)
    assert {c: got[c] for c in kept} == kept


@pytest.mark.parametrize(("known", "used"), [("123", "00123"), ("00123", "123"), ("ab-7", "AB-7"), ("K 12", "K12")])
def test_an_id_that_is_nearly_known_is_named(known: str, used: str, tmp_path: Path) -> None:
    report = load(
        tmp_path / "w",
        "canonical",
        customers=f"customer_id,name\n{known},Kay\n",
        orders=f"order_id,customer_id,ordered_at,status\nA,{used},2026-01-10,open\n",
    )
    assert any(f"`{used}` here is `{known}` among the customers" in n for n in report.notes)
    far = load(tmp_path / "w", "canonical", orders="order_id,customer_id,ordered_at,status\nB,777,2026-01-10,open\n")
    assert not any("among the customers" in n for n in far.notes)


@pytest.mark.parametrize("empty", ["1900-01-01", "01.01.1900", "1/1/1900 0:00", "9999-12-31", "00.00.0000"])
def test_a_systems_empty_date_is_no_date(empty: str, tmp_path: Path) -> None:
    text = f"order_id,customer_id,ordered_at,status,promised_date\nA,K,2026-01-10,open,{empty}\nB,K,2026-01-11,open,{empty.replace('1900', '1990')}\n"
    report = load(tmp_path / "w", "canonical", customers="customer_id,name\nK,Kay\n", orders=text)
    assert report.quarantined == 0
    a, b = rows(tmp_path / "w", "orders")
    assert a["promised_date"] is None
    assert (b["promised_date"] is not None) == ("1900" in empty)


def test_grades_in_words_are_a_score_whatever_was_asked(tmp_path: Path) -> None:
    text = "#,How was the delivery?,Was sollen wir besser machen?,Date\n1,Very good,,2026-01-05\n2,Poor,Came twice without the part,2026-01-06\n3,Good,,2026-01-07\n4,Very poor,Never again with you,2026-01-08\n"
    load(tmp_path / "w", "feedback", comments=text)
    assert [(r["feedback_id"], r["rating"], r["rating_scale"]) for r in rows(tmp_path / "w", "feedback")] == [
        ("1", 5.0, "1-5"), ("2", 2.0, "1-5"), ("3", 4.0, "1-5"), ("4", 1.0, "1-5"),
    ]  # fmt: skip
    load(tmp_path / "v", "feedback", comments="id,date,comment\n1,2026-01-05,good\n2,2026-01-06,bad\n")
    assert [r["text"] for r in rows(tmp_path / "v", "feedback")] == ["good", "bad"]


DEALS = {
    "own words": ("Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Associated Company IDs\n", ("Closed Won", "Closed Lost", "Contract sent")),
    "another language": ("ID d'enregistrement,Nom de la transaction,Phase de la transaction,Montant,Date de création,Date de fermeture,Associated Company IDs\n",
                         ("Fermée gagnée", "Fermée perdue", "Contrat envoyé")),
}  # fmt: skip


@pytest.mark.parametrize("kind", DEALS)
def test_deals_of_hubspot_are_won_lost_or_open(kind: str, tmp_path: Path) -> None:
    head, stages = DEALS[kind]
    deals = head + "".join(
        f"{n},Deal {n},{s},10{n}.5,2026-01-0{n} 09:00,2026-03-0{n} 09:00,1\n" for n, s in enumerate(stages, 1)
    )
    report = load(
        tmp_path / "w",
        "hubspot",
        companies="Record ID,Company name\n1,Acme\n",
        deals=deals + f"9,Nobody's,{stages[0]},1,2026-01-01,,\n",
    )
    assert report.set_aside == {"no_company": 1}
    got = rows(tmp_path / "w", "opportunities")
    assert [(r["won"], r["closed_at"] is not None, float(r["amount"])) for r in got] == [
        (True, True, 101.5),
        (False, True, 102.5),
        (None, False, 103.5),
    ]
    assert any(f"open - {stages[2]}; won - {stages[0]}" in n for n in report.notes)


def test_what_hubspot_says_of_a_deal_goes_before_its_stages_words(tmp_path: Path) -> None:
    deals = "Record ID,Deal Name,Deal Stage,Is Closed Won,Is closed,Associated Company IDs\n1,A,Signed,true,true,1\n2,B,Shelved,false,true,1\n3,C,Won back,false,false,1\n"
    load(tmp_path / "w", "hubspot", companies="Record ID,Company name\n1,Acme\n", deals=deals)
    assert [r["won"] for r in rows(tmp_path / "w", "opportunities")] == [True, False, None]
