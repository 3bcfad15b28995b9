"""Slack's own rules for blocks and views, as strict as the real one: what breaks them comes back as `invalid_blocks`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

FIELDS: dict[str, tuple[set[str], set[str]]] = {  # type -> (needed, allowed besides)
    "section": (set(), {"text", "fields", "accessory", "expand"}),
    "context": ({"elements"}, set()),
    "actions": ({"elements"}, set()),
    "context_actions": ({"elements"}, set()),
    "divider": (set(), set()),
    "header": ({"text"}, set()),
    "markdown": ({"text"}, set()),
    "image": ({"alt_text"}, {"image_url", "slack_file", "title"}),
    "table": ({"rows"}, {"column_settings"}),
    "input": ({"label", "element"}, {"optional", "hint", "dispatch_action"}),
}
ELEMENTS: dict[str, tuple[set[str], set[str]]] = {
    "button": ({"text", "action_id"}, {"value", "style", "url", "confirm", "accessibility_label"}),
    "feedback_buttons": ({"positive_button", "negative_button"}, {"action_id"}),
    "plain_text_input": ({"action_id"}, {"multiline", "max_length", "min_length", "initial_value", "placeholder"}),
    "external_select": ({"action_id"}, {"min_query_length", "placeholder", "initial_option"}),
    "static_select": ({"action_id", "options"}, {"initial_option", "placeholder"}),
}
MESSAGE_CHARACTERS = 13_200


def broken(blocks: list[dict[str, Any]], surface: str) -> list[str]:
    """Every rule that the blocks break; `surface` is message, modal or home."""
    found = [p for n, b in enumerate(blocks) for p in _block(b, surface, f"/blocks/{n}")]
    if len(blocks) > (50 if surface == "message" else 100):
        found.append(f"{len(blocks)} blocks")
    if surface == "message" and sum(map(characters, blocks)) > MESSAGE_CHARACTERS:
        found.append(f"{sum(map(characters, blocks))} characters")
    if sum(b.get("type") == "table" for b in blocks) > 1:
        found.append("more than one table")
    ids = [b["block_id"] for b in blocks if b.get("block_id")]
    if len(ids) != len(set(ids)):
        found.append("block_id twice")
    if not found:
        for block in Block.parse_all(blocks):
            try:
                block.validate_json()
            except SlackObjectFormationError as err:
                found.append(str(err))
    return found


def broken_view(view: dict[str, Any]) -> list[str]:
    kind = view.get("type")
    allowed = {"type", "blocks", "private_metadata", "callback_id", "external_id"} | (
        {"title", "submit", "close", "clear_on_close", "notify_on_close"} if kind == "modal" else set()
    )
    found = [f"unknown {k}" for k in set(view) - allowed]
    if kind == "modal":
        for name in ("title", "submit", "close"):
            if name in view:
                found += _text(view[name], f"/{name}", 24, {"plain_text"})
        if "title" not in view:
            found.append("no title")
        if any(b.get("type") == "input" for b in view.get("blocks", [])) and "submit" not in view:
            found.append("inputs without submit")
    elif kind != "home":
        found.append(f"type {kind}")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("private_metadata too long")
    return found + broken(view.get("blocks", []), str(kind))


def characters(block: Any) -> int:
    if isinstance(block, dict):
        return sum(
            len(v) if k in ("text", "alt_text", "value") and isinstance(v, str) else characters(v) for k, v in block.items()
        )
    return sum(map(characters, block)) if isinstance(block, list) else 0


def _block(block: dict[str, Any], surface: str, at: str) -> Iterator[str]:
    kind = str(block.get("type"))
    if kind not in FIELDS:
        yield f"{at}: type {kind}"
        return
    needed, more = FIELDS[kind]
    yield from (f"{at}: lacks {k}" for k in needed - set(block))
    yield from (f"{at}: unknown {k}" for k in set(block) - needed - more - {"type", "block_id"})
    if kind == "input" and surface != "modal":
        yield f"{at}: input in a {surface}"
    if kind in ("table", "context_actions") and surface != "message":
        yield f"{at}: {kind} in a {surface}"
    if kind == "section":
        if not block.get("text") and not block.get("fields"):
            yield f"{at}: empty section"
        if "text" in block:
            yield from _text(block["text"], f"{at}/text", 3000, {"mrkdwn", "plain_text"})
        if "accessory" in block:
            yield from _element(block["accessory"], f"{at}/accessory")
    elif kind == "context":
        if not 1 <= len(block["elements"]) <= 10:
            yield f"{at}: {len(block['elements'])} elements"
        for element in block["elements"]:
            yield from _text(element, at, 2000, {"mrkdwn", "plain_text"})
    elif kind in ("actions", "context_actions"):
        most = 25 if kind == "actions" else 5
        if not 1 <= len(block["elements"]) <= most:
            yield f"{at}: {len(block['elements'])} elements"
        ids = [e.get("action_id") for e in block["elements"]]
        if len(ids) != len(set(ids)):
            yield f"{at}: action_id twice"
        for element in block["elements"]:
            yield from _element(element, at)
    elif kind == "header":
        yield from _text(block["text"], at, 150, {"plain_text"})
    elif kind == "image":
        if ("image_url" in block) == ("slack_file" in block):
            yield f"{at}: image_url or slack_file"
        if not 1 <= len(block["alt_text"]) <= 2000:
            yield f"{at}: alt_text"
    elif kind == "table":
        yield from _table(block, at)
    elif kind == "input":
        yield from _text(block["label"], at, 2000, {"plain_text"})
        yield from _element(block["element"], at)


def _element(element: dict[str, Any], at: str) -> Iterator[str]:
    kind = str(element.get("type"))
    if kind not in ELEMENTS:
        yield f"{at}: element {kind}"
        return
    needed, more = ELEMENTS[kind]
    yield from (f"{at}: {kind} lacks {k}" for k in needed - set(element))
    yield from (f"{at}: {kind} has unknown {k}" for k in set(element) - needed - more - {"type"})
    if len(element.get("action_id", "")) > 255 or len(element.get("value", "")) > 2000:
        yield f"{at}: action_id or value too long"
    if kind == "button":
        yield from _text(element["text"], at, 75, {"plain_text"})
        if element.get("style", "primary") not in ("primary", "danger"):
            yield f"{at}: style"
    if kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            one = element[name]
            yield from (f"{at}: unknown {k}" for k in set(one) - {"text", "value", "accessibility_label"})
            yield from _text(one["text"], at, 75, {"plain_text"})
            if len(one["value"]) > 2000 or len(one.get("accessibility_label", "")) > 75:
                yield f"{at}: {name} too long"
    if kind == "plain_text_input" and len(element.get("initial_value", "")) > element.get("max_length", 3000):
        yield f"{at}: initial_value too long"


def _table(block: dict[str, Any], at: str) -> Iterator[str]:
    rows = block["rows"]
    if not 1 <= len(rows) <= 100 or not 1 <= len(rows[0]) <= 20 or len({len(r) for r in rows}) != 1:
        yield f"{at}: table of {len(rows)} rows"
    for cell in (c for r in rows for c in r):
        if cell.get("type") != "raw_text" or not cell.get("text") or set(cell) != {"type", "text"}:
            yield f"{at}: cell {cell}"
    for setting in block.get("column_settings") or []:
        if setting and (
            set(setting) - {"align", "is_wrapped"} or setting.get("align", "left") not in ("left", "center", "right")
        ):
            yield f"{at}: column {setting}"


def _text(text: dict[str, Any], at: str, longest: int, kinds: set[str]) -> Iterator[str]:
    if text.get("type") not in kinds or set(text) - {"type", "text", "emoji", "verbatim"}:
        yield f"{at}: text object {text.get('type')}"
    elif not 1 <= len(text.get("text", "")) <= longest:
        yield f"{at}: text of {len(text.get('text', ''))} characters"
    elif text["type"] == "mrkdwn" and "emoji" in text:
        yield f"{at}: emoji in mrkdwn"
