"""Where stored jobs are answered: in this process, or in one of their own, so that acknowledging stays quick whatever is asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from integrations.live import Live
from integrations.slack.config import Config
from integrations.slack.installs import Clients, Installs
from integrations.slack.people import People
from integrations.slack.posts import Posts
from integrations.slack.worker import Answered, Worker
from integrations.telemetry import Meters

log = logging.getLogger("rapport.slack")
COMMAND = (sys.executable, "-c", "from integrations.cli import main; main()", "slack", "--worker", "--workspace")
AGAIN, PATIENCE = 1.0, 10.0
NICE = 5  # acknowledgements come first where processors are few


class Here:
    """Jobs are answered and posts sent in this process."""

    def __init__(self, live: Live, clients: Clients, people: People, answered: Answered) -> None:
        self._worker = Worker(live, clients, people, answered)
        self._posts = Posts(live, clients, people)

    def wake(self) -> None:
        """Something was stored: do not wait for the next look."""
        self._worker.wake()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._worker.running(), self._posts.running():
            yield


class Apart:
    """The same in a process of its own, which is started again where it ends, and ends where this one does."""

    def __init__(self, folder: Path, meters: Meters) -> None:
        self._folder, self._answered = folder, counted(meters)
        self._process: asyncio.subprocess.Process | None = None

    def wake(self) -> None:
        """One byte; what it reads is that something was stored."""
        pipe = self._process.stdin if self._process is not None else None
        if pipe is not None and not pipe.is_closing() and not pipe.transport.get_write_buffer_size():
            pipe.write(b"\n")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
            await self._ended()

    async def _keep(self) -> None:
        while True:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND, str(self._folder), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            assert self._process.stdout is not None
            async for line in self._process.stdout:
                with contextlib.suppress(ValueError):
                    told = json.loads(line)
                    self._answered(told["what"], told["seconds"])
            log.error("worker ended", extra={"event": "worker_ended", "code": str(await self._process.wait())})
            await asyncio.sleep(AGAIN)

    async def _ended(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except TimeoutError:
            self._process.kill()


def counted(meters: Meters) -> Answered:
    """Counts what was answered."""

    def answered(what: str, seconds: float) -> None:
        meters.answers.labels("slack", what).inc()
        meters.answer_seconds.labels("slack").observe(seconds)

    return answered


async def work(live: Live, config: Config) -> None:
    """What the process of its own does, until its standard input ends: a line in is a wake, a line out an answer."""
    os.nice(NICE)
    clients = Clients(config, Installs(live.state))
    here = Here(live, clients, People(live, clients), _told)
    woken = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(woken), sys.stdin)
    async with here.running():
        while await woken.read(4096):
            here.wake()
        log.info("leaving", extra={"event": "leaving"})


def _told(what: str, seconds: float) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever counted is gone
        sys.stdout.write(json.dumps({"what": what, "seconds": round(seconds, 4)}) + "\n")
        sys.stdout.flush()
