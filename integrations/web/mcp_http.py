"""MCP over streamable HTTP inside the web app: the same bearer tokens, rights computed for every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context
from starlette.datastructures import Headers
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from integrations import mcp_server
from integrations.live import Live
from integrations.web.context import Logins, Rate
from integrations.web.problems import of_error
from knowledge.access import Scope
from knowledge.errors import NotAllowed, RapportError
from knowledge.state import User


class McpDoor:
    """An ASGI app that belongs at /mcp; `running()` as long as the web app does."""

    def __init__(self, live: Live, rate: Rate, logins: Logins) -> None:
        self._live, self._rate, self._logins = live, rate, logins
        self._server = mcp_server.server(live, self._rights)
        self._inner = self._server.streamable_http_app(
            streamable_http_path="/", json_response=True, stateless_http=True, host="0.0.0.0"
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._server.session_manager.run():
            yield

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        address = (connection.get("client") or ("",))[0]
        try:
            try:
                user = self._user(Headers(scope=connection).get("authorization", ""))
            except NotAllowed:
                self._rate.take(f"address:{address}")
                raise
            self._rate.take(f"user:{user.name}")
            self._logins.seen(user, "mcp", address)
        except RapportError as err:
            await of_error(err)(connection, receive, send)
            return
        await self._inner({**connection, "path": "/", "raw_path": b"/", "root_path": ""}, receive, send)

    def _user(self, header: str) -> User:
        scheme, _, token = header.partition(" ")
        user = self._live.state.user_of_token(token.strip()) if scheme.lower() == "bearer" and token else None
        if user is None:
            raise NotAllowed("A bearer token is needed.", "Make one with `rapport user token NAME`.", code="no_token")
        return user

    def _rights(self, ctx: Context[Any, Any]) -> Scope:
        return self._live.scope(self._user((ctx.headers or {}).get("authorization", "")))
