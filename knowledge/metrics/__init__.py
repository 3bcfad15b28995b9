"""The registry of metrics: one record each, by name; variants are named `metric.variant`. Those that the company added
(`knowledge.metrics.definitions`) are among them while its data are being read (`in_force`)."""

from __future__ import annotations

from functools import cache

from knowledge.errors import UnknownName
from knowledge.metrics.own import own
from knowledge.metrics.registry import Metric


def metrics() -> dict[str, Metric]:
    """Every metric by name, without variants, in the order of the catalogue; the company's own come last."""
    return {**shipped(), **own().metrics} if own().metrics else shipped()


def find(name: str) -> Metric:
    """A metric or a variant (`fill_rate.unit`, `otd.grace(3)`), or a measure of things (`count(order)`, `mean(order.days_late)`).

    Fails: UnknownName with the nearest names."""
    from knowledge.entities import measures

    if measures.written(name):
        return measures.measure(name)
    return own().metrics[name] if name in own().metrics else find_shipped(name)


@cache
def shipped() -> dict[str, Metric]:
    """The metrics that everybody has."""
    from knowledge.metrics import (
        articles,
        channels,
        contact,
        customers,
        cycle,
        design,
        feedback,
        loyalty,
        orders,
        planning,
        profit,
        returns,
        service,
        tiers,
    )

    families = (
        orders, customers, profit, tiers, feedback, articles, cycle, planning, contact, service, loyalty, channels, design, returns,
    )  # fmt: skip
    return {m.name: m for family in families for m in family.METRICS}


def find_shipped(name: str) -> Metric:
    """One of the metrics that everybody has, or a variant of one. Fails: as `find`."""
    from knowledge.metrics.loyalty import retention_first
    from knowledge.metrics.service import otd_grace, otd_window

    known = shipped()
    if name.startswith("retention_first(") and name.endswith(")") and name[16:-1].isdecimal() and int(name[16:-1]):
        return retention_first(int(name[16:-1]))
    base, _, variant = name.partition(".")
    if base in known and not variant:
        return known[base]
    if base in known and variant in known[base].variants:
        return known[base].variants[variant]
    if base == "otd" and variant.startswith(("window(", "grace(")):
        numbers = [int(x) for x in variant[variant.index("(") + 1 :].rstrip(")").split(",") if x.strip().isdecimal()]
        if variant.startswith("window(") and len(numbers) == 2:
            return otd_window(*numbers)
        if variant.startswith("grace(") and len(numbers) == 1:
            return otd_grace(numbers[0])
    if base in known:
        raise UnknownName(
            f"`{base}` has no variant `{variant}`.",
            f"Variants: {', '.join(known[base].variants) or 'none'}.",
            code="unknown_metric",
        )
    from rapidfuzz import process

    nearest = tuple(n for n, score, _ in process.extract(base, list(metrics()), limit=3) if score > 50)
    raise UnknownName(
        f"There is no metric `{name}`.", f"Nearest: {', '.join(nearest)}." if nearest else "`rapport metrics` lists them.", nearest=nearest, code="unknown_metric"
    )  # fmt: skip
