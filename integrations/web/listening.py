"""How we listen: connections that send no request are closed, so that holding them open costs nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from socket import socket
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_WITHIN, KEPT_ALIVE = 10.0, 15
MOST_CONNECTIONS, LONGEST_HEAD = 1000, 64 * 1024


class Impatient(H11Protocol):
    """A connection whose first request's head is not there in time is closed."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._giving_up = asyncio.get_running_loop().call_later(HEADERS_WITHIN, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._giving_up.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


def config(app: ASGIApp, host: str, port: int, **more: Any) -> Config:
    """What a server of this app runs with."""
    return Config(
        app, host=host, port=port, http=Impatient, ws="none", timeout_keep_alive=KEPT_ALIVE, limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=LONGEST_HEAD, access_log=False, server_header=False, **{"log_level": "warning", **more},
    )  # fmt: skip


class Announced(Server):
    """A server that says at which port it listens, once it does."""

    def __init__(self, config: Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.servers:
            port = self.servers[0].sockets[0].getsockname()[1]
            await asyncio.to_thread(self._ready, port)


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[int], None] = lambda _: None) -> None:
    """Serves until it is stopped; `ready` hears the port once it listens."""
    Announced(config(app, host, port), ready).run()
