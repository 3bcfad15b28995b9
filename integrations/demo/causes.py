"""The ledger of the demo company: what was planted in its history, so that tests can ask whether it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

FIRST = date(2024, 11, 1)
LAST = date(2026, 10, 31)

# The days on which things changed. Nothing else in the generator defines one.
CARRIER_LATE = date(2026, 6, 1)
MISPICKS = date(2026, 3, 2)
PACKAGING = date(2026, 2, 2)
INVOICES = date(2026, 4, 13)
SLOW_EMAIL = date(2026, 5, 4)
SLIPPING = date(2026, 5, 1)
RUSH = date(2026, 1, 5)
BIAS = date(2025, 5, 1)
SHORTAGE = date(2026, 9, 14)
LONG_LEAD = date(2026, 3, 16)
SLOW_CREDIT = date(2025, 11, 3)
LOYALTY = date(2026, 1, 12)
AUTO_APPROVAL = date(2025, 10, 6)


@dataclass(frozen=True)
class Cause:
    """One planted cause: `size` is the figure that came out where it holds, `baseline` the same figure where it does not.

    `where` names the slice (column to member); the ids are the records that carry the effect, not all in the slice."""

    name: str
    story: str
    measure: str
    size: float
    baseline: float
    first_day: date
    where: Mapping[str, str] = field(default_factory=dict)
    topic: str = ""
    customers: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """What is true of one generated company. `topics` and `reasons` are what each comment was written to say;
    `fates` the customer of each fate (new, silent, tiny, unheard, no orders)."""

    seed: int
    scale: float
    first_day: date
    last_day: date
    causes: tuple[Cause, ...]
    false_comments: tuple[str, ...]
    topics: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, tuple[str, ...]]
    moods: Mapping[str, str]
    duplicates: tuple[tuple[str, str], ...]
    personal_data: tuple[str, ...]
    rows: Mapping[str, int]
    fates: Mapping[str, str]

    def cause(self, name: str) -> Cause:
        """Fails: KeyError naming the causes there are."""
        for one in self.causes:
            if one.name == name:
                return one
        raise KeyError(f"no cause {name!r}; there are: {', '.join(c.name for c in self.causes)}")

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; days as ISO text."""
        plain = {k: v for k, v in self.__dict__.items() if k != "causes"}
        plain = {k: dict(v) if isinstance(v, Mapping) else v for k, v in plain.items()}
        plain["first_day"], plain["last_day"] = self.first_day.isoformat(), self.last_day.isoformat()
        plain["causes"] = [
            {**asdict(_unlocked(c)), "first_day": c.first_day.isoformat(), "where": dict(c.where)} for c in self.causes
        ]
        return plain


def _unlocked(cause: Cause) -> Cause:
    return Cause(**{**cause.__dict__, "where": dict(cause.where)})


def locked(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A view that cannot be written to."""
    return MappingProxyType(dict(values))
