"""Which accounts matter and what service they have earned: strategic score, value score, tiers, wallet, white space (METRICS C5, 12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

STRATEGIC: dict[str, float] = {"margin": 0.30, "growth": 0.20, "clv": 0.20, "breadth": 0.15, "collaboration": 0.15}
VALUE: dict[str, float] = {"clv": 0.50, "margin": 0.30, "strategic": 0.20}
LEVELS = ("platinum", "gold", "silver", "standard")
SHARES = (0.10, 0.30, 0.60)  # the best tenth, the next fifth, the next three tenths
HYSTERESIS = 5.0  # percentile points across the line before a tier changes
PEER_SHARE = 0.25


def percentile(values: pd.Series) -> pd.Series:
    """0 to 100 by average rank, null where the value is null; 50 for everybody where all are alike. Row order cannot matter."""
    known = values.astype("float64").round(6)
    count = int(known.notna().sum())
    if count <= 1:
        return known.where(known.isna(), 50.0)
    return (known.rank(method="average") - 1) / (count - 1) * 100


def weighted(parts: pd.DataFrame, weights: Mapping[str, float]) -> tuple[pd.Series, pd.Series]:
    """Weighted mean of percentiles (columns named as the weights) over the parts that are known, and the names of the others.

    Null where nothing is known."""
    used = parts.reindex(columns=list(weights)).astype("float64")
    weight = pd.DataFrame({n: used[n].notna() * w for n, w in weights.items()})
    total = weight.sum(axis=1)
    score = (used.fillna(0.0) * weight).sum(axis=1) / total.where(total > 0)
    missing = used.isna().to_numpy()
    names = np.array([n.replace("_", " ") for n in weights])
    left_out = [", ".join(names[row]) for row in missing]
    return score.round(4), pd.Series(left_out, index=parts.index, dtype=object)


def strategic_score(signs: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """0 to 100, and which parts were missing. Source: METRICS 12; the weights are this product's choice.

    Needs, index customer_id, null where not known: `net_margin` and `revenue` (the margin's stand-in where no margin is
    known at all), `growth` (ratio), `clv`, `categories` (bought in a year), `collaboration` (0 to 1)."""
    margin = signs["net_margin"] if signs["net_margin"].notna().any() else signs["revenue"]
    parts = {
        "margin": percentile(margin),
        "growth": percentile(signs["growth"]),
        "clv": percentile(signs["clv"]),
        "breadth": percentile(signs["categories"]),
        "collaboration": signs["collaboration"].astype("float64") * 100,
    }
    return weighted(pd.DataFrame(parts, index=signs.index), STRATEGIC)


def value_score(clv: pd.Series, net_margin: pd.Series, strategic: pd.Series) -> tuple[pd.Series, pd.Series]:
    """0 to 100 and the missing parts: half lifetime value, 30 % margin, 20 % strategic score. Source: METRICS C5."""
    parts = pd.DataFrame({"clv": percentile(clv), "margin": percentile(net_margin), "strategic": strategic})
    return weighted(parts, VALUE)


def tier_names(policies: pd.DataFrame) -> tuple[str, ...]:
    """The workspace's tiers, best first: of the policies by how much they promise on time, else the usual four names."""
    if len(policies) >= 2:
        targets = policies.assign(
            on_time=policies["otd_target"].astype("float64").fillna(-1.0),
            fill=policies["fill_rate_target"].astype("float64").fillna(-1.0),
        )
        ranked = targets.sort_values(["on_time", "fill", "service_tier"], ascending=[False, False, True])
        return tuple(map(str, ranked["service_tier"]))
    return LEVELS


def recommend_tiers(
    score: pd.Series,
    before: pd.Series,
    strategic: pd.Series,
    losing: pd.Series,
    contracted: pd.Series,
    names: tuple[str, ...],
) -> pd.DataFrame:
    """The tier each customer has earned: `recommended_tier`, `tier_gap` (under, fits, over served), `tier_reason` in words.

    Needs, index customer_id: value score now and at the review before (null where there was none), whether it is a named
    strategic account, whether it loses money, its tier now (null allowed). The best tenth and strategic accounts get the
    first tier, and so on; a tier changes only where the score was 5 percentile points across the line at both reviews; a
    loss maker does not rise. Only a recommendation: a person confirms. Source: METRICS C5."""
    rank = percentile(score)
    past = percentile(before.reindex(score.index)).fillna(rank)
    lines = np.array([100 * (1 - s) for s in SHARES[: len(names) - 1]])
    place: Any = {n: i for i, n in enumerate(names)}
    now = contracted.map(place)
    level = _level(rank, lines)
    both = pd.concat([rank, past], axis=1)
    rises, falls = _level(both.min(axis=1) - HYSTERESIS, lines), _level(both.max(axis=1) + HYSTERESIS, lines)
    stays = now.notna() & (now <= rises) & (now >= falls)
    moved = pd.Series(np.where(rises < now, rises, np.where(falls > now, falls, level)), index=score.index)
    near = stays & (level != now)
    level = moved.where(~stays, now.fillna(0).astype("int64"))
    level = level.where(~strategic, 0)
    held = losing & now.notna() & (level < now)
    level = level.where(~held, now.fillna(0).astype("int64"))
    level = level.where(~(losing & now.isna()), len(names) - 1)
    known = score.notna()
    gap = np.select([now.isna(), level < now, level > now], ["no tier", "under", "over"], default="fits")
    words = np.select(
        [strategic, held, near],
        [
            "a named strategic account",
            "loses money, so it does not rise",
            "not across the line by 5 percentile points at two reviews, so it stays",
        ],
        default="",
    )
    position = rank.map(lambda p: "" if pd.isna(p) else f"value score above {p:.0f} % of customers")
    reason = [f"{p}; {w}" if w else p for p, w in zip(position, words, strict=True)]
    out = {
        "recommended_tier": level.map(dict(enumerate(names))).where(known, None),
        "tier_gap": pd.Series(gap, index=score.index).where(known, None),
        "tier_reason": pd.Series(reason, index=score.index).where(known, None),
    }
    return pd.DataFrame(out, index=score.index)


def _level(rank: pd.Series, lines: npt.NDArray[np.float64]) -> pd.Series:
    """The tier (0 is the best) of each percentile; the last where it is not known."""
    return pd.Series(np.searchsorted(-lines, -rank.fillna(-1.0).to_numpy(), side="left"), index=rank.index)


def peer_groups(customers: pd.DataFrame) -> pd.Series:
    """The peers of each customer: same industry and size (unknown is a group of its own); index customer_id."""
    rows = customers.set_index("customer_id")
    return rows["industry"].fillna("?").astype(str) + " / " + rows["size"].fillna("?").astype(str)


def wallet(bought: pd.DataFrame, customers: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How much of what peers buy a customer buys, a proxy for share of wallet; and the categories it could still buy.

    Needs `customer_id`, `category`, `value` of a year; gives (index customer_id) `share_of_wallet_proxy` (weighted by the
    peers' revenue in the category) and (rows) `customer_id`, `category`, `peer_share`, `peer_revenue` (a peer who buys it).
    Peer categories are those that at least a quarter of the peers buy. Customers without four peers are left out."""
    empty = (
        pd.DataFrame({"share_of_wallet_proxy": pd.Series(dtype=float)}),
        pd.DataFrame({n: pd.Series(dtype=object) for n in ("customer_id", "category", "peer_share", "peer_revenue")}),
    )
    groups = peer_groups(customers)
    rows = bought.dropna(subset=["category"])
    if rows.empty or rows["category"].nunique() < 2:
        return empty
    spent = rows.groupby(["customer_id", "category"])["value"].sum().reset_index()
    spent["peers"] = spent["customer_id"].map(groups)
    active = spent.groupby("peers")["customer_id"].nunique().rename("members")
    usual = spent.groupby(["peers", "category"]).agg(buyers=("customer_id", "nunique"), value=("value", "sum")).reset_index()
    usual = usual.merge(active, left_on="peers", right_index=True)
    usual["peer_share"] = usual["buyers"] / usual["members"]
    usual["peer_revenue"] = (usual["value"] / usual["buyers"]).round(2)
    usual = usual[(usual["peer_share"] >= PEER_SHARE) & (usual["members"] >= 5)]
    whose = spent[["customer_id", "peers"]].drop_duplicates()
    wanted = whose.merge(usual[["peers", "category", "peer_share", "peer_revenue", "value"]], on="peers")
    own = spent[["customer_id", "category"]].assign(bought=True)
    wanted = wanted.merge(own, on=["customer_id", "category"], how="left")
    has = wanted["bought"].notna()
    weight = wanted.groupby("customer_id")["value"].sum()
    share = (wanted["value"] * has).groupby(wanted["customer_id"]).sum() / weight.where(weight > 0)
    open_ones = wanted[~has].sort_values(["customer_id", "peer_revenue", "category"], ascending=[True, False, True])
    space = open_ones[["customer_id", "category", "peer_share", "peer_revenue"]].reset_index(drop=True)
    return share.round(6).rename("share_of_wallet_proxy").to_frame(), space
