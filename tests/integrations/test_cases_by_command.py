"""Small cases (../shared/cases) from file to figure by the commands that a user gives: import, build, ask."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from knowledge.suggest import suggest
from tests.integrations.test_cases_connectors import case, needs_cases

COMMAND = [sys.executable, "-c", "from integrations.cli import main; main()"]


def rapport(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments, "--workspace", str(home)], capture_output=True, text=True, check=False)


def done(home: Path, *arguments: str) -> Any:
    result = rapport(home, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def value(home: Path, *question: str) -> Any:
    answer = done(home, "ask", *question)
    assert answer["status"] == "answered", answer["text"]
    return answer["figures"][0]["value"]


def put(home: Path, settings: str, mapping: str, *files: Path) -> Path:
    home.mkdir(exist_ok=True)
    (home / "rapport.toml").write_text(settings)
    done(home, "import", "--mapping", mapping, *map(str, files))
    done(home, "build")
    return home


@needs_cases
@pytest.mark.slow
def test_15_the_last_day_is_one_of_the_workspaces_zone(tmp_path: Path) -> None:
    file = case("15") / "orders.csv"
    (tmp_path / "m.yaml").write_text(suggest(file).yaml)
    home = put(tmp_path / "w", 'zone = "Europe/Berlin"\n', str(tmp_path / "m.yaml"), file)
    assert [value(home, "revenue", period) for period in ("this month", "last month")] == [40.0, 30.0]
    assert value(home, "revenue", "yesterday") == 20.0
    assert "1 Mar 2026" in done(home, "ask", "revenue this month")["text"]


@needs_cases
@pytest.mark.slow
def test_18_a_fiscal_year_from_april_by_the_workspaces_settings(tmp_path: Path) -> None:
    home = put(tmp_path / "w", "fiscal_year_start = 4\n", "canonical", case("18"))
    assert value(home, "revenue in fiscal year 2026/27") == value(home, "revenue FY27") == 510.0
    assert done(home, "query", "revenue", "--period", "fiscal year 2026/27")["figures"][0]["value"] == 510.0
    assert value(home, "revenue last fiscal year") == 220.0  # 100 + 60 + 50 + 10
    assert value(home, "revenue in 2026") == 485.0


@needs_cases
@pytest.mark.slow
def test_24_nothing_of_one_time_buyers_is_pulled_up_by_the_one_who_buys_daily(tmp_path: Path) -> None:
    home = put(tmp_path / "w", "", "canonical", case("24"))
    for metric in ("clv", "expected_order_value", "expected_orders_90d", "p_alive"):
        result = rapport(home, "query", metric, "--by", "customer", "--json")
        answer = json.loads(result.stdout)
        assert result.returncode in (0, 1), result.stderr
        figures = [f for f in answer["figures"] if f["value"] is not None]
        assert all(math.isfinite(f["value"]) for f in figures)
        others = [f["value"] for f in figures if f["group"].get("customer") not in (None, "C00")]
        assert answer["status"] in ("answered", "no_data"), answer["text"]
        if metric == "expected_order_value":
            assert all(10 <= v <= 40 for v in others)
        if metric == "expected_orders_90d":
            assert all(85 <= f["value"] <= 90 for f in figures if f["group"].get("customer") == "C00")
            assert all(v < 5 for v in others)


@needs_cases
@pytest.mark.slow
@pytest.mark.parametrize(("file", "comments", "late", "damaged"), [("few.csv", 12, 3, 3), ("answers.csv", 108, 15, 15)])
def test_29_what_few_comments_complain_about(file: str, comments: int, late: int, damaged: int, tmp_path: Path) -> None:
    home = put(tmp_path / "w", "", "feedback", case("29") / file)
    assert value(home, "how", "many", "comments") == comments
    answer = done(home, "ask", "what are customers complaining about")
    told = {row[0]: int(row[1]) for row in answer["table"]["rows"]}
    assert 0.6 * late <= told["Late delivery"] <= late + 1
    assert 0.75 * damaged <= told["Damaged goods"] <= damaged + 1
    assert max(told.values()) <= 0.3 * comments
    assert not {"none", "test", "n/a", "-"} & {str(row[0]).lower() for row in answer["table"]["rows"]}


def test_37_a_file_that_is_not_there_is_one_line_and_exits_with_1(tmp_path: Path) -> None:
    for arguments in (
        ["import", "--mapping", "feedback", "nothere.csv"],
        ["import", "--mapping", "nothere.yaml", "nothere.csv"],
    ):
        result = rapport(tmp_path / "w", *arguments)
        assert (result.returncode, result.stdout) == (1, "")
        assert len(result.stderr.strip().splitlines()) == 1
        assert "nothere" in result.stderr


def test_an_import_of_which_no_row_loads_exits_with_1_and_its_cause(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,text,date,rating\nF1,late,not a day,3\nF2,late,nor this,4\n")
    result = rapport(tmp_path / "w", "import", "--mapping", "feedback", str(tmp_path / "c.csv"))
    assert result.returncode == 1
    assert "`at` is not a time (2)" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_question_needs_no_quotes(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "Order No,Customer,Order Date,SKU,Qty,Unit Price\nA,K,2026-01-05,P1,3,10\nB,L,2026-01-06,P2,2,10\n"
    )
    (tmp_path / "m.yaml").write_text(suggest(tmp_path / "orders.csv").yaml)
    home = put(tmp_path / "w", "", str(tmp_path / "m.yaml"), tmp_path / "orders.csv")
    assert value(home, "revenue", "in", "2026") == value(home, "revenue in 2026") == 50.0
