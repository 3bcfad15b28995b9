"""What there is to say: which comment is about which order, contact or return, and what it says. No wording here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from integrations.demo import causes
from integrations.demo.company import SLIPPING_NAME
from integrations.demo.facts import BAD, Facts, facts
from integrations.demo.trade import SHORT_SITE

OTHER_BAD = ("price", "quality", "portal", "papers", "manners", "waste")
PRAISE = ("punctual", "staff", "fine_goods", "easy", "packed", "happy")
Moment = Any  # numpy.datetime64 in minutes
END: Moment = np.datetime64(causes.LAST, "m") + np.timedelta64(1438, "m")


@dataclass(frozen=True)
class Story:
    """One comment to be written. `order` and `line` are positions (-1: none); `hours` a wait, `reasons` by topic."""

    firm: int
    at: Moment
    topics: tuple[str, ...]
    mood: str
    order: int = -1
    line: int = -1
    hours: float = 0.0
    reasons: tuple[tuple[str, str], ...] = ()
    untrue: bool = False
    unarrived: bool = False
    asked_by: str = ""  # channel of the contact that a slow answer is about
    again: int = -1  # the number of the story that this one repeats


def stories(
    rng: np.random.Generator,
    firms: pd.DataFrame,
    placed: pd.DataFrame,
    sold: pd.DataFrame,
    back: pd.DataFrame,
    touched: pd.DataFrame,
    scale: float,
) -> list[Story]:
    """Exactly `12,000 * scale` stories in order of time, repeated ones included."""
    count = max(120, round(12_000 * scale))
    known = facts(placed, sold)
    doubles, untrue = round(count * 0.015), round(count * 0.06)
    fixed = _leaving(rng, firms, max(6, round(70 * scale)))
    made = [
        *_slow_replies(rng, touched), *_slow_credits(rng, known, sold, back),
        *_trouble(rng, known),
    ]  # fmt: skip
    room = count - doubles - untrue
    most = round(room * 0.55) - len(fixed)
    if len(made) > most:
        made = [made[i] for i in np.sort(rng.choice(len(made), most, replace=False))]
    made += fixed
    clean = np.flatnonzero((known.of["status"] == "delivered") & ~np.any([known.wrong[t] for t in BAD], axis=0))
    odds = np.where(known.of["_special"][clean], 1.6, 1.0)
    drawn = rng.choice(clean, untrue + room - len(made), replace=False, p=odds / odds.sum())
    made += [_untrue(rng, known, int(o)) for o in drawn[:untrue]]
    made += [_pleasant(rng, known, int(o)) for o in drawn[untrue:]]
    made = sorted(made, key=lambda s: (s.at, s.firm, s.order))
    source = [i for i, s in enumerate(made) if s.topics and s.mood == "negative" and s.at < END - np.timedelta64(4, "D")]
    for i in rng.choice(source, doubles, replace=False):
        made.append(replace(made[i], at=made[i].at + np.timedelta64(int(rng.integers(60, 4000)), "m"), again=int(i)))
    return made


def _when(rng: np.random.Generator, start: Moment, low: float, high: float) -> Moment:
    """A moment between `low` and `high` days after the start, not after the last day."""
    moment = start.astype("datetime64[m]") + np.timedelta64(int(rng.uniform(low, high) * 1440), "m")
    return min(moment, END)


def _trouble(rng: np.random.Generator, known: Facts) -> list[Story]:
    """Comments on orders where something went wrong: each true thing is told more often than not."""
    share = {"late": 0.26, "damaged": 0.5, "wrong_item": 0.55, "short": 0.34, "invoice": 0.34}
    chance = 1 - np.prod([1 - known.wrong[t] * share[t] for t in BAD], axis=0)
    chance = np.where(known.of["_carried_late"] & known.wrong["late"], np.maximum(chance, 0.75), chance)
    scarce = known.wrong["short"] & (known.of["ship_from"] == SHORT_SITE) & (known.of["_day"] >= np.datetime64(causes.SHORTAGE))
    chance = np.where(scarce, np.maximum(chance, 0.85), chance)
    made = []
    delivered, promised = known.of["delivered_at"], known.of["promised_date"]
    for order in np.flatnonzero(rng.random(len(chance)) < chance).tolist():
        told = known.told(order)
        said = [t for t in told if rng.random() < 0.78] or [told[int(rng.integers(len(told)))]]
        if delivered[order] >= END:
            continue
        early = said == ["late"] and known.of["_late_days"][order] >= 3 and rng.random() < 0.3
        if early:
            at = min(_when(rng, promised[order], 1.5, 2.5), delivered[order].astype("datetime64[m]") - np.timedelta64(90, "m"))
        else:
            at = _when(rng, delivered[order], 0.05, 1.5 if said == ["late"] else 9)
        topics = [said[i] for i in rng.permutation(len(said))]
        if "late" in topics and rng.random() < 0.14:
            topics.append("silence")
        mood = "negative"
        if rng.random() < 0.06:
            topics.append(str(rng.choice(OTHER_BAD)))
        elif rng.random() < 0.13 and not early:
            topics.append(str(rng.choice(["staff", "fine_goods"] if "damaged" not in said else ["staff"])))
            mood = "mixed"
        line = next((int(known.line[t][order]) for t in topics if t in known.line), int(known.any_line[order]))
        reasons = tuple((t, r) for t in said if (r := _reason(rng, t, known, int(order))))
        made.append(
            Story(
                int(known.of["_firm"][order]),
                at,
                tuple(topics),
                mood,
                int(order),
                line,
                reasons=reasons,
                unarrived=bool(early),
            )
        )
    return made


def _reason(rng: np.random.Generator, topic: str, known: Facts, order: int) -> str:
    """The reason given, or none: one that the record bears out where a cause is behind it, else a usual one."""
    if rng.random() < 0.36:
        return ""
    day, line = known.of["_day"][order], int(known.line[topic][order]) if topic in known.line else -1
    planted = rng.random() < 0.8
    usual: tuple[str, ...] = ()
    if topic == "late":
        if known.of["_carried_late"][order] and planted:
            return "carrier hub"
        usual = (
            ("wrong dock", "no slot", "weather") if known.of["_in_transit"][order] else ("not picked", "not picked", "no slot")
        )
    elif topic == "damaged":
        if known.packaging[line] == "P-14" and planted:
            return "thin edges"
        usual = ("stacked", "rain", "rough handling")
    elif topic == "wrong_item":
        here = known.of["ship_from"][order] == "Reno" and known.category[line] == "fittings"
        if here and day >= np.datetime64(causes.MISPICKS) and planted:
            return "bins mixed up"
        usual = ("wrong label", "old part number", "rushed")
    elif topic == "short":
        if known.of["ship_from"][order] == SHORT_SITE and day >= np.datetime64(causes.SHORTAGE) and planted:
            return "out of stock"
        usual = ("out of stock", "miscount", "split shipment")
    elif topic == "invoice":
        if known.of["channel"][order] == "edi" and day >= np.datetime64(causes.INVOICES) and planted:
            return "new system"
        usual = ("price not updated", "freight", "typo")
    return str(rng.choice(usual))


def _untrue(rng: np.random.Generator, known: Facts, order: int) -> Story:
    """A complaint about something that did not happen to this order."""
    topic = str(rng.choice(BAD, p=[0.4, 0.1, 0.1, 0.2, 0.2]))
    at = _when(rng, known.of["delivered_at"][order], 0.1, 8)
    usual = {
        "late": ("wrong dock", "no slot"),
        "damaged": ("stacked", "rough handling"),
        "wrong_item": ("rushed",),
        "short": ("miscount",),
    }
    reason = str(rng.choice(usual.get(topic, ("price not updated", "freight")))) if rng.random() < 0.35 else ""
    line = int(known.any_line[order])
    reasons = ((topic, reason),) if reason else ()
    return Story(int(known.of["_firm"][order]), at, (topic,), "negative", order, line, reasons=reasons, untrue=True)


def _pleasant(rng: np.random.Generator, known: Facts, order: int) -> Story:
    """A comment on an order that went well: praise, other complaints, indifference or noise."""
    day, web = known.of["_day"][order], known.of["channel"][order] == "web"
    at, dice = _when(rng, known.of["delivered_at"][order], 0.1, 9), rng.random()
    base = Story(int(known.of["_firm"][order]), at, (), "positive", order, int(known.any_line[order]))
    long = known.of["_special"][order] and rng.random() < (0.5 if day >= np.datetime64(causes.LONG_LEAD) else 0.05)
    eager = 3.5 if web and day >= np.datetime64(causes.AUTO_APPROVAL) else 0.8
    praise = np.array([2.2, 1.6, 1.8, eager, 0.9, 1.7])
    if long:
        return replace(base, topics=("lead_time",), mood="negative")
    if dice < 0.62:
        number = int(rng.choice([1, 2, 3], p=[0.6, 0.32, 0.08]))
        return replace(base, topics=tuple(str(t) for t in rng.choice(PRAISE, number, replace=False, p=praise / praise.sum())))
    if dice < 0.86:
        odds = np.array([0.27, 0.24, 0.2 if web else 0.08, 0.13, 0.1, 0.1])
        number = int(rng.choice([1, 2], p=[0.82, 0.18]))
        topics = tuple(str(t) for t in rng.choice(OTHER_BAD, number, replace=False, p=odds / odds.sum()))
        if rng.random() < 0.22:
            return replace(base, topics=(*topics, str(rng.choice(["staff", "punctual", "easy"]))), mood="mixed")
        return replace(base, topics=topics, mood="negative")
    return replace(base, topics=("meh",) if dice < 0.94 else ("noise",), mood="neutral")


def _slow_replies(rng: np.random.Generator, touched: pd.DataFrame) -> list[Story]:
    """Comments on contacts that waited longer than a day for an answer, within two weeks of asking."""
    made = []
    asked, hours, firm, order, channel = (touched[c].to_numpy() for c in ("at", "_hours", "_firm", "_order", "channel"))
    slow = (hours > 26) & (rng.random(len(touched)) < 0.42)
    for i in np.flatnonzero(slow):
        wait = min(float(hours[i]), 24.0 * float(rng.integers(2, 7)))
        at = asked[i].astype("datetime64[m]") + np.timedelta64(int(wait * 60) + 45, "m")
        if at > END:
            continue
        key = "email queue" if channel[i] == "email" and asked[i] >= np.datetime64(causes.SLOW_EMAIL) else ""
        reason = key if key and rng.random() < 0.7 else str(rng.choice(["passed around", "person gone", "understaffed"]))
        reasons = (("slow_reply", reason),) if rng.random() < 0.5 else ()
        made.append(
            Story(
                int(firm[i]),
                at,
                ("slow_reply",),
                "negative",
                int(order[i]),
                hours=wait,
                reasons=reasons,
                asked_by=str(channel[i]),
            )
        )
    return made


def _slow_credits(rng: np.random.Generator, known: Facts, sold: pd.DataFrame, back: pd.DataFrame) -> list[Story]:
    """Comments on refunds not settled sixteen days after the return was asked for."""
    made = []
    key = {(o, p): i for i, o, p in zip(sold.index, sold["_order"], sold["product_id"], strict=True)}
    columns = (back[c].to_numpy() for c in ("_order", "product_id", "requested_at", "resolved_at", "_refund"))
    for order, product, requested, resolved, refund in zip(*columns, strict=True):
        asked: Moment = requested.astype("datetime64[m]")
        done: Moment = np.datetime64("2100-01-01", "m") if np.isnat(resolved) else resolved
        at = asked + np.timedelta64(int(rng.integers(17, 30)) * 1440, "m")
        if done - asked < np.timedelta64(16 * 1440, "m") or at > END or not refund or rng.random() > 0.28:
            continue
        reason = "approval" if asked >= np.datetime64(causes.SLOW_CREDIT) and rng.random() < 0.7 else "inspection"
        reasons = (("credit_slow", reason),) if rng.random() < 0.5 else ()
        line = key[order, product]
        made.append(
            Story(int(known.of["_firm"][order]), at, ("credit_slow",), "negative", int(order), int(line), reasons=reasons)
        )
    return made


def _leaving(rng: np.random.Generator, firms: pd.DataFrame, count: int) -> list[Story]:
    """What people at the account that slips away say, more and more towards the end."""
    firm = int(np.flatnonzero(firms["name"] == SLIPPING_NAME)[0])
    span = (causes.LAST - causes.SLIPPING).days
    made = []
    for share in np.sort(np.sqrt(rng.random(count))):
        at = _when(rng, np.datetime64(causes.SLIPPING), share * span - 0.5, share * span + 0.3)
        extra = (str(rng.choice(["silence", "price", "manners"])),) if rng.random() < 0.3 else ()
        made.append(Story(firm, max(at, np.datetime64(causes.SLIPPING, "m")), ("leaving", *extra), "negative"))
    return made
