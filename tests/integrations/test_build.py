"""A build publishes all of itself or nothing; what did not change is reused."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integrations.build import build
from integrations.demo import generate
from integrations.settings import load
from knowledge.access import Reader, Scope
from knowledge.errors import NoData
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.snapshot import current

ADMIN = Scope.of_role("admin")


def orders_seen(home: Path) -> int:
    return int(Reader(home, current(home), ADMIN).table("orders").count().execute())


def test_an_empty_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoData) as caught:
        build(tmp_path, load(tmp_path))
    assert caught.value.code == "nothing_imported"
    assert not (tmp_path / "snapshots").exists()


def test_a_second_build_reuses_what_did_not_change(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    report = build(home, load(home))
    assert "voice of the customer" in report.reused
    assert "search index" in report.reused
    assert current(home).id == report.snapshot.id


def test_a_full_build_gives_the_same_tables_again(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    before = Reader(home, current(home), ADMIN).frame("themes").sort_values("theme_id", ignore_index=True)
    build(home, load(home), full=True)
    after = Reader(home, current(home), ADMIN).frame("themes").sort_values("theme_id", ignore_index=True)
    assert before.equals(after)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    generate(folder, seed=7, scale=0.02)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "tables",
    ["customers", "products", "customers documents", "cost_activities", "customers orders", "customers orders feedback products",
     "customers contacts orders interactions", "products inventory", "customers orders products returns"],
)  # fmt: skip
def test_whatever_tables_there_are_a_build_makes_of_them_what_it_can(tables: str, files: Path, tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    for name in tables.split():
        shutil.copy(files / f"{name}.csv", tmp_path / "f")
    home = tmp_path / "w"
    assert import_files(home, load_mapping("canonical"), [tmp_path / "f"], zone="UTC").quarantined == 0
    report = build(home, load(home))
    assert set(tables.split()) <= set(report.snapshot.tables)


@pytest.mark.slow
@pytest.mark.timeout(1500)  # ten builds and more, on a machine of two cores that is busy
def test_a_build_killed_at_ten_random_moments_leaves_the_last_snapshot(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    want, published = orders_seen(home), current(home).id
    command = [sys.executable, "-c", "from integrations.cli import main; main()", "build", "--full", "--workspace", str(home)]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - began
    published = current(home).id
    draw = random.Random(11)
    for _ in range(10):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.05, 0.95) * whole)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        seen = current(home).id
        if seen != published:  # it had just finished: that is a whole snapshot too
            published = seen
        assert orders_seen(home) == want
    subprocess.run(command, check=True, capture_output=True)
    assert orders_seen(home) == want
    assert current(home).id != published
