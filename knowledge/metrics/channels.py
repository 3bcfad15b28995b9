"""Omnichannel (METRICS 16): where customers buy, and whether every channel serves alike."""

from __future__ import annotations

from typing import Any

import pandas as pd

from knowledge.display import share
from knowledge.intervals import newcombe, rates_differ, wilson
from knowledge.metrics.registry import Component, Measured, Metric, Row, Value, count, per, rate, total

LEAST = 30
SERVICE = ("orders.promised_date|requested_date", "orders.delivered_at", "orders.channel")


def _mix(row: Row) -> dict[str, Value]:
    frame = row["value"].dropna().groupby("channel")["amount"].sum().sort_values(ascending=False)
    whole = float(row["whole"] or 0)
    return {str(c): Measured(v / whole, wilson(v, whole), int(v), float(v), whole) for c, v in frame.items()} if whole else {}


def _money_mix(row: Row) -> dict[str, Value]:
    frame = row["value"].dropna().groupby("channel")[["amount", "lines"]].sum().sort_values("amount", ascending=False)
    whole = float(row["whole"] or 0)
    return {str(c): Measured(round(v.amount / whole, 9), rows=int(v.lines)) for c, v in frame.iterrows()} if whole > 0 else {}


def _gap(column: str) -> Any:
    def combine(row: Row) -> Value:
        """Best less worst rate of the channels with thirty cases, and whether the two differ at all."""
        frame: pd.DataFrame = row["value"].dropna().groupby(column)[["k", "n"]].sum()
        frame = frame[frame["n"] >= LEAST].sort_index()
        if len(frame) < 2:
            return None
        rates = frame["k"] / frame["n"]
        best, worst = str(rates.idxmax()), str(rates.idxmin())
        (k1, n1), (k2, n2) = frame.loc[[best, worst]].to_numpy(float)
        value = k1 / n1 - k2 / n2
        sure = min(1.0, rates_differ(int(k1), int(n1), int(k2), int(n2)) * len(frame) * (len(frame) - 1) / 2)
        words = "" if sure <= 0.05 else ", no clear difference"
        said = f"{value * 100:.1f} points ({best} {share(k1 / n1)}, {worst} {share(k2 / n2)}{words})"
        return Measured(round(value, 9), newcombe(k1, n1, k2, n2), int(frame["n"].sum()), display=said)

    return combine


def _prices(row: Row) -> Value:
    """Price index of each channel (what it paid over what the same articles cost on average), highest less lowest."""
    frame: pd.DataFrame = row["value"].dropna()
    each = frame.groupby("product_id")[["spent", "units"]].sum()
    usual = each["spent"] / each["units"].where(each["units"] > 0)
    frame = frame.assign(usual=frame["units"] * frame["product_id"].map(usual))
    by = frame.groupby("channel")[["spent", "usual", "lines"]].sum()
    by = by[(by["lines"] >= LEAST) & (by["usual"] > 0)]
    if len(by) < 2:
        return None
    index = by["spent"] / by["usual"]
    value = float(index.max() - index.min())
    said = f"{value * 100:.1f} points ({index.idxmax()} {index.max():.3f}, {index.idxmin()} {index.min():.3f} of the average price)"
    return Measured(round(value, 9), rows=int(by["lines"].sum()), display=said)


def _rate_by(base: str, column: str, hit: Any, known: Any) -> Component:
    return per(
        base,
        column,
        where=known,
        k=lambda t: hit(t).fill_null(False).cast("int64"),
        n=lambda t: t[column].notnull().cast("int64"),
    )


METRICS = (
    Metric("channel_mix", "Channel mix", ("share by channel", "where do they buy", "channel mix", "order channels", "channel share"), "share", "Orders of each channel, of all orders.", "orders of the channel / orders", "C O T", "ord", "none",
           {"value": per("orders", "channel", amount=lambda t: t.order_id.notnull().cast("int64")), "whole": count("orders", lambda t: t.channel.notnull()), "n": count("orders")}, _mix, ("orders.channel",), along="channel",
           variants={"revenue": Metric("channel_mix.revenue", "Channel mix by revenue", ("revenue share by channel",), "share", "Revenue of each channel, of all revenue.", "revenue of the channel / revenue", "C O T", "ord", "none",
                                       {"value": per("lines", "channel", amount=lambda t: t.lv, lines=lambda t: t.lv.notnull().cast("int64")), "whole": total("lines", "lv", lambda t: t.channel.notnull()), "n": count("lines")}, _money_mix, ("orders.channel", "order_lines.qty_ordered"), along="channel")}),
    Metric("consistency_gap", "Consistency gap", ("same service everywhere", "consistency gap", "channel consistency", "consistency across channels"), "share_points", "On-time delivery of the best channel less that of the worst, of channels with at least 30 orders due.", "max(otd) - min(otd) over channels", "O T", "svc", "down",
           {"value": _rate_by("due_orders", "channel", lambda t: t.delivered_day <= t.day, lambda t: t.delivered_day.notnull() | (t.status == "open")), "n": count("due_orders")}, _gap("channel"), SERVICE, source="omnichannel",
           variants={
               "fill_rate": Metric("consistency_gap.fill_rate", "Consistency gap of fill rate", (), "share_points", "Fill rate of the best channel less that of the worst.", "max(fill_rate) - min(fill_rate) over channels", "O T", "svc", "down",
                                   {"value": _rate_by("due_lines", "channel", lambda t: t.qty_shipped_first >= t.qty_ordered, lambda t: t.qty_shipped_first.notnull() | (t.status == "open")), "n": count("due_lines")}, _gap("channel"), ("orders.promised_date|requested_date", "order_lines.qty_shipped_first", "orders.channel"), source="omnichannel"),
               "price": Metric("consistency_gap.price", "Consistency gap of prices", (), "share_points", "Price index of the dearest channel less that of the cheapest, over the same articles.", "max - min over channels of sum(paid) / sum(units * average price of the article)", "O T", "ord", "down",
                               {"value": per("lines", "channel", "product_id", spent=lambda t: t.lv, units=lambda t: t.qty_ordered, lines=lambda t: t.lv.notnull().cast("int64")), "n": count("lines")}, _prices, ("orders.channel", "order_lines.qty_ordered"), source="omnichannel"),
               "first_response": Metric("consistency_gap.first_response", "Consistency gap of answers", (), "share_points", "Share answered in time of the best contact channel less that of the worst.", "max - min over contact channels of response_reliability", "T", "at", "down",
                                        {"value": _rate_by("answered", "contact_channel", lambda t: t.in_time, lambda t: t.judged), "n": count("answered")}, _gap("contact_channel"), ("interactions.first_response_at",), source="omnichannel")}),
    rate("cross_channel_return_rate", "Returns through another channel", ("returns across channels", "return elsewhere", "cross-channel returns", "cross channel return rate"), "Returns announced through another channel than the order's, of returns of which both are known (a contact of stage return within three days).", "count(intake channel != order channel) / count(both known)", "O T", "ret", "none",
         count("intakes", lambda t: t.elsewhere), count("intakes"), ("returns.order_id", "orders.channel", "interactions.stage")),
)  # fmt: skip
