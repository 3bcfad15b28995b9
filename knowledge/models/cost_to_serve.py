"""Activity-based costing: what each customer's orders, lines, returns and contacts cost, and what is left (METRICS C3).

Source: Kaplan and Anderson 2004, "Time-Driven Activity-Based Costing". Unused capacity is never spread over customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from knowledge.errors import BadInput, NoData


@dataclass(frozen=True)
class Costing:
    """Charges by customer and pool (money), each pool's rate, unused and over-absorbed cost; sums agree to 0.01."""

    charges: pd.DataFrame
    pools: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def cost_to_serve(self) -> pd.Series:
        return self.charges.sum(axis=1).rename("cost_to_serve")

    @property
    def unused(self) -> float:
        return float(self.pools["unused"].sum())


def charge(pools: pd.DataFrame, volumes: pd.DataFrame) -> Costing:
    """Charges every pool to customers by their driver volume.

    Needs pools: `activity`, `driver`, `cost`, `practical_capacity` (nullable); volumes: index customer, a column a driver.
    Fails: BadInput (`unknown_driver`) naming a driver that no volume exists for."""
    notes: list[str] = []
    rows: list[dict[str, object]] = []
    charges: dict[str, pd.Series] = {}
    for pool in pools.sort_values("activity").to_dict("records"):
        volume = driver_volume(str(pool["driver"]), volumes)
        total, cost = float(volume.sum()), float(pool["cost"])
        known = pool.get("practical_capacity") is not None and not pd.isna(pool.get("practical_capacity"))
        capacity = float(pool["practical_capacity"]) if known else total
        if not known:
            notes.append(
                f"{pool['activity']}: no practical capacity, so all of its cost is charged and unused cost cannot show."
            )
        rate = cost / capacity if capacity > 0 else 0.0
        charged = volume * rate
        over = max(0.0, rate * total - cost)
        unused = max(0.0, cost - rate * total)
        if over > 0.01:
            notes.append(f"{pool['activity']}: more was done than its capacity; {over:,.2f} is charged beyond its cost.")
        rows.append(
            {
                "activity": pool["activity"],
                "driver": pool["driver"],
                "cost": cost,
                "rate": rate,
                "volume": total,
                "charged": rate * total,
                "unused": unused,
                "over_absorbed": over,
            }
        )
        name = str(pool["activity"])
        charges[name] = charges[name] + charged if name in charges else charged
    table = pd.DataFrame(rows, columns=["activity", "driver", "cost", "rate", "volume", "charged", "unused", "over_absorbed"])
    difference = (table["charged"] + table["unused"] - table["over_absorbed"] - table["cost"]).abs().max() if rows else 0.0
    if difference > 0.01:
        raise BadInput(
            f"Charges do not add up to the pools' cost (by {difference:.2f}).", "This is a fault of ours; please report it."
        )
    return Costing(pd.DataFrame(charges, index=volumes.index), table, tuple(notes))


def driver_volume(driver: str, volumes: pd.DataFrame) -> pd.Series:
    """A driver's volume by customer: a column, or an expression over columns with + - * / and numbers ("line + 2 * rush_order")."""
    if driver in volumes.columns:
        return volumes[driver].astype(float)
    words = set(driver.translate(str.maketrans("()+-*/", "      ")).split())
    unknown = sorted(w for w in words if w not in volumes.columns and not w.replace(".", "", 1).isdigit())
    if unknown or not words:
        raise BadInput(
            f"Cost driver `{driver}` uses {', '.join(unknown) or 'nothing'}, which is not counted here.",
            f"Drivers: {', '.join(map(str, volumes.columns))}.",
            code="unknown_driver",
        )
    return pd.Series(volumes.astype(float).eval(driver, engine="python"), index=volumes.index)


@dataclass(frozen=True)
class Whale:
    """The whale curve: cumulative profit in percent of the total, best customer first; its peak and what is lost after it."""

    curve: pd.Series
    peak_pct: float
    customers_at_peak: int
    eroded_pct: float


def whale(profit: pd.Series) -> Whale:
    """Fails: NoData (`no_profit`) where total profit is not positive (a share of it would mean nothing)."""
    total = float(profit.sum())
    if total <= 0:
        raise NoData(
            "Total profit is not positive, so a whale curve would mean nothing.",
            "Ask for the loss makers instead.",
            code="no_profit",
        )
    order = profit.rename("profit").rename_axis("id").reset_index().sort_values(["profit", "id"], ascending=[False, True])
    curve = pd.Series(100 * np.cumsum(order["profit"].to_numpy(float)) / total, index=order["id"].to_numpy())
    at = int(curve.to_numpy().argmax())
    peak = float(curve.iloc[at])
    return Whale(curve, peak, at + 1, peak - 100)
