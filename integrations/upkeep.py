"""What keeps a served workspace going: its imports and snapshots as lists, and builds that are asked for from outside."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from integrations.live import Live
from knowledge import snapshot
from knowledge.errors import NoData, RapportError, Unavailable
from knowledge.import_log import entries

log = logging.getLogger("rapport.upkeep")
SPACE = "build"


def imports(folder: Path) -> list[dict[str, Any]]:
    """What was imported, newest first."""
    return list(reversed(entries(folder)))


def snapshots(folder: Path) -> list[dict[str, Any]]:
    """The snapshots that are kept, newest first."""
    try:
        published = snapshot.current(folder).id
    except NoData:
        return []
    found = []
    for path in sorted((folder / "snapshots").iterdir(), reverse=True):
        if (path / "manifest.json").is_file():
            try:
                one = snapshot.load(folder, path.name)
            except Unavailable:  # damaged: `rapport doctor` tells
                continue
            found.append(
                {
                    "id": one.id,
                    "as_of": one.as_of.isoformat(),
                    "built_at": one.built_at.isoformat(),
                    "current": one.id == published,
                }
            )
    return found


def described(one: snapshot.Snapshot) -> dict[str, Any]:
    """A snapshot for people: as-of, revision of decisions, rows by table."""
    return {
        "id": one.id,
        "as_of": one.as_of.isoformat(),
        "built_at": one.built_at.isoformat(),
        "decisions_revision": one.decisions_revision,
        "rows": {name: version.rows for name, version in sorted(one.tables.items())},
    }


class Builds:
    """Builds that are asked for from outside, one at a time, in the background of this process."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._thread: Thread | None = None

    def start(self) -> dict[str, Any]:
        """Fails: Unavailable (`busy`) while one runs here."""
        if self._thread is not None and self._thread.is_alive():
            raise Unavailable("A build is running.", "Wait for it.", code="busy")
        started = self._note(state="running", started=_now())
        self._thread = Thread(target=self._run, args=(started,), name="build", daemon=True)
        self._thread.start()
        return started

    def last(self) -> dict[str, Any]:
        """The last one: running, done or failed; `none` before the first. One whose process ended has failed."""
        found: dict[str, Any] = self._live.state.kept(SPACE, "last") or {"state": "none"}
        if found["state"] == "running" and not (self._thread is not None and self._thread.is_alive()):
            return {**found, "state": "failed", "reason": "It was asked of a process that has ended, or of another one."}
        return found

    def _run(self, started: dict[str, Any]) -> None:
        from integrations.build import build

        try:
            made = build(self._live.folder, self._live.settings)
            self._note(**{**started, "state": "done", "ended": _now(), "snapshot": made.snapshot.id, "seconds": made.seconds})
        except RapportError as err:
            self._note(
                **{**started, "state": "failed", "ended": _now(), "code": err.code, "reason": f"{err.message} {err.hint}"}
            )
        except Exception as err:  # nobody waits for the thread: the note is how it is told
            log.error("build", extra={"event": "build", "code": "internal"}, exc_info=err)
            self._note(**{**started, "state": "failed", "ended": _now(), "code": "internal", "reason": "Something went wrong."})

    def _note(self, **values: Any) -> dict[str, Any]:
        self._live.state.keep(SPACE, "last", values)
        return values


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
