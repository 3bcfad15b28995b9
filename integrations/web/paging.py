"""Pages of a list: `limit` and an opaque `cursor`; ETags over what is sent."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response

from knowledge.errors import BadQuestion

Limit = Annotated[int, Query(ge=1, le=200, description="Items a page.")]
Cursor = Annotated[str | None, Query(max_length=40, description="`next` of the page before.")]


def page(items: Sequence[Any], limit: int, cursor: str | None) -> dict[str, Any]:
    """The items after the cursor, the next cursor (null at the end) and how many there are in all."""
    start = _place(cursor)
    following = start + limit
    return {
        "items": list(items[start:following]),
        "next": _cursor(following) if following < len(items) else None,
        "total": len(items),
    }


def tagged(request: Request, body: Any) -> Response:
    """The body as JSON with an ETag; 304 where the caller has it already."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8")
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"}
    known = {t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if isinstance(body, dict) and body.get("next"):
        following = request.url.include_query_params(cursor=body["next"])
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(content, media_type="application/json", headers=headers)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"o{place}".encode()).decode().rstrip("=")


def _place(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        place = int(text[1:]) if text[:1] == "o" and text[1:].isdecimal() else -1
    except (ValueError, binascii.Error):
        place = -1
    if not 0 <= place < 10**9:
        raise BadQuestion("This cursor is none of ours.", "Use `next` of the page before, or leave it out.", code="bad_cursor")
    return place
