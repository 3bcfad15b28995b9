"""Charts as pictures: a Vega-Lite specification of an answer to PNG or SVG, in the process and without a network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from knowledge.errors import BadInput

VERSION = "5.21"
NOWHERE = ["https://nowhere.invalid/"]  # the only address that data may come from: none
STYLE = {
    "background": "white",
    "font": "DejaVu Sans, Liberation Sans, Arial, sans-serif",
    "view": {"continuousWidth": 480, "continuousHeight": 260, "stroke": None},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 220, "grid": True, "gridColor": "#e6e6e6"},
    "bar": {"color": "#2f6f8f"},
    "line": {"color": "#2f6f8f", "strokeWidth": 2},
    "point": {"color": "#2f6f8f", "filled": True, "size": 40},
}


def render_png(spec: Mapping[str, Any], scale: float = 2.0) -> bytes:
    """The chart as a PNG picture. Fails: BadInput (`bad_chart`) where the specification is not one that can be drawn."""
    picture: bytes = _drawn("vegalite_to_png", spec, scale=scale)
    return picture


def render_svg(spec: Mapping[str, Any]) -> str:
    """The chart as SVG that screen readers can tell: its `title` is the alternative text. Fails: as `render_png`."""
    drawn: str = _drawn("vegalite_to_svg", spec)
    told = escape(alt_text(spec), quote=True)
    head, _, rest = drawn.partition(">")
    return f'{head} role="img" aria-label="{told}"><title>{told}</title>{rest}'


def alt_text(spec: Mapping[str, Any], longest: int = 600) -> str:
    """What the chart shows, in words: its description, else what is drawn over what, cut at a word."""
    said = str(spec.get("description") or "").strip()
    if not said:
        axes = spec.get("encoding", {})
        named = [str(axes[a].get("title") or axes[a].get("field")) for a in ("y", "x") if a in axes]
        said = " by ".join(named) or "Chart"
    return said if len(said) <= longest else said[: longest - 1].rsplit(" ", 1)[0] + "…"


def _drawn(function: str, spec: Mapping[str, Any], **more: Any) -> Any:
    try:
        return getattr(_converter(), function)(dict(spec), vl_version=VERSION, config=STYLE, allowed_base_urls=NOWHERE, **more)
    except ValueError as err:
        raise BadInput(
            "The chart cannot be drawn from its specification.", "Ask again without a chart.", code="bad_chart"
        ) from err


@lru_cache(maxsize=1)
def _converter() -> Any:
    import vl_convert

    return vl_convert
