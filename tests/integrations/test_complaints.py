"""How many complaints: comments that complain, not all that came in."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.conversation import InMemory
from assistant.engine import Engine
from assistant.questions import Answer, Turn
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.snapshot import current


@pytest.fixture(scope="module")
def engine(company: Path) -> Engine:
    return Workspace(company).engine(memory=InMemory())


def ask(engine: Engine, question: str, conversation: str = "") -> Answer:
    return engine.reply(Turn(question, Scope.of_role("manager"), conversation=conversation))


def test_complaints_are_the_comments_that_complain(engine: Engine, company: Path) -> None:
    reader = Reader(company, current(company), Scope.of_role("manager"))
    segments, texts = reader.frame("feedback_segments"), reader.frame("feedback_text").set_index("feedback_id")
    negative = segments[(segments["sentiment"] == -1) & segments["feedback_id"].map(texts["duplicate_of"]).isna()]
    answer = ask(engine, "how many complaints did we get")
    assert answer.figures[0].value == negative["feedback_id"].nunique()
    assert "comments that complain" in answer.text
    assert ask(engine, "how many comments did we get").figures[0].value == len(reader.frame("feedback"))


def test_it_holds_by_group_over_time_and_in_a_thread(engine: Engine) -> None:
    whole = ask(engine, "number of complaints in 2026", "t").figures[0].value
    by_month = ask(engine, "complaints by month in 2026")
    told = [f.value for f in by_month.figures if f.group]
    assert sum(v for v in told if isinstance(v, int)) <= whole  # type: ignore[operator]
    assert {f.filters["sentiment"][0] for f in by_month.figures} == {"-1"}
    former = ask(engine, "and in 2025?", "t")
    assert former.figures[0].filters["sentiment"] == ["-1"]
    assert ask(engine, "how many orders in 2026", "t").figures[0].metric == "orders"


@pytest.mark.parametrize(
    "question", ["themes", "top themes", "what are the top themes", "top 3 topics this year", "main themes in the north"]
)
def test_themes_are_told_when_they_are_all_that_is_asked(engine: Engine, question: str) -> None:
    answer = ask(engine, question)
    assert answer.status == "answered"
    assert answer.plan["operation"] == "themes"


def test_who_complains_most_is_counted_by_complaints(engine: Engine) -> None:
    for question in ("which customers complain most", "who complains most"):
        answer = ask(engine, question)
        assert {f.filters["sentiment"][0] for f in answer.figures} == {"-1"}, question


def test_a_percentile_is_the_figure_of_that_name(engine: Engine) -> None:
    assert {f.metric for f in ask(engine, "what is the 90th percentile of order cycle time").figures} == {
        "order_cycle_time.p90"
    }
