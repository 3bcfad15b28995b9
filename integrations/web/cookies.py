"""Sessions of the page: an opaque cookie whose digest is kept, a token against forged requests, and an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from knowledge.errors import NotAllowed

if TYPE_CHECKING:
    from knowledge.state import State, User

COOKIE, HEADER = "rapport_session", "x-rapport-csrf"
SPACE = "session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Session:
    """Who is in, and the token that their page sends with every change."""

    user: User
    csrf: str


def begin(state: State, user: User, hours: int, request: Request, response: Response) -> Session:
    """A new session, always under a new key; one that was there before ends."""
    end(state, request)
    key, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    kept = {"user": user.name, "since": user.created.isoformat(), "csrf": csrf}
    state.keep(SPACE, _digest(key), kept, within=timedelta(hours=hours))
    response.set_cookie(
        COOKIE, key, max_age=hours * 3600, httponly=True, samesite="lax", path="/", secure=request.url.scheme == "https"
    )
    return Session(user, csrf)


def session_of(state: State, key: str | None) -> Session | None:
    """The session of a cookie; None where it is not known, has run out, or its person was removed or made anew."""
    kept = state.kept(SPACE, _digest(key)) if key else None
    user = state.user(kept["user"]) if kept else None
    if kept is None or user is None or user.created.isoformat() != kept["since"]:
        return None
    return Session(user, kept["csrf"])


def entered(state: State, request: Request) -> User | None:
    """Whose page asks. Fails: NotAllowed (`bad_csrf`) for a change without the token that belongs to the session."""
    found = session_of(state, request.cookies.get(COOKIE))
    if found is None:
        return None
    given = request.headers.get(HEADER, "")
    if request.method not in SAFE and not hmac.compare_digest(given.encode("latin-1", "replace"), found.csrf.encode()):
        raise NotAllowed("This did not come from Rapport's own page.", "Reload the page and try again.", code="bad_csrf")
    return found.user


def end(state: State, request: Request) -> None:
    """Ends the session that the request came with."""
    key = request.cookies.get(COOKIE)
    if key:
        state.forget(SPACE, _digest(key))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
