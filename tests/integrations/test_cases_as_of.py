"""As of when the data are (METRICS A2): the workspace's day east and west of UTC, a mistyped year, comments newer than orders."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.understand.periods import parse_period
from integrations.build import build
from integrations.health import complaints
from integrations.settings import Settings
from knowledge.access import Reader, Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current
from tests.support import DATA

CASES = DATA.parent / "cases"
FILES = {
    "customers.csv": "customer_id,name\nC1,Norrvik\n",
    "products.csv": "product_id,name\nP1,Bolt\n",
    "orders.csv": "order_id,customer_id,ordered_at,status\nO1,C1,2026-02-27,delivered\nO2,C1,2026-02-28,delivered\nO3,C1,2026-03-01,delivered\n",
    "order_lines.csv": "order_id,line,product_id,qty_ordered,unit_price\nO1,1,P1,10,1\nO2,1,P1,20,1\nO3,1,P1,40,1\n",
}


def built(home: Path, files: list[Path], zone: str) -> Reader:
    import_files(home, load_mapping("canonical"), files, zone=zone)
    build(home, Settings(zone=zone))
    return Reader(home, current(home), Scope.of_role("admin"))


def revenue(reader: Reader, period: str) -> float:
    found = run(MetricQuery("revenue", period=parse_period(period, reader.snapshot.as_of.date())), reader)
    return float(found.figures[0].value)  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Los_Angeles", "Pacific/Auckland"])
def test_the_last_day_is_a_day_of_the_workspace(zone: str, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    reader = built(tmp_path / "w", [tmp_path / n for n in FILES], zone)
    assert reader.snapshot.as_of.date() == date(2026, 3, 1)
    assert revenue(reader, "this month") == 40.0
    assert revenue(reader, "last month") == 30.0
    assert revenue(reader, "yesterday") == 20.0


def test_comments_do_not_move_the_orders_today(tmp_path: Path) -> None:
    comments = "feedback_id,at,channel,text,rating\nF1,2026-02-20T10:00:00Z,survey,Came late again,2\nF2,2026-06-09T10:00:00Z,survey,Good advice,5\n"
    for name, text in {**FILES, "feedback.csv": comments}.items():
        (tmp_path / name).write_text(text)
    reader = built(tmp_path / "w", [tmp_path / n for n in (*FILES, "feedback.csv")], "UTC")
    assert reader.snapshot.as_of.date() == date(2026, 3, 1)
    assert revenue(reader, "this month") == 40.0
    count = run(MetricQuery("feedback_count"), reader).figures[0]
    assert (count.value, count.as_of.date()) == (2, date(2026, 6, 9))  # type: ignore[union-attr]


def test_a_mistyped_year_is_set_aside_and_said(tmp_path: Path) -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not here (../shared/cases)")
    reader = built(tmp_path / "w", sorted(next(CASES.glob("19-*")).glob("*.csv")), "UTC")
    assert reader.snapshot.as_of.date() == date(2026, 9, 16)
    assert any("2062" in what and "set aside" in what for what, _ in complaints(tmp_path / "w", reader))
    asked = run(MetricQuery("revenue", period=parse_period("this month", reader.snapshot.as_of.date())), reader)
    assert any("2062" in n for n in asked.notes)
    assert run(MetricQuery("active_customers"), reader).figures[0].value == 6
