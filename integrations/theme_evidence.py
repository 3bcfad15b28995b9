"""What the records add to a theme: who says it, whether it is true, what it moves, what it costs, whether it rises."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pandas as pd

from knowledge.access import Reader
from knowledge.errors import NoData, RapportError
from knowledge.query import run
from knowledge.records import Filter, MetricQuery, Period, Verdict

YEAR = timedelta(days=364)
SHOWN = 3


def evidence(reader: Reader, theme_id: str) -> dict[str, Any]:
    """`who` (lifts), `checked` (claims by verdict, with records), `moves` (drivers), `trend`, `behind` (money) and `safety` of one
    theme, each empty or None where there is nothing or it is not the reader's to see."""
    segments = _of(reader, "feedback_segments", theme_id)
    return {
        "who": sorted(_of(reader, "theme_lifts", theme_id).to_dict("records"), key=lambda lift: lift["rank"]),
        "checked": _checked(reader, segments),
        "moves": _of(reader, "theme_drivers", theme_id).to_dict("records"),
        "trend": next(iter(_of(reader, "theme_trends", theme_id).to_dict("records")), None),
        "behind": _behind(reader, segments),
        "safety": _safety(reader, segments),
    }


def frame(reader: Reader, name: str) -> pd.DataFrame:
    """The table as the reader may see it; empty where there is none for them."""
    try:
        return reader.frame(name)
    except NoData:
        return pd.DataFrame()


def recounted(reader: Reader, themes: pd.DataFrame) -> pd.DataFrame:
    """Themes as a reader of some accounts sees them: comments, customers, shares and mood of their own accounts only."""
    if reader.scope.accounts is None:
        return themes
    said = frame(reader, "feedback_segments")
    if said.empty:
        return themes.iloc[:0]
    own = said.dropna(subset=["theme_id"]).merge(reader.frame("feedback")[["feedback_id", "customer_id"]], on="feedback_id")
    by = own.groupby("theme_id")
    counts = pd.DataFrame({
        "comments": by["feedback_id"].nunique(), "customers": by["customer_id"].nunique(), "sentiment": by["sentiment"].mean().round(4),
        "share": (by["feedback_id"].nunique() / said["feedback_id"].nunique()).round(6),
    })  # fmt: skip
    kept = themes.drop(columns=list(counts.columns)).merge(counts, left_on="theme_id", right_index=True)
    if "examples" in kept:
        seen = set(own["feedback_id"])
        kept["examples"] = [json.dumps([f for f in json.loads(e or "[]") if f in seen]) for e in kept["examples"]]
    return kept[themes.columns]


def reasons_of(reader: Reader, themes: pd.DataFrame) -> pd.DataFrame:
    """Reasons as this reader sees them: of some accounts, counted over their comments only; what nobody of theirs says is left out."""
    reasons = frame(reader, "reasons")
    if reader.scope.accounts is None or reasons.empty:
        return reasons
    said = frame(reader, "feedback_segments")
    if said.empty or "reason_id" not in said:
        return reasons.iloc[:0]
    own = said.dropna(subset=["reason_id"]).merge(reader.frame("feedback")[["feedback_id", "customer_id"]], on="feedback_id")
    by = own.groupby("reason_id")
    counts = pd.DataFrame({"comments": by["feedback_id"].nunique(), "customers": by["customer_id"].nunique()})
    kept = reasons.drop(columns=[c for c in (*counts.columns, "share") if c in reasons]).merge(
        counts, left_on="reason_id", right_index=True
    )
    of = (
        kept["theme_id"].map(themes.set_index("theme_id")["comments"]).astype(float)
    )  # of no reason at all it has no numbers' type
    kept["share"] = (kept["comments"] / of).fillna(0.0).round(6)
    return kept[[c for c in reasons.columns if c in kept]]


def _of(reader: Reader, name: str, theme_id: str) -> pd.DataFrame:
    rows = frame(reader, name)
    return rows[rows["theme_id"] == theme_id] if len(rows) else rows


def _checked(reader: Reader, segments: pd.DataFrame) -> dict[str, Any] | None:
    """Claims of the theme's clauses by verdict, distinct by comment and claim; the latest contradicted and borne out with their words."""
    claims = frame(reader, "claims")
    if claims.empty or segments.empty:
        return None
    mine = claims.merge(segments[["feedback_id", "segment"]], on=["feedback_id", "segment"])
    mine = mine.drop_duplicates(["feedback_id", "claim"])
    if mine.empty:
        return None
    texts = reader.frame("feedback_text").set_index("feedback_id")["text"]
    shown = {}
    for verdict in (Verdict.CONTRADICTED, Verdict.CORROBORATED):
        rows = mine[mine["verdict"] == verdict].sort_values("feedback_id", ascending=False).head(SHOWN)
        shown[verdict] = [
            {"feedback_id": r["feedback_id"], "text": texts[r["feedback_id"]][r["start"] : r["end"]], "start": r["start"], "end": r["end"],
             "evidence": r["evidence"], "order_id": r["order_id"]}
            for r in rows.to_dict("records")
        ]  # fmt: skip
    counts = mine["verdict"].value_counts()
    return {"counts": {v: int(counts.get(v, 0)) for v in Verdict}, "shown": shown}


def _behind(reader: Reader, segments: pd.DataFrame) -> dict[str, Any]:
    """Revenue (and margin, for those with the right) of twelve months of the customers who complain of it."""
    feedback = frame(reader, "feedback")
    if segments.empty or feedback.empty:
        return {}
    complained = set(segments.loc[segments["sentiment"] < 0, "feedback_id"])
    who = sorted(feedback.loc[feedback["feedback_id"].isin(complained), "customer_id"].dropna().unique())
    if not who:
        return {}
    today = reader.snapshot.as_of.date()
    found: dict[str, Any] = {"customers": len(who)}
    for metric in ("revenue", "gross_margin"):
        try:
            total = run(
                MetricQuery(metric, where=(Filter("customer", tuple(who)),), period=Period(today - YEAR, today)), reader
            ).total
        except RapportError:
            continue  # no orders, no costs, or not theirs to see
        if total is not None:
            found[metric] = {"value": total.value, "display": total.display}
    return found


def _safety(reader: Reader, segments: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame(reader, "safety")
    if rows.empty or segments.empty:
        return []
    mine = rows.merge(segments[["feedback_id", "segment"]], on=["feedback_id", "segment"])
    return [{str(k): v for k, v in r.items()} for r in mine[["feedback_id", "kind", "text", "start", "end"]].to_dict("records")]
