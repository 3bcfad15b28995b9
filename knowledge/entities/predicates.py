"""What a selection can say of things: frozen trees of conditions, hashable, with a JSON form that `rapport query --plan` reads.

Predicate = Compare | Reaches | Did | Among | Part | All | Either | Not"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from knowledge.errors import BadInput
from knowledge.records import Period

Op = Literal["=", "!=", "<", "<=", ">", ">="]
OPS: tuple[Op, ...] = ("=", "!=", "<", "<=", ">", ">=")
Value = str | float | bool | date


@dataclass(frozen=True)
class Compare:
    """An attribute (`order.late`) is one of `values` (=), none of them (!=), or compares with the one value."""

    attribute: str
    op: Op
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Reaches:
    """Things of the entity whose metric, over the period and the things that `where` leaves, compares with the value."""

    entity: str
    metric: str
    op: Op
    value: float
    period: Period | None = None
    where: Predicate | None = None


@dataclass(frozen=True)
class Did:
    """Things of the entity that have at least `least` and at most `most` of `done` (orders, returns, comments …) in the period,
    of those that `where` leaves. `most=0` is "did not"."""

    entity: str
    done: str
    where: Predicate | None = None
    period: Period | None = None
    least: int = 1
    most: int | None = None


@dataclass(frozen=True)
class Among:
    """Exactly these things, by key: the set of an earlier answer."""

    entity: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """The `count` (or `share` of all) things with the highest (`desc`) or lowest metric over the period."""

    entity: str
    metric: str
    order: Literal["desc", "asc"] = "desc"
    count: int | None = None
    share: float | None = None
    period: Period | None = None


@dataclass(frozen=True)
class All:
    """Every one of the parts holds."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Either:
    """At least one of the parts holds."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold; what is not known neither holds nor fails."""

    part: Predicate


Predicate: TypeAlias = Compare | Reaches | Did | Among | Part | All | Either | Not
KINDS: dict[str, type[Any]] = {
    "compare": Compare,
    "reaches": Reaches,
    "did": Did,
    "among": Among,
    "part": Part,
    "all": All,
    "either": Either,
    "not": Not,
}
NAMES = {cls: name for name, cls in KINDS.items()}


def both(one: Predicate | None, two: Predicate | None) -> Predicate | None:
    """Both hold, what they share said once; nothing is said where both are None."""
    each = (p for given in (one, two) if given is not None for p in (given.parts if isinstance(given, All) else (given,)))
    parts = tuple(dict.fromkeys(each))
    return parts[0] if len(parts) == 1 else All(parts) if parts else None


def leaves(predicate: Predicate | None) -> Iterator[Compare | Reaches | Did | Among | Part]:
    """The conditions at the ends of the tree, those inside a `where` not included."""
    if isinstance(predicate, All | Either):
        for part in predicate.parts:
            yield from leaves(part)
    elif isinstance(predicate, Not):
        yield from leaves(predicate.part)
    elif predicate is not None:
        yield predicate


def compared(predicate: Predicate | None) -> Iterator[Compare]:
    """Every comparison of an attribute in the tree, those inside a `where` too."""
    for leaf in leaves(predicate):
        if isinstance(leaf, Compare):
            yield leaf
        elif isinstance(leaf, Did | Reaches):
            yield from compared(leaf.where)


def to_json(predicate: Predicate | None) -> dict[str, Any] | None:
    """The tree as plain JSON; each node says its `kind`."""
    if predicate is None:
        return None
    told: dict[str, Any] = {"kind": NAMES[type(predicate)]}
    for name, value in vars(predicate).items():
        if name in ("where", "part"):
            told[name] = to_json(value)
        elif name == "parts":
            told[name] = [to_json(p) for p in value]
        elif isinstance(value, Period):
            told[name] = {"start": str(value.start), "end": str(value.end), "label": value.label}
        elif isinstance(value, tuple):
            told[name] = [{"date": str(v)} if isinstance(v, date) else v for v in value]
        elif value is not None:
            told[name] = value
    return {k: v for k, v in told.items() if v is not None}


def from_json(raw: Mapping[str, Any] | None) -> Predicate | None:
    """The tree that `to_json` wrote. Fails: BadInput naming the node that is wrong."""
    if raw is None:
        return None
    try:
        made = KINDS[raw["kind"]]
        given = {k: _read(k, v) for k, v in raw.items() if k != "kind"}
        node: Predicate = made(**given)
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise BadInput(f"`{dict(raw)}` is no condition of a plan.", f"Kinds: {', '.join(KINDS)}.", code="bad_plan") from err
    return node


def _read(name: str, value: Any) -> Any:
    if name in ("where", "part"):
        return from_json(value)
    if name == "parts":
        return tuple(from_json(v) for v in value)
    if name == "period":
        return Period(date.fromisoformat(value["start"]), date.fromisoformat(value["end"]), str(value.get("label", "")))
    if isinstance(value, list):
        return tuple(date.fromisoformat(v["date"]) if isinstance(v, dict) else v for v in value)
    return value
