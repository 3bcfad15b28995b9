"""Where a failing service rate of an account comes from: the carrier, warehouse, channel or category that fails clearly more."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.book import SPLITS
from assistant.brief.content import Name, Words
from knowledge.records import Figure, Period

LEAST_ROWS, LEAST_SHARE = 10, 0.4
WORDS = {"ship_from": "warehouse", "carrier": "carrier", "channel": "channel", "category": "category"}


@dataclass(frozen=True)
class Cause:
    """The member that most of the failures come from: its rate, and the rate of all the rest."""

    member: Name
    words: Words
    figures: tuple[Figure, ...]


def cause(account: Account, metric: str, span: Period) -> Cause | None:
    """The member whose failures beyond the others' rate are the largest part, where that is clear of chance; else None.

    Every dimension that may explain the metric is tried; the bar of the test rises with the number of members."""
    best: tuple[float, str, Figure, Figure] | None = None
    for dimension, metrics in SPLITS.items():
        if metric not in metrics:
            continue
        found = account.book.split(account.id, dimension, metric, span)
        tried = max(1, len(found))
        for member, figure in found.items():
            rest = derived.others(list(found.values()), figure, least=1)
            if rest is None or (figure.denominator or 0) < LEAST_ROWS or not derived.differ(figure, rest, 0.05 / tried):
                continue
            excess = (figure.denominator or 0) * ((derived.number(rest) or 0) - (derived.number(figure) or 0))
            failures = sum((f.denominator or 0) - (f.numerator or 0) for f in found.values())
            share = excess / failures if failures else 0.0
            if share >= LEAST_SHARE and (best is None or share > best[0]):
                best = (share, f"{dimension}={member}", figure, rest)
    if best is None:
        return None
    _, key, figure, rest = best
    dimension, _, member = key.partition("=")
    name = Name(member, dimension, member)
    return Cause(name, (WORDS[dimension], " ", name, ": ", figure, " there, ", rest, " elsewhere"), (figure, rest))
