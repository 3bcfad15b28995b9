"""Digests and alerts to Slack: what the post queued is sent once; to a channel only if everybody there may see it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.live import Live
from integrations.reopening import covers, seen_with
from integrations.slack import blocks
from integrations.slack.blocks import Block, Message
from integrations.slack.installs import Clients, NotInstalled
from integrations.slack.people import People
from integrations.slack.sender import Gone, NoPlace, NotNow, Place, direct, patient, send_once
from integrations.slack.text import cut, plain
from integrations.slack.worker import wait_after
from knowledge.access import Scope
from knowledge.errors import RapportError
from knowledge.state import User, Work

log = logging.getLogger("rapport.slack")
LOOK = 2.0
BUTTONS = 4


class Posts:
    """Takes what waits for Slack out of the post's queue."""

    def __init__(self, live: Live, clients: Clients, people: People) -> None:
        self._live, self._clients, self._people = live, clients, people
        self._post = live.home.post()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    async def _look(self) -> None:
        while True:
            try:
                work = await asyncio.to_thread(self._post.next_for_slack)
                if work is not None:
                    await self._deliver(work)
                    continue
            except Exception as err:  # whatever it is, what is sent next is sent
                log.error("posts", extra={"event": "posts", "code": type(err).__name__}, exc_info=err)
            await asyncio.sleep(LOOK)

    async def _deliver(self, work: Work) -> None:
        try:
            done = await self._sent(work)
        except (NotNow, SlackApiError, RapportError) as err:
            why = type(err).__name__
            log.warning("later", extra={"event": "posts", "code": why})
            rest = wait_after(work.attempts)
            await asyncio.to_thread(lambda: self._live.state.give_up(work.id, wait=rest, why=why, attempts=work.attempts))
            return
        except Exception as err:  # a message that cannot be made must not hold up the others
            log.error("posts", extra={"event": "posts", "code": "internal"}, exc_info=err)
            done = False
        why = "" if done else "It could not be sent to anybody who may see it."
        await asyncio.to_thread(lambda: self._live.state.finish(work.id, failed=not done, why=why, attempts=work.attempts))

    async def _sent(self, work: Work) -> bool:
        told: dict[str, Any] = dict(work.payload)
        team = str((told.get("schedule") or {}).get("team") or "") or None
        user = await asyncio.to_thread(self._live.state.user, told["principal"])
        if user is None:
            return False
        try:
            client = await self._clients.of(team)
            about = await self._clients.authorize(None, team)
        except NotInstalled:
            return False
        scope = await asyncio.to_thread(self._live.scope, user)
        to = str(told["to"])
        seen = told.get("seen") or seen_with(scope)
        least = await self._least(client, about.team_id or "", to, about.bot_user_id, user)
        if least is None or not covers(least, seen):
            to = await self._slack_id(client, user)
            if not covers(scope, seen):
                return False
        if not to:
            return False
        channel = await direct(client, to) if to[:1] in "UW" else to
        place = Place(channel, None, f"{work.created.timestamp() - 60:.6f}")

        async def mine() -> bool:
            return await asyncio.to_thread(self._live.state.renew, work.id, work.attempts)

        key = f"post-{work.id}-{work.created.timestamp():.0f}"
        try:
            return await send_once(client, place, key, message(told), doubt=work.attempts > 1, still_mine=mine) is not None
        except (NoPlace, Gone):
            return False

    async def _least(self, client: AsyncWebClient, team: str, to: str, bot: str | None, author: User) -> Scope | None:
        """What those may see who read there; None where it is no place for this author to send to."""
        if to[:1] in "UW":
            person = await patient(lambda: self._people.user(client, team, to))
            return await asyncio.to_thread(self._live.scope, person) if person is not None else None
        if to[:1] not in "CG":
            return None
        mine = await self._slack_id(client, author)
        if not mine or mine not in await patient(lambda: self._people.members(client, to)):
            return None
        return await patient(lambda: self._people.least(client, team, to, bot))  # type: ignore[no-any-return]

    async def _slack_id(self, client: AsyncWebClient, user: User) -> str:
        if user.slack:
            return user.slack.partition(":")[2] or user.slack
        if not user.email:
            return ""
        email = user.email
        try:
            return str((await patient(lambda: client.users_lookupByEmail(email=email)))["user"]["id"])
        except SlackApiError:
            return ""


def message(told: dict[str, Any]) -> Message:
    """A post as a Slack message, its evidence one press away."""
    asks: list[Block] = [
        blocks.button(label, f"follow_{n}", {"q": question, "c": ""})
        for n, (label, question) in enumerate(told.get("ask") or ())
        if n < BUTTONS
    ]
    ends = [blocks.actions(*asks)] if asks else []
    ends += blocks.muting(told.get("alerts") or (), str(told.get("principal") or ""))
    body = tuple(blocks.fitted(told["blocks"], ends))
    return Message(cut(plain(told["title"]), blocks.MESSAGE_TEXT), body, body)
