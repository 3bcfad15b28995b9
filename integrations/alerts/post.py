"""The post: makes what is due, keeps it in the queue of the state, and delivers it; a crash loses nothing and repeats nothing.

Each slot of a subscription is queued once, by name; each alert is told once a month to a subscription, however often it is seen."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.brief.groups import Group, find_group, group_brief, portfolio
from assistant.questions import Turn
from integrations.alerts.addresses import checked
from integrations.alerts.messages import Message, answered, digest, news
from integrations.alerts.recipients import KINDS, Recipient, recipient
from integrations.alerts.schedule import Schedule, due
from integrations.alerts.watch import RULES, Alert, alerts
from integrations.exports import template
from integrations.reopening import seen_with
from knowledge.errors import RapportError, UnknownName

if TYPE_CHECKING:
    from assistant.brief.book import Book
    from assistant.engine import Engine
    from integrations.briefs import Briefs
    from knowledge.access import Scope
    from knowledge.state import State, Subscription, Work

log = logging.getLogger("rapport.post")
TOLD, WITHIN = "alerts told", timedelta(days=30)
MUTED = "alerts muted"
SLACK, MAIL, WEB = "post slack", "post mail", "post web"
INBOX, KEPT_FOR = "inbox", timedelta(days=60)


class Post:
    """Safe to run in several processes: the queue and the marks of what was told are the state's."""

    def __init__(self, briefs: Briefs, state: State, scope_of: Callable[[str], Scope], engine: Callable[[], Engine]) -> None:
        self.briefs, self.state, self.scope_of, self.engine = briefs, state, scope_of, engine
        self.folder, self.zone = briefs.folder, briefs.zone

    def run(self, now: datetime) -> list[str]:
        """Queues every message that is due; gives a line on each subscription that could not be served or had news."""
        told = []
        for subscription in self.state.subscriptions():
            try:
                told += self._serve(subscription, now)
            except RapportError as err:
                told.append(f"{subscription.principal}, {subscription.kind} on {subscription.what}: {err.message}")
            except Exception as err:  # one that cannot be made must not keep others from theirs
                log.error("post", extra={"event": "post", "code": type(err).__name__}, exc_info=err)
                told.append(f"{subscription.principal}, {subscription.kind} on {subscription.what}: it could not be made.")
        return told

    def deliver(self, now: datetime) -> list[Path]:
        """Writes the queued mail as .eml files into `outbox`, and puts the queued web messages into their inbox."""
        written = []
        while (work := self.state.claim(MAIL)) is not None:
            try:
                written.append(_write_mail(self.folder / "outbox", work, now))
            except (ValueError, RapportError) as err:  # no mail can be made of it, now or ever
                log.error("mail", extra={"event": "mail", "code": type(err).__name__}, exc_info=err)
                self.state.finish(work.id, failed=True, why="It is no mail that can be sent.", attempts=work.attempts)
                continue
            self.state.finish(work.id, attempts=work.attempts)
        while (work := self.state.claim(WEB)) is not None:
            self.state.keep(f"{INBOX} {work.payload['principal']}", f"{work.id:012d}", dict(work.payload), within=KEPT_FOR)
            self.state.finish(work.id, attempts=work.attempts)
        return written

    def next_for_slack(self) -> Work | None:
        """The next message for Slack (payload: `to`, `title`, `blocks`, `ask`, `principal`), now the caller's to send and finish."""
        return self.state.claim(SLACK)

    def inbox(self, principal: str) -> list[dict[str, Any]]:
        """What was sent to a person on the web page, newest first."""
        return list(reversed(list(self.state.all_kept(f"{INBOX} {principal}").values())))

    def mute(self, principal: str, name: str, days: int = 7, label: str = "") -> None:
        """Leaves an alert out for a person for so many days; `label` is what it says."""
        self.state.keep(MUTED, f"{principal}\n{name}", label or name, within=timedelta(days=days))

    def unmute(self, principal: str, name: str) -> None:
        self.state.forget(MUTED, f"{principal}\n{name}")

    def muted(self, principal: str) -> dict[str, str]:
        """The alerts that a person muted, by name, and what they say."""
        kept = self.state.all_kept(MUTED)
        return {key.removeprefix(f"{principal}\n"): label for key, label in kept.items() if key.startswith(f"{principal}\n")}

    def _serve(self, one: Subscription, now: datetime) -> list[str]:
        kept = {"every": "always", **one.schedule} if one.kind == "alerts" else dict(one.schedule)
        if one.kind != "alerts" and kept.get("every") == "always":
            kept["every"] = "day"
        slot = due(Schedule.of(kept), one.created, one.last_sent, now, self.zone)
        if slot is None or one.kind not in KINDS:
            return []
        whose = recipient(one, self.state, self.scope_of)
        scope = whose.scope
        if one.kind == "question":
            made = answered(one.what, self.engine().reply(Turn(one.what, scope)))
            return self._queue(one, made, f"{slot.isoformat()}", now, whose)
        book, lock = self.briefs.book(scope)
        with lock:
            group = _group(one.what, book)
            new = [a for a in alerts(group, book, _rules(one)) if not self._known(one, a)]
            if one.kind == "alerts" and not new:
                return []
            style = template.load(self.folder)
            made = (
                digest(group_brief(group, book), new, style) if one.kind == "digest" else news(_bare(group, book), new, style)
            )
        name = slot.isoformat() if one.kind == "digest" else "\n".join(sorted(a.name for a in new)) + now.strftime(" %Y-%m")
        queued = self._queue(one, made, name, now, whose)
        for alert in new:
            self.state.keep_first(TOLD, f"{one.id}\n{alert.name}", True, within=WITHIN)
        return queued

    def _known(self, one: Subscription, alert: Alert) -> bool:
        """Whether the alert was told to this subscription within a month, or is muted by the person."""
        told = self.state.kept(TOLD, f"{one.id}\n{alert.name}")
        return bool(told or self.state.kept(MUTED, f"{one.principal}\n{alert.name}"))

    def _queue(self, one: Subscription, made: Message, name: str, now: datetime, whose: Recipient) -> list[str]:
        """Queues the message for its channel, unless that slot was queued before."""
        payload = {
            **asdict(made),
            "to": whose.to,
            "seen": seen_with(whose.scope),
            "principal": one.principal,
            "subscription": one.id,
            "at": now.isoformat(),
            "schedule": dict(one.schedule),
        }
        queued = self.state.enqueue(_queue_of(one.channel), payload, event=f"subscription {one.id} {name}")
        self.state.sent(one.id, now, one.last_sent)
        return [] if queued is None else [f"{one.principal}: {made.title}"]


def _group(what: str, book: Book) -> Group:
    found = portfolio(book) if not what.strip() else find_group(what, book)
    if found is None:
        raise UnknownName(f"No accounts are called `{what}`.", "Say `my accounts`, or a segment such as `industry=healthcare`.")
    return found


def _bare(group: Group, book: Book) -> Any:
    return group_brief(Group(group.kind, group.title, (), group.dimension, group.member), book)


def _rules(one: Subscription) -> tuple[str, ...]:
    wanted = [r.strip() for r in str(one.schedule.get("rules") or "").split(",") if r.strip()]
    return tuple(wanted) or RULES


def _queue_of(channel: str) -> str:
    """The queue of a subscription's channel."""
    return MAIL if channel.startswith("email") else WEB if channel == "web" else SLACK


def _write_mail(folder: Path, work: Work, now: datetime) -> Path:
    """One message as .eml, plain text with HTML beside it; the same work gives the same file."""
    payload = work.payload
    mail = EmailMessage()
    mail["Subject"] = " ".join(str(payload["title"]).split())
    mail["From"] = "Rapport <rapport@localhost>"
    mail["To"] = Address(addr_spec=checked(str(payload["to"])))
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<rapport-{work.id}@localhost>"
    asks = "\n".join(f"- {label}: ask “{question}”" for label, question in payload["ask"])
    mail.set_content(str(payload["text"]) + (f"\nEvidence:\n{asks}\n" if asks else ""))
    mail.add_alternative(str(payload["html"]), subtype="html")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{work.id:08d}-{re.sub(r'[^a-z0-9]+', '-', str(payload['principal']).lower())}.eml"
    temporary = path.with_suffix(".part")
    temporary.write_bytes(bytes(mail))
    temporary.replace(path)
    return path
