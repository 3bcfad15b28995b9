"""Small things that doors keep by name: installations, one-time codes, idempotency keys, watermarks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from knowledge.state.database import Database, now
from knowledge.state.tables import kept


class Kept:
    """Values by `space` and `key`; what has expired is as good as gone."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, space: str, key: str, value: Any, *, within: timedelta | None = None) -> None:
        """Keeps a value (JSON), for good or `within` a time; a former one is replaced."""
        with self.database.writing() as connection:
            self.database.put(connection, kept, {"space": space, "key": key}, _values(value, within))

    def keep_first(self, space: str, key: str, value: Any, *, within: timedelta | None = None) -> bool:
        """Keeps the value unless one is there; True for exactly one caller."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(kept).where(_named(space, key), kept.c.expires <= now()))
            return self.database.add(connection, kept, space=space, key=key, **_values(value, within))

    def kept(self, space: str, key: str) -> Any:
        """The value, or None."""
        query = sa.select(kept.c.value).where(_named(space, key), _alive())
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def all_kept(self, space: str) -> dict[str, Any]:
        """Every value of a space by its key."""
        query = sa.select(kept.c.key, kept.c.value).where(kept.c.space == space, _alive()).order_by(kept.c.key)
        with self.database.reading() as connection:
            return {row.key: row.value for row in connection.execute(query)}

    def take(self, space: str, key: str) -> Any:
        """The value, which is gone afterwards; None for all but one caller."""
        query = sa.select(kept.c.value).where(_named(space, key), _alive())
        with self.database.writing() as connection:
            self.database.one_at_a_time(connection)
            value = connection.execute(query).scalar_one_or_none()
            gone = connection.execute(sa.delete(kept).where(_named(space, key))).rowcount
        return value if gone else None

    def forget(self, space: str, key: str) -> bool:
        """Gives whether there was one."""
        with self.database.writing() as connection:
            return connection.execute(sa.delete(kept).where(_named(space, key))).rowcount > 0

    def forget_expired(self) -> int:
        """Gives how many were removed."""
        with self.database.writing() as connection:
            return connection.execute(sa.delete(kept).where(kept.c.expires <= now())).rowcount


def _values(value: Any, within: timedelta | None) -> dict[str, Any]:
    at = now()
    return {"value": value, "at": at, "expires": at + within if within is not None else None}


def _named(space: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(kept.c.space == space, kept.c.key == key)


def _alive() -> sa.ColumnElement[bool]:
    return sa.or_(kept.c.expires.is_(None), kept.c.expires > now())
