"""What doors keep under a name of their own (installations, codes, idempotency keys), and the rest of each answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("answers", sa.Column("more", sa.JSON, nullable=True))
    op.create_table(
        "kept",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("expires", AT, nullable=True),
    )


def downgrade() -> None:
    raise NotImplementedError("State is never taken back.")
