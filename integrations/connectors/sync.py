"""Brings in what is due: scheduled imports, then watched folders, then one build where something changed."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

from integrations.alerts.schedule import DAYS, Schedule, due
from integrations.connectors import watched
from integrations.connectors.config import ScheduledImport
from integrations.meaning import when_asked
from integrations.settings import Settings
from knowledge.errors import RapportError, Unavailable, UnknownName
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.state import State

log = logging.getLogger("rapport.sync")
SPACE = "scheduled import"
PAUSE = 20.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COMMAND = (sys.executable, "-c", "from integrations.cli import main; main()", "sync")
Report = dict[str, Any]


def sync(
    folder: Path,
    settings: Settings,
    state: State,
    now: datetime,
    *,
    names: tuple[str, ...] = (),
    progress: Callable[[str], None],
) -> list[Report]:
    """Does what is due, or (`names`) the imports so named at once; a report each, kept as the last of its name.

    Fails: UnknownName for a name that rapport.toml does not have. What fails is a report and stops nothing else."""
    known = {one.name: one for one in settings.imports}
    wrong = next((n for n in names if n not in known), None)
    if wrong is not None:
        raise UnknownName(f"No scheduled import is called `{wrong}`.", f"rapport.toml has: {', '.join(known) or 'none'}.")
    reports = []
    for one in settings.imports:
        if one.name in names or (not names and _due(one, state, now, settings.zone)):
            made = _imported(folder, one, settings.zone, progress)
            if made is not None:
                state.keep(SPACE, one.name, {**made, "at": now.isoformat()})
                reports.append(made)
    if not names:
        for place in settings.watch:
            for made in watched.take(folder, place, settings.zone, progress):
                reports.append({"name": place.folder, **made})
                state.keep(SPACE, f"watch {place.folder}", reports[-1])
    if settings.build_after_imports and any(r.get("loaded") or r.get("updated") or r.get("removed") for r in reports):
        reports.append(_built(folder, settings, progress))
    return reports


def waiting(folder: Path, settings: Settings, state: State, now: datetime) -> bool:
    """Whether there is anything to do; cheap."""
    return any(_due(one, state, now, settings.zone) for one in settings.imports) or any(
        watched.ready(place.path(folder), place.settle_seconds) for place in settings.watch
    )


class Syncing:
    """Runs `rapport sync` in a process of its own while a workspace is served, so that doors stay quick."""

    def __init__(self, folder: Path, settings: Settings, state: State) -> None:
        self._folder, self._settings, self._state = folder, settings, state
        self._running: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def tick(self) -> None:
        """Starts one where there is something to do and none is running."""
        if self._running is not None:
            code = self._running.poll()
            if code is None:
                return
            log.log(logging.INFO if code == 0 else logging.ERROR, "sync", extra={"event": "sync", "code": code})
            self._running = None
            self._not_before = time.monotonic() + PAUSE  # what was busy is tried again, and not at once
        if time.monotonic() >= self._not_before and waiting(self._folder, self._settings, self._state, datetime.now(UTC)):
            self._running = subprocess.Popen([*COMMAND, "--workspace", str(self._folder), "--json"], stdout=subprocess.DEVNULL)


def last(state: State) -> dict[str, Report]:
    """The last report of each scheduled import and watched folder, by name."""
    return state.all_kept(SPACE)


def _due(one: ScheduledImport, state: State, now: datetime, zone: str) -> bool:
    before = state.kept(SPACE, one.name)
    ran = datetime.fromisoformat(before["at"]) if before else None
    return due(Schedule(one.every, clock.fromisoformat(one.at), DAYS.index(one.day)), LONG_AGO, ran, now, zone) is not None


def _imported(folder: Path, one: ScheduledImport, zone: str, progress: Callable[[str], None]) -> Report | None:
    """The report; None where somebody else is writing, so that it is due again."""
    try:
        mapping = load_mapping(folder / one.mapping if "/" in one.mapping else one.mapping)
        report = import_files(
            folder, mapping, one.paths(folder), zone=zone, incremental=one.incremental, progress=progress, meaning=when_asked()
        )
    except Unavailable as err:
        return None if err.code == "busy" else _wrong(one.name, err)
    except RapportError as err:
        return _wrong(one.name, err)
    return {"name": one.name, "state": "done", **report.as_dict()}


def _built(folder: Path, settings: Settings, progress: Callable[[str], None]) -> Report:
    from integrations.build import build

    try:
        made = build(folder, settings, progress=progress)
    except RapportError as err:
        return _wrong("build", err)
    return {"name": "build", "state": "done", "snapshot": made.snapshot.id, "as_of": made.snapshot.as_of.isoformat()}


def _wrong(name: str, err: RapportError) -> Report:
    return {"name": name, "state": "failed", "code": err.code, "message": err.message, "hint": err.hint}
