"""Who calls, and with what: the served workspace, the caller's rights from a bearer token, and the caller's share of the rate."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from integrations.live import DESKS, MOST_WAITING, Live
from integrations.web import cookies
from knowledge.access import Scope
from knowledge.errors import NotAllowed, UserError
from knowledge.state import State, User

KEPT_BUCKETS = 10_000
LOGIN_LASTS = 12 * 3600.0
T = TypeVar("T")
bearer = HTTPBearer(auto_error=False, description="A token of `rapport user token NAME`.")


class TooMany(UserError):
    """The caller's share of the rate is used up; `wait` says for how many seconds."""

    code = "too_many"

    def __init__(self, wait: float) -> None:
        super().__init__("Too many requests.", f"Try again in {max(1, round(wait))} s.")
        self.wait = wait


class Rate:
    """A token bucket a caller: `per_minute` requests on average, bursts of half a minute's worth."""

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60
        self._size = max(1.0, per_minute / 2)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: str, now: float | None = None) -> None:
        """Fails: TooMany."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            level, at = self._buckets.pop(caller, (self._size, moment))
            level = min(self._size, level + (moment - at) * self._per_second)
            enough = level >= 1
            self._buckets[caller] = (level - 1 if enough else level, moment)
            while len(self._buckets) > KEPT_BUCKETS:
                self._buckets.popitem(last=False)
        if not enough:
            raise TooMany((1 - level) / self._per_second)

    def check(self, caller: str) -> None:
        """As `take`, and takes nothing. Fails: TooMany."""
        with self._lock:
            level, at = self._buckets.get(caller, (self._size, time.monotonic()))
            level = min(self._size, level + (time.monotonic() - at) * self._per_second)
        if level < 1:
            raise TooMany((1 - level) / self._per_second)


class Logins:
    """Tells the audit log who comes in, by which door and from where: once in half a day each."""

    def __init__(self, state: State) -> None:
        self._state, self._seen = state, OrderedDict[tuple[str, str, str], float]()
        self._lock = Lock()

    def seen(self, user: User, door: str, address: str) -> None:
        """Notes a call."""
        if self._first((user.name, door, address)):
            self._state.audit(user.name, user.role, "login", {"door": door, "address": address})

    def refused(self, door: str, address: str) -> None:
        """Notes a token that is nobody's."""
        if self._first(("", door, address)):
            self._state.audit("unknown", "", "login refused", {"door": door, "address": address})

    def _first(self, key: tuple[str, str, str]) -> bool:
        moment = time.monotonic()
        with self._lock:
            if moment - self._seen.get(key, -LOGIN_LASTS) < LOGIN_LASTS:
                return False
            self._seen[key] = moment
            while len(self._seen) > KEPT_BUCKETS:
                self._seen.popitem(last=False)
        return True


ANSWERING = ThreadPoolExecutor(MOST_WAITING + DESKS + 8, "asking")
"""Threads that wait for a desk: one more than may wait, so that it is the desk's queue that says when it is too much."""


async def in_turn(make: Callable[[], T]) -> T:
    """Runs it where waiting keeps nobody else from theirs."""
    return await asyncio.get_running_loop().run_in_executor(ANSWERING, make)


def live_of(request: Request) -> Live:
    found: Live = request.app.state.live
    return found


def caller(
    request: Request,
    live: Annotated[Live, Depends(live_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Scope:
    """The rights of the token's person. Fails: NotAllowed (`no_token`, `bad_token`), TooMany."""
    rate: Rate = request.app.state.rate
    logins: Logins = request.app.state.logins
    address = f"address:{request.client.host if request.client else ''}"
    if credentials is None:
        entered = cookies.entered(live.state, request)
        if entered is not None:
            rate.take(f"user:{entered.name}")
            request.state.role = entered.role
            return live.scope(entered)
        rate.take(address)
        raise NotAllowed("A bearer token is needed.", "Make one with `rapport user token NAME`.", code="no_token")
    user = live.state.user_of_token(credentials.credentials)
    if user is None:
        rate.take(address)
        logins.refused("rest", address.partition(":")[2])
        raise NotAllowed(
            "This token is not known, or was revoked.", "Make another with `rapport user token NAME`.", code="bad_token"
        )
    rate.take(f"user:{user.name}")
    logins.seen(user, "rest", request.client.host if request.client else "")
    request.state.role = user.role
    return live.scope(user)


def needs(*roles: str) -> Callable[..., Any]:
    """A caller who has one of the roles. Fails: NotAllowed."""

    def checked(scope: Annotated[Scope, Depends(caller)]) -> Scope:
        if scope.kind not in roles:
            raise NotAllowed(f"This is for {' and '.join(roles)}.", "Ask one of them.")
        return scope

    return checked


Served = Annotated[Live, Depends(live_of)]
Caller = Annotated[Scope, Depends(caller)]
SIGNED_IN = Depends(caller)
ADMINS = Depends(needs("admin"))
REVIEWERS = Depends(needs("quality", "manager", "admin"))
Admin = Annotated[Scope, ADMINS]
Reviewer = Annotated[Scope, REVIEWERS]
