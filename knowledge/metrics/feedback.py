"""Voice of the customer (METRICS 6): counts, scores, themes and mood of comments."""

from __future__ import annotations

from typing import Any

from knowledge.metrics.registry import Component, Metric, Row, one, ratio

COMMENTS = Component("feedback", "distinct", lambda t: t.feedback_id)


def _top_two(t: Any) -> Any:
    return ((t.rating_scale == "1-5") & (t.rating >= 4)) | ((t.rating_scale == "0-10") & (t.rating >= 9))


def _rated(t: Any) -> Any:
    return t.rating.notnull() & t.rating_scale.isin(["1-5", "0-10"])


def _nps(row: Row) -> float | None:
    return 100 * (float(row["p"]) - float(row["d"])) / float(row["n"]) if row["n"] else None


def _mood(row: Row) -> float | None:
    return 100 * (float(row["up"]) - float(row["down"])) / float(row["n"]) if row["n"] else None


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
)  # fmt: skip
