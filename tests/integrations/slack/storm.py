"""Everything at once that goes wrong in a bad week: repeats, disorder, refusals, answers lost on the way, the process killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from knowledge.state import open_state
from tests.integrations.slack.fake import BOT, SECRET, TOKEN, FakeSlack

ROOT = Path(__file__).resolve().parents[3]
QUESTIONS = (
    "orders in 2026",
    "revenue by region in 2026",
    "acme revenue",
    "hello",
    "what is the weather",
    "on-time delivery in 2026",
    "<@U0RAPPORT1> orders by month",
    "",
)
PLACES = ("C0OPEN", "C0MIXED", "D0ANN", "D0MAX")
BEFORE = ("429", "500", "internal_error")
AFTER = ("500_after", "hang_up_after")


@dataclass(frozen=True)
class Outcome:
    """What came of a storm: acknowledgement times in seconds, and answers by event (exactly one each is right)."""

    events: int
    answers: int
    doubles: int
    silences: int
    kills: int
    refused: Counter[str]
    acks: list[float]
    seconds: float


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Door:
    """`rapport slack` in a process of its own, which can be killed and started again."""

    def __init__(self, home: Path, fake: FakeSlack) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/slack/events"
        self._env = os.environ | {
            "RAPPORT_WORKSPACE": str(home), "RAPPORT_SLACK_API_URL": fake.url, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "RAPPORT_LOG": "CRITICAL",
        }  # fmt: skip
        self._env.pop("SLACK_APP_TOKEN", None)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-c", "from integrations.cli import main; main()", "slack", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self._env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def kill(self) -> None:
        """Door and worker at once, wherever they are."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_worker(self) -> None:
        """The process that answers, alone; the door starts another."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    async def up(self, session: aiohttp.ClientSession) -> None:
        for _ in range(1200):
            try:
                async with session.get(self.url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
        raise AssertionError("the door never opened")


def people(home: Path, fake: FakeSlack) -> None:
    """Ann and Max see all; Rob little; one is unknown. C0OPEN is Ann's and Max's, C0MIXED also Rob's."""
    state = open_state(home)
    for name, role, accounts in (("Ann", "admin", "all"), ("Max", "manager", "all"), ("Rob", "rep", "C-1001")):
        state.add_user(name, role, accounts=accounts, email=f"{name.lower()}@firm.example")
        fake.person(f"U0{name.upper()}", f"{name.lower()}@firm.example")
    state.close()
    fake.person("U0NOBODY", "stranger@elsewhere.example")
    fake.channels["C0OPEN"].members = ["U0ANN", "U0MAX", BOT]
    fake.channels["C0MIXED"].members = ["U0ANN", "U0MAX", "U0ROB", BOT]


async def storm(
    home: Path,
    fake: FakeSlack,
    *,
    events: int,
    kills: int,
    faults: float,
    at_once: int,
    repeats: int = 3,
    pace: float = 0.0,
    seed: int = 7,
) -> Outcome:
    """Sends events and breaks things until all is quiet; then counts. `pace`: seconds between two events of one sender, on average."""
    chance = random.Random(seed)
    fates = random.Random(seed + 1)

    def fault(method: str, _: dict[str, Any]) -> str | None:
        if method in ("auth.test", "apps.connections.open") or fates.random() > faults:
            return None
        return fates.choice((*BEFORE, *AFTER, *(("invalid_blocks",) if method == "chat.postMessage" else ())))

    fake.fault = fault
    began = time.perf_counter()
    before = {m["ts"] for m in fake.answers()}
    door = Door(home, fake)
    door.start()
    acks: list[float] = []
    made = [_event(fake, chance) for _ in range(events)]
    deliveries = [(n, e) for n, e in enumerate(made) for _ in range(repeats)]
    deliveries = _disordered(deliveries, chance, at_once)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once * 2)) as session:
        await door.up(session)
        waiting: asyncio.Queue[tuple[int, Any]] = asyncio.Queue()
        for delivery in deliveries:
            waiting.put_nowait(delivery)

        async def sender() -> None:
            while not waiting.empty():
                await asyncio.sleep(chance.uniform(0, 2 * pace))
                if waiting.empty():
                    return
                _, event = waiting.get_nowait()
                while True:
                    try:
                        status, took, _ = await fake.send(session, door.url, event)
                    except (aiohttp.ClientError, ConnectionError):
                        status = 0
                    if status == 200:
                        acks.append(took)
                        break
                    await asyncio.sleep(0.2)

        async def killer() -> int:
            done = 0
            while done < kills:
                await asyncio.sleep(chance.uniform(0.5, 2.5))
                done += 1
                if chance.random() < 0.3:
                    door.kill_worker()
                    continue
                await asyncio.to_thread(door.kill)
                door.start()
                await door.up(session)
            return done

        killing = asyncio.create_task(killer())
        await asyncio.gather(*(sender() for _ in range(at_once)))
        killed = await killing
        state = open_state(home)
        end = time.monotonic() + 240
        while state.pending("slack"):
            assert time.monotonic() < end, f"never quiet: {fake.refused[-3:]}"
            await asyncio.sleep(0.2)
        state.close()
    door.kill()
    keys = Counter(m["metadata"]["event_payload"]["key"] for m in fake.answers() if m["ts"] not in before)
    return Outcome(
        events, sum(keys.values()), sum(c - 1 for c in keys.values()), events - len(keys), killed, Counter(f"{m} {e}" for m, e, _ in fake.refused), acks,
        time.perf_counter() - began,
    )  # fmt: skip


def _event(fake: FakeSlack, chance: random.Random) -> dict[str, Any]:
    place = chance.choice(PLACES)
    user = f"U0{place[2:]}" if place.startswith("D") else chance.choice(("U0ANN", "U0MAX", "U0NOBODY"))
    text = chance.choice(QUESTIONS)
    return fake.says(place, user, text if place.startswith("D") else f"<@{BOT}> {text}")


def _disordered(deliveries: list[tuple[int, Any]], chance: random.Random, by: int) -> list[tuple[int, Any]]:
    places = [(n + chance.uniform(0, 3 * by), delivery) for n, delivery in enumerate(deliveries)]
    return [delivery for _, delivery in sorted(places, key=lambda p: p[0])]
