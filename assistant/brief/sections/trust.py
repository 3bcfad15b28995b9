"""Promises made to them and whether they were kept, and the trust index with its parts."""

from __future__ import annotations

import json
from typing import Any

from assistant.brief.account import Account
from assistant.brief.content import Line, Section, Table, Words, line, unknown
from knowledge.records import Figure

PARTS = ("promise_keeping", "response_reliability", "complaint_recovery", "document_accuracy")


def section(account: Account) -> Section:
    lines = [*_promises(account), *_index(account)]
    return Section("trust", "Promises and trust", tuple(lines), tuple(_parts(account)))


def _promises(account: Account) -> list[Line]:
    """Commitments of the last year and whether they were kept in time."""
    if not account.book.has("commitments"):
        return [unknown("what was promised to them; no commitments were ever loaded.")]
    year = account.spans.year
    made = [c for c in account.commitments if year.start <= c["made"].date() <= year.end]
    if not made:
        return [line("Nothing was promised to them in the ", year, ".")]
    kept = [c for c in made if c["kept"] is not None and (c["due"] is None or c["kept"] <= c["due"])]
    late = [c for c in made if c["kept"] is not None and c["due"] is not None and c["kept"] > c["due"]]
    open_ones = [c for c in made if c["kept"] is None]

    def count(what: str, rows: list[Any]) -> Figure:
        return account.total("commitments", what, len(rows), len(rows), "count")

    words: Words = (
        count("commitments made", made),
        " promises in the ",
        year,
        ": ",
        count("kept in time", kept),
        " kept in time, ",
    )
    return [line(*words, count("kept late", late), " kept late, ", count("not kept yet", open_ones), " not kept yet.")]


def _index(account: Account) -> list[Line]:
    if not account.book.reader.scope.may("commercial"):
        return []
    index = account.modelled("trust_index", "trust index", "count")
    if index is None:
        return [unknown("the trust index; too little of it is measured for this account.")]
    coverage = account.modelled("trust_coverage", "share of the index that is measured", "share")
    more: Words = (", measured over ", coverage, " of its weight") if coverage is not None else ()
    best = account.recorded("customer_model", "trust_scale", account.id, 100, "count", "top of the scale")
    return [line("Trust index ", index, " of ", best, *more, ".")]


def _parts(account: Account) -> list[Table]:
    told = account.model.get("trust_parts")
    if not told:
        return []
    rows: list[tuple[Words, ...]] = []
    for name, part in json.loads(told).items():
        share = account.recorded(
            "customer_model", f"trust_parts.{name}", account.id, part["share"], "share", name.replace("_", " ")
        )
        events = account.recorded("customer_model", f"trust_parts.{name}.events", account.id, part["events"], "count", "events")
        weight = account.recorded("customer_model", f"trust_parts.{name}.weight", account.id, part["weight"], "share", "weight")
        rows.append(((name.replace("_", " ").capitalize(),), (share,), (events,), (weight,)))
    return [Table("Parts of the trust index", ("Part", "Kept", "Events", "Weight"), tuple(rows))]
