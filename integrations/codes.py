"""One-time codes with which people say who they are at a door that cannot tell by itself."""

from __future__ import annotations

import secrets
from datetime import timedelta

from knowledge.errors import UnknownName
from knowledge.state import State

SPACE = "code"
LIVES = timedelta(minutes=30)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_code(state: State, name: str) -> str:
    """A code for a person; it works once, for half an hour. Fails: UnknownName."""
    if state.user(name) is None:
        raise UnknownName(f"Nobody called `{name}` is known here.", "Add them with `rapport user add`.")
    made = "".join(secrets.choice(LETTERS) for _ in range(10))
    state.keep(SPACE, made, name, within=LIVES)
    return made


def taken(state: State, code: str) -> str | None:
    """Whose code it is, which is used up now; None where it is no good."""
    name: str | None = state.take(SPACE, code.strip().upper()[:40])
    return name
