"""What the records say of each order: what went wrong with it, and on which line."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from integrations.demo.orders import Numbers

BAD = ("late", "damaged", "wrong_item", "short", "invoice")


@dataclass(frozen=True)
class Facts:
    """By order position: its columns (`of`), whether each of BAD is true, and the first line where it is (-1: none)."""

    of: dict[str, Numbers]
    wrong: dict[str, Numbers]
    line: dict[str, Numbers]
    any_line: Numbers
    packaging: Numbers
    category: Numbers

    def told(self, order: int) -> list[str]:
        """What of BAD is true of one order."""
        return [t for t in BAD if self.wrong[t][order]]


def facts(placed: pd.DataFrame, sold: pd.DataFrame) -> Facts:
    """What of BAD is true of each order, as the records show it."""
    flags = {
        "damaged": sold["is_damaged"].fillna(False).astype(bool), "wrong_item": sold["is_wrong_item"].fillna(False).astype(bool),
        "short": sold["qty_delivered"].notna() & (sold["qty_delivered"] < sold["qty_ordered"]),
        "invoice": ~sold["invoice_ok"].fillna(True).astype(bool),
    }  # fmt: skip
    line: dict[str, Numbers] = {}
    for topic, flag in flags.items():
        where = sold.loc[flag, "_order"].drop_duplicates()
        line[topic] = pd.Series(where.index, index=where.to_numpy()).reindex(placed.index, fill_value=-1).to_numpy()
    wrong = {"late": placed["_late"].to_numpy(), **{t: v >= 0 for t, v in line.items()}}
    of = {str(c): placed[c].to_numpy() for c in placed}
    any_line = sold.groupby("_order").head(1).index.to_numpy()
    return Facts(of, wrong, line, any_line, sold["packaging"].to_numpy(), sold["_category"].to_numpy())
