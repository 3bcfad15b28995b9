"""What somebody who sees some accounts is told adds up those accounts: themes, reasons, totals, ranks; and says so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.integrations.serving import Served
from tests.integrations.test_intake_rights import seen_by
from tests.integrations.test_rest import frame


@pytest.fixture
def mine(rest: Served) -> list[str]:
    return seen_by(rest, "Rita")


def test_themes_count_only_the_comments_of_ones_own_accounts(rest: Served, mine: list[str]) -> None:
    feedback, segments = frame(rest, "feedback"), frame(rest, "feedback_segments")
    own = set(feedback[feedback["customer_id"].isin(mine)]["feedback_id"])
    counted = segments[segments["feedback_id"].isin(own)].groupby("theme_id")["feedback_id"].nunique()
    with rest.client("Rita") as rita, rest.client("Ann") as ann:
        hers = rita.get("/api/v1/themes?limit=200").json()["items"]
        whole = {t["theme_id"]: t["comments"] for t in ann.get("/api/v1/themes?limit=200").json()["items"]}
        for theme in hers:
            assert theme["comments"] == counted.get(theme["theme_id"], 0)
            card = rita.get(f"/api/v1/themes/{theme['theme_id']}").json()
            assert card["comments"] == theme["comments"]
            assert sum(r["comments"] for r in card["reasons"]) <= 2 * card["comments"]
            assert {q["feedback_id"] for r in card["reasons"] for q in r["quotes"]} <= own
            assert {t["feedback_id"] for t in card["typical"]} <= own
    assert sum(t["comments"] for t in hers) < sum(whole.values())


@pytest.mark.parametrize(
    "question",
    [
        "revenue in 2026",
        "orders in 2026",
        "how many orders are open?",
        "on-time delivery in 2026",
        "how many customers do we have?",
    ],
)
def test_a_total_says_whose_it_is_and_is_that(rest: Served, mine: list[str], question: str) -> None:
    with rest.client("Rita") as rita, rest.client("Ann") as ann:
        hers, whole = (c.post("/api/v1/ask", json={"question": question}).json() for c in (rita, ann))
    if hers["status"] != "answered":
        assert hers["status"] == "no_data"
        return
    assert "your accounts" in hers["text"], hers["text"]
    assert "your accounts" not in whole["text"]
    assert hers["figures"][0]["rows"] < whole["figures"][0]["rows"]


def test_a_count_of_orders_is_that_of_ones_own(rest: Served, mine: list[str]) -> None:
    orders = frame(rest, "orders")
    own = orders[orders["customer_id"].isin(mine) & (orders["status"] != "cancelled")]
    with rest.client("Rita") as rita:
        said = rita.post("/api/v1/query", json={"metric": "orders"}).json()
        by_theme = rita.post("/api/v1/query", json={"metric": "feedback_count", "by": ["theme"]}).json()
    assert said["figures"][0]["value"] == len(own)
    comments = frame(rest, "feedback")
    assert all(f["rows"] <= (comments["customer_id"].isin(mine)).sum() for f in by_theme["figures"])


def test_nothing_counts_or_ranks_among_all_accounts(rest: Served, mine: list[str]) -> None:
    total = len(frame(rest, "customers"))
    told: dict[str, Any] = {}
    with rest.client("Rita") as rita:
        assert "rows" not in rita.get("/api/v1/snapshots/current").json()
        for at in (
            f"/api/v1/customers/{mine[0]}",
            f"/api/v1/customers/{mine[0]}/brief",
            f"/api/v1/customers/{mine[0]}/brief?format=md",
        ):
            told[at] = rita.get(at).text
        for question in (
            f"brief on {mine[0]}",
            "which of my customers is the largest?",
            f"how does {mine[0]} rank by revenue?",
            "top 10 customers by revenue",
        ):
            got = rita.post("/api/v1/ask", json={"question": question}).json()
            told[question] = json.dumps({k: v for k, v in got.items() if k != "plan"}, ensure_ascii=False)
    for where, text in told.items():
        assert not re.findall(rf"of all accounts|of {total} (?:customers|accounts)|among {total}\b", text), where
