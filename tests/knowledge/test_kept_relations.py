"""What is kept in memory stays within its bytes, and nobody who holds an expression is in for an error."""

from __future__ import annotations

import gc

import ibis
import pytest

from knowledge.kept_relations import KeptRelations

ROWS = 50_000


@pytest.fixture
def backend() -> ibis.backends.duckdb.Backend:
    made = ibis.duckdb.connect()
    made.raw_sql(f"CREATE TABLE source AS SELECT range AS a, 'text ' || range AS b FROM range({ROWS})")
    return made


def in_memory(backend: ibis.backends.duckdb.Backend) -> int:
    gc.collect()
    rows = backend.raw_sql("SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'").fetchall()
    return int(rows[0][0])


def test_many_scopes_leave_the_memory_flat_and_raise_nothing(backend: ibis.backends.duckdb.Backend) -> None:
    source = backend.table("source")
    one = in_memory(backend)
    kept = KeptRelations(backend, room=4 * one)
    for scope in range(300):
        found = kept.get(scope, lambda: source, now=True)
        assert found is not None
        assert found.count().execute() == ROWS
        assert kept.bytes <= 4 * one
    kept.get("last", lambda: source.limit(1), now=True)
    assert in_memory(backend) <= 7 * one


def test_an_expression_outlives_the_eviction_of_what_it_was_made_from(backend: ibis.backends.duckdb.Backend) -> None:
    source = backend.table("source")
    kept = KeptRelations(backend, room=in_memory(backend) + 1_000_000)
    found = kept.get("first", lambda: source, now=True)
    assert found is not None
    held = found.filter(found.a < 10).b
    del found
    for n in range(20):
        kept.get(n, lambda: source, now=True)
    assert sorted(held.execute())[:2] == ["text 0", "text 1"]


def test_what_has_no_room_is_answered_without_being_kept(backend: ibis.backends.duckdb.Backend) -> None:
    kept = KeptRelations(backend, room=1000)
    assert kept.get("large", lambda: backend.table("source"), now=True) is None
    assert kept.bytes == 0
    made: list[int] = []
    for _ in range(5):
        assert kept.get("large", lambda: made.append(1) or backend.table("source"), now=True) is None
    assert not made


def test_it_is_kept_from_the_third_time_on(backend: ibis.backends.duckdb.Backend) -> None:
    kept = KeptRelations(backend, room=100_000_000)
    found = [kept.get("a", lambda: backend.table("source")) for _ in range(4)]
    assert [f is None for f in found] == [True, True, False, False]
