"""Digests and alerts: due when they should be, once each, after a crash too, by mail, web and Slack."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest

from integrations.alerts.post import Post
from integrations.alerts.schedule import Schedule, due
from integrations.briefs import Briefs
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.errors import BadQuestion
from knowledge.intervals import surge
from knowledge.state import open_state

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_a_slot_is_the_last_one_that_was_due() -> None:
    daily, weekly, monthly = Schedule("day"), Schedule("week", weekday=0), Schedule("month")
    assert daily.slot(MONDAY) == MONDAY.replace(hour=7, minute=30)
    assert daily.slot(MONDAY.replace(hour=7)) == MONDAY.replace(day=1, hour=7, minute=30)
    assert weekly.slot(MONDAY + timedelta(days=6)) == MONDAY.replace(hour=7, minute=30)
    assert weekly.slot(MONDAY.replace(hour=7)) == MONDAY.replace(hour=7, minute=30) - timedelta(days=7)
    assert monthly.slot(MONDAY) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


def test_it_is_due_once_and_not_in_quiet_hours() -> None:
    schedule = Schedule.of({"every": "day", "at": "07:30", "quiet": "18:00-08:00"})
    created = MONDAY - timedelta(days=3)
    assert due(schedule, created, None, MONDAY.replace(hour=7, minute=45), "UTC") is None
    slot = due(schedule, created, None, MONDAY, "UTC")
    assert slot == MONDAY.replace(hour=7, minute=30)
    assert due(schedule, created, MONDAY, MONDAY + timedelta(hours=1), "UTC") is None
    assert due(schedule, created, MONDAY, MONDAY + timedelta(days=1), "UTC") is not None
    assert due(schedule, MONDAY, None, MONDAY, "UTC") is None, "the slot before it was asked for"


def test_hours_are_those_of_the_zone() -> None:
    schedule = Schedule("day", quiet_from=None)
    assert (
        due(schedule, MONDAY - timedelta(days=1), None, datetime(2026, 11, 2, 14, 0, tzinfo=UTC), "America/Chicago") is not None
    )
    assert Schedule.of({"quiet": "22:00-06:00"}).quiet(MONDAY.replace(hour=23))


@pytest.mark.parametrize("wrong", [{"every": "hour"}, {"at": "half past"}, {"day": "caturday"}, {"quiet": "late"}])
def test_a_wrong_schedule_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        Schedule.of(wrong)


def test_a_surge_needs_more_than_chance() -> None:
    assert surge(20, 28, 12, 168) < 0.001
    assert surge(3, 28, 12, 168) > 0.1
    assert surge(0, 28, 5, 168) == 1.0


@pytest.fixture
def post(company: Path, tmp_path: Path) -> Post:
    home, state = Workspace(company), open_state(tmp_path)
    for name in ("mia", "tom"):
        state.add_user(name, "manager", email=f"{name}@example.com")
    briefs = Briefs(company, "UTC", state)
    made = Post(briefs, state, lambda _: Scope.of_role("manager"), home.engine)
    made.folder = tmp_path
    return made


def later(days: int = 1) -> datetime:
    return (datetime.now(UTC) + timedelta(days=days)).replace(hour=12, minute=0)


def test_mail_web_and_slack_each_once(post: Post) -> None:
    post.state.subscribe("mia", "digest", "my accounts", {"every": "day"}, "email:mia@example.com")
    post.state.subscribe("mia", "alerts", "", {"rules": "at risk,service"}, "web")
    post.state.subscribe("tom", "question", "revenue by region in 2026", {"every": "day"}, "C042")
    post.state.subscribe("tom", "digest", "nobody knows them", {"every": "day"}, "web")
    told = post.run(later())
    assert len(told) == 4
    assert any("nobody knows them" in t for t in told)
    again = post.run(later() + timedelta(minutes=10))
    assert [t for t in again if "nobody knows them" not in t] == []
    (path,) = post.deliver(later())
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["To"] == "mia@example.com"
    parts = {p.get_content_type() for p in mail.walk()}
    assert {"text/plain", "text/html"} <= parts
    shown = post.inbox("mia")
    assert len(shown) == 1
    assert shown[0]["ask"], "one click to the evidence"
    work = post.next_for_slack()
    assert work is not None
    assert work.payload["to"] == "C042"
    assert post.next_for_slack() is None
    assert post.deliver(later()) == []


def test_a_crash_before_delivery_loses_and_repeats_nothing(post: Post, tmp_path: Path, company: Path) -> None:
    post.state.subscribe("mia", "digest", "my accounts", {"every": "day"}, "email")
    assert len(post.run(later())) == 1
    restarted = Post(Briefs(company, "UTC", open_state(tmp_path)), open_state(tmp_path), post.scope_of, post.engine)
    restarted.folder = tmp_path
    assert restarted.run(later()) == []
    assert len(restarted.deliver(later())) == 1


def test_an_alert_is_told_once_and_can_be_muted(post: Post) -> None:
    post.state.subscribe("mia", "alerts", "", {}, "web")
    assert len(post.run(later())) == 1
    assert post.run(later(2)) == []
    post.state.subscribe("tom", "alerts", "", {}, "web")
    from integrations.alerts.post import _group
    from integrations.alerts.watch import alerts

    book, _ = post.briefs.book(Scope.of_role("manager"))
    for alert in alerts(_group("", book), book):
        post.mute("tom", alert.name)
    assert post.run(later(2)) == []
