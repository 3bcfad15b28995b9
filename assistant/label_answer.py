"""Labels of customers or articles (churn risk, tier mismatch, demand class): who has which, the one that was asked for first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant import compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, day, framed, query_json, table, word
from knowledge import display
from knowledge.access import Reader
from knowledge.compile import cut_rows
from knowledge.errors import NoData
from knowledge.metrics import find
from knowledge.query import run as run_query
from knowledge.records import Figure, MetricResult

NAMED, LISTED = 5, 50


def labelled(result: MetricResult, slots: Mapping[str, Any], reader: Reader, name: Name) -> Answer:
    """How many have each label and who: all of the one that was asked for, else as ranked, else the rarest first."""
    dimension = result.query.by[0]
    metric = find(result.query.metric)
    if not result.figures:
        return _nobody(result, slots, reader, name)
    groups = Counter(_label(f) for f in result.figures)
    wanted = slots.get("label")
    ranked = list(groups) if result.query.order else [label for label, _ in sorted(groups.items(), key=lambda g: (g[1], g[0]))]
    order = [wanted] if wanted else ranked
    chosen = sorted((f for f in result.figures if _label(f) in order), key=lambda f: order.index(_label(f)))
    scope = compose.scope_words(result.query, name)
    base = replace(result.figures[0], group={}, interval=None, numerator=None, denominator=None, rows=len(result.figures))
    counts = [
        replace(
            base, label=f"{metric.label}: {label}", value=groups[label], unit="count", display=display.number(groups[label])
        )
        for label in order
    ]
    many = compose.plural(dimension)
    if wanted:
        names = [name(dimension, f.group[dimension]) for f in chosen]
        told = f": {', '.join(names[: 2 * NAMED])}{' and so on' if len(names) > 2 * NAMED else ''}" if names else ""
        noun = word(dimension) if len(chosen) == 1 else many
        text = f"**{counts[0].display}** {noun}{scope} with {compose.label(base)} {wanted}{told}."
    else:
        parts = [f"**{c.display}** {label}" for c, label in zip(counts, order, strict=True)]
        text = f"{metric.label} of {many}{scope}: {', '.join(parts)}."
        rare = [name(dimension, f.group[dimension]) for f in chosen if _label(f) == order[0]][:NAMED]
        text += f" {order[0].capitalize()}: {', '.join(rare)}{' and so on' if groups[order[0]] > NAMED else ''}."
    shown = chosen[: slots.get("limit") or LISTED]
    notes = [*result.notes, *([f"{len(shown):,} of {len(chosen):,} shown."] if len(shown) < len(chosen) else [])]
    text += f"\n\n{compose.quiet([replace(result, figures=tuple(shown) or result.figures, notes=tuple(notes))], day(reader))}"
    plan = {**slots, "queries": [query_json(result.query)], "notes": notes, "counts": {"rows": compose.rows_told(result)}}
    return framed(
        reader, Plan("value", (result.query,), slots=plan), "answered", text, figures=(*counts, *shown),
        table=table(shown, (dimension,), name) if shown else None,
    )  # fmt: skip


def _nobody(result: MetricResult, slots: Mapping[str, Any], reader: Reader, name: Name) -> Answer:
    """That nobody in scope has a label, or the one that was asked for: none is counted."""
    query, metric = result.query, find(result.query.metric)
    many, wanted = compose.plural(query.by[0]), slots.get("label")
    none = Figure(
        query.metric, f"{metric.label}: {wanted or 'any'}", 0, "count", display.number(0), period=query.period, rows=0,
        filters={f.dimension: list(f.values) for f in query.where}, as_of=reader.snapshot.as_of, definition=metric.definition,
    )  # fmt: skip
    having = f"with {metric.label.lower()} {wanted}" if wanted else f"with a known {metric.label.lower()}"
    text = f"There are **{none.display}** {many}{compose.scope_words(query, name)} {having}."
    text += f"\n\n{compose.quiet([replace(result, figures=(none,))], day(reader))}"
    plan = {**slots, "queries": [query_json(query)], "notes": list(result.notes), "counts": {"rows": 0}}
    return framed(reader, Plan("value", (query,), slots=plan), "answered", text, figures=(none,))


def at_risk(plan: Plan, reader: Reader, name: Name) -> Answer:
    """Why customers are at risk: each one's risk with the reasons that the model gives. Fails: NoData without the model."""
    query = plan.queries[0]
    result = run_query(query, reader)
    model = reader.table("customer_model")
    kept = cut_rows("customers", replace(query, metric="churn_risk", by=(), period=None), reader)
    own = model.semi_join(kept, "customer_id").select("customer_id", "churn_risk", "churn_reasons")
    rows = reader.engine.backend.to_pyarrow(own.filter(own.churn_reasons.notnull())).to_pylist()
    rank = {"high": 0, "mid": 1}
    rows.sort(key=lambda r: (rank.get(r["churn_risk"], 2), r["customer_id"]))
    base = result.figures[0]
    figures = []
    lines = []
    for r in rows[:NAMED]:
        who = name("customer", r["customer_id"])
        risk = replace(base, value=r["churn_risk"], display=str(r["churn_risk"]), group={"customer": r["customer_id"]})
        reasons = replace(risk, label="Reasons", value=r["churn_reasons"], display=r["churn_reasons"], unit="label")
        figures += [risk, reasons]
        lines.append(f"**{who}**, {risk.display} risk: {reasons.display}.")
    if not figures:
        raise NoData("The churn model gives no reasons here.", "Ask for `churn risk by customer`.", code="no_reasons")
    text = "\n\n".join(lines) + f"\n\n{compose.quiet([replace(result, figures=(base,))], day(reader))}"
    return framed(reader, plan, "answered", text, figures=tuple(figures))


def _label(figure: Figure) -> str:
    """The label without its reasons ("over (value score above 10 %)")."""
    return str(figure.value).split(" (")[0]
