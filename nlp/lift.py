"""Operations lift: which warehouse, carrier, product, channel … is over-represented among those who say something (METRICS C9).

For each level of each dimension the rate of those who say it is compared with the rest's: G-test, or Fisher's exact test where
an expected count is under five; Benjamini-Hochberg over all levels tested. It must hold with time held equal too (Mantel and
Haenszel over quarters), or whatever began late would seem to cause whatever grew. Levels of the same rows are one; what remains
is tested again without the rows of the first, and within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.intervals import fisher

LIKELY, LEAST_ROWS, LEAST_SAID, LEAST_RATIO, SAME_ROWS, SHOWN = 0.05, 10, 5, 1.3, 0.9, 5
NEARLY_ALL = 0.8
MOST = 999.0
COLUMNS = ["outcome", "rank", "dimension", "level", "said", "of", "rest_said", "rest_of", "ratio", "excess", "p", "q", "standing", "also"]  # fmt: skip
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Levels:
    """Rows by levels: `has` (levels, rows); `known` (levels, rows): rows whose level of that dimension is known; `when` (rows,):
    the quarter."""

    names: list[tuple[str, str]]
    has: Flags
    known: Flags
    when: npt.NDArray[np.int64]

    def part(self, chosen: list[int], rows: Flags) -> _Levels:
        """Some levels over some rows."""
        return _Levels([self.names[i] for i in chosen], self.has[chosen][:, rows], self.known[chosen][:, rows], self.when[rows])


def lifts(outcomes: dict[str, set[str]], properties: pd.DataFrame, at: pd.Series | None = None) -> pd.DataFrame:
    """For each outcome (ids of the comments that say it) the levels that are over-represented, by falling excess.

    `properties`: feedback_id, dimension, level; a comment with several levels of a dimension has none that is known. `at`: when
    each comment was written. `standing`: first · holds (also
    without the rows of the first) · within (among the rows of the first) · explained (gone once the first is taken out). The first is
    the level with the largest excess, or that to which it is due."""
    if properties.empty or not outcomes:
        return pd.DataFrame(columns=COLUMNS)
    ids = np.sort(properties["feedback_id"].unique())
    quarter = (
        pd.to_datetime(at, utc=True).reindex(ids).dt.strftime("%Y%m").fillna("0")
        if at is not None
        else pd.Series("0", index=ids)
    )
    when = np.array([int(q[:4] or 0) * 4 + (int(q[4:]) - 1) // 3 if len(q) == 6 else 0 for q in quarter], dtype=np.int64)
    levels = _levels(properties, ids, when)
    rows = []
    for name in sorted(outcomes):
        says = np.isin(ids, np.array(sorted(outcomes[name]), dtype=object))
        rows += [(name, *r) for r in _of(says, levels)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _levels(properties: pd.DataFrame, ids: npt.NDArray[np.object_], when: npt.NDArray[np.int64]) -> _Levels:
    pairs = properties[["feedback_id", "dimension", "level"]].dropna().drop_duplicates()
    pairs = pairs[~pairs.duplicated(["feedback_id", "dimension"], keep=False)]
    row = np.searchsorted(ids, pairs["feedback_id"].to_numpy(object))
    size = pairs.groupby(["dimension", "level"], as_index=False).size()
    size = size[size["size"] >= LEAST_ROWS]
    names = list(zip(size["dimension"].astype(str), size["level"].astype(str), strict=True))
    place = {name: i for i, name in enumerate(names)}
    at = np.array(
        [place.get((str(d), str(v)), -1) for d, v in zip(pairs["dimension"], pairs["level"], strict=True)], dtype=np.int64
    )
    has = np.zeros((len(names), len(ids)), dtype=bool)
    has[at[at >= 0], row[at >= 0]] = True
    of_dimension: dict[str, Flags] = {}
    for dimension, group in zip(pairs["dimension"], row, strict=True):
        of_dimension.setdefault(str(dimension), np.zeros(len(ids), dtype=bool))[group] = True
    known = np.zeros_like(has)
    for i, (dimension, _) in enumerate(names):
        known[i] = of_dimension[dimension]
    return _Levels(names, has, known, when)


def _of(says: Flags, levels: _Levels) -> list[tuple[object, ...]]:
    found = _tested(says, levels)
    kept = [i for i in np.argsort(-found["excess"], kind="stable").tolist() if found["lifted"][i]]
    if not kept:
        return []
    chosen: list[int] = []
    also: dict[int, list[str]] = {}
    for i in kept:
        twin = next((j for j in chosen if _alike(levels.has[i], levels.has[j]) > SAME_ROWS), None)
        if twin is None:
            chosen.append(i)
        else:
            also.setdefault(twin, []).append(": ".join(levels.names[i]))
    first = _source(says, levels, chosen, found["p"])
    others = [i for i in chosen if i != first]
    standing = {first: "first"} | _standing(says, levels, first, others)
    order = {"first": 0, "holds": 1, "within": 1, "explained": 2}
    chosen = sorted(chosen, key=lambda i: (order[standing[i]], -found["excess"][i]))[:SHOWN]
    return [
        (rank, *levels.names[i], *(int(found[c][i]) for c in ("said", "of", "rest_said", "rest_of")),
         *(float(round(found[c][i], 6)) for c in ("ratio", "excess")), float(found["p"][i]), float(found["q"][i]), standing[i], "; ".join(also.get(i, [])))
        for rank, i in enumerate(chosen)
    ]  # fmt: skip


def _source(says: Flags, levels: _Levels, chosen: list[int], p: Counts) -> int:
    """The level with the largest excess; or that to which it is due: without which it is gone, while the other stays without it, or
    is clearer (the late carrier, not the warehouse that uses it)."""

    def lifted(level: int, rows: Flags) -> bool:
        return bool(_tested(says[rows], levels.part([level], rows))["lifted"][0])

    first = chosen[0]
    for other in chosen[1:]:
        if lifted(first, ~levels.has[other]):
            continue
        if lifted(other, ~levels.has[first]) or (p[other] < p[first] and lifted(other, levels.has[first])):
            first = other
    return first


def _standing(says: Flags, levels: _Levels, first: int, others: list[int]) -> dict[int, str]:
    """Whether each of `others` holds without the rows of the first, or among them."""
    if not others:
        return {}
    made: dict[int, str] = {}
    for name, rows in (("holds", levels.known[first] & ~levels.has[first]), ("within", levels.has[first])):
        lifted = _tested(says[rows], levels.part(others, rows))["lifted"]
        for k, i in enumerate(others):
            if lifted[k]:
                made.setdefault(i, name)
    return {i: made.get(i, "explained") for i in others}


def _tested(says: Flags, levels: _Levels) -> dict[str, Counts]:
    """Counts and tests of each level; `lifted` where all conditions of C9 are met, time held equal."""
    weight = says.astype(np.float32)
    said, of = (levels.has @ weight).astype(np.float64), levels.has.sum(axis=1).astype(np.float64)
    rest_said, rest_of = (levels.known @ weight).astype(np.float64) - said, levels.known.sum(axis=1) - of
    rate, rest_rate = said / np.maximum(of, 1), rest_said / np.maximum(rest_of, 1)
    ratio = np.where(rest_rate > 0, rate / np.maximum(rest_rate, 1e-12), np.where(rate > 0, MOST, 0.0))
    rare = of <= NEARLY_ALL * (of + rest_of)  # what nearly everybody has sets nobody apart
    likely = rare & (of >= LEAST_ROWS) & (said >= LEAST_SAID) & (ratio >= LEAST_RATIO)
    p = np.where((of >= LEAST_ROWS) & (rest_of > 0), two_rates(said, of, rest_said, rest_of, exact=likely), np.nan)
    q = adjusted(p)
    likely &= q <= LIKELY
    some = np.flatnonzero(likely)
    if len(some):
        steady, steady_p = _held_equal(says, levels, some)
        likely[some] = (steady >= LEAST_RATIO) & (steady_p <= LIKELY)
    return {"said": said, "of": of, "rest_said": rest_said, "rest_of": rest_of, "ratio": np.minimum(ratio, MOST),
            "excess": of * (rate - rest_rate), "p": np.nan_to_num(p, nan=1.0), "q": q, "lifted": likely.astype(np.float64)}  # fmt: skip


def _held_equal(says: Flags, levels: _Levels, some: npt.NDArray[np.int64]) -> tuple[Counts, Counts]:
    """Mantel and Haenszel's rate ratio over quarters and its test, for `some` levels."""
    from scipy.stats import chi2

    up, down, over, spread = (np.zeros(len(some)) for _ in range(4))
    for quarter in np.unique(levels.when):
        rows = levels.when == quarter
        weight = says[rows].astype(np.float32)
        has, known = levels.has[some][:, rows], levels.known[some][:, rows]
        a, n = (has @ weight).astype(np.float64), has.sum(axis=1).astype(np.float64)
        yes, total = (known @ weight).astype(np.float64), known.sum(axis=1).astype(np.float64)
        t = np.maximum(total, 2)
        up += a * (total - n) / t
        down += (yes - a) * n / t
        over += a - yes * n / t
        spread += yes * (total - yes) * n * (total - n) / (t**2 * (t - 1))
    p = chi2.sf(np.maximum(np.abs(over) - 0.5, 0) ** 2 / np.maximum(spread, 1e-12), 1)
    return np.where(down > 0, up / np.maximum(down, 1e-12), np.where(up > 0, MOST, 0.0)), np.asarray(p)


def two_rates(a: Counts, n: Counts, b: Counts, m: Counts, exact: Flags | None = None) -> Counts:
    """Two-sided p-values that a of n and b of m are one rate: G-test, or Fisher's where an expected count is under five (and,
    where given, `exact` asks for it)."""
    from scipy.stats import chi2

    table = np.array([a, n - a, b, m - b])
    total = np.maximum(n + m, 1)
    yes, no = a + b, n + m - a - b
    expected = np.array([n * yes, n * no, m * yes, m * no]) / total
    terms = np.where(table > 0, table * np.log(np.where(table > 0, table, 1) / np.where(expected > 0, expected, 1)), 0.0)
    p = chi2.sf(2 * terms.sum(axis=0), 1)
    small = (expected.min(axis=0) < 5) & (n > 0) & (m > 0)
    for i in np.flatnonzero(small if exact is None else small & exact).tolist():
        p[i] = fisher(int(a[i]), int(n[i]), int(yes[i]) - int(a[i]), int(m[i]))
    return np.asarray(np.clip(p, 0, 1))


def adjusted(p: Counts) -> Counts:
    """Benjamini-Hochberg q-values; 1 where p is missing (not tested)."""
    out = np.ones(len(p))
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    if len(order):
        q = p[order] * len(order) / np.arange(1, len(order) + 1)
        out[order] = np.minimum(np.minimum.accumulate(q[::-1])[::-1], 1.0)
    return out


def _alike(a: Flags, b: Flags) -> float:
    either = (a | b).sum()
    return float((a & b).sum() / either) if either else 0.0
