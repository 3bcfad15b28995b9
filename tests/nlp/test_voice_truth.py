"""Verdicts on comments that were written blind, by sets that may be looked at; the held ones are scored by hand, once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nlp.claims import patterns
from nlp.evaluate_voice import eval_voice
from nlp.text import trained

DATA = Path(__file__).parents[1] / "data" / "voice"
needs_pipeline = pytest.mark.skipif(not trained(), reason="the trained English pipeline is not installed")
LONG = 4  # words in a row that two writers hardly share by chance
PLACE = re.compile(r"\{\w+\}")
COMMON = {"dev": 10, "dev_food": 25}  # of 2,889: what anybody would say ("this is not what we ordered")


def grams(text: str) -> set[tuple[str, ...]]:
    said = re.findall(r"[a-z0-9']+", PLACE.sub(" | ", text.lower()))
    return {tuple(said[i : i + LONG]) for i in range(len(said) - LONG + 1)}


@pytest.mark.parametrize("name", ["dev", "dev_food"])
def test_no_sentence_of_a_blind_set_is_learned_from(name: str) -> None:
    rows = [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    theirs = set().union(*(grams(r["text"]) for r in rows))
    assert len([p for p in patterns() if grams(p) & theirs]) <= COMMON[name]


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, Any]]:
    return {name: eval_voice(DATA / f"{name}.jsonl") for name in ("dev", "dev_food")}


@needs_pipeline
@pytest.mark.parametrize("name", ["dev", "dev_food"])
def test_what_a_record_settles_is_told_and_nobody_is_blamed(name: str, scores: dict[str, dict[str, Any]]) -> None:
    told = scores[name]
    assert told["reversals"] == 0
    assert told["unfair"] <= 1
    assert told["corroborated_told"] >= 0.9 * told["corroborated_settleable"]
    assert told["contradicted_told"] >= 0.7 * told["contradicted_settleable"]
