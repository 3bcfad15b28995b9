"""What the listeners share: the parts that they need, and what they read out of a payload."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from integrations.live import Live
from integrations.slack.blocks import section
from integrations.slack.installs import Clients
from integrations.slack.jobs import Job
from integrations.slack.modals import modal
from integrations.slack.people import People
from integrations.slack.sender import politely
from knowledge.errors import RapportError

log = logging.getLogger("rapport.slack")
Body = dict[str, Any]
COMING = "Looking it up; you will find it in our direct messages."


@dataclass(frozen=True)
class Parts:
    """`store` keeps a job before its event is acknowledged; `soon` runs what may follow the acknowledgement."""

    live: Live
    clients: Clients
    people: People
    store: Callable[[Job, str], Awaitable[None]]
    _running: set[asyncio.Task[Any]] = field(default_factory=set)

    def soon(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """What fails in it is logged."""
        task = asyncio.create_task(_logged(coroutine))
        self._running.add(task)
        task.add_done_callback(self._running.discard)


async def whisper(client: Any, body: Body, text: str) -> None:
    """Says something to whoever pressed, and to nobody else."""
    where = body.get("container") or {}
    await client.chat_postEphemeral(
        channel=where.get("channel_id") or body["user"]["id"],
        user=body["user"]["id"],
        thread_ts=where.get("thread_ts"),
        text=text,
    )


async def coming(parts: Parts, body: Body, team: str) -> None:
    """Says at once, in a window, where the answer will be: it takes seconds, and comes somewhere else."""
    client = await parts.clients.of(team, enterprise_of(body))
    await politely(client.views_open(trigger_id=body["trigger_id"], view=modal("Coming", [section(COMING)])))


def team_of(body: Body, context: Any) -> str:
    team = body.get("team_id") or (body.get("team") or {}).get("id") or context.team_id
    return str(team or "")


def enterprise_of(body: Body) -> str | None:
    found = body.get("enterprise_id") or (body.get("enterprise") or {}).get("id")
    return str(found) if found else None


async def _logged(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        await coroutine
    except Exception as err:  # nobody waits for it any more: the log is the only place to tell it
        code = err.code if isinstance(err, RapportError) else type(err).__name__
        log.error("background", extra={"event": "background", "code": code}, exc_info=err)
