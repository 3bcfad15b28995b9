"""What Slack does on a bad day: refused blocks, rate limits, errors and silence before and after it did what was asked, streams that end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.slack import answers
from tests.integrations.serving import copied
from tests.integrations.slack.conftest import CHANNEL, Joined, joined

JSON = dict[str, Any]
MENTION = "<@U0RAPPORT1> orders by region in 2026"


@pytest.fixture(scope="module")
def up(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    with joined(copied(company, tmp_path_factory.mktemp("faults"))) as started:
        yield started


@pytest.fixture
def door(up: Joined) -> Iterator[Joined]:
    yield up
    up.fake.fault = lambda _, __: None


def first(
    times: int, method: str, fault: str, fits: Callable[[JSON], bool] = lambda _: True
) -> Callable[[str, JSON], str | None]:
    """The fault for the first so many calls of a method."""
    left = [times]

    def choose(called: str, given: JSON) -> str | None:
        if called != method or not left[0] or not fits(given):
            return None
        left[0] -= 1
        return fault

    return choose


@pytest.mark.parametrize(
    ("times", "fault"),
    [(3, "429"), (2, "500"), (2, "internal_error"), (1, "500_after"), (1, "hang_up_after"), (2, "hang_up_after")],
)
def test_an_answer_comes_once_whatever_its_sending_meets(times: int, fault: str, door: Joined) -> None:
    door.fake.fault = first(times, "chat.postMessage", fault)
    said = door.asks(CHANNEL, "U0ANN", MENTION)
    assert "orders" in said["text"]
    assert sum(m["text"] == said["text"] and m["ts"] == said["ts"] for m in door.fake.answers(CHANNEL)) == 1


def test_a_call_that_is_never_answered_is_looked_up_before_it_is_made_again(
    door: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.slack.installs.TIMEOUT", 1)
    door.fake.lateness = 1.6
    door.fake.fault = first(1, "chat.postMessage", "late_after")
    door.asks(CHANNEL, "U0ANN", MENTION)
    assert [m for m, _ in door.fake.calls if m in ("chat.postMessage", "conversations.replies")][-2:] == [
        "chat.postMessage",
        "conversations.replies",
    ]


def test_who_asks_is_looked_up_again_after_errors(door: Joined) -> None:
    door.fake.fault = first(2, "conversations.members", "500")
    assert door.asks(CHANNEL, "U0ANN", MENTION)["ts"] in {m["ts"] for m in door.fake.answers(CHANNEL)}


def test_blocks_that_are_refused_come_plainer(door: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.slack.sender.READY_WAIT", 0.05)
    has_table = lambda given: any(b["type"] == "table" for b in given.get("blocks") or ())  # noqa: E731
    door.fake.fault = first(99, "chat.postMessage", "invalid_blocks", has_table)
    said = door.asks(CHANNEL, "U0ANN", MENTION)
    assert "```" in json.dumps(said["blocks"])
    assert not any(b["type"] == "table" for b in said["blocks"])
    door.fake.fault = first(99, "chat.postMessage", "invalid_blocks", lambda given: bool(given.get("blocks")))
    said = door.asks(CHANNEL, "U0ANN", MENTION)
    assert not said.get("blocks")
    assert "orders" in said["text"]


def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers take longer than a moment."""
    make = answers.make

    def slowly(*given: Any) -> Any:
        time.sleep(0.8)
        return make(*given)

    monkeypatch.setattr("integrations.slack.progress.A_MOMENT", 0.2)
    monkeypatch.setattr("integrations.slack.answers.make", slowly)


def test_a_long_answer_shows_a_status_and_ends_its_stream(door: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    said = door.asks("D0ANN", "U0ANN", "orders by region in 2026")
    called = [m for m, _ in door.fake.calls]
    assert {"assistant.threads.setStatus", "chat.startStream", "chat.stopStream"} <= set(called)
    assert not said.get("streaming")
    assert [b["type"] for b in said["blocks"]].count("table") == 1


def test_a_stream_that_expired_is_finished_by_an_update(door: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    door.fake.fault = first(99, "chat.stopStream", "message_not_in_streaming_state")
    before = len(door.fake.channels["D0ANN"].messages)
    said = door.asks("D0ANN", "U0ANN", "orders by region in 2026")
    assert "orders" in said["text"]
    assert door.fake.calls[-1][0] == "chat.update"
    assert len(door.fake.channels["D0ANN"].messages) == before + 2  # the question and one answer


def test_where_nothing_may_be_written_the_asker_is_told_privately(door: Joined) -> None:
    door.fake.fault = first(99, "chat.postMessage", "restricted_action", lambda given: given["channel"] == CHANNEL)
    said = door.asks(CHANNEL, "U0ANN", MENTION)
    assert said["ts"] in {m["ts"] for m in door.fake.answers("D0ANN")}
    assert "restricted_action" in json.dumps(said["blocks"])
