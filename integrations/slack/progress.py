"""What is being done, while an answer takes its time: a status at once, a stream where it takes longer than a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.live import DESKS
from integrations.slack.blocks import Message
from integrations.slack.jobs import Job
from integrations.slack.sender import EVENT, error_of, politely

A_MOMENT, SIGN_OF_LIFE = 2.0, 0.8
EXPIRED = {"message_not_in_streaming_state", "stream_not_found", "streaming_state_conflict"}
Step = Callable[[str], None]
ANSWERING = ThreadPoolExecutor(DESKS, "answering")


class Progress:
    """One job's. Only direct messages show it: in channels nobody is kept waiting in public."""

    def __init__(self, client: AsyncWebClient, job: Job, begun: str | None, note: Callable[[str], None]) -> None:
        """`begun` is the stream that this job began before a crash; `note` keeps the one that it begins."""
        self._client, self._job, self._note = client, job, note
        self._shows = job.channel.startswith("D") and bool(job.thread)
        self._step = "reading the question"
        self.ts = begun

    async def around(self, make: Callable[[Step], Any]) -> Any:
        """Makes something in a thread of its own, and shows what it is at."""
        loop = asyncio.get_running_loop()

        def heard(step: str) -> None:
            loop.call_soon_threadsafe(self._heard, step)

        work = asyncio.ensure_future(loop.run_in_executor(ANSWERING, make, heard))
        if not self._shows:
            await asyncio.wait({work}, timeout=SIGN_OF_LIFE)
            if not work.done() and self._job.channel[:1] in ("C", "G") and not self._job.private:
                await politely(
                    self._client.chat_postEphemeral(
                        channel=self._job.channel, user=self._job.user, thread_ts=self._job.thread, text=f"I am {self._step} …"
                    )
                )
            return await work
        await asyncio.wait({work}, timeout=0.15)
        if not work.done():
            await politely(
                self._client.assistant_threads_setStatus(
                    channel_id=self._job.channel, thread_ts=str(self._job.thread), status=f"is {self._step} …"
                )
            )
            await asyncio.wait({work}, timeout=A_MOMENT)
        if not work.done() and self.ts is None:
            await self._stream()
        return await work

    async def ended(self, message: Message, key: str) -> bool:
        """Ends the stream with the message; False where there was none, or it cannot be (then it is sent as a message)."""
        if self.ts is None:
            return False
        forms = (message.blocks, message.plainer, ())
        metadata = {"event_type": EVENT, "event_payload": {"key": key}}
        for form in forms:
            try:
                await self._client.chat_stopStream(channel=self._job.channel, ts=self.ts, blocks=list(form) or None, metadata=metadata,
                                                   markdown_text=message.text if not form else None)  # fmt: skip
            except SlackApiError as err:
                if error_of(err) in EXPIRED:
                    return await self._updated(message, metadata)
                continue
            except (TimeoutError, aiohttp.ClientError, SlackClientError, ConnectionError):
                return await self._updated(message, metadata)
            return True
        return await self._updated(message, metadata)

    async def _stream(self) -> None:
        started = await politely(
            self._client.chat_startStream(
                channel=self._job.channel, thread_ts=str(self._job.thread), recipient_user_id=self._job.user, recipient_team_id=self._job.team,
                chunks=[{"type": "task_update", "id": "answer", "title": self._step.capitalize(), "status": "in_progress"}],
            )
        )  # fmt: skip
        if started:
            self.ts = str(started["ts"])
            await asyncio.to_thread(self._note, self.ts)

    async def _updated(self, message: Message, metadata: dict[str, Any]) -> bool:
        for form in (message.blocks, message.plainer, ()):
            for _ in range(3):
                try:
                    await self._client.chat_update(
                        channel=self._job.channel, ts=str(self.ts), text=message.text, blocks=list(form), metadata=metadata
                    )
                    return True
                except SlackApiError:
                    break
                except (TimeoutError, aiohttp.ClientError, SlackClientError, ConnectionError):
                    await asyncio.sleep(0.5)
        await politely(self._client.chat_delete(channel=self._job.channel, ts=str(self.ts)))
        return False

    def _heard(self, step: str) -> None:
        self._step = step
