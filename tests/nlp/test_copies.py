"""Near duplicates count once, or each of them, as asked; nothing else changes by it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from nlp.dedupe import Writers, duplicates
from nlp.encoder import load_encoder
from nlp.pipeline import analyse
from nlp.taxonomy import load_taxonomy

HEADS = ("The delivery was late again", "Our order arrived too late", "The shipment came two days late")
TAILS = (
    "because the truck broke down on the motorway",
    "because the driver left it at the wrong dock",
    "and nobody told us about it",
)
COPIED = "The invoice shows another price than the one we had agreed with your sales team."


def test_copies_are_counted_as_asked() -> None:
    said = [f"{head} {tail}." for head, tail in itertools.product(HEADS, TAILS)] + [COPIED] * 6
    comments = pd.DataFrame({"feedback_id": [f"F{i:02d}" for i in range(len(said))], "text": said})
    once, each = (analyse(comments, load_encoder(), load_taxonomy("supply_chain"), copies=c) for c in ("once", "each"))
    assert once.texts["duplicate_of"].notna().sum() >= 5
    pd.testing.assert_frame_equal(once.segments, each.segments)
    theme = once.segments.loc[once.segments["text"].str.startswith("The invoice"), "theme_id"].iloc[0]
    counted = [v.themes.set_index("theme_id")["comments"][theme] for v in (once, each)]
    assert counted == [1, 6]
    assert once.themes["comments"].sum() < each.themes["comments"].sum()


LETTER = "We the undersigned tenants ask you to return the parcel lockers to the north gate where every one of us could reach them on foot"


@pytest.mark.parametrize(
    ("text", "who", "days", "copies"),
    [
        ("the delivery came late again today", ["A", "B"], [0, 0], False),  # two customers who say the same are two
        ("the delivery came late again today", ["A", "A"], [0, 3], True),
        ("the delivery came late again today", ["A", "A"], [0, 90], False),
        ("the delivery came late again today", [None, None], [0, 0], False),
        (LETTER, ["A", "B"], [0, 30], True),
    ],
)
def test_a_copy_is_of_the_same_customer_within_days_or_a_letter(
    text: str, who: list[str | None], days: list[int], copies: bool
) -> None:
    writers = Writers(who, np.array(days, dtype=float) * 86400)
    assert duplicates(["1", "2"], [text, text], None, writers) == [None, "1" if copies else None]
