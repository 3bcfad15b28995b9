"""Work that is stored before it is begun, so that a crash loses none; events that are handled once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from knowledge.state.database import Database, now
from knowledge.state.records import DeadLetter, Work
from knowledge.state.tables import seen_events, work

LEASE = timedelta(minutes=5)
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


class Queue:
    """Pending work, oldest first."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def first_seen(self, event_id: str) -> bool:
        """True for exactly one caller, however many threads, processes or machines ask."""
        with self.database.writing() as connection:
            return self.database.add(connection, seen_events, id=event_id, at=now())

    def forget_events(self, before: datetime) -> int:
        """Forgets events seen before then (no sender repeats that late); gives how many."""
        with self.database.writing() as connection:
            return connection.execute(sa.delete(seen_events).where(seen_events.c.at < before)).rowcount

    def enqueue(self, kind: str, payload: dict[str, Any], *, event: str | None = None) -> int | None:
        """Stores work and gives its id. With `event`, marks the event as seen in the same commit, and gives None where
        it was seen before: then nothing is stored."""
        return self.enqueue_all(kind, [(payload, event)])[0]

    def enqueue_all(self, kind: str, given: Sequence[tuple[dict[str, Any], str | None]]) -> list[int | None]:
        """The same for several payloads and events in one commit, which costs as much as one."""
        with self.database.writing() as connection:
            return [self._enqueued(connection, kind, payload, event) for payload, event in given]

    def _enqueued(self, connection: sa.Connection, kind: str, payload: dict[str, Any], event: str | None) -> int | None:
        if event is not None and not self.database.add(connection, seen_events, id=event, at=now()):
            return None
        values = {"kind": kind, "payload": payload, "state": WAITING, "attempts": 0, "created": now()}
        key = connection.execute(sa.insert(work).values(**values)).inserted_primary_key
        return int(key[0]) if key else None

    def claim(self, kind: str, *, lease: timedelta = LEASE, attempts: int = 5) -> Work | None:
        """The oldest waiting work that was never tried, else the oldest, now the caller's; None where there is none. Work whose claimer has been silent for longer
        than `lease` waits again, and counts as failed once it has been claimed `attempts` times."""
        moment = now()
        lost = sa.and_(work.c.kind == kind, work.c.state == RUNNING, work.c.claimed < moment - lease)
        with self.database.writing() as connection:
            connection.execute(sa.update(work).where(lost, work.c.attempts >= attempts).values(state=FAILED, done=moment))
            ready = sa.or_(work.c.not_before.is_(None), work.c.not_before <= moment)
            open_ = sa.or_(lost, sa.and_(work.c.kind == kind, work.c.state == WAITING, ready))
            query = (
                sa.select(work).where(open_).order_by(work.c.attempts > 0, work.c.id).limit(1).with_for_update(skip_locked=True)
            )
            row = connection.execute(query).first()
            if row is None:
                return None
            tries = row.attempts + 1
            mine = sa.update(work).where(work.c.id == row.id)
            connection.execute(mine.values(state=RUNNING, attempts=tries, claimed=moment))
        return Work(row.id, row.kind, row.payload, tries, row.created)

    def finish(self, work_id: int, *, failed: bool = False, why: str = "", attempts: int | None = None) -> None:
        """Marks work as done, or as failed for good (a dead letter, with why). With `attempts`, those of the claim, only while it is
        still that claimer's: whoever was silent for too long ends nothing that somebody else has begun."""
        self._mark(work_id, attempts, state=FAILED if failed else DONE, done=now(), why=why or None)

    def give_up(self, work_id: int, *, wait: timedelta = timedelta(0), why: str = "", attempts: int | None = None) -> None:
        """Puts work back, to be claimed again after that time; others go first. `attempts` as in `finish`."""
        self._mark(work_id, attempts, state=WAITING, not_before=now() + wait, why=why or None)

    def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """Work that failed for good, the newest first."""
        query = sa.select(work).where(work.c.state == FAILED).order_by(work.c.id.desc()).limit(limit)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return [DeadLetter(r.id, r.kind, r.attempts, r.created, r.why or "Whoever had it died again and again.") for r in rows]

    def try_again(self, work_id: int) -> bool:
        """Puts a dead letter back; gives whether there was one."""
        dead = sa.and_(work.c.id == work_id, work.c.state == FAILED)
        with self.database.writing() as connection:
            again = sa.update(work).where(dead).values(state=WAITING, attempts=0, not_before=None, done=None)
            return connection.execute(again).rowcount > 0

    def renew(self, work_id: int, attempts: int) -> bool:
        """Says that its claimer is alive; False where it is no longer theirs (somebody else has claimed it since)."""
        mine = sa.and_(work.c.id == work_id, work.c.state == RUNNING, work.c.attempts == attempts)
        with self.database.writing() as connection:
            return connection.execute(sa.update(work).where(mine).values(claimed=now())).rowcount > 0

    def pending(self, kind: str) -> int:
        """How much is waiting or being done."""
        query = sa.select(sa.func.count()).where(work.c.kind == kind, work.c.state.in_((WAITING, RUNNING)))
        with self.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def _mark(self, work_id: int, attempts: int | None, **values: Any) -> None:
        mine = sa.and_(work.c.id == work_id, work.c.state == RUNNING)
        if attempts is not None:
            mine = sa.and_(mine, work.c.attempts == attempts)
        with self.database.writing() as connection:
            connection.execute(sa.update(work).where(mine).values(**values))
