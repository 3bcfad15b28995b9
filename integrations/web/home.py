"""The first page and the list of accounts: what needs attention, what rises, what was read, and what can be asked here."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from integrations import account_list, panels
from integrations.first_questions import questions
from integrations.prepared import Prepared
from integrations.upkeep_panels import Ahead as AtWork
from integrations.web import bodies
from integrations.web.context import Caller, Served
from integrations.web.paging import Cursor, Limit, page, tagged
from integrations.web.voice import Kept, board_of
from knowledge.access import Reader, Scope
from knowledge.errors import NoData

router = APIRouter(prefix="/api/v1", tags=["pages"])
RISING = ("emerging", "spiking")
LATELY = 200  # briefs of a person that are looked through
PANEL, PATIENCE = "portfolio", 2.0  # seconds that the page waits for it before it is told to ask again
Value = Annotated[str | None, Query(max_length=200)]


def ahead_of(request: Request) -> AtWork | None:
    found: AtWork | None = request.app.state.ahead
    return found


Ahead = Annotated[AtWork | None, Depends(ahead_of)]


@router.get("/home", response_model=dict[str, Any])
def home(request: Request, live: Served, scope: Caller, kept: Kept) -> Response:
    """Themes that rise, the briefs read last, and questions that work on this workspace."""
    with live.reading(scope) as reader:
        rows = kept.of(reader, "accounts", lambda: account_list.account_rows(reader))
        names = {r["customer_id"]: r["name"] for r in rows}
        told = {
            "rising": _rising(live, kept, reader),
            "briefs": _read_last(live, scope, names),
            "questions": kept.of(reader, "questions", lambda: questions(reader)),
            "accounts": len(rows),
            "as_of": reader.snapshot.as_of.isoformat(),
            "owns": any(str(r.get("owner") or "").casefold() == scope.principal.casefold() for r in rows),
        }
    return tagged(request, told)


@router.get("/home/attention", response_model=dict[str, Any], responses={202: {"model": bodies.Coming}})
def attention(request: Request, live: Served, scope: Caller, kept: Kept, ahead: Ahead) -> Response:
    """Accounts that need attention, each with its rule and figure, and the figures of the week and the quarter against before.
    202 while they are being made: ask again in a moment."""
    with live.reading(scope) as reader:
        snapshot = reader.snapshot
        rows = kept.of(reader, "accounts", lambda: account_list.account_rows(reader))
    mine = any(str(r.get("owner") or "").casefold() == scope.principal.casefold() for r in rows)
    everybodys = scope.accounts is None and not mine
    reads = Scope(scope.role, scope.role, None, scope.rights, scope.like) if everybodys else scope
    made = panels.kept(snapshot, reads, PANEL) if everybodys else None
    if made is None and not (everybodys and ahead is not None and ahead.at_work(snapshot)):
        made = kept.soon(snapshot, scope, (PANEL, reads.principal), lambda: panels.portfolio(live.home, reads), PATIENCE)
        if made is not None and everybodys:
            panels.keep(snapshot, reads, PANEL, made)
    if made is None:
        return JSONResponse({"coming": True}, 202, {"Retry-After": "1", "Cache-Control": "no-store"})
    return tagged(request, made)


@router.get("/home/promises", response_model=dict[str, Any], responses={202: {"model": bodies.Coming}})
def promises(request: Request, live: Served, scope: Caller, kept: Kept) -> Response:
    """What service tiers were promised against what was kept in the last 90 days, of the caller's accounts. 202 while it is being made."""

    def make() -> Any:
        with live.reading(scope) as reader:
            return panels.made(reader.snapshot, scope, panels.PROMISES, lambda: panels.promises(reader))

    with live.reading(scope) as reader:
        snapshot = reader.snapshot
    made = kept.soon(snapshot, scope, panels.PROMISES, make, PATIENCE)
    if made is None:
        return JSONResponse({"coming": True}, 202, {"Retry-After": "1", "Cache-Control": "no-store"})
    return tagged(request, made)


@router.get("/accounts", response_model=bodies.Page, responses={200: {"content": {"text/csv": {}}}})
def accounts(
    request: Request, live: Served, scope: Caller, kept: Kept,
    search: Annotated[str | None, Query(max_length=200)] = None,
    sort: Annotated[str, Query(max_length=20)] = "name",
    order: Literal["asc", "desc"] = "asc",
    mine: bool = False,
    region: Value = None, tier: Value = None, owner: Value = None, segment: Value = None, risk: Value = None, industry: Value = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Limit = 50, cursor: Cursor = None,
) -> Response:  # fmt: skip
    """The accounts that the caller may see: sorted, filtered, searched with spelling forgiven; `mine` are those that they own."""
    with live.reading(scope) as reader:
        rows = kept.of(reader, "accounts", lambda: account_list.account_rows(reader))
    found = account_list.chosen(
        rows, search=search or "", sort=sort, falling=order == "desc", mine=scope.principal if mine else "",
        region=region, tier=tier, owner=owner, segment=segment, risk=risk, industry=industry,
    )  # fmt: skip
    if form == "csv":
        live.state.audit(scope.principal, scope.role, "export", {"what": "accounts", "rows": len(found)})
        return _csv(found)
    return tagged(request, {**page(found, limit, cursor), "options": account_list.options(rows), "all": len(rows)})


def _rising(live: Served, kept: Prepared, reader: Reader) -> list[dict[str, Any]]:
    from integrations.voice_board import Wanted, shown

    try:
        board = board_of(live, kept, reader)
    except NoData:
        return []
    themes = [t for g in kept.of(reader, "whole board", lambda: shown(board, Wanted()))["groups"] for t in g["themes"]]
    risen = [t for t in themes if t["state"] in RISING]
    grown = [t for t in themes if t["state"] not in RISING and t["now"] >= 10 and t["now"] > 1.5 * max(t["before"], 1)]
    order = sorted(risen, key=lambda t: -t["now"]) + sorted(grown, key=lambda t: t["before"] - t["now"])
    return order[:6]


def _read_last(live: Served, scope: Scope, names: dict[str, str]) -> list[dict[str, Any]]:
    """The accounts whose briefs this person read last, newest first, as far as they may see them today."""
    seen: dict[str, dict[str, Any]] = {}
    for entry in live.state.audit_log(LATELY, principal=scope.principal, action="brief"):
        customer = str(entry.detail.get("customer"))
        if customer in names:
            seen.setdefault(customer, {"customer_id": customer, "name": names[customer], "at": entry.at.isoformat()})
    return list(seen.values())[:6]


def _csv(rows: list[dict[str, Any]]) -> Response:
    out = io.StringIO()
    columns = list(dict.fromkeys(k for r in rows for k in r))
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(c)) for c in columns])
    headers = {"Content-Disposition": 'attachment; filename="accounts.csv"', "Cache-Control": "private, no-cache"}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run is kept a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+@\t\r-" else value
