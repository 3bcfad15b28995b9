"""What a question names and its answer does not hold: said first, so that no figure passes for another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.questions import Answer, Entity, Plan, Question
from assistant.shape import Name, word
from knowledge.entities import verbalise
from knowledge.errors import BadQuestion
from knowledge.metrics import find
from knowledge.records import Period

OF_FIGURES = frozenset("value breakdown members rank trend compare share growth why ratio distribution overview list".split())
PARTS = ("share", "share_points", "points")
THING = {"active_customers": "customer", "orders": "order", "each": ""}
Query = Mapping[str, Any]


def told(answer: Answer, plan: Plan, question: Question, name: Name) -> Answer:
    """The answer, with what it leaves out of the question said before anything else: of figures every part, of all others the
    conditions."""
    if answer.status != "answered":
        return answer
    answer = _aside(answer, question)
    parts = left_out(answer, plan, question) if plan.operation in OF_FIGURES else ()
    missing = list(dict.fromkeys((*parts, *_conditions(answer, question, name))))
    if not missing:
        return answer
    if (
        plan.operation in OF_FIGURES
        and question.ranked
        and f"{question.limit} of them" in missing
        and not any(f.group for f in answer.figures)
    ):
        raise BadQuestion(
            "A ranking was read in that, but not of what: the figure stands alone.",
            "Say what is to be ranked: customers, products, regions, months.",
            code="nothing_to_rank",
        )
    said = f"Not answered: {'; '.join(missing)}. What follows is without it."
    notes = [*(answer.plan.get("notes") or ()), said]
    return replace(answer, text=f"{said}\n\n{answer.text}", plan={**answer.plan, "notes": notes, "left_out": missing})


def _aside(answer: Answer, question: Question) -> Answer:
    """The answer with the words said that were not understood and taken for saying nothing."""
    if not question.aside:
        return answer
    words = " and ".join(f"“{w}”" for w in question.aside)
    notes = [*(answer.plan.get("notes") or ()), words]
    return replace(answer, text=f"{answer.text}\n\n_Left aside: {words}._", plan={**answer.plan, "notes": notes})


def left_out(answer: Answer, plan: Plan, question: Question) -> Iterator[str]:
    """In words, each part of the question that nothing in the answer stands for."""
    queries: Sequence[Query] = answer.plan.get("queries") or ()
    metrics = {q["metric"].split(".")[0] for q in queries} | {f.metric.split(".")[0] for f in answer.figures}
    yield from (find(m).label.lower() for m in question.metrics if m.split(".")[0] not in metrics)
    yield from _filters(answer, question, queries)
    yield from _times(question, queries, answer.as_of.date() if answer.as_of else None)
    yield from _cuts(answer, question, queries)
    yield from _choice(answer, plan, question)


def _conditions(answer: Answer, question: Question, name: Name) -> Iterator[str]:
    asked = [p for p in (question.only, *question.sides) if p is not None]
    if asked and not any(q.get("only") for q in answer.plan.get("queries") or ()):
        yield from (f"only {verbalise.things(verbalise.subject(p), p, name)}" for p in asked)


def _filters(answer: Answer, question: Question, queries: Sequence[Query]) -> Iterator[str]:
    kept = {(f["dimension"], v) for q in queries for f in q["where"] if not f["negated"] for v in f["values"]}
    kept |= {(d, v) for f in answer.figures for d, v in f.group.items()}
    without = {(f["dimension"], v) for q in queries for f in q["where"] if f["negated"] for v in f["values"]}
    only = " ".join(str(q.get("only") or "") for q in queries)

    def stands(entity: Entity, among: set[tuple[str, str]]) -> bool:
        return (entity.dimension, entity.value) in among or f"'{entity.value}'" in only

    yield from (e.label for e in question.entities if not stands(e, kept))
    yield from (f"without {e.label}" for e in question.excluded if not stands(e, without))
    if question.counted is not None and not any(f["dimension"] == "sentiment" for q in queries for f in q["where"]):
        yield "only complaints" if question.counted < 0 else "only praise"


def _times(question: Question, queries: Sequence[Query], today: date | None) -> Iterator[str]:
    if not any(find(q["metric"]).over_time for q in queries):
        if question.period is not None and today is not None and not question.period.start <= today <= question.period.end:
            yield question.period.label or str(question.period.start)  # the figure is that of now
        return
    spans = [(date.fromisoformat(p["start"]), date.fromisoformat(p["end"])) for q in queries if (p := q.get("period"))]

    def stands(period: Period) -> bool:
        return any(start <= period.end and period.start <= end for start, end in spans)

    if question.period is not None and not stands(question.period):
        yield question.period.label or str(question.period.start)
    if question.compare_to is not None and (len(queries) < 2 or not stands(question.compare_to)):
        yield f"against {question.compare_to.label or question.compare_to.start}"


def _cuts(answer: Answer, question: Question, queries: Sequence[Query]) -> Iterator[str]:
    groups = {d for q in queries for d in q["by"]} | {d for f in answer.figures for d in f.group}
    one = {f["dimension"] for q in queries for f in q["where"] if len(f["values"]) == 1 and not f["negated"]}
    one |= {f.metric.split(".")[0] for f in answer.figures if f.unit == "label"}  # "which tier": the tier is what is told
    per = str(question.per or "")
    for dimension in question.by:
        if dimension not in groups | one and dimension != THING.get(per):
            yield f"by {word(dimension)}"
    if question.grain and question.grain not in {q["grain"] for q in queries} and question.grain != per:
        yield f"by {question.grain}"


def _choice(answer: Answer, plan: Plan, question: Question) -> Iterator[str]:
    grouped = _listed(answer)
    if question.per and plan.operation != "ratio":
        yield f"the average per {THING.get(question.per) or question.per}"
    if question.percent and not any(f.unit in PARTS for f in answer.figures):
        yield "as a percentage"
    if question.part and plan.operation != "share":
        yield f"the first {question.part * 100:g} %"
    over_time = bool(plan.queries) and bool(plan.queries[0].grain) and not plan.queries[0].by
    if question.having and not ((plan.operation == "rank" or over_time) and plan.slots.get("having")):
        yield f"{question.having[0]} {question.having[1]:g}"
    if question.place and not (grouped and plan.slots.get("place")):
        yield f"place {question.place}"
    if question.limit and plan.operation != "share" and not _limited(answer, question, grouped):
        yield f"{question.limit} of them"


def _listed(answer: Answer) -> int:
    """How many groups the longest list of the answer shows: each figure has a list of its own."""
    lists: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for f in answer.figures:
        if f.group:
            lists.setdefault(f.metric, set()).add(tuple(f.group.items()))
    return max(map(len, lists.values()), default=0)


def _limited(answer: Answer, question: Question, shown: int) -> bool:
    """Whether no more are shown than were asked for; of a ranking within groups or buckets, in each as many."""
    first = question.by[0] if question.by else ""
    within = {tuple(v for d, v in f.group.items() if d != first) for f in answer.figures if f.group}
    return 0 < shown <= int(question.limit or 0) * max(1, len(within)) + _ends(answer)


def _ends(answer: Answer) -> int:
    """Figures that are told beside those of the list: the highest, the lowest, the parts of buckets."""
    return int((answer.plan.get("counts") or {}).get("beside", 0))
