"""Vectors of texts that ship with the product, so that a process need not make thousands of them first.

`python -m assistant.reader.known` writes the file; what it lacks, or was made with other weights, is computed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "data" / "texts.npz"
Floats = NDArray[np.float32]


def key(text: str, kind: str) -> int:
    """What a text is found by: the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"{kind}|{text}".encode()).digest()[:8], "big")


@lru_cache(maxsize=1)
def vectors(weights: str) -> Mapping[int, Floats]:
    """By `key`, of texts whose vectors were made with the weights of that digest; empty where there are none."""
    if not FILE.is_file():
        return {}
    with np.load(FILE, allow_pickle=False) as told:
        if str(told["weights"]) != weights:
            return {}
        rows = told["vectors"].astype(np.float32)
        return dict(zip((int(k) for k in told["keys"]), rows, strict=True))


def write(texts: Sequence[tuple[str, str]], rows: Floats, weights: str, file: Path = FILE) -> None:
    """Writes the vectors (n, d) of (text, kind) pairs, by key."""
    keys = np.array([key(t, k) for t, k in texts], dtype=np.uint64)
    order = np.argsort(keys)
    np.savez_compressed(file, keys=keys[order], vectors=rows[order].astype(np.float16), weights=np.array(weights))
