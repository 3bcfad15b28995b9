"""Ratings beside words: evidence of a comment's mood where its words leave that open, never a replacement of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

CLEAR, TIPS, AT_ODDS = 0.15, 0.4, 0.5
PROMOTER, DETRACTOR = 9, 6


def leaning(feedback: pd.DataFrame) -> pd.Series:
    """What each comment's stars say, from -1 (lowest) to +1 (highest) of their scale ("1-5"), else its NPS answer (9-10, 7-8, 0-6); by
    feedback_id, missing without either. Needs feedback_id; uses rating, rating_scale and nps."""
    rows = feedback.drop_duplicates("feedback_id").set_index("feedback_id")
    told = rows.reindex(columns=["rating", "nps"]).apply(pd.to_numeric, errors="coerce").astype("float64")
    scale = (
        rows.reindex(columns=["rating_scale"])["rating_scale"]
        .astype("string")
        .str.extract(r"^\s*(-?[\d.]+)\s*-\s*([\d.]+)\s*$")
    )
    low, high = (pd.to_numeric(scale[i], errors="coerce").astype("float64") for i in (0, 1))
    stars = (2 * (told["rating"] - low) / (high - low) - 1).where(high > low).clip(-1, 1)
    nps = (told["nps"] >= PROMOTER).astype("float64") - (told["nps"] <= DETRACTOR).astype("float64")
    found: pd.Series = stars.fillna(nps.where(told["nps"].notna()))
    return found


def rated(texts: pd.DataFrame, feedback: pd.DataFrame) -> pd.DataFrame:
    """Adds `mood` (-1, 0, +1; words first, the rating tips what they leave open) and `at_odds`: words and rating both clear, and the
    other way round (sarcasm, a scale misread). Needs sentiment_score (-1 to 1, missing where there are no words)."""
    stars = leaning(feedback).reindex(texts["feedback_id"]).to_numpy(np.float64)
    words = texts["sentiment_score"].to_numpy(np.float64)
    said, told = np.nan_to_num(words), np.nan_to_num(stars)
    both = said + (1 - np.abs(said)) * TIPS * told
    known = ~np.isnan(words) | ~np.isnan(stars)
    mood = np.where(known, np.where(both > CLEAR, 1.0, np.where(both < -CLEAR, -1.0, 0.0)), np.nan)
    odds = (said * told < 0) & (np.abs(said) >= AT_ODDS) & (np.abs(told) >= AT_ODDS)
    return texts.assign(mood=mood, at_odds=odds)
