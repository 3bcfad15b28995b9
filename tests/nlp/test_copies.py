"""Near duplicates count once, or each of them, as asked; nothing else changes by it."""

from __future__ import annotations

import itertools

import pandas as pd

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
