"""Churn without a contract: a customer's own rhythm, when the next order is due, and reasons that can be seen (METRICS C7, 19)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from knowledge.models.retention import kaplan_meier

LEAST_GAPS = 4
HIGH, MID = 1.5, 1.0
ALIVE_HIGH, ALIVE_MID = 0.3, 0.6
LEVELS = ("low", "mid", "high")


def risk(overdue_ratio: pd.Series, p_alive: pd.Series | None = None) -> pd.Series:
    """low, mid or high by the gap rule, and by P(alive) where it is given: the worse wins. Null where neither is known."""
    by_gap = pd.Series(np.select([overdue_ratio > HIGH, overdue_ratio >= MID], [2.0, 1.0], 0.0), index=overdue_ratio.index)
    level = by_gap.where(overdue_ratio.notna())
    if p_alive is not None:
        by_model = pd.Series(np.select([p_alive < ALIVE_HIGH, p_alive < ALIVE_MID], [2.0, 1.0], 0.0), index=p_alive.index)
        level = pd.concat([level, by_model.where(p_alive.notna())], axis=1).max(axis=1)
    return level.map(dict(enumerate(LEVELS))).astype(object).where(level.notna(), None).rename("churn_risk")


def between_orders(customer_days: pd.DataFrame) -> pd.DataFrame:
    """Days between consecutive order days: `customer_id`, `gap`. Needs rows sorted by customer and day."""
    step = customer_days["day"].diff().dt.days
    same = customer_days["customer_id"].eq(customer_days["customer_id"].shift())
    return pd.DataFrame({"customer_id": customer_days["customer_id"], "gap": step})[same].reset_index(drop=True)


def overdue_ratio(customer_days: pd.DataFrame, as_of: pd.Timestamp, segment: pd.Series) -> pd.Series:
    """Days since the last order over the p90 of own gaps (at least four), else the segment's, else everybody's."""
    gaps = between_orders(customer_days)
    grouped = gaps.groupby("customer_id")["gap"]
    last = customer_days.groupby("customer_id")["day"].max()
    own = grouped.quantile(0.9).where(grouped.size() >= LEAST_GAPS).reindex(last.index)
    by_segment = gaps["gap"].groupby(gaps["customer_id"].map(segment)).quantile(0.9)
    overall = float(gaps["gap"].quantile(0.9)) if len(gaps) else np.nan
    usual = own.fillna(segment.reindex(last.index).map(by_segment).astype(float)).fillna(overall)
    ratio = (as_of - last).dt.days / usual.where(usual > 0)
    return pd.Series(ratio, name="overdue_ratio")


@dataclass(frozen=True)
class HeldOut:
    """How well the overdue ratio told, 90 days ago, who would not order since: area under the curve, and share gone by risk."""

    customers: int
    gone: int
    auc: float | None
    gone_by_risk: dict[str, float]

    @property
    def sentence(self) -> str:
        if self.auc is None:
            return "There is too little history to check the risk on a past quarter."
        shares = ", ".join(f"{self.gone_by_risk[name]:.0%} of {name}" for name in reversed(LEVELS) if name in self.gone_by_risk)
        return (
            f"Checked on the last 90 days with what was known before them: AUC {self.auc:.2f} over "
            f"{self.customers:,} customers; without an order since: {shares}."
        )


def held_out(customer_days: pd.DataFrame, as_of: pd.Timestamp, days: int = 90) -> HeldOut:
    """Rates everybody as of `days` ago by the gap rule and looks who ordered since. Source: METRICS C7."""
    then = as_of - pd.Timedelta(days=days)
    known = customer_days[customer_days["day"] <= then]
    if known.empty or known["day"].min() > then - pd.Timedelta(days=days):
        return HeldOut(0, 0, None, {})
    ratio = overdue_ratio(known, then, pd.Series(dtype=object)).dropna()
    gone = pd.Series(~ratio.index.isin(customer_days.loc[customer_days["day"] > then, "customer_id"]), index=ratio.index)
    if not 5 <= gone.sum() <= len(gone) - 5:  # too few on one side to tell
        return HeldOut(len(ratio), int(gone.sum()), None, {})
    rank = ratio.rank(method="average")
    positives = int(gone.sum())
    area = (rank[gone].sum() - positives * (positives + 1) / 2) / (positives * (len(gone) - positives))
    by_risk = {str(name): float(share) for name, share in gone.groupby(risk(ratio)).mean().items()}
    return HeldOut(len(ratio), positives, float(area), by_risk)


def next_orders(customer_days: pd.DataFrame, as_of: pd.Timestamp, segment: pd.Series) -> pd.DataFrame:
    """When each customer's next order is due: `next_order_date`, `next_order_low`, `next_order_high` (p10 to p90), `own_rhythm`.

    From own gaps where there are four, else from the Kaplan-Meier curve of the segment (else of all), censored at the
    as-of; null where half of them never came back. A date in the past means overdue. Index customer_id."""
    gaps = between_orders(customer_days)
    last = customer_days.groupby("customer_id")["day"].max()
    grouped = gaps.groupby("customer_id")["gap"]
    count = grouped.size().reindex(last.index, fill_value=0)
    marks = {"next_order_date": 0.5, "next_order_low": 0.1, "next_order_high": 0.9}
    own = pd.DataFrame({name: grouped.quantile(q) for name, q in marks.items()}).reindex(last.index)
    waiting = (as_of - last).dt.days
    spells = pd.concat(
        [
            gaps.assign(event=True),
            pd.DataFrame({"customer_id": last.index, "gap": waiting.to_numpy(), "event": False}),
        ],
        ignore_index=True,
    )
    spells = spells[spells["gap"] > 0]
    overall = _quantiles(spells, marks)
    group = spells["customer_id"].map(segment)
    by_segment = {name: _quantiles(rows, marks) for name, rows in spells.groupby(group)}
    shared = pd.DataFrame(
        [by_segment.get(s, overall) for s in segment.reindex(last.index)], index=last.index, columns=list(marks)
    )
    enough = count >= LEAST_GAPS
    wait = own.where(enough, shared).astype(float)
    out = pd.DataFrame({name: last + pd.to_timedelta(wait[name].round(), unit="D") for name in marks})
    return out.assign(own_rhythm=enough, median_wait_days=wait["next_order_date"]).rename_axis("customer_id")


def _quantiles(spells: pd.DataFrame, marks: dict[str, float]) -> dict[str, float]:
    """Times by which that share has ordered again, from the Kaplan-Meier curve; NaN where it is never reached."""
    survival = kaplan_meier(spells["gap"], spells["event"]) if len(spells) else pd.Series(dtype=float)
    found = {}
    for name, share in marks.items():
        reached = survival.index[survival.to_numpy() <= 1 - share + 1e-12]
        found[name] = float(reached[0]) if len(reached) else float("nan")
    return found


def reasons(signs: pd.DataFrame) -> pd.Series:
    """What can be seen to go wrong with each customer, in words, strongest first; an empty text where nothing does.

    Needs, index customer_id, null where not known: `overdue_ratio`, `days_since`; `value_now`, `value_before` (money of
    the last 180 days and of the 180 before); `late_now`, `due_now`, `late_before`, `due_before` (orders);
    `complaints` (negative mentions), `theme` (of most of them); `unanswered` (contacts of the last 90 days)."""
    said = []
    for row in signs.to_dict("records"):
        words = []
        if row["overdue_ratio"] >= MID:
            words.append(f"no order for {row['days_since']:.0f} days, {row['overdue_ratio']:.1f} times the usual longest gap")
        if row["value_before"] > 0 and row["value_now"] <= 0:
            words.append("bought nothing in the last 180 days")
        elif row["value_before"] > 0 and row["value_now"] < 0.75 * row["value_before"]:
            less = 1 - row["value_now"] / row["value_before"]
            words.append(f"bought {less:.0%} less in the last 180 days than in the 180 before")
        if row["due_now"] >= 3 and row["late_now"] / row["due_now"] >= 0.15:
            before = row["late_before"] / row["due_before"] if row["due_before"] >= 3 else None
            if before is None or row["late_now"] / row["due_now"] > before:
                was = "" if before is None else f", {before:.0%} before"
                words.append(f"{row['late_now']:.0f} of {row['due_now']:.0f} orders due were late{was}")
        if row["complaints"] >= 2:
            about = f", most about {row['theme']}" if isinstance(row["theme"], str) and row["theme"] else ""
            words.append(f"{row['complaints']:.0f} negative remarks{about}")
        if row["unanswered"] >= 2:
            words.append(f"{row['unanswered']:.0f} contacts without an answer")
        said.append("; ".join(words))
    return pd.Series(said, index=signs.index, name="churn_reasons", dtype=object)
