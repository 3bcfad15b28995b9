"""Refusals in words: what cannot be answered and why, with the nearest questions that this reader can have answered."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence

from assistant.next_questions import suggestions
from assistant.plan import AS_OF_NOW
from assistant.questions import Answer, Plan, Question, Status
from assistant.shape import framed, query_json
from assistant.understand.entities import Vocabulary
from knowledge.access import Reader
from knowledge.errors import NoData, NotAllowed, RapportError, UnknownName
from knowledge.records import MetricQuery

log = logging.getLogger("rapport.answers")
NOT_OURS = "That is not something this workspace's data can answer: I know about customers, orders, service, returns and what customers say."

NOT_TOLD = "I answer questions. What I may show follows from who you are, and a message cannot change that."


def refusal(
    err: RapportError, reader: Reader, query: MetricQuery | None, plan: Plan | None = None, question: Question | None = None
) -> Answer:
    """The refusal that an error amounts to."""
    status: Status = "not_allowed" if isinstance(err, NotAllowed) else "no_data" if isinstance(err, NoData) else "out_of_scope"
    if isinstance(err, UnknownName):
        status = "out_of_scope"
    text = f"{err.message} {err.hint}".strip()
    slots = {**(dict(plan.slots) if plan else {}), "refused": {"code": err.code, "message": text}}
    if query is not None and "queries" not in slots:
        slots["queries"] = [query_json(query)]
    return framed(reader, Plan("value", slots=slots), status, text, nearest=suggestions(reader, query, question))


def fault(err: Exception) -> Answer:
    """The answer where something of ours broke: a reference, under which the log has the rest; never the error's own words."""
    reference = uuid.uuid4().hex[:12]
    log.error("no answer", extra={"event": "no_answer", "code": "internal", "reference": reference}, exc_info=err)
    text = f"Something went wrong in Rapport, so this is not answered (reference {reference})."
    return Answer(reference, "error", text, plan={"refused": {"code": "internal", "message": text}})


def not_to_be_told(reader: Reader, question: Question) -> Answer:
    """The refusal of a message that would change what may be shown to whom."""
    return framed(reader, Plan("value"), "out_of_scope", NOT_TOLD, nearest=suggestions(reader, None, question))


def beyond(plan: Plan, question: Question, reader: Reader, vocabulary: Vocabulary) -> Answer:
    """Words that nothing accounts for: say which, and offer the closest names or questions."""
    words = [w for w in question.unknown if w.strip()]
    close: list[str] = []
    for word in words[:3]:
        bare = re.sub(r"^(customer|account|client|product|article|item)\s+", "", word)
        close += [
            question.text.replace(word if word in question.text else bare, e.label)
            for e, likeness in vocabulary.nearest(bare.lower(), limit=2)
            if likeness >= 70
        ]
    near = suggestions(reader, plan.queries[0] if plan.queries else None, question)
    if plan.reason == AS_OF_NOW and question.period:
        text = f"{plan.slots['now']} is told as of the last day of the data; I have none for {question.period.label}."
    elif not question.text.strip():
        text = "Ask about customers, orders, service, returns or what customers say."
    elif words == ["will"]:
        text = "That lies ahead of the data. I tell what is recorded, and what the forecasts say of an article's demand or a customer's next order."
    elif words and (question.metrics or question.entities or question.by or question.operation):
        text = f"I do not know {_quoted(words)} here, so I leave the question unanswered rather than guess."
    else:
        text = NOT_OURS
    return framed(reader, plan, "out_of_scope", text, nearest=tuple(dict.fromkeys((*close[:2], *near)))[:3])


def _quoted(words: Sequence[str]) -> str:
    return " and ".join(f"“{w}”" for w in words[:3])
