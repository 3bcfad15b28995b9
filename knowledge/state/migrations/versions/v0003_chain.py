"""Tokens that expire; an audit log whose entries are chained; when work that failed may be tried again, and why it failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.state.chain import chained
from knowledge.state.tables import audit

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("tokens", sa.Column("expires", AT, nullable=True))
    op.add_column("audit", sa.Column("chain", sa.Text, nullable=True))
    op.add_column("work", sa.Column("not_before", AT, nullable=True))
    op.add_column("work", sa.Column("why", sa.Text, nullable=True))
    connection, last = op.get_bind(), ""
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)).all():
        last = chained(last, row.at, row.principal, row.role, row.action, row.detail)
        connection.execute(sa.update(audit).where(audit.c.id == row.id).values(chain=last))


def downgrade() -> None:
    raise NotImplementedError("State is never taken back.")
