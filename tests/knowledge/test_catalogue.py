"""The pages made from the registry are up to date, and every metric has its topic."""

from __future__ import annotations

from pathlib import Path

from knowledge.catalogue import metrics_page, topics_page
from knowledge.metrics import metrics
from knowledge.topics import TOPICS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_docs_are_what_the_registry_says() -> None:
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == metrics_page(), (
        "rapport metrics --page metrics > docs/metrics.md"
    )
    assert (DOCS / "topics.md").read_text(encoding="utf-8") == topics_page(), "rapport metrics --page topics > docs/topics.md"


def test_every_metric_belongs_to_one_topic() -> None:
    named = [m for t in TOPICS for m in t.metrics]
    assert sorted(named) == sorted(metrics())
    assert [t.number for t in TOPICS] == list(range(1, 21))
