"""`rapport user`: what is not given stays, selectors are checked, tokens run out and end; the log tells of all of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from integrations.cli.app import app
from knowledge.errors import RapportError
from knowledge.state import State, open_state
from knowledge.state.tables import tokens
from tests.support import workspace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    customers = pd.DataFrame(
        {
            "customer_id": ["C1", "C2", "C3"],
            "name": ["Acme", "Bolt", "Cove"],
            "region": ["north", "north", "south"],
            "account_owner": ["Kim", "Lee", None],
        }
    )
    made = workspace(tmp_path / "home", {"customers": customers}, "2026-03-31")
    (made / "rapport.toml").write_text('[teams]\nnorth = ["Kim"]\n', encoding="utf-8")
    return made


def user(home: Path, *words: str) -> Any:
    done = CliRunner().invoke(app, ["user", *words, "--workspace", str(home), "--json"], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.stdout)


def state(home: Path) -> State:
    return open_state(home)


def test_what_is_not_given_stays_as_it_was(home: Path) -> None:
    user(home, "add", "Max", "--role", "rep", "--accounts", "C1,C2", "--email", "max@firm.example")
    assert user(home, "add", "Max", "--role", "manager")["accounts"] == "C1,C2"
    assert user(home, "add", "Max", "--slack", "U1")["role"] == "manager"
    found = state(home).user("Max")
    assert found is not None
    assert (found.accounts, found.email, found.slack, found.role) == ("C1,C2", "max@firm.example", "U1", "manager")


@pytest.mark.parametrize("rule", ["C9", "C1,C9", "region=west", "planet=mars", "team=moon", "", ",", "ALL "])
def test_a_selector_that_selects_nothing_is_refused(home: Path, rule: str) -> None:
    with pytest.raises(RapportError):
        user(home, "add", "Max", "--role", "rep", "--accounts", rule)
    assert state(home).user("Max") is None


def test_nobody_sees_every_account_by_silence(home: Path) -> None:
    done = CliRunner().invoke(app, ["user", "add", "Max", "--role", "rep", "--workspace", str(home)])
    assert done.exit_code == 2
    assert "somebody new needs --accounts" in " ".join(done.output.split())
    assert state(home).user("Max") is None


@pytest.mark.parametrize(("rule", "sees"), [("all", None), ("own", 0), ("C1,C2", 2), ("region=North", 2), ("team=north", 1)])
def test_a_selector_says_how_many_it_selects(home: Path, rule: str, sees: int | None) -> None:
    assert user(home, "add", "Max", "--role", "rep", "--accounts", rule)["sees"] == sees


@pytest.mark.parametrize(
    "email", ["max", "max@firm.example\nBcc: eve@x.example", "a b@firm.example", "max@firm.example,eve@x.example"]
)
def test_an_address_is_one_address(home: Path, email: str) -> None:
    with pytest.raises(RapportError):
        user(home, "add", "Max", "--role", "rep", "--accounts", "all", "--email", email)


def test_tokens_are_listed_run_out_and_are_ended(home: Path) -> None:
    user(home, "add", "Max", "--role", "rep", "--accounts", "C1")
    first, second = user(home, "token", "Max")["token"], user(home, "token", "Max", "--days", "30")["token"]
    listed = user(home, "list")[0]["tokens"]
    assert len(listed) == 2
    assert not any(first[4:] in json.dumps(t) or second[4:] in json.dumps(t) for t in listed)
    user(home, "token", "Max", "--revoke", next(t["id"] for t in listed if t["expires"] is None))
    kept = state(home)
    assert kept.user_of_token(first) is None
    assert kept.user_of_token(second) is not None
    with kept.database.writing() as connection:
        connection.execute(sa.update(tokens).values(expires=datetime.now(UTC) - timedelta(seconds=1)))
    assert kept.user_of_token(second) is None
    with pytest.raises(RapportError):
        user(home, "token", "Max", "--revoke", "%%%%%%%%")


def test_whoever_is_removed_is_let_in_no_more(home: Path) -> None:
    user(home, "add", "Max", "--role", "rep", "--accounts", "C1")
    token = user(home, "token", "Max")["token"]
    state(home).subscribe("Max", "digest", "", {"every": "week"}, "web")
    assert user(home, "remove", "Max") == {"removed": "Max"}
    assert state(home).user_of_token(token) is None
    assert state(home).subscriptions() == []
    with pytest.raises(RapportError):
        user(home, "remove", "Max")


def test_the_log_tells_what_was_done_to_people(home: Path) -> None:
    user(home, "add", "Max", "--role", "rep", "--accounts", "C1")
    user(home, "token", "Max")
    user(home, "remove", "Max")
    assert [e.action for e in reversed(state(home).audit_log(10))] == ["user", "token", "user removed"]
    assert state(home).audit_chain().broken is None
