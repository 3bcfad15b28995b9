"""Who the demo company sells to and what it sells: customers, contacts, products."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from integrations.demo import names

REGIONS = ("north", "south", "east", "west", "central", "europe")
WAREHOUSES = ("Dallas", "Reno", "Albany")
CARRIERS = ("Norrland", "Swiftline", "Harbor Freightways", "BlueRoute", "Keystone Parcel")
SLIPPING_NAME, BIASED_NAME = "Halvorsen Marine", "Stanhope Automotive"


@dataclass(frozen=True)
class Named:
    """A customer that is always there: `weight` is its share of the orders relative to a usual customer (1.0)."""

    name: str
    industry: str
    region: str
    country: str
    size: str
    tier: str
    weight: float
    strategic: bool = False
    parent: str = ""
    owner: str = ""
    since: int = 2017


NAMED = (
    Named("Acme Holding", "distribution", "south", "United States", "large", "gold", 0.3, owner="M. Ortiz", since=2014),
    Named("Acme Industrial", "construction", "south", "United States", "large", "gold", 5.5, True, "Acme Holding", "M. Ortiz", 2014),
    Named("Acme Foods", "food processing", "west", "United States", "medium", "silver", 3.0, False, "Acme Holding", "J. Whitman", 2016),
    Named("Globex", "electronics", "west", "United States", "large", "silver", 4.5, owner="M. Ortiz", since=2015),
    Named(SLIPPING_NAME, "marine", "north", "United States", "large", "platinum", 6.0, True, owner="D. Larsen", since=2011),
    Named(BIASED_NAME, "automotive", "central", "United States", "large", "platinum", 6.0, True, owner="S. Kapoor", since=2012),
    Named("Norcross Hydraulics", "energy", "east", "United States", "medium", "gold", 2.2, owner="T. Reyes", since=2018),
    Named("Norcrest Hydraulics", "energy", "north", "United States", "medium", "silver", 2.0, owner="A. Fischer", since=2019),
    Named("Lakeshore Foods", "food processing", "north", "United States", "medium", "standard", 2.2, owner="L. Monroe", since=2020),
    Named("Pinnacle Aero", "aerospace", "west", "United States", "large", "platinum", 4.0, True, owner="K. Adeyemi", since=2013),
    Named("St. Brendan Hospitals", "healthcare", "north", "United States", "large", "gold", 3.2, owner="J. Whitman", since=2016),
    Named("Kessler Maschinenbau GmbH", "automotive", "europe", "Germany", "large", "gold", 2.8, owner="A. Fischer", since=2018),
    Named("Atelier Duval SARL", "aerospace", "europe", "France", "small", "standard", 0.9, owner="A. Fischer", since=2021),
    Named("Talleres Lorca SL", "construction", "europe", "Spain", "small", "standard", 0.9, owner="A. Fischer", since=2021),
    Named("Sjöberg Marin AB", "marine", "europe", "Sweden", "medium", "silver", 1.3, owner="D. Larsen", since=2019),
    Named("Delta Valley Bottling", "food processing", "south", "United States", "medium", "silver", 2.0, owner="L. Monroe", since=2017),
)  # fmt: skip


def customers(rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """The customers with the generator's own columns (named with `_`), named ones first."""
    count = max(len(NAMED) + 8, round(400 * scale))
    rows: list[dict[str, Any]] = [_named(n) for n in NAMED]
    taken = {str(r["name"]) for r in rows}
    industries = list(names.TRADES)
    while len(rows) < count:
        industry = industries[len(rows) % len(industries)]
        region = REGIONS[rng.choice(6, p=[0.2, 0.19, 0.19, 0.15, 0.12, 0.15])]
        country = "United States" if rng.random() < 0.94 else "Canada"
        if region == "europe":
            country = str(rng.choice(["Germany", "France", "Spain", "Sweden", "Netherlands", "United Kingdom"]))
        stem = str(rng.choice(names.EURO_STEMS if region == "europe" else names.STEMS))
        trade = str(rng.choice(names.TRADES[industry]))
        name = f"{stem} {trade}{rng.choice(names.ENDINGS[country])}"
        if name in taken or any(t.startswith(f"{stem} {trade}") for t in taken):
            continue
        taken.add(name)
        weight = float(np.clip(rng.lognormal(-0.25, 0.75), 0.12, 5.0))
        size = "large" if weight > 1.8 else "medium" if weight > 0.7 else "small"
        tier = str(rng.choice(["gold", "silver", "standard"], p=_tier_odds(size)))
        since = f"{rng.integers(2010, 2024)}-{rng.integers(1, 13):02d}-{rng.integers(1, 28):02d}T15:00:00Z"
        rows.append(
            {
                "name": name, "industry": industry, "region": region, "country": country, "size": size, "parent": "",
                "account_owner": str(rng.choice(names.OWNERS)), "is_strategic": bool(weight > 3.2 and tier == "gold"),
                "service_tier": "platinum" if weight > 3.2 and tier == "gold" else tier, "created_at": since, "_weight": weight,
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame.insert(0, "customer_id", [f"C-{1001 + i}" for i in range(len(frame))])
    ids = dict(zip(frame["name"], frame["customer_id"], strict=True))
    frame["parent_id"] = [ids.get(p, "") for p in frame["parent"]]
    frame["_language"] = frame["country"].map(names.LANGUAGE).fillna("en")
    near = {"north": "Albany", "east": "Albany", "europe": "Albany", "south": "Dallas", "central": "Dallas", "west": "Reno"}
    frame["_home"] = frame["region"].map(near)
    frame["_member"] = (rng.random(len(frame)) < 0.35) & ~frame["name"].isin([SLIPPING_NAME, BIASED_NAME])
    frame["_edi"] = (frame["size"] == "large") & (rng.random(len(frame)) < 0.75)
    return frame


def _named(one: Named) -> dict[str, Any]:
    return {
        "name": one.name, "industry": one.industry, "region": one.region, "country": one.country, "size": one.size,
        "parent": one.parent, "account_owner": one.owner, "is_strategic": one.strategic, "service_tier": one.tier,
        "created_at": f"{one.since}-03-12T15:00:00Z", "_weight": one.weight,
    }  # fmt: skip


def _tier_odds(size: str) -> list[float]:
    return {"large": [0.55, 0.35, 0.1], "medium": [0.2, 0.45, 0.35], "small": [0.03, 0.27, 0.7]}[size]


def contacts(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """One to five people a customer, by its size; addresses under the reserved `.example`."""
    rows = []
    columns = (firms[c] for c in ("customer_id", "name", "size", "_language"))
    for customer, name, size, language in zip(*columns, strict=True):
        number = {"large": 4, "medium": 3, "small": 1}[size] + int(rng.integers(0, 2))
        for place in range(number):
            first, last = str(rng.choice(names.FIRST_NAMES[language])), str(rng.choice(names.LAST_NAMES[language]))
            rows.append(
                {
                    "customer_id": customer, "name": f"{first} {last}",
                    "role": names.ROLES[place] if place < 2 else str(rng.choice(names.ROLES[2:])),
                    "email": f"{plain(first)}.{plain(last)}@{plain(name)}.example",
                    "preferred_channel": str(rng.choice(["email", "phone", "chat", "portal"], p=[0.5, 0.3, 0.1, 0.1])),
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    frame.insert(0, "contact_id", [f"P-{2001 + i}" for i in range(len(frame))])
    return frame


def plain(text: str) -> str:
    """Letters and digits only, for an address."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in flat.lower() if c.isalnum())


def products(rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """The articles, evenly over the categories, with `_price` (list) and `_pull` (how often it is bought)."""
    each = int(np.clip(round(30 * scale), 5, 30))
    rows: list[dict[str, Any]] = []
    for category, (nouns, sizes, unit, packs, (low, high), (soon, late)) in names.ARTICLES.items():
        pairs = [(n, s) for s in sizes for n in nouns]
        chosen = sorted(rng.choice(len(pairs), min(each, len(pairs)), replace=False))
        for noun, size in (pairs[i] for i in chosen):
            cost = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))), 2)
            made = {"Manifold block": "engineer", "Flat gasket": "make", "Hub unit": "assemble", "Hydraulic seal": "make"}
            kind = made.get(noun, "stock")
            extra = {"engineer": 25, "make": 8, "assemble": 4, "stock": 0}[kind]
            rows.append(
                {
                    "name": f"{noun} {size}", "_noun": noun, "category": category, "unit_cost": cost, "unit": unit,
                    "pack_size": int(rng.choice(packs)), "lead_time_days": int(rng.integers(soon, late + 1)) + extra,
                    "order_type": kind, "_price": round(cost * float(rng.uniform(1.38, 1.75)), 2),
                    "_pull": float(rng.lognormal(0, 0.8)) * (0.35 if kind != "stock" else 1.0),
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    codes = frame["category"].str[:3].str.upper()
    frame.insert(0, "product_id", [f"{c}-{100 + i}" for i, c in enumerate(codes)])
    return frame
