"""Frozen values shared by every package: periods, filters, metric queries, figures, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from knowledge.entities.predicates import Predicate

Right = Literal["open", "commercial", "personal"]
Direction = Literal["up", "down", "none"]
Grain = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True)
class Period:
    """Calendar days from `start` to `end`, both inclusive. `label` is how people say it ("Q3 2011"); `unit` what it is the
    beginning of, where it is only that (a year to date)."""

    start: date
    end: date
    label: str = ""
    unit: Grain | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"period ends ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Filter:
    """Keep rows whose dimension is (or is not) one of `values`; values are compared as text."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class MetricQuery:
    """One explicit question to the metric layer; replayable, hashable.

    `metric` may carry a variant (`fill_rate.unit`). `by` are dimensions; `grain` adds a time bucket of the metric's own date.
    `order` sorts groups by value ("desc", "asc") or, where None, by group; `limit` keeps the first groups. `only` is what must
    hold of the things counted (`knowledge.entities.predicates`); `by` and `where` may name attributes (`order.late`).
    """

    metric: str
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    period: Period | None = None
    grain: Grain | None = None
    order: Literal["desc", "asc"] | None = None
    limit: int | None = None
    as_of: datetime | None = None
    only: Predicate | None = None


@dataclass(frozen=True)
class Figure:
    """One checked number with everything needed to check it again. Shape of the contract's `figures`.

    `value` is exact (shares between 0 and 1, unit "share"); `display` is what people read; `rows` counts the source rows
    used; `interval` is 95 %; `group` names the members of the group (dimension -> member).
    """

    metric: str
    label: str
    value: float | int | str | None
    unit: str
    display: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    group: Mapping[str, str] = field(default_factory=dict)
    period: Period | None = None
    rows: int = 0
    interval: tuple[float, float] | None = None
    definition: str = ""
    source: str = ""
    as_of: datetime | None = None
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True)
class MetricResult:
    """What a metric query gives: one figure a group (one in all without `by`), in order, and what must be said with it.

    `total` is the figure over all groups, recomputed and never averaged. `notes` are sentences for people
    ("68 orders out of order left out"); `unmeasured` counts rows left out for nulls.
    """

    query: MetricQuery
    figures: tuple[Figure, ...]
    total: Figure | None
    notes: tuple[str, ...] = ()
    unmeasured: int = 0
    groups_in_all: int = 0


@dataclass(frozen=True)
class Quote:
    """Exact words of a comment: `text` equals the stored (redacted) comment between `start` and `end`."""

    feedback_id: str
    text: str
    start: int
    end: int


class Verdict(StrEnum):
    """What the record says of a claim (METRICS C10); `words` are how people read it."""

    CORROBORATED = "corroborated"
    CONTRADICTED = "contradicted"
    NO_RECORD = "no record"

    @property
    def words(self) -> str:
        return {"corroborated": "borne out", "contradicted": "contradicted", "no record": "not settled by the record"}[self]


@dataclass(frozen=True)
class Citation:
    """Where a statement comes from: `kind` is feedback, document, order …; `locator` says where inside it."""

    kind: str
    id: str
    title: str = ""
    locator: str = ""
