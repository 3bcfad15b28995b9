"""The models' step of a build: derived tables of customers, articles, costs and forecasts, reused when their inputs are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from knowledge.access import Reader
from knowledge.models import notes
from knowledge.models.customer_model import customer_model
from knowledge.models.exceptions import plan_exceptions
from knowledge.models.inputs import Inputs
from knowledge.models.next_product import recommendations
from knowledge.models.product_model import product_model
from knowledge.models.profitability import profit
from knowledge.models.reorder import reorders
from knowledge.snapshot import Snapshot
from knowledge.tables import TableVersion

MODELS = (
    "customer_model", "white_space", "next_products", "product_model", "forecasts", "reorders", "cpfr_exceptions", "customer_months", "customer_costs",
    "cost_pools", "model_notes",
)  # fmt: skip
INPUTS = (
    "customers", "products", "orders", "order_lines", "returns", "interactions", "feedback", "feedback_segments", "themes",
    "demand_plans", "inventory", "cost_activities", "service_policies",
)  # fmt: skip


def model_tables(reader: Reader, last: Reader | None = None) -> dict[str, pd.DataFrame]:
    """Every derived table of MODELS that has rows, by name; `model_notes` is always there.

    Needs a reader who sees all, and one of the snapshot before, whose clusters keep their numbers."""
    inputs = Inputs(reader, last)
    earned = profit(inputs)
    customers, space, about_customers = customer_model(inputs, earned)
    articles, weekly, about_articles = product_model(inputs)
    following, about_next = recommendations(inputs)
    stocks, about_stock = reorders(inputs, articles)
    discuss, about_plans = plan_exceptions(inputs, articles, stocks)
    found = {
        "customer_model": customers,
        "white_space": space,
        "next_products": following,
        "product_model": articles,
        "forecasts": weekly,
        "reorders": stocks,
        "cpfr_exceptions": days_of(discuss, "period_start"),
        "customer_months": days_of(earned.months, "month"),
        "customer_costs": days_of(earned.costs, "month"),
        "cost_pools": days_of(earned.pools, "period_start", "period_end"),
        "model_notes": notes.table(
            [*about_customers, *about_articles, about_next, about_stock, about_plans], inputs.today, read_from(reader.snapshot)
        ),
    }
    return {name: frame for name, frame in found.items() if len(frame)}


def read_from(snapshot: Snapshot) -> dict[str, int]:
    """The versions of the tables that the models read."""
    return {name: snapshot.tables[name].version for name in INPUTS if name in snapshot.tables}


def reusable(before: Snapshot | None, draft: Snapshot) -> bool:
    """Whether the last build's models hold: same inputs, as-of, settings and version of the models."""
    if before is None or "model_notes" not in before.tables or before.facts.get("models") != notes.VERSION:
        return False
    same = all(before.tables.get(n) == draft.tables.get(n) for n in INPUTS)
    return same and before.as_of == draft.as_of and before.facts.get("settings") == draft.facts.get("settings")


def with_models(draft: Snapshot, tables: dict[str, TableVersion]) -> Snapshot:
    """The draft with the tables and the version of the models that made them."""
    return replace(draft, tables={**draft.tables, **tables}, facts={**draft.facts, "models": notes.VERSION})


def days_of(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The frame with those midnights as dates, so that they compare with a period's days."""
    if frame.empty:
        return frame
    return frame.assign(**{c: [d.date() if isinstance(d, pd.Timestamp) else _day(d) for d in frame[c]] for c in columns})


def _day(value: object) -> date:
    return pd.Timestamp(str(value)).date()
