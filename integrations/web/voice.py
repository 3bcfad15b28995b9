"""What the page shows of what customers say: the board, a theme's page, its comments, and the review."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from integrations import panels, review, reviewing, voice_board
from integrations.prepared import Prepared
from integrations.voice_board import Board, Wanted
from integrations.web import bodies
from integrations.web.bodies import Line
from integrations.web.context import Caller, Reviewer, Served
from integrations.web.paging import Cursor, Limit, page, tagged
from knowledge.access import Reader
from knowledge.errors import NoData
from nlp.taxonomy import load_taxonomy

PLAIN = re.compile(r"[TSP]\d{1,6}")
router = APIRouter(prefix="/api/v1/voice", tags=["voice"])
Value = Annotated[str | None, Query(max_length=200)]


def prepared_of(request: Request) -> Prepared:
    found: Prepared = request.app.state.prepared
    return found


Kept = Annotated[Prepared, Depends(prepared_of)]


def wanted(
    start: date | None = None,
    end: date | None = None,
    mood: Literal["negative", "mixed", "positive"] | None = None,
    segment: Value = None,
    region: Value = None,
    product: Value = None,
    category: Value = None,
    channel: Value = None,
    rating: Literal["low", "middle", "high"] | None = None,
) -> Wanted:
    """What is looked at."""
    given = {
        "segment": segment,
        "region": region,
        "product": product,
        "category": category,
        "channel": channel,
        "rating": rating,
    }
    return Wanted(start, end, mood or "", {k: v for k, v in given.items() if v})


Filters = Annotated[Wanted, Depends(wanted)]


class Decide(bodies._In):
    """A decision of the review; `seen` is the revision that the page showed, so that two people do not overrule each other unseen."""

    kind: Literal["rename", "merge", "split", "move", "assign", "approve", "new", "not_feedback", "action"]
    theme: Line = ""
    into: Line = ""
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    reason: Line = ""
    feedback_id: Line = ""
    owner: Line = ""
    due: date | None = None
    seen: int | None = None


class Label(bodies._In):
    """What topic these characters of a comment are about; null takes it back."""

    feedback_id: Line
    start: Annotated[int, Field(ge=0, le=10_000_000)]
    end: Annotated[int, Field(ge=1, le=10_000_000)]
    aspect: Line | None


def board_of(live: Served, kept: Prepared, reader: Reader) -> Board:
    """The board of this reader. Fails: NoData."""
    return kept.of(reader, "board", lambda: voice_board.prepare(reader, live.settings.copies))


@router.get("/board", response_model=dict[str, Any])
def board(request: Request, live: Served, scope: Caller, kept: Kept, filters: Filters) -> Response:
    """Themes in their groups with course, mood, change, what the record says and what they are worth; and what is pending."""
    with live.reading(scope) as reader:
        try:
            made = board_of(live, kept, reader)
        except NoData:
            empty = {"groups": [], "months": [], "comments": 0, "in_theme": 0, "options": {}, "as_of": None}
            return tagged(request, {**empty, "pending": [], "revision": live.state.decisions_revision()})
        shown = kept.of(reader, ("shown", _key(filters)), lambda: voice_board.shown(made, filters))
        pending = [d for d in _log(reader, live) if d["state"] == "pending"]
    return tagged(request, {**shown, "pending": pending, "revision": live.state.decisions_revision()})


@router.get("/themes/{theme_id}", response_model=dict[str, Any])
def theme(theme_id: str, request: Request, live: Served, scope: Caller, kept: Kept, filters: Filters) -> Response:
    """One theme: reasons with quotes, course, who says it, what the record says, what it costs, history, related themes."""
    with live.reading(scope) as reader:
        card = kept.of(reader, ("card", theme_id), lambda: _card(reader, theme_id))
        made = board_of(live, kept, reader)
        identity = card["theme_id"]
        history = [d for d in _log(reader, live) if identity in d["themes"]]
        more = {
            "course": voice_board.course(made, identity, filters),
            "related": voice_board.related(made, identity),
            "history": history,
            "lineage": _lineage(reader, identity) if scope.accounts is None else [],
            "revision": live.state.decisions_revision(),
        }
    return tagged(request, {**card, **more})


@router.get("/themes/{theme_id}/comments", response_model=bodies.Page)
def comments(
    theme_id: str, request: Request, live: Served, scope: Caller, kept: Kept, filters: Filters,
    reason: Value = None, search: Value = None, limit: Limit = 25, cursor: Cursor = None,
) -> Response:  # fmt: skip
    """The comments of a theme, newest first, with the customer and order beside them and the words that are about it marked."""
    with live.reading(scope) as reader:
        made = board_of(live, kept, reader)
        found = voice_board.comments_of(made, theme_id, filters, reason=reason or "", search=search or "")
        listed = page(range(len(found)), limit, cursor)
        rows = found.iloc[listed["items"]]
        texts = reader.table("feedback_text")
        whole = (
            texts.filter(texts.feedback_id.isin(rows["feedback_id"].tolist())).select("feedback_id", "text").execute()
            if len(rows)
            else rows
        )
    text = dict(zip(whole["feedback_id"], whole["text"], strict=True))
    columns = [
        "feedback_id",
        "start",
        "end",
        "reason_id",
        "sentiment",
        "verdict",
        "customer_id",
        "customer",
        "order_id",
        "channel",
        "rating",
        "product",
    ]
    items = [
        {**{c: _plain(r[c]) for c in columns}, "text": text.get(r["feedback_id"], r["text"]), "at": r["at"].isoformat()}
        for r in rows.to_dict("records")
    ]
    return tagged(request, {**listed, "items": items})


@router.get("/queue", response_model=bodies.Page)
def queue(request: Request, live: Served, scope: Reviewer, kept: Kept, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Comments whose theme is uncertain and that say something; what was decided or labelled is not among them any more."""
    with live.reading(scope) as reader:
        reviewing_all = kept.of(reader, "uncertain", lambda: reviewing.uncertain(reader))
        listed = page(reviewing.waiting(reviewing_all, live.state), limit, cursor)
    return tagged(request, {**listed, "revision": live.state.decisions_revision()})


@router.get("/topics", response_model=bodies.Page)
def topics(request: Request, live: Served, scope: Reviewer) -> Response:  # noqa: ARG001
    """The topics that a comment can be labelled with."""
    known = load_taxonomy(live.settings.taxonomy).aspects
    return tagged(
        request, page([{"id": a.id, "label": a.label, "parent": a.parent, "describes": a.describes} for a in known], 200, None)
    )


@router.get("/decisions", response_model=bodies.Page)
def decisions(request: Request, live: Served, scope: Reviewer, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What people decided, newest first: pending, applied or undone."""
    with live.reading(scope) as reader:
        return tagged(request, page(_log(reader, live), limit, cursor))


@router.post("/decisions", status_code=201, response_model=dict[str, Any])
def decided(body: Decide, live: Served, scope: Reviewer) -> Any:
    """Decides; it shows as pending at once and is applied by the next build."""
    wish = reviewing.Wish(**body.model_dump())
    with live.reading(scope) as reader:
        made = reviewing.decided(reader, live.state, wish)
    return {"id": made, "revision": made, "kind": body.kind}


@router.delete("/decisions/{number}", response_model=dict[str, Any])
def undone(number: int, live: Served, scope: Reviewer) -> Any:
    """Takes a decision back; the next build is made without it."""
    with live.reading(scope) as reader:
        return {"revision": reviewing.undo(reader, live.state, number), "undone": number}


@router.post("/labels", status_code=201, response_model=dict[str, Any])
def label(body: Label, live: Served, scope: Reviewer) -> Any:
    """Corrects the topic of a place in a comment; the next `rapport train` learns from it."""
    with live.reading(scope) as reader:
        taxonomy = load_taxonomy(live.settings.taxonomy)
        return {"id": reviewing.correct(reader, live.state, body.feedback_id, body.start, body.end, body.aspect, taxonomy)}


def _card(reader: Reader, wanted: str) -> dict[str, Any]:
    if not PLAIN.fullmatch(wanted):
        return review.theme_card(reader, wanted)
    found: dict[str, Any] = panels.made(reader.snapshot, reader.scope, f"card-{wanted}", lambda: panels.card(reader, wanted))
    return found


def _log(reader: Reader, live: Served) -> list[dict[str, Any]]:
    """The decisions, for who sees all accounts: they name themes and comments of all of them."""
    return reviewing.log(reader, live.state) if reader.scope.accounts is None else []


def _lineage(reader: Reader, identity: str) -> list[dict[str, Any]]:
    from integrations.theme_evidence import frame

    rows = frame(reader, "theme_lineage")
    mine = rows[rows["theme_id"] == identity] if len(rows) else rows
    return [review.plain_row(r) for r in mine.drop_duplicates(["kind", "snapshot"]).to_dict("records")]


def _plain(value: Any) -> Any:
    return (
        None
        if value is None or (not isinstance(value, str) and pd.isna(value))
        else value.item()
        if hasattr(value, "item")
        else value
    )


def _key(filters: Wanted) -> tuple[Any, ...]:
    return filters.start, filters.end, filters.mood, tuple(sorted(filters.values.items()))
