"""The audit log: who did what, each entry bound to the one before it, so that a change or a gap shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from knowledge.state.database import Database, now
from knowledge.state.records import AuditEntry
from knowledge.state.tables import audit


@dataclass(frozen=True)
class Chain:
    """How the log stands: its entries, the value of the last one (`head`, worth noting elsewhere), and the first id that does
    not follow from the one before it (None where all do)."""

    entries: int
    head: str
    broken: int | None


class Audit:
    """Entries are only ever added, one at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def audit(self, principal: str, role: str, action: str, detail: dict[str, Any] | None = None) -> None:
        with self.database.writing() as connection:
            append(self.database, connection, principal, role, action, detail or {})

    def audit_log(self, limit: int = 100, *, principal: str | None = None, action: str | None = None) -> list[AuditEntry]:
        """The newest entries, newest first; those of a person, or of an action, where one is named."""
        chosen = sa.select(*(c for c in audit.c if c.name not in ("id", "chain"))).order_by(audit.c.id.desc()).limit(limit)
        if principal is not None:
            chosen = chosen.where(audit.c.principal == principal)
        if action is not None:
            chosen = chosen.where(audit.c.action == action)
        with self.database.reading() as connection:
            return [AuditEntry(**r._mapping) for r in connection.execute(chosen)]

    def audit_chain(self) -> Chain:
        """Follows the whole chain; a changed, a missing and an added entry all break it."""
        last, count, expected = "", 0, None
        with self.database.reading() as connection:
            for row in connection.execute(sa.select(audit).order_by(audit.c.id)):
                last_seen = chained(last, row.at, row.principal, row.role, row.action, row.detail)
                if row.chain != last_seen or (expected is not None and row.id != expected and self.database.is_sqlite):
                    return Chain(count, last, row.id)
                last, count, expected = last_seen, count + 1, row.id + 1
        return Chain(count, last, None)


def append(
    database: Database, connection: sa.Connection, principal: str, role: str, action: str, detail: Mapping[str, Any]
) -> None:
    """Adds an entry in the transaction of what it tells, so that neither is there without the other."""
    database.one_at_a_time(connection)
    before = connection.execute(sa.select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)).scalar()
    at = now()
    link = chained(before or "", at, principal, role, action, detail)
    values = {"principal": principal, "role": role, "action": action, "detail": dict(detail), "at": at, "chain": link}
    connection.execute(sa.insert(audit).values(**values))


def chained(before: str, at: datetime, principal: str, role: str, action: str, detail: Mapping[str, Any]) -> str:
    """The value of an entry that follows one with the value `before`."""
    said = [before, at.astimezone(UTC).isoformat(timespec="microseconds"), principal, role, action, detail]
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
