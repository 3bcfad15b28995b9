"""Online Retail: the import, a whole build with its models, and the metric layer over both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from integrations.build import build
from integrations.settings import load
from knowledge.access import Reader, Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.models.buying import alive, fit
from knowledge.models.customer_value import as_history, histories
from knowledge.models.forecasting import backtest, one_step
from knowledge.models.inputs import Inputs
from knowledge.models.next_product import together
from knowledge.models.retention import gaps
from knowledge.models.spending import fit_spending
from knowledge.models.weeks import demand, window
from knowledge.query import run
from knowledge.records import Filter, MetricQuery
from knowledge.snapshot import current
from tests.support import DATA

FILE = DATA / "online-retail" / "online_retail.csv.gz"


def values(home: Path) -> dict[str, Any]:
    report = import_files(home, load_mapping("online-retail"), [FILE])
    build(home, load(home))
    reader = Reader(home, current(home), Scope.of_role("admin"))
    inputs = Inputs(reader)
    out: dict[str, Any] = {
        "or.rows_in": report.rows_in,
        "or.quarantined_total": report.quarantined,
        **{f"or.quarantined.{name}": n for name, n in report.set_aside.items()},
        "or.return_rows": report.tables["returns"].loaded,
        "or.customers_all": report.tables["customers"].loaded,
    }
    parts = (_totals, _groups, _traps, _coming_back, _segments, _buying, _classes, _forecasts, _next)
    return out | {k: v for part in parts for k, v in part(reader, inputs).items()}


def figure(metric: str, reader: Reader, *where: Filter, **more: Any) -> Any:
    return run(MetricQuery(metric, where=where, **more), reader).figures[0]


def _totals(reader: Reader, _: Inputs) -> dict[str, Any]:
    names = {
        "orders": "orders", "order_lines": "order_lines_count", "customers_ordering": "active_customers", "units_ordered": "units", "revenue": "revenue",
        "returns_value": "returned_value", "net_revenue": "net_revenue", "aov": "aov", "median_order_value": "aov.median", "lines_per_order": "lines_per_order",
        "units_per_order": "units_per_order", "return_rate_value": "return_rate", "return_rate_units": "return_rate.units", "customers_with_return_share": "customers_with_return_share",
        "repeat_rate_orders": "repeat_rate", "repeat_rate_days": "repeat_rate.days", "revenue_share_top_20pct_customers": "revenue_concentration", "gini_revenue": "revenue_concentration.gini",
    }  # fmt: skip
    out = {f"or.{key}": figure(name, reader).value for key, name in names.items()}
    out["or.products_ordered"] = run(MetricQuery("revenue", by=("product",)), reader).groups_in_all
    out["or.net_revenue.customer_12346"] = figure("net_revenue", reader, Filter("customer", ("12346",))).value
    spent = np.sort([float(f.value) for f in run(MetricQuery("revenue", by=("customer",)), reader).figures])[::-1]  # type: ignore[arg-type]
    for share in (1, 10):
        top = int(np.ceil(share / 100 * len(spent)))
        out[f"or.revenue_share_top_{share}pct_customers"] = spent[:top].sum() / spent.sum()
    return out


def _groups(reader: Reader, _: Inputs) -> dict[str, Any]:
    out: dict[str, Any] = {
        f"or.revenue.{f.group['month']}": f.value for f in run(MetricQuery("revenue", grain="month"), reader).figures
    }
    for metric, dimension, prefix, count in (
        ("revenue", "customer", "top_customer", 5), ("net_revenue", "customer", "top_customer_net", 5), ("revenue", "country", "top_country", 5),
        ("revenue", "ship_to_region", "top_ship_to", 5), ("revenue", "product", "top_product", 3),
    ):  # fmt: skip
        top = run(MetricQuery(metric, by=(dimension,), order="desc", limit=count), reader).figures
        out |= {f"or.{prefix}.{i}": f"{f.group[dimension]}: {f.value:.2f}" for i, f in enumerate(top, 1)}
    return out


def _traps(reader: Reader, _: Inputs) -> dict[str, Any]:
    """What wrong methods give, by pandas on the file and on the tables."""
    raw = pd.read_csv(FILE, dtype=str, encoding="utf-8", encoding_errors="replace")
    known = raw[raw["CustomerID"].notna() & raw["StockCode"].str.strip().str.match(r"^\d{5}")]
    sold = (
        (known["Quantity"].astype(float) > 0) & (known["UnitPrice"].astype(float) > 0) & known["InvoiceNo"].str.match(r"^\d+$")
    )
    sales = known[sold]
    again = sales.duplicated()
    lines = reader.frame("order_lines").merge(reader.frame("orders")[["order_id", "customer_id"]], on="order_id")
    lines["value"] = lines["qty_ordered"].astype(float) * lines["unit_price"].astype(float)
    by = lines.groupby("customer_id")
    return {
        "or.trap.duplicate_lines": int(again.sum()),
        "or.trap.revenue_if_duplicates_dropped": float(
            (sales["Quantity"].astype(float) * sales["UnitPrice"].astype(float))[~again].sum()
        ),
        "or.trap.revenue_all_rows_any_sign": float((raw["Quantity"].astype(float) * raw["UnitPrice"].astype(float)).sum()),
        "or.trap.mean_of_customer_aov": float((by["value"].sum() / by["order_id"].nunique()).mean()),
    }


def _coming_back(reader: Reader, inputs: Inputs) -> dict[str, Any]:
    first, rolling = figure("retention_first", reader), figure("retention_rolling", reader)
    out = {
        "or.retention90_first": first.value, "or.retention90_first.kept": first.numerator, "or.retention90_first.eligible": first.denominator,
        "or.retention90_first.wilson_low": first.interval[0], "or.retention90_first.wilson_high": first.interval[1],
        "or.retention90_rolling": rolling.value, "or.retention90_rolling.kept": rolling.numerator, "or.retention90_rolling.base": rolling.denominator,
    }  # fmt: skip
    cohort = {
        f.group["later"]: f
        for f in run(MetricQuery("retention_curve", grain="month"), reader).figures
        if f.group["month"] == "2010-12"
    }
    out["or.cohort_2010-12.size"] = cohort["month 1"].denominator
    out |= {f"or.cohort_2010-12.active_2011-{m:02d}": cohort[f"month {m}"].numerator for m in (1, 3, 6, 11)}
    again = {f.group["within"]: f.value for f in run(MetricQuery("retention_curve.km"), reader).figures}
    out |= {f"or.km_second_order_by_{d}d": again[f"{d} days"] for d in (30, 60, 90, 180)}
    between = gaps(inputs.customer_days)["gap"]
    return out | {"or.gap_days_median": between.median(), "or.gap_days_p90": between.quantile(0.9)}


def _segments(reader: Reader, _: Inputs) -> dict[str, Any]:
    out: dict[str, Any] = {f"or.rfm.{f.group['segment']}": f.value for f in run(MetricQuery("segment_size"), reader).figures}
    facts = reader.frame("customer_facts").set_index("customer_id")
    for score in "RFM":
        counts = facts[score].value_counts().reindex(range(1, 6), fill_value=0)
        out[f"or.rfm_scores.{score}"] = "/".join(str(int(n)) for n in counts)
    one = facts.loc["12347"]
    said = figure("rfm_score", reader, Filter("customer", ("12347",))).value
    out["or.rfm.customer_12347"] = (
        f"recency {int(one['recency_days'])}, frequency {int(one['orders'])}, monetary {one['revenue']:.2f}, {said}"
    )
    tried = note(reader, "clusters")["tried"]
    for k in ("2", "3", "4", "5", "6"):
        out |= {f"or.kmeans.k{k}.{n}": tried[k][n] for n in ("inertia", "silhouette")}
    return out


def note(reader: Reader, model: str) -> dict[str, Any]:
    notes = reader.frame("model_notes").set_index("model")["parameters"]
    return dict(json.loads(notes[model]))


def _buying(reader: Reader, inputs: Inputs) -> dict[str, Any]:
    rows = histories(inputs.customer_days, inputs.now)
    history = as_history(rows)
    told = note(reader, "clv")
    bg = fit("bgnbd", history)
    spent = fit_spending(history.x, rows["z"].to_numpy(float))
    return {
        "or.btyd.repeat_days": int(history.x.sum()), "or.btyd.one_time": int((history.x == 0).sum()),
        "or.nbd.r": told["r"], "or.nbd.alpha": told["alpha"], "or.nbd.loglik": fit("nbd", history).log_likelihood,
        "or.nbd.expected_orders_90d": figure("expected_orders_90d", reader).value,
        "or.bgnbd.loglik": bg.log_likelihood, "or.bgnbd.lr_statistic_vs_nbd": 2 * (bg.log_likelihood - fit("nbd", history).log_likelihood),
        "or.bgnbd.dropout_identified": told["dropout_identified"], "or.bgnbd.one_time_buyers_with_alive_1": int((alive(bg, history)[history.x == 0] > 1 - 1e-12).sum()),
        "or.gg.customers": told["spending"]["customers"], "or.gg.p": told["spending"]["p"], "or.gg.q": told["spending"]["q"], "or.gg.v": told["spending"]["v"],
        "or.gg.loglik": spent.log_likelihood,
    }  # fmt: skip


def _classes(reader: Reader, _: Inputs) -> dict[str, Any]:
    known = reader.frame("product_model")
    ordered = known[known["abc"].notna()]
    out: dict[str, Any] = {f"or.abc.{c}": int(n) for c, n in ordered["abc"].value_counts().items()}
    out |= {f"or.xyz.{c}": int(n) for c, n in ordered["xyz"].value_counts().items()}
    both = ordered[ordered["xyz"] != "none"]
    out |= {f"or.abcxyz.{c}": int(n) for c, n in (both["abc"] + both["xyz"]).value_counts().items()}
    classes = {f.group["demand_class"]: f.value for f in run(MetricQuery("demand_class.articles"), reader).figures}
    out |= {f"or.sbc.{name}": n for name, n in classes.items()}
    out["or.sbc.products_in_window"] = sum(classes.values())  # type: ignore[arg-type]
    for code in ("85123A", "22423"):
        adi, cv2, kind = (figure(m, reader, Filter("product", (code,))).value for m in ("adi", "cv2", "demand_class"))
        out[f"or.sbc.example.{code}"] = f"ADI {adi:.4f}, CV2 {cv2:.4f}, {kind}"
    return out


def _forecasts(_: Reader, inputs: Inputs) -> dict[str, Any]:
    """One step ahead over the last 13 weeks for the 20 articles with most revenue in the 52 weeks."""
    days = inputs.product_days
    weeks = window(days["day"], inputs.now, "W", 52)
    inside = days[(days["day"] >= weeks[0]) & (days["day"] < weeks[-1] + pd.Timedelta(days=7))]
    top = inside.groupby("product_id")["value"].sum().sort_values(ascending=False).index[:20]
    sold = demand(days, "product_id", weeks, "W").loc[top].to_numpy(float)
    said = one_step(sold)
    naive, mean = (backtest(said[n], sold) for n in ("naive", "mean of 4"))
    assert naive.wape is not None
    assert mean.wape is not None
    return {
        "or.forecast.naive.wape": naive.wape, "or.forecast.naive.bias": naive.bias, "or.forecast.ma4.wape": mean.wape, "or.forecast.ma4.bias": mean.bias,
        "or.forecast.fva_ma4": naive.wape - mean.wape,
    }  # fmt: skip


def _next(_: Reader, inputs: Inputs) -> dict[str, Any]:
    near = together(inputs.bought).of("22423").head(3)
    return {f"or.nbp.22423.{i}": f"{p}: {s:.4f}" for i, (p, s) in enumerate(near.items(), 1)}
