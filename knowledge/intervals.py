"""Intervals and tests of rates and means (METRICS A10, C9, C11).

Sources: Wilson 1927; Newcombe 1998; Benjamini and Hochberg 1995. SciPy is imported where it is used: its statistics take a third
of a second to import, and most answers need none of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.959964
AS_LIKELY = 1e-7  # tables whose odds differ by less are equally likely


def wilson(k: float, n: float) -> tuple[float, float]:
    """95 % interval of the rate k/n, to nine digits; (0, 1) where n is 0."""
    if n <= 0:
        return 0.0, 1.0
    p = k / n
    middle, root = p + Z**2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    low, high = (middle - root) / (1 + Z**2 / n), (middle + root) / (1 + Z**2 / n)
    return round(max(0.0, low), 9), round(min(1.0, high), 9)


def t_interval(mean: float, sd: float, n: int) -> tuple[float, float] | None:
    """95 % t interval of a mean; None below two values."""
    if n < 2 or not math.isfinite(sd):
        return None
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)
    return mean - half, mean + half


def nps_margin(promoters: float, detractors: float, n: float) -> float:
    """Half width in points of the 95 % interval of a net promoter score."""
    p, d = promoters / n, detractors / n
    return Z * 100 * math.sqrt(max(0.0, p + d - (p - d) ** 2) / n)


def newcombe(k1: float, n1: float, k2: float, n2: float) -> tuple[float, float]:
    """95 % interval of the difference k1/n1 - k2/n2 from the two Wilson intervals."""
    p1, p2 = k1 / n1, k2 / n2
    (l1, u1), (l2, u2) = wilson(k1, n1), wilson(k2, n2)
    low = p1 - p2 - math.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    high = p1 - p2 + math.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return low, high


def rates_differ(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided p-value that two rates are equal: Fisher where an expected count is below 5, else the G-test."""
    table = [[k1, n1 - k1], [k2, n2 - k2]]
    total = n1 + n2
    yes = k1 + k2
    expected = [[n * yes / total, n * (total - yes) / total] for n in (n1, n2)]
    if min(min(row) for row in expected) < 5:
        return fisher(k1, n1, k2, n2)
    from scipy.special import chdtrc

    g = 2 * sum(o * math.log(o / e) for row, ex in zip(table, expected, strict=True) for o, e in zip(row, ex, strict=True) if o)
    return float(chdtrc(1, g))


def fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Fisher's exact test, two-sided: the odds of all tables no likelier than that with k1 of n1 and k2 of n2.

    By the ratio of each table's odds to those of its neighbour, starting from that one: a thousandth of the time that SciPy takes,
    which matters where hundreds of accounts are looked through."""
    yes = k1 + k2
    rest = n2 - yes  # a table with k of n1 has rest + k of n2 that are not so
    odds, seen, other = 1.0, 1.0, 0.0
    for k in range(k1, min(yes, n1)):
        odds *= (yes - k) * (n1 - k) / ((k + 1) * (rest + k + 1))
        seen, other = (seen + odds, other) if odds <= 1 + AS_LIKELY else (seen, other + odds)
    odds = 1.0
    for k in range(k1, max(0, -rest), -1):
        odds *= k * (rest + k) / ((yes - k + 1) * (n1 - k + 1))
        seen, other = (seen + odds, other) if odds <= 1 + AS_LIKELY else (seen, other + odds)
    return seen / (seen + other)


def surge(now: int, now_days: int, before: int, before_days: int) -> float:
    """One-sided p-value that events come more often now than before (conditional test of two Poisson rates).

    Source: Przyborowski and Wilenski 1940."""
    from scipy.special import bdtrc

    return float(bdtrc(now - 1, now + before, now_days / (now_days + before_days))) if now else 1.0


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values (q) in the order given."""
    m = len(p_values)
    order = sorted(range(m), key=lambda i: p_values[i], reverse=True)
    q, smallest = [0.0] * m, 1.0
    for rank, i in enumerate(order):
        smallest = min(smallest, p_values[i] * m / (m - rank))
        q[i] = smallest
    return q
