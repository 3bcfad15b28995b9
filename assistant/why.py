"""Why a figure changed: which members of which dimension moved it, from two metric queries a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.shape import Name, currency
from assistant.shape import word as said_of
from knowledge import display
from knowledge.access import Reader
from knowledge.account_trade import bought_twice
from knowledge.errors import RapportError
from knowledge.metrics import find
from knowledge.models.price_volume_mix import decompose
from knowledge.query import run as run_query
from knowledge.record_lists import of_customers
from knowledge.records import Figure, MetricQuery

DIMENSIONS = (
    "region",
    "country",
    "category",
    "channel",
    "ship_from",
    "carrier",
    "industry",
    "service_tier",
    "product",
    "customer",
)
SPLIT_BY_WEIGHT = ("share",)
SHOWN, MOST_MEMBERS, WORTH_TELLING, STANDS_OUT = 3, 400, 0.3, 0.1


@dataclass(frozen=True)
class Part:
    """A member's part of a change: what it moved, its share of the figure before, its figure now and before."""

    member: str
    moved: float
    share: float
    now: Figure | None
    before: Figure | None


@dataclass(frozen=True)
class Contributions:
    """The dimension that explains the change best, in words, with its figures and a table."""

    text: str
    figures: tuple[Figure, ...]
    table: dict[str, Any] | None


def contributions(now: MetricQuery, then: MetricQuery, reader: Reader, name: Name) -> Contributions | None:
    """What moved the figure: for sums the members' own changes; for rates each member's part (its weight times its change, and
    what its changed weight did). Told is the dimension with the member that moved it most beyond its former share: the largest
    region moves a figure most even where nothing happens there."""
    metric = find(now.metric)
    taken = {f.dimension for f in now.where}
    if not metric.additive and metric.unit not in SPLIT_BY_WEIGHT:
        return None  # a median or a score has no parts that add up
    best: tuple[float, str, list[Part]] | None = None
    looked: list[str] = []
    for dimension in DIMENSIONS:
        if dimension not in metric.dimensions or dimension in taken:
            continue
        try:
            one = run_query(replace(now, by=(dimension,), order=None, limit=None), reader)
            two = run_query(replace(then, by=(dimension,), order=None, limit=None), reader)
        except RapportError:
            continue
        parts = _parts(one.figures, two.figures, dimension, one.total, two.total)
        total = sum(p.moved for p in parts)
        if not 2 <= len(parts) <= MOST_MEMBERS or not total:
            continue
        looked.append(said_of(dimension))
        beyond = sorted(
            ((p.moved / total - p.share, p) for p in parts if p.moved / total > 0), key=lambda e: (-e[0], e[1].member)
        )
        if not beyond:
            continue
        told = min(beyond[0][0], 1.5) / (1 + 0.02 * len(parts))
        if told >= STANDS_OUT and (best is None or told > best[0] + 0.05):
            best = (told, dimension, [p for excess, p in beyond[:SHOWN] if excess >= WORTH_TELLING * beyond[0][0]])
    if best is not None:
        return _told(best[1], best[2], name, metric.unit, currency(reader), now.metric)
    if not looked:
        return None
    return Contributions(
        f"No {', '.join(looked[:-1])}{' or ' if len(looked) > 1 else ''}{looked[-1]} stands out: it is spread over all.",
        (),
        None,
    )


def volume_mix_price(now: MetricQuery, then: MetricQuery, reader: Reader) -> tuple[str, tuple[Figure, ...]]:
    """The change of revenue as volume, mix and price, in words and figures; nothing where the filters are not of customers."""
    if now.metric != "revenue" or now.period is None or then.period is None:
        return "", ()
    try:
        bought = bought_twice(reader, now.period, then.period)
        chosen = reader.engine.backend.to_pyarrow(of_customers(reader.table("customers"), now, reader).select("customer_id"))
    except RapportError:
        return "", ()
    bought = bought[bought["customer_id"].isin(set(chosen["customer_id"].to_pylist()))] if now.where else bought
    if bought.empty:
        return "", ()
    parts = decompose(bought.assign(customer_id="all")).to_dict("index")["all"]
    money = currency(reader)
    figures = tuple(
        Figure("revenue.change", f"Part of the change by {part}", float(parts[part]), "money", _signed(float(parts[part]), "money", money),
               filters={f.dimension: list(f.values) for f in now.where}, period=now.period, as_of=reader.snapshot.as_of,
               definition="Price-volume-mix analysis over articles sold in both periods.", source="order lines")
        for part in ("volume", "mix", "price")
    )  # fmt: skip
    told = ", ".join(f"{f.label.rsplit(' ', 1)[1]} {f.display}" for f in figures)
    return f" Of the change: {told}.", figures


def _parts(one: Sequence[Figure], two: Sequence[Figure], dimension: str, now: Figure | None, then: Figure | None) -> list[Part]:
    """Each member's part of the change, and its share of the figure before."""
    after, before = {f.group[dimension]: f for f in one}, {f.group[dimension]: f for f in two}
    rated = now is not None and then is not None and now.denominator and then.denominator
    whole = sum(_value(f) for f in two)
    made = []
    for member in sorted(after.keys() | before.keys()):
        a, b = after.get(member), before.get(member)
        if rated and now and then and now.denominator and then.denominator:
            weight, former = (
                (f.denominator or 0) / t.denominator if f and t.denominator else 0.0 for f, t in ((a, now), (b, then))
            )
            moved = ((a.numerator or 0) if a else 0) / now.denominator - ((b.numerator or 0) if b else 0) / then.denominator
            made.append(Part(member, moved - _value(then) * (weight - former), former, a, b))
        else:
            made.append(Part(member, _value(a) - _value(b), _value(b) / whole if whole else 0.0, a, b))
    return made


def _value(figure: Figure | None) -> float:
    return float(figure.value) if figure is not None and isinstance(figure.value, int | float) else 0.0


def _told(
    dimension: str,
    parts: Sequence[Part],
    name: Name,
    unit: str,
    currency: str,
    metric: str,
) -> Contributions:
    word = said_of(dimension)
    figures: list[Figure] = []
    said = []
    rows = []
    for p in parts:
        member, part, a, b = p.member, p.moved, p.now, p.before
        shown = f"{part * 100:+.1f} points" if unit == "share" else _signed(part, unit, currency)
        moved = Figure(
            metric,
            f"Part of the change by {word}",
            round(part, 6),
            "points" if unit == "share" else unit,
            shown,
            group={dimension: member},
        )
        figures += [f for f in (moved, a, b) if f is not None]
        said.append(f"{name(dimension, member)} ({shown}: from {b.display if b else 'none'} to {a.display if a else 'none'})")
        rows.append([name(dimension, member), b.display if b else "", a.display if a else "", shown])
    text = f"By {word}, more than its share of the change comes from {'; '.join(said)}."
    return Contributions(
        text, tuple(figures), {"columns": [word.capitalize(), "Before", "Now", "Part of the change"], "rows": rows}
    )


def _signed(part: float, unit: str, currency: str) -> str:
    text = display.figure(abs(part), unit, currency)
    return ("+" if part >= 0 else "−") + text
