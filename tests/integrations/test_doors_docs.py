"""The pages on doors say what is so: screens and manifest are the real ones, examples work, tools are the server's."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from integrations.mcp_server import server
from integrations.slack.app import MANIFEST
from integrations.slack.screens import page
from knowledge.mapping import list_mappings
from tests.integrations.serving import Served
from tests.integrations.slack.rules import broken, broken_view

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = re.findall(r"```http\n(\w+) (\S+)\n(.*?)```", (DOCS / "api.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_screens_are_what_the_builders_draw() -> None:
    text = (DOCS / "slack.md").read_text(encoding="utf-8")
    shown = text.split("<!-- screens -->\n")[1].split("<!-- /screens -->")[0]
    assert shown == page(), "rapport slack --screens"


def test_the_screens_keep_to_the_rules_of_slack() -> None:
    from integrations.slack import screens

    for title, blocks in screens._screens():
        surface = "home" if title == "The Home tab" else "modal" if any(b["type"] == "input" for b in blocks) else "message"
        assert broken(list(blocks), surface) == [], title
    assert broken_view({"type": "home", "blocks": list(screens.home.view(screens._FACTS)["blocks"])}) == []


def test_the_manifest_to_paste_is_the_one_that_is_shipped() -> None:
    text = (DOCS / "slack.md").read_text(encoding="utf-8")
    assert text.split("```yaml\n")[1].split("```")[0] == MANIFEST.read_text(encoding="utf-8")


@pytest.mark.parametrize(("method", "path", "rest_of_it"), EXAMPLES, ids=[f"{m} {p}" for m, p, _ in EXAMPLES])
def test_an_example_works(method: str, path: str, rest_of_it: str, rest: Served) -> None:
    lines = rest_of_it.strip().split("\n") if rest_of_it.strip() else []
    headers = dict(line.split(": ", 1) for line in lines if not line.startswith("{"))
    body = next((line for line in lines if line.startswith("{")), None)
    with rest.client() as client:
        got = client.request(method, path, content=body, headers={"Content-Type": "application/json", **headers})
    assert got.status_code in (200, 201, 202), got.text
    if path == "/api/v1/ask":
        assert got.json()["status"] == "answered"


def test_the_tools_are_the_servers(rest: Served) -> None:
    made = server(rest.live, lambda _: rest.live.home.scope(None))
    text = (DOCS / "api.md").read_text(encoding="utf-8").split("## MCP")[1]
    tools = {t.name for t in asyncio.run(made.list_tools())}
    prompts = {p.name for p in asyncio.run(made.list_prompts())}
    assert tools == set(re.findall(r"`(\w+)`", text.split("Tools: ")[1].split(".")[0]))
    assert prompts == set(re.findall(r"`(\w+)`", text.split("Prompts:")[1].split(".")[0]))


def test_every_mapping_of_a_vendor_has_its_command() -> None:
    text = (DOCS / "connectors.md").read_text(encoding="utf-8")
    samples = {"cdnow", "olist", "online-retail", "tau-retail"}
    assert {m.name for m in list_mappings()} - samples <= set(re.findall(r"--mapping ([a-z-]+)", text))
