"""How customers were looked after: contacts and cases, promises made and kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from integrations.demo import causes
from integrations.demo.company import SLIPPING_NAME
from integrations.demo.orders import Numbers, since, stamp

SLOW_CHANNEL = "email"
KINDS = {"email": "email", "phone": "call", "chat": "chat", "portal": "ticket", "visit": "visit"}
AGENTS = ("Nadia F.", "Curtis B.", "Yvonne K.", "Sam D.", "Ingrid L.", "Teo R.", "Marcus W.")
SUBJECTS = {
    "inquiry": (
        "price and availability",
        "lead time for {product}",
        "stock at {site}",
        "alternative for {product}",
        "certificate needed",
    ),
    "order": (
        "change to order {order}",
        "add a line to {order}",
        "order confirmation {order}",
        "ship-to on {order}",
        "split {order}",
    ),
    "delivery": (
        "where is {order}",
        "{order} not here yet",
        "delivery of {order}",
        "tracking for {order}",
        "short delivery {order}",
    ),
    "invoice": (
        "invoice for {order}",
        "price on invoice {order}",
        "discount missing {order}",
        "credit for {order}",
        "billing question",
    ),
    "support": (
        "help with {product}",
        "technical question {product}",
        "data sheet {product}",
        "fit of {product}",
        "portal login",
    ),
    "return": (
        "return from {order}",
        "damaged goods {order}",
        "wrong item in {order}",
        "RMA for {order}",
        "credit note {order}",
    ),
    "renewal": ("agreement renewal", "annual review", "terms for next year", "business review", "service level review"),
    "ours": ("check-in call", "open orders and dates", "quote follow-up", "new articles", "service over the last weeks"),
}
TEXTS = {
    "inquiry": ("What can you do on {product}, and by when?", "Do you have {product} at {site}?", "Please quote {product}, usual quantity."),
    "order": ("Please confirm order {order}.", "Can order {order} still be changed?", "We need one more line on {order}."),
    "delivery": ("Order {order} has not arrived as promised. When does it come?", "Please send tracking for {order}.", "Part of {order} is missing."),
    "invoice": ("The invoice for {order} does not match our order.", "Please check the price on {order}.", "Our discount is missing on {order}."),
    "support": ("Which {product} fits our housing?", "We need the data sheet of {product}.", "{product} runs warm, is that normal?"),
    "return": ("We want to send back goods from {order}.", "Goods in {order} came damaged.", "Order {order}: not what we ordered."),
    "renewal": ("Let us talk about next year's terms.", "Agenda for the review attached.", "Terms as last year?"),
    "ours": ("Went through open orders and dates.", "Followed up on our quote for {product}.", "Asked how service was lately; notes in the file."),
}  # fmt: skip


def interactions(
    rng: np.random.Generator,
    firms: pd.DataFrame,
    people: pd.DataFrame,
    placed: pd.DataFrame,
    sold: pd.DataFrame,
    articles: pd.DataFrame,
) -> pd.DataFrame:
    """Touchpoints in time order with the generator's `_firm`, `_order` (-1: none) and `_hours` to the first response."""
    parts = [_about_orders(rng, placed), _about_trouble(rng, placed, sold), _from_us(rng, firms)]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["at"] < pd.Timestamp(causes.LAST) + pd.Timedelta(days=1)]
    frame = frame.sort_values(["at", "_firm"], kind="stable", ignore_index=True)
    count = len(frame)
    frame["interaction_id"] = [f"T-{50_001 + i}" for i in range(count)]
    frame["customer_id"] = firms["customer_id"].to_numpy()[frame["_firm"]]
    frame["contact_id"] = _someone(rng, firms, people, frame["_firm"].to_numpy())
    usual = np.array(["email", "phone", "chat", "portal"])[rng.choice(4, count, p=[0.44, 0.32, 0.12, 0.12])]
    inbound = (frame["direction"] == "inbound").to_numpy()
    frame["channel"] = np.where(inbound, usual, np.where(rng.random(count) < 0.4, "visit", "phone"))
    frame["kind"] = frame["channel"].map(KINDS)
    frame["case_id"] = [f"K-{i}" if c else None for i, c in zip(frame["interaction_id"].str[2:], frame["_case"], strict=True)]
    frame["order_id"] = pd.Series(placed["order_id"].to_numpy()[frame["_order"].clip(lower=0)], dtype=object).where(
        frame["_order"] >= 0
    )
    _words(rng, frame, articles)
    _answers(rng, frame)
    frame["agent"] = np.where(inbound, rng.choice(list(AGENTS), count), firms["account_owner"].to_numpy()[frame["_firm"]])
    return frame


def _about_orders(rng: np.random.Generator, placed: pd.DataFrame) -> pd.DataFrame:
    at = np.flatnonzero(rng.random(len(placed)) < 0.24)
    stage = rng.choice(["inquiry", "order", "support"], len(at), p=[0.45, 0.35, 0.2])
    days = placed["_day"].to_numpy().astype("datetime64[D]")[at]
    shift = np.where(stage == "inquiry", -rng.integers(0, 4, len(at)), rng.integers(0, 5, len(at)))
    days = np.maximum(days + shift, np.datetime64(causes.FIRST))
    order = np.where(stage == "order", at, -1)
    moment = np.where(
        stage == "order",
        placed["ordered_at"].to_numpy()[at] + np.timedelta64(95, "m"),
        stamp(days, rng.uniform(13, 22, len(at))),
    )
    return pd.DataFrame(
        {
            "at": moment,
            "stage": stage,
            "direction": "inbound",
            "_firm": placed["_firm"].to_numpy()[at],
            "_order": order,
            "_case": False,
        }
    )


def _about_trouble(rng: np.random.Generator, placed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """A case for many of the orders that went wrong, opened after the customer could know."""
    flags = sold[["is_damaged", "is_wrong_item"]].fillna(False).any(axis=1)
    bad = pd.DataFrame(
        {
            "_order": sold["_order"],
            "goods": flags,
            "bill": ~sold["invoice_ok"].fillna(True).astype(bool),
            "short": sold["_short"],
        }
    )
    bad = bad.groupby("_order").any().reindex(placed.index, fill_value=False)
    parts = []
    for stage, which, share, after in (
        ("delivery", placed["_late"], 0.4, 0),
        ("delivery", bad["short"], 0.3, 1),
        ("return", bad["goods"], 0.55, 1),
        ("invoice", bad["bill"], 0.55, 6),
    ):
        at = np.flatnonzero(which.to_numpy(bool) & (rng.random(len(placed)) < share))
        came = placed["delivered_at"].to_numpy()[at].astype("datetime64[D]")
        promised = placed["promised_date"].to_numpy()[at].astype("datetime64[D]")
        days = promised + 1 if after == 0 else came + rng.integers(after, after + 4, len(at))
        part = pd.DataFrame({"at": stamp(days, rng.uniform(13, 22, len(at))), "stage": stage, "direction": "inbound"})
        parts.append(part.assign(_firm=placed["_firm"].to_numpy()[at], _order=at, _case=True))
    return pd.concat(parts, ignore_index=True)


def _from_us(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """Calls and visits of the account owners: more for the better tiers, fading at the account that slips away."""
    months = np.arange(np.datetime64("2024-11"), np.datetime64("2026-11"))
    each = firms["service_tier"].map({"platinum": 0.95, "gold": 0.6, "silver": 0.25, "standard": 0.08}).to_numpy()
    firm, month = (g.ravel() for g in np.meshgrid(np.arange(len(firms)), months, indexing="ij"))
    slips = (firms["name"].to_numpy()[firm] == SLIPPING_NAME) & (month >= np.datetime64(causes.SLIPPING, "M"))
    kept = rng.random(len(firm)) < np.where(slips, 0.3, each[firm])
    firm, month = firm[kept], month[kept]
    days = np.busday_offset(month.astype("datetime64[D]") + rng.integers(0, 26, len(firm)), 0, roll="backward")
    stage = np.where(rng.random(len(firm)) < 0.2, "renewal", "order")
    moment = stamp(np.maximum(days, np.datetime64(causes.FIRST)), rng.uniform(14, 21, len(firm)))
    return pd.DataFrame({"at": moment, "stage": stage, "direction": "outbound", "_firm": firm, "_order": -1, "_case": False})


def _someone(rng: np.random.Generator, firms: pd.DataFrame, people: pd.DataFrame, firm: Numbers) -> Numbers:
    first = people.groupby("customer_id").cumcount().eq(0).to_numpy().nonzero()[0]
    number = people.groupby("customer_id", sort=False).size().reindex(firms["customer_id"]).to_numpy()
    return np.asarray(people["contact_id"].to_numpy()[first[firm] + np.floor(rng.random(len(firm)) * number[firm]).astype(int)])


def _words(rng: np.random.Generator, frame: pd.DataFrame, articles: pd.DataFrame) -> None:
    goods = articles["name"].to_numpy()[rng.integers(0, len(articles), len(frame))]
    site = rng.choice(["Dallas", "Reno", "Albany"], len(frame))
    pick, other = rng.integers(0, 5, len(frame)), rng.integers(0, 3, len(frame))
    subjects, texts = [], []
    ours = frame["direction"].eq("outbound") & frame["stage"].ne("renewal")
    for stage, order, product, place, a, b in zip(
        frame["stage"].mask(ours, "ours"), frame["order_id"], goods, site, pick, other, strict=True
    ):
        known = {"order": order if isinstance(order, str) else "our last order", "product": product, "site": place}
        subjects.append(SUBJECTS[stage][a].format(**known))
        texts.append(TEXTS[stage][b].format(**known))
    frame["subject"], frame["text"] = subjects, texts


def _answers(rng: np.random.Generator, frame: pd.DataFrame) -> None:
    """First response and resolution of what came in; slower on one channel since one day; a few are never answered."""
    count = len(frame)
    inbound, channel = (frame["direction"] == "inbound").to_numpy(), frame["channel"].to_numpy()
    slow = (channel == SLOW_CHANNEL) & since(frame["at"].to_numpy().astype("datetime64[D]"), causes.SLOW_EMAIL)
    usual = frame["channel"].map({"email": 5.0, "phone": 0.05, "chat": 0.15, "portal": 7.0, "visit": 0.0}).to_numpy(float)
    hours = np.where(slow, 34.0, usual) * rng.lognormal(0, 0.6, count)
    never = rng.random(count) < np.where(slow, 0.07, np.where(channel == "phone", 0.0, 0.012))
    answered = inbound & ~never
    frame["_hours"] = np.where(answered, hours, np.where(inbound, np.inf, np.nan))
    first = frame["at"] + pd.to_timedelta(np.round(np.where(answered, hours, 0.0) * 60) + 1, unit="min")
    longer = np.where(frame["_case"], 52.0, 5.0) * rng.lognormal(0, 0.7, count)
    done = first + pd.to_timedelta(np.round(longer * 60), unit="min")
    end = pd.Timestamp(causes.LAST) + pd.Timedelta(hours=23, minutes=59)
    frame["first_response_at"] = first.where(answered & (first <= end))
    frame["resolved_at"] = done.where(answered & (done <= end))
    due = frame["at"].dt.normalize() + pd.Timedelta(days=4, hours=22)
    frame["promised_by"] = due.where(frame["_case"] & (rng.random(count) < 0.6))


def commitments(rng: np.random.Generator, firms: pd.DataFrame, touched: pd.DataFrame) -> pd.DataFrame:
    """Promises made in cases: about four in five are kept, fewer at the account that slips away."""
    said = {
        "delivery": ("Send tracking for order {order}", "Dedicated delivery slot from next week", "Call back with a firm date for {order}"),
        "return": ("Credit note for order {order} within ten days", "Replacement for the goods of {order}", "Collect the goods of {order}"),
        "invoice": ("Corrected invoice for {order}", "Check all invoices of the month", "Credit the price difference on {order}"),
    }  # fmt: skip
    cases = touched[touched["_case"]]
    cases = cases[rng.random(len(cases)) < 0.3].reset_index(drop=True)
    count = len(cases)
    pick, wait, dice = rng.integers(0, 3, count), rng.integers(3, 12, count), rng.random(count)
    slips = (firms["name"].to_numpy()[cases["_firm"]] == SLIPPING_NAME) & (
        cases["at"] >= pd.Timestamp(causes.SLIPPING)
    ).to_numpy()
    due = cases["at"].dt.normalize() + pd.to_timedelta(wait, unit="D") + pd.Timedelta(hours=22)
    kept = due + pd.to_timedelta(
        np.where(dice < 0.8, -rng.uniform(2, 40, count), rng.uniform(20, 160, count)).round(), unit="h"
    )
    kept = kept.where(kept > cases["at"], cases["at"] + pd.Timedelta(hours=1))
    never = rng.random(count) < np.where(slips, 0.6, 0.08)
    end = pd.Timestamp(causes.LAST) + pd.Timedelta(hours=23)
    return pd.DataFrame(
        {
            "commitment_id": [f"M-{301 + i}" for i in range(count)], "customer_id": cases["customer_id"],
            "text": [said[s][p].format(order=o) for s, p, o in zip(cases["stage"], pick, cases["order_id"], strict=True)],
            "made_at": cases["at"], "due_at": due, "kept_at": kept.where(~never & (kept <= end)),
            "owner": firms["account_owner"].to_numpy()[cases["_firm"]],
        }
    )  # fmt: skip
