"""Ways of being joined to Slack: Socket Mode over a WebSocket; many workspaces by OAuth, tokens that change, and being removed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.codes import new_code
from integrations.slack.config import Config
from tests.integrations.serving import copied
from tests.integrations.slack.conftest import Joined, joined
from tests.integrations.slack.fake import APP_TOKEN, BOT, SECRET, TOKEN

JSON = dict[str, Any]
SECOND = "T0SECOND01"


@pytest.fixture(scope="module")
def socket(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    with joined(copied(company, tmp_path_factory.mktemp("socket")), Config(bot_token=TOKEN, app_token=APP_TOKEN)) as up:
        yield up


def told(door: Joined, payload: JSON) -> JSON:
    """Delivers over the WebSocket; gives the one answer."""
    before = {m["ts"] for m in door.fake.answers()}
    asyncio.run(door.fake.send_socket(payload))
    return door.new_answer(before)


def test_over_a_websocket_questions_commands_and_buttons_are_answered(socket: Joined) -> None:
    said = told(socket, socket.fake.says("D0ANN", "U0ANN", "acme revenue"))
    choice = next(e for b in said["blocks"] for e in b.get("elements", []) if e["action_id"] == "choose_0")
    assert "revenue" in told(socket, socket.fake.pressed("U0ANN", "D0ANN", said, choice))["text"].lower()
    assert "orders" in told(socket, socket.fake.command("U0ANN", "C0SERVICE1", "ask orders in 2026"))["text"]


def test_a_websocket_that_is_closed_is_opened_again(socket: Joined) -> None:
    told(socket, socket.fake.says("D0ANN", "U0ANN", "orders in 2026"))
    gone = socket.fake._sockets[-1]
    asyncio.run_coroutine_threadsafe(gone.close(), socket.fake._loop).result(5)
    socket.until(lambda: socket.fake._sockets and socket.fake._sockets[-1] is not gone)
    assert "orders" in told(socket, socket.fake.says("D0ANN", "U0ANN", "orders in 2026"))["text"]


@pytest.fixture(scope="module")
def many(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    config = Config(client_id="client", client_secret="client-secret", signing_secret=SECRET)
    with joined(copied(company, tmp_path_factory.mktemp("many")), config) as up:
        yield up


def installed(door: Joined) -> None:
    """Goes the way of somebody who installs it in a browser."""
    base = door.url.removesuffix("/events")
    with httpx.Client() as browser:
        begun = browser.get(f"{base}/install")
        state = re.search(r"state=([\w-]+)", begun.text)
        assert state is not None
        assert "chat:write" in begun.text
        cookie = {
            "Cookie": begun.headers["set-cookie"].split(";")[0]
        }  # it is `Secure`: over plain HTTP nothing sends it by itself
        forged = browser.get(f"{base}/oauth_redirect", params={"code": "c", "state": "forged"})
        assert forged.status_code >= 400
        done = browser.get(f"{base}/oauth_redirect", params={"code": "c", "state": state[1]}, headers=cookie)
        assert done.status_code == 200, done.text
        again = browser.get(f"{base}/oauth_redirect", params={"code": "c", "state": state[1]}, headers=cookie)
        assert again.status_code >= 400  # a state is good once


def second(door: Joined, payload: JSON) -> JSON:
    """The same event, of the second workspace."""
    return {**payload, "team_id": SECOND, "authorizations": [{"team_id": SECOND, "user_id": BOT, "is_bot": True}]}


def kept(door: Joined) -> JSON:
    found: JSON = door.live.state.all_kept("slack-install")
    return dict(next(iter(found.values()), {}))


def asked(door: Joined, text: str) -> JSON:
    before = {m["ts"] for m in door.fake.answers()}
    assert door.send(second(door, door.fake.says("D0EVA", "U0EVA", text)))[0][0] == 200
    return door.new_answer(before)


def test_a_workspace_installs_it_links_itself_changes_its_token_and_removes_it(many: Joined) -> None:
    installed(many)
    assert kept(many)["team_id"] == SECOND
    many.fake.person("U0EVA", "ann@firm.example", team_id=SECOND)
    assert "I do not know you yet" in asked(many, "orders in 2026")["text"]  # an address of another workspace proves nothing
    many.live.state.add_user("Eva", "manager", accounts="all")
    linked = many.fake.command("U0EVA", "D0EVA", f"link {new_code(many.live.state, 'Eva')}") | {"team_id": SECOND}
    assert "Hello Eva" in many.send(linked)[0][2]
    assert "orders" in asked(many, "orders in 2026")["text"]

    (key,) = many.live.state.all_kept("slack-install")
    old = kept(many)
    many.live.state.keep("slack-install", key, {**old, "bot_token_expires_at": int(time.time()) + 60})
    assert "orders" in asked(many, "orders in 2026")["text"]
    new = kept(many)
    assert new["bot_token"] != old["bot_token"]
    assert new["bot_token_expires_at"] > time.time() + 3600
    refreshed = [
        given for method, given in many.fake.calls if method == "oauth.v2.access" and given.get("grant_type") == "refresh_token"
    ]
    assert old["bot_refresh_token"].startswith("sealed:")  # as it is kept; Slack is told what it gave
    assert [g["refresh_token"] for g in refreshed] == ["xoxe-1"]

    many.send(second(many, many.fake.wrapped({"type": "app_uninstalled", "event_ts": many.fake.stamp()})))
    many.until(lambda: not many.live.state.all_kept("slack-install"))
    count = len(many.fake.answers())
    many.send(second(many, many.fake.says("D0EVA", "U0EVA", "orders in 2026")))
    many.settled()
    assert len(many.fake.answers()) == count
