"""One row a customer with everything the models say of it; what cannot be known is null and a note says why (METRICS C1-C7)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from knowledge.models import customer_parts, customer_signs
from knowledge.models.customer_facts import customer_facts
from knowledge.models.inputs import Inputs
from knowledge.models.notes import Note
from knowledge.models.profitability import Profit

TEXT, DAY = "str", "datetime64[s]"
COLUMNS: dict[str, str] = {
    "customer_id": TEXT, "R": "Int64", "F": "Int64", "M": "Int64", "rfm_segment": TEXT, "rfm_segment_before": TEXT, "cluster": "Int64", "rule_segment": TEXT,
    "abc_class": TEXT, "adi": "float64", "cv2": "float64", "demand_class": TEXT,
    "p_alive": "float64", "expected_orders_90d": "float64", "expected_order_value": "float64", "clv_revenue": "float64",
    "clv": "float64", "clv_low": "float64", "clv_high": "float64",
    "overdue_ratio": "float64", "churn_risk": TEXT, "churn_reasons": TEXT,
    "next_order_date": DAY, "next_order_low": DAY, "next_order_high": DAY,
    "profit_revenue": "float64", "gross_margin": "float64", "returns_effect": "float64", "cost_to_serve": "float64",
    "net_margin": "float64", "profit_rank": "Int64",
    "trust_index": "float64", "trust_coverage": "float64", "trust_parts": TEXT,
    "growth": "float64", "strategic_score": "float64", "strategic_missing": TEXT, "share_of_wallet_proxy": "float64",
    "value_score": "float64", "recommended_tier": TEXT, "tier_gap": TEXT, "tier_reason": TEXT,
}  # fmt: skip
MONEY = (
    "expected_order_value", "clv_revenue", "clv", "clv_low", "clv_high", "profit_revenue", "gross_margin", "returns_effect",
    "cost_to_serve", "net_margin",
)  # fmt: skip


def customer_model(inputs: Inputs, profit: Profit) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """The customer model (COLUMNS, sorted by id), the white space (`customer_id`, `category`, `peer_share`, `peer_revenue`), notes.

    Profit columns cover the last twelve months with known costs; days are midnights in the workspace's zone."""
    facts = customer_facts(inputs.reader).set_index("customer_id")
    out = facts[["R", "F", "M", "rfm_segment"]].copy()
    notes: list[Note] = []

    def add(part: pd.DataFrame, said: list[Note]) -> None:
        nonlocal out
        out = out.join(part)
        notes.extend(said)

    add(*customer_parts.segments(inputs, facts))
    add(*customer_parts.year_of_profit(profit))
    add(*customer_parts.demand(inputs, facts))
    add(*customer_parts.value(inputs, out))
    add(*customer_parts.churn_risk(inputs, facts, out["p_alive"]))
    add(*customer_parts.trust(customer_signs.trust(inputs)))
    tiers, space, said = customer_parts.tiers(inputs, out, facts)
    add(tiers, said)
    add(*customer_parts.own_rules(inputs, out, facts))
    return typed(out.reset_index(), COLUMNS, MONEY), space, notes


def typed(frame: pd.DataFrame, columns: dict[str, str], money: tuple[str, ...] = ()) -> pd.DataFrame:
    """The frame with exactly these columns in these types: money to cents, other floats to six decimals, days as dates."""
    out = frame.reindex(columns=list(columns))
    for name, kind in columns.items():
        values: Any = out[name]
        if kind == "float64":
            values = pd.to_numeric(values, errors="coerce").astype("float64").round(2 if name in money else 6) + 0.0
        elif kind == "Int64":
            values = pd.to_numeric(values, errors="coerce").astype("Float64").round().astype("Int64")
        elif kind == DAY:
            values = pd.to_datetime(values).astype(DAY)
        else:
            values = values.astype(object).where(values.notna(), None).astype(kind)
        out[name] = values
    return out
