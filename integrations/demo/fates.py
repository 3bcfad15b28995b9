"""Accounts at the edges of a business: new, silent, tiny, unheard, without an order yet. Made by taking rows of usual accounts away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

LEAST_FIRMS = 40
"""In a smaller company every account is needed for the causes."""
FIRST_RANK = 12
NEW_SINCE, SILENT_SINCE, SIGNED = date(2026, 8, 17), date(2026, 6, 29), date(2026, 10, 5)
TINY_EVERY = 24
DATED = {"orders": "ordered_at", "feedback": "at", "interactions": "at", "returns": "requested_at", "invoices": "issued_at", "commitments": "made_at",
         "opportunities": "created_at"}  # fmt: skip
FATES = ("new", "silent", "tiny", "unheard", "no orders")


@dataclass(frozen=True)
class Settled:
    """The tables after it, the customer of each fate, and the orders that were taken out."""

    tables: dict[str, pd.DataFrame]
    fates: Mapping[str, str]
    gone: frozenset[str]


def settle(tables: Mapping[str, pd.DataFrame], firms: pd.DataFrame, named: int) -> Settled:
    """The tables with those fates. Accounts are the largest usual ones after the `named` first and the strategic ones."""
    tables = dict(tables)
    if len(firms) < LEAST_FIRMS:
        return Settled(tables, {}, frozenset())
    usual = firms.iloc[named:]
    usual = usual[~usual["is_strategic"].astype(bool)].sort_values(["_weight", "customer_id"], ascending=[False, True])
    first = min(FIRST_RANK, len(usual) // 4)
    fates = dict(zip(FATES, usual["customer_id"].iloc[first : first + len(FATES)], strict=True))
    before = set(tables["orders"]["order_id"])
    _keep_days(tables, fates["new"], NEW_SINCE, date.max)
    _keep_days(tables, fates["silent"], date.min, SILENT_SINCE)
    theirs = tables["orders"].loc[tables["orders"]["customer_id"] == fates["tiny"], "order_id"].tolist()
    _keep_orders(tables, fates["tiny"], set(theirs[::TINY_EVERY]))
    for name in ("feedback", "interactions"):
        tables[name] = _without(tables[name], fates["unheard"])
    _keep_orders(tables, fates["no orders"], set())
    for name in ("demand_plans", "returns", "feedback", "interactions", "commitments", "contracts", "invoices"):
        tables[name] = _without(tables[name], fates["no orders"])
    tables["customers"] = _created(tables["customers"], {fates["new"]: NEW_SINCE, fates["no orders"]: SIGNED})
    return Settled(tables, fates, frozenset(before - set(tables["orders"]["order_id"])))


def _without(frame: pd.DataFrame, who: str) -> pd.DataFrame:
    return frame[frame["customer_id"] != who]


def _created(firms: pd.DataFrame, since: Mapping[str, date]) -> pd.DataFrame:
    started = firms["customer_id"].map({who: f"{day.isoformat()}T15:00:00Z" for who, day in since.items()})
    return firms.assign(created_at=started.fillna(firms["created_at"]))


def _keep_days(tables: dict[str, pd.DataFrame], who: str, first: date, last: date) -> None:
    """Takes away what happened outside these days."""
    for name, column in DATED.items():
        frame = tables[name]
        day = frame[column].astype("datetime64[s]").dt.date
        tables[name] = frame[(frame["customer_id"] != who) | day.between(first, last).fillna(False)]
    kept = set(tables["orders"].loc[tables["orders"]["customer_id"] == who, "order_id"])
    _keep_orders(tables, who, kept)


def _keep_orders(tables: dict[str, pd.DataFrame], who: str, kept: set[str]) -> None:
    """Takes the account's other orders away, and what is about them."""
    orders = tables["orders"]
    tables["orders"] = orders[(orders["customer_id"] != who) | orders["order_id"].isin(kept)]
    left = set(tables["orders"]["order_id"])
    for name in ("order_lines", "returns", "invoices", "interactions", "feedback"):
        about = tables[name]["order_id"]
        tables[name] = tables[name][about.isin(left) | about.isna() | (about == "")]
