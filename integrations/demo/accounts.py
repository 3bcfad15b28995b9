"""What was agreed with customers and hoped for: contracts, quotes, loyalty, service policies, targets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from integrations.demo import causes
from integrations.demo.company import REGIONS, SLIPPING_NAME
from integrations.demo.names import ARTICLES
from integrations.demo.orders import stamp

END = pd.Timestamp(causes.LAST) + pd.Timedelta(hours=23, minutes=59)


def policies() -> pd.DataFrame:
    """What each tier is promised. Times and rates are those of the policy document."""
    rows = (
        ("platinum", 0.98, 0.97, 12, 4, 48, "Named owner, dedicated slot, stock held for A articles."),
        ("gold", 0.97, 0.95, 14, 8, 72, "Named owner, priority picking."),
        ("silver", 0.95, 0.93, 16, 16, 96, "Standard picking, phone and portal support."),
        ("standard", 0.92, 0.9, 18, 24, 120, "Portal first; freight charged under 250."),
    )
    columns = ["service_tier", "fill_rate_target", "otd_target", "order_cycle_days_target", "first_response_hours_target"]
    return pd.DataFrame(rows, columns=[*columns, "resolution_hours_target", "notes"])


def contracts(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """A yearly or longer agreement for most gold and platinum customers; the slipping account's is not renewed yet."""
    share = firms["service_tier"].map({"platinum": 1.0, "gold": 0.75, "silver": 0.3, "standard": 0.04})
    chosen = firms[rng.random(len(firms)) < share].reset_index(drop=True)
    count = len(chosen)
    starts = np.datetime64("2024-02-01") + rng.integers(0, 500, count)
    years = rng.choice([1, 2, 3], count, p=[0.3, 0.5, 0.2])
    starts = np.where(starts + years * 365 < np.datetime64("2026-03-01"), starts + years * 365, starts)
    ends = starts + years * 365
    slipping = (chosen["name"] == SLIPPING_NAME).to_numpy()
    starts, ends = (
        np.where(slipping, np.datetime64("2024-01-01"), starts),
        np.where(slipping, np.datetime64("2026-12-31"), ends),
    )
    value = np.round(chosen["_weight"].to_numpy() * 130_000 * years * rng.uniform(0.8, 1.1, count), -3)
    notes = rng.choice(
        ["Price list with yearly index", "Blanket order with call-offs", "Rebate on yearly volume", "Stock held for call-off"],
        count,
    )
    return pd.DataFrame(
        {
            "contract_id": [f"A-{501 + i}" for i in range(count)], "customer_id": chosen["customer_id"],
            "starts_at": stamp(starts, np.full(count, 12.0)), "ends_at": stamp(ends, np.full(count, 22.0)),
            "renewal_at": stamp(ends - 60, np.full(count, 14.0)), "value": value,
            "notes": np.where(slipping, "Renewal offer sent in September; no answer so far", notes),
        }
    )  # fmt: skip


def opportunities(rng: np.random.Generator, firms: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Quotes: about two in five are won, hardly any at the slipping account since it slips."""
    count = max(40, round(3000 * scale))
    odds = firms["_weight"] / firms["_weight"].sum()
    firm = rng.choice(len(firms), count, p=odds)
    span = (causes.LAST - causes.FIRST).days
    days = np.sort(np.datetime64(causes.FIRST) + rng.integers(0, span, count))
    days = np.busday_offset(days, 0, roll="backward").clip(np.datetime64(causes.FIRST))
    created = stamp(days, rng.uniform(13, 22, count))
    expected = stamp(days + rng.integers(14, 90, count), np.full(count, 22.0))
    closed = stamp(days + rng.integers(5, 100, count), rng.uniform(13, 22, count))
    slips = (firms["name"].to_numpy()[firm] == SLIPPING_NAME) & (days >= np.datetime64(causes.SLIPPING))
    won = rng.random(count) < np.where(slips, 0.06, 0.42)
    done = closed <= END
    stage = np.where(done, np.where(won, "won", "lost"), rng.choice(["qualified", "quoted", "negotiation"], count))
    topic = rng.choice(list(ARTICLES), count)
    what = rng.choice(["yearly quantity", "new line", "spot quote", "frame order", "replacement programme"], count)
    return pd.DataFrame(
        {
            "opportunity_id": [f"Q-{9001 + i}" for i in range(count)], "customer_id": firms["customer_id"].to_numpy()[firm],
            "name": [f"{t.capitalize()}, {w}" for t, w in zip(topic, what, strict=True)], "stage": stage,
            "amount": np.round(rng.lognormal(9.3, 0.9, count), -1), "created_at": created, "expected_close": expected,
            "closed_at": pd.Series(closed).where(pd.Series(done)), "won": pd.array(won, dtype="boolean"),
        }
    ).assign(won=lambda t: t["won"].where(t["closed_at"].notna(), pd.NA))  # fmt: skip


def loyalty(rng: np.random.Generator, firms: pd.DataFrame) -> pd.DataFrame:
    """Members of "Yard Club", all enrolled before or at its relaunch."""
    members = firms[firms["_member"]].reset_index(drop=True)
    count = len(members)
    late = rng.random(count) < 0.4
    days = np.where(
        late,
        np.datetime64(causes.LOYALTY) - rng.integers(0, 40, count),
        np.datetime64("2022-03-01") + rng.integers(0, 900, count),
    )
    points = np.round(members["_weight"].to_numpy() * rng.uniform(900, 2200, count))
    return pd.DataFrame(
        {
            "customer_id": members["customer_id"], "program": "Yard Club",
            "tier": np.select([points > 4000, points > 1500], ["crane", "truck"], "cart"), "points": points,
            "enrolled_at": stamp(days, np.full(count, 15.0)),
        }
    )  # fmt: skip


def targets(placed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """Monthly revenue budgets by region (last year's month plus 6 %, or the month itself in the first year) and service goals."""
    value = (sold["qty_ordered"] * sold["unit_price"] - sold["discount"]).groupby(sold["_order"]).sum()
    home = pd.DataFrame({"value": value, "region": placed["_region"], "month": placed["_day"].dt.to_period("M")})
    home = home[(placed["status"] != "cancelled").to_numpy()]
    by = home.groupby(["region", "month"])["value"].sum()
    rows: list[dict[str, object]] = []
    months = pd.period_range("2024-11", "2026-10", freq="M")
    for region in REGIONS:
        for month in months:
            before = by.get((region, month - 12), by.get((region, month), 0.0))
            rows.append(_target("revenue", "region", region, month, round(float(before) * 1.06, -3)))
    for month in months:
        for metric, goal in (("otd", 0.95), ("line_fill_rate", 0.97), ("perfect_order", 0.88)):
            rows.append(_target(metric, "", "", month, goal))
    return pd.DataFrame(rows)


def _target(metric: str, dimension: str, member: str, month: pd.Period, value: float) -> dict[str, object]:
    first, last = month.start_time.date(), month.end_time.date()
    return {
        "metric": metric, "dimension": dimension or "all", "member": member or "all", "period_start": first,
        "period_end": last, "value": value,
    }  # fmt: skip
