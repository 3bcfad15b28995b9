"""Something of ours that breaks is an `error` answer with a reference; the questions after it are answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import engine as engines
from assistant.engine import Engine
from assistant.questions import Plan, Turn
from integrations.cli.app import app
from knowledge.access import Scope
from knowledge.errors import BadQuestion, Unavailable

ADMIN = Scope.of_role("admin")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning breaks for questions about units."""
    make = engines.plan.make

    def breaks(question, today, covered) -> Plan:  # type: ignore[no-untyped-def]
        if "units" in question.metrics:
            raise ZeroDivisionError("secret detail 4711")
        if "orders" in question.metrics:
            raise BadQuestion("That makes no sense.", "Ask otherwise.")
        if "aov" in question.metrics:
            raise Unavailable("The store does not answer.")
        return make(question, today, covered)

    monkeypatch.setattr(engines.plan, "make", breaks)


@pytest.mark.usefixtures("broken")
def test_a_fault_is_an_error_answer_with_a_reference(engine: Engine) -> None:
    answer = engine.reply(Turn("units in 2026", ADMIN))
    assert answer.status == "error"
    assert answer.id in answer.text
    assert "4711" not in answer.text
    assert not answer.figures
    assert engine.reply(Turn("revenue in 2026", ADMIN)).status == "answered"


@pytest.mark.usefixtures("broken")
def test_what_is_wrong_with_a_question_is_said_wherever_it_is_found(engine: Engine) -> None:
    answer = engine.reply(Turn("orders in 2026", ADMIN))
    assert answer.status == "out_of_scope"
    assert "makes no sense" in answer.text


@pytest.mark.usefixtures("broken")
def test_a_store_that_does_not_answer_is_told_to_the_door(engine: Engine) -> None:
    with pytest.raises(Unavailable):
        engine.reply(Turn("average order value", ADMIN))


@pytest.mark.usefixtures("broken")
def test_one_line_of_a_batch_never_takes_others_with_it(company: Path, tmp_path: Path) -> None:
    asked = [
        "revenue in 2026",
        "units in 2026",
        "average order value",
        "a line\u2028separator",
        "orders in 2026",
        "revenue in 2025",
    ]
    lines = [json.dumps({"id": f"q{i}", "question": q}, ensure_ascii=False) for i, q in enumerate(asked)]
    lines[2:2] = ['{"id": 7}', "[1]", "not json", '"text"']
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["ask", "--batch", str(batch), "--json", "--workspace", str(company)])
    answers = [json.loads(line) for line in result.stdout.splitlines() if line.strip()]
    told = {a["id"]: a["status"] for a in answers}
    assert result.exit_code == 0
    assert told == {"q0": "answered", "q1": "error", "line 3": "error", "line 4": "error", "line 5": "error", "line 6": "error",
                    "q2": "error", "q3": "out_of_scope", "q4": "out_of_scope", "q5": "answered"}  # fmt: skip
    assert next(a for a in answers if a["id"] == "line 3")["text"].startswith("Line 3")
