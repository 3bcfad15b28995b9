"""Ratings are evidence of a comment's mood, and do not replace what it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from nlp.ratings import leaning, rated


def of(score: float | None, **told: object) -> dict[str, object]:
    feedback = pd.DataFrame([{"feedback_id": "F1", **told}])
    texts = pd.DataFrame([{"feedback_id": "F1", "sentiment_score": score}])
    return dict(rated(texts.astype({"sentiment_score": "float64"}), feedback).iloc[0])


def test_scales_are_read_by_their_ends() -> None:
    feedback = pd.DataFrame(
        {"feedback_id": list("abcdef"), "rating": [1, 5, 3, 10, None, 4], "rating_scale": ["1-5", "1-5", "1-5", "0-10", None, None],
         "nps": [None, None, None, None, 9, None]}
    )  # fmt: skip
    assert leaning(feedback).round(2).replace({np.nan: None}).tolist() == [-1.0, 1.0, 0.0, 1.0, 1.0, None]


def test_words_come_first_and_a_rating_tips_what_they_leave_open() -> None:
    assert of(0.05, rating=1, rating_scale="1-5")["mood"] == -1
    assert of(0.05, rating=5, rating_scale="1-5")["mood"] == 1
    assert of(0.05)["mood"] == 0
    assert of(0.8, rating=1, rating_scale="1-5")["mood"] == 1
    assert of(None, nps=3)["mood"] == -1
    assert np.isnan(of(None)["mood"])  # type: ignore[call-overload]


def test_what_rates_one_way_and_reads_the_other_is_marked() -> None:
    assert of(0.9, rating=1, rating_scale="1-5")["at_odds"]
    assert not of(0.2, rating=1, rating_scale="1-5")["at_odds"]
    assert not of(-0.9, rating=1, rating_scale="1-5")["at_odds"]


@given(st.floats(-1, 1), st.integers(1, 5))
def test_clear_words_are_never_overruled(score: float, stars: int) -> None:
    mood = of(score, rating=stars, rating_scale="1-5")["mood"]
    if abs(score) >= 0.5:
        assert mood == np.sign(score)
