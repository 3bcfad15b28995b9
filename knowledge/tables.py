"""Storage and engine: Delta Lake tables on disk, ibis expressions over their files. The only door to both libraries."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from knowledge.errors import Unavailable

if TYPE_CHECKING:
    import duckdb
    import ibis


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
        """The newest version, or the numbered one. Fails: Unavailable when there is no such table or version."""
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        try:
            table = DeltaTable(str(self.path(name)), version=number)
        except (TableNotFoundError, DeltaError) as err:
            raise Unavailable(f"Table `{name}` cannot be opened.", "Run `rapport doctor`.") from err
        files = sorted(Path(uri.removeprefix("file://")) for uri in table.file_uris())
        relative = tuple(
            str(f.relative_to(self.root.resolve())) if f.is_absolute() else str(f.relative_to(self.root)) for f in files
        )
        return TableVersion(name, table.version(), int(table.count()), relative)

    def read(self, name: str, number: int | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of the newest (or numbered) version as Arrow."""
        from deltalake import DeltaTable

        return DeltaTable(str(self.path(name)), version=number).to_pyarrow_table(columns=list(columns) if columns else None)

    def superseded(self, name: str, hours: int) -> tuple[str, ...]:
        """Files below `tables/` that the newest version no longer holds, replaced or left behind more than `hours` ago."""
        from deltalake import DeltaTable

        table = DeltaTable(str(self.path(name)))
        old = table.vacuum(retention_hours=hours, dry_run=True, enforce_retention_duration=False, full=True)
        return tuple(sorted(f"{name}/{f}" for f in old if f.endswith(".parquet")))


WORTH_KEEPING, MOST_KEPT = 3, 48
"""A question reads a base twice, for its groups and for their total: what is kept was asked for by a second question."""


class Engine:
    """One in-process DuckDB through ibis; days are days of `zone`. `table` gives an expression over one version's files."""

    def __init__(self, root: Path, zone: str = "UTC") -> None:
        import ibis

        self.root = root
        self.backend = ibis.duckdb.connect()
        self.backend.raw_sql(f"SET TimeZone='{zone}'")
        self.backend.raw_sql("SET enable_progress_bar=false")  # it writes to standard output
        self._opened: dict[tuple[str, int], ibis.Table] = {}
        self._used: dict[Hashable, int] = {}
        self._kept: dict[Hashable, ibis.Table] = {}
        self._made = 0

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

    def kept(self, key: Hashable, make: Callable[[], ibis.Table], *, now: bool = False) -> ibis.Table | None:
        """What `make` gives, worked out once and kept in memory (the oldest go when there are many); None until it is asked for
        often, or is wanted `now`."""
        if key in self._kept:
            return self._kept[key]
        self._used[key] = WORTH_KEEPING if now else self._used.get(key, 0) + 1
        if self._used[key] < WORTH_KEEPING:
            return None
        if len(self._kept) >= MOST_KEPT:
            oldest = next(iter(self._kept))
            self.backend.drop_table(self._kept.pop(oldest).get_name())
        self._made += 1
        self._kept[key] = self.backend.create_table(f"kept_{self._made}", make(), temp=True)
        return self._kept[key]


STAGING_MEMORY, MEMORY_A_THREAD = 512, 128  # MB: reading takes buffers for each thread
TIMES_THE_SOURCE = 4


@contextmanager
def staging_session(zone: str, room: Path, source: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session that holds in memory a few times the `source` (bytes; None where unknown: then what the machine has), and the
    rest in the folder `room`.

    Fails: Unavailable (`memory`) where even that is too little."""
    import duckdb

    session = sql_session(zone)
    place = str(room).replace("'", "''")
    session.execute(f"SET temp_directory='{place}'")
    if source is not None:
        threads = int(session.execute("SELECT current_setting('threads')").fetchall()[0][0])
        limit = STAGING_MEMORY + MEMORY_A_THREAD * threads + TIMES_THE_SOURCE * source // 1_000_000
        session.execute(f"SET memory_limit='{limit}MB'")
    try:
        yield session
    except duckdb.OutOfMemoryException as err:
        raise Unavailable("The import needs more memory or disk than there is.", "Import it in parts.", code="memory") from err
    finally:
        session.close()


def sql_session(zone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """A private in-memory SQL session; times without a zone are read in `zone`."""
    import duckdb

    session = duckdb.connect(":memory:")
    session.execute("SET preserve_insertion_order=true")
    session.execute("SET enable_progress_bar=false")  # it writes to standard output
    session.execute(f"SET TimeZone='{zone}'")
    return session
