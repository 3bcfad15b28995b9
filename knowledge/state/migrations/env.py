"""Runs the migrations on the connection that `knowledge.state.database` holds; it is in a transaction already."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
