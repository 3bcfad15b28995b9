"""People for those who look after Rapport: who may see what, ways in for each, what is sent to whom, and the audit log to search."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from integrations import sign_in
from integrations.alerts.addresses import checked
from integrations.web import bodies
from integrations.web.bodies import Line
from integrations.web.context import ADMINS, Admin, Served
from integrations.web.paging import Cursor, Limit, page, tagged
from knowledge.errors import BadQuestion, NoData, UnknownName
from knowledge.state import AuditEntry, User

router = APIRouter(prefix="/api/v1", tags=["people"])
Days = Annotated[int, Field(ge=1, le=3650)]
Word = Annotated[str | None, Query(max_length=200)]


class Person(bodies._In):
    """A person, or what changes of one; what is not given stays."""

    role: Line | None = None
    email: Annotated[str, Field(max_length=200)] | None = None
    slack: Annotated[str, Field(max_length=60)] | None = None
    accounts: Annotated[str, Field(max_length=5000, pattern=r"^[^\x00]*$")] | None = None
    password: Annotated[str, Field(max_length=400, pattern=r"^[^\x00]*$")] | None = None


class NewToken(bodies._In):
    """How long it is good for; null is until it is revoked."""

    days: Days | None = 90


@router.get("/people", response_model=bodies.Page, dependencies=[ADMINS])
def people(request: Request, live: Served, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """Everybody, with role, accounts, and their valid tokens."""
    told = page([_told(live, u) for u in live.state.users()], limit, cursor)
    return tagged(request, {**told, "roles": sorted(live.home.roles), "teams": sorted(live.settings.teams)})


@router.put("/people/{name}", response_model=dict[str, Any])
def put(name: str, body: Person, live: Served, scope: Admin) -> Any:
    """Adds a person or changes one. `accounts`: all, own, ids, region=NAME or team=NAME; somebody new needs a role and accounts."""
    state, known = live.state, live.state.user(name)
    role = body.role or (known.role if known else "")
    if role not in live.home.roles:
        raise UnknownName(f"There is no role `{role}`.", f"Roles: {', '.join(sorted(live.home.roles))}.")
    if name in live.home.roles or not name.strip() or not name.isprintable() or len(name) > 100:
        raise BadQuestion("A person cannot be called that.", "Choose another name; roles are no people's names.")
    if known is None and not body.accounts:
        raise BadQuestion("Say which accounts they see.", "all, own, ids, region=NAME or team=NAME.")
    if body.accounts is not None:
        live.home.check_accounts(body.accounts)
    if (
        known is not None
        and known.name == scope.principal
        and (role != known.role or body.accounts not in (None, known.accounts))
    ):
        raise BadQuestion("You cannot change your own rights.", "Ask another admin, so that nobody locks everybody out.")
    email = checked(body.email) if body.email and body.email.strip() else body.email
    made = state.add_user(name, role, email=email, slack=body.slack, accounts=body.accounts)
    if body.password:
        sign_in.set_password(state, name, body.password)
    about = {"name": name, "role": made.role, "accounts": made.accounts, "email": made.email, "slack": made.slack}
    state.audit(scope.principal, scope.role, "user", {**about, "password": bool(body.password)})
    return _told(live, made)


@router.delete("/people/{name}", status_code=204)
def remove(name: str, live: Served, scope: Admin) -> None:
    """Lets a person in no more; what they asked and decided stays in the log."""
    if name == scope.principal:
        raise BadQuestion("You cannot remove yourself.", "Ask another admin.")
    if not live.state.remove_user(name):
        raise _nobody(name)
    live.state.audit(scope.principal, scope.role, "user removed", {"name": name})


@router.post("/people/{name}/tokens", status_code=201, response_model=dict[str, Any])
def new_token(name: str, body: NewToken, live: Served, scope: Admin) -> Any:
    """A bearer token, shown this once."""
    made = live.state.new_token(name, days=body.days)
    live.state.audit(scope.principal, scope.role, "token", {"name": name, "days": body.days})
    return {"token": made}


@router.delete("/people/{name}/tokens/{token_id}", status_code=204)
def revoke(name: str, token_id: str, live: Served, scope: Admin) -> None:
    """Ends a token."""
    if not live.state.revoke_token_of(name, token_id):
        raise UnknownName(f"{name} has no valid token of that id.", "Look at the list again.")
    live.state.audit(scope.principal, scope.role, "token revoked", {"name": name, "token": token_id})


@router.post("/people/{name}/link", status_code=201, response_model=dict[str, Any])
def link(name: str, live: Served, scope: Admin) -> Any:
    """A sign-in link that works once, within an hour."""
    code = sign_in.new_link(live.state, name)
    live.state.audit(scope.principal, scope.role, "sign-in link", {"name": name})
    return {"path": f"/enter#{code}", "minutes": sign_in.MINUTES}


@router.get("/people/subscriptions", response_model=bodies.Page, dependencies=[ADMINS])
def sent(request: Request, live: Served, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """What is sent to whom."""
    rows = [
        {"id": s.id, "principal": s.principal, "kind": s.kind, "what": s.what, "schedule": dict(s.schedule), "channel": s.channel,
         "last_sent": s.last_sent.isoformat() if s.last_sent else None}
        for s in live.state.subscriptions()
    ]  # fmt: skip
    return tagged(request, page(rows, limit, cursor))


@router.delete("/people/subscriptions/{number}", status_code=204)
def stop(number: int, live: Served, scope: Admin) -> None:
    """Ends anybody's subscription."""
    found = next((s for s in live.state.subscriptions() if s.id == number), None)
    if found is None or not live.state.unsubscribe(number, found.principal):
        raise UnknownName("There is no such subscription.", "Look at the list again.")
    live.state.audit(scope.principal, scope.role, "unsubscribe", {"id": number, "principal": found.principal})


@router.get("/audit/search", response_model=bodies.Page, responses={200: {"content": {"text/csv": {}}}})
def audit(
    request: Request, live: Served, scope: Admin, who: Word = None, action: Word = None, text: Word = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json", limit: Limit = 50, cursor: Cursor = None,
) -> Response:  # fmt: skip
    """The audit log by person, action, or words in its details; as CSV with `format=csv`."""
    entries = live.state.audit_log(20_000)
    found = [e for e in entries if _fits(e, who, action, text)]
    if form == "csv":
        live.state.audit(scope.principal, scope.role, "export", {"what": "audit", "rows": len(found)})
        return _csv(found)
    rows = [
        {"at": e.at.isoformat(), "principal": e.principal, "role": e.role, "action": e.action, "detail": dict(e.detail)}
        for e in found
    ]
    told = page(json.loads(json.dumps(rows, default=str)), limit, cursor)
    return tagged(
        request, {**told, "actions": sorted({e.action for e in entries}), "people": sorted({e.principal for e in entries})}
    )


def _fits(entry: AuditEntry, who: str | None, action: str | None, text: str | None) -> bool:
    return (
        (not who or entry.principal == who)
        and (not action or entry.action == action)
        and (not text or text.casefold() in json.dumps(dict(entry.detail), ensure_ascii=False, default=str).casefold())
    )


def _csv(entries: list[AuditEntry]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["at", "who", "role", "action", "detail"])
    for e in entries:
        detail = json.dumps(dict(e.detail), ensure_ascii=False, default=str)
        writer.writerow(
            [e.at.isoformat(), *(f"'{t}" if t[:1] in "=+@\t\r-" else t for t in (e.principal, e.role, e.action, detail))]
        )
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "private, no-store"}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _told(live: Served, user: User) -> dict[str, Any]:
    now = datetime.now(UTC)
    try:
        seen = live.home.accounts(user.accounts, user)
    except (NoData, UnknownName):
        seen = frozenset()
    return {
        "name": user.name, "role": user.role, "accounts": user.accounts, "sees": None if seen is None else len(seen), "email": user.email, "slack": user.slack,
        "password": bool(live.state.kept(sign_in.PASSWORDS, user.name)),
        "tokens": [
            {"id": t.id, "created": t.created.isoformat(), "expires": t.expires.isoformat() if t.expires else None}
            for t in live.state.tokens_of(user.name) if t.revoked is None and (t.expires is None or t.expires > now)
        ],
    }  # fmt: skip


def _nobody(name: str) -> UnknownName:
    return UnknownName(f"Nobody called `{name}` is known here.", "Look at the list again.")
