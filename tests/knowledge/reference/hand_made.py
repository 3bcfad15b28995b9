"""The hand-made cases EC1 to EC12: through the metric layer where they are questions of it, else by the models' functions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from knowledge.access import Reader
from knowledge.intervals import benjamini_hochberg, nps_margin, rates_differ, wilson
from knowledge.models.cost_to_serve import charge, whale
from knowledge.models.decoupling import recommend
from knowledge.models.demand_classes import demand_class
from knowledge.models.plans import replenish
from knowledge.models.trust import trust_index
from knowledge.query import run
from knowledge.records import Filter, MetricQuery
from tests.support import reader, workspace

CUSTOMERS = pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["Acme", "Globex"]})
PRODUCTS = pd.DataFrame({"product_id": ["P"], "name": ["Pallet"]})
DEMAND = {
    "steady": "10 12 9 11 10 10 8 12 11 9 10 10", "late_start": "0 0 0 0 5 0 5 0 6 0 4 0", "lumpy": "1 0 0 30 0 0 2 0 0 0 40 0",
    "erratic": "1 20 2 1 30 1 2 1 25 1 1 2", "two_buckets": "0 3 0 0 0 7 0 0 0 0 0 0",
}  # fmt: skip
POINTS = {
    "a_P20_D5_cv0.4_cust0": (20, 5, 0.4, 0.0), "b_P20_D5_cv1.6_cust0.1": (20, 5, 1.6, 0.1), "c_P10_D15_cv0.4_cust0.2": (10, 15, 0.4, 0.2),
    "d_P30_D60_cv2_cust1": (30, 60, 2.0, 1.0), "e_P20_D5_cv0.4_cust0.7": (20, 5, 0.4, 0.7),
}  # fmt: skip


def values(home: Path) -> dict[str, Any]:
    return _service(home) | _costs() | _classes() | _intervals() | _plans(home) | _others()


def _orders(rows: list[dict[str, Any]]) -> pd.DataFrame:
    usual = {
        "customer_id": "C1",
        "ordered_at": pd.Timestamp("2026-01-01", tz="UTC"),
        "status": "delivered",
        "promised_date": date(2026, 1, 10),
    }
    return pd.DataFrame([usual | r for r in rows])  # fmt: skip


def _lines(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{"line": i, "product_id": "P", "unit_price": 1, "qty_ordered": 1} | r for i, r in enumerate(rows, 1)])


def _world(home: Path, name: str, as_of: str = "2026-01-31", **tables: pd.DataFrame) -> Reader:
    return reader(workspace(home / name, {"customers": CUSTOMERS, "products": PRODUCTS, **tables}, as_of))


def _value(metric: str, world: Reader, *where: Filter) -> Any:
    return run(MetricQuery(metric, where=where), world).figures[0].value


def _service(home: Path) -> dict[str, Any]:
    came = {"delivered_at": pd.Timestamp("2026-01-10 17:00", tz="UTC")}
    wanted = [("O1", 10, 10, 5), ("O1", 4, 4, 20), ("O2", 100, 60, 1), ("O2", 1, 1, 50), ("O3", 6, 0, 10), ("O4", 2, 2, 100)]
    lines = _lines([{"order_id": o, "qty_ordered": q, "qty_shipped_first": f, "unit_price": p} for o, q, f, p in wanted])
    one = _world(home, "ec1", orders=_orders([{"order_id": f"O{i}"} | came for i in range(1, 5)]), order_lines=lines)
    out = {
        f"ec1.fill_rate_{v}": _value("fill_rate" if v == "line" else f"fill_rate.{v}", one)
        for v in ("line", "unit", "order", "value")
    }
    late, short, damaged, paper = {1, 2}, {2, 3}, {4}, {2}
    orders = _orders(
        [{"order_id": f"O{i}", "delivered_at": pd.Timestamp(2026, 1, 11 if i in late else 10, tz="UTC")} for i in range(1, 11)]
    )
    lines = _lines(
        [
            {
                "order_id": f"O{i}",
                "qty_ordered": 2,
                "qty_delivered": 1 if i in short else 2,
                "is_damaged": i in damaged,
                "invoice_ok": i not in paper,
            }
            for i in range(1, 11)
        ]
    )
    two = _world(home, "ec2", orders=orders, order_lines=lines)
    out["ec2.perfect_order_rate"], out["ec2.perfect_order_product"] = (
        _value("perfect_order", two),
        _value("perfect_order.product", two),
    )
    made = [
        {"order_id": f"O{i}", "delivered_at": pd.Timestamp(2026, 1, 10 + d, 17, tz="UTC")}
        for i, d in enumerate((-4, -2, 0, 0, 1, 3))
    ]
    three = _world(home, "ec3", orders=_orders([*made, {"order_id": "O9", "status": "open"}]))
    out["ec3.otd_no_later_than_promise"] = _value("otd", three)
    out["ec3.otd_window_minus1_plus1"] = _value("otd.window(1,1)", three)
    out["ec3.otd_delivered_only"] = _value("otd", three, Filter("status", ("delivered",)))
    made = [
        {"order_id": f"B{i}", "customer_id": "C2", "delivered_at": pd.Timestamp(2026, 1, 5 if i < 80 else 11, tz="UTC")}
        for i in range(100)
    ]
    nine = _world(home, "ec9", orders=_orders([{"order_id": "A", "delivered_at": pd.Timestamp("2026-01-05", tz="UTC")}, *made]))
    split = run(MetricQuery("otd", by=("customer",)), nine)
    assert split.total is not None
    out["ec9.ratio_of_sums"] = split.total.value
    out["ec9.trap_mean_of_ratios"] = sum(float(f.value or 0) for f in split.figures) / 2
    return out  # fmt: skip


def _costs() -> dict[str, Any]:
    pools = pd.DataFrame(
        {
            "activity": ["handling", "contact", "rush"],
            "driver": ["order", "interaction", "rush_order"],
            "cost": [3000, 2000, 500],
            "practical_capacity": [100, 400, 10],
        }
    )
    volumes = pd.DataFrame(
        {"order": [20, 70, 10], "interaction": [30, 250, 20], "rush_order": [0, 8, 2]},
        index=pd.Index(list("ABC"), name="customer_id"),
    )
    costing = charge(pools, volumes)
    margin = pd.Series({"A": 4000.0, "B": 3000.0, "C": 900.0}) - costing.cost_to_serve
    return {
        **{f"ec4.cost_to_serve.{n}": v for n, v in costing.cost_to_serve.items()}, **{f"ec4.net_margin.{n}": v for n, v in margin.items()},
        "ec4.unused_capacity_cost": costing.unused, "ec4.whale_peak_pct": whale(margin).peak_pct,
    }  # fmt: skip


def _classes() -> dict[str, Any]:
    weekly = pd.DataFrame([[float(v) for v in row.split()] for row in DEMAND.values()], index=list(DEMAND))
    out: dict[str, Any] = {}
    for name, row in demand_class(weekly).iterrows():
        few = row["demand_class"] == "too_few"
        out[f"ec5.{name}"] = "too_few" if few else f"ADI {row['adi']:.4f}, CV2 {row['cv2']:.4f}, {row['demand_class']}"
    for name, (p, d, variation, special) in POINTS.items():
        advice = recommend(p, d, variation, special)
        out[f"ec6.{name}"] = f"P:D {advice.pd_ratio:.4f}, {advice.point}"
    return out


def _intervals() -> dict[str, Any]:
    out: dict[str, Any] = {}
    for k, n in ((0, 4), (3, 4), (47, 50)):
        low, high = wilson(k, n)
        out[f"ec7.wilson_{k}_of_{n}"] = f"{low:.6f} .. {high:.6f}"
    out["ec7.nps_50_30_20"] = f"NPS {100 * (50 - 20) / 100:.1f}, margin {nps_margin(50, 20, 100):.4f}"
    out["ec8.rate_ratio"] = (9 / 20) / (11 / 180)
    out["ec8.fisher_two_sided"] = rates_differ(9, 20, 11, 180)
    out["ec8.bh_adjusted"] = " / ".join(f"{q:.4f}" for q in benjamini_hochberg([0.001, 0.012, 0.03, 0.04, 0.5]))
    return out


def _plans(home: Path) -> dict[str, Any]:
    """EC10 as three months of plans and orders, with the month before as the naive forecast's start."""
    actual = {"2025-12": 95, "2026-01": 105, "2026-02": 150, "2026-03": 60}
    orders = pd.DataFrame(
        [
            {
                "order_id": m,
                "customer_id": "C1",
                "status": "delivered",
                "ordered_at": pd.Timestamp(f"{m}-{'01' if m == '2025-12' else '15'}", tz="UTC"),
            }
            for m in actual
        ]
    )
    lines = _lines([{"order_id": m, "qty_ordered": n} for m, n in actual.items()])
    plans = pd.DataFrame(
        [
            {
                "product_id": "P",
                "customer_id": "C1",
                "period_start": date(2026, m, 1),
                "period_days": days,
                "party": party,
                "forecast_qty": planned,
                "made_at": pd.Timestamp(2025, 12, 1, tz="UTC"),
            }
            for party, planned_all in (("ours", (100, 100, 100)), ("customer", (110, 160, 100)))
            for m, days, planned in zip((1, 2, 3), (31, 28, 31), planned_all, strict=True)
        ]
    )
    ten = _world(home, "ec10", "2026-03-31", orders=orders, order_lines=lines, demand_plans=plans)
    ours = Filter("party", ("ours",))
    wape, added = _value("wape", ten, ours), _value("forecast_value_added", ten, ours)
    gaps = [float(f.value or 0) for f in run(MetricQuery("plan_gap", grain="month"), ten).figures]
    return {
        "ec10.wape_ours": wape, "ec10.bias_ours": _value("forecast_bias", ten, ours), "ec10.fva_ours": added, "ec10.wape_naive": wape + added,
        "ec10.plan_gap": " / ".join(f"{g:.4f}" for g in gaps), "ec10.exceptions_at_20pct": " / ".join("yes" if g > 0.2 else "no" for g in gaps),
    }  # fmt: skip


def _others() -> dict[str, Any]:
    found = trust_index({"promise_keeping": (0.9, 100), "response_reliability": (0.8, 50), "complaint_recovery": (0.5, 20)})
    return {
        "ec11.replenish_raw": replenish(40 * 3, 30, 50, 20), "ec11.replenish_packs_of_24": replenish(40 * 3, 30, 50, 20, 24),
        "ec12.trust_index": found.index, "ec12.trust_coverage": found.coverage,
    }  # fmt: skip
