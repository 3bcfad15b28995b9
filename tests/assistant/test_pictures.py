"""Words for pictures and for making them carry nothing of what is asked; which kind is shown is said where it is another one."""

from __future__ import annotations

import pytest

from tests.assistant.conftest import Ask


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("pie chart of orders per channel", "orders per channel"),
        ("orders per channel as a donut", "orders per channel"),
        ("sankey diagram of orders per channel", "orders per channel"),
        ("heat map of otd by carrier", "otd by carrier"),
        ("compile revenue by region", "revenue by region"),
        ("put together a stacked bar chart of revenue by region", "revenue by region"),
        ("lay out revenue by month in a line graph", "revenue by month"),
        ("bring up the otd by month", "otd by month"),
        ("revenue chart by region", "revenue by region"),
    ],
)
def test_a_picture_is_of_the_same_figures(ask: Ask, said: str, plain: str) -> None:
    one, two = ask(said), ask(plain)
    assert one.status == two.status == "answered"
    assert [(f.metric, f.value, f.group) for f in one.figures] == [(f.metric, f.value, f.group) for f in two.figures]


def test_the_kind_that_is_shown_is_said_where_another_was_asked_for(ask: Ask) -> None:
    assert "Shown as a bar chart, not as a pie one." in ask("pie chart of orders per channel").text
    assert "Shown as" not in ask("bar chart of orders per channel").text
    assert "Shown as" not in ask("orders per channel").text
