"""Customers that are the same company in several systems: proposed with reasons, confirmed by people, never merged silently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from knowledge.company_names import domain, likeness, rarity, words
from knowledge.errors import BadQuestion, NoData, UnknownName
from knowledge.lock import writing
from knowledge.schema import TABLES
from knowledge.tables import Store

COLUMNS = ["a", "b", "score", "why", "sure"]
LARGEST_BLOCK = 60
LEAST = 0.6
SURE = 0.9
CLEAR = 0.05  # a sure pair is this much better than any other pair of either customer
PLACES = ("country", "region", "city", "postcode", "address")


@dataclass(frozen=True)
class _Customer:
    id: str
    name: str
    domains: frozenset[str]
    places: Mapping[str, str]


def propose(customers: pd.DataFrame, contacts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pairs that may be the same company, best first: a, b, score (0..1), why, sure.

    `customers` has customer_id, name and any of country, region, city, postcode, address; `contacts` customer_id and email.
    Only customers that share a block (a word's beginning or end, a mail domain) are compared."""
    everyone = _customers(customers, contacts)
    weight = rarity(c.name for c in everyone)
    common = _common_domains(everyone)
    rows = []
    for i, j in sorted(_pairs(everyone)):
        a, b = everyone[i], everyone[j]
        score, reasons, clean = _score(a, b, weight, common)
        if score >= LEAST:
            rows.append((a.id, b.id, round(score, 4), "; ".join(reasons), clean and score >= SURE))
    found = pd.DataFrame(rows, columns=COLUMNS).sort_values(
        ["score", "a", "b"], ascending=[False, True, True], ignore_index=True
    )
    return _only_clear(found)


def confirm(workspace: Path, keep: str, other: str) -> dict[str, Any]:
    """Says that `other` is the customer `keep` in another system: one row of `customer_aliases`. Both stay in `customers`.

    Fails: UnknownName for a customer that is not there; BadQuestion where it would make a circle."""
    with writing(workspace):
        store = Store(workspace / "tables")
        rows = {r["customer_id"]: r for r in customers_of(workspace).to_dict("records")}
        for name in (keep, other):
            if name not in rows:
                raise UnknownName(f"There is no customer `{name}`.", "Give ids as `rapport aliases propose` shows them.")
        known = listed(workspace)
        leads = dict(zip(known["external_id"], known["customer_id"], strict=True))
        keep = leads.get(keep, keep)
        if keep == other:
            raise BadQuestion(
                f"`{other}` is already the customer that the other one leads to.", "`rapport aliases list` shows them."
            )
        system = str(rows[other].get("source") or "unknown")
        row = {"system": system, "external_id": other, "customer_id": keep, "confirmed": True}
        moved = known["customer_id"] == other  # what led to `other` now leads to `keep`
        known = known.assign(customer_id=known["customer_id"].mask(moved, keep))
        known = pd.concat([known[known["external_id"] != other], pd.DataFrame([row])], ignore_index=True)
        made = known.assign(source="aliases", source_row=known["external_id"], loaded_at=datetime.now(UTC))
        schema = TABLES["customer_aliases"].arrow
        store.replace("customer_aliases", pa.Table.from_pandas(made[schema.names], schema=schema, preserve_index=False))
    return row


def listed(workspace: Path) -> pd.DataFrame:
    """The confirmed aliases: system, external_id, customer_id, confirmed."""
    store = Store(workspace / "tables")
    names = list(TABLES["customer_aliases"].names)
    if not store.exists("customer_aliases"):
        return pd.DataFrame(columns=names)
    found: pd.DataFrame = store.read("customer_aliases", columns=names).to_pandas()
    return found


def open_proposals(workspace: Path) -> pd.DataFrame:
    """Proposals over the workspace's customers without the pairs that are confirmed already."""
    store = Store(workspace / "tables")
    contacts = store.read("contacts", columns=["customer_id", "email"]).to_pandas() if store.exists("contacts") else None
    found = propose(customers_of(workspace), contacts)
    known = listed(workspace)
    leads = dict(zip(known["external_id"], known["customer_id"], strict=True))
    same = [leads.get(a, a) == leads.get(b, b) for a, b in zip(found["a"], found["b"], strict=True)]
    return found[[not s for s in same]].reset_index(drop=True)


def customers_of(workspace: Path) -> pd.DataFrame:
    """The workspace's customers. Fails: NoData where there are none."""
    store = Store(workspace / "tables")
    if not store.exists("customers"):
        raise NoData("There are no customers in this workspace.", "Import them first.")
    found: pd.DataFrame = store.read("customers", columns=["customer_id", "name", "region", "country", "source"]).to_pandas()
    return found


def _customers(customers: pd.DataFrame, contacts: pd.DataFrame | None) -> list[_Customer]:
    domains: dict[str, set[str]] = defaultdict(set)
    if contacts is not None:
        for owner, email in zip(contacts["customer_id"], contacts["email"], strict=True):
            if isinstance(email, str) and (found := domain(email)):
                domains[str(owner)].add(found)
    made = []
    for row in customers.to_dict("records"):
        places = {p: str(row[p]).strip().casefold() for p in PLACES if isinstance(row.get(p), str) and str(row[p]).strip()}
        name = row["name"] if isinstance(row["name"], str) else ""
        made.append(_Customer(str(row["customer_id"]), name, frozenset(domains[str(row["customer_id"])]), places))
    return made


def _common_domains(everyone: list[_Customer]) -> frozenset[str]:
    """Domains of so many customers that they tell nothing (a provider, a group's holding)."""
    counts: dict[str, int] = defaultdict(int)
    for customer in everyone:
        for name in customer.domains:
            counts[name] += 1
    return frozenset(n for n, c in counts.items() if c > 4)


def _pairs(everyone: list[_Customer]) -> set[tuple[int, int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, customer in enumerate(everyone):
        for key in _keys(customer):
            blocks[key].append(place)
    return {pair for members in blocks.values() if len(members) <= LARGEST_BLOCK for pair in combinations(members, 2)}


def _keys(customer: _Customer) -> set[str]:
    found = words(customer.name)
    starts = [w[:4] for w in found]
    keys = {f"d:{d}" for d in customer.domains} | {f"s:{s}" for s in starts} | {f"e:{w[-4:]}" for w in found if len(w) > 4}
    keys |= {f"p:{x}+{y}" for x, y in combinations(sorted(w[:3] for w in found), 2)}  # for words that very many have
    keys |= {f"x:{x}+{y}" for x, y in combinations(sorted(w[-3:] for w in found), 2)}
    keys.add("j:" + "".join(found)[:8])
    return keys | {f"c:{c}+{s}" for s in starts for c in [customer.places.get("region", "")] if c}


def _score(
    a: _Customer, b: _Customer, weight: dict[str, float], common: frozenset[str]
) -> tuple[float, list[str], bool]:  # fmt: skip
    """The score, its reasons, and whether nothing speaks against the pair."""
    name, alone = likeness(a.name, b.name, weight)
    if name < 0.4:
        return 0.0, [], False
    reasons = ["same name" if name == 1.0 else f"names {name:.0%} alike"]
    score, clean = 0.9 * name, alone < 0.25
    if not clean:
        reasons.append("one has a telling word more")
        score -= 0.12 * alone
    mine, theirs = a.domains - common, b.domains - common
    if mine & theirs:
        reasons.append(f"same mail domain {min(mine & theirs)}")
        score += 0.15
        clean = clean or alone < 0.5
    elif mine and theirs:
        reasons.append("different mail domains")
        score -= 0.12
        clean = False
    for place in PLACES:
        if place in a.places and place in b.places:
            same = a.places[place] == b.places[place]
            score += (0.03 if same else -0.12) if place in ("country", "region") else (0.05 if same else -0.02)
            reasons.append(f"{'same' if same else 'different'} {place}")
            clean = clean and (same or place not in ("country", "region"))
    return max(0.0, min(1.0, score)), reasons, clean


def _only_clear(found: pd.DataFrame) -> pd.DataFrame:
    """A pair is sure only where neither customer has another pair that is nearly as good."""
    best: dict[str, list[float]] = defaultdict(list)
    for a, b, score in zip(found["a"], found["b"], found["score"], strict=True):
        best[a].append(score)
        best[b].append(score)
    second = {c: sorted(s, reverse=True)[1] if len(s) > 1 else 0.0 for c, s in best.items()}
    first = {c: max(s) for c, s in best.items()}
    clear = [
        all(score == first[c] and score - second[c] >= CLEAR for c in (a, b))
        for a, b, score in zip(found["a"], found["b"], found["score"], strict=True)
    ]
    return found.assign(sure=found["sure"].astype(bool) & pd.Series(clear, index=found.index, dtype=bool))
