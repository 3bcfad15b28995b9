"""What a conversation remembers between turns, and how a follow-up is completed from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from assistant.questions import Entity, Question
from knowledge.entities.predicates import from_json, to_json
from knowledge.records import Period

if TYPE_CHECKING:
    from knowledge.access import Scope

KEPT_IN_MIND = 20
CARRIED = (
    "metrics",
    "operation",
    "by",
    "grain",
    "order",
    "limit",
    "mood",
    "counted",
    "state",
    "kind",
    "record_state",
    "claims",
    "per",
    "topic",
    "having",
    "order_id",
    "document",
    "things",
    "facts",
    "ranked_by",
)
SPEAKING = ("define", "order", "orders", "search", "records", "claims", "brief", "advise", "lapsed")
"""Operations that say what is wanted without a figure."""
FRESH_WORDS = frozenset(
    "what how show give list which who where when why tell total overall compare is are did do does can all everywhere".split()
)
WIDENING = frozenset("overall everywhere company-wide altogether total".split())


class Memory(Protocol):
    """Keeps contexts by conversation and principal; a conversation belongs to its principal, nobody else sees it."""

    def recall(self, conversation: str, principal: str) -> list[dict[str, Any]]:
        """The contexts of former turns, newest first, at most 20."""
        ...

    def remember(self, conversation: str, principal: str, context: dict[str, Any], question: str, answer_id: str) -> None:
        """Keeps one turn's context."""
        ...

    def log(self, answer: dict[str, Any], scope: Scope, conversation: str | None, question: str) -> None:
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

    def log(self, answer: dict[str, Any], scope: Scope, conversation: str | None, question: str) -> None:
        entry = {
            "principal": scope.principal,
            "role": scope.role,
            "conversation": conversation,
            "question": question,
            "answer": answer,
        }
        with self._lock:
            self.logged.append(entry)


def visible(context: Mapping[str, Any], scope: Scope) -> bool:
    """Whether the reader may see today every customer that a former turn was about: from others nothing is gone on."""
    named = {e["value"] for e in context.get("entities", ()) if e["dimension"] == "customer"}
    return scope.accounts is None or named <= scope.accounts


def complete(question: Question, contexts: Sequence[Mapping[str, Any]]) -> Question:
    """The question with what the thread supplies: a follow-up takes from the last turn what it does not say itself.

    A question that names its own figure and does not point back starts afresh; so does one with names of its own and no
    pointer, when nothing of it is missing."""
    if not contexts or not contexts[0]:
        return question
    last = contexts[0]
    words = question.text.lower().replace("?", " ").split()
    unhappy = question.operation == "why" and question.mood is not None  # "why are customers unhappy" asks for no figure
    talks = (question.operation in ("themes", "quotes") or unhappy) and not question.metrics
    speaks = bool(question.metrics) or question.operation in SPEAKING or question.order_id is not None
    speaks = speaks or (question.operation == "stock" and question.record_state is not None)
    points = (
        question.follow_up
        or question.refers
        or _fragment(question, words)
        or (talks and "the" in words and not question.entities)
    )
    if (speaks or talks or question.document or question.unknown) and not points:
        return question
    if question.operation == "overview" and not points:
        return question
    entities = question.entities or (() if set(words) & WIDENING else tuple(Entity(**e) for e in last.get("entities", ())))
    if question.entities:
        kinds = {e.dimension for e in question.entities}
        kept = [Entity(**e) for e in last.get("entities", ()) if e["dimension"] not in kinds]
        wide = len(question.entities) == 1 and question.entities[0].dimension in ("customer", "product")
        entities = (*question.entities, *(k for k in kept if not (wide and k.dimension in ("customer", "product", "parent"))))
    speaks = speaks or talks
    operation = question.operation
    if not speaks and operation in (None, "breakdown", "list") and not (question.by or question.grain):
        operation = last.get("operation")
    by = question.by or (tuple(last.get("by", ())) if not speaks and operation == last.get("operation") else ())
    if last.get("operation") == "rank" and not speaks and (question.by or operation == "rank"):
        operation = "rank"
    if last.get("operation") == "rank" and question.metrics and points and not question.operation and last.get("by"):
        operation, by = "rank", tuple(last["by"])  # "by orders", after a ranking by revenue
    if question.metrics and question.follow_up and _bare(question) and last.get("operation") in ("breakdown", "trend"):
        operation, by = last["operation"], tuple(last.get("by", ()))  # "and the fill rate?", after one by carrier
    same_kind = operation == last.get("operation")
    counts_again = same_kind and operation == "stock" != question.operation  # "and for reno?", after the safety stock elsewhere
    having = tuple(last["having"]) if same_kind and last.get("having") else None
    return replace(
        question,
        metrics=question.metrics or (tuple(last.get("metrics", ())) if not talks else ()),
        operation=operation,
        entities=entities,
        excluded=question.excluded or tuple(Entity(**e) for e in last.get("excluded", ())),
        by=by,
        period=question.period or (_period(last.get("period")) if operation != "stock" else None),
        compare_to=question.compare_to
        or (_period(last.get("compare_to")) if not question.period and operation == "compare" else None),
        grain=question.grain or (last.get("grain") if operation == "trend" else None),
        record_state=question.record_state or (last.get("record_state") if counts_again and not question.facts else None),
        order=question.order or (last.get("order") if operation == "rank" else None),
        limit=question.limit or (last.get("limit") if operation == "rank" else None),
        mood=question.mood if question.mood is not None else last.get("mood"),
        counted=question.counted if question.metrics else last.get("counted"),
        state=question.state or (last.get("state") if operation == "orders" else None),
        facts=question.facts or (tuple(last.get("facts") or ()) if counts_again else ()),
        per=question.per or (last.get("per") if operation == "ratio" else None),
        having=question.having or having,
        topic=question.topic or (last.get("topic") if talks is False and operation in ("quotes", "themes") else None),
    )


def _fragment(question: Question, words: Sequence[str]) -> bool:
    """ "orders?", "csat there": a few words without a question of their own."""
    return (
        len(words) <= 3 and not set(words) & FRESH_WORDS and not question.entities and not question.period and not question.by
    )


def _bare(question: Question) -> bool:
    """Whether nothing but a figure is named."""
    return not (question.operation or question.entities or question.period or question.by or question.grain)


def context_of(question: Question, contexts: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """What a turn leaves for the next one, as JSON; `n` numbers the turns, `before` is the turn it came after."""
    number = max((int(c.get("n", 0)) for c in contexts), default=0) + 1
    told: dict[str, Any] = {name: getattr(question, name) for name in CARRIED}
    return {
        **{k: list(v) if isinstance(v, tuple) else v for k, v in told.items()},
        "only": to_json(question.only),
        "entities": [asdict(e) for e in question.entities],
        "excluded": [asdict(e) for e in question.excluded],
        "period": _told(question.period),
        "compare_to": _told(question.compare_to),
        "text": question.text,
        "n": number,
        "before": contexts[0].get("n") if contexts else None,
    }


def restored(context: Mapping[str, Any], text: str) -> Question:
    """The question that left this context."""
    question = Question(
        text=text,
        entities=tuple(Entity(**e) for e in context.get("entities", ())),
        excluded=tuple(Entity(**e) for e in context.get("excluded", ())),
        period=_period(context.get("period")),
        compare_to=_period(context.get("compare_to")),
    )
    question = replace(question, only=from_json(context.get("only")))
    told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k in CARRIED if (v := context.get(k)) is not None}
    return replace(question, **told)


def year_in_mind(contexts: Sequence[Mapping[str, Any]]) -> int | None:
    """The year that a bare month or quarter means in this thread."""
    for context in contexts[:3]:
        period = _period(context.get("period"))
        if period and period.start.year == period.end.year:
            return period.start.year
    return None


def period_in_mind(contexts: Sequence[Mapping[str, Any]]) -> Period | None:
    """The period that "the quarter before" counts from in this thread."""
    return _period(contexts[0].get("period")) if contexts and contexts[0] else None


def _told(period: Period | None) -> dict[str, str] | None:
    told = {"unit": str(period.unit)} if period and period.unit else {}
    return {"start": str(period.start), "end": str(period.end), "label": period.label, **told} if period else None


def _period(raw: Any) -> Period | None:
    if not raw:
        return None
    return Period(date.fromisoformat(raw["start"]), date.fromisoformat(raw["end"]), raw["label"], raw.get("unit"))
