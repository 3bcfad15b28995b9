"""How an answer was made, for those who want to check it: definition, what was understood, SQL, rows. Shared by the doors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assistant.understand.periods import parse_period
from integrations.metric_names import dimension, named
from knowledge.access import Reader
from knowledge.errors import BadQuestion, RapportError
from knowledge.members import resolved
from knowledge.metrics import definitions, find
from knowledge.metrics.own import Own, in_force
from knowledge.query import catalogue, explain
from knowledge.records import Filter, MetricQuery, Period


def metric_query(asked: Mapping[str, Any], reader: Reader) -> MetricQuery:
    """A metric query out of its JSON: `metric`, `by`, `where` [{dimension, values, negated}], `period` (words, or start and
    end), `grain`, `order`, `limit`; metric, dimensions and members by id or name. Fails: BadQuestion for a period that cannot be
    read; as `named` and `resolved`."""
    known = catalogue(definitions.of_snapshot(reader.snapshot))
    metric = named(asked["metric"], known)
    splits: list[str] = next((m["dimensions"] for m in known if m["name"] == metric.partition(".")[0]), [])
    where = [{**w, "dimension": dimension(w["dimension"], splits)} for w in asked.get("where") or ()]
    by = [dimension(d, splits) for d in asked.get("by") or ()]
    return resolved(_query({**asked, "metric": metric, "by": by, "where": where}, reader), reader)


def _query(asked: Mapping[str, Any], reader: Reader) -> MetricQuery:
    where = tuple(Filter(w["dimension"], tuple(w["values"]), bool(w.get("negated"))) for w in asked.get("where") or ())
    return MetricQuery(
        asked["metric"],
        tuple(asked.get("by") or ()),
        where,
        _period(asked.get("period"), reader),
        asked.get("grain"),
        asked.get("order"),
        asked.get("limit"),
    )


def how(answer: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """Definitions, filters and rows of the figures, the plan, and the SQL of each query (null where it cannot be run any more)."""
    figures: dict[tuple[str, str], dict[str, Any]] = {}
    for f in answer["figures"]:
        kept = {k: f.get(k) for k in ("metric", "label", "definition", "source", "filters", "period", "rows", "as_of")}
        figures.setdefault((f["metric"], str(f.get("period"))), kept)
    plan = dict(answer.get("plan") or {})
    whole = (plan.get("counts") or {}).get("rows")
    if len(figures) == 1 and whole:
        next(iter(figures.values()))["rows"] = whole  # of all groups, not of the first
    return {
        "id": answer["id"],
        "question": answer.get("question"),
        "definitions": list(figures.values()),
        "understood": {k: v for k, v in plan.items() if k not in ("queries", "counts", "notes") and v not in (None, [], "")},
        "queries": [{"query": q, "sql": _sql(q, reader)} for q in plan.get("queries") or ()],
        "counts": plan.get("counts"),
        "notes": plan.get("notes") or [],
        "citations": answer.get("citations") or [],
        "snapshot": answer.get("snapshot"),
        "as_of": answer.get("as_of"),
    }


def for_customers(answer: Mapping[str, Any], added: Own) -> bool:
    """Whether every figure of it is of a metric that is open to everybody; `added` are the company's own."""
    with in_force(added):
        return all(find(f["metric"]).sensitivity == "open" for f in answer["figures"])


def _sql(query: Mapping[str, Any], reader: Reader) -> str | None:
    try:
        return explain(_query(query, reader), reader)
    except (RapportError, KeyError, ValueError):
        return None


def _period(given: Any, reader: Reader) -> Period | None:
    if not given:
        return None
    if isinstance(given, Mapping):
        start, end = (d if isinstance(d, date) else date.fromisoformat(str(d)) for d in (given["start"], given["end"]))
        return Period(start, end, str(given.get("label") or f"{start} to {end}"))
    fiscal = int(reader.snapshot.facts.get("fiscal_year_start", 1) or 1)
    span = parse_period(str(given), reader.snapshot.as_of.date(), fiscal)
    if span is None:
        raise BadQuestion(f"`{given}` is no period.", 'Say "2026", "Q3 2026", "last 90 days" or 2026-06-01..2026-08-31.')
    return span
