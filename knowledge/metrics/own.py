"""What a company adds to the catalogue: metrics and dimensions of its own, in force while its snapshot is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from knowledge.entities.model import Attribute
    from knowledge.metrics.registry import Metric


@dataclass(frozen=True)
class Source:
    """Where a dimension is told: an expression over the rows of one table, and the columns that it reads."""

    table: str
    columns: tuple[str, ...]
    value: Callable[[ir.Table], ir.Value]


@dataclass(frozen=True)
class OwnDimension:
    """A dimension of a company's own: what people call it, and where it is told, one source a table."""

    name: str
    said: tuple[str, ...]
    sources: tuple[Source, ...]
    groups: frozenset[str]
    """The groups of dimensions (`registry.GROUPS`) that it belongs to."""


@dataclass(frozen=True, eq=False)
class Own:
    """All that one company added. `words` are more names for what is known anyway, `pass_over` words without a meaning there."""

    metrics: Mapping[str, Metric] = field(default_factory=dict)
    dimensions: Mapping[str, OwnDimension] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pass_over: frozenset[str] = frozenset()
    attributes: Mapping[str, Mapping[str, Attribute]] = field(default_factory=dict)
    """Attributes of things, by entity and name."""


NOTHING = Own()
_in_force: ContextVar[Own] = ContextVar("own", default=NOTHING)


def own() -> Own:
    """What the company whose data are being read has added; nothing outside `in_force`."""
    return _in_force.get()


@contextmanager
def in_force(added: Own) -> Iterator[Own]:
    """Names are looked up in these additions too, until the block ends."""
    token = _in_force.set(added)
    try:
        yield added
    finally:
        _in_force.reset(token)
