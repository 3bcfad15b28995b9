"""The question sets over the whole demo company, Online Retail and Olist: scores, false figures, and the same questions misspelt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant import evaluate as scoring
from assistant.conversation import InMemory
from assistant.plan import make
from assistant.understand.read import understand
from integrations.build import build
from integrations.demo import generate
from integrations.settings import load
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.query import coverage
from tests.questions import fill, truth
from tests.questions.variants import variants
from tests.support import DATA

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("whole")]  # with test_planted_causes: one company for both
HERE = Path(__file__).parent
NOT_YET = pytest.mark.xfail(reason="the reader with the tagger does not reach these lines yet: docs/first-asked.md")
SOURCES = {"online-retail": DATA / "online-retail" / "online_retail.csv.gz", "olist": DATA / "olist-sample"}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Workspace]:
    """The workspace of a company, built when first asked for."""
    made: dict[str, Workspace] = {}

    def of(name: str) -> Workspace:
        if name not in made:
            if name == "demo":
                made[name] = Workspace(request.getfixturevalue("whole"))  # built once a run, tests/conftest.py
                return made[name]
            home = tmp_path_factory.mktemp(name)
            import_files(home, load_mapping(name), [SOURCES[name]], zone=load(home).zone)
            build(home, load(home))
            made[name] = Workspace(home)
        return made[name]

    return of


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


SCORED: dict[tuple[str, str | None, Path], dict[str, Any]] = {}
"""Each set is asked once a run."""


def scored(name: str, home: Workspace, only: str | None = None) -> dict[str, Any]:
    key = (name, only, home.folder)
    if key not in SCORED:
        items = scoring.load(HERE / f"{name}.yaml", only)
        SCORED[key] = scoring.evaluate(items, home.engine(memory=InMemory()), lambda role: Scope.of_role(role or "manager"))
    return SCORED[key]


@pytest.mark.parametrize("name", ["demo", "online-retail", "olist"])
def test_expectations_are_what_pandas_works_out_of_the_raw_files(name: str, raw: Path) -> None:
    truth.use_demo(raw)
    for row in rows(name):
        assert json.loads(json.dumps(fill.filled(row))) == row, row["question"]


@pytest.mark.parametrize("name", [pytest.param("demo", marks=NOT_YET), pytest.param("online-retail", marks=NOT_YET), "olist"])
def test_questions_are_answered_right_or_not_at_all(name: str, workspace: Callable[[str], Workspace]) -> None:
    found = scored(name, workspace(name))
    assert found["false_figures"] == 0
    assert found["accuracy"] >= 0.97
    assert found["wrong_refusals_share"] <= 0.02
    assert found["held_share"] >= 0.98


@pytest.mark.parametrize(("name", "floor"), [("demo", 0.88), ("online-retail", 0.91), ("olist", 0.97)])
def test_questions_held_out_do_not_get_worse(name: str, floor: float, workspace: Callable[[str], Workspace]) -> None:
    found = scored("holdout", workspace(name), name)
    assert found["accuracy"] >= floor
    assert found["held_share"] >= 0.92


@NOT_YET
def test_questions_of_the_second_round_held_out_do_not_get_worse(workspace: Callable[[str], Workspace]) -> None:
    found = scored("holdout2", workspace("demo"), "demo")
    assert found["accuracy"] >= 0.8
    assert found["held_share"] >= 0.9


@pytest.mark.parametrize(
    ("set_", "name", "accuracy", "held"),
    [("demo", "demo", 0.95, 0.94), ("online-retail", "online-retail", 0.95, 0.94), ("holdout2", "demo", 0.78, 0.8)],
)
def test_no_set_falls_below_what_was_seen(
    set_: str, name: str, accuracy: float, held: float, workspace: Callable[[str], Workspace]
) -> None:
    """Of those that do not reach the lines above."""
    found = scored(set_, workspace(name), name if set_.startswith("holdout") else None)
    assert found["accuracy"] >= accuracy
    assert found["held_share"] >= held
    if set_ == name:
        assert found["false_figures"] <= 0.02 * found["total"]
        assert found["asked_back"] <= 0.05 * found["total"]


@pytest.mark.parametrize("name", ["demo", "online-retail"])
def test_questions_typed_otherwise_give_the_same_plan(name: str, workspace: Callable[[str], Workspace]) -> None:
    home = workspace(name)
    engine, reader = home.engine(memory=InMemory()), home.reader(Scope.of_role("manager"))
    names, today, covered = engine.vocabulary(reader), reader.snapshot.as_of.date(), coverage(reader)

    def planned(question: str) -> str:
        plan = make(understand(question, names, today), today, covered)
        said = {k: v for k, v in plan.slots.items() if k not in ("document", "topic", "unknown")}
        return json.dumps([plan.operation, plan.status, [str(q) for q in plan.queries], said], default=str)

    pairs = [
        (row["question"], other) for row in rows(name) if not row.get("conversation") for other in variants(row["question"])
    ]
    same = sum(planned(one) == planned(other) for one, other in pairs)
    assert same / len(pairs) >= 0.95
