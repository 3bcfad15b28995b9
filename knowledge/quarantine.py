"""Rows that were not loaded, with their original values and the reason: one Parquet file an import source.

Each file says where its rows come from (`Origin`), so that they can be mended and go through the same mapping again."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from knowledge.lookups import quoted
from knowledge.mapping import Part
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb

ORIGIN = b"rapport.origin"
LOOKUPS = "lookups"


@dataclass(frozen=True)
class Origin:
    """Where quarantined rows come from: the source's name, the mapping and its part for it, the columns it had, and how its
    numbers and dates were `written` (empty in files of earlier versions)."""

    source: str
    mapping: str
    zone: str
    part: Part
    columns: tuple[str, ...]
    written: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The quarantine file's name, without its ending."""
        return f"{_bare(self.source)}-{hashlib.sha256(f'{self.mapping}|{self.source}'.encode()).hexdigest()[:8]}"

    def text(self) -> bytes:
        part = self.part.model_dump(exclude_defaults=True)
        return json.dumps(self.__dict__ | {"part": part}, ensure_ascii=False).encode()

    @classmethod
    def of(cls, text: bytes) -> Origin:
        raw = json.loads(text)
        return cls(**raw | {"part": Part(**raw["part"]), "columns": tuple(raw["columns"])})


def write(
    workspace: Path, session: duckdb.DuckDBPyConnection, import_id: str, origins: Sequence[Origin], *, again: bool = False
) -> None:
    """Keeps the quarantined rows of each source; importing it again replaces what it had left there before. With `again`
    only rows of the quarantine were tried: those that failed are kept anew, those that were not tried stay."""
    folder = workspace / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    broken = _broken()
    some = False
    for number, origin in enumerate(origins):
        named = session.execute(f"SELECT * FROM kept_{number} LIMIT 0").description or []
        windows = ", ".join(f"{quoted(d[0])} := k.{quoted(d[0])}" for d in named if d[0] != "_row")
        kept = f"CAST(to_json(struct_pack({windows})) AS VARCHAR)" if windows else "'{}'"
        table: pa.Table = session.execute(
            f"SELECT $id AS import_id, $source AS source, $source || ':' || b._row AS source_row, b.tab AS \"table\", b.reason, "
            f'CAST(to_json(r) AS VARCHAR) AS "values", {kept} AS kept, b._row AS row FROM ({broken}) b '
            f"JOIN raw_{number} r ON r._row = b._row LEFT JOIN kept_{number} k ON k._row = b._row WHERE b._file = {number} "
            f"ORDER BY b._row, b.tab",
            {"id": import_id, "source": origin.source},
        ).to_arrow_table()
        target = folder / f"{origin.file}.parquet"
        if again and target.is_file():
            tried = session.execute(f"SELECT _row FROM raw_{number}").to_arrow_table()["_row"]
            before = pq.read_table(target)
            rest = before.filter(pc.invert(pc.is_in(before["row"], tried.combine_chunks())))
            table = pa.concat_tables([rest, table.cast(rest.schema)]).sort_by([("row", "ascending"), ("table", "ascending")])
        if table.num_rows == 0:
            target.unlink(missing_ok=True)
            continue
        some = True
        _replace(target, table.replace_schema_metadata({ORIGIN: origin.text()}))
    if some and not again:
        _keep_lookups(folder / LOOKUPS / _bare(origins[0].mapping), session)


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
    table = _read(workspace, ["import_id", "source", "source_row", "table", "reason", "values"])
    if table is None:
        return []
    if reason is not None:
        table = table.filter(pc.equal(table["reason"], reason))
    return list(table.slice(0, limit).to_pylist())


def held(workspace: Path) -> list[tuple[Origin, pa.Table]]:
    """All quarantine files with where their rows come from. A source row that several tables refused is there several times."""
    found = []
    for file in _files(workspace):
        table = pq.read_table(file)
        about = (table.schema.metadata or {}).get(ORIGIN)
        if about is not None:
            found.append((Origin.of(about), table))
    return found


def lookups(workspace: Path, mapping: str) -> dict[str, Path]:
    """The lookup tables that the mapping's last import had at hand, by name."""
    folder = workspace / "quarantine" / LOOKUPS / _bare(mapping)
    return {p.stem: p for p in sorted(folder.glob("*.parquet"))}


def _broken() -> str:
    parts = ["SELECT _file, _row, '' AS tab, name AS reason FROM aside"]
    parts += [f"SELECT _file, _row, '{n}' AS tab, _reason AS reason FROM in_{n} WHERE _reason IS NOT NULL" for n in TABLES]
    parts += [
        f"SELECT m._file, m._row, '{n}' AS tab, i._reason AS reason FROM members m JOIN in_{n} i ON m.tab = '{n}' AND m._file = i._file "
        f"AND m._lead = i._row AND m._order = i._order WHERE i._reason IS NOT NULL AND m._row <> m._lead"
        for n in TABLES
    ]
    return " UNION ALL ".join(parts)


def _bare(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def _keep_lookups(folder: Path, session: duckdb.DuckDBPyConnection) -> None:
    ours = ("raw_", "kept_", "in_", "old_", "gone_")
    listed = "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND schema_name = 'main'"
    names = [r[0] for r in session.execute(listed).fetchall()]
    for name in names:
        if name not in ("aside", "members") and not name.startswith(ours):
            folder.mkdir(parents=True, exist_ok=True)
            _replace(
                folder / f"{name}.parquet", session.execute(f"SELECT * EXCLUDE (_row) FROM {quoted(name)}").to_arrow_table()
            )


def _replace(target: Path, table: pa.Table) -> None:
    temporary = target.with_suffix(".new")
    pq.write_table(table, temporary)
    os.replace(temporary, target)


def _files(workspace: Path) -> list[Path]:
    return sorted((workspace / "quarantine").glob("*.parquet"))


def _read(workspace: Path, columns: list[str] | None) -> pa.Table | None:
    files = _files(workspace)
    return pa.concat_tables([pq.read_table(f, columns=columns).replace_schema_metadata() for f in files]) if files else None
