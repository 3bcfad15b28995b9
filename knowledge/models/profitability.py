"""What is left of each customer, month by month: margin, less what returns cost, less what serving them costs (METRICS C3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from knowledge.errors import NoData
from knowledge.metrics import bases, bases_cost
from knowledge.models.cost_to_serve import charge
from knowledge.models.inputs import Inputs

if TYPE_CHECKING:
    import ibis.expr.types as ir

PROFIT = (
    "customer_id", "month", "orders", "revenue", "returns_value", "costed_revenue", "costed_lines", "gross_margin",
    "returns_effect", "cost_to_serve", "net_margin",
)  # fmt: skip
COSTS = ("customer_id", "month", "channel", "activity", "driver", "volume", "cost")
WHOSE = ["customer_id", "month", "channel"]
POOLS = (
    "activity", "driver", "period_start", "period_end", "cost", "rate", "volume", "charged", "unused", "over_absorbed",
    "practical_capacity",
)  # fmt: skip


@dataclass(frozen=True)
class Profit:
    """By customer and month (PROFIT), by customer, month, order channel and activity (COSTS), by pool and period (POOLS), and notes."""

    months: pd.DataFrame
    costs: pd.DataFrame
    pools: pd.DataFrame
    notes: tuple[str, ...]


def profit(inputs: Inputs) -> Profit:
    """Monthly profit of each customer; margin is null where no cost is known, cost-to-serve where no pool covers the month."""
    costs, pools, notes = activity_costs(inputs)
    index = ["customer_id", "month"]
    months = _monthly(inputs)
    months["gross_margin"] = months["gross_margin"].where(months["costed_lines"] > 0)
    if not inputs.has("returns"):
        months["returns_effect"] = 0.0
    spent = costs.groupby(index)["cost"].sum().rename("cost_to_serve").reset_index()
    months = months.merge(spent, on=index, how="outer").sort_values(index, ignore_index=True)
    for name in ("orders", "revenue", "returns_value", "costed_revenue", "costed_lines", "returns_effect"):
        months[name] = months[name].astype("float64").fillna(0.0)
    costed = {m for start, end in _spans(pools) for m in pd.period_range(start, end, freq="M").to_timestamp()}
    months["cost_to_serve"] = months["cost_to_serve"].astype("float64").fillna(0.0).where(months["month"].isin(costed))
    if inputs.has("products", "unit_cost") or inputs.has("order_lines", "unit_cost"):
        without = (months["costed_lines"] == 0) & (months["revenue"] == 0)
        months["gross_margin"] = months["gross_margin"].astype("float64").where(~without, 0.0)
    months["net_margin"] = months["gross_margin"] - months["returns_effect"] - months["cost_to_serve"]
    money = ["revenue", "returns_value", "costed_revenue", "gross_margin", "returns_effect", "cost_to_serve", "net_margin"]
    months[money] = months[money].astype("float64").round(4)
    months[["orders", "costed_lines"]] = months[["orders", "costed_lines"]].astype("int64")
    return Profit(months[list(PROFIT)], costs, pools, notes)


def _monthly(inputs: Inputs) -> pd.DataFrame:
    context = inputs.context
    index = ["customer_id", "month"]

    def bought() -> ir.Table:
        rows = bases.lines(context)
        rows = rows.mutate(month=rows.day.truncate("M"))
        return rows.group_by(index).aggregate(orders=rows.order_id.nunique(), revenue=rows.lv.sum().cast("float64"))

    def costed() -> ir.Table:
        rows = bases_cost.costed_lines(context)
        rows = rows.mutate(month=rows.day.truncate("M"))
        return rows.group_by(index).aggregate(
            costed_revenue=rows.lv.sum().cast("float64"),
            costed_lines=rows.count(),
            gross_margin=rows.margin.sum().cast("float64"),
        )

    def returned() -> ir.Table:
        rows = bases_cost.returns_with_effect(context)
        rows = rows.mutate(month=rows.day.truncate("M"))
        return rows.group_by(index).aggregate(
            returns_value=rows["value"].sum().cast("float64"), returns_effect=rows.effect.sum().cast("float64")
        )

    parts = (
        inputs.frame(bought, (*index, "orders", "revenue"), days=("month",)),
        inputs.frame(costed, (*index, "costed_revenue", "costed_lines", "gross_margin"), days=("month",)),
        inputs.frame(returned, (*index, "returns_value", "returns_effect"), days=("month",)),
    )
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.merge(part, on=index, how="outer")
    return whole


def activity_costs(inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Charges by customer, month, channel and activity, and the pools; both empty where no cost pools were loaded.

    A pool is charged over the volume of its own period. Fails: BadInput where a pool names an unknown driver."""
    kinds = {n: "datetime64[s]" if n == "month" else "object" for n in COSTS}
    nothing = pd.DataFrame({n: pd.Series(dtype=k) for n, k in kinds.items()}), pd.DataFrame(columns=list(POOLS)), ()
    if not inputs.has("cost_activities"):
        return nothing
    pools = inputs.reader.frame("cost_activities")
    pools = pools.assign(
        cost=pools["cost"].astype("float64"),
        practical_capacity=pools["practical_capacity"].astype("float64"),
        period_start=pd.to_datetime(pools["period_start"]),
        period_end=pd.to_datetime(pools["period_end"]),
    )
    pools = pools[pools["period_start"] <= inputs.now]
    try:
        done = bases_cost.driver_volumes(inputs.context).execute()
    except NoData:
        return nothing
    done["day"] = pd.to_datetime(done["day"])
    done["channel"] = done["channel"].astype(object).fillna("")  # a group of its own, not one that is dropped
    done["month"] = done["day"].dt.to_period("M").dt.to_timestamp()
    charged: list[pd.DataFrame] = []
    rates: list[pd.DataFrame] = []
    notes: list[str] = []
    for start, end in _spans(pools):
        of_period = pools[(pools["period_start"] == start) & (pools["period_end"] == end)]
        within = done[done["day"].between(start, end)]
        volumes = within.pivot_table(index=WHOSE, columns="driver", values="volume", aggfunc="sum", fill_value=0.0).reindex(
            columns=list(bases_cost.DRIVERS), fill_value=0.0
        )
        costing = charge(of_period, volumes)
        notes.extend(costing.notes)
        drivers = of_period.groupby("activity")["driver"].first()
        rows = costing.charges.reset_index().melt(WHOSE, var_name="activity", value_name="cost")
        rows = rows[rows["cost"] > 0]
        rate = costing.pools.groupby("activity")["rate"].first()
        volume = (rows["cost"].astype("float64") / rows["activity"].map(rate).astype("float64")).round(6)
        charged.append(rows.assign(driver=rows["activity"].map(drivers), volume=volume))
        capacity = of_period.sort_values("activity")["practical_capacity"].to_numpy()
        rates.append(costing.pools.assign(period_start=start, period_end=end, practical_capacity=capacity))
    if not charged:
        return nothing
    costs = pd.concat(charged, ignore_index=True)
    table = pd.concat(rates, ignore_index=True)
    money = ["cost", "charged", "unused", "over_absorbed", "rate"]
    table[money] = table[money].round(6)
    costs["cost"] = costs["cost"].round(6)
    costs["channel"] = costs["channel"].where(costs["channel"] != "", None)
    return costs[list(COSTS)], table[list(POOLS)], tuple(dict.fromkeys(notes))


def _spans(pools: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    if pools.empty:
        return []
    return list(pools[["period_start", "period_end"]].drop_duplicates().itertuples(index=False, name=None))


def loss_drivers(months: pd.DataFrame, costs: pd.DataFrame) -> list[str]:
    """The activities (three at most) whose cost for each unit of revenue separates loss makers from the rest, in words."""
    total = months.groupby("customer_id")[["revenue", "net_margin"]].sum(min_count=1)
    losing = total.index[total["net_margin"] < 0]
    if costs.empty or len(losing) == 0 or len(losing) == len(total):
        return []
    groups = costs["customer_id"].isin(losing)
    revenue = total["revenue"].groupby(total.index.isin(losing)).sum()
    spent: Any = costs.assign(losing=groups).pivot_table(
        index="losing", columns="activity", values="cost", aggfunc="sum", fill_value=0.0
    )
    if revenue.min() <= 0 or len(spent) < 2:
        return []
    shares: Any = spent.div(revenue, axis=0)
    worse = (shares.loc[True] - shares.loc[False]).sort_values(ascending=False)
    return [
        f"{name}: {shares.loc[True, name]:.1%} of the revenue of loss makers, {shares.loc[False, name]:.1%} of the others'"
        for name in worse[worse > 0].index[:3]
    ]
