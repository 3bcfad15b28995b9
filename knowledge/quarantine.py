"""Rows that were not loaded, with their original values and the reason: one Parquet file an import source."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb


def write(workspace: Path, session: duckdb.DuckDBPyConnection, import_id: str, mapping: str, files: Sequence[Path]) -> None:
    """Keeps the quarantined rows of each file; importing the same file again replaces what it had left there before."""
    folder = workspace / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    parts = ["SELECT _file, _row, '' AS tab, name AS reason FROM aside"]
    parts += [f"SELECT _file, _row, '{n}' AS tab, _reason AS reason FROM in_{n} WHERE _reason IS NOT NULL" for n in TABLES]
    broken = " UNION ALL ".join(parts)
    for number, path in enumerate(files):
        table: pa.Table = session.execute(
            f"SELECT $id AS import_id, $source AS source, $source || ':' || b._row AS source_row, b.tab AS \"table\", b.reason, "
            f'CAST(to_json(r) AS VARCHAR) AS "values" FROM ({broken}) b JOIN raw_{number} r ON r._row = b._row WHERE b._file = {number} '
            f"ORDER BY b._row, b.tab",
            {"id": import_id, "source": path.name},
        ).to_arrow_table()
        target = folder / f"{path.name}-{hashlib.sha256(f'{mapping}|{path.name}'.encode()).hexdigest()[:8]}.parquet"
        if table.num_rows == 0:
            target.unlink(missing_ok=True)
            continue
        temporary = target.with_suffix(".new")
        pq.write_table(table, temporary)
        os.replace(temporary, target)


def summary(workspace: Path) -> list[dict[str, Any]]:
    """Counts by source, table and reason, most rows first."""
    rows = _read(workspace, ["source", "table", "reason"])
    if rows is None:
        return []
    counted = rows.group_by(["source", "table", "reason"]).aggregate([([], "count_all")])
    found = counted.rename_columns(["source", "table", "reason", "rows"]).to_pylist()
    return sorted(found, key=lambda r: (-r["rows"], r["source"], r["table"], r["reason"]))


def rows(workspace: Path, *, reason: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """Quarantined rows with their original values as JSON text, in source order."""
    table = _read(workspace, None)
    if table is None:
        return []
    if reason is not None:
        import pyarrow.compute as pc

        table = table.filter(pc.equal(table["reason"], reason))
    return list(table.slice(0, limit).to_pylist())


def _read(workspace: Path, columns: list[str] | None) -> pa.Table | None:
    files = sorted((workspace / "quarantine").glob("*.parquet"))
    return pa.concat_tables([pq.read_table(f, columns=columns) for f in files]) if files else None
