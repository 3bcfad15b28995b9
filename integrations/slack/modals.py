"""Windows: how an answer was made, why it was of no use, a comment to log, a reply to a customer to edit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.slack.blocks import Block, quiet, section
from integrations.slack.text import cut, escaped, mrkdwn, paragraphs

View = dict[str, Any]
MOST_BLOCKS, INPUT = 100, 3000
CHANNELS = ("survey", "review", "ticket", "social", "call", "email", "chat", "visit")


def modal(
    title: str, blocks: Sequence[Block], *, callback: str = "", submit: str = "", about: Mapping[str, Any] | None = None
) -> View:
    made: View = {
        "type": "modal",
        "title": _plain(cut(title, 24)),
        "close": _plain("Close"),
        "blocks": list(blocks)[:MOST_BLOCKS],
    }
    if submit:
        made |= {"submit": _plain(submit), "callback_id": callback, "private_metadata": json.dumps(about or {})}
    return made


def waiting(title: str) -> View:
    return modal(title, [quiet("One moment …")])


def how(found: Mapping[str, Any]) -> View:
    """Definition, what was understood, SQL and rows of an answer (`integrations.explained.how`)."""
    blocks: list[Block] = []
    for d in found["definitions"][:5]:
        blocks.append(section(f"*{escaped(d['label'])}*: {escaped(d['definition'] or '')}"))
        period = f"{d['period']['start']} to {d['period']['end']} · " if d.get("period") else ""
        blocks.append(
            quiet(
                f"{period}{d['rows']:,} rows · source: {escaped(d['source'] or 'the records')} · as of {(d['as_of'] or '')[:10]}"
            )
        )
    told = [
        f"• {k.replace('_', ' ')}: {escaped(_words(v))}"
        for k, v in found["understood"].items()
        if k not in ("choices", "nearest")
    ]
    if told:
        blocks.append(section("*What was understood*\n" + "\n".join(told)))
    for query in [q for q in found["queries"] if q["sql"]][:4]:
        sql = escaped(query["sql"]).replace("`", "'")
        blocks += [section(f"```{part}```") for part in (sql[i : i + 2900] for i in range(0, min(len(sql), 8700), 2900))]
    blocks += [quiet(escaped(n)) for n in found["notes"][:5]]
    blocks.append(quiet(f"Snapshot {found['snapshot']}"))
    return modal("How it was made", blocks)


def reason(answer_id: str) -> View:
    """Why an answer was of no use."""
    field = {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 1000}
    return modal(
        "What was wrong?",
        [_input("reason", "What did you expect?", field)],
        callback="opinion_reason",
        submit="Send",
        about={"a": answer_id},
    )


def log_feedback(text: str, about: Mapping[str, Any]) -> View:
    """A message to be logged as a customer's comment."""
    said = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": INPUT,
        "initial_value": cut(text, INPUT),
    }
    who = {"type": "external_select", "action_id": "customer", "min_query_length": 2, "placeholder": _plain("Part of the name")}
    kinds = [{"text": _plain(c.capitalize()), "value": c} for c in CHANNELS]
    how_ = {"type": "static_select", "action_id": "channel", "options": kinds, "initial_option": kinds[5]}
    order = {"type": "plain_text_input", "action_id": "order", "max_length": 100}
    return modal(
        "Log as feedback",
        [_input("text", "What the customer said", said), _input("customer", "Customer", who), _input("channel", "How it came", how_),
         _input("order", "Order", order, optional=True)],
        callback="log_feedback", submit="Log it", about=about,
    )  # fmt: skip


def draft(text: str, customer: str) -> View:
    """A reply to a customer, from checked figures, for the rep to edit."""
    field = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": INPUT,
        "initial_value": cut(text, INPUT),
    }
    note = quiet("Every figure in it is from the answer. Read it, change it; nothing is sent to the customer from here.")
    return modal(f"Reply to {customer}", [_input("text", "Draft", field), note], callback="draft", submit="Keep it")


def draft_of(answer: Mapping[str, Any], customer: str, sender: str) -> str:
    """Words for the customer: the answer's own sentences, without what is only for us."""
    from integrations.slack.text import plain

    said = [plain(p).strip() for p, is_quiet in paragraphs(answer["text"]) if not is_quiet]
    told = "\n\n".join(said).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    as_of = str(answer.get("as_of") or "")[:10]
    until = f" (our records up to {as_of})" if as_of else ""
    return f"Dear {customer},\n\nthank you for asking. This is what we see{until}:\n\n{told}\n\nPlease tell me if you see it differently.\n\nKind regards\n{sender}"


def text_of(mrkdwn_text: str) -> Block:
    return section(mrkdwn(mrkdwn_text))


def value(view: Mapping[str, Any], block: str, action: str) -> str:
    """What was put into a field; empty where nothing was."""
    field = view["state"]["values"].get(block, {}).get(action, {})
    chosen = field.get("selected_option") or {}
    return str(field.get("value") or chosen.get("value") or "")


def _input(block: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {"type": "input", "block_id": block, "label": _plain(label), "element": element, "optional": optional}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _words(found: Any) -> str:
    if isinstance(found, list):
        return ", ".join(map(_words, found))
    if isinstance(found, dict):
        if "label" in found:
            return str(found["label"])
        return ", ".join(f"{k.replace('_', ' ')} {_words(v)}" for k, v in found.items())
    return str(found)
