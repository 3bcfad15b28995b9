"""The audit log is a chain: a changed, removed or slipped-in entry shows; entries of many writers at once still chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge.state import State, open_state
from knowledge.state.tables import audit


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = open_state(tmp_path)
    for n in range(10):
        made.audit("Ann", "rep", "answer", {"n": n, "text": "Ärger"})
    return made


def test_it_holds_as_it_is_written(state: State) -> None:
    chain = state.audit_chain()
    assert (chain.entries, chain.broken) == (10, None)
    assert len(chain.head) == 64


@pytest.mark.parametrize("deed", [
    sa.update(audit).where(audit.c.id == 4).values(principal="Eve"), sa.update(audit).where(audit.c.id == 4).values(detail={"n": 99}),
    sa.delete(audit).where(audit.c.id == 4), sa.update(audit).where(audit.c.id == 4).values(at=sa.func.datetime("now", "+1 day")),
])  # fmt: skip
def test_a_change_shows(state: State, deed: sa.Update | sa.Delete) -> None:
    with state.database.writing() as connection:
        connection.execute(deed)
    assert state.audit_chain().broken in (4, 5)


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    states = [open_state(tmp_path) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: states[n % 3].audit("Ann", "rep", "answer", {"n": n}), range(60)))
    assert states[0].audit_chain().broken is None
    assert states[0].audit_chain().entries == 60


def test_an_answer_is_in_it_once(state: State) -> None:
    said = {"id": "a1", "status": "answered", "text": "12", "figures": [], "snapshot": "s", "plan": {"operation": "value"}}
    state.log_answer(said, "Ann", "rep", None, "How many?")
    state.log_answer(said | {"text": "13"}, "Eve", "rep", None, "How many?")
    first = state.audit_log(1)[0]
    assert (first.action, first.principal, first.detail["answer"], first.detail["question"]) == (
        "answer",
        "Ann",
        "a1",
        "How many?",
    )
    assert state.audit_chain().entries == 11
