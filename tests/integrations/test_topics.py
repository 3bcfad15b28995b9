"""docs/topics.md is true: each question is answered with the figure that plain code gives, each page shows what it is said to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.brief import make, markdown
from assistant.brief.book import Book
from assistant.engine import Engine
from assistant.questions import Turn
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.metrics import find
from knowledge.topics import TOPICS, Topic
from tests.integrations.topic_truth import ACME, BY_HAND, Company

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tenth")]
ROOT = Path(__file__).resolve().parents[2]
CLOSE = {3: 1e-3}  # a lifetime value by another optimiser; everything else agrees to rounding
SHOWN = {
    (1, "Value"): "| Revenue |", (1, "Orders"): "open orders", (1, "At a glance"): "Revenue, year", (2, "Who they are"): "buys like: ",
    (3, "Value"): "Customer lifetime value", (4, "Value"): "| Customer profit |", (4, "At a glance"): "Margin after cost to serve",
    (5, "Who they are"): "tier ", (5, "Risk and opportunity"): "Tier: they bring", (6, "What they say"): "net sentiment",
    (6, "At a glance"): "Net sentiment", (8, "Service received and promised"): "| Promised |", (8, "At a glance"): " promised",
    (9, "Service received and promised"): "Order cycle time", (9, "Orders"): "| Promised |", (10, "Demand and plan"): "with a bias of",
    (11, "Risk and opportunity"): "Risk that they leave", (11, "Service received and promised"): "First response",
    (12, "Who they are"): "strategic account", (12, "Risk and opportunity"): "a named strategic account",
    (13, "Service received and promised"): "Line fill rate", (13, "At a glance"): "Perfect orders", (15, "Who they are"): "Member of ",
    (18, "Returns and claims"): "Return rate by value", (19, "Risk and opportunity"): "Next order expected",
    (20, "Promises and trust"): "Trust index",
}  # fmt: skip
"""What a section of the brief says of a topic."""


@pytest.fixture(scope="module")
def workspace(tenth: Path) -> Workspace:
    return Workspace(tenth)


@pytest.fixture(scope="module")
def company(workspace: Workspace) -> Company:
    return Company(workspace.reader(Scope.of_role("admin")))


@pytest.fixture(scope="module")
def sections(workspace: Workspace) -> dict[str, str]:
    """The briefs of Acme Industrial and of one member of the club, by section."""
    book = Book(workspace.reader(Scope.of_role("manager")))
    member = str(book.reader.frame("loyalty")["customer_id"].min())
    found: dict[str, str] = {}
    for who in (ACME, member):
        parts = re.split(r"^#{2,3} (.+)$", markdown(make(who, book.reader, book)), flags=re.MULTILINE)
        for title, text in zip(parts[1::2], parts[2::2], strict=True):
            found[title] = found.get(title, "") + text
    return found


@pytest.fixture(scope="module")
def engine(workspace: Workspace) -> Engine:
    return workspace.engine()


def numbered(topic: Topic) -> str:
    return f"{topic.number}-{topic.name}"


@pytest.mark.parametrize("topic", TOPICS, ids=numbered)
def test_the_question_has_the_right_answer(topic: Topic, engine: Engine, company: Company) -> None:
    answer = engine.reply(Turn(topic.question, Scope.of_role("admin")))
    assert answer.status == "answered", answer.text
    assert {f.metric for f in answer.figures} == {topic.answers}
    assert find(topic.answers).name.partition(".")[0] in topic.metrics
    want = BY_HAND[topic.number](company)
    if isinstance(want, dict):  # who and which level, in order
        assert [(f.group["customer"], f.value) for f in answer.figures if "customer" in f.group] == list(want.items())
        assert str(company.customers.loc[next(iter(want)), "name"]) in answer.text
        return
    member, value = want if isinstance(want, tuple) else (None, want)
    assert member is None or member in answer.figures[0].group.values()
    got = answer.figures[0].value
    assert got == value if isinstance(value, str) else got == pytest.approx(value, rel=CLOSE.get(topic.number, 1e-6), abs=1e-4)
    assert answer.figures[0].display.split(" (")[0] in answer.text.replace("**", "")


def test_each_cell_of_the_brief_is_true(sections: dict[str, str]) -> None:
    assert {(t.number, s) for t in TOPICS for s in t.brief} == set(SHOWN)
    for (number, section), words in SHOWN.items():
        assert words in sections[section], (number, section)


def test_each_cell_of_the_web_page_is_true() -> None:
    page = (ROOT / "integrations" / "web" / "static" / "app.js").read_text(encoding="utf-8")
    shown = set(re.findall(r'at: "/\w*", name: "(\w+)"', page))
    named = {p for t in TOPICS for p in t.pages}
    assert {"Ask", "Themes", "Accounts"} <= named <= shown


def test_each_model_named_is_there() -> None:
    for topic in TOPICS:
        named, colon, _ = topic.model.partition(": ")
        for name in named.split(", ") if colon else ():
            places = (ROOT / "knowledge" / "models" / f"{name}.py", ROOT / name / "__init__.py")
            assert any(p.is_file() for p in places), topic.model
