# ruff: noqa: PLC3002 - a table of short formulas
"""Every metric of the registry by hand: pandas over the tables of one company, never through the metric layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from knowledge.access import Reader

STAGES = {"approval": ("ordered_at", "approved_at"), "picking": ("approved_at", "picked_at"), "dispatch": ("picked_at", "shipped_at"), "transit": ("shipped_at", "delivered_at")}  # fmt: skip
COMPLAINT = ("delivery", "invoice", "return", "support")


class World:
    """The tables of one snapshot as plain frames: decimals as floats, days in the workspace's zone, nothing cancelled."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.zone = str(reader.snapshot.facts["zone"])
        self.now = pd.Timestamp(reader.snapshot.as_of)
        self.today = self.now.tz_convert(self.zone).tz_localize(None).normalize()

    def table(self, name: str) -> pd.DataFrame:
        frame = self.reader.frame(name)
        for column in frame.columns:
            if frame[column].dtype == object and frame[column].map(type).eq(Decimal).any():
                frame[column] = frame[column].astype(float)
        return frame

    def day(self, moments: pd.Series) -> pd.Series:
        return pd.to_datetime(moments, utc=True).dt.tz_convert(self.zone).dt.tz_localize(None).dt.normalize()

    @cached_property
    def all_orders(self) -> pd.DataFrame:
        rows = self.table("orders")
        rows["day"], rows["came"] = self.day(rows["ordered_at"]), self.day(rows["delivered_at"])
        rows["due"] = pd.to_datetime(rows["promised_date"]).fillna(pd.to_datetime(rows["requested_date"]))
        return rows

    @cached_property
    def orders(self) -> pd.DataFrame:
        return self.all_orders[self.all_orders["status"] != "cancelled"]

    @cached_property
    def lines(self) -> pd.DataFrame:
        rows = self.table("order_lines").merge(self.orders.drop(columns=["source", "source_row", "loaded_at"]), on="order_id")
        rows = rows.merge(
            self.table("products")[["product_id", "category", "unit_cost", "lead_time_days", "unit"]].rename(
                columns={"unit_cost": "article_cost"}
            ),
            on="product_id",
            how="left",
        )
        rows["value"] = rows["qty_ordered"] * rows["unit_price"] - rows["discount"].fillna(0)
        rows["cost"] = rows["qty_ordered"] * rows["unit_cost"].fillna(rows["article_cost"])
        rows["waits"] = (
            pd.to_datetime(rows["requested_date"]).fillna(pd.to_datetime(rows["promised_date"])) - rows["day"]
        ).dt.days
        return rows  # fmt: skip

    @cached_property
    def delivered(self) -> pd.DataFrame:
        return self.orders[self.orders["status"] == "delivered"]

    @cached_property
    def due(self) -> pd.DataFrame:
        rows = self.orders[(self.orders["status"] == "delivered") | (self.orders["due"] < self.today)]
        rows = rows[rows["due"].notna() | (rows["status"] == "delivered")]
        return rows[rows["came"].notna() | (rows["status"] == "open")].assign(hit=lambda t: t["came"] <= t["due"])

    @cached_property
    def due_lines(self) -> pd.DataFrame:
        rows = self.lines[self.lines["order_id"].isin(self.due["order_id"])]
        first = rows["qty_shipped_first"].where(rows["qty_shipped_first"].notna() | (rows["status"] != "open"), 0.0)
        return rows.assign(first=first, full=first >= rows["qty_ordered"])[first.notna()]

    @cached_property
    def checked(self) -> pd.DataFrame:
        """Orders due with what is right of all of their lines; null is not measured."""
        lines = self.table("order_lines")
        wrong = lines["is_wrong_item"].fillna(False).astype(bool)
        lines = lines.assign(
            whole=np.where(lines["qty_delivered"].notna(), (lines["qty_delivered"] >= lines["qty_ordered"]) & ~wrong, np.nan),
            sound=np.where(lines["is_damaged"].notna(), ~lines["is_damaged"].fillna(False).astype(bool), np.nan),
            papers=np.where(lines["invoice_ok"].notna(), lines["invoice_ok"].fillna(False).astype(bool), np.nan),
        )
        parts = lines.groupby("order_id")[["whole", "sound", "papers"]].agg(
            lambda s: 0.0 if (s == 0).any() else (np.nan if s.isna().any() else 1.0)
        )
        rows = self.due.merge(parts, left_on="order_id", right_index=True)
        rows["whole"] = rows["whole"].mask(rows["status"] == "open", 0.0)
        rows["hit"] = rows["hit"].astype(float)
        return rows  # fmt: skip

    @cached_property
    def returns(self) -> pd.DataFrame:
        rows = self.table("returns")
        return rows.assign(day=self.day(rows["requested_at"]))

    @cached_property
    def contacts(self) -> pd.DataFrame:
        rows = self.table("interactions")
        rows["day"] = self.day(rows["at"])
        rows["hours"] = (rows["first_response_at"] - rows["at"]).dt.total_seconds() / 3600
        rows["solved"] = (rows["resolved_at"] - rows["at"]).dt.total_seconds() / 3600
        rows["waited"] = (self.now - rows["at"]).dt.total_seconds() / 3600
        targets = self.table("customers")[["customer_id", "service_tier"]].merge(
            self.table("service_policies"), on="service_tier", how="left"
        )
        rows = rows.merge(targets.drop(columns=["source", "source_row", "loaded_at"]), on="customer_id", how="left")
        rows["target"] = rows["first_response_hours_target"].fillna(24.0)
        rows["solve"] = rows["resolution_hours_target"].fillna(72.0)
        return rows  # fmt: skip

    @cached_property
    def inbound(self) -> pd.DataFrame:
        rows = self.contacts[self.contacts["direction"].fillna("inbound") == "inbound"]
        return rows.assign(
            judged=rows["hours"].notna() | (rows["waited"] > rows["target"]),
            in_time=(rows["hours"] >= 0) & (rows["hours"] <= rows["target"]),
        )

    @cached_property
    def issues(self) -> pd.DataFrame:
        rows = self.contacts.assign(stage=self.contacts["stage"].fillna("not given")).sort_values(
            ["customer_id", "stage", "at", "interaction_id"]
        )
        gap = rows.groupby(["customer_id", "stage"])["at"].diff().dt.total_seconds() / 86400
        rows["issue"] = (~(gap <= 7)).cumsum()
        return rows.groupby("issue").agg(contacts=("at", "size"), channels=("channel", "nunique"))

    @cached_property
    def comments(self) -> pd.DataFrame:
        rows = self.table("feedback")
        return rows.assign(day=self.day(rows["at"]))

    @cached_property
    def copies(self) -> set[str]:
        """Comments that say the same as an earlier one."""
        texts = self.table("feedback_text")
        return set(texts.loc[texts["duplicate_of"].notna(), "feedback_id"])

    @cached_property
    def clauses(self) -> pd.DataFrame:
        said = self.table("feedback_segments")[["feedback_id", "segment", "theme_id", "aspect", "sentiment"]]
        said = said[~said["feedback_id"].isin(self.copies)]
        return said.merge(self.comments.drop(columns="language"), on="feedback_id")

    @cached_property
    def themed(self) -> pd.DataFrame:
        return self.clauses.drop_duplicates(["feedback_id", "theme_id"])

    @cached_property
    def model(self) -> pd.DataFrame:
        return self.table("customer_model").merge(self.table("customers")[["customer_id", "service_tier"]], on="customer_id")

    @cached_property
    def articles(self) -> pd.DataFrame:
        return self.table("product_model")

    @cached_property
    def months(self) -> pd.DataFrame:
        rows = self.table("customer_months").merge(self.table("customers")[["customer_id", "service_tier"]], on="customer_id")
        return rows[rows["cost_to_serve"].notna() & rows["gross_margin"].notna()]

    @cached_property
    def profit(self) -> pd.Series:
        return self.months.groupby("customer_id")["net_margin"].sum()

    @cached_property
    def promised(self) -> pd.DataFrame:
        """Targets by customer whose tier has a policy."""
        return self.table("customers")[["customer_id", "service_tier"]].merge(
            self.table("service_policies").drop(columns=["source", "source_row", "loaded_at"]), on="service_tier"
        )

    def lately(self, rows: pd.DataFrame, days: int = 365) -> pd.DataFrame:
        return rows[rows["day"] > self.today - pd.Timedelta(days=days)]

    @cached_property
    def order_days(self) -> pd.DataFrame:
        return self.orders[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])

    @cached_property
    def plans(self) -> pd.DataFrame:
        """Closed buckets with what was wanted in them and in the bucket before."""
        rows = self.table("demand_plans")
        rows["start"] = pd.to_datetime(rows["period_start"])
        rows = rows[self.day(rows["made_at"]) <= rows["start"]].sort_values("made_at")
        rows = rows.drop_duplicates(["product_id", "customer_id", "start", "party"], keep="last")
        rows["end"] = rows["start"] + pd.to_timedelta(rows["period_days"] - 1, unit="D")
        rows["before"] = rows["start"] - pd.DateOffset(months=1)
        self.__dict__["every_plan"] = rows
        rows = rows[rows["end"] <= self.now.tz_localize(None).normalize()]
        wanted = self.lines.assign(want=pd.to_datetime(self.lines["requested_date"]).fillna(self.lines["day"]))
        begin = wanted["want"].min()
        both = wanted[["product_id", "customer_id", "want", "qty_ordered"]]
        made = []
        for r in rows.itertuples():
            own = both[(both["product_id"] == r.product_id) & (both["customer_id"] == r.customer_id)]
            now = own.loc[own["want"].between(r.start, r.end), "qty_ordered"].sum()
            past = own.loc[(own["want"] >= r.before) & (own["want"] < r.start), "qty_ordered"].sum()
            made.append((now, past if r.before >= begin else np.nan))
        return rows.assign(actual=[m[0] for m in made], previous=[m[1] for m in made])


Truth = Callable[[World], Any]


def share(k: Any, n: Any) -> float | None:
    return float(k) / float(n) if n else None


def by(frame: pd.DataFrame, key: str, column: str) -> dict[str, Any]:
    return {str(k): v for k, v in frame.set_index(key)[column].items() if pd.notna(v)}


def hours(end: pd.Series, start: pd.Series) -> pd.Series:
    return (end - start).dt.total_seconds() / 3600


def stage(w: World, start: str, end: str) -> pd.Series:
    days = (w.delivered[end] - w.delivered[start]).dt.total_seconds() / 86400
    return days[days >= 0]


def label(column: str, table: str = "model", key: str = "customer_id") -> Truth:
    return lambda w: {k: str(v).replace("_", " ") for k, v in by(getattr(w, table), key, column).items()}


def attained(w: World, name: str) -> tuple[float, float, float]:
    """k, n and mean target of a promise."""
    if name == "otd":
        rows = w.due.merge(w.promised, on="customer_id")
        return rows["hit"].sum(), len(rows), rows["otd_target"].mean()
    if name == "fill_rate":
        rows = w.due_lines.merge(w.promised, on="customer_id")
        return rows["full"].sum(), len(rows), rows["fill_rate_target"].mean()
    if name == "cycle":
        rows = w.delivered.merge(w.promised, on="customer_id")
        days = hours(rows["delivered_at"], rows["ordered_at"]) / 24
        return (days <= rows["order_cycle_days_target"]).sum(), len(rows), rows["order_cycle_days_target"].mean()
    column, target = ("hours", "first_response_hours_target") if name == "response" else ("solved", "resolution_hours_target")
    rows = w.inbound[w.inbound[target].notna()]
    rows = rows[rows[column].notna() | (rows["waited"] > rows[target])]
    return (rows[column] <= rows[target]).sum(), len(rows), rows[target].mean()


def gap_of(w: World, name: str) -> float:
    k, n, target = attained(w, name)
    return float(k / n - target)


def tier_difference(rows: pd.DataFrame, hit: str) -> float:
    rates = (
        rows.groupby("service_tier").agg(k=(hit, "mean"), at=("otd_target", "first")).sort_values("at", ascending=False)["k"]
    )
    return float(rates.iloc[0] - rates.iloc[-1])


def scorecard(w: World, segment: str | None = None) -> dict[str, float]:
    """Shortfall by capability, of one segment or of all customers."""
    kept = set(w.model.loc[w.model["rfm_segment"].eq(segment), "customer_id"]) if segment else set(w.model["customer_id"])
    out: dict[str, float] = {}
    due = w.due[w.due["customer_id"].isin(kept)].merge(w.promised, on="customer_id")
    lines = w.due_lines[w.due_lines["customer_id"].isin(kept)].merge(w.promised, on="customer_id")
    for name, rows, hit, target in (
        ("on-time delivery", due, "hit", "otd_target"),
        ("fill rate", lines, "full", "fill_rate_target"),
    ):
        if len(rows) >= 5:
            out[name] = min(1.0, max(0.0, 1 - rows[hit].mean() / rows[target].mean()))
    done = w.delivered[w.delivered["customer_id"].isin(kept)].merge(w.promised, on="customer_id")
    days = hours(done["delivered_at"], done["ordered_at"]) / 24
    contacts = w.inbound[w.inbound["customer_id"].isin(kept) & w.inbound["first_response_hours_target"].notna()]
    for name, actual, need, n in (
        ("order cycle", days.mean(), done["order_cycle_days_target"].mean(), len(done)),
        (
            "first response",
            contacts["hours"].median(),
            contacts["first_response_hours_target"].mean(),
            contacts["hours"].notna().sum(),
        ),
        (
            "resolution",
            contacts["solved"].median(),
            contacts["resolution_hours_target"].mean(),
            contacts["solved"].notna().sum(),
        ),
    ):
        if n >= 5:
            out[name] = min(1.0, max(0.0, actual / need - 1))
    return out


def profile(w: World, segment: str) -> dict[str, str]:
    """What a segment asks of the design."""
    kept = w.model.loc[w.model["rfm_segment"].eq(segment), "customer_id"]
    own, back = w.lines[w.lines["customer_id"].isin(kept)], w.returns[w.returns["customer_id"].isin(kept)]
    sizes = own.groupby("order_id")["value"].sum()
    days = hours(back["resolved_at"], back["requested_at"]).dropna() / 24
    known = own["is_customized"].dropna().astype(float)
    p, d, special = own["lead_time_days"].median(), own["waits"].median(), 100 * known.mean()
    told = {
        "P:D ratio": (f"{p / d:.2f} (P {p:.0f} days, D {d:.0f} days)", own["waits"].notna().sum()),
        "variability of order size": (f"{sizes.std() / sizes.mean():.2f} times the mean", len(sizes)),
        "customised share": (f"{special:.2f} %" if 0 < special < 1 else f"{special:.1f} %", len(known)),
        "days of a return": (f"{days.median():.1f} days", len(days)),
    }
    return {name: words for name, (words, count) in told.items() if count >= 5}


def trust(w: World) -> float:
    """All customers' events of the last year together."""
    due = w.due[w.due["due"].notna() & (w.due["due"] > w.today - pd.Timedelta(days=365))]
    said = w.contacts[w.contacts["promised_by"].notna() & (w.contacts["promised_by"] <= w.now)]
    said = said[w.day(said["promised_by"]) > w.today - pd.Timedelta(days=365)]
    kept = due["hit"].sum() + (said["resolved_at"] <= said["promised_by"]).sum()
    answers = w.lately(w.inbound[w.inbound["judged"]])
    papers = w.checked[(w.checked["due"] > w.today - pd.Timedelta(days=365)) & w.checked["papers"].notna()]
    recovery = recovered(w)
    parts = {
        0.35: (kept, len(due) + len(said)),
        0.25: (answers["in_time"].sum(), len(answers)),
        0.2: recovery,
        0.20001: (papers["papers"].sum(), len(papers)),
    }
    known = {round(weight, 2) if weight != 0.20001 else 0.20001: k / n for weight, (k, n) in parts.items() if n >= 5}
    total = sum(round(x, 2) for x in known)
    return 100 * sum(round(x, 2) * v for x, v in known.items()) / total


def recovered(w: World) -> tuple[int, int]:
    rows = w.inbound[(w.inbound["kind"] == "ticket") & w.inbound["stage"].isin(COMPLAINT)]
    until = rows["at"] + pd.Timedelta(days=180)
    rows = rows.assign(until=until)[until <= w.now]
    good = 0
    rated = w.comments[w.comments["rating"].notna()]
    for r in rows.itertuples():
        again = w.orders[
            (w.orders["customer_id"] == r.customer_id) & (w.orders["ordered_at"] > r.at) & (w.orders["ordered_at"] <= r.until)
        ]
        own = rated[rated["customer_id"] == r.customer_id].sort_values("at")
        before, after = own[own["at"] <= r.at], own[(own["at"] > r.at) & (own["at"] <= r.until)]
        no_worse = len(before) and len(after) and after["rating"].iloc[0] >= before["rating"].iloc[-1]
        good += bool(r.solved <= r.solve and (len(again) or no_worse))
    return good, len(rows)


def without_theme(rows: pd.DataFrame, all_scores: pd.Series, score: pd.Series) -> dict[str, float]:
    out = {}
    for theme, own in rows.groupby("theme_id"):
        rest = all_scores.drop(own["feedback_id"])
        if len(own) >= 10 and len(rest) >= 10:
            out[str(theme)] = float(all_scores.mean() - rest.mean())
    return out


def impact(w: World, nps: bool) -> dict[str, float]:
    rows = w.themed[w.themed["nps" if nps else "rating"].notna()]
    comments = w.comments.set_index("feedback_id")
    scores = comments["nps" if nps else "rating"].dropna()
    if nps:
        scores = ((scores >= 9).astype(int) - (scores <= 6).astype(int)) * 100
    return without_theme(rows[rows["theme_id"].notna()], scores, scores)


def trend(w: World) -> dict[str, float]:
    rows = w.lately(w.themed, 180)
    late = rows["day"] > w.today - pd.Timedelta(days=90)
    n1, n0 = rows.loc[late, "feedback_id"].nunique(), rows.loc[~late, "feedback_id"].nunique()
    out = {}
    for theme, own in rows.groupby("theme_id"):
        now, before = (
            (own["day"] > w.today - pd.Timedelta(days=90)).sum(),
            (own["day"] <= w.today - pd.Timedelta(days=90)).sum(),
        )
        if before and now + before >= 10:
            out[str(theme)] = (now / n1) / (before / n0)
    return out


def year_pair(w: World) -> pd.DataFrame:
    """Revenue by customer of the last 365 days and of the same days a year before."""
    end = w.today
    start = end - pd.Timedelta(days=364)
    moved = w.lines["day"] + pd.DateOffset(years=1)
    now = w.lines[w.lines["day"].between(start, end)].groupby("customer_id")["value"].sum()
    before = w.lines[moved.between(start, end)].groupby("customer_id")["value"].sum()
    return pd.DataFrame({"now": now, "before": before}).fillna(0.0)


def curve(w: World) -> dict[str, float]:
    month = w.order_days["day"].dt.year * 12 + w.order_days["day"].dt.month
    rows = w.order_days.assign(month=month).drop_duplicates(["customer_id", "month"])
    first = rows.groupby("customer_id")["month"].transform("min")
    rows = rows.assign(age=rows["month"] - first, first=first)
    following = w.today + pd.Timedelta(days=1)
    last = following.year * 12 + following.month - 1
    out = {}
    for age in range(1, int(last - rows["first"].min()) + 1):
        seen = rows[rows["first"] + age <= last]
        n = seen["customer_id"].nunique()
        if n:
            out[f"month {age}"] = (seen["age"] == age).sum() / n
    return out


def km(w: World) -> dict[str, float]:
    waits = []
    for _, days in w.order_days.groupby("customer_id")["day"]:
        came = len(days) > 1
        waits.append((((days.iloc[1] if came else w.today) - days.iloc[0]).days, came))
    waits = [x for x in waits if x[0] > 0]
    out = {}
    for until in (30, 60, 90, 180, 365):
        alive = 1.0
        for t in sorted({d for d, came in waits if came and d <= until}):
            alive *= 1 - sum(1 for d, came in waits if came and d == t) / sum(1 for d, _ in waits if d >= t)
        out[f"{until} days"] = 1 - alive
    return out


def hazard(w: World) -> dict[str, float]:
    rows = []
    for _, days in w.order_days.groupby("customer_id")["day"]:
        following = [*days.iloc[1:], w.today]
        silent = [d for d, n in zip(days, following, strict=True) if (n - d).days > 90]
        end = silent[0] if silent else w.today
        rows.append((math.floor((end - days.iloc[0]).days / 30.4375), bool(silent)))
    out = {}
    for month in range(max(m for m, _ in rows) + 1):
        n = sum(m >= month for m, _ in rows)
        if n >= 5:
            out[f"month {month + 1}"] = sum(m == month and gone for m, gone in rows) / n
    return out


def lift(w: World, orders: bool) -> float | None:
    middle = w.today - pd.Timedelta(days=365)
    counts = w.orders[w.orders["day"] > w.today - pd.Timedelta(days=730)]
    people = pd.DataFrame({
        "orders": counts[counts["day"] > middle].groupby("customer_id").size(), "prior": counts[counts["day"] <= middle].groupby("customer_id").size(),
    }).fillna(0)  # fmt: skip
    cards = w.table("loyalty")
    people["member"] = people.index.isin(cards.loc[w.day(cards["enrolled_at"]) <= middle, "customer_id"])
    if orders:
        sums = people.groupby("member")[["orders", "prior"]].sum()
        return float(sums.loc[True, "orders"] / sums.loc[True, "prior"] - sums.loc[False, "orders"] / sums.loc[False, "prior"])
    people = people[people["orders"] > 0].join(w.table("customers").set_index("customer_id")["region"])
    people["five"] = np.ceil(5 * people["prior"].rank() / len(people) - 1e-12)
    found, weight = 0.0, 0
    for _, own in people.groupby([people["region"].fillna(""), "five"]):
        a, b = own[own["member"]], own[~own["member"]]
        if len(a) and len(b):
            found += len(a) * ((a["orders"] >= 2).mean() - (b["orders"] >= 2).mean())
            weight += len(a)
    return found / weight if weight >= 5 else None


def gap_between(rows: pd.DataFrame, key: str, hit: str) -> float | None:
    rates = rows.dropna(subset=[key]).groupby(key)[hit].agg(["mean", "size"])
    rates = rates[rates["size"] >= 30]
    return float(rates["mean"].max() - rates["mean"].min()) if len(rates) > 1 else None


def price_gap(w: World) -> float | None:
    usual = w.lines.groupby("product_id")["value"].sum() / w.lines.groupby("product_id")["qty_ordered"].sum()
    rows = w.lines.assign(usual=w.lines["qty_ordered"] * w.lines["product_id"].map(usual))
    sums = rows.groupby("channel").agg(value=("value", "sum"), usual=("usual", "sum"), n=("value", "size"))
    index = (sums["value"] / sums["usual"])[sums["n"] >= 30]
    return float(index.max() - index.min()) if len(index) > 1 else None


def elsewhere(w: World) -> float | None:
    calls = w.contacts[w.contacts["stage"] == "return"]
    rows = w.returns.merge(w.orders[["order_id", "channel"]], on="order_id")
    hits = []
    for r in rows.itertuples():
        own = calls[calls["customer_id"] == r.customer_id]
        apart = (own["at"] - r.requested_at).abs()
        own = own[apart <= pd.Timedelta(days=3)]
        if len(own) and isinstance(r.channel, str):
            nearest = own.loc[apart[own.index].idxmin(), "channel"]
            hits.append(nearest.lower() != r.channel.lower())
    return float(np.mean(hits)) if hits else None


def staged_mood(w: World) -> dict[str, float]:
    touched = w.contacts[w.contacts["order_id"].notna() & w.contacts["stage"].notna()]
    sums: dict[str, list[int]] = {}
    for r in w.comments[w.comments["order_id"].notna()].itertuples():
        own = touched[touched["order_id"] == r.order_id]
        apart = (own["at"] - r.at).abs()
        if len(own) and apart.min() <= pd.Timedelta(days=30):
            own_clauses = w.clauses.loc[w.clauses["feedback_id"] == r.feedback_id, "sentiment"]
            sums.setdefault(own.loc[apart.idxmin(), "stage"], []).extend(own_clauses)
    return {k: 100 * ((np.array(v) > 0).sum() - (np.array(v) < 0).sum()) / len(v) for k, v in sums.items() if v}


def complaints(w: World) -> int:
    mood = w.clauses.groupby("feedback_id").agg(order=("order_id", "first"), mood=("sentiment", "sum"))
    said = mood[mood["order"].isin(w.orders["order_id"]) & (mood["mood"] < 0)]
    tickets = w.inbound[
        (w.inbound["kind"] == "ticket") & w.inbound["stage"].isin(COMPLAINT) & w.inbound["order_id"].isin(w.orders["order_id"])
    ]
    return len(said) + len(tickets)


def units_variation(w: World) -> float:
    first = w.lines["day"].min()
    start = first.to_period("M") + (0 if first.day <= 3 else 1)
    utc = w.now.tz_localize(None).normalize()
    end = (utc + pd.Timedelta(days=1)).to_period("M") - 1
    sums = (
        w.lines.groupby(w.lines["day"].dt.to_period("M"))["qty_ordered"]
        .sum()
        .reindex(pd.period_range(start, end, freq="M"), fill_value=0.0)
    )
    sums = sums[sums.ne(0).cumsum() > 0]
    return float(sums.std() / sums.mean())


def first_resolution(w: World) -> float | None:
    rows = w.inbound[w.inbound["case_id"].notna()]
    solved = rows.groupby("case_id")["resolved_at"].min().dropna()
    hits = []
    for case, at in solved.items():
        own = rows[rows["case_id"] == case]
        hits.append((own["at"] <= at + pd.Timedelta(days=7)).sum() == 1)
    return float(np.mean(hits)) if hits else None


def no_further(w: World) -> float:
    rows = w.inbound.sort_values(["customer_id", "stage", "at", "interaction_id"])
    following = rows.groupby(["customer_id", "stage"], dropna=False)["at"].shift(-1)
    again = (following - rows["at"]) <= pd.Timedelta(days=7)
    return float((~again)[rows["resolved_at"].notna()].mean())


def rate_of(rows: pd.DataFrame, hit: str) -> float | None:
    known = rows[rows[hit].notna()]
    return share(known[hit].astype(float).sum(), len(known))


def of_segment(w: World) -> dict[str, str]:
    return by(w.model, "customer_id", "rfm_segment")


def reasons_of(w: World) -> dict[str, float]:
    sums = w.returns.assign(reason=w.returns["reason_code"].fillna("unknown")).groupby("reason")["qty"].sum()
    return {str(k): float(v / sums.sum()) for k, v in sums.items()}


def moved(w: World) -> dict[tuple[str, str], float]:
    rows = w.model.dropna(subset=["rfm_segment_before", "rfm_segment"])
    table = pd.crosstab(rows["rfm_segment_before"], rows["rfm_segment"], normalize="index")
    return {(str(a), str(b)): float(v) for a, row in table.iterrows() for b, v in row.items() if v > 0}


def concentration(w: World) -> np.ndarray[Any, Any]:
    return np.sort(w.lines.groupby("customer_id")["value"].sum().to_numpy())[::-1]


def gini(w: World) -> float:
    x = concentration(w)
    return float(np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean()))


def whale_points(w: World) -> dict[str, float]:
    ranked = w.profit.sort_values(ascending=False)
    total, n = ranked.sum(), len(ranked)
    if total <= 0:
        return {}
    sums = ranked.cumsum() / total
    out = {f"{10 * i} % of customers": float(sums.iloc[max(1, math.ceil(i * n / 10)) - 1]) for i in range(1, 11)}
    return out | {f"peak at {int(sums.to_numpy().argmax()) + 1:,} customers": float(sums.max())}


def account_shares(w: World) -> dict[str, float]:
    rows = w.lately(w.lines).merge(w.table("customers")[["customer_id", "parent_id"]], on="customer_id")
    sums = rows.groupby(rows["parent_id"].fillna(rows["customer_id"]))["value"].sum()
    return {str(k): float(v / sums.sum()) for k, v in sums.nlargest(10).items()}


def worst_stage(w: World) -> str | None:
    days = staged(w)
    late, rest = days[days["late"]], days[~days["late"]]
    if len(late) < 30 or len(rest) < 30:
        return None
    return str((late[list(STAGES)].mean() - rest[list(STAGES)].mean()).idxmax())


def staged(w: World) -> pd.DataFrame:
    rows = w.delivered
    days = pd.DataFrame({n: (rows[b] - rows[a]).dt.total_seconds() / 86400 for n, (a, b) in STAGES.items()})
    days["late"] = rows["came"] > rows["due"]
    return days[(days[list(STAGES)] >= 0).all(axis=1)]


def plan_error(kind: str) -> Truth:
    def found(w: World) -> dict[str, float]:
        out = {}
        for party, rows in w.plans.groupby("party"):
            error = rows["forecast_qty"] - rows["actual"]
            known = rows["previous"].notna()
            wanted = rows["actual"].sum()
            if kind == "wape" and wanted:
                out[str(party)] = float(error.abs().sum() / wanted)
            if kind == "accuracy" and wanted:
                out[str(party)] = 1 - float(error.abs().sum() / wanted)
            if kind == "bias" and wanted:
                out[str(party)] = float(error.sum() / wanted)
            if kind == "added" and rows.loc[known, "actual"].sum():
                own = rows[known]
                out[str(party)] = float(
                    ((own["previous"] - own["actual"]).abs().sum() - error[known].abs().sum()) / own["actual"].sum()
                )
        return out

    return found


def plans_apart(w: World) -> float | None:
    w.plans  # noqa: B018 - makes every_plan
    both = (
        w.__dict__["every_plan"]
        .pivot_table(index=["product_id", "customer_id", "start"], columns="party", values="forecast_qty", aggfunc="sum")
        .dropna()
    )
    return share((both["ours"] - both["customer"]).abs().sum(), ((both["ours"] + both["customer"]) / 2).sum())


def weighed(column: str) -> Truth:
    def found(w: World) -> float | None:
        rows = w.articles[w.articles[column].notna() & (w.articles["demand_13w"] > 0)]
        return share((rows[column] * rows["demand_13w"]).sum(), rows["demand_13w"].sum())

    return found


def median(column: str) -> Truth:
    return lambda w: float(w.articles[column].median())


def answered_gap(w: World) -> float | None:
    return gap_between(w.inbound[w.inbound["judged"]].rename(columns={"channel": "said_by"}), "said_by", "in_time")


def mean_of(column: str) -> Truth:
    return lambda w: None if w.model[column].isna().all() else float(w.model[column].mean())


def sum_of(column: str) -> Truth:
    return lambda w: float(w.model[column].sum())


def behind(w: World) -> dict[str, float]:
    spent = w.lately(w.lines).groupby("customer_id")["value"].sum()
    said = w.clauses[(w.clauses["sentiment"] < 0) & w.clauses["theme_id"].notna()]
    pairs = said.drop_duplicates(["theme_id", "customer_id"])
    pairs = pairs[pairs["customer_id"].isin(spent.index)]
    return {str(k): float(v) for k, v in pairs["customer_id"].map(spent).groupby(pairs["theme_id"]).sum().items()}


def soon(w: World) -> float | None:
    usual = w.lines["waits"].median()
    asked = (pd.to_datetime(w.due["requested_date"]) - w.due["day"]).dt.days
    rows = w.due[asked < usual]
    return share((rows["came"] <= pd.to_datetime(rows["requested_date"])).sum(), len(rows))


def corroborated(w: World) -> float | None:
    claims = w.table("claims")
    said = claims.loc[~claims["feedback_id"].isin(w.copies), "verdict"].value_counts()
    return share(said.get("corroborated", 0), said.get("corroborated", 0) + said.get("contradicted", 0))


def cohort_returns(w: World) -> float | None:
    linked = w.returns[w.returns["order_id"].isin(w.orders["order_id"])]
    return share(linked["value"].sum(), w.lines["value"].sum())


def percentile(values: pd.Series, q: float = 0.5) -> float | None:
    return float(values.quantile(q)) if values.notna().any() else None


def timed(name: str, start: str, end: str) -> dict[str, Truth]:
    return {
        name: lambda w: percentile(stage(w, start, end)), f"{name}.median": lambda w: percentile(stage(w, start, end)),
        f"{name}.mean": lambda w: float(stage(w, start, end).mean()), f"{name}.p90": lambda w: percentile(stage(w, start, end), 0.9),
    }  # fmt: skip


def forecast_by_article(w: World) -> dict[str, float]:
    return {str(k): float(v) for k, v in w.table("forecasts").groupby("product_id")["forecast"].sum().items()}


def to_send(w: World) -> dict[str, float]:
    """By article: each warehouse's part of what was shipped in half a year, of the forecast, against its own stock."""
    stock = w.table("inventory").sort_values("at").drop_duplicates(["product_id", "location"], keep="last")
    lately = w.lines[w.lines["day"] > w.today - pd.Timedelta(days=182)]
    shipped = lately.groupby(["product_id", "ship_from"])["qty_ordered"].sum()
    told = w.articles.merge(w.table("products")[["product_id", "pack_size"]], on="product_id").set_index("product_id")
    out: dict[str, float] = {}
    for r in stock.itertuples():
        article = told.loc[r.product_id]
        if r.product_id not in shipped.index or pd.isna(article["forecast_week"]):
            continue
        share = shipped[r.product_id].get(r.location, 0.0) / shipped[r.product_id].sum()
        need = article["forecast_week"] * share / 7 * (article["p_days"] + 7) + r.safety_stock - r.on_hand - r.on_order
        out[r.product_id] = out.get(r.product_id, 0.0) + max(
            0.0, math.ceil(need / article["pack_size"] - 1e-9) * article["pack_size"]
        )
    return out


TRUTH: dict[str, Truth] = {
    "revenue": lambda w: w.lines["value"].sum(),
    "revenue.delivered": lambda w: (lambda d: (d["qty_delivered"].fillna(d["qty_ordered"]) * d["unit_price"] - d["discount"].fillna(0)).sum())(w.lines[w.lines["status"] == "delivered"]),
    "net_revenue": lambda w: w.lines["value"].sum() - w.returns["value"].sum(),
    "orders": lambda w: w.orders["order_id"].nunique(),
    "order_lines_count": lambda w: len(w.lines),
    "aov": lambda w: w.lines["value"].sum() / w.lines["order_id"].nunique(),
    "aov.median": lambda w: w.lines.groupby("order_id")["value"].sum().median(),
    "lines_per_order": lambda w: len(w.lines) / w.lines["order_id"].nunique(),
    "units_per_order": lambda w: w.lines["qty_ordered"].sum() / w.lines["order_id"].nunique(),
    "active_customers": lambda w: w.orders["customer_id"].nunique(),
    "new_customers": lambda w: w.orders.groupby("customer_id")["day"].min().size,
    "cancellation_rate": lambda w: (w.all_orders["status"] == "cancelled").mean(),
    "contact_rate": lambda w: len(w.contacts) / w.orders["order_id"].nunique(),
    "last_touch_days": lambda w: (w.now - w.contacts["at"].max()).total_seconds() / 86400,
    "profile_completeness": lambda w: (lambda c, k: (c[["industry", "region", "size", "account_owner", "service_tier"]].notna().to_numpy().sum() + c["customer_id"].isin(k.loc[k["role"].notna(), "customer_id"]).sum()) / (6 * len(c)))(w.table("customers"), w.table("contacts")),
    "segment": label("rfm_segment"), "segment.cluster": lambda w: {k: str(int(v)) for k, v in by(w.model, "customer_id", "cluster").items()},
    "rfm_score": lambda w: {r.customer_id: f"R{r.R} F{r.F} M{r.M}" for r in w.model.itertuples() if pd.notna(r.R)},
    "segment_size": lambda w: w.model["rfm_segment"].value_counts().to_dict(),
    "segment_revenue_share": lambda w: (w.lines.groupby(w.lines["customer_id"].map(of_segment(w)))["value"].sum() / w.lines["value"].sum()).to_dict(),
    "segment_migration": moved,
    "revenue_concentration": lambda w: (lambda x: x[: math.ceil(0.2 * len(x))].sum() / x.sum())(concentration(w)),
    "revenue_concentration.gini": gini,
    "revenue_concentration.hhi": lambda w: ((concentration(w) / concentration(w).sum()) ** 2).sum(),
    "clv": sum_of("clv"), "clv.revenue": sum_of("clv_revenue"), "clv.historic": lambda w: w.months["net_margin"].sum(),
    "expected_orders_90d": sum_of("expected_orders_90d"), "p_alive": mean_of("p_alive"), "expected_order_value": mean_of("expected_order_value"),
    "tenure_days": lambda w: (w.today - w.orders.groupby("customer_id")["day"].min()).dt.days.median(),
    "tenure_days.created": lambda w: ((w.now - w.table("customers")["created_at"]).dt.total_seconds() / 86400).median(),
    "churn_risk": label("churn_risk"), "overdue_ratio": mean_of("overdue_ratio"),
    "next_order_date": lambda w: {r.customer_id: f"{r.next_order_date:%Y-%m-%d}" for r in w.model.itertuples() if pd.notna(r.next_order_date)},
    "strategic_score": mean_of("strategic_score"), "share_of_wallet_proxy": mean_of("share_of_wallet_proxy"),
    "white_space": lambda w: w.table("white_space").groupby("category")["peer_revenue"].sum().to_dict(),
    "account_dependence": account_shares,
    "next_best_product": lambda w: w.table("next_products").groupby("product_id")["score"].mean().sort_values(ascending=False).round(9).head(5).to_dict(),
    "gross_margin": lambda w: (w.lines["value"] - w.lines["cost"]).sum(),
    "gross_margin.share": lambda w: (lambda d: (d["value"] - d["cost"]).sum() / d["value"].sum())(w.lines[w.lines["cost"].notna()]),
    "cost_to_serve": lambda w: w.table("customer_costs")["cost"].sum(),
    "cost_to_serve.per_order": lambda w: w.table("customer_costs")["cost"].sum() / len(w.orders),
    "cost_to_serve_ratio": lambda w: w.months["cost_to_serve"].sum() / (w.months["revenue"] - w.months["returns_value"]).sum(),
    "customer_net_margin": lambda w: w.profit.sum(), "customer_net_margin.share": lambda w: w.profit.sum() / w.months["revenue"].sum(),
    "whale_curve": whale_points, "whale_curve.peak": lambda w: max(whale_points(w).values()),
    "unused_capacity_cost": lambda w: (lambda p: (p["cost"] - p["rate"] * p["volume"]).clip(lower=0).sum())(w.table("cost_pools")),
    "loss_making_customers": lambda w: (w.profit.round(2) < 0).sum(), "loss_making_customers.share": lambda w: (w.profit.round(2) < 0).mean(),
    "service_tier": label("service_tier"), "service_tier.recommended": label("recommended_tier"), "tier_gap": label("tier_gap"),
    "tier_gap.customers": lambda w: w.model["tier_gap"].isin(["under", "over"]).sum(),
    "differentiation_index": lambda w: tier_difference(w.due.merge(w.promised, on="customer_id"), "hit"),
    "differentiation_index.fill_rate": lambda w: tier_difference(w.due_lines.merge(w.promised, on="customer_id"), "full"),
    "service_cost_per_tier": lambda w: w.months.groupby("service_tier")["cost_to_serve"].sum().to_dict(),
    "service_cost_per_tier.ratio": lambda w: (lambda g: (g["cost_to_serve"].sum() / g["revenue"].sum()).to_dict())(w.months.groupby("service_tier")),
    "feedback_count": lambda w: len(w.comments),
    "nps": lambda w: (lambda s: 100 * ((s >= 9).mean() - (s <= 6).mean()))(w.comments["nps"].dropna()),
    "csat": lambda w: (lambda c: ((c["rating"] >= 4) & (c["rating_scale"] == "1-5") | (c["rating"] >= 9)).mean())(w.comments[w.comments["rating"].notna()]),
    "rating_mean": lambda w: w.comments["rating"].mean(),
    "theme_share": lambda w: w.clauses.loc[w.clauses["theme_id"].notna(), "feedback_id"].nunique() / w.clauses["feedback_id"].nunique(),
    "net_sentiment": lambda w: 100 * np.sign(w.clauses["sentiment"]).mean(),
    "theme_impact": lambda w: impact(w, nps=False), "theme_impact.nps": lambda w: impact(w, nps=True), "theme_trend": trend,
    "corroboration_rate": corroborated, "revenue_behind_theme": behind,
    "supply_lead_time": lambda w: w.lines["lead_time_days"].median(),
    "customer_tolerance_time": lambda w: w.lines["waits"].median(),
    "pd_ratio": lambda w: w.lines["lead_time_days"].median() / w.lines["waits"].median(),
    "demand_cv": units_variation,
    "customized_share": lambda w: w.lines["is_customized"].dropna().astype(bool).mean(),
    "codp_mismatch": lambda w: w.articles["codp_mismatch"].sum(),
    "adi": median("adi"), "cv2": median("cv2"), "demand_class": label("demand_class", "articles", "product_id"), "abc_class": label("abc", "articles", "product_id"),
    "demand_class.customer": label("demand_class"), "abc_class.customer": label("abc_class"),
    "demand_class.articles": lambda w: w.articles["demand_class"].value_counts().to_dict(),
    "xyz_class": label("xyz", "articles", "product_id"), "supply_fit": label("supply_fit", "articles", "product_id"),
    "forecast_backtest": weighed("wape"), "forecast_backtest.bias": weighed("forecast_bias"), "forecast_backtest.naive": weighed("naive_wape"), "forecast_backtest.coverage": lambda w: w.articles["coverage"].mean(),
    "days_of_supply": lambda w: float(w.table("reorders")["days_of_supply"].median()),
    **timed("order_cycle_time", "ordered_at", "delivered_at"), **timed("approval_time", "ordered_at", "approved_at"), **timed("picking_time", "approved_at", "picked_at"),
    **timed("handling_time", "approved_at", "shipped_at"), **timed("transit_time", "shipped_at", "delivered_at"), "handling_time.after_pick": lambda w: percentile(stage(w, "picked_at", "shipped_at")),
    "cycle_time_spread": lambda w: (lambda s: s.quantile(0.9) - s.median())(stage(w, "ordered_at", "delivered_at")),
    "stage_share": lambda w: (staged(w)[list(STAGES)].sum() / staged(w)[list(STAGES)].sum().sum()).to_dict(), "bottleneck_stage": worst_stage,
    "open_order_age": lambda w: ((w.now - w.orders.loc[w.orders["status"] == "open", "ordered_at"]).dt.total_seconds() / 86400).median(),
    "open_order_age.orders": lambda w: (w.orders["status"] == "open").sum(),
    "open_order_age.past_due": lambda w: ((w.orders["status"] == "open") & (w.orders["due"] < w.now.tz_localize(None).normalize())).sum(),
    "wape": plan_error("wape"), "wape.accuracy": plan_error("accuracy"), "forecast_bias": plan_error("bias"), "forecast_value_added": plan_error("added"), "plan_gap": plans_apart,
    "target_gap": lambda w: gap_of(w, "otd"), "target_gap.fill_rate": lambda w: gap_of(w, "fill_rate"),
    "target_attainment": lambda w: {n: share(*attained(w, k)[:2]) for n, k in (("on-time delivery", "otd"), ("fill rate", "fill_rate"), ("order cycle", "cycle"), ("first response", "response"), ("resolution", "resolution"))},
    "policy_coverage": lambda w: w.table("service_policies")[["fill_rate_target", "otd_target", "order_cycle_days_target", "first_response_hours_target", "resolution_hours_target"]].notna().to_numpy().mean(),
    "orders_to_recover": lambda w: (lambda k, n, t: max(0, math.ceil((t * n - k) / (1 - t) - 1e-9)))(*attained(w, "otd")),
    "orders_to_recover.shortfall": lambda w: (lambda k, n, t: max(0, math.ceil(t * n - 1e-9) - k))(*attained(w, "otd")),
    "first_response_hours": lambda w: w.inbound["hours"].median(), "first_response_hours.p90": lambda w: w.inbound["hours"].quantile(0.9),
    "first_response_hours.unanswered": lambda w: (w.inbound["hours"].isna() & (w.inbound["waited"] > w.inbound["target"])).sum(),
    "resolution_hours": lambda w: w.inbound["solved"].median(), "resolution_hours.p90": lambda w: w.inbound["solved"].quantile(0.9),
    "first_contact_resolution": first_resolution, "first_contact_resolution.by_stage": no_further,
    "customer_effort": lambda w: w.issues["contacts"].mean(), "customer_effort.channels": lambda w: w.issues["channels"].mean(), "channel_switch_rate": lambda w: (w.issues["channels"] >= 2).mean(),
    "journey_stage_score": staged_mood,
    "promise_keeping": lambda w: (lambda d, s: (d["hit"].sum() + (s["resolved_at"] <= s["promised_by"]).sum()) / (len(d) + len(s)))(w.due[w.due["due"].notna()], w.contacts[w.contacts["promised_by"] <= w.now]),
    "response_reliability": lambda w: w.inbound.loc[w.inbound["judged"], "in_time"].mean(),
    "complaint_recovery": lambda w: share(*recovered(w)), "trust_index": trust,
    "complaint_rate": lambda w: 100 * complaints(w) / len(w.orders),
    "fill_rate": lambda w: w.due_lines["full"].mean(),
    "fill_rate.unit": lambda w: w.due_lines[["first", "qty_ordered"]].min(axis=1).sum() / w.due_lines["qty_ordered"].sum(),
    "fill_rate.order": lambda w: (lambda g: g[g.index.isin(w.due["order_id"])].mean())(w.due_lines.groupby("order_id")["full"].all()),
    "fill_rate.value": lambda w: (w.due_lines[["first", "qty_ordered"]].min(axis=1) * w.due_lines["unit_price"]).sum() / (w.due_lines["qty_ordered"] * w.due_lines["unit_price"]).sum(),
    "backorder_rate": lambda w: 1 - w.due_lines["full"].mean(),
    "otd": lambda w: w.due["hit"].mean(),
    "otd.requested": lambda w: (lambda d: (d["came"] <= pd.to_datetime(d["requested_date"])).mean())(w.due[w.due["requested_date"].notna()]),
    "in_full": lambda w: rate_of(w.checked, "whole"),
    "otif": lambda w: (lambda d: ((d["whole"] == 1) & (d["hit"] == 1)).mean())(w.checked[w.checked["whole"].notna()]),
    "otif.line": lambda w: (lambda d: ((d["came"] <= d["due"]) & (d["qty_delivered"] >= d["qty_ordered"]) & ~d["is_wrong_item"].fillna(False).astype(bool)).mean())(w.lines[w.lines["order_id"].isin(w.due["order_id"]) & ((w.lines["status"] == "open") | w.lines["qty_delivered"].notna())]),
    "damage_free": lambda w: rate_of(w.checked, "sound"), "document_accuracy": lambda w: rate_of(w.checked, "papers"),
    "perfect_order": lambda w: (lambda p: ((p == 1).all(axis=1) / 1.0)[((p == 0).any(axis=1)) | (p == 1).all(axis=1)].mean())(w.checked[["hit", "whole", "sound", "papers"]]),
    "perfect_order.product": lambda w: math.prod(rate_of(w.checked, c) or 0.0 for c in ("hit", "whole", "sound", "papers")),
    "order_accuracy": lambda w: (lambda d: (~d["is_wrong_item"].astype(bool)).mean())(w.lines[w.lines["order_id"].isin(w.due["order_id"]) & w.lines["is_wrong_item"].notna()]),
    "days_late": lambda w: (w.due["came"] - w.due["due"]).dt.days.loc[lambda s: s > 0].mean(), "days_late.p90": lambda w: (w.due["came"] - w.due["due"]).dt.days.loc[lambda s: s > 0].quantile(0.9),
    "repeat_rate": lambda w: (w.orders.groupby("customer_id").size() >= 2).mean(), "repeat_rate.days": lambda w: (w.order_days.groupby("customer_id").size() >= 2).mean(),
    "retention_first": lambda w: (lambda g: (g.apply(lambda d: len(d) > 1 and (d.iloc[1] - d.iloc[0]).days <= 90)[g.min() <= w.today - pd.Timedelta(days=90)]).mean())(w.order_days.groupby("customer_id")["day"]),
    "retention_rolling": lambda w: (lambda a, b: len(a & b) / len(a))(set(w.order_days.loc[w.order_days["day"].between(w.today - pd.Timedelta(days=179), w.today - pd.Timedelta(days=90)), "customer_id"]), set(w.lately(w.order_days, 90)["customer_id"])),
    "churn_rate": lambda w: 1 - TRUTH["retention_rolling"](w),
    "retention_curve": curve, "retention_curve.km": km, "churn_hazard": hazard,
    "net_revenue_retention": lambda w: (lambda p: p.loc[p["before"] > 0, "now"].sum() / p["before"].sum())(year_pair(w)), "revenue_growth": lambda w: year_pair(w)["now"].sum() / year_pair(w)["before"].sum() - 1,
    "loyalty_tier": lambda w: by(w.table("loyalty"), "customer_id", "tier"), "loyalty_tier.members": lambda w: w.table("loyalty")["customer_id"].nunique(),
    "loyalty_lift": lambda w: lift(w, orders=False), "loyalty_lift.orders": lambda w: lift(w, orders=True),
    "order_frequency": lambda w: len(w.orders) / (((w.day(w.all_orders["ordered_at"]).max() - w.orders["day"].min()).days + 1) / 30.4375),
    "channel_mix": lambda w: w.orders["channel"].value_counts(normalize=True).to_dict(), "channel_mix.revenue": lambda w: (w.lines.groupby("channel")["value"].sum() / w.lines["value"].sum()).to_dict(),
    "multichannel_share": lambda w: (w.orders.groupby("customer_id")["channel"].nunique() >= 2).mean(),
    "consistency_gap": lambda w: gap_between(w.due, "channel", "hit"), "consistency_gap.fill_rate": lambda w: gap_between(w.due_lines, "channel", "full"), "consistency_gap.price": price_gap, "consistency_gap.first_response": answered_gap,
    "cross_channel_return_rate": elsewhere,
    "capability_scorecard": lambda w: {(s, c): v for s in sorted(set(w.model["rfm_segment"].dropna())) for c, v in scorecard(w, s).items()},
    "capability_scorecard.profile": lambda w: {(s, c): v for s in sorted(set(w.model["rfm_segment"].dropna())) for c, v in profile(w, s).items()},
    "design_gap_index": lambda w: float(np.mean(list(scorecard(w).values()))),
    "parameter_to_fix": lambda w: {s: (max((v, n) for n, v in scorecard(w, s).items())[1] if max(scorecard(w, s).values()) > 0 else "nothing: every measured need is met") for s in sorted(set(w.model["rfm_segment"].dropna())) if scorecard(w, s)},
    "responsiveness": soon,
    "return_rate": lambda w: w.returns["value"].sum() / w.lines["value"].sum(), "return_rate.units": lambda w: w.returns["qty"].sum() / w.lines["qty_ordered"].sum(),
    "return_rate.orders": lambda w: w.orders["order_id"].isin(w.returns["order_id"]).mean(), "return_rate.cohort": cohort_returns,
    "returned_value": lambda w: w.returns["value"].sum(), "returned_units": lambda w: w.returns["qty"].sum(), "returns_count": lambda w: len(w.returns), "return_reasons": reasons_of,
    "return_turnaround": lambda w: percentile(hours(w.returns["resolved_at"], w.returns["requested_at"]) / 24), "return_turnaround.inbound": lambda w: percentile(hours(w.returns["received_at"], w.returns["requested_at"]) / 24), "return_turnaround.processing": lambda w: percentile(hours(w.returns["resolved_at"], w.returns["received_at"]) / 24),
    "open_returns": lambda w: w.returns["resolved_at"].isna().sum(), "open_returns.age": lambda w: percentile(hours(pd.Series(w.now, index=w.returns.index), w.returns["requested_at"])[w.returns["resolved_at"].isna()] / 24),
    "recovery_rate": lambda w: (lambda d: d.loc[d["disposition"].isin(["restock", "repair"]), "value"].sum() / d["value"].sum())(w.returns[w.returns["resolved_at"].notna()]),
    "repeat_return_rate": lambda w: (w.returns.groupby("customer_id").size() >= 2).mean(), "customers_with_return_share": lambda w: w.returns["customer_id"].nunique() / len(w.table("customers")),
    "support_load": lambda w: w.contacts["stage"].isin(["support", "return"]).sum() / len(w.delivered),
}  # fmt: skip
LISTED: dict[str, Truth] = {
    "units": lambda w: w.lines.groupby("product_id")["qty_ordered"].sum().to_dict(),
    "demand_forecast": forecast_by_article,
    "replenishment_suggestion": to_send,
    "recommended_codp": label("decoupling_point", "articles", "product_id"),
}  # fmt: skip
"""Metrics that make sense by article only."""

ELSEWHERE = {
    "account_plan_inputs": "a set of the other metrics of one account (test_models_in_the_metric_layer)",
    "cpfr_exceptions": "the exception list has its own hand-made test (test_plan_exceptions)",
    "segment.rule": "segments that the settings define (test_build_models)",
    "forecast_bias.tracking_signal": "of one article (test_models_in_the_metric_layer)",
}
"""Metrics whose test is elsewhere, and why."""
