"""App Home: my accounts, what I am sent, my saved questions, what it can do."""

from __future__ import annotations

from typing import Any

from integrations import accounts
from integrations.live import Live
from integrations.slack.answers import WELCOME
from integrations.slack.blocks import Block, actions, button, quiet, section
from integrations.slack.people import UNKNOWN
from integrations.slack.text import escaped, mrkdwn
from knowledge.access import Scope
from knowledge.errors import RapportError
from knowledge.state import User

SAVED, MOST_SAVED = "saved_questions", 20
SHOWN_ACCOUNTS = 10
PROMPTS = (
    ("What needs my attention?", "which customers have the most complaints this quarter?"),
    ("How is our service?", "on-time delivery by month"),
    ("What do customers say?", "what are customers complaining about?"),
    ("What can you do?", "help"),
)


def view(live: Live, user: User | None, scope: Scope | None) -> dict[str, Any]:
    """The home tab of one person."""
    if user is None or scope is None:
        return {"type": "home", "blocks": [section(UNKNOWN)]}
    blocks: list[Block] = [_header("My accounts"), *_accounts(live, scope), {"type": "divider"}]
    blocks += [_header("Saved questions"), *_saved(live, user), {"type": "divider"}]
    blocks += [_header("What you are sent"), *_sent(live, user), {"type": "divider"}]
    blocks += [_header("What I can do"), section(mrkdwn(WELCOME))]
    return {"type": "home", "blocks": blocks[:100]}


def save(live: Live, principal: str, question: str) -> None:
    """Puts a question first among the saved ones."""
    kept = [q for q in live.state.preference(principal, SAVED) or [] if q != question]
    live.state.set_preference(principal, SAVED, [question, *kept][:MOST_SAVED])


def forget(live: Live, principal: str, question: str) -> None:
    kept = [q for q in live.state.preference(principal, SAVED) or [] if q != question]
    live.state.set_preference(principal, SAVED, kept)


def _accounts(live: Live, scope: Scope) -> list[Block]:
    try:
        with live.reading(scope) as reader:
            mine = accounts.customers(reader)
            as_of = f"{reader.snapshot.as_of:%-d %b %Y}"
    except RapportError as err:
        return [section(escaped(f"{err.message} {err.hint}"))]
    if not mine:
        return [section("No accounts are yours yet.")]
    first = [c for c in mine if c.get("is_strategic")] or mine
    found = []
    for c in (first if scope.accounts is None else mine)[:SHOWN_ACCOUNTS]:
        facts = " · ".join(str(c[k]) for k in ("service_tier", "region", "industry") if c.get(k))
        block = section(f"*{escaped(c['name'] or c['customer_id'])}*\n{escaped(facts)}")
        found.append({**block, "accessory": button("Brief", "home_brief", {"q": c["customer_id"]})})
    more = f"{len(mine):,} accounts" if len(mine) > len(found) else f"{len(mine)} accounts"
    return [*found, quiet(f"{more} · data to {as_of}")]


def _saved(live: Live, user: User) -> list[Block]:
    questions = live.state.preference(user.name, SAVED) or []
    if not questions:
        return [section("None yet: press *Save question* below an answer.")]
    return [{**section(escaped(q)), "accessory": button("Ask", "home_ask", {"q": q})} for q in questions] + [
        actions(button("Forget the last one", "home_forget", {"q": questions[-1]}))
    ]


def _sent(live: Live, user: User) -> list[Block]:
    listed = live.state.subscriptions(user.name)
    if not listed:
        return [section("Nothing yet: `/rapport subscribe` says how.")]
    return [
        {
            **section(f"{escaped(s.kind)}: {escaped(s.what)} · {_when(s.schedule)} · {_where(s.channel)}"),
            "accessory": button("Stop", "home_stop", {"id": s.id}),
        }
        for s in listed[:20]
    ]


def _when(schedule: Any) -> str:
    return escaped(" ".join(str(v) for v in dict(schedule).values() if v)) or "when something happens"


def _where(channel: str) -> str:
    return f"<#{channel}>" if channel.startswith("C") else "to you"


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}
