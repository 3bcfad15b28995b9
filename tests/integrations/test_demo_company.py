"""The demo company: reproducible, loadable whole, true to its own records and to its ledger."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from integrations.demo import Ledger, generate
from integrations.demo.wording import BANK
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.schema import TABLES

Company = tuple[Path, Ledger]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    return folder, generate(folder, scale=0.05)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def voices(company: Company) -> pd.DataFrame:
    """Comments that the ledger does not list as untrue, with their topics and, beside them, their orders."""
    folder, ledger = company
    comments = table(folder, "feedback")
    comments["topics"] = comments["feedback_id"].map(ledger.topics)
    comments = comments[~comments["feedback_id"].isin(ledger.false_comments)]
    return comments.merge(table(folder, "orders"), on="order_id", how="left", suffixes=("", "_order"))


def about(comments: pd.DataFrame, topic: str) -> pd.DataFrame:
    return comments[[topic in topics for topics in comments["topics"]]]


def test_same_seed_gives_the_same_bytes(company: Company, tmp_path: Path) -> None:
    again = generate(tmp_path, scale=0.05)
    for path in sorted(company[0].iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
    assert again == company[1]


def test_another_seed_gives_another_company(company: Company, tmp_path: Path) -> None:
    generate(tmp_path, seed=8, scale=0.05)
    assert (tmp_path / "orders.csv").read_bytes() != (company[0] / "orders.csv").read_bytes()


def test_every_row_loads(company: Company, tmp_path: Path) -> None:
    report = import_files(tmp_path, load_mapping("canonical"), [company[0]], zone="UTC")
    assert report.quarantined == 0, report.reasons
    assert report.loaded == report.rows_in == sum(company[1].rows.values())
    assert not report.notes


def test_files_are_the_tables_and_nothing_else(company: Company) -> None:
    assert {p.name for p in company[0].iterdir()} == {f"{name}.csv" for name in TABLES}
    for name, spec in TABLES.items():
        assert tuple(table(company[0], name).columns) == spec.names
        assert len(table(company[0], name)) == company[1].rows[name] > 0


def test_references_hold_and_keys_are_unique(company: Company) -> None:
    for name, spec in TABLES.items():
        rows = table(company[0], name)
        assert not rows.duplicated(list(spec.key)).any(), name
        for column in spec.columns:
            if column.references:
                known = set(table(company[0], column.references)[TABLES[column.references].key[0]]) | {""}
                assert set(rows[column.name]) <= known, (name, column.name)


def test_moments_of_an_order_follow_each_other_and_end_on_the_last_day(company: Company) -> None:
    orders = table(company[0], "orders")
    steps = [pd.to_datetime(orders[c]) for c in ("ordered_at", "approved_at", "picked_at", "shipped_at", "delivered_at")]
    for before, after in pairwise(steps):
        assert (after.isna() | before.isna() | (before <= after)).all()
    last = max(table(company[0], t)[c].max() for t, c in (("orders", "ordered_at"), ("feedback", "at"), ("interactions", "at")))
    assert last.startswith("2026-10-31")
    assert orders["ordered_at"].min().startswith("2024-11-0")


def test_comments_on_lateness_are_about_late_orders(company: Company) -> None:
    late = about(voices(company), "late")
    assert len(late) > 30
    said, came = late["at"].str[:10], late["delivered_at"].str[:10]
    arrived = (came != "") & (late["delivered_at"] <= late["at"])
    assert ((came > late["promised_date"]) & arrived | ~arrived & (said > late["promised_date"])).all()


def test_comments_on_goods_and_bills_agree_with_the_lines(company: Company) -> None:
    comments, lines = voices(company), table(company[0], "order_lines")
    short = lines[
        (lines["qty_delivered"] != "")
        & (lines["qty_delivered"].replace("", "0").astype(float) < lines["qty_ordered"].astype(float))
    ]
    true = {
        "damaged": set(lines.loc[lines["is_damaged"] == "true", "order_id"]),
        "wrong_item": set(lines.loc[lines["is_wrong_item"] == "true", "order_id"]),
        "invoice": set(lines.loc[lines["invoice_ok"] == "false", "order_id"]),
        "short": set(short["order_id"]),
    }
    for topic, orders in true.items():
        told = about(comments, topic)
        assert len(told) > 5, topic
        assert set(told["order_id"]) <= orders, topic


def test_false_comments_complain_of_what_did_not_happen(company: Company) -> None:
    folder, ledger = company
    comments = table(folder, "feedback").merge(table(folder, "orders"), on="order_id", suffixes=("", "_order"))
    untrue = comments[comments["feedback_id"].isin(ledger.false_comments)]
    assert 0.05 <= len(untrue) / ledger.rows["feedback"] <= 0.075
    assert (untrue["delivered_at"].str[:10] <= untrue["promised_date"]).all()
    lines = table(folder, "order_lines")
    lines = lines[lines["order_id"].isin(untrue["order_id"])]
    assert not (lines["is_damaged"].eq("true") | lines["is_wrong_item"].eq("true") | lines["invoice_ok"].eq("false")).any()


def test_no_comment_is_written_before_its_order(company: Company) -> None:
    comments = voices(company)
    known = comments[comments["order_id"] != ""]
    assert (known["at"] >= known["ordered_at"]).all()
    assert (known["customer_id"] == known["customer_id_order"]).all()


def test_scores_follow_the_mood(company: Company) -> None:
    comments = table(company[0], "feedback")
    comments["mood"] = comments["feedback_id"].map(company[1].moods)
    means = pd.to_numeric(comments["rating"]).groupby(comments["mood"]).mean()
    assert means["negative"] < 2.3 < means["mixed"] < means["positive"]
    assert means["positive"] > 4.2
    assert set(comments["rating_scale"]) == {"", "1-5"}
    nps = pd.to_numeric(comments["nps"]).groupby(comments["mood"]).mean()
    assert nps["negative"] + 3 < nps["positive"]


@pytest.mark.parametrize("topic", sorted(set(BANK) - {"unarrived", "meh", "noise"}))
def test_each_topic_has_many_phrasings(topic: str) -> None:
    assert len(set(BANK[topic])) >= 25


def test_causes_show(company: Company) -> None:
    ledger = company[1]
    names = [c.name for c in ledger.causes]
    assert len(names) == len(set(names)) == 14
    for name in ("late_carrier", "mispicks", "packaging_damage", "invoice_errors", "shortage", "slow_email", "rush_orders"):
        assert ledger.cause(name).size > 3 * ledger.cause(name).baseline, name
    assert ledger.cause("slipping_account").size < 0.4 * ledger.cause("slipping_account").baseline
    assert ledger.cause("unprofitable_segment").size < 0.05 < ledger.cause("unprofitable_segment").baseline
    assert ledger.cause("biased_forecasts").size > 0.25 > abs(ledger.cause("biased_forecasts").baseline)
    assert ledger.cause("loyalty_relaunch").size > 1 > ledger.cause("loyalty_relaunch").baseline
    for name in ("late_carrier", "packaging_damage", "invoice_errors", "slow_email", "slipping_account"):
        assert len(ledger.cause(name).comments) >= 5, name


def test_a_cause_that_is_not_there_is_named_with_those_that_are(company: Company) -> None:
    with pytest.raises(KeyError, match="late_carrier"):
        company[1].cause("weather")


def test_the_ledger_turns_into_json(company: Company) -> None:
    plain = json.loads(json.dumps(company[1].as_dict()))
    assert plain["causes"][0]["first_day"] == "2026-06-01"
    assert plain["rows"]["orders"] == 3000
    assert set(plain["topics"]) == set(table(company[0], "feedback")["feedback_id"])


def test_the_smallest_company_still_loads(tmp_path: Path) -> None:
    made = tmp_path / "made"
    ledger = generate(made, scale=0.02)
    report = import_files(tmp_path / "workspace", load_mapping("canonical"), [made], zone="UTC")
    assert report.quarantined == 0, report.reasons
    assert ledger.rows["orders"] == 1200


@pytest.mark.slow
def test_accounts_at_the_edges_of_a_business(tmp_path: Path) -> None:
    fates = generate(tmp_path, scale=0.1).fates
    orders, feedback, touched = (table(tmp_path, name) for name in ("orders", "feedback", "interactions"))
    placed = orders.groupby("customer_id")["ordered_at"]
    first, last, count = placed.min(), placed.max(), placed.count()
    assert first[fates["new"]] >= "2026-08-17"
    assert last[fates["silent"]] <= "2026-06-30"
    assert count[fates["tiny"]] <= count.median() / 10
    assert fates["unheard"] not in set(feedback["customer_id"]) | set(touched["customer_id"])
    assert fates["unheard"] in count
    assert fates["no orders"] not in count
    for name in ("order_lines", "returns", "invoices"):
        about = table(tmp_path, name)["order_id"].dropna().astype(str)
        assert set(about) <= set(orders["order_id"].astype(str))


@pytest.mark.slow
def test_the_whole_company(tmp_path: Path) -> None:
    ledger = generate(tmp_path)
    assert ledger.rows["customers"] == 400
    assert ledger.rows["orders"] == 58_894
    assert ledger.rows["feedback"] == 11_708
    assert 2.3 < ledger.rows["order_lines"] / ledger.rows["orders"] < 2.9
    comments = table(tmp_path, "feedback")
    foreign = comments["language"].isin(["de", "fr", "es", "sv"]).mean()
    assert 0.01 < foreign < 0.035
    assert comments["text"].nunique() > 10_000
    for name in (
        "late_carrier",
        "mispicks",
        "packaging_damage",
        "invoice_errors",
        "shortage",
        "slow_email",
        "slow_credit_notes",
    ):
        assert len(ledger.cause(name).comments) >= 40, name
