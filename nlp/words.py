"""Ordinary English words, as the encoder's own vocabulary has them."""

from __future__ import annotations

import json
from functools import lru_cache

LEAST = 4


@lru_cache(maxsize=1)
def ordinary() -> frozenset[str]:
    """Whole words of the encoder's vocabulary: what is among them is no misspelling. Needs: the encoder's files."""
    from nlp.weights import default_files

    told = json.loads(default_files()["tokenizer.json"].read_text(encoding="utf-8"))
    return frozenset(w for w in told["model"]["vocab"] if len(w) >= LEAST and w.isalpha())
