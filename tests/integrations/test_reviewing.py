"""The review by REST: the board and its filters, pending decisions, undo, two people at once, and what the next build makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from integrations.build import build
from integrations.learning import latest_labels
from integrations.page_jobs import Jobs
from integrations.review import theme_list
from integrations.settings import load
from integrations.upkeep_panels import build_if_quiet
from integrations.voice_board import Wanted, filtered, prepare, shown
from knowledge.access import Reader, Scope
from knowledge.snapshot import current
from tests.integrations.serving import Served, copied, served


@pytest.fixture(scope="module")
def desk(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(copied(company, tmp_path_factory.mktemp("reviewing"))) as up:
        yield up


def board(client: httpx.Client, **filters: str) -> dict[str, object]:
    got = client.get("/api/v1/voice/board", params=filters)
    assert got.status_code == 200, got.text
    found: dict[str, object] = got.json()
    return found


def themes(told: dict[str, object]) -> dict[str, dict[str, object]]:
    return {t["theme_id"]: t for g in told["groups"] for t in g["themes"]}  # type: ignore[attr-defined]


def test_the_board_counts_as_the_list_of_themes_does(company: Path) -> None:
    reader = Reader(company, current(company), Scope.of_role("manager"))
    counted = {t["theme_id"]: t for g in shown(prepare(reader), Wanted())["groups"] for t in g["themes"]}
    listed = {t["theme_id"]: t for t in theme_list(reader)}
    assert {i: t["comments"] for i, t in counted.items()} == {i: t["comments"] for i, t in listed.items()}
    assert {i: t["customers"] for i, t in counted.items()} == {i: t["customers"] for i, t in listed.items()}
    one = max(counted.values(), key=lambda t: t["comments"])
    assert sum(one["months"]) <= one["comments"]


def test_filters_part_the_comments_without_losing_one(company: Path) -> None:
    made = prepare(Reader(company, current(company), Scope.of_role("manager")))
    whole = made.comments["feedback_id"].nunique()
    for dimension, values in made.options.items():
        if dimension in ("channel", "region"):
            parts = [filtered(made.comments, Wanted(values={dimension: v}))["feedback_id"].nunique() for v in values]
            assert sum(parts) == made.comments[dimension].notna().sum() <= whole
    day = made.comments["day"].sort_values().iloc[whole // 2].date()
    early = filtered(made.comments, Wanted(end=day))
    late = filtered(made.comments, Wanted(start=day + timedelta(days=1)))
    assert len(early) + len(late) == len(made.comments)


def test_a_rep_sees_their_own_accounts_only_and_decides_nothing(desk: Served) -> None:
    with desk.client("Quinn") as all_of_them, desk.client("Rita") as some:
        everything, own = board(all_of_them), board(some)
        assert own["comments"] < everything["comments"]  # type: ignore[operator]
        theme = next(iter(themes(own)))
        seen = some.get(f"/api/v1/voice/themes/{theme}/comments").json()["items"]
        mine = {c["customer_id"] for c in some.get("/api/v1/customers").json()["items"]}
        assert seen
        assert {c["customer_id"] for c in seen} <= mine
        assert some.get(f"/api/v1/voice/themes/{theme}").json()["who"] == []
        assert some.get("/api/v1/voice/queue").status_code == 403
        assert some.post("/api/v1/voice/decisions", json={"kind": "approve", "theme": theme}).status_code == 403


def test_the_queue_holds_uncertain_comments_that_say_something_until_they_are_decided(desk: Served) -> None:
    with desk.client("Quinn") as quinn:
        before = quinn.get("/api/v1/voice/queue").json()
        assert before["total"] > 10
        for item in before["items"]:
            said = item["text"][item["start"] : item["end"]]
            assert len(said.split()) >= 3
            assert "[" not in said
        first = before["items"][0]
        made = quinn.post(
            "/api/v1/voice/decisions", json={"kind": "assign", "theme": first["theme_id"], "feedback_id": first["feedback_id"]}
        )
        assert made.status_code == 201
        after = quinn.get("/api/v1/voice/queue").json()
        assert after["total"] == before["total"] - 1
        assert first["feedback_id"] not in {i["feedback_id"] for i in after["items"]}
        assert quinn.delete(f"/api/v1/voice/decisions/{made.json()['id']}").status_code == 200
        assert quinn.get("/api/v1/voice/queue").json()["total"] == before["total"]
        assert quinn.delete(f"/api/v1/voice/decisions/{made.json()['id']}").status_code == 409


def test_whoever_decides_second_is_told_and_both_are_kept(desk: Served) -> None:
    with desk.client("Quinn") as quinn, desk.client("Max") as maxim:
        theme = list(themes(board(quinn)))[-1]
        seen = board(maxim)["revision"]
        assert (
            quinn.post("/api/v1/voice/decisions", json={"kind": "rename", "theme": theme, "name": "By Quinn"}).status_code
            == 201
        )
        second = {"kind": "rename", "theme": theme, "name": "By Max"}
        told = maxim.post("/api/v1/voice/decisions", json={**second, "seen": seen})
        assert (told.status_code, told.json()["code"]) == (409, "meanwhile")
        assert "Quinn" in told.json()["detail"]
        again = maxim.post("/api/v1/voice/decisions", json={**second, "seen": board(maxim)["revision"]})
        assert again.status_code == 201
        history = maxim.get(f"/api/v1/voice/themes/{theme}").json()["history"]
        assert [(h["who"], h["state"]) for h in history[:2]] == [("Max", "pending"), ("Quinn", "pending")]
        for one in history[:2]:
            maxim.delete(f"/api/v1/voice/decisions/{one['id']}")


def test_a_label_is_corrected_and_taken_back(desk: Served) -> None:
    with desk.client("Quinn") as quinn:
        item = quinn.get("/api/v1/voice/queue").json()["items"][0]
        place = {k: item[k] for k in ("feedback_id", "start", "end")}
        assert quinn.post("/api/v1/voice/labels", json={**place, "aspect": "delivery.late"}).status_code == 201
        assert quinn.post("/api/v1/voice/labels", json={**place, "aspect": "no.such"}).status_code == 404
        assert quinn.post("/api/v1/voice/labels", json={**place, "end": 10_000, "aspect": None}).status_code == 422
        assert [x.aspect for x in latest_labels(desk.live.state.labels()).values()] == ["delivery.late"]
        assert quinn.post("/api/v1/voice/labels", json={**place, "aspect": None}).status_code == 201
        assert latest_labels(desk.live.state.labels()) == {}


def test_decisions_are_applied_by_a_build_that_nobody_waits_for_and_undone_by_the_next(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)

    def counts() -> dict[str, int]:
        reader = Reader(home, current(home), Scope.of_role("quality"))
        return {t["theme_id"]: t["comments"] for t in theme_list(reader)}

    before = counts()
    big, small = sorted(before, key=lambda t: (-before[t], t))[:2]
    with served(home) as up:
        with up.client("Quinn") as quinn:
            merged = quinn.post("/api/v1/voice/decisions", json={"kind": "merge", "theme": small, "into": big}).json()["id"]
            item = quinn.get("/api/v1/voice/queue").json()["items"][0]["feedback_id"]
            quinn.post("/api/v1/voice/decisions", json={"kind": "new", "name": "Lost property", "feedback_id": item})
            assert {d["kind"] for d in board(quinn)["pending"]} == {"merge", "new"}  # type: ignore[attr-defined]
        jobs, now = Jobs(up.live), datetime.now(UTC)
        assert not build_if_quiet(up.live, jobs, now)
        assert build_if_quiet(up.live, jobs, now + timedelta(minutes=11))
        assert jobs._thread is not None
        jobs._thread.join(300)
        assert jobs.last()["state"] == "done", jobs.last()
        with up.client("Quinn") as quinn:
            told = board(quinn)
            assert told["pending"] == []
            assert small not in themes(told)
            assert "Lost property" in {t["name"] for t in themes(told).values()}
            quinn.delete(f"/api/v1/voice/decisions/{merged}")
            assert [d["state"] for d in quinn.get("/api/v1/voice/decisions").json()["items"] if d["id"] == merged] == ["undone"]
    build(home, load(home))
    after = counts()
    assert after[small] == before[small]
    assert abs(after[big] - before[big]) <= 1  # the comment with a theme of its own may have been of it
