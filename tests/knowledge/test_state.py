from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.errors import BadQuestion, Unavailable, UnknownName
from knowledge.state import State, in_force, open_state
from knowledge.state.tables import HEAD, REVISIONS, metadata

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    """On both databases; PostgreSQL is emptied first."""
    if request.param == "sqlite":
        return open_state(tmp_path)
    url = request.getfixturevalue("postgres")
    opened = open_state(url)
    metadata.drop_all(opened.database.engine)
    with opened.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    opened.close()
    return open_state(url)


def run(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    state = open_state(tmp_path)
    with state.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    scripts = ScriptDirectory(str(ROOT / "knowledge" / "state" / "migrations"))
    assert scripts.get_heads() == [HEAD]
    assert {s.revision for s in scripts.walk_revisions()} == REVISIONS
    assert sqlite3.connect(tmp_path / "state.db").execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_migration_that_dies_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.operations import Operations

    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "create_index", dies)
        with pytest.raises(RuntimeError):
            open_state(tmp_path)
    tables = sqlite3.connect(tmp_path / "state.db").execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == []
    assert open_state(tmp_path).users() == []


def test_opening_again_is_quick_and_needs_no_alembic(tmp_path: Path) -> None:
    open_state(tmp_path).close()
    code = (
        "import sys; from pathlib import Path; from knowledge.state import open_state; open_state(Path(sys.argv[1])).users();"
    )
    seen, _ = run(code + "print('alembic' in sys.modules)", str(tmp_path)).communicate()
    assert seen.strip() == "False"
    start = time.perf_counter()
    open_state(tmp_path).users()
    assert time.perf_counter() - start < 0.15


def test_state_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    open_state(tmp_path).close()
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable) as refused:
        open_state(tmp_path)
    assert refused.value.code == "newer_state"


def test_a_file_that_is_no_database_and_a_bad_address(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"nothing of the kind " * 100)
    with pytest.raises(Unavailable):
        open_state(tmp_path)
    with pytest.raises(Unavailable) as refused:
        open_state("no address: secret")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_processes_opening_at_once_and_racing_for_one_event(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from knowledge.state import open_state; s = open_state(Path(sys.argv[1]));"
        "print(sum(s.first_seen(f'Ev{i}') for i in range(40)))"
    )
    racing = [run(code, str(tmp_path)) for _ in range(4)]
    won = [int(p.communicate()[0]) for p in racing]
    assert sum(won) == 40
    assert [p.returncode for p in racing] == [0] * 4


def test_threads_racing_for_one_event(state: State) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda i: state.first_seen(f"Ev{i % 10}"), range(80)))
    assert sum(won) == 10
    assert state.forget_events(datetime.now(UTC) + timedelta(seconds=1)) == 10
    assert state.first_seen("Ev0")


def test_people(state: State) -> None:
    made = state.add_user("Ann", "rep", email="Ann@Firm.example ", slack="U1", accounts="C1,C2")
    assert (made.email, made.slack, made.accounts) == ("ann@firm.example", "U1", "C1,C2")
    assert made.created.tzinfo is not None
    changed = state.add_user("Ann", "manager")
    assert (changed.role, changed.slack, changed.accounts, changed.created) == ("manager", "U1", "C1,C2", made.created)
    state.add_user("Bob", "rep")
    assert state.user_of_slack("U1") == state.user_of_email("ANN@firm.example") == changed
    assert state.user_of_slack("U9") is state.user("Cy") is None
    assert [u.name for u in state.users()] == ["Ann", "Bob"]
    assert state.user("Bob") == state.users()[1]
    for other in ({"slack": "U1"}, {"email": "ann@firm.EXAMPLE"}):
        with pytest.raises(BadQuestion) as refused:
            state.add_user("Bob", "rep", **other)
        assert refused.value.code == "taken"


def test_nobody_is_found_by_nothing(state: State) -> None:
    state.add_user("Bob", "rep", email="", slack="")
    assert state.user_of_email("") is state.user_of_slack("") is state.user_of_token("") is None


def test_tokens(state: State) -> None:
    with pytest.raises(UnknownName):
        state.new_token("Ann")
    ann = state.add_user("Ann", "rep")
    token, second = state.new_token("Ann"), state.new_token("Ann")
    with state.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM tokens").all()
    assert token not in str(kept)
    assert state.user_of_token(token) == ann
    assert state.revoke_token(token)
    assert not state.revoke_token(token)
    assert state.user_of_token(token) is None
    assert state.user_of_token(second) == ann
    assert state.revoke_tokens_of("Ann") == 1
    assert state.user_of_token(second) is None


def test_a_conversation_is_seen_by_its_principal_only(state: State) -> None:
    for n in range(25):
        state.remember("T1", "Ann", {"n": n, "name": "Müller"}, f"question {n}\0", f"a{n}")
    state.remember("T1", "Bob", {"n": "bob"}, "mine", "b")
    assert [c["n"] for c in state.recall("T1", "Ann")] == list(range(24, 4, -1))
    assert state.recall("T1", "Bob") == [{"n": "bob"}]
    assert state.recall("T1", "Cy") == state.recall("T2", "Ann") == []


def test_answers_audit_and_preferences(state: State) -> None:
    answer = {
        "id": "A1",
        "status": "answered",
        "text": "12 orders",
        "figures": [{"value": 12, "as_of": datetime(2025, 1, 2, tzinfo=UTC)}],
        "plan": {"operation": "value"},
        "snapshot": "S1",
    }
    state.log_answer(answer, "Ann", "rep", None, "How many?")
    state.log_answer(answer | {"text": "13 orders"}, "Eve", "rep", None, "How many?")
    kept = state.answer("A1")
    assert kept is not None
    assert (kept["text"], kept["principal"], kept["snapshot"]) == ("12 orders", "Ann", "S1")
    assert kept["figures"] == [{"value": 12, "as_of": "2025-01-02T00:00:00+00:00"}]
    assert state.answer("A2") is None
    for n in range(3):
        state.audit("Ann", "rep", "export", {"n": n})
    assert [e.detail["n"] for e in state.audit_log(limit=2)] == [2, 1]
    assert state.preference("Ann", "fill_rate") is None
    state.set_preference("Ann", "fill_rate", "line")
    state.set_preference("Ann", "fill_rate", {"variant": "unit"})
    assert state.preference("Ann", "fill_rate") == {"variant": "unit"}
    assert state.preference("Bob", "fill_rate") is None


def test_decisions_labels_and_subscriptions(state: State) -> None:
    assert state.decisions_revision() == 0
    first = state.decide("rename", {"theme": "T1", "name": "Late delivery"}, "Quinn")
    second = state.decide("merge", {"from": "T2", "into": "T1"}, "Quinn")
    assert state.decisions_revision() == second > first
    assert [d.kind for d in state.decisions()] == ["rename", "merge"]
    assert [d.payload["into"] for d in state.decisions(since=first)] == ["T1"]
    with pytest.raises(BadQuestion):
        state.decide("drop", {}, "Quinn")
    state.correct("F1", 0, 12, "Quinn", aspect="delivery", sentiment=-1)
    assert [(label.aspect, label.sentiment, label.end) for label in state.labels()] == [("delivery", -1, 12)]
    number = state.subscribe("Ann", "metric", "otd", {"every": "day"}, "D1")
    assert [s.id for s in state.subscriptions("Ann")] == [number]
    assert state.subscriptions("Bob") == []
    at = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [state.sent(number, at, None), state.sent(number, at, None)] == [True, False]
    assert state.sent(number, at + timedelta(days=1), state.subscriptions()[0].last_sent)
    assert not state.unsubscribe(number, "Bob")
    assert state.unsubscribe(number, "Ann")


def test_work_is_claimed_once_and_comes_back_when_its_claimer_dies(state: State) -> None:
    numbers = [state.enqueue("ask", {"n": n}) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        claimed = [w for w in pool.map(lambda _: state.claim("ask"), range(8)) if w]
    assert sorted(w.id for w in claimed) == numbers
    assert state.claim("ask") is state.claim("other") is None
    for one in claimed[1:]:
        state.finish(one.id)
    assert state.pending("ask") == 1
    again = state.claim("ask", lease=timedelta(0))
    assert again is not None
    assert (again.id, again.attempts) == (claimed[0].id, 2)
    assert state.renew(again.id, 2)
    assert not state.renew(again.id, 1)
    state.finish(again.id, attempts=1)  # whoever lost it ends nothing of who has it now, or what was to be sent is lost
    state.give_up(again.id, attempts=1)
    assert state.renew(again.id, 2)
    state.give_up(again.id, attempts=2)
    third = state.claim("ask")
    assert third is not None
    assert third.attempts == 3
    assert state.claim("ask", lease=timedelta(0), attempts=3) is None
    assert state.pending("ask") == 0


def test_small_things_are_kept_by_name(state: State) -> None:
    state.keep("code", "1234", {"user": "Ann"}, within=timedelta(minutes=5))
    state.keep("code", "old", {"user": "Bob"}, within=timedelta(seconds=-1))
    assert state.kept("code", "1234") == {"user": "Ann"}
    assert state.kept("code", "old") is state.kept("other", "1234") is None
    assert state.keep_first("once", "a", 1)
    assert not state.keep_first("once", "a", 2)
    assert state.keep_first("code", "old", {"user": "Cy"}, within=timedelta(minutes=5))
    assert state.all_kept("code") == {"1234": {"user": "Ann"}, "old": {"user": "Cy"}}
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: state.take("code", "1234"), range(8)))
    assert [t for t in taken if t] == [{"user": "Ann"}]
    assert state.forget("once", "a")
    assert not state.forget("once", "a")


def test_processes_share_a_postgres(postgres: str) -> None:
    open_state(postgres).close()
    code = (
        "import sys; from knowledge.state import open_state; s = open_state(sys.argv[1]);"
        "print(sum(s.enqueue('shared', {'n': i}, event=f'Sh{i}') is not None for i in range(40)))"
    )
    racing = [run(code, postgres) for _ in range(3)]
    assert sum(int(p.communicate()[0]) for p in racing) == 40
    work = "import sys; from knowledge.state import open_state; s = open_state(sys.argv[1]); n = 0\nwhile (w := s.claim('shared')): n += 1; s.finish(w.id)\nprint(n)"
    claiming = [run(work, postgres) for _ in range(3)]
    assert sum(int(p.communicate()[0]) for p in claiming) == 40


def test_an_event_and_its_work_are_stored_together(state: State) -> None:
    assert state.enqueue("ask", {"n": 1}, event="Ev1") is not None
    assert state.enqueue("ask", {"n": 1}, event="Ev1") is None
    assert state.pending("ask") == 1


def test_answers_are_kept_as_long_as_is_said(state: State) -> None:
    said = {"status": "answered", "text": "12", "figures": [], "snapshot": "s1", "plan": {}}
    for number in ("a1", "a2"):
        state.log_answer({**said, "id": number, "snapshot": number}, "Ann", "rep", "c", "How many?")
        state.remember("c", "Ann", {"n": number}, "How many?", number)
        if number == "a1":
            time.sleep(0.05)
            between = datetime.now(UTC)
            time.sleep(0.05)
    assert state.forget_answers(between - timedelta(days=1)) == 0
    assert state.forget_answers(between) == 1
    assert (state.answer("a1"), state.snapshots_named()) == (None, {"a2"})
    assert state.answer("a2") is not None
    assert [c["n"] for c in state.recall("c", "Ann")] == ["a2"]
    assert [e.detail["answer"] for e in state.audit_log()] == ["a2", "a1"]
    assert state.audit_chain().broken is None


def test_what_is_undone_is_no_longer_in_force_and_can_be_decided_again(state: State) -> None:
    first = state.decide("rename", {"theme_id": "T1", "name": "Late"}, "quinn")
    merge = state.decide("merge", {"theme_ids": ["T2"], "into": "T1"}, "quinn")
    state.decide("undo", {"of": merge}, "max")
    again = state.decide("merge", {"theme_ids": ["T3"], "into": "T1"}, "max")
    assert [d.id for d in in_force(state.decisions())] == [first, again]
    assert state.decisions_revision() == again
