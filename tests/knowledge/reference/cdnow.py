"""CDNOW: the import, the repeat-buying models and the value models on its calibration period."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from knowledge.access import Reader, Scope
from knowledge.ingest import import_files, imported_settings
from knowledge.mapping import load_mapping
from knowledge.models.buying import History, alive, expected, expected_new, fit
from knowledge.models.customer_value import as_history, histories
from knowledge.models.inputs import Inputs
from knowledge.models.spending import expected_value, fit_spending, lifetime_value
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import Snapshot, current, new_folder, publish
from knowledge.tables import Store
from tests.support import DATA

FOLDER = DATA / "cdnow"
CALIBRATION = pd.Timestamp("1997-09-30")
END = pd.Timestamp("1998-06-30")


def values(home: Path) -> dict[str, Any]:
    report = import_files(home, load_mapping("cdnow"), [FOLDER / "CDNOW_sample.txt"])
    reader = published(home, datetime(1998, 6, 30, 23, 59, 59, tzinfo=UTC))
    days = Inputs(reader).customer_days
    rows = histories(days[days["day"] <= CALIBRATION], CALIBRATION)
    held = (
        days[(days["day"] > CALIBRATION) & (days["day"] <= END)].groupby("customer_id").size().reindex(rows.index, fill_value=0)
    )
    summary = pd.read_csv(FOLDER / "cdnow_customers_summary_with_transactions.csv")
    out: dict[str, Any] = {
        "cd.rows": report.rows_in,
        "cd.customers": len(rows),
        "cd.revenue": run(MetricQuery("revenue"), reader).figures[0].value,
        "cd.purchase_days": len(days),
        "cd.cal_repeat_transactions": int(rows["x"].sum()),
        "cd.cal_one_time_buyers": int((rows["x"] == 0).sum()),
        "cd.summary_matches_raw": _matches(rows, summary),
        "cd.holdout_actual": int(held.sum()),
        "cd.holdout_weeks": (END - CALIBRATION).days / 7,
    }
    return out | _models(as_history(rows), held.to_numpy(float)) | _worth(as_history(rows), summary)


def published(home: Path, as_of: datetime) -> Reader:
    store = Store(home / "tables")
    made, folder = new_folder(home)
    tables = {n: store.version(n) for n in store.names()}
    publish(home, Snapshot(made, datetime.now(UTC), as_of, tables, imported_settings(home), 0, folder))
    return Reader(home, current(home), Scope.of_role("admin"))


def _matches(rows: pd.DataFrame, summary: pd.DataFrame) -> bool:
    known = summary[["x", "t_x", "T"]].to_numpy(float)
    made = rows.sort_index(key=lambda ids: ids.astype(int))[["x", "t_x", "T"]].to_numpy(float)
    return bool(np.allclose(known, made, atol=0.01))


def _models(history: History, held: np.ndarray[Any, Any]) -> dict[str, Any]:
    one = History(np.array([2.0]), np.array([30.43]), np.array([38.86]))
    found = {kind: fit(kind, history) for kind in ("bgnbd", "mbgnbd", "pnbd", "nbd")}
    out: dict[str, Any] = {}
    for kind in ("bgnbd", "mbgnbd", "pnbd"):
        out |= {f"cd.{kind}.{n}": v for n, v in found[kind].parameters.items()}
    out |= {f"cd.{kind}.loglik": m.log_likelihood for kind, m in found.items()}
    bg, mbg = found["bgnbd"], found["mbgnbd"]
    ahead = expected(bg, history, 39.0)
    return out | {
        "cd.bgnbd.lr_statistic_vs_nbd": 2 * (bg.log_likelihood - found["nbd"].log_likelihood),
        "cd.bgnbd.expected_39w_x2_tx30.43_T38.86": expected(bg, one, 39.0)[0],
        "cd.bgnbd.alive_x2_tx30.43_T38.86": alive(bg, one)[0],
        "cd.mbgnbd.alive_x0_T38.86": alive(mbg, History(np.zeros(1), np.zeros(1), np.array([38.86])))[0],
        "cd.mbgnbd.expected_39w_x2_tx30.43_T38.86": expected(mbg, one, 39.0)[0],
        **{f"cd.bgnbd.expected_per_customer_{w}w": expected_new(bg, w) for w in (1, 32, 78)},
        "cd.bgnbd.holdout_expected": ahead.sum(),
        "cd.mbgnbd.holdout_expected": expected(mbg, history, 39.0).sum(),
        "cd.bgnbd.holdout_mae": np.abs(ahead - held).mean(),
    }


def _worth(history: History, summary: pd.DataFrame) -> dict[str, Any]:
    model = fit_spending(summary["x"].to_numpy(float), summary["zbar"].to_numpy(float))
    one = History(np.array([2.0]), np.array([30.43]), np.array([38.86]))
    own = expected_value(model, np.array([2.0]), np.array([22.35]))
    bg = fit("bgnbd", history)
    return {
        "cd.gg.customers": model.customers, "cd.gg.p": model.p, "cd.gg.q": model.q, "cd.gg.v": model.v, "cd.gg.loglik": model.log_likelihood,
        "cd.gg.population_mean": model.population_mean, "cd.gg.expected_value_x2_z22.35": own[0], "cd.gg.corr_x_zbar": model.correlation,
        "cd.clv_12m_10pct_x2": lifetime_value(bg, one, own, months=12)[0],
        "cd.clv_36m_10pct_x2_margin30_cost2": lifetime_value(bg, one, own, months=36, margin=0.3, cost_per_order=2.0)[0],
    }  # fmt: skip
