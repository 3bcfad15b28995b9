"""Accounts as a list that people sort, filter and search, spelling forgiven; one row an account, with what is to be seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.review import plain_row
from integrations.theme_evidence import YEAR, frame
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import BadQuestion, RapportError
from knowledge.query import run
from knowledge.records import MetricQuery, Period

SORTS = ("name", "revenue", "value", "risk", "mood", "last_touch", "last_order", "owner", "tier", "region", "segment")
FILTERS = ("region", "tier", "owner", "segment", "risk", "industry")
RISKS = {"high": 0, "medium": 1, "low": 2}
LIKE = 72
TAKEN = {"customer_id": "customer_id", "name": "name", "industry": "industry", "region": "region", "country": "country", "account_owner": "owner",
         "service_tier": "tier", "is_strategic": "strategic"}  # fmt: skip


def account_rows(reader: Reader) -> list[dict[str, Any]]:
    """Every account of this reader, by name; `revenue` of the last twelve months, `value` and `risk` only with the right to them."""
    customers = frame(reader, "customers")
    if customers.empty:
        return []
    rows = customers[[c for c in TAKEN if c in customers]].rename(columns=TAKEN)
    facts, model = frame(reader, "customer_facts"), frame(reader, "customer_model")
    for source, columns in (
        (
            facts,
            {
                "rfm_segment": "segment",
                "last_order": "last_order",
                "last_touch": "last_touch",
                "comments": "comments",
                "mean_sentiment": "mood",
            },
        ),
        (
            model,
            {"churn_risk": "risk", "churn_reasons": "risk_why", "clv": "value", "net_margin": "margin", "trust_index": "trust"},
        ),
    ):
        have = {k: v for k, v in columns.items() if k in source}
        if have:
            rows = rows.merge(source[["customer_id", *have]].rename(columns=have), on="customer_id", how="left")
    currency = str(reader.snapshot.facts.get("currency") or "")
    bought = _bought(reader)
    out = []
    for row in rows.sort_values(["name", "customer_id"]).to_dict("records"):
        told = plain_row(row)
        revenue = bought.get(told["customer_id"])
        told |= {"revenue": revenue[0] if revenue else None, "revenue_display": revenue[1] if revenue else None}
        if "value" in told:
            told["value_display"] = display.figure(told["value"], "money", currency) if told["value"] is not None else None
        out.append(told)
    return out


def chosen(
    rows: Sequence[dict[str, Any]],
    *,
    search: str = "",
    sort: str = "name",
    falling: bool = False,
    mine: str = "",
    **values: str | None,
) -> list[dict[str, Any]]:
    """The rows that fit, in order: `search` in names, ids and owners (near spellings after exact ones), `mine` for those of an owner.

    Fails: BadQuestion for a sort or a filter that is not there."""
    if sort not in SORTS:
        raise BadQuestion(f"Accounts are not sorted by `{sort}`.", f"By: {', '.join(SORTS)}.")
    left = [r for r in rows if all(r.get(k) == v for k, v in values.items() if v)]
    if mine:
        left = [r for r in left if str(r.get("owner") or "").casefold() == mine.casefold()]
    if search.strip():
        return _found(left, search.strip())
    known = [r for r in left if r.get(sort) is not None]
    key = (
        (lambda r: (RISKS.get(r["risk"], 9), r["name"] or ""))
        if sort == "risk"
        else (lambda r: (_comparable(r[sort]), r["name"] or ""))
    )
    return sorted(known, key=key, reverse=falling) + [r for r in left if r.get(sort) is None]


def options(rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """The values of each filter, in order."""
    return {f: sorted({str(r[f]) for r in rows if r.get(f)}, key=lambda v: (RISKS.get(v, 9), v)) for f in FILTERS}


def _found(rows: list[dict[str, Any]], search: str) -> list[dict[str, Any]]:
    from rapidfuzz import fuzz

    part = search.casefold()
    scored = []
    for row in rows:
        texts = [str(row.get(k) or "").casefold() for k in ("name", "customer_id", "owner")]
        inside = any(part in t for t in texts)
        near = max(fuzz.WRatio(part, t) if len(part) > 3 and t else 0.0 for t in texts)
        if inside or near >= LIKE:
            scored.append((not texts[0].startswith(part), not inside, -round(near, 3), str(row["name"]), row))
    exact = [s for s in scored if not s[1]]
    return [s[-1] for s in sorted(exact or scored, key=lambda s: s[:-1])]


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _bought(reader: Reader) -> dict[str, tuple[float, str]]:
    today = reader.snapshot.as_of.date()
    try:
        found = run(MetricQuery("revenue", ("customer",), period=Period(today - YEAR, today)), reader)
    except RapportError:
        return {}
    return {f.group["customer"]: (float(f.value), f.display) for f in found.figures if isinstance(f.value, int | float)}
