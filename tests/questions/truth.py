"""Expected answers from the raw source files with pandas, never through Rapport: the other side of every scored figure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
AS_OF = {"demo": "2026-10-31", "online-retail": "2011-12-09", "olist": "2018-10-17"}
ZONE = {"demo": "America/Chicago", "online-retail": "UTC", "olist": "UTC"}
ATTRIBUTES = ["customer_id", "name", "industry", "region", "country", "size", "account_owner", "service_tier"]
_demo: dict[str, Path] = {}


def use_demo(folder: Path) -> None:
    """Where the raw files of the demo company lie (`integrations.demo.generate(folder, seed=7)`); made when not there."""
    if not (folder / "orders.csv").is_file():
        from integrations.demo import generate

        generate(folder, seed=7)
    _demo["folder"] = folder
    facts.cache_clear()


@dataclass(frozen=True)
class Facts:
    """A company as flat frames: `lines`, `orders`, `returns`, `feedback`, `contacts` (interactions), `customers`, `products`."""

    lines: pd.DataFrame
    orders: pd.DataFrame
    returns: pd.DataFrame
    feedback: pd.DataFrame
    contacts: pd.DataFrame
    customers: pd.DataFrame
    as_of: pd.Timestamp
    delivered_only: bool = False


@functools.lru_cache(maxsize=4)
def facts(workspace: str) -> Facts:
    return {"demo": _of_demo, "online-retail": _of_retail, "olist": _of_olist}[workspace]()


def _day(stamps: pd.Series, zone: str) -> pd.Series:
    return pd.to_datetime(stamps, utc=True, format="ISO8601").dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()


def _stamp(stamps: pd.Series) -> pd.Series:
    return pd.to_datetime(stamps, utc=True, format="ISO8601").dt.tz_localize(None)


def _of_demo() -> Facts:
    folder, zone = _demo.get("folder"), ZONE["demo"]
    assert folder is not None, "call use_demo first"
    text = {"order_id": str, "case_id": str}
    read = {
        n: pd.read_csv(folder / f"{n}.csv", dtype=text, keep_default_na=True)
        for n in ("orders", "order_lines", "customers", "products", "returns", "feedback", "interactions")
    }
    customers = read["customers"]
    who = customers[[*ATTRIBUTES, "parent_id"]].rename(columns={"name": "customer_name"})
    orders = read["orders"].merge(who, on="customer_id", how="left")
    orders["day"] = _day(orders.ordered_at, zone)
    orders["delivered_day"] = _day(orders.delivered_at, zone)
    orders["promised"] = pd.to_datetime(orders.promised_date)
    for stage in ("ordered", "approved", "picked", "shipped", "delivered"):
        orders[f"{stage}_t"] = _stamp(orders[f"{stage}_at"])
    what = read["products"][["product_id", "name", "category", "order_type", "unit"]].rename(columns={"name": "product_name"})
    lines = read["order_lines"].merge(orders, on="order_id").merge(what, on="product_id", how="left")
    lines["value"] = lines.qty_ordered * lines.unit_price - lines.discount.fillna(0)
    cost = lines.unit_cost.fillna(lines.product_id.map(read["products"].set_index("product_id").unit_cost))
    lines["margin"] = lines.value - lines.qty_ordered * cost
    returns = read["returns"].merge(who, on="customer_id", how="left").merge(what, on="product_id", how="left")
    returns["day"] = _day(returns.requested_at, zone)
    returns["days"] = (_stamp(returns.resolved_at) - _stamp(returns.requested_at)).dt.total_seconds() / 86400
    feedback = read["feedback"].rename(columns={"channel": "feedback_channel"}).merge(who, on="customer_id", how="left")
    feedback["day"] = _day(feedback["at"], zone)
    contacts = read["interactions"].rename(columns={"channel": "contact_channel"}).merge(who, on="customer_id", how="left")
    contacts["day"] = _day(contacts["at"], zone)
    return Facts(lines, orders, returns, feedback, contacts, customers, pd.Timestamp(AS_OF["demo"]))


def _of_retail() -> Facts:
    raw = pd.read_csv(DATA / "online-retail" / "online_retail.csv.gz", dtype=str, keep_default_na=False)
    for column in raw.columns:
        raw[column] = raw[column].str.strip()
    raw["StockCode"] = raw["StockCode"].str.upper()
    raw["customer_id"] = raw["CustomerID"].str.replace(r"\.0$", "", regex=True)
    raw["qty"], raw["price"] = pd.to_numeric(raw["Quantity"]), pd.to_numeric(raw["UnitPrice"])
    raw["time"] = pd.to_datetime(raw["InvoiceDate"])
    good = raw.InvoiceNo.str.fullmatch(r"C?\d+") & (raw.customer_id != "") & raw.StockCode.str.match(r"\d{5}") & (raw.price > 0)
    raw = raw[good]
    back = raw.InvoiceNo.str.startswith("C")
    latest = raw[~back].sort_values("time", kind="stable").groupby("customer_id").Country.last()
    country = latest.combine_first(raw[back].sort_values("time", kind="stable").groupby("customer_id").Country.last())
    sales = raw[~back].assign(order_id=lambda d: d.InvoiceNo, product_id=lambda d: d.StockCode, qty_ordered=lambda d: d.qty)
    sales = sales.assign(value=sales.qty * sales.price, country=sales.customer_id.map(country), status="delivered")
    sales["day"] = sales.groupby("order_id").time.transform("min").dt.normalize()
    orders = sales.drop_duplicates("order_id")[["order_id", "customer_id", "country", "day", "status"]]
    returns = raw[back].assign(
        qty=lambda d: -d.qty, value=lambda d: -d.Quantity.astype(int) * d.price, product_id=lambda d: d.StockCode
    )
    returns = returns.assign(country=returns.customer_id.map(country), day=returns.time.dt.normalize())
    customers = pd.DataFrame({"customer_id": sorted(raw.customer_id.unique())})
    none = pd.DataFrame()
    return Facts(sales, orders, returns, none, none, customers, pd.Timestamp(AS_OF["online-retail"]))


def _of_olist() -> Facts:
    folder = DATA / "olist-sample"
    customers = pd.read_csv(folder / "olist_customers_dataset.csv", dtype=str)
    orders = pd.read_csv(folder / "olist_orders_dataset.csv", dtype=str).merge(customers, on="customer_id")
    orders = orders.rename(columns={"customer_state": "ship_to_region"}).assign(customer_id=lambda d: d.customer_unique_id)
    states = {"delivered": "delivered", "canceled": "cancelled", "unavailable": "cancelled"}
    orders["status"] = orders.order_status.map(states).fillna("open")
    orders["region"] = orders.ship_to_region
    times = {
        "ordered": "order_purchase_timestamp",
        "approved": "order_approved_at",
        "shipped": "order_delivered_carrier_date",
        "delivered": "order_delivered_customer_date",
    }
    for stage, column in times.items():
        orders[f"{stage}_t"] = pd.to_datetime(orders[column])
    orders["day"], orders["delivered_day"] = orders.ordered_t.dt.normalize(), orders.delivered_t.dt.normalize()
    orders["promised"] = pd.to_datetime(orders.order_estimated_delivery_date).dt.normalize()
    items = pd.read_csv(folder / "olist_order_items_dataset.csv", dtype={"order_id": str, "product_id": str})
    words = pd.read_csv(folder / "product_category_name_translation.csv").set_index("product_category_name")
    products = pd.read_csv(folder / "olist_products_dataset.csv", dtype=str)
    english = products.product_category_name.map(words.product_category_name_english)
    products["category"] = english.fillna(products.product_category_name)
    lines = items.merge(orders, on="order_id").merge(products[["product_id", "category"]], on="product_id", how="left")
    lines["value"], lines["qty_ordered"] = lines.price, 1
    feedback = pd.read_csv(folder / "olist_order_reviews_dataset.csv", dtype={"order_id": str})
    feedback = feedback.merge(orders[["order_id", "customer_id", "region", "status"]], on="order_id", how="left")
    feedback["day"] = pd.to_datetime(feedback.review_creation_date)
    feedback["rating"], feedback["rating_scale"] = feedback.review_score, "1-5"
    none = pd.DataFrame()
    return Facts(lines, orders, none, feedback, none, customers, pd.Timestamp(AS_OF["olist"]), delivered_only=True)


# -- metrics: a frame to cut, and the figure of a cut --------------------------------------------------------------------------


def _kept(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame.status != "cancelled"]


def _due(f: Facts) -> pd.DataFrame:
    """Orders due: delivered ones, and open ones whose promise has passed (which are then late and not in full)."""
    orders = _kept(f.orders).assign(day=lambda d: d.promised)
    arrived = (orders.status == "delivered") & orders.delivered_day.notna()
    if f.delivered_only:
        return orders[arrived].assign(arrived=True)
    orders = orders.assign(arrived=arrived)
    return orders[arrived | ((orders.status == "open") & (orders.promised < f.as_of))]


def _checked(f: Facts) -> pd.DataFrame:
    """Orders due with what their lines say: complete, right, undamaged, documents."""
    due = _due(f)
    lines = f.lines[f.lines.order_id.isin(due.order_id)]
    good = pd.DataFrame(
        {
            "order_id": lines.order_id,
            "full": lines.qty_delivered >= lines.qty_ordered,
            "right": lines.is_wrong_item.astype("object").map({True: False, False: True, "true": False, "false": True}),
            "intact": lines.is_damaged.astype("object").map({True: False, False: True}),
            "papers": lines.invoice_ok.astype("object").map({True: True, False: False}),
        }
    )
    known = good.groupby("order_id").agg(
        full=("full", "all"),
        right=("right", lambda s: s.fillna(True).astype(bool).all()),
        intact=("intact", lambda s: s.fillna(True).astype(bool).all()),
        papers=("papers", lambda s: s.fillna(True).astype(bool).all()),
    )
    due = due.merge(known, left_on="order_id", right_index=True)
    return due.assign(on_time=due.arrived & (due.delivered_day <= due.promised), full=due.arrived & due.full & due.right)


def _due_lines(f: Facts) -> pd.DataFrame:
    due = _due(f)[["order_id", "arrived"]]
    lines = f.lines.merge(due, on="order_id").assign(day=lambda d: d.promised)
    shipped = lines.qty_shipped_first.where(lines.qty_shipped_first.notna() | lines.arrived, 0.0)
    return lines.assign(q1=shipped)[shipped.notna()]


def _stage(first: str, last: str) -> tuple[Callable[[Facts], pd.DataFrame], Callable[[pd.DataFrame], float]]:
    def frame(f: Facts) -> pd.DataFrame:
        orders = f.orders[f.orders.status == "delivered"]
        days = (orders[f"{last}_t"] - orders[f"{first}_t"]).dt.total_seconds() / 86400
        return orders.assign(day=orders.delivered_day, days=days)[days >= 0]

    return frame, lambda d: float(d.days.median())


def _rated(f: Facts) -> pd.DataFrame:
    return f.feedback[f.feedback.rating.notna()]


def _money(d: pd.DataFrame) -> float:
    return round(float(d.value.sum()), 2)


def _revenue(f: Facts) -> pd.DataFrame:
    return _kept(f.lines)


def _nps(d: pd.DataFrame) -> float:
    return 100 * float((d.nps >= 9).mean() - (d.nps <= 6).mean())


def _first_orders(f: Facts) -> pd.DataFrame:
    orders = _kept(f.orders)
    return orders.sort_values("day", kind="stable").drop_duplicates("customer_id")


def _aov(d: pd.DataFrame) -> float:
    return float(d.value.sum() / d.order_id.nunique())


def _units(d: pd.DataFrame) -> float:
    """Pieces and boxes are not added up: a question that would has no number (METRICS 1)."""
    if "unit" in d and d.unit.nunique() > 1:
        raise ValueError(f"units of {sorted(d.unit.dropna().unique())} together mean nothing")
    return float(d.qty_ordered.sum())


def _repeat(d: pd.DataFrame) -> float:
    return float((d.groupby("customer_id").order_id.nunique() >= 2).mean())


METRICS: dict[str, tuple[Callable[[Facts], pd.DataFrame], Callable[[pd.DataFrame], float]]] = {
    "revenue": (_revenue, _money),
    "sum(order.discount)": (_revenue, lambda d: round(float(d.discount.fillna(0).sum()), 2)),
    "gross_margin": (lambda f: _revenue(f)[lambda d: d.margin.notna()], lambda d: round(float(d.margin.sum()), 2)),
    "orders": (lambda f: _kept(f.orders), lambda d: float(d.order_id.nunique())),
    "order_lines_count": (_revenue, lambda d: float(len(d))),
    "units": (_revenue, _units),
    "aov": (_revenue, _aov),
    "aov.median": (_revenue, lambda d: float(d.groupby("order_id").value.sum().median())),
    "lines_per_order": (_revenue, lambda d: len(d) / d.order_id.nunique()),
    "units_per_order": (_revenue, lambda d: float(d.qty_ordered.sum()) / d.order_id.nunique()),
    "active_customers": (lambda f: _kept(f.orders), lambda d: float(d.customer_id.nunique())),
    "new_customers": (_first_orders, lambda d: float(len(d))),
    "cancellation_rate": (lambda f: f.orders, lambda d: float((d.status == "cancelled").mean())),
    "repeat_rate": (lambda f: _kept(f.orders), _repeat),
    "otd": (_due, lambda d: float((d.arrived & (d.delivered_day <= d.promised)).mean())),
    "in_full": (_checked, lambda d: float(d.full.mean())),
    "otif": (_checked, lambda d: float((d.on_time & d.full).mean())),
    "days_late": (
        lambda f: _due(f)[lambda d: d.arrived & (d.delivered_day > d.promised)],
        lambda d: float((d.delivered_day - d.promised).dt.days.mean()),
    ),
    "fill_rate": (_due_lines, lambda d: float((d.q1 >= d.qty_ordered).mean())),
    "fill_rate.unit": (_due_lines, lambda d: float(d[["q1", "qty_ordered"]].min(axis=1).sum() / d.qty_ordered.sum())),
    "fill_rate.order": (_due_lines, lambda d: float((d.q1 >= d.qty_ordered).groupby(d.order_id).all().mean())),
    "backorder_rate": (_due_lines, lambda d: float((d.q1 < d.qty_ordered).mean())),
    "order_cycle_time": _stage("ordered", "delivered"),
    "approval_time": _stage("ordered", "approved"),
    "picking_time": _stage("approved", "picked"),
    "handling_time": _stage("approved", "shipped"),
    "transit_time": _stage("shipped", "delivered"),
    "returned_value": (lambda f: f.returns, _money),
    "returns_count": (lambda f: f.returns, lambda d: float(len(d))),
    "returned_units": (lambda f: f.returns, lambda d: float(d.qty.sum())),
    "return_turnaround": (lambda f: f.returns[f.returns.days.notna()], lambda d: float(d.days.median())),
    "open_returns": (lambda f: f.returns[f.returns.resolved_at.isna()], lambda d: float(len(d))),
    "repeat_return_rate": (lambda f: f.returns, lambda d: float((d.groupby("customer_id").size() >= 2).mean())),
    "feedback_count": (lambda f: f.feedback, lambda d: float(len(d))),
    "csat": (_rated, lambda d: float((d.rating >= 4).mean())),
    "rating_mean": (_rated, lambda d: float(d.rating.mean())),
    "nps": (lambda f: f.feedback[f.feedback.nps.notna()], _nps),
}
RATIOS = {
    "net_revenue": ("revenue", "returned_value", lambda a, b: round(a - b, 2)),
    "return_rate": ("returned_value", "revenue", lambda a, b: a / b),
    "return_rate.units": ("returned_units", "units", lambda a, b: a / b),
}
COLUMNS = {"customer": "customer_id", "product": "product_id", "parent": "parent_id", "reason": "reason_code"}


def span(period: Any) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """ "2026", "2026-09", "2026Q3" or "2026-01-01/2026-03-31" as first and last day."""
    if period is None:
        return None
    text = str(period)
    if "/" in text:
        first, last = text.split("/")
        return pd.Timestamp(first), pd.Timestamp(last)
    one = pd.Period(text)
    return one.start_time.normalize(), one.end_time.normalize()


def _cut(frame: pd.DataFrame, where: Mapping[str, Any], period: Any, negated: bool = False) -> pd.DataFrame:
    for dimension, members in where.items():
        out = dimension.startswith("not_")
        column = COLUMNS.get(dimension.removeprefix("not_"), dimension.removeprefix("not_"))
        listed = [str(m) for m in (members if isinstance(members, list) else [members])]
        inside = frame[column].astype(str).isin(listed)
        frame = frame[~inside if out else inside]
    days = span(period)
    return frame if days is None else frame[(frame.day >= days[0]) & (frame.day <= days[1])]


def number(workspace: str, name: str, where: Mapping[str, Any] | None = None, period: Any = None) -> float:
    if name in RATIOS:
        one, two, put = RATIOS[name]
        return float(put(number(workspace, one, where, period), number(workspace, two, where, period)))
    frame, figure = METRICS[name]
    return figure(_cut(frame(facts(workspace)), where or {}, period))


def _rounded(value: float) -> float:
    return round(value, 6)


# -- what a question's `truth` names -------------------------------------------------------------------------------------------


def value(workspace: str, metric: str, where: Mapping[str, Any] | None = None, period: Any = None) -> dict[str, Any]:
    """One figure."""
    return {"metric": metric, "value": _rounded(number(workspace, metric, where, period)), **_told(period)}


def several(workspace: str, metrics: list[str], where: Mapping[str, Any] | None = None, period: Any = None) -> dict[str, Any]:
    """Several figures of the same cut, or of the same metric (`metric` repeated over `where` lists is `each`)."""
    return {"values": [_rounded(number(workspace, m, where, period)) for m in metrics]}


def each(workspace: str, metric: str, over: list[Mapping[str, Any]], period: Any = None) -> dict[str, Any]:
    """One metric for several cuts, in any order."""
    return {"metric": metric, "values": [_rounded(number(workspace, metric, w, period)) for w in over]}


def groups(
    workspace: str,
    metric: str,
    by: str,
    where: Mapping[str, Any] | None = None,
    period: Any = None,
    order: str | None = None,
    limit: int | None = None,
    at_least: int = 0,
) -> dict[str, Any]:
    """A metric by a dimension: ordered where `order` is given (ties by member), else in any order."""
    column = COLUMNS.get(by, by)
    frame = _cut(METRICS[RATIOS[metric][1] if metric in RATIOS else metric][0](facts(workspace)), where or {}, period)
    counts = frame.groupby(column).size()
    members = [str(m) for m, n in counts.items() if n >= at_least]
    if metric in RATIOS:
        rows = [(m, number(workspace, metric, {**(where or {}), by: m}, period)) for m in members]
    else:
        made = {str(m): METRICS[metric][1](part) for m, part in frame.groupby(column)}
        rows = [(m, made[m]) for m in members]
    if order is not None:
        rows.sort(key=lambda r: (-r[1] if order == "desc" else r[1], r[0]))
    told: dict[str, Any] = {"metric": metric, "group": [[m, _rounded(v)] for m, v in rows[:limit]]}
    return {**told, **({} if order else {"unordered": True}), **_told(period)}


def trend(
    workspace: str, metric: str, grain: str, where: Mapping[str, Any] | None = None, period: Any = None
) -> dict[str, Any]:
    """A metric over time, oldest first; `grain` is month, quarter or year; buckets that the data does not cover are left out."""
    frame = _cut(METRICS[RATIOS[metric][1] if metric in RATIOS else metric][0](facts(workspace)), where or {}, period)
    code = {"month": "M", "quarter": "Q", "year": "Y", "week": "W-SUN"}[grain]
    buckets = sorted(frame.day.dt.to_period(code).dropna().unique())
    first = facts(workspace).orders.day.min()
    whole = [b for b in buckets if b.end_time.normalize() <= facts(workspace).as_of and b.start_time >= first]
    rows = [(b, number(workspace, metric, where, f"{b.start_time:%Y-%m-%d}/{b.end_time:%Y-%m-%d}")) for b in whole]
    return {"metric": metric, "group": [[_bucket(b, grain), _rounded(v)] for b, v in rows]}


def _bucket(bucket: pd.Period, grain: str) -> str:
    if grain == "quarter":
        return f"{bucket.year}-Q{bucket.quarter}"
    return str(bucket.year) if grain == "year" else f"{bucket.start_time:%Y-%m-%d}" if grain == "week" else str(bucket)


def change(
    workspace: str, metric: str, one: Any, two: Any, where: Mapping[str, Any] | None = None, unit: str = "share"
) -> dict[str, Any]:
    """Two periods side by side: now, then, and the change (relative, or the difference of two rates)."""
    now, then = number(workspace, metric, where, one), number(workspace, metric, where, two)
    moved = now - then if unit == "points" else now / then - 1
    return {"metric": metric, "values": [_rounded(now), _rounded(then), _rounded(moved)], **_told(one)}


def share(
    workspace: str, metric: str, by: str, members: list[str], where: Mapping[str, Any] | None = None, period: Any = None
) -> dict[str, Any]:
    """What part of the total each member has."""
    whole = number(workspace, metric, where, period)
    parts = [[m, _rounded(number(workspace, metric, {**(where or {}), by: m}, period) / whole)] for m in members]
    return {"metric": metric, "group": parts, "unordered": True, **_told(period)}


def concentration(workspace: str, count: int | None = None, part: float | None = None, period: Any = None) -> dict[str, Any]:
    """The share of revenue that the largest customers have."""
    money = _cut(_revenue(facts(workspace)), {}, period).groupby("customer_id").value.sum().sort_values(ascending=False)
    first = count or -int(-(part or 0) * len(money) // 1)
    return {"values": [_rounded(float(money.head(first).sum() / money.sum()))]}


def ratio(workspace: str, top: str, bottom: str, where: Mapping[str, Any] | None = None, period: Any = None) -> dict[str, Any]:
    """One figure spread over another."""
    return {
        "value": _rounded(number(workspace, top, where, period) / number(workspace, bottom, where, period)),
        **_told(period),
    }


def per_returner(workspace: str, metric: str, period: Any = None) -> dict[str, Any]:
    """A figure of the customers who returned something, spread over those of them who ordered."""
    f = facts(workspace)
    frame, total = METRICS[metric]
    rows = _cut(frame(f), {}, period)
    rows = rows[rows.customer_id.isin(set(_cut(f.returns, {}, period).customer_id))]
    return {"value": _rounded(total(rows) / rows.customer_id.nunique()), **_told(period)}


def mean_of_buckets(workspace: str, metric: str, grain: str, period: Any = None) -> dict[str, Any]:
    """The mean over the whole buckets of a period."""
    listed = trend(workspace, metric, grain, None, period)["group"]
    return {"value": _rounded(sum(v for _, v in listed) / len(listed))}


def over(workspace: str, metric: str, by: str, sign: str, limit: float, period: Any = None) -> dict[str, Any]:
    """How many groups lie above or below a value; rates of fewer than five cases are left out."""
    rows = groups(workspace, metric, by, None, period, at_least=5 if metric in ("otd", "otif") else 0)["group"]
    kept = [m for m, v in rows if (v > limit if sign == ">" else v < limit)]
    return {"metric": metric, "values": [len(kept)]}


def late(workspace: str, where: Mapping[str, Any] | None = None, period: Any = None) -> dict[str, Any]:
    """How many orders due came late or are still out past their promise."""
    due = _cut(_due(facts(workspace)), where or {}, period)
    return {"value": int((~due.arrived | (due.delivered_day > due.promised)).sum())}


def open_orders(workspace: str, where: Mapping[str, Any] | None = None, overdue: bool = False) -> dict[str, Any]:
    """How many orders are open, or open past their promise."""
    f = facts(workspace)
    rows = _cut(f.orders, where or {}, None)
    rows = rows[rows.status == "open"]
    return {"value": int((rows.promised < f.as_of).sum() if overdue else len(rows))}


def rfm(workspace: str) -> pd.Series:
    """The RFM segment of each customer that ordered (METRICS C1)."""
    f = facts(workspace)
    orders = _kept(f.orders)
    money = _revenue(f).groupby("customer_id").value.sum()
    last, often = orders.groupby("customer_id").day.max(), orders.groupby("customer_id").order_id.nunique()
    recency = (f.as_of + pd.Timedelta(days=1) - last).dt.days

    def score(values: pd.Series) -> pd.Series:
        return -(-5 * values.rank(method="average") // len(values))

    r, fr, mo = 6 - score(recency), score(often), score(money)
    named = pd.Series("lost", index=often.index)
    rules = (
        ("hibernating", r == 2), ("slipping_value", mo >= 4), ("at_risk", fr >= 4), ("promising", r >= 3), ("new", (r >= 4) & (often == 1)),
        ("big_spender", (r >= 3) & (mo >= 4)), ("loyal", (r >= 3) & (fr >= 4)), ("champions", (r >= 4) & (fr >= 4) & (mo >= 4)),
    )  # fmt: skip
    for name, fits in rules:
        named[fits] = name
    return named


def segments(workspace: str) -> dict[str, Any]:
    """Customers by RFM segment."""
    return {
        "metric": "segment_size",
        "unordered": True,
        "group": [[s, int(n)] for s, n in rfm(workspace).value_counts().items()],
    }


def order(workspace: str, order_id: str) -> dict[str, Any]:
    """What an order's record says: its status and days."""
    row = facts(workspace).orders.set_index("order_id").loc[str(order_id)]
    days = [day for day in (row.promised, row.delivered_day) if pd.notna(day)]
    return {"contains": [str(row.status), *(f"{day.day} {day:%b} {day.year}" for day in days)]}


def stock(workspace: str, product: str, location: str | None = None) -> dict[str, Any]:
    """What lies on hand of an article at its last count."""
    assert workspace == "demo"
    counts = pd.read_csv(_demo["folder"] / "inventory.csv").query("product_id == @product")
    last = counts[counts["at"] == counts.groupby("location")["at"].transform("max")]
    return {"value": float(last[last.location == location].on_hand.sum() if location else last.on_hand.sum())}


def _told(period: Any) -> dict[str, Any]:
    days = span(period)
    return {"period": [f"{days[0]:%Y-%m-%d}", f"{days[1]:%Y-%m-%d}"]} if days else {}


FUNCTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    f.__name__: f
    for f in (
        value,
        several,
        each,
        groups,
        trend,
        change,
        share,
        concentration,
        ratio,
        per_returner,
        mean_of_buckets,
        over,
        late,
        open_orders,
        segments,
        order,
        stock,
    )
}


def expected(workspace: str, truth: Mapping[str, Any]) -> dict[str, Any]:
    """What `truth: {fn, ...args}` of a question computes."""
    args = dict(truth)
    return FUNCTIONS[str(args.pop("fn"))](workspace, **args)
