"""Every metric and variant equals pandas over the same tables of the demo company."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from knowledge.access import Reader, Scope
from knowledge.errors import RapportError
from knowledge.metrics import metrics
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current
from tests.integrations.metric_truth import ELSEWHERE, LISTED, TRUTH, World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("every-metric")]
NAMES = sorted(v.name for m in metrics().values() for v in (m, *m.variants.values()))


@pytest.fixture(scope="module")
def world(company: Path) -> World:
    return World(Reader(company, current(company), Scope.of_role("admin")))


def test_no_metric_is_without_a_truth() -> None:
    assert set(NAMES) == set(TRUTH) | set(LISTED) | set(ELSEWHERE)


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_value(name: str, world: World) -> None:
    try:
        want = TRUTH[name](world)
    except RapportError as err:  # a table that so small a company does not fill
        with pytest.raises(type(err)):
            run(MetricQuery(name), world.reader)
        return
    metric = next(v for m in metrics().values() for v in (m, *m.variants.values()) if v.name == name)
    query = MetricQuery(name, by=(metric.one_each,) if metric.one_each else ())
    if want is None or (isinstance(want, Mapping) and not want):
        assert _said(query, world) is None
        return
    figures = run(query, world.reader).figures
    if isinstance(want, Mapping):
        got = {tuple(f.group.values()) if len(f.group) > 1 else next(iter(f.group.values())): f.value for f in figures}
        _alike(got, {k: v for k, v in want.items() if v is not None})
    else:
        _alike({"": figures[0].value}, {"": want})


@pytest.mark.parametrize("name", sorted(LISTED))
def test_value_by_article(name: str, world: World) -> None:
    want = LISTED[name](world)
    assert len(want) > 20, "too few articles to tell a wrong value from a right one"
    figures = run(MetricQuery(name, by=("product",)), world.reader).figures
    _alike({f.group["product"]: f.value for f in figures}, want)


def _said(query: MetricQuery, world: World) -> Any:
    """The first value; None where there is none or it is refused."""
    try:
        return run(query, world.reader).figures[0].value
    except RapportError:
        return None


def _alike(got: Mapping[Any, Any], want: Mapping[Any, Any]) -> None:
    assert set(got) == set(want)
    for key, value in want.items():
        if isinstance(value, str):
            assert got[key] == value, key
        else:
            assert float(got[key]) == pytest.approx(float(value), rel=1e-6, abs=1e-6), key
