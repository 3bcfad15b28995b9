"""In which currencies a workspace's orders are: what is in several is never added up without rates."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.tables import Store, TableVersion

MIXED = "mixed"
CODE = re.compile(r"^[A-Z]{3}$")


def of_orders(store: Store, tables: Mapping[str, TableVersion]) -> tuple[str, ...]:
    """The currencies (ISO codes) that orders carry, those of cancelled orders aside, in alphabetical order."""
    if "orders" not in tables:
        return ()
    orders = store.read("orders", columns=("currency", "status"))
    pairs = zip(orders["currency"].to_pylist(), orders["status"].to_pylist(), strict=True)
    said = {(c or "").strip().upper() for c, status in pairs if status != "cancelled"}
    return tuple(sorted(c for c in said if CODE.match(c)))


def of_workspace(set_: str, told: str, orders: tuple[str, ...]) -> str:
    """The one currency of all money: what the orders themselves carry, else what is `set_`, else what their sources `told`;
    `MIXED` where orders are in several."""
    if len(orders) > 1:
        return MIXED
    return orders[0] if orders else set_ or told
