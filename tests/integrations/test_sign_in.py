"""Ways into the page, and what keeps others out: links once, sessions that cannot be forced on anybody, forged requests, guessing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from integrations import sign_in
from integrations.live import Live
from integrations.web.app import create_app
from integrations.web.cookies import COOKIE
from knowledge.errors import BadQuestion, NotAllowed
from tests.integrations.serving import Served, copied, listening, served

SETTINGS = """requests_per_minute = 1000000
[sign_in]
header = "X-Forwarded-User"
passwords = true
"""


@pytest.fixture(scope="module")
def door(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = copied(company, tmp_path_factory.mktemp("sign-in"))
    (home / "rapport.toml").write_text(SETTINGS, encoding="utf-8")
    with served(home) as up:
        yield up


@pytest.fixture
def outside(door: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door.url, timeout=60) as client:
        yield client


def entered(client: httpx.Client, **body: str) -> str:
    """The token against forged requests, of a session that has begun."""
    answer = client.post("/api/v1/session", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["csrf"])


def test_a_token_begins_a_session_that_sees_what_the_token_sees(door: Served, outside: httpx.Client) -> None:
    assert outside.get("/api/v1/session").json() == {
        "signed_in": False,
        "ways": {"password": True, "proxy": True, "oidc": False},
    }
    assert outside.get("/api/v1/me").status_code == 401
    entered(outside, token=door.tokens["Rita"])
    cookie = next(c for c in outside.cookies.jar if c.name == COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite", "").lower() == "lax"
    with door.client("Rita") as bearer:
        assert outside.get("/api/v1/me").json() == bearer.get("/api/v1/me").json()
        assert outside.get("/api/v1/accounts").json()["total"] == bearer.get("/api/v1/customers").json()["total"] == 2


def test_a_change_needs_the_session_s_own_token(door: Served, outside: httpx.Client) -> None:
    csrf = entered(outside, token=door.tokens["Quinn"])
    body = {"kind": "approve", "theme": "T001"}
    before = door.live.state.decisions_revision()
    for headers in ({}, {"X-Rapport-CSRF": ""}, {"X-Rapport-CSRF": csrf[:-1]}, {"X-Rapport-CSRF": "ü"}):
        sent = outside.post("/api/v1/voice/decisions", json=body, headers={k: v.encode("utf-8") for k, v in headers.items()})  # type: ignore[arg-type]
        assert (sent.status_code, sent.json()["code"]) == (403, "bad_csrf")
    assert door.live.state.decisions_revision() == before
    assert outside.post("/api/v1/voice/decisions", json=body, headers={"X-Rapport-CSRF": csrf}).status_code == 201


def test_a_session_that_was_given_to_somebody_beforehand_is_not_theirs(door: Served, outside: httpx.Client) -> None:
    outside.cookies.set(COOKIE, "chosen-by-somebody-else")
    entered(outside, token=door.tokens["Max"])
    held = [c.value for c in outside.cookies.jar if c.name == COOKIE]
    assert "chosen-by-somebody-else" not in (held[-1],)
    with httpx.Client(base_url=door.url, cookies={COOKIE: "chosen-by-somebody-else"}) as other:
        assert other.get("/api/v1/session").json()["signed_in"] is False
    with httpx.Client(base_url=door.url) as first:
        entered(first, token=door.tokens["Rita"])
        old = first.cookies[COOKIE]
        entered(first, token=door.tokens["Max"])
        assert first.cookies[COOKIE] != old
        with httpx.Client(base_url=door.url, cookies={COOKIE: old}) as other:
            assert other.get("/api/v1/session").json()["signed_in"] is False


def test_signing_out_ends_it_for_every_copy_of_the_cookie(door: Served, outside: httpx.Client) -> None:
    csrf = entered(outside, token=door.tokens["Max"])
    key = outside.cookies[COOKIE]
    assert outside.delete("/api/v1/session").status_code == 403
    assert outside.delete("/api/v1/session", headers={"X-Rapport-CSRF": csrf}).status_code == 204
    with httpx.Client(base_url=door.url, cookies={COOKIE: key}) as copy:
        assert copy.get("/api/v1/me").status_code == 401


def test_a_link_works_once_and_dies_with_its_person(door: Served, outside: httpx.Client) -> None:
    state = door.live.state
    code = sign_in.new_link(state, "Max")
    entered(outside, code=code)
    assert outside.get("/api/v1/me").json()["name"] == "Max"
    again = outside.post("/api/v1/session", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (401, "bad_link")
    state.add_user("Tom", "rep", accounts="all")
    with httpx.Client(base_url=door.url) as tom:
        entered(tom, code=sign_in.new_link(state, "Tom"))
        waiting = sign_in.new_link(state, "Tom")
        state.remove_user("Tom")
        assert tom.get("/api/v1/me").status_code == 401
        state.add_user("Tom", "admin", accounts="all")
        assert tom.get("/api/v1/me").status_code == 401  # another person of the same name
        state.remove_user("Tom")
        assert tom.post("/api/v1/session", json={"code": waiting}).status_code == 401


def test_passwords_are_hashed_and_a_wrong_name_reads_like_a_wrong_password(door: Served, outside: httpx.Client) -> None:
    state = door.live.state
    sign_in.set_password(state, "Max", "four quiet green lorries")
    assert state.kept(sign_in.PASSWORDS, "Max")["hash"].startswith("$argon2id$")
    with pytest.raises(BadQuestion, match="12 characters"):
        sign_in.set_password(state, "Max", "short")
    entered(outside, name="Max", password="four quiet green lorries")
    wrong = [
        outside.post("/api/v1/session", json={"name": n, "password": "four quiet green lorrieS"})
        for n in ("Max", "Nobody", "Rita")
    ]
    assert {(w.status_code, w.json()["code"], w.json()["detail"]) for w in wrong} == {
        (401, "bad_password", "Name and password do not fit.")
    }
    with pytest.raises(NotAllowed):
        sign_in.by_password(state, "Nobody", "")


def test_a_header_counts_from_the_proxy_only(door: Served, company: Path, tmp_path: Path) -> None:
    with httpx.Client(base_url=door.url, headers={"X-Forwarded-User": "max@firm.example"}) as proxied:
        told = proxied.get("/api/v1/session").json()
        assert (told["signed_in"], told["name"]) == (True, "Max")
        assert proxied.get("/api/v1/me").json()["name"] == "Max"
        assert proxied.get("/api/v1/session", headers={"X-Forwarded-User": "Rita"}).json()["name"] == "Rita"
    home = copied(company, tmp_path)
    (home / "rapport.toml").write_text('[sign_in]\nheader = "X-Forwarded-User"\nproxies = ["10.0.0.9"]\n', encoding="utf-8")
    with served(home) as up, httpx.Client(base_url=up.url, headers={"X-Forwarded-User": "Max"}) as direct:
        assert direct.get("/api/v1/session").json()["signed_in"] is False


def test_guessing_is_slowed_down_and_told(company: Path, tmp_path: Path) -> None:
    live = Live(copied(company, tmp_path))
    with listening(create_app(live)) as url, httpx.Client(base_url=url) as guesser:
        codes = [guesser.post("/api/v1/session", json={"code": f"guess-{i}"}).status_code for i in range(14)]
        assert codes[:10] == [401] * 10
        assert codes[-1] == 429
    assert "login refused" in {e.action for e in live.state.audit_log(50)}
    live.close()


def test_another_site_cannot_sign_anybody_in(door: Served, outside: httpx.Client) -> None:
    sent = outside.post("/api/v1/session", json={"token": door.tokens["Max"]}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (sent.status_code, sent.json()["code"]) == (403, "bad_csrf")


def test_the_first_link_is_the_admin_s_and_makes_one_where_there_is_none(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    home.mkdir()
    live = Live(home)
    made = sign_in.owner(live.state)
    assert (made.role, made.accounts) == ("admin", "all")
    assert sign_in.owner(live.state) == made
    live.close()


def test_a_page_that_is_not_there_says_so_to_people_and_to_programs(door: Served, outside: httpx.Client) -> None:
    person = outside.get("/nowhere", headers={"Accept": "text/html"})
    assert (person.status_code, "text/html" in person.headers["content-type"]) == (404, True)
    assert "default-src 'self'" in person.headers["content-security-policy"]
    assert outside.get("/nowhere").json()["code"] == "not_found"
    assert outside.get("/api/v1/nowhere", headers={"Accept": "text/html"}).json()["code"] == "not_found"
