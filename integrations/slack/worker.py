"""From stored work to answers in Slack: claims, answers, sends once, finishes. What a crash cut off is claimed again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.live import Live
from integrations.slack import answers, blocks, jobs
from integrations.slack.blocks import Message
from integrations.slack.files import attach, drawn
from integrations.slack.installs import Clients, NotInstalled
from integrations.slack.jobs import KIND, Job
from integrations.slack.people import NOBODY, UNKNOWN, People
from integrations.slack.progress import Progress
from integrations.slack.sender import Gone, NoPlace, NotNow, Place, direct, patient, politely, send_once
from knowledge.errors import RapportError, Unavailable
from knowledge.state import Work

log = logging.getLogger("rapport.slack")
AT_ONCE, MOST_BEHIND = 8, 64
LEASE, RENEWED = timedelta(seconds=12), 3.0
IDLE = 0.25
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
MOST_ATTEMPTS, ATTEMPTS = 10_000, 3
TOO_OLD = timedelta(hours=24)
THREADS_LIVE = timedelta(days=90)
T = TypeVar("T")
Answered = Callable[[str, float], None]  # what it was, and the seconds it took
ANSWERS, FILES, STREAMS, THREADS = "slack-answer", "slack-files", "slack-stream", "slack-thread"


class Worker:
    """Answers stored jobs, several at once, those of one thread one after another."""

    def __init__(self, live: Live, clients: Clients, people: People, answered: Answered) -> None:
        self._live, self._clients, self._people, self._answered_job = live, clients, people, answered
        self._threads: dict[str, asyncio.Lock] = {}
        self._behind: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was stored: do not wait for the next look."""
        self._woken.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        loops = [asyncio.create_task(self._loop(stopping)) for _ in range(AT_ONCE)]
        try:
            yield
        finally:
            stopping.set()
            self._woken.set()
            await asyncio.gather(*loops)
            if self._behind:  # what is not done by then is claimed again
                _, left = await asyncio.wait(self._behind, timeout=LEASE.total_seconds())
                for task in left:
                    task.cancel()

    async def _loop(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            work = None
            try:
                work = await asyncio.to_thread(lambda: self._live.state.claim(KIND, lease=LEASE, attempts=MOST_ATTEMPTS))
                if work is not None:
                    self._woken.set()  # there may be more: others look too
                    await self._taken(work)
            except Exception as err:  # whatever it is, the loop goes on: without it nobody is answered
                log.error("claim", extra={"event": "claim", "code": type(err).__name__}, exc_info=err)
                work = None
            if work is None:
                self._woken.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), IDLE)

    async def _taken(self, work: Work) -> None:
        try:
            job = jobs.job_of(work)
        except (TypeError, ValueError):
            why = "It is a job of another shape, of another release perhaps."
            await asyncio.to_thread(lambda: self._live.state.finish(work.id, failed=True, why=why, attempts=work.attempts))
            return
        turn = self._threads.setdefault(place_of(job), asyncio.Lock())
        if turn.locked() and len(self._behind) < MOST_BEHIND:  # whoever waits in one thread keeps nobody in another waiting
            task = asyncio.create_task(self._one(work, job, turn))
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)
        else:
            await self._one(work, job, turn)

    async def _one(self, work: Work, job: Job, turn: asyncio.Lock) -> None:
        alive = asyncio.create_task(self._keep_alive(work))
        try:
            async with turn:
                done = await self._answered(job, work)
            await asyncio.to_thread(lambda: self._live.state.finish(work.id, failed=not done, attempts=work.attempts))
        except NotNow:
            await self._later(work, job, "Slack did not answer.")
        except RapportError as err:
            log.error("work", extra={"event": "work", "code": err.code}, exc_info=err)
            await self._later(work, job, err.message)
        except Exception as err:  # whatever it is, the job is tried again and the loop goes on
            log.error("work", extra={"event": "work", "code": type(err).__name__}, exc_info=err)
            await self._later(work, job, f"Something unforeseen: {type(err).__name__}.")
        finally:
            alive.cancel()
            if len(self._threads) > 10_000:
                self._threads = {k: v for k, v in self._threads.items() if v.locked()}

    async def _later(self, work: Work, job: Job, why: str) -> None:
        """Puts the job back for a while that grows, so that others come first; what is tried in vain for a day is a dead letter."""
        if time.time() - float(job.since) > TOO_OLD.total_seconds():
            log.error("given up", extra={"event": "given_up", "kind": job.what})
            await asyncio.to_thread(lambda: self._live.state.finish(work.id, failed=True, why=why, attempts=work.attempts))
            return
        rest = wait_after(work.attempts)
        await asyncio.to_thread(lambda: self._live.state.give_up(work.id, wait=rest, why=why, attempts=work.attempts))

    async def _keep_alive(self, work: Work) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            with contextlib.suppress(RapportError):
                await asyncio.to_thread(self._live.state.renew, work.id, work.attempts)

    async def _answered(self, job: Job, work: Work) -> bool:
        """Whether the answer (or the reason why there is none) is in Slack."""
        try:
            client = await self._clients.of(job.team, job.enterprise)
        except NotInstalled:
            return False
        bot = (await self._clients.authorize(job.enterprise, job.team)).bot_user_id

        async def mine() -> bool:
            return await asyncio.to_thread(self._live.state.renew, work.id, work.attempts)

        began = time.perf_counter()
        if job.conversation:
            job = replace(
                job, conversation=await asyncio.to_thread(self._live.state.kept, THREADS, job.conversation) or job.conversation
            )
        elif job.what in ("ask", "claim"):
            job = replace(job, conversation=f"slack:{job.key}")
        try:
            where, message, streamed = await self._made(client, job, bot, work.attempts)
            place = Place(where.channel, where.thread, job.since)
            if streamed is not None and await streamed.ended(message, job.key):
                sent: str | None = streamed.ts
            else:
                sent = await self._sent(client, place, job, message, work.attempts > 1, mine)
        except Gone:
            return False
        if sent is not None:
            if place.thread is None and job.conversation:  # a thread that begins below it goes on from here
                below = f"slack:{job.team}:{place.channel}:{sent}"
                await asyncio.to_thread(lambda: self._live.state.keep(THREADS, below, job.conversation, within=THREADS_LIVE))
            if await asyncio.to_thread(lambda: self._live.state.keep_first(FILES, job.key, 1, within=TOO_OLD * 2)):
                await nicely(attach(client, Place(place.channel, place.thread or sent, job.since), message))
            self._answered_job(job.what, time.perf_counter() - began)
        return True

    async def _sent(
        self, client: AsyncWebClient, place: Place, job: Job, message: Message, doubt: bool, mine: Any
    ) -> str | None:
        try:
            return await send_once(client, place, job.key, message, doubt=doubt, still_mine=mine)
        except NoPlace as err:
            if err.why == "thread_not_found" and place.thread:
                return await send_once(client, replace(place, thread=None), job.key, message, doubt=doubt, still_mine=mine)
            note = blocks.words(f"I may not write where you asked (Slack says `{err.why}`), so here it is.")
            private = replace(message, blocks=(*note.blocks, *message.blocks), plainer=(*note.plainer, *message.plainer))
            there = Place(await direct(client, job.user), None, job.since)
            try:
                return await send_once(client, there, job.key, private, doubt=doubt, still_mine=mine)
            except NoPlace as also:
                log.error("no place", extra={"event": "no_place", "code": also.why})
                return None

    async def _made(
        self, client: AsyncWebClient, job: Job, bot: str | None, attempts: int
    ) -> tuple[Job, Message, Progress | None]:
        """Where the answer goes and what it is. Made once: after a crash the same answer is sent. What fails on every
        attempt for a reason of ours ends in a sentence that says so."""
        scope = await patient(lambda: self._people.scope(client, job.team, job.user))
        if scope is None:
            return (await self._privately(client, job) if job.private else job), blocks.words(UNKNOWN), None
        await asyncio.to_thread(self._people.came_in, job.team, job.user, scope)
        least, readers = None, job.origin if job.private else job.channel
        if readers and not readers.startswith("D") and job.what != "claim":
            try:
                least = await patient(lambda: self._people.least(client, job.team, readers, bot))
            except SlackApiError:  # who reads there cannot be told
                least = NOBODY
        begun = await asyncio.to_thread(self._live.state.kept, STREAMS, job.key)
        progress = Progress(client, job, begun, lambda ts: self._live.state.keep(STREAMS, job.key, ts, within=TOO_OLD * 2))
        try:
            made = await progress.around(lambda step: self._kept(job, scope, least, step))
            answers.message(made, job)  # what cannot be shown is no answer
        except Exception as err:  # a fault of ours, of any kind
            if attempts < ATTEMPTS:
                raise
            made = _broken(err, public=least is None)
        where = (
            job
            if made.public and not job.private
            else await self._privately(client, job, shared=made.public and job.what == "ask")
        )
        if not made.public and not job.private:
            await politely(
                client.chat_postEphemeral(
                    channel=job.channel,
                    user=job.user,
                    thread_ts=job.thread,
                    text="Not everybody here may see that, so I answered in our direct messages.",
                )
            )
        message = answers.message(made, where)
        return where, await nicely(drawn(client, message)) or message, progress if where is job else None

    def _kept(self, job: Job, scope: Any, least: Any, step: Any) -> answers.Made:
        before = self._live.state.kept(ANSWERS, job.key)
        if before is not None:
            return answers.Made(**before)
        made = answers.make(self._live, job, scope, least, step)
        self._live.state.keep(ANSWERS, job.key, made.as_dict(), within=TOO_OLD * 2)
        return made

    async def _privately(self, client: AsyncWebClient, job: Job, *, shared: bool = False) -> Job:
        """The same job, answered between us and the asker; with a button to share it where everybody there may see it."""
        if job.channel.startswith("D"):
            return job
        origin = (job.origin or job.channel) if shared else ""
        return replace(job, channel=await direct(client, job.user), thread=None, origin=origin)


def place_of(job: Job) -> str:
    """Where jobs are answered one after another: their thread."""
    return f"{job.team}:{job.channel or job.user}:{job.thread}"


def wait_after(attempts: int) -> timedelta:
    """How long a job rests that was tried so often: five seconds, then twice as long each time."""
    return min(LONGEST_WAIT, FIRST_WAIT * int(2 ** min(attempts - 1, 20)))


async def nicely(nicety: Awaitable[T]) -> T | None:
    """Something that comes with an answer and never costs it, whatever goes wrong."""
    try:
        return await nicety
    except Exception as err:
        log.error("nicety", extra={"event": "nicety", "code": type(err).__name__}, exc_info=err)
        return None


def _broken(err: Exception, *, public: bool) -> answers.Made:
    reference = uuid.uuid4().hex[:8]
    log.error("no answer", extra={"event": "no_answer", "code": "internal", "reference": reference}, exc_info=err)
    said = (
        answers.in_words(err) if isinstance(err, Unavailable) else "Something went wrong in Rapport, so I cannot answer this."
    )
    return answers.Made(public, words=f"{said.strip()} (Reference {reference}.)")
