"""A server that has been up for a moment keeps nobody waiting for what is made once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from assistant.engine import KINDS
from assistant.questions import Turn
from integrations import panels
from integrations.live import Live
from integrations.prepared import Prepared
from integrations.upkeep_panels import Ahead
from integrations.wiring import Workspace
from knowledge.access import ROLE_RIGHTS, Scope
from knowledge.errors import NoData
from knowledge.snapshot import current
from tests.integrations.serving import Served, copied, served


@pytest.mark.slow
def test_what_words_may_mean_is_looked_up_before_the_first_question(company: Path, tmp_path: Path) -> None:
    from assistant.reader.meaning import RECORDS, learned_reader

    assert set(RECORDS) == set(KINDS)
    learned_reader.cache_clear()
    live = Live(copied(company, tmp_path))
    live.prepare()
    learned = learned_reader()
    end = time.monotonic() + 300
    while len(learned._shelves) < len(KINDS):
        assert time.monotonic() < end
        time.sleep(0.1)
    live.reply(Turn("orders in 2026", Scope.of_role("manager")))
    began = time.process_time()
    said = live.reply(Turn("acme revenue", Scope.of_role("manager")))
    assert said.status in ("clarify", "answered")
    assert time.process_time() - began < 3  # it was eleven
    live.close()


@pytest.fixture(scope="module")
def door(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(copied(company, tmp_path_factory.mktemp("prepared"))) as up:
        yield up


def there(client: httpx.Client) -> httpx.Response:
    """The panel, asked for until it is made."""
    end = time.monotonic() + 120
    while (got := client.get("/api/v1/home/attention")).status_code == 202:
        assert time.monotonic() < end
        time.sleep(float(got.headers["Retry-After"]) / 10)
    return got


@pytest.mark.parametrize("name", ["Max", "Rita"])
def test_nobody_is_kept_waiting_for_a_panel_that_takes_long(door: Served, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, go_on, make = [], Event(), panels.portfolio

    def slow(home: Workspace, scope: Scope) -> dict[str, Any]:
        made.append(scope.principal)
        assert go_on.wait(60)
        return make(home, scope)

    monkeypatch.setattr(panels, "portfolio", slow)
    monkeypatch.setattr("integrations.web.home.PATIENCE", 0.05)
    with door.client(name) as client:
        for _ in range(3):
            told = client.get("/api/v1/home/attention")
            assert (told.status_code, told.json()) == (202, {"coming": True})
        assert client.get("/api/v1/home").status_code == 200  # meanwhile all else is served
        go_on.set()
        found = there(client)
    assert found.status_code == 200
    assert [s["key"] for s in found.json()["sections"]][:2] == ["who", "attention"]
    assert len(made) == 1


def test_what_was_made_ahead_is_there_at_the_first_call(company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = copied(company, tmp_path)
    said: list[str] = []
    panels.after_build(home, said.append)
    assert [s for s in said if "attention" in s] == [f"{r}: accounts that need attention" for r in panels.ROLES]

    def never(*_: object) -> dict[str, Any]:
        raise AssertionError("it was made already")

    monkeypatch.setattr(panels, "portfolio", never)
    with served(home) as up:
        for name in ("Ann", "Max", "Quinn"):
            with up.client(name) as client:
                assert client.get("/api/v1/home/attention").json()["sections"], name


def test_a_panel_that_cannot_be_made_says_so_and_is_tried_again(company: Path, tmp_path: Path) -> None:
    live, kept = Live(copied(company, tmp_path)), Prepared()
    snapshot, scope = current(live.folder), Scope.of_role("manager")

    def fails() -> int:
        raise NoData("Nothing there.")

    with pytest.raises(NoData):
        kept.soon(snapshot, scope, "x", fails, 10)
    assert kept.soon(snapshot, scope, "x", lambda: 7, 10) == 7
    assert kept.soon(snapshot, scope, "x", fails, 10) == 7
    assert kept.soon(snapshot, Scope("rita", "rep", frozenset({"C-1001"}), scope.rights), "x", lambda: 8, 10) == 8
    live.close()


def test_what_one_reads_for_a_brief_is_read_for_all_with_the_same_rights(company: Path, tmp_path: Path) -> None:
    briefs = Workspace(copied(company, tmp_path)).briefs()
    first, _ = briefs.book(Scope("mia", "manager", None, ROLE_RIGHTS["manager"]))
    names = first.kept("something read", lambda: ["once"])
    again, _ = briefs.book(Scope("ann", "admin", None, ROLE_RIGHTS["admin"]))
    assert again.kept("something read", lambda: ["twice"]) is names
    assert (first.reader.scope.principal, again.reader.scope.principal) == ("mia", "ann")
    assert again.customers is first.customers
    shown = frozenset(sorted(first.customers)[:2])
    for other in (Scope("rita", "rep", shown, ROLE_RIGHTS["rep"]), Scope("rob", "rep", None, ROLE_RIGHTS["rep"])):
        book, _ = briefs.book(other)
        assert book.kept("something read", lambda: ["for them"]) == ["for them"]
    limited, _ = briefs.book(Scope("rita", "rep", shown, ROLE_RIGHTS["rep"]))
    assert set(limited.customers) == shown


def test_what_briefs_are_made_from_is_read_before_anybody_opens_one(company: Path, tmp_path: Path) -> None:
    live = Live(copied(company, tmp_path))
    live.state.add_user("Max", "manager", accounts="all")
    live.state.add_user("Rita", "rep", accounts="own")
    ahead = Ahead(live, Prepared())
    ahead.tick()
    assert ahead._running is not None
    ahead._running.wait(300)
    ahead.tick()

    def never() -> None:
        raise AssertionError("it was read already")

    book, _ = live.briefs.book(Scope("mia", "manager", None, ROLE_RIGHTS["manager"]))
    book.kept("part: core", never)
    assert len(live.briefs._books) == 1, "of nobody else's rights"
    live.close()
