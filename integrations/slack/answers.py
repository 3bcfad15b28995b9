"""What is answered to a job, and whether everybody who reads the channel would be given the same."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.questions import Turn
from assistant.serialise import to_json
from assistant.shape import YOURS
from integrations import claim_check
from integrations.live import Live
from integrations.reopening import keep_answer, opened
from integrations.slack import blocks
from integrations.slack.blocks import Message
from integrations.slack.jobs import Job
from integrations.slack.text import escaped
from knowledge.access import Scope
from knowledge.errors import RapportError, Unavailable

Step = Callable[[str], None]
BRIEF = re.compile(r"^(?:(?:account )?brief(?:ing)?|brief me)\s*(?:for|on|of|about|:)?\s+(?P<who>\S.*)$", re.IGNORECASE)
HELP = re.compile(r"^(?:help|hi|hello|hey|what can you do|\?)?[?!.\s]*$", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?])\s+")
FOR_OTHERS = re.compile(r"(?<!/)`?\brapport [a-z]|\b(?:GET|POST|PUT|DELETE) /|(?<!\S)`?--\w|[\w-]+\.toml|^/docs|\s/docs\b")
OPEN_THREADS = "slack-open-thread"
WELCOME = """Ask me about customers, orders, service and what customers say, in your own words:
• `top 5 customers by revenue this year`
• `why did on-time delivery fall in October?`
• `what are customers complaining about?`
• `brief Acme Industrial`

Ask on in the same thread; I remember what it is about. `/rapport help` lists the rest.

_Every figure comes with its definition, its rows and its date. What I cannot answer I say._"""


@dataclass(frozen=True)
class Made:
    """An answer as it is kept until it is sent: an Answer (`said`), or words; `public` says whether the channel may see it."""

    public: bool
    said: dict[str, Any] | None = None
    words: str = ""
    heading: str = ""
    blocks: list[dict[str, Any]] | None = None
    file: str = ""
    file_name: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def make(live: Live, job: Job, scope: Scope, least: Scope | None, step: Step) -> Made:
    """The answer, or in words why there is none. Fails: RapportError that is neither the user's nor the data's (try later)."""
    try:
        wanted = BRIEF.match(job.text.strip()) if job.what == "ask" else None
        if job.what == "brief" or wanted:
            return _brief(live, wanted["who"] if wanted else job.text, scope, None if job.private else least, step)
        if job.what == "claim":
            return _claim(live, job, scope)
        if job.what == "share":
            return _shared(live, job, scope, least)
        if job.what == "words" or HELP.match(job.text):
            return Made(True, words=job.text if job.what == "words" else WELCOME)
        _shared_thread(live, job, scope)
        made = _asked(live, Turn(job.text, scope, job.conversation or None), least, step)
        return replace(made, heading=f"<@{job.user}> asked: {escaped(job.text)}") if job.pressed else made
    except RapportError as err:
        if err.exit_code != 1:
            raise
        return Made(least is None, words=in_words(err))


def in_words(err: RapportError) -> str:
    """What went wrong, for somebody who has no command line and no REST client."""
    kept = [part for part in SENTENCE.split(err.hint) if not FOR_OTHERS.search(part)]
    return " ".join([err.message, *kept]).strip()


def _shared_thread(live: Live, job: Job, scope: Scope) -> None:
    """Whoever joins a thread of a channel goes on from what was last answered there for all to see."""
    if (
        job.private
        or job.channel.startswith("D")
        or not job.conversation
        or live.state.recall(job.conversation, scope.principal)
    ):
        return
    shown = live.state.kept(OPEN_THREADS, job.conversation)
    if isinstance(shown, dict):
        live.state.remember(job.conversation, scope.principal, {k: v for k, v in shown.items() if k != "pending"}, "", "")


def message(made: Made, job: Job) -> Message:
    """How it looks."""
    if made.said is None:
        sent = blocks.words(made.words)
        if made.blocks:
            sent = replace(sent, blocks=tuple(made.blocks), plainer=tuple(made.blocks))
        return replace(sent, files=((made.file_name, base64.b64decode(made.file)),) if made.file else ())
    customers = [e for e in (made.said.get("plan") or {}).get("entities") or () if e.get("dimension") == "customer"]
    one = str(customers[0]["label"]) if len(customers) == 1 else ""
    sent = blocks.answer(made.said, conversation=job.conversation, origin=job.origin, customer=one)
    if not made.heading:
        return sent
    head = blocks.quiet(made.heading)
    return replace(sent, blocks=(head, *sent.blocks)[:50], plainer=(head, *sent.plainer)[:50])


def _asked(live: Live, turn: Turn, least: Scope | None, step: Step) -> Made:
    if least is None or not least.rights:  # nobody else reads it, or somebody whom we do not know
        return Made(least is None, to_json(live.reply(turn, step)))
    answer, same = live.reply_before(turn, least, step)
    if same and turn.conversation:  # what was answered in private later in the same thread is nobody else's to go on from
        contexts = live.state.recall(turn.conversation, turn.scope.principal)
        if contexts:
            live.state.keep(OPEN_THREADS, turn.conversation, contexts[0], within=timedelta(days=90))
    return Made(same, to_json(answer))


def _brief(live: Live, who: str, scope: Scope, least: Scope | None, step: Step) -> Made:
    from assistant.brief import markdown
    from integrations.exports.brief_blocks import blocks as drawn
    from integrations.exports.brief_blocks import fallback

    step("writing the brief")
    name = who.strip().strip("?")
    made = live.briefs.make(name, scope)
    same = least is None
    if least is not None and least.rights:
        try:
            same = markdown(live.briefs.make(name, least, keep=False)) == markdown(live.briefs.make(name, scope, keep=False))
        except RapportError:
            same = False
    try:
        file = live.briefs.render(made, "pdf")
    except Unavailable:
        file = live.briefs.render(made, "docx")
    live.state.audit(
        scope.principal, scope.role, "export", {"what": "brief", "customer": made.id, "form": file.name[-4:].lstrip(".")}
    )
    return Made(
        same, words=fallback(made), blocks=drawn(made), file=base64.b64encode(file.content).decode(), file_name=file.name
    )


def _claim(live: Live, job: Job, scope: Scope) -> Made:
    at = datetime.fromtimestamp(float(job.answer or job.since), UTC)
    with live.desk() as desk:
        reader = desk.reader(scope)
        said = to_json(claim_check.check(job.text, at, reader, desk.engine.vocabulary(reader)))
    keep_answer(live.state, said, scope, f"check: {job.text[:500]}")
    quoted = job.text if len(job.text) <= 200 else job.text[:199] + "…"
    return Made(True, said, heading=f"The claim: “{escaped(quoted)}”")


def _shared(live: Live, job: Job, scope: Scope, least: Scope | None) -> Made:
    """The answer again, for the channel, if everybody there may see it; else why not, for the asker only."""
    kept = opened(live.state, scope, job.answer)
    heading = f"<@{job.user}> asked: {escaped(str(kept['question']))}"
    if least is not None and not (least.rights and _seen_alike(live, kept, scope, least)):
        return Made(
            False,
            words="Not everybody in that channel may see this answer, so I did not share it. Ask there, or share it with those who may.",
        )
    live.state.audit(scope.principal, scope.role, "share", {"answer": job.answer, "door": "slack", "channel": job.channel})
    return Made(
        True, {k: v for k, v in kept.items() if k not in ("principal", "role", "question", "conversation")}, heading=heading
    )


def _seen_alike(live: Live, kept: Mapping[str, Any], scope: Scope, least: Scope) -> bool:
    """Whether one with the least rights, asking in the same thread at the same place, would be given the same answer."""
    contexts = live.state.recall_before(kept["conversation"], scope.principal, kept["id"]) if kept["conversation"] else []
    shown = ("status", "text", "figures", "table", "quotes", "choices", "nearest", "citations")
    theirs = to_json(live.rehearse(Turn(kept["question"], least, kept["conversation"]), contexts))
    return all(_plain(theirs[k]) == _plain(kept[k]) for k in shown)


def _plain(value: Any) -> Any:
    return value.replace(YOURS, "") if isinstance(value, str) else value
