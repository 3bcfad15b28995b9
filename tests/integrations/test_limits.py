"""What a caller may cost: bodies, seconds, connections and waiting are bounded, and who comes too many is told when to come again."""

from __future__ import annotations

import gzip
import io
import random
import socket
import string
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from uvicorn import Server

from assistant.questions import Turn
from integrations import live as living
from integrations.live import Live
from integrations.web import bounded, listening
from integrations.web.app import create_app
from knowledge.access import Scope
from knowledge.errors import Overloaded
from tests.integrations.serving import Served, copied, served
from tests.integrations.test_rest import frame, problem


@contextmanager
def as_served(live: Live) -> Iterator[tuple[str, int]]:
    """The app behind the listener of `rapport serve`."""
    server = Server(listening.config(create_app(live), "127.0.0.1", 0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join(10)


def test_a_connection_without_a_request_is_closed(rest: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEADERS_WITHIN", 0.5)
    with as_served(rest.live) as place:
        sockets = [socket.create_connection(place) for _ in range(40)]
        for n, one in enumerate(sockets):
            one.settimeout(20)
            if n % 2:
                one.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nX-A: ")
        for one in sockets:
            with suppress(ConnectionResetError):
                assert one.recv(1000) == b""
            one.close()
        assert httpx.get(f"http://{place[0]}:{place[1]}/healthz", timeout=20).status_code == 200


def test_a_large_body_of_a_stranger_is_not_read(rest: Served) -> None:
    place = urlsplit(rest.url)
    with socket.create_connection((place.hostname, place.port)) as one:
        one.settimeout(30)
        one.sendall(b"POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nContent-Length: 400000000\r\n\r\n")
        said = one.recv(4000)
    assert b" 401 " in said.split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("path", "size"),
    [("/api/v1/ask", 300_000), ("/api/v1/query", 300_000), ("/api/v1/feedback/batch", 21_000_000), ("/mcp", 1_100_000)],
)
def test_a_body_has_a_size(rest: Served, path: str, size: int) -> None:
    with rest.client("Rita") as rita:
        assert problem(rita.post(path, content=b"x" * size)) == (413, "too_large")


def test_a_stranger_sends_no_stream_without_end(rest: Served) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 1000

    with rest.client(None) as stranger:
        got = stranger.post("/api/v1/ask", content=endless())
    assert got.status_code in (401, 413)


def test_a_body_that_does_not_come_is_not_waited_for(rest: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "PART", 0.5)
    place = urlsplit(rest.url)
    with socket.create_connection((place.hostname, place.port)) as one:
        one.settimeout(30)
        one.sendall(
            f"POST /api/v1/ask HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {rest.tokens['Rita']}\r\nContent-Length: 100\r\n\r\n{{".encode()
        )
        assert b" 408 " in one.recv(4000).split(b"\r\n")[0]


def test_past_capacity_some_are_told_to_come_again(company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "MOST_WAITING", 5)
    live = Live(copied(company, tmp_path), desks=1)
    scope = Scope.of_role("manager")
    live.reply(Turn("revenue in 2026", scope))

    def one(_: int) -> str:
        try:
            return live.reply(Turn("revenue in 2026", scope)).status
        except Overloaded as err:
            return "overloaded" if 1 <= err.wait <= 60 else "no time"

    with ThreadPoolExecutor(30) as pool:
        said = Counter(pool.map(one, range(30)))
    assert set(said) == {"answered", "overloaded"}
    assert live.reply(Turn("revenue in 2026", scope)).status == "answered"
    live.close()


def test_who_waits_too_long_is_told_too(company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "PATIENCE", 0.2)
    live = Live(copied(company, tmp_path), desks=1)
    heard: list[str] = []
    with live.desk(), ThreadPoolExecutor(1) as pool:
        other = pool.submit(lambda: live.reply(Turn("revenue in 2026", Scope.of_role("manager")), heard.append))
        with pytest.raises(Overloaded):
            other.result(20)
    assert heard[0] == "waiting, you are next"
    live.close()


@pytest.mark.parametrize("path", ["/api/v1/ask", "/mcp"])
def test_who_asks_without_pause_is_told_to_wait(company: Path, tmp_path: Path, path: str) -> None:
    home = copied(company, tmp_path)
    (home / "rapport.toml").write_text("requests_per_minute = 20\n", encoding="utf-8")
    with served(home) as up, up.client("Rita") as rita:
        body = {"question": "thanks"} if path.endswith("ask") else {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        got = [rita.post(path, json=body, headers={"Accept": "application/json, text/event-stream"}) for _ in range(30)]
        codes = Counter(r.status_code for r in got)
        late = next(r for r in got if r.status_code == 429)
        assert 10 <= codes[200] <= 15
        assert set(codes) == {200, 429}
        assert int(late.headers["retry-after"]) >= 1
        assert problem(late) == (429, late.json()["code"])


def test_a_question_costs_no_more_than_seconds(rest: Served) -> None:
    """Two thousand characters of what means nothing, of what means much, and of names that are almost names."""
    chance = random.Random(4)
    names = list(frame(rest, "customers")["name"])
    words = ["".join(chance.choice(string.ascii_lowercase) for _ in range(chance.randint(3, 9))) for _ in range(240)]
    full = (
        "revenue",
        "orders",
        "by",
        "region",
        "and",
        "late",
        "not",
        "in",
        "2026",
        "of",
        "customers",
        "with",
        "more",
        "than",
        "3",
        "complaints",
    )
    long = [
        " ".join(words),
        " ".join(chance.choice(full) for _ in range(280)),
        " and ".join(n[:-1] for n in names)[:2000],
        "revenue of " + ", ".join(names)[:1900],
        "why " * 499,
        "(" * 1000 + ")" * 1000,
    ]
    with rest.client("Max") as manager:
        manager.post("/api/v1/ask", json={"question": "revenue in 2026"})
        for question in long:
            began = time.process_time()
            got = manager.post("/api/v1/ask", json={"question": question[:2000]})
            assert got.status_code == 200, got.text
            assert got.json()["status"] != "error"
            assert time.process_time() - began < 8, (question[:80], time.process_time() - began)  # all threads of this process


@pytest.mark.parametrize("name", ["bomb.zip", "customers.csv.gz", "book.xlsx"])
def test_a_small_file_does_not_become_a_large_one(rest: Served, name: str) -> None:
    raw, out = b"0" * 300_000_000, io.BytesIO()
    if name.endswith(".gz"):
        out.write(gzip.compress(raw, 1))
    else:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("customers.csv", raw)
    with rest.client("Ann") as ann:
        got = ann.post("/api/v1/imports", files={"files": (name, out.getvalue())}, data={"mapping": "canonical"})
    assert problem(got) == (422, "expands")
