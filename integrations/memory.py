"""Conversations of the assistant, kept in the workspace's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.reopening import keep_answer

if TYPE_CHECKING:
    from knowledge.access import Scope
    from knowledge.state import State


class StateMemory:
    """A Memory of `assistant.conversation` that outlives the process."""

    def __init__(self, state: State) -> None:
        self._state = state

    def recall(self, conversation: str, principal: str) -> list[dict[str, Any]]:
        return self._state.recall(conversation, principal)

    def remember(self, conversation: str, principal: str, context: dict[str, Any], question: str, answer_id: str) -> None:
        self._state.remember(conversation, principal, context, question, answer_id)

    def log(self, answer: dict[str, Any], scope: Scope, conversation: str | None, question: str) -> None:
        keep_answer(self._state, answer, scope, question, conversation)
