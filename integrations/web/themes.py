"""Themes of what customers say, and their review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from integrations import decide, review
from integrations.web import bodies
from integrations.web.context import Caller, Reviewer, Served
from integrations.web.paging import Cursor, Limit, page, tagged

router = APIRouter(prefix="/api/v1/themes", tags=["themes"])


@router.get("", response_model=bodies.Page)
def themes(request: Request, live: Served, scope: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The themes of the comments, most said first, each with its main reason."""
    with live.reading(scope) as reader:
        return tagged(request, page(review.theme_list(reader), limit, cursor))


@router.get("/decisions", response_model=bodies.Page)
def decisions(request: Request, live: Served, scope: Reviewer, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What people decided about themes, newest first; to who sees some accounts what they decided themselves."""
    told = [d for d in reversed(live.state.decisions()) if scope.accounts is None or d.who == scope.principal]
    rows = [{"id": d.id, "at": d.at, "who": d.who, "kind": d.kind, **d.payload} for d in told]
    return tagged(request, page(rows, limit, cursor))


@router.get("/queue", response_model=bodies.Page)
def queue(request: Request, live: Served, scope: Reviewer, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Comments in no theme, the clearest first, each with the nearest theme."""
    with live.reading(scope) as reader:
        return tagged(request, page(decide.queue(reader), limit, cursor))


@router.get("/{theme_id}")
def theme(theme_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """One theme: why they say it, in their words."""
    with live.reading(scope) as reader:
        return tagged(request, review.theme_card(reader, theme_id))


@router.post("/{theme_id}/decisions", status_code=201, response_model=dict[str, Any])
def decided(theme_id: str, body: bodies.Decide, live: Served, scope: Reviewer) -> Any:
    """Decides about a theme; it holds from the next build on."""
    state = live.state
    with live.reading(scope) as reader:
        deeds: dict[str, Callable[[], int]] = {
            "rename": lambda: decide.rename(reader, state, theme_id, body.name or ""),
            "merge": lambda: decide.merge(reader, state, [theme_id], body.into or ""),
            "split": lambda: decide.split(reader, state, theme_id, body.reason or "", body.name),
            "move": lambda: decide.move(reader, state, body.feedback_id or "", theme_id, body.into or ""),
            "assign": lambda: decide.assign(reader, state, body.feedback_id or "", theme_id),
            "approve": lambda: decide.approve(reader, state, theme_id),
        }
        return {"revision": deeds[body.kind](), "kind": body.kind, "theme_id": theme_id}
