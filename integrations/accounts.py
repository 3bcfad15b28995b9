"""Customers as doors list them. Reads tables as one reader; computes nothing."""

from __future__ import annotations

from typing import Any

from integrations.review import plain_row
from knowledge.access import Reader
from knowledge.errors import Ambiguous, NoData, UnknownName

SHOWN = (
    "customer_id",
    "name",
    "industry",
    "region",
    "country",
    "size",
    "parent_id",
    "account_owner",
    "is_strategic",
    "service_tier",
)


def customers(reader: Reader, search: str | None = None) -> list[dict[str, Any]]:
    """The customers this reader may see, by name."""
    try:
        frame = reader.frame("customers")
    except NoData:
        return []
    if search:
        part = search.casefold()
        text = frame["name"].astype("str").str.casefold() + "\n" + frame["customer_id"].astype("str").str.casefold()
        frame = frame[text.str.contains(part, regex=False)]
    rows = frame[[c for c in SHOWN if c in frame.columns]].sort_values(["name", "customer_id"]).to_dict("records")
    return [plain_row(r) for r in rows]


def customer(reader: Reader, wanted: str) -> dict[str, Any]:
    """One customer by id or exact name, with its facts. Fails: UnknownName with the nearest names that the reader may see;
    Ambiguous where several are called so."""
    listed, plain = customers(reader), wanted.strip().casefold()
    found = (
        [c for c in listed if c["customer_id"] == wanted]
        or [c for c in listed if c["customer_id"].casefold() == plain]
        or [c for c in listed if (c["name"] or "").casefold() == plain]
    )
    if len(found) > 1:
        ids = tuple(c["customer_id"] for c in found)
        raise Ambiguous(f"{len(found)} customers are called `{wanted}`.", f"Give the id: {', '.join(ids[:3])}.", choices=ids)
    if not found:
        from rapidfuzz import process

        nearest = tuple(
            n for n, _, _ in process.extract(wanted, [c["name"] for c in listed if c["name"]], limit=3, score_cutoff=60)
        )
        hint = f"Nearest: {', '.join(nearest)}." if nearest else "Check the name or the id."
        raise UnknownName(f"There is no customer `{wanted}`.", hint, nearest=nearest)
    facts: dict[str, Any] = {}
    if reader.rows("customer_facts"):
        table = reader.table("customer_facts")
        rows = table.filter(table.customer_id == found[0]["customer_id"]).execute().to_dict("records")
        facts = {k: v for k, v in plain_row(rows[0]).items() if k != "customer_id"} if rows else {}
    return {**found[0], "facts": facts, "as_of": reader.snapshot.as_of.isoformat()}
