"""Charts as Vega-Lite: lines for what goes over time, bars for groups. Data is inside; nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from knowledge.records import Figure

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FEWEST, MOST = 3, 30


DRAWN = {"bar": ("bar", "column", "horizontal", "vertical", "pareto"), "line": ("line",)}
"""What each kind of picture is called."""


def instead(chart: Mapping[str, Any] | None, asked: str) -> str:
    """Which kind is shown where another one was asked for; empty where it is that one, or there is no picture."""
    kind = str(chart["mark"]["type"]) if chart is not None else ""
    return f"Shown as a {kind} chart, not as a {asked} one." if asked and kind and asked not in DRAWN[kind] else ""


def trend(figures: Sequence[Figure], grain: str, label: str) -> dict[str, Any] | None:
    """A line over the buckets of `grain`, or None where there are too few."""
    rows = [{"at": f.group.get(grain, ""), "value": _number(f), "display": f.display} for f in figures]
    if len(rows) < FEWEST:
        return None
    return _chart("line", rows, {"field": "at", "type": "ordinal", "title": grain.capitalize()}, label, figures[0].unit)


def bars(figures: Sequence[Figure], dimension: str, label: str, name: Callable[[str, str], str]) -> dict[str, Any] | None:
    """Bars of groups in the order given, or None where there are too few or too many to read."""
    if not FEWEST <= len(figures) <= MOST:
        return None
    rows = [{"at": name(dimension, f.group.get(dimension, "")), "value": _number(f), "display": f.display} for f in figures]
    axis = {"field": "at", "type": "nominal", "sort": None, "title": dimension.replace("_", " ").capitalize()}
    return _chart("bar", rows, axis, label, figures[0].unit)


def histogram(ranges: Sequence[tuple[str, int]], label: str, counted: str) -> dict[str, Any] | None:
    """Bars of how many values fall into each range, or None where there is one."""
    if len(ranges) < FEWEST:
        return None
    rows = [{"at": shown, "value": float(count), "display": f"{count:,}"} for shown, count in ranges]
    axis = {"field": "at", "type": "ordinal", "sort": None, "title": label[:1].upper() + label[1:]}
    return _chart("bar", rows, axis, counted.capitalize(), "count")


def _chart(mark: str, rows: list[dict[str, Any]], axis: dict[str, Any], label: str, unit: str) -> dict[str, Any]:
    scale = {"axis": {"format": ".0%"}} if unit == "share" else {}
    value = {"field": "value", "type": "quantitative", "title": label, **scale}
    encoding = {"x": axis, "y": value} if mark == "line" else {"y": axis, "x": value}
    return {
        "$schema": SCHEMA,
        "description": f"{label}: " + ", ".join(f"{r['at']} {r['display']}" for r in rows[:12]),
        "data": {"values": rows},
        "mark": {"type": mark, "point": True} if mark == "line" else {"type": mark},
        "encoding": {**encoding, "tooltip": [{"field": "at"}, {"field": "display"}]},
    }


def _number(figure: Figure) -> float | None:
    return float(figure.value) if isinstance(figure.value, int | float) else None
