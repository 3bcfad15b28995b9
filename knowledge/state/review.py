"""What people decide about themes, correct in labels, and want to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.errors import BadQuestion
from knowledge.state.database import Database, now
from knowledge.state.records import DECISION_KINDS, Decision, Label, Subscription
from knowledge.state.tables import decisions, labels, subscriptions


def in_force(decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions that were not taken back, in the order made; an `undo` {of: id} is itself none of them."""
    undone = {int(d.payload["of"]) for d in decisions if d.kind == "undo"}
    return [d for d in decisions if d.kind != "undo" and d.id not in undone]


class Review:
    """Decisions and corrections are only ever added; later ones win."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def decide(self, kind: str, payload: dict[str, Any], who: str) -> int:
        """Adds a decision; gives its id, which is the new revision. Fails: BadQuestion for a kind that is not known."""
        if kind not in DECISION_KINDS:
            raise BadQuestion(f"Themes cannot be decided on by `{kind}`.", f"Ways: {', '.join(DECISION_KINDS)}.")
        values = {"kind": kind, "payload": payload, "who": who}
        with self.database.writing() as connection:
            self.database.one_at_a_time(connection)  # so that a later id is never seen before an earlier one
            return _number(connection.execute(sa.insert(decisions).values(**values, at=now())))

    def decisions(self, since: int = 0) -> list[Decision]:
        """Every decision after revision `since`, in the order made."""
        query = sa.select(decisions).where(decisions.c.id > since).order_by(decisions.c.id)
        with self.database.reading() as connection:
            return [Decision(**r._mapping) for r in connection.execute(query)]

    def decisions_revision(self) -> int:
        """The id of the last decision, 0 before the first."""
        with self.database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.max(decisions.c.id))).scalar() or 0)

    def correct(
        self, feedback_id: str, start: int, end: int, who: str, *, aspect: str | None = None, sentiment: int | None = None
    ) -> int:
        """Keeps a corrected label of characters start..end of a comment; gives its id."""
        values = {"feedback_id": feedback_id, "start": start, "end": end, "aspect": aspect, "sentiment": sentiment, "who": who}
        with self.database.writing() as connection:
            return _number(connection.execute(sa.insert(labels).values(**values, at=now())))

    def labels(self) -> list[Label]:
        """Every correction in the order made."""
        with self.database.reading() as connection:
            return [Label(**r._mapping) for r in connection.execute(sa.select(labels).order_by(labels.c.id))]

    def subscribe(self, principal: str, kind: str, what: str, schedule: dict[str, Any], channel: str) -> int:
        values = {"principal": principal, "kind": kind, "what": what, "schedule": schedule, "channel": channel}
        with self.database.writing() as connection:
            return _number(connection.execute(sa.insert(subscriptions).values(**values, created=now())))

    def subscriptions(self, principal: str | None = None) -> list[Subscription]:
        """Of one person, or all."""
        query = sa.select(subscriptions).order_by(subscriptions.c.id)
        if principal is not None:
            query = query.where(subscriptions.c.principal == principal)
        with self.database.reading() as connection:
            return [Subscription(**r._mapping) for r in connection.execute(query)]

    def unsubscribe(self, subscription_id: int, principal: str) -> bool:
        """Ends one's own subscription; gives whether there was one."""
        own = sa.and_(subscriptions.c.id == subscription_id, subscriptions.c.principal == principal)
        with self.database.writing() as connection:
            return connection.execute(sa.delete(subscriptions).where(own)).rowcount > 0

    def sent(self, subscription_id: int, at: datetime, before: datetime | None) -> bool:
        """Notes a sending, unless somebody else has since `before` (the `last_sent` that was read): then gives False."""
        same = subscriptions.c.last_sent.is_(None) if before is None else subscriptions.c.last_sent == before
        mark = sa.update(subscriptions).where(subscriptions.c.id == subscription_id, same).values(last_sent=at)
        with self.database.writing() as connection:
            return connection.execute(mark).rowcount > 0


def _number(result: sa.CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    return int(key[0]) if key else 0
