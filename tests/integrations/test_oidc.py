"""Signing in with a company account, against a provider of our own on loopback that signs real tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.integrations.serving import Served, copied, listening, served

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """What it says next; `asked` is what it was sent."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = KEY
    nonce: str = ""
    challenge: str = ""
    asked: dict[str, str] = field(default_factory=dict)

    def told(self, _: Request) -> JSONResponse:
        parts = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.url, **{k: f"{self.url}/{v}" for k, v in parts.items()}})

    def keys(self, _: Request) -> JSONResponse:
        return JSONResponse(
            {"keys": [{**json.loads(RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k1", "alg": "RS256", "use": "sig"}]}
        )

    async def token(self, request: Request) -> JSONResponse:
        self.asked = {k: str(v) for k, v in (await request.form()).items()}
        proof = base64.urlsafe_b64encode(hashlib.sha256(self.asked["code_verifier"].encode()).digest()).decode().rstrip("=")
        if proof != self.challenge:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "rapport",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "sub": "1",
            **self.claims,
        }
        return JSONResponse({"id_token": jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"})})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    routes = [
        Route("/.well-known/openid-configuration", made.told),
        Route("/keys", made.keys),
        Route("/token", made.token, methods=["POST"]),
    ]
    with listening(Starlette(routes=routes)) as url:
        made.url = url
        yield made


@pytest.fixture(scope="module")
def door(company: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = copied(company, tmp_path_factory.mktemp("oidc"))
    (home / "rapport.toml").write_text(
        f'requests_per_minute = 1000000\n[sign_in.oidc]\nissuer = "{provider.url}"\nclient_id = "rapport"\n', encoding="utf-8"
    )
    with served(home) as up:
        yield up


def through(door: Served, provider: Provider, client: httpx.Client, **claims: Any) -> httpx.Response:
    """The whole way: to the provider, and back with its code."""
    begun = client.get("/api/v1/session/oidc")
    assert begun.status_code == 303
    asked = {k: v[0] for k, v in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    assert asked["redirect_uri"] == f"{door.url}/api/v1/session/oidc/back"
    provider.nonce, provider.challenge, provider.claims = asked["nonce"], asked["code_challenge"], claims
    return client.get("/api/v1/session/oidc/back", params={"code": "c", "state": asked["state"]})


def test_whom_the_provider_names_is_in(door: Served, provider: Provider) -> None:
    with httpx.Client(base_url=door.url, timeout=30) as client:
        back = through(door, provider, client, email="MAX@firm.example")
        assert (back.status_code, back.headers["location"]) == (303, "/")
        assert client.get("/api/v1/me").json()["name"] == "Max"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@firm.example"}, {"email": "max@firm.example", "email_verified": False}, {"email": "max@firm.example", "aud": "another"},
        {"email": "max@firm.example", "iss": "https://elsewhere.example"}, {"email": "max@firm.example", "exp": 1}, {"email": "max@firm.example", "nonce": "other"}, {},
    ],
)  # fmt: skip
def test_what_does_not_fit_lets_nobody_in(door: Served, provider: Provider, claims: dict[str, Any]) -> None:
    with httpx.Client(base_url=door.url, timeout=30) as client:
        back = through(door, provider, client, **claims)
        assert (back.status_code, back.json()["code"]) == (401, "bad_oidc")
        assert client.get("/api/v1/session").json()["signed_in"] is False


def test_a_token_of_another_key_lets_nobody_in(door: Served, provider: Provider) -> None:
    provider.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    try:
        with httpx.Client(base_url=door.url, timeout=30) as client:
            assert through(door, provider, client, email="max@firm.example").status_code == 401
    finally:
        provider.key = KEY


def test_an_answer_that_another_browser_asked_for_is_refused(door: Served, provider: Provider) -> None:
    with httpx.Client(base_url=door.url, timeout=30) as attacker, httpx.Client(base_url=door.url, timeout=30) as victim:
        begun = attacker.get("/api/v1/session/oidc")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        got = victim.get("/api/v1/session/oidc/back", params={"code": "c", "state": state})
        assert (got.status_code, got.json()["code"]) == (401, "bad_oidc")
