"""A company's own metrics and dimensions: what their formulas give, against pandas; who may see them; what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from knowledge.access import Reader, Scope
from knowledge.errors import BadInput, BadQuestion, NotAllowed, UnknownName
from knowledge.metrics import definitions, find, metrics
from knowledge.metrics.own import in_force, own
from knowledge.query import catalogue, explain, members, run
from knowledge.records import Filter, MetricQuery, Period
from tests.support import reader, workspace

RNG = np.random.default_rng(5)
DAYS = pd.date_range("2026-01-01", periods=60, tz="UTC")
CUSTOMERS = pd.DataFrame(
    {"customer_id": ["C1", "C2", "C3"], "name": ["Acme", "Globex", "Initech"], "region": ["north", "south", None]}
)
PRODUCTS = pd.DataFrame({"product_id": ["P1", "P2"], "name": ["Bolt", "Nut"], "category": ["small", "large"]})
ORDERS = pd.DataFrame(
    {
        "order_id": [f"O{i}" for i in range(80)],
        "customer_id": RNG.choice(["C1", "C2", "C3"], 80),
        "ordered_at": RNG.choice(DAYS, 80),
        "status": RNG.choice(["delivered", "open", "cancelled"], 80),
        "channel": RNG.choice(["edi", "web", None], 80),
    }
)
ORDERS["ordered_at"] = pd.to_datetime(ORDERS["ordered_at"], utc=True)
LINES = pd.DataFrame(
    {
        "order_id": RNG.choice(ORDERS["order_id"], 200),
        "line": range(200),
        "product_id": RNG.choice(["P1", "P2"], 200),
        "qty_ordered": RNG.integers(1, 50, 200),
        "unit_price": RNG.integers(1, 900, 200) / 100,
        "unit_cost": RNG.integers(1, 400, 200) / 100,
        "discount": RNG.choice([None, 0.5], 200),
    }
)
RETURNS = pd.DataFrame(
    {
        "return_id": [f"RMA-{i}" for i in range(30)],
        "order_id": RNG.choice(ORDERS["order_id"], 30),
        "customer_id": RNG.choice(["C1", "C2"], 30),
        "product_id": "P1",
        "qty": RNG.integers(1, 5, 30),
        "value": RNG.integers(1, 300, 30),
        "requested_at": RNG.choice(DAYS, 30),
        "resolved_at": [None if i % 3 == 0 else DAYS[i] + pd.Timedelta(days=70) for i in range(30)],
    }
)
RETURNS["requested_at"] = pd.to_datetime(RETURNS["requested_at"], utc=True)
LIVE = ORDERS[ORDERS["status"] != "cancelled"]
OF_ORDERS = LINES.merge(LIVE, on="order_id").assign(
    value=lambda t: t["qty_ordered"] * t["unit_price"] - t["discount"].fillna(0).astype(float)
)
DOCUMENT: dict[str, Any] = {
    "words": {"region": ["territory"]},
    "dimensions": {
        "handling": {"formula": "CASE WHEN orders.channel = 'edi' THEN 'automatic' ELSE 'by hand' END", "said": ["order handling"]},
        "order_no": {"formula": "orders.order_id"},
    },
    "metrics": {
        "edi_share": {
            "label": "EDI share",
            "definition": "Orders by EDI, of all orders.",
            "formula": "COUNT(orders.*) FILTER (WHERE orders.channel = 'edi') / COUNT(orders.*)",
            "unit": "share",
        },
        "big_lines": {"label": "Big lines", "definition": "Lines over 100.", "formula": "COUNT(order_lines.*) FILTER (WHERE order_lines.line_value > 100)", "unit": "count"},
        "spread": {"label": "Spread", "definition": "Value less cost.", "formula": "SUM(order_lines.line_value - order_lines.qty_ordered * order_lines.unit_cost)", "unit": "money"},
        "claimed": {"label": "Claimed", "definition": "Value of returns.", "formula": "SUM(returns.value)", "unit": "money"},
        "kept_value": {"label": "Kept value", "definition": "Revenue less returns claimed.", "formula": "revenue - claimed", "unit": "money"},
        "claim_days": {"label": "Claim days", "definition": "Days to settle.", "formula": "AVG(DATE_DIFF('day', returns.requested_at, returns.resolved_at))", "unit": "days"},
    },
}  # fmt: skip


def home(root: Path, document: dict[str, Any] | None = None) -> Path:
    frames = {"customers": CUSTOMERS, "products": PRODUCTS, "orders": ORDERS, "order_lines": LINES, "returns": RETURNS}
    return workspace(root, frames, "2026-06-30", facts={definitions.FACT: document or DOCUMENT})


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return reader(home(tmp_path_factory.mktemp("own")))


def value(company: Reader, metric: str, **more: Any) -> Any:
    return run(MetricQuery(metric, **more), company).figures[0].value


GIVEN: dict[str, float] = {
    "edi_share": (LIVE["channel"] == "edi").mean(),
    "big_lines": (OF_ORDERS["value"] > 100).sum(),
    "spread": (OF_ORDERS["value"] - OF_ORDERS["qty_ordered"] * OF_ORDERS["unit_cost"]).sum(),
    "claimed": RETURNS["value"].sum(),
    "kept_value": OF_ORDERS["value"].sum() - RETURNS["value"].sum(),
    "claim_days": (pd.to_datetime(RETURNS["resolved_at"], utc=True).dt.normalize() - RETURNS["requested_at"].dt.normalize()).dt.days.mean(),
}  # fmt: skip


@pytest.mark.parametrize("metric", GIVEN)
def test_a_formula_gives_what_pandas_gives(company: Reader, metric: str) -> None:
    assert value(company, metric) == pytest.approx(float(GIVEN[metric]))


FORMULAS: dict[str, float] = {
    "COUNT(DISTINCT orders.customer_id)": LIVE["customer_id"].nunique(),
    "COUNT(orders.channel)": LIVE["channel"].notna().sum(),
    "COUNT(orders.*) FILTER (WHERE orders.channel IS NULL)": LIVE["channel"].isna().sum(),
    "COUNT(orders.*) FILTER (WHERE NOT orders.status IN ('open'))": (LIVE["status"] != "open").sum(),
    "MAX(order_lines.qty_ordered)": OF_ORDERS["qty_ordered"].max(),
    "MEDIAN(order_lines.unit_price)": OF_ORDERS["unit_price"].median(),
    "SUM(order_lines.qty_ordered) FILTER (WHERE orders.channel = 'web')": OF_ORDERS.loc[OF_ORDERS["channel"] == "web", "qty_ordered"].sum(),
    "COUNT(order_lines.*) FILTER (WHERE order_lines.qty_ordered BETWEEN 10 AND 20)": OF_ORDERS["qty_ordered"].between(10, 20).sum(),
    "100 * COUNT(returns.*) / COUNT(orders.*)": 100 * len(RETURNS) / len(LIVE),
    "COUNT(returns.*) FILTER (WHERE returns.return_id LIKE 'RMA-1%')": RETURNS["return_id"].str.startswith("RMA-1").sum(),
    "COUNT(returns.*) FILTER (WHERE returns.return_id NOT LIKE 'RMA-1%')": (~RETURNS["return_id"].str.startswith("RMA-1")).sum(),
    "COUNT(DISTINCT SPLIT_PART(returns.return_id, '-', 2)) - 1": 29,
    "SUM(COALESCE(order_lines.discount, 0))": OF_ORDERS["discount"].fillna(0).astype(float).sum(),
    "SUM(CASE WHEN returns.qty > 2 THEN returns.value ELSE 0 END)": RETURNS.loc[RETURNS["qty"] > 2, "value"].sum(),
    "COUNT(orders.*) FILTER (WHERE orders.ordered_at >= CAST('2026-02-01' AS DATE) AND UPPER(orders.channel) = 'WEB')":
        ((LIVE["ordered_at"] >= "2026-02-01") & (LIVE["channel"] == "web")).sum(),
}  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_may_stand_in_a_formula_means_what_sql_means_by_it(tmp_path: Path, formula: str) -> None:
    document = {"metrics": {"it": {"label": "It", "definition": "It.", "formula": formula, "unit": "qty"}}}
    assert value(reader(home(tmp_path, document)), "it") == pytest.approx(float(FORMULAS[formula]))


def test_own_dimensions_cut_own_and_shipped_metrics_and_are_looked_up(company: Reader) -> None:
    handled = LIVE.assign(handling=np.where(LIVE["channel"] == "edi", "automatic", "by hand"))
    counted = {f.group["handling"]: f.value for f in run(MetricQuery("orders", ("handling",)), company).figures}
    assert counted == handled["handling"].value_counts().to_dict()
    shares = {f.group["handling"]: f.value for f in run(MetricQuery("edi_share", ("handling",)), company).figures}
    assert shares == {"automatic": 1.0, "by hand": 0.0}
    claimed = {f.group["handling"]: f.value for f in run(MetricQuery("claimed", ("handling",)), company).figures}
    looked_up = RETURNS.merge(
        ORDERS.assign(handling=np.where(ORDERS["channel"] == "edi", "automatic", "by hand")), on="order_id"
    )
    assert claimed == looked_up.groupby("handling")["value"].sum().to_dict()
    assert [m for m, _ in members("handling", company)] == ["automatic", "by hand"]
    one = MetricQuery("claimed", ("order_no",), (Filter("handling", ("automatic",)),), Period(DAYS[0].date(), DAYS[20].date()))
    early = looked_up[(looked_up["handling"] == "automatic") & (looked_up["requested_at"] <= DAYS[20])]
    assert {f.group["order_no"]: f.value for f in run(one, company).figures} == early.groupby("order_id")[
        "value"
    ].sum().to_dict()


def test_a_metric_over_two_tables_is_cut_only_by_what_both_know(company: Reader) -> None:
    with pytest.raises(BadQuestion, match="cannot be split by `channel`"):
        run(MetricQuery("kept_value", ("channel",)), company)
    by_customer = {f.group["customer"]: f.value for f in run(MetricQuery("kept_value", ("customer",)), company).figures}
    revenue, claimed = OF_ORDERS.groupby("customer_id")["value"].sum(), RETURNS.groupby("customer_id")["value"].sum()
    assert by_customer == pytest.approx({c: revenue[c] - claimed.get(c, 0) for c in ("C1", "C2", "C3")})


def test_a_figure_says_how_it_is_defined_and_the_query_shows_its_sql(company: Reader) -> None:
    figure = run(MetricQuery("edi_share", period=Period(DAYS[0].date(), DAYS[30].date())), company).figures[0]
    assert (figure.label, figure.definition, figure.source) == (
        "EDI share",
        "Orders by EDI, of all orders.",
        definitions.SOURCE,
    )
    assert figure.rows == ((LIVE["channel"] == "edi") & (LIVE["ordered_at"] <= DAYS[30])).sum()
    assert "FILTER" in explain(MetricQuery("edi_share"), company)


def test_costs_in_a_formula_make_it_commercial(company: Reader) -> None:
    rep = Reader(company.workspace, company.snapshot, Scope.of_role("rep"))
    with pytest.raises(NotAllowed):
        run(MetricQuery("spread"), rep)
    assert value(rep, "claimed") == RETURNS["value"].sum()


def test_a_reader_of_some_accounts_sees_them_alone(company: Reader) -> None:
    some = Reader(company.workspace, company.snapshot, Scope("ann", "rep", frozenset({"C1"}), frozenset({"open"})))
    assert value(some, "claimed") == RETURNS.loc[RETURNS["customer_id"] == "C1", "value"].sum()
    mine = LIVE.loc[LIVE["customer_id"] == "C1", "order_id"]
    assert {m for m, _ in members("order_no", some)} >= set(mine)
    assert {m for m, _ in members("order_no", some)} <= set(ORDERS.loc[ORDERS["customer_id"] == "C1", "order_id"])


def test_two_companies_in_one_process_do_not_know_each_others_metrics(company: Reader, tmp_path: Path) -> None:
    document = {
        "metrics": {"claimed": {"label": "Claimed", "definition": "Returns.", "formula": "COUNT(returns.*)", "unit": "count"}}
    }
    other = reader(home(tmp_path, document))
    assert value(other, "claimed") == 30
    assert value(company, "claimed") == RETURNS["value"].sum()
    with pytest.raises(UnknownName):
        run(MetricQuery("edi_share"), other)
    assert "edi_share" not in metrics()
    with pytest.raises(UnknownName):
        find("edi_share")


def test_the_catalogue_has_them_last_and_in_full() -> None:
    with in_force(definitions.read(DOCUMENT, "metrics.yaml")):
        assert own().dimensions
        assert find("claimed").dimensions[-2:] == ("handling", "order_no")
    rows = catalogue(definitions.read(DOCUMENT, "metrics.yaml"))
    assert [r["name"] for r in rows[-6:]] == list(DOCUMENT["metrics"])
    assert rows[-1]["source"] == definitions.SOURCE
    assert all(r["source"] != definitions.SOURCE for r in catalogue())


def metric(formula: str, **more: Any) -> dict[str, Any]:
    return {"metrics": {"it": {"label": "It", "definition": "It.", "formula": formula, "unit": "count", **more}}}


WRONG = {
    "SUM(": "is no SQL expression",
    "SUM(value)": "does not say which table",
    "SUM(returns.price)": "has no column `price`",
    "SUM(products.unit_cost)": "must be over one table",
    "SUM(returns.value + orders.channel)": "must be over one table",
    "SUM(returns.value) OVER (ORDER BY returns.qty)": "cannot stand",
    "returns.value + 1": "cannot stand",
    "3": "counts nothing",
    "no_such_metric + 1": "There is no metric `no_such_metric`",
    "it + 1": "is defined by itself",
    "SUM((SELECT max(unit_cost) FROM products))": "cannot stand|does not say which table",
    "SUM(returns.value) FILTER (WHERE returns.order_id IN (SELECT order_id FROM orders))": "cannot stand|does not say which table",
    "SUM(returns.value) FILTER (WHERE returns.reason_code ILIKE 'a%')": "cannot stand",
    "SUM(returns.value) FILTER (WHERE read_csv('x'))": "cannot stand",
    "SUM(DATE_DIFF('year', returns.requested_at, returns.resolved_at))": "knows no `year`",
    "SUM(orders.channel)": "is no number",
    "SUM(returns.value + returns.reason_code)": "does not go together",
    "COUNT(orders.*) FILTER (WHERE orders.ordered_at > 5)": "does not go together",
    "SUM(DISTINCT returns.value)": "DISTINCT is for COUNT",
}


@pytest.mark.parametrize("formula", WRONG)
def test_a_wrong_formula_is_named_with_what_to_do(formula: str) -> None:
    with pytest.raises(BadInput, match=WRONG[formula]) as wrong:
        definitions.read(metric(formula), "metrics.yaml")
    assert "metrics.yaml" in wrong.value.message
    assert "`it`" in wrong.value.message
    assert wrong.value.code == "bad_metrics"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (metric("COUNT(orders.*)", unit="apples"), "metrics.it.unit"),
        (metric("COUNT(orders.*)", colour="red"), "metrics.it.colour"),
        ({"metrics": {"revenue": metric("COUNT(orders.*)")["metrics"]["it"]}}, "the name `revenue` is taken"),
        ({"metrics": {"My Metric": metric("COUNT(orders.*)")["metrics"]["it"]}}, "is no name"),
        ({"dimensions": {"region": {"formula": "orders.channel"}}}, "the name `region` is taken"),
        ({"dimensions": {"dear": {"formula": "order_lines.unit_cost"}}}, "commercial"),
        ({"words": {"regoin": ["territory"]}}, "`words` names `regoin`"),
    ],
)
def test_a_wrong_entry_is_named(document: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        definitions.read(document, "metrics.yaml")


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / definitions.FILE).write_text("metrics: [", encoding="utf-8")
    with pytest.raises(BadInput, match="is not YAML"):
        definitions.document(tmp_path)
    (tmp_path / definitions.FILE).write_text("- a\n", encoding="utf-8")
    with pytest.raises(BadInput, match="must hold"):
        definitions.document(tmp_path)
    assert definitions.document(tmp_path / "elsewhere") == {}


def test_the_example_of_the_documentation_can_be_read_and_asked(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "own-metrics.md").read_text(encoding="utf-8")
    document = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    company = reader(home(tmp_path, document))
    assert value(company, "edi_share") == pytest.approx(GIVEN["edi_share"])
    assert value(company, "value_kept") == pytest.approx(GIVEN["kept_value"])


def test_an_attribute_of_things_cuts_and_measures(tmp_path: Path) -> None:
    """A company's own attribute is a condition, a grouping and a measure like those that everybody has."""
    from knowledge.entities import conditions
    from knowledge.entities.listing import listed

    file = {
        "attributes": {"order": {"by_wire": {"formula": "orders.channel = 'edi'", "label": "sent by wire", "said": ["wired"]}}}
    }
    company = reader(home(tmp_path, file))
    with in_force(definitions.of_snapshot(company.snapshot)):
        wired = conditions.parse("by_wire", lambda _: None, "order")
    edi = LIVE[LIVE["channel"] == "edi"]
    assert run(MetricQuery("orders", only=wired), company).figures[0].value == len(edi)
    told = LIVE[LIVE["channel"].notna()]
    assert run(MetricQuery("share(order.by_wire)"), company).figures[0].value == pytest.approx(len(edi) / len(told))
    grouped = {f.group["order.by_wire"]: f.value for f in run(MetricQuery("orders", ("order.by_wire",)), company).figures}
    assert grouped["yes"] == len(edi)
    with in_force(definitions.of_snapshot(company.snapshot)):
        assert {k for k, _, _ in listed("order", company, only=wired).rows} == set(edi["order_id"])


@pytest.mark.parametrize(
    "entry",
    [
        {"ship": {"x": {"formula": "orders.channel = 'edi'"}}},
        {"order": {"late": {"formula": "orders.channel = 'edi'"}}},
        {"order": {"x": {"formula": "returns.value > 3"}}},
    ],
)
def test_a_wrong_attribute_is_named(entry: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        definitions.read({"attributes": entry}, "metrics.yaml")
