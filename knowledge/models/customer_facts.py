"""Customer facts: one row a customer with what is known of it as of the snapshot, from which people and models pick."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import Context
from knowledge.models.retention import gaps
from knowledge.models.segments import rfm

if TYPE_CHECKING:
    import ibis.expr.types as ir

LEAST_GAPS = 4
DAY = pd.ArrowDtype(pa.date32())
MOMENT = pd.ArrowDtype(pa.timestamp("us", tz="UTC"))
TYPES: dict[str, Any] = {
    "customer_id": "str",
    "first_order": DAY,
    "last_order": DAY,
    "recency_days": "Int64",
    "orders": "Int64",
    "revenue": "float64",
    "net_revenue": "float64",
    "returns_value": "float64",
    "aov": "float64",
    "tenure_days": "Int64",
    "order_days": "Int64",
    "median_gap_days": "float64",
    "p90_gap_days": "float64",
    "overdue_ratio": "float64",
    "R": "Int64",
    "F": "Int64",
    "M": "Int64",
    "rfm_segment": "str",
    "comments": "Int64",
    "mean_sentiment": "float64",
    "last_touch": MOMENT,
}


def customer_facts(reader: Reader) -> pd.DataFrame:
    """One row a customer, sorted by id, with the columns of TYPES: days in the workspace's zone, money rounded to cents.

    What a table that was never loaded would tell is null; where it was loaded, a customer without rows counts as 0.
    RFM scores rank the customers this reader sees. Gives the empty frame where there are no customers.
    Source: METRICS A, C1, C7."""
    context = Context(reader, reader.snapshot.as_of)
    try:
        identities = sorted(bases.customers(context).select("customer_id").execute()["customer_id"])
    except NoData:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TYPES.items()})
    today = context.as_of.astimezone(ZoneInfo(str(reader.snapshot.facts.get("zone", "UTC")))).date()
    out = pd.DataFrame(index=pd.Index(identities, name="customer_id"))
    for part in (_bought(context), _spent(context), _returned(context), _said(context), _touched(context)):
        out = out.join(part)
    for count, table in {"orders": "orders", "order_days": "orders", "comments": "feedback"}.items():
        out[count] = _known(out, count, reader, table)
    for money, table in {"revenue": "order_lines", "returns_value": "returns"}.items():
        out[money] = _known(out, money, reader, table)
    out["net_revenue"] = (out["revenue"] - out["returns_value"]).round(2)
    now = pd.Timestamp(today)
    out["recency_days"] = (now + pd.Timedelta(days=1) - out["last_order"]).dt.days
    out["tenure_days"] = (now - out["first_order"]).dt.days
    out = out.join(_scores(out, today))
    out = out.join(_rhythm(context, out["rfm_segment"], now))
    out[["first_order", "last_order"]] = out[["first_order", "last_order"]].apply(_days)
    return out.reset_index()[list(TYPES)].astype(TYPES)


def _bought(context: Context) -> pd.DataFrame:
    """Orders by customer: how many, on how many days, the first and the last day."""
    empty = {"orders": "float64", "order_days": "float64", "first_order": "datetime64[s]", "last_order": "datetime64[s]"}

    def query() -> ir.Table:
        rows = bases.orders(context)
        days = {"order_days": rows.day.nunique(), "first_order": rows.day.min(), "last_order": rows.day.max()}
        return rows.group_by("customer_id").aggregate(orders=rows.order_id.nunique(), **days)

    return _by_customer(query, empty)


def _spent(context: Context) -> pd.DataFrame:
    def query() -> ir.Table:
        rows = bases.lines(context)
        value = rows.lv.sum()
        aov = value.cast("float64") / rows.order_id.nunique()
        return rows.group_by("customer_id").aggregate(revenue=value.round(2).cast("float64"), aov=aov.round(2))

    return _by_customer(query, {"revenue": "float64", "aov": "float64"})


def _returned(context: Context) -> pd.DataFrame:
    def query() -> ir.Table:
        rows = bases.returns(context)
        return rows.group_by("customer_id").aggregate(returns_value=rows["value"].sum().round(2).cast("float64"))

    return _by_customer(query, {"returns_value": "float64"})


def _said(context: Context) -> pd.DataFrame:
    """Comments, and the mean sentiment (-1 to 1) of their clauses where they have been analysed."""

    def comments() -> ir.Table:
        rows = bases.feedback(context)
        return rows.group_by("customer_id").aggregate(comments=rows.feedback_id.nunique())

    def mood() -> ir.Table:
        rows = bases.mentions(context)
        return rows.group_by("customer_id").aggregate(up=rows.sentiment.cast("int64").sum(), n=rows.sentiment.count())

    felt = _by_customer(mood, {"up": "float64", "n": "float64"})
    mean = (felt["up"] / felt["n"].where(felt["n"] > 0)).round(4).rename("mean_sentiment")
    return _by_customer(comments, {"comments": "float64"}).join(mean, how="outer")


def _touched(context: Context) -> pd.DataFrame:
    def query() -> ir.Table:
        rows = bases.interactions(context)
        return rows.group_by("customer_id").aggregate(last_touch=rows["at"].max())

    return _by_customer(query, {"last_touch": "datetime64[us, UTC]"})


def _by_customer(query: Any, types: dict[str, str]) -> pd.DataFrame:
    """The query's rows by customer id, in those types; no rows where a table it needs is not there."""
    try:
        found = query().execute()
    except NoData:
        found = pd.DataFrame({"customer_id": pd.Series(dtype="str"), **{n: pd.Series(dtype="object") for n in types}})
    found = found[found["customer_id"].notna()].set_index("customer_id")
    return pd.DataFrame({n: _as(found[n], kind) for n, kind in types.items()}, index=found.index)


def _as(values: pd.Series, kind: Any) -> pd.Series:
    moments: Any = pd.to_datetime(values, utc="UTC" in kind) if kind.startswith("datetime") else values
    return pd.Series(moments.astype(kind))


def _known(out: pd.DataFrame, column: str, reader: Reader, table: str) -> pd.Series:
    return out[column].fillna(0) if reader.rows(table) else out[column]


def _scores(out: pd.DataFrame, today: date) -> pd.DataFrame:
    measured = out["revenue"].notna() & (out["orders"] > 0)
    scored = rfm(out[measured].reset_index(), today).set_index("customer_id")
    return scored.rename(columns={"r": "R", "f": "F", "m": "M", "segment": "rfm_segment"})[["R", "F", "M", "rfm_segment"]]


def _rhythm(context: Context, segment: pd.Series, now: pd.Timestamp) -> pd.DataFrame:
    """Days between order days, and days since the last over the usual p90: the customer's own where there are four gaps,
    else the segment's, else everybody's."""
    days = bases.orders(context).select("customer_id", "day").distinct() if context.reader.rows("orders") else None
    rows = days.execute() if days is not None else pd.DataFrame({"customer_id": [], "day": []})
    between = gaps(rows)
    own = between.groupby("customer_id")["gap"]
    usual = own.quantile(0.9).where(own.size() >= LEAST_GAPS)
    by_segment = between["gap"].groupby(between["customer_id"].map(segment).to_numpy()).quantile(0.9)
    all_p90 = float(between["gap"].quantile(0.9)) if len(between) else np.nan
    last = pd.to_datetime(rows["day"]).groupby(rows["customer_id"]).max()
    expected = usual.reindex(last.index).fillna(segment.reindex(last.index).map(by_segment)).fillna(all_p90)
    ratio = ((now - last).dt.days / expected).round(4)
    gap = {"median_gap_days": own.median().round(4), "p90_gap_days": own.quantile(0.9).round(4), "overdue_ratio": ratio}
    return pd.DataFrame(gap).rename_axis("customer_id")


def _days(values: pd.Series) -> pd.Series:
    """Midnights as days."""
    return pd.Series(
        pa.array(values.dt.date.where(values.notna(), None), pa.date32(), from_pandas=True), index=values.index, dtype=DAY
    )
