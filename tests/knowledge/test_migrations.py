"""State of every version released so far is brought to this one, with all that is in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import knowledge.state
from knowledge.state import open_state
from knowledge.state.database import Database, _engine
from knowledge.state.tables import HEAD, REVISIONS

MIGRATIONS = Path(knowledge.state.__file__).parent / "migrations"


def written_by(revision: str, home: Path) -> None:
    """A state of that revision with a person, a token, work and two entries of the log."""
    import sqlalchemy as sa

    database = Database(_engine(sa.URL.create("sqlite", database=str(home / "state.db"))))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.engine.dispose()
    at = "2026-01-02 03:04:05.000000"
    with closing(sqlite3.connect(home / "state.db")) as raw:
        raw.execute("INSERT INTO users (name, role, accounts, created) VALUES ('Ann', 'rep', 'C1', ?)", [at])
        raw.execute("INSERT INTO tokens (digest, user, created) VALUES ('d', 'Ann', ?)", [at])
        raw.execute("INSERT INTO work (kind, payload, state, attempts, created) VALUES ('k', '{}', 'waiting', 0, ?)", [at])
        for n in range(2):
            raw.execute(
                "INSERT INTO audit (at, principal, role, action, detail) VALUES (?, 'Ann', 'rep', 'opinion', ?)",
                [at, f'{{"n": {n}}}'],
            )
        raw.commit()


@pytest.mark.parametrize("revision", sorted(REVISIONS - {HEAD}))
def test_a_former_state_is_brought_to_this_version(revision: str, tmp_path: Path) -> None:
    written_by(revision, tmp_path)
    state = open_state(tmp_path)
    found = state.user("Ann")
    assert found is not None
    assert found.accounts == "C1"
    assert len(state.tokens_of("Ann")) == 1
    assert state.claim("k") is not None
    assert [e.detail["n"] for e in state.audit_log()] == [1, 0]
    assert (state.audit_chain().entries, state.audit_chain().broken) == (2, None)
    state.audit("Ann", "rep", "answer", {})
    assert state.audit_chain().broken is None
