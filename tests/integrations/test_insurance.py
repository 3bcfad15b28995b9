"""Another trade's data and questions: an insurer's policies come in as orders and its premiums as lines. What is said in this
product's words is answered from them; the benchmark's own questions, whose metrics are not here, are all refused and none is
answered otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from assistant.conversation import InMemory
from assistant.engine import Engine
from assistant.questions import Turn
from integrations.build import build
from integrations.settings import load
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from tests.support import DATA

ACME = DATA / "acme-insurance"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ACME.is_dir(), reason="../shared/data is not here")]


def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(ACME / f"data_{name}.csv", dtype=str).dropna(how="all")


def premiums() -> pd.DataFrame:
    amounts = rows("Policy_Amount").merge(rows("Premium"), on="Policy_Amount_Identifier")
    return amounts.merge(rows("Policy")[["Policy_Identifier", "Policy_Number"]], on="Policy_Identifier")


def as_our_tables(folder: Path) -> None:
    """Policies as delivered orders of their holders, by the agent's channel; premiums as lines of one unit."""
    policies, roles = rows("Policy"), rows("Agreement_Party_Role")
    party = {
        code: part.set_index("Agreement_Identifier")["Party_Identifier"] for code, part in roles.groupby("Party_Role_Code")
    }
    holders, agents = (policies["Policy_Identifier"].map(party[code]) for code in ("PH", "AG"))
    ids = sorted(set(holders))
    lines = premiums()
    tables = {
        "customers": {"customer_id": ids, "name": [f"Policy holder {i}" for i in ids]},
        "products": {"product_id": ["premium"], "name": ["Premium"]},
        "orders": {
            "order_id": policies["Policy_Number"],
            "customer_id": holders,
            "ordered_at": policies["Effective_Date"],
            "status": "delivered",
            "channel": "agent " + agents,
        },
        "order_lines": {
            "order_id": lines["Policy_Number"],
            "line": range(1, len(lines) + 1),
            "product_id": "premium",
            "qty_ordered": 1,
            "unit_price": lines["Policy_Amount"],
        },
    }
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)


def prompts() -> list[str]:
    """The questions of both of the benchmark's files."""
    text = "".join((ACME / f).read_text(encoding="utf-8") for f in ("benchmark_questions.ttl", "acme-benchmark.ttl"))
    blocks = re.findall(r"QandA:prompt\s+(.*?)\.\n", text, re.DOTALL)
    return sorted({q.replace("\\n", "").strip() for block in blocks for q in re.findall(r'"([^"]+)"', block)})


@pytest.fixture(scope="module")
def insurer(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("insurer")
    (folder / "source").mkdir()
    as_our_tables(folder / "source")
    home = folder / "workspace"
    import_files(home, load_mapping("canonical"), [folder / "source"], zone="UTC")
    build(home, load(home))
    return Workspace(home).engine(memory=InMemory())


def test_what_is_asked_in_our_words_is_right(insurer: Engine) -> None:
    policies, paid = rows("Policy")["Policy_Number"].nunique(), premiums()["Policy_Amount"].astype(float).sum()
    for question, value in (
        ("how many orders do we have", policies),
        ("total revenue", paid),
        ("average order value", paid / policies),
    ):
        answer = insurer.reply(Turn(question, Scope.of_role("manager")))
        assert answer.figures[0].value == pytest.approx(value), question


def test_no_question_of_the_benchmark_is_answered_otherwise(insurer: Engine) -> None:
    asked = prompts()
    assert len(asked) >= 43
    for question in asked:
        answer = insurer.reply(Turn(question, Scope.of_role("manager")))
        assert answer.status in ("out_of_scope", "no_data", "clarify"), question
        assert not answer.figures, question
        assert answer.table is None, question
