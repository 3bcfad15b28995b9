"""A run ends when its tests have, with their status, whatever they left running."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEFT = """
import threading, time
def test_it():
    threading.Thread(target=time.sleep, args=(300,), name="left").start()
    assert {}
"""


@pytest.mark.parametrize(("holds", "status"), [(True, 0), (False, 1)])
def test_a_thread_that_is_left_running_is_shown_and_left(tmp_path: Path, holds: bool, status: int) -> None:
    (tmp_path / "test_left.py").write_text(LEFT.format(holds))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "test_left.py"]
    environment = {**os.environ, "RAPPORT_TEST_PATIENCE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status
    assert "Still here" in done.stderr
    assert "_leave" in done.stderr
    assert ("1 passed" if holds else "1 failed") in done.stdout


@pytest.mark.xdist_group("kept-together")
def test_tests_of_a_group_stay_on_one_worker(request: pytest.FixtureRequest) -> None:
    """Where workers share the tests: each group is marked as one. (pytest 9.2 with xdist 3.8 marks none, and what a group builds is
    built by every worker.)"""
    if hasattr(request.config, "workerinput"):
        assert request.node.nodeid.endswith("@kept-together")
