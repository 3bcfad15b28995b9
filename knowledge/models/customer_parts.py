"""The parts of the customer model: each gives columns by customer_id and notes on how they were made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from knowledge.errors import NoData
from knowledge.models import accounts, churn, customer_signs
from knowledge.models.customer_facts import customer_facts
from knowledge.models.customer_value import MONTHS, YEARLY_DISCOUNT, as_history, choose, histories, value_model
from knowledge.models.demand_classes import abc, demand_class
from knowledge.models.inputs import Inputs
from knowledge.models.notes import Note, left_out
from knowledge.models.profitability import Profit, loss_drivers, profit
from knowledge.models.rules import assign
from knowledge.models.segments import SEGMENTS, cluster, renamed, rfm
from knowledge.models.weeks import demand as demand_by
from knowledge.models.weeks import window

Part = tuple[pd.DataFrame, list[Note]]
LEAST_COSTED_LINES = 12
REVIEW_DAYS = 90
LEAST_CLUSTERED, MOST_CLUSTERED = 30, 50_000


def segments(inputs: Inputs, facts: pd.DataFrame) -> Part:
    """`rfm_segment_before` (90 days ago) and `cluster` (1 is the strongest; null where no clustering is stable)."""
    out = pd.DataFrame(index=facts.index)
    bought = facts[facts["rfm_segment"].notna()]
    if bought.empty:
        why = "it needs orders with lines."
        return out.assign(rfm_segment_before=None, cluster=np.nan), [left_out("rfm", why), left_out("clusters", why)]
    sizes = bought["rfm_segment"].value_counts()
    told = ", ".join(f"{sizes[n]:,} {n.replace('_', ' ')}" for n in SEGMENTS if n in sizes)
    sentence = f"{len(bought):,} customers scored 1 to 5 by how lately, how often and for how much they bought: {told}."
    notes = [Note("rfm", sentence, parameters={str(k): int(v) for k, v in sizes.items()})]
    then = inputs.now - pd.Timedelta(days=90)
    days = inputs.customer_days[inputs.customer_days["day"] <= then]
    grouped = days.groupby("customer_id")
    past = pd.DataFrame(
        {"last_order": grouped["day"].max(), "orders": grouped["orders"].sum(), "revenue": grouped["value"].sum()}
    )
    before = rfm(past.reset_index(), then.date()).set_index("customer_id")["segment"]
    out["rfm_segment_before"] = before
    if not LEAST_CLUSTERED <= len(bought) <= MOST_CLUSTERED:
        few = len(bought) < LEAST_CLUSTERED
        why = f"{len(bought):,} customers are too {'few' if few else 'many'} for clusters; the RFM segments stand."
        return out.assign(cluster=np.nan), [*notes, left_out("clusters", why)]
    variables = ["recency_days", "orders", "revenue"]
    found = cluster(bought[variables].astype("float64").reset_index(), variables)
    tried: Any = found.tried.round(4).to_dict("index")
    if found.k is None:
        return out.assign(cluster=np.nan), [*notes, Note("clusters", found.sentence, parameters={"tried": tried, "k": None})]
    labels = renamed(found.labels, inputs.before("customer_model", "cluster"))
    out["cluster"] = labels.astype("float64")
    said = f"{found.sentence} {_cards(bought[variables].astype('float64'), labels)}"
    return out, [*notes, Note("clusters", said, parameters={"tried": tried, "k": found.k})]


def _cards(customers: pd.DataFrame, labels: pd.Series) -> str:
    """Each cluster in words: its size, and how often and how much it buys against the average customer."""
    usual = customers.mean()
    told = []
    for name, rows in customers.groupby(labels):
        own = rows.mean()
        times = [
            f"{own[c] / usual[c]:.1f} times the {w}" for c, w in (("orders", "orders"), ("revenue", "revenue")) if usual[c]
        ]
        told.append(
            f"Cluster {name}: {len(rows):,} customers, {' and '.join(times)}, last order {own['recency_days']:.0f} days ago."
        )
    return " ".join(told)


def own_rules(inputs: Inputs, out: pd.DataFrame, facts: pd.DataFrame) -> Part:
    """`rule_segment`: the segments that the settings define, over what is known of customers and what the models say."""
    rules = inputs.settings.get("segments") or []
    if not rules:
        return pd.DataFrame(index=out.index), []
    known = facts.drop(columns=[c for c in facts.columns if c in out.columns]).join(out, how="right")
    customers = inputs.attributes.set_index("customer_id").reindex(out.index)
    found = assign(known.join(customers[[c for c in customers.columns if c not in known.columns]]), rules)
    sizes = found.value_counts()
    told = ", ".join(f"{sizes.get(r['name'], 0):,} {r['name']}" for r in rules)
    sentence = f"By the company's own rules, the first that fits: {told}; {int(found.isna().sum()):,} fit none."
    return found.to_frame(), [Note("rules", sentence, parameters={"rules": [dict(r) for r in rules]})]


def year_of_profit(profit: Profit) -> Part:
    """The last twelve months' margin, returns effect, cost-to-serve and what is left, summed; `profit_rank` 1 earns most."""
    months = profit.months
    names = {"revenue": "profit_revenue", "gross_margin": "gross_margin", "returns_effect": "returns_effect",
             "cost_to_serve": "cost_to_serve", "net_margin": "net_margin", "costed_revenue": "costed_revenue",
             "costed_lines": "costed_lines"}  # fmt: skip
    nothing = pd.DataFrame(columns=[*names.values(), "profit_rank"], dtype="float64").rename_axis("customer_id")
    if months["gross_margin"].notna().sum() == 0:
        why = "neither articles nor order lines have a cost, so there is no margin."
        return nothing, [left_out("profitability", why)]
    known = months[months["net_margin"].notna()]
    costed = len(known) > 0
    last = (known if costed else months)["month"].max()
    year = months[(months["month"] > last - pd.DateOffset(months=12)) & (months["month"] <= last)]
    total = year.groupby("customer_id")[list(names)].sum(min_count=1).rename(columns=names)
    ranked = total["net_margin"].round(2).rank(method="first", ascending=False)
    total["profit_rank"] = ranked.astype("float64")
    begins = f"{year['month'].min():%b %Y} to {last:%b %Y}"
    if not costed:
        said = f"Margins of {begins}; there are no cost pools, so cost to serve and profit are not known."
        return total, [Note("profitability", said, parameters={"customers": len(total)})]
    losing = total[total["net_margin"] < 0]
    lost = float(losing["net_margin"].sum())
    said = (
        f"Cost pools charged by what was done for each customer, {begins}: {len(losing):,} of {len(total):,} customers lose "
        f"money, {-lost:,.2f} in all."
    )
    worse = loss_drivers(year, profit.costs[profit.costs["month"].isin(year["month"].unique())])
    said += f" What sets them apart: {'; '.join(worse)}." if worse else ""
    said += "".join(f" {n}" for n in profit.notes)
    return total, [Note("profitability", said, parameters={"customers": len(total), "losing": len(losing), "lost": lost})]


def demand(inputs: Inputs, facts: pd.DataFrame) -> Part:
    """`abc_class` by revenue, and `adi`, `cv2`, `demand_class` of the weekly value over the last 52 complete weeks."""
    bought = facts.loc[facts["revenue"].notna() & (facts["orders"].fillna(0) > 0), "revenue"].astype("float64")
    days = inputs.customer_days
    starts = window(days["day"], inputs.now, "W", 52)
    if bought.empty or len(starts) < 3:
        empty = pd.DataFrame(columns=["abc_class", "adi", "cv2", "demand_class"]).rename_axis("customer_id")
        return empty, [left_out("customer_classes", "it needs three complete weeks of orders with lines.")]
    out = demand_class(demand_by(days, "customer_id", starts, "W", "value"))
    counts = out["demand_class"].value_counts()
    told = ", ".join(f"{n:,} {str(k).replace('_', ' ')}" for k, n in counts.items())
    note = Note("customer_classes", f"Weekly buying over {len(starts)} complete weeks: {told}.", parameters=_counts(counts))
    return out.join(abc(bought).rename_axis("customer_id"), how="outer"), [note]


def value(inputs: Inputs, out: pd.DataFrame) -> Part:
    """Repeat-buying and lifetime value; margins of the customer where twelve lines are costed, else of its segment."""
    columns = ["p_alive", "expected_orders_90d", "expected_order_value", "clv_revenue", "clv", "clv_low", "clv_high"]
    nothing = pd.DataFrame(columns=columns, dtype="float64").rename_axis("customer_id")
    rows = histories(inputs.customer_days, inputs.now)
    try:
        choice = choose(as_history(rows))
    except NoData as err:
        return nothing, [left_out("clv", str(err))]
    margin, cost = _margins(inputs, out)
    found, spending = value_model(rows, choice, margin, cost)
    fitted = choice.model
    few = "" if spending is not None else "; too few came back with a value to say what an order is worth"
    sentence = f"Of {len(rows):,} customers {choice.sentence}{few}. They are expected to order on {found['expected_orders_90d'].sum():,.0f} days in the next 90."
    if not choice.identified:
        sentence += " Whether one is still a customer is therefore judged by its own rhythm, not by this model."
    parameters: dict[str, Any] = {
        "model": fitted.kind, **fitted.parameters, "log_likelihood": fitted.log_likelihood, "dropout_identified": choice.identified,
        "months": MONTHS, "yearly_discount": YEARLY_DISCOUNT,
        "likelihoods": {k: m.log_likelihood for k, m in choice.candidates.items()},
    }  # fmt: skip
    bought = inputs.customer_days.groupby("customer_id")["value"].sum()
    if bought.sum() > 0 and len(bought) > 2 and bought.max() > 0.5 * bought.sum():
        sentence += f" One customer makes {min(bought.max() / bought.sum(), 0.999):.1%} of all revenue: figures over all are mostly of that one."
    if spending is not None:
        parameters["spending"] = {"p": spending.p, "q": spending.q, "v": spending.v, "customers": spending.customers}
        parameters["correlation"] = spending.correlation
        sentence += f" Lifetime value looks {MONTHS} months ahead at {YEARLY_DISCOUNT:.0%} a year"
        sentence += ", of revenue only: no cost is known." if margin is None else (
            ", after margin and cost to serve." if cost is not None else ", after margin; cost to serve is not known."
        )  # fmt: skip
        if not spending.independent:
            sentence += f" Take care: frequent buyers spend differently (correlation {spending.correlation:.2f}), which the model leaves out."
    return found, [Note("clv", sentence, parameters=parameters)]


def _margins(inputs: Inputs, out: pd.DataFrame) -> tuple[pd.Series | None, pd.Series | None]:
    """Margin as a share of revenue, and cost to serve an order day, by customer; None where nothing is known."""
    if out["gross_margin"].notna().sum() == 0:
        return None, None
    net = out["gross_margin"] - out["returns_effect"].fillna(0.0)
    sold = out["costed_revenue"].astype("float64")
    own = (net / sold.where(sold > 0)).where(out["costed_lines"] >= LEAST_COSTED_LINES)
    by_segment = net.groupby(out["rfm_segment"]).sum() / sold.groupby(out["rfm_segment"]).sum().replace(0.0, np.nan)
    overall = float(net.sum() / sold.sum()) if sold.sum() > 0 else np.nan
    margin = own.fillna(out["rfm_segment"].map(by_segment).astype("float64")).fillna(overall)
    if out["cost_to_serve"].notna().sum() == 0:
        return margin, None
    last = inputs.customer_days[inputs.customer_days["day"] > inputs.now - pd.Timedelta(days=365)]
    count = last.groupby("customer_id").size().reindex(out.index)
    each = out["cost_to_serve"] / count.where(count > 0)
    average = float(out["cost_to_serve"].sum() / max(1, len(last)))
    return margin, each.fillna(average)


def churn_risk(inputs: Inputs, facts: pd.DataFrame, p_alive: pd.Series) -> Part:
    """`overdue_ratio`, `churn_risk`, `churn_reasons` and when the next order is due."""
    days = inputs.customer_days
    if days.empty:
        return pd.DataFrame(index=facts.index), [left_out("churn", "it needs orders.")]
    ratio = facts["overdue_ratio"].astype("float64").reindex(days["customer_id"].unique()).rename_axis("customer_id")
    alive = p_alive.reindex(ratio.index).astype("float64")
    level = churn.risk(ratio, alive if alive.notna().any() else None)
    why = churn.reasons(customer_signs.churn_signs(inputs, ratio))
    due = churn.next_orders(days, inputs.now, facts["rfm_segment"])
    check = churn.held_out(days, inputs.now)
    counts = level.value_counts()
    told = ", ".join(f"{counts.get(n, 0):,} {n}" for n in reversed(churn.LEVELS))
    sentence = (
        f"Risk by how long a customer is silent against its own usual gap (high above {churn.HIGH:g} times, mid from "
        f"{churn.MID:g}): {told}. {check.sentence}"
    )
    parameters = {**_counts(counts), "auc": check.auc, "checked": check.customers, "gone": check.gone}
    out = pd.DataFrame({"overdue_ratio": ratio, "churn_risk": level, "churn_reasons": why})
    return out.join(due.drop(columns=["own_rhythm", "median_wait_days"])), [Note("churn", sentence, parameters=parameters)]


def trust(found: pd.DataFrame) -> Part:
    if found.empty:
        why = "too little is measured: it needs promised dates, answers, complaints or invoices checked."
        return found, [left_out("trust", why)]
    sentence = (
        f"Trust of the last year for {len(found):,} customers, from promises kept, answers in time, recovery after complaints and "
        f"right documents; median {found['trust_index'].median():.0f} of 100. Accounts with other parts measured are not compared."
    )
    return found, [Note("trust", sentence, parameters={"customers": len(found)})]


def tiers(inputs: Inputs, out: pd.DataFrame, facts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """`growth`, `strategic_score`, wallet and tier columns; the white space; notes. A review is a quarter after the last."""
    made, space, signs, missing = scores(inputs, out, facts)
    if inputs.customer_days.empty:
        return made, space, [left_out("tiers", "it needs orders.")]
    ordered = facts["orders"].fillna(0) > 0
    attributes = inputs.customers.set_index("customer_id").reindex(out.index)
    named = attributes["is_strategic"].astype("object").eq(True).fillna(False)
    names = accounts.tier_names(inputs.frame(lambda: inputs.reader.table("service_policies"), POLICY))
    losing = (signs["net_margin"] < 0).fillna(False)
    found = accounts.recommend_tiers(
        made["value_score"], _review_before(inputs), named, losing, attributes["service_tier"], names
    )
    counts = found["tier_gap"].value_counts()
    left = missing[ordered].mode()
    lacking = f" Not known: {left.iloc[0]}." if len(left) and left.iloc[0] else ""
    sentence = (
        f"Tiers {', '.join(names)} by value score: {counts.get('fits', 0):,} fit, {counts.get('under', 0):,} are served below and "
        f"{counts.get('over', 0):,} above what they bring; {counts.get('no tier', 0):,} have no tier. A person confirms.{lacking}"
    )
    return made.join(found), space, [Note("tiers", sentence, parameters={**_counts(counts), "names": list(names)})]


def _review_before(inputs: Inputs) -> pd.Series:
    """The value scores of a quarter ago, from what was known then; empty where nothing was."""
    then = inputs.earlier(REVIEW_DAYS)
    if then.customer_days.empty:
        return pd.Series(dtype="float64")
    facts = customer_facts(then.reader).set_index("customer_id")
    out = facts[["rfm_segment"]].join(year_of_profit(profit(then))[0])
    out = out.join(value(then, out)[0])
    score: pd.Series = scores(then, out, facts)[0]["value_score"]
    return score


def scores(
    inputs: Inputs, out: pd.DataFrame, facts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.Series]:
    """`growth`, `strategic_score`, wallet and `value_score`; the white space; what they are made of; the missing parts."""
    year = pd.Timedelta(days=365)
    recent = inputs.bought[inputs.bought["last_day"] > inputs.now - year]
    wallet, space = accounts.wallet(recent, inputs.customers)
    made = pd.DataFrame(index=out.index).join(wallet)
    days = inputs.customer_days
    if days.empty:
        return made.assign(value_score=np.nan), space, pd.DataFrame(), pd.Series(dtype=object)
    now = days[days["day"] > inputs.now - year].groupby("customer_id")["value"].sum().reindex(out.index)
    past = (
        days[(days["day"] > inputs.now - 2 * year) & (days["day"] <= inputs.now - year)].groupby("customer_id")["value"].sum()
    )
    known = days["day"].min() <= inputs.now - 2 * year + pd.Timedelta(days=31)
    before = past.reindex(out.index)
    made["growth"] = (now.fillna(0.0) / before.where(before > 0) - 1) if known else np.nan
    signs = pd.DataFrame(
        {
            "net_margin": out["net_margin"].astype("float64"),
            "revenue": facts["revenue"].astype("float64"),
            "growth": made["growth"],
            "clv": out["clv"].astype("float64").fillna(out["clv_revenue"].astype("float64")),
            "categories": recent.dropna(subset=["category"]).groupby("customer_id")["category"].nunique().reindex(out.index),
            "collaboration": customer_signs.collaboration(inputs).reindex(out.index),
        }
    )
    made["strategic_score"], made["strategic_missing"] = accounts.strategic_score(signs)
    score, missing = accounts.value_score(signs["clv"], signs["net_margin"], made["strategic_score"])
    ordered = facts["orders"].fillna(0) > 0
    made["value_score"] = score.where(ordered)
    return made, space, signs, missing


POLICY = ("service_tier", "otd_target", "fill_rate_target")


def _counts(counts: pd.Series) -> dict[str, Any]:
    return {str(k): int(v) for k, v in counts.items()}
