"""Two years of orders: who ordered when, what was promised and when it came."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from integrations.demo import causes
from integrations.demo.company import CARRIERS, SLIPPING_NAME, WAREHOUSES

Days = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]
RUSH_SEGMENT = "food processing"
LATE_CARRIER, LATE_REGION = "Norrland", "north"


def day(when: date) -> np.datetime64:
    return np.datetime64(when, "D")


def since(days: Days, when: date) -> Flags:
    """Which of the days are at or after one of the planted dates."""
    return np.asarray(days >= day(when), dtype=np.bool_)


def workdays_later(days: Days, count: Numbers | int) -> Days:
    return np.asarray(np.busday_offset(days, count, roll="forward"), dtype="datetime64[D]")


def stamp(days: Numbers, hours: Numbers) -> npt.NDArray[np.datetime64]:
    """A moment of each day, `hours` after midnight UTC, to the minute."""
    return np.asarray(days.astype("datetime64[m]") + np.round(hours * 60).astype("timedelta64[m]"), dtype="datetime64[m]")


def orders(rng: np.random.Generator, firms: pd.DataFrame, scale: float) -> pd.DataFrame:
    """The orders in time order, with the generator's own columns (`_firm` position, `_rush`, `_special`, `_late`, `_day`)."""
    count = max(600, round(60_000 * scale))
    firm, days = _who_and_when(rng, firms, count)
    took = {
        c: firms[c].to_numpy()[firm] for c in ("customer_id", "region", "industry", "_home", "_edi", "country", "service_tier")
    }
    odds = np.where(took["_edi"][:, None], [0.12, 0.68, 0.06, 0.08, 0.06], [0.52, 0.0, 0.26, 0.14, 0.08])
    channel = np.array(["web", "edi", "phone", "field", "store"])[_pick(rng, odds)]
    weekend = ~np.is_busday(days)
    channel[weekend] = "web"
    ordered = stamp(days, np.where(channel == "web", rng.uniform(11, 23.4, count), rng.uniform(13, 22, count)))

    segment = (took["industry"] == RUSH_SEGMENT) & since(days, causes.RUSH)
    rush = rng.random(count) < np.where(segment, 0.5, 0.06)
    special = ~rush & (rng.random(count) < 0.11)
    region = np.where(
        rng.random(count) < 0.03, rng.choice(["north", "south", "east", "west", "central"], count), took["region"]
    )
    ship_from = np.where(rng.random(count) < 0.84, took["_home"], rng.choice(list(WAREHOUSES), count))
    carrier = _carriers(rng, region)
    far = np.where(region == "europe", 4, np.where(ship_from == took["_home"], 1, 3))
    transit = np.where(rush, np.where(region == "europe", 2, 1), far + rng.integers(0, 2, count))

    wish = np.where(rush, rng.integers(1, 3, count), 6 + np.round(rng.gamma(2.0, 2.2, count))).astype(int)
    requested = workdays_later(days, np.minimum(wish, 30))
    making = np.where(special, rng.integers(9, 16, count) + np.where(since(days, causes.LONG_LEAD), 9, 0), 0)
    soonest = workdays_later(days, making + transit + np.where(rush, 0, 2))
    promised = np.maximum(requested, soonest)

    carried_late = (carrier == LATE_CARRIER) & (region == LATE_REGION) & since(promised, causes.CARRIER_LATE)
    in_transit = rng.random(count) < np.where(carried_late, 0.36, 0.03)
    at_warehouse = ~in_transit & (rng.random(count) < 0.035)
    late = in_transit | at_warehouse
    over = np.minimum(rng.geometric(np.where(carried_late, 0.3, 0.45)), 14)
    early = rng.choice([0, 1, 2], count, p=[0.62, 0.26, 0.12])
    due = workdays_later(days, transit + np.where(rush, 0, 1))
    arrived = np.where(late, workdays_later(promised, over), np.maximum(workdays_later(promised, -early), due))
    arrived = np.where(late, arrived, np.minimum(arrived, promised)).astype("datetime64[D]")
    left = workdays_later(arrived, -(transit + np.where(in_transit, over, 0)))
    left = np.maximum(left, days)

    waited = np.where(channel == "web", np.where(since(days, causes.AUTO_APPROVAL), 0.3, 9.0), 5.0)
    waited = np.where(rush, 0.2, waited) * rng.lognormal(0, 0.5, count)
    shipped = np.maximum(stamp(left, rng.uniform(18, 21.5, count)), ordered + np.timedelta64(150, "m"))
    approved = np.minimum(ordered + _minutes(waited * 60), shipped - np.timedelta64(70, "m"))
    approved = np.maximum(approved, ordered)
    picked = np.maximum(shipped - _minutes(rng.uniform(1, 26, count) * 60), approved + np.timedelta64(20, "m"))
    delivered = np.maximum(stamp(arrived, rng.uniform(14, 20.9, count)), shipped + np.timedelta64(240, "m"))
    frame = pd.DataFrame(
        {
            "customer_id": took["customer_id"], "channel": channel, "ordered_at": ordered, "requested_date": requested,
            "promised_date": promised, "currency": "USD", "status": "delivered", "approved_at": approved, "picked_at": picked,
            "shipped_at": shipped, "delivered_at": delivered, "carrier": carrier, "ship_from": ship_from,
            "ship_to_region": region, "_firm": firm, "_rush": rush, "_segment": segment, "_special": special, "_industry": took["industry"], "_region": took["region"],
            "_tier": took["service_tier"], "_carried_late": carried_late & in_transit, "_in_transit": in_transit, "_cancel": rng.random(count) < 0.015,
            "_moved": late & (rng.random(count) < 0.4), "_day": days.astype("datetime64[s]"),
        }
    )  # fmt: skip
    return _as_of_today(frame.sort_values("ordered_at", kind="stable", ignore_index=True))


def _who_and_when(rng: np.random.Generator, firms: pd.DataFrame, count: int) -> tuple[Numbers, Days]:
    """Exactly `count` pairs of customer and day: candidates thinned by season, weekend, loyalty and the slipping account."""
    tries = count * 4
    weight = firms["_weight"].to_numpy()
    firm = rng.choice(len(firms), tries, p=weight / weight.sum())
    span = (causes.LAST - causes.FIRST).days + 1
    offset = rng.integers(0, span, tries)
    days = day(causes.FIRST) + offset
    month = days.astype("datetime64[M]").astype(int) % 12
    season = np.array([0.9, 0.95, 1.05, 1.05, 1.0, 1.0, 0.88, 0.92, 1.08, 1.1, 1.02, 0.85])[month]
    keep = season * (0.85 + 0.2 * offset / span) * np.where(np.is_busday(days), 1.0, 0.06)
    member = firms["_member"].to_numpy()[firm]
    keep = keep * np.where(member & since(days, causes.LOYALTY), 1.0, 0.78)
    slipping = (firms["name"].to_numpy()[firm] == SLIPPING_NAME) & since(days, causes.SLIPPING)
    gone = (days - day(causes.SLIPPING)).astype(int) / 150
    keep = keep * np.where(slipping, np.clip(0.9 - gone, 0.08, 1.0), 1.0)
    kept = np.flatnonzero(rng.random(tries) < keep / 1.3)[:count]
    if len(kept) < count:
        raise AssertionError("too few candidates were drawn")
    return firm[kept], np.asarray(days[kept], dtype="datetime64[D]")


def _pick(rng: np.random.Generator, odds: Numbers) -> Numbers:
    """One column of each row of odds."""
    return np.asarray((rng.random((len(odds), 1)) > np.cumsum(odds, axis=1) / odds.sum(axis=1, keepdims=True)).sum(axis=1))


def _carriers(rng: np.random.Generator, region: Numbers) -> Numbers:
    lanes = {
        "north": [0.42, 0.2, 0.12, 0.14, 0.12], "south": [0.06, 0.26, 0.3, 0.2, 0.18], "east": [0.14, 0.26, 0.2, 0.16, 0.24],
        "west": [0.06, 0.24, 0.18, 0.36, 0.16], "central": [0.14, 0.24, 0.2, 0.2, 0.22], "europe": [0.2, 0.1, 0.5, 0.1, 0.1],
    }  # fmt: skip
    return np.array(CARRIERS)[_pick(rng, np.array([lanes[r] for r in region]))]


def _minutes(count: Numbers) -> Any:
    return np.round(count).astype("timedelta64[m]")


def _as_of_today(frame: pd.DataFrame) -> pd.DataFrame:
    """What is known on the last day: later moments are not there yet; a few orders were cancelled."""
    end = pd.Timestamp(causes.LAST) + pd.Timedelta(hours=23, minutes=59)
    frame.insert(0, "order_id", [str(41_001 + i) for i in range(len(frame))])
    for column in ("approved_at", "picked_at", "shipped_at", "delivered_at"):
        frame[column] = frame[column].where(frame[column] <= end)
    frame["status"] = np.where(frame["delivered_at"].isna(), "open", "delivered")
    frame.loc[frame["_cancel"], "status"] = "cancelled"
    frame.loc[frame["_cancel"], ["picked_at", "shipped_at", "delivered_at"]] = pd.NaT
    frame["latest_promised_date"] = frame["promised_date"]
    came = frame["delivered_at"].dt.normalize()
    frame.loc[frame["_moved"] & came.notna(), "latest_promised_date"] = came
    frame["_late_days"] = (came - frame["promised_date"]).dt.days.clip(lower=0)
    frame["_late"] = (frame["_late_days"] > 0) & (frame["status"] == "delivered")
    return frame
