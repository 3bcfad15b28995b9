"""The demo company: a made-up maker and distributor of industrial supplies, with a ledger of what was planted in it."""

from __future__ import annotations

from pathlib import Path

from integrations.demo.causes import Cause, Ledger

__all__ = ["Cause", "Ledger", "generate"]


def generate(folder: Path, *, seed: int = 7, scale: float = 1.0) -> Ledger:
    """Writes one CSV a canonical table into `folder` and gives the ledger. The same seed and scale give the same bytes."""
    from integrations.demo.make import make

    return make(folder, seed=seed, scale=scale)
