"""MCP through the SDK's own client: over stdio as a process, over HTTP with tokens; the caller's rights hold in both."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

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


def test_an_agent_finds_its_way_by_what_the_tools_say(rest: Served) -> None:
    """A scripted agent: looks for a metric, asks for it by a customer's name, mends what it is told is wrong, reads a brief."""

    async def scenario(client: Client) -> None:
        tools = {t.name: t for t in (await client.list_tools()).tools}
        assert all(t.annotations is not None and t.annotations.read_only_hint for t in tools.values())
        assert tools["query_metric"].annotations.idempotent_hint
        found = (await client.call_tool("list_metrics", {"search": "on-time delivery", "limit": 3})).structured_content
        assert found["metrics"][0]["name"].startswith("otd")
        assert len(json.dumps(found)) < 6000
        names, start = set(), 0
        while start is not None:
            page = (await client.call_tool("list_metrics", {"start": start, "limit": 100})).structured_content
            names |= {m["name"] for m in page["metrics"]}
            start = page["next"]
        assert len(names) == page["total"]
        with rest.client() as ann:
            customer = ann.get("/api/v1/customers?limit=1").json()["items"][0]
        wrong = await client.call_tool("query_metric", {"metric": "orders", "where": {"customer": [customer["name"][:-1]]}})
        assert wrong.is_error
        assert customer["name"] in wrong.content[0].text
        by_name = await client.call_tool("query_metric", {"metric": "orders", "where": {"customer": [customer["name"]]}})
        by_id = await client.call_tool("query_metric", {"metric": "orders", "where": {"customer": [customer["customer_id"]]}})
        assert by_name.structured_content["figures"][0]["value"] == by_id.structured_content["figures"][0]["value"]
        brief = (await client.call_tool("account_brief", {"customer": customer["name"]})).structured_content
        assert brief["markdown"]
        assert not brief.get("brief")
        assert len(brief["markdown"]) < 40_000
        by_words = {
            "metric": "on-time delivery",
            "by": ["Account owner"],
            "where": {"Customer": [customer["name"]]},
            "period": "2026",
        }
        assert (await client.call_tool("query_metric", by_words)).structured_content["figures"][0]["metric"] == "otd"
        called = json.loads((await client.read_resource("metric://Revenue")).contents[0].text)
        assert called["name"] == "revenue"
        lacking = await client.call_tool("query_metric", {"metric": "on-tme delivery"})
        assert "otd" in lacking.content[0].text
        titled = json.loads((await client.read_resource("documents://all")).contents[0].text)["documents"][0]
        texts = [
            (await client.read_resource(f"document://{quote(titled[k])}")).contents[0].text for k in ("document_id", "title")
        ]
        assert texts[0] == texts[1]
        theme = (await client.call_tool("themes", {"limit": 1})).structured_content["themes"][0]
        for said in (theme["name"].upper(), theme["theme_id"].lower()):
            assert (await client.call_tool("themes", {"theme": said})).structured_content["themes"][0]["theme_id"] == theme[
                "theme_id"
            ]
        hidden = await client.call_tool("account_brief", {"customer": "Zzyzx Quarry"})
        assert hidden.is_error or "Zzyzx" in str(hidden.structured_content)

    over_http(rest, "Ann", scenario)


def test_prompts_name_tools_that_are_there(rest: Served) -> None:
    async def scenario(client: Client) -> None:
        for prompt in (await client.list_prompts()).prompts:
            given = {a.name: "Acme" for a in prompt.arguments or ()}
            text = (await client.get_prompt(prompt.name, given)).messages[0].content.text
            named = set(re.findall(r"\b(?:ask|themes|[a-z]+_[a-z]+)\b", text))
            assert named <= TOOLS | {"the"}, named - TOOLS

    over_http(rest, "Rita", scenario)


@pytest.mark.slow
def test_over_stdio_as_a_person(rest: Served) -> None:
    over_stdio(rest.live.folder, "Ann", use_everything)

    async def searching(client: Client) -> None:
        found = (await client.call_tool("search_feedback", {"query": "late delivery", "limit": 3})).structured_content[
            "passages"
        ]
        assert 1 <= len(found) <= 3

    over_stdio(rest.live.folder, "Ann", searching)
