"""Themes and reasons: found whatever the order of rows, with exact words, and none where there is nothing to say."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from nlp.drivers import drivers
from nlp.encoder import load_encoder
from nlp.pipeline import Voice, analyse
from nlp.reasons import cause
from nlp.report import around
from nlp.taxonomy import load_taxonomy
from nlp.terms import says_again, stems

PARTS = {
    "late": [("The delivery was late", "The shipment came late", "Our order arrived too late", "Late delivery again"),
             ("because the driver left it at the wrong dock", "because the truck broke down", "due to snow on the road", "")],
    "invoice": [("The invoice is wrong", "We were billed the wrong price", "Wrong amount on the invoice", "The invoice shows another price"),
                ("since your new system went live", "because the discount is missing", "due to the old price list", "")],
    "damage": [("The boxes were crushed", "Goods arrived damaged", "The cartons were dented and open", "Everything was broken in the box"),
               ("because of the new thin packaging", "because pallets were double stacked", "due to rain on the dock", "")],
    "praise": [("Your support team is very helpful", "Great support on the phone", "The service desk was friendly", "Helpful and kind support"),
               ("", "", "", "")],
}  # fmt: skip


def assert_nothing_said_twice(themes: pd.DataFrame, reasons: pd.DataFrame) -> None:
    """Every reason has a word that carries meaning (by its stem) that its theme has not, and no name says one twice."""
    names = themes.set_index("theme_id")["name"]
    assert [r["name"] for r in reasons.to_dict("records") if stems(r["name"]) <= stems(names[r["theme_id"]])] == []
    assert [n for n in (*names, *reasons["name"], *themes["parent_name"]) if says_again(n)] == []


@pytest.fixture(scope="module")
def comments() -> pd.DataFrame:
    rows = []
    for topic, (heads, tails) in PARTS.items():
        for number, (head, tail) in enumerate(itertools.product(heads, tails)):
            rows.append((f"{topic}-{number:02d}", f"{head} {tail}".strip() + "."))
    return pd.DataFrame(rows, columns=["feedback_id", "text"])


@pytest.fixture(scope="module")
def voice(comments: pd.DataFrame) -> Voice:
    return analyse(comments, load_encoder(), load_taxonomy("supply_chain"))


def test_themes_part_the_topics(voice: Voice) -> None:
    said = voice.segments.assign(topic=voice.segments["feedback_id"].str.split("-").str[0])
    mixed = said.groupby("theme_id")["topic"].agg(lambda t: t.value_counts(normalize=True).iloc[0])
    assert (mixed >= 0.8).all(), mixed
    assert 3 <= len(voice.themes) <= 8
    assert voice.unassigned <= 0.03


def test_the_order_of_rows_does_not_matter(voice: Voice, comments: pd.DataFrame) -> None:
    turned = analyse(comments.sample(frac=1, random_state=5), load_encoder(), load_taxonomy("supply_chain"))
    pd.testing.assert_frame_equal(voice.themes, turned.themes)
    pd.testing.assert_frame_equal(voice.reasons, turned.reasons)
    pd.testing.assert_frame_equal(voice.segments, turned.segments)


def test_every_mention_is_a_literal_quote(voice: Voice) -> None:
    texts = voice.texts.set_index("feedback_id")["text"]
    assert len(voice.reason_mentions)
    for m in voice.reason_mentions.to_dict("records"):
        assert texts[m["feedback_id"]][m["start"] : m["end"]] == m["text"]
    for s in voice.segments.to_dict("records"):
        assert texts[s["feedback_id"]][s["start"] : s["end"]] == s["text"]


def test_a_reason_is_not_its_theme_again(voice: Voice) -> None:
    assert_nothing_said_twice(voice.themes, voice.reasons)
    for reason in voice.reasons.to_dict("records"):
        assert stems(reason["name"])
        assert 0 < reason["share"] <= 1


def test_mood_of_themes(voice: Voice) -> None:
    mood = voice.segments.assign(topic=voice.segments["feedback_id"].str.split("-").str[0]).groupby("topic")["sentiment"].mean()
    assert mood["praise"] > 0.5
    assert mood.drop("praise").max() < -0.4


def test_examples_carry_the_theme(voice: Voice) -> None:
    said = voice.segments.groupby("theme_id")["feedback_id"].agg(set)
    for theme in voice.themes.to_dict("records"):
        assert set(json.loads(theme["examples"])) <= said[theme["theme_id"]]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "It was late because the driver left it at the wrong dock, and we lost a day.",
            "the driver left it at the wrong dock",
        ),
        ("Short again due to missing fasteners.", "missing fasteners"),
        ("Late since Monday.", None),
        ("Everything is wrong since you changed the system.", "you changed the system"),
        ("The goods are fine.", None),
    ],
)
def test_causes_with_a_cue(text: str, want: str | None) -> None:
    found = cause(text, 0, len(text))
    assert (text[found[0] : found[1]] if found else None) == want


def test_nothing_to_say_gives_empty_tables_not_errors() -> None:
    nothing = pd.DataFrame(
        {"feedback_id": ["a", "b", "c"], "text": ["", None, "Die Lieferung kam leider schon wieder viel zu spät"]}
    )
    voice = analyse(nothing, load_encoder(), load_taxonomy("supply_chain"))
    assert len(voice.themes) == len(voice.reasons) == len(voice.segments) == 0
    assert voice.set_aside == {"language de": 1, "no text": 2}


def test_drivers_find_what_moves_the_rating_and_what_does_not() -> None:
    draw = np.random.default_rng(3)
    index = [f"f{i}" for i in range(600)]
    themes = pd.DataFrame(
        {"late": draw.random(600) < 0.3, "color": draw.random(600) < 0.3, "rare": [True] * 5 + [False] * 595}, index=index
    )
    score = pd.Series(4.5 - 2.0 * themes["late"] + draw.normal(0, 0.5, 600), index=index)
    found = drivers(score, themes.astype(int)).set_index("theme")
    assert "rare" not in found.index
    assert found.loc["late", "low"] < -2.0 < found.loc["late", "high"]
    assert found.loc["color", "low"] < 0 < found.loc["color", "high"]
    assert found.loc["late", "share_of_r2"] > 0.5


def test_a_quote_in_a_report_holds_what_it_is_quoted_for() -> None:
    text = "First we waited. " * 20 + "Then the driver left it at the wrong dock. " + "Nobody answered us. " * 20
    start = text.index("Then the driver")
    shown = around(text, start, start + 42)
    assert "Then the driver left it at the wrong dock." in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 280
    assert around("Short.", 0, 6) == "Short."


def test_no_reason_is_without_a_name(voice: Voice) -> None:
    assert voice.reasons["name"].str.len().min() > 2
