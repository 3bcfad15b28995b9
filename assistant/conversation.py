"""What a conversation remembers between turns, and how a follow-up is completed from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from threading import Lock
from typing import Any, Protocol

from assistant.questions import Entity, Question
from knowledge.records import Period

KEPT_IN_MIND = 20


class Memory(Protocol):
    """Keeps contexts by conversation and principal; a conversation belongs to its principal, nobody else sees it."""

    def recall(self, conversation: str, principal: str) -> list[dict[str, Any]]:
        """The contexts of former turns, newest first, at most 20."""
        ...

    def remember(self, conversation: str, principal: str, context: dict[str, Any], question: str, answer_id: str) -> None:
        """Keeps one turn's context."""
        ...

    def log(self, answer: dict[str, Any], principal: str, role: str, conversation: str | None, question: str) -> None:
        """Keeps an answer (as JSON) for later explanation."""
        ...


class InMemory:
    """A Memory that goes with the process; answers are kept in `logged`."""

    def __init__(self) -> None:
        self.logged: list[dict[str, Any]] = []
        self._contexts: dict[tuple[str, str], deque[dict[str, Any]]] = {}
        self._lock = Lock()

    def recall(self, conversation: str, principal: str) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._contexts.get((conversation, principal), ()))

    def remember(self, conversation: str, principal: str, context: dict[str, Any], question: str, answer_id: str) -> None:  # noqa: ARG002
        with self._lock:
            self._contexts.setdefault((conversation, principal), deque(maxlen=KEPT_IN_MIND)).appendleft(context)

    def log(self, answer: dict[str, Any], principal: str, role: str, conversation: str | None, question: str) -> None:
        entry = {"principal": principal, "role": role, "conversation": conversation, "question": question, "answer": answer}
        with self._lock:
            self.logged.append(entry)


def complete(question: Question, contexts: Sequence[Mapping[str, Any]]) -> Question:
    """The question with what the thread supplies: a follow-up takes from the last turn what it does not say itself.

    A question that names its own metric and does not point back starts afresh."""
    if not contexts:
        return question
    last = contexts[0]
    speaks = (
        bool(question.metrics) or question.operation in ("themes", "quotes", "define", "order") or question.order_id is not None
    )
    if speaks and not (question.follow_up or question.refers):
        return question
    entities = question.entities or (
        tuple(Entity(**e) for e in last.get("entities", ())) if not question.excluded or last.get("entities") else ()
    )
    if question.entities:
        kinds = {e.dimension for e in question.entities}
        kept = [Entity(**e) for e in last.get("entities", ()) if e["dimension"] not in kinds]
        wide = len(question.entities) == 1 and question.entities[0].dimension in ("customer", "product")
        entities = (*question.entities, *(k for k in kept if not (wide and k.dimension in ("customer", "product", "parent"))))
    operation = question.operation
    if not speaks and operation in (None, "breakdown", "list") and not (question.by or question.grain):
        operation = last.get("operation")
    by = question.by or (tuple(last.get("by", ())) if not speaks and operation == last.get("operation") else ())
    if not speaks and question.by and last.get("operation") in ("rank",):
        operation = "rank"
    period = question.period or _period(last.get("period"))
    return replace(
        question,
        metrics=question.metrics or tuple(last.get("metrics", ())),
        operation=operation,
        entities=entities,
        excluded=question.excluded or tuple(Entity(**e) for e in last.get("excluded", ())),
        by=by,
        period=period,
        compare_to=question.compare_to
        or (_period(last.get("compare_to")) if not question.period and operation == "compare" else None),
        grain=question.grain or (last.get("grain") if operation == "trend" else None),
        order=question.order or (last.get("order") if operation == "rank" else None),
        limit=question.limit or (last.get("limit") if operation == "rank" else None),
        mood=question.mood if question.mood is not None else last.get("mood"),
    )


def context_of(question: Question) -> dict[str, Any]:
    """What a turn leaves for the next one, as JSON."""

    def told(period: Period | None) -> dict[str, str] | None:
        return {"start": str(period.start), "end": str(period.end), "label": period.label} if period else None

    return {
        "metrics": list(question.metrics),
        "operation": question.operation,
        "entities": [asdict(e) for e in question.entities],
        "excluded": [asdict(e) for e in question.excluded],
        "by": list(question.by),
        "period": told(question.period),
        "compare_to": told(question.compare_to),
        "grain": question.grain,
        "order": question.order,
        "limit": question.limit,
        "mood": question.mood,
    }


def year_in_mind(contexts: Sequence[Mapping[str, Any]]) -> int | None:
    """The year that a bare month or quarter means in this thread."""
    for context in contexts[:3]:
        period = _period(context.get("period"))
        if period and period.start.year == period.end.year:
            return period.start.year
    return None


def _period(raw: Any) -> Period | None:
    return Period(date.fromisoformat(raw["start"]), date.fromisoformat(raw["end"]), raw["label"]) if raw else None
