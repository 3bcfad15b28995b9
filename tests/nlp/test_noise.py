"""What another processor could still change (nothing is known to) does not matter: vectors that are moved a little give the same
themes, names, ids, reasons, aspects and moods; moved as much as int8 kernels differ elsewhere, what was planted is found."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from nlp.encoder import Encoder, Noisy, load_encoder
from nlp.pipeline import Voice, analyse
from nlp.taxonomy import load_taxonomy
from tests.nlp.test_themes_and_reasons import PARTS

LAST_BITS, KERNELS = 1e-6, 1.2e-3  # a component: sums in another order in float32; a cosine of 0.9997
SAID = [
    (f"{topic}-{n:02d}", f"{head} {tail}".strip() + ".")
    for topic, (heads, tails) in PARTS.items()
    for n, (head, tail) in enumerate(itertools.product(heads, tails))
]


def heard(encoder: Encoder) -> Voice:
    return analyse(pd.DataFrame(SAID, columns=["feedback_id", "text"]), encoder, load_taxonomy("supply_chain"))


@pytest.fixture(scope="module")
def voice() -> Voice:
    return heard(load_encoder())


def decided(voice: Voice) -> dict[str, object]:
    clauses = voice.segments[["feedback_id", "segment", "theme_id", "reason_id", "aspect", "sentiment"]]
    return {
        "clauses": clauses.astype(object).where(clauses.notna(), None).values.tolist(),
        "themes": voice.themes[["theme_id", "name", "parent_name"]].values.tolist(),
        "reasons": voice.reasons[["reason_id", "name"]].values.tolist(),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_noise_of_the_last_bits_changes_no_decision(voice: Voice, seed: int) -> None:
    assert decided(heard(Noisy(load_encoder(), LAST_BITS, seed))) == decided(voice)


def test_noise_of_other_kernels_leaves_what_was_planted(voice: Voice) -> None:
    noisy = heard(Noisy(load_encoder(), KERNELS))
    topics = noisy.segments["feedback_id"].str.split("-").str[0].groupby(noisy.segments["theme_id"])
    assert (topics.agg(lambda t: t.value_counts(normalize=True).iloc[0]) >= 0.8).all()
    assert set(noisy.themes["name"]) & set(voice.themes["name"])


def test_noise_is_as_large_as_it_says_and_the_same_for_the_same_text() -> None:
    texts = [text for _, text in SAID]
    plain, noisy = load_encoder().encode(texts), Noisy(load_encoder(), KERNELS).encode(texts)
    assert (plain * noisy).sum(axis=1).mean() == pytest.approx(0.9997, abs=5e-5)
    assert np.array_equal(noisy, Noisy(load_encoder(), KERNELS).encode(texts))
