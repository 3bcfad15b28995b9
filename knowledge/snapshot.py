"""A snapshot names one version of every table plus the files and models built from them; publishing it is one rename."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from knowledge.errors import NoData, Unavailable
from knowledge.tables import TableVersion

CURRENT = "CURRENT"


@dataclass(frozen=True)
class Snapshot:
    """What one build made. `as_of` is the latest event in the tables; `facts` holds small build results by name
    (currency, zone, model versions); `folder` holds the index files."""

    id: str
    built_at: datetime
    as_of: datetime
    tables: dict[str, TableVersion]
    facts: dict[str, Any] = field(default_factory=dict)
    decisions_revision: int = 0
    folder: Path = Path()


def new_folder(workspace: Path) -> tuple[str, Path]:
    """Gives the id and the (made) folder of a snapshot to be; nothing refers to it before `publish`."""
    made = datetime.now(UTC).strftime("%Y%m%dT%H%M%S") + "-" + uuid.uuid4().hex[:6]
    folder = workspace / "snapshots" / made
    folder.mkdir(parents=True)
    return made, folder


def publish(workspace: Path, snapshot: Snapshot) -> None:
    """Writes the manifest into the snapshot's folder, then points CURRENT at it: readers see all of it or none."""
    manifest = asdict(snapshot) | {"built_at": snapshot.built_at.isoformat(), "as_of": snapshot.as_of.isoformat()}
    manifest.pop("folder")
    _write(snapshot.folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
    _write(workspace / "snapshots" / CURRENT, snapshot.id)


def current(workspace: Path) -> Snapshot:
    """The published snapshot. Fails: NoData (`no_snapshot`) before the first build."""
    pointer = workspace / "snapshots" / CURRENT
    if not pointer.is_file():
        raise NoData(
            f"Nothing has been built in {workspace} yet.", "Import data, then run `rapport build`.", code="no_snapshot"
        )
    return load(workspace, pointer.read_text(encoding="utf-8").strip())


def load(workspace: Path, snapshot_id: str) -> Snapshot:
    """A snapshot by id. Fails: Unavailable when its manifest is gone or cannot be read."""
    folder = workspace / "snapshots" / snapshot_id
    try:
        raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise Unavailable(f"Snapshot {snapshot_id} cannot be read.", "Run `rapport build`.") from err
    tables = {n: TableVersion(**{**t, "files": tuple(t["files"])}) for n, t in raw["tables"].items()}
    return Snapshot(
        id=raw["id"],
        built_at=datetime.fromisoformat(raw["built_at"]),
        as_of=datetime.fromisoformat(raw["as_of"]),
        tables=tables,
        facts=raw["facts"],
        decisions_revision=raw["decisions_revision"],
        folder=folder,
    )


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)
