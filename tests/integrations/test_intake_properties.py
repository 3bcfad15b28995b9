"""Whatever somebody hands in: every comment is accounted for, nothing that others said changes, nothing lands on accounts that they do not
see, nothing is of a moment that is still to come, and sending it again does nothing.

RAPPORT_EXAMPLES says how many bundles are tried, new ones each time (in `make soak`); without it a few, the same every time."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations import intake
from integrations.vouched import CLOCKS, in_time, vouched
from integrations.web.bodies import Comment
from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import BadQuestion
from knowledge.snapshot import current
from knowledge.state import open_state
from knowledge.tables import Store
from tests.support import workspace

EXAMPLES = os.environ.get("RAPPORT_EXAMPLES")
NOW = datetime.now(UTC)
RITA = Scope("Rita", "rep", frozenset({"C1"}), ROLE_RIGHTS["rep"])
ANN = Scope("Ann", "admin", None, ROLE_RIGHTS["admin"])

ids = st.sampled_from([None, "F1", "F2", "Rita:F1", "new", " F1 ", "ünï", "a:b", "F1\u200b"])
customers = st.sampled_from([None, "C1", "C2", "C-none", " C1", "c1", "C1,C2"])
orders = st.sampled_from([None, "O1", "O2", "O-none"])
times = st.sampled_from(
    [None, NOW, NOW - timedelta(days=400), NOW + timedelta(days=1), datetime(2999, 1, 1, tzinfo=UTC), datetime(2026, 1, 5)]
)
comments = st.builds(
    lambda feedback_id, customer_id, order_id, at, text, nps: Comment(
        feedback_id=feedback_id, customer_id=customer_id, order_id=order_id, at=at, text=text, nps=nps
    ).model_dump(mode="json"),
    feedback_id=ids, customer_id=customers, order_id=orders, at=times, text=st.sampled_from(["late again", "=1+1", "<!channel>", "x" * 3000, "'; DROP"]),
    nps=st.sampled_from([None, 0, 10]),
)  # fmt: skip
bundles = st.lists(comments, min_size=1, max_size=8)


def made(root: Path) -> Path:
    """Two customers with an order and a comment each."""
    at = pd.Timestamp("2026-03-01", tz="UTC")
    return workspace(
        root,
        {
            "customers": pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["Acme", "Bolt"]}),
            "orders": pd.DataFrame({"order_id": ["O1", "O2"], "customer_id": ["C1", "C2"], "ordered_at": [at] * 2, "status": ["open"] * 2}),
            "feedback": pd.DataFrame({"feedback_id": ["F1", "F2"], "customer_id": ["C1", "C2"], "at": [at] * 2, "channel": ["survey"] * 2, "text": ["fine", "bad"]}),
        },
        "2026-03-31",
    )  # fmt: skip


def rows(home: Path) -> dict[str, dict[str, Any]]:
    return {r["feedback_id"]: r for r in Store(home / "tables").read("feedback").to_pylist()}


def handed_in(home: Path, bundle: list[dict[str, Any]], scope: Scope, event: str) -> dict[str, Any] | None:
    """As the doors do it; None where it is refused as a whole."""
    state = open_state(home)
    try:
        in_time(bundle, "UTC")
        mine, refused = vouched(bundle, Reader(home, current(home), scope))
        taken = intake.accept(state, mine, scope.principal, event=event, refused=refused)
        intake.drain(home, state)
        return {**taken, "outcome": intake.outcome(state, taken["id"])}
    except BadQuestion as err:
        if err.code != "in_the_future":
            raise
        return None
    finally:
        state.close()


@settings(max_examples=int(EXAMPLES or 12), derandomize=EXAMPLES is None, deadline=None)
@given(bundles)
def test_a_rep_hands_in_what_is_theirs_and_nothing_else(bundle: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        home = made(Path(folder) / "w")
        before = rows(home)
        taken = handed_in(home, bundle, RITA, "e1")
        after = rows(home)
        assert {k: after[k] for k in before} == before
        new = {k: r for k, r in after.items() if k not in before}
        assert all(k.startswith(("Rita:", "A-")) for k in new)
        assert {r["customer_id"] for r in new.values()} <= {"C1", None}
        assert {r["order_id"] for r in new.values()} <= {"O1", None}
        assert all(r["at"] <= datetime.now(UTC) + CLOCKS for r in new.values())
        if taken is None:
            assert not new
            return
        outcome = taken["outcome"]
        assert outcome["loaded"] + len(outcome["quarantined"]) == taken["accepted"] == len(bundle)
        assert len(new) <= outcome["loaded"]
        again = handed_in(home, bundle, RITA, "e1")
        assert again is not None
        assert again["state"] == "repeated"
        assert again["feedback_ids"] == taken["feedback_ids"]
        assert rows(home) == after


@settings(max_examples=int(EXAMPLES or 6), derandomize=EXAMPLES is None, deadline=None)
@given(bundles)
def test_an_admin_is_told_what_became_of_each(bundle: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        home = made(Path(folder) / "w")
        taken = handed_in(home, bundle, ANN, "e1")
        if taken is None:
            assert len(rows(home)) == 2
            return
        outcome = taken["outcome"]
        assert outcome["loaded"] + len(outcome["quarantined"]) == taken["accepted"] == len(bundle)
        assert {q["feedback_id"] for q in outcome["quarantined"]} <= set(taken["feedback_ids"])
        assert {r["customer_id"] for r in rows(home).values()} <= {"C1", "C2", None}
