"""Storage and engine: Delta Lake tables on disk, ibis expressions over their files. The only door to both libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from knowledge.errors import Unavailable
from knowledge.kept_relations import KeptRelations
from knowledge.kept_results import KeptResults

if TYPE_CHECKING:
    import duckdb
    import ibis
    from deltalake import DeltaTable
    from ibis.backends.duckdb import Backend

TODO = "`rapport doctor` says which files are damaged: restore them from a backup, or import the table again and build."


@dataclass(frozen=True)
class TableVersion:
    """One version of one table: enough to read it without opening the Delta log. `files` are relative to `tables/`."""

    name: str
    version: int
    rows: int
    files: tuple[str, ...]


class Store:
    """Delta tables below one folder (`<workspace>/tables`). Every write is one atomic Delta commit."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        return self.root / name

    def exists(self, name: str) -> bool:
        return (self.path(name) / "_delta_log").is_dir()

    def names(self) -> tuple[str, ...]:
        if not self.root.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.root.iterdir() if (p / "_delta_log").is_dir()))

    def replace(self, name: str, rows: pa.Table) -> TableVersion:
        """Writes a whole new version of the table (its schema may change); the former versions stay readable."""
        from deltalake import write_deltalake

        self.root.mkdir(parents=True, exist_ok=True)
        write_deltalake(str(self.path(name)), rows, mode="overwrite", schema_mode="overwrite")
        return self.version(name)

    def append(self, name: str, rows: pa.Table) -> TableVersion:
        """Adds rows as one commit."""
        from deltalake import write_deltalake

        self.root.mkdir(parents=True, exist_ok=True)
        write_deltalake(str(self.path(name)), rows, mode="append", schema_mode="merge")
        return self.version(name)

    def version(self, name: str, number: int | None = None) -> TableVersion:
        """The newest version, or the numbered one. Fails: Unavailable when there is no such table or version, or it is damaged."""
        with self._opened(name, number) as table:
            files = sorted(Path(uri.removeprefix("file://")) for uri in table.file_uris())
            relative = tuple(
                str(f.relative_to(self.root.resolve())) if f.is_absolute() else str(f.relative_to(self.root)) for f in files
            )
            return TableVersion(name, table.version(), int(table.count()), relative)

    def read(self, name: str, number: int | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of the newest (or numbered) version as Arrow. Fails: Unavailable, as `version`."""
        with self._opened(name, number) as table:
            return table.to_pyarrow_table(columns=list(columns) if columns else None)

    def superseded(self, name: str, hours: int) -> tuple[str, ...]:
        """Files below `tables/` that the newest version no longer holds, replaced or left behind more than `hours` ago.
        Fails: Unavailable, as `version`."""
        with self._opened(name) as table:
            old = table.vacuum(retention_hours=hours, dry_run=True, enforce_retention_duration=False, full=True)
            return tuple(sorted(f"{name}/{f}" for f in old if f.endswith(".parquet")))

    def purge(self, name: str) -> int:
        """Leaves nothing but the newest version: the files of all others go now, and so does the log that tells of them (its
        statistics hold values). Gives how many files went. Fails: Unavailable, as `version`."""
        before = sum(1 for _ in self.path(name).rglob("*"))
        with self._opened(name) as table:
            table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
            table.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds"})
        with self._opened(name) as table:
            table.create_checkpoint()
            table.cleanup_metadata()
        return before - sum(1 for _ in self.path(name).rglob("*"))

    @contextmanager
    def _opened(self, name: str, number: int | None = None) -> Iterator[DeltaTable]:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        try:
            yield DeltaTable(str(self.path(name)), version=number)
        except (DeltaError, OSError, ValueError) as err:  # pyarrow's errors are of these
            raise Unavailable(f"Table `{name}` cannot be read: a file of it or its log is missing or damaged.", TODO) from err


ROWS = 30_000  # rows of results that one engine keeps
ROOM = 256_000_000  # bytes that a process keeps of what questions are answered from


class Engine:
    """One in-process DuckDB through ibis; days are days of `zone`. `table` gives an expression over one version's files."""

    def __init__(self, root: Path, zone: str = "UTC", room: int = ROOM) -> None:
        self.root = root
        self.backend = _backend().connect()
        self.backend.raw_sql(f"SET TimeZone='{zone}'")
        self.backend.raw_sql("SET enable_progress_bar=false")  # it writes to standard output
        for setting, size in (("allocator_flush_threshold", "16MB"), ("allocator_bulk_deallocation_flush_threshold", "32MB")):
            self.backend.raw_sql(f"SET {setting}='{size}'")  # memory that a question took goes back soon
        self._opened: dict[tuple[str, int], ibis.Table] = {}
        self.relations = KeptRelations(self.backend, room)
        self.results = KeptResults(ROWS)

    def table(self, version: TableVersion, schema: pa.Schema) -> ibis.Table:
        """An expression over the version's rows with exactly the schema's columns; empty where there are no files."""
        import ibis

        if not version.files:
            return ibis.memtable(schema.empty_table(), name=f"{version.name}_empty")
        key = (version.name, version.version)
        if key not in self._opened:
            paths = [str(self.root / f) for f in version.files]
            name = f"{version.name}_v{version.version}"
            self._opened[key] = self.backend.read_parquet(paths, table_name=name, union_by_name=True)
        return self._opened[key]


@cache
def _backend() -> Backend:
    """ibis's DuckDB that says in words where a file of the tables is damaged."""
    from ibis.backends import duckdb

    class Told(duckdb.Backend):  # type: ignore[misc]
        def raw_sql(self, *args: Any, **named: Any) -> Any:
            with whole_files():
                return super().raw_sql(*args, **named)

        def create_table(self, *args: Any, **named: Any) -> Any:
            with whole_files():
                return super().create_table(*args, **named)

        def to_pyarrow(self, *args: Any, **named: Any) -> Any:
            with whole_files():
                return super().to_pyarrow(*args, **named)

        def execute(self, *args: Any, **named: Any) -> Any:
            with whole_files():
                return super().execute(*args, **named)

    return Told()


@contextmanager
def whole_files() -> Iterator[None]:
    """Fails: Unavailable where a file of the tables has gone, or is not what it was when it was written."""
    import duckdb

    try:
        yield
    except duckdb.Error as err:
        said = str(err)
        if type(err) not in (duckdb.IOException, duckdb.Error) and "parquet" not in said.partition("LINE 1:")[0].lower():
            raise  # ours; what DuckDB's readers meet inside a file is of no class of its own
        file = re.search(r"tables/([^\s'\"]+\.parquet)", said)
        what = f"The file tables/{file[1]}" if file else "A file of the tables"
        raise Unavailable(f"{what} is missing or damaged.", TODO) from err


STAGING_MEMORY, MEMORY_A_THREAD = 512, 128  # MB: reading takes buffers for each thread
TIMES_THE_SOURCE = 4


@contextmanager
def staging_session(
    zone: str, room: Path, source: int | None, files: Sequence[Path] = (), folders: Sequence[Path] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session that holds in memory a few times the `source` (bytes; None where unknown: then what the machine has), and the
    rest in the folder `room`. It reaches these `files` and `folders`, and nothing else: expressions of others run in it.

    Fails: Unavailable (`memory`) where even that is too little."""
    import duckdb

    session = sql_session(zone)
    place = str(room).replace("'", "''")
    session.execute(f"SET temp_directory='{place}'")
    if source is not None:
        threads = int(session.execute("SELECT current_setting('threads')").fetchall()[0][0])
        limit = STAGING_MEMORY + MEMORY_A_THREAD * threads + TIMES_THE_SOURCE * source // 1_000_000
        session.execute(f"SET memory_limit='{limit}MB'")
    _lock(session, files, (room, *folders))
    try:
        yield session
    except duckdb.OutOfMemoryException as err:
        raise Unavailable("The import needs more memory or disk than there is.", "Import it in parts.", code="memory") from err
    finally:
        session.close()


def _lock(session: duckdb.DuckDBPyConnection, files: Sequence[Path], folders: Sequence[Path]) -> None:
    """From now on the session reads and writes only there, loads nothing, and its settings stay as they are."""
    for setting, paths in (("allowed_paths", files), ("allowed_directories", folders)):
        given = sorted({str(form) for p in paths for form in (p, p.absolute())})
        listed = ", ".join("'" + p.replace("'", "''") + "'" for p in given)
        session.execute(f"SET {setting}=[{listed}]")
    for setting in (
        "enable_external_access",
        "python_enable_replacements",
        "autoload_known_extensions",
        "autoinstall_known_extensions",
    ):
        session.execute(f"SET {setting}=false")
    session.execute("SET lock_configuration=true")


def sql_session(zone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """A private in-memory SQL session; times without a zone are read in `zone`."""
    import duckdb

    session = duckdb.connect(":memory:")
    session.execute("SET preserve_insertion_order=true")
    session.execute("SET enable_progress_bar=false")  # it writes to standard output
    session.execute(f"SET TimeZone='{zone}'")
    return session
