"""`/rapport …`: what it answers at once, and what it stores to be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.alerts.recipients import subscribed
from integrations.live import Live
from integrations.slack import jobs
from integrations.slack.answers import in_words
from integrations.slack.jobs import Job
from integrations.slack.payloads import COMING
from integrations.slack.people import People
from integrations.slack.text import escaped, question
from knowledge.errors import BadQuestion, RapportError
from knowledge.state import User

HELP = """*Ask me here or in a direct message; mention me in a channel*, where I say only what everybody there may see: `/rapport ask top 5 customers by revenue this year`
Also: `/rapport brief NAME`, `/rapport themes`, `/rapport subscribe QUESTION every day at 8` (or `digest`, `alerts`; `subscribe list`, `subscribe off 3`), `/rapport link CODE`
On any message, under ⋮: *Log as feedback*, *Check this claim*. My Home tab has your accounts, alerts and saved questions."""
RHYTHMS = {"daily": "day", "weekly": "week", "monthly": "month"}
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
DAY = "|".join(DAYS)
RHYTHM = rf"\b(?:(?P<word>daily|weekly|monthly)|(?:every|each)\s+(?P<unit>day|morning|week|month|{DAY})s?|(?:on\s+)?(?P<day>{DAY})s)\b"
CLOCK = r"(?:at|by)\s+(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm|h|o'clock)?"
WHEN = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"[\s,]*\b{CLOCK}[\s,]+{RHYTHM}\s*[.!]?$",
        rf"[\s,]*{RHYTHM}(?:[\s,]+{CLOCK})?\s*[.!]?$",
        rf"^{RHYTHM}(?:[\s,]+{CLOCK})?[\s,:]+(?=\S)",
    )
)
A_TIME = re.compile(
    rf"\b(?:every|each)\s+(?:other|second|third|few|\d+|(?:hour|day|weekday|workday|week|month|quarter|year|morning|noon|evening|night|{DAY})s?)\b"
    rf"|\b(?:hourly|biweekly|fortnightly|(?:{DAY})s)\b|\b(?:at|by)\s+\d{{1,2}}(?:[:.]\d{{2}})?\s*(?:am|pm|h|o'clock)?\s*[.!]?$",
    re.IGNORECASE,
)


def read(live: Live, people: People, body: dict[str, Any], team: str) -> tuple[str, Job | None]:
    """What is said at once, and the job where there is one."""
    what, said = question(body.get("text", ""), None)
    if what == "words":
        return said, None
    word, _, rest = said.partition(" ")
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
    if rest.lower() in ("list", ""):
        return _listed(live, user)
    word, _, which = rest.partition(" ")
    if word.lower() in ("off", "stop", "remove"):
        return _ended(live, user, which.strip())
    try:
        what, said = scheduled(rest)
    except BadQuestion as err:
        return in_words(err)
    kind, _, of = what.partition(" ")
    if kind.lower() in ("digest", "alerts"):
        kind, what = kind.lower(), of.strip()
    else:
        kind = "question"
    if kind == "question" and not what:
        return "What shall I send? For example `/rapport subscribe on-time delivery every monday at 8`, or `/rapport subscribe digest`."
    schedule = {"every": "always"} if kind == "alerts" else said
    channel = body["user_id"] if body["channel_id"].startswith("D") else body["channel_id"]
    try:
        made = subscribed(live.state, user.name, kind, what, {**schedule, "team": team}, channel, own=body["user_id"])
    except RapportError as err:
        if err.exit_code != 1:
            raise
        return in_words(err)
    where = "to you" if channel == body["user_id"] else "here, if everybody here may see it, else to you"
    named = {"digest": f"a digest of {what or 'your accounts'}", "alerts": f"alerts on {what or 'your accounts'}"}.get(
        kind, f"“{what}”"
    )
    clock = "" if kind == "alerts" else f" ({live.settings.zone} time)"
    return f"{when(schedule)}{clock} I will send {escaped(named)} {where}. `/rapport subscribe off {made}` ends it."


def scheduled(text: str) -> tuple[str, dict[str, str]]:
    """What is to be sent, and its rhythm as it was said ("every day at 8"); weekly where nothing is said. Fails: BadQuestion."""
    found = next((f for f in (form.search(text) for form in WHEN) if f is not None), None)
    what = text if found is None else f"{text[: found.start()]}{text[found.end() :]}"
    if A_TIME.search(what):  # a rhythm that is not kept is no part of the question either
        raise BadQuestion(
            "I can send things every day, every week on a day, or every month on the first, at one time.",
            "Say it at the end: `every day at 8`, `every monday at 7:15`, `every month at 9`.",
        )
    if found is None:
        return text.strip(), {"every": "week"}
    unit = (found["unit"] or found["day"] or "").lower()
    every = RHYTHMS[found["word"].lower()] if found["word"] else {"morning": "day"}.get(unit, "week" if unit in DAYS else unit)
    schedule = {"every": every, **({"day": unit} if unit in DAYS else {})}
    if found["hour"]:
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        half = (found["half"] or "").lower()
        hour = hour % 12 + (12 if half == "pm" else 0) if half in ("am", "pm") and 1 <= hour <= 12 else hour
        if hour > 23 or minute > 59:
            raise BadQuestion(f"There is no {found['hour']}:{minute:02d} on the clock.", "Say for example `every day at 8`.")
        schedule["at"] = f"{hour:02d}:{minute:02d}"
    return what.strip(), schedule


def when(schedule: Mapping[str, Any]) -> str:
    """A rhythm as people say it."""
    every, at = str(schedule.get("every") or "week"), str(schedule.get("at") or "07:30")
    if every == "always":
        return "Whenever there is news"
    day = str(schedule.get("day") or "monday").capitalize()
    return f"{ ({'day': 'Every day', 'month': 'Every month, on the first,'}.get(every, f'Every week, {day},')) } at {at}"


def _listed(live: Live, user: User) -> str:
    mine = live.state.subscriptions(user.name)
    if not mine:
        return "You are sent nothing yet. `/rapport subscribe on-time delivery every monday at 8` begins something."
    lines = [
        f"{s.id}. {escaped(s.what or s.kind)}: {when({'every': 'always', **s.schedule} if s.kind == 'alerts' else s.schedule)}"
        for s in mine
    ]
    return "You are sent:\n" + "\n".join(lines) + "\n`/rapport subscribe off NUMBER` ends one."


def _ended(live: Live, user: User, which: str) -> str:
    number = int(which) if which.isascii() and which.isdigit() and len(which) < 10 else 0
    if number and live.state.unsubscribe(number, user.name):
        return "Ended."
    return _listed(live, user)
