"""Open points: what was promised to them and not kept, who waits for an answer; and what is not known of them."""

from __future__ import annotations

from typing import Any

from assistant.brief.account import Account
from assistant.brief.content import Day, Line, Name, Section, Words, line, several, unknown

SHOWN, STALE_DAYS = 3, 60


def open_points(account: Account) -> Section:
    lines = [_commitment(account, c) for c in _unkept(account)[:SHOWN]]
    more = len(_unkept(account)) - SHOWN
    if more > 0:
        lines.append(
            line(
                "And ",
                account.total("commitments", "more open commitments", more, more, "count"),
                " older ones that are not kept.",
            )
        )
    for row in [w for w in account.waiting if w["days_waiting"] > 0][:SHOWN]:
        days = account.recorded("interactions", "days_waiting", row["interaction_id"], row["days_waiting"], "count")
        subject = Name(str(row["subject"] or row["stage"] or "a message"), "interaction", row["interaction_id"])
        lines.append(
            Line(
                (subject, ": no answer for ", *several(days, "day", "days"), " (", Name(str(row["channel"])), ")."),
                lead="Unanswered",
            )
        )
    if not lines:
        lines = (
            [line("Nothing is open.")] if account.book.has("commitments") else [unknown("commitments; none were ever loaded.")]
        )
    return Section("points", "Open points", tuple(lines), place="page")


def _unkept(account: Account) -> list[dict[str, Any]]:
    """Commitments that are not kept, the latest first: what is a year late is hardly waited for any more."""
    rows = [c for c in account.commitments if c["kept"] is None]
    return sorted(rows, key=lambda c: (-c["made"].toordinal(), c["commitment_id"]))


def _commitment(account: Account, row: dict[str, Any]) -> Line:
    identity = str(row["commitment_id"])
    parts: list[Any] = [Name(str(row["text"]), "commitment", identity), " (promised ", Day(row["made"].date())]
    if row["due"] is not None:
        parts += [", due ", Day(row["due"].date())]
    parts.append(")")
    past = row["days_past"]
    if past is not None and past > 0:
        parts += [
            ", ",
            *several(account.recorded("commitments", "days_overdue", identity, past, "count"), "day", "days"),
            " overdue",
        ]
    return Line((*parts, "."), lead="Promised", owner=str(row["owner"] or ""))


def blind_spots(account: Account) -> Section:
    """What is unknown or stale: profile fields, tables that were never loaded, how old the newest word from them is."""
    lines: list[Line] = []
    missing = [k for k in ("industry", "region", "size", "account_owner", "service_tier") if not account.facts[k]]
    if missing:
        lines.append(unknown(", ".join(m.replace("_", " ") for m in missing), "."))
    never = [t for t in ("orders", "returns", "interactions", "feedback", "invoices", "contracts", "opportunities", "commitments",
                         "demand_plans", "cost_activities", "service_policies") if not account.book.has(t)]  # fmt: skip
    if never:
        lines.append(unknown("what these would tell: ", ", ".join(n.replace("_", " ") for n in never), " (never loaded)."))
    touched = account.rhythm.get("last_touch")
    if touched is not None:
        days = (account.today - touched.date()).days
        ago = account.recorded("customer_facts", "last_touch_days", account.id, days, "count")
        since: Words = (", ", *several(ago, "day", "days"), " before the data ends") if days else ()
        lines.append(line("Last contact ", Day(touched.date()), *since, ": stale." if days > STALE_DAYS else "."))
    elif account.book.has("interactions"):
        lines.append(unknown("when we last spoke; no contact with this account is recorded."))
    return Section("unknown", "Unknown or stale", tuple(lines or [line("Nothing of what a brief needs is missing.")]))
