"""When something is due: daily, weekly or monthly at an hour, never in quiet hours. Pure functions of a subscription and a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from knowledge.errors import BadQuestion

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Every = Literal["hour", "day", "week", "month", "always"]
EVERY = ("day", "week", "month", "always")  # what people may be sent; imports may come every hour too


@dataclass(frozen=True)
class Schedule:
    """`every` hour (at the minute of `at`), day, week (on `weekday`, 0 is Monday) or month (on the first) at `at`; `always`:
    whenever there is news.

    From `quiet_from` to `quiet_to` nothing is sent; what falls due then is sent after."""

    every: Every = "week"
    at: time = time(7, 30)
    weekday: int = 0
    quiet_from: time | None = None
    quiet_to: time | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Schedule:
        """From a subscription's schedule, such as {"every": "week", "day": "monday", "at": "07:30", "quiet": "18:00-07:00"}.

        Fails: BadQuestion (`bad_schedule`) naming what cannot be read."""
        every = str(kept.get("every") or "week")
        if every not in EVERY:
            raise _bad("every", every, ", ".join(EVERY))
        day = str(kept.get("day") or "monday").lower()
        if day not in DAYS:
            raise _bad("day", day, ", ".join(DAYS))
        quiet = str(kept.get("quiet") or "")
        first, _, last = quiet.partition("-")
        quiet_from, quiet_to = (_time("quiet", first), _time("quiet", last)) if quiet else (None, None)
        return cls(every, _time("at", str(kept.get("at") or "07:30")), DAYS.index(day), quiet_from, quiet_to)  # type: ignore[arg-type]

    def quiet(self, now: datetime) -> bool:
        """Whether nothing may be sent at that (local) moment."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        clock = now.time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to

    def slot(self, now: datetime) -> datetime:
        """The last moment at or before `now` (local) at which it was to be sent."""
        today = now.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        if self.every == "always":
            return now
        if self.every == "hour":
            this = now.replace(minute=self.at.minute, second=0, microsecond=0)
            return this if this <= now else this - timedelta(hours=1)
        if self.every == "month":
            first = today.replace(day=1)
            return first if first <= now else (first - timedelta(days=1)).replace(day=1)
        if self.every == "day":
            return today if today <= now else today - timedelta(days=1)
        back = (today.weekday() - self.weekday) % 7
        day = today - timedelta(days=back)
        return day if day <= now else day - timedelta(days=7)


def due(schedule: Schedule, created: datetime, last_sent: datetime | None, now: datetime, zone: str) -> datetime | None:
    """The slot that is to be sent now; None where it was sent, is not yet due since it was asked for, or it is quiet."""
    local = now.astimezone(ZoneInfo(zone))
    slot = schedule.slot(local)
    if schedule.quiet(local) or slot < created.astimezone(ZoneInfo(zone)):
        return None
    return slot if last_sent is None or last_sent.astimezone(ZoneInfo(zone)) < slot else None


def _time(key: str, text: str) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError as err:
        raise _bad(key, text, "07:30" if key == "at" else "18:00-07:00") from err


def _bad(key: str, given: str, allowed: str) -> BadQuestion:
    return BadQuestion(f"A schedule's `{key}` cannot be `{given}`.", f"Use {allowed}.", code="bad_schedule")
