"""What strangers asked and heard something else: orders by what is in them, numbers and not rates, two of a kind, comments by their
stars. Each answer is checked with pandas over the tables."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from assistant.parts import split
from assistant.plan import make
from assistant.questions import Answer, Question
from assistant.reader import conditions, near
from assistant.reader.kinds import limit_of
from knowledge.access import Reader
from knowledge.compile import cut_rows
from knowledge.entities.predicates import All, Did
from knowledge.errors import BadQuestion
from knowledge.records import Filter, MetricQuery, Period
from tests.assistant.conftest import Ask
from tests.assistant.test_sayings import around

YEAR = 2026


@pytest.fixture
def sure(ask: Ask):  # type: ignore[no-untyped-def]
    """The answer, after a yes where the reading is said back."""

    def asked(question: str) -> Answer:
        told = ask(question, conversation=f"sure {question}")
        told = ask("yes", conversation=f"sure {question}") if told.status == "clarify" else told
        assert told.status == "answered", told.text
        return told

    return asked


def days(moments: pd.Series) -> pd.Series:
    return moments.dt.tz_convert("America/Chicago").dt.date


def orders_of(reader: Reader, year: int = YEAR) -> pd.DataFrame:
    orders = reader.frame("orders")
    orders = orders.assign(day=days(orders["ordered_at"]))
    return orders[(orders["status"] != "cancelled") & (pd.to_datetime(orders["day"]).dt.year == year)]


def with_category(reader: Reader, category: str) -> set[str]:
    lines = reader.frame("order_lines").merge(reader.frame("products")[["product_id", "category"]], on="product_id")
    return set(lines[lines["category"] == category]["order_id"])


def test_orders_with_a_kind_of_goods_are_those_that_have_such_a_line(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    wanted = orders_of(reader)["order_id"].isin(with_category(reader, "bearings")).sum()
    assert sure("how many orders for bearings did we get in 2026").figures[0].value == wanted


def test_orders_without_a_kind_of_goods(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    wanted = (~orders_of(reader)["order_id"].isin(with_category(reader, "lubricants"))).sum()
    assert sure("how many orders without lubricants did we get in 2026").figures[0].value == wanted


def test_open_orders_of_an_article_are_not_all_open_orders(ask: Ask, reader: Reader) -> None:
    orders = reader.frame("orders")
    wanted = (orders["order_id"].isin(with_category(reader, "bearings")) & (orders["status"] == "open")).sum()
    told = ask("open orders for bearings")
    assert told.status != "answered" or told.figures[0].value == wanted


def test_rows_are_never_chosen_by_what_they_do_not_have(reader: Reader) -> None:
    with pytest.raises(BadQuestion):
        cut_rows("orders", MetricQuery("orders", where=(Filter("product", ("FAS-100",)),)), reader)


def test_cancelled_orders_are_counted_where_no_rate_is_asked(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    orders = reader.frame("orders")
    orders = orders.assign(month=pd.to_datetime(days(orders["ordered_at"])).dt.to_period("M").astype(str))
    gone = orders[(orders["status"] == "cancelled") & orders["month"].str.startswith("2026")]
    told = sure("cancelled orders by month in 2026")
    assert {f.group["month"]: f.value for f in told.figures if f.group} == {
        f"2026-{m:02}": int((gone["month"] == f"2026-{m:02}").sum()) for m in range(1, 11)
    }


def test_the_accuracy_of_the_forecast_is_one_less_its_error(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    plans = reader.frame("demand_plans").merge(reader.frame("products")[["product_id", "category"]], on="product_id")
    told = sure("forecast accuracy by category")
    error = sure("forecast error by category")
    accurate = {f.group["category"]: f.value for f in told.figures if f.group}
    wrong = {f.group["category"]: f.value for f in error.figures if f.group}
    assert accurate
    assert set(accurate) <= set(plans["category"])
    assert all(accurate[c] == pytest.approx(1 - wrong[c]) for c in accurate)
    assert "ours" in told.text


@pytest.mark.parametrize(
    "question", ["Acme Foods or Globex, who returned more?", "which of Acme Foods and Globex returned more"]
)
def test_two_of_a_kind_are_set_side_by_side(question: str, sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    named = reader.frame("customers").set_index("name")["customer_id"]
    returns = reader.frame("returns")["customer_id"].value_counts()
    told = sure(question)
    by_unit = {f.group["customer"]: float(f.value) for f in told.figures if f.group.get("customer")}
    assert set(by_unit) == {named["Acme Foods"], named["Globex"]}
    if told.figures[0].unit == "count":
        assert by_unit == {c: returns.get(c, 0) for c in by_unit}


@pytest.mark.parametrize(("said", "ratings"), [("5 star", {5}), ("1 and 2 star", {1, 2}), ("1 or 2 star", {1, 2})])
def test_reviews_by_their_stars(said: str, ratings: set[int], sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    comments = reader.frame("feedback")
    year = pd.to_datetime(days(comments["at"])).dt.year
    wanted = (comments["rating"].isin(ratings) & (year == YEAR)).sum()
    assert sure(f"how many {said} reviews did we get in 2026").figures[0].value == wanted


def test_what_is_said_in_one_star_reviews_is_of_these_alone(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    comments = reader.frame("feedback")
    told = sure("what do customers complain about in 1 star reviews")
    assert f"of {(comments['rating'] == 1).sum():,} comments" in told.text


def test_late_customers_are_not_all_customers(ask: Ask) -> None:
    told = ask("what do late customers complain about")
    assert told.status != "answered" or "late" in told.text.split(":")[0]


def test_a_share_within_a_customer_says_whose_it_is(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    told = sure("how much of Acme Foods's revenue in 2026 went to bearings, in percent")
    assert told.figures[0].unit == "share"
    assert "Acme Foods" in told.text


def test_several_members_have_their_share_together(sure) -> None:  # type: ignore[no-untyped-def]
    told = sure("share of revenue from gold and platinum customers in 2026")
    parts = [f for f in told.figures if f.unit == "share"]
    assert parts[2].value == pytest.approx(parts[0].value + parts[1].value, abs=1e-5)


def test_the_warehouse_of_a_return_is_that_of_its_order(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    returns = reader.frame("returns").merge(reader.frame("orders")[["order_id", "ship_from"]], on="order_id")
    told = sure("number of returns by warehouse")
    assert {f.group["order.ship_from"]: f.value for f in told.figures if f.group} == returns[
        "ship_from"
    ].value_counts().to_dict()


def test_an_average_is_no_total(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    returns = reader.frame("returns").merge(reader.frame("products")[["product_id", "category"]], on="product_id")
    wanted = returns[returns["category"] == "bearings"]["value"].astype(float).mean()
    assert float(sure("average return value of bearings").figures[0].value) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize(
    ("text", "home", "said"),
    [
        ("made to stock", "product", "product.order_type"),
        ("90+ days overdue", "invoice", "invoice.days_overdue"),
        ("paid more than 30 days late", "invoice", "invoice.days_paid_late"),
        ("approved but not yet picked", "order", "order.approved_yet"),
        ("rated 1 or 2", "comment", "comment.rating"),
    ],
)
def test_a_condition_is_read_as_it_is_said(text: str, home: str, said: str) -> None:
    told = conditions.read(text, home, around())
    assert told.sure
    assert said in str(told.predicate)


def test_a_time_without_something_is_no_number_of_it() -> None:
    told = conditions.read("who haven't had any contact from us in over two months", "customer", around())
    assert isinstance(told.predicate, Did)
    assert (told.predicate.most, told.predicate.period.days if told.predicate.period else 0) == (0, 60)


def test_both_that_were_done_are_conditions() -> None:
    told = conditions.read("that ordered in may and returned something", "customer", around())
    assert isinstance(told.predicate, All)
    assert {p.done for p in told.predicate.parts if isinstance(p, Did)} == {"order", "return"}


def test_a_no_is_of_what_follows_it() -> None:
    assert near._no_of_another("under safety stock with nothing on order")
    assert not near._no_of_another("haven't shipped yet")


def test_two_dates_are_not_one() -> None:
    assert near._of_two_dates("Dallas after their promised date in October")
    assert not near._of_two_dates("promised after 3 May")


@pytest.mark.parametrize(
    ("text", "unit", "wanted"), [("better than 90 %", "share", (">", 0.9)), ("better than 5", "days", ("<", 5.0))]
)
def test_better_is_more_of_a_rate_and_less_of_a_time(text: str, unit: str, wanted: tuple[str, float]) -> None:
    assert limit_of(text, unit) == wanted


def test_names_before_a_question_of_them_are_one_message() -> None:
    assert len(split("Haas Foods or Acme Foods, who pays slower?")) == 1
    assert len(split("what is our revenue, how many orders are late?")) > 1


def test_the_same_months_of_last_year_are_those_months(ask: Ask) -> None:
    told = ask("which industries grew fastest this year versus the same ten months last year")
    assert told.status == "answered"
    assert told.plan["queries"][1]["period"]["end"] == str(date(2025, 10, 31))
    assert "rose most" in told.text or "fell" not in told.text.split(".")[0]


def test_a_list_of_nothing_named_is_no_error() -> None:
    plan = make(
        Question("what do they add up to?", "records"), date(2026, 10, 31), Period(date(2024, 11, 1), date(2026, 10, 31), "")
    )
    assert plan.status == "out_of_scope"


def first_order(reader: Reader) -> pd.Series:
    orders = reader.frame("orders")
    orders = orders[orders["status"] != "cancelled"]
    return days(orders["ordered_at"]).groupby(orders["customer_id"]).min()


def revenue(reader: Reader, customers: set[str], year: int = YEAR) -> float:
    orders = orders_of(reader, year)
    lines = reader.frame("order_lines").merge(orders[["order_id", "customer_id"]], on="order_id")
    own = lines[lines["customer_id"].isin(customers)].astype({"qty_ordered": float, "unit_price": float, "discount": float})
    return float((own["qty_ordered"] * own["unit_price"] - own["discount"].fillna(0)).sum())


def test_revenue_of_new_customers_is_not_all_revenue(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    first = first_order(reader)
    new = {c for c, day in first.items() if day.year == YEAR}
    known = {c for c, day in first.items() if day.year < YEAR}
    of_new, of_known, whole = (
        float(sure(q).figures[0].value or 0)
        for q in ("revenue of new customers in 2026", "revenue from returning customers in 2026", "revenue in 2026")
    )
    assert of_new + of_known == pytest.approx(whole)
    assert of_new == pytest.approx(revenue(reader, new))
    assert of_known == pytest.approx(revenue(reader, known))


@pytest.mark.parametrize("year", [2025, YEAR])
def test_a_share_of_new_customers_is_the_part_that_they_have(sure, reader: Reader, year: int) -> None:  # type: ignore[no-untyped-def]
    new = {c for c, day in first_order(reader).items() if day.year == year}
    part = float(sure(f"share of revenue from new customers in {year}").figures[0].value or 0)
    whole = float(sure(f"revenue in {year}").figures[0].value or 0)
    assert part == pytest.approx(revenue(reader, new, year) / whole, abs=0.0005)


def test_a_ranking_of_the_biggest_is_not_of_the_biggest_alone(ask: Ask) -> None:
    told = ask("10 smallest customers by sales in 2026")
    assert len((told.table or {"rows": []})["rows"]) == 10
    assert "only" not in told.text.split("_")[0]


def test_goods_of_two_kinds_are_of_either(sure, reader: Reader) -> None:  # type: ignore[no-untyped-def]
    lines = reader.frame("order_lines").merge(reader.frame("products")[["product_id", "category"]], on="product_id")
    orders = orders_of(reader)
    for said, kinds in (("bearings", ["bearings"]), ("bearings or seals", ["bearings", "seals"])):
        having = set(lines[lines["category"].isin(kinds)]["order_id"])
        assert float(sure(f"how many orders with {said} in 2026").figures[0].value) == orders["order_id"].isin(having).sum(), (
            said
        )


def test_customers_with_only_one_order_are_those(ask: Ask, reader: Reader) -> None:
    orders = reader.frame("orders")
    counts = orders[orders["status"] != "cancelled"]["customer_id"].value_counts()
    told = ask("customers with only one order")
    assert told.status == "answered"
    listed = {row[0] for row in (told.table or {"rows": []})["rows"]}
    names = reader.frame("customers").set_index("customer_id")["name"]
    assert listed == {names[c] for c in counts[counts == 1].index}


def test_days_that_nothing_is_measured_in_are_named(ask: Ask) -> None:
    told = ask("on-time delivery in business days")
    assert told.status != "answered"
    assert "business days" in told.text


def test_what_has_a_place_is_no_condition_once_more(ask: Ask) -> None:
    gold = ask("revenue of gold customers in 2026")
    assert "only" not in gold.text.split("_")[0]
    assert "new customers" in ask("how many new customers in 2026").text
