"""Writes frames as files of the canonical tables: the schema's columns, UTC times, empty where nothing is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from knowledge.schema import TABLES, Kind


def write(folder: Path, frames: dict[str, pd.DataFrame]) -> dict[str, int]:
    """One CSV a table, tables without rows included; gives the rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        frame = frames.get(name, pd.DataFrame())
        made = pd.DataFrame(index=frame.index)
        for column in table.columns:
            made[column.name] = _text(frame[column.name], column.kind) if column.name in frame else ""
        made.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    return {name: len(frames.get(name, ())) for name in TABLES}


def _text(values: pd.Series, kind: Kind) -> pd.Series:
    """A column as it is written: moments in ISO, truth in words, whole numbers without a point."""
    made = values
    if kind in ("ts", "date") and pd.api.types.is_datetime64_any_dtype(values):
        made = pd.Series(values.dt.strftime("%Y-%m-%dT%H:%M:%SZ" if kind == "ts" else "%Y-%m-%d"))
    elif kind == "bool":
        made = values.map({True: "true", False: "false"})
    elif kind in ("money", "qty", "number"):
        numbers = values.astype("Float64")
        whole = bool(numbers.dropna().mod(1).eq(0).all())
        made = pd.Series(numbers.astype("Int64") if whole else numbers.astype(float).round(2))
    return made
