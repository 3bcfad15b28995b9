"""Tokens of workspaces are sealed on the disk, and the state is its owner's alone."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store import Bot

from integrations.slack.config import from_environment
from integrations.slack.installs import Installs
from knowledge.errors import Unavailable
from knowledge.state import open_state
from knowledge.state.sealed import KEY


def bot() -> Bot:
    return Bot(
        bot_token="xoxb-very-secret",
        bot_refresh_token="xoxe-secret-too",
        bot_id="B1",
        bot_user_id="U1",
        team_id="T1",
        bot_scopes=[],
        installed_at=time.time(),
    )


def test_a_workspaces_tokens_are_sealed_and_the_file_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "a key for this test, long enough")
    state = open_state(tmp_path)
    installs = Installs(state)
    asyncio.run(installs.async_save_bot(bot()))
    found = asyncio.run(installs.async_find_bot(enterprise_id=None, team_id="T1"))
    assert found is not None
    assert (found.bot_token, found.bot_refresh_token) == ("xoxb-very-secret", "xoxe-secret-too")
    state.close()
    raw = b"".join(p.read_bytes() for p in tmp_path.glob("state.db*"))
    assert b"very-secret" not in raw
    assert b"secret-too" not in raw
    assert all(p.stat().st_mode & 0o077 == 0 for p in tmp_path.glob("state.db*"))


def test_another_key_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "a key for this test, long enough")
    installs = Installs(open_state(tmp_path))
    asyncio.run(installs.async_save_bot(bot()))
    monkeypatch.setenv(KEY, "another key, also long enough")
    with pytest.raises(Unavailable):
        asyncio.run(installs.async_find_bot(enterprise_id=None, team_id="T1"))


def test_many_workspaces_need_a_key() -> None:
    env = {"SLACK_CLIENT_ID": "c", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "x"}
    with pytest.raises(Unavailable):
        from_environment(env)
    assert from_environment({**env, KEY: "a key for this test, long enough"}) is not None
