"""A message held against the record: the order has to be the customer's, and all three verdicts can be given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from assistant.understand.entities import Vocabulary, build_vocabulary
from integrations.claim_check import check
from knowledge.access import Reader
from tests.support import reader, workspace

AT = datetime(2026, 3, 20, tzinfo=UTC)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    customers = pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["Acme Industrial", "Borealis Mining"]})
    orders = pd.DataFrame(
        {
            "order_id": ["SO-1001", "SO-1002", "SO-1003"],
            "customer_id": ["C1", "C2", "C1"],
            "status": ["delivered"] * 3,
            "ordered_at": [day("2026-03-01")] * 3,
            "promised_date": [day("2026-03-10").date()] * 3,
            "delivered_at": [day("2026-03-09"), day("2026-03-15"), day("2026-03-14")],
        }
    )
    return reader(workspace(tmp_path_factory.mktemp("claims"), {"customers": customers, "orders": orders}, "2026-03-31"))


def said(home: Reader, text: str) -> str:
    return check(text, AT, home, Vocabulary(build_vocabulary(home))).text


def test_another_customers_order_proves_nothing(home: Reader) -> None:
    told = said(home, "Acme Industrial says that order SO-1002 came five days late.")
    assert "not one of Acme Industrial" in told
    assert "bears it out" not in told


def test_all_three_verdicts(home: Reader) -> None:
    assert "bears it out" in said(home, "Acme Industrial says that order SO-1003 came days late.")
    assert "says otherwise" in said(home, "Order SO-1001 came late, says Acme Industrial.")
    assert "no record" in said(home, "Order SO-1001 arrived damaged, the box was crushed.")


def test_an_order_that_nobody_has_is_said_to_be_none(home: Reader) -> None:
    assert "SO-9999" in said(home, "Order SO-9999 of Acme Industrial came late.")


def test_a_record_that_holds_nothing_is_no_error(tmp_path: Path) -> None:
    bare = reader(
        workspace(tmp_path, {"customers": pd.DataFrame({"customer_id": ["C1"], "name": ["Acme Industrial"]})}, "2026-03-31")
    )
    assert "no record" in said(bare, "Acme Industrial says that their order came late and they got no reply.")
