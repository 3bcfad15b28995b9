"""Why a figure changed: which members of which dimension moved it, from two metric queries a dimension."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from assistant.shape import Name
from assistant.shape import word as said_of
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import RapportError
from knowledge.metrics import find
from knowledge.query import run as run_query
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
SHOWN, MOST_MEMBERS, WORTH_TELLING = 3, 400, 0.15


@dataclass(frozen=True)
class Contributions:
    """The dimension that explains the change best, in words, with its figures and a table."""

    text: str
    figures: tuple[Figure, ...]
    table: dict[str, Any]


def contributions(now: MetricQuery, then: MetricQuery, reader: Reader, name: Name) -> Contributions | None:
    """What moved the figure: for sums the members' own changes; for rates each member's part (its weight times its change,
    and what its changed weight did). The dimension whose three largest parts cover most of the change is told."""
    metric = find(now.metric)
    taken = {f.dimension for f in now.where}
    if not metric.additive and metric.unit not in SPLIT_BY_WEIGHT:
        return None  # a median or a score has no parts that add up
    best: tuple[float, str, list[tuple[str, float, Figure | None, Figure | None]]] | None = None
    for dimension in DIMENSIONS:
        if dimension not in metric.dimensions or dimension in taken:
            continue
        try:
            one = run_query(replace(now, by=(dimension,), order=None, limit=None), reader)
            two = run_query(replace(then, by=(dimension,), order=None, limit=None), reader)
        except RapportError:
            continue
        parts = _parts(one.figures, two.figures, dimension, one.total, two.total)
        if not 2 <= len(parts) <= MOST_MEMBERS:
            continue
        total = sum(p for _, p, _, _ in parts)
        if not total:
            continue
        same = sorted((p for p in parts if (p[1] > 0) == (total > 0)), key=lambda p: (-abs(p[1]), p[0]))
        focus = sum(abs(p[1]) for p in same[:1]) / abs(total) / (1 + 0.02 * len(parts))
        told = min(focus, 1.5)
        if same and (best is None or told > best[0] + 0.05):
            best = (told, dimension, same)
    if best is None:
        return None
    _, dimension, same = best
    same = [p for p in same[:SHOWN] if abs(p[1]) >= WORTH_TELLING * abs(same[0][1])]
    return _told(dimension, same, name, metric.unit, str(reader.snapshot.facts.get("currency", "")), now.metric)


def _parts(
    one: tuple[Figure, ...], two: tuple[Figure, ...], dimension: str, total_one: Figure | None, total_two: Figure | None
) -> list[tuple[str, float, Figure | None, Figure | None]]:
    now = {f.group[dimension]: f for f in one}
    then = {f.group[dimension]: f for f in two}
    parts = []
    for member in sorted(now.keys() | then.keys()):
        a, b = now.get(member), then.get(member)
        if total_one and total_two and total_one.denominator and total_two.denominator:
            part = (a.numerator or 0) / total_one.denominator - (b.numerator or 0) / total_two.denominator if a and b else (
                (a.numerator or 0) / total_one.denominator if a else -((b.numerator or 0) if b else 0) / total_two.denominator)  # fmt: skip
            base = float(total_two.value) if isinstance(total_two.value, int | float) else 0.0
            weight = (a.denominator or 0) / total_one.denominator if a else 0.0
            former = (b.denominator or 0) / total_two.denominator if b else 0.0
            part -= base * (weight - former)
        else:
            part = (float(a.value) if a and isinstance(a.value, int | float) else 0.0) - (
                float(b.value) if b and isinstance(b.value, int | float) else 0.0
            )
        parts.append((member, part, a, b))
    return parts


def _told(
    dimension: str,
    parts: list[tuple[str, float, Figure | None, Figure | None]],
    name: Name,
    unit: str,
    currency: str,
    metric: str,
) -> Contributions:
    word = said_of(dimension)
    figures: list[Figure] = []
    said = []
    rows = []
    for member, part, a, b in parts:
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
    text = f"By {word}, most of it comes from {'; '.join(said)}."
    return Contributions(
        text, tuple(figures), {"columns": [word.capitalize(), "Before", "Now", "Part of the change"], "rows": rows}
    )


def _signed(part: float, unit: str, currency: str) -> str:
    text = display.figure(abs(part), unit, currency)
    return ("+" if part >= 0 else "−") + text
