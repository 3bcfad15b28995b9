"""Builds and servers that end at any moment, and everything at once: imports while it builds, questions while it builds, a server that is
killed while it is asked. The last good snapshot answers on, and nothing that was said to be done is lost.

RAPPORT_SEEDS says how many seeds (few here, a hundred in `make soak`)."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pandas as pd
import pytest

from assistant.questions import Turn
from integrations.build import build
from integrations.doctor import examine
from integrations.live import Live
from integrations.settings import load
from knowledge.access import Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.snapshot import current
from knowledge.state import open_state
from tests.integrations.serving import copied
from tests.integrations.slack.storm import free_port

SEEDS = int(os.environ.get("RAPPORT_SEEDS", "3"))
RUN = (sys.executable, "-c", "from integrations.cli import main; main()")
ROOT = Path(__file__).resolve().parents[2]
QUESTION, SCOPE = "orders in 2026", Scope.of_role("manager")


def started(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*RUN, *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def killed(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def said(home: Path) -> str:
    live = Live(home)
    try:
        return live.reply(Turn(QUESTION, SCOPE)).text
    finally:
        live.close()


def more_orders(home: Path, folder: Path, count: int) -> Path:
    """A file with orders of this year that are not there yet."""
    live = Live(home)
    with live.reading(SCOPE) as reader:
        customer = reader.frame("customers")["customer_id"].iloc[0]
        day = reader.snapshot.as_of.date()
    live.close()
    file = folder / "orders.csv"
    rows = [
        {"order_id": f"FAULT-{n}", "customer_id": customer, "ordered_at": f"{day}T01:00:00Z", "status": "open"}
        for n in range(count)
    ]
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def counted(text: str) -> int:
    return int("".join(c for c in text.split("**")[1] if c.isdigit()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_build_that_is_killed_leaves_the_last_snapshot(company: Path, tmp_path: Path, seed: int) -> None:
    home, chance = copied(company, tmp_path), random.Random(seed)
    before, served = said(home), current(home).id
    import_files(home, load_mapping("canonical"), [more_orders(home, tmp_path, 5)])
    running = started("build", "--workspace", str(home))
    time.sleep(chance.uniform(0.5, 15.0))
    killed(running)
    assert current(home).id == served or counted(said(home)) == counted(before) + 5
    if current(home).id == served:
        assert said(home) == before
    build(home, load(home))
    assert counted(said(home)) == counted(before) + 5
    assert not [f for f in examine(home) if f.state == "wrong" and "Encoder" not in f.what]


@pytest.mark.slow
def test_an_import_while_it_builds_is_in_the_next_one(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    before, file = counted(said(home)), more_orders(home, tmp_path, 7)
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(build, home, load(home), full=True)
        time.sleep(1.0)
        assert import_files(home, load_mapping("canonical"), [file]).loaded == 7
        assert not building.done()
        building.result(300)
    assert counted(said(home)) == before
    build(home, load(home))
    assert counted(said(home)) == before + 7


@pytest.mark.slow
def test_questions_are_answered_while_it_builds(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    before, file = counted(said(home)), more_orders(home, tmp_path, 3)
    import_files(home, load_mapping("canonical"), [file])
    live, stop, heard = Live(home), threading.Event(), []

    def asking() -> None:
        while not stop.is_set():
            answer = live.reply(Turn(QUESTION, SCOPE))
            heard.append((answer.status, counted(answer.text)))

    thread = threading.Thread(target=asking)
    thread.start()
    try:
        build(home, load(home))
        asked = len(heard)
        end = time.monotonic() + 60
        while len(heard) < asked + 3 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join()
        live.close()
    assert {s for s, _ in heard} == {"answered"}
    counts = [n for _, n in heard]
    assert counts == sorted(counts)  # the old snapshot, then the new one, and never back
    assert (counts[0], counts[-1]) == (before, before + 3)


@contextlib.contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = started("serve", "--port", str(port), "--workspace", str(home))
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError("never ready")
        yield process
    finally:
        killed(process)


@pytest.mark.slow
def test_a_server_that_is_killed_while_it_is_asked_loses_nothing_that_it_said(company: Path, tmp_path: Path) -> None:
    home, chance = copied(company, tmp_path), random.Random(1)
    state = open_state(home)
    state.add_user("Ann", "admin", accounts="all")
    token = state.new_token("Ann")
    state.close()
    told: list[str] = []
    for _ in range(SEEDS):
        port = free_port()
        with (
            serving(home, port) as process,
            httpx.Client(
                base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=60
            ) as client,
        ):

            def one(n: int, client: httpx.Client = client) -> None:
                with contextlib.suppress(httpx.HTTPError):
                    got = client.post("/api/v1/ask", json={"question": QUESTION, "conversation": f"c{n}"})
                    if got.status_code == 200:
                        told.append(got.json()["id"])

            with ThreadPoolExecutor(6) as pool:
                work = [pool.submit(one, n) for n in range(60)]
                time.sleep(chance.uniform(1.0, 4.0))
                killed(process)
                for item in work:
                    item.result(120)
    state = open_state(home)
    assert told
    assert [i for i in told if state.answer(i) is None] == []
    assert state.audit_chain().broken is None
    logged = {e.detail.get("answer") for e in state.audit_log(100_000)}
    assert set(told) <= logged
    state.close()
    assert json.dumps(sorted(f.state for f in examine(home))).count("wrong") <= 1  # the encoder's, where there is none
