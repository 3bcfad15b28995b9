"""Sentiment as shipped: its sentences are texts and none is taught twice; questions, requests and facts are not complaints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml

from nlp import sentiment
from nlp.encoder import load_encoder

UNSEEN = {
    "negative": [
        "we have waited all week for the missing drums", "your helpline cut me off twice", "the shower was broken and nobody came",
        "the patch deleted my settings", "my transfer has vanished", "why is my ticket gone again", "fantastic, the lift is out of order too",
        "the soles came off after ten days", "it would have been nice to be told", "three emails and not one answer",
    ],
    "neutral": [
        "which dock should the truck go to", "do you rent out bicycles", "please send me the drawing of the flange", "my seat is 14C",
        "how do I add a user to the account", "our plant is closed in July", "what is the fee for a wire abroad",
        "the jacket has three buttons", "I will forward it to my colleague", "can I exchange it at another branch",
    ],
    "positive": [
        "your planner saved our weekend", "what a friendly receptionist", "the new release is a delight", "it was fixed within minutes, thank you",
        "these boots are so comfortable", "never had such a reliable carrier", "thanks for looking after my dad", "the coffee was superb",
        "the pump runs better than the old one ever did", "a wonderful stay",
    ],
}  # fmt: skip


def test_every_sentence_is_a_text_and_taught_once() -> None:
    raw = yaml.safe_load((Path(sentiment.__file__).parent / "data" / "sentiment.yaml").read_text(encoding="utf-8"))
    taught = [s for said in raw.values() for s in said]
    assert set(raw) == set(sentiment.CLASSES)
    assert [s for s in taught if not isinstance(s, str)] == []
    assert len({s.lower() for s in taught}) == len(taught)
    assert not {s.lower() for s in taught} & {s.lower() for said in UNSEEN.values() for s in said}


def test_what_it_was_not_taught_it_tells_apart() -> None:
    encoder = load_encoder()
    right = {}
    for name, texts in UNSEEN.items():
        odds = sentiment.shipped_head(encoder).probabilities(texts, encoder.encode(texts))
        right[name] = float((np.array(sentiment.CLASSES)[sentiment.polarity(odds) + 1] == name).mean())
    assert min(right.values()) >= 0.7, right
    assert np.mean(list(right.values())) >= 0.8, right
