"""What a question names is in the figure, or the question is not answered: figures by kinds of customers, periods and forms of asking,
each against the query written out."""

from __future__ import annotations

import itertools
import random
from datetime import date

import pytest

from assistant.questions import Answer
from knowledge.access import Reader
from knowledge.entities.predicates import Compare
from knowledge.query import run
from knowledge.records import Filter, MetricQuery, Period
from tests.assistant.conftest import Ask

FIGURES = {
    "revenue": "revenue",
    "orders": "orders",
    "fill rate": "fill_rate",
    "on-time delivery": "otd",
    "gross margin": "gross_margin",
    "average order value": "aov",
}
FORMS = (
    "{m} of {c} customers in 2026",
    "{m} from our {c} customers in 2026",
    "what {m} did {c} customers have in 2026",
    "tell me the {m} for {c} customers in 2026 please",
)
TWO_KINDS = ("{m} of {c} and {d} customers in 2026", "compare {m} of {c} customers with {d} customers in 2026")
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), "2026")
DRAWS, LEAST = 40, 0.9


def kinds_of(reader: Reader) -> list[tuple[str, str]]:
    """Dimensions of customers and their members, by the company's own tables."""
    customers, facts = reader.frame("customers"), reader.frame("customer_facts")
    told = [(d, str(v)) for d in ("service_tier", "size", "industry") for v in sorted(customers[d].dropna().unique())]
    return [*told, *(("segment", str(v)) for v in sorted(facts["rfm_segment"].dropna().unique()) if "_" not in v)]


def truth(metric: str, reader: Reader, *where: Filter) -> float | None:
    told = run(MetricQuery(metric, where=where, period=YEAR), reader)
    found = told.figures[0] if told.figures else told.total
    return None if found is None or found.value is None else float(found.value)


def values(told: Answer) -> list[float]:
    return [float(f.value) for f in told.figures if f.value is not None]


def test_whose_figure_it_is_is_never_dropped(ask: Ask, reader: Reader) -> None:
    draw, answered, there = random.Random(1), 0, 0
    every = draw.sample(list(itertools.product(FIGURES, kinds_of(reader), FORMS)), DRAWS)
    for said, (dimension, member), form in every:
        question = form.format(m=said, c=member)
        told = ask(question)
        wanted = truth(FIGURES[said], reader, Filter(dimension, (member,)))
        there += wanted is not None
        if told.status == "answered":
            answered += wanted is not None
            assert values(told)[:1] == pytest.approx([wanted or 0.0] if told.figures[0].value is not None else []), question
    assert answered >= LEAST * there > 0


@pytest.mark.parametrize("form", TWO_KINDS)
def test_of_two_kinds_of_customers_both_are_told(ask: Ask, reader: Reader, form: str) -> None:
    draw = random.Random(2)
    pairs = [(a, b) for a, b in itertools.permutations(kinds_of(reader), 2) if (a[0] == b[0]) == ("and" in form)]
    for one, two in draw.sample(pairs, 12):
        question = form.format(m="revenue", c=one[1], d=two[1])
        told = ask(question)
        if told.status != "answered":
            continue
        if "and" in form:
            wanted = [truth("revenue", reader, Filter(one[0], (one[1], two[1])))]
        else:
            wanted = [truth("revenue", reader, Filter(d, (v,))) for d, v in (one, two)]
        assert all(any(v == pytest.approx(w or 0.0) for v in values(told)) for w in wanted), (question, told.text)


def test_a_name_that_stands_alone_is_in_the_answer_or_named(ask: Ask, reader: Reader) -> None:
    owner = str(reader.frame("customers")["account_owner"].dropna().iloc[0])
    last = owner.rsplit(maxsplit=1)[-1]
    told = ask(f"number of open quotes over 20k I've got on the go? ({last})")
    assert told.status != "answered" or owner in str([f.filters for f in told.figures]), told.text
    assert told.status == "answered" or last in told.text


def test_the_worst_of_what_is_bad_is_the_most_of_it(ask: Ask, reader: Reader) -> None:
    told = ask("worst month for late orders in 2026")
    late = Compare("order.late", "=", (True,))
    months = run(MetricQuery("count(order)", period=YEAR, grain="month", only=late), reader).figures
    assert told.status == "answered"
    assert told.figures[0].value == max(f.value for f in months if isinstance(f.value, int | float))


@pytest.mark.parametrize("question", ["sales this month versus target", "revenue against target by region"])
def test_a_target_that_is_asked_is_told_or_named(ask: Ask, question: str) -> None:
    told = ask(question)
    assert told.status != "answered" or any("target" in f.label.lower() for f in told.figures), told.text
