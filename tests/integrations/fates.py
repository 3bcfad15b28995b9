"""Accounts of every fate: some that the demo company has, the others made of its accounts by taking rows away."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

OF_ORDERS = ("order_lines", "returns", "invoices", "interactions", "feedback")
DATED = {"orders": "ordered_at", "feedback": "at", "interactions": "at", "returns": "requested_at", "invoices": "issued_at", "commitments": "made_at"}  # fmt: skip
NEW_SINCE, SILENT_SINCE = "2026-08-15", "2026-07-01"


def plant(source: Path) -> dict[str, str]:
    """Changes the demo company's files in `source`; gives the customer of each fate."""
    tables = {p.stem: pd.read_csv(p, dtype="str", keep_default_na=False) for p in source.glob("*.csv")}
    named = dict(zip(tables["customers"]["name"], tables["customers"]["customer_id"], strict=True))
    told = {"growing": named["Globex"], "slipping": named["Halvorsen Marine"], "strategic": named["Acme Industrial"]}
    counts = tables["orders"]["customer_id"].value_counts()
    strategic = tables["customers"].loc[tables["customers"]["is_strategic"].str.lower() == "true", "customer_id"]
    taken = {*told.values(), *strategic}
    usual = [c for c in counts.index[: max(8, len(counts) // 3)] if c not in taken]
    told |= dict(zip(("new", "silent", "tiny", "unheard", "no orders"), usual, strict=False))
    _keep_days(tables, told["new"], NEW_SINCE, "9999")
    _keep_days(tables, told["silent"], "0000", SILENT_SINCE)
    every = tables["orders"].loc[tables["orders"]["customer_id"] == told["tiny"]].sort_values("ordered_at")["order_id"].tolist()
    _keep_orders(tables, told["tiny"], set(every[:: max(1, len(every) // 6)]))
    tables["feedback"] = tables["feedback"][tables["feedback"]["customer_id"] != told["unheard"]]
    _keep_orders(tables, told["no orders"], set())
    for name, frame in tables.items():
        frame.to_csv(source / f"{name}.csv", index=False)
    return told


def _keep_days(tables: dict[str, pd.DataFrame], who: str, first: str, last: str) -> None:
    orders = tables["orders"]
    mine = orders[orders["customer_id"] == who]
    _keep_orders(tables, who, set(mine.loc[mine["ordered_at"].between(first, last), "order_id"]))
    for name, column in DATED.items():
        frame = tables[name]
        tables[name] = frame[(frame["customer_id"] != who) | frame[column].between(first, last)]


def _keep_orders(tables: dict[str, pd.DataFrame], who: str, kept: set[str]) -> None:
    """Takes the account's other orders away, and what belongs to them."""
    orders = tables["orders"]
    gone = set(orders.loc[orders["customer_id"] == who, "order_id"]) - kept
    for name in ("orders", *OF_ORDERS):
        tables[name] = tables[name][~tables[name]["order_id"].isin(gone)]
    for name in ("demand_plans", "returns", "feedback", "interactions") if not kept else ():
        tables[name] = tables[name][tables[name]["customer_id"] != who]
