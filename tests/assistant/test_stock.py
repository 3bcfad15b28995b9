"""Questions about stock: what the last counts tell, beside the same worked out by pandas."""

from __future__ import annotations

import pandas as pd
import pytest

from knowledge.access import Reader
from tests.assistant.conftest import Ask

SAID = {"on hand": "on_hand", "on order": "on_order", "safety stock": "safety_stock", "reorder point": "reorder_point"}


@pytest.fixture(scope="module")
def counts(reader: Reader) -> pd.DataFrame:
    """The last count of each article and place, with the article's unit cost and category."""
    rows = reader.frame("inventory").sort_values("at").drop_duplicates(["product_id", "location"], keep="last")
    return rows.merge(reader.frame("products")[["product_id", "unit_cost", "category"]], on="product_id")


@pytest.mark.parametrize("said", SAID)
def test_the_quantity_that_is_asked_for_comes_first(ask: Ask, counts: pd.DataFrame, said: str) -> None:
    row = counts.iloc[0]
    answer = ask(f"what is the {said} of {row.product_id} in {row.location}?")
    assert answer.status == "answered"
    assert answer.figures[0].value == row[SAID[said]]
    assert answer.text.startswith(f"**{answer.figures[0].display}** {said}")
    assert {f.label.lower(): f.value for f in answer.figures} == {s: row[c] for s, c in SAID.items()}


def test_a_follow_up_keeps_what_was_asked_and_may_ask_for_another_quantity(ask: Ask, counts: pd.DataFrame) -> None:
    article = counts.iloc[0].product_id
    mine = counts[counts["product_id"] == article].set_index("location")
    one, two = mine.index[:2]
    ask(f"what is the safety stock of {article} in {one}?", conversation="stock")
    assert ask(f"and for {two}?", conversation="stock").figures[0].value == mine.loc[two, "safety_stock"]
    assert ask("and the reorder point?", conversation="stock").figures[0].value == mine.loc[two, "reorder_point"]
    assert ask("and how much is on order?", conversation="stock").figures[0].value == mine.loc[two, "on_order"]


def test_stock_is_summed_by_place_and_group(ask: Ask, counts: pd.DataFrame) -> None:
    place = counts.iloc[0].location
    assert ask(f"how much stock do we have in {place}").figures[0].value == counts[counts["location"] == place]["on_hand"].sum()
    told = ask("stock on hand per warehouse and category")
    found = {(f.group["location"], f.group["category"]): f.value for f in told.figures if f.group}
    assert found == counts.groupby(["location", "category"])["on_hand"].sum().to_dict()


def test_stock_in_money_is_at_unit_cost(ask: Ask, counts: pd.DataFrame) -> None:
    told = ask("value of our stock in each warehouse at cost")
    worth = (counts["on_hand"].astype(float) * counts["unit_cost"].astype(float)).groupby(counts["location"]).sum()
    assert {f.group["location"]: f.value for f in told.figures if f.group} == pytest.approx(worth.to_dict())
    assert ask("value of our stock in each warehouse at cost", role="quality").status != "answered"


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("under reorder point", lambda t: t["on_hand"] <= t["reorder_point"]),
        ("below the safety stock", lambda t: t["on_hand"] < t["safety_stock"]),
        ("out of stock", lambda t: t["on_hand"] <= 0),
    ],
)
def test_articles_are_short_of_what_is_said_where_it_is_said(ask: Ask, counts: pd.DataFrame, said: str, short: object) -> None:
    found = counts[short(counts)]  # type: ignore[operator]
    assert ask(f"how many articles are {said}").figures[0].value == found["product_id"].nunique()
    place = counts.iloc[0].location
    told = ask(f"# of articles {said} in {place}")
    assert told.figures[0].value == found[found["location"] == place]["product_id"].nunique()
    assert place in told.text


def test_of_stock_that_was_and_of_what_is_no_count_nothing_is_told(ask: Ask, reader: Reader) -> None:
    assert ask("how much stock did we have last month").status == "out_of_scope"
    customer = reader.frame("customers").iloc[0]["name"]
    assert ask(f"articles out of stock at {customer}").status == "out_of_scope"
    assert "total on hand" not in ask("average stock per article").text
