"""Words of an erased person leave what people asked and were told; the log's chain is made anew and says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from knowledge.state.chain import append, chained
from knowledge.state.database import Database
from knowledge.state.tables import audit, metadata
from knowledge.state.talk import digest_of

UNTOUCHED = ("users", "tokens", "seen_events", "audit")


class Erasing:
    """Changes texts wherever they are kept."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def erase_words(self, change: Callable[[str], str], principal: str, note: dict[str, Any]) -> dict[str, int]:
        """Puts every text of conversations, answers, work, decisions and the log through `change`; gives the changed rows by
        table. An entry `erasure` holds the `note`, the log's head before, and how many entries were changed."""
        counts: dict[str, int] = {}
        with self.database.writing() as connection:
            self.database.one_at_a_time(connection)
            digests: dict[str, str] = {}
            for table in metadata.sorted_tables:
                if table.name not in UNTOUCHED:
                    done = _rewritten(connection, table, change, digests)
                    counts |= {table.name: done} if done else {}
            before, changed = _relinked(connection, change, digests)
            counts |= {"audit": changed} if changed else {}
            told = {**note, "changed": counts, "head_before": before}
            append(self.database, connection, principal, "admin", "erasure", told)
        self._compact()
        return counts

    def _compact(self) -> None:
        """What was overwritten is gone from SQLite's free pages and its log too (PostgreSQL's own vacuum sees to it there)."""
        if self.database.is_sqlite:
            raw = self.database.engine.raw_connection()  # a transaction cannot be compacted
            try:
                for deed in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    raw.driver_connection.execute(deed)  # type: ignore[union-attr]
            finally:
                raw.close()


def _rewritten(connection: sa.Connection, table: sa.Table, change: Callable[[str], str], digests: dict[str, str]) -> int:
    keys = list(table.primary_key.columns)
    columns = [c for c in table.columns if not c.primary_key and isinstance(c.type, sa.Text | sa.JSON)]
    done = 0
    for row in connection.execute(sa.select(*keys, *columns)).all():
        values = {c.name: _changed(row._mapping[c.name], change) for c in columns}
        new = {n: v for n, v in values.items() if v != row._mapping[n]}
        if new:
            where = sa.and_(*(k == row._mapping[k.name] for k in keys))
            connection.execute(sa.update(table).where(where).values(**new))
            if table.name == "answers":
                digests[row._mapping["id"]] = digest_of({"id": row._mapping["id"], **values})
            done += 1
    return done


def _relinked(connection: sa.Connection, change: Callable[[str], str], digests: dict[str, str]) -> tuple[str, int]:
    """Changes the log's entries, and binds each anew to the one before it. Gives the former head, and how many were changed."""
    head, last, changed = "", "", 0
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)).all():
        detail = _changed(row.detail, change)
        if isinstance(detail, dict) and detail.get("answer") in digests and "digest" in detail:
            detail = {**detail, "digest": digests[detail["answer"]]}
        values = {"principal": change(row.principal), "detail": detail}
        changed += values != {"principal": row.principal, "detail": row.detail}
        last = chained(last, row.at, values["principal"], row.role, row.action, detail)
        if last != row.chain:
            connection.execute(sa.update(audit).where(audit.c.id == row.id).values(**values, chain=last))
        head = row.chain or ""
    return head, changed


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(k): _changed(v, change) for k, v in value.items()}
    return [_changed(v, change) for v in value] if isinstance(value, list) else value
