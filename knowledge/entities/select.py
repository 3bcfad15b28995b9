"""From predicates to ibis expressions: attributes are joined by key, sets of things are marked, and one filter decides."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from knowledge.entities import relations
from knowledge.entities.catalogue import attribute, entities, entity
from knowledge.entities.model import NUMBERS, Attribute, Entity
from knowledge.entities.predicates import All, Among, Compare, Did, Either, Not, Part, Predicate, Reaches, leaves
from knowledge.errors import BadQuestion
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

Measured = Callable[[Reaches | Part, Context], "ir.Table"]
"""Gives `key` and `value` of every thing of the leaf's entity: what its metric is over its period (null: nothing to measure)."""
COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Things:
    """Things of an entity: those that `only` leaves, in the period of the entity's own date."""

    entity: str
    only: Predicate | None = None
    start: date | None = None
    end: date | None = None


def rows_of(things: Things, context: Context, measured: Measured, also: Iterable[str] = ()) -> ir.Table:
    """One row a thing of the selection, with the attributes in `also` as columns. A thing that is not usual (a cancelled order) is
    there only where the selection speaks of what makes it so."""
    of = entity(things.entity)
    rows = of.rows(as_known(of, context))
    spoken = {leaf.attribute for leaf in leaves(things.only) if isinstance(leaf, Compare)}
    if of.usual is not None and not spoken & of.unless:
        rows = rows.filter(of.usual(rows))
    if things.start is not None and things.end is not None:
        if not of.day:
            raise BadQuestion(f"{of.plural.capitalize()} have no date of their own.", "Leave the period out.", code="no_date")
        rows = rows.filter(rows[of.day].between(things.start, things.end))
    rows = chosen(rows, things.only, context, measured)
    return attached(rows, also, context)


def as_known(of: Entity, context: Context) -> Context:
    """The moment to which the entity's own source tells: comments may be newer than the orders. An earlier one that is asked for
    holds for all."""
    snapshot = context.reader.snapshot
    if context.as_of < snapshot.as_of:
        return context
    return replace(context, as_of=max(context.as_of, snapshot.as_of_tables((of.table,))))


def chosen(table: ir.Table, only: Predicate | None, context: Context, measured: Measured) -> ir.Table:
    """The rows for which the predicate holds; rows for which it is not known are left out.

    Fails: BadQuestion (`no_path`) where the rows do not lead to what it speaks of, or a value does not fit its attribute."""
    if only is None:
        return table
    ends = list(leaves(only))
    table = attached(table, (leaf.attribute for leaf in ends if isinstance(leaf, Compare)), context)
    marks: dict[int, str] = {}
    for number, leaf in enumerate(ends):
        if not isinstance(leaf, Compare):
            marks[id(leaf)] = f"mark_{number}"
            table = _marked(table, leaf, f"mark_{number}", context, measured)
    return table.filter(_holds(only, table, marks)).drop(*marks.values())


def attached(table: ir.Table, paths: Iterable[str], context: Context) -> ir.Table:
    """The rows with a column for each attribute, named by its path (`order.late`); each relation is joined once."""
    joins: dict[tuple[str, str], list[tuple[str, Attribute]]] = {}
    for path in dict.fromkeys(paths):
        of, known = attribute(path)
        name = f"{of.name}.{known.name}"
        if name not in table.columns:
            joins.setdefault((of.name, known.source), []).append((name, known))
    for (owner, source), wanted in joins.items():
        of = entity(owner)
        table = with_key(table, of, context)
        found = relations.SOURCES[source](context) if source else of.rows(as_known(of, context))
        keys = _keys(of)
        told = found.select(**{f"key_{k}": found[k] for k in keys}, **{n: a.value(found) for n, a in wanted})
        table = table.left_join(told, [table[k] == told[f"key_{k}"] for k in keys]).drop(*(f"key_{k}" for k in keys))
    return table


def _keys(of: Entity) -> tuple[str, ...]:
    return ("order_id", "line") if of.name == "line" else (of.key,)


def with_key(table: ir.Table, of: Entity, context: Context) -> ir.Table:
    """The rows with the entity's key, looked up over one link where they do not carry it. Fails: BadQuestion (`no_path`)."""
    if all(k in table.columns for k in _keys(of)):
        return table
    for between in entities().values():
        if between.links.get(of.key) == of.name and all(k in table.columns for k in _keys(between)):
            rows = between.rows(context)
            link = rows.select(key_between=between.key, **{of.key: of.key})
            return table.left_join(link, table[between.key] == link.key_between).drop("key_between")
    raise BadQuestion(
        f"These figures cannot be told by {of.plural}: one may belong to several, or to none.",
        f"Ask for something that belongs to one {of.name}, or for {of.plural} themselves.",
        code="no_path",
    )


def _marked(table: ir.Table, leaf: Reaches | Did | Among | Part, name: str, context: Context, measured: Measured) -> ir.Table:
    """The rows with a yes or no in the column `name`: whether their thing is in the leaf's set."""
    import ibis

    of = entity(leaf.entity)
    table = with_key(table, of, context)
    if isinstance(leaf, Among):
        return table.mutate(**{name: table[of.key].isin(list(leaf.keys))})
    if isinstance(leaf, Did):
        span = (leaf.period.start, leaf.period.end) if leaf.period else (None, None)
        rows = with_key(rows_of(Things(leaf.done, leaf.where, *span), context, measured), of, context)
        times = rows.group_by(marked=of.key).aggregate(times=rows.count())
        table = table.left_join(times, table[of.key] == times.marked)
        count = ibis.coalesce(table.times, 0)
        fits = count >= leaf.least if leaf.most is None else count.between(leaf.least, leaf.most)
        return table.mutate(**{name: fits & table[of.key].notnull()}).drop("marked", "times")
    found = measured(leaf, context)
    if isinstance(leaf, Part):
        found = _part(found, leaf)
        table = table.left_join(found, table[of.key] == found.marked)
        return table.mutate(**{name: table.marked.notnull()}).drop("marked")
    found = found.select(marked="key", measure="value")
    table = table.left_join(found, table[of.key] == found.marked)
    fits = table.measure == leaf.value if leaf.op == "=" else table.measure != leaf.value if leaf.op == "!=" else None
    return table.mutate(**{name: COMPARED[leaf.op](table.measure, leaf.value) if fits is None else fits}).drop(
        "marked", "measure"
    )


def _part(found: ir.Table, leaf: Part) -> ir.Table:
    """The keys of the first things by value; those that tie with the last of them are in it too."""
    import ibis

    known = found.filter(found.value.notnull())
    order = ibis.desc(known.value) if leaf.order == "desc" else ibis.asc(known.value)
    placed = known.mutate(place=ibis.rank().over(ibis.window(order_by=order)) + 1, of_all=known.count().over(ibis.window()))
    last = placed.of_all * leaf.share if leaf.share is not None else ibis.literal(leaf.count or 0)
    return placed.filter(placed.place <= last.ceil()).select(marked="key")


def _holds(node: Predicate, table: ir.Table, marks: Mapping[int, str]) -> ir.BooleanValue:
    if isinstance(node, All | Either):
        joined: Any = None
        for part in node.parts:
            one = _holds(part, table, marks)
            joined = one if joined is None else joined & one if isinstance(node, All) else joined | one
        return joined
    if isinstance(node, Not):
        return ~_holds(node.part, table, marks)
    if isinstance(node, Compare):
        of, known = attribute(node.attribute)
        return compared(table[f"{of.name}.{known.name}"], known, node)
    return table[marks[id(node)]]


def compared(value: ir.Value, known: Attribute, leaf: Compare) -> ir.BooleanValue:
    """Whether the attribute's value is as the leaf says. Fails: BadQuestion (`bad_value`) where the value is of another kind."""
    wanted = tuple(_fitting(v, known, leaf) for v in leaf.values)
    if leaf.op in ("=", "!="):
        if known.kind == "text":
            same = value.cast("string").lower().isin([str(v).casefold() for v in wanted]).fill_null(False)
        else:
            same = value.isin(list(wanted))
        return ~same if leaf.op == "!=" else same
    if len(wanted) != 1 or known.kind in ("text", "flag"):
        raise BadQuestion(f"{known.label.capitalize()} has no more and less.", "Compare it with = or !=.", code="bad_value")
    number = value.cast("float64") if known.kind in NUMBERS else value
    return COMPARED[leaf.op](number, wanted[0])


def _fitting(value: Any, known: Attribute, leaf: Compare) -> Any:
    try:
        if known.kind == "flag":
            if isinstance(value, bool):
                return value
            return {"true": True, "yes": True, "false": False, "no": False}[str(value).casefold()]
        if known.kind in NUMBERS:
            return float(value)
        if known.kind == "date":
            return value if isinstance(value, date) else date.fromisoformat(str(value))
    except (KeyError, ValueError, TypeError) as err:
        kinds = {"flag": "yes or no", "date": "a day like 2026-05-01"}
        raise BadQuestion(
            f"`{leaf.attribute} {leaf.op} {value}`: {known.label} is {kinds.get(known.kind, 'a number')}.",
            "Mend the value.",
            code="bad_value",
        ) from err
    return value
