"""`rapport train`: labels from a file and people's corrections become the workspace's classifier; what to label next is proposed."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from integrations.cli.app import app
from integrations.learning import learn, own_classifier, version
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.errors import NoData
from tests.integrations.serving import copied

SAYS = {
    "delivery.late": ["the delivery was late", "it came two days after the date", "still waiting for our order", "the truck was delayed again"],
    "commercial.invoice": ["the invoice is wrong", "we were billed twice", "the price on the bill is not ours", "wrong amount charged"],
    "product.damaged": ["the box was crushed", "goods arrived damaged", "it was broken when we opened it", "the pallet was dented"],
}  # fmt: skip


@pytest.fixture
def home(company: Path, tmp_path: Path) -> Path:
    return copied(company, tmp_path)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "ours.csv"
    pd.DataFrame([(t, x) for x, said in SAYS.items() for t in said], columns=["text", "label"]).to_csv(path, index=False)
    return path


def trained(home: Path, *given: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["train", "--workspace", str(home), "--json", *given])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_labels_of_a_file_are_learned_and_what_to_label_next_is_proposed(home: Path, labels: Path) -> None:
    assert version(home) == ""
    made = trained(home, "--labels", str(labels))
    assert made["examples"] == made["scored"] == 12
    assert 0 <= made["before"] <= 1  # type: ignore[operator]
    scores = pd.DataFrame(made["per_label"])
    assert dict(zip(scores["label"], scores["examples"], strict=True)) == dict.fromkeys(sorted(SAYS), 4)
    following = pd.DataFrame(made["next"])
    heard = Workspace(home).reader(Scope.of_role("admin")).frame("feedback")
    assert 10 <= len(following) <= 20
    assert following["id"].is_unique
    assert set(following["id"]) <= set(heard["feedback_id"])
    assert following["confidence"].between(0, 1).all()
    assert (following["likely"] != following["runner_up"]).all()
    assert version(home) != ""


def test_the_latest_correction_of_a_place_is_learned_beside_the_file(home: Path, labels: Path) -> None:
    workspace = Workspace(home)
    texts = workspace.reader(Scope.of_role("admin")).frame("feedback_text").set_index("feedback_id")["text"]
    one, other = sorted(texts.index[texts.str.len() > 20])[:2]
    state = workspace.state()
    state.correct(one, 0, 20, "Quinn", aspect="delivery.late", sentiment=-1)
    state.correct(one, 0, 20, "Quinn", aspect="relationship.odd", sentiment=-1)
    state.correct(other, 0, 20, "Quinn", aspect="relationship.odd", sentiment=-1)
    assert trained(home, "--labels", str(labels))["examples"] == 14
    model = own_classifier(home)
    assert model is not None
    assert "relationship.odd" in model.classes


def test_without_any_label_it_says_where_they_come_from(home: Path) -> None:
    with pytest.raises(NoData, match="correct aspects in the review"):
        learn(Workspace(home), None, "text", "label", print)
    assert version(home) == ""
