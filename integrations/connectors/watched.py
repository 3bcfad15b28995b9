"""A watched folder: files that are whole are imported and moved to done/ or failed/, with a report beside them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.connectors.config import WatchedFolder
from integrations.meaning import when_asked
from knowledge.archives import unpacked
from knowledge.errors import RapportError, Unavailable
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.sources import gather, meant
from knowledge.tables import sql_session

DONE, FAILED = "done", "failed"
IN_THE_MAKING = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".download")


def ready(folder: Path, settle_seconds: float) -> list[Path]:
    """The files to take now, by name; none while one of them may still be written to (files of one export go together)."""
    if not folder.is_dir():
        return []
    found = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "~")))
    found = [p for p in found if not p.name.lower().endswith(IN_THE_MAKING)]
    written = [max(s.st_mtime, s.st_ctime) for s in (p.stat() for p in found)]
    return found if all(time.time() - w >= settle_seconds for w in written) else []


def take(workspace: Path, watched: WatchedFolder, zone: str, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """Imports what lies ready and moves it; gives the reports. What is busy stays for the next time.

    Files that cannot be read by themselves fail by themselves; the others are imported together. Those that the mapping does
    not read (exports have more than is wanted) go along, listed as `left`; alone they fail."""
    folder = watched.path(workspace)
    files = ready(folder, watched.settle_seconds)
    reports: list[dict[str, Any]] = []
    while files:
        try:
            mapping = load_mapping(workspace / watched.mapping if "/" in watched.mapping else watched.mapping)
            read = [f for f in files if meant(f.name, mapping)] or files
            report = import_files(workspace, mapping, list(read), zone=zone, progress=progress, meaning=when_asked())
            left = [f.name for f in files if f not in read]
            return [*reports, _moved(folder / DONE, files, {"state": DONE, **report.as_dict(), "left": left})]
        except Unavailable:
            return reports
        except RapportError as err:
            broken = [(f, why) for f in files if (why := _broken(f, watched.mapping, workspace))] or [(f, err) for f in files]
            together = [([f], why) for f, why in broken] if len(broken) < len(files) else [(files, err)]
            reports += [_failed(folder, some, watched.mapping, why) for some, why in together]
            files = [f for f in files if f not in {b for b, _ in broken}]
    return reports


def _broken(file: Path, mapping: str, workspace: Path) -> RapportError | None:
    """Why the file cannot be read, whatever lies beside it; None where it can."""
    try:
        chosen = load_mapping(workspace / mapping if "/" in mapping else mapping)
        if not meant(file.name, chosen):
            return None
        with unpacked([file]) as given:
            for source in gather(given, chosen):
                source.read(sql_session())
    except RapportError as err:
        return None if err.code == "no_file" else err  # a lookup alone is no import
    return None


def _failed(folder: Path, files: Sequence[Path], mapping: str, err: RapportError) -> dict[str, Any]:
    told = {"state": FAILED, "mapping": mapping, "code": err.code, "message": err.message, "hint": err.hint}
    return _moved(folder / FAILED, files, told)


def _moved(to: Path, files: Sequence[Path], report: dict[str, Any]) -> dict[str, Any]:
    """Moves the files into a folder of their own, named by the moment, and writes report.json into it."""
    now = datetime.now(UTC)
    aside = to / now.strftime("%Y%m%dT%H%M%S-%f")
    aside.mkdir(parents=True)
    whole = {**report, "at": now.isoformat(timespec="seconds"), "files": [f.name for f in files], "folder": str(aside)}
    (aside / "report.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for file in files:
        os.replace(file, aside / file.name)
    return whole
