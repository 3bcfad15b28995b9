"""The metric layer: hand-made cases, rights and refusals on small workspaces; reference values on real data."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from knowledge.access import Reader, Scope
from knowledge.errors import BadQuestion, NoData, NotAllowed, UnknownName
from knowledge.ingest import import_files, imported_settings
from knowledge.intervals import benjamini_hochberg, fisher, newcombe, nps_margin, rates_differ, wilson
from knowledge.mapping import load_mapping
from knowledge.metrics import find, metrics
from knowledge.query import catalogue, coverage, explain, members, run
from knowledge.records import Filter, MetricQuery, Period
from knowledge.snapshot import Snapshot, current, new_folder, publish
from knowledge.tables import Store
from tests.support import DATA, reader, workspace

REFERENCE = DATA.parent / "reference_values.json"


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    if not REFERENCE.is_file():
        pytest.skip("the reference values are not here (../shared)")
    return {k: v["value"] for k, v in json.loads(REFERENCE.read_text()).items()}


def orders(rows: list[dict[str, Any]]) -> pd.DataFrame:
    base = {"customer_id": "C1", "ordered_at": pd.Timestamp("2026-01-01", tz="UTC"), "status": "delivered"}
    return pd.DataFrame([base | r for r in rows])


def lines(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{"line": i, "product_id": "P", "unit_price": 1, "qty_ordered": 1} | r for i, r in enumerate(rows, 1)])


CUSTOMERS = pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["Acme", "Globex"], "region": ["north", "south"]})
PRODUCTS = pd.DataFrame({"product_id": ["P"], "name": ["Pallet"]})


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """EC1: lines (ordered, first shipment, price) of four orders, all promised and delivered on one day."""
    promised = {"promised_date": date(2026, 1, 5), "delivered_at": pd.Timestamp("2026-01-05 17:00", tz="UTC")}
    wanted = [("O1", 10, 10, 5), ("O1", 4, 4, 20), ("O2", 100, 60, 1), ("O2", 1, 1, 50), ("O3", 6, 0, 10), ("O4", 2, 2, 100)]
    frames = {
        "customers": CUSTOMERS,
        "products": PRODUCTS,
        "orders": orders([{"order_id": o} | promised for o in ("O1", "O2", "O3", "O4")]),
        "order_lines": lines(
            [{"order_id": o, "qty_ordered": q, "qty_shipped_first": f, "unit_price": p} for o, q, f, p in wanted]
        ),
    }
    return reader(workspace(tmp_path_factory.mktemp("ec1"), frames, "2026-01-31"))


@pytest.mark.parametrize("variant", ["line", "unit", "order", "value"])
def test_ec1_fill_rates(variant: str, filled: Reader, reference: dict[str, Any]) -> None:
    name = "fill_rate" if variant == "line" else f"fill_rate.{variant}"
    assert run(MetricQuery(name), filled).figures[0].value == pytest.approx(reference[f"ec1.fill_rate_{variant}"], abs=1e-6)


def test_lines_that_are_worth_millions(tmp_path: Path) -> None:
    frames = {
        "customers": CUSTOMERS,
        "products": PRODUCTS.assign(unit_cost=900_000),
        "orders": orders(
            [{"order_id": "O1", "promised_date": date(2026, 1, 5), "delivered_at": pd.Timestamp("2026-01-05 17:00", tz="UTC")}]
        ),
        "order_lines": lines(
            [{"order_id": "O1", "qty_ordered": 40, "qty_shipped_first": 40, "qty_delivered": 40, "unit_price": 1_234_567.89}]
        ),
    }
    large = reader(workspace(tmp_path, frames, "2026-01-31"))
    for name in ("revenue", "gross_margin", "fill_rate.value"):
        found = run(MetricQuery(name), large).figures[0].value
        assert found == {"revenue": 49_382_715.6, "gross_margin": 13_382_715.6, "fill_rate.value": 1.0}[name]


def test_good_and_bad_are_a_scale_too(tmp_path: Path) -> None:
    said = [("0-1", 1), ("0-1", 0), ("0-1", 1), ("1-5", 4), ("1-5", 3), ("1-7", 7)]
    frame = pd.DataFrame(
        [
            {
                "feedback_id": f"F{i}",
                "at": pd.Timestamp("2026-01-02", tz="UTC"),
                "channel": "survey",
                "rating": float(r),
                "rating_scale": s,
            }
            for i, (s, r) in enumerate(said)
        ]
    )
    found = run(MetricQuery("csat"), reader(workspace(tmp_path, {"customers": CUSTOMERS, "feedback": frame}, "2026-01-31")))
    assert found.figures[0].value == 0.6  # 3 of 5: an effort of 1 to 7 is none


def test_ec2_perfect_order(tmp_path: Path, reference: dict[str, Any]) -> None:
    late, short, damaged, wrong_paper = {1, 2}, {2, 3}, {4}, {2}
    made = [
        {
            "order_id": f"O{i}",
            "promised_date": date(2026, 1, 5),
            "delivered_at": pd.Timestamp("2026-01-06" if i in late else "2026-01-05", tz="UTC"),
        }
        for i in range(1, 11)
    ]
    details = [
        {
            "order_id": f"O{i}",
            "qty_ordered": 2,
            "qty_delivered": 1 if i in short else 2,
            "is_damaged": i in damaged,
            "invoice_ok": i not in wrong_paper,
        }
        for i in range(1, 11)
    ]
    home = workspace(
        tmp_path,
        {"customers": CUSTOMERS, "products": PRODUCTS, "orders": orders(made), "order_lines": lines(details)},
        "2026-01-31",
    )
    assert run(MetricQuery("perfect_order"), reader(home)).figures[0].value == pytest.approx(
        reference["ec2.perfect_order_rate"], abs=1e-6
    )
    product = run(MetricQuery("perfect_order.product"), reader(home)).figures[0].value
    assert product == pytest.approx(reference["ec2.perfect_order_product"], abs=1e-6)


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """EC3: days against promise -4, -2, 0, 0, +1, +3 and an open order past due."""
    made = [
        {"order_id": f"O{i}", "promised_date": date(2026, 1, 10), "delivered_at": pd.Timestamp(2026, 1, 10 + d, 17, tz="UTC")}
        for i, d in enumerate((-4, -2, 0, 0, 1, 3))
    ]
    made.append({"order_id": "O9", "promised_date": date(2026, 1, 10), "status": "open"})
    made.append({"order_id": "O8", "promised_date": date(2026, 3, 1), "status": "open"})  # not due yet
    return reader(workspace(tmp_path_factory.mktemp("ec3"), {"customers": CUSTOMERS, "orders": orders(made)}, "2026-01-31"))


def test_ec3_on_time(due: Reader, reference: dict[str, Any]) -> None:
    assert run(MetricQuery("otd"), due).figures[0].value == pytest.approx(reference["ec3.otd_no_later_than_promise"], abs=1e-6)
    window = run(MetricQuery("otd.window(1,1)"), due).figures[0].value
    assert window == pytest.approx(reference["ec3.otd_window_minus1_plus1"], abs=1e-6)


def test_an_earlier_as_of_sees_only_what_had_happened(due: Reader) -> None:
    then = run(MetricQuery("otd", as_of=datetime(2026, 1, 11, 12, tzinfo=UTC)), due).figures[0]
    assert (then.numerator, then.denominator) == (
        4,
        7,
    )  # what came on the 11th at 17:00 and on the 13th is still open, and late


def test_ec7_intervals(reference: dict[str, Any]) -> None:
    for k, n in ((0, 4), (3, 4), (47, 50)):
        low, high = wilson(k, n)
        assert f"{low:.6f} .. {high:.6f}" == reference[f"ec7.wilson_{k}_of_{n}"]
    assert f"NPS {100 * (50 - 20) / 100:.1f}, margin {nps_margin(50, 20, 100):.4f}" == reference["ec7.nps_50_30_20"]


def test_ec8_tests(reference: dict[str, Any]) -> None:
    assert pytest.approx(reference["ec8.rate_ratio"], abs=1e-4) == (9 / 20) / (11 / 180)
    assert rates_differ(9, 20, 11, 180) == pytest.approx(reference["ec8.fisher_two_sided"], abs=1e-8)
    adjusted = benjamini_hochberg([0.001, 0.012, 0.03, 0.04, 0.5])
    assert " / ".join(f"{q:.4f}" for q in adjusted) == reference["ec8.bh_adjusted"]
    low, high = newcombe(56, 70, 48, 80)  # Newcombe 1998, table II, method 10
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=2e-4)


def test_ec9_rates_are_ratios_of_sums(tmp_path: Path, reference: dict[str, Any]) -> None:
    made = [
        {
            "order_id": "A",
            "customer_id": "C1",
            "promised_date": date(2026, 1, 5),
            "delivered_at": pd.Timestamp("2026-01-05", tz="UTC"),
        }
    ]
    made += [
        {
            "order_id": f"B{i}",
            "customer_id": "C2",
            "promised_date": date(2026, 1, 5),
            "delivered_at": pd.Timestamp(2026, 1, 5 if i < 80 else 9, tz="UTC"),
        }
        for i in range(100)
    ]
    home = workspace(tmp_path, {"customers": CUSTOMERS, "orders": orders(made)}, "2026-01-31")
    result = run(MetricQuery("otd", by=("customer",)), reader(home))
    assert result.total is not None
    assert result.total.value == pytest.approx(reference["ec9.ratio_of_sums"], abs=1e-6)
    assert [f.value for f in result.figures] == [1.0, 0.8]
    assert result.figures[0].display == "1 of 1"  # fewer than five: counts, no rate


def test_rights_and_refusals(filled: Reader) -> None:
    rep = Reader(filled.workspace, filled.snapshot, Scope.of_role("rep"))
    with pytest.raises(NotAllowed):
        run(MetricQuery("recovery_rate"), rep)
    with pytest.raises(NoData, match=r"order_lines\.qty_delivered"):
        run(MetricQuery("in_full"), filled)
    with pytest.raises(NoData, match=r"returns\.return_id"):
        run(MetricQuery("return_rate"), filled)
    with pytest.raises(BadQuestion, match="reason"):
        run(MetricQuery("revenue", by=("reason",)), filled)
    with pytest.raises(UnknownName, match="fill_rate"):
        run(MetricQuery("fil_rate"), filled)
    with pytest.raises(NoData, match="covers"):
        run(MetricQuery("orders", period=Period(date(1999, 1, 1), date(1999, 12, 31), "1999")), filled)


def test_a_limited_scope_sees_its_own_accounts_only(tmp_path: Path) -> None:
    made = orders([{"order_id": "A", "customer_id": "C1"}, {"order_id": "B", "customer_id": "C2"}])
    home = workspace(
        tmp_path,
        {
            "customers": CUSTOMERS,
            "products": PRODUCTS,
            "orders": made,
            "order_lines": lines([{"order_id": "A"}, {"order_id": "B", "unit_price": 9}]),
        },
        "2026-01-31",
    )
    only = reader(home, Scope("r", "rep", frozenset({"C1"}), frozenset({"open"})))
    assert run(MetricQuery("revenue"), only).figures[0].value == 1.0
    assert [f.group for f in run(MetricQuery("revenue", by=("customer",)), only).figures] == [{"customer": "C1"}]
    assert members("customer", only) == [("C1", "Acme")]
    assert run(MetricQuery("revenue", where=(Filter("customer", ("C2",)),)), only).figures[0].value is None


def test_the_catalogue_is_whole_and_names_are_unique() -> None:
    rows = catalogue()
    assert len({r["name"] for r in rows}) == len(rows) == len(metrics())
    for metric in metrics().values():
        assert metric.definition
        assert metric.formula
        for variant in metric.variants.values():
            assert find(variant.name) is variant
    assert find("otd.grace(3)").name == "otd.grace(3)"


def test_explain_shows_sql(filled: Reader) -> None:
    assert "SELECT" in explain(MetricQuery("revenue", by=("region",)), filled)
    assert coverage(filled).start == date(2026, 1, 1)


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    path = DATA / "online-retail" / "online_retail.csv.gz"
    if not path.is_file():
        pytest.skip("the real data is not here (../shared/data)")
    home = tmp_path_factory.mktemp("retail")
    import_files(home, load_mapping("online-retail"), [path])
    store = Store(home / "tables")
    made, folder = new_folder(home)
    tables = {n: store.version(n) for n in store.names()}
    publish(
        home,
        Snapshot(
            made, datetime.now(UTC), datetime(2011, 12, 9, 23, 59, tzinfo=UTC), tables, imported_settings(home), 0, folder
        ),
    )
    return Reader(home, current(home), Scope.of_role("admin"))


@pytest.mark.slow
@pytest.mark.xdist_group("retail-metrics")
@pytest.mark.parametrize(
    ("name", "key", "tolerance"),
    [
        ("orders", "or.orders", 0), ("revenue", "or.revenue", 0.01), ("net_revenue", "or.net_revenue", 0.01), ("aov", "or.aov", 0.001),
        ("aov.median", "or.median_order_value", 0.001), ("units", "or.units_ordered", 0), ("active_customers", "or.customers_ordering", 0),
        ("return_rate", "or.return_rate_value", 1e-6), ("return_rate.units", "or.return_rate_units", 1e-6), ("returned_value", "or.returns_value", 0.01),
        ("repeat_rate", "or.repeat_rate_orders", 1e-6), ("repeat_rate.days", "or.repeat_rate_days", 1e-6), ("lines_per_order", "or.lines_per_order", 1e-4),
        ("units_per_order", "or.units_per_order", 1e-4), ("customers_with_return_share", "or.customers_with_return_share", 1e-6),
    ],
)  # fmt: skip
def test_online_retail_totals(name: str, key: str, tolerance: float, retail: Reader, reference: dict[str, Any]) -> None:
    assert run(MetricQuery(name), retail).figures[0].value == pytest.approx(reference[key], abs=tolerance or 1e-9)


@pytest.mark.slow
@pytest.mark.xdist_group("retail-metrics")
def test_online_retail_groups(retail: Reader, reference: dict[str, Any]) -> None:
    months = {f.group["month"]: f.value for f in run(MetricQuery("revenue", grain="month"), retail).figures}
    assert months == pytest.approx({k[11:]: v for k, v in reference.items() if k.startswith("or.revenue.20")}, abs=0.01)
    for metric, dimension, prefix in (
        ("revenue", "customer", "top_customer"), ("net_revenue", "customer", "top_customer_net"), ("revenue", "country", "top_country"),
        ("revenue", "ship_to_region", "top_ship_to"), ("revenue", "product", "top_product"),
    ):  # fmt: skip
        top = run(MetricQuery(metric, by=(dimension,), order="desc", limit=5), retail).figures
        want = [v for k, v in reference.items() if k.startswith(f"or.{prefix}.")]
        assert [f"{f.group[dimension]}: {f.value:.2f}" for f in top][: len(want)] == want


@pytest.mark.slow
@pytest.mark.xdist_group("retail-metrics")
@pytest.mark.parametrize(
    "name", ["cancellation_rate", "fill_rate", "otd", "perfect_order", "order_cycle_time", "csat", "open_returns"]
)
def test_online_retail_refuses_what_it_cannot_know(name: str, retail: Reader) -> None:
    with pytest.raises(NoData):
        run(MetricQuery(name), retail)


def test_fisher_s_test_is_scipy_s() -> None:
    draw = random.Random(3)
    for n1, n2 in [(draw.randint(1, 400), draw.randint(1, 400)) for _ in range(150)] + [(1, 1), (3, 900)]:
        k1, k2 = draw.randint(0, min(n1, 12)), draw.randint(0, min(n2, 12))
        for a, b in ((k1, k2), (n1 - k1, n2 - k2), (k1, n2 - k2)):
            expected = fisher_exact([[a, n1 - a], [b, n2 - b]]).pvalue
            assert fisher(a, n1, b, n2) == pytest.approx(expected, rel=1e-6, abs=1e-12)
