"""What a metric is: one frozen record; a value is combined from components, each an aggregate over one base relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from knowledge.records import Direction, Right

if TYPE_CHECKING:
    import ibis.expr.types as ir

Kind = Literal["sum", "count", "distinct", "quantile", "mean", "sd", "max", "customers_with"]
Row = Mapping[str, Any]
DateCode = Literal["ord", "svc", "del", "ret", "at", "per", "snap"]
GROUPS: dict[str, tuple[str, ...]] = {
    "C": ("customer", "parent", "industry", "region", "country", "size", "account_owner", "service_tier"),
    "O": ("channel", "carrier", "ship_from", "ship_to_region", "status"),
    "P": ("product", "category", "order_type"),
    "I": ("contact_channel", "stage", "kind", "agent"),
    "V": ("feedback_channel", "theme", "aspect", "sentiment", "language"),
    "R": ("reason", "disposition"),
    "T": (),
}


@dataclass(frozen=True)
class Component:
    """One aggregate over a base: `expr` what is aggregated, `where` which rows count. `least` and `expr` serve
    `customers_with`: customers who have at least that many distinct values of `expr`."""

    base: str
    kind: Kind
    expr: Callable[[ir.Table], ir.Value] | None = None
    where: Callable[[ir.Table], ir.BooleanValue] | None = None
    q: float = 0.5
    least: int = 1


@dataclass(frozen=True)
class Metric:
    """A metric as people and code know it. `components` by name feed `combine`, which gives the value of one group (None:
    empty). `interval` says which interval: wilson and nps read components `k`/`n` or `p`/`d`/`n`, t reads `mean`/`sd`/`n`.
    `rows` names the component that counts source rows; `unmeasured` the one that counts rows left out for nulls.
    `needs` lists `table.column` that must hold something. `additive` values may be summed over groups."""

    name: str
    label: str
    synonyms: tuple[str, ...]
    unit: str
    definition: str
    formula: str
    dims: str
    date: DateCode
    direction: Direction
    components: Mapping[str, Component]
    combine: Callable[[Row], float | None]
    needs: tuple[str, ...] = ()
    interval: Literal["wilson", "t", "nps"] | None = None
    rows: str = "n"
    unmeasured: str | None = None
    sensitivity: Right = "open"
    additive: bool = False
    source: str = "this product's own"
    variants: Mapping[str, Metric] = field(default_factory=dict)
    note: str = ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(d for g in self.dims.split() for d in GROUPS[g])

    @property
    def over_time(self) -> bool:
        return "T" in self.dims.split() and self.date != "snap"

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n.split(".")[0] for n in self.needs))


def one(name: str) -> Callable[[Row], float | None]:
    """The component itself as the value."""

    def combine(row: Row) -> float | None:
        value = row[name]
        return None if value is None else float(value)

    return combine


def ratio(top: str, bottom: str) -> Callable[[Row], float | None]:
    """Sum over sum; None where the bottom is 0 or missing."""

    def combine(row: Row) -> float | None:
        if not row[bottom]:
            return None
        return float(row[top] or 0) / float(row[bottom])

    return combine
