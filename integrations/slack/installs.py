"""Workspaces that Rapport is installed in, and a Web API client for each; tokens that expire are changed in time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.config import Config
from knowledge.state import State
from knowledge.state.sealed import opened, seal

log = logging.getLogger("rapport.slack")
SPACE, STATES = "slack-install", "slack-oauth"
MINUTES_BEFORE = 30
TIMEOUT = 15
SECRETS = ("bot_token", "bot_refresh_token")


class NotInstalled(Exception):
    """The workspace has removed Rapport, or never had it."""


class Installs(AsyncInstallationStore):
    """Bot installations, kept in the workspace's state."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        kept = {k: v for k, v in bot.to_dict().items() if k != "installed_at" and v is not None}
        kept["bot_token_expires_at"] = bot.bot_token_expires_at
        kept |= {name: seal(kept[name]) for name in SECRETS if kept.get(name)}
        await asyncio.to_thread(self._state.keep, SPACE, _key(bot.enterprise_id, bot.team_id, bot.is_enterprise_install), kept)

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        keys = [
            _key(enterprise_id, team_id, is_enterprise_install),
            *([_key(enterprise_id, None, True)] if enterprise_id else []),
        ]
        for key in keys:
            kept: dict[str, Any] | None = await asyncio.to_thread(self._state.kept, SPACE, key)
            if kept is not None:
                kept |= {name: opened(kept[name]) for name in SECRETS if kept.get(name)}
                return Bot(installed_at=0.0, **{k: v for k, v in kept.items() if k != "bot_token_expires_in"})
        return None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        for key in {_key(enterprise_id, team_id, False), *([_key(enterprise_id, None, True)] if not team_id else [])}:
            await asyncio.to_thread(self._state.forget, SPACE, key)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Only the bot is kept, and it stays when a person who installed it leaves."""

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)


class OAuthStates(AsyncOAuthStateStore):
    """One-time values that tie an installation to the browser that began it."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *_: Any, **__: Any) -> str:
        import secrets

        made = secrets.token_urlsafe(24)
        await asyncio.to_thread(lambda: self._state.keep(STATES, made, 1, within=timedelta(minutes=10)))
        return made

    async def async_consume(self, state: str) -> bool:
        return await asyncio.to_thread(self._state.take, STATES, state) is not None


class Clients:
    """Web API clients by workspace. Calls that hit the rate limit are made again; nothing else is, since it might be there already."""

    def __init__(self, config: Config, installs: Installs) -> None:
        self.config, self.installs = config, installs
        self._single: AuthorizeResult | None = None
        self._lock = asyncio.Lock()

    def client(self, token: str | None) -> AsyncWebClient:
        return AsyncWebClient(
            logger=log,
            token=token,
            base_url=self.config.api_url,
            timeout=TIMEOUT,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=5)],
        )

    async def of(self, team: str | None, enterprise: str | None = None) -> AsyncWebClient:
        """Fails: NotInstalled."""
        return self.client((await self.authorize(enterprise, team)).bot_token)

    async def authorize(self, enterprise_id: str | None, team_id: str | None, user_id: str | None = None) -> AuthorizeResult:
        """Who we are in that workspace; asks Slack once (single workspace) or never (installations), so that it is quick."""
        if not self.config.many:
            async with self._lock:
                if self._single is None:
                    about = await self.client(self.config.bot_token).auth_test()
                    self._single = AuthorizeResult(
                        enterprise_id=about.get("enterprise_id"), team_id=about["team_id"], bot_user_id=about["user_id"],
                        bot_id=about.get("bot_id"), bot_token=self.config.bot_token,
                    )  # fmt: skip
            return self._single
        bot = await self.installs.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
        if bot is None:
            raise NotInstalled(team_id)
        bot = await self._rotated(bot)
        return AuthorizeResult(
            enterprise_id=bot.enterprise_id, team_id=bot.team_id or team_id, bot_user_id=bot.bot_user_id, bot_id=bot.bot_id,
            bot_token=bot.bot_token, user_id=user_id,
        )  # fmt: skip

    async def _rotated(self, bot: Bot) -> Bot:
        rotator = AsyncTokenRotator(
            client_id=self.config.client_id, client_secret=self.config.client_secret, client=self.client(None)
        )
        if bot.bot_token_expires_at is None or not bot.bot_refresh_token:
            return bot
        async with self._lock:
            latest = await self.installs.async_find_bot(
                enterprise_id=bot.enterprise_id, team_id=bot.team_id, is_enterprise_install=bot.is_enterprise_install
            )
            if latest is None:
                raise NotInstalled(bot.team_id)
            try:
                changed = await rotator.perform_bot_token_rotation(bot=latest, minutes_before_expiration=MINUTES_BEFORE)
            except (SlackClientError, aiohttp.ClientError, TimeoutError, ConnectionError) as err:
                log.error("token rotation", extra={"event": "rotation", "code": type(err).__name__})
                return latest
            if changed is None:
                return latest
            await self.installs.async_save_bot(changed)
            return changed


def _key(enterprise: str | None, team: str | None, whole: bool | None) -> str:
    return f"{enterprise or '-'}:{'-' if whole else team or '-'}"
