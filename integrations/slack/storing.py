"""Stores what came in before it is acknowledged: what comes while one commit is made goes into the next one together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from integrations.slack import jobs
from integrations.slack.jobs import Job
from knowledge.state import State


class Storing:
    """For one event loop. `stored` is called after a commit that held something new."""

    def __init__(self, state: State, stored: Callable[[], None]) -> None:
        self._state, self._stored = state, stored
        self._waiting: list[tuple[Job, str, asyncio.Future[None]]] = []
        self._thread = ThreadPoolExecutor(1, "storing")  # never behind other work
        self._task: asyncio.Task[None] | None = None

    async def store(self, job: Job, event: str) -> None:
        """Keeps the job, unless the event was seen before. Fails: Unavailable, so that Slack is told to send it again."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((job, event, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._commit())
        await done

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                new = await loop.run_in_executor(self._thread, jobs.store_all, self._state, [(j, e) for j, e, _ in batch])
            except Exception as err:  # told to everybody who waits
                _settle(batch, err)
                continue
            _settle(batch, None)
            if any(new):
                self._stored()


def _settle(batch: list[tuple[Job, str, asyncio.Future[None]]], err: Exception | None) -> None:
    for _, _, done in batch:
        if done.done():  # whoever waited has gone
            continue
        if err is None:
            done.set_result(None)
        else:
            done.set_exception(err)
