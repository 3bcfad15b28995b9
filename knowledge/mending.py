"""Quarantined rows out to a CSV file, mended by a person, and in again through the mapping that they came from."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from knowledge import quarantine
from knowledge.conventions import Conventions
from knowledge.errors import BadInput, NoData
from knowledge.ingest import Counts, ImportReport, load
from knowledge.mapping import Part
from knowledge.quarantine import Origin
from knowledge.readers import ROW, read
from knowledge.sources import Source
from knowledge.tables import sql_session

ID, TABLE, REASON = "quarantine_id", "quarantine_table", "quarantine_reason"
RETRY = "retry"


def export(workspace: Path, out: Path, *, reason: str | None = None, source: str | None = None) -> int:
    """Writes quarantined rows with their original values, one line a source row; gives their number.

    Fails: NoData where nothing (of that reason or source) is in quarantine."""
    lines: dict[str, dict[str, Any]] = {}
    columns: dict[str, None] = {}
    for origin, table in quarantine.held(workspace):
        if source is not None and origin.source != source:
            continue
        for row in table.to_pylist():
            if reason is not None and row["reason"] != reason:
                continue
            name = f"{origin.file}:{row['row']}"
            if name in lines:  # several tables refused it
                lines[name][TABLE] = f"{lines[name][TABLE]}, {row['table']}"
                if row["reason"] not in lines[name][REASON]:
                    lines[name][REASON] += f"; {row['reason']}"
                continue
            given = json.loads(row["values"])
            lines[name] = {ID: name, TABLE: row["table"], REASON: row["reason"], **{c: given.get(c) for c in origin.columns}}
            columns |= dict.fromkeys(origin.columns)
    if not lines:
        raise NoData("There is nothing like that in quarantine.", "`rapport quarantine list` shows what there is.")
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [ID, TABLE, REASON, *columns], restval="")
        writer.writeheader()
        writer.writerows(lines.values())
    return len(lines)


def retry(workspace: Path, file: Path | None = None, *, progress: Callable[[str], None] = lambda _: None) -> ImportReport:
    """Tries quarantined rows again: those of an exported and mended `file` with its values, else all as they are (what they
    referred to may have been loaded since). Rows that load leave the quarantine; the others stay, with their reason.

    Fails: NoData where the quarantine is empty; BadInput where the file is no export of it."""
    held = quarantine.held(workspace)
    if not held:
        raise NoData("There is nothing in quarantine that can be tried again.", "Import the files again.")
    mended, order = _mended(file) if file is not None else (None, [])
    groups: dict[tuple[str, str], list[Source]] = {}
    found = 0
    for origin, table in held:
        source = _source(origin, table, mended, order)
        if source is not None and source.rows is not None:
            found += source.rows.num_rows
            groups.setdefault((origin.mapping, origin.zone), []).append(source)
    notes = []
    if mended is not None and found < len(mended):
        notes.append(
            f"{len(mended) - found:,} rows of {file.name if file else ''} are not in quarantine any more; they are left alone."
        )
    if not found:
        raise NoData("None of these rows is in quarantine any more.", "`rapport quarantine list` shows what there is.")
    reports = []
    for (mapping, zone), sources in groups.items():
        around = [
            Source(f"{name}.parquet", Part(match="*", lookup=name), path)
            for name, path in quarantine.lookups(workspace, mapping).items()
        ]
        reports.append(load(workspace, mapping, zone, [*around, *sources], {}, again=True, progress=progress))
    return _sum(reports, tuple(notes))


def _mended(file: Path) -> tuple[dict[str, dict[str, str | None]], list[str]]:
    table = read(sql_session(), file)
    if ID not in table.column_names:
        raise BadInput(
            f"{file.name} has no column `{ID}`.", "Mend a file that `rapport quarantine export` wrote.", code="missing_column"
        )
    given = table.drop_columns([ROW]).to_pylist()
    ids = Counter(r[ID] for r in given)
    twice = next((i for i, n in ids.items() if n > 1), None)
    if twice is not None:
        raise BadInput(f"{file.name} has the row {twice} twice.", "Keep one of them.")
    return {str(r[ID]): r for r in given}, table.column_names


def _source(
    origin: Origin, table: pa.Table, mended: dict[str, dict[str, str | None]] | None, order: list[str]
) -> Source | None:
    """The rows of one quarantine file that are to be tried, with the values they had or have now."""
    rows: dict[int, dict[str, str | None]] = {}
    kept: dict[int, dict[str, str | None]] = {}
    times: list[datetime] = []
    for row in table.select(["row", "values", "kept", "import_id"]).to_pylist():
        number = row["row"]
        if number in rows:
            continue
        values = json.loads(row["values"])
        if mended is not None:
            new = mended.get(f"{origin.file}:{number}")
            if new is None:
                continue
            values |= {c: new[c] for c in origin.columns if c in order}
        rows[number] = values
        kept[number] = json.loads(row["kept"])
        times.append(datetime.strptime(row["import_id"].split("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC))
    if not rows:
        return None
    names = list(dict.fromkeys(n for k in kept.values() for n in k))
    since = pa.table({ROW: pa.array(list(rows), pa.int64()), "put_at": pa.array(times, pa.timestamp("us", tz="UTC"))})
    return Source(
        origin.source,
        origin.part,
        rows=_table(origin.columns, rows),
        kept=_table(names, kept) if names else None,
        written=Conventions.of(origin.written) if origin.written else None,
        since=since if mended is None else None,
    )


def _table(columns: Iterable[str], rows: dict[int, dict[str, str | None]]) -> pa.Table:
    made = {c: pa.array([None if r.get(c) is None else str(r[c]) for r in rows.values()], pa.string()) for c in columns}
    return pa.table(made | {ROW: pa.array(list(rows), pa.int64())})


def _sum(reports: list[ImportReport], notes: tuple[str, ...]) -> ImportReport:
    tables: dict[str, Counts] = {}
    for report in reports:
        for name, counts in report.tables.items():
            old = tables.get(name, Counts())
            tables[name] = Counts(*(getattr(old, f.name) + getattr(counts, f.name) for f in fields(Counts)))
    return ImportReport(
        id=reports[-1].id,
        mapping=RETRY,
        rows_in=sum(r.rows_in for r in reports),
        loaded=sum(r.loaded for r in reports),
        updated=sum(r.updated for r in reports),
        unchanged=sum(r.unchanged for r in reports),
        quarantined=sum(r.quarantined for r in reports),
        tables=tables,
        set_aside=dict(sum((Counter(r.set_aside) for r in reports), Counter())),
        reasons=dict(sum((Counter(r.reasons) for r in reports), Counter())),
        notes=(*notes, *(n for r in reports for n in r.notes)),
    )
