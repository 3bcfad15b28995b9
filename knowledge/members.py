"""Members that a query names, as the data has them: by id or by name, or a refusal with the nearest that the reader may see."""

from __future__ import annotations

from dataclasses import replace

from knowledge.access import Reader
from knowledge.errors import Ambiguous, BadQuestion, NoData, UnknownName
from knowledge.metrics import definitions, find
from knowledge.metrics.own import in_force
from knowledge.query import members
from knowledge.records import Filter, MetricQuery

NEAREST, LIKE, MOST_ALIKE = 3, 60, 3


def resolved(query: MetricQuery, reader: Reader) -> MetricQuery:
    """The query with the ids of the members that its filters name; what the reader may not see is as unknown as what is not there.

    Fails: UnknownName with the nearest, Ambiguous where a name is several members', BadQuestion for no dimension."""
    with in_force(definitions.of_snapshot(reader.snapshot)):
        dimensions = find(query.metric).dimensions
        return replace(query, where=tuple(_meant(f, reader) if f.dimension in dimensions else f for f in query.where))


def _meant(condition: Filter, reader: Reader) -> Filter:
    if not any(v.strip() for v in condition.values):
        raise BadQuestion(f"A filter by {condition.dimension} names nothing.", "Give at least one value.")
    known = listed(condition.dimension, reader)
    if not known:
        return condition
    ids = {i.casefold(): i for i, _ in known}
    called: dict[str, list[str]] = {}
    for identity, label in known:
        called.setdefault(label.casefold(), []).append(identity)
    found = (ids.get(v.casefold()) or _named(v.strip(), condition.dimension, ids, called, known) for v in condition.values)
    return replace(condition, values=tuple(dict.fromkeys(found)))


def _named(value: str, dimension: str, ids: dict[str, str], called: dict[str, list[str]], known: list[tuple[str, str]]) -> str:
    fits = sorted(set(called.get(value.casefold(), ()))) or ([ids[value.casefold()]] if value.casefold() in ids else [])
    if len(fits) == 1:
        return fits[0]
    said = dimension.replace("_", " ")
    if fits:
        choices = tuple(fits[:MOST_ALIKE])
        raise Ambiguous(f"{len(fits)} of {said} are called `{value}`.", f"Give the id: {', '.join(choices)}.", choices=choices)
    from rapidfuzz import process, utils

    labels = sorted({label for _, label in known})
    near = process.extract(value, labels, processor=utils.default_process, limit=NEAREST, score_cutoff=LIKE)
    nearest = tuple(n for n, _, _ in near)
    hint = f"Nearest: {', '.join(nearest)}." if nearest else "Check the name or the id."
    raise UnknownName(f"There is no {said} `{value}`.", hint, nearest=nearest)


def listed(dimension: str, reader: Reader) -> list[tuple[str, str]]:
    """Ids and names of the dimension's members; groups of customers are called as the customer that stands for them."""
    known = members(dimension, reader)
    if dimension != "parent" or not known:
        return known
    try:
        names = dict(members("customer", reader))
    except NoData:
        return known
    return [(i, names.get(i, label)) for i, label in known]
