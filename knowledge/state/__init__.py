"""What people create: users, conversations, answers, decisions, work. Never rebuilt. The only door to SQLAlchemy and Alembic."""

from __future__ import annotations

from pathlib import Path

from knowledge.state.chain import Audit, Chain
from knowledge.state.database import Database, open_database
from knowledge.state.erasing import Erasing
from knowledge.state.kept import Kept
from knowledge.state.people import People
from knowledge.state.queue import Queue
from knowledge.state.records import AuditEntry, Decision, Label, Subscription, User, Work
from knowledge.state.review import Review, in_force
from knowledge.state.talk import Talk

__all__ = ["AuditEntry", "Chain", "Decision", "Label", "State", "Subscription", "User", "Work", "in_force", "open_state"]


class State(People, Talk, Review, Queue, Kept, Audit, Erasing):
    """One open state; safe to share between threads."""

    def close(self) -> None:
        """Lets go of the database's connections."""
        self.database.engine.dispose()


def open_state(where: Path | str) -> State:
    """State of a workspace folder (SQLite, `state.db`) or at a database URL, migrated to this version.

    Fails: Unavailable when it cannot be reached, or was written by a newer version (`newer_state`)."""
    database: Database = open_database(where)
    return State(database)
