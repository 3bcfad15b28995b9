"""The shipped taxonomy: every leaf that is promised, complaint and praise of each known by its sentences alone, and how surely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from knowledge.errors import BadInput, UnknownName
from nlp.aspects import AspectTagger
from nlp.encoder import load_encoder
from nlp.sentiment import polarity, shipped_head
from nlp.taxonomy import load_taxonomy

LEAVES = {
    "delivery": {"late", "early", "appointment", "tracking"},
    "order": {"incomplete", "wrong_item", "availability", "lead_time"},
    "product": {"damaged", "defective", "quality", "packaging"},
    "commercial": {"price", "invoice", "credit", "contract"},
    "people": {"responsiveness", "courtesy", "expertise", "communication"},
    "digital": {"portal", "edi", "ordering"},
    "after_sales": {"return", "repair", "refund", "warranty"},
    "relationship": {"trust", "promise"},
}


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    """One row a sentence: aspect, praise or not, what was found, how sure, its polarity."""
    read = pd.read_csv(Path(__file__).parent / "data" / "aspects.csv")
    rows = read.melt("aspect", var_name="kind", value_name="text")
    encoder = load_encoder()
    vectors = encoder.encode(rows["text"].tolist())
    tagged = AspectTagger(load_taxonomy("supply_chain"), encoder).tag(vectors)
    mood = polarity(shipped_head(encoder).probabilities(rows["text"].tolist(), vectors))
    return rows.assign(found=tagged.aspect, sure=tagged.confidence, second=tagged.runner_up, mood=mood)


def test_every_leaf_is_there_with_sentences_of_its_own(told: pd.DataFrame) -> None:
    aspects = load_taxonomy("supply_chain").aspects
    ids = {a.id for a in aspects}
    assert {f"{parent}.{leaf}" for parent, leaves in LEAVES.items() for leaf in leaves} <= ids
    assert set(told["aspect"]) == ids
    assert min(len(a.says) for a in aspects) >= 3
    said = [s for a in aspects for s in a.says]
    assert len(set(said)) == len(said)
    assert not set(said) & set(told["text"])


def test_complaint_and_praise_are_known_by_descriptions_alone(told: pd.DataFrame) -> None:
    answered = told[told["found"].notna()]
    right = answered["found"] == answered["aspect"]
    assert len(answered) / len(told) >= 0.7
    assert right.mean() >= 0.85
    assert right[answered["sure"] >= answered["sure"].median()].mean() >= 0.9
    missed = answered[~right]
    assert (missed["second"] == missed["aspect"]).mean() >= 0.3 or len(missed) < 5
    assert ((told["mood"] > 0) == (told["kind"] == "praise")).mean() >= 0.75


def test_how_sure_it_is_says_how_often_it_is_right(told: pd.DataFrame) -> None:
    answered = told[told["found"].notna()]
    right = (answered["found"] == answered["aspect"]).to_numpy()
    assert answered["sure"].mean() <= right.mean() + 0.1
    order = np.argsort(-answered["sure"].to_numpy(), kind="stable")
    assert right[order][: len(order) // 3].mean() >= right[order][-len(order) // 3 :].mean()


def test_a_company_brings_its_own(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\naspects:\n  - {id: a, label: A, children: [{id: a.b, label: B, describes: bees, says: [a bee]}]}\n"
    )
    assert [a.id for a in load_taxonomy(str(own)).aspects] == ["a.b"]
    for name in ("airline", "clothing"):
        assert len(load_taxonomy(name).aspects) >= 5
    own.write_text("name: own\naspects: []\n")
    with pytest.raises(BadInput, match="aspects"):
        load_taxonomy(str(own))
    with pytest.raises(UnknownName, match="no taxonomy"):
        load_taxonomy("nowhere")
