"""The entity layer: selections by what is known of things, by what was done, by figures; against the small company of case 32."""

from __future__ import annotations

import shutil
from datetime import date
from typing import Any

import pytest

from integrations.build import build
from integrations.settings import load
from knowledge.access import Reader, Scope
from knowledge.entities import conditions, verbalise
from knowledge.entities.listing import listed
from knowledge.entities.predicates import from_json, to_json
from knowledge.errors import BadQuestion, NotAllowed, UnknownName
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.query import run
from knowledge.records import MetricQuery, Period
from knowledge.snapshot import current
from tests.support import DATA

CASE = DATA.parent / "cases" / "32-which-customers"
YEARS = {y: Period(date(int(y), 1, 1), date(int(y), 12, 31), y) for y in ("2025", "2026")}


def period(text: str) -> Period | None:
    if ".." in text:
        start, end = text.split("..")
        return Period(date.fromisoformat(start), date.fromisoformat(end))
    return YEARS.get(text)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    if not CASE.is_dir():
        pytest.skip("the cases are not here (../shared)")
    folder = tmp_path_factory.mktemp("case32")
    source = folder / "source"
    source.mkdir()
    for file in CASE.glob("*.csv"):
        shutil.copy(file, source)
    home = folder / "workspace"
    import_files(home, load_mapping("canonical"), [source], zone="UTC")
    build(home, load(home))
    return Reader(home, current(home), Scope.of_role("admin"))


def asked(reader: Reader, metric: str, only: str = "", year: str = "", **more: Any) -> Any:
    query = MetricQuery(metric, period=YEARS.get(year), only=conditions.parse(only, period) if only else None, **more)
    return run(query, reader)


@pytest.mark.parametrize(
    ("metric", "only", "year", "value"),
    [
        ("revenue", "", "2026", 310),
        ("revenue", "customer.first_order >= '2026-01-01'", "2026", 280),
        ("revenue", "customer.first_order < '2026-01-01'", "2026", 30),
        ("aov", "customer.first_order >= '2026-01-01'", "2026", 280 / 3),
        ("count(customer)", "has(customer, order, late, '2026')", "", 2),
        ("count(customer)", "has(customer, comment, complaint, '2026')", "", 2),
        ("revenue", "has(customer, comment, complaint, '2026')", "2026", 250),
        ("revenue", "has(customer, return)", "2026", 10),
        ("csat", "has(customer, order, late)", "", 0.5),
        ("count(customer)", "has(customer, order) = 1", "", 2),
        ("count(order)", "order.value > 100", "2026", 1),
        ("max(order.value)", "", "2026", 160),
        ("mean(customer.order_gap)", "customer.id = 'D'", "", 126),
        ("count(customer)", "lacks(customer, order, '2026')", "", 2),
        ("revenue", "measured(customer, revenue, '2026') < 100", "2026", 70),
        ("revenue", "top(customer, revenue, 1, '2026')", "2026", 240),
        ("revenue", "not top(customer, revenue, 1, '2026')", "2026", 70),
        ("count(customer)", "measured(customer, revenue, '2026') = 0", "", 2),
        ("revenue", "among(customer, 'A', 'D')", "2026", 250),
        ("share(order.late)", "", "2026", 0.4),
        ("revenue", "customer.region = 'north' or order.late = true", "2026", 10 + 40 + 20 + 160),
        ("revenue", "customer.region = 'north' and not order.late = true", "2026", 50),
    ],
)
def test_a_selection_cuts_a_figure(small: Reader, metric: str, only: str, year: str, value: float) -> None:
    assert asked(small, metric, only, year).figures[0].value == pytest.approx(value)


def test_groups_by_attributes_of_what_a_row_belongs_to(small: Reader) -> None:
    late = asked(small, "revenue", year="2026", by=("order.late",))
    assert {f.group["order.late"]: f.value for f in late.figures} == {"no": 130.0, "yes": 180.0}
    days = asked(small, "count(order)", by=("order.weekday",))
    assert [(f.group["order.weekday"], f.value) for f in days.figures] == [("Monday", 8)]
    both = asked(small, "revenue", year="2026", by=("customer.region",), grain="month")
    assert [(f.group["month"], f.group["customer.region"], f.value) for f in both.figures if f.value] == [
        ("2026-02", "north", 10.0), ("2026-03", "south", 20.0), ("2026-04", "north", 40.0), ("2026-05", "south", 80.0), ("2026-09", "south", 160.0),
    ]  # fmt: skip


def test_what_would_fan_out_is_refused_with_the_reason(small: Reader) -> None:
    with pytest.raises(BadQuestion, match="may belong to several") as failed:
        asked(small, "revenue", by=("comment.rating",))
    assert failed.value.code == "no_path"


def test_lists_of_things_in_order(small: Reader) -> None:
    largest = listed("order", small, by="value", limit=2, columns=("value", "customer.region"))
    assert [(k, c, float(v[0]), v[1]) for k, c, v in largest.rows] == [("O3", "E", 400.0, "north"), ("O2", "B", 200.0, "south")]
    idle = listed("customer", small, only=conditions.parse("lacks(customer, order, '2026')", period))
    assert [k for k, _, _ in idle.rows] == ["E", "F"]


@pytest.mark.parametrize(
    "text",
    [
        "order.late = true and order.days_late > 3",
        "customer.region in ('north', 'south') or not order.rush = true",
        "has(customer, order, order.late = true) >= 2",
        "lacks(customer, order)",
        "measured(customer, 'revenue') < 0",
        "bottom(product, 'units', '20 %')",
        "among(order, 'O1', 'O2')",
        "has(customer, order, order.value > 100 and order.late = true, '2026-01-01..2026-12-31') <= 3",
    ],
)
def test_a_condition_is_read_back_from_its_text_and_its_json(text: str) -> None:
    read = conditions.parse(text, period)
    assert conditions.written(read) == text
    assert conditions.parse(conditions.written(read), period) == read
    assert from_json(to_json(read)) == read


@pytest.mark.parametrize("text", ["late >", "order.late = maybe", "has(customer)", "order.days_late > 'x'", "revenue(3)"])
def test_a_condition_that_cannot_be_read_says_so(small: Reader, text: str) -> None:
    with pytest.raises((BadQuestion, UnknownName)):
        asked(small, "orders", text)


def test_rights_hold_inside_conditions(small: Reader) -> None:
    rep = Reader(small.workspace, small.snapshot, Scope.of_role("rep"))
    for text in (
        "measured(customer, customer_net_margin) < 0",
        "has(customer, order, measured(customer, clv) > 10)",
        "customer.churn_risk = 'high'",
    ):
        with pytest.raises(NotAllowed):
            asked(rep, "revenue", text)
    some = Reader(small.workspace, small.snapshot, Scope("r", "rep", frozenset({"A"}), frozenset({"open"})))
    assert asked(some, "count(customer)", "lacks(customer, return)").figures[0].value in (0, None)
    assert asked(some, "revenue", "not among(customer, 'B')").figures[0].value == 110


@pytest.mark.parametrize(
    ("of", "text", "said"),
    [
        ("order", "late = true and days_late > 3", "late orders with days late above 3 days"),
        ("customer", "has(customer, order, late, '2026') >= 2", "customers with at least 2 late orders in 2026"),
        ("customer", "lacks(customer, order, '2026')", "customers without orders in 2026"),
        ("customer", "measured(customer, revenue, '2026') < 0", "customers with revenue in 2026 below 0"),
    ],
)
def test_a_selection_is_said_in_english(of: str, text: str, said: str) -> None:
    assert verbalise.things(of, conditions.parse(text, period, of), lambda _, member: member) == said
