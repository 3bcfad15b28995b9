"""Answers as Slack blocks, within Slack's limits: 50 blocks, 3,000 characters a section, 11,500 in all, a table of 100 rows × 20."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.slack.text import cut, escaped, mrkdwn, paragraphs, plain

Block = dict[str, Any]
MOST_BLOCKS, MOST_CHARACTERS, SECTION, CONTEXT = 50, 11_500, 3000, 2000
ROWS, COLUMNS, CELL = 100, 20, 200
SHOWN_ROWS, QUOTES, BUTTONS = 20, 4, 4
BUTTON_TEXT, BUTTON_VALUE, OPTION_VALUE, MESSAGE_TEXT = 75, 2000, 150, 3000
NUMBER = re.compile(r"^[~+−-]?[^\w\s]?\s*[\d.,\u202f ]+\s*(%|pts?|points|days?|hours?|[A-Z]{3})?$")


@dataclass(frozen=True)
class Message:
    """What is sent, each figure in one form. `plainer` is the same without what Slack may refuse (native tables, images); `table`
    goes along as a CSV file where it did not fit; `chart` is drawn and shown by `with_chart` in place of the table that it shows
    (`charted`), which then goes along as a file."""

    text: str
    blocks: tuple[Block, ...]
    plainer: tuple[Block, ...]
    table: Mapping[str, Any] | None = None
    chart: Mapping[str, Any] | None = None
    charted: Mapping[str, Any] | None = None
    answer_id: str = ""
    files: tuple[tuple[str, bytes], ...] = ()


def answer(said: Mapping[str, Any], *, conversation: str = "", origin: str = "", customer: str = "") -> Message:
    """An Answer (the contract's JSON). `conversation` is what buttons go on in; with `origin`, a channel, it can be shared
    there; with `customer`, a reply to that customer can be drafted from it."""
    words = _words(said)
    table = said.get("table") or {}
    rows = [] if _told(table.get("rows") or [], said["text"]) else table["rows"]
    chart = said.get("chart") or None
    over_time = chart is not None and (chart.get("mark") or {}).get("type") == "line"  # of groups the table says as much
    native = [_table(table["columns"], rows[:SHOWN_ROWS])] if rows else []
    as_text = [_table_as_text(table["columns"], rows[:SHOWN_ROWS])] if rows else []
    whole = table if len(rows) > SHOWN_ROWS or len(table.get("columns") or ()) > COLUMNS else None
    untold = [q for q in said.get("quotes") or () if q["text"] not in said["text"]]
    after = [*_quotes(untold), *_sources(said.get("citations") or ())]
    ends = [*_choices(said, conversation), *_next(said, conversation), *_tools(said, conversation, origin, customer)]
    return Message(
        text=cut(plain(said["text"]), MESSAGE_TEXT),
        blocks=tuple(fitted([*words, *native, *after], ends)),
        plainer=tuple(fitted([*words, *as_text, *after], ends)),
        table=whole,
        chart=chart if over_time else None,
        charted=table if over_time and rows else None,
        answer_id=said["id"],
    )


def words(markdown: str, buttons: Sequence[Block] = ()) -> Message:
    """A message of words only (help, reasons, greetings), with buttons where given."""
    blocks = fitted(_words({"text": markdown}), list(buttons))
    return Message(cut(plain(markdown), MESSAGE_TEXT), tuple(blocks), tuple(blocks))


def with_chart(blocks: Sequence[Block], file_id: str, alt: str) -> tuple[Block, ...]:
    """The blocks with an uploaded image after the words, in place of the table."""
    image = {"type": "image", "slack_file": {"id": file_id}, "alt_text": cut(alt, 1900) or "Chart"}
    others = [b for b in blocks if b["type"] != "table"]
    place = next((i for i, b in enumerate(others) if b["type"] not in ("section", "context")), len(others))
    return (*others[:place], image, *others[place:])[:MOST_BLOCKS]


def fitted(body: Sequence[Block], ends: Sequence[Block]) -> list[Block]:
    """Body and ends within the limits; the ends (buttons) are always there, the body gives way with a line that says so."""
    left, room = MOST_CHARACTERS - sum(map(size, ends)) - 200, MOST_BLOCKS - len(ends) - 2
    kept: list[Block] = []
    for block in body:
        if size(block) > left or len(kept) >= room:
            kept.append(quiet("More than fits here: ask for less, or open it on the web page."))
            break
        kept.append(block)
        left -= size(block)
    return [*kept, *ends]


def size(block: Any) -> int:
    """Characters that Slack counts of a block: every text in it."""
    if isinstance(block, Mapping):
        return sum(len(v) if isinstance(v, str) and k in ("text", "alt_text", "value") else size(v) for k, v in block.items())
    return sum(map(size, block)) if isinstance(block, list | tuple) else 0


def button(label: str, action: str, value: Mapping[str, Any], *, style: str = "") -> Block:
    """A button that carries all it needs, so that it works after a restart and a week later."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    made: Block = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": cut(label, BUTTON_TEXT), "emoji": False},
    }
    if len(content) > BUTTON_VALUE and "q" in value:
        content = json.dumps(
            {**value, "q": cut(str(value["q"]), BUTTON_VALUE - 400)}, ensure_ascii=False, separators=(",", ":")
        )
    return {**made, "value": content, **({"style": style} if style else {})}


def muting(alerts: Sequence[Sequence[str]], principal: str) -> list[Block]:
    """One alert gets a button that mutes it, several a menu; they carry whose message it is."""
    if len(alerts) == 1:
        name, label = alerts[0]
        return [actions(button("Mute a week", "mute", {"n": name, "l": cut(label, 500), "p": principal}))]
    options = [
        {"text": {"type": "plain_text", "text": cut(label, BUTTON_TEXT)}, "value": value}
        for name, label in alerts
        if len(value := json.dumps({"n": name, "p": principal}, ensure_ascii=False, separators=(",", ":"))) <= OPTION_VALUE
    ]
    hint = {"type": "plain_text", "text": "Mute for a week"}
    return [actions({"type": "static_select", "action_id": "mute", "placeholder": hint, "options": options})] if options else []


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def section(text: str) -> Block:
    return {"type": "section", "text": written(text, SECTION)}


def quiet(text: str) -> Block:
    return {"type": "context", "elements": [written(text, CONTEXT)]}


def written(text: str, longest: int) -> Block:
    """Text in mrkdwn, of which Slack makes no links or mentions of its own: words of customers are in it."""
    return {"type": "mrkdwn", "text": cut(text, longest), "verbatim": True}


def _words(said: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    for text, is_quiet in paragraphs(said["text"]):
        shown = mrkdwn(text)
        if is_quiet:
            blocks.append(quiet(shown))
            continue
        while shown:
            part = (
                shown if len(shown) <= SECTION else shown[: max(shown.rfind("\n", 0, SECTION), shown.rfind(" ", 0, SECTION), 1)]
            )
            blocks.append(section(part))
            shown = shown[len(part) :].lstrip()
    return blocks or [section("Nothing to say.")]


def _told(rows: Sequence[Sequence[Any]], text: str) -> bool:
    """Whether the words say all that is in the rows, so that a table would say it again."""
    plain = text.replace("**", "")
    return all(_bare(cell) in plain for row in rows for cell in row)


def _table(columns: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Block:
    shown = list(columns)[:COLUMNS]
    settings = [{"align": "right"} if _numeric([r[c] for r in rows]) else {"is_wrapped": True} for c in range(len(shown))]
    cells = [[_cell(c) for c in row[:COLUMNS]] for row in (shown, *rows[: ROWS - 1])]
    return {"type": "table", "column_settings": settings, "rows": cells}


def _cell(value: Any) -> Block:
    return {"type": "raw_text", "text": cut(_bare(value), CELL) or "–"}


def _table_as_text(columns: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Block:
    """The table in a fixed-width font, for clients and workspaces without native tables."""
    shown = [[cut(_bare(c), 40) for c in row[:6]] for row in (columns, *rows)]
    widths = [max(len(r[c]) for r in shown) for c in range(len(shown[0]))]
    right = [_numeric([r[c] for r in rows]) for c in range(len(shown[0]))]
    lines = [
        "  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in shown
    ]
    text = ""
    for line in lines:
        if len(text) + len(escaped(line)) > SECTION - 20:
            break
        text += escaped(line).replace("`", "'") + "\n"
    return section(f"```{text.rstrip()}```")


def _bare(value: Any) -> str:
    return "" if value is None else str(value).replace("**", "").replace("\n", " ")


def _numeric(values: Sequence[Any]) -> bool:
    given = [_bare(v).strip() for v in values if _bare(v).strip()]
    return bool(given) and all(NUMBER.match(v) for v in given)


def _quotes(quotes: Sequence[Mapping[str, Any]]) -> list[Block]:
    lines = [f"> “{escaped(cut(q['text'].replace(chr(10), ' '), 400))}” — {escaped(q['feedback_id'])}" for q in quotes[:QUOTES]]
    return [section("\n".join(lines))] if lines else []


def _sources(citations: Sequence[Mapping[str, Any]]) -> list[Block]:
    named = [", ".join(x for x in (c.get("title") or c.get("id"), c.get("locator")) if x) for c in citations[:6]]
    return [quiet("Sources: " + escaped(" · ".join(named)))] if any(named) else []


def _choices(said: Mapping[str, Any], conversation: str) -> list[Block]:
    choices = list(said.get("choices") or ())[:3]
    made = [
        button(c["label"], f"choose_{n}", {"q": c["question"], "c": conversation, "l": c["label"][:80]}, style="primary")
        for n, c in enumerate(choices)
    ]
    return [actions(*made)] if made else []


def _next(said: Mapping[str, Any], conversation: str) -> list[Block]:
    asked = list(dict.fromkeys([*(said.get("nearest") or ()), *(said.get("followups") or ())]))[:BUTTONS]
    made = [button(q, f"follow_{n}", {"q": q, "c": conversation}) for n, q in enumerate(asked)]
    return [actions(*made)] if made else []


def _tools(said: Mapping[str, Any], conversation: str, origin: str, customer: str) -> list[Block]:
    if (said.get("plan") or {}).get("operation") == "thanks":
        return []
    if said["status"] not in ("answered", "no_data") or not said["id"]:
        return [_opinion(said["id"])] if said["id"] and said["status"] != "clarify" else []
    made = [button("Show how", "how", {"a": said["id"]})]
    if origin:
        made.append(button("Share to channel", "share", {"a": said["id"], "o": origin, "c": conversation}))
    if customer:
        made.append(button("Draft a reply", "draft", {"a": said["id"], "n": customer}))
    made.append(button("Save question", "save", {"a": said["id"]}))
    return [actions(*made), _opinion(said["id"])]


def _opinion(answer_id: str) -> Block:
    def said(text: str, value: str) -> Block:
        return {
            "text": {"type": "plain_text", "text": text},
            "value": f"{value}:{answer_id}",
            "accessibility_label": f"This answer was {text.lower()}",
        }

    buttons = {
        "type": "feedback_buttons",
        "action_id": "opinion",
        "positive_button": said("Useful", "yes"),
        "negative_button": said("Not useful", "no"),
    }
    return {"type": "context_actions", "elements": [buttons]}
