"""`rapport backup` while questions are answered and state is written, and `restore`: the same answers, nothing put in place that is damaged."""

from __future__ import annotations

import json
import random
import shutil
import tarfile
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.questions import Turn
from integrations import backup
from integrations.cli.app import app
from integrations.live import Live
from knowledge import lock
from knowledge.access import Scope
from knowledge.errors import BadInput, RapportError, Unavailable
from knowledge.state import open_state
from tests.integrations.serving import copied


@pytest.fixture
def home(company: Path, tmp_path: Path) -> Path:
    made = copied(company, tmp_path)
    state = open_state(made)
    state.add_user("Ann", "admin")
    state.decide("rename", {"theme_id": "T001", "name": "Wet pallets"}, "Ann")
    state.close()
    return made


def test_it_comes_back_as_it_was_also_while_it_serves(home: Path, tmp_path: Path) -> None:
    live, file = Live(home), tmp_path / "b.tar.gz"
    scope = Scope.of_role("manager")
    before = live.reply(Turn("revenue by region in 2026", scope))
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            live.reply(Turn("orders in 2026", scope))
            live.state.audit("Ann", "admin", "note", {})

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        told = json.loads(CliRunner().invoke(app, ["backup", str(file), "--workspace", str(home), "--json"]).stdout)
    finally:
        stop.set()
        thread.join()
    live.close()
    assert told["state"]
    assert file.stat().st_mode & 0o077 == 0
    again = tmp_path / "again"
    assert CliRunner().invoke(app, ["restore", str(file), "--workspace", str(again), "--json"]).exit_code == 0
    restored = Live(again)
    after = restored.reply(Turn("revenue by region in 2026", scope))
    assert (after.text, after.table) == (before.text, before.table)
    assert restored.state.decisions()[0].payload["name"] == "Wet pallets"
    assert restored.state.audit_chain().broken is None
    assert restored.state.audit_log(1)[0].action in ("answer", "restore")
    restored.close()


def test_it_waits_for_whoever_writes(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "PATIENCE", 0.3)
    monkeypatch.setattr(lock, "LOOK", 0.05)
    for held in (lock.writing, lock.building):
        with held(home), pytest.raises(Unavailable):
            backup.back_up(home, tmp_path / "b.tar.gz")
    assert not list(tmp_path.glob("*b.tar*"))


@pytest.mark.parametrize("kind", ["cut", "flipped", "no tar", "left out", "slipped in", "outside"])
def test_what_is_damaged_is_not_restored(home: Path, tmp_path: Path, kind: str) -> None:
    file, bad, again = tmp_path / "b.tar.gz", tmp_path / "bad.tar.gz", tmp_path / "again"
    backup.back_up(home, file)
    raw = bytearray(file.read_bytes())
    if kind == "cut":
        bad.write_bytes(raw[: len(raw) // 2])
    elif kind == "flipped":
        raw[len(raw) // 2] ^= 255
        bad.write_bytes(raw)
    elif kind == "no tar":
        bad.write_bytes(b"hello")
    else:
        aside = tmp_path / "aside"
        with tarfile.open(file) as packed:
            packed.extractall(aside, filter="data")
        if kind == "left out":
            (aside / "rapport.toml").unlink()
        (aside / "more.txt").write_text("x", encoding="utf-8")
        with tarfile.open(bad, "w:gz") as packed:
            for path in sorted(aside.rglob("*")):
                if path.is_file() and (kind == "slipped in" or path.name != "more.txt"):
                    packed.add(path, arcname=path.relative_to(aside).as_posix())
            if kind == "outside":
                packed.add(aside / "more.txt", arcname="../outside.txt")
    with pytest.raises(RapportError) as err:
        backup.restore(bad, again)
    assert err.value.code == "bad_backup"
    assert not again.exists()
    assert not (tmp_path / "outside.txt").exists()
    assert not list(tmp_path.glob(".again*"))


def test_a_flipped_byte_anywhere_is_told_or_changes_nothing(tmp_path: Path) -> None:
    """Most break the packing, one way or another; a few (a time in a header, filling) are no part of what was kept."""
    home, file, bad, again = tmp_path / "home", tmp_path / "b.tar.gz", tmp_path / "bad.tar.gz", tmp_path / "again"
    (home / "tables").mkdir(parents=True)
    chance = random.Random(3)
    (home / "tables" / "noise").write_bytes(chance.randbytes(3000))
    (home / "tables" / "text").write_bytes(b"a line that comes again\n" * 400)
    backup.back_up(home, file)
    raw, kept = file.read_bytes(), {p.name: p.read_bytes() for p in (home / "tables").iterdir()}
    told = 0
    for place in sorted({*range(40), *range(len(raw) - 40, len(raw)), *chance.sample(range(len(raw)), 300)}):
        for bits in (255, 1):
            bad.write_bytes(raw[:place] + bytes([raw[place] ^ bits]) + raw[place + 1 :])
            code = ""
            try:
                backup.restore(bad, again)
            except RapportError as err:
                code = err.code
            assert code in ("", "bad_backup"), place
            assert again.exists() == (not code)
            if code:
                told += 1
            else:
                assert {p.name: p.read_bytes() for p in (again / "tables").iterdir()} == kept, place
                shutil.rmtree(again)
    assert told > 600


def test_nothing_is_written_over(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    backup.back_up(home, file)
    for deed in (lambda: backup.back_up(home, file), lambda: backup.restore(file, home)):
        with pytest.raises(RapportError) as err:
            deed()
        assert err.value.code == "exists"
    with pytest.raises(BadInput):
        backup.back_up(tmp_path / "nowhere", tmp_path / "c.tar.gz")
    with pytest.raises(BadInput):
        backup.restore(tmp_path / "nowhere.tar.gz", tmp_path / "again")


def test_the_last_good_snapshot_serves_and_says_so(home: Path) -> None:
    from integrations.doctor import examine
    from knowledge.snapshot import CURRENT, current

    good = current(home).id
    broken = home / "snapshots" / "20990101T000000-abcdef"
    shutil.copytree(home / "snapshots" / good, broken)
    manifest = json.loads((broken / "manifest.json").read_text(encoding="utf-8"))
    manifest["id"] = broken.name
    first = next(t for t in manifest["tables"].values() if t["files"])
    first["files"] = ["gone/part-0.parquet"]
    (broken / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for told in (broken.name, "", "20990101T000000-torn", "\x00\x01"):
        (home / "snapshots" / CURRENT).write_text(told, encoding="utf-8")
        live = Live(home)
        said = live.reply(Turn("orders in 2026", Scope.of_role("manager")))
        live.close()
        assert said.status == "answered"
        assert said.snapshot == good
        assert "an earlier state" in said.text
        assert any("damaged" in f.what and f.todo for f in examine(home) if f.state == "wrong")
