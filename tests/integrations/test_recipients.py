"""What is sent shows nobody more than they may see at that moment, comes at sensible times, and one that fails stops no other."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest

from integrations.alerts.post import MAIL, Post
from integrations.alerts.recipients import MOST, subscribed
from integrations.briefs import Briefs
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.errors import RapportError
from knowledge.state import open_state


@pytest.fixture
def post(company: Path, tmp_path: Path) -> Post:
    home, state = Workspace(company), open_state(tmp_path)
    ids = sorted(home.reader(Scope.of_role("admin")).frame("orders")["customer_id"].unique())
    state.add_user("mia", "manager", email="mia@firm.example", slack="U0MIA", accounts="all")
    state.add_user("rita", "rep", email="rita@firm.example", slack="U0RITA", accounts=ids[0])
    home._state = state
    made = Post(Briefs(company, "UTC", state), state, home.scope, home.engine)
    made.folder = tmp_path
    return made


def later(days: int = 1) -> datetime:
    return (datetime.now(UTC) + timedelta(days=days)).replace(hour=12, minute=0)


@pytest.mark.parametrize("channel", ["email:rita@firm.example", "U0RITA"])
def test_whoever_receives_it_sees_no_more_than_they_may(post: Post, channel: str) -> None:
    subscribed(post.state, "mia", "question", "revenue by customer", {"every": "day"}, channel)
    subscribed(post.state, "mia", "question", "gross margin by customer", {"every": "day"}, channel)
    post.run(later())
    work = list(iter(lambda: post.state.claim(MAIL) or post.next_for_slack(), None))
    names = set(Workspace(post.briefs.folder).reader(Scope.of_role("admin")).frame("customers")["name"])
    seen = set(Workspace(post.briefs.folder).reader(post.scope_of("rita")).frame("customers")["name"])
    assert len(work) == 2
    for one in work:
        said = f"{one.payload['text']} {one.payload['html']} {one.payload['blocks']}"
        assert not [n for n in names - seen if n in said]
        assert not one.payload["seen"]["all"]
        assert one.payload["seen"]["rights"] == ["open"]


def test_rights_are_those_at_the_moment_of_sending(post: Post) -> None:
    subscribed(post.state, "mia", "question", "gross margin in 2026", {"every": "day"}, "web")
    post.state.add_user("mia", "rep", accounts="nobody")
    post.run(later())
    post.deliver(later())
    assert "%" not in str([m["text"] for m in post.inbox("mia")])


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("email:eve@elsewhere.example", "question"), ("email:rita@firm.example\nBcc: eve@x.example", "question"), ("email:not an address", "digest"),
        ("U0STRANGER", "question"), ("D0RITA", "digest"), ("pager", "digest"), ("C0;rm", "digest"), ("", "digest"),
    ],
)  # fmt: skip
def test_a_place_that_is_nobodys_is_refused(post: Post, channel: str, kind: str) -> None:
    with pytest.raises(RapportError) as err:
        subscribed(post.state, "mia", kind, "orders in 2026", {"every": "day"}, channel)
    assert err.value.code in ("bad_address",)


def test_only_news_comes_at_any_time(post: Post) -> None:
    for kind in ("question", "digest"):
        with pytest.raises(RapportError) as err:
            subscribed(post.state, "mia", kind, "orders in 2026", {"every": "always"}, "web")
        assert err.value.code == "bad_schedule"
        post.state.subscribe(
            "mia", kind, "orders in 2026" if kind == "question" else "", {"every": "always"}, "web"
        )  # kept before it was refused
    assert len(post.run(later())) == 2
    assert post.run(later() + timedelta(minutes=1)) == []
    for _ in range(MOST - 2):
        post.state.subscribe("mia", "alerts", "", {}, "web")
    with pytest.raises(RapportError):
        subscribed(post.state, "mia", "alerts", "", {}, "web")


def test_a_mail_that_cannot_be_made_stops_no_other(post: Post) -> None:
    bad = {"title": "x", "text": "x", "html": "x", "ask": [], "to": "a@b.example\nBcc: eve@x.example", "principal": "mia"}
    post.state.enqueue(MAIL, bad)
    post.state.enqueue(MAIL, {**bad, "to": "mia@firm.example", "title": "a\nBcc: eve@x.example"})
    (path,) = post.deliver(later())
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Bcc"]) == ("mia@firm.example", None)
    assert [d.kind for d in post.state.dead_letters()] == [MAIL]


def test_one_that_fails_in_an_unforeseen_way_keeps_nobody_from_theirs(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.alerts import post as module

    subscribed(post.state, "mia", "question", "orders in 2026", {"every": "day"}, "web")
    subscribed(post.state, "rita", "question", "orders in 2026", {"every": "day"}, "web")
    real = module.answered
    calls: list[int] = []

    def first_fails(*given: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "answered", first_fails)
    told = post.run(later())
    assert len(told) == 2
    post.deliver(later())
    assert len(post.inbox("rita")) == 1
