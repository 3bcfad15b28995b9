"""What was in the orders and what became of it: lines, returns, invoices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from integrations.demo import causes, names
from integrations.demo.orders import Numbers, since, stamp

MISPICK_SITE, MISPICK_CATEGORY = "Reno", "fittings"
SHORT_SITE, SHORT_CATEGORY = "Dallas", "fasteners"
NEW_PACKAGING, OLD_PACKAGING = "P-14", "P-12"
BILLED_BY = "edi"
LIKES = {
    "automotive": ("bearings", "fasteners"), "aerospace": ("fasteners", "seals"), "food processing": ("seals", "safety gear"),
    "healthcare": ("safety gear", "packaging"), "construction": ("fasteners", "cutting tools"), "chemicals": ("seals", "fittings"),
    "marine": ("fittings", "lubricants"), "energy": ("fittings", "bearings"), "electronics": ("packaging", "fasteners"),
    "agriculture": ("bearings", "lubricants"), "distribution": ("cutting tools", "packaging"),
}  # fmt: skip


def lines(rng: np.random.Generator, placed: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """The lines of each order, an article at most once an order; what was short, wrong, damaged or billed wrong."""
    days = placed["_day"].to_numpy().astype("datetime64[D]")
    split = placed["_segment"].to_numpy()
    small = placed["_rush"].to_numpy() & split
    number = np.minimum(1 + rng.poisson(np.where(small, 0.4, 1.75)), 9)
    at = np.repeat(np.arange(len(placed)), number)
    article = _articles(rng, placed, articles, at)
    frame = pd.DataFrame({"_order": at, "_article": article}).drop_duplicates(ignore_index=True)
    at, article = frame["_order"].to_numpy(), frame["_article"].to_numpy()
    frame["order_id"] = placed["order_id"].to_numpy()[at]
    frame["line"] = frame.groupby("_order").cumcount() + 1
    for column in ("product_id", "category"):
        frame[column if column != "category" else "_category"] = articles[column].to_numpy()[article]
    month = (days[at].astype("datetime64[M]").astype(int) - np.datetime64(causes.FIRST, "M").astype(int)) // 12

    packs = np.maximum(
        1, np.round(rng.lognormal(1.25, 0.75, len(frame)) * np.where(small[at], 0.3, np.where(split[at], 0.6, 1.0)))
    )
    worth = articles["unit_cost"].to_numpy()[article]
    packs = np.where(worth > 100, np.maximum(1, np.round(packs / 2)), packs)
    ordered = np.minimum(packs * np.where(worth < 60, articles["pack_size"].to_numpy()[article].clip(max=10), 1), 400)
    price = np.round(
        articles["_price"].to_numpy()[article] * 1.03**month * rng.choice([1.0, 0.97], len(frame), p=[0.7, 0.3]), 2
    )
    contract = placed["_tier"].isin(["gold", "platinum"]).to_numpy()[at]
    agreed = np.where(rng.random(len(frame)) < np.where(contract, 0.6, 0.12), rng.choice([0.04, 0.06, 0.08], len(frame)), 0.0)
    frame["qty_ordered"], frame["unit_price"] = ordered, price
    frame["discount"] = np.round(ordered * price * agreed, 2)
    frame["unit_cost"] = np.round(worth * 1.025**month, 2)

    frame["packaging"] = _packaging(rng, frame["_category"].to_numpy(), days[at])
    sent = placed["shipped_at"].notna().to_numpy()[at]
    came = (placed["status"] == "delivered").to_numpy()[at]
    site, kind = placed["ship_from"].to_numpy()[at], frame["_category"].to_numpy()
    short = (site == SHORT_SITE) & (kind == SHORT_CATEGORY) & since(days[at], causes.SHORTAGE)
    is_short = rng.random(len(frame)) < np.where(short, 0.3, 0.026)
    first = np.where(is_short, np.floor(ordered * rng.choice([0, 0.25, 0.5, 0.75], len(frame))), ordered)
    frame["qty_shipped_first"] = pd.Series(first).where(pd.Series(sent))
    frame["qty_delivered"] = pd.Series(np.where(rng.random(len(frame)) < 0.5, ordered, first)).where(pd.Series(came))
    frame["_short"] = is_short & came & (first < ordered)
    mispick = (site == MISPICK_SITE) & (kind == MISPICK_CATEGORY) & since(days[at], causes.MISPICKS)
    frame["is_wrong_item"] = _known(rng.random(len(frame)) < np.where(mispick, 0.11, 0.005), came)
    broken = np.where(frame["packaging"] == NEW_PACKAGING, 0.09, np.where(np.isin(kind, names.HEAVY), 0.012, 0.007))
    frame["is_damaged"] = _known(rng.random(len(frame)) < broken, came)
    misbilled = (placed["channel"] == BILLED_BY).to_numpy()[at] & since(days[at], causes.INVOICES)
    frame["invoice_ok"] = _known(rng.random(len(frame)) >= np.where(misbilled, 0.1, 0.007), came)
    frame["is_customized"] = articles["order_type"].isin(["make", "engineer"]).to_numpy()[article]
    frame["lot"] = [f"L{str(d)[2:4]}{str(d)[5:7]}-{n:02d}" for d, n in zip(days[at], article % 37, strict=True)]
    return frame


def _articles(rng: np.random.Generator, placed: pd.DataFrame, articles: pd.DataFrame, at: Numbers) -> Numbers:
    """An article for each line: the industry's favourite categories weigh more; made articles only on special orders."""
    chosen = np.zeros(len(at), dtype=int)
    pull, category = articles["_pull"].to_numpy(), articles["category"].to_numpy()
    stocked = (articles["order_type"] == "stock").to_numpy()
    industry, special = placed["_industry"].to_numpy()[at], placed["_special"].to_numpy()[at]
    for name, (most, more) in LIKES.items():
        liking = np.where(category == most, 4.0, np.where(category == more, 2.5, 1.0))
        for made in (False, True):
            weight = pull * liking * np.where(stocked, 1.0, 25.0 if made else 0.0)
            here = np.flatnonzero((industry == name) & (special == made))
            chosen[here] = rng.choice(len(articles), len(here), p=weight / weight.sum())
    return chosen


def _packaging(rng: np.random.Generator, kind: Numbers, days: Numbers) -> Numbers:
    heavy = np.isin(kind, names.HEAVY)
    light = rng.choice(["P-10", "P-11", OLD_PACKAGING], len(kind), p=[0.5, 0.35, 0.15])
    new = since(days, causes.PACKAGING) & (rng.random(len(kind)) < 0.65)
    return np.where(heavy, np.where(new, NEW_PACKAGING, OLD_PACKAGING), light)


def _known(flags: Numbers, known: Numbers) -> pd.Series:
    """True or false where it is known, nothing elsewhere."""
    return pd.Series(pd.array(flags, dtype="boolean")).where(pd.Series(known), pd.NA)


def returns(rng: np.random.Generator, placed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """Goods that came back: most damaged and wrong ones, and some that were not wanted; slow credit since one day."""
    wrong, broken = sold["is_wrong_item"].fillna(False).to_numpy(bool), sold["is_damaged"].fillna(False).to_numpy(bool)
    came = sold["is_damaged"].notna().to_numpy()
    dice = rng.random(len(sold))
    back = (broken & (dice < 0.62)) | (wrong & (dice < 0.72)) | (came & (dice < 0.013))
    taken = sold[back].reset_index(drop=True)
    wrong, broken = wrong[back], broken[back]
    order = placed.iloc[taken["_order"].to_numpy()].reset_index(drop=True)
    count = len(taken)
    arrived = order["delivered_at"].to_numpy().astype("datetime64[D]")
    asked = stamp(arrived + rng.integers(1, 9, count), rng.uniform(13, 22, count))
    got = stamp(asked.astype("datetime64[D]") + rng.integers(3, 9, count), rng.uniform(13, 21, count))
    settled = np.round(rng.gamma(6, 1.1, count) + 1).astype(int)
    refund = rng.random(count) < 0.6
    slow = refund & since(asked.astype("datetime64[D]"), causes.SLOW_CREDIT)
    settled = np.where(slow, np.round(rng.gamma(9, 2.4, count) + 4).astype(int), settled)
    done = stamp(got.astype("datetime64[D]") + settled, rng.uniform(13, 21, count))
    other = rng.choice(["no longer needed", "ordered too many", "quality defect"], count, p=[0.35, 0.35, 0.3])
    other_way = np.where(broken, rng.choice(["replace", "scrap", "repair"], count), rng.choice(["replace", "restock"], count))
    qty = np.maximum(1, np.floor(taken["qty_ordered"].to_numpy() * rng.choice([0.5, 1.0], count)))
    frame = pd.DataFrame(
        {
            "return_id": "", "order_id": taken["order_id"], "customer_id": order["customer_id"], "product_id": taken["product_id"],
            "qty": qty, "value": np.round(qty * taken["unit_price"].to_numpy(), 2),
            "reason_code": np.where(broken, "damaged", np.where(wrong, "wrong item", other)), "requested_at": asked,
            "received_at": got, "resolved_at": done, "disposition": np.where(refund, "refund", other_way),
            "_order": taken["_order"], "_refund": refund,
        }
    )  # fmt: skip
    end = pd.Timestamp(causes.LAST) + pd.Timedelta(days=1)
    frame = frame[frame["requested_at"] < end].sort_values("requested_at", kind="stable", ignore_index=True)
    for column in ("received_at", "resolved_at"):
        frame[column] = frame[column].where(frame[column] < end)
    frame.loc[frame["resolved_at"].isna(), "disposition"] = None
    frame["return_id"] = [f"R-{7001 + i}" for i in range(len(frame))]
    return frame


def invoices(rng: np.random.Generator, placed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """One invoice a delivered order; wrong ones lack the discount or bill too many, and are paid later."""
    ok = sold["invoice_ok"].fillna(True).to_numpy(bool)
    goods = sold["qty_delivered"].fillna(0).to_numpy() * sold["unit_price"].to_numpy()
    billed = np.where(ok, goods - sold["discount"].to_numpy(), goods * 1.04)
    by_order = (
        pd.DataFrame({"_order": sold["_order"], "amount": billed, "bad": ~ok})
        .groupby("_order")
        .agg({"amount": "sum", "bad": "any"})
    )
    done = placed[placed["status"] == "delivered"]
    sums = by_order.reindex(done.index)
    count = len(done)
    issued = stamp(done["shipped_at"].to_numpy().astype("datetime64[D]") + 1, rng.uniform(6, 8, count))
    due = issued + np.timedelta64(30, "D")
    paid = stamp(
        due.astype("datetime64[D]")
        + np.round(rng.normal(-2, 5, count)).astype(int)
        + np.where(sums["bad"], rng.integers(8, 26, count), 0),
        rng.uniform(13, 21, count),
    )
    end = np.datetime64(causes.LAST, "m") + np.timedelta64(1439, "m")
    frame = pd.DataFrame(
        {
            "invoice_id": [f"I-{n}" for n in done["order_id"]], "customer_id": done["customer_id"].to_numpy(),
            "order_id": done["order_id"].to_numpy(), "issued_at": issued, "due_at": due,
            "paid_at": np.where(paid <= end, paid, np.datetime64("NaT")), "amount": np.round(sums["amount"].to_numpy(), 2),
        }
    )  # fmt: skip
    return frame[frame["issued_at"] <= end].reset_index(drop=True)
