"""The encoder as what knows the meaning of a column's name; nothing where it cannot be loaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge.errors import RapportError
from knowledge.nearest import Meaning


def meaning() -> Meaning | None:
    """Vectors of words, rows of length 1; None where the encoder's files are not there."""
    from nlp.encoder import load_encoder

    try:
        return load_encoder().encode
    except RapportError:
        return None


def when_asked() -> Meaning:
    """The same, loaded when it is first asked; vectors of nothing where it is not there."""

    def vectors(texts: Sequence[str]) -> np.ndarray:
        known = meaning()
        return known(texts) if known is not None else np.zeros((len(texts), 1), dtype=np.float32)

    return vectors
