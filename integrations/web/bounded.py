"""What a caller may cost before it is known who calls: bytes of a body, seconds to send it, and who may send much at all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.web.cookies import COOKIE
from integrations.web.problems import of_error, problem
from knowledge.errors import NotAllowed

KB, MB = 1000, 1_000_000
MOST: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"/api/v1/(imports|uploads)$"), 210 * MB),
    (re.compile(r"/api/v1/feedback(/batch)?$"), 20 * MB),
    (re.compile(r"/api/v1/feedback/webhook$"), 5 * MB),
    (re.compile(r"/slack/"), 2 * MB),
    (re.compile(r"/mcp$"), 1 * MB),
)
OTHERS, OPEN = 256 * KB, 64 * KB
"""Bytes of any other body; bytes that are read of somebody who has not shown a token."""
PART, WHOLE = 10.0, 120.0
"""Seconds for the next part of a body, and for all of it."""
SIGNED = re.compile(r"/api/v1/feedback/webhook$|/slack/")  # they prove themselves by a signature over the body


class TooLarge(HTTPException):
    """The body is larger than it may be."""

    def __init__(self, most: int) -> None:
        super().__init__(413, f"The body is too large: send at most {most // MB or most / MB} MB.")


class TooSlow(HTTPException):
    """The body does not come."""

    def __init__(self) -> None:
        super().__init__(408, "The body did not come in time.")


class Bounded:
    """Around the whole app. `known` tells whether a bearer token is somebody's, `entered` whether a session's cookie is."""

    def __init__(self, app: ASGIApp, known: Callable[[str], bool], entered: Callable[[str], bool]) -> None:
        self._app, self._known, self._entered = app, known, entered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), str(scope["path"])
        most = next((n for pattern, n in MOST if pattern.search(path)), OTHERS)
        told = headers.get("content-length", "")
        size = int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None
        if not SIGNED.search(path) and (size is None or size > OPEN) and not await self._let_in(headers):
            most = min(most, OPEN)
            if size is not None:
                err = NotAllowed("A bearer token is needed.", "Make one with `rapport user token NAME`.", code="no_token")
                await _refuse(of_error(err), scope, receive, send)
                return
        if size is not None and size > most:
            await _refuse(problem(413, "too_large", str(TooLarge(most).detail)), scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, _counted(receive, most), sending)
        except (TooLarge, TooSlow) as err:
            if begun:
                raise
            code = "too_large" if isinstance(err, TooLarge) else "too_slow"
            await _refuse(problem(err.status_code, code, str(err.detail)), scope, receive, send)

    async def _let_in(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        if not token and cookie:
            return await asyncio.to_thread(self._entered, cookie)
        return scheme.lower() == "bearer" and bool(token) and await asyncio.to_thread(self._known, token.strip())


def _counted(receive: Receive, most: int) -> Receive:
    """The same body, which fails where it is too large or too slow."""
    seen, done = 0, False
    end = asyncio.get_running_loop().time() + WHOLE

    async def counting() -> Message:
        nonlocal seen, done
        if done:
            return await receive()  # only whether the caller is still there
        left = end - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(receive(), max(0.01, min(PART, left)))
        except TimeoutError as err:
            raise TooSlow() from err
        seen += len(message.get("body", b""))
        done = message["type"] != "http.request" or not message.get("more_body", False)
        if seen > most:
            raise TooLarge(most)
        return message

    return counting


async def _refuse(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without reading the body, and closes."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    await response(scope, receive, closing)
