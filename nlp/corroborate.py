"""Claims checked against the record (METRICS C10): corroborated, contradicted or no record, each with its evidence in words.

A comment is joined to its order, else to the customer's orders delivered or due in the thirty days before it. Of several
candidates one that fits corroborates; only all of them together contradict, and only a claim that is said plainly, of what the record
speaks of, in a comment of which nothing else is borne out; otherwise the record does not settle it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.evidence import NO, NONE, YES, Findings, contacts, orders_late, refunds, stock, through_lines
from nlp.terms import stems

COLUMNS = ["feedback_id", "segment", "start", "end", "claim", "verdict", "record_kind", "record_id", "evidence"]
NOTHING = pd.DataFrame()
TELLS, FIRM = 0.5, 0.7
OF_GOODS = frozenset({"late", "incomplete", "damaged", "wrong_item", "out_of_stock"})
BESIDE = " That need not be what the customer means."


@dataclass(frozen=True)
class Rules:
    """Windows and targets: days of orders and of contacts looked back on; how long a refund and an answer may take where the
    service policy of the customer's tier says nothing."""

    order_days: int = 30
    contact_days: int = 14
    refund_days: float = 14
    reply_hours: float = 24
    zone: str = "UTC"


@dataclass(frozen=True)
class Records:
    """The tables that settle claims; an empty frame where a company has none."""

    orders: pd.DataFrame = field(default_factory=pd.DataFrame)
    lines: pd.DataFrame = field(default_factory=pd.DataFrame)
    returns: pd.DataFrame = field(default_factory=pd.DataFrame)
    interactions: pd.DataFrame = field(default_factory=pd.DataFrame)
    inventory: pd.DataFrame = field(default_factory=pd.DataFrame)
    customers: pd.DataFrame = field(default_factory=pd.DataFrame)
    policies: pd.DataFrame = field(default_factory=pd.DataFrame)
    products: pd.DataFrame = field(default_factory=pd.DataFrame)


def corroborate(claims: pd.DataFrame, feedback: pd.DataFrame, records: Records, rules: Rules = Rules()) -> pd.DataFrame:
    """Claims (as of `find_claims`) with verdict, record_kind, record_id and evidence, in the same order; what is hardly a claim stays
    only where the record bears it out. `feedback`: feedback_id, customer_id, order_id, product_id, at."""
    if claims.empty:
        return pd.DataFrame(columns=COLUMNS)
    columns = ["feedback_id", "customer_id", "order_id", "product_id", "at"]
    said = feedback.reindex(columns=columns).drop_duplicates("feedback_id").set_index("feedback_id")
    told = claims[["feedback_id", "claim"]].drop_duplicates(ignore_index=True)
    told = told.join(said, on="feedback_id").assign(row=np.arange(len(told)))
    told["at"] = pd.to_datetime(told["at"], utc=True)
    pairs = candidates(told, records.orders, rules)
    found = [_check(pairs, told, name, records, rules) for name in CHECKS if (told["claim"] == name).any()]
    every = pd.concat([f for f in found if len(f)], ignore_index=True) if any(len(f) for f in found) else _nothing()
    best = _decided(every)
    told = told.merge(best, on="row", how="left")
    told["verdict"] = told["verdict"].fillna(NONE)
    told["evidence"] = told["evidence"].fillna("The tables hold no record that could settle this.")
    out = claims.merge(told[["feedback_id", "claim", *COLUMNS[5:]]], on=["feedback_id", "claim"], how="left")
    out = out[(out["likely"] >= TELLS) | (out["verdict"] == YES)].reset_index(drop=True)
    unfair = (out["verdict"] == NO) & ~_fair(out, records)
    out = out.assign(verdict=out["verdict"].mask(unfair, NONE), evidence=out["evidence"].mask(unfair, out["evidence"] + BESIDE))
    for column in ("record_kind", "record_id"):
        out[column] = out[column].astype("object").where(out[column].notna(), None)
    checked: pd.DataFrame = out[COLUMNS]
    return checked


def _fair(claims: pd.DataFrame, records: Records) -> pd.Series:
    """Whether each claim may be contradicted: it is said plainly, of the order as such or of goods that are on it, and nothing in its
    comment is borne out."""
    right = (claims["verdict"] == YES).groupby(claims["feedback_id"]).transform("any")
    about = claims["about"].fillna("")
    goods = _goods_of(set(claims.loc[about != "", "record_id"].dropna()), records)
    same = [
        c not in OF_GOODS or not a or not stems(a).isdisjoint(goods.get(r, frozenset()))
        for c, a, r in zip(claims["claim"], about, claims["record_id"], strict=True)
    ]
    return (claims["likely"] >= FIRM) & claims["asserts"] & ~right & pd.Series(same, index=claims.index)


def _goods_of(orders: set[str], records: Records) -> dict[str, frozenset[str]]:
    """The words of the names of the goods of each order, and their numbers."""
    if records.lines.empty or records.products.empty or "name" not in records.products:
        return {}
    lines = records.lines.loc[records.lines["order_id"].isin(orders), ["order_id", "product_id"]]
    named = lines.merge(records.products.drop_duplicates("product_id")[["product_id", "name"]], on="product_id").dropna()
    named = named.assign(words=named["name"].astype(str) + " " + named["product_id"].astype(str))
    return {str(o): frozenset().union(*map(stems, words)) for o, words in named.groupby("order_id")["words"]}


def candidates(told: pd.DataFrame, orders: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Pairs of claims and the orders that they may be about: row, order_id, and the order's columns."""
    if orders.empty:
        return NOTHING
    own = told[told["order_id"].notna()]
    direct = own[["row", "order_id"]]
    rest = told[told["order_id"].isna() & told["customer_id"].notna() & told["at"].notna()]
    around = _in_window(rest, _moments(orders), rules.order_days)
    pairs = pd.concat([direct, around], ignore_index=True).drop_duplicates()
    keep = ["order_id", "status", "ordered_at", "requested_date", "promised_date", "delivered_at", "ship_from"]
    known = orders.reindex(columns=keep).drop_duplicates("order_id")
    joined: pd.DataFrame = pairs.merge(known, on="order_id").merge(told[["row", "claim", "at", "product_id"]], on="row")
    for column in ("ordered_at", "requested_date", "promised_date", "delivered_at"):
        joined[column] = pd.to_datetime(joined[column], utc=True)
    zone = ZoneInfo(rules.zone)
    joined["delivered_on"] = _day(joined["delivered_at"].where(joined["delivered_at"] <= joined["at"]), zone)
    joined["written_on"] = _day(joined["at"], zone)
    for day in ("promised", "requested"):
        joined[f"{day}_on"] = joined[f"{day}_date"].dt.tz_localize(None).dt.normalize()
    joined["ordered_on"] = _day(joined["ordered_at"], zone)
    return joined[(joined["ordered_at"].isna()) | (joined["ordered_at"] <= joined["at"])]


def _day(times: pd.Series, zone: ZoneInfo) -> pd.Series:
    """The calendar day in the zone."""
    days: pd.Series = times.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return days


def _moments(orders: pd.DataFrame) -> pd.DataFrame:
    """When each order was delivered or due: customer_id, order_id, at."""
    given = orders.reindex(columns=["customer_id", "order_id", "delivered_at", "promised_date"])
    parts = [given[["customer_id", "order_id"]].assign(at=pd.to_datetime(given[c], utc=True)) for c in given.columns[2:]]
    every: pd.DataFrame = pd.concat(parts, ignore_index=True).dropna()
    return every


def _in_window(rows: pd.DataFrame, moments: pd.DataFrame, days: float, key: str = "order_id") -> pd.DataFrame:
    """Pairs row and `key` of the customer's moments in the `days` before each row's `at`; grows with the pairs found only."""
    if rows.empty or moments.empty:
        return pd.DataFrame({"row": pd.Series(dtype="int64"), key: pd.Series(dtype="object")})
    names, numbers = np.unique(moments["customer_id"].astype(str), return_inverse=True)
    place = dict(zip(names, range(len(names)), strict=True))
    who = np.array([place.get(str(c), -1) for c in rows["customer_id"]], dtype=np.float64)
    seconds = _seconds(moments["at"])
    order = np.lexsort((seconds, numbers))
    span = 1e11
    line = numbers[order] * span + seconds[order]
    at = _seconds(rows["at"])
    low = np.searchsorted(line, who * span + at - days * 86400, side="left")
    high = np.searchsorted(line, who * span + at, side="right")
    counts = np.where(who >= 0, np.maximum(high - low, 0), 0)
    index = np.repeat(low, counts) + (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts))
    return pd.DataFrame(
        {"row": np.repeat(rows["row"].to_numpy(), counts), key: moments[key].to_numpy()[order][index.astype(np.int64)]}
    )


def _seconds(times: pd.Series) -> npt.NDArray[np.float64]:
    return np.asarray(times.dt.tz_convert("UTC").dt.tz_localize(None), dtype="datetime64[s]").astype(np.float64)


Check = Callable[[pd.DataFrame, pd.DataFrame, Records, Rules], Findings]
CHECKS: dict[str, Check] = {
    "late": lambda pairs, _t, _r, _u: orders_late(pairs),
    "incomplete": lambda pairs, _t, r, _u: through_lines(pairs, r.lines, r.returns, "incomplete"),
    "damaged": lambda pairs, _t, r, _u: through_lines(pairs, r.lines, r.returns, "damaged"),
    "wrong_item": lambda pairs, _t, r, _u: through_lines(pairs, r.lines, r.returns, "wrong_item"),
    "wrong_invoice": lambda pairs, _t, r, _u: through_lines(pairs, r.lines, r.returns, "wrong_invoice"),
    "out_of_stock": lambda pairs, _t, r, _u: stock(pairs, r.lines, r.inventory),
    "slow_refund": lambda _p, told, r, u: refunds(told, r.returns, u.refund_days),
    "no_reply": lambda _p, told, r, u: contacts(
        told, _in_window(told, _asked(r.interactions), u.contact_days, "interaction_id"), r.interactions, _targets(r, u)
    ),
}


def _check(pairs: pd.DataFrame, told: pd.DataFrame, name: str, records: Records, rules: Rules) -> Findings:
    mine = pairs[pairs["claim"] == name] if len(pairs) else pairs
    return CHECKS[name](mine, told[told["claim"] == name], records, rules)


def _asked(interactions: pd.DataFrame) -> pd.DataFrame:
    """Contacts that ask for an answer: inbound, or of a source that does not say."""
    if interactions.empty:
        return NOTHING
    given = interactions.reindex(columns=["customer_id", "interaction_id", "at", "direction"])
    return given[given["direction"].isna() | (given["direction"] == "inbound")].assign(at=pd.to_datetime(given["at"], utc=True))


def _targets(records: Records, rules: Rules) -> pd.Series:
    """Hours in which each customer is promised an answer."""
    if records.customers.empty or "service_tier" not in records.customers:
        return pd.Series(dtype="float64")
    hours = pd.Series(dtype="float64")
    if "first_response_hours_target" in records.policies:
        hours = records.policies.drop_duplicates("service_tier").set_index("service_tier")["first_response_hours_target"]
    tiers = records.customers.drop_duplicates("customer_id").set_index("customer_id")["service_tier"]
    return pd.to_numeric(tiers.map(hours), errors="coerce").fillna(rules.reply_hours)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(
        {c: pd.Series(dtype="object") for c in ("verdict", "record_kind", "record_id", "evidence", "near")}
    ).assign(row=pd.Series(dtype="int64"))


def _decided(every: pd.DataFrame) -> pd.DataFrame:
    """One verdict a row: a candidate that corroborates wins; contradicted only if all contradict. The record shown is the one
    nearest in time to the comment."""
    if every.empty:
        return _nothing().drop(columns="near")
    yes = (every["verdict"] == YES).groupby(every["row"]).transform("any")
    no = (every["verdict"] == NO).groupby(every["row"]).transform("all")
    every = every.assign(final=np.where(yes, YES, np.where(no, NO, NONE)))
    shown = every[every["verdict"] == every["final"]].sort_values(["row", "near", "record_id"], kind="stable")
    best: pd.DataFrame = shown.drop_duplicates("row")[["row", "final", "record_kind", "record_id", "evidence"]]
    return best.rename(columns={"final": "verdict"})
