"""Work that fails: it rests longer each time, others go first, and what is given up is a dead letter that `doctor` shows."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.doctor import examine
from integrations.slack import worker
from integrations.slack.worker import LONGEST_WAIT, wait_after
from knowledge.state import open_state
from tests.integrations.slack.conftest import Joined


def test_a_job_rests_longer_each_time() -> None:
    waits = [wait_after(n) for n in range(1, 30)]
    assert waits == sorted(waits)
    assert sum(waits[:3], timedelta()) < timedelta(minutes=1)
    assert waits[-1] == LONGEST_WAIT


def test_a_job_that_always_fails_starves_nobody(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    for n in range(20):
        state.enqueue("k", {"bad": n})
    for _ in range(20):
        work = state.claim("k")
        assert work is not None
        state.give_up(work.id, wait=timedelta(0), why="it fails")
    good = state.enqueue("k", {"good": 1})
    work = state.claim("k")
    assert work is not None
    assert work.id == good
    rested = state.claim("k")
    assert rested is not None
    state.give_up(rested.id, wait=timedelta(hours=1), why="it fails")
    assert all((w := state.claim("k")) is None or w.id != rested.id for _ in range(25))


def test_what_is_given_up_is_shown_and_can_be_tried_again(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    state.enqueue("slack", {"n": 1})
    work = state.claim("slack")
    assert work is not None
    state.finish(work.id, failed=True, why="Slack did not answer.")
    assert any("Given up" in f.what and "Slack did not answer." in f.what for f in examine(tmp_path))
    assert state.try_again(work.id)
    assert not state.try_again(work.id)
    assert state.claim("slack") is not None
    assert not state.dead_letters()


def test_an_upload_that_answers_oddly_costs_no_answer(slack: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    async def odd(*_: object) -> None:
        raise KeyError("files")

    monkeypatch.setattr(worker, "drawn", odd)
    monkeypatch.setattr(worker, "attach", odd)
    began = time.monotonic()
    said = slack.asks("D0ANN", "U0ANN", "orders by month in 2026")
    assert "orders" in json.dumps(said).lower()
    assert time.monotonic() - began < 20


def test_the_asker_is_told_within_a_minute(slack: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.slack import answers

    def broken(*_: object) -> None:
        raise RuntimeError("never foreseen")

    monkeypatch.setattr(answers, "make", broken)
    monkeypatch.setattr(worker, "FIRST_WAIT", timedelta(seconds=0.2))
    said = slack.asks("D0ANN", "U0ANN", "orders in 2026")
    assert "went wrong" in said["text"]
