"""What a person may hand in: nothing over what others said, nothing on accounts that they do not see, nothing of tomorrow."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations import intake
from knowledge.state import open_state
from knowledge.tables import Store
from tests.integrations.serving import Served, copied
from tests.integrations.test_rest import frame, problem


def seen_by(rest: Served, name: str) -> list[str]:
    user = rest.live.state.user(name)
    assert user is not None
    return sorted(rest.live.scope(user).accounts or ())


def became(rest: Served, name: str, work: int) -> dict[str, Any]:
    with rest.client(name) as client:
        for _ in range(150):
            got = client.get(f"/api/v1/feedback/intake/{work}")
            if got.status_code == 200:
                found: dict[str, Any] = got.json()
                return found
            time.sleep(0.2)
    raise AssertionError("never loaded")


def test_a_rep_cannot_write_over_a_comment_of_somebody_else(rest: Served) -> None:
    before, mine = frame(rest, "feedback"), seen_by(rest, "Rita")
    theirs = before[~before["customer_id"].isin(mine)].iloc[0]
    with rest.client("Rita") as rita:
        sent = {"feedback_id": theirs["feedback_id"], "text": "overwritten", "customer_id": mine[0]}
        taken = rita.post("/api/v1/feedback", json=sent).json()
        again = rita.post("/api/v1/feedback", json=sent).json()
    assert taken["feedback_ids"] == again["feedback_ids"] != [theirs["feedback_id"]]
    assert became(rest, "Rita", taken["id"])["loaded"] == 1
    rows = Store(rest.live.folder / "tables").read("feedback").to_pandas().set_index("feedback_id")
    assert rows.loc[theirs["feedback_id"], "text"] == theirs["text"]
    assert rows.loc[taken["feedback_ids"][0], "text"] == "overwritten"


def test_hidden_and_unknown_are_kept_out_in_the_same_words(rest: Served) -> None:
    orders = frame(rest, "orders")
    hidden = orders[~orders["customer_id"].isin(seen_by(rest, "Rita"))].iloc[0]
    said = []
    for customer, order in (
        (hidden["customer_id"], None),
        ("C-nowhere", None),
        (None, hidden["order_id"]),
        (None, "O-nowhere"),
    ):
        with rest.client("Rita") as rita:
            taken = rita.post("/api/v1/feedback", json={"text": "hm", "customer_id": customer, "order_id": order}).json()
        done = became(rest, "Rita", taken["id"])
        assert done["loaded"] == 0
        said.append([q["reason"] for q in done["quarantined"]])
    assert said[0] == said[1] == ["unknown `customer_id`"]
    assert said[2] == said[3] == ["unknown `order_id`"]


@pytest.mark.parametrize(
    "at",
    ["2999-01-01T00:00:00Z", (datetime.now(UTC) + timedelta(hours=2)).isoformat(), "2998-06-01T00:00:00"],
    ids=["far", "in two hours", "without a zone"],
)
def test_a_comment_of_tomorrow_is_refused(rest: Served, at: str) -> None:
    with rest.client("Ann") as ann:
        sent = {"text": "from the future", "at": at}
        assert problem(ann.post("/api/v1/feedback", json=sent)) == (422, "in_the_future")
        assert problem(ann.post("/api/v1/feedback/batch", json={"comments": [{"text": "now"}, sent]})) == (422, "in_the_future")


def test_a_comment_that_cannot_be_loaded_keeps_nobody_elses_out(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    state = open_state(home)
    first = intake.accept(state, [{"text": "fine"}], "Ann")["id"]
    odd = state.enqueue(intake.KIND, {"comments": ["of another release"], "by": "Ann"})
    taken = [first, odd, intake.accept(state, [{"text": "also fine"}], "Ann")["id"]]
    assert intake.drain(home, state) == 3
    told = [intake.outcome(state, n) or {} for n in taken]
    assert [t["state"] for t in told] == ["loaded", "failed", "loaded"]
    assert [d.id for d in state.dead_letters()] == [taken[1]]
    assert state.pending(intake.KIND) == 0
    state.close()


def test_a_query_filters_by_name_as_a_question_does(rest: Served) -> None:
    customers, orders = frame(rest, "customers"), frame(rest, "orders")
    one = customers[customers["customer_id"].isin(orders["customer_id"]) & ~customers["name"].duplicated(keep=False)].iloc[0]
    with rest.client() as ann:

        def asked(value: str, *, negated: bool = False) -> Any:
            where = [{"dimension": "customer", "values": [value], "negated": negated}]
            return ann.post("/api/v1/query", json={"metric": "orders", "where": where})

        by_id, by_name = asked(one["customer_id"]).json(), asked(one["name"].upper()).json()
        assert by_id["figures"][0]["value"] == by_name["figures"][0]["value"] > 0
        whole = ann.post("/api/v1/query", json={"metric": "orders"}).json()["figures"][0]["value"]
        assert asked(one["name"], negated=True).json()["figures"][0]["value"] == whole - by_id["figures"][0]["value"]
        for negated in (False, True):
            refused = asked(one["name"][:-1] + "x", negated=negated)
            assert problem(refused) == (404, "unknown_name")
            assert one["name"] in refused.json()["nearest"]


def test_a_hidden_name_is_as_unknown_as_none(rest: Served) -> None:
    customers = frame(rest, "customers")
    hidden = customers[~customers["customer_id"].isin(seen_by(rest, "Rita"))].iloc[0]
    said = []
    with rest.client("Rita") as rita:
        for value in (hidden["name"], hidden["customer_id"], "Zzyzx Quarry"):
            where = [{"dimension": "customer", "values": [value]}]
            got = rita.post("/api/v1/query", json={"metric": "orders", "where": where})
            assert problem(got) == (404, "unknown_name")
            said.append(got.json()["detail"].replace(value, "…"))
            assert hidden["name"] not in str(got.json().get("nearest"))
    assert len(set(said)) == 1


def test_who_answered_is_not_listed_to_a_rep(rest: Served) -> None:
    agents = frame(rest, "interactions")["agent"].dropna()
    where = [{"dimension": "agent", "values": [agents.iloc[0][:-1]]}]
    with rest.client("Rita") as rita:
        got = rita.post("/api/v1/query", json={"metric": "first_response_hours", "where": where})
        said = rita.post("/api/v1/ask", json={"question": f"contacts answered by {agents.iloc[0]}"}).text
    assert problem(got)[0] in (403, 422)
    assert not any(a in got.text for a in agents.unique())
    assert not any(a in said.replace(agents.iloc[0], "") for a in agents.unique())
