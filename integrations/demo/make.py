"""Makes the whole company, part by part; each part has random numbers of its own, so that one can change alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from integrations.demo import accounts, causes, company, orders, planning, service, stories, trade, voices
from integrations.demo.causes import Ledger, locked
from integrations.demo.documents import documents
from integrations.demo.fates import settle
from integrations.demo.files import write
from integrations.demo.findings import Made, findings


def make(folder: Path, *, seed: int, scale: float) -> Ledger:
    """As `generate`."""
    parts = iter(np.random.SeedSequence(seed).spawn(20))

    def fresh() -> np.random.Generator:
        return np.random.default_rng(next(parts))

    firms = company.customers(fresh(), scale)
    people = company.contacts(fresh(), firms)
    articles = company.products(fresh(), scale)
    placed = orders.orders(fresh(), firms, scale)
    sold = trade.lines(fresh(), placed, articles)
    back = trade.returns(fresh(), placed, sold)
    billed = trade.invoices(fresh(), placed, sold)
    touched = service.interactions(fresh(), firms, people, placed, sold, articles)
    promises = service.commitments(fresh(), firms, touched)
    wanted = planning.monthly(placed, sold)
    plans = planning.demand_plans(fresh(), firms, wanted, scale)
    stock = planning.inventory(fresh(), articles, placed, sold)
    pools = planning.cost_activities(fresh(), planning.volumes(placed, sold, back, touched))
    told = stories.stories(fresh(), firms, placed, sold, back, touched, scale)
    spoken = voices.feedback(seed, told, voices.places(firms, people, placed, sold, articles))
    settled = settle(
        {
            "customers": firms, "contacts": people, "products": articles, "orders": placed, "order_lines": sold, "returns": back,
            "interactions": touched, "feedback": spoken.table, "demand_plans": plans, "inventory": stock, "cost_activities": pools,
            "loyalty": accounts.loyalty(fresh(), firms), "service_policies": accounts.policies(), "commitments": promises,
            "customer_aliases": aliases(fresh(), firms), "invoices": billed, "contracts": accounts.contracts(fresh(), firms),
            "opportunities": accounts.opportunities(fresh(), firms, scale), "targets": accounts.targets(placed, sold),
            "documents": documents(fresh(), firms),
        },
        firms, len(company.NAMED),
    )  # fmt: skip
    rows = write(folder, settled.tables)
    kept = settled.tables
    taken = placed["order_id"].isin(settled.gone)
    placed = placed.assign(status=placed["status"].mask(taken, "taken out"))  # stories know orders by their place
    made = Made(
        firms,
        placed,
        kept["order_lines"],
        kept["returns"],
        kept["interactions"],
        kept["demand_plans"],
        wanted,
        spoken.only(kept["feedback"]),
    )
    return _ledger(made, seed, scale, rows, settled.fates)


def aliases(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """Numbers of about half of the customers in the helpdesk, all confirmed."""
    chosen = firms[rng.random(len(firms)) < 0.5]
    numbers = [f"HD-{4000 + i * 3}" for i in range(len(chosen))]
    return pd.DataFrame(
        {"system": "helpdesk", "external_id": numbers, "customer_id": chosen["customer_id"].to_numpy(), "confirmed": True}
    )


def _ledger(made: Made, seed: int, scale: float, rows: dict[str, int], fates: Mapping[str, str]) -> Ledger:
    spoken = made.voices
    told = dict(zip(spoken.table["feedback_id"], spoken.stories, strict=True))
    silent = set(spoken.table.loc[spoken.table["text"].isna(), "feedback_id"])
    return Ledger(
        seed=seed, scale=scale, first_day=causes.FIRST, last_day=causes.LAST, causes=findings(made),
        false_comments=tuple(i for i, s in told.items() if s.untrue),
        topics=locked({i: () if i in silent else s.topics for i, s in told.items()}),
        reasons=locked({i: tuple(f"{t}: {r}" for t, r in s.reasons) for i, s in told.items() if s.reasons and i not in silent}),
        moods=locked({i: s.mood for i, s in told.items()}), duplicates=spoken.duplicates, personal_data=spoken.personal,
        rows=locked(rows), fates=locked(fates),
    )  # fmt: skip
