"""Base relations of contact and trust: promises, answers, complaints, issues, cases (METRICS 11 and 20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import Context
from knowledge.metrics.bases_loyalty import today

if TYPE_CHECKING:
    import ibis.expr.types as ir

RESPONSE_HOURS, RESOLUTION_HOURS = 24.0, 72.0  # where the tier has no target
JUDGED_DAYS = 180
COMPLAINT_STAGES = ("delivery", "invoice", "return", "support")
ISSUE_GAP_DAYS = 7
KEYS = ["customer_id", "stage"]


def _moment(context: Context) -> Any:
    import ibis

    return ibis.literal(context.as_of, type="timestamp('UTC')")


def _hours(t: Any, start: str, end: str) -> Any:
    return (t[end].epoch_seconds() - t[start].epoch_seconds()) / 3600


def inbound(context: Context) -> ir.Table:
    """Contacts that came in; where a source does not say the direction, all of its contacts."""
    rows = bases.interactions(context)
    return rows.filter(rows.direction.fill_null("inbound") == "inbound")


def _with_targets(rows: ir.Table, context: Context) -> ir.Table:
    """Adds the customer's tier targets in hours, the defaults where there are none."""
    import ibis

    defaults = {"response_target": ibis.literal(RESPONSE_HOURS), "resolution_target": ibis.literal(RESOLUTION_HOURS)}
    try:
        policies = context.reader.table("service_policies")
        tiers = context.reader.table("customers").select(target_of="customer_id", target_tier="service_tier")
    except NoData:
        return rows.mutate(**defaults)
    promised = policies.select(
        policy_tier="service_tier", first_hours="first_response_hours_target", resolve_hours="resolution_hours_target"
    )
    known = tiers.left_join(promised, tiers.target_tier == promised.policy_tier)
    joined = rows.left_join(known, rows.customer_id == known.target_of)
    return joined.mutate(
        response_target=ibis.coalesce(joined.first_hours, defaults["response_target"]),
        resolution_target=ibis.coalesce(joined.resolve_hours, defaults["resolution_target"]),
    ).drop("target_of", "target_tier", "policy_tier", "first_hours", "resolve_hours")


def answered(context: Context) -> ir.Table:
    """Contacts that came in, with `hours` to the first answer, `in_time` (tier target, else 24 h) and `judged`: answered, or
    unanswered and past the target, which is a miss."""
    rows = _with_targets(inbound(context), context)
    rows = rows.mutate(hours=_hours(rows, "at", "first_response_at"), solved_hours=_hours(rows, "at", "resolved_at"))
    waited = (_moment(context).epoch_seconds() - rows["at"].epoch_seconds()) / 3600
    return rows.mutate(
        in_time=((rows.hours >= 0) & (rows.hours <= rows.response_target)).fill_null(False),
        judged=rows.first_response_at.notnull() | (waited > rows.response_target),
    )


def promises(context: Context) -> ir.Table:
    """Promises due, one row each: deliveries by their promised date, and contacts by the time promised; `kept` says whether."""
    import ibis

    found = []
    try:
        rows = bases.due_orders(context)
        rows = rows.filter(rows.delivered_day.notnull() | (rows.status == "open")).filter(lambda t: t.day.notnull())
        found.append(
            rows.select(
                "customer_id", "day", kept=(rows.delivered_day <= rows.day).fill_null(False), what=ibis.literal("delivery")
            )
        )
    except NoData:
        pass
    try:
        said = bases.interactions(context)
        said = said.filter(said.promised_by.notnull() & (said.promised_by <= _moment(context)))
        kept = (said.resolved_at <= said.promised_by).fill_null(False)
        found.append(said.select("customer_id", day=said.promised_by.date(), kept=kept, what=ibis.literal("contact")))
    except NoData:
        pass
    if not found:
        raise NoData("Nothing was promised: this needs orders with a promised date.", "Import `orders`.", code="no_data")
    return ibis.union(*found) if len(found) > 1 else found[0]


def complaints(context: Context) -> ir.Table:
    """Tickets that came in about delivery, invoice, return or support, with `judged` (180 days old) and `recovered`: solved
    within the target, and followed within 180 days by an order, or by a rating not lower than the one before."""
    import ibis

    rows = _with_targets(inbound(context), context)
    rows = rows.filter((rows.kind == "ticket") & rows.stage.isin(COMPLAINT_STAGES))
    until = rows["at"] + ibis.interval(days=JUDGED_DAYS)
    rows = rows.mutate(judge_at=until, in_target=(_hours(rows, "at", "resolved_at") <= rows.resolution_target).fill_null(False))
    came_back = _followed(rows, context)
    rows = rows.left_join(came_back, rows.interaction_id == came_back.followed_id).drop("followed_id")
    return rows.mutate(judged=rows.judge_at <= _moment(context), recovered=rows.in_target & rows.came_back.fill_null(False))


def _followed(rows: ir.Table, context: Context) -> ir.Table:
    """Ids of complaints after which the customer ordered again or rated no worse: `followed_id`, `came_back` (true)."""
    import ibis

    asked = rows.select(followed_id="interaction_id", whose="customer_id", since="at", until="judge_at")
    found = []
    try:
        later = bases.orders(context).select(buyer="customer_id", then="ordered_at")
        hits = asked.inner_join(later, [asked.whose == later.buyer, later.then > asked.since, later.then <= asked.until])
        found.append(hits.select("followed_id").distinct())
    except NoData:
        pass
    if context.reader.filled("feedback", "rating"):
        rated = bases.feedback(context)
        rated = rated.filter(rated.rating.notnull()).select(buyer="customer_id", then="at", score="rating")
        both = asked.inner_join(rated, asked.whose == rated.buyer)
        before, after = both.then <= both.since, (both.then > both.since) & (both.then <= both.until)
        scores = both.group_by("followed_id").aggregate(
            was=both.score.argmax(both.then, where=before), now=both.score.argmin(both.then, where=after)
        )
        found.append(scores.filter((scores.now >= scores.was).fill_null(False)).select("followed_id"))
    if not found:
        return asked.select("followed_id", came_back=ibis.literal(False)).limit(0)
    all_of_them = ibis.union(*found, distinct=True) if len(found) > 1 else found[0]
    return all_of_them.mutate(came_back=ibis.literal(True))


def touches(context: Context) -> ir.Table:
    """Contacts either way with `ago`, the days since."""
    rows = bases.interactions(context)
    return rows.mutate(ago=(_moment(context).epoch_seconds() - rows["at"].epoch_seconds()) / 86400)


def _of_last_year(base: Callable[[Context], ir.Table]) -> Callable[[Context], ir.Table]:
    def made(context: Context) -> ir.Table:
        import ibis

        rows = base(context)
        return rows.filter(rows.day > ibis.literal(today(context) - timedelta(days=365)))

    return made


def documents(context: Context) -> ir.Table:
    """Orders due whose invoice lines were checked, with `right`."""
    rows = bases.due_by_order(context)
    rows = rows.filter((rows.invoice_known == rows.lines) | (rows.invoice_wrong > 0))
    return rows.mutate(right=rows.invoice_wrong == 0)


def or_nothing(base: Callable[[Context], ir.Table], **columns: str) -> Callable[[Context], ir.Table]:
    """The base, or no rows where a table it needs is not there: a part that is not measured is left out."""

    def made(context: Context) -> ir.Table:
        import ibis

        try:
            return base(context)
        except NoData:
            schema = ibis.schema({"customer_id": "string", "day": "date", **columns})
            return ibis.memtable(schema.to_pyarrow().empty_table())

    return made


def issues(context: Context) -> ir.Table:
    """Issues: contacts of one customer in one stage with gaps of at most 7 days; `contacts`, `channels`; `day` is the first."""
    import ibis

    rows = bases.interactions(context)
    rows = rows.mutate(stage=rows.stage.fill_null("not given"))
    each = ibis.window(group_by=KEYS, order_by=["at", "interaction_id"])
    gap = (rows["at"].epoch_seconds() - rows["at"].lag().over(each).epoch_seconds()) / 86400
    rows = rows.mutate(begins=(gap > ISSUE_GAP_DAYS).fill_null(True).cast("int64"))
    rows = rows.mutate(issue=rows.begins.sum().over(ibis.cumulative_window(group_by=KEYS, order_by=["at", "interaction_id"])))
    return rows.group_by("customer_id", "stage", "issue").aggregate(
        day=rows.day.min(), contacts=rows.count(), channels=rows.contact_channel.nunique()
    )


def cases(context: Context) -> ir.Table:
    """Cases with `resolved` and `first_time`: one contact came in until 7 days after it was resolved; `day` is the first."""
    import ibis

    rows = inbound(context)
    rows = rows.filter(rows.case_id.notnull())
    solved = rows.group_by("case_id").aggregate(solved_at=rows.resolved_at.min())
    joined = rows.inner_join(solved, "case_id")
    counts = joined["at"] <= joined.solved_at + ibis.interval(days=ISSUE_GAP_DAYS)
    return (
        joined.group_by("case_id", "customer_id")
        .aggregate(day=joined.day.min(), stage=joined.stage.argmin(joined["at"]), resolved=joined.solved_at.notnull().any(),
                   contacts=joined.count(where=counts))
        .mutate(first_time=lambda t: t.contacts == 1)
    )  # fmt: skip


def contacts_with_next(context: Context) -> ir.Table:
    """Contacts that came in and were resolved, with `came_again`: another of the customer in the same stage within 7 days."""
    import ibis

    rows = inbound(context)
    each = ibis.window(group_by=KEYS, order_by=["at", "interaction_id"])
    gap = (rows["at"].lead().over(each).epoch_seconds() - rows["at"].epoch_seconds()) / 86400
    return rows.mutate(came_again=(gap <= ISSUE_GAP_DAYS).fill_null(False)).filter(lambda t: t.resolved_at.notnull())


BASES: dict[str, Callable[[Context], ir.Table]] = {
    "inbound": inbound,
    "answered": answered,
    "promises": promises,
    "complaints": complaints,
    "issues": issues,
    "cases": cases,
    "contacts_with_next": contacts_with_next,
    "touches": touches,
    "promises_year": or_nothing(_of_last_year(promises), kept="boolean"),
    "answered_year": or_nothing(_of_last_year(answered), in_time="boolean", judged="boolean"),
    "complaints_any": or_nothing(complaints, recovered="boolean", judged="boolean"),
    "documents_year": or_nothing(_of_last_year(documents), right="boolean"),
}
