"""What App Home tells of one person, and what they change there: saved questions, choices, muted alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.talk import CHOICES, preferences
from integrations import accounts
from integrations.live import Live
from integrations.slack.answers import in_words
from knowledge.access import Scope
from knowledge.errors import RapportError
from knowledge.state import Subscription, User

SAVED, MOST_SAVED = "saved_questions", 20
MOST_ACCOUNTS = 40  # whose alerts are looked up when somebody opens the tab


@dataclass(frozen=True)
class Heeded:
    """An alert: its name, what it says, and questions that lead to the evidence."""

    name: str
    label: str
    ask: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Facts:
    """`alerts` is None where there are too many accounts to look through; `problem` says why accounts cannot be told."""

    principal: str
    accounts: Sequence[dict[str, Any]]
    sees_all: bool
    as_of: str
    alerts: Sequence[Heeded] | None
    muted: Sequence[Heeded]
    saved: Sequence[str]
    meanings: Sequence[tuple[str, str]]
    sent: Sequence[Subscription]
    problem: str = ""


def gathered(live: Live, user: User, scope: Scope) -> Facts:
    """What there is to tell, as the person may see it."""
    mine, as_of, problem = _accounts(live, scope)
    names = {c["customer_id"]: c["name"] or c["customer_id"] for c in mine}
    chosen = preferences(live.state.recall(CHOICES, user.name))
    muted = {name: str(label) for name, label in live.home.post().muted(user.name).items()}
    return Facts(
        principal=user.name,
        accounts=mine,
        sees_all=scope.accounts is None,
        as_of=as_of,
        alerts=_alerts(live, scope, muted) if len(mine) <= MOST_ACCOUNTS and not problem else None,
        muted=[Heeded(name, label) for name, label in muted.items()],
        saved=live.state.preference(user.name, SAVED) or [],
        meanings=[(words, names.get(value, value)) for words, value in chosen.items()],
        sent=live.state.subscriptions(user.name),
        problem=problem,
    )


def save(live: Live, principal: str, question: str) -> None:
    """Puts a question first among the saved ones."""
    kept = [q for q in live.state.preference(principal, SAVED) or [] if q != question]
    live.state.set_preference(principal, SAVED, [question, *kept][:MOST_SAVED])


def forget(live: Live, principal: str, question: str) -> None:
    kept = [q for q in live.state.preference(principal, SAVED) or [] if q != question]
    live.state.set_preference(principal, SAVED, kept)


def unchoose(live: Live, principal: str, words: str) -> None:
    """Asks anew what the person means by the words."""
    live.state.remember(CHOICES, principal, {"words": words, "value": None}, f"which {words}?", "")


def _accounts(live: Live, scope: Scope) -> tuple[list[dict[str, Any]], str, str]:
    try:
        with live.reading(scope) as reader:
            return accounts.customers(reader), f"{reader.snapshot.as_of:%-d %b %Y}", ""
    except RapportError as err:
        return [], "", in_words(err)


def _alerts(live: Live, scope: Scope, muted: dict[str, str]) -> list[Heeded]:
    from assistant.brief.groups import portfolio
    from assistant.brief.wording import text
    from integrations.alerts.watch import alerts

    book, lock = live.briefs.book(scope)
    with lock:
        found = alerts(portfolio(book), book)
        return [Heeded(a.name, text(a.line.parts), a.ask) for a in found if a.name not in muted]
