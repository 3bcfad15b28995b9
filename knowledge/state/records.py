"""What state gives back: frozen values, no database types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

DecisionKind = Literal["rename", "merge", "split", "move", "assign", "approve", "new", "not_feedback", "action", "undo"]
DECISION_KINDS: tuple[str, ...] = get_args(DecisionKind)


@dataclass(frozen=True)
class User:
    """A person; `accounts` is a rule ("all", "own", "ID,ID", "region=NAME")."""

    name: str
    role: str
    email: str | None
    slack: str | None
    accounts: str
    created: datetime


@dataclass(frozen=True)
class Token:
    """A bearer token as it may be told: never itself, only the beginning of its digest."""

    id: str
    user: str
    created: datetime
    expires: datetime | None
    revoked: datetime | None


@dataclass(frozen=True)
class Decision:
    """What a person decided about themes; ids rise, so the last id is the revision of all decisions."""

    id: int
    at: datetime
    who: str
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Label:
    """A correction: characters start..end of a comment are about `aspect`, in this `sentiment` (-1, 0, +1)."""

    id: int
    feedback_id: str
    start: int
    end: int
    aspect: str | None
    sentiment: int | None
    who: str
    at: datetime


@dataclass(frozen=True)
class AuditEntry:
    """Who did what, and when."""

    at: datetime
    principal: str
    role: str
    action: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """Something to be done, stored before it was begun; `attempts` counts the times it was claimed."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    created: datetime


@dataclass(frozen=True)
class DeadLetter:
    """Work that was given up: what kind, how often it was tried, and why."""

    id: int
    kind: str
    attempts: int
    created: datetime
    why: str


@dataclass(frozen=True)
class Subscription:
    """What somebody wants to be sent, when and where to."""

    id: int
    principal: str
    kind: str
    what: str
    schedule: Mapping[str, Any]
    channel: str
    created: datetime
    last_sent: datetime | None
