"""Small cases (../shared/cases) asked in words over a whole build: the figure that was counted by hand, or a refusal; never another."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from assistant.engine import Engine
from assistant.questions import Answer, Turn
from integrations.build import build
from integrations.settings import load
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from tests.integrations.test_cases_connectors import case, needs_cases

pytestmark = [pytest.mark.slow, needs_cases]
ADMIN = Scope.of_role("admin")


def built(home: Path, number: str) -> Engine:
    import_files(home, load_mapping("canonical"), [case(number)])
    build(home, load(home))
    return Workspace(home).engine()


@pytest.fixture(scope="module")
def which(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return built(tmp_path_factory.mktemp("which") / "w", "32")


def ask(engine: Engine, question: str) -> Answer:
    return engine.reply(Turn(question, ADMIN, conversation=uuid4().hex))


FIGURES = {
    "revenue in 2026": 310,
    "revenue of new customers in 2026": 280,
    "revenue from returning customers in 2026": 30,
    "average order value of new customers in 2026": 280 / 3,
    "how many customers had a late order in 2026": 2,
    "how many customers complained in 2026": 2,
    "revenue of customers who complained in 2026": 250,
    "revenue of customers with returns in 2026": 10,
    "satisfaction of customers with late orders": 0.5,
    "largest order in 2026": 160,
    "average days between orders of Dahl": 126,
}
NAMED = {
    "customers with only one order": {"Cortez", "Ekdal"},
    "orders above 100 in 2026": {"O8"},
    "which customers did not order in 2026": {"Ekdal", "Falk"},
}
REFUSED = ("out_of_scope", "clarify", "no_data")


@pytest.mark.parametrize(("question", "right"), FIGURES.items())
def test_32_the_figure_or_a_refusal(question: str, right: float, which: Engine) -> None:
    answer = ask(which, question)
    if answer.status == "answered":
        told = [f.value for f in answer.figures]
        assert told[0] == pytest.approx(right) or f"{right:.2f}" in answer.text, answer.text
    else:
        assert answer.status in REFUSED, answer.text


@pytest.mark.parametrize(("question", "right"), NAMED.items())
def test_32_who_or_which_or_a_refusal(question: str, right: set[str], which: Engine) -> None:
    answer = ask(which, question)
    if answer.status == "answered":
        every = {"Ahlin", "Bergman", "Cortez", "Dahl", "Ekdal", "Falk", *(f"O{n}" for n in range(1, 9))}
        table = " ".join(str(cell) for row in (answer.table or {"rows": []})["rows"] for cell in row[:1])
        told = {n for n in every if n in f"{answer.text} {table}".replace("**", " ")}
        assert told >= right, answer.text
        assert not {n for n in told - right if (n[0] == "O") == ("O8" in right)}, answer.text
    else:
        assert answer.status in REFUSED, answer.text


def test_32_what_changed_and_what_stands_beside_what(which: Engine) -> None:
    for question in ("how much did revenue change from Q1 to Q2 2026", "revenue Q1 vs Q2 2026"):
        values = [f.value for f in ask(which, question).figures]
        assert {30, 120} <= set(values), values
    cells = {
        (f.group["month"], f.group["region"]): f.value
        for f in ask(which, "revenue by region and month in 2026").figures
        if len(f.group) == 2
    }
    sold = {
        ("2026-02", "north"): 10,
        ("2026-04", "north"): 40,
        ("2026-03", "south"): 20,
        ("2026-05", "south"): 80,
        ("2026-09", "south"): 160,
    }
    assert {k: v for k, v in cells.items() if v} == sold


def test_32_the_weekday_of_most_orders(which: Engine) -> None:
    weekday = ask(which, "on which weekday do we get most orders")
    assert weekday.status in REFUSED or "Monday" in weekday.text


def test_32_business_days_are_not_passed_over(which: Engine) -> None:
    days = ask(which, "on-time delivery in business days")
    assert days.status in REFUSED or "calendar" in days.text
