"""Who is sent what: oneself, somebody known, or a channel; with no more than whoever receives it may see at that moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.alerts.addresses import checked
from integrations.alerts.schedule import Schedule
from knowledge.access import Scope, together
from knowledge.errors import BadQuestion, NotAllowed

if TYPE_CHECKING:
    from knowledge.state import State, Subscription, User

CHANNEL, PERSON = re.compile(r"[CG][A-Z0-9]{1,30}"), re.compile(r"[UW][A-Z0-9]{1,30}")
VOUCHED = "address of"
MOST = 50
KINDS = ("digest", "alerts", "question")


def subscribed(
    state: State,
    principal: str,
    kind: str,
    what: str,
    schedule: Mapping[str, Any],
    channel: str,
    *,
    by_admin: bool = False,
    own: str = "",
) -> int:
    """Keeps a subscription; an address that whoever runs the workspace gives is taken for the person's own;
    `own` is the Slack id of whoever asks.

    Fails: BadQuestion (`bad_schedule`, `bad_address`, `too_many_subscriptions`) and NotAllowed for a stranger's address."""
    if kind not in KINDS:
        raise BadQuestion(f"There is no kind `{kind}`.", f"Kinds: {', '.join(KINDS)}.")
    if kind == "question" and not what.strip():
        raise BadQuestion("A question needs its words.", "Give them in `what`.")
    if Schedule.of(schedule).every == "always" and kind != "alerts" and "every" in schedule:
        raise BadQuestion(f"A {kind} is sent by the clock.", "Send it every day, week or month.", code="bad_schedule")
    if len(state.subscriptions(principal)) >= MOST:
        raise BadQuestion(f"You are sent {MOST} things already.", "End one first.", code="too_many_subscriptions")
    to, _, address = channel.partition(":")
    if to == "email":
        if address:
            channel = f"email:{checked(address)}"
            if by_admin:
                state.keep(VOUCHED, f"{principal}\n{checked(address).lower()}", 1)
        _known_address(state, principal, address)
    elif PERSON.fullmatch(channel):
        if channel != own and state.user_of_slack(channel) is None and not by_admin:
            raise NotAllowed(
                "Nobody is known here by that Slack id.", "Send it to yourself, or to a channel.", code="bad_address"
            )
    elif channel != "web" and not CHANNEL.fullmatch(channel):
        raise BadQuestion(
            "That is no place to send to.", "Use web, email, or a Slack channel (C…) or person (U…).", code="bad_address"
        )
    return state.subscribe(principal, kind, what, dict(schedule), channel)


@dataclass(frozen=True)
class Recipient:
    """Where it goes (an address, a Slack id, nothing for the web page), and the rights it is made with."""

    to: str
    scope: Scope


def recipient(one: Subscription, state: State, scope_of: Callable[[str], Scope]) -> Recipient:
    """As things stand now. Fails: NotAllowed where nobody known is behind the address; as `scope_of` for who is gone."""
    mine = scope_of(one.principal)
    kind, _, address = one.channel.partition(":")
    if kind == "email":
        found = _known_address(state, one.principal, address)
        other = None if found.name == one.principal else found
        return Recipient(address or str(found.email), _narrowed(mine, other, scope_of))
    if PERSON.fullmatch(one.channel):
        person = state.user_of_slack(one.channel)
        other = person if person is not None and person.name != one.principal else None
        return Recipient(one.channel, _narrowed(mine, other, scope_of))
    return Recipient("" if one.channel == "web" else one.channel, mine)


def _narrowed(mine: Scope, other: User | None, scope_of: Callable[[str], Scope]) -> Scope:
    return mine if other is None else together([mine, scope_of(other.name)], f"{mine.principal} and {other.name}")


def _known_address(state: State, principal: str, address: str) -> User:
    """Who reads mail at that address (one's own where none is given). Fails: NotAllowed (`bad_address`)."""
    own = state.user(principal)
    if own is None or (not address and not own.email):
        raise NotAllowed(f"{principal} has no e-mail address here.", "`rapport user add NAME --email …`.", code="bad_address")
    if not address or address.lower() == own.email or state.kept(VOUCHED, f"{principal}\n{address.lower()}"):
        return own
    found = state.user_of_email(address)
    if found is None:
        raise NotAllowed(
            "Nobody is known here by that address.", "Send it to somebody who is, or to a channel.", code="bad_address"
        )
    return found
