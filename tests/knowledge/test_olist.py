"""Real sources of several files: Olist to the reference values, tau-retail with all of its orders kept out."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from knowledge import quarantine
from knowledge.access import Reader, Scope
from knowledge.errors import BadInput, NoData
from knowledge.ingest import ImportReport, import_files, imported_settings
from knowledge.mapping import load_mapping
from knowledge.metrics.bases import Context, due_orders, feedback
from knowledge.query import run
from knowledge.records import Figure, Filter, MetricQuery
from knowledge.snapshot import Snapshot, current, new_folder, publish
from knowledge.tables import Store
from tests.support import DATA

OLIST, TAU = DATA / "olist-sample", DATA / "tau-retail"
REFERENCE = DATA.parent / "reference_values.json"
DELIVERED = (Filter("status", ("delivered",)),)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("olist")]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    if not REFERENCE.is_file():
        pytest.skip("the reference values are not here (../shared)")
    return {k: v["value"] for k, v in json.loads(REFERENCE.read_text()).items()}


def published(home: Path, as_of: datetime) -> Reader:
    store = Store(home / "tables")
    made, folder = new_folder(home)
    tables = {n: store.version(n) for n in store.names()}
    publish(home, Snapshot(made, datetime.now(UTC), as_of, tables, imported_settings(home), 0, folder))
    return Reader(home, current(home), Scope.of_role("admin"))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    if not OLIST.is_dir():
        pytest.skip("the real data is not here (../shared/data)")
    home = tmp_path_factory.mktemp("olist")
    return home, import_files(home, load_mapping("olist"), [OLIST])


@pytest.fixture(scope="module")
def olist(loaded: tuple[Path, ImportReport]) -> Reader:
    return published(loaded[0], datetime(2018, 10, 17, 23, 59, 59, tzinfo=UTC))


def figure(name: str, reader: Reader, where: tuple[Filter, ...] = ()) -> Figure:
    return run(MetricQuery(name, where=where), reader).figures[0]


def test_every_row_goes_in_and_again_changes_nothing(loaded: tuple[Path, ImportReport], reference: dict[str, Any]) -> None:
    home, report = loaded
    assert report.adds_up
    assert (report.rows_in, report.quarantined) == (38_320, 0)
    assert report.tables["customers"].loaded == reference["ol.customers_unique"]
    assert report.tables["feedback"].loaded == reference["ol.reviews_in_file"]
    assert report.tables["orders"].loaded == reference["ol.orders_in_file"]
    again = import_files(home, load_mapping("olist"), [OLIST])
    assert again.unchanged == again.rows_in == report.rows_in


def test_states_of_orders_and_reviews(olist: Reader, reference: dict[str, Any]) -> None:
    by = {f.group["status"]: f.value for f in run(MetricQuery("orders", by=("status",)), olist).figures}
    names = ("shipped", "invoiced", "processing", "created", "approved")
    assert by == {"delivered": reference["ol.status.delivered"], "open": sum(reference[f"ol.status.{n}"] for n in names)}
    cancelled = figure("cancellation_rate", olist)
    assert cancelled.numerator == reference["ol.status.canceled"] + reference["ol.status.unavailable"]
    assert cancelled.denominator == reference["ol.orders_in_file"]
    assert figure("feedback_count", olist).value == reference["ol.reviews_in_file"]
    ids = olist.table("feedback").feedback_id.split(":")[0].nunique()
    assert olist.engine.backend.execute(ids) == reference["ol.trap.distinct_review_id"]


@pytest.mark.parametrize(
    ("name", "key", "tolerance"),
    [
        ("orders", "ol.delivered_orders", 0), ("order_lines_count", "ol.delivered_lines", 0), ("revenue", "ol.delivered_revenue", 0.01),
        ("revenue.delivered", "ol.delivered_revenue", 0.01), ("otd", "ol.otd", 1e-6), ("otd.grace(3)", "ol.otd_within_3_days_late", 1e-6),
        ("otd.window(7,0)", "ol.otd_window_minus7_plus0", 1e-6), ("days_late", "ol.days_late_mean_when_late", 1e-4),
    ],
)  # fmt: skip
def test_delivered_orders(name: str, key: str, tolerance: float, olist: Reader, reference: dict[str, Any]) -> None:
    assert figure(name, olist, DELIVERED).value == pytest.approx(reference[key], abs=tolerance or 1e-9)


def test_on_time_is_counted_by_day_and_of_delivered_orders(olist: Reader, reference: dict[str, Any]) -> None:
    result = run(MetricQuery("otd"), olist)
    whole = result.figures[0]
    assert (whole.numerator, whole.denominator) == (reference["ol.otd.on_time"], reference["ol.otd.measurable"])
    assert whole.interval == pytest.approx((reference["ol.otd.wilson_low"], reference["ol.otd.wilson_high"]), abs=1e-6)
    assert whole.value != pytest.approx(reference["ol.trap.otd_timestamp_rule"], abs=1e-3)
    late = whole.denominator - whole.numerator if whole.denominator and whole.numerator else 0
    assert late / reference["ol.orders_in_file"] == pytest.approx(
        reference["ol.trap.late_share_of_all_orders_in_file"], abs=1e-6
    )
    assert result.unmeasured == reference["ol.delivered_orders"] - reference["ol.otd.measurable"]
    assert any("delivered orders only" in n for n in result.notes)


@pytest.mark.parametrize("what", ["cycle", "approval", "handling", "transit"])
def test_times(what: str, olist: Reader, reference: dict[str, Any]) -> None:
    name = {"cycle": "order_cycle_time"}.get(what, f"{what}_time")
    for kind in ("mean", "median", "p90"):
        result = run(MetricQuery(f"{name}.{kind}", where=DELIVERED), olist)
        assert result.figures[0].value == pytest.approx(reference[f"ol.{what}_days.{kind}"], abs=1e-4)
        assert result.figures[0].rows == reference[f"ol.{what}_days.n"]
        disorder = reference[f"ol.{what}_days.out_of_order"]
        assert [n for n in result.notes if "out of order" in n] == (
            [f"{disorder} with times out of order are left out."] if disorder else []
        )


def test_states_of_brazil(olist: Reader, reference: dict[str, Any]) -> None:
    split = {
        name: {f.group["ship_to_region"]: f for f in run(MetricQuery(name, ("ship_to_region",)), olist).figures}
        for name in ("otd", "order_cycle_time.mean", "order_cycle_time.median", "order_cycle_time.p90")
    }
    top = sorted(split["otd"].values(), key=lambda f: -(f.denominator or 0))[:5]
    assert [f.group["ship_to_region"] for f in top] == ["SP", "RJ", "MG", "RS", "PR"]
    for state in ("SP", "RJ", "MG", "RS", "PR"):
        otd, *cycle = (split[name][state] for name in split)
        mean, median, p90 = (f.value for f in cycle)
        said = f"n {otd.denominator:.0f}, OTD {otd.value:.6f}, cycle mean {mean:.4f}, median {median:.4f}, p90 {p90:.4f}"
        assert said == reference[f"ol.state.{state}"]


def test_reviews_of_late_orders(olist: Reader, reference: dict[str, Any]) -> None:
    """Every review of a measurable order counts, split by whether that order came in time."""
    context = Context(olist, olist.snapshot.as_of)
    due = due_orders(context).filter(lambda t: t.delivered_day.notnull()).select("order_id", "delivered_day", due="day")
    rows: pd.DataFrame = olist.engine.backend.execute(feedback(context).inner_join(due, "order_id"))
    in_time = rows.delivered_day <= rows.due
    ones: dict[str, tuple[int, int]] = {}
    for name, chosen in (("on_time", rows[in_time]), ("late", rows[~in_time])):
        want = {k: reference[f"ol.review.{name}.{k}"] for k in ("n", "mean_score", "one_star_share", "csat")}
        found = {
            "n": len(chosen),
            "mean_score": chosen.rating.mean(),
            "one_star_share": (chosen.rating == 1).mean(),
            "csat": (chosen.rating >= 4).mean(),
        }
        assert found == pytest.approx(want, abs=1e-5)
        ones[name] = (int((chosen.rating == 1).sum()), len(chosen))
    (k1, n1), (k2, n2) = ones["late"], ones["on_time"]
    ratio, spread = (k1 / n1) / (k2 / n2), 1.959964 * math.sqrt(1 / k1 - 1 / n1 + 1 / k2 - 1 / n2)
    assert ratio == pytest.approx(reference["ol.review.one_star_rate_ratio_late_vs_on_time"], abs=1e-4)
    assert ratio * math.exp(-spread) == pytest.approx(reference["ol.review.rate_ratio_low"], abs=1e-3)
    assert ratio * math.exp(spread) == pytest.approx(reference["ol.review.rate_ratio_high"], abs=1e-3)
    whole = figure("rating_mean", olist).rows
    assert whole == reference["ol.reviews_in_file"]


def test_a_file_that_needs_another_says_so(tmp_path: Path) -> None:
    if not OLIST.is_dir():
        pytest.skip("the real data is not here (../shared/data)")
    with pytest.raises(BadInput, match="order_customers"):
        import_files(tmp_path, load_mapping("olist"), [OLIST / "olist_orders_dataset.csv"])
    with pytest.raises(BadInput, match="no part"):
        import_files(tmp_path, load_mapping("olist"), [OLIST / "olist_sellers_dataset.csv"])


def test_tau_retail_keeps_orders_without_a_time_out(tmp_path: Path) -> None:
    if not TAU.is_dir():
        pytest.skip("the real data is not here (../shared/data)")
    report = import_files(tmp_path, load_mapping("tau-retail"), [TAU])
    assert report.adds_up
    assert report.reasons == {"no `ordered_at`": 1000}
    assert {n: c.loaded for n, c in report.tables.items()} == {
        "customers": 500, "contacts": 500, "products": 50, "orders": 0, "documents": 1,
    }  # fmt: skip
    kept = [json.loads(r["values"])["status"] for r in quarantine.rows(tmp_path, reason="no `ordered_at`", limit=2000)]
    assert pd.Series(kept).value_counts().to_dict() == {"pending": 423, "delivered": 373, "processed": 102, "cancelled": 102}
    reader = published(tmp_path, datetime(2026, 1, 1, tzinfo=UTC))
    for name in ("orders", "revenue", "otd"):
        with pytest.raises(NoData):
            figure(name, reader)
    policy = reader.engine.backend.execute(reader.table("documents")).iloc[0]
    assert policy.title == "Retail agent policy"
