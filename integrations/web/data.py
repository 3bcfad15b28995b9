"""Imports, snapshots, subscriptions, the audit log: what runs the place."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from integrations import upkeep
from integrations.alerts.recipients import subscribed
from integrations.connectors.sync import last
from integrations.meaning import when_asked
from integrations.reopening import SEEN_BY_ALL, covers
from integrations.web import bodies
from integrations.web.context import ADMINS, SIGNED_IN, Admin, Caller, Served
from integrations.web.paging import Cursor, Limit, page, tagged
from integrations.web.received import received
from knowledge import quarantine, snapshot
from knowledge.errors import UnknownName

router = APIRouter(prefix="/api/v1", tags=["data"])


def _builds(request: Request) -> upkeep.Builds:
    found: upkeep.Builds = request.app.state.builds
    return found


Builder = Annotated[upkeep.Builds, Depends(_builds)]


@router.get("/imports", response_model=bodies.Page, dependencies=[ADMINS])
def imports(request: Request, live: Served, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What was imported, newest first."""
    return tagged(request, page(upkeep.imports(live.folder), limit, cursor))


@router.get("/imports/scheduled", response_model=bodies.Page, dependencies=[ADMINS])
def scheduled(request: Request, live: Served, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """How each scheduled import and watched folder went the last time."""
    return tagged(request, page([{"name": name, **report} for name, report in last(live.state).items()], limit, cursor))


@router.post("/imports", status_code=201, response_model=dict[str, Any])
def upload(
    live: Served,
    scope: Admin,
    files: Annotated[list[UploadFile], File(description="CSV, TSV, XLSX, JSON, JSONL, Parquet, mbox, also .gz; zip of these.")],
    mapping: Annotated[
        str, Form(max_length=100, pattern=r"^[a-z0-9][a-z0-9_-]*$", description="A shipped mapping; see GET /api/v1/mappings.")
    ],
) -> Any:
    """Maps and loads files; says where every row went. It shows after the next build."""
    from knowledge.ingest import import_files
    from knowledge.mapping import load_mapping

    chosen = load_mapping(mapping)
    with tempfile.TemporaryDirectory() as aside:
        paths = received(files, Path(aside))
        report = import_files(live.folder, chosen, paths, zone=live.settings.zone, meaning=when_asked())
    live.state.audit(scope.principal, scope.role, "import", {"id": report.id, "mapping": mapping, "rows": report.rows_in})
    return report.as_dict()


@router.get("/mappings", response_model=bodies.Page, dependencies=[SIGNED_IN])
def mappings(request: Request, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """The shipped mappings."""
    from knowledge.mapping import list_mappings

    return tagged(request, page([{"name": m.name, "title": m.title} for m in list_mappings()], limit, cursor))


@router.get("/quarantine", response_model=bodies.Page, dependencies=[ADMINS])
def kept_out(request: Request, live: Served, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Rows that were not loaded: counts by source and reason."""
    return tagged(request, page(quarantine.summary(live.folder), limit, cursor))


@router.get("/snapshots", response_model=bodies.Page, dependencies=[SIGNED_IN])
def snapshots(request: Request, live: Served, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The snapshots that are kept, newest first; `current` answers now."""
    return tagged(request, page(upkeep.snapshots(live.folder), limit, cursor))


@router.get("/snapshots/current", response_model=dict[str, Any])
def current(request: Request, live: Served, scope: Caller) -> Response:
    """The published snapshot: as-of, and for those who see all accounts its tables and their rows."""
    told = upkeep.described(snapshot.current(live.folder))
    return tagged(request, told if scope.accounts is None else {k: v for k, v in told.items() if k != "rows"})


@router.post("/snapshots", status_code=202, response_model=dict[str, Any])
def build(live: Served, scope: Admin, builds: Builder) -> Any:
    """Starts a build; the next snapshot is published when it is done (GET /api/v1/snapshots/build says how it goes)."""
    live.state.audit(scope.principal, scope.role, "build", {})
    return builds.start()


@router.get("/snapshots/build", response_model=dict[str, Any], dependencies=[ADMINS])
def build_state(builds: Builder) -> Any:
    """The last build that was asked for here: running, done or failed."""
    return builds.last()


@router.get("/subscriptions", response_model=bodies.Page)
def subscriptions(request: Request, live: Served, scope: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """The caller's own subscriptions."""
    rows = [
        {
            "id": s.id,
            "kind": s.kind,
            "what": s.what,
            "schedule": dict(s.schedule),
            "channel": s.channel,
            "last_sent": s.last_sent,
        }
        for s in live.state.subscriptions(scope.principal)
    ]
    return tagged(request, page(rows, limit, cursor))


@router.post("/subscriptions", status_code=201, response_model=dict[str, Any])
def subscribe(body: bodies.Subscribe, live: Served, scope: Caller) -> Any:
    """Subscribes the caller: a `digest` or `alerts` of accounts, or a `question` to be answered again and again."""
    made = subscribed(live.state, scope.principal, body.kind, body.what, dict(body.schedule), body.channel)
    live.state.audit(scope.principal, scope.role, "subscribe", {"id": made, "kind": body.kind, "channel": body.channel})
    return {"id": made, **body.model_dump()}


@router.get("/inbox", response_model=bodies.Page)
def inbox(request: Request, live: Served, scope: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What the caller was sent here (subscriptions to `web`) and may see today, newest first."""
    sent = [m for m in live.home.post().inbox(scope.principal) if covers(scope, m.get("seen") or SEEN_BY_ALL)]
    return tagged(request, page([{k: v for k, v in m.items() if k != "seen"} for m in sent], limit, cursor))


@router.delete("/subscriptions/{subscription_id}", status_code=204)
def unsubscribe(subscription_id: int, live: Served, scope: Caller) -> None:
    """Ends one of the caller's subscriptions."""
    if not (0 < subscription_id < 2**31 and live.state.unsubscribe(subscription_id, scope.principal)):
        raise UnknownName("You have no subscription of that id.", "GET /api/v1/subscriptions lists yours.")


@router.get("/audit", response_model=bodies.Page, dependencies=[ADMINS])
def audit(request: Request, live: Served, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Who did what, newest first."""
    rows = [
        {"at": e.at, "principal": e.principal, "role": e.role, "action": e.action, "detail": dict(e.detail)}
        for e in live.state.audit_log(10_000)
    ]
    return tagged(request, page(json.loads(json.dumps(rows, default=str)), limit, cursor))


@router.get("/audit/chain", response_model=dict[str, Any], dependencies=[ADMINS])
def chain(live: Served) -> Any:
    """Whether every entry of the audit log follows from the one before it; `head` is worth noting elsewhere."""
    found = live.state.audit_chain()
    return {"entries": found.entries, "head": found.head, "broken": found.broken, "holds": found.broken is None}


@router.get("/me", response_model=dict[str, Any])
def me(request: Request, scope: Caller) -> Response:
    """The caller: name, role, which of our roles it acts as (`like`), rights, and how many accounts (nothing where it is all)."""
    count = None if scope.accounts is None else len(scope.accounts)
    told = {"name": scope.principal, "role": scope.role, "like": scope.kind, "rights": sorted(scope.rights), "accounts": count}
    return tagged(request, told)
