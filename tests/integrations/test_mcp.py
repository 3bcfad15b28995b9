"""MCP through the SDK's own client: over stdio as a process, over HTTP with tokens; the caller's rights hold in both."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.integrations.serving import Served

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"ask", "query_metric", "list_metrics", "account_brief", "search_feedback", "themes"}


def over_http(rest: Served, name: str, scenario: Callable[[Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {rest.tokens[name]}"}, timeout=60) as http,
            Client(streamable_http_client(f"{rest.url}/mcp", http_client=http)) as client,
        ):
            await scenario(client)

    asyncio.run(run())


def over_stdio(home: Path, person: str, scenario: Callable[[Client], Awaitable[None]]) -> None:
    command = ["-c", "from integrations.cli import main; main()", "mcp", "--as", person]
    server = StdioServerParameters(
        command=sys.executable, args=command, env={**os.environ, "RAPPORT_WORKSPACE": str(home)}, cwd=ROOT
    )

    async def run() -> None:
        async with Client(server) as client:
            await scenario(client)

    asyncio.run(run())


async def use_everything(client: Client) -> None:
    listed = (await client.list_tools()).tools
    assert {t.name for t in listed} == TOOLS
    assert all(t.output_schema for t in listed)
    said = (await client.call_tool("ask", {"question": "revenue by region in 2026", "conversation": "a"})).structured_content
    assert said["status"] == "answered"
    followed = (await client.call_tool("ask", {"question": "by month", "conversation": "a"})).structured_content
    assert followed["figures"][0]["metric"] == "revenue"
    asked = {"metric": "orders", "by": ["region"], "period": "2026", "order": "desc", "limit": 2}
    figures = (await client.call_tool("query_metric", asked)).structured_content["figures"]
    assert [f["value"] for f in figures if f["group"]] == sorted((f["value"] for f in figures if f["group"]), reverse=True)
    metrics = (await client.call_tool("list_metrics", {})).structured_content["metrics"]
    assert {"revenue", "otd"} <= {m["name"] for m in metrics}
    wrong = await client.call_tool("query_metric", {"metric": "magic"})
    assert wrong.is_error
    assert "magic" in wrong.content[0].text
    bad = await client.call_tool("ask", {"question": ""})
    assert bad.is_error
    definition = json.loads((await client.read_resource("metric://revenue")).contents[0].text)
    assert definition["definition"]
    documents = json.loads((await client.read_resource("documents://all")).contents[0].text)["documents"]
    text = (await client.read_resource(f"document://{documents[0]['document_id']}")).contents[0].text
    assert text
    with pytest.raises(MCPError):
        await client.read_resource("document://none-such")
    assert {p.name for p in (await client.list_prompts()).prompts} == {"prepare_call", "complaints"}
    prompt = await client.get_prompt("prepare_call", {"customer": "Acme Industrial"})
    assert "account_brief for Acme Industrial" in prompt.messages[0].content.text


def test_over_http(rest: Served) -> None:
    async def scenario(client: Client) -> None:
        await use_everything(client)
        name = (await client.call_tool("ask", {"question": "top customer by revenue"})).structured_content["figures"][0][
            "group"
        ]["customer"]
        brief = (await client.call_tool("account_brief", {"customer": name})).structured_content
        assert brief["markdown"].startswith("#")
        themes: Any = (await client.call_tool("themes", {"limit": 3})).structured_content["themes"]
        card = (await client.call_tool("themes", {"theme": themes[0]["theme_id"]})).structured_content["themes"][0]
        assert card["name"] == themes[0]["name"]

    over_http(rest, "Ann", scenario)


def test_every_request_has_its_callers_own_rights(rest: Served) -> None:
    values = {}

    def asking(name: str) -> Callable[[Client], Awaitable[None]]:
        async def scenario(client: Client) -> None:
            values[name] = (await client.call_tool("query_metric", {"metric": "orders"})).structured_content["figures"][0][
                "value"
            ]
            margin = await client.call_tool("query_metric", {"metric": "recovery_rate"})
            values[name + " margin"] = "not_allowed" in str(margin.content)

        return scenario

    for name in ("Ann", "Rita"):
        over_http(rest, name, asking(name))
    assert 0 < values["Rita"] < values["Ann"]
    assert (values["Ann margin"], values["Rita margin"]) == (False, True)


def test_nobody_comes_in_without_a_token(rest: Served) -> None:
    with rest.client(None) as nobody:
        got = nobody.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert (got.status_code, got.json()["code"]) == (401, "no_token")


@pytest.mark.slow
def test_over_stdio_as_a_person(rest: Served) -> None:
    over_stdio(rest.live.folder, "Ann", use_everything)

    async def searching(client: Client) -> None:
        found = (await client.call_tool("search_feedback", {"query": "late delivery", "limit": 3})).structured_content[
            "passages"
        ]
        assert 1 <= len(found) <= 3

    over_stdio(rest.live.folder, "Ann", searching)
