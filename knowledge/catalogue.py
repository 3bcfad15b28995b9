"""The pages of the documentation that are made from the registry: every metric, and the twenty topics."""

from __future__ import annotations

from knowledge.metrics import metrics
from knowledge.metrics.registry import Metric
from knowledge.topics import TOPICS

DATES = {
    "ord": "order date", "svc": "service date (promised, else requested)", "del": "delivery date", "ret": "date of the return's request",
    "at": "date of the contact or comment", "per": "period of the cost or plan", "snap": "as of now",
}  # fmt: skip
ARROWS = {"up": "higher is better", "down": "lower is better", "none": ""}


def metrics_page() -> str:
    """docs/metrics.md: each metric with its variants, by topic."""
    known = metrics()
    out = [
        "# Metrics\n",
        "Made from the registry by `rapport metrics --page metrics`; a test keeps it so. Where a name has variants the first is the "
        "default, and an answer says which one it used. Money is in the workspace's currency; a share is between 0 and 1.",
    ]
    for topic in TOPICS:
        out.append(f"\n## {topic.number} {topic.name}\n")
        out += [entry(known[name]) for name in topic.metrics]
    return "\n".join(out).rstrip() + "\n"


def entry(metric: Metric) -> str:
    """One metric as Markdown."""
    facts = [
        f"unit {metric.unit}",
        DATES[metric.date],
        ARROWS[metric.direction],
        metric.sensitivity if metric.sensitivity != "open" else "",
    ]
    lines = [
        f"### `{metric.name}` {metric.label}\n",
        f"{metric.definition}\n",
        f"`{metric.formula}`\n",
        f"- {' · '.join(f for f in facts if f)} · source: {metric.source}",
        f"- by: {', '.join(metric.dimensions) or 'the whole company only'}{' · over time' if metric.over_time else ''}",
        f"- needs: {', '.join(f'`{n}`' for n in metric.needs)}",
    ]
    if metric.synonyms:
        lines.append(f"- also said: {', '.join(metric.synonyms)}")
    more = {"otd": ["`otd.grace(l)`: at most l days late", "`otd.window(e,l)`: from e days early to l days late"]}
    variants = [f"`{v.name}` {v.label}: {v.definition}" for v in metric.variants.values()] + more.get(metric.name, [])
    if metric.name == "retention_first":
        variants.append("`retention_first(d)`: within d days")
    lines += [f"- variant {v}" for v in variants]
    return "\n".join(lines) + "\n"


def topics_page() -> str:
    """docs/topics.md: the twenty topics as a table."""
    out = [
        "# Twenty topics\n",
        "Made from `knowledge/topics.py` by `rapport metrics --page topics`; a test keeps it so. "
        "Every question is answered on the demo company with the figure that plain pandas gives, in a test. All figures can be "
        "asked on the web page, in Slack, over REST and MCP; the last columns name the sections of the account brief and of the "
        "web page that show them.\n",
        "| | topic | metrics | model | ask | in the brief | on the web page |",
        "|---|---|---|---|---|---|---|",
    ]
    for t in TOPICS:
        named = ", ".join(f"`{m}`" for m in t.metrics)
        out.append(
            f"| {t.number} | {t.name} | {named} | {t.model} | “{t.question}” | {'; '.join(t.brief) or '–'} | {', '.join(t.pages)} |"
        )
    return "\n".join(out) + "\n"
