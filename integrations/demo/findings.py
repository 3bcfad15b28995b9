"""The ledger's figures: what each planted cause came out as in the company that was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from integrations.demo import causes
from integrations.demo.causes import Cause
from integrations.demo.company import BIASED_NAME, SLIPPING_NAME
from integrations.demo.orders import LATE_CARRIER, LATE_REGION, RUSH_SEGMENT
from integrations.demo.planning import POOLS
from integrations.demo.trade import (
    BILLED_BY,
    MISPICK_CATEGORY,
    MISPICK_SITE,
    NEW_PACKAGING,
    SHORT_CATEGORY,
    SHORT_SITE,
)  # fmt: skip
from integrations.demo.voices import Voices


@dataclass(frozen=True)
class Made:
    """All that was generated, still with the generator's own columns."""

    firms: pd.DataFrame
    placed: pd.DataFrame
    sold: pd.DataFrame
    back: pd.DataFrame
    touched: pd.DataFrame
    plans: pd.DataFrame
    wanted: pd.DataFrame
    voices: Voices


def _after(days: pd.Series, when: date) -> pd.Series:
    return days >= pd.Timestamp(when)


def _mean(values: pd.Series) -> float:
    return round(float(values.astype(float).mean()), 4) if len(values) else 0.0


def lines_with_orders(made: Made) -> pd.DataFrame:
    """The delivered lines beside the order columns that the causes are about."""
    columns = ["customer_id", "status", "_day", "ship_from", "channel", "_industry", "_rush", "ship_to_region"]
    lines = made.sold.join(made.placed[columns], on="_order")
    return lines[lines["status"] == "delivered"]


class Desk:
    """Looks up which comments are about which orders."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.ids = list(made.voices.table["feedback_id"])
        self.stories = made.voices.stories

    def comments(
        self, topic: str, orders: set[str] | None = None, customers: set[str] | None = None, **also: Any
    ) -> tuple[str, ...]:
        """Comments of a topic that are true, about the orders or customers given; `since` a day, `asked_by` a channel."""
        order_ids, customer_ids = self.made.placed["order_id"].to_numpy(), self.made.firms["customer_id"].to_numpy()
        start = np.datetime64(also.get("since", causes.FIRST))
        found = []
        for name, story in zip(self.ids, self.stories, strict=True):
            if topic not in story.topics or story.untrue or story.at < start:
                continue
            if orders is not None and (story.order < 0 or order_ids[story.order] not in orders):
                continue
            if customers is not None and customer_ids[story.firm] not in customers:
                continue
            if story.asked_by == also.get("asked_by", story.asked_by):
                found.append(name)
        return tuple(found)

    def cause(self, name: str, story: str, measure: str, figures: tuple[float, float], first: date, where: Mapping[str, str], topic: str, rows: pd.DataFrame) -> Cause:  # fmt: skip
        """A cause whose effect is carried by the orders of `rows` (order_id, customer_id)."""
        orders = tuple(dict.fromkeys(rows["order_id"].astype(str)))
        comments = self.comments(topic, set(orders)) if topic else ()
        return Cause(
            name, story, measure, *figures, first, dict(where), topic, tuple(sorted(set(rows["customer_id"]))), orders, comments
        )


def findings(made: Made) -> tuple[Cause, ...]:
    """Every planted cause with the size that it has in this company."""
    desk, lines = Desk(made), lines_with_orders(made)
    return (*_deliveries(desk, made), *_goods(desk, lines), *_service(desk, made), *_money(desk, made, lines), *_planning(made))


def _deliveries(desk: Desk, made: Made) -> list[Cause]:
    done = made.placed[made.placed["status"] == "delivered"]
    here = (
        (done["carrier"] == LATE_CARRIER)
        & (done["ship_to_region"] == LATE_REGION)
        & _after(done["promised_date"], causes.CARRIER_LATE)
    )
    special = made.placed[made.placed["_special"] & (made.placed["status"] != "cancelled")]
    long = _after(special["_day"], causes.LONG_LEAD)
    days = (special["promised_date"] - special["_day"]).dt.days
    web = made.placed[made.placed["channel"].eq("web") & ~made.placed["_rush"] & made.placed["approved_at"].notna()]
    hours = (web["approved_at"] - web["ordered_at"]).dt.total_seconds() / 3600
    quick = _after(web["_day"], causes.AUTO_APPROVAL)
    medians = round(float(hours[quick].median()), 3), round(float(hours[~quick].median()), 3)
    return [
        desk.cause("late_carrier", "Norrland is late in the north since its hub is overloaded", "share of delivered orders that were late",
                   (_mean(done["_late"][here]), _mean(done["_late"][~here])), causes.CARRIER_LATE,
                   {"carrier": LATE_CARRIER, "ship_to_region": LATE_REGION}, "late", done[here & done["_late"]]),
        desk.cause("long_lead_times", "Made and engineered parts take nine working days more", "mean days from order to promised date",
                   (_mean(days[long]), _mean(days[~long])), causes.LONG_LEAD, {"order_type": "make, engineer"}, "lead_time", special[long]),
        desk.cause("automatic_approval", "Web orders are approved at once", "median hours from order to approval", medians,
                   causes.AUTO_APPROVAL, {"channel": "web"}, "easy", web[quick]),
    ]  # fmt: skip


def _goods(desk: Desk, lines: pd.DataFrame) -> list[Cause]:
    wrong, broken, misbilled = lines["is_wrong_item"] == True, lines["is_damaged"] == True, lines["invoice_ok"] == False  # noqa: E712
    picked = (
        (lines["ship_from"] == MISPICK_SITE) & (lines["_category"] == MISPICK_CATEGORY) & _after(lines["_day"], causes.MISPICKS)
    )
    boxed = lines["packaging"] == NEW_PACKAGING
    billed = (lines["channel"] == BILLED_BY) & _after(lines["_day"], causes.INVOICES)
    scarce = (
        (lines["ship_from"] == SHORT_SITE) & (lines["_category"] == SHORT_CATEGORY) & _after(lines["_day"], causes.SHORTAGE)
    )
    rows = (
        ("mispicks", "Reno mixes up fittings since its pick area was rearranged", "share of delivered lines with a wrong item", picked, wrong,
         causes.MISPICKS, {"ship_from": MISPICK_SITE, "category": MISPICK_CATEGORY}, "wrong_item"),
        ("packaging_damage", "Packaging P-14 does not protect the edges", "share of delivered lines that were damaged", boxed, broken,
         causes.PACKAGING, {"packaging": NEW_PACKAGING}, "damaged"),
        ("invoice_errors", "The new billing system lost conditions of EDI customers", "share of delivered lines billed wrong", billed, misbilled,
         causes.INVOICES, {"channel": BILLED_BY}, "invoice"),
        ("shortage", "Dallas runs out of fasteners", "share of delivered lines short in the first shipment", scarce, lines["_short"],
         causes.SHORTAGE, {"ship_from": SHORT_SITE, "category": SHORT_CATEGORY}, "short"),
    )  # fmt: skip
    return [
        desk.cause(name, story, measure, (_mean(bad[here]), _mean(bad[~here])), first, where, topic, lines[here & bad])
        for name, story, measure, here, bad, first, where, topic in rows
    ]


def _service(desk: Desk, made: Made) -> list[Cause]:
    mails = made.touched[(made.touched["channel"] == "email") & made.touched["direction"].eq("inbound")]
    slow = _after(mails["at"], causes.SLOW_EMAIL)
    hours = mails["_hours"].replace(np.inf, np.nan)
    waited = set(mails.loc[slow & (mails["_hours"] > 24), "customer_id"])
    medians = round(float(hours[slow].median()), 2), round(float(hours[~slow].median()), 2)
    refunds = made.back[made.back["_refund"]]
    late = _after(refunds["requested_at"], causes.SLOW_CREDIT)
    days = (refunds["resolved_at"] - refunds["requested_at"]).dt.total_seconds() / 86400
    means = round(float(days[late].mean()), 2), round(float(days[~late].mean()), 2)
    firm = made.firms.loc[made.firms["name"] == SLIPPING_NAME, "customer_id"].iloc[0]
    mine = made.placed[made.placed["customer_id"] == firm]
    months = mine["_day"].dt.to_period("M").value_counts()
    before = months[months.index < pd.Period(causes.SLIPPING, freq="M")].sum() / 18
    last = months[months.index >= pd.Period("2026-08", freq="M")].sum() / 3
    names = set(refunds.loc[late, "customer_id"])
    credit = desk.comments("credit_slow", customers=names, since=causes.SLOW_CREDIT)
    mail = desk.comments("slow_reply", since=causes.SLOW_EMAIL, asked_by="email")
    return [
        Cause("slow_email", "Mail is answered late since there is one shared mailbox", "median hours to the first response", *medians,
              causes.SLOW_EMAIL, {"channel": "email"}, "slow_reply", tuple(sorted(waited)), (), mail),
        Cause("slow_credit_notes", "Credit notes need a second signature", "mean days from request to settlement of refunds", *means,
              causes.SLOW_CREDIT, {"disposition": "refund"}, "credit_slow", tuple(sorted(names)), tuple(refunds.loc[late, "order_id"]), credit),
        Cause("slipping_account", f"{SLIPPING_NAME} is slipping away", "orders a month (August to October 2026, against before)",
              round(float(last), 2), round(float(before), 2), causes.SLIPPING, {"customer": SLIPPING_NAME}, "leaving", (firm,),
              tuple(mine.loc[_after(mine["_day"], causes.SLIPPING), "order_id"]), desk.comments("leaving", customers={firm})),
    ]  # fmt: skip


def _money(desk: Desk, made: Made, lines: pd.DataFrame) -> list[Cause]:
    live = made.placed[made.placed["status"] != "cancelled"]
    food = live[live["_industry"] == RUSH_SEGMENT]
    new = _after(food["_day"], causes.RUSH)
    margins = [_net_margin(made, lines[lines["_order"].isin(food.index[flag])], food[flag]) for flag in (new, ~new)]
    member = made.firms["_member"].to_numpy()[live["_firm"]]
    after = _after(live["_day"], causes.LOYALTY)
    change = [((flag & after).sum() / after.sum()) / ((flag & ~after).sum() / (~after).sum()) for flag in (member, ~member)]
    rush = food[new & food["_rush"]]
    shares = _mean(food["_rush"][new]), _mean(food["_rush"][~new])
    enrolled = tuple(made.firms.loc[made.firms["_member"], "customer_id"])
    where = {"industry": RUSH_SEGMENT}
    return [
        desk.cause("rush_orders", "Food makers order little and often, for tomorrow", "share of rush orders", shares, causes.RUSH, where, "", rush),
        desk.cause("unprofitable_segment", "Rush orders eat the margin of food makers", "margin after cost to serve, share of revenue",
                   (margins[0], margins[1]), causes.RUSH, where, "", rush),
        Cause("loyalty_relaunch", "Members of Yard Club order more often since the relaunch",
              "change of the share of all orders (1 = none), members against others", round(float(change[0]), 4), round(float(change[1]), 4),
              causes.LOYALTY, {"program": "Yard Club"}, "", enrolled),
    ]  # fmt: skip


def _net_margin(made: Made, sold: pd.DataFrame, placed: pd.DataFrame) -> float:
    """(Revenue - cost of goods - activities at their planted rates) / revenue, over delivered lines."""
    revenue = (sold["qty_ordered"] * sold["unit_price"] - sold["discount"]).sum()
    goods = (sold["qty_ordered"] * sold["unit_cost"]).sum()
    firms, span = set(placed["customer_id"]), (placed["_day"].min(), placed["_day"].max())
    contacts = made.touched["customer_id"].isin(firms) & made.touched["at"].between(*span)
    volume = {
        "order": len(placed), "line": len(sold), "shipment": placed["shipped_at"].notna().sum(), "interaction": contacts.sum(),
        "return": made.back["_order"].isin(placed.index).sum(), "customized_line": sold["is_customized"].sum(),
        "rush_order": placed["_rush"].sum(),
    }  # fmt: skip
    served = sum(rate * float(volume[driver]) for driver, rate, _ in POOLS.values())
    return round(float((revenue - goods - served) / revenue), 4) if revenue else 0.0


def _planning(made: Made) -> list[Cause]:
    partner = made.firms.loc[made.firms["name"] == BIASED_NAME, "customer_id"].iloc[0]
    wanted = made.wanted.assign(period_start=made.wanted["month"].dt.to_timestamp()).drop(columns="month")
    plans = made.plans[made.plans["party"] == "customer"].merge(
        wanted, how="left", on=["customer_id", "product_id", "period_start"]
    )
    plans = plans[_after(plans["period_start"], causes.BIAS) & (plans["period_start"] <= pd.Timestamp(causes.LAST))].fillna(
        {"qty_ordered": 0.0}
    )
    sums = plans.assign(own=plans["customer_id"] == partner).groupby("own")[["forecast_qty", "qty_ordered"]].sum()
    bias = {
        bool(own): round(float(f / max(q, 1) - 1), 4) for own, f, q in zip(sums.index, *(sums[c] for c in sums), strict=True)
    }
    return [
        Cause("biased_forecasts", f"{BIASED_NAME} plans too much on purpose", "forecast bias of the customer's plan", bias[True], bias[False],
              causes.BIAS, {"customer": BIASED_NAME, "party": "customer"}, "", (partner,)),
    ]  # fmt: skip
