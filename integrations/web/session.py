"""Signing in and out of the page. Who is in is told without an error, so that the page can show what there is to do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from integrations import sign_in
from integrations.web import bodies, cookies
from integrations.web.context import Rate, Served
from integrations.web.cookies import Session
from knowledge import snapshot
from knowledge.errors import BadQuestion, NoData, NotAllowed
from knowledge.import_log import entries
from knowledge.state import User

router = APIRouter(prefix="/api/v1/session", tags=["session"])
Secret = Annotated[str, Field(max_length=400, pattern=r"^[^\x00]*$")]


class Enter(bodies._In):
    """One way in: a link's `code`, a `token`, or `name` with `password`."""

    code: Secret | None = None
    token: Secret | None = None
    name: Secret | None = None
    password: Secret | None = None


@router.get("", response_model=dict[str, Any])
def who(request: Request, response: Response, live: Served) -> Any:
    """Who is signed in, what they may do, and which ways in there are."""
    response.headers["Cache-Control"] = "no-store"
    found = cookies.session_of(live.state, request.cookies.get(cookies.COOKIE))
    settings = live.settings.sign_in
    named = sign_in.by_proxy(live.state, request.headers, settings.header, _address(request), settings.proxies)
    if named is not None and (found is None or found.user.name != named.name):
        found = cookies.begin(live.state, named, settings.hours, request, response)
        request.app.state.logins.seen(named, "proxy", _address(request))
    return _told(live, found)


@router.post("", response_model=dict[str, Any])
def enter(body: Enter, request: Request, response: Response, live: Served) -> Any:
    """Signs in; the session is a cookie that scripts cannot read. Fails: NotAllowed (`bad_link`, `bad_token`, `bad_password`)."""
    rate: Rate = request.app.state.entering
    rate.check(f"address:{_address(request)}")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("This did not come from Rapport's own page.", "Open Rapport and sign in there.", code="bad_csrf")
    response.headers["Cache-Control"] = "no-store"
    try:
        user = _user(body, live)
    except NotAllowed:
        rate.take(f"address:{_address(request)}")  # only what fails counts: many may sit behind one address
        request.app.state.logins.refused("page", _address(request))
        raise
    found = cookies.begin(live.state, user, live.settings.sign_in.hours, request, response)
    live.state.audit(user.name, user.role, "login", {"door": "page", "address": _address(request)})
    return _told(live, found)


@router.delete("", status_code=204)
def leave(request: Request, live: Served) -> Response:
    """Signs out."""
    cookies.entered(live.state, request)
    cookies.end(live.state, request)
    response = Response(status_code=204)
    response.delete_cookie(cookies.COOKIE, path="/")
    return response


def _user(body: Enter, live: Served) -> User:
    if body.code:
        return sign_in.by_link(live.state, body.code)
    if body.token:
        user = live.state.user_of_token(body.token.strip())
        if user is None:
            raise NotAllowed(
                "This token is not known, or was revoked.", "Ask whoever looks after Rapport for another.", code="bad_token"
            )
        return user
    if body.name and body.password and live.settings.sign_in.passwords:
        return sign_in.by_password(live.state, body.name, body.password)
    raise BadQuestion("There is nothing to sign in with.", "Give a token, or open a sign-in link.", code="bad_request")


def _told(live: Served, found: Session | None) -> dict[str, Any]:
    settings = live.settings.sign_in
    ways = {"password": settings.passwords, "proxy": bool(settings.header), "oidc": bool(settings.oidc)}
    if found is None:
        return {"signed_in": False, "ways": ways}
    scope = live.home.scope_of(found.user) if _built(live) or found.user.accounts == "all" else None
    return {
        "signed_in": True,
        "csrf": found.csrf,
        "name": found.user.name,
        "role": found.user.role,
        "like": scope.kind if scope else found.user.role,
        "sees_all": found.user.accounts == "all",
        "commercial": bool(scope and scope.may("commercial")),
        "workspace": "ready" if _built(live) else "imported" if entries(live.folder) else "empty",
        "ways": ways,
    }


def _built(live: Served) -> bool:
    try:
        snapshot.current(live.folder)
    except NoData:
        return False
    return True


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
