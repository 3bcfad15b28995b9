"""What a metric is: one frozen record; a value is combined from components, each an aggregate over one base relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from knowledge.metrics.own import own
from knowledge.records import Direction, Right

if TYPE_CHECKING:
    import ibis.expr.types as ir

Kind = Literal["sum", "count", "distinct", "quantile", "mean", "sd", "min", "max", "only", "customers_with", "rows", "per"]
Row = Mapping[str, Any]
DateCode = Literal["ord", "svc", "del", "ret", "at", "per", "snap"]
GROUPS: dict[str, tuple[str, ...]] = {
    "C": (
        "customer",
        "parent",
        "segment",
        "industry",
        "region",
        "country",
        "size",
        "account_owner",
        "service_tier",
        "churn_risk",
        "own_segment",
    ),
    "O": ("channel", "carrier", "ship_from", "ship_to_region", "status"),
    "P": ("product", "category", "order_type", "abc", "demand_class", "decoupling_point"),
    "I": ("contact_channel", "stage", "kind", "agent"),
    "V": ("feedback_channel", "theme", "aspect", "sentiment", "language"),
    "R": ("reason", "disposition"),
    "party": ("party",),
    "location": ("location",),
    "activity": ("activity",),
    "order_channel": ("channel",),
    "pool": ("pool",),
    "program": ("program", "loyalty_tier"),
    "moved": ("segment_before",),
    "accounts": ("customer",),
    "T": (),
}


RIGHT_OF: dict[str, Right] = {"agent": "personal", "churn_risk": "commercial", "own_segment": "commercial"}
"""Dimensions that need a right of their own."""


@dataclass(frozen=True)
class Measured:
    """A value that brings its own interval, counts or wording, from a `combine` that knows more than a number."""

    value: float | str | None
    interval: tuple[float, float] | None = None
    rows: int | None = None
    numerator: float | None = None
    denominator: float | None = None
    display: str = ""


Value = float | str | Measured | None


@dataclass(frozen=True)
class Component:
    """One aggregate over a base: `expr` what is aggregated, `where` which rows count. `least` and `expr` serve
    `customers_with`: customers who have at least that many distinct values of `expr`. Kind `only` gives a text (the
    greatest), kind `rows` the rows themselves as a frame of `columns`, kind `per` their `sums` by `columns`, for what no
    aggregate can say. `reads` are the attributes (`order.late`) that its expressions speak of."""

    base: str
    kind: Kind
    expr: Callable[[ir.Table], ir.Value] | None = None
    where: Callable[[ir.Table], ir.BooleanValue] | None = None
    q: float = 0.5
    least: int = 1
    columns: tuple[str, ...] = ()
    sums: Mapping[str, Callable[[ir.Table], ir.Value]] = field(default_factory=dict)
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metric:
    """A metric as people and code know it. `components` by name feed `combine`, which gives the value of one group (None:
    empty). `interval` says which interval: wilson and nps read components `k`/`n` or `p`/`d`/`n`, t reads `mean`/`sd`/`n`.
    `rows` names the component that counts source rows; `unmeasured` the one that counts rows left out for nulls.
    `needs` lists `table.column` that must hold something. `additive` values may be summed over groups.
    `lists` are the dimensions it is always listed by, `along` one that `combine` makes itself (it then gives a mapping);
    `one_each` names whose single value it is (a label of a customer cannot be added up); `apart` a dimension whose members
    are never taken together (two parties' plans), of which `own_side` is meant where groups of another kind are asked; `order` is how it is listed;
    `default_days` is the period where none is named, `year_before` says that the year before it is needed too.
    A company's own metric names the `own_dimensions` that it reaches, and the metrics that it is `made_of` (("ratio", a, b))."""

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
    combine: Callable[[Row], Value | Mapping[str, Value]]
    needs: tuple[str, ...] = ()
    interval: Literal["wilson", "t", "nps"] | None = None
    rows: str = "n"
    unmeasured: str | None = None
    sensitivity: Right = "open"
    additive: bool = False
    source: str = "this product's own"
    variants: Mapping[str, Metric] = field(default_factory=dict)
    note: str = ""
    lists: tuple[str, ...] = ()
    along: str = ""
    one_each: str = ""
    apart: str = ""
    own_side: str = ""
    order: Literal["desc", "asc"] | None = None
    limit: int | None = None
    by_month: bool = False
    one_unit: bool = False
    default_days: int | None = None
    year_before: bool = False
    model: str = ""
    own_dimensions: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    thing: str = ""
    """The entity that a measure of things (`knowledge.entities.measures`) is of."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it can be cut by, with the dimensions that the company added to those groups."""
        groups = self.dims.split()
        added = (d.name for d in own().dimensions.values() if d.groups & set(groups))
        return tuple(dict.fromkeys((*(d for g in groups for d in GROUPS[g]), *self.own_dimensions, *added)))

    @property
    def over_time(self) -> bool:
        return "T" in self.dims.split() and self.date != "snap"

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(o.split(".")[0] for n in self.needs for o in n.split("|") if "." in o))


@dataclass(frozen=True)
class One:
    """The component itself as the value; `of` says the same as an expression over the components."""

    name: str

    def __call__(self, row: Row) -> float | None:
        value = row[self.name]
        return None if value is None else float(value)

    def of(self, parts: ir.Table) -> ir.Value:
        return parts[self.name].cast("float64")


@dataclass(frozen=True)
class Ratio:
    """Sum over sum; None where the bottom is 0 or missing. `of` says the same as an expression over the components."""

    top: str
    bottom: str

    def __call__(self, row: Row) -> float | None:
        return float(row[self.top] or 0) / float(row[self.bottom]) if row[self.bottom] else None

    def of(self, parts: ir.Table) -> ir.Value:
        return parts[self.top].cast("float64").fill_null(0.0) / parts[self.bottom].cast("float64").nullif(0.0)


def one(name: str) -> One:
    return One(name)


def rate(
    name: str,
    label: str,
    words: tuple[str, ...],
    definition: str,
    formula: str,
    dims: str,
    date: DateCode,
    direction: Direction,
    k: Component,
    n: Component,
    needs: tuple[str, ...],
    **more: Any,
) -> Metric:
    """A share k of n with its Wilson interval."""
    parts = {"k": k, "n": n, **more.pop("extra", {})}
    return Metric(
        name, label, words, "share", definition, formula, dims, date, direction, parts, ratio("k", "n"), needs, "wilson", **more
    )  # fmt: skip


def text(row: Row) -> str | None:
    """The label of the one customer or article in scope."""
    return None if row["value"] is None else str(row["value"]).replace("_", " ")


def count(base: str, where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "count", None, where)


def total(base: str, expr: Callable[[Any], Any] | str, where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "sum", _column(expr), where)


def distinct(base: str, expr: Callable[[Any], Any] | str, where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "distinct", _column(expr), where)


def mean(base: str, expr: Callable[[Any], Any] | str, where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "mean", _column(expr), where)


def quantile(
    base: str, expr: Callable[[Any], Any] | str, where: Callable[[Any], Any] | None = None, q: float = 0.5
) -> Component:
    return Component(base, "quantile", _column(expr), where, q)


def only(base: str, expr: Callable[[Any], Any] | str) -> Component:
    return Component(base, "only", _column(expr))


def rows(base: str, *columns: str, where: Callable[[Any], Any] | None = None) -> Component:
    return Component(base, "rows", None, where, columns=columns)


def per(base: str, *columns: str, where: Callable[[Any], Any] | None = None, **sums: Callable[[Any], Any]) -> Component:
    return Component(base, "per", None, where, columns=columns, sums=sums)


def _column(expr: Callable[[Any], Any] | str) -> Callable[[Any], Any]:
    return expr if callable(expr) else lambda t: t[expr]


def ratio(top: str, bottom: str) -> Ratio:
    return Ratio(top, bottom)
