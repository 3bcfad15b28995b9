"""Voice of the customer (METRICS 6): counts, scores, themes and mood of comments."""

from __future__ import annotations

from typing import Any

import pandas as pd

from knowledge.display import share
from knowledge.intervals import benjamini_hochberg, rates_differ
from knowledge.metrics.registry import Component, Measured, Metric, Row, Value, one, per, rate, ratio
from knowledge.metrics.registry import rows as rows_
from knowledge.records import Verdict

LEAST = 10

COMMENTS = Component("feedback", "distinct", lambda t: t.feedback_id)


def _top_two(t: Any) -> Any:
    good = (t.rating_scale == "0-1") & (t.rating == 1)  # Zendesk's good and bad, thumbs
    return ((t.rating_scale == "1-5") & (t.rating >= 4)) | ((t.rating_scale == "0-10") & (t.rating >= 9)) | good


def _rated(t: Any) -> Any:
    return t.rating.notnull() & t.rating_scale.isin(["1-5", "0-10", "0-1"])


def _nps(row: Row) -> float | None:
    return 100 * (float(row["p"]) - float(row["d"])) / float(row["n"]) if row["n"] else None


def _mood(row: Row) -> float | None:
    return 100 * (float(row["up"]) - float(row["down"])) / float(row["n"]) if row["n"] else None


def _promoted(t: Any) -> Any:
    return ((t.nps >= 9).cast("int64") - (t.nps <= 6).cast("int64")) * 100


def _impact(row: Row) -> dict[str, Value]:
    """Of one scale only: means of different scales have nothing in common."""
    whole: pd.DataFrame = row["whole"]
    return _without(row["value"], float(whole["score"].sum()), float(whole["n"].sum())) if len(whole) == 1 else {}


def _impact_nps(row: Row) -> dict[str, Value]:
    return _without(row["value"], float(row["whole"]["score"].sum()), float(row["whole"]["n"].sum()))


def _without(frame: pd.DataFrame, score: float, n: float) -> dict[str, Value]:
    each = frame.dropna(subset=["theme_id"]).groupby("theme_id")[["score", "n"]].sum()
    made: dict[str, Value] = {}
    for theme, v in each.iterrows():
        if v.n >= LEAST and n - v.n >= LEAST:
            value = score / n - (score - v.score) / (n - v.n)
            made[str(theme)] = Measured(round(value, 9), rows=int(v.n), display=f"{value:+.2f} ({v.n:,.0f} comments)")
    return made


def _trend(row: Row) -> dict[str, Value]:
    frame = (
        row["value"]
        .dropna(subset=["theme_id"])
        .pivot_table(index="theme_id", columns="lately", values="n", aggfunc="sum", fill_value=0)
    )
    frame = frame.reindex(columns=[False, True], fill_value=0)
    now, before = float(row["now"] or 0), float(row["before"] or 0)
    frame = frame[(frame[False] > 0) & (frame.sum(axis=1) >= LEAST)] if now and before else frame.iloc[:0]
    tests = [rates_differ(int(v[True]), int(now), int(v[False]), int(before)) for _, v in frame.iterrows()]
    made: dict[str, Value] = {}
    for (theme, v), q in zip(frame.iterrows(), benjamini_hochberg(tests), strict=True):
        value = (v[True] / now) / (v[False] / before)
        sure = "" if q <= 0.05 else ", no clear change"
        said = f"{value:.1f} times ({share(v[True] / now)} after {share(v[False] / before)}{sure})"
        made[str(theme)] = Measured(round(float(value), 9), rows=int(v[True] + v[False]), display=said)
    return made


def _behind(row: Row) -> dict[str, Value]:
    each = row["value"].drop_duplicates(["theme_id", "customer_id"]).groupby("theme_id")["year_revenue"]
    return {str(theme): Measured(round(float(v.sum()), 6), rows=len(v)) for theme, v in each}


METRICS = (
    Metric(
        "feedback_count", "Comments", ("feedback volume", "responses", "reviews", "number of comments", "how many comments", "complaints received"), "count",
        "Comments received.", "count(distinct feedback_id)", "C P V T", "at", "none", {"value": COMMENTS, "n": COMMENTS}, one("value"), ("feedback.feedback_id",),
    ),
    Metric(
        "nps", "Net promoter score", ("nps", "recommend score", "net promoter"), "points",
        "Share of promoters (9-10) less share of detractors (0-6), times 100.", "100 * (n(nps >= 9) - n(nps <= 6)) / n(nps)", "C V T", "at", "up",
        {
            "p": Component("feedback", "distinct", lambda t: t.feedback_id, lambda t: t.nps >= 9),
            "d": Component("feedback", "distinct", lambda t: t.feedback_id, lambda t: t.nps <= 6),
            "n": Component("feedback", "distinct", lambda t: t.feedback_id, lambda t: t.nps.notnull()),
        },
        _nps, ("feedback.nps",), "nps", source="Reichheld 2003",
    ),
    Metric(
        "csat", "Satisfaction", ("csat", "happy customers", "customer satisfaction"), "share",
        "Ratings in the top two boxes of their scale, of ratings.", "n(rating in top two) / n(rated)", "C P V T", "at", "up",
        {
            "k": Component("feedback", "distinct", lambda t: t.feedback_id, _top_two),
            "n": Component("feedback", "distinct", lambda t: t.feedback_id, _rated),
        },
        ratio("k", "n"), ("feedback.rating", "feedback.rating_scale"), "wilson",
    ),
    Metric(
        "rating_mean", "Mean rating", ("stars", "average score", "average rating", "rating"), "scale", "Mean of the ratings of one scale.", "sum(rating) / n", "C P V T",
        "at", "up",
        {
            "value": Component("feedback", "mean", lambda t: t.rating), "sd": Component("feedback", "sd", lambda t: t.rating),
            "n": Component("feedback", "count", where=lambda t: t.rating.notnull()),
            "scales": Component("feedback", "distinct", lambda t: t.rating_scale),
        },
        one("value"), ("feedback.rating",), "t",
    ),
    Metric(
        "theme_share", "Theme share", ("how common", "share of comments"), "share",
        "Comments that carry a theme, of comments that were analysed; group it by theme.", "comments with the theme / comments classified", "C P V T", "at", "none",
        {
            "k": Component("mentions", "distinct", lambda t: t.feedback_id, lambda t: t.theme_id.notnull()),
            "n": Component("mentions_all", "distinct", lambda t: t.feedback_id),
        },
        ratio("k", "n"), ("feedback_segments.theme_id",), "wilson", source="VoC practice",
    ),
    Metric(
        "net_sentiment", "Net sentiment", ("mood", "tone", "polarity", "sentiment"), "points",
        "Positive less negative mentions, of mentions, times 100.", "100 * (n(+) - n(-)) / n(mentions)", "C P V T", "at", "up",
        {
            "up": Component("mentions", "count", where=lambda t: t.sentiment > 0), "down": Component("mentions", "count", where=lambda t: t.sentiment < 0),
            "n": Component("mentions", "count"),
        },
        _mood, ("feedback_segments.sentiment",), source="VoC practice",
    ),
    Metric(
        "theme_impact", "Theme impact", ("what drives the score", "what hurts most", "theme impact", "impact of themes", "what drags the score down"), "points",
        "Mean rating of all comments less the mean of those without the theme: below zero it drags the score down.", "mean(rating) - mean(rating of comments without the theme)", "C P T", "at", "up",
        {"value": per("themed", "theme_id", "rating_scale", where=lambda t: t.rating.notnull(), score=lambda t: t.rating, n=lambda t: t.rating.notnull().cast("int64")),
         "whole": per("feedback", "rating_scale", where=lambda t: t.rating.notnull(), score=lambda t: t.rating, n=lambda t: t.rating.notnull().cast("int64")),
         "n": Component("feedback", "count", where=lambda t: t.rating.notnull())},
        _impact, ("feedback.rating", "feedback_segments.theme_id"), along="theme", order="asc", source="VoC practice",
        variants={"nps": Metric(
            "theme_impact.nps", "Theme impact on NPS", ("impact on nps", "what drives nps"), "points", "Net promoter score of all comments less that of those without the theme.", "nps - nps of comments without the theme", "C P T", "at", "up",
            {"value": per("themed", "theme_id", where=lambda t: t.nps.notnull(), score=_promoted, n=lambda t: t.nps.notnull().cast("int64")),
             "whole": per("feedback", where=lambda t: t.nps.notnull(), score=_promoted, n=lambda t: t.nps.notnull().cast("int64")),
             "n": Component("feedback", "count", where=lambda t: t.nps.notnull())},
            _impact_nps, ("feedback.nps", "feedback_segments.theme_id"), along="theme", order="asc", source="VoC practice")},
    ),
    Metric(
        "theme_trend", "Theme trend", ("rising topics", "new complaints", "theme trend", "rising themes", "what is getting worse", "growing complaints"), "ratio",
        "Share of comments with the theme in the last 90 days over its share in the 90 before; a change counts where it is sure after correction for the number of themes.", "share now / share before", "C V", "snap", "down",
        {"value": per("themed_lately", "theme_id", "lately", n=lambda t: t.feedback_id.notnull().cast("int64")),
         "now": Component("themed_lately", "distinct", lambda t: t.feedback_id, lambda t: t.lately), "before": Component("themed_lately", "distinct", lambda t: t.feedback_id, lambda t: ~t.lately),
         "n": Component("themed_lately", "distinct", lambda t: t.feedback_id)},
        _trend, ("feedback_segments.theme_id",), along="theme", order="desc", source="METRICS C9",
    ),
    rate(
        "corroboration_rate", "Corroboration", ("is the complaint true in the data", "confirmed claims", "corroboration", "corroborated complaints", "corroboration rate", "complaints that are true"),
        "Claims that the records confirm, of those they confirm or contradict; claims without a record are beside it.", "corroborated / (corroborated + contradicted)", "C P V T", "at", "none",
        Component("claims", "count", where=lambda t: t.verdict == Verdict.CORROBORATED), Component("claims", "count", where=lambda t: t.verdict.isin([Verdict.CORROBORATED, Verdict.CONTRADICTED])),
        ("claims.verdict",), extra={"u": Component("claims", "count", where=lambda t: t.verdict == Verdict.NO_RECORD)}, source="METRICS C10",
    ),
    Metric(
        "revenue_behind_theme", "Revenue behind a theme", ("money at stake", "revenue behind theme", "revenue behind themes", "revenue at stake", "how much revenue is behind complaints"), "money",
        "Revenue of the last twelve months of the customers with a negative mention of the theme; a customer counts once in each theme.", "sum over customers of revenue of 12 months", "C T", "at", "down",
        {"value": rows_("themed_customers", "theme_id", "customer_id", "year_revenue"), "n": Component("themed_customers", "count")}, _behind, ("feedback_segments.theme_id", "order_lines.qty_ordered"), along="theme", order="desc", source="VoC practice",
    ),
)  # fmt: skip
