"""What each customer said: comments with their clauses' themes and moods, for account pages."""

from __future__ import annotations

import pandas as pd

from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import Context

CLAUSE = ("theme_id", "aspect", "sentiment", "sentiment_score", "start", "end", "reason_id")
SAID = ("customer_id", "feedback_id", "on", "order_id", "order_value", *CLAUSE)


def said(reader: Reader) -> pd.DataFrame:
    """One row a clause of a comment that is known to be a customer's, newest first: SAID, with the value of the order that
    the comment names. No rows where nothing was said or analysed."""
    context = Context(reader, reader.snapshot.as_of)
    try:
        comments = bases.feedback(context)
        comments = comments.filter(comments.customer_id.notnull()).select("customer_id", "feedback_id", "order_id", on="day")
        clauses = reader.table("feedback_segments")
        rows = comments.inner_join(clauses.select("feedback_id", *[c for c in CLAUSE if c in clauses.columns]), "feedback_id")
        if reader.rows("order_lines"):
            worth = (
                bases.lines(context).group_by("order_id").aggregate(order_value=lambda t: t.lv.sum().round(2).cast("float64"))
            )
            rows = rows.left_join(worth, "order_id").drop("order_id_right")
        found: pd.DataFrame = rows.execute()
    except NoData:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in SAID})
    return found.reindex(columns=list(SAID)).sort_values(["on", "feedback_id", "start"], ascending=[False, True, True])


def texts(reader: Reader) -> dict[str, str]:
    """The masked text of each comment that the reader may see, by id."""
    try:
        found = reader.table("feedback_text").select("feedback_id", "text").execute()
    except NoData:
        return {}
    return dict(zip(found["feedback_id"], found["text"], strict=True))
