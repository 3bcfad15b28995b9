"""Import: files through a mapping into the canonical tables; every source row is loaded or listed with its reason.

All checks are made before anything is written. Tables are then committed one by one, referenced ones first; an import that
is cut between two commits is completed by running it again, since rows are matched by key and equal ones are left alone."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from knowledge import deletions, functions, import_log, quarantine, remarks
from knowledge.archives import unpacked
from knowledge.deletions import told
from knowledge.import_log import LOG
from knowledge.lock import writing
from knowledge.lookups import OWN, empty_lookups, loaded, lookup, matched, quoted
from knowledge.mapping import Canonical, Mapping, Part, scoped
from knowledge.nearest import Meaning
from knowledge.placing import KEPT_OUT, Given, leave_newer, same_key, settle
from knowledge.quarantine import Origin
from knowledge.readers import ROW
from knowledge.schema import TABLES
from knowledge.sources import Source, gather
from knowledge.staging import make_tables, stage, without
from knowledge.tables import Store, staging_session

if TYPE_CHECKING:
    import duckdb

ROOM = "staging-"
PACKED, PACKED_FILES = 8, frozenset((".gz", ".zip", ".xlsx", ".parquet"))
"""How many times larger such files are when they are read."""


@dataclass(frozen=True)
class Counts:
    """Rows of one table: new, changed, equal to what was there, and kept out."""

    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class ImportReport:
    """Where every source row went. `tables` counts table rows (a source row may feed several); the sum is over source rows.
    `removed`: rows of tables that the source says are deleted."""

    id: str
    mapping: str
    rows_in: int
    loaded: int
    updated: int
    unchanged: int
    quarantined: int
    tables: dict[str, Counts]
    set_aside: dict[str, int]
    reasons: dict[str, int]
    notes: tuple[str, ...] = ()
    removed: int = 0

    @property
    def adds_up(self) -> bool:
        return self.rows_in == self.loaded + self.updated + self.unchanged + self.quarantined

    def sentence(self) -> str:
        return (
            f"{self.rows_in:,} rows in = {self.loaded:,} loaded + {self.updated:,} updated + {self.unchanged:,} unchanged "
            f"+ {self.quarantined:,} quarantined."
        )

    @property
    def nothing_loaded(self) -> bool:
        """Whether there were rows and none of them came in."""
        return self.rows_in > 0 and self.loaded + self.updated + self.unchanged == 0 and not self.removed

    def causes(self) -> str:
        """Why rows were kept out, the most frequent causes first, each with its number."""
        found = sorted({**self.set_aside, **self.reasons}.items(), key=_cause_first)
        return "; ".join(f"{said} ({count:,})" for said, count in found[:5]) + "." if found else ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def import_files(
    workspace: Path,
    mapping: Mapping | Canonical,
    paths: Sequence[Path | str],
    *,
    zone: str = "UTC",
    incremental: str = "",
    all_rows: bool = False,
    scope: str = "",
    replacing: bool = False,
    meaning: Meaning | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Loads files, folders, zip archives or databases (their addresses, as text). Times without a zone are read in the
    mapping's zone, else in `zone`. `incremental`, `all_rows`: as `import_log.follow`.
    `scope` goes before every id, so that those of another shop or system are others; `replacing`: a row that has the key of
    another thing takes its place; `meaning` gives vectors of words, for questions of a survey in words that are in no list.

    Fails: BadInput naming file, place and remedy; nothing is changed then."""
    if isinstance(mapping, Mapping):
        mapping.answered()
    settings = {} if isinstance(mapping, Canonical) else dict(mapping.settings)
    parts = () if isinstance(mapping, Canonical) else mapping.parts
    with unpacked(paths) as given:
        sources = import_log.follow(workspace, mapping.name, gather(given, mapping), incremental, all_rows=all_rows)
        return load(
            workspace,
            mapping.name,
            mapping.zone or zone,
            sources,
            settings,
            parts=parts,
            scope=scope,
            replacing=replacing,
            meaning=meaning,
            progress=progress,
        )


def load(
    workspace: Path,
    mapping: str,
    zone: str,
    sources: Sequence[Source],
    settings: dict[str, Any],
    *,
    parts: Sequence[Part] = (),
    again: bool = False,
    scope: str = "",
    replacing: bool = False,
    meaning: Meaning | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Loads gathered sources, `parts` being all of their mapping's. `again`: they are rows out of the quarantine, a part of
    their files, so what groups of rows make (an order of its lines) is added where it is missing and never changed."""
    files, tables = [s.path for s in sources if s.path is not None], workspace / "tables"
    with writing(workspace), _room(workspace) as room, staging_session(zone, room, _size(sources), files, [tables]) as session:
        make_tables(session)
        functions.register(session)
        store = Store(workspace / "tables")
        named = [*parts, *(s.part for s in sources if s.part is not None)]
        loaded(session, store, named)
        empty_lookups(session, named, {s.part.lookup for s in sources if s.part is not None})
        staged = _staged(session, store, mapping, zone, sources, scope=scope, meaning=meaning, again=again, progress=progress)
        progress("checking")
        collided = settle(session, store, _given(staged.origins), mapping, replacing=replacing or again)
        if again:
            leave_newer(session, store, [s for s in sources if s.counted])
        removed, told_of = (0, ()) if again else deletions.settle(session)
        notes = (*staged.notes, *collided, *told_of, *remarks.of(session, [o.source for o in staged.origins]))
        report = replace(_tally(session, mapping, staged.rows_in, notes), removed=removed)
        assert report.adds_up, report
        progress("writing")
        quarantine.write(workspace, session, report.id, staged.origins, again=again)
        _commit(session, store, [o.source for o in staged.origins], mapping, removing=not again)
        _note(workspace, report, settings, staged)
    return report


def _size(sources: Sequence[Source]) -> int | None:
    """About how many bytes of text the sources hold; None where a database is among them."""
    if any(s.url is not None for s in sources):
        return None
    files = sum(s.path.stat().st_size * (PACKED if s.path.suffix.lower() in PACKED_FILES else 1) for s in sources if s.path)
    return files + sum(int(s.rows.nbytes) for s in sources if s.rows is not None)


@contextmanager
def _room(workspace: Path) -> Iterator[Path]:
    """A folder for what does not fit in memory, gone afterwards; what a killed import left of its own goes first.

    Call it while nobody else writes."""
    for left in workspace.glob(f"{ROOM}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=ROOM, dir=workspace) as folder:
        yield Path(folder)


@dataclass(frozen=True)
class _Staged:
    """What was read: whence, how many rows, what is to be said of it, and up to where databases were seen."""

    origins: list[Origin]
    rows_in: int
    notes: list[str]
    marks: dict[str, Any]


def _staged(
    session: duckdb.DuckDBPyConnection,
    store: Store,
    mapping: str,
    zone: str,
    sources: Sequence[Source],
    *,
    scope: str,
    meaning: Meaning | None,
    again: bool,
    progress: Callable[[str], None],
) -> _Staged:
    origins: list[Origin] = []
    rows_in = 0
    notes: list[str] = []
    marks: dict[str, Any] = {}
    known = frozenset(n for n in TABLES if store.exists(n) and store.version(n).rows)
    for source in sources:
        progress(f"reading {source.name}")
        read = source.read(session)
        table = read.table
        notes += read.notes
        if read.mark is not None and read.mark.value is not None:
            marks[import_log.mark_of(mapping, source)] = read.mark.value
        if source.part is not None and source.part.lookup and not (again and source.counted):
            lookup(session, source.name, without(table, read.aside), source.part)
        if not source.counted:
            continue
        rows_in += table.num_rows
        part = told(source.part or Canonical().part(source.table or source.name, table.column_names, known), table.column_names)
        if any(a.like for a in part.accept.values()) and not any(a.asks for a in part.accept.values()):
            left = [c for c in table.column_names if c not in matched(part.accept, table.column_names).values() and c != ROW]
            notes += (
                [f"{source.name}: not understood, left out: {', '.join(left)}. Name them in a mapping of your own."]
                if left
                else []
            )
        if source.part is None:
            notes += _left_out(source.name, table.column_names, part)
        part = scoped(part, scope)
        # what was mended is read by what it shows itself, what was not as the whole file that it came from
        as_then = source.written if source.since is not None else None
        said, written, part = stage(session, len(origins), source.name, table, part, source.kept, read.aside, meaning, as_then)
        notes += [] if again else said
        columns = tuple(c for c in table.column_names if c != ROW)
        origins.append(Origin(source.name, mapping, zone, part, columns, (source.written or written).as_dict()))
        del table
    return _Staged(origins, rows_in, notes, marks)


def _given(origins: Sequence[Origin]) -> Given:
    return {
        (spec.table, number, order): frozenset(c for c, v in spec.columns.items() if not v.only_new)
        for number, origin in enumerate(origins)
        for order, spec in enumerate(origin.part.tables)
    }


def _note(workspace: Path, report: ImportReport, settings: dict[str, Any], staged: _Staged) -> None:
    """A line in the log where something came in, or was seen that was not seen before."""
    before = import_log.marks(workspace) if staged.marks else {}
    new = {key: value for key, value in staged.marks.items() if before.get(key) != value}
    if report.loaded or report.updated or new or not (workspace / LOG).is_file():
        files = [o.source for o in staged.origins]
        line = {"id": report.id, "mapping": report.mapping, "files": files, "rows_in": report.rows_in, "settings": settings}
        import_log.append(workspace, {**line, **({"marks": new} if new else {})})


def imported_settings(workspace: Path) -> dict[str, Any]:
    """What the imported sources say of themselves (currency, service_population …), later imports over earlier ones.

    Several currencies give `currency: mixed`, on which money refuses."""
    facts: dict[str, Any] = {}
    for line in import_log.entries(workspace):
        for key, value in line["settings"].items():
            mixed = key == "currency" and facts.get(key, value) != value
            facts[key] = "mixed" if mixed else value
    return facts


def _left_out(name: str, columns: Sequence[str], part: Part) -> list[str]:
    known = {*part.tables[0].columns, "source", "source_row", "loaded_at"}
    extra = [c for c in columns if c not in known and not c.startswith("_")]
    return [f"{name}: columns that the schema does not have were left out: {', '.join(extra)}."] if extra else []


def _tally(session: duckdb.DuckDBPyConnection, mapping: str, rows_in: int, notes: tuple[str, ...]) -> ImportReport:
    tables: dict[str, Counts] = {}
    parts = []
    for name in TABLES:
        counted = dict(session.execute(f"SELECT _state, count(*) FROM in_{name} GROUP BY 1").fetchall())
        if counted:
            tables[name] = Counts(**{k: counted.get(k, 0) for k in ("loaded", "updated", "unchanged", "quarantined")})
            parts.append(f"SELECT _file, _row, _order, _state, _reason FROM in_{name} WHERE _one")
            parts.append(
                f"SELECT m._file, m._row, m._order, _state, _reason FROM members m JOIN in_{name} i "
                f"ON m.tab = '{name}' AND m._file = i._file AND m._lead = i._row AND m._order = i._order"
            )
    placed = " UNION ALL ".join(parts) or "SELECT 0 AS _file, 0 AS _row, 0 AS _order, '' AS _state, '' AS _reason WHERE false"
    best = f"SELECT _file, _row, arg_min(_state, (_state <> 'quarantined', _order)) AS state, arg_min(_reason, (_state <> 'quarantined', _order)) AS reason FROM ({placed}) GROUP BY 1, 2"
    states = dict(session.execute(f"SELECT state, count(*) FROM ({best}) GROUP BY 1").fetchall())
    reasons = dict(
        session.execute(f"SELECT reason, count(*) FROM ({best}) WHERE state = 'quarantined' GROUP BY 1 ORDER BY 1").fetchall()
    )
    aside = dict(session.execute("SELECT name, count(*) FROM aside WHERE declared GROUP BY 1 ORDER BY 1").fetchall())
    unplaced = dict(session.execute("SELECT name, count(*) FROM aside WHERE NOT declared GROUP BY 1").fetchall())
    return ImportReport(
        id=datetime.now(UTC).strftime("%Y%m%dT%H%M%S") + "-" + uuid.uuid4().hex[:6],
        mapping=mapping,
        rows_in=rows_in,
        loaded=states.get("loaded", 0),
        updated=states.get("updated", 0),
        unchanged=states.get("unchanged", 0),
        quarantined=states.get("quarantined", 0) + sum(aside.values()) + sum(unplaced.values()),
        tables=tables,
        set_aside=aside,
        reasons=dict(sorted({**reasons, **unplaced}.items(), key=_cause_first)),
        notes=notes,
    )


def _cause_first(reason: tuple[str, int]) -> tuple[bool, int, str]:
    """What follows from another row's fault comes last."""
    said, count = reason
    return KEPT_OUT in said or said.startswith("unknown "), -count, said


def _commit(session: duckdb.DuckDBPyConnection, store: Store, names: list[str], mapping: str, *, removing: bool) -> None:
    loaded_at = datetime.now(UTC).isoformat()
    files = "[" + ", ".join("'" + n.replace("'", "''") + "'" for n in names) + "]"
    for table in TABLES.values():
        counts = dict(session.execute(f"SELECT _state, count(*) FROM in_{table.name} GROUP BY 1").fetchall())
        gone = removing and deletions.count(session, f"gone_{table.name}")
        if not counts.get("loaded") and not counts.get("updated") and not gone:
            continue
        columns = ", ".join(quoted(c) for c in table.names)
        fresh = (
            f"SELECT {columns}, '{mapping}' AS source, {files}[_file + 1] || ':' || _row || coalesce('{OWN}' || _own, '') AS source_row, CAST('{loaded_at}' AS TIMESTAMPTZ) AS loaded_at "
            f"FROM in_{table.name} WHERE _last AND _state IN ('loaded', 'updated') ORDER BY _file, _row"
        )
        had_rows = store.exists(table.name) and store.version(table.name).rows > 0
        if had_rows and (counts.get("updated") or gone):
            kept = (
                f"SELECT {columns}, source, source_row, loaded_at FROM old_{table.name} o WHERE NOT EXISTS (SELECT 1 FROM ({fresh}) n "
                f"WHERE {same_key(table)}) AND NOT EXISTS (SELECT 1 FROM gone_{table.name} n WHERE {same_key(table)})"
            )
            merged = session.execute(f"{kept} UNION ALL SELECT * FROM ({fresh})").to_arrow_table()
            store.replace(table.name, merged.cast(table.arrow))
        else:
            rows: pa.Table = session.execute(fresh).to_arrow_table()
            (store.append if had_rows else store.replace)(table.name, rows.cast(table.arrow))
