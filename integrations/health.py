"""What is wrong with the data of a workspace, counted, with what it costs and what to do: the second half of `rapport doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from knowledge import quarantine
from knowledge.access import Reader
from knowledge.asof import far_sentences
from knowledge.errors import NoData

NOTABLE = 0.02  # smaller shares of a table are not worth a person's time
STALE_DAYS = 45
Count = tuple[str, int, int, str]


def complaints(workspace: Path, reader: Reader) -> Iterator[tuple[str, str]]:
    """Pairs of what was seen and what to do; nothing where all is well."""
    yield from _kept_out(workspace)
    for said in far_sentences(reader.snapshot.facts):
        yield said, "Mend the date at its source and import it again."
    age = (datetime.now(UTC) - reader.snapshot.as_of).days
    if age > STALE_DAYS:
        yield (
            f"The data end {age} days ago, on {reader.snapshot.as_of:%-d %b %Y}.",
            "Import what has happened since; answers say as of when they are.",
        )
    for look in (_orders, _lines, _products, _feedback, _aliases):
        try:
            for what, count, whole, todo in look(reader):
                if count and count >= NOTABLE * whole:
                    yield (f"{count:,} of {whole:,} {what}." if count < whole else f"All {whole:,} {what}."), todo
        except NoData:
            continue


def _kept_out(workspace: Path) -> Iterator[tuple[str, str]]:
    counted = quarantine.summary(workspace)
    if counted:
        rows = sum(r["rows"] for r in counted)
        most = counted[0]
        yield (
            f"{rows:,} rows wait in the quarantine, most for: {most['reason']} ({most['rows']:,}, {most['source']}).",
            "`rapport quarantine list`, then mend and `rapport quarantine retry`.",
        )


def _one(reader: Reader, table: Any, **parts: Any) -> dict[str, int]:
    row = reader.engine.backend.to_pyarrow(table.aggregate(whole=table.count(), **parts)).to_pylist()[0]
    return {k: int(v or 0) for k, v in row.items()}


def _orders(reader: Reader) -> Iterator[Count]:
    orders = reader.table("orders").filter(lambda t: t.status != "cancelled")
    backwards = (
        (orders.delivered_at < orders.ordered_at)
        | (orders.shipped_at < orders.ordered_at)
        | (orders.delivered_at < orders.shipped_at)
    )
    undated = orders.promised_date.isnull() & orders.requested_date.isnull()
    seen = _one(reader, orders, backwards=backwards.sum(), undated=undated.sum())
    yield (
        "orders have times out of order", seen["backwards"], seen["whole"],
        "They are left out of cycle times: check the clocks and zones of the source.",
    )  # fmt: skip
    yield (
        "orders have neither a promised nor a requested date", seen["undated"], seen["whole"],
        "On-time, fill rate and perfect order leave them out: import `promised_date`.",
    )  # fmt: skip
    if reader.rows("order_lines"):
        empty = orders.anti_join(reader.table("order_lines"), "order_id")
        yield (
            "orders have no line",
            _one(reader, empty)["whole"],
            seen["whole"],
            "They have no value: import `order_lines` too.",
        )


def _lines(reader: Reader) -> Iterator[Count]:
    lines = reader.table("order_lines")
    seen = _one(reader, lines, unpriced=(lines.unit_price == 0).sum())
    yield (
        "order lines have the price 0", seen["unpriced"], seen["whole"],
        "Revenue lacks them: check whether they are samples or gaps.",
    )  # fmt: skip


def _products(reader: Reader) -> Iterator[Count]:
    products = reader.table("products")
    seen = _one(reader, products, costless=products.unit_cost.isnull().sum(), unplaced=products.category.isnull().sum())
    if not reader.filled("order_lines", "unit_cost"):
        yield "articles have no cost", seen["costless"], seen["whole"], "Margins leave them out: import `unit_cost`."
    yield "articles have no category", seen["unplaced"], seen["whole"], "Breakdowns by category show them as not given."


def _feedback(reader: Reader) -> Iterator[Count]:
    comments = reader.table("feedback")
    seen = _one(reader, comments, nobodys=comments.customer_id.isnull().sum(), alone=comments.order_id.isnull().sum())
    yield (
        "comments name no customer", seen["nobodys"], seen["whole"],
        "They count for no account: import `customer_id`, or match the other system's ids with `rapport aliases`.",
    )  # fmt: skip
    if reader.rows("orders") and seen["alone"] == seen["whole"]:
        yield (
            "comments name no order", seen["alone"], seen["whole"],
            "Complaints are then checked against the customer's orders of the time: import `order_id` for certainty.",
        )  # fmt: skip


def _aliases(reader: Reader) -> Iterator[Count]:
    known = reader.table("customer_aliases")
    seen = _one(reader, known, open=(~known.confirmed.fill_null(False)).sum())
    yield (
        "customers of other systems are not confirmed", seen["open"], seen["whole"], "`rapport aliases` shows them; confirm or refuse.",
    )  # fmt: skip
