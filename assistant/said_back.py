"""A question as it was read, in one plain sentence from the records' own labels: what a choice is called, and what it is asked as."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.questions import Question
from assistant.shape import Name, word
from knowledge.entities import verbalise
from knowledge.entities.catalogue import attribute
from knowledge.metrics import find

OF_FIGURES = frozenset(
    (
        None,
        "value",
        "breakdown",
        "rank",
        "trend",
        "compare",
        "share",
        "growth",
        "distribution",
        "ratio",
        "things",
        "facts",
        "part",
        "why",
        "define",
    )
)
"""What a reading has to be for its sentence to say all of it."""
SIGNS = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}


def said_back(question: Question, name: Name) -> str:
    """The reading in words: "top 5 customers by revenue, for west, in 2026". Empty where it is none of figures, lists or records."""
    head = _head(question, name) if question.operation in OF_FIGURES else ""
    if not head:
        return ""
    return ", ".join([head, *_scope(question, name)])


def _head(q: Question, name: Name) -> str:
    if q.things:
        things = verbalise.things(q.things, q.only, name)
        facts = " and ".join(attribute(f)[1].label for f in q.facts)
        ranked = f" by {attribute(q.ranked_by)[1].label}" if q.ranked_by else ""
        if q.ranked and q.limit and q.order:
            end = (
                ("latest" if q.order == "desc" else "first")
                if not q.ranked_by
                else "largest"
                if q.order == "desc"
                else "smallest"
            )
            things, ranked = f"the {end} {things}", ranked if q.ranked_by else ""
        return f"{facts} of {things}" if facts else f"list of {things}{ranked}"
    measures = " and ".join(_measure(m) for m in q.metrics)
    if not measures:
        return ""
    if q.order and q.by:
        end = "lowest" if q.order == "asc" else "highest"
        return f"{word(q.by[0])} with the {end} {measures}{' by ' + ' and '.join(map(word, q.by[1:])) if q.by[1:] else ''}"
    if q.order and q.grain:
        return f"{q.grain} with the {'lowest' if q.order == 'asc' else 'highest'} {measures}"
    cuts = [*map(word, q.by), *([q.grain] if q.grain else [])]
    said = f"{measures} by {' and '.join(cuts)}" if cuts else measures
    if q.operation in ("growth", "why", "share", "distribution", "trend", "define"):
        said = {
            "growth": f"growth of {said}", "why": f"why {said} changed", "share": f"share of {said}",
            "distribution": f"distribution of {said}", "trend": f"course of {said}", "define": f"definition of {said}",
        }[q.operation]  # fmt: skip
    return said


def _measure(metric: str) -> str:
    label = find(metric).label
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _scope(q: Question, name: Name) -> Iterator[str]:
    if q.limit:
        yield f"{q.limit} of them"
    if q.place:
        yield f"the one in place {q.place}"
    if q.having:
        yield f"{SIGNS[q.having[0]]} {q.having[1]:g}"
    if q.part:
        yield f"of the first {q.part * 100:g} %"
    if q.per:
        yield f"average per {q.per}"
    if q.percent:
        yield "as a percentage"
    states = [s for s in (q.state, q.kind, q.record_state) if s]
    if states:
        yield f"only {' '.join(states)}"
    if q.counted:
        yield "only praise" if q.counted > 0 else "only complaints"
    if q.topic:
        yield f"about {q.topic}"
    if q.only is not None and not q.things:
        yield f"only {verbalise.things(verbalise.subject(q.only), q.only, name)}"
    if q.sides:
        yield " against ".join(verbalise.things(verbalise.subject(s), s, name) for s in q.sides)
    if q.entities:
        yield "for " + " and ".join(e.label for e in q.entities)
    if q.excluded:
        yield "without " + " and ".join(e.label for e in q.excluded)
    if q.period is not None:
        yield verbalise.within(q.period).strip()
    if q.compare_to is not None:
        yield f"against {verbalise.within(q.compare_to).strip().removeprefix('in ')}"
