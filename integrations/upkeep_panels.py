"""What a served workspace does on its own: builds after decisions have been quiet for a while, and has panels made ahead."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta

from integrations.live import Live
from integrations.page_jobs import Jobs, build
from integrations.prepared import Prepared
from knowledge import snapshot
from knowledge.errors import NoData, RapportError, Unavailable
from knowledge.snapshot import Snapshot

log = logging.getLogger("rapport.upkeep")
COMMAND = (sys.executable, "-c", "from integrations.cli import main; main()", "prepare")


class Ahead:
    """Once for each published snapshot, in a process of its own so that doors stay quick."""

    def __init__(self, live: Live, kept: Prepared) -> None:
        self._live, self._kept = live, kept
        self._seen = ""
        self._warmed = ""
        self._running: subprocess.Popen[bytes] | None = None

    def tick(self) -> None:
        """Begins where a snapshot is new and nothing runs."""
        if self._running is not None and self._running.poll() is None:
            return
        try:
            published = snapshot.current(self._live.folder)
        except NoData:
            return
        if published.id != self._seen:
            self._seen = published.id
            self._kept.forget_others(published)
            self._running = subprocess.Popen(
                [*COMMAND, "--workspace", str(self._live.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

        elif self._warmed != published.id:
            self._warmed = published.id
            self._warm()

    def _warm(self) -> None:
        """Has what briefs are made from read, once for each set of rights of the people here who see all accounts."""
        rights = set()
        for user in self._live.state.users():
            with suppress(RapportError):
                scope = self._live.home.scope(user.name)
                if scope.accounts is None and scope.rights not in rights:
                    rights.add(scope.rights)
                    self._live.briefs.warm(scope)

    def at_work(self, on: Snapshot) -> bool:
        """Whether what is made ahead of this snapshot is still being made, or will be at the next tick."""
        return self._seen != on.id or (self._running is not None and self._running.poll() is None)

    def close(self) -> None:
        """Ends what runs; what it made stays."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            self._running.wait(10)


def build_if_quiet(live: Live, jobs: Jobs, now: datetime) -> bool:
    """Builds where decisions wait to be applied and the last one was made `build_after_decisions` minutes ago; 0 is never."""
    minutes = live.settings.build_after_decisions
    if not minutes:
        return False
    try:
        built = snapshot.current(live.folder).decisions_revision
    except NoData:
        return False
    fresh = live.state.decisions(since=built)
    if not fresh or now - fresh[-1].at < timedelta(minutes=minutes):
        return False
    try:
        jobs.start("Applying decisions", lambda say: build(live, say))
    except Unavailable:
        return False
    log.info("decisions", extra={"event": "build after decisions", "decisions": len(fresh)})
    return True
