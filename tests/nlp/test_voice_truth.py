"""Verdicts on comments with known truth, by the sets that may be looked at; the held ones are scored by hand (docs/voice.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.evaluate_voice import eval_voice
from nlp.text import trained

DATA = Path(__file__).parents[1] / "data" / "voice"
pytestmark = pytest.mark.skipif(not trained(), reason="the trained English pipeline is not installed")


@pytest.mark.parametrize(("name", "borne_out", "contradicted"), [("dev", 0.85, 0.4), ("dev_food", 0.85, 0.7)])
def test_what_a_record_settles_is_told_and_hardly_anybody_is_blamed(name: str, borne_out: float, contradicted: float) -> None:
    told = eval_voice(DATA / f"{name}.jsonl")
    assert told["reversals"] == 0
    assert told["unfair"] <= 1
    assert told["corroborated_told"] >= borne_out * told["corroborated_settleable"]
    assert told["contradicted_told"] >= contradicted * told["contradicted_settleable"]
    assert told["dangers_raised"] >= 0.85 * told["dangers"]
