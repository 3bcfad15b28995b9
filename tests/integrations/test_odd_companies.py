"""Companies whose data are odd: every metric gives a number that is one, or says why not; nothing warns, nobody reads NaN."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pandas as pd
import pytest

import knowledge
from integrations.build import build
from integrations.settings import load
from knowledge.access import Reader, Scope
from knowledge.errors import RapportError
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.metrics import metrics
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current

pytestmark = pytest.mark.slow
NOT_FOR_PEOPLE = re.compile(r"\b(nan|NaN|inf|None|NaT|Traceback)\b")
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
Frames = dict[str, pd.DataFrame]


def usual(customers: int = 12, orders: int = 60) -> Frames:
    """A plain small company: weekly orders of two articles, a third of them late, a return, a cost pool, a plan, stock."""
    days = pd.date_range("2025-01-06", periods=orders, freq="7D")
    placed = pd.DataFrame(
        {"order_id": [f"O{i:03}" for i in range(orders)], "customer_id": [f"C{i % customers:02}" for i in range(orders)]}
    )
    placed["ordered_at"] = days.strftime("%Y-%m-%dT10:00:00Z")
    placed["status"] = "delivered"
    placed["promised_date"] = (days + pd.Timedelta(days=5)).strftime("%Y-%m-%d")
    placed["delivered_at"] = [f"{d + pd.Timedelta(days=7 if i % 3 == 0 else 4):%Y-%m-%d}T12:00:00Z" for i, d in enumerate(days)]
    lines = pd.DataFrame({"order_id": placed["order_id"], "line": 1, "product_id": [f"P{i % 2}" for i in range(orders)]})
    lines[["qty_ordered", "qty_shipped_first", "qty_delivered", "unit_price", "unit_cost"]] = [10, 9, 10, 8.0, 5.0]
    return {
        "customers": pd.DataFrame({"customer_id": [f"C{i:02}" for i in range(customers)], "name": [f"Firm {i}" for i in range(customers)], "service_tier": "gold"}),
        "products": pd.DataFrame({"product_id": ["P0", "P1"], "name": ["Bolt", "Nut"], "unit": "piece", "pack_size": 5, "lead_time_days": 9}),
        "orders": placed,
        "order_lines": lines,
        "returns": pd.DataFrame({"return_id": ["R1"], "customer_id": "C00", "product_id": "P0", "order_id": "O000", "requested_at": "2025-02-01T00:00:00Z", "qty": 1, "value": 8.0}),
        "cost_activities": pd.DataFrame({"activity": ["handling"], "driver": "order", "period_start": "2025-01-01", "period_end": "2026-02-28", "cost": 600, "practical_capacity": 100}),
        "demand_plans": pd.DataFrame({"product_id": "P0", "customer_id": "C00", "period_start": ["2025-10-01", "2025-11-01", "2025-12-01", "2026-03-01"], "period_days": 30, "party": "ours", "forecast_qty": 20}),
        "inventory": pd.DataFrame({"product_id": ["P0", "P1"], "location": "here", "at": "2026-02-01", "on_hand": [3, 500], "safety_stock": 4}),
        "service_policies": pd.DataFrame({"service_tier": ["gold"], "otd_target": 0.95, "fill_rate_target": 0.9}),
    }  # fmt: skip


def only(frames: Frames, *names: str) -> Frames:
    return {n: frames[n] for n in names}


def changed(frames: Frames, table: str, **columns: object) -> Frames:
    return {**frames, table: frames[table].assign(**columns)}


ODD: dict[str, Frames] = {
    "customers only": only(usual(), "customers"),
    "orders without lines": only(usual(), "customers", "orders"),
    "one customer with one order": usual(customers=1, orders=1),
    "one customer, who costs more than it brings and got all before ordering it": changed(
        changed(usual(customers=1), "order_lines", unit_cost=13.0), "orders", delivered_at="2024-12-01T00:00:00Z"
    ),
    "nothing has a price, is planned or in stock": changed(
        changed(changed(usual(), "order_lines", unit_price=0.0, unit_cost=0.0), "demand_plans", forecast_qty=0),
        "inventory", on_hand=0, safety_stock=0,
    ),
    "no moment but the order's": changed(usual(), "orders", promised_date=None, delivered_at=None),
    "all cancelled": changed(usual(), "orders", status="cancelled"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_every_metric_gives_a_number_or_a_reason(kind: str, tmp_path: Path) -> None:
    source, home = tmp_path / "source", tmp_path / "workspace"
    source.mkdir()
    for name, frame in ODD[kind].items():
        frame.to_csv(source / f"{name}.csv", index=False)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        import_files(home, load_mapping("canonical"), [source], zone="UTC")
        build(home, load(home))
        answered = _ask_everything(Reader(home, current(home), Scope.of_role("admin")))
    assert [str(w.message) for w in heard if issubclass(w.category, RuntimeWarning | UserWarning)] == []
    assert answered >= {"customers only": 2, "all cancelled": 10}.get(kind, 25)


def _ask_everything(reader: Reader) -> int:
    """How many metrics have a figure; each that has none must say why, in words for a person."""
    answered = 0
    for metric in (v for m in metrics().values() for v in (m, *m.variants.values())):
        query = MetricQuery(metric.name, by=(metric.one_each,) if metric.one_each else ())
        try:
            result = run(query, reader)
        except RapportError as err:
            said = [err.message or "None", err.hint]
        else:
            said = [f.display for f in result.figures] + list(result.notes)
            for figure in result.figures:
                assert not isinstance(figure.value, float) or figure.value == figure.value, metric.name
            answered += bool(result.figures) and result.figures[0].value is not None
        assert not [s for s in said if NOT_FOR_PEOPLE.search(s)], (metric.name, said)
    for sentence in reader.frame("model_notes")["sentence"] if reader.rows("model_notes") else ():
        assert not NOT_FOR_PEOPLE.search(sentence), sentence
    return answered


def test_two_currencies_without_a_rate_are_not_added(tmp_path: Path) -> None:
    told = (Path(knowledge.__file__).parent / "mappings" / "online-retail.yaml").read_text(encoding="utf-8")
    for number, currency in ((536365, "GBP"), (536366, "EUR")):
        sold, mapping = tmp_path / f"{currency}.csv", tmp_path / f"{currency}.yaml"
        sold.write_text(f"{HEADER}\n{number},85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n")
        mapping.write_text(told.replace("GBP", currency).replace("name: online-retail", f"name: {currency}"), encoding="utf-8")
        import_files(tmp_path / "w", load_mapping(str(mapping)), [sold], zone="UTC")
    build(tmp_path / "w", load(tmp_path / "w"))
    reader = Reader(tmp_path / "w", current(tmp_path / "w"), Scope.of_role("admin"))
    with pytest.raises(RapportError) as caught:
        run(MetricQuery("revenue"), reader)
    assert caught.value.code == "mixed_currency"
    assert run(MetricQuery("orders"), reader).figures[0].value == 2
