"""Runs a plan as one reader: each kind of plan by its own short way; an error that is the user's becomes a refusal in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant import (
    brief_answer,
    change_answer,
    charts,
    claims_answer,
    distribution_answer,
    documents,
    label_answer,
    left_out,
    listings,
    records,
    stock_answer,
    things_answer,
)
from assistant.average_answer import average
from assistant.metric_answer import answer_metrics, answer_query
from assistant.plan import AS_OF_NOW, NAME_ALONE
from assistant.questions import Answer, Plan, Question
from assistant.refuse import beyond, refusal
from assistant.shape import Name, framed, namer
from assistant.understand.courtesy import kind_of_picture
from assistant.understand.entities import Vocabulary
from assistant.voice_answer import comments_of, themes_of
from knowledge.access import Reader
from knowledge.entities import verbalise
from knowledge.entities.predicates import compared
from knowledge.errors import RapportError
from knowledge.metrics import find
from knowledge.records import MetricQuery

DEFINED = 3
OF_FIGURES = frozenset("rank trend members share growth compare list orders themes quotes".split())

__all__ = ["answer_query", "refusal", "run"]


def run(plan: Plan, question: Question, reader: Reader, vocabulary: Vocabulary) -> Answer:
    """The answer of a plan. A user's or data error becomes a refusal in words with what can be answered instead."""
    name = namer(vocabulary)
    if plan.status == "clarify":
        told = _in_documents(plan, question, reader) if plan.reason == NAME_ALONE and _asks(question) else None
        return told or framed(reader, plan, "clarify", _asking(question, plan), choices=plan.choices)
    if plan.status == "out_of_scope":
        told = None if plan.reason == AS_OF_NOW else _in_documents(plan, question, reader)
        return told or beyond(plan, question, reader, vocabulary)
    try:
        return _drawn(left_out.told(_named(_of(plan, question, reader, name), question, name), plan, question, name), question)
    except RapportError as err:
        if err.exit_code != 1:
            raise
        return refusal(err, reader, plan.queries[0] if plan.queries else None, plan, question)


def _drawn(answer: Answer, question: Question) -> Answer:
    """The answer with a line on which picture it has, where another kind was asked for."""
    told = charts.instead(answer.chart, kind_of_picture(question.text))
    return replace(answer, text=f"{answer.text}\n\n_{told}_") if told else answer


def _of(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    match plan.operation:
        case "define":
            return _definition(plan, reader)
        case "search":
            return documents.from_documents(_searching(plan), plan.search or question.text, reader, _customer(plan))
        case "order":
            return records.order(plan, reader)
        case "orders":
            return records.orders(plan, reader, name)
        case "stock":
            return stock_answer.stock(plan, reader, name)
        case "who":
            return records.who(plan, reader)
        case "things":
            return things_answer.told(plan, reader, name)
        case "facts":
            return things_answer.facts(plan, reader, name)
        case "part":
            return things_answer.part(plan, reader, name)
        case "records":
            return listings.listed(plan, reader, name)
        case "lapsed":
            return listings.lapsed(plan, reader, name)
        case "claims":
            return claims_answer.checked(plan, question, reader, name)
        case "brief" | "advise":
            return brief_answer.told(plan, reader)
        case "themes" if reader.rows("themes"):
            return themes_of(plan, reader, name)
        case "quotes" | "themes":
            return comments_of(plan, reader, name)
        case "overview":
            return change_answer.overview(plan, reader, name)
        case "value" if len(question.sides) == len(plan.queries) == 2 and not (plan.queries[0].by or plan.queries[0].grain):
            return change_answer.sides_compared(plan, question, reader, name)
        case "share" if plan.queries[0].by and (
            plan.slots.get("part") or (plan.slots.get("limit") and plan.slots.get("ranked"))
        ):
            return change_answer.concentration(plan, reader, name)
        case "share":
            return change_answer.shares(plan, reader, name)
        case "compare" if len(plan.queries) == 1 and _members_named(plan, question) > 1:
            return change_answer.members_compared(plan, question, reader, name)
        case "distribution":
            return distribution_answer.spread(plan, reader, name)
        case "ratio":
            return average(plan, reader, name)
        case "why" if plan.queries[0].metric == "churn_risk":
            return label_answer.at_risk(plan, reader, name)
        case "compare" | "growth" | "why" if len(plan.queries) == 2 and _of_one_figure(plan.queries):
            return change_answer.changed(plan, question, reader, name)
        case "compare" | "growth" if _of_one_figure(plan.queries) and not plan.queries[0].by:
            return change_answer.overview(plan, reader, name)
        case _:
            return answer_metrics(plan, reader, name)


def _members_named(plan: Plan, question: Question) -> int:
    """How many members are named of the one dimension that the plan goes by."""
    by = plan.queries[0].by
    return (
        len({e.value for e in question.entities if e.dimension == by[0]}) if len(by) == 1 and not plan.queries[0].grain else 0
    )


def _of_one_figure(queries: Sequence[MetricQuery]) -> bool:
    """Whether the queries are pairs, each of one figure over two times."""
    return len(queries) % 2 == 0 and all(a.metric == b.metric for a, b in zip(queries[::2], queries[1::2], strict=True))


def _named(answer: Answer, question: Question, name: Name) -> Answer:
    """The answer with the names of the members that it tells, so that digits in a name can be accounted for."""
    told = {m: name(d, m) for f in answer.figures for d, m in f.group.items()}
    told |= {v: name(d, v) for f in answer.figures for d, listed in f.filters.items() for v in listed if isinstance(v, str)}
    conditions = (question.only, *question.sides)
    told |= {
        v: verbalise.member(c.attribute, v, name)
        for p in conditions
        for c in compared(p)
        for v in c.values
        if isinstance(v, str)
    }
    names = sorted({n for m, n in told.items() if n != m and any(c.isdigit() for c in n)} | set(answer.plan.get("names", ())))
    return replace(answer, plan={**answer.plan, "names": names}) if names else answer


def _definition(plan: Plan, reader: Reader) -> Answer:
    told = []
    for wanted in plan.slots.get("metrics") or ():
        metric = find(wanted)
        variants = f" Variants: {', '.join(sorted(v.label for v in metric.variants.values()))}." if metric.variants else ""
        told.append(f"**{metric.label}**: {metric.definition}\n\n`{metric.formula}`\n\n_Source: {metric.source}.{variants}_")
    return framed(reader, plan, "answered", "\n\n".join(told[:DEFINED]))


def _searching(plan: Plan) -> Plan:
    return replace(plan, operation="search", slots={**plan.slots, "operation": "search", "search": plan.search})


def _customer(plan: Plan) -> str | None:
    return next((e["value"] for e in plan.slots.get("entities", ()) if e["dimension"] == "customer"), None)


def _in_documents(plan: Plan, question: Question, reader: Reader) -> Answer | None:
    """What documents say to a question that no figure answers, where one clearly does; a ranking or a list is none of theirs."""
    if question.by or question.operation in OF_FIGURES:
        return None
    names = [e.label for e in question.entities if e.dimension in ("customer", "parent", "product")]
    return documents.perhaps(_searching(plan), question.text, reader, _customer(plan), names)


def _asks(question: Question) -> bool:
    """Whether more is said than a name: a sentence that the documents may answer."""
    named = sum(len(question.text[e.start : e.end].split()) for e in question.entities)
    return len(question.text.split()) - named > 2


def _asking(question: Question, plan: Plan) -> str:
    if plan.reason == NAME_ALONE:
        return f"What about {min(question.entities, key=lambda e: e.dimension != 'customer').label}?"
    return "Which one do you mean?"
