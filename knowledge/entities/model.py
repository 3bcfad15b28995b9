"""Records of the entity layer: an entity, its attributes, and the links that lead from one entity to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from knowledge.records import Right

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from knowledge.metrics.bases import Context

Kind = Literal["text", "flag", "count", "number", "money", "share", "days", "hours", "date"]
NUMBERS: frozenset[Kind] = frozenset(("count", "number", "money", "share", "days", "hours"))
UNITS: Mapping[Kind, str] = {
    "count": "count",
    "number": "number",
    "money": "money",
    "share": "share",
    "days": "days",
    "hours": "hours",
    "flag": "share",
}


@dataclass(frozen=True)
class Attribute:
    """One thing that is known of an entity. `value` gives it over the rows of `source` (a relation keyed by the entity's key;
    empty: the entity's own rows). `words` are what people call it beside its label; `needs` lists `table.column` that must hold
    something; `order` lists the members of an ordinal text in their order; `now` says that it is a state as of now; `when` names the attribute with
    the date from which it holds (an order is delivered from its delivery date); `given` is the verb that gives it its number ("rated 2"), `done_by` are the verbs of what its member does with the thing (an agent
    handles a ticket); `bad` says of a yes or no that fewer are better (late, damaged)."""

    name: str
    kind: Kind
    label: str
    value: Callable[[ir.Table], ir.Value]
    words: tuple[str, ...] = ()
    source: str = ""
    needs: tuple[str, ...] = ()
    right: Right = "open"
    order: tuple[str, ...] = ()
    now: bool = False
    when: str = ""
    given: str = ""
    done_by: tuple[str, ...] = ()
    bad: bool = False


@dataclass(frozen=True)
class Entity:
    """A kind of thing. `rows` gives the relation with one row a thing as of a moment, `key` its column, `day` the column by which
    a period cuts it; `links` names, by key column, the entities that each row belongs to (many to one); `usual` is the condition
    that holds unless a selection speaks of the attributes in `unless` (an order is not a cancelled one); `shown` are the
    attributes that a list of them shows. `words` are more nouns for it, `verbs` (in their base form) what people do who have one."""

    name: str
    plural: str
    rows: Callable[[Context], ir.Table]
    key: str
    table: str
    day: str = ""
    words: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    usual: Callable[[ir.Table], ir.BooleanValue] | None = None
    unless: frozenset[str] = frozenset()
    shown: tuple[str, ...] = ()
    right: Right = "open"


def attributes(*listed: Attribute) -> dict[str, Attribute]:
    """Attributes by name, in the order given."""
    return {a.name: a for a in listed}
