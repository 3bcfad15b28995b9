"""The tables of state, as SQLAlchemy sees them. A change here needs a migration beside it and a new HEAD."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

HEAD = "0003"
REVISIONS = frozenset({"0001", "0002", "0003"})

metadata = sa.MetaData()


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, with its zone on the way out in every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _table(name: str, *columns: sa.Column[Any] | sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *columns, sqlite_autoincrement=any(getattr(c, "name", "") == "id" for c in columns))


def _number() -> sa.Column[int]:
    """A number that is never given out twice, also after a row is gone."""
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("email", sa.Text, unique=True),
    sa.Column("slack", sa.Text, unique=True),
    sa.Column("accounts", sa.Text, nullable=False),
    sa.Column("created", Moment, nullable=False),
)
tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("user", sa.Text, sa.ForeignKey("users.name"), nullable=False, index=True),
    sa.Column("created", Moment, nullable=False),
    sa.Column("revoked", Moment),
    sa.Column("expires", Moment),
)
turns = _table(
    "turns",
    _number(),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer_id", sa.Text, nullable=False),
    sa.Column("context", sa.JSON, nullable=False),
    sa.Index("ix_turns_whose", "conversation", "principal", "id"),
)
answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("conversation", sa.Text),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("more", sa.JSON),
)
preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("principal", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
decisions = _table(
    "decisions",
    _number(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
)
labels = _table(
    "labels",
    _number(),
    sa.Column("feedback_id", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("aspect", sa.Text),
    sa.Column("sentiment", sa.Integer),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)
audit = _table(
    "audit",
    _number(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("chain", sa.Text),
)
seen_events = sa.Table(
    "seen_events",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)
work = _table(
    "work",
    _number(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("claimed", Moment),
    sa.Column("done", Moment),
    sa.Column("not_before", Moment),
    sa.Column("why", sa.Text),
    sa.Index("ix_work_next", "kind", "state", "id"),
)
subscriptions = _table(
    "subscriptions",
    _number(),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("schedule", sa.JSON, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("last_sent", Moment),
)
kept = sa.Table(
    "kept",
    metadata,
    sa.Column("space", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires", Moment),
)
