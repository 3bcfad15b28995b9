"""Hybrid search over the demo company's documents finds what answers, and is no worse than either of its halves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.search import Hit, search
from nlp.encoder import load_encoder

JUDGED = yaml.safe_load((Path(__file__).parent / "judged.yaml").read_text(encoding="utf-8"))
FAR = 10**6


@pytest.fixture(scope="module")
def reader(company: Path) -> Reader:
    return Workspace(company).reader(Scope.of_role("admin"))


def test_the_set_names_documents_that_are_there(reader: Reader) -> None:
    ids = set(reader.frame("documents")["document_id"])
    assert len(JUDGED) >= 80
    assert len({j["q"] for j in JUDGED}) == len(JUDGED)
    assert not {d for j in JUDGED for d in j["docs"]} - ids


def test_the_hybrid_is_no_worse_than_its_halves(reader: Reader) -> None:
    encode = load_encoder().encode
    ways: dict[str, Callable[[Hit], float]] = {
        "words": lambda h: h.lexical_rank or FAR,
        "vectors": lambda h: h.dense_rank or FAR,
        "hybrid": lambda h: -h.score,
    }
    recall = dict.fromkeys(ways, 0.0)
    scoring = JUDGED[1::2]
    for judged in scoring:
        hits = search(judged["q"], reader, encode, kind="document", k=200)
        for way, key in ways.items():
            first = list(dict.fromkeys(h.id for h in sorted(hits, key=key) if key(h) < FAR))[:5]
            recall[way] += len({*first} & {*judged["docs"]}) / len(judged["docs"]) / len(scoring)
    assert recall["hybrid"] >= max(recall.values())
    assert recall["hybrid"] > 0.8
