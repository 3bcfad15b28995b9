"""What comes in by itself: dropped files and scheduled imports, each with a report, and one build after them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.connectors.sync import Syncing, last, sync, waiting
from integrations.doctor import examine
from integrations.settings import load
from integrations.wiring import Workspace
from knowledge.errors import BadInput, UnknownName
from knowledge.lock import writing
from knowledge.snapshot import current
from knowledge.tables import Store
from tests.integrations.test_connectors import COMMAND, SAMPLES

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def home(tmp_path: Path, toml: str) -> Path:
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "rapport.toml").write_text("build_after_imports = false\n" + toml)
    return folder


def run(folder: Path, now: datetime = NOW, **how: Any) -> list[dict[str, Any]]:
    return sync(folder, load(folder), Workspace(folder).state(), now, progress=lambda _: None, **how)


WATCH = '[[watch]]\nfolder = "in"\nmapping = "zendesk"\nsettle_seconds = 0\n'


def dropped(folder: Path, *names: str) -> Path:
    inbox = folder / "in"
    inbox.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(SAMPLES / "zendesk" / name, inbox / name)
    return inbox


def test_dropped_files_are_imported_together_and_moved_with_a_report(tmp_path: Path) -> None:
    folder = home(tmp_path, WATCH)
    inbox = dropped(folder, "organizations.json", "tickets.json", "survey_responses.json")
    (report,) = run(folder)
    assert (report["state"], report["rows_in"], report["loaded"]) == ("done", 17, 17)
    done = Path(report["folder"])
    assert sorted(p.name for p in done.iterdir()) == [
        "organizations.json",
        "report.json",
        "survey_responses.json",
        "tickets.json",
    ]
    assert json.loads((done / "report.json").read_text())["tables"]["customers"]["loaded"] == 6
    assert [p.name for p in inbox.iterdir()] == ["done"]
    assert run(folder) == []


def test_a_broken_file_fails_alone_and_the_others_come_in(tmp_path: Path) -> None:
    folder = home(tmp_path, WATCH)
    inbox = dropped(folder, "organizations.json", "tickets.json")
    (inbox / "survey.json").write_text('{"survey_responses": [')
    (inbox / "notes.pdf").write_bytes(b"%PDF-1.7")
    reports = run(folder)
    assert [(r["state"], r["files"], r.get("code")) for r in reports] == [
        ("failed", ["survey.json"], "not_json"), ("done", ["notes.pdf", "organizations.json", "tickets.json"], None),
    ]  # fmt: skip
    assert "survey.json is not JSON" in json.loads((Path(reports[0]["folder"]) / "report.json").read_text())["message"]
    assert reports[1]["left"] == ["notes.pdf"]
    assert Store(folder / "tables").read("customers").num_rows == 6


def test_a_file_that_the_mapping_does_not_read_fails_where_it_is_alone(tmp_path: Path) -> None:
    folder = home(tmp_path, WATCH)
    (dropped(folder) / "notes.pdf").write_bytes(b"%PDF-1.7")
    assert [(r["state"], r["code"]) for r in run(folder)] == [("failed", "no_part")]
    assert run(folder) == []


def test_a_file_that_is_being_copied_is_left_until_it_is_whole(tmp_path: Path) -> None:
    folder = home(tmp_path, WATCH.replace("settle_seconds = 0", "settle_seconds = 0.4"))
    inbox = dropped(folder)
    whole = (SAMPLES / "zendesk" / "organizations.json").read_bytes()
    with (inbox / "organizations.json").open("wb") as file:
        for part in (whole[:500], whole[500:900], whole[900:]):
            file.write(part)
            file.flush()
            os.fsync(file.fileno())
            assert run(folder) == []
            time.sleep(0.15)
    (inbox / "more.json.part").write_text("[")
    assert run(folder) == []
    time.sleep(0.5)
    assert [r["loaded"] for r in run(folder)] == [6]
    assert (inbox / "more.json.part").is_file()


def test_what_is_busy_waits(tmp_path: Path) -> None:
    folder = home(tmp_path, WATCH + '[[imports]]\nname = "crm"\nmapping = "zendesk"\nfrom = ["in"]\n')
    inbox = dropped(folder, "organizations.json")
    with writing(folder):
        assert run(folder) == []
    assert (inbox / "organizations.json").is_file()
    assert [r["name"] for r in run(folder)] == ["crm", "in"]


IMPORT = '[[imports]]\nname = "erp"\nmapping = "canonical"\nfrom = ["${ERP_URL}"]\nincremental = "changed"\nevery = "day"\nat = "05:00"\n'


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "erp.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE customers (customer_id TEXT, name TEXT, changed INTEGER); INSERT INTO customers VALUES ('C1','Acme',1);"
        )
    monkeypatch.setenv("ERP_URL", f"sqlite:///{path}")
    return path


def test_a_scheduled_import_runs_once_a_slot_and_reads_what_is_new(erp: Path, tmp_path: Path) -> None:
    folder = home(tmp_path, IMPORT)
    assert [r["loaded"] for r in run(folder)] == [1]
    assert run(folder, NOW + timedelta(hours=16)) == []
    with sqlite3.connect(erp) as base:
        base.execute("INSERT INTO customers VALUES ('C2','Globex',2)")
    (report,) = run(folder, NOW + timedelta(hours=17))  # five in the morning
    assert (report["rows_in"], report["loaded"], report["unchanged"]) == (2, 1, 1)
    assert last(Workspace(folder).state())["erp"]["loaded"] == 1
    assert [r["loaded"] for r in run(folder, NOW + timedelta(hours=18), names=("erp",))] == [0]
    with pytest.raises(UnknownName):
        run(folder, names=("crm",))


def test_a_failure_is_told_once_a_slot_and_by_the_doctor(erp: Path, tmp_path: Path) -> None:
    folder = home(tmp_path, IMPORT)
    erp.unlink()
    (report,) = run(folder)
    assert (report["state"], report["code"]) == ("failed", "no_file")
    assert run(folder, NOW + timedelta(minutes=5)) == []
    assert any("The import erp failed" in f.what for f in examine(folder))


@pytest.mark.parametrize(
    "toml",
    ['[[imports]]\nname = "a"\nmapping = "x"\nfrom = []\n', '[[imports]]\nname = "a"\nmapping = "x"\nfrom = ["f"]\nat = "25:00"\n', '[[watch]]\nfolder = "in"\n', IMPORT + IMPORT],
)  # fmt: skip
def test_settings_that_make_no_sense_are_said_clearly(toml: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load(home(tmp_path, toml))


@pytest.mark.slow
def test_the_command_imports_builds_and_says_by_its_exit_code_how_it_went(tmp_path: Path) -> None:
    folder = home(tmp_path, WATCH.replace("zendesk", "salesforce"))
    (folder / "rapport.toml").write_text(WATCH.replace("zendesk", "salesforce"))
    shutil.copytree(SAMPLES / "salesforce", folder / "in")
    syncing = Syncing(folder, load(folder), Workspace(folder).state())
    syncing.tick()
    assert syncing._running is not None
    assert syncing._running.wait(60) == 0
    assert current(folder).tables["orders"].rows == 12
    (folder / "in" / "Order.csv").write_text("no,such,columns\n1,2,3\n")
    assert waiting(folder, load(folder), Workspace(folder).state(), datetime.now(UTC))
    ran = subprocess.run([*COMMAND, "sync", "--workspace", str(folder)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert "failed" in ran.stdout
