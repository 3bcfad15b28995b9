"""Contact, effort and trust (METRICS 11, 20): answers, solutions, issues, promises, complaints and the trust index."""

from __future__ import annotations

from typing import Any

import numpy as np

from knowledge.display import share
from knowledge.errors import NoData
from knowledge.metrics.registry import Component, Measured, Metric, Row, Value, count, one, quantile, rate, ratio, total

CONTACTS = ("interactions.at",)
ANSWERED = ("interactions.first_response_at",)
SOLVED = ("interactions.resolved_at",)
DRAWS = 2000


def _hours(
    name: str,
    label: str,
    words: tuple[str, ...],
    base: str,
    column: str,
    what: str,
    needs: tuple[str, ...],
    q: float,
    **more: Any,
) -> Metric:
    title = "" if q == 0.5 else " (p90)"
    return Metric(
        name, f"{label}{title}", words, "hours", f"{'Median' if q == 0.5 else '90th percentile of'} hours until {what}.", f"percentile {q:.0%}({column})", "C I T", "at", "down",
        {"value": quantile(base, column, lambda t: t[column] >= 0, q), "n": count(base, lambda t: t[column] >= 0), "disorder": count(base, lambda t: (t[column] < 0).fill_null(False))},
        one("value"), needs, source="service", **more,
    )  # fmt: skip


def _trust(row: Row) -> Value:
    """The index with its parts, and the interval of 2,000 draws of each part's events (fixed seed)."""
    from knowledge.models.trust import WEIGHTS, trust_index

    parts = {n: (float(row[f"{n}_k"] or 0) / row[f"{n}_n"], int(row[f"{n}_n"])) for n in WEIGHTS if row[f"{n}_n"]}
    try:
        found = trust_index(parts)
    except NoData:
        return None
    draw = np.random.default_rng(0)
    weight = sum(WEIGHTS[n] for n in found.parts)
    drawn = sum(WEIGHTS[n] * draw.binomial(parts[n][1], parts[n][0], DRAWS) / parts[n][1] for n in found.parts) * 100 / weight
    low, high = (float(v) for v in np.percentile(drawn, (2.5, 97.5)))
    told = ", ".join(f"{n.replace('_', ' ')} {share(part)}" for n, part in found.parts.items())
    lacking = f"; not measured: {', '.join(n.replace('_', ' ') for n in found.left_out)}" if found.left_out else ""
    events = sum(parts[n][1] for n in found.parts)
    return Measured(round(found.index, 6), (low, high), events, display=f"{found.index:.0f} of 100 ({told}{lacking})")


def _part(name: str, base: str, kept: str, judged: str = "") -> dict[str, Component]:
    def known(t: Any) -> Any:
        return t[judged] if judged else t[kept].notnull()

    return {f"{name}_k": count(base, lambda t: known(t) & t[kept]), f"{name}_n": count(base, known)}


PARTS = (
    _part("promise_keeping", "promises_year", "kept")
    | _part("response_reliability", "answered_year", "in_time", "judged")
    | _part("complaint_recovery", "complaints_any", "recovered", "judged")
    | _part("document_accuracy", "documents_year", "right")
)


METRICS = (
    _hours("first_response_hours", "First response (median)", ("response time", "how fast do we answer", "first response time", "first response", "answer time", "time to answer", "reply time"), "answered", "hours", "the first answer to a contact that came in", ANSWERED, 0.5,
           variants={"p90": _hours("first_response_hours.p90", "First response", (), "answered", "hours", "the first answer to a contact that came in", ANSWERED, 0.9),
                     "unanswered": Metric("first_response_hours.unanswered", "Contacts without an answer", ("unanswered contacts", "unanswered", "contacts without an answer", "unanswered tickets"), "count", "Contacts that came in and have no answer yet, past their target.", "count(first_response_at is null and past the target)", "C I T", "at", "down",
                                          {"value": count("answered", lambda t: t.first_response_at.isnull() & t.judged), "n": count("answered")}, one("value"), ANSWERED, additive=True, source="service")}),
    _hours("resolution_hours", "Resolution time (median)", ("time to fix", "ttr", "resolution time", "time to resolve", "how long until solved"), "answered", "solved_hours", "a contact that came in was resolved", SOLVED, 0.5,
           variants={"p90": _hours("resolution_hours.p90", "Resolution time", (), "answered", "solved_hours", "a contact that came in was resolved", SOLVED, 0.9)}),
    rate("first_contact_resolution", "First contact resolution", ("fcr", "solved first time", "one-touch", "first contact resolution", "first time resolution"), "Cases solved with one contact that came in and not reopened within seven days, of solved cases.", "count(resolved cases with one contact) / count(resolved cases)", "C I T", "at", "up",
         count("cases", lambda t: t.resolved & t.first_time), count("cases", lambda t: t.resolved), ("interactions.case_id", *SOLVED), source="service",
         variants={"by_stage": rate("first_contact_resolution.by_stage", "First contact resolution (proxy)", ("fcr proxy",), "A proxy where cases have no number: contacts solved without another of the customer in the same stage within seven days, of solved contacts.", "count(no further contact in 7 days) / count(resolved contacts)", "C I T", "at", "up",
                                    count("contacts_with_next", lambda t: ~t.came_again), count("contacts_with_next"), SOLVED, source="service")}),
    Metric("customer_effort", "Customer effort", ("effort", "hassle", "how hard we make it", "customer effort", "contacts per issue"), "ratio", "Contacts an issue: those of one customer in one stage with gaps of at most seven days.", "contacts / issues", "C I T", "at", "down",
           {"contacts": total("issues", "contacts"), "n": count("issues")}, ratio("contacts", "n"), CONTACTS, source="customer effort score, a proxy",
           variants={"channels": Metric("customer_effort.channels", "Channels per issue", ("channels per issue",), "ratio", "Channels used an issue.", "channels / issues", "C I T", "at", "down", {"channels": total("issues", "channels"), "n": count("issues")}, ratio("channels", "n"), CONTACTS, source="customer effort score, a proxy")}),
    rate("channel_switch_rate", "Channel switching", ("moved channel mid-issue", "channel switching", "channel switch rate", "switched channel"), "Issues that touched at least two channels, of issues.", "count(issues with >= 2 channels) / count(issues)", "C I T", "at", "down", count("issues", lambda t: t.channels >= 2), count("issues"), CONTACTS),
    Metric("journey_stage_score", "Stage score", ("touchpoint score", "where is the pain", "journey score", "stage score", "journey stage score", "sentiment by stage"), "points", "Net sentiment of comments about an order, by the stage of the nearest contact about it within 30 days.", "100 * (n(+) - n(-)) / n(mentions)", "C I T", "at", "up",
           {"up": count("staged_mentions", lambda t: t.sentiment > 0), "down": count("staged_mentions", lambda t: t.sentiment < 0), "n": count("staged_mentions")},
           lambda row: 100 * (float(row["up"]) - float(row["down"])) / float(row["n"]) if row["n"] else None, ("feedback_segments.sentiment", "interactions.stage", "feedback.order_id"), lists=("stage",), source="customer experience management"),
    Metric("last_touch_days", "Days since last touch", ("last contact", "when did we last speak", "days since last touch", "last touch", "days since last contact"), "days", "Days since the latest contact in scope.", "as-of - max(interactions.at)", "C", "snap", "down",
           {"value": Component("touches", "max", lambda t: -t.ago), "n": count("touches")}, lambda row: None if row["value"] is None else -float(row["value"]), CONTACTS, source="CRM"),
    rate("promise_keeping", "Promises kept", ("do we keep our word", "promises kept", "promise keeping", "kept promises"), "Promises kept, of those due: delivery dates and times promised in contacts together.", "count(kept) / count(due)", "C T", "svc", "up", count("promises", lambda t: t.kept), count("promises"), ("orders.promised_date|requested_date",), source="credibility"),
    rate("response_reliability", "Response reliability", ("do they get an answer in time", "response reliability", "answered in time", "answers in time"), "Contacts answered within the tier's target (24 hours where there is none), of those answered or past it.", "count(answered in time) / count(answered or past the target)", "C I T", "at", "up",
         count("answered", lambda t: t.judged & t.in_time), count("answered", lambda t: t.judged), ANSWERED, source="credibility"),
    rate("complaint_recovery", "Complaint recovery", ("won back after a complaint", "recovery", "complaint recovery", "recovered complaints"), "Complaints solved within the target and followed within 180 days by an order or a rating not lower, of those old enough to judge.", "count(recovered) / count(complaints at least 180 days old)", "C T", "at", "up",
         count("complaints", lambda t: t.judged & t.recovered), count("complaints", lambda t: t.judged), ("interactions.kind", *SOLVED), source="benevolence"),
    Metric("trust_index", "Trust index", ("relationship health", "trust score", "trust", "trust index", "relationship trust", "customer trust"), "score", "Promises kept (35 %), answers in time (25 %), recovery after complaints (20 %) and right documents (20 %) of the last year, 0 to 100; parts with fewer than five events are left out. The weights are a design choice.", "100 * sum(w * part) / sum(w)", "C", "snap", "up",
           PARTS, _trust, ("orders.promised_date|interactions.first_response_at",), rows="promise_keeping_n", sensitivity="commercial", source="Morgan and Hunt 1994; the weights are this product's own", model="trust"),
    Metric("complaint_rate", "Complaint rate", ("complaints per order", "complaint rate", "complaints per 100 orders"), "ratio", "Complaints tied to orders (comments rather negative, tickets about what went wrong), for 100 orders.", "100 * complaints / orders", "C O T", "at", "down",
           {"n": count("order_complaints"), "orders": Component("orders", "distinct", lambda t: t.order_id)}, lambda row: 100 * float(row["n"]) / float(row["orders"]) if row["orders"] else None, ("orders.order_id", "feedback.order_id|interactions.order_id")),
)  # fmt: skip
