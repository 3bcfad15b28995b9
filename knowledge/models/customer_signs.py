"""What the models know of each customer besides its orders: lateness, complaints, answers, trust, and signs of partnership."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from knowledge.errors import NoData
from knowledge.metrics import bases, bases_contact
from knowledge.models.inputs import Inputs
from knowledge.models.trust import WEIGHTS, trust_index

if TYPE_CHECKING:
    import ibis.expr.types as ir

SIGNS = (
    "days_since", "value_now", "value_before", "late_now", "due_now", "late_before", "due_before", "complaints", "theme",
    "unanswered",
)  # fmt: skip
HALF_YEAR = pd.Timedelta(days=180)


def churn_signs(inputs: Inputs, overdue_ratio: pd.Series) -> pd.DataFrame:
    """SIGNS and the overdue ratio of each customer that ever ordered, as `churn.reasons` needs them; index customer_id."""
    days, now = inputs.customer_days, inputs.now
    out = pd.DataFrame({"overdue_ratio": overdue_ratio})
    last = days.groupby("customer_id")["day"].max()
    out["days_since"] = (now - last).dt.days
    recent, before = now - HALF_YEAR, now - 2 * HALF_YEAR
    known = len(days) > 0 and days["day"].min() <= before
    out["value_now"] = days[days["day"] > recent].groupby("customer_id")["value"].sum()
    out["value_before"] = days[(days["day"] > before) & (days["day"] <= recent)].groupby("customer_id")["value"].sum()
    out[["value_now", "value_before"]] = out[["value_now", "value_before"]].fillna(0.0) if known else np.nan
    due = _deliveries(inputs)
    for name, rows in {"now": due[due["day"] > recent], "before": due[(due["day"] > before) & (due["day"] <= recent)]}.items():
        grouped = rows.groupby("customer_id")["late"]
        out[f"late_{name}"], out[f"due_{name}"] = grouped.sum(), grouped.size()
    out = out.join(_complaints(inputs)).join(_unanswered(inputs))
    counts = [c for c in SIGNS if c not in ("theme", "days_since", "value_now", "value_before")]
    out[counts] = out[counts].astype("float64").fillna(0.0)
    return out.reindex(columns=["overdue_ratio", *SIGNS])


def _deliveries(inputs: Inputs) -> pd.DataFrame:
    """Orders due: `customer_id`, `day`, `late`."""

    def query() -> ir.Table:
        rows = bases.due_orders(inputs.context)
        rows = rows.filter(rows.day.notnull() & (rows.delivered_day.notnull() | (rows.status == "open")))
        return rows.select("customer_id", "day", late=~(rows.delivered_day <= rows.day).fill_null(False))

    found = inputs.frame(query, ("customer_id", "day", "late"), days=("day",))
    return found.assign(late=found["late"].astype(bool))


def _complaints(inputs: Inputs) -> pd.DataFrame:
    """Negative mentions of the last 180 days and the theme of most of them."""
    empty = pd.DataFrame({"complaints": pd.Series(dtype="float64"), "theme": pd.Series(dtype="object")})
    if not inputs.has("feedback_segments", "sentiment"):
        return empty
    since = (inputs.now - HALF_YEAR).date()

    def query() -> ir.Table:
        rows = bases.mentions(inputs.context)
        rows = rows.filter((rows.sentiment < 0) & (rows.day > since) & rows.customer_id.notnull())
        return rows.group_by("customer_id", "theme_id").aggregate(n=rows.feedback_id.nunique())

    found = inputs.frame(query, ("customer_id", "theme_id", "n"))
    if found.empty:
        return empty
    names = _theme_names(inputs)
    found = found.sort_values(["customer_id", "n", "theme_id"], ascending=[True, False, True])
    themed = found.dropna(subset=["theme_id"]).drop_duplicates("customer_id").set_index("customer_id")["theme_id"]
    count = found.groupby("customer_id")["n"].sum().rename("complaints").astype("float64")
    return count.to_frame().join(themed.map(names).astype(object).rename("theme"))


def _theme_names(inputs: Inputs) -> dict[str, str]:
    try:
        themes = inputs.reader.frame("themes")
    except NoData:
        return {}
    return dict(zip(themes["theme_id"], themes["name"], strict=True)) if "name" in themes else {}


def _unanswered(inputs: Inputs) -> pd.Series:
    """Contacts of the last 90 days that came in and are past their target without an answer."""
    none = pd.Series(dtype="float64", name="unanswered").rename_axis("customer_id")
    if not inputs.has("interactions", "first_response_at"):
        return none
    since = (inputs.now - pd.Timedelta(days=90)).date()

    def query() -> ir.Table:
        rows = bases_contact.answered(inputs.context)
        rows = rows.filter(rows.first_response_at.isnull() & rows.judged & (rows.day > since))
        return rows.group_by("customer_id").aggregate(unanswered=rows.count())

    found = inputs.frame(query, ("customer_id", "unanswered"))
    return found.set_index("customer_id")["unanswered"].astype("float64") if len(found) else none


def trust(inputs: Inputs, days: int = 365) -> pd.DataFrame:
    """Trust index of each customer over the last `days`: `trust_index`, `trust_coverage`, `trust_parts` (JSON: share and events).

    Customers with too little measured are not in it. Source: METRICS C11b."""
    since = (inputs.now - pd.Timedelta(days=days)).date()

    def shares(rows: ir.Table, ok: str, judged: str = "") -> ir.Table:
        rows = rows.filter((rows.day > since) & (rows[judged] if judged else rows[ok].notnull()))
        return rows.group_by("customer_id").aggregate(kept=rows[ok].cast("int64").sum(), events=rows.count())

    def documents() -> ir.Table:
        rows = bases.due_by_order(inputs.context)
        rows = rows.filter((rows.invoice_known == rows.lines) | (rows.invoice_wrong > 0))
        return shares(rows.mutate(right=rows.invoice_wrong == 0), "right")

    found: dict[str, pd.DataFrame] = {}
    names = ("customer_id", "kept", "events")
    if inputs.has("orders", "delivered_at") or inputs.has("interactions", "promised_by"):
        found["promise_keeping"] = inputs.frame(lambda: shares(bases_contact.promises(inputs.context), "kept"), names)
    if inputs.has("interactions", "first_response_at"):
        found["response_reliability"] = inputs.frame(
            lambda: shares(bases_contact.answered(inputs.context), "in_time", "judged"), names
        )
    if inputs.has("interactions", "resolved_at") and inputs.has("interactions", "kind"):
        found["complaint_recovery"] = inputs.frame(lambda: _judged(inputs), names)
    if inputs.has("order_lines", "invoice_ok"):
        found["document_accuracy"] = inputs.frame(documents, names)
    parts: dict[str, dict[str, tuple[float, int]]] = {}
    for name, rows in found.items():
        for who, kept, events in rows.itertuples(index=False, name=None):
            parts.setdefault(who, {})[name] = (float(kept) / float(events), int(events))
    made = []
    for who in sorted(parts):
        try:
            result = trust_index(parts[who])
        except NoData:
            continue
        told = {
            n: {"share": round(parts[who][n][0], 4), "events": parts[who][n][1], "weight": WEIGHTS[n]} for n in result.parts
        }
        made.append((who, round(result.index, 4), round(result.coverage, 4), json.dumps(told)))
    return pd.DataFrame(made, columns=["customer_id", "trust_index", "trust_coverage", "trust_parts"]).set_index("customer_id")


def _judged(inputs: Inputs) -> ir.Table:
    """Complaints that were old enough to judge within the last year and a half, all of them: they are few."""
    rows = bases_contact.complaints(inputs.context)
    rows = rows.filter(rows.judged)
    return rows.group_by("customer_id").aggregate(kept=rows.recovered.cast("int64").sum(), events=rows.count())


def collaboration(inputs: Inputs) -> pd.Series:
    """0 to 1 by customer: shares its plans with us, and met or reviewed with us, in the last year; empty where neither is known.

    Source: METRICS 12; index customer_id."""
    since = (inputs.now - pd.Timedelta(days=365)).date()
    signs = []

    def planners() -> ir.Table:
        rows = inputs.reader.table("demand_plans")
        rows = rows.filter((rows.party == "customer") & (rows.period_start > since) & rows.customer_id.notnull())
        return rows.select("customer_id").distinct()

    def met() -> ir.Table:
        rows = bases.interactions(inputs.context)
        meeting = (rows.kind == "visit").fill_null(False) | (rows.stage == "renewal").fill_null(False)
        return rows.filter(meeting & (rows.day > since)).select("customer_id").distinct()

    if inputs.has("demand_plans"):
        signs.append(inputs.frame(planners, ("customer_id",)))
    if inputs.has("interactions", "kind"):
        signs.append(inputs.frame(met, ("customer_id",)))
    who = inputs.customers["customer_id"]
    if not signs:
        return pd.Series(dtype="float64", name="collaboration")
    shares = sum((who.isin(s["customer_id"]).astype("float64") for s in signs), start=pd.Series(0.0, index=who.index))
    return pd.Series((shares / len(signs)).to_numpy(), index=who.to_numpy(), name="collaboration")
