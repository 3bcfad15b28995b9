"""App Home: my accounts, alerts, saved questions, what I mean by words, what I am sent, what it can do. Blocks of facts at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integrations.slack.answers import WELCOME
from integrations.slack.blocks import Block, actions, button, quiet, section
from integrations.slack.commands import when
from integrations.slack.home_facts import Facts
from integrations.slack.people import UNKNOWN
from integrations.slack.text import cut, escaped, mrkdwn
from knowledge.state import Subscription

SHOWN_ACCOUNTS, SHOWN_ALERTS, SHOWN_LISTED = 10, 6, 20
PROMPTS = (
    ("What needs my attention?", "which customers have the most complaints this quarter?"),
    ("How is our service?", "on-time delivery by month"),
    ("What do customers say?", "what are customers complaining about?"),
    ("What can you do?", "help"),
)


def view(facts: Facts | None) -> dict[str, Any]:
    """The home tab of one person; of somebody unknown where there are no facts."""
    if facts is None:
        return {"type": "home", "blocks": [section(UNKNOWN)]}
    parts = (
        ("My accounts", _accounts(facts)),
        ("Alerts", _alerts(facts)),
        ("Saved questions", _saved(facts.saved)),
        ("What you mean by", _meanings(facts.meanings)),
        ("What you are sent", _sent(facts.sent)),
        ("What I can do", [section(mrkdwn(WELCOME))]),
    )
    blocks = [b for title, shown in parts if shown for b in (_header(title), *shown, {"type": "divider"})]
    return {"type": "home", "blocks": blocks[:-1][:100]}


def _accounts(facts: Facts) -> list[Block]:
    if facts.problem:
        return [section(escaped(facts.problem))]
    if not facts.accounts:
        return [section("No accounts are yours yet.")]
    first = [c for c in facts.accounts if c.get("is_strategic")] if facts.sees_all else []
    found = [_account(c) for c in (first or facts.accounts)[:SHOWN_ACCOUNTS]]
    many = len(facts.accounts)
    return [*found, quiet(f"{many:,} {'account' if many == 1 else 'accounts'} · data to {facts.as_of}")]


def _account(customer: Mapping[str, Any]) -> Block:
    about = " · ".join(str(customer[k]) for k in ("service_tier", "region", "industry") if customer.get(k))
    shown = section(f"*{escaped(customer['name'] or customer['customer_id'])}*\n{escaped(about)}")
    return {**shown, "accessory": button("Brief", "home_brief", {"q": customer["customer_id"]})}


def _alerts(facts: Facts) -> list[Block]:
    if facts.alerts is None:
        return [section("You see too many accounts to list their alerts here: `/rapport subscribe alerts` sends what is new.")]
    shown: list[Block] = []
    for alert in facts.alerts[:SHOWN_ALERTS]:
        asks = [button(cut(label.capitalize(), 30), f"home_ask_{n}", {"q": q}) for n, (label, q) in enumerate(alert.ask[:2])]
        mute = button("Mute a week", "home_mute", {"n": alert.name, "l": alert.label, "p": facts.principal})
        shown += [section(escaped(alert.label)), actions(*asks, mute)]
    if len(facts.alerts) > SHOWN_ALERTS:
        shown.append(quiet(f"{len(facts.alerts) - SHOWN_ALERTS:,} more: `/rapport subscribe alerts` sends them."))
    for muted in facts.muted[:SHOWN_ALERTS]:
        again = button("Tell me again", "home_unmute", {"n": muted.name})
        shown.append({**section(f"Muted: {escaped(muted.label)}"), "accessory": again})
    return shown or [section("Nothing needs your attention now.")]


def _saved(questions: Sequence[str]) -> list[Block]:
    if not questions:
        return [section("None yet: press *Save question* below an answer.")]
    return [{**section(escaped(q)), "accessory": button("Ask", "home_ask", {"q": q})} for q in questions] + [
        actions(button("Forget the last one", "home_forget", {"q": questions[-1]}))
    ]


def _meanings(meanings: Sequence[tuple[str, str]]) -> list[Block]:
    return [
        {
            **section(f"“{escaped(words)}” is *{escaped(name)}*, as you chose"),
            "accessory": button("Ask me again", "home_unchoose", {"w": words}),
        }
        for words, name in meanings[:SHOWN_LISTED]
    ]


def _sent(listed: Sequence[Subscription]) -> list[Block]:
    if not listed:
        return [section("Nothing yet: `/rapport subscribe` says how.")]
    return [
        {
            **section(f"{escaped(s.kind)}: {escaped(s.what)} · {_when(s)} · {_where(s.channel)}"),
            "accessory": button("Stop", "home_stop", {"id": s.id}),
        }
        for s in listed[:SHOWN_LISTED]
    ]


def _when(s: Subscription) -> str:
    return when({"every": "always", **s.schedule} if s.kind == "alerts" else s.schedule)


def _where(channel: str) -> str:
    return f"<#{channel}>" if channel.startswith("C") else "to you"


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}
