"""Segments that a company wrote itself: named rules over what is known of a customer, first match wins (METRICS C1)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from knowledge.errors import BadInput

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, "!=": operator.ne, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip


def assign(customers: pd.DataFrame, rules: Sequence[Mapping[str, Any]]) -> pd.Series:
    """The name of the first rule whose conditions all hold for a customer; null where none does.

    Needs rules with `name` and `where`, conditions such as "revenue >= 100000" or "industry = automotive | energy"; what is
    not known fits no condition. Fails: BadInput (`bad_rule`) naming the condition."""
    found = pd.Series(None, index=customers.index, dtype=object, name="rule_segment")
    for rule in rules:
        holds = pd.Series(True, index=customers.index)
        for condition in rule["where"]:
            holds &= _holds(customers, str(condition), str(rule["name"]))
        found = found.where(found.notna() | ~holds, str(rule["name"]))
    return found


def _holds(customers: pd.DataFrame, condition: str, rule: str) -> pd.Series:
    sign = next((s for s in SIGNS if s in condition), "")
    name, _, wanted = (part.strip() for part in condition.partition(sign or "="))
    if not sign or name not in customers.columns or not wanted:
        known = ", ".join(sorted(map(str, customers.columns)))
        raise BadInput(
            f"Segment `{rule}`: `{condition}` is no condition on a customer.", f"Use one of {known}, a sign ({' '.join(SIGNS)}) and a value.", code="bad_rule"
        )  # fmt: skip
    column = customers[name]
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        try:
            limit = float(wanted)
        except ValueError as err:
            raise BadInput(f"Segment `{rule}`: `{wanted}` is no number.", f"`{name}` is one.", code="bad_rule") from err
        return pd.Series(SIGNS[sign](column.astype("float64"), limit) & column.notna(), index=customers.index)
    if sign not in ("=", "!="):
        raise BadInput(f"Segment `{rule}`: `{name}` is a text, which has no `{sign}`.", "Use = or !=.", code="bad_rule")
    options = {w.strip().casefold() for w in wanted.split("|")}
    inside = column.astype("str").str.casefold().isin(options)
    return (inside if sign == "=" else ~inside) & column.notna()
