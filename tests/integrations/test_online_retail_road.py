"""The narrow road on real data: import, build, ask; every figure against the reference values."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support import DATA

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("online-retail")]
FILE = DATA / "online-retail" / "online_retail.csv.gz"


def rapport(*arguments: str, home: Path) -> Any:
    command = [
        sys.executable,
        "-c",
        "from integrations.cli import main; main()",
        *arguments,
        "--workspace",
        str(home),
        "--json",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not FILE.is_file():
        pytest.skip("the real data is not here (../shared/data)")
    folder = tmp_path_factory.mktemp("retail") / "w"
    report = rapport("import", "--mapping", "online-retail", str(FILE), home=folder)
    assert report["rows_in"] == 541909
    rapport("build", home=folder)
    return folder


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return {k: v["value"] for k, v in json.loads((DATA.parent / "reference_values.json").read_text()).items()}


def value(home: Path, *arguments: str) -> Any:
    return rapport("query", *arguments, home=home)["figures"][0]["value"]


@pytest.mark.parametrize(
    ("key", "arguments", "tolerance"),
    [
        ("or.orders", ["orders"], 0),
        ("or.revenue", ["revenue"], 0.01),
        ("or.net_revenue", ["net_revenue"], 0.01),
        ("or.aov", ["aov"], 0.001),
        ("or.median_order_value", ["aov.median"], 0.001),
        ("or.units_ordered", ["units"], 0),
        ("or.customers_ordering", ["active_customers"], 0),
        ("or.return_rate_value", ["return_rate"], 1e-6),
        ("or.return_rate_units", ["return_rate.units"], 1e-6),
    ],
)
def test_totals_to_the_digit(home: Path, reference: dict[str, Any], key: str, arguments: list[str], tolerance: float) -> None:
    assert float(value(home, *arguments)) == pytest.approx(reference[key], abs=tolerance or 1e-9)


def test_monthly_revenue_and_top_customers(home: Path, reference: dict[str, Any]) -> None:
    months = rapport("query", "revenue", "--grain", "month", home=home)["figures"]
    seen = {str(f["group"]["month"])[:7]: float(f["value"]) for f in months}
    want = {k.removeprefix("or.revenue."): v for k, v in reference.items() if k.startswith("or.revenue.20")}
    assert seen == pytest.approx(want, abs=0.01)
    top = rapport("query", "revenue", "--by", "customer", "--order", "desc", "--limit", "5", home=home)["figures"]
    assert [f"{f['group']['customer']}: {float(f['value']):.2f}" for f in top] == [
        reference[f"or.top_customer.{i}"] for i in range(1, 6)
    ]


def _rate(sold: pd.DataFrame, back: pd.DataFrame, country: str) -> float:
    return float(-back.loc[back["Country"] == country, "value"].sum() / sold.loc[sold["Country"] == country, "value"].sum())


def test_questions_in_a_thread(home: Path, tmp_path: Path) -> None:
    batch = tmp_path / "q.jsonl"
    asked = [
        ("a", "top 5 customers by revenue in 2011", None),
        ("b", "return rate by country", None),
        ("c", "how many orders did customer 14646 place in Q3 2011", "t"),
        ("d", "and in Q2?", "t"),
        ("e", "what's the weather", None),
        ("f", "fill rate last month", None),
    ]
    batch.write_text("".join(json.dumps({"id": i, "question": q, "conversation": c}) + "\n" for i, q, c in asked))
    command = [sys.executable, "-c", "from integrations.cli import main; main()", "ask", "--batch", str(batch), "--json"]
    result = subprocess.run([*command, "--workspace", str(home)], capture_output=True, text=True, check=True)
    answers = {a["id"]: a for a in map(json.loads, result.stdout.splitlines())}
    assert answers["a"]["status"] == answers["b"]["status"] == "answered"
    rows = pd.read_csv(FILE, dtype=str)
    price = rows["UnitPrice"].astype(float)
    rows = rows.assign(day=rows["InvoiceDate"].str[:10], value=rows["Quantity"].astype(float) * price)
    rows = rows[rows["CustomerID"].notna() & rows["StockCode"].str.match(r"\d{5}") & (price > 0)]
    rows = rows.assign(customer=rows["CustomerID"].str.removesuffix(".0"))
    sold, back = rows[rows["InvoiceNo"].str.fullmatch(r"\d+")], rows[rows["InvoiceNo"].str.startswith("C")]
    of_2011 = sold[sold["day"].between("2011-01-01", "2011-12-31")]
    top = of_2011.groupby("customer")["value"].sum().nlargest(5)
    told = {f["group"]["customer"]: f["value"] for f in answers["a"]["figures"]}
    assert list(told) == list(top.index)
    assert told == pytest.approx(dict(top), abs=0.01)
    rates = {f["group"]["country"]: f["value"] for f in answers["b"]["figures"] if f["group"]}
    assert rates["Germany"] == pytest.approx(_rate(sold, back, "Germany"), abs=1e-9)
    assert rates["USA"] == pytest.approx(_rate(sold, back, "USA"), abs=1e-9)
    days = sold[sold["customer"] == "14646"].groupby("InvoiceNo")["day"].min()
    assert answers["c"]["figures"][0]["value"] == int(days.between("2011-07-01", "2011-09-30").sum())
    assert answers["d"]["figures"][0]["value"] == int(days.between("2011-04-01", "2011-06-30").sum())
    assert answers["e"]["status"] == "out_of_scope"
    assert answers["f"]["status"] == "no_data"
    for refused in ("e", "f"):
        assert answers[refused]["nearest"]
        assert not answers[refused]["figures"]
