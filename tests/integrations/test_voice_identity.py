"""Themes keep their identity on the comments of a made-up company: more comments, a rebuild, another order, something quite new."""

from __future__ import annotations

import pandas as pd
import pytest

from integrations.demo import generate
from nlp.pipeline import Voice
from tests.nlp.test_identity import run, same_theme

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("voice-identity")]
NEW = [
    f"{head} {tail}"
    for head in (
        "Parking at your counter",
        "The car park of your shop",
        "Your parking garage",
        "A parking space at the counter",
    )
    for tail in ("costs too much.", "is always full.", "is dark and dirty.", "has no ticket machine.", "is too small for vans.")
]


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("comments")
    generate(folder, seed=7, scale=0.1)
    read = pd.read_csv(folder / "feedback.csv", dtype=str, keep_default_na=False)[["feedback_id", "text"]]
    return read.sample(frac=1, random_state=3, ignore_index=True)


@pytest.fixture(scope="module")
def first(comments: pd.DataFrame) -> Voice:
    return run(comments.iloc[: int(len(comments) / 1.1)])


def test_a_tenth_more_comments_leave_ids_as_they_were(first: Voice, comments: pd.DataFrame) -> None:
    assert same_theme(first, run(comments, before=first.kept())) == 1.0
    again = run(comments, before=first.kept(), refit=True)
    assert same_theme(first, again) >= 0.95
    gone = again.lineage[again.lineage["kind"] == "gone"]
    assert len(gone) <= 0.1 * len(first.themes)


def test_the_order_of_comments_changes_nothing(first: Voice, comments: pd.DataFrame) -> None:
    turned = run(comments.iloc[: int(len(comments) / 1.1)].sample(frac=1, random_state=8))
    pd.testing.assert_frame_equal(first.segments, turned.segments)
    pd.testing.assert_frame_equal(first.themes, turned.themes)
    pd.testing.assert_frame_equal(first.reasons, turned.reasons)


def test_what_is_quite_new_becomes_a_theme_of_its_own(first: Voice, comments: pd.DataFrame) -> None:
    more = pd.DataFrame({"feedback_id": [f"new-{i:02d}" for i in range(len(NEW))], "text": NEW})
    now = run(pd.concat([comments, more], ignore_index=True), before=first.kept(), refit=True)
    of = now.segments[now.segments["feedback_id"].str.startswith("new-")].groupby("theme_id").size()
    theme = str(of.idxmax())
    assert of.max() >= 0.8 * len(NEW)
    assert now.lineage.set_index("theme_id").loc[theme, "kind"] == "new"
    assert theme not in set(first.themes["theme_id"])
    assert "park" in now.themes.set_index("theme_id").loc[theme, "name"].lower()
