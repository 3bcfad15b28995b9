"""Claims that an order record can settle are found by what clauses say; praise and denial make none."""

from __future__ import annotations

import pandas as pd
import pytest

from nlp.claims import CLAIMS, find_claims


def said(*texts: str, sentiment: int = -1, aspect: str | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "feedback_id": [f"F{i}" for i in range(len(texts))], "segment": 0, "start": 0, "end": [len(t) for t in texts], "text": texts,
            "aspect": aspect, "aspect_confidence": 0.9, "sentiment": sentiment, "sentiment_score": float(sentiment),
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("you said tuesday, it is thursday", "late"),
        ("the truck never arrived", "late"),
        ("our delivery is three days overdue", "late"),
        ("two boxes were missing from the shipment", "incomplete"),
        ("we were short shipped again", "incomplete"),
        ("the pallet came in crushed", "damaged"),
        ("we received the wrong parts", "wrong_item"),
        ("this is not what we ordered", "wrong_item"),
        ("the invoice shows the wrong price", "wrong_invoice"),
        ("we were billed twice", "wrong_invoice"),
        ("we are still waiting for our refund", "slow_refund"),
        ("nobody answered my e-mail", "no_reply"),
        ("the filter is on back order", "out_of_stock"),
    ],
)
def test_what_people_say_makes_the_claim(text: str, claim: str) -> None:
    assert claim in set(find_claims(said(text))["claim"])


@pytest.mark.parametrize(
    "text",
    ["never late, always reliable", "no damage at all", "nothing was missing, well done", "delivered on time", "good prices"],
)
def test_praise_and_denial_make_none(text: str) -> None:
    assert find_claims(said(text, sentiment=1)).empty


@pytest.mark.parametrize("text", ["too expensive for what it is", "the driver was rude", "the portal is slow"])
def test_what_no_record_can_settle_is_no_claim(text: str) -> None:
    assert find_claims(said(text)).empty


def test_an_aspect_that_is_sure_makes_a_claim_without_the_words() -> None:
    assert set(find_claims(said("once more a sorry sight at our dock", aspect="product.damaged"))["claim"]) == {"damaged"}
    assert find_claims(said("once more a lovely sight at our dock", aspect="product.damaged", sentiment=1)).empty


def test_one_clause_may_make_two_claims_and_order_does_not_matter() -> None:
    rows = said("late again and two boxes missing", "billed twice")
    found = find_claims(rows)
    assert set(found["claim"]) == {"late", "incomplete", "wrong_invoice"}
    assert found.equals(find_claims(rows.iloc[::-1]))
    assert find_claims(rows.iloc[:0]).empty
    assert len({c.name for c in CLAIMS}) == 8
