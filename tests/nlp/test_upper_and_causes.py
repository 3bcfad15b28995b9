"""The upper level is the taxonomy's where that fits; what explains a complaint is in its theme; formulas stay out when comments are added."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from nlp.encoder import load_encoder
from nlp.pipeline import Voice, analyse
from nlp.taxonomy import load_taxonomy
from nlp.themes import upper_aspects, upper_numbers

HEADS = ["The ferry was late", "Our ferry came too late", "A late ferry again", "The ferry arrived hours late"]
BILLS = ["The bill is wrong", "You billed the wrong amount", "Wrong amount on our bill", "The bill shows another price"]
WHY = ["Apparently the pilot had overslept.", "It turned out that the pilot had overslept.", "The pilot had overslept.", "Reason: the pilot overslept."]  # fmt: skip


@pytest.fixture(scope="module")
def comments() -> pd.DataFrame:
    told = [f"{a}. {b}" for a, b in itertools.product(HEADS, WHY)] + [
        f"{a}, {b}." for a, b in itertools.product(BILLS, BILLS[::-1])
    ]
    return pd.DataFrame({"feedback_id": [f"f{i:03d}" for i in range(2 * len(told))], "text": told * 2})


@pytest.fixture(scope="module")
def voice(comments: pd.DataFrame) -> Voice:
    return analyse(comments, load_encoder(), load_taxonomy("supply_chain"), copies="each")


def test_what_explains_a_complaint_is_in_its_theme_and_its_reason(voice: Voice) -> None:
    said = voice.segments
    why = said[said["text"].str.contains("overslept")]
    late = said[said["text"].str.contains("late")].set_index("feedback_id")["theme_id"]
    assert len(why) == 2 * len(HEADS) * len(WHY)
    assert (why["theme_id"].to_numpy() == late.reindex(why["feedback_id"]).to_numpy()).all()
    assert voice.reasons["name"].str.contains("overslept").any()


def test_names_and_reasons_are_found_without_the_english_pipeline_too(
    comments: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlp.candidates.parsed", lambda texts: None)
    voice = analyse(comments, load_encoder(), load_taxonomy("supply_chain"), copies="each")
    assert voice.themes["name"].str.contains("late|wrong|bill", case=False).all()
    assert voice.reasons["name"].str.contains("overslept").any()


def test_formulas_stay_out_of_themes_when_comments_are_added(voice: Voice, comments: pd.DataFrame) -> None:
    more = pd.DataFrame({"feedback_id": ["g1", "g2"], "text": ["The ferry was late. Keep up the good work!", "Perfect!"]})
    later = analyse(
        pd.concat([comments, more], ignore_index=True), load_encoder(), load_taxonomy("supply_chain"), copies="each", before=voice.kept()
    )  # fmt: skip
    added = later.segments[later.segments["feedback_id"].isin(more["feedback_id"])]
    assert added["formula"].sum() >= 1
    assert added.loc[added["formula"].astype(bool), ["theme_id", "nearest_theme"]].isna().all(axis=None)
    assert added.loc[~added["formula"].astype(bool), "theme_id"].notna().all()


def test_the_upper_level_is_the_taxonomys_where_it_fits() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    above = ["Delivery", "Delivery", "", "Invoice", "", "", "Invoice", "Invoice", "Delivery"]
    assert upper_aspects(labels, above, 3) == ["Delivery", "", "Invoice"]
    assert upper_aspects(labels, ["Delivery", "Delivery", *[""] * 7], 3) == [
        "",
        "",
        "",
    ]  # a taxonomy that says little of these comments
    centres = np.eye(4, dtype=np.float32)
    assert upper_numbers(centres, ["Delivery", "", "Delivery", ""]) == [0, 1, 0, 2]
