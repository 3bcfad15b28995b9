"""Themes that rise are found where they rise, and not where only volume, season or chance moves; danger is raised at the first word."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nlp.encoder import load_encoder
from nlp.safety import read_dangers, safety_statements
from nlp.trends import trends

AS_OF = pd.Timestamp("2026-10-31", tz="UTC")
DAYS = 730


def comments(per_day: float, seed: int, *, rising: bool = False) -> pd.DataFrame:
    """Two years of comments; `rising`: twice as many of all kinds in the last sixty days."""
    draw = np.random.default_rng(seed)
    counts = draw.poisson([per_day * (2 if rising and DAYS - d <= 60 else 1) for d in range(DAYS)])
    days = np.repeat(np.arange(DAYS), counts)
    at = AS_OF - pd.to_timedelta(DAYS - 1 - days, unit="D")
    return pd.DataFrame({"feedback_id": [f"f{i:05d}" for i in range(len(days))], "at": at, "age": DAYS - 1 - days})


def said(told: pd.DataFrame, seed: int, **rate: object) -> pd.DataFrame:
    """Mentions of themes; each rate is a share or a function of the comment's age in days."""
    draw = np.random.default_rng(seed)
    parts = []
    for theme, of in rate.items():
        share = np.array([of(a) if callable(of) else of for a in told["age"]], dtype=float)
        ids = told.loc[draw.random(len(told)) < share, "feedback_id"]
        parts.append(pd.DataFrame({"feedback_id": ids, "theme_id": theme}))
    return pd.concat(parts, ignore_index=True)


def test_a_planted_spike_and_a_new_theme_are_found_and_steady_ones_stay() -> None:
    told = comments(8, 1)
    steady = {f"steady{i}": 0.05 for i in range(15)}
    mentions = said(
        told,
        2,
        spike=lambda age: 0.12 if age < 50 else 0.04,
        new=lambda age: 0.05 if age < 50 else 0.0,
        less=lambda age: 0.02 if age < 60 else 0.12,
        **steady,
    )
    state = trends(mentions, told, AS_OF).set_index("theme_id")["state"]
    assert state["spike"] == "spiking"
    assert state["new"] == "emerging"
    assert state["less"] == "falling"
    assert (state[list(steady)] == "steady").all()


def test_more_comments_of_everything_are_no_trend() -> None:
    told = comments(6, 3, rising=True)
    found = trends(said(told, 4, **{f"t{i}": 0.06 for i in range(20)}), told, AS_OF)
    assert (found["state"] == "steady").all()


def test_what_comes_every_autumn_is_no_trend_and_what_is_new_this_autumn_is() -> None:
    told = comments(8, 5)

    def autumn(age: float) -> float:
        return 0.15 if age % 364 < 60 else 0.03

    found = trends(said(told, 6, yearly=autumn, fresh=lambda a: 0.15 if a < 60 else 0.03, other=0.05), told, AS_OF).set_index(
        "theme_id"
    )
    assert found.loc["yearly", "state"] == "steady"
    assert found.loc["yearly", "ratio"] > 2  # by volume alone it would have risen
    assert found.loc["fresh", "state"] == "spiking"


def test_chance_alone_alarms_in_at_most_one_of_twenty_companies() -> None:
    alarms = 0
    for seed in range(60):
        told = comments(3, 100 + seed)
        state = trends(said(told, 200 + seed, **{f"t{i}": 0.06 for i in range(12)}), told, AS_OF)["state"]
        alarms += bool((state != "steady").any())
    assert alarms <= 3


def test_months_count_comments_and_nothing_gives_nothing() -> None:
    told = comments(2, 7)
    mentions = said(told, 8, a=0.2)
    found = trends(pd.concat([mentions, mentions]), told, AS_OF)  # two clauses of one comment count once
    months = pd.Series(json.loads(found["months"][0]))
    assert months.sum() == mentions["feedback_id"].nunique()
    assert trends(mentions.iloc[:0], told, AS_OF).empty


def test_a_step_is_dated_however_long_ago_it_was_and_chance_is_none() -> None:
    told = comments(8, 9)
    mentions = said(told, 10, invoice=lambda a: 0.10 if a < 300 else 0.02, gone=lambda a: 0.01 if a < 200 else 0.08, even=0.06)
    found = trends(mentions, told, AS_OF).set_index("theme_id")
    began = (AS_OF - pd.Timedelta(days=300)).strftime("%Y-%m")
    assert found.loc["invoice", "state"] == "steady"  # of late it is as common as before
    assert abs((pd.Period(found.loc["invoice", "step_month"], "M") - pd.Period(began, "M")).n) <= 1
    assert found.loc["invoice", "step_ratio"] > 3
    assert found.loc["gone", "step_ratio"] < 0.5
    assert pd.isna(found.loc["even", "step_month"])


DANGER = [
    ("The heater caught fire on the second day.", "fire"),
    ("One of our men was taken to hospital after the clamp broke.", "injury"),
    ("We found metal shavings in the food bag.", "contamination"),
    ("It gave me an electric shock.", "injury"),
    ("You should recall these valves.", "recall"),
    ("There was smoke coming from the charger", "fire"),
    ("The drums are contaminated with something.", "contamination"),
    ("Our gardener lost the tip of a finger in the hedge trimmer", "injury"),
    ("a toddler got the button cell out and put it in her mouth", "injury"),
]
HARMLESS = [
    "Nobody was injured, luckily.",
    "There was no fire and no smoke.",
    "Your team is on fire, great work!",
    "We burned our fingers with this supplier once.",
    "I cannot recall the conversation.",
    "Send us twelve spark plugs.",
    "Late again, what a disaster.",
    "the invoice is wrong and nobody calls back",
    "Our twins slept through the whole crossing.",
    "The seat in front was broken and we were moved.",
]


def dangers(*texts: str) -> pd.DataFrame:
    encoder = load_encoder()
    segments = pd.DataFrame({"feedback_id": "a", "segment": range(len(texts)), "start": 10, "text": list(texts)})
    segments = segments.assign(end=segments["start"] + segments["text"].str.len())
    return safety_statements(segments.assign(danger=read_dangers(texts, encoder.encode(texts), encoder)))


@pytest.mark.parametrize(("text", "kind"), DANGER)
def test_danger_is_raised_at_the_first_statement_with_its_words(text: str, kind: str) -> None:
    found = dangers(text)
    assert found["kind"].tolist() == [kind]
    assert found["text"].tolist() == [text]


@pytest.mark.parametrize("text", HARMLESS)
def test_denials_and_figures_of_speech_are_not_danger(text: str) -> None:
    assert dangers(text).empty
