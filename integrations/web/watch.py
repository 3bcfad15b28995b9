"""Health, readiness and measures; one log line, one count and one span a request."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.intake import KIND
from integrations.telemetry import Meters, Tracer
from integrations.web.context import Served
from knowledge import snapshot
from knowledge.errors import RapportError

log = logging.getLogger("rapport.web")
router = APIRouter(tags=["watch"])
SAFE = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
}
KINDS = (KIND, "slack")


@router.get("/healthz", response_model=dict[str, str])
async def healthz() -> Any:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz", response_model=dict[str, Any], responses={503: {"description": "It cannot answer yet; says why."}})
def readyz(live: Served, response: Response) -> Any:
    """It can answer: there is a snapshot, and the state answers."""
    wrong = {}
    for part, check in (("snapshot", lambda: snapshot.current(live.folder)), ("state", lambda: live.state.pending(KIND))):
        try:
            check()
        except RapportError as err:
            wrong[part] = err.message
    response.status_code = 503 if wrong else 200
    return {"status": "not ready", "wrong": wrong} if wrong else {"status": "ready"}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request, live: Served) -> Response:
    """Prometheus."""
    meters: Meters = request.app.state.meters
    for kind in KINDS:
        meters.pending.labels(kind).set(live.state.pending(kind))
    try:
        published = snapshot.current(live.folder)
    except RapportError:
        pass
    else:
        meters.data_age.set((datetime.now(UTC) - published.as_of).total_seconds())
        meters.built_age.set((datetime.now(UTC) - published.built_at).total_seconds())
    return Response(meters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


class Watched:
    """Around the whole app: a request id, safe headers, a log line without personal data, counts and a span."""

    def __init__(self, app: ASGIApp, meters: Meters, tracer: Tracer) -> None:
        self._app, self._meters, self._tracer = app, meters, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, request_id, status = time.perf_counter(), uuid.uuid4().hex[:16], 500
        scope.setdefault("state", {})["request_id"] = request_id

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                named = {k.lower() for k, _ in message["headers"]}
                more = [(k, v) for k, v in SAFE.items() if k not in named]
                message["headers"] = [*message["headers"], *more, (b"x-request-id", request_id.encode())]
            await send(message)

        with self._tracer.span(f"HTTP {scope['method']}", **{"http.request.method": scope["method"]}) as span:
            try:
                await self._app(scope, receive, sending)
            finally:
                route = getattr(scope.get("route"), "path", None) or "(other)"
                took = time.perf_counter() - began
                method = (
                    scope["method"]
                    if scope["method"] in ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS")
                    else "other"
                )
                self._meters.requests.labels(method, route, status).inc()
                self._meters.seconds.labels(method, route).observe(took)
                if span is not None:
                    span.set_attribute("http.route", route)
                    span.set_attribute("http.response.status_code", status)
                role = scope["state"].get("role")
                about = {"event": "request", "request_id": request_id, "method": method, "route": route, "status": status}
                log.info("request", extra={**about, "ms": round(took * 1000, 1), "role": role})
