"""`/rapport …`: what it answers at once, and what it stores to be answered."""

from __future__ import annotations

from typing import Any

from integrations.live import Live
from integrations.slack import jobs
from integrations.slack.jobs import Job
from integrations.slack.people import People
from integrations.slack.text import asked

HELP = """*Ask me in a direct message, or mention me in a channel.* In a channel I answer only what everybody there may see; otherwise you get it in our direct messages.
• `/rapport ask top 5 customers by revenue this year`
• `/rapport brief Acme Industrial`: the account brief, before you call
• `/rapport themes`: what customers complain about; `/rapport themes late delivery`: why
• `/rapport subscribe on-time delivery weekly`: that question answered here every week (`daily`, `weekly`, `monthly`); `/rapport subscribe digest` and `/rapport subscribe alerts` for your accounts; the list is on my Home tab
• `/rapport link CODE`: tells me who you are, with a code from whoever looks after Rapport
• on any message, under ⋮: *Log as feedback*, *Check this claim*"""
RHYTHMS = {"daily": "day", "weekly": "week", "monthly": "month"}
COMING = "Looking it up; you will find it in our direct messages."


def read(live: Live, people: People, body: dict[str, Any], team: str) -> tuple[str, Job | None]:
    """What is said at once, and the job where there is one."""
    word, _, rest = asked(body.get("text", ""), None).partition(" ")
    word, rest = word.lower(), rest.strip()
    if word in ("", "help"):
        return HELP, None
    if word == "link":
        user = people.link(team, body["user_id"], rest)
        return (
            (f"Hello {user.name}. Ask me anything.", None)
            if user
            else ("That code is not valid (any more). Ask for another one.", None)
        )
    if word == "subscribe":
        return _subscribe(live, people, body, team, rest), None
    if word in ("ask", "brief", "themes"):
        if not rest and word != "themes":
            return HELP, None
        text = (
            (f"why do customers complain about {rest}?" if rest else "what are customers complaining about?")
            if word == "themes"
            else rest
        )
        return COMING, _job(body, team, "brief" if word == "brief" else "ask", text)
    return COMING, _job(body, team, "ask", f"{word} {rest}".strip())


def _job(body: dict[str, Any], team: str, what: jobs.What, text: str) -> Job:
    origin = "" if body["channel_id"].startswith("D") else body["channel_id"]
    return jobs.new(
        what, team, body["user_id"], body["channel_id"], text, private=True, origin=origin, enterprise=body.get("enterprise_id")
    )


def _subscribe(live: Live, people: People, body: dict[str, Any], team: str, rest: str) -> str:
    user = people.known(team, body["user_id"])
    if user is None:
        return "I do not know you yet: ask me something in a direct message first."
    what, _, rhythm = rest.rpartition(" ")
    if rhythm.lower() not in RHYTHMS:
        what, rhythm = rest, "weekly"
    kind, _, of = what.partition(" ")
    if kind.lower() in ("digest", "alerts"):
        kind, what = kind.lower(), of.strip()
    else:
        kind = "question"
    if kind == "question" and not what:
        return "What shall I send? For example `/rapport subscribe on-time delivery weekly`, or `/rapport subscribe digest`."
    every = "always" if kind == "alerts" else RHYTHMS[rhythm.lower()]
    channel = body["user_id"] if body["channel_id"].startswith("D") else body["channel_id"]
    live.state.subscribe(user.name, kind, what, {"every": every, "team": team}, channel)
    where = "to you" if channel == body["user_id"] else "here, if everybody here may see it, else to you"
    named = {"digest": f"a digest of {what or 'your accounts'}", "alerts": f"alerts on {what or 'your accounts'}"}.get(
        kind, f"“{what}”"
    )
    when = "Whenever there is news" if kind == "alerts" else f"Every {every}"
    return f"{when} I will send {named} {where}. My Home tab lists what you are sent."
