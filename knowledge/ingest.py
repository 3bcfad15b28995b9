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
from knowledge.errors import BadInput
from knowledge.lock import writing
from knowledge.mapping import Canonical, Mapping
from knowledge.readers import SUFFIXES, read
from knowledge.schema import TABLES, Table
from knowledge.staging import make_tables, quoted, stage
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
    paths: Sequence[Path],
    *,
    zone: str = "UTC",
    progress: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Loads files into the workspace's tables. Times without a zone are read in the mapping's zone, else in `zone`.

    Fails: BadInput naming file, place and remedy; nothing is changed then."""
    files = _files(paths, mapping)
    settings = {} if isinstance(mapping, Canonical) else dict(mapping.settings)
    with writing(workspace):
        session = sql_session(mapping.zone or zone)
        make_tables(session)
        rows_in = 0
        notes: list[str] = []
        for number, path in enumerate(files):
            progress(f"reading {path.name}")
            layout = None if isinstance(mapping, Canonical) else mapping.file.layout()
            table = read(session, path, layout)
            rows_in += table.num_rows
            one = mapping.for_file(path, table.column_names) if isinstance(mapping, Canonical) else mapping
            if isinstance(mapping, Canonical):
                extra = [
                    c
                    for c in table.column_names
                    if c not in one.tables[0].columns
                    and not c.startswith("_")
                    and c not in ("source", "source_row", "loaded_at")
                ]
                if extra:
                    notes.append(f"{path.name}: columns that the schema does not have were left out: {', '.join(extra)}.")
            stage(session, number, path, table, one)
            del table
        progress("checking")
        store = Store(workspace / "tables")
        _check(session, store)
        report = _tally(session, mapping.name, rows_in, tuple(notes))
        assert report.adds_up, report
        progress("writing")
        quarantine.write(workspace, session, report.id, mapping.name, files)
        _commit(session, store, [p.name for p in files], mapping.name)
        if report.loaded or report.updated or not (workspace / LOG).is_file():
            _log(workspace, report, settings, files)
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


def _files(paths: Sequence[Path], mapping: Mapping | Canonical) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and Path(p.name.removesuffix(".gz")).suffix in SUFFIXES)
            if isinstance(mapping, Canonical):
                inside = [p for p in inside if p.name.split(".")[0] in TABLES]
            found += inside
        else:
            found.append(path)
    if not found:
        raise BadInput(
            f"There is no file to import in {', '.join(map(str, paths))}.", f"Formats: {', '.join(SUFFIXES)}.", code="no_file"
        )
    return found


def _check(session: duckdb.DuckDBPyConnection, store: Store) -> None:
    """References, then the last row of each key, then what is new, changed or equal: column `_state` of every staging table."""
    for table in TABLES.values():
        name = f"in_{table.name}"
        if store.exists(table.name) and store.version(table.name).rows:
            files = ", ".join("'" + str(store.root / f).replace("'", "''") + "'" for f in store.version(table.name).files)
            session.execute(f"CREATE VIEW old_{table.name} AS SELECT * FROM read_parquet([{files}], union_by_name=true)")
        else:
            session.execute(
                f"CREATE VIEW old_{table.name} AS SELECT * EXCLUDE (_file, _row, _order, _one, _reason) FROM {name} WHERE false"
            )
        if not session.execute(f"SELECT count(*) FROM {name}").fetchone()[0]:
            session.execute(f"ALTER TABLE {name} ADD COLUMN _state VARCHAR")
            continue
        for column in table.columns:
            if column.references is None:
                continue
            key = TABLES[column.references].key[0]
            session.execute(
                f"UPDATE {name} SET _reason = 'unknown `{column.name}`' WHERE _reason IS NULL AND {quoted(column.name)} IS NOT NULL AND "
                f"{quoted(column.name)} NOT IN (SELECT {key} FROM in_{column.references} WHERE _reason IS NULL UNION SELECT {key} FROM old_{column.references})"
            )
        keys = ", ".join(quoted(k) for k in table.key)
        same = " AND ".join(f"n.{quoted(c)} IS NOT DISTINCT FROM o.{quoted(c)}" for c in table.names)
        on = _on(table)
        session.execute(f"ALTER TABLE {name} ADD COLUMN _state VARCHAR")
        session.execute(
            f"CREATE TEMP TABLE ranked AS SELECT _file, _row, _order, row_number() OVER (PARTITION BY {keys} ORDER BY _file DESC, _row DESC) AS place "
            f"FROM {name} WHERE _reason IS NULL"
        )
        session.execute(f"UPDATE {name} SET _state = 'quarantined' WHERE _reason IS NOT NULL")
        session.execute(
            f"UPDATE {name} n SET _state = CASE WHEN r.place > 1 THEN 'again' ELSE 'loaded' END FROM ranked r "
            f"WHERE n._file = r._file AND n._row = r._row AND n._order = r._order AND n._reason IS NULL"
        )
        session.execute(
            f"UPDATE {name} n SET _state = CASE WHEN {same} THEN 'unchanged' ELSE 'updated' END FROM old_{table.name} o "
            f"WHERE n._state = 'loaded' AND {on}"
        )
        # an earlier row of a key that comes again in the same import: replaced by the later one, or equal to it
        session.execute(
            f"UPDATE {name} n SET _state = CASE WHEN {same} THEN 'unchanged' ELSE 'updated' END "
            f"FROM (SELECT * FROM {name} WHERE _state IN ('loaded', 'updated', 'unchanged')) o WHERE n._state = 'again' AND {on}"
        )
        session.execute(f"ALTER TABLE {name} ADD COLUMN _last BOOLEAN")
        session.execute(
            f"UPDATE {name} n SET _last = (r.place = 1) FROM ranked r WHERE n._file = r._file AND n._row = r._row AND n._order = r._order"
        )
        session.execute("DROP TABLE ranked")


def _tally(session: duckdb.DuckDBPyConnection, mapping: str, rows_in: int, notes: tuple[str, ...]) -> ImportReport:
    tables: dict[str, Counts] = {}
    parts = []
    for name in TABLES:
        counted = dict(session.execute(f"SELECT _state, count(*) FROM in_{name} GROUP BY 1").fetchall())
        if counted:
            tables[name] = Counts(**{k: counted.get(k, 0) for k in ("loaded", "updated", "unchanged", "quarantined")})
            parts.append(f"SELECT _file, _row, _order, _state, _reason FROM in_{name} WHERE _one")
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
            kept = f"SELECT {columns}, source, source_row, loaded_at FROM old_{table.name} o WHERE NOT EXISTS (SELECT 1 FROM ({fresh}) n WHERE {_on(table)})"
            merged = session.execute(f"{kept} UNION ALL SELECT * FROM ({fresh})").to_arrow_table()
            store.replace(table.name, merged.cast(table.arrow))
        else:
            rows: pa.Table = session.execute(fresh).to_arrow_table()
            (store.append if had_rows else store.replace)(table.name, rows.cast(table.arrow))


def _on(table: Table) -> str:
    return " AND ".join(
        f"n.{quoted(k)} = o.{quoted(k)}" if table.column(k).required else f"n.{quoted(k)} IS NOT DISTINCT FROM o.{quoted(k)}"
        for k in table.key
    )


def _log(workspace: Path, report: ImportReport, settings: dict[str, Any], files: Sequence[Path]) -> None:
    path = workspace / LOG
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    line = {
        "id": report.id,
        "mapping": report.mapping,
        "files": [p.name for p in files],
        "rows_in": report.rows_in,
        "settings": settings,
    }
    temporary = path.with_suffix(".new")
    temporary.write_text(before + json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
