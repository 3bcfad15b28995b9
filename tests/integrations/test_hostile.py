"""Every door given what it did not expect: clear errors only, never a server error."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.integrations.hostile import bodies
from tests.integrations.serving import Served, copied, served
from tests.integrations.slack.conftest import Joined, slack, slack_of_session  # noqa: F401
from tests.integrations.slack.fake import SECRET

JSON = dict[str, Any]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EACH = 1000


@pytest.fixture(scope="module")
def door(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served workspace of its own: much is written to it."""
    with served(copied(company, tmp_path_factory.mktemp("hostile"))) as up:
        yield up


@pytest.mark.slow
def test_no_operation_of_the_description_fails(door: Served) -> None:
    described = schemathesis.openapi.from_url(f"{door.url}/openapi.json")
    signed = {"Authorization": f"Bearer {door.tokens['Ann']}"}
    calls: Counter[str] = Counter()
    for found in described.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
        def call(case: schemathesis.Case) -> None:
            response = case.call(headers=signed)
            case.validate_response(response, checks=CHECKS)
            calls[case.operation.label] += 1
            if response.status_code >= 400:
                assert response.json()["code"]
                assert response.json()["detail"]

        call()
    assert len(calls) >= 35, calls


REST: dict[str, list[JSON]] = {
    "/api/v1/ask": [{"question": "revenue in 2026", "conversation": "c1"}],
    "/api/v1/query": [
        {"metric": "revenue", "by": ["region"], "where": [{"dimension": "region", "values": ["North"]}], "period": "2026", "grain": "month", "order": "desc", "limit": 5}
    ],
    "/api/v1/feedback": [
        {"feedback_id": "H1", "text": "late again", "rating": 2, "rating_scale": "1-5", "at": "2026-03-01T10:00:00Z", "channel": "survey", "customer_id": "C-1001"}
    ],
    "/api/v1/subscriptions": [{"kind": "digest", "what": "", "schedule": {"every": "week"}, "channel": "web"}],
    "/api/v1/themes/T-1/decisions": [{"kind": "rename", "name": "Late"}],
}  # fmt: skip


@pytest.mark.slow
def test_rest_answers_random_bodies_with_clear_errors(door: Served) -> None:
    seen: Counter[int] = Counter()
    with door.client() as client:
        for path, valid in REST.items():
            for number, body in enumerate(bodies(valid, EACH // len(REST), seed=len(path))):
                kind = ("application/json", "application/json", "text/plain", "application/x-www-form-urlencoded")[
                    number % 4 if number % 7 == 0 else 0
                ]
                got = client.post(path, content=body, headers={"Content-Type": kind})
                seen[got.status_code] += 1
                assert got.status_code < 500, (path, body[:300], got.text)
                if got.status_code >= 400:
                    assert got.headers["content-type"] == "application/problem+json", (path, got.text)
                    assert got.json()["code"], (path, body)
    assert sum(seen.values()) == EACH
    assert seen[422] > EACH / 3, seen


MCP: list[JSON] = [
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "query_metric", "arguments": {"metric": "revenue", "by": ["region"], "period": "2026"}}},
    {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "themes", "arguments": {"theme": "late", "limit": 3}}},
    {"jsonrpc": "2.0", "id": 4, "method": "resources/read", "params": {"uri": "metric://revenue"}},
    {"jsonrpc": "2.0", "id": 5, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
]  # fmt: skip


@pytest.mark.slow
def test_mcp_answers_random_bodies_with_clear_errors(door: Served) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    seen: Counter[int] = Counter()
    with door.client() as client:
        for body in bodies(MCP, EACH, seed=3):
            got = client.post("/mcp", content=body, headers=headers)
            seen[got.status_code] += 1
            assert got.status_code < 500, (body[:300], got.text)
            assert "Traceback" not in got.text
            if got.status_code >= 400:
                assert got.json(), body
    assert sum(seen.values()) == EACH


def shapes(slack: Joined) -> list[JSON]:  # noqa: F811
    """One of everything that Slack sends."""
    fake = slack.fake
    asked = fake.says("D0ANN", "U0ANN", "revenue in 2026")
    mention = fake.says("C0SERVICE1", "U0ANN", "<@U0RAPPORT1> orders in 2026")
    message = {"ts": "1.1", "text": "late", "blocks": []}
    presses = [
        fake.pressed("U0ANN", "D0ANN", message, {"type": "button", "action_id": i, "value": json.dumps({"q": "orders", "a": "x", "o": "C0SERVICE1", "id": 1, "n": "Acme"})})
        for i in ("choose_0", "follow_1", "how", "share", "draft", "save", "home_ask", "home_stop")
    ]  # fmt: skip
    opinion = fake.pressed("U0ANN", "D0ANN", message, {"type": "feedback_buttons", "action_id": "opinion", "value": "yes:x"})
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "log_feedback",
        "private_metadata": '{"ts": "1.1", "channel": "C0SERVICE1"}',
    }
    submitted = fake.submitted("U0ANN", view, {"text": {"text": {"value": "late"}}})
    suggestion = {
        "type": "block_suggestion",
        "action_id": "customer",
        "block_id": "customer",
        "value": "a",
        "team": {"id": "T0COMPANY1"},
        "user": {"id": "U0ANN"},
        "view": view,
    }
    home = fake.wrapped({"type": "app_home_opened", "user": "U0ANN", "channel": "D0ANN", "tab": "home", "event_ts": "1.1"})
    gone = fake.wrapped({"type": "tokens_revoked", "tokens": {"oauth": ["U0X"]}, "event_ts": "1.1"})
    shortcuts = [fake.shortcut("U0ANN", "C0SERVICE1", message, c) for c in ("log_feedback", "check_claim")]
    commands = [fake.command("U0ANN", "C0SERVICE1", t) for t in ("help", "ask orders in 2026", "subscribe digest weekly")]
    return [asked, mention, *presses, opinion, submitted, suggestion, home, gone, *shortcuts, *commands]


@pytest.mark.slow
def test_slack_answers_random_bodies_with_clear_errors(slack: Joined) -> None:  # noqa: F811
    chance = random.Random(5)

    async def send(session: aiohttp.ClientSession, body: bytes) -> tuple[int, str]:
        form = chance.random() < 0.6
        if form and body.startswith(b'{"command"'):
            flat = json.loads(body)
            body = urllib.parse.urlencode(
                {k: v if isinstance(v, str) else json.dumps(v) for k, v in flat.items()}, errors="replace"
            ).encode()
        elif form:
            body = urllib.parse.urlencode({"payload": body}).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        moment = str(int(time.time()))
        signed = hmac.new(SECRET.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={signed}"}
        async with session.post(slack.url, data=body, headers=headers) as got:
            return got.status, await got.text(errors="replace")

    async def run() -> Counter[int]:
        seen: Counter[int] = Counter()
        async with aiohttp.ClientSession() as session:
            for body in bodies(shapes(slack), EACH, seed=9):
                status, text = await send(session, body)
                seen[status] += 1
                assert status < 500, (body[:600], text)
                assert "Traceback" not in text
        return seen

    seen = asyncio.run(run())
    assert sum(seen.values()) == EACH
    assert seen[200] > 50
    slack.fake.tokens.setdefault("xoxb-company", "T0COMPANY1")
    slack.until(lambda: slack.live.state.pending("slack") == 0, 60)
    assert "orders" in slack.asks("D0ANN", "U0ANN", "orders in 2026")["text"]  # and it still answers


def test_a_body_that_is_too_large_is_refused(door: Served) -> None:
    with door.client() as client:
        got = client.post(
            "/api/v1/ask", content=b'{"question": "' + b"a" * 3_000_000 + b'"}', headers={"Content-Type": "application/json"}
        )
    assert got.status_code in (413, 422)
    assert isinstance(got, httpx.Response)
