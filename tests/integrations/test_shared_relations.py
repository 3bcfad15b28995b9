"""What is kept of all accounts and cut to a reader's is what that reader's own tables give."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from integrations.wiring import Workspace
from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.checks import checked
from knowledge.compile import OF_ONE_CUSTOMER, _as_of, _base, _with_attributes, compile_metric, sql
from knowledge.metrics import metrics
from knowledge.metrics.bases import Context
from knowledge.metrics.relations import base_of
from knowledge.query import explain, run
from knowledge.records import MetricQuery


def rows(table: object) -> pd.DataFrame:
    """The rows as text, in one order."""
    frame: pd.DataFrame = table.execute()  # type: ignore[attr-defined]
    frame = (
        frame[sorted(frame.columns)].astype("object").map(lambda v: None if not isinstance(v, list) and pd.isna(v) else str(v))
    )
    return frame.sort_values(list(frame.columns), ignore_index=True, na_position="first")


@pytest.fixture(scope="module")
def home(company: Path) -> Workspace:
    return Workspace(company)


def some(home: Workspace, role: str) -> Scope:
    """Every third account: parents of some are hidden."""
    ids = sorted(home.reader(Scope.of_role("admin")).frame("customers")["customer_id"])
    return Scope("rita", role, frozenset(ids[::3]), ROLE_RIGHTS[role])  # type: ignore[index]


@pytest.mark.parametrize("role", ["rep", "manager"])
@pytest.mark.parametrize("base", sorted(OF_ONE_CUSTOMER))
def test_a_part_of_what_is_kept_of_all_is_what_the_tables_cut_give(home: Workspace, role: str, base: str) -> None:
    reader = home.readers()(some(home, role))
    context = Context(reader, _as_of(base, reader))
    before = rows(_with_attributes(base_of(base)(context), context))
    shared = _base(base, context, now=True)
    everybodys = (base, reader.snapshot.id, None, reader.scope.rights, context.as_of)
    assert reader.engine.relations.get(everybodys, lambda: pytest.fail("it is kept")) is not None
    pd.testing.assert_frame_equal(rows(shared), before)
    assert len(before) > 0


def test_every_metric_is_the_same_whether_its_base_is_kept_or_not(home: Workspace) -> None:
    scope = some(home, "rep")
    fresh, kept = home.readers()(scope), home.readers()(scope)
    for base in sorted(OF_ONE_CUSTOMER):
        _base(base, Context(kept, _as_of(base, kept)), now=True)
    compared = 0
    for metric in metrics().values():
        if not {c.base for c in metric.components.values()} & OF_ONE_CUSTOMER:
            continue
        for by in ((), *((d,) for d in ("customer", "parent", "abc", "product", "region") if d in metric.dimensions)):
            query = MetricQuery(metric.name, by=by)
            assert said(query, kept) == said(query, fresh), query
            compared += 1
    assert compared > 100


def said(query: MetricQuery, reader: object) -> object:
    from knowledge.errors import RapportError

    try:
        found = run(query, reader)  # type: ignore[arg-type]
    except RapportError as err:
        return err.code, err.message
    return found.figures, found.total, found.notes


def test_the_sql_that_is_told_names_the_tables_and_not_what_is_kept_of_them(home: Workspace) -> None:
    reader = home.readers()(Scope.of_role("manager"))
    _base("lines", Context(reader, _as_of("lines", reader)), now=True)
    query = MetricQuery("revenue", grain="month")
    assert "kept_" in compiled(query, reader), "or this test sees nothing"
    told = explain(query, reader)
    assert "kept_" not in told
    assert "order_lines_v" in told


def compiled(query: MetricQuery, reader: Reader) -> str:
    metric, checked_query, context = checked(query, reader)
    return sql(compile_metric(metric, checked_query, context), context)
