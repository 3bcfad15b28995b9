"""Comments that are for mending and for scoring stay out of what claims are learned from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = 4
"""Words in a row that two sentences do not share by chance alone, where they are of one set."""


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


@pytest.mark.parametrize("file", ["claims.yaml", "safety.yaml"])
def test_no_sentence_that_is_learned_from_echoes_the_set_that_was_looked_at(file: str) -> None:
    looked_at = (ROOT / "tests" / "data" / "voice" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    blind = [p for p in (ROOT / "tests" / "data" / "voice").glob("*.jsonl") if p.name != "dev.jsonl"]
    common = {r for p in blind for line in p.read_text(encoding="utf-8").splitlines() for r in runs(json.loads(line)["text"])}
    of_dev = {r for line in looked_at for r in runs(json.loads(line)["text"])} - common
    learned = (ROOT / "nlp" / "data" / file).read_text(encoding="utf-8").splitlines()
    echoes = [line.strip() for line in learned if line.strip().startswith("- ") and runs(line) & of_dev]
    assert not echoes
