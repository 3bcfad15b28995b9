"""Follow-ups as edits of the last question: what is said changes, the rest stays, and what has no place makes no edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.questions import Entity, Question
from assistant.reader.spans import Workspace
from assistant.reader.tagged import marked
from assistant.reader.turns import turned
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from knowledge.records import Period

NAMES = Vocabulary(
    {"region": [["north", "north"], ["south", "south"]], "channel": [["web", "web"]], "carrier": [["Swiftline", "Swiftline"]]}
)
WHERE = Workspace(NAMES, Calendar(date(2026, 10, 31), 1, None, None))
NORTH = Entity("region", "north", "north", 0, 5, 1.0)
LAST = Question(
    "revenue of the north in 2025",
    metrics=("revenue",),
    entities=(NORTH,),
    period=Period(date(2025, 1, 1), date(2025, 12, 31), "2025"),
)


def edit(text: str, kind: str, last: Question = LAST) -> Question | None:
    said = marked(text, f"follow: {kind}")
    return turned(said.text, last, said, replace(WHERE, text=said.text))


def test_another_member_takes_the_place_of_the_former_and_the_rest_stays() -> None:
    made = edit("and the [n|south]?", "replace")
    assert made is not None
    assert [e.value for e in made.entities] == ["south"]
    assert (made.metrics, made.period) == (LAST.metrics, LAST.period)


def test_a_second_member_is_set_beside_the_first() -> None:
    made = edit("add the [n|south]", "add")
    assert made is not None
    assert [e.value for e in made.entities] == ["north", "south"]
    assert (made.operation, made.by) == ("compare", ("region",))


def test_what_is_taken_out_is_left_out_or_forgotten() -> None:
    without = edit("without the [x|web]", "remove")
    assert without is not None
    assert [e.value for e in without.excluded] == ["web"]
    everywhere = edit("not only the [n|north]", "remove")
    assert everywhere is not None
    assert everywhere.entities == ()


def test_the_quarter_before_is_told_in_place_of_the_quarter() -> None:
    last = replace(LAST, period=Period(date(2026, 7, 1), date(2026, 9, 30), "Q3 2026"))
    made = edit("and [q|the quarter before]?", "replace", last)
    assert made is not None
    assert made.period is not None
    assert (made.period.start, made.compare_to) == (date(2026, 4, 1), None)


def test_a_group_makes_a_breakdown_and_a_bucket_a_trend() -> None:
    by = edit("per [g|carrier]", "regroup")
    assert by is not None
    assert (by.operation, by.by) == ("breakdown", ("carrier",))
    over = edit("by [g|month]", "over time")
    assert over is not None
    assert (over.operation, over.grain) == ("trend", "month")


def test_what_one_kind_has_no_place_for_is_read_as_another() -> None:
    made = edit("only [n|web], by [g|quarter]", "narrow")
    assert made is not None
    assert made.grain == "quarter"
    assert [e.value for e in made.entities][-1] == "web"


def test_why_and_define_are_of_the_last_figure() -> None:
    why, meant = edit("why?", "why"), edit("how is that computed?", "define")
    assert why is not None
    assert meant is not None
    assert (why.operation, why.metrics) == ("why", ("revenue",))
    assert (meant.operation, meant.metrics) == ("define", ("revenue",))


@pytest.mark.parametrize(("text", "kind"), [("why [n|south]?", "why"), ("thanks a lot", "replace")])
def test_what_an_edit_has_no_place_for_makes_none(text: str, kind: str) -> None:
    assert edit(text, kind) is None
