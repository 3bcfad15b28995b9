"""The web app, put together: REST, the page, health and measures; MCP and Slack where they are asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from integrations import intake
from integrations.alerts.post import Post
from integrations.connectors.sync import Syncing
from integrations.live import MOST_WAITING, Live
from integrations.page_jobs import Jobs
from integrations.prepared import Prepared
from integrations.telemetry import Meters, Tracer
from integrations.upkeep import Builds
from integrations.upkeep_panels import Ahead, build_if_quiet
from integrations.web import (
    ask,
    bodies,
    cookies,
    customers,
    data,
    feedback,
    home,
    oidc,
    pages,
    people,
    problems,
    session,
    themes,
    threads,
    uploads,
    voice,
    watch,
)  # fmt: skip
from integrations.web.bounded import Bounded
from integrations.web.context import Logins, Rate
from integrations.web.mcp_http import McpDoor

ABOUT = """Questions about customers, answered with figures that can be checked. Every call needs a bearer token
(`rapport user token NAME`) and sees what its person may see. Errors are problem+json with a stable `code`."""
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": bodies.Problem, "description": text, "content": {"application/problem+json": {}}}
    for code, text in {401: "No token, or one that is not known.", 403: "Not allowed.", 404: "Not found.", 409: "Ambiguous, or busy; try again.",
                       413: "Too large.", 422: "Cannot be processed.",
                       429: "Too many requests; `Retry-After` says when.", 503: "Unavailable."}.items()
}  # fmt: skip
TICK, SYNC, MINUTE = 1.0, 5.0, 60.0
SIGN_INS = 20  # tries to sign in a minute and address
THREADS = MOST_WAITING + 40  # those that wait for a desk leave some for what needs none
log = logging.getLogger("rapport.web")
Part = AbstractAsyncContextManager[None]


def create_app(
    live: Live,
    *,
    meters: Meters | None = None,
    mounts: Sequence[tuple[str, ASGIApp]] = (),
    parts: Sequence[Part] = (),
    panels: bool = False,
) -> FastAPI:
    """The app over a served workspace. `mounts` are other doors by path (Slack, MCP); `parts` run as long as the app does; with
    `panels` what takes long is made ahead in a process of its own."""
    measured, rate = meters or Meters(), Rate(live.settings.requests_per_minute)
    logins = Logins(live.state)
    mcp = McpDoor(live, rate, logins)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        async with AsyncExitStack() as stack:
            for part in (mcp.running(), *parts):
                await stack.enter_async_context(part)
            stopping = asyncio.Event()
            post = live.home.post()
            syncing = Syncing(live.folder, live.settings, live.state)
            ahead = app.state.ahead
            loops = [
                asyncio.create_task(
                    _again_and_again(stopping, TICK, lambda: intake.drain(live.folder, live.state, live.settings.zone))
                ),
                asyncio.create_task(_again_and_again(stopping, MINUTE, lambda: _posted(post))),
                asyncio.create_task(_again_and_again(stopping, SYNC, syncing.tick)),
                asyncio.create_task(
                    _again_and_again(stopping, SYNC, lambda: build_if_quiet(live, app.state.jobs, datetime.now(UTC)))
                ),
            ]
            if ahead is not None:
                loops.append(asyncio.create_task(_again_and_again(stopping, SYNC, ahead.tick)))
            try:
                yield
            finally:
                stopping.set()
                await asyncio.gather(*loops)
                app.state.prepared.close()
                if ahead is not None:
                    await asyncio.to_thread(ahead.close)

    app = FastAPI(title="Rapport", version="1", description=ABOUT, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.live, app.state.meters, app.state.builds = live, measured, Builds(live)
    app.state.rate, app.state.logins, app.state.entering = rate, logins, Rate(SIGN_INS)
    app.state.prepared, app.state.jobs = Prepared(), Jobs(live)
    app.state.ahead = Ahead(live, app.state.prepared) if panels else None
    problems.add_to(app)
    for module in (session, oidc, threads, ask, home, customers, themes, voice, feedback, uploads, data, people):
        app.include_router(module.router, responses=ERRORS)
    app.include_router(watch.router)
    app.router.routes.append(Route("/mcp", mcp))
    for path, other in mounts:
        app.mount(path, other)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    app.include_router(pages.router)
    app.add_middleware(
        Bounded,
        known=lambda token: live.state.user_of_token(token) is not None,
        entered=lambda key: cookies.session_of(live.state, key) is not None,
    )
    app.add_middleware(watch.Watched, meters=measured, tracer=Tracer())
    return app


def _posted(post: Post) -> None:
    """Makes what is due and delivers what is not for Slack."""
    now = datetime.now(UTC)
    post.run(now)
    post.deliver(now)


async def _again_and_again(stopping: asyncio.Event, seconds: float, do: Callable[[], object]) -> None:
    while not stopping.is_set():
        try:
            await asyncio.to_thread(do)
        except Exception as err:  # one failure must not end what runs as long as the app
            log.error("background", extra={"event": "background", "code": "internal"}, exc_info=err)
        try:
            await asyncio.wait_for(stopping.wait(), seconds)
        except TimeoutError:
            continue
