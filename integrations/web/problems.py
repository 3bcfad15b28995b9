"""Errors as problem+json (RFC 9457) with our codes: what the user or the data did wrong in words, the rest as a reference."""

from __future__ import annotations

import logging
import math
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from integrations.web.pages import not_found
from knowledge.errors import (
    Ambiguous,
    BadInput,
    BadQuestion,
    DataError,
    NoData,
    NotAllowed,
    Overloaded,
    RapportError,
    Stale,
    Unavailable,
    UnknownName,
    UserError,
)

log = logging.getLogger("rapport.web")
STATUS: tuple[tuple[type[RapportError], int], ...] = (
    (UnknownName, 404), (Ambiguous, 409), (NotAllowed, 403), (BadQuestion, 422), (BadInput, 422), (NoData, 404), (Stale, 409),
    (UserError, 400), (DataError, 422), (Unavailable, 503),
)  # fmt: skip
BY_CODE = {
    "no_token": 401,
    "bad_token": 401,
    "bad_link": 401,
    "bad_oidc": 401,
    "bad_password": 401,
    "too_many": 429,
    "busy": 409,
    "meanwhile": 409,
    "not_in_force": 409,
    "too_large": 413,
    "bad_signature": 401,
    "reused_key": 422,
}
TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not allowed", 408: "Too slow", 409: "Conflict",
    413: "Too large", 415: "Unsupported media type", 422: "Cannot be processed", 429: "Too many requests", 500: "Internal error", 503: "Unavailable",
}  # fmt: skip


def status_of(err: RapportError) -> int:
    return BY_CODE.get(err.code) or next((s for kind, s in STATUS if isinstance(err, kind)), 500)


def problem(
    status: int, code: str, detail: str, hint: str = "", headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """One problem as a response."""
    body = {
        "type": f"urn:rapport:error:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    body |= {k: v for k, v in {"hint": hint, **more}.items() if v}
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


def of_error(err: RapportError) -> JSONResponse:
    """A RapportError as a response; of those that are neither the user's nor the data's only a reference leaves."""
    status = status_of(err)
    wait = getattr(err, "wait", 5 if err.code == "busy" else None)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {"Retry-After": str(math.ceil(wait))} if wait else None
    if isinstance(err, UserError | DataError) or status < 500:
        nearest = [*getattr(err, "nearest", ()), *getattr(err, "choices", ())]
        return problem(status, err.code, err.message, err.hint, headers, nearest=nearest)
    if isinstance(err, Overloaded):
        return problem(status, err.code, err.message, err.hint, headers)
    reference = uuid.uuid4().hex[:8]
    log.error("unavailable", extra={"event": "error", "code": err.code, "reference": reference}, exc_info=err)
    if isinstance(err, Unavailable):
        return problem(status, err.code, err.message, err.hint, {"Retry-After": str(math.ceil(wait or 5))}, reference=reference)
    return problem(500, "internal", f"Something went wrong in Rapport (reference {reference}).", reference=reference)


def add_to(app: FastAPI) -> None:
    @app.exception_handler(RapportError)
    async def _known(_: Request, err: RapportError) -> JSONResponse:
        return of_error(err)

    @app.exception_handler(RequestValidationError)
    async def _malformed(_: Request, err: RequestValidationError) -> JSONResponse:
        first = err.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        code = "bad_json" if first["type"] == "json_invalid" else "bad_request"
        return problem(422, code, f"`{where}`: {first['msg']}.", "See /docs for what is expected.", where=where)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, err: HTTPException) -> Response:
        page = not_found(request) if err.status_code == 404 else None
        if page is not None:
            return page
        said = "There is nothing here." if err.status_code == 404 else str(err.detail)
        code = {404: "not_found", 405: "wrong_method", 408: "too_slow", 413: "too_large"}.get(err.status_code, "bad_request")
        if err.status_code == 405:
            said = f"{request.method} is not possible here."
        return problem(err.status_code, code, said, headers=dict(err.headers or {}))

    @app.exception_handler(Exception)
    async def _unknown(_: Request, err: Exception) -> JSONResponse:
        reference = uuid.uuid4().hex[:8]
        log.error("internal", extra={"event": "error", "code": "internal", "reference": reference}, exc_info=err)
        return problem(500, "internal", f"Something went wrong in Rapport (reference {reference}).", reference=reference)
