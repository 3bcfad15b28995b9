"""Seeded faults: files cut off, removed and overwritten; processes killed at any moment; a full and a read-only disk.

After each the workspace answers from whole data, or says in words what is wrong; nothing that was loaded is lost. RAPPORT_SEEDS
says how many seeds (few here, a hundred in `make soak`)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from assistant.questions import Turn
from integrations.doctor import examine
from integrations.live import Live
from integrations.upkeep import imports, snapshots
from knowledge.access import Scope
from knowledge.errors import RapportError, Unavailable
from knowledge.ingest import import_files
from knowledge.lock import writing
from knowledge.mapping import load_mapping
from knowledge.state import open_state
from knowledge.tables import Store
from tests.integrations.serving import copied, served

SEEDS = int(os.environ.get("RAPPORT_SEEDS", "6"))
RUN = (sys.executable, "-c", "from integrations.cli import main; main()")
ROOT = Path(__file__).resolve().parents[2]


def harm(home: Path, chance: random.Random) -> str:
    """Does something to one file; gives what."""
    files = [
        p
        for p in sorted(home.rglob("*"))
        if p.is_file() and p.name not in (".lock", ".state.lock") and "state.db" not in p.name
    ]
    path, deed = chance.choice(files), chance.choice(("cut", "gone", "noise", "empty"))
    raw = path.read_bytes()
    if deed == "cut":
        path.write_bytes(raw[: chance.randrange(len(raw) or 1)])
    elif deed == "gone":
        path.unlink()
    elif deed == "noise":
        path.write_bytes(chance.randbytes(len(raw) or 8))
    else:
        path.write_bytes(b"")
    return f"{deed} {path.relative_to(home)}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_damaged_file_is_survived_or_told_in_words(company: Path, tmp_path: Path, seed: int) -> None:
    home, chance = copied(company, tmp_path), random.Random(seed)
    scope = Scope.of_role("manager")
    live = Live(home)
    whole = {q: live.reply(Turn(q, scope)).text for q in ("orders in 2026", "what are customers complaining about?")}
    live.close()
    told = [harm(home, chance) for _ in range(chance.randint(1, 3))]
    assert all(f.what for f in examine(home)), told
    imports(home)
    snapshots(home)
    for question, before in whole.items():
        try:
            live = Live(home)
            try:
                said = live.reply(Turn(question, scope))
            finally:
                live.close()
        except RapportError:  # told in words
            continue
        assert said.status in ("answered", "no_data", "out_of_scope"), told
        if said.status == "answered":
            assert said.text == before, told


def orders_of(home: Path) -> int:
    store = Store(home / "tables")
    return store.version("customers").rows if store.exists("customers") else 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_import_that_is_killed_is_there_or_not_at_all(tmp_path: Path, seed: int) -> None:
    chance, home = random.Random(seed), tmp_path / "home"
    first, second = tmp_path / "customers.csv", tmp_path / "more" / "customers.csv"
    second.parent.mkdir()
    pd.DataFrame({"customer_id": [f"A{n}" for n in range(500)], "name": "x"}).to_csv(first, index=False)
    pd.DataFrame({"customer_id": [f"B{n}" for n in range(20_000)], "name": "y"}).to_csv(second, index=False)
    import_files(home, load_mapping("canonical"), [first])
    running = subprocess.Popen(
        [*RUN, "import", "--mapping", "canonical", str(second), "--workspace", str(home)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(chance.uniform(0.3, 4.0))
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert orders_of(home) in (500, 20_500)
    import_files(home, load_mapping("canonical"), [second])
    assert orders_of(home) == 20_500
    assert not [f for f in examine(home) if f.state == "wrong" and "Encoder" not in f.what]


def test_two_imports_at_once_are_one_after_the_other(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "customers.csv"
    file.write_text("customer_id,name\nC1,Acme\n", encoding="utf-8")
    with writing(home), pytest.raises(RapportError) as err:
        import_files(home, load_mapping("canonical"), [file])
    assert err.value.code == "busy"
    import_files(home, load_mapping("canonical"), [file])
    assert orders_of(home) == 1


def test_a_disk_that_is_full_leaves_what_was(company: Path, tmp_path: Path) -> None:
    """A file size limit stands for a full disk: writing fails in the middle of the tables."""
    home = copied(company, tmp_path)
    before = orders_of(home)
    file = tmp_path / "customers.csv"
    pd.DataFrame(
        {"customer_id": [f"Z{n}" for n in range(30_000)], "name": "a name that is long enough to take some room"}
    ).to_csv(file, index=False)
    limited = f"ulimit -f 40; exec {sys.executable} -c 'from integrations.cli import main; main()' import --mapping canonical {file} --workspace {home}"
    done = subprocess.run(["bash", "-c", limited], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert orders_of(home) in (before, before + 30_000)
    live = Live(home)
    assert live.reply(Turn("orders in 2026", Scope.of_role("manager"))).status == "answered"
    live.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_disk_that_cannot_be_written_is_told(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    home.chmod(0o500)
    try:
        with pytest.raises(RapportError):
            open_state(home)
    finally:
        home.chmod(0o700)


def test_a_torn_state_file_is_told_in_words(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    for content in (b"not a database, but long enough to look at" * 100, b"SQLite format 3\0" + b"\xff" * 5000):
        (home / "state.db").write_bytes(content)
        with pytest.raises(RapportError) as err:
            open_state(home)
        assert err.value.message
        assert any(f.state == "wrong" for f in examine(home))
        shutil.rmtree(home / "state.db", ignore_errors=True)


def test_a_clock_that_jumps_neither_repeats_nor_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime, timedelta

    from knowledge.state import queue

    state, moment = open_state(tmp_path), datetime.now(UTC)
    number = state.enqueue("k", {}, event="e1")
    for jump in (timedelta(days=-400), timedelta(days=400), timedelta(0)):
        monkeypatch.setattr(queue, "now", lambda jump=jump: moment + jump)
        assert state.enqueue("k", {}, event="e1") is None
    work = state.claim("k")
    assert work is not None
    assert work.id == number
    state.finish(work.id)
    assert state.claim("k") is None


def test_noise_inside_a_table_is_told_by_every_door(company: Path, tmp_path: Path) -> None:
    """Head and tail are whole, so that the snapshot passes for whole too until the rows are read."""
    with served(copied(company, tmp_path)) as up, up.client() as client:
        home = up.live.folder
        for file in (home / "tables" / "orders").glob("*.parquet"):
            raw, to = file.read_bytes(), file.stat().st_size * 3 // 4
            file.write_bytes(raw[:100] + random.Random(1).randbytes(to - 100) + raw[to:])
        reply = client.post("/api/v1/query", json={"metric": "orders"})
        assert (reply.status_code, reply.json()["code"]) == (503, "unavailable"), reply.text
        assert "missing or damaged" in reply.text
        with pytest.raises(Unavailable, match="missing or damaged"):
            up.live.reply(Turn("orders in 2026", Scope.of_role("manager")))
    for told in (["ask", "orders in 2026"], ["query", "orders"], ["brief", "Acme Industrial"]):
        done = subprocess.run([*RUN, *told, "--workspace", str(home)], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 3, done
        assert "Traceback" not in done.stdout + done.stderr
        assert "missing or damaged" in " ".join((done.stdout + done.stderr).split()), done
    assert any(f.state == "wrong" and "`orders`" in f.what for f in examine(home))
