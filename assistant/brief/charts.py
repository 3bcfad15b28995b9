"""Charts of an account, each a Vega-Lite drawing with its figures and what it shows in words; readable in black and white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.content import Chart, Name, Words
from assistant.brief.sections import voice
from knowledge.records import Figure

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
DARK, LIGHT, PROMISE = "#1f3b57", "#8fa3b5", "#000000"
MARGIN = "Margin after cost to serve"
LEAST = 3


def value_chart(account: Account) -> tuple[Chart, ...]:
    """Revenue by month, and the margin after cost to serve where the reader may see it."""
    months = account.by_month("revenue")
    if len(months) < LEAST:
        return ()
    margin = account.margin_by_month
    rows = [_row(m, f, "Revenue") for m, f in months.items()]
    rows += [_row(m, f, MARGIN) for m, f in margin.items()]
    title = "Revenue and margin by month" if margin else "Revenue by month"
    layers: list[dict[str, Any]] = [{"mark": {"type": "bar"}, "transform": [{"filter": "datum.what == 'Revenue'"}]}]
    if margin:
        layers.append(
            {
                "mark": {"type": "line", "strokeDash": [5, 3], "point": True},
                "transform": [{"filter": "datum.what != 'Revenue'"}],
            }
        )
    alt: Words = ("Revenue by month, bars", "; margin after cost to serve, dashed line" if margin else "", ". ", *_told(months))
    spec = _spec(rows, "month", "ordinal", "", account.book.currency or "Revenue", layers)
    if margin:
        spec["encoding"]["color"] = {"field": "what", "type": "nominal", **_legend(("Revenue", LIGHT), (MARGIN, DARK))}
    else:
        layers[0]["mark"]["color"] = LIGHT
    return (Chart(title, alt, spec, (*months.values(), *margin.values())),)


def service_chart(account: Account) -> tuple[Chart, ...]:
    """On-time delivery by month against what the tier is promised."""
    months = {m: f for m, f in account.by_month("otd").items() if (f.denominator or 0) >= LEAST}
    if len(months) < LEAST:
        return ()
    rows = [{**_row(m, f, "On time"), "value": _hundredths(f)} for m, f in months.items()]
    layers: list[dict[str, Any]] = [{"mark": {"type": "line", "point": True}}]
    promise = account.target("otd")
    alt: Words = ("On-time delivery by month in per cent. ", *_told(months))
    if promise is not None:
        legend = _legend(("On time", DARK), ("Promise", PROMISE))
        layers[0]["encoding"] = {"color": {"datum": "On time", "type": "nominal", **legend}}
        goal = {"y": {"datum": _hundredths(promise)}, "x": None, "color": {"datum": "Promise"}}
        layers.append({"mark": {"type": "rule", "strokeDash": [6, 4]}, "encoding": goal})
        alt += (" The dashed line is the promise, ", promise, ".")
    else:
        layers[0]["mark"] |= {"color": DARK, "point": {"color": DARK}}
    spec = _spec(rows, "month", "ordinal", "", "On time, %", layers, zero=False)
    return (Chart("On-time delivery against the promise", alt, spec, (*months.values(), *([promise] if promise else []))),)


def theme_chart(account: Account) -> tuple[Chart, ...]:
    """What they complained of in the year, by theme."""
    found = voice.complaints(account)[:6]
    if len(found) < 2:
        return ()
    rows = [{"theme": c.theme.text, "value": derived.number(c.comments), "display": c.comments.display} for c in found]
    spec = {
        "$schema": SCHEMA, "data": {"values": rows}, "mark": {"type": "bar", "color": LIGHT}, "height": {"step": 22},
        "encoding": {"y": {"field": "theme", "type": "nominal", "sort": None, "title": None},
                     "x": {"field": "value", "type": "quantitative", "title": "Complaining comments", "axis": {"tickMinStep": 1}}},
    }  # fmt: skip
    alt: Words = ("Complaining comments of the ", account.spans.year, " by theme: ")
    for n, complaint in enumerate(found):
        alt += ("; " if n else "", complaint.theme, " ", complaint.comments)
    return (Chart("What they complain of", (*alt, "."), spec, tuple(c.comments for c in found)),)


def orders_chart(account: Account) -> tuple[Chart, ...]:
    """Orders by month."""
    months = account.by_month("orders")
    if len(months) < LEAST:
        return ()
    rows = [_row(m, f, "Orders") for m, f in months.items()]
    layers = [{"mark": {"type": "bar", "color": LIGHT}}]
    spec = _spec(rows, "month", "ordinal", "", "Orders", layers)
    return (Chart("Orders by month", ("Orders by month. ", *_told(months)), spec, tuple(months.values())),)


def _row(month: str, figure: Figure, what: str) -> dict[str, Any]:
    return {"month": month, "value": derived.number(figure), "what": what, "display": figure.display}


def _hundredths(share: Figure) -> float:
    return round((derived.number(share) or 0) * 100, 1)


def _legend(*named: tuple[str, str]) -> dict[str, Any]:
    """What each colour is."""
    scale = {"domain": [name for name, _ in named], "range": [colour for _, colour in named]}
    return {"title": None, "scale": scale, "legend": {"orient": "top"}}


def _told(months: dict[str, Figure]) -> Words:
    """The highest, the lowest and the last month in words."""
    ranked = sorted(months.items(), key=lambda i: (derived.number(i[1]) or 0.0, i[0]))
    (low, least), (high, most) = ranked[0], ranked[-1]
    last = max(months)
    return (
        "Highest ",
        most,
        " in ",
        _month(high),
        ", lowest ",
        least,
        " in ",
        _month(low),
        ", last ",
        months[last],
        " in ",
        _month(last),
        ".",
    )


def _month(month: str) -> Name:
    return Name(month, "month", month)


def _spec(
    rows: Sequence[dict[str, Any]],
    x: str,
    kind: str,
    x_title: str,
    y_title: str,
    layers: Sequence[dict[str, Any]],
    zero: bool = True,
) -> dict[str, Any]:
    return {
        "$schema": SCHEMA, "width": 520, "height": 180, "data": {"values": list(rows)},
        "encoding": {"x": {"field": x, "type": kind, "title": x_title or None, "axis": {"labelAngle": -60}},
                     "y": {"field": "value", "type": "quantitative", "title": y_title, "scale": {"zero": zero}}},
        "layer": list(layers),
    }  # fmt: skip
