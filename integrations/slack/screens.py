"""Slack's blocks as text, and the screens of docs/slack.md made of them: the real builders, over small made-up facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.slack import blocks, home, modals
from integrations.slack.answers import WELCOME
from integrations.slack.blocks import Block
from integrations.slack.home_facts import Facts, Heeded
from integrations.slack.people import UNKNOWN
from knowledge.state import Subscription


def page() -> str:
    """The screens as Markdown."""
    parts = [f"**{title}**\n\n````text\n{drawn(shown)}\n````\n" for title, shown in _screens()]
    return "\n".join(parts)


def drawn(shown: Sequence[Block]) -> str:
    """Blocks as lines of text: buttons in brackets, quiet lines with a dot before them."""
    return "\n".join(line.rstrip() for block in shown for line in _lines(block))


def _lines(block: Mapping[str, Any]) -> Iterable[str]:
    match block["type"]:
        case "header":
            yield f"== {block['text']['text']} =="
        case "section":
            text = str(block["text"]["text"]).split("\n")
            beside = f"   {_element(block['accessory'])}" if "accessory" in block else ""
            yield from (text[0] + beside, *text[1:])
        case "context":
            yield from (f"· {e['text']}" for e in block["elements"])
        case "actions" | "context_actions":
            yield "  ".join(map(_element, block["elements"]))
        case "table":
            yield from _table(block)
        case "image":
            yield f"(picture: {block['alt_text']})"
        case "input":
            yield f"{block['label']['text']}: {_element(block['element'])}"
        case _:
            yield "─" * 40


def _element(element: Mapping[str, Any]) -> str:
    match element["type"]:
        case "button":
            return f"[{element['text']['text']}]"
        case "feedback_buttons":
            return f"({element['positive_button']['text']['text']}) ({element['negative_button']['text']['text']})"
        case "static_select" | "external_select":
            chosen = element.get("initial_option") or {}
            return f"[{(chosen.get('text') or element.get('placeholder') or {}).get('text', '')} ▾]"
        case _:
            return f"[{element.get('initial_value', '')}]"


def _table(block: Mapping[str, Any]) -> Iterable[str]:
    rows = [[cell["text"] for cell in row] for row in block["rows"]]
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    right = [s.get("align") == "right" for s in block["column_settings"]]
    for row in rows:
        yield "│ " + " │ ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)) + " │"


def _screens() -> Iterable[tuple[str, Sequence[Block]]]:
    yield "Somebody asks in a thread", blocks.answer(_ANSWER, conversation="c").blocks
    yield "It could mean several things", blocks.answer(_CHOICE, conversation="c").blocks
    yield "It cannot be answered", blocks.answer(_REFUSAL, conversation="c").blocks
    short = {**_ANSWER, "table": None, "followups": []}
    private = blocks.answer(short, conversation="c", customer="Acme Industrial")
    offered = blocks.answer(short, conversation="c", origin="C1", customer="Acme Industrial")
    yield "Not everybody in the channel may see it, so it comes in a direct message", private.blocks
    yield "Asked with `/rapport ask` in a channel where everybody may see it", offered.blocks
    yield "Somebody whom it does not know", blocks.words(UNKNOWN).blocks
    yield "Hello", blocks.words(WELCOME).blocks
    alert = blocks.muting([["silent: C-1001", "Acme Industrial: the usual order did not come."]], "Maria")
    asks = [blocks.button("brief", "follow_0", {"q": "brief on Acme Industrial", "c": ""})]
    yield (
        "An alert",
        [blocks.section("*Acme Industrial*: the usual order did not come, 19 days overdue."), blocks.actions(*asks), *alert],
    )
    yield "Show how", modals.how(_HOW)["blocks"]
    yield "Log as feedback (⋮ on any message)", modals.log_feedback("The pallet was crushed and wet", {})["blocks"]
    yield "Draft a reply", modals.draft(modals.draft_of(_ANSWER, "Acme Industrial", "Maria"), "Acme Industrial")["blocks"]
    yield "Not useful: why?", modals.reason("A1")["blocks"]
    yield "The Home tab", home.view(_FACTS)["blocks"]


_ANSWER: dict[str, Any] = {
    "id": "A1", "status": "answered", "as_of": "2026-11-22T06:00:00+00:00", "figures": [], "quotes": [], "citations": [], "choices": [], "nearest": [],
    "text": "**93.4 %** line fill rate of Acme Industrial this quarter (412 of 441). Compared with Q3 2026: 96.1 %.\n\n"
            "_Line fill rate · Q4 2026 · 441 lines · data to 22 Nov 2026_",
    "table": {"columns": ["Product", "Line fill rate", "Lines"], "rows": [["Fasteners", "81.2 %", "154"], ["Seals", "99.0 %", "287"]]},
    "followups": ["why did it fall?", "by warehouse"],
}  # fmt: skip
_CHOICE: dict[str, Any] = {
    **_ANSWER, "status": "clarify", "text": "Which Acme?", "table": None, "followups": [],
    "choices": [{"label": "Acme Industrial", "question": "revenue of Acme Industrial"}, {"label": "Acme Foods", "question": "revenue of Acme Foods"}],
}  # fmt: skip
_REFUSAL: dict[str, Any] = {
    **_ANSWER, "status": "no_data", "table": None, "followups": [], "nearest": ["satisfaction in Norway", "themes in Norway"],
    "text": "No survey answers carry an NPS score in this workspace, so there is none to report.",
}  # fmt: skip
_HOW: dict[str, Any] = {
    "definitions": [
        {"label": "Line fill rate", "definition": "Order lines shipped complete at first, of lines due.", "rows": 441, "source": "SCOR RL.3.33",
         "period": {"start": "2026-10-01", "end": "2026-11-22"}, "as_of": "2026-11-22T06:00:00"}
    ],
    "understood": {"metrics": ["fill_rate"], "period": {"label": "this quarter"}},
    "queries": [{"sql": "SELECT SUM(complete) / COUNT(*) FROM order_lines WHERE …"}],
    "notes": [], "snapshot": "20261122T060000-ab12cd",
}  # fmt: skip
_FACTS = Facts(
    principal="Maria",
    accounts=[{"customer_id": "C-1001", "name": "Acme Industrial", "service_tier": "gold", "region": "Texas"}],
    sees_all=False,
    as_of="22 Nov 2026",
    alerts=[
        Heeded(
            "silent: C-1001",
            "Acme Industrial: the usual order did not come, 19 days overdue.",
            (("brief", "brief on Acme Industrial"),),
        )
    ],
    muted=[Heeded("theme T7 2026-11", "Late delivery: 31 complaints in four weeks")],
    saved=["on-time delivery of my accounts this month"],
    meanings=[("acme", "Acme Industrial")],
    sent=[Subscription(1, "Maria", "digest", "my accounts", {"every": "week"}, "U1", datetime(2026, 1, 2, tzinfo=UTC), None)],
)
