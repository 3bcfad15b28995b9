"""Clean-up after a build: what no snapshot in keeping needs is removed; what a kept snapshot or an answer names survives."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from knowledge.snapshot import CURRENT
from knowledge.tables import Store

SETTLED_HOURS = 1  # younger than this, a folder or file may belong to a build or import that is under way


@dataclass(frozen=True)
class Removed:
    """What was removed: snapshots, search indexes of snapshots that only answers still name, files of tables."""

    snapshots: tuple[str, ...]
    indexes: tuple[str, ...]
    files: int


def forget(workspace: Path, keep: int, named: Set[str]) -> Removed:
    """Keeps the published snapshot, the `keep` newest, and the manifests of those `named` by answers, with every table file
    that one of them needs; the rest goes."""
    folders = sorted(p for p in (workspace / "snapshots").iterdir() if p.is_dir())
    whole = [p for p in folders if (p / "manifest.json").is_file()]
    published = (workspace / "snapshots" / CURRENT).read_text(encoding="utf-8").strip()
    fresh = {published, *(p.name for p in whole[-keep:])}
    gone, indexes = [], []
    for folder in folders:
        if folder.name in fresh:
            continue
        if folder in whole and folder.name in named:
            if (folder / "index").is_dir():
                shutil.rmtree(folder / "index", ignore_errors=True)
                indexes.append(folder.name)
        elif folder in whole or time.time() - folder.stat().st_mtime > 3600 * SETTLED_HOURS:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder.name)
    files = _unneeded(workspace, [p for p in whole if p.is_dir()])
    for file in files:
        file.unlink(missing_ok=True)
    return Removed(tuple(gone), tuple(indexes), len(files))


def _unneeded(workspace: Path, kept: list[Path]) -> list[Path]:
    """Files of tables that are neither in the newest version nor in a kept snapshot."""
    store = Store(workspace / "tables")
    needed: set[str] = set()
    for folder in kept:
        tables = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]
        needed.update(f for t in tables.values() for f in t["files"])
    old = [f for name in store.names() for f in store.superseded(name, SETTLED_HOURS) if f not in needed]
    return [f for f in map(store.root.joinpath, old) if f.is_file()]
