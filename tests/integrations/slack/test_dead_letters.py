"""Work that fails: it rests longer each time, others go first, and what is given up is a dead letter that `doctor` shows."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.doctor import examine
from integrations.slack import answers, worker
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


def test_jobs_of_another_shape_end_no_loop(slack: Joined) -> None:
    """As many as there are loops: whoever asks after them is answered, and they are told of."""
    odd = [
        slack.live.state.enqueue("slack", {"what": "ask", "user": ["of", "another", "release"]})
        for _ in range(worker.AT_ONCE + 2)
    ]
    assert "orders" in slack.asks("D0ANN", "U0ANN", "orders in 2026")["text"]
    dead = {d.id: d.why for d in slack.live.state.dead_letters(1000)}
    assert set(odd) <= set(dead)
    assert "another shape" in dead[odd[0]]


def test_many_questions_in_one_thread_keep_nobody_in_another_waiting(slack: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    make = answers.make

    def slowly(live: Any, job: Any, *more: Any) -> Any:
        time.sleep(0.4 if job.user == "U0ANN" else 0)
        return make(live, job, *more)

    monkeypatch.setattr("integrations.slack.answers.make", slowly)
    first = slack.fake.says("D0ANN", "U0ANN", "orders in 2026")
    slack.send(first, *(slack.fake.says("D0ANN", "U0ANN", "and in 2025?", first["event"]["ts"]) for _ in range(20)))
    slack.send(question := slack.fake.says("D0MAX", "U0MAX", "orders in 2026"))
    slack.until(lambda: any(m.get("thread_ts") == question["event"]["ts"] for m in slack.fake.answers("D0MAX")))
    said = [m for m in slack.fake.answers("D0ANN") if m.get("thread_ts") == first["event"]["ts"]]
    assert len(said) < 12
    slack.until(lambda: slack.live.state.pending("slack") == 0, 120)
    said = [m for m in slack.fake.answers("D0ANN") if m.get("thread_ts") == first["event"]["ts"]]
    assert len(said) == 21


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
