"""What changed on an account since an earlier reading of it: figures with their causes, complaints, promises, people, matters.

A reading is what a brief keeps of an account at one moment; one of any past day can be made from a book as of that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.causes import cause
from assistant.brief.content import Day, Line, Name, Section, Words, line, several
from assistant.brief.headlines import as_step, headlines
from assistant.brief.sections import money, service, voice
from knowledge import account_records as records
from knowledge.records import Figure, Period

RATES = ("otd", "fill_rate", "perfect_order", "damage_free", "document_accuracy", "order_accuracy")
POINTS, SHARE, STILL = 0.01, 0.05, 3


@dataclass(frozen=True)
class Reading:
    """An account on one day: figures by name, complaining comments by theme, open promises, people, matters that stood out."""

    on: date
    figures: Mapping[str, Figure] = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)
    promises: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    matters: Mapping[str, str] | None = None


def reading(account: Account) -> Reading:
    """The account as its book has it. A book of a past day knows nothing of what stood out then."""
    spans = account.spans
    figures = {m: f for m in RATES if (f := service.judged(account, m)) is not None}
    for metric in ("revenue", "orders", "return_rate", "net_sentiment"):
        figure = account.figure(metric, spans.year)
        if figure is not None:
            figures[metric] = figure
    late, owed = account.late_orders, money.overdue(account)
    figures["late_orders"] = account.total("orders", "open orders past their promise", len(late), len(late), "count")
    figures["overdue"] = account.total("invoices", "overdue amount", owed[1], len(owed[0]))
    scope = account.book.reader.scope
    people = account.rows("contacts", records.contacts) if scope.may("personal") or scope.accounts is not None else []
    return Reading(
        account.today,
        figures,
        {c.theme.id: int(c.comments.value or 0) for c in voice.complaints(account)},
        {str(c["commitment_id"]): str(c["text"]) for c in account.commitments if c["kept"] is None},
        {str(p["contact_id"]): str(p["name"] or p["contact_id"]) for p in people},
        {h.key: h.lead for h in headlines(account)} if account.book.latest else None,
    )


def section(account: Account, then: Reading, title: str = "Since you last read") -> Section:
    """What is different now, each change with what it comes from where that is clear."""
    now = reading(account)
    lines = [
        line("Compared with the account as of ", Day(then.on), "."), *_figures(account, now, then), *_matters(account, now, then),
        *_themes(account, now, then), *_promises(account, now, then), *_people(now, then),
    ]  # fmt: skip
    if len(lines) == 1:
        lines = [line("Nothing of note has changed since ", Day(then.on), ".")]
    return Section("since", title, tuple(lines), place="page")


def _figures(account: Account, now: Reading, then: Reading) -> list[Line]:
    made = []
    for name, figure in now.figures.items():
        before = then.figures.get(name)
        by = derived.gap(figure, before, account.book.currency)
        if before is None or by is None or not _notable(figure, before, by):
            continue
        words: Words = (figure.label, " ", by, ": ", figure, " after ", before)
        why = _why(account, name, figure)
        made.append(line(*words, *(("; ", *why) if why else ()), "."))
    return made


def _notable(figure: Figure, before: Figure, by: Figure) -> bool:
    size, base = abs(derived.number(by) or 0), abs(derived.number(before) or 0)
    if figure.unit in ("share", "share_points"):
        return size >= POINTS
    return size >= 5 if figure.unit == "points" else size > SHARE * base


def _why(account: Account, name: str, figure: Figure) -> Words:
    if name in RATES and isinstance(figure.period, Period):
        found = cause(account, name, figure.period)
        return found.words if found is not None else ()
    if name == "revenue" and account.change_parts:
        parts = account.change_parts
        return (
            "in the ",
            account.spans.quarter,
            " volume ",
            parts["volume"],
            ", mix ",
            parts["mix"],
            ", price ",
            parts["price"],
        )
    return ()


def _still(account: Account, then: Reading) -> list[Line]:
    """The steps that the earlier brief proposed for matters that are still there."""
    held = [h for h in headlines(account) if h.bad and h.step and h.key in (then.matters or {})]
    return [replace(as_step(h), lead="Proposed then, still to do:") for h in held[:STILL]]


def _matters(account: Account, now: Reading, then: Reading) -> list[Line]:
    if now.matters is None or then.matters is None:
        return []
    came = [line(text, lead="New:") for key, text in now.matters.items() if key not in then.matters]
    went = [line(text, lead="No longer:") for key, text in then.matters.items() if key not in now.matters]
    return came + went + _still(account, then)


def _themes(account: Account, now: Reading, then: Reading) -> list[Line]:
    names = account.book.names("themes", "theme_id")
    new = [i for i in now.themes if i not in then.themes][:3]
    words: Words = ()
    for identity in new:
        count = account.total("feedback_segments", "complaining comments", now.themes[identity], now.themes[identity], "count")
        words += (
            "; " if words else "",
            Name(names.get(identity, identity), "theme", identity),
            " (",
            *several(count, "comment", "comments"),
            ")",
        )
    made = [line(*words, ".", lead="New complaints:")] if words else []
    fresh = {r["feedback_id"] for r in account.said if (r["on"].date() if hasattr(r["on"], "hour") else r["on"]) > then.on}
    if fresh:
        count = account.total("feedback", "comments since", len(fresh), len(fresh), "count")
        made.append(line(*several(count, "comment", "comments"), " since then."))
    return made


def _promises(account: Account, now: Reading, then: Reading) -> list[Line]:
    rows = {str(c["commitment_id"]): c for c in account.commitments}
    made = []
    for identity, said in then.promises.items():
        row = rows.get(identity)
        if row is not None and row["kept"] is not None:
            late = row["due"] is not None and row["kept"] > row["due"]
            made.append(
                line(
                    Name(said, "commitment", identity),
                    " – kept ",
                    Day(row["kept"].date()),
                    ", late." if late else ".",
                    lead="Promise:",
                )
            )
    for identity, said in now.promises.items():
        if identity not in then.promises and identity in rows:
            made.append(
                line(
                    Name(said, "commitment", identity),
                    " – promised ",
                    Day(rows[identity]["made"].date()),
                    ", open.",
                    lead="New promise:",
                )
            )
    return made[:6]


def _people(now: Reading, then: Reading) -> list[Line]:
    if not then.people:
        return []
    gone = [line(Name(n, "contact", i), " is no longer a contact.") for i, n in then.people.items() if i not in now.people]
    came = [line(Name(n, "contact", i), " is a new contact.") for i, n in now.people.items() if i not in then.people]
    return gone + came


def to_json(made: Reading) -> dict[str, Any]:
    """A reading as it is kept."""

    def plain(f: Figure) -> dict[str, Any]:
        period = (
            {"start": f.period.start.isoformat(), "end": f.period.end.isoformat(), "label": f.period.label}
            if f.period
            else None
        )
        return {"metric": f.metric, "label": f.label, "value": f.value, "unit": f.unit, "display": f.display, "filters": dict(f.filters),
                "rows": f.rows, "period": period, "definition": f.definition, "source": f.source}  # fmt: skip

    return {"on": made.on.isoformat(), "figures": {k: plain(f) for k, f in made.figures.items()}, "themes": dict(made.themes),
            "promises": dict(made.promises), "people": dict(made.people), "matters": dict(made.matters) if made.matters is not None else None}  # fmt: skip


def from_json(kept: Mapping[str, Any]) -> Reading:
    def figure(f: Mapping[str, Any]) -> Figure:
        span = f["period"]
        period = Period(date.fromisoformat(span["start"]), date.fromisoformat(span["end"]), span["label"]) if span else None
        return Figure(**{**f, "period": period})

    on = date.fromisoformat(kept["on"])
    return replace(Reading(on), figures={k: figure(f) for k, f in kept["figures"].items()}, themes=kept["themes"],
                   promises=kept["promises"], people=kept["people"], matters=kept["matters"])  # fmt: skip
