"""As of when a workspace's data are (METRICS A2): the latest operational event, and each source's own; a lone event far from
all others of its source is set aside and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc

from knowledge.tables import Store, TableVersion

EVENTS: dict[str, tuple[str, ...]] = {
    "orders": ("ordered_at", "approved_at", "picked_at", "shipped_at", "delivered_at"),
    "returns": ("requested_at", "received_at", "resolved_at"),
    "invoices": ("issued_at", "paid_at"),
    "interactions": ("at", "first_response_at", "resolved_at"),
    "feedback": ("at",),
    "commitments": ("made_at", "kept_at"),
    "opportunities": ("created_at", "closed_at"),
    "demand_plans": ("made_at",),
    "inventory": ("at",),
}
OPERATIONAL = ("orders", "returns", "invoices", "interactions")
SOURCES, FAR = "source_as_of", "far_events"
LONE, LEAST_GAP, USUAL_GAPS, LEAST_DAYS = 0.005, 180, 20, 4


@dataclass(frozen=True)
class FarEvent:
    """Events of one column that lie alone, far after all others of their source."""

    table: str
    column: str
    day: date
    rows: int
    last: date

    def sentence(self) -> str:
        return (
            f"{self.rows:,} {'row' if self.rows == 1 else 'rows'} of {self.table} {'has' if self.rows == 1 else 'have'} `{self.column}` on "
            f"{self.day:%-d %b %Y}, far after all others (the last is of {self.last:%-d %b %Y}): set aside, perhaps a mistyped year."
        )


@dataclass(frozen=True)
class AsOf:
    """`today`: the workspace's; `sources`: each table's own latest event; `far`: what was set aside for them."""

    today: datetime
    sources: Mapping[str, datetime]
    far: tuple[FarEvent, ...]

    def facts(self) -> dict[str, Any]:
        """The same for a snapshot's facts."""
        far = [{**f.__dict__, "day": str(f.day), "last": str(f.last)} for f in self.far]
        return {SOURCES: {t: m.isoformat() for t, m in self.sources.items()}, FAR: far}


def as_of(store: Store, tables: Mapping[str, TableVersion], zone: str = "UTC") -> AsOf:
    """As of when the tables are, in the zone: plans and promises do not count, comments do not move what orders say."""
    here = ZoneInfo(zone)
    sources: dict[str, datetime] = {}
    far: list[FarEvent] = []
    for name, columns in EVENTS.items():
        if name not in tables:
            continue
        rows = store.read(name, tables[name].version, columns)
        moments = {c: pc.drop_null(rows[c]).cast("timestamp[us]").to_numpy() for c in columns}
        kept, gone = _without_far(name, {c: m for c, m in moments.items() if len(m)})
        far += gone
        if kept is not None:
            whole_days = store_date(rows.schema.field(columns[0]).type)
            sources[name] = _moment(kept, here, whole_days)
    known = [sources[n] for n in OPERATIONAL if n in sources] or list(sources.values())
    return AsOf(max(known) if known else datetime.now(UTC).astimezone(here), sources, tuple(far))


def of_tables(tables: Iterable[str], facts: Mapping[str, Any], today: datetime) -> datetime:
    """As of when figures of these tables are: today, or the latest event of sources that are ahead of the orders and alone in it."""
    named = {"feedback" if t.startswith(("feedback", "theme", "reason")) else t for t in tables}
    told = {t: datetime.fromisoformat(m) for t, m in (facts.get(SOURCES) or {}).items() if t in named}
    if not told or named & set(OPERATIONAL):
        return today
    return max(today, *told.values()).astimezone(today.tzinfo)


def far_sentences(facts: Mapping[str, Any], tables: Iterable[str] | None = None) -> list[str]:
    """What was set aside as lying far from all others, of these tables or of all."""
    wanted = None if tables is None else set(tables)
    return [
        FarEvent(f["table"], f["column"], date.fromisoformat(f["day"]), f["rows"], date.fromisoformat(f["last"])).sentence()
        for f in facts.get(FAR) or ()
        if wanted is None or f["table"] in wanted
    ]


def store_date(kind: Any) -> bool:
    """Whether a column holds days, not moments."""
    return str(kind).startswith("date")


def _moment(value: np.datetime64, here: ZoneInfo, whole_day: bool) -> datetime:
    found: datetime = value.astype("datetime64[us]").item()
    return datetime.combine(found.date(), time(23, 59, 59), here) if whole_day else found.replace(tzinfo=UTC).astimezone(here)


def _without_far(table: str, moments: Mapping[str, np.ndarray]) -> tuple[np.datetime64 | None, list[FarEvent]]:
    """The latest event, with those that lie alone beyond a gap that the source never has otherwise left out."""
    if not moments:
        return None, []
    every = np.concatenate(list(moments.values()))
    days, counts = np.unique(every.astype("datetime64[D]"), return_counts=True)
    cut = lone_from(days, counts)
    if cut is None:
        return every.max(), []
    last = days[cut - 1]
    found = []
    for column, own in moments.items():
        beyond = own[own.astype("datetime64[D]") > last]
        if len(beyond):
            found.append(FarEvent(table, column, beyond.max().astype("datetime64[D]").item(), len(beyond), last.item()))
    return every[every.astype("datetime64[D]") <= last].max(), found


def lone_from(days: np.ndarray, counts: np.ndarray) -> int | None:
    """From which of the days, in their order, events are alone: few, beyond a gap of half a year at least and many times the usual one."""
    if len(days) < LEAST_DAYS:
        return None
    gaps = np.diff(days).astype(int)
    few = max(1, int(LONE * counts.sum()))
    for place in range(len(days) - 1, max(2, len(days) // 2), -1):
        if counts[place:].sum() > few:
            return None
        usual = max(1.0, float(np.percentile(gaps[: place - 1], 95 if place > 30 else 100))) if place > 1 else 1.0
        if gaps[place - 1] >= max(LEAST_GAP, USUAL_GAPS * usual):
            return place
    return None
