"""Whatever a question names is in its answer or is named as not answered: each part is taken out of the plan in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

from assistant import answer as answers
from assistant import guard, left_out
from assistant.plan import make
from assistant.questions import Answer, Entity, Plan, Question
from assistant.understand.entities import Vocabulary, build_vocabulary
from assistant.understand.periods import parse_period
from knowledge.access import Reader, Scope
from knowledge.entities.predicates import Compare
from knowledge.query import coverage
from tests.support import reader as opened
from tests.support import workspace


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Six customers in three regions over two years, by two channels."""
    days = pd.date_range("2025-01-01", "2026-10-31", freq="3D", tz="UTC")
    count = len(days)
    orders = pd.DataFrame(
        {"order_id": [f"O{i}" for i in range(count)], "customer_id": [f"C{i % 6}" for i in range(count)], "ordered_at": days}
    )
    orders["status"], orders["channel"] = "delivered", ["web" if i % 4 else "phone" for i in range(count)]
    lines = pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "line": 1,
            "product_id": "P",
            "qty_ordered": [1 + i % 7 for i in range(count)],
            "unit_price": 10,
        }
    )
    customers = pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(6)],
            "name": [f"Firm {'ABCDEF'[i]}" for i in range(6)],
            "region": ["north", "south", "west"] * 2,
        }
    )
    tables = {
        "customers": customers,
        "products": pd.DataFrame({"product_id": ["P"], "name": ["Bolt"]}),
        "orders": orders,
        "order_lines": lines,
    }
    return opened(workspace(tmp_path_factory.mktemp("left-out"), tables, "2026-10-31"), Scope.of_role("admin"))


@pytest.fixture(scope="module")
def names(company: Reader) -> Vocabulary:
    return Vocabulary(build_vocabulary(company))


def named(dimension: str, value: str) -> Entity:
    return Entity(dimension, value, value, 0, 0, 1.0)


def period(words: str, company: Reader):  # type: ignore[no-untyped-def]
    return parse_period(words, company.snapshot.as_of.date())


def questions(company: Reader) -> Iterator[Question]:
    """Questions of each kind, with and without each of their parts."""
    north, web = named("region", "north"), named("channel", "web")
    no = (named("customer", "C1"),)
    for entities, excluded, when in (((), (), None), ((north, web), (), "q2 2026"), ((), no, "q2 2026"), ((north,), no, None)):
        base = Question(
            "", metrics=("revenue",), entities=entities, excluded=excluded, period=period(when, company) if when else None
        )
        yield base
        yield replace(base, metrics=("revenue", "orders"))
        yield replace(base, operation="breakdown", by=("customer",))
        yield replace(base, operation="breakdown", by=("customer", "channel"), entities=entities[:1])
        yield replace(base, operation="breakdown", by=("customer",), grain="month")
        yield replace(base, operation="trend", grain="month")
        yield replace(base, operation="rank", by=("customer",), order="desc", limit=1, ranked=True)
        yield replace(base, operation="rank", by=("customer",), order="desc", place=2, ranked=True)
        yield replace(base, operation="rank", by=("customer",), order="desc", having=(">", 100.0))
        yield replace(base, operation="share", by=("customer",), percent=True)
        yield replace(base, operation="ratio", per="active_customers")
        yield replace(base, operation="ratio", per="month", by=("customer",))
    for one, two in (("q2 2026", "q1 2026"), ("2026", "2025")):
        base = Question("", operation="compare", metrics=("revenue",), entities=(north,), period=period(one, company))
        yield replace(base, compare_to=period(two, company))
        yield replace(base, operation="growth", by=("customer",), compare_to=period(two, company))


def dropped(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """The plan without each of its parts, with what was taken out."""

    def every(**change: object) -> tuple:  # type: ignore[type-arg]
        return tuple(replace(q, **change) for q in plan.queries)  # type: ignore[arg-type]

    first = plan.queries[0]
    for gone in first.where:
        yield (
            f"filter {gone.values}",
            replace(plan, queries=tuple(replace(q, where=tuple(f for f in q.where if f != gone)) for q in plan.queries)),
        )
    for gone in first.by:
        yield (
            f"by {gone}",
            replace(
                plan,
                operation="value" if len(first.by) == 1 else plan.operation,
                queries=every(by=tuple(d for d in first.by if d != gone), order=None),
            ),
        )
    if first.period is not None and plan.operation not in ("compare", "growth"):
        yield "period", replace(plan, queries=every(period=None))
    if first.grain or (len(plan.queries) == 2 and plan.queries[1].grain):
        yield "grain", replace(plan, operation="breakdown" if first.by else "value", queries=(replace(first, grain=None),))
    for slot in ("limit", "having", "place"):
        if plan.slots.get(slot):
            yield slot, replace(plan, queries=every(limit=None), slots={**plan.slots, slot: None})
    if plan.operation in ("compare", "growth"):
        yield "second side", replace(plan, operation="value", queries=(first,))
    if len({q.metric for q in plan.queries}) > 1 and plan.operation != "ratio":
        yield "second metric", replace(plan, queries=(first,))
    if plan.operation in ("ratio", "share"):
        yield "what is done", replace(plan, operation="breakdown" if first.by else "value", queries=(first,))


def shown(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.text, [(f.metric, f.value, tuple(f.group.items())) for f in answer.figures]


def test_nothing_that_is_named_is_left_out_without_a_word(company: Reader, names: Vocabulary) -> None:
    today, covered = company.snapshot.as_of.date(), coverage(company)
    tried, silent = 0, []
    for question in questions(company):
        plan = make(question, today, covered)
        whole = answers.run(plan, question, company, names)
        assert whole.status == "answered", (question, whole.text)
        assert "left_out" not in whole.plan, (question, whole.text)
        assert not guard.untraced(whole), whole.text
        for what, cut in dropped(plan):
            tried += 1
            answer = answers.run(cut, question, company, names)
            says = answer.status != "answered" or answer.plan.get("left_out")
            if not says or shown(answer) == shown(whole):
                silent.append(f"{what} of {plan.operation} {[str(q) for q in plan.queries][:1]}: {answer.text[:150]!r}")
            assert not guard.untraced(answer), answer.text
    assert tried > 150
    assert not silent, f"{len(silent)} of {tried}\n" + "\n".join(silent[:12])


def test_a_condition_that_an_answer_does_not_hold_is_said() -> None:
    late = Compare("order.late", "=", (True,))
    asked = Question("quotes of late orders", "quotes", only=late)
    said = left_out.told(Answer("a", "answered", "“…”", plan={"queries": []}), Plan("quotes"), asked, lambda _, value: value)
    assert said.text.startswith("Not answered: only late orders.")
    held = left_out.told(
        Answer("a", "answered", "7", plan={"queries": [{"only": {"kind": "compare"}}]}),
        Plan("things"),
        asked,
        lambda _, value: value,
    )
    assert held.text == "7"
