"""Questions for an empty ask box that work on this workspace: each is checked to run as this reader before it is offered."""

from __future__ import annotations

from integrations.theme_evidence import frame
from knowledge.access import Reader
from knowledge.errors import RapportError
from knowledge.query import can_run
from knowledge.records import MetricQuery

GENERAL: tuple[tuple[str, MetricQuery], ...] = (
    ("top 5 customers by revenue this year", MetricQuery("revenue", ("customer",))),
    ("on-time delivery by month this year", MetricQuery("otd", grain="month")),
    ("return rate by category this year", MetricQuery("return_rate", ("category",))),
    ("comments by channel this year", MetricQuery("feedback_count", ("channel",))),
    ("revenue by month this year", MetricQuery("revenue", grain="month")),
)
MOST = 6


def questions(reader: Reader) -> list[str]:
    """At most six, of what there is data for."""
    found = [text for text, query in GENERAL if _runs(query, reader)]
    themes = frame(reader, "themes")
    if len(themes):
        found.insert(1, "why are customers unhappy?")
    return found[:MOST]


def _runs(query: MetricQuery, reader: Reader) -> bool:
    try:
        can_run(query, reader)
    except RapportError:
        return False
    return True
