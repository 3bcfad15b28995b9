"""Exports in the vendors' own column names, a clean one and a later one with mess in it: imported, built, asked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import list_mappings, load_mapping
from knowledge.tables import Store
from tests.integrations.test_import_road import rapport

SAMPLES = Path(__file__).parents[1] / "data" / "connectors"
COMMAND = [sys.executable, "-c", "from integrations.cli import main; main()"]
CRM = ("delighted", "qualtrics", "surveymonkey", "slack-export", "mbox")  # they speak of customers of another system


@dataclass(frozen=True)
class Expected:
    """Of the clean export and of the mess after it: rows (in, loaded, updated, unchanged, quarantined), and the mess's reasons."""

    clean: tuple[int, ...]
    mess: tuple[int, ...]
    aside: dict[str, int]
    reasons: dict[str, int]
    removed: list[str] = field(default_factory=list)


EXPECTED = {
    "salesforce": Expected(
        (60, 60, 0, 0, 0), (16, 0, 3, 2, 11), {"deleted": 3, "draft": 1, "no_account": 1},
        {"`ordered_at` is not a time": 1, "`qty_ordered` is below 0": 1, "`resolved_at` is not a time": 1, "no `name`": 1, "no `qty_ordered`": 1,
         "unknown `customer_id`": 1},
        ["customers: 0 removed that the source has deleted; 1 kept, since other rows refer to it.", "orders: 1 removed that the source has deleted.",
         "order_lines: 1 removed that the source has deleted."],
    ),
    "hubspot": Expected(
        (27, 27, 0, 0, 0), (12, 0, 1, 4, 7), {"no_company": 1},
        {"`at` is not a time": 1, "`created_at` is not a time": 1, "`nps` is above 10": 1, "no `customer_id`": 1, "no text, rating or NPS": 1,
         "unknown `customer_id`": 1},
    ),
    "zendesk": Expected(
        (21, 20, 0, 0, 1), (9, 1, 2, 0, 6), {"deleted": 1, "no_organization": 2, "not_answered": 2}, {"`at` is not a time": 1},
        ["interactions: 1 removed that the source has deleted.", "feedback: 1 removed that the source has deleted."],
    ),
    "shopify": Expected(
        (13, 13, 0, 0, 0), (6, 0, 0, 2, 4), {"no_email": 1, "no_line": 1}, {"`qty_ordered` is not a quantity": 1, "`order_id`: its row in orders was kept out (`ordered_at` is not a time)": 1}
    ),
    "delighted": Expected(
        (6, 6, 0, 0, 0), (6, 0, 1, 1, 4), {}, {"`nps` is above 10": 1, "no `at`": 1, "no text, rating or NPS": 1, "unknown `customer_id`": 1}
    ),
    "qualtrics": Expected(
        (8, 6, 0, 0, 2), (8, 0, 0, 1, 7), {"header": 2, "nothing_said": 1, "preview": 1, "unfinished": 1},
        {"`at` is not a time": 1, "`nps` is above 10": 1},
    ),
    "surveymonkey": Expected(
        (7, 6, 0, 0, 1), (5, 0, 0, 1, 4), {"header": 1, "nothing_said": 1}, {"`at` is not a time": 1, "`rating` is not a number": 1}
    ),
    "slack-export": Expected((6, 4, 0, 0, 2), (4, 0, 0, 1, 3), {"no_words": 2}, {"`at` is not a time": 1}),
    "mbox": Expected((6, 3, 0, 0, 3), (4, 1, 1, 0, 2), {"no_words": 1}, {"`at` is not a time": 1}),
}  # fmt: skip


def imported(home: Path, name: str, path: Path | None = None) -> ImportReport:
    return import_files(home, load_mapping(name), [path or SAMPLES / name])


def table(home: Path, name: str, key: str) -> pd.DataFrame:
    return Store(home / "tables").read(name).to_pandas().set_index(key).sort_index()


def sums(report: ImportReport) -> tuple[int, ...]:
    return (report.rows_in, report.loaded, report.updated, report.unchanged, report.quarantined)


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A workspace with customers and contacts."""
    home = tmp_path / "w"
    imported(home, "salesforce")
    return home


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_export_is_loaded_and_its_mess_is_listed_with_reasons(name: str, tmp_path: Path) -> None:
    home, expected = tmp_path / "w", EXPECTED[name]
    if name in CRM:
        imported(home, "salesforce")
    assert sums(imported(home, name)) == expected.clean
    again = imported(home, name)
    assert (again.loaded, again.updated, again.unchanged + again.quarantined) == (0, 0, again.rows_in)
    mess = imported(home, name, SAMPLES / f"{name}-mess")
    removed = [n for n in mess.notes if "removed" in n and "Subtotal" not in n]
    assert (sums(mess), mess.set_aside, mess.reasons, removed) == (
        expected.mess,
        expected.aside,
        expected.reasons,
        expected.removed,
    )


def test_every_shipped_mapping_of_a_vendor_has_samples() -> None:
    others = {"canonical", "feedback", "cdnow", "olist", "online-retail", "tau-retail", "woocommerce"}
    assert (
        {m.name for m in list_mappings()} - others
        == set(EXPECTED)
        == {p.name for p in SAMPLES.iterdir() if "-mess" not in p.name and p.name != "clients"}
    )


def test_salesforce_records_mean_what_they_say(crm: Path) -> None:
    lines = pd.read_csv(SAMPLES / "salesforce" / "OrderItem.csv")
    stored = Store(crm / "tables").read("order_lines").to_pandas()
    assert float((stored["qty_ordered"] * stored["unit_price"]).sum()) == pytest.approx(
        (lines["Quantity"] * lines["UnitPrice"]).sum()
    )
    assert list(stored["line"].sort_values()) == sorted(lines["OrderItemNumber"])
    orders = table(crm, "orders", "order_id")
    assert orders["status"].value_counts().to_dict() == {"delivered": 8, "open": 4}
    harbor = table(crm, "customers", "customer_id").loc["001Hs00002A02xYIAQ"]
    assert (harbor["name"], harbor["region"], harbor["service_tier"], harbor["account_owner"]) == (
        "Harbor Foods",
        "WA",
        "silver",
        "Maria Ortiz",
    )


def test_scores_keep_their_scale_and_their_customer(crm: Path) -> None:
    for name in ("delighted", "qualtrics", "surveymonkey"):
        imported(crm, name)
    said = table(crm, "feedback", "feedback_id")
    by_mail = said.loc["DL-880002"]
    assert (by_mail["customer_id"], by_mail["nps"], str(by_mail["at"])) == (
        "001Hs00002A02xYIAQ",
        2,
        "2026-02-17 12:00:00+00:00",
    )
    csat = said.loc["DL-880006"]
    assert (csat["rating"], csat["rating_scale"], pd.isna(csat["nps"])) == (5, "1-5", True)
    qualtrics = said.loc["QX-R_0000000000000Xy"]
    assert (qualtrics["nps"], qualtrics["text"], qualtrics["language"]) == (9, "Good people,\nquick answers.", "en")
    satisfied = said.loc["SM-11856000001"]
    assert (satisfied["rating"], satisfied["nps"], str(satisfied["at"])) == (2, 2, "2026-02-21 14:33:00+00:00")


def test_hubspot_scores_have_the_scale_of_their_survey(tmp_path: Path) -> None:
    imported(tmp_path, "hubspot")
    said = table(tmp_path, "feedback", "feedback_id")
    assert list(said.loc[["HSF-77004", "HSF-77005"], "rating_scale"]) == ["0-2", "1-7"]
    assert said.loc["HSF-77002", "nps"] == 3
    assert table(tmp_path, "customers", "customer_id").loc["18740000411", "parent_id"] == "18740000000"


def test_zendesk_responses_are_their_tickets_customers_also_in_a_later_import(tmp_path: Path) -> None:
    files = SAMPLES / "zendesk"
    import_files(tmp_path, load_mapping("zendesk"), [files / "organizations.json", files / "tickets.json"])
    import_files(tmp_path, load_mapping("zendesk"), [files / "survey_responses.json", files / "satisfaction_ratings.json"])
    said = table(tmp_path, "feedback", "feedback_id")
    response = said.loc["ZDR-01JV0000000000000000000005"]
    assert (response["rating"], response["text"], response["customer_id"]) == (2, "I had to call three times.", "36005")
    assert said.loc["ZDS-63", ["rating", "rating_scale", "customer_id"]].tolist() == [0, "0-1", "36001"]


def test_a_shopify_order_is_one_order_whatever_its_lines(tmp_path: Path) -> None:
    imported(tmp_path, "shopify")
    given = pd.read_csv(SAMPLES / "shopify" / "orders_export_1.csv")
    orders = table(tmp_path, "orders", "order_id")
    assert list(orders.index) == sorted(given["Name"].unique())
    assert str(orders.loc["#1001", "ordered_at"]) == "2026-02-11 13:59:00+00:00"  # 08:59 -0500
    lines = Store(tmp_path / "tables").read("order_lines").to_pandas()
    assert float((lines["qty_ordered"] * lines["unit_price"]).sum()) == pytest.approx(
        (given["Lineitem quantity"] * given["Lineitem price"]).sum()
    )
    assert table(tmp_path, "customers", "customer_id").loc["ben@harborfoods.example", "name"] == "Ben Ode"


def test_mail_is_what_its_writer_wrote(crm: Path) -> None:
    imported(crm, "mbox")
    mail = table(crm, "interactions", "interaction_id").filter(like="MAIL-", axis=0)
    assert mail["case_id"].to_dict() == {
        "MAIL-a1@northwind": "a1@northwind",
        "MAIL-a2@northwind": "a1@northwind",
        "MAIL-b1@harbor": "b1@harbor",
    }
    first = mail.loc["MAIL-a1@northwind"]
    assert first["text"].endswith("From here on we need a better carrier.")
    assert (str(first["at"]), first["customer_id"]) == ("2026-03-02 09:12:00+00:00", "001Hs00002A01xYIAQ")
    assert mail.loc["MAIL-a2@northwind", "text"] == "Thank you for the quick answer."
    assert (mail.loc["MAIL-b1@harbor", "text"], mail.loc["MAIL-b1@harbor", "subject"]) == (
        "The invoice shows the wrong price.",
        "Falsche Rechnung für März",
    )


def test_a_slack_export_is_read_from_its_zip(crm: Path, tmp_path: Path) -> None:
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as made:
        for file in sorted((SAMPLES / "slack-export").rglob("*")):
            made.write(file, file.relative_to(SAMPLES / "slack-export"))
    imported(crm, "slack-export", packed)
    said = table(crm, "feedback", "feedback_id").filter(like="SLX-", axis=0)
    assert said["customer_id"].fillna("").to_dict() == {
        "SLX-U01OWN-1772442000.000100": "", "SLX-U02ADA-1772442300.000200": "001Hs00002A01xYIAQ",
        "SLX-U02ADA-1772530000.000500": "001Hs00002A01xYIAQ", "SLX-U03XXX-1772443000.000600": "001Hs00002A02xYIAQ",
    }  # fmt: skip
    assert said["text"].iloc[0] == "Quarry called: the collars were crushed & wet"
    assert said["source_row"].iloc[0] == "customer-voice/2026-03-02.json:1"


def asked(home: Path, *questions: str) -> list[dict[str, Any]]:
    lines = "".join(json.dumps({"id": str(n), "question": q}) + "\n" for n, q in enumerate(questions))
    file = home / "questions.jsonl"
    file.write_text(lines)
    ran = subprocess.run(
        [*COMMAND, "ask", "--batch", str(file), "--json", "--workspace", str(home)], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.slow
def test_each_connector_is_imported_built_and_asked(tmp_path: Path) -> None:
    home = tmp_path / "crm"
    rapport("import", "--mapping", "salesforce", str(SAMPLES / "salesforce"), home=home)
    for name in CRM:
        imported(home, name)
    rapport("import", "--mapping", "salesforce", str(SAMPLES / "salesforce-mess"), home=home)
    rapport("build", home=home)
    lines = pd.read_csv(SAMPLES / "salesforce" / "OrderItem.csv")
    of_harbor = pd.read_csv(SAMPLES / "salesforce" / "Order.csv").query("AccountId == '001Hs00002A02xYIAQ'")["Id"]
    worth = lines[lines["OrderId"].isin(of_harbor)].eval("Quantity * UnitPrice").sum()
    revenue, orders, nps = asked(home, "revenue of Harbor Foods in 2026", "orders in 2026", "NPS in 2026")
    assert revenue["figures"][0]["value"] == pytest.approx(worth)
    assert orders["figures"][0]["value"] == 10  # twelve, one cancelled and one deleted since
    scores = [10, 2, 8, 9, 4, 9, 4, 10, 6, 8, 0, 9, 2, 7, 10, 5]  # Delighted, Qualtrics, SurveyMonkey
    assert nps["figures"][0]["value"] == pytest.approx(
        100 * (sum(s > 8 for s in scores) - sum(s < 7 for s in scores)) / len(scores)
    )
    for name, question, value in (
        ("hubspot", "NPS in 2026", pytest.approx(0)),
        ("zendesk", "how many comments in 2026?", 8 + 3 + 3 - 1 + 1),  # tickets, ratings, responses; one deleted, one new
        ("shopify", "orders in 2026", 9),
    ):
        shutil.rmtree(home, ignore_errors=True)
        for sample in (name, f"{name}-mess"):
            rapport("import", "--mapping", name, str(SAMPLES / sample), home=home)
        rapport("build", home=home)
        (answer,) = asked(home, question)
        assert answer["figures"][0]["value"] == value, (name, answer["text"])
