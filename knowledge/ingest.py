"""Import: files through a mapping into the canonical tables; every source row is loaded or listed with its reason.

All checks are made before anything is written. Tables are then committed one by one, referenced ones first; an import that
is cut between two commits is completed by running it again, since rows are matched by key and equal ones are left alone."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from knowledge import quarantine
from knowledge.lock import writing
from knowledge.mapping import Canonical, Mapping, Part
from knowledge.placing import leave_newer, same_key, settle
from knowledge.quarantine import Origin
from knowledge.readers import ROW
from knowledge.schema import TABLES
from knowledge.sources import Source, gather
from knowledge.staging import lookup, make_tables, quoted, stage
from knowledge.tables import Store, sql_session

if TYPE_CHECKING:
    import duckdb

LOG = "imports.jsonl"


@dataclass(frozen=True)
class Counts:
    """Rows of one table: new, changed, equal to what was there, and kept out."""

    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class ImportReport:
    """Where every source row went. `tables` counts table rows (a source row may feed several); the sum is over source rows."""

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

    @property
    def adds_up(self) -> bool:
        return self.rows_in == self.loaded + self.updated + self.unchanged + self.quarantined

    def sentence(self) -> str:
        return (
            f"{self.rows_in:,} rows in = {self.loaded:,} loaded + {self.updated:,} updated + {self.unchanged:,} unchanged "
            f"+ {self.quarantined:,} quarantined."
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def import_files(
    workspace: Path,
    mapping: Mapping | Canonical,
    paths: Sequence[Path | str],
    *,
    zone: str = "UTC",
    progress: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Loads files, folders or databases (their addresses, as text) into the workspace's tables. Times without a zone are
    read in the mapping's zone, else in `zone`.

    Fails: BadInput naming file, place and remedy; nothing is changed then."""
    settings = {} if isinstance(mapping, Canonical) else dict(mapping.settings)
    return load(workspace, mapping.name, mapping.zone or zone, gather(paths, mapping), settings, progress=progress)


def load(
    workspace: Path,
    mapping: str,
    zone: str,
    sources: Sequence[Source],
    settings: dict[str, Any],
    *,
    again: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Loads gathered sources. `again`: they are rows out of the quarantine, a part of their files, so what groups of rows
    make (an order of its lines) is added where it is missing and never changed."""
    with writing(workspace):
        session = sql_session(zone)
        make_tables(session)
        origins: list[Origin] = []
        rows_in = 0
        notes: list[str] = []
        for source in sources:
            progress(f"reading {source.name}")
            table = source.read(session)
            if source.part is not None and source.part.lookup and not again:
                lookup(session, source.name, table, source.part)
            elif not source.counted:
                lookup(session, source.name, table, source.part or Canonical().part(source.name, []))
            if not source.counted:
                continue
            rows_in += table.num_rows
            part = source.part or Canonical().part(source.name, table.column_names)
            if source.part is None:
                notes += _left_out(source.name, table.column_names, part)
            stage(session, len(origins), source.name, table, part, source.kept)
            origins.append(Origin(source.name, mapping, zone, part, tuple(c for c in table.column_names if c != ROW)))
            del table
        progress("checking")
        store = Store(workspace / "tables")
        settle(session, store)
        if again:
            leave_newer(session, store, [s for s in sources if s.counted])
        report = _tally(session, mapping, rows_in, tuple(notes))
        assert report.adds_up, report
        progress("writing")
        quarantine.write(workspace, session, report.id, origins, again=again)
        _commit(session, store, [o.source for o in origins], mapping)
        if report.loaded or report.updated or not (workspace / LOG).is_file():
            _log(workspace, report, settings, [o.source for o in origins])
        session.close()
    return report


def imported_settings(workspace: Path) -> dict[str, Any]:
    """What the imported sources say of themselves (currency, service_population …), later imports over earlier ones.

    Several currencies give `currency: mixed`, on which money refuses."""
    path = workspace / LOG
    facts: dict[str, Any] = {}
    if not path.is_file():
        return facts
    for line in path.read_text(encoding="utf-8").splitlines():
        for key, value in json.loads(line)["settings"].items():
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
        reasons={**reasons, **unplaced},
        notes=notes,
    )


def _commit(session: duckdb.DuckDBPyConnection, store: Store, names: list[str], mapping: str) -> None:
    loaded_at = datetime.now(UTC).isoformat()
    files = "[" + ", ".join("'" + n.replace("'", "''") + "'" for n in names) + "]"
    for table in TABLES.values():
        counts = dict(session.execute(f"SELECT _state, count(*) FROM in_{table.name} GROUP BY 1").fetchall())
        if not counts.get("loaded") and not counts.get("updated"):
            continue
        columns = ", ".join(quoted(c) for c in table.names)
        fresh = (
            f"SELECT {columns}, '{mapping}' AS source, {files}[_file + 1] || ':' || _row AS source_row, CAST('{loaded_at}' AS TIMESTAMPTZ) AS loaded_at "
            f"FROM in_{table.name} WHERE _last AND _state IN ('loaded', 'updated') ORDER BY _file, _row"
        )
        had_rows = store.exists(table.name) and store.version(table.name).rows > 0
        if had_rows and counts.get("updated"):
            kept = f"SELECT {columns}, source, source_row, loaded_at FROM old_{table.name} o WHERE NOT EXISTS (SELECT 1 FROM ({fresh}) n WHERE {same_key(table)})"
            merged = session.execute(f"{kept} UNION ALL SELECT * FROM ({fresh})").to_arrow_table()
            store.replace(table.name, merged.cast(table.arrow))
        else:
            rows: pa.Table = session.execute(fresh).to_arrow_table()
            (store.append if had_rows else store.replace)(table.name, rows.cast(table.arrow))


def _log(workspace: Path, report: ImportReport, settings: dict[str, Any], names: Sequence[str]) -> None:
    path = workspace / LOG
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    line = {
        "id": report.id,
        "mapping": report.mapping,
        "files": list(names),
        "rows_in": report.rows_in,
        "settings": settings,
    }
    temporary = path.with_suffix(".new")
    temporary.write_text(before + json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
