"""Signing in with a company's own account (OpenID Connect, authorization code with PKCE); the person is the one of that e-mail here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta
from typing import Any

import jwt
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from integrations.settings import OpenIdConnect
from integrations.web import cookies
from integrations.web.context import Rate, Served
from knowledge.errors import NotAllowed, Unavailable, UnknownName

router = APIRouter(prefix="/api/v1/session/oidc", include_in_schema=False)
SPACE, COOKIE, MINUTES, SECONDS = "oidc", "rapport_oidc", 10, 10
ALGORITHMS = ["RS256", "ES256", "PS256"]


@router.get("")
def begin(request: Request, live: Served) -> Response:
    """Sends the person to their provider."""
    rate: Rate = request.app.state.entering
    rate.check(f"address:{request.client.host if request.client else ''}")
    oidc = _set_up(live)
    told = _get(f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration")
    state, nonce, verifier = (secrets.token_urlsafe(24) for _ in range(3))
    live.state.keep(SPACE, state, {"nonce": nonce, "verifier": verifier}, within=timedelta(minutes=MINUTES))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = urllib.parse.urlencode({
        "response_type": "code", "client_id": oidc.client_id, "redirect_uri": _back(request), "scope": "openid email profile", "state": state,
        "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    })  # fmt: skip
    response = RedirectResponse(f"{told['authorization_endpoint']}?{asked}", status_code=303)
    response.set_cookie(
        COOKIE, state, max_age=MINUTES * 60, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return response


@router.get("/back")
def back(request: Request, live: Served, code: str = "", state: str = "") -> Response:
    """Takes the person in whom the provider names. Fails: NotAllowed (`bad_oidc`) for an answer to nothing that was asked here."""
    oidc = _set_up(live)
    begun = request.cookies.get(COOKIE, "")
    kept = live.state.take(SPACE, state) if state and hmac.compare_digest(begun.encode(), state.encode()) else None
    if not code or kept is None:
        raise NotAllowed("This sign-in was not begun here, or took too long.", "Sign in again.", code="bad_oidc")
    told = _get(f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration")
    given = _post(told["token_endpoint"], {
        "grant_type": "authorization_code", "code": code, "redirect_uri": _back(request), "client_id": oidc.client_id,
        "client_secret": os.environ.get(oidc.secret_env, ""), "code_verifier": kept["verifier"],
    })  # fmt: skip
    claims = _claims(str(given.get("id_token", "")), told, oidc)
    named = str(claims.get(oidc.claim) or "")
    if (
        not hmac.compare_digest(str(claims.get("nonce", "")).encode(), kept["nonce"].encode())
        or claims.get("email_verified") is False
    ):
        raise NotAllowed("The provider's answer does not fit.", "Sign in again.", code="bad_oidc")
    user = live.state.user_of_email(named) if oidc.claim == "email" else live.state.user(named)
    if user is None:
        request.app.state.logins.refused("oidc", request.client.host if request.client else "")
        raise NotAllowed(
            "Nobody with this account is known here.", "Ask whoever looks after Rapport to add you.", code="bad_oidc"
        )
    response = RedirectResponse("/", status_code=303)
    cookies.begin(live.state, user, live.settings.sign_in.hours, request, response)
    response.delete_cookie(COOKIE)
    live.state.audit(user.name, user.role, "login", {"door": "oidc", "address": request.client.host if request.client else ""})
    return response


def _set_up(live: Served) -> OpenIdConnect:
    found = live.settings.sign_in.oidc
    if found is None:
        raise UnknownName("Company accounts are not set up here.", "Set `[sign_in.oidc]` in rapport.toml.", code="no_oidc")
    return found


def _claims(token: str, told: dict[str, Any], oidc: OpenIdConnect) -> dict[str, Any]:
    """What the provider's signed token says. Fails: NotAllowed where the signature, issuer, audience or time does not fit."""
    try:
        key = jwt.PyJWKClient(told["jwks_uri"], timeout=SECONDS).get_signing_key_from_jwt(token).key
        required = ["exp", "iat", "iss", "aud", "nonce"]
        found: dict[str, Any] = jwt.decode(
            token, key, algorithms=ALGORITHMS, audience=oidc.client_id, issuer=told["issuer"], options={"require": required}
        )
    except jwt.PyJWTError as err:
        raise NotAllowed("The provider's answer does not fit.", "Sign in again.", code="bad_oidc") from err
    if str(told["issuer"]).rstrip("/") != oidc.issuer.rstrip("/"):
        raise NotAllowed("The provider's answer does not fit.", "Check `issuer` in rapport.toml.", code="bad_oidc")
    return found


def _back(request: Request) -> str:
    return str(request.url_for("back"))


def _get(url: str) -> dict[str, Any]:
    return _json(urllib.request.Request(url, headers={"Accept": "application/json"}))


def _post(url: str, form: dict[str, str]) -> dict[str, Any]:
    return _json(
        urllib.request.Request(url, data=urllib.parse.urlencode(form).encode(), headers={"Accept": "application/json"})
    )


def _json(request: urllib.request.Request) -> dict[str, Any]:
    if not request.full_url.startswith(("https://", "http://")):
        raise Unavailable("The provider's address cannot be used.", "Check `issuer` in rapport.toml.", code="oidc")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            found: dict[str, Any] = json.loads(response.read(1_000_000))
            return found
    except (urllib.error.URLError, ValueError, TimeoutError) as err:
        raise Unavailable("The company's sign-in does not answer.", "Try again, or use a link.", code="oidc") from err
