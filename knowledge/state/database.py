"""Opens the database of state and brings it to the head revision. SQLite in WAL mode, or PostgreSQL through psycopg."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError

from knowledge.errors import Unavailable
from knowledge.state.tables import HEAD, REVISIONS

HINT = "Run `rapport doctor`."
LOCK = 0x7A9907  # PostgreSQL advisory lock: migrations and decisions, one at a time
WAIT_MS, LOOK = 30_000, 0.002


class Database:
    """One open database: `reading` and `writing` give a connection in a transaction of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self.is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Fails: Unavailable when the database does not answer."""
        with _in_words(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Commits at the end, or leaves everything as it was. Fails: Unavailable when the database does not answer."""
        with _in_words(), self._writer.begin() as connection:
            yield connection

    def add(self, connection: sa.Connection, table: sa.Table, **values: Any) -> bool:
        """Adds a row unless its key is there already; gives whether it was added. Atomic."""
        row = self.insert(table).values(**values).on_conflict_do_nothing()
        done = connection.execute(row, execution_options={"preserve_rowcount": True})
        return bool(done.rowcount == 1)

    def put(self, connection: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        """Adds the row, or changes `values` of the one that has the key."""
        made = self.insert(table).values(**key, **values)
        connection.execute(made.on_conflict_do_update(index_elements=list(key), set_=values))

    def insert(self, table: sa.Table) -> Any:
        if self.is_sqlite:
            from sqlalchemy.dialects.sqlite import insert

            return insert(table)
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table)

    def one_at_a_time(self, connection: sa.Connection) -> None:
        """Makes other callers of this wait until the transaction ends (SQLite writers wait for each other anyway)."""
        if not self.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


def now() -> datetime:
    return datetime.now(UTC)


def open_database(where: Path | str) -> Database:
    """The database at the head revision, migrated when it is behind.

    Fails: Unavailable when it cannot be reached, or was written by a newer version (`newer_state`)."""
    lock = None
    if isinstance(where, Path):
        lock = where / ".state.lock"
        with _in_words():
            where.mkdir(parents=True, exist_ok=True)
        url = sa.URL.create("sqlite", database=str(where / "state.db"))
    else:
        url = _url(where)
        if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
            lock = Path(f"{url.database}.lock")
    with _in_words():
        database = Database(_engine(url))
        if _revision(database) != HEAD:
            with _alone(lock):
                _migrate(database)
        if database.is_sqlite and url.database not in (None, "", ":memory:"):
            _only_ours(Path(str(url.database)))
    return database


def _only_ours(file: Path) -> None:
    """Nobody else on the machine reads what is kept: tokens, questions, the log."""
    for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        with suppress(OSError):  # not there, or another's who has seen to it
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)


def _url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:  # its text would hold the password
        raise Unavailable("The address of the state database cannot be read.", "See `state_url` in rapport.toml.") from None
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _engine(url: sa.URL) -> sa.Engine:
    more: dict[str, Any] = {"json_serializer": _dumps}
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, **more)
    if url.database in (None, "", ":memory:"):
        more |= {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}
    engine = sa.create_engine(url, **more)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: Python's sqlite3 would not for DDL
        connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            _begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_writing(connection: sa.Connection) -> None:
    """Waits for SQLite's one writer, looking again often: its own waits grow to 100 ms, so that the busiest would starve others."""
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    end = time.monotonic() + WAIT_MS / 1000
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as err:
                if "locked" not in str(err.orig) or time.monotonic() > end:
                    raise
                time.sleep(LOOK)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MS}")


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON")


def _revision(database: Database) -> str | None:
    """Read without Alembic, whose import takes longer than the rest of opening."""
    try:
        with database.engine.connect() as connection:
            found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    except (OperationalError, ProgrammingError) as err:
        if "alembic_version" in str(err.orig):  # no such table (yet)
            return None
        raise
    if found and found[0] not in REVISIONS:
        raise Unavailable("The state was written by a newer version of Rapport.", "Update Rapport.", code="newer_state")
    return str(found[0]) if found else None


def _migrate(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with database.writing() as connection:
        database.one_at_a_time(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _alone(lock: Path | None) -> Iterator[None]:
    """Only one process of this machine at a time: SQLite cannot wait while a file is turned to WAL."""
    if lock is None:
        yield
        return
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as err:
        hint = "Install the extra `postgres` (or the driver that `state_url` names)."
        raise Unavailable("The state database's driver is not installed.", hint) from err
    except (OperationalError, InterfaceError, OSError) as err:
        raise Unavailable("The state database does not answer.", HINT) from err
    except SQLAlchemyError as err:
        raise Unavailable("The state database refused.", HINT) from err
