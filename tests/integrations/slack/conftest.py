"""The Slack door over a real small company, joined to a Slack of our own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from integrations.live import Live
from integrations.slack.app import SlackDoor
from integrations.slack.config import Config
from tests.integrations.serving import copied, listening
from tests.integrations.slack.fake import BOT, SECRET, TOKEN, FakeSlack

JSON = dict[str, Any]
CHANNEL = "C0SERVICE1"
os.environ.setdefault("RAPPORT_SECRET_KEY", "a key for tests only, of some length")


@dataclass
class Joined:
    """The door at `url`, and what a scenario does with it."""

    fake: FakeSlack
    live: Live
    url: str
    ids: list[str]

    def send(self, *payloads: JSON, retry: int = 0) -> list[tuple[int, float, str]]:
        async def run() -> list[tuple[int, float, str]]:
            async with aiohttp.ClientSession() as session:
                return [await self.fake.send(session, self.url, p, retry=retry) for p in payloads]

        return asyncio.run(run())

    def until(self, found: Callable[[], Any], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while not (value := found()):
            assert time.monotonic() < end, f"never happened; refused: {self.fake.refused[-5:]}"
            time.sleep(0.02)
        return value

    def asks(self, channel: str, user: str, text: str, thread: str | None = None) -> JSON:
        """Somebody asks; gives the one answer."""
        before = {m["ts"] for m in self.fake.answers()}
        status, _, _ = self.send(self.fake.says(channel, user, text, thread))[0]
        assert status == 200
        return self.new_answer(before)

    def new_answer(self, before: set[str]) -> JSON:
        found = self.until(lambda: [m for m in self.fake.answers() if m["ts"] not in before])
        self.settled()
        found = [m for m in self.fake.answers() if m["ts"] not in before]
        assert len(found) == 1, [m["text"] for m in found]
        return dict(found[0])

    def settled(self) -> None:
        self.until(lambda: self.live.state.pending("slack") == 0)

    def press(self, user: str, channel: str, message: JSON, action_id: str) -> None:
        action = next(
            e for b in message["blocks"] for e in b.get("elements", []) if str(e.get("action_id", "")).startswith(action_id)
        )
        if action["type"] == "feedback_buttons":
            action = {
                "type": "feedback_buttons",
                "action_id": action["action_id"],
                "value": action["negative_button" if action_id == "opinion" else "positive_button"]["value"],
            }
        if action["type"] == "static_select":
            action = {"type": "static_select", "action_id": action["action_id"], "selected_option": action["options"][0]}
        assert self.send(self.fake.pressed(user, channel, message, action))[0][0] == 200


@contextlib.contextmanager
def joined(home: Path, config: Config | None = None) -> Iterator[Joined]:
    """Ann is admin, Max a manager, Rita a rep of two customers, Rob of one of them, Tom of another; all by e-mail but Rob (by Slack id)."""
    with FakeSlack() as fake:
        live = Live(home)
        with live.reading(live.home.scope(None)) as reader:
            ids = sorted(reader.frame("orders")["customer_id"].unique())
        people = {
            "Ann": ("admin", "all"),
            "Max": ("manager", "all"),
            "Rita": ("rep", f"{ids[0]},{ids[1]}"),
            "Rob": ("rep", ids[0]),
            "Tom": ("rep", ids[2]),
        }
        for name, (role, accounts) in people.items():
            slack_id = f"U0{name.upper()}"
            live.state.add_user(
                name, role, accounts=accounts, email=f"{name.lower()}@firm.example", slack=slack_id if name == "Rob" else None
            )
            fake.person(slack_id, f"{name.lower()}@firm.example")
        fake.person("U0NOBODY", "stranger@elsewhere.example")
        fake.person("U0GUEST", "ann@firm.example", is_restricted=True)
        fake.channels[CHANNEL].members = ["U0ANN", "U0MAX", BOT]
        given = config or Config(bot_token=TOKEN, signing_secret=SECRET)
        door = SlackDoor(live, Config(**{**given.__dict__, "api_url": fake.url}))
        app = Starlette(routes=[Mount("/slack", door.routes)], lifespan=lambda _: door.running())
        with listening(app) as url:
            yield Joined(fake, live, f"{url}/slack/events", ids)
        live.close()


@pytest.fixture(scope="session")
def slack_of_session(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    with joined(copied(company, tmp_path_factory.mktemp("slack"))) as up:
        yield up


@pytest.fixture
def slack(slack_of_session: Joined) -> Joined:
    """The session's Slack; nobody is sent anything yet and nothing was refused, whichever tests ran before."""
    for subscription in slack_of_session.live.state.subscriptions():
        slack_of_session.live.state.unsubscribe(subscription.id, subscription.principal)
    slack_of_session.settled()
    slack_of_session.fake.refused.clear()
    return slack_of_session
