"""Themes keep their identity: more comments, a full rebuild and people's decisions never silently change what an id means."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nlp.cluster import Groups
from nlp.encoder import load_encoder
from nlp.identity import identify, stick
from nlp.pipeline import Voice, analyse
from nlp.taxonomy import load_taxonomy
from nlp.terms import Phrasebook
from nlp.themes import one_thing_each
from tests.nlp.test_themes_and_reasons import PARTS


@dataclass(frozen=True)
class Choice:
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module", autouse=True)
def grouped() -> Iterator[None]:
    """Themes are found among so few comments too: what is tested is their identity, not when there are enough of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nlp.pipeline.FEW", 0)
        yield


@pytest.fixture(scope="module")
def comments() -> pd.DataFrame:
    """Shuffled, so that the last tenth holds something of everything."""
    rows = [
        (f"{topic}-{n:02d}", f"{head} {tail}".strip() + ".")
        for topic, (heads, tails) in PARTS.items()
        for n, (head, tail) in enumerate(itertools.product(heads, tails))
    ]
    return pd.DataFrame(rows, columns=["feedback_id", "text"]).sample(frac=1, random_state=3, ignore_index=True)


def run(comments: pd.DataFrame, **more: Any) -> Voice:
    return analyse(comments, load_encoder(), load_taxonomy("supply_chain"), **more)


@pytest.fixture(scope="module")
def first(comments: pd.DataFrame) -> Voice:
    return run(comments.iloc[:56])


def same_theme(before: Voice, now: Voice) -> float:
    both = before.segments.merge(now.segments, on=["feedback_id", "segment"])
    both = both[both["theme_id_x"].notna()]
    return float((both["theme_id_x"] == both["theme_id_y"]).mean())


def test_new_comments_leave_the_others_where_they_were(first: Voice, comments: pd.DataFrame) -> None:
    more = run(comments, before=first.kept())
    assert same_theme(first, more) == 1.0
    assert more.fresh == len(comments) - 56
    assert more.segments["theme_id"].notna().mean() > 0.9
    assert len(more.lineage) == 0  # nothing was found anew


def test_a_rebuild_from_nothing_keeps_ids(first: Voice, comments: pd.DataFrame) -> None:
    again = run(comments, before=first.kept(), refit=True)
    assert same_theme(first, again) >= 0.9  # of 56 comments, so one of them weighs much
    assert set(again.lineage["kind"]) <= {"matched", "grown", "split", "merged", "new", "gone"}
    names = first.themes.set_index("theme_id")["name"]
    kept = again.themes[again.themes["theme_id"].isin(names.index)].set_index("theme_id")["name"]
    assert kept.equals(names.reindex(kept.index))


def test_nothing_new_changes_nothing(first: Voice, comments: pd.DataFrame) -> None:
    again = run(comments.iloc[:56], before=first.kept())
    assert again.fresh == 0
    pd.testing.assert_frame_equal(again.themes, first.themes)
    pd.testing.assert_frame_equal(again.reasons, first.reasons)
    pd.testing.assert_frame_equal(again.segments, first.segments[again.segments.columns])


def test_a_comment_that_changed_is_read_again_and_one_that_is_gone_leaves(first: Voice, comments: pd.DataFrame) -> None:
    now = comments.iloc[:55].copy()
    now.loc[0, "text"] = "Your portal is down."
    again = run(now, before=first.kept())
    assert again.fresh == 1
    assert comments.loc[55, "feedback_id"] not in set(again.texts["feedback_id"])
    assert "Your portal is down." in set(again.segments["text"])


def test_decisions_of_people_survive_every_rebuild(first: Voice, comments: pd.DataFrame) -> None:
    one, other = first.themes.sort_values("comments")["theme_id"].tolist()[-2:]
    someone = first.segments.loc[first.segments["theme_id"] == other, "feedback_id"].iloc[0]
    chosen = [
        Choice("rename", {"theme_id": other, "name": "My name"}),
        Choice("approve", {"theme_id": other}),
        Choice("move", {"feedback_id": someone, "from": other, "into": one}),
    ]
    merged = [*chosen, Choice("merge", {"theme_ids": [one], "into": other})]
    for decisions, gone in ((chosen, set()), (merged, {one})):
        for refit in (False, True):
            now = run(comments, before=first.kept(), decisions=decisions, revision=len(decisions), refit=refit)
            row = now.themes.set_index("theme_id").loc[other]
            assert (row["name"], row["status"]) == ("My name", "approved")
            assert not gone & set(now.themes["theme_id"])
            if not gone:
                assert set(now.segments.loc[now.segments["feedback_id"] == someone, "theme_id"].dropna()) >= {one}


def test_a_split_takes_the_clauses_named_and_what_is_like_them(first: Voice, comments: pd.DataFrame) -> None:
    largest = first.themes.sort_values("comments")["theme_id"].iloc[-1]
    inside = first.segments[first.segments["theme_id"] == largest]
    part = [[f, int(s)] for f, s in inside[["feedback_id", "segment"]].head(4).to_numpy().tolist()]
    chosen = [Choice("split", {"theme_id": largest, "into": "T900", "name": "A part", "clauses": part})]
    now = run(comments, before=first.kept(), decisions=chosen, revision=1)
    table = now.themes.set_index("theme_id")
    assert table.loc["T900", "name"] == "A part"
    assert largest in table.index
    got = set(map(tuple, now.segments.loc[now.segments["theme_id"] == "T900", ["feedback_id", "segment"]].to_numpy().tolist()))
    assert {(f, s) for f, s in part} <= got


def test_what_became_of_themes() -> None:
    before = np.array(["T001"] * 10 + ["T002"] * 10 + ["T003"] * 10 + ["T004"] * 4 + [None] * 6, dtype=object)
    now = np.array([0] * 10 + [1] * 6 + [2] * 4 + [3] * 10 + [3] * 4 + [4] * 6)
    found = identify(before, now, 5, given=9)
    assert found.ids == ["T001", "T002", "T010", "T003", "T011"]
    kinds = found.lineage.set_index("theme_id")
    assert kinds["kind"].to_dict() == {
        "T001": "matched",
        "T002": "matched",
        "T010": "split",
        "T003": "merged",
        "T011": "new",
        "T004": "gone",
    }
    assert kinds.loc["T003", "of"] == '["T004"]'
    assert kinds.loc["T004", "of"] == '["T003"]'
    assert kinds.loc["T010", "of"] == '["T002"]'


def test_a_clause_leaves_its_theme_only_for_one_that_clearly_fits_better() -> None:
    before, now = np.array(["T1", "T1", "T1", None], dtype=object), np.array(["T2", "T2", "T2", "T2"], dtype=object)
    kept = stick(before, now, np.array([0.6, 0.9, 0.6, 0.5]), np.array([0.55, 0.5, -1.0, -1.0]))
    assert kept.tolist() == ["T1", "T2", "T2", "T2"]


def test_themes_that_were_two_become_one_only_where_they_are_clearly_alike_now() -> None:
    """Centres as alike as makes new groups one; where nine of ten clauses are known as two themes they stay two."""
    draw = np.random.default_rng(5)
    labels = np.repeat([0, 1, 2], [60, 60, 200]).astype(np.int64)
    centres = np.array([[1, 0, 1.3], [0, 1, 1.3], [-1, -1, 0.2]])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors = centres[labels].astype(np.float32)
    none = np.zeros(len(labels), dtype=np.float32)
    groups = Groups(labels, centres.astype(np.float32), none, none, np.zeros(3, dtype=np.float32), 1.0)
    book = Phrasebook.of(["late delivery"] * 60 + ["late truck"] * 60 + ["wrong item again"] * 200)
    known = np.where(draw.random(len(labels)) < 0.9, labels, -1)
    assert 0.6 < float(centres[0] @ centres[1]) < 0.7
    assert one_thing_each(groups, vectors, book, None)[0].count == 2
    assert one_thing_each(groups, vectors, book, known)[0].count == 3
    assert one_thing_each(groups, vectors, book, np.where(labels < 2, 0, labels))[0].count == 2  # of one theme: one again


def test_a_theme_of_a_person_s_own_and_one_that_is_gone_again(first: Voice, comments: pd.DataFrame) -> None:
    nobody = first.segments[first.segments["theme_id"].isna()]
    inside = (nobody if len(nobody) else first.segments).iloc[0]
    part = [[inside["feedback_id"], int(inside["segment"])]]
    made = Choice("new", {"feedback_id": inside["feedback_id"], "into": "S001", "name": "Lost keys", "clauses": part})
    other = first.segments.loc[
        first.segments["theme_id"].notna() & (first.segments["feedback_id"] != inside["feedback_id"])
    ].iloc[0]
    into_it = Choice("move", {"feedback_id": other["feedback_id"], "from": other["theme_id"], "into": "S001"})
    for refit in (False, True):
        now = run(comments, before=first.kept(), decisions=[made, into_it], revision=2, refit=refit)
        assert now.themes.set_index("theme_id").loc["S001", "name"] == "Lost keys"
        undone = run(comments, before=now.kept(), decisions=[into_it], revision=3, refit=refit)
        assert "S001" not in set(undone.themes["theme_id"])
        back = undone.segments[undone.segments["feedback_id"] == other["feedback_id"]]
        assert back["theme_id"].dropna().tolist() == back["found_theme"].dropna().tolist()
