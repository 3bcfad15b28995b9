"""What lies in stock at the last count: what is recorded of an article at each place, sums over articles, and what is short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.metric_answer import answer_metrics
from assistant.questions import Answer, Operation, Plan
from assistant.shape import Name, currency, day, framed, word
from knowledge import display
from knowledge.access import Reader
from knowledge.checks import condition_allowed
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.listing import listed
from knowledge.entities.predicates import Compare, Did, Not, Predicate, both
from knowledge.errors import BadQuestion, NoData
from knowledge.query import run as run_query
from knowledge.records import Figure, Filter, MetricQuery

COUNTED, SHOWN, NAMED = "stock", 20, 3
ON_HAND = "stock.on_hand"
PLACE = {"ship_from": "location"}
"""The place from which orders leave is the one where stock lies."""
Row = Mapping[str, Any]


def stock(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What lies in stock at the last count: what is short, what is recorded of the articles that are named, else sums over all.

    Fails: NoData where nothing was counted, else as `knowledge.query.run`."""
    table = entity(COUNTED).table
    if not reader.rows(table):
        raise NoData(f"Stock needs `{table}`, which this workspace does not have.", "Import it, then run `rapport build`.")
    if plan.slots.get("record_state"):
        return _short(plan, reader, name)
    if any(e["dimension"] == "product" for e in plan.slots.get("entities", ())):
        return _of_articles(plan, reader, name)
    return _summed(plan, reader, name)


def _of_articles(plan: Plan, reader: Reader, name: Name) -> Answer:
    """What is recorded of each article that is named: what was asked first, the total before the places."""
    asked = tuple(plan.slots.get("facts") or (ON_HAND,))
    told = (*asked, *(p for p in _quantities(reader) if p not in asked))
    rows = _counts(told, _only(plan, reader), reader)
    ids = [str(e["value"]) for e in plan.slots["entities"] if e["dimension"] == "product"]
    if not rows:
        there = " there" if _chosen(plan, "entities").get("location") else ""
        raise NoData(f"No stock count of {name('product', ids[0])} is in the data{there}.", "Ask for another article or place.")
    found = [(i, mine) for i in dict.fromkeys(ids) if (mine := [r for r in rows if r["product.id"] == i])]
    figures = [f for path in asked for i, mine in found for f in _figures(path, i, mine, reader)]
    beside = [f for path in told[len(asked) :] for i, mine in found for f in _figures(path, i, mine, reader)[:1]]
    if not figures:
        raise NoData(
            f"The {attribute(asked[0])[1].label} of {name('product', found[0][0])} is not recorded.", "Ask for what is on hand."
        )
    text = " ".join(_sentences(figures, name))
    if len(found) == 1 and beside:
        rest = ", ".join(f"{f.label.lower()} {f.display}" for f in beside)
        text += f" {rest[:1].upper()}{rest[1:]}."
    low = [(r["product.id"], str(r["stock.location"])) for r in rows if _is_low(r)]
    if low and len(found) == 1:
        text += f" Below its safety stock in {', '.join(place for _, place in low)}."
    elif low:
        short = [f"{name('product', i)} in {place}" for i, place in low]
        text += f" Below the safety stock: {', '.join(short)}."
    counted_on = max(r["stock.counted"] for r in rows)
    text += f"\n\n_Last count of each place, up to {counted_on:%-d %b %Y} · data to {day(reader)}_"
    slots = {**plan.slots, "dates": [str(counted_on)]}
    shown = _table(rows, told, reader)
    return framed(reader, replace(plan, slots=slots), "answered", text, figures=(*figures, *beside), table=shown)


def _sentences(figures: Sequence[Figure], name: Name) -> Iterator[str]:
    """One sentence for each quantity of each article, its places in it."""
    for head in (f for f in figures if "location" not in f.group):
        article = head.group["product"]
        same = [f for f in figures if f.metric == head.metric and f is not head and f.group.get("product") == article]
        parts = [f"{f.group['location']} {f.display}" for f in same]
        where = f" in {head.filters['location'][0]}" if len(head.filters.get("location", ())) == 1 else ""
        places = f": {', '.join(parts)}" if parts else where
        yield f"**{head.display}** {head.label.lower()} of {name('product', article)}{places}."


def _figures(path: str, article: str, rows: Sequence[Row], reader: Reader) -> list[Figure]:
    """The quantity over all places, then at each where there are several; nothing where it is not recorded."""
    known = [r for r in rows if r[path] is not None]
    if not known:
        return []
    places = [str(r["stock.location"]) for r in known]
    total = _figure(path, sum(float(r[path]) for r in known), {"product": article}, reader)
    total = replace(total, rows=len(known), filters={"location": places})
    each = [
        _figure(path, float(r[path]), {"product": article, "location": p}, reader) for r, p in zip(known, places, strict=True)
    ]
    return [total, *(each if len(each) > 1 else [])]


def _figure(path: str, value: float, group: dict[str, str], reader: Reader) -> Figure:
    known = attribute(path)[1]
    money = known.kind == "money"
    shown = display.figure(value, "money", currency(reader)) if money else display.number(value)
    told = round(value, 9) if money or not value.is_integer() else int(value)
    return Figure(
        path, known.label.capitalize(), told, "money" if money else "qty", shown, group=group, rows=1, as_of=reader.snapshot.as_of,
        definition=f"{known.label.capitalize()} at the last count of each place.", source=entity(COUNTED).table,
    )  # fmt: skip


def _summed(plan: Plan, reader: Reader, name: Name) -> Answer:
    """Sums over the last counts, by what is asked for, as any other figure."""
    slots = plan.slots
    where = tuple(
        Filter(d, tuple(values), negated) for which, negated in (("entities", False), ("excluded", True))
        for d, values in _known_places(_chosen(plan, which), reader).items()
    )  # fmt: skip
    by = tuple(dict.fromkeys(PLACE.get(d, d) for d in slots.get("by") or ()))
    ranks = bool(slots.get("ranked") and slots.get("order") and by)
    operation: Operation = "rank" if ranks else "breakdown" if by else "value"
    order, limit = (slots.get("order"), slots.get("limit")) if ranks else (None, None)
    asked = tuple(slots.get("facts") or (ON_HAND,))
    queries = tuple(
        MetricQuery(f"sum({p})", by, where, grain=slots.get("grain"), order=order or ("desc" if by else None), limit=limit)
        for p in asked
    )
    made = answer_metrics(Plan(operation, queries, slots={**slots, "operation": operation}), reader, name)
    units = _units(reader)
    if "product" in by or len(units) < 2 or all(attribute(p)[1].kind == "money" for p in asked):
        return made
    note = f"Articles are counted in {len(units)} units of measure ({', '.join(units)}), which this adds up."
    return replace(
        made, text=f"{made.text}\n\n_{note}_", plan={**made.plan, "notes": [*(made.plan.get("notes") or ()), note, *units]}
    )


def _units(reader: Reader) -> list[str]:
    """The units of measure of the articles that were counted."""
    found = listed(COUNTED, reader, columns=("product.unit",))
    return sorted({str(values[0]) for _, _, values in found.rows if values[0]})


def _short(plan: Plan, reader: Reader, name: Name) -> Answer:
    """Articles in the state that is asked for ("below the safety stock") at the last count of a place; the emptiest first."""
    state = f"{COUNTED}.{plan.slots['record_state']}"
    said = attribute(state)[1].label
    only = both(_only(plan, reader), Compare(state, "=", (True,)))
    told = _quantities(reader)
    found = sorted(_counts(told, only, reader), key=lambda r: (float(r[ON_HAND]), r["product.id"], str(r["stock.location"])))
    count = _articles(only, said, reader)
    places, without = _chosen(plan, "entities").get("location", []), _chosen(plan, "excluded").get("location", [])
    where = f"in {' and '.join(places)}" if places else f"outside {' and '.join(without)}" if without else "somewhere"
    names = [f"{name('product', r['product.id'])} ({r['stock.location']})" for r in found[:NAMED]]
    one = count.value == 1
    text = f"**{count.display}** {'article is' if one else 'articles are'} {said} {where}"
    text += f": {', '.join(names)}{' and so on' if len(found) > NAMED else ''}." if names else "."
    text += f"\n\n_Last count of each place · data to {day(reader)}_"
    shown = _table(found[:SHOWN], told, reader, name)
    slots = {**plan.slots, "names": [*names, *places, *without]}
    return framed(reader, replace(plan, slots=slots), "answered", text, figures=(count,), table=shown if found else None)


def _articles(only: Predicate | None, said: str, reader: Reader) -> Figure:
    """How many articles there are with such a count; 0 where there are none."""
    asked = MetricQuery("count(product)", only=Did("product", COUNTED, only))
    try:
        counted = run_query(asked, reader).figures[0]
    except NoData as err:
        if err.code != "empty":
            raise
        counted = Figure(asked.metric, "", 0, "count", "0", rows=0, as_of=reader.snapshot.as_of)
    definition = "Articles by the last count of each place."
    return replace(counted, label=f"Articles {said}", definition=definition, source=entity(COUNTED).table)


def _quantities(reader: Reader) -> tuple[str, ...]:
    """The quantities that are recorded and that this reader may see."""
    known = (f"{COUNTED}.{a.name}" for a in entity(COUNTED).attributes.values() if a.kind == "number")
    return tuple(p for p in known if _open(p, reader))


def _open(path: str, reader: Reader) -> bool:
    try:
        condition_allowed(None, reader, (path,))
    except NoData:
        return False
    return True


def _counts(told: Sequence[str], only: Predicate | None, reader: Reader) -> list[Row]:
    """The last counts that the selection leaves, by article and place, each value by its path."""
    found = listed(COUNTED, reader, only=only, columns=("product.id", "stock.location", "stock.counted", *told))
    rows = [dict(zip(found.columns, values, strict=True)) for _, _, values in found.rows]
    return sorted(
        ({**r, "product.id": str(r["product.id"])} for r in rows), key=lambda r: (r["product.id"], str(r["stock.location"]))
    )


def _chosen(plan: Plan, which: str) -> dict[str, list[str]]:
    """The names of the question by what they are names of; a warehouse is a place of stock."""
    made: dict[str, list[str]] = {}
    for e in plan.slots.get(which) or ():
        made.setdefault(PLACE.get(e["dimension"], e["dimension"]), []).append(str(e["value"]))
    return made


def _known_places(chosen: Mapping[str, Sequence[str]], reader: Reader) -> dict[str, list[str]]:
    """The same with places as the counts write them."""
    if not chosen.get("location"):
        return {d: list(v) for d, v in chosen.items()}
    found = listed(COUNTED, reader, columns=("stock.location",))
    written = {str(values[0]) for _, _, values in found.rows}
    wanted = {v.casefold() for v in chosen["location"]}
    there = sorted(w for w in written if w.casefold() in wanted)
    return {**{d: list(v) for d, v in chosen.items()}, "location": there or list(chosen["location"])}


def _only(plan: Plan, reader: Reader) -> Predicate | None:
    """Which counts are meant: those of the articles, groups and places that are named, without those that are left out."""
    made: Predicate | None = None
    for d, values in _known_places(_chosen(plan, "entities"), reader).items():
        made = both(made, Compare(_own(d), "=", tuple(values)))
    for d, values in _known_places(_chosen(plan, "excluded"), reader).items():
        made = both(made, Not(Compare(_own(d), "=", tuple(values))))
    return made


def _own(dimension: str) -> str:
    """The attribute that tells counts apart by it. Fails: BadQuestion where a count of stock is of none of it."""
    if dimension == "product":
        return "product.id"
    found = next((of for of in (COUNTED, "product") if dimension in entity(of).attributes), None)
    if found is None:
        raise BadQuestion(
            f"Stock is of articles and places, not of a {word(dimension)}.",
            "Name an article, a category or a warehouse.",
            code="no_dimension",
        )
    return f"{found}.{dimension}"


def _is_low(row: Row) -> bool:
    safety = row.get("stock.safety_stock")
    return safety is not None and row.get(ON_HAND) is not None and row[ON_HAND] < safety


def _table(rows: Sequence[Row], told: Sequence[str], reader: Reader, name: Name | None = None) -> dict[str, Any]:
    """One row a count; with `name` the articles by name too."""
    heads = ["Article", *(["Name"] if name else []), "Place", "Counted", *(attribute(p)[1].label.capitalize() for p in told)]
    listed_rows = [
        [r["product.id"], *([name("product", r["product.id"])] if name else []), r["stock.location"], _on(r["stock.counted"]), *(_cell(p, r[p], reader) for p in told)]
        for r in rows
    ]  # fmt: skip
    return {"columns": heads, "rows": listed_rows}


def _on(value: date | None) -> str:
    return "" if value is None else f"{value:%-d %b %Y}"


def _cell(path: str, value: Any, reader: Reader) -> str:
    if value is None:
        return ""
    return (
        display.figure(float(value), "money", currency(reader))
        if attribute(path)[1].kind == "money"
        else display.number(float(value))
    )
