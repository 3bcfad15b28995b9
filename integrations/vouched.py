"""What a person may hand in: comments under ids of their own, on accounts that they see, of a moment that has been."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from knowledge.access import Reader
from knowledge.errors import BadQuestion, NoData

CLOCKS = timedelta(minutes=5)  # how far two clocks may be apart


def in_time(comments: Sequence[Mapping[str, Any]], zone: str, now: datetime | None = None) -> None:
    """Fails: BadQuestion (`in_the_future`) for a comment of a moment that is still to come; times without a zone are the workspace's."""
    latest = (now or datetime.now(UTC)) + CLOCKS
    for n, comment in enumerate(comments):
        if comment.get("at") is None:
            continue
        at = datetime.fromisoformat(str(comment["at"]))
        if (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))) > latest:
            raise BadQuestion(
                f"Comment {n + 1} is of {at:%Y-%m-%d %H:%M}, which is still to come.", "Give the moment at which it was said.", code="in_the_future"
            )  # fmt: skip


def vouched(
    comments: Sequence[Mapping[str, Any]], reader: Reader
) -> tuple[list[dict[str, Any]], list[tuple[dict[str, Any], str]]]:
    """The comments as this person may hand them in, and those that they may not with why, in the words for what is not there.

    Whoever runs the workspace names comments as the source does; the ids of others are their own, so that nobody writes over
    what somebody else said."""
    scope = reader.scope
    given = [{**c, "feedback_id": _own(c.get("feedback_id"), reader)} for c in comments]
    if scope.accounts is None:
        return given, []
    owners = _owners({str(c["order_id"]) for c in given if c.get("order_id")}, reader)
    reasons = [_hidden(c, scope.accounts, owners) for c in given]
    return (
        [c for c, reason in zip(given, reasons, strict=True) if not reason],
        [(c, reason) for c, reason in zip(given, reasons, strict=True) if reason],
    )


def _own(given: str | None, reader: Reader) -> str:
    if given is None:
        return "A-" + uuid.uuid4().hex[:16]
    return given if reader.scope.kind == "admin" else f"{quote(reader.scope.principal, safe='')}:{given}"


def _hidden(comment: Mapping[str, Any], accounts: frozenset[str], owners: Mapping[str, str]) -> str:
    customer, order = comment.get("customer_id"), comment.get("order_id")
    if customer is not None and customer not in accounts:
        return "unknown `customer_id`"
    if order is not None and (order not in owners or (customer is not None and owners[order] != customer)):
        return "unknown `order_id`"
    return ""


def _owners(wanted: set[str], reader: Reader) -> dict[str, str]:
    """Whose each of the orders is, of those that the reader sees."""
    if not wanted:
        return {}
    try:
        orders = reader.table("orders")
    except NoData:
        return {}
    rows = orders.filter(orders.order_id.isin(sorted(wanted))).select("order_id", "customer_id").execute()
    return dict(zip(rows["order_id"], rows["customer_id"], strict=True))
