"""Charts become pictures here, without a network, and say in words what they show."""

from __future__ import annotations

import xml.etree.ElementTree as tree

import pytest

from assistant.charts import bars, trend
from integrations.exports.charts import alt_text, render_png, render_svg
from knowledge.errors import BadInput
from knowledge.records import Figure

FIGURES = tuple(
    Figure("revenue", "Revenue", value, "money", f"£{value:,}", group={"region": region, "month": month})
    for region, month, value in (("North & East", "2011-01", 1200), ("South", "2011-02", 900), ("West", "2011-03", 1500))
)


def test_png_is_a_picture() -> None:
    chart = bars(FIGURES, "region", "Revenue", lambda _, member: member)
    assert chart is not None
    assert render_png(chart).startswith(b"\x89PNG")


def test_svg_says_what_it_shows() -> None:
    chart = trend(FIGURES, "month", "Revenue")
    assert chart is not None
    drawn = tree.fromstring(render_svg(chart))
    title = drawn.find("{http://www.w3.org/2000/svg}title")
    assert drawn.get("role") == "img"
    assert title is not None
    assert "2011-02 £900" in (title.text or "")
    assert alt_text({"encoding": {"x": {"field": "at"}, "y": {"field": "value", "title": "Revenue"}}}) == "Revenue by at"


def test_nothing_is_fetched() -> None:
    chart = bars(FIGURES, "region", "Revenue", lambda _, member: member)
    assert chart is not None
    with pytest.raises(BadInput) as err:
        render_svg({**chart, "data": {"url": "http://127.0.0.1:9/data.csv"}})
    assert err.value.code == "bad_chart"
