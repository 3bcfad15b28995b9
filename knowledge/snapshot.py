"""A snapshot names one version of every table plus the files and models built from them; publishing it is one rename."""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from knowledge.asof import of_tables
from knowledge.errors import NoData, Unavailable
from knowledge.tables import TableVersion

CURRENT, MAGIC = "CURRENT", b"PAR1"
log = logging.getLogger("rapport.snapshot")


@dataclass(frozen=True)
class Snapshot:
    """What one build made. `as_of` is the latest operational event, told in the workspace's zone, so that its day is the
    workspace's today; `facts` holds small build results by name (currency, zone, model versions); `folder` the index files."""

    id: str
    built_at: datetime
    as_of: datetime
    tables: dict[str, TableVersion]
    facts: dict[str, Any] = field(default_factory=dict)
    decisions_revision: int = 0
    folder: Path = Path()

    def __post_init__(self) -> None:
        zone = ZoneInfo(str(self.facts.get("zone") or "UTC"))
        object.__setattr__(self, "as_of", self.as_of.astimezone(zone))

    def as_of_tables(self, tables: Iterable[str]) -> datetime:
        """As of when figures of these tables are: comments that are newer than the orders have a today of their own."""
        return of_tables(tables, self.facts, self.as_of)


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
    """The published snapshot; where it is damaged the newest that is whole, with `instead_of` among its facts.

    Fails: NoData (`no_snapshot`) before the first build; Unavailable where none is whole."""
    pointer = workspace / "snapshots" / CURRENT
    if not pointer.is_file():
        raise NoData(
            f"Nothing has been built in {workspace} yet.", "Import data, then run `rapport build`.", code="no_snapshot"
        )
    published = pointer.read_text(encoding="utf-8", errors="replace").strip()
    served = _serving(workspace, published)
    try:
        found = load(workspace, served)
    except Unavailable:  # it was whole when it was looked at
        forget_checks()
        served = _serving(workspace, published)
        found = load(workspace, served)
    return found if served == published else replace(found, facts={**found.facts, INSTEAD: published or "?"})


INSTEAD = "instead_of"
"""The fact that names the published snapshot where an older one serves."""


@lru_cache(maxsize=64)
def _serving(workspace: Path, published: str) -> str:
    """The published snapshot, or the newest other one that is whole."""
    others = sorted((p.name for p in (workspace / "snapshots").iterdir() if p.is_dir() and p.name != published), reverse=True)
    for one in (published, *others):
        with suppress(Unavailable):
            if one and not damaged(workspace, load(workspace, one)):
                if one != published:
                    log.error("snapshot", extra={"event": "snapshot", "code": "damaged"})
                return one
    raise Unavailable("No snapshot is whole: files are missing or damaged.", "Run `rapport doctor`.")


def forget_checks() -> None:
    """Something was found to be damaged since: look again."""
    _serving.cache_clear()


def damaged(workspace: Path, snapshot: Snapshot) -> list[str]:
    """The table files of a snapshot that are missing, cut off or no Parquet."""
    return unreadable(workspace, [f for t in snapshot.tables.values() for f in t.files])


def unreadable(workspace: Path, files: Iterable[str], *, through: bool = False) -> list[str]:
    """The files (relative to `tables/`) that are missing, cut off or no Parquet; with `through` each is read to its end."""
    paths = {f: workspace / "tables" / f for f in files}
    return [f for f, path in paths.items() if not _is_parquet(path) or (through and not _reads(path))]


def _reads(path: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches():
                pass
    except (OSError, pa.ArrowException):
        return False
    return True


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head, size = file.read(4), file.seek(0, os.SEEK_END)
            if head != MAGIC or size < 12:
                return False
            file.seek(-8, os.SEEK_END)
            tail = file.read(8)
            length = int.from_bytes(tail[:4], "little")
            return tail[4:] == MAGIC and 0 < length <= size - 12
    except OSError:
        return False


def load(workspace: Path, snapshot_id: str) -> Snapshot:
    """A snapshot by id. Fails: Unavailable when its manifest is gone or cannot be read."""
    folder = workspace / "snapshots" / snapshot_id
    try:
        raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        tables = {n: TableVersion(**{**t, "files": tuple(t["files"])}) for n, t in raw["tables"].items()}
        moments = {k: datetime.fromisoformat(raw[k]) for k in ("built_at", "as_of")}
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as err:
        raise Unavailable(f"Snapshot {snapshot_id} cannot be read.", "Run `rapport build`.") from err
    return Snapshot(
        id=raw["id"],
        **moments,
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
