"""Answers that are kept with the rights they were made with, and opened again only by who has those rights today."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from knowledge.access import ROLE_RIGHTS, Scope
from knowledge.errors import NotAllowed, UnknownName

if TYPE_CHECKING:
    from knowledge.state import State

MOST_NAMED = 500
SEEN_BY_ALL = {"rights": sorted(ROLE_RIGHTS["manager"]), "all": True}  # of an answer that was kept before its rights were


def keep_answer(state: State, answer: dict[str, Any], scope: Scope, question: str, conversation: str | None = None) -> None:
    """Keeps an answer, tells the audit log, and notes what its asker could see."""
    state.log_answer(answer, scope.principal, scope.role, conversation, question, seen=seen_with(scope))


def seen_with(scope: Scope) -> dict[str, Any]:
    """What a reader sees, as it is kept with an answer."""
    accounts = None if scope.accounts is None else sorted(scope.accounts)
    named = accounts if accounts is None or len(accounts) <= MOST_NAMED else None
    return {"rights": sorted(scope.rights), "all": accounts is None, "accounts": named, "digest": _digest(accounts or [])}


def opened(state: State, scope: Scope, answer_id: str) -> dict[str, Any]:
    """An answer of this person's own, as it was given. Fails: UnknownName for another's as for none; NotAllowed as `check`."""
    found = state.whole_answer(answer_id) if "\0" not in answer_id else None
    if found is None or found["principal"] != scope.principal:
        raise UnknownName("You have no answer of that id.", "GET /api/v1/answers lists yours.")
    check(found, scope)
    return {k: v for k, v in found.items() if k != "seen"}


def check(kept: Mapping[str, Any], scope: Scope) -> None:
    """Fails: NotAllowed (`rights_changed`) where the answer holds what this reader may not see today."""
    if not covers(scope, kept.get("seen") or SEEN_BY_ALL):
        raise NotAllowed("What you may see has changed since this was answered.", "Ask again.", code="rights_changed")


def covers(scope: Scope, seen: Mapping[str, Any]) -> bool:
    """Whether the reader may see everything that could be seen with these rights."""
    if not scope.rights >= set(seen["rights"]):
        return False
    if scope.accounts is None:
        return True
    if seen["all"]:
        return False
    if seen["accounts"] is not None:
        return scope.accounts >= set(seen["accounts"])
    return bool(seen["digest"] == _digest(sorted(scope.accounts)))


def _digest(accounts: list[str]) -> str:
    return hashlib.sha256("\n".join(accounts).encode()).hexdigest()
