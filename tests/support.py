"""Small real workspaces for tests: frames in, published snapshot and Reader out. No mocks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from knowledge.access import Reader, Scope
from knowledge.schema import TABLES
from knowledge.snapshot import Snapshot, current, new_folder, publish
from knowledge.tables import Store

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def canonical(name: str, frame: pd.DataFrame) -> pa.Table:
    """The frame as the canonical table: columns that are not there become null, types are the schema's."""
    schema = TABLES[name].arrow
    columns = []
    for field in schema:
        if field.name not in frame.columns:
            columns.append(pa.nulls(len(frame), field.type))
            continue
        values = frame[field.name].astype(object).where(frame[field.name].notna(), None).tolist()
        if pa.types.is_decimal(field.type):
            values = [None if v is None else str(v) for v in values]
            columns.append(pa.array(values, pa.string()).cast(field.type))
        else:
            columns.append(pa.array(values).cast(field.type) if values else pa.array([], field.type))
    return pa.Table.from_arrays(columns, names=schema.names)


def workspace(
    root: Path,
    frames: dict[str, pd.DataFrame],
    as_of: str,
    derived: dict[str, pa.Table] | None = None,
    facts: dict[str, Any] | None = None,
) -> Path:
    """Writes the tables below `root` and publishes a snapshot of them as of the given day (UTC, its last second)."""
    store = Store(root / "tables")
    versions = {n: store.replace(n, canonical(n, f)) for n, f in frames.items()}
    versions |= {n: store.replace(n, t) for n, t in (derived or {}).items()}
    made, folder = new_folder(root)
    moment = datetime.fromisoformat(as_of + "T23:59:59").replace(tzinfo=UTC)
    told = {"currency": "GBP", "zone": "UTC", **(facts or {})}
    publish(root, Snapshot(made, datetime.now(UTC), moment, versions, told, 0, folder))
    return root


def reader(root: Path, scope: Scope | None = None) -> Reader:
    return Reader(root, current(root), scope or Scope.of_role("admin"))


def of_imported(root: Path, as_of: datetime) -> Reader:
    """A reader of what was imported into the workspace, published as of that moment without derived tables."""
    store = Store(root / "tables")
    versions = {n: store.version(n) for n in TABLES if store.exists(n)}
    made, folder = new_folder(root)
    publish(root, Snapshot(made, datetime.now(UTC), as_of, versions, {"currency": "GBP", "zone": "UTC"}, 0, folder))
    return reader(root)
