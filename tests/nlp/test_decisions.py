"""Decisions of people on clauses: where a comment, a theme or a part of it goes, and what changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nlp.decisions import Applied, apply


@dataclass(frozen=True)
class Choice:
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


# Clauses as a stored table gives them: a missing theme is not None there.
SEGMENTS = pd.DataFrame(
    [("a", 0, "T1"), ("a", 1, "T2"), ("b", 0, None), ("c", 0, None), ("c", 1, "T1"), ("d", 0, "T2")],
    columns=["feedback_id", "segment", "found_theme"],
).astype({"found_theme": "object"})
VECTORS = np.eye(6, dtype=np.float32)


def applied(*choices: Choice) -> Applied:
    return apply(choices, SEGMENTS, VECTORS)


def themes(*choices: Choice) -> list[str | None]:
    return list(applied(*choices).theme_ids)


def assign(comment: str, theme: str) -> Choice:
    return Choice("assign", {"feedback_id": comment, "theme_id": theme})


@pytest.mark.parametrize(
    ("comment", "want"),
    [
        ("b", ["T1", "T2", "T9", None, "T1", "T2"]),  # in no theme: all of it
        ("c", ["T1", "T2", None, "T9", "T1", "T2"]),  # in one with a part: what is in none
        ("a", ["T9", "T9", None, None, "T1", "T2"]),  # in themes throughout: the whole comment
        ("gone", ["T1", "T2", None, None, "T1", "T2"]),  # no longer there: nothing
    ],
)
def test_a_comment_is_assigned(comment: str, want: list[str | None]) -> None:
    assert themes(assign(comment, "T9")) == want


def test_what_comes_later_wins_and_what_was_assigned_is_not_split_away() -> None:
    assert themes(assign("b", "T1"), assign("b", "T2"))[2] == "T2"
    assert themes(assign("b", "T1"), Choice("merge", {"theme_ids": ["T1"], "into": "T2"}))[2] == "T2"
    vectors = np.ones((6, 2), dtype=np.float32)
    vectors[[2, 4]] = (1.0, -1.0)  # b was assigned to T1 and is like the part of c that is split off
    split = Choice("split", {"theme_id": "T1", "into": "S1", "name": "Part", "clauses": [["c", 1]]})
    of = apply([assign("b", "T1"), split], SEGMENTS, vectors).theme_ids
    assert of.tolist() == ["T1", "T2", "T1", None, "S1", "T2"]
    assert apply([split], SEGMENTS, vectors).parents == {"S1": "T1"}


def test_a_move_takes_the_part_in_that_theme_only_and_approval_no_part() -> None:
    moved = applied(Choice("move", {"feedback_id": "a", "from": "T2", "into": "T1"}), Choice("approve", {"theme_id": "T1"}))
    assert moved.theme_ids.tolist() == ["T1", "T1", None, None, "T1", "T2"]
    assert moved.approved == {"T1"}


def test_what_was_found_stays_as_it_was() -> None:
    before = SEGMENTS.copy()
    applied(assign("a", "T9"))
    pd.testing.assert_frame_equal(SEGMENTS, before)


def test_a_comment_becomes_a_theme_of_its_own_or_none_at_all() -> None:
    made = applied(Choice("new", {"feedback_id": "b", "into": "S1", "name": "Lost keys", "clauses": [["b", 0], ["a", 1]]}))
    assert made.theme_ids.tolist() == ["T1", "S1", "S1", None, "T1", "T2"]
    assert made.names == {"S1": "Lost keys"}
    assert themes(Choice("not_feedback", {"feedback_id": "a"})) == [None, None, None, None, "T1", "T2"]
