"""The first tables of state."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def _text(name: str, *, null: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=null, **more)


def _at(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, AT, nullable=null)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=False)


def _int(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=null)


def _numbered(name: str, *columns: sa.Column[Any]) -> None:
    number = sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)
    op.create_table(name, number, *columns, sqlite_autoincrement=True)


def upgrade() -> None:
    op.create_table(
        "users",
        _text("name", primary_key=True),
        _text("role"),
        _text("email", null=True, unique=True),
        _text("slack", null=True, unique=True),
        _text("accounts"),
        _at("created"),
    )
    op.create_table(
        "tokens",
        _text("digest", primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.name"), nullable=False, index=True),
        _at("created"),
        _at("revoked", null=True),
    )
    _numbered(
        "turns", _text("conversation"), _text("principal"), _at("at"), _text("question"), _text("answer_id"), _json("context")
    )
    op.create_index("ix_turns_whose", "turns", ["conversation", "principal", "id"])
    op.create_table(
        "answers",
        _text("id", primary_key=True),
        _text("conversation", null=True),
        _text("principal"),
        _text("role"),
        _at("at"),
        _text("question"),
        _text("status"),
        _json("plan"),
        _text("snapshot"),
        _json("figures"),
        _text("text"),
    )
    op.create_table("preferences", _text("principal", primary_key=True), _text("key", primary_key=True), _json("value"))
    _numbered("decisions", _at("at"), _text("who"), _text("kind"), _json("payload"))
    _numbered(
        "labels",
        _text("feedback_id"),
        _int("start"),
        _int("end"),
        _text("aspect", null=True),
        _int("sentiment", null=True),
        _text("who"),
        _at("at"),
    )
    _numbered("audit", _at("at"), _text("principal"), _text("role"), _text("action"), _json("detail"))
    op.create_table("seen_events", _text("id", primary_key=True), _at("at"))
    _numbered(
        "work",
        _text("kind"),
        _json("payload"),
        _text("state"),
        _int("attempts"),
        _at("created"),
        _at("claimed", null=True),
        _at("done", null=True),
    )
    op.create_index("ix_work_next", "work", ["kind", "state", "id"])
    _numbered(
        "subscriptions",
        _text("principal"),
        _text("kind"),
        _text("what"),
        _json("schedule"),
        _text("channel"),
        _at("created"),
        _at("last_sent", null=True),
    )


def downgrade() -> None:
    raise NotImplementedError("State is never taken back.")
