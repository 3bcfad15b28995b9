"""How a figure is spread: over the single rows that it is the mean or median of, else over groups (customers, articles …)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge import display
from knowledge.access import Reader
from knowledge.checks import checked
from knowledge.compile import cut_rows
from knowledge.errors import BadQuestion, NoData
from knowledge.metrics import definitions, find
from knowledge.metrics.own import in_force
from knowledge.metrics.registry import Metric
from knowledge.query import run
from knowledge.records import Figure, MetricQuery

if TYPE_CHECKING:
    import numpy.typing as npt

CUTS: tuple[tuple[float, str], ...] = (
    (0.0, "lowest"), (0.1, "10th percentile"), (0.25, "lower quartile"), (0.5, "median"), (0.75, "upper quartile"),
    (0.9, "90th percentile"), (1.0, "highest"),
)  # fmt: skip
OVER = ("customer", "product", "carrier", "ship_from", "channel")
FEWEST, FEW, BINS, TAIL = 5, 12, 10, 0.99


@dataclass(frozen=True)
class Bin:
    """So many values from `low` (included) to `high` (not, but for the last, and where both are the same)."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Distribution:
    """The figure at seven places of its order, and how many values fall where; `over` is the dimension whose members the values are
    of, empty where they are those of single rows of the base relation `base`."""

    query: MetricQuery
    figures: tuple[Figure, ...]
    bins: tuple[Bin, ...]
    count: int
    over: str = ""
    base: str = ""


def distribution(query: MetricQuery, reader: Reader) -> Distribution:
    """How the figure is spread. Over the dimension of `query.by`, else over its single rows, else over customers.

    Fails: as `knowledge.query.run`; BadQuestion for a label; NoData (`too_few`) under five values."""
    with in_force(definitions.of_snapshot(reader.snapshot)):
        each = find(query.metric).one_each
        query = replace(query, by=(each,)) if each and not query.by else query
        metric, whole, _ = checked(query if each else replace(query, by=()), reader)
        single = next((m for m in (metric, metric.variants.get("median")) if m is not None and _single(m)), None)
        if not query.by and single is not None:
            values = _of_rows(single, whole, reader)
            return _made(metric, whole, values, reader, base=single.components["value"].base)
        over = query.by[0] if query.by else next((d for d in OVER if d in metric.dimensions), "")
        if not over:
            raise BadQuestion(f"{metric.label} is one figure, so it has no distribution.", "Ask for its value.")
        result = run(replace(query, by=(over,), order=None, limit=None), reader)
        numbers = [float(f.value) for f in result.figures if isinstance(f.value, int | float)]
        if result.figures and not numbers:
            raise BadQuestion(f"{metric.label} is a label, so it has no distribution.", "List it instead.")
        return _made(metric, replace(whole, by=(over,)), np.array(numbers), reader, over=over)


def _single(metric: Metric) -> bool:
    """Whether the figure is the mean or a quantile of a value that each row has."""
    part = metric.components.get("value")
    return part is not None and part.kind in ("mean", "quantile") and part.expr is not None


def _of_rows(metric: Metric, query: MetricQuery, reader: Reader) -> npt.NDArray[np.float64]:
    part = metric.components["value"]
    rows = cut_rows(part.base, query, reader)
    if part.where is not None:
        rows = rows.filter(part.where(rows))
    assert part.expr is not None
    told: Any = part.expr(rows).cast("float64")
    column = reader.engine.backend.to_pyarrow(rows.select(told=told).filter(lambda t: t.told.notnull()))["told"]
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _made(
    metric: Metric, query: MetricQuery, values: npt.NDArray[np.float64], reader: Reader, *, over: str = "", base: str = ""
) -> Distribution:
    values = values[np.isfinite(values)]
    if len(values) < FEWEST:
        raise NoData(
            f"{metric.label} has {len(values)} values in scope, too few to speak of a distribution.",
            "Widen the period or the filters.",
            code="too_few",
        )
    label = metric.label if over else _of_one(metric.label)
    currency = str(reader.snapshot.facts.get("currency", ""))
    figures = []
    for share, name in CUTS:
        value = round(float(np.quantile(values, share)), 9)
        figures.append(
            Figure(
                metric.name, f"{label}, {name}", value, metric.unit, display.figure(value, metric.unit, currency),
                {f.dimension: list(f.values) for f in query.where}, {}, query.period, len(values), None, metric.definition, metric.source,
                query.as_of or reader.snapshot.as_of,
            )
        )  # fmt: skip
    return Distribution(query, tuple(figures), _bins(values), len(values), over, base)


def _of_one(label: str) -> str:
    """What a mean or median is of: "Average order value" of order values."""
    bare = re.sub(r"^(?:average|median|mean) | \((?:median|mean)\)$", "", label, flags=re.IGNORECASE)
    return bare[:1].upper() + bare[1:]


def _bins(values: npt.NDArray[np.float64]) -> tuple[Bin, ...]:
    """A bin a value where there are few whole ones, else up to ten with round edges up to the 99th percentile; what lies beyond is
    in the last one."""
    told, counts = np.unique(values, return_counts=True)
    if len(told) <= FEW and np.all(told == np.round(told)):
        return tuple(Bin(float(v), float(v), int(n)) for v, n in zip(told, counts, strict=True))
    low, high = float(values.min()), float(np.quantile(values, TAIL))
    if high <= low:
        high = float(values.max())
    if high <= low:
        return (Bin(low, high, len(values)),)
    step = _round((high - low) / min(BINS, max(3, round(math.sqrt(len(values))))))
    first = math.floor(low / step) * step
    edges = [first + i * step for i in range(math.ceil((high - first) / step) + 1)]
    edges[-1] = max(edges[-1], float(values.max()))
    counts, _ = np.histogram(values, edges)
    return tuple(Bin(round(a, 9), round(b, 9), int(n)) for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True))


def _round(width: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))
