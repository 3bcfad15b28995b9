"""What is sent: a digest of accounts, the alerts that are new, or the answer to a question; as text, HTML and Slack blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from assistant.brief import Brief, markdown
from assistant.brief.content import Section
from assistant.brief.wording import text
from assistant.locales import LOCALES
from assistant.questions import Answer
from integrations.alerts.watch import Alert
from integrations.exports.brief_blocks import blocks
from integrations.exports.brief_html import html
from integrations.exports.template import Template, applied
from integrations.slack.blocks import section
from integrations.slack.text import mrkdwn

MOST_ASKED = 12


@dataclass(frozen=True)
class Message:
    """One message, ready to go: every channel takes of it what it can show. `ask` leads to the evidence; `alerts` are those that
    it tells, by name, with what they say."""

    title: str
    text: str
    html: str
    blocks: list[dict[str, Any]]
    ask: tuple[tuple[str, str], ...] = ()
    alerts: tuple[tuple[str, str], ...] = ()


def digest(brief: Brief, new: Sequence[Alert], style: Template) -> Message:
    """The brief of the accounts with what is new since the last one before it."""
    fresh = Section("new", "New since the last digest", tuple(a.line for a in new), place="page")
    whole = replace(brief, sections=(fresh, *brief.sections) if new else brief.sections)
    return _of(whole, new, style)


def news(brief: Brief, new: Sequence[Alert], style: Template) -> Message:
    """Alerts alone."""
    fresh = Section("new", "To look at now", tuple(a.line for a in new), place="page")
    return _of(replace(brief, sections=(fresh,)), new, style)


def answered(question: str, answer: Answer) -> Message:
    """The answer to a question that somebody wants to be sent."""
    shown = [section(mrkdwn(f"**{question}**\n{answer.text}"))]
    return Message(
        question, answer.text, f"<h1>{escape(question)}</h1>\n<p>{escape(answer.text)}</p>\n", shown, (("ask again", question),)
    )


def _of(brief: Brief, new: Sequence[Alert], style: Template) -> Message:
    shown, locale = applied(brief, style), LOCALES[style.locale]
    three = next((s for s in shown.sections if s.lines), None)
    first = text(three.lines[0].parts, locale) if three is not None else ""
    title = f"{brief.title}: {first}"[:150]
    told = tuple((a.name, text(a.line.parts, locale)) for a in new[:MOST_ASKED])
    page = html(shown, locale, style.css, style.look).decode()
    return Message(title, markdown(shown, locale), page, blocks(shown, locale), _asked(new), told)


def _asked(new: Sequence[Alert]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(q for a in new[:MOST_ASKED] for q in a.ask))
