"""Claims that an order record can settle are read from what clauses mean and what they are about; praise and denial make none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nlp.claims import BY_NAME, examples, find_claims, read_claims
from nlp.encoder import load_encoder
from nlp.frames import frame, units
from nlp.text import parsed, trained

TELLS = 0.5
needs_pipeline = pytest.mark.skipif(not trained(), reason="the trained English pipeline is not installed")


def claims_of(*texts: str) -> pd.DataFrame:
    encoder = load_encoder()
    made = read_claims(texts, encoder.encode(texts), np.zeros(len(texts)), encoder)
    said = pd.DataFrame(
        {"feedback_id": [f"F{i}" for i in range(len(texts))], "segment": 0, "start": 0, "end": [len(t) for t in texts]}
    )
    return find_claims(said.assign(claims=made.claims, claim_about=made.about, claim_asserts=made.asserts))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("the truck with our yeast never arrived", "late"),
        ("our delivery of malt is three days overdue", "late"),
        ("two kegs were missing from the shipment", "incomplete"),
        ("we were short shipped again", "incomplete"),
        ("the kegs came in crushed", "damaged"),
        ("we received the wrong hops", "wrong_item"),
        ("this is not what we ordered", "wrong_item"),
        ("the invoice shows the wrong price", "wrong_invoice"),
        ("we were billed twice", "wrong_invoice"),
        ("we are still waiting for our refund", "slow_refund"),
        ("nobody answered my e-mail", "no_reply"),
        ("the hops are on back order", "out_of_stock"),
    ],
)
def test_what_people_say_makes_the_claim(text: str, claim: str) -> None:
    found = claims_of(text)
    assert claim in set(found.loc[found["likely"] >= TELLS, "claim"])


@pytest.mark.parametrize(
    "text",
    [
        "never late, always reliable", "no damage at all", "nothing was missing, well done", "delivered on time", "good prices",
        "too expensive for what it is", "the driver was rude", "the portal is slow",
        "the certificate of analysis was missing", "the label was missing on the kegs", "the manual is incomplete",
        "the hops were from the harvest before last", "please call me back",
    ],
)  # fmt: skip
def test_praise_denial_and_what_no_record_can_settle_make_none(text: str) -> None:
    found = claims_of(text)
    assert found[found["likely"] >= TELLS].empty


def test_the_examples_cover_every_claim_and_leave_no_slot_open() -> None:
    texts, labels = examples()
    assert set(labels) == {*BY_NAME, *(f"fine {c}" for c in BY_NAME), "none"}
    assert not [t for t in texts if "{" in t]


@needs_pipeline
@pytest.mark.parametrize(
    ("text", "about", "asserts"),
    [
        ("only eight of the ten kegs came", ("keg",), True),
        ("you forgot the packing list", ("packing list",), True),
        ("if a box is missing I will call", ("box",), False),
        ("could you send the invoice", ("invoice",), False),
    ],
)
def test_what_a_statement_is_about_is_read_from_its_structure(text: str, about: tuple[str, ...], asserts: bool) -> None:
    tokens = (parsed([text]) or [()])[0]
    read = frame(tokens)
    assert (read.about[: len(about)], read.asserts) == (about, asserts)


@needs_pipeline
@pytest.mark.parametrize(
    ("text", "asserts"),
    [
        ("the malt came three days late", True),
        ("I must say that two kegs were missing", True),
        ("you promised Monday and the hops came on Friday", True),
        ("late again", True),
        ("last winter the malt came three days late", False),
        ("two years ago half the kegs were missing", False),
        ("the malt used to be late", False),
        ("in March the hops were late", False),
        ("a previous delivery was short", False),
        ("the malt is always late", False),
        ("our brewer claims that two kegs were missing", False),
        ("I hear that you are out of stock", False),
        ("they say the hops were late", False),
    ],
)
def test_what_was_at_another_time_is_usual_or_somebody_elses_word_is_not_asserted_of_this_order(
    text: str, asserts: bool
) -> None:
    assert frame((parsed([text]) or [()])[0]).asserts == asserts


@needs_pipeline
def test_each_predicate_with_a_subject_of_its_own_is_a_statement() -> None:
    tokens = (parsed(["the kegs were dented and two sacks were missing"]) or [()])[0]
    assert [len(u) for u in units(tokens)] == [5, 4]  # with the word that joins them


@needs_pipeline
def test_a_clause_may_make_two_claims() -> None:
    found = claims_of("the kegs came in badly dented and two sacks of malt were missing")
    assert {"damaged", "incomplete"} <= set(found.loc[found["likely"] >= TELLS, "claim"])


def test_order_does_not_matter_and_nothing_makes_nothing() -> None:
    texts = ["we were billed twice", "lovely people", "the truck never arrived"]
    one, other = claims_of(*texts), claims_of(*texts[::-1])
    assert sorted(zip(one["claim"], one["likely"])) == sorted(zip(other["claim"], other["likely"]))  # noqa: B905
    assert claims_of("lovely people").empty
