"""Plans and means: forecasts of both parties, stock by warehouse, cost pools."""

from __future__ import annotations

import numpy as np
import pandas as pd

from integrations.demo import causes
from integrations.demo.company import BIASED_NAME, WAREHOUSES
from integrations.demo.orders import Numbers
from integrations.demo.trade import SHORT_CATEGORY, SHORT_SITE

MONTHS = pd.period_range("2024-11", "2026-10", freq="M")
WHOLE = pd.period_range("2024-11", "2027-01", freq="M")
PARTNERS, ARTICLES_EACH = 8, 10


def monthly(placed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """Quantity wanted by customer, product and month (by the date asked for), cancelled orders left out."""
    wanted = sold[["_order", "product_id", "qty_ordered"]].copy()
    wanted["customer_id"] = placed["customer_id"].to_numpy()[wanted["_order"]]
    wanted["month"] = placed["requested_date"].dt.to_period("M").to_numpy()[wanted["_order"]]
    wanted = wanted[(placed["status"] != "cancelled").to_numpy()[wanted["_order"]]]
    return wanted.groupby(["customer_id", "product_id", "month"])["qty_ordered"].sum().reset_index()


def demand_plans(rng: np.random.Generator, firms: pd.DataFrame, wanted: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Monthly forecasts of the customer and of us for the partners' main articles, three months past the last day."""
    partners = [*firms.loc[firms["name"] == BIASED_NAME, "customer_id"]]
    others = firms[~firms["name"].isin([BIASED_NAME, "Acme Holding"])].sort_values("_weight", ascending=False, kind="stable")
    partners += list(others["customer_id"].head(int(np.clip(round(PARTNERS * scale * 5), 3, PARTNERS)) - 1))
    parts = []
    for customer in partners:
        theirs = wanted[wanted["customer_id"] == customer]
        main = theirs.groupby("product_id")["month"].nunique().sort_values(ascending=False, kind="stable").head(ARTICLES_EACH)
        for product in main.index:
            by = theirs[theirs["product_id"] == product].set_index("month")["qty_ordered"]
            parts.append(_plan(rng, customer, product, by, biased=customer == partners[0]))
    return pd.concat(parts, ignore_index=True)


def _plan(rng: np.random.Generator, customer: str, product: str, actual: pd.Series, *, biased: bool) -> pd.DataFrame:
    months = WHOLE
    real = actual.reindex(months).fillna(0.0).to_numpy(float).copy()
    real[len(MONTHS) :] = real[len(MONTHS) - 6 : len(MONTHS)].mean()
    level = np.convolve(np.pad(real, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    before = np.array([real[max(0, i - 6) : i].mean() if i else real[:3].mean() for i in range(len(real))])
    push = np.where(biased & (months >= pd.Period(causes.BIAS, freq="M")), 1.42, 1.0)
    theirs = (0.55 * real + 0.45 * level) * push * rng.lognormal(-0.015, 0.18, len(months))
    ours = (0.3 * real + 0.7 * before) * rng.lognormal(-0.02, 0.2, len(months))
    frames = []
    for party, figures, day in (("customer", theirs, 12), ("ours", ours, 18)):
        made = months.shift(-1).to_timestamp() + pd.Timedelta(days=day, hours=15)
        frames.append(
            pd.DataFrame(
                {
                    "product_id": product, "customer_id": customer, "period_start": months.to_timestamp(),
                    "period_days": months.days_in_month, "party": party, "forecast_qty": np.round(figures), "made_at": made,
                }
            )
        )  # fmt: skip
    whole = pd.concat(frames, ignore_index=True)
    return whole[whole["made_at"] <= pd.Timestamp(causes.LAST)]


def inventory(rng: np.random.Generator, articles: pd.DataFrame, placed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """Stock of stocked articles by warehouse every second Friday; nearly none of the short category once it is short."""
    dates = pd.date_range("2024-11-01", str(causes.LAST), freq="14D")
    stocked = articles[articles["order_type"] == "stock"].reset_index(drop=True)
    daily = (
        sold.assign(site=placed["ship_from"].to_numpy()[sold["_order"]]).groupby(["product_id", "site"])["qty_ordered"].sum()
        / 730
    )
    index = pd.MultiIndex.from_product([stocked["product_id"], WAREHOUSES], names=["product_id", "location"])
    rate = daily.reindex(index).fillna(0.01).to_numpy()
    lead = np.repeat(stocked["lead_time_days"].to_numpy(), len(WAREHOUSES))
    safety = np.ceil(rate * np.sqrt(lead) * 2.2)
    point = np.ceil(rate * lead + safety)
    count, times = len(index), len(dates)
    cycle = rng.uniform(0, 1, (count, times))
    on_hand = np.floor(safety[:, None] * rng.uniform(0.4, 1.4, (count, times)) + cycle * (rate * 30)[:, None])
    category = stocked.set_index("product_id")["category"].reindex(index.get_level_values(0)).to_numpy()
    dry = ((category == SHORT_CATEGORY) & (index.get_level_values(1) == SHORT_SITE))[:, None] & (
        dates >= pd.Timestamp(causes.SHORTAGE)
    )
    empty = dry & (rng.random((count, times)) < 0.6)
    on_hand = np.where(empty, 0, np.where(dry, np.floor(on_hand * 0.25), on_hand))
    on_order = np.where(on_hand < point[:, None], np.ceil((rate * 30)[:, None] + safety[:, None]), 0)
    return pd.DataFrame(
        {
            "product_id": np.repeat(index.get_level_values(0), times), "location": np.repeat(index.get_level_values(1), times),
            "at": np.tile(dates, count), "on_hand": on_hand.ravel(), "on_order": on_order.ravel(),
            "safety_stock": np.repeat(safety, times), "reorder_point": np.repeat(point, times),
        }
    )  # fmt: skip


# activity: driver, money for one unit of the driver, share of the practical capacity that the two years use
POOLS = {
    "order handling": ("order", 41.0, 0.88), "picking": ("line", 8.0, 0.9), "shipping": ("shipment", 47.0, 0.93),
    "returns handling": ("return", 96.0, 0.8), "customer service": ("interaction", 29.0, 0.82),
    "special making": ("customized_line", 74.0, 0.75), "rush handling": ("rush_order", 345.0, 0.86),
}  # fmt: skip


def cost_activities(rng: np.random.Generator, volumes: dict[str, Numbers]) -> pd.DataFrame:
    """Monthly pools. Cost is rate times capacity; capacity lies above the usual volume, so some cost is unused."""
    rows = []
    for activity, (driver, rate, used) in POOLS.items():
        usual = volumes[driver].astype(float)
        smooth = np.convolve(np.pad(usual, 2, mode="edge"), np.ones(5) / 5, mode="valid")
        capacity = np.ceil(np.maximum(smooth / used, usual * 1.01) + 1)
        money = np.round(capacity * rate * rng.uniform(0.97, 1.03, len(MONTHS)), 2)
        for month, cost, units in zip(MONTHS, money, capacity, strict=True):
            rows.append(
                {
                    "activity": activity, "driver": driver, "period_start": month.start_time.date(),
                    "period_end": month.end_time.date(), "cost": cost, "practical_capacity": units,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def volumes(placed: pd.DataFrame, sold: pd.DataFrame, back: pd.DataFrame, touched: pd.DataFrame) -> dict[str, Numbers]:
    """How often each driver happened, month by month."""
    live = placed[placed["status"] != "cancelled"]
    of_line = placed["_day"].to_numpy()[sold["_order"]]

    def count(days: pd.Series) -> Numbers:
        return np.asarray(days.dt.to_period("M").value_counts().reindex(MONTHS).fillna(0))

    return {
        "order": count(live["_day"]), "line": count(pd.Series(of_line)), "shipment": count(live["shipped_at"].dropna()),
        "return": count(back["requested_at"]), "interaction": count(touched["at"]),
        "customized_line": count(pd.Series(of_line[sold["is_customized"].to_numpy(bool)])),
        "rush_order": count(live.loc[live["_rush"], "_day"]),
    }  # fmt: skip
