"""The Slack door, put together: listeners, worker, HTTP routes or Socket Mode, installation of many workspaces."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler, to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.live import Live
from integrations.slack.answering import Apart, Here, counted
from integrations.slack.config import Config
from integrations.slack.inbox import Inbox
from integrations.slack.installs import Clients, Installs, NotInstalled, OAuthStates
from integrations.slack.keeping import Keeping
from integrations.slack.payloads import Parts
from integrations.slack.people import People
from integrations.slack.storing import Storing
from integrations.slack.windows import Windows
from integrations.telemetry import Meters

log = logging.getLogger("rapport.slack")
MANIFEST = Path(__file__).parent / "manifest.yaml"
AGAIN = 5.0
MALFORMED = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    RecursionError,
)  # what reading a payload of another shape gives


PARTS = ("event", "user", "team", "channel", "container", "message")
TEXTS = (
    "id", "user_id", "team_id", "channel_id", "channel_type", "type", "subtype", "bot_id", "ts", "thread_ts", "message_ts", "event_ts", "text", "trigger_id",
    "enterprise_id", "callback_id", "action_id", "command", "tab",
)  # fmt: skip


class SlackDoor:
    """`routes` belongs under /slack of a web app; `running()` answers (`apart`: in a process of its own, joined to Slack as the
    environment says), and listens where Socket Mode is set."""

    def __init__(self, live: Live, config: Config, meters: Meters | None = None, *, apart: bool = False) -> None:
        self.config = config
        self.installs = Installs(live.state)
        self.clients = Clients(config, self.installs)
        self.people = People(live, self.clients)
        measured = meters or Meters()
        self.answering: Here | Apart = (
            Apart(live.folder, measured) if apart else Here(live, self.clients, self.people, counted(measured))
        )

        async def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> Any:
            try:
                return await self.clients.authorize(enterprise_id, team_id, user_id)
            except NotInstalled:
                return None

        self.bolt = AsyncApp(
            name="rapport",
            logger=log,
            signing_secret=config.signing_secret,
            client=self.clients.client(None),
            authorize=authorize,
            process_before_response=True,  # listeners store; only then is Slack told that all is well
            raise_error_for_unhandled_request=False,
        )
        self.bolt.middleware(_shaped)
        parts = Parts(live, self.clients, self.people, Storing(live.state, self.answering.wake).store)
        for listener in (Inbox(parts), Windows(parts), Keeping(parts)):
            listener.listen(self.bolt)
        self.bolt.error(_failed)
        self._oauth = self._flow(OAuthStates(live.state)) if config.many else None
        self.routes = Starlette(routes=self._routes())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self.answering.running():
            joining = asyncio.create_task(self._join())
            try:
                yield
            finally:
                joining.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await joining

    async def _join(self) -> None:
        """Learns who we are, and connects; tries again until Slack answers."""
        handler: Any = None
        try:
            while True:
                try:
                    if not self.config.many:
                        await self.clients.authorize(None, None)
                    if self.config.socket:
                        handler = AsyncSocketModeHandler(
                            self.bolt, self.config.app_token, web_client=self.clients.client(None), logger=log
                        )
                        await handler.connect_async()
                    log.info("joined", extra={"event": "joined", "kind": "socket" if self.config.socket else "http"})
                    await asyncio.Event().wait()
                except Exception as err:  # whatever keeps us from joining: told, and tried again
                    log.error("joining", extra={"event": "joining", "code": type(err).__name__})
                    if handler is not None:
                        await handler.close_async()
                        handler = None
                    await asyncio.sleep(AGAIN)
        finally:
            if handler is not None:
                await handler.close_async()

    def _flow(self, states: OAuthStates) -> AsyncOAuthFlow:
        scopes = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]
        settings = AsyncOAuthSettings(
            client_id=self.config.client_id, client_secret=self.config.client_secret, scopes=scopes, installation_store=self.installs,
            installation_store_bot_only=True, state_store=states, logger=log,
        )  # fmt: skip
        return AsyncOAuthFlow(client=self.clients.client(None), logger=log, settings=settings)

    def _routes(self) -> list[Route]:
        handler = AsyncSlackRequestHandler(self.bolt)

        async def events(request: Request) -> Response:
            try:
                return await handler.handle(request)
            except MALFORMED as err:  # before a listener has it
                return to_starlette_response(await _failed(err))

        routes = [Route("/events", events, methods=["POST"])]
        flow = self._oauth
        if flow is not None:

            async def install(request: Request) -> Response:
                return to_starlette_response(await flow.handle_installation(to_async_bolt_request(request, b"")))

            async def callback(request: Request) -> Response:
                return to_starlette_response(await flow.handle_callback(to_async_bolt_request(request, b"")))

            routes += [Route("/install", install, methods=["GET"]), Route("/oauth_redirect", callback, methods=["GET"])]
        return routes


async def _shaped(body: dict[str, Any], next: Callable[[], Awaitable[Any]]) -> Any:
    """Names and texts are text, before anything looks somebody up by them."""
    parts = (body, *(body[k] for k in PARTS if isinstance(body.get(k), dict)))
    if any(not isinstance(part.get(k), str | None) for part in parts for k in TEXTS):
        raise ValueError("a name that is no text")
    return await next()


async def _failed(error: Exception) -> BoltResponse:
    """Slack is told what went wrong, and sends again what could not be stored."""
    if isinstance(error, MALFORMED):
        log.warning("malformed", extra={"event": "malformed", "code": type(error).__name__}, exc_info=error)
        return BoltResponse(status=400, body='{"error": "malformed"}', headers={"content-type": "application/json"})
    log.error("listener", extra={"event": "listener", "code": type(error).__name__}, exc_info=error)
    return BoltResponse(status=503, body='{"error": "unavailable"}', headers={"content-type": "application/json"})
