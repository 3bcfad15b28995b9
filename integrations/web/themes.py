"""Themes of what customers say, and their review."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from integrations import review
from integrations.web import bodies
from integrations.web.context import REVIEWERS, Caller, Served
from integrations.web.paging import Cursor, Limit, page, tagged

router = APIRouter(prefix="/api/v1/themes", tags=["themes"])


@router.get("", response_model=bodies.Page)
def themes(request: Request, live: Served, scope: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The themes of the comments, most said first, each with its main reason."""
    with live.reading(scope) as reader:
        return tagged(request, page(review.theme_list(reader), limit, cursor))


@router.get("/decisions", response_model=bodies.Page, dependencies=[REVIEWERS])
def decisions(request: Request, live: Served, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What people decided about themes, newest first."""
    rows = [{"id": d.id, "at": d.at, "who": d.who, "kind": d.kind, **d.payload} for d in reversed(live.state.decisions())]
    return tagged(request, page(rows, limit, cursor))


@router.get("/{theme_id}")
def theme(theme_id: str, request: Request, live: Served, scope: Caller) -> Response:
    """One theme: why they say it, in their words."""
    with live.reading(scope) as reader:
        return tagged(request, review.theme_card(reader, theme_id))
