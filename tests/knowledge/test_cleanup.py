"""What a kept snapshot or an answer names survives a clean-up; the rest does not pile up."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from knowledge import cleanup
from knowledge.access import Reader, Scope
from knowledge.snapshot import Snapshot, load, new_folder, publish
from knowledge.tables import Store
from tests.support import canonical

ADMIN = Scope.of_role("admin")


@pytest.fixture
def builds(tmp_path: Path) -> list[str]:
    """Six snapshots of ever more customers, each table version replacing the one before."""
    store = Store(tmp_path / "tables")
    made = []
    for size in range(1, 7):
        ids = [f"C{i}" for i in range(size)]
        version = store.replace("customers", canonical("customers", pd.DataFrame({"customer_id": ids, "name": ids})))
        identity, folder = new_folder(tmp_path)
        (folder / "index").mkdir()
        now = datetime.now(UTC)
        publish(tmp_path, Snapshot(identity, now, now, {"customers": version}, {"zone": "UTC"}, 0, folder))
        made.append(identity)
        time.sleep(1.01)  # ids sort by second
    return made


def seen(home: Path, identity: str) -> int:
    return len(Reader(home, load(home, identity), ADMIN).frame("customers"))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything counts as settled, as it does hours after a build."""
    monkeypatch.setattr(cleanup, "SETTLED_HOURS", 0)


@pytest.mark.slow
@pytest.mark.usefixtures("later")
def test_what_is_named_can_still_be_read_and_the_rest_is_gone(tmp_path: Path, builds: list[str]) -> None:
    removed = cleanup.forget(tmp_path, 2, {builds[1]})
    assert removed.snapshots == (builds[0], builds[2], builds[3])
    assert removed.indexes == (builds[1],)
    assert removed.files == 3
    assert [seen(tmp_path, b) for b in (builds[1], *builds[4:])] == [2, 5, 6]
    assert len(list((tmp_path / "tables" / "customers").glob("*.parquet"))) == 3
    assert cleanup.forget(tmp_path, 2, {builds[1]}) == cleanup.Removed((), (), 0)


@pytest.mark.slow
def test_what_may_still_be_written_is_left_alone(tmp_path: Path, builds: list[str]) -> None:
    _, unfinished = new_folder(tmp_path)
    _, abandoned = new_folder(tmp_path)
    long_ago = (datetime.now(UTC) - timedelta(hours=3)).timestamp()
    os.utime(abandoned, (long_ago, long_ago))
    removed = cleanup.forget(tmp_path, 6, set())
    assert removed.snapshots == (abandoned.name,)
    assert removed.files == 0
    assert unfinished.is_dir()
    assert seen(tmp_path, builds[0]) == 1
