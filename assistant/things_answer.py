"""Answers that list things: how many there are of that kind, and which, with what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from assistant import compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, currency, day, framed, local_day, query_json
from assistant.voice_answer import texts_of
from knowledge import display
from knowledge.access import Reader
from knowledge.entities import verbalise
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.listing import Listing, listed
from knowledge.entities.model import UNITS
from knowledge.errors import NoData, UnknownName
from knowledge.intervals import wilson
from knowledge.query import run as run_query
from knowledge.records import Citation, Figure, MetricQuery, Quote

SHOWN, NAMED, QUOTED = 20, 3, 5
SPOKEN = "comment"
"""The things that are told in their own words."""


def told(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The things of the plan's selection: their number, the first of them by name, all that fit in a table.

    Fails: as `knowledge.query.run` and `knowledge.entities.listing.listed`."""
    query = plan.queries[0]
    slots = plan.slots
    of = entity(str(slots["things"]))
    only, period = query.only, query.period
    ranked = slots.get("ranked_by")
    found = listed(
        of.name, reader, only=only, period=period, by=ranked, order=slots.get("order") or "desc", limit=query.limit or SHOWN,
        columns=_columns(of.shown, ranked, of.name),
    )  # fmt: skip
    found = _in_place(found, slots)
    count = _count(of.name, query, reader)
    said = verbalise.things(of.name, only, name, period)
    placed = _placed(found, said, slots, count, name, reader) if slots.get("ranked") and query.limit else ""
    text = placed or _sentence(found, said, ranked, count, name, reader)
    quotes = _in_words([key for key, _, _ in found.rows], reader) if of.name == SPOKEN else ()
    text += "".join(f"\n- “{' '.join(q.text.split())}” ({q.feedback_id})" for q in quotes)
    text += f"\n\n_{of.plural.capitalize()} of the record · data to {day(reader)}_"
    heads = [_title(p) for p in found.columns]
    owner = of.name != "customer" and any(c for _, c, _ in found.rows)
    rows = [
        [name(of.name, key), *([name("customer", whose)] if owner else []), *(_cell(v, p, reader) for v, p in zip(values, found.columns, strict=True))]
        for key, whose, values in found.rows
    ]  # fmt: skip
    figures = (count, *_values(found, ranked, count, reader))
    names = [
        n for key, whose, _ in found.rows[:NAMED] for n in (name(of.name, key), name("customer", whose) if whose else "") if n
    ]
    dates = [str(local_day(v, reader)) for _, _, vs in found.rows[:NAMED] for v in vs if isinstance(v, date)]
    kept = {
        **slots,
        "queries": [query_json(query)],
        "conditions": said,
        "names": names,
        "dates": dates,
        "notes": [placed],
        "counts": {"shown": len(rows)},
    }
    return framed(
        reader, replace(plan, slots=kept), "answered", text, figures=figures,
        table={"columns": [of.name.capitalize(), *(["Customer"] if owner else []), *heads], "rows": rows} if rows else None,
        quotes=quotes,
        citations=tuple(Citation(of.name, key, f"{of.name.capitalize()} {name(of.name, key)}") for key, _, _ in found.rows[:5]),
    )  # fmt: skip


def facts(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What the record holds of one thing, or of the few that the selection leaves: the attributes that are asked for.

    Fails: UnknownName where there is no such thing, else as `knowledge.entities.listing.listed`."""
    query, of = plan.queries[0], entity(str(plan.slots["things"]))
    asked = tuple(plan.slots["facts"])
    slots, ordered = plan.slots, bool(plan.slots.get("ranked"))
    found = listed(
        of.name, reader, only=query.only, period=query.period, columns=asked, by=slots.get("ranked_by"),
        order=slots.get("order") or "desc", limit=query.limit if ordered else SHOWN,
    )  # fmt: skip
    found = _in_place(found, slots)
    said = verbalise.things(of.name, query.only, name, query.period)
    if not found.rows:
        raise UnknownName(f"There are no {said} that you can see.", "Check the name or the number.", code="unknown_thing")
    lines, figures = [], []
    for key, whose, values in found.rows[:NAMED]:
        told = []
        for path, value in zip(found.columns, values, strict=True):
            known = attribute(path)[1]
            shown = _cell(value, path, reader) or "not recorded"
            told.append(f"{known.label} **{shown}**")
            if value is not None and known.kind not in ("text", "flag"):
                figures.append(_fact(path, key, value, shown, of.name, reader))
        owner = f" of {name('customer', whose)}" if whose and of.name != "customer" else ""
        lines.append(f"{of.name.capitalize()} **{name(of.name, key)}**{owner}: {', '.join(told)}.")
    more = f" There are {found.of_all} of them; the first {NAMED} are told." if found.of_all > NAMED and not ordered else ""
    if ordered:
        lines.insert(0, f"{_which(slots, len(found.rows))} of {found.of_all} {said}:")
    text = "\n".join(lines) + more + f"\n\n_{of.plural.capitalize()} of the record · data to {day(reader)}_"
    shown_values = [_cell(v, p, reader) for _, _, vs in found.rows[:NAMED] for v, p in zip(vs, found.columns, strict=True)]
    names = [
        n for key, whose, _ in found.rows[:NAMED] for n in (name(of.name, key), name("customer", whose) if whose else "") if n
    ]
    kept = {
        **plan.slots,
        "queries": [query_json(query)],
        "conditions": said,
        "names": [*names, *shown_values, *lines[:1]],
        "counts": {"of_all": found.of_all, "told": NAMED},
    }
    cited = tuple(Citation(of.name, key, f"{of.name.capitalize()} {name(of.name, key)}") for key, _, _ in found.rows[:NAMED])
    return framed(reader, replace(plan, slots=kept), "answered", text, figures=tuple(figures), citations=cited)


def _in_place(found: Listing, slots: Mapping[str, Any]) -> Listing:
    """Of a list in an order the one in the place that was asked for. Fails: NoData where it is not so long."""
    place = slots.get("place")
    if not place:
        return found
    if len(found.rows) < place:
        raise NoData(
            f"There are {found.of_all} of them, so none is in place {place}.", "Ask for an earlier place.", code="empty"
        )
    return replace(found, rows=found.rows[place - 1 : place])


def _which(slots: Mapping[str, Any], many: int) -> str:
    """ "The latest", "The second largest", "The first 3"."""
    size = bool(slots.get("ranked_by"))
    end = {("desc", False): "latest", ("asc", False): "first", ("desc", True): "largest", ("asc", True): "smallest"}[
        slots.get("order") or "desc", size
    ]
    place = slots.get("place")
    nth = f"{PLACES.get(place, f'number {place} of the')} " if place and place > 1 else ""
    end = "earliest" if nth and end == "first" else end
    return f"The {nth}{end}{f' {many}' if many > 1 else ''}"


PLACES = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def _placed(found: Listing, said: str, slots: Mapping[str, Any], count: Figure, name: Name, reader: Reader) -> str:
    """The sentence for things by their place in an order: each of the first few with what is known of it."""
    if not found.rows:
        return ""
    told = []
    for key, whose, values in found.rows[:NAMED]:
        owner = f" of {name('customer', whose)}" if whose and found.entity != "customer" else ""
        known = [(_title(p), _cell(v, p, reader)) for p, v in zip(found.columns, values, strict=True)]
        shown = ", ".join(f"{title.lower()} {cell}" for title, cell in known if cell)
        told.append(f"**{name(found.entity, key)}**{owner}{f' ({shown})' if shown else ''}")
    more = " and so on" if len(found.rows) > NAMED else ""
    return f"{_which(slots, len(found.rows))} of **{count.display}** {said}: {'; '.join(told)}{more}."


def _fact(path: str, key: str, value: Any, shown: str, of: str, reader: Reader) -> Figure:
    known = attribute(path)[1]
    return Figure(
        path, known.label.capitalize(), _plain(value, reader), UNITS.get(known.kind, "date"), shown, group={of: key}, as_of=reader.snapshot.as_of, rows=1
    )  # fmt: skip


def part(plan: Plan, reader: Reader, name: Name) -> Answer:
    """Which share of the things the condition holds for, with its interval.

    Fails: NoData where there are none of those things at all."""
    some, every = plan.queries
    of = entity(str(plan.slots["things"]))
    of_all = run_query(every, reader).figures[0]
    k, n = float(_count(of.name, some, reader).value or 0), float(of_all.value or 0)
    if not n:
        raise NoData(f"There are no {of.plural} here to take a part of.", "Widen the period or the names.", code="empty")
    label = f"Share of {of.plural}"
    share = replace(
        of_all, metric=f"share({of.name})", label=label, value=round(k / n, 9), unit="share", display=display.figure(k / n, "share", "", k, n),
        rows=int(n), interval=wilson(k, n), numerator=k, denominator=n, definition=f"{of.plural.capitalize()} for which the condition holds, of all of them.",
    )  # fmt: skip
    said = verbalise.things(of.name, some.only, name)
    cut = compose.scope_words(every, name) + compose.period_words(some.period)
    text = f"**{share.display}** of {of.plural}{cut} are {said} ({k:,.0f} of {n:,.0f})."
    text += f"\n\n_{label} · data to {day(reader)}_"
    kept = {**plan.slots, "queries": [query_json(q) for q in plan.queries], "conditions": said}
    return framed(reader, replace(plan, slots=kept), "answered", text, figures=(share,))


def _in_words(ids: list[str], reader: Reader) -> tuple[Quote, ...]:
    """What the first of these comments say, masked, without empty ones."""
    texts = texts_of(ids, reader)
    return tuple(Quote(i, texts[i], 0, len(texts[i])) for i in ids if i in texts)[:QUOTED]


def _columns(shown: tuple[str, ...], ranked: str | None, of: str) -> tuple[str, ...]:
    """Those that the entity shows, the one that ranks first."""
    if ranked is None:
        return ()
    return (ranked, *(f"{of}.{c}" for c in shown if f"{of}.{c}" != ranked))


def _count(of: str, query: MetricQuery, reader: Reader) -> Figure:
    """How many there are; 0 where there are none."""
    asked = MetricQuery(f"count({of})", where=query.where, period=query.period, only=query.only)
    try:
        return run_query(asked, reader).figures[0]
    except NoData as err:
        if err.code != "empty":
            raise
        return Figure(
            asked.metric, entity(of).plural.capitalize(), 0, "count", "0", period=query.period, as_of=reader.snapshot.as_of
        )


def _sentence(found: Listing, said: str, ranked: str | None, count: Figure, name: Name, reader: Reader) -> str:
    if not found.rows:
        return f"There are **no** {said}."
    first = ", ".join(name(found.entity, key) for key, _, _ in found.rows[:NAMED])
    if ranked:
        key, whose, values = found.rows[0]
        of = f" of {name('customer', whose)}" if whose and found.entity != "customer" else ""
        return f"**{name(found.entity, key)}**{of} comes first by {_title(ranked).lower()}, with **{_cell(values[0], ranked, reader)}**, of **{count.display}** {said}."
    rest = " and so on" if found.of_all > NAMED else ""
    cut = f" The first {len(found.rows)} are listed." if found.of_all > len(found.rows) else ""
    return f"**{count.display}** {_singular(said, found) if found.of_all == 1 else said}: {first}{rest}.{cut}"


def _singular(said: str, found: Listing) -> str:
    of = entity(found.entity)
    return said.replace(of.plural, of.name, 1)


def _values(found: Listing, ranked: str | None, count: Figure, reader: Reader) -> tuple[Figure, ...]:
    """The value by which each of the first is ranked, as figures."""
    if ranked is None:
        return ()
    of, known = attribute(ranked)
    return tuple(
        replace(count, metric=ranked, label=known.label.capitalize(), value=_plain(values[0], reader), unit=UNITS.get(known.kind, "date"),
                display=_cell(values[0], ranked, reader), group={of.name: key}, rows=1)
        for key, _, values in found.rows[:SHOWN]
    )  # fmt: skip


def _plain(value: Any, reader: Reader) -> Any:
    if isinstance(value, date):
        return local_day(value, reader).isoformat()
    return value if isinstance(value, str | int | bool) or value is None else round(float(value), 9)


def _title(path: str) -> str:
    label = attribute(path)[1].label
    return label[:1].upper() + label[1:]


def _cell(value: Any, path: str, reader: Reader) -> str:
    known = attribute(path)[1]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        on = local_day(value, reader)
        return f"{on.day} {on:%b %Y}"
    if isinstance(value, str):
        return value
    return display.figure(float(value), UNITS[known.kind], currency(reader))
