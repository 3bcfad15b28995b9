"""The web app, put together: REST, the page, health and measures; MCP and Slack where they are asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, RedirectResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from integrations import intake
from integrations.alerts.post import Post
from integrations.connectors.sync import Syncing
from integrations.live import Live
from integrations.telemetry import Meters, Tracer
from integrations.upkeep import Builds
from integrations.web import ask, bodies, customers, data, feedback, problems, themes, watch
from integrations.web.context import Rate
from integrations.web.mcp_http import McpDoor

STATIC = Path(__file__).parent / "static"
POLICY = "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
ABOUT = """Questions about customers, answered with figures that can be checked. Every call needs a bearer token
(`rapport user token NAME`) and sees what its person may see. Errors are problem+json with a stable `code`."""
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": bodies.Problem, "description": text, "content": {"application/problem+json": {}}}
    for code, text in {401: "No token, or one that is not known.", 403: "Not allowed.", 404: "Not found.", 409: "Ambiguous, or busy; try again.",
                       413: "Too large.", 422: "Cannot be processed.",
                       429: "Too many requests; `Retry-After` says when.", 503: "Unavailable."}.items()
}  # fmt: skip
TICK, SYNC, MINUTE = 1.0, 5.0, 60.0
log = logging.getLogger("rapport.web")
Part = AbstractAsyncContextManager[None]


def create_app(
    live: Live, *, meters: Meters | None = None, mounts: Sequence[tuple[str, ASGIApp]] = (), parts: Sequence[Part] = ()
) -> FastAPI:
    """The app over a served workspace. `mounts` are other doors by path (Slack, MCP); `parts` run as long as the app does."""
    measured, rate = meters or Meters(), Rate(live.settings.requests_per_minute)
    mcp = McpDoor(live, rate)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in (mcp.running(), *parts):
                await stack.enter_async_context(part)
            stopping = asyncio.Event()
            post = live.home.post()
            syncing = Syncing(live.folder, live.settings, live.state)
            loops = [
                asyncio.create_task(
                    _again_and_again(stopping, TICK, lambda: intake.drain(live.folder, live.state, live.settings.zone))
                ),
                asyncio.create_task(_again_and_again(stopping, MINUTE, lambda: _posted(post))),
                asyncio.create_task(_again_and_again(stopping, SYNC, syncing.tick)),
            ]
            try:
                yield
            finally:
                stopping.set()
                await asyncio.gather(*loops)

    app = FastAPI(title="Rapport", version="1", description=ABOUT, lifespan=lifespan, docs_url="/docs", redoc_url=None)
    app.state.live, app.state.meters, app.state.builds = live, measured, Builds(live)
    app.state.rate = rate
    problems.add_to(app)
    for module in (ask, customers, themes, feedback, data):
        app.include_router(module.router, responses=ERRORS)
    app.include_router(watch.router)
    app.router.routes.append(Route("/mcp", mcp))
    for path, other in mounts:
        app.mount(path, other)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> RedirectResponse:
        return RedirectResponse("/static/icon.svg")

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
