"""Records by their place in an order, kinds of things, limits over time and one against all others: each beside pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from assistant.engine import Engine
from assistant.reader.in_order import placed
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from tests.assistant.conftest import Ask


@pytest.fixture(scope="module")
def orders(reader: Reader) -> pd.DataFrame:
    """Orders that are not cancelled, with what they are worth."""
    lines = reader.frame("order_lines")
    money = {c: lines[c].astype(float).fillna(0) for c in ("qty_ordered", "unit_price", "discount")}
    worth = (money["qty_ordered"] * money["unit_price"] - money["discount"]).groupby(lines["order_id"]).sum()
    found = reader.frame("orders").query("status != 'cancelled'")
    return found.assign(value=found["order_id"].map(worth)).sort_values(["ordered_at", "order_id"])


@pytest.fixture(scope="module")
def busiest(reader: Reader, orders: pd.DataFrame) -> pd.Series:
    customers = reader.frame("customers").set_index("customer_id")
    return customers.loc[orders["customer_id"].value_counts().idxmax()]


@pytest.mark.parametrize(
    ("text", "thing", "by", "order", "limit", "place"),
    [
        ("the last but one delivery to them", "order", "time", "desc", 2, 2),
        ("show me their latest five invoices", "invoice", "time", "desc", 5, None),
        ("the three biggest contracts we have", "contract", "size", "desc", 3, None),
        ("second largest return of the year", "return", "size", "desc", 2, 2),
        ("what was the first order they ever placed", "order", "time", "asc", 1, None),
        ("most recent unanswered ticket", "contact", "time", "desc", 1, None),
        ("penultimate comment", "comment", "time", "desc", 2, 2),
    ],
)
def test_a_place_in_an_order_is_read(text: str, thing: str, by: str, order: str, limit: int, place: int | None) -> None:
    found = placed(text)
    assert found is not None
    assert (found.thing, found.by, found.order, found.limit, found.place) == (thing, by, order, limit, place)


@pytest.mark.parametrize(
    "text",
    ["first response time last month", "highest order cycle time", "orders of the last 3 months", "top 5 customers by revenue"],
)
def test_the_words_of_a_figure_or_a_time_are_no_place(text: str) -> None:
    found = placed(text)
    assert found is None or found.thing == "customer"


def test_the_last_and_the_one_before_it(ask: Ask, orders: pd.DataFrame, busiest: pd.Series) -> None:
    own = orders[orders["customer_id"] == busiest.name]
    newest = own["ordered_at"].dt.date.sort_values(ascending=False).tolist()
    said = ask(f"which carrier took the latest order of {busiest['name']}?")
    assert said.status == "answered"
    assert own.set_index("order_id").loc[said.citations[0].id, "ordered_at"].date() == newest[0]
    before = ask(f"last but one order of {busiest['name']}")
    assert own.set_index("order_id").loc[before.citations[0].id, "ordered_at"].date() == newest[1]


def test_the_second_largest_order_of_a_month(ask: Ask, orders: pd.DataFrame) -> None:
    september = orders[orders["ordered_at"].dt.strftime("%Y-%m") == "2026-09"].sort_values("value", ascending=False)
    answer = ask("2nd biggest order in september 2026")
    assert answer.citations[0].id == september.iloc[1]["order_id"]
    assert float(next(f.value for f in answer.figures if f.metric == "order.value")) == pytest.approx(
        september.iloc[1]["value"]
    )


def test_there_is_no_fifth_of_four(ask: Ask, reader: Reader) -> None:
    contracts = reader.frame("contracts")
    customer = contracts["customer_id"].iloc[0]
    name = reader.frame("customers").set_index("customer_id").loc[customer, "name"]
    assert len(contracts[contracts["customer_id"] == customer]) < 5
    assert ask(f"fifth largest contract of {name}").status == "no_data"


def test_tickets_are_contacts_of_that_kind(ask: Ask, reader: Reader) -> None:
    contacts = reader.frame("interactions")
    answer = ask("number of tickets by agent")
    whole = float(next(f.value for f in answer.figures if not f.group))
    assert whole == (contacts["kind"] == "ticket").sum() < len(contacts)


def test_values_of_attributes_are_known_to_those_who_may_see_them(engine: Engine, company: Path) -> None:
    values = {role: engine.vocabulary(Workspace(company).reader(Scope.of_role(role))) for role in ("rep", "manager")}
    agent = values["manager"].members["agent"][0][0]
    assert values["manager"].own("contact", agent) == ("contact.agent", agent)
    assert values["rep"].own("contact", agent) is None
    assert values["rep"].own("contact", "ticket") == ("contact.kind", "ticket")


def test_a_language_is_that_of_the_comments(ask: Ask, reader: Reader) -> None:
    comments = reader.frame("feedback")
    answer = ask("list the swedish comments with a rating below 3")
    right = ((comments["language"] == "sv") & (comments["rating"] < 3)).sum()
    assert answer.figures[0].value == right


@pytest.mark.parametrize(("limit", "sign"), [(93, "above"), (91, "below")])
def test_when_a_figure_last_kept_to_a_limit(limit: int, sign: str, ask: Ask) -> None:
    course = {f.group["month"]: float(f.value) for f in ask("on-time delivery by month").figures if "month" in f.group}
    whole = [m for m in sorted(course) if m <= "2026-10"]
    kept = [m for m in whole if (course[m] > limit / 100 if sign == "above" else course[m] < limit / 100)]
    answer = ask(f"when was on-time delivery last {sign} {limit} %?")
    assert answer.status == "answered"
    assert f"**{len(kept)}** of {len(whole)}" in answer.text or f"none of {len(whole)}" in answer.text
    if kept:
        assert f"**{kept[-1]}**" in answer.text


def test_months_that_keep_to_a_limit_are_no_list_of_orders(ask: Ask, orders: pd.DataFrame) -> None:
    counts = orders.groupby(orders["ordered_at"].dt.strftime("%Y-%m")).size()
    whole = counts[counts.index <= "2026-10"]
    limit = int(whole.median())
    answer = ask(f"which months had more than {limit} orders")
    assert {f.group["month"] for f in answer.figures if f.group} >= set(whole[whole > limit].index)


def test_one_is_set_against_all_others(ask: Ask) -> None:
    parts = {g: ask(f"revenue of {g} customers in 2026").figures[0].value for g in ("gold", "platinum", "silver", "standard")}
    answer = ask("revenue of gold customers against everyone else in 2026")
    told = [float(f.value) for f in answer.figures if f.metric == "revenue" and f.period and f.period.start.year == 2026]
    assert told[0] == pytest.approx(float(parts["gold"]))
    assert told[1] == pytest.approx(float(sum(float(v) for g, v in parts.items() if g != "gold")), rel=1e-6)


def test_a_rate_of_returns_is_no_number_of_them(ask: Ask) -> None:
    answer = ask("return rate of europe against the rest")
    assert [f.unit for f in answer.figures] == ["share", "share", "points"]  # both sides and by how much they differ


def test_open_orders_past_their_promised_date(ask: Ask, orders: pd.DataFrame, reader: Reader) -> None:
    promised = (
        orders["latest_promised_date"].fillna(orders["promised_date"])
        if "latest_promised_date" in orders
        else orders["promised_date"]
    )
    late = orders[(orders["status"] == "open") & (pd.to_datetime(promised).dt.date < reader.snapshot.as_of.date())]
    assert ask("how many open orders are already past their promised date?").figures[0].value == len(late)
