"""Feedback intake: one comment, many, or a webhook with a signature. Everything is stored first and loaded in the background."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from pydantic import ValidationError

from integrations import intake
from integrations.vouched import in_time, vouched
from integrations.web import bodies
from integrations.web.context import Caller, Rate, Served
from knowledge.access import Scope
from knowledge.errors import BadInput, BadQuestion, NotAllowed, UnknownName

router = APIRouter(prefix="/api/v1/feedback", tags=["feedback"])
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="Sending the same key again stores nothing."),
]
LATEST = 300
LARGEST = 5_000_000


@router.post("", status_code=202, response_model=bodies.Taken)
def one(body: bodies.Comment, live: Served, scope: Caller, key: Key = None) -> Any:
    """Takes one comment."""
    return _taken([body.model_dump(mode="json")], live, scope, key)


@router.post("/batch", status_code=202, response_model=bodies.Taken)
def many(body: bodies.Comments, live: Served, scope: Caller, key: Key = None) -> Any:
    """Takes up to 5,000 comments."""
    return _taken([c.model_dump(mode="json") for c in body.comments], live, scope, key)


def _taken(comments: list[dict[str, Any]], live: Served, scope: Scope, key: str | None) -> dict[str, Any]:
    in_time(comments, live.settings.zone)
    with live.reading(scope) as reader:
        mine, refused = vouched(comments, reader)
    return intake.accept(live.state, mine, scope.principal, event=_event(scope.principal, key), refused=refused)


@router.get("/intake/{work_id}", response_model=dict[str, Any])
def became(work_id: int, live: Served, scope: Caller) -> Any:
    """What became of stored comments: loaded, or kept out with the reason of each."""
    found = intake.outcome(live.state, work_id) if 0 < work_id < 2**31 else None
    if found is not None and (found["by"] == scope.principal or scope.kind == "admin"):
        return found
    raise UnknownName("Nothing of that id has been loaded.", "It is waiting, or was never stored here.", code="not_loaded")


async def _signed(request: Request) -> bytes:
    """The body, once its signature over `timestamp.body` holds. Fails: NotAllowed, UnknownName where no secret is set."""
    secret = os.environ.get("RAPPORT_WEBHOOK_SECRET", "")
    rate: Rate = request.app.state.rate
    rate.take(f"webhook:{request.client.host if request.client else ''}")
    if not secret:
        raise UnknownName("Webhooks are not set up here.", "Set RAPPORT_WEBHOOK_SECRET.", code="no_webhook")
    body = await request.body()
    if len(body) > LARGEST:
        raise BadInput("The body is too large.", "Send up to 5 MB at once.", code="too_large")
    stamp, given = request.headers.get("x-rapport-timestamp", ""), request.headers.get("x-rapport-signature", "")
    wanted = "sha256=" + hmac.new(secret.encode(), stamp.encode("latin-1", "replace") + b"." + body, hashlib.sha256).hexdigest()
    fresh = stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(time.time() - int(stamp)) <= LATEST
    if not fresh or not hmac.compare_digest(wanted.encode(), given.encode("latin-1", "replace")):
        raise NotAllowed(
            "The signature does not fit.",
            "Sign `timestamp.body` with the shared secret (HMAC-SHA256), within 5 minutes.",
            code="bad_signature",
        )
    return body


@router.post("/webhook", status_code=202, response_model=bodies.Taken, openapi_extra={
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Comments"}}}},
    "parameters": [
        {"in": "header", "name": n, "required": r, "schema": {"type": "string"}, "description": d}
        for n, r, d in (("X-Rapport-Timestamp", True, "Unix seconds."), ("X-Rapport-Signature", True, "sha256=HMAC-SHA256 of `timestamp.body`, in hex."))
    ],
})  # fmt: skip
def webhook(live: Served, body: Annotated[bytes, Depends(_signed)], key: Key = None) -> Any:
    """Takes comments from another system, signed with the shared secret; give an `Idempotency-Key` so that retries do no harm."""
    try:
        comments = bodies.Comments.model_validate_json(body)
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "body"
        raise BadQuestion(f"`{where}`: {first['msg']}.", "See /docs for what is expected.", code="bad_request") from err
    taken = [c.model_dump(mode="json") for c in comments.comments]
    in_time(taken, live.settings.zone)
    return intake.accept(live.state, taken, "webhook", event=_event("webhook", key or hashlib.sha256(body).hexdigest()))


def _event(who: str, key: str | None) -> str | None:
    return f"{who}:{hashlib.sha256(key.encode()).hexdigest()}" if key else None
