"""Trust index: a weighted mean of four measured parts, always shown with them (METRICS C11b).

The weights are this product's design choice; credibility and benevolence are the two faces of trust in Morgan and Hunt 1994."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.errors import NoData

WEIGHTS: dict[str, float] = {
    "promise_keeping": 0.35,
    "response_reliability": 0.25,
    "complaint_recovery": 0.20,
    "document_accuracy": 0.20,
}
LEAST_EVENTS = 5
LEAST_COVERAGE = 0.55


@dataclass(frozen=True)
class Trust:
    """The index from 0 to 100, the share of the weight that was measured, and each part's share, events and weight."""

    index: float
    coverage: float
    parts: Mapping[str, float]
    left_out: tuple[str, ...]

    def comparable(self, other: Trust) -> bool:
        """Two accounts may be compared only where the same parts were measured."""
        return set(self.parts) == set(other.parts)


def trust_index(parts: Mapping[str, tuple[float, int]], weights: Mapping[str, float] | None = None) -> Trust:
    """Needs share and number of events of each part; parts with fewer than five events are left out and named.

    Fails: NoData (`too_little_measured`) where the rest holds less than 0.55 of the weight."""
    chosen = dict(weights or WEIGHTS)
    whole = sum(chosen.values())
    measured = {n: share for n, (share, events) in parts.items() if n in chosen and events >= LEAST_EVENTS}
    weight = sum(chosen[n] for n in measured)
    left_out = tuple(n for n in chosen if n not in measured)
    if weight / whole < LEAST_COVERAGE - 1e-12:
        raise NoData(
            f"Too little is measured for a trust index ({weight / whole:.0%} of its weight).",
            f"Not measured: {', '.join(n.replace('_', ' ') for n in left_out)}.",
            code="too_little_measured",
        )
    index = 100 * sum(chosen[n] * share for n, share in measured.items()) / weight
    return Trust(index, weight / whole, measured, left_out)
