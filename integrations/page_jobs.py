"""What the page starts and then watches: an import with a build after it, or the made-up company. One at a time; every step is told."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from integrations.live import Live
from knowledge.errors import RapportError, Unavailable

log = logging.getLogger("rapport.jobs")
SPACE, MOST_STEPS = "page job", 60
Say = Callable[[str], None]


class Jobs:
    """The job of a served workspace."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._lock = Lock()
        self._thread: Thread | None = None

    def start(self, title: str, work: Callable[[Say], dict[str, Any]]) -> dict[str, Any]:
        """Begins it. Fails: Unavailable (`busy`) while another one runs."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise Unavailable("Something is being loaded already.", "Wait for it.", code="busy")
            noted = self._note({"state": "running", "title": title, "started": _now(), "steps": []})
            self._thread = Thread(target=self._run, args=(noted, work), name="job", daemon=True)
            self._thread.start()
        return noted

    def last(self) -> dict[str, Any]:
        """The last one: running, done or failed, with its steps; `none` before the first."""
        found: dict[str, Any] = self._live.state.kept(SPACE, "last") or {"state": "none", "steps": []}
        if found["state"] == "running" and not (self._thread is not None and self._thread.is_alive()):
            return {
                **found,
                "state": "failed",
                "reason": "The server stopped in between. What was loaded is kept; start it again.",
            }
        return found

    def _run(self, noted: dict[str, Any], work: Callable[[Say], dict[str, Any]]) -> None:
        steps: list[str] = []

        def say(step: str) -> None:
            if not steps or steps[-1] != step:
                steps.append(step)
                self._note({**noted, "steps": steps[-MOST_STEPS:]})

        try:
            found = work(say)
        except RapportError as err:
            self._note(
                {**noted, "steps": steps, "state": "failed", "ended": _now(), "reason": f"{err.message} {err.hint}".strip()}
            )
        except Exception as err:  # nobody waits for the thread: the note is how it is told
            log.error("job", extra={"event": "job", "code": "internal"}, exc_info=err)
            self._note(
                {**noted, "steps": steps, "state": "failed", "ended": _now(), "reason": "Something went wrong in Rapport."}
            )
        else:
            self._note({**noted, "steps": steps[-MOST_STEPS:], "state": "done", "ended": _now(), "result": found})

    def _note(self, values: dict[str, Any]) -> dict[str, Any]:
        self._live.state.keep(SPACE, "last", values)
        return values


def demo(live: Live, scale: float, say: Say) -> dict[str, Any]:
    """The made-up company, imported and built."""
    from integrations.demo import generate
    from knowledge.ingest import import_files
    from knowledge.mapping import load_mapping

    with tempfile.TemporaryDirectory() as aside:
        say("making a company up")
        generate(Path(aside), seed=7, scale=scale)
        say("loading its files")
        report = import_files(live.folder, load_mapping("canonical"), [Path(aside)], zone=live.settings.zone, progress=say)
    return {"rows": report.rows_in, **build(live, say)}


def imported(live: Live, mapping: str | Path, paths: list[Path], folder: Path, say: Say) -> dict[str, Any]:
    """Files imported and built; the folder that they lay in is removed afterwards."""
    from integrations.meaning import when_asked
    from knowledge.ingest import import_files
    from knowledge.mapping import load_mapping

    try:
        say("loading the rows")
        report = import_files(
            live.folder, load_mapping(mapping), list(paths), zone=live.settings.zone, meaning=when_asked(), progress=say
        )
        say(report.sentence())
        if report.nothing_loaded:
            return {"report": report.as_dict()}
        return {"report": report.as_dict(), **build(live, say)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def build(live: Live, say: Say) -> dict[str, Any]:
    """A build, told step by step."""
    from integrations.build import build as run

    say("building")
    made = run(live.folder, live.settings, progress=say)
    return {"snapshot": made.snapshot.id, "as_of": made.snapshot.as_of.isoformat()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
