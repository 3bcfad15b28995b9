"""Service received against service promised, and against what others of its kind received."""

from __future__ import annotations

from assistant.brief.account import TARGETS, Account
from assistant.brief.content import Line, Name, Section, Table, Words, line, unknown
from knowledge.records import Figure

ROWS = (
    "otd", "fill_rate", "in_full", "perfect_order", "damage_free", "document_accuracy", "order_accuracy", "order_cycle_time",
    "first_response_hours", "resolution_hours",
)  # fmt: skip
ENOUGH = 30


def section(account: Account) -> Section:
    spans = account.spans
    rows: list[tuple[Words, ...]] = []
    for metric in ROWS:
        quarter, year = account.figure(metric, spans.quarter), account.figure(metric, spans.year)
        if quarter is None and year is None:
            continue
        first = quarter or year
        assert first is not None
        promised = account.target(metric) if metric in TARGETS else None
        peers = account.peers(metric, spans.quarter) if first.unit == "share" else None
        rows.append(((first.label,), _cell(quarter), _cell(year), _cell(promised), _cell(peers), (verdict(account, metric),)))
    if not rows:
        why = account.book.why_not("otd", spans.year)
        reason: Words = (Name(why.message, "reason", "otd"),) if why is not None else ("no order of this account was due.",)
        return Section("service", "Service received and promised", (unknown("service; ", *reason),))
    heads: Words = ("Service", spans.quarter, spans.year, "Promised", "Peers", "Against the promise")
    return Section("service", "Service received and promised", tuple(_notes(account)), (Table("Service", heads, tuple(rows)),))


def verdict(account: Account, metric: str) -> str:
    """met, missed or unclear against the tier's promise (METRICS 8), by the quarter where it holds enough, else the year."""
    promised = account.target(metric) if metric in TARGETS else None
    now = judged(account, metric)
    if promised is None or now is None or not isinstance(promised.value, int | float) or not isinstance(now.value, int | float):
        return "–"
    if now.unit != "share":
        return "met" if now.value <= promised.value else "missed"
    if now.interval is None:
        return "–"
    return "met" if now.interval[0] >= promised.value else "missed" if now.interval[1] < promised.value else "unclear"


def judged(account: Account, metric: str) -> Figure | None:
    """The figure that a promise is judged by."""
    quarter, year = account.figure(metric, account.spans.quarter), account.figure(metric, account.spans.year)
    return quarter if quarter is not None and (quarter.denominator or quarter.rows) >= ENOUGH else year


def _cell(figure: Figure | None) -> Words:
    return (figure,) if figure is not None else ("–",)


def _notes(account: Account) -> list[Line]:
    made = []
    if not account.policy:
        made.append(unknown("what the account is promised; its tier has no service policy."))
    if account.peer_group is not None:
        _, member = account.peer_group
        made.append(line("Peers: the other accounts of ", member, ", ", account.spans.quarter, "."))
    return made
