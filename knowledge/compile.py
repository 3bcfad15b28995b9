"""From a metric query to ibis expressions: filters, groupings and grains compose over the bases of the metric's components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from knowledge.access import WHOLE_COMPANY
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.predicates import Compare, Part, Predicate, Reaches, leaves
from knowledge.entities.select import attached, chosen
from knowledge.errors import BadQuestion, NoData, NotAllowed
from knowledge.metrics import find
from knowledge.metrics.bases import Context, counting
from knowledge.metrics.own import OwnDimension, own
from knowledge.metrics.registry import GROUPS, Component, Metric, One, Ratio
from knowledge.metrics.registry import Measured as MeasuredValue
from knowledge.metrics.relations import base_of
from knowledge.records import Filter, Grain, MetricQuery
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from knowledge.access import Reader

LOOKUPS: dict[str, tuple[str, str, str]] = {
    **{d: ("customers", "customer_id", d) for d in ("industry", "region", "country", "size", "account_owner", "service_tier")},
    "parent": ("customers", "customer_id", "parent_id"),
    "segment": ("customer_facts", "customer_id", "rfm_segment"),
    "churn_risk": ("customer_model", "customer_id", "churn_risk"),
    "own_segment": ("customer_model", "customer_id", "rule_segment"),
    "category": ("products", "product_id", "category"),
    "order_type": ("products", "product_id", "order_type"),
    **{d: ("product_model", "product_id", d) for d in ("abc", "demand_class", "decoupling_point")},
}
OWN: dict[str, str] = {
    "customer": "customer_id", "product": "product_id", "theme": "theme_id", "segment_before": "rfm_segment_before", "pool": "activity",
}  # fmt: skip
SEGMENT_DIMENSIONS = ("theme", "aspect", "sentiment")
OF_ONE_CUSTOMER = frozenset(
    {
        "all_orders", "orders", "lines", "line_units", "due_orders", "due_lines", "due_by_order", "delivered", "delivered_lines",
        "order_values", "first_orders", "returns", "interactions", "feedback", "mentions", "mentions_all",
    }
)  # fmt: skip
"""Bases each row of which is made from records of its own customer alone, so that those of some accounts are a part of those of all."""
NOT_SPLIT = {"mentions_all": SEGMENT_DIMENSIONS}
MOST_ROWS_KEPT = 1_000_000
GRAINS: dict[Grain, str] = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Compiled:
    """Expressions to run: each gives `keys` and the components named in `gives`; with `columns` that one is a frame of them.
    `counts` are 0, not unknown, where a group has no rows."""

    expression: ir.Expr
    keys: tuple[str, ...]
    gives: tuple[str, ...]
    columns: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()


def column_of(dimension: str) -> tuple[str, str]:
    """The table and column that hold a dimension's members."""
    if "." in dimension:
        of, known = attribute(dimension)
        return (known.needs or (f"{of.table}.{TABLES[of.table].key[0] if of.table in TABLES else of.key}",))[0].split(".")  # type: ignore[return-value]
    if dimension in own().dimensions:
        source = own().dimensions[dimension].sources[0]
        return source.table, source.columns[0]
    if dimension in LOOKUPS:
        table, _, column = LOOKUPS[dimension]
        return table, column
    places = {
        "customer": ("customers", "customer_id"), "product": ("products", "product_id"), "reason": ("returns", "reason_code"),
        "disposition": ("returns", "disposition"), "contact_channel": ("interactions", "channel"), "feedback_channel": ("feedback", "channel"),
        "language": ("feedback", "language"), "theme": ("themes", "theme_id"), "aspect": ("feedback_segments", "aspect"),
        "party": ("demand_plans", "party"), "location": ("inventory", "location"), "activity": ("customer_costs", "activity"), "pool": ("cost_pools", "activity"),
        "program": ("loyalty", "program"), "loyalty_tier": ("loyalty", "tier"), "segment_before": ("customer_model", "rfm_segment_before"),
        "sentiment": ("feedback_segments", "sentiment"), "stage": ("interactions", "stage"), "kind": ("interactions", "kind"), "agent": ("interactions", "agent"),
    }  # fmt: skip
    return places.get(dimension, ("orders", dimension))


def compile_metric(metric: Metric, query: MetricQuery, context: Context, *, grouped: bool = True) -> list[Compiled]:
    """One expression a base (and one a `customers_with`), cut to filters and period, grouped by dimensions and grain.

    A base that has no such dimension (revenue, by return reason) is not split by it: its value holds for every group."""
    made = []
    by = query.by if grouped else ()
    grain = query.grain if grouped else None
    for base in dict.fromkeys(c.base for c in metric.components.values()):
        parts = {n: c for n, c in metric.components.items() if c.base == base}
        reads = tuple(dict.fromkeys(path for c in parts.values() for path in c.reads))
        table, keys = _cut(base, query, by, grain, metric.date == "snap", context, reads)
        plain = {n: c for n, c in parts.items() if c.kind not in ("customers_with", "rows", "per")}
        if plain:
            values = {n: _aggregate(table, c) for n, c in plain.items()}
            expression = table.group_by(**keys).aggregate(**values) if keys else table.aggregate(**values)
            counts = tuple(n for n, c in plain.items() if c.kind in ("count", "distinct"))
            made.append(Compiled(expression, tuple(keys), tuple(plain), counts=counts))
        for name, part in parts.items():
            if part.kind == "customers_with":
                made.append(Compiled(_customers_with(table, keys, name, part), tuple(keys), (name,), counts=(name,)))
            elif part.kind in ("rows", "per"):
                made.append(_frame(table, keys, name, part, context))
    return made


def _base(name: str, context: Context, *, now: bool = False) -> ir.Table:
    """The base relation; in a workspace that fits in memory one that is asked for often is kept, with its attributes joined."""
    reader = context.reader
    if max((v.rows for v in reader.snapshot.tables.values()), default=0) > MOST_ROWS_KEPT:
        return base_of(name)(context)
    if name in OF_ONE_CUSTOMER and reader.scope.accounts is not None and not own().dimensions:
        shared = _part_of_all(name, context, now=now)
        if shared is not None:
            return shared
    key = (name, reader.snapshot.id, reader.scope.accounts, reader.scope.rights, context.as_of)
    kept = reader.engine.relations.get(key, lambda: _with_attributes(base_of(name)(context), context), now=now)
    return base_of(name)(context) if kept is None else kept


def _part_of_all(name: str, context: Context, *, now: bool) -> ir.Table | None:
    """The rows of the reader's accounts of what is kept of all accounts for those with the same rights; None where nothing is kept.
    What is made over all accounts, and parents that are hidden, are not in it, as where the tables themselves are cut."""
    import ibis

    reader = context.reader
    accounts = sorted(reader.scope.accounts or ())
    everybody = Context(reader.of_all(), context.as_of)
    key = (name, reader.snapshot.id, None, reader.scope.rights, context.as_of)
    kept = reader.engine.relations.get(key, lambda: _with_attributes(base_of(name)(everybody), everybody), now=now)
    if kept is None:
        return None
    over_all = {f"dim_{d}" for d, (source, _, _) in LOOKUPS.items() if source in WHOLE_COMPANY}
    rows = kept.filter(kept.customer_id.isin(accounts)).drop(*(c for c in kept.columns if c in over_all))
    if "dim_parent" not in rows.columns:
        return rows
    return rows.mutate(dim_parent=ibis.ifelse(rows.dim_parent.isin(accounts), rows.dim_parent, ibis.null("string")))


def keep_ready(asked: Iterable[Metric], reader: Reader) -> None:
    """Works out now what questions about these metrics are answered from, so that the first ones need not wait for it."""
    open_to = [m for m in asked if reader.scope.may(m.sensitivity)]
    for base in dict.fromkeys(c.base for metric in open_to for c in metric.components.values()):
        context = Context(reader, _as_of(base, reader))
        try:
            _base(base, context, now=True)
        except (NoData, NotAllowed):
            continue


def _with_attributes(table: ir.Table, context: Context) -> ir.Table:
    """The relation with every dimension that it can be cut by, of those that this reader may see."""
    return _with_dimensions(
        table, [d for group in GROUPS.values() for d in group if d not in SEGMENT_DIMENSIONS], context, strict=False
    )


def _with_dimensions(table: ir.Table, dimensions: Iterable[str], context: Context, *, strict: bool = True) -> ir.Table:
    """The relation with these dimensions, each table that holds some joined once; what it cannot be cut by is left out.

    Fails, when `strict`: NoData, NotAllowed (a table that is not there, or not for this reader)."""
    missing = [d for d in dict.fromkeys(dimensions) if f"dim_{d}" not in table.columns and "." not in d]
    joins: dict[tuple[str, str], dict[str, str]] = {}
    for dimension in missing:
        if dimension in own().dimensions:
            table = _with_own(table, own().dimensions[dimension], context)
            continue
        if dimension not in LOOKUPS:
            held = OWN.get(dimension, dimension)
            table = table.mutate(**{f"dim_{dimension}": table[held]}) if held in table.columns else table
            continue
        source, key, column = LOOKUPS[dimension]
        if key not in table.columns:
            continue
        if column in table.columns and source == "customers":  # the base is the customers themselves
            table = table.mutate(**{f"dim_{dimension}": table[column]})
        else:
            joins.setdefault((source, key), {})[dimension] = column
    for (source, key), columns in joins.items():
        try:
            found = context.reader.table(source)
        except (NoData, NotAllowed):
            if strict:
                raise
            continue
        seen = {f"dim_{d}": c for d, c in columns.items() if c in found.columns}  # others are not for this reader
        if not seen:
            continue
        lookup = found.select(**{f"key_{source}": key}, **seen)
        table = table.left_join(lookup, table[key] == lookup[f"key_{source}"]).drop(f"key_{source}")
    return table


def _with_own(table: ir.Table, dimension: OwnDimension, context: Context) -> ir.Table:
    """The relation with a dimension of the company's own: from its own columns, or looked up by the key of the table that tells it."""
    name = f"dim_{dimension.name}"
    for source in dimension.sources:
        key = TABLES[source.table].key
        if not all(k in table.columns for k in key):
            continue
        if all(c in table.columns for c in source.columns):
            return table.mutate(**{name: source.value(table).cast("string")})
        found = context.reader.table(source.table)
        keys = {f"key_{k}": found[k] for k in key}
        lookup = found.select(**keys, **{name: source.value(found).cast("string")})
        return table.left_join(lookup, [table[k] == lookup[f"key_{k}"] for k in key]).drop(*keys)
    return table


def _cut(
    base: str,
    query: MetricQuery,
    by: tuple[str, ...],
    grain: Grain | None,
    snap: bool,
    context: Context,
    reads: tuple[str, ...] = (),
) -> tuple[ir.Table, dict[str, ir.Value]]:
    """The base within the query's filters, conditions and period, and the values to group it by, by name; with the attributes
    that are `reads`."""
    table = _usual(_base(base, context), base, query)
    split = tuple(d for d in dict.fromkeys((*by, *(f.dimension for f in query.where))) if d not in NOT_SPLIT.get(base, ()))
    table = _with_segments(table, tuple(d for d in split if d in SEGMENT_DIMENSIONS), context)
    table = _with_dimensions(table, split, context)
    table = attached(table, (*(d for d in split if "." in d), *reads), context)
    table = chosen(table, query.only, context, measured)
    kept = [
        condition_of(table[_name(table, f.dimension)], f) for f in query.where if _name(table, f.dimension) in table.columns
    ]
    dated = "day" in table.columns and not snap
    if dated and query.period is not None:
        kept.append(table.day.between(query.period.start, query.period.end))
    if dated and grain is not None:
        kept.append(table.day.notnull())
    table = table.filter(*kept) if kept else table
    keys = {d: table[_name(table, d)] for d in by if d in split and _name(table, d) in table.columns}
    if dated and grain is not None:
        keys[grain] = table.day.truncate(GRAINS[grain])
    return table, keys


def _usual(table: ir.Table, base: str, query: MetricQuery) -> ir.Table:
    """Of things themselves: without those that are not usual (cancelled orders), unless the query speaks of what makes them so."""
    if not base.startswith("things("):
        return table
    of = entity(base.removeprefix("things(").rstrip(")"))
    spoken = {leaf.attribute for leaf in leaves(query.only) if isinstance(leaf, Compare)}
    spoken |= {d if "." in d else f"{of.name}.{d}" for d in (*query.by, *(f.dimension for f in query.where))}
    return table if of.usual is None or spoken & of.unless else table.filter(of.usual(table))


def measured(leaf: Reaches | Part, context: Context) -> ir.Table:
    """`key` and `value` of every thing of the leaf's entity: its metric over the leaf's period and condition. A sum or count of
    nothing is 0, any other figure of nothing is null. One expression where the figure is a part or a ratio of parts."""
    import ibis

    metric, of = find(leaf.metric), entity(leaf.entity)
    if of.name not in metric.dimensions:
        raise BadQuestion(
            f"{metric.label} is not told by {of.name}.", f"It can by: {', '.join(metric.dimensions)}.", code="no_dimension"
        )
    where: Predicate | None = leaf.where if isinstance(leaf, Reaches) else None
    query = MetricQuery(metric.name, (of.name,), (), leaf.period if metric.over_time else None, only=where)
    parts = compile_metric(metric, query, context)
    everybody = of.rows(context).select(key=of.key)
    if len(parts) == 1 and not parts[0].columns and isinstance(metric.combine, One | Ratio):
        found = parts[0].expression
        told = found.select(told_of=found[of.name], value=metric.combine.of(found))
    else:
        values = {str(k[0]): metric.combine(row) for k, row in run(parts, (of.name,), context).items() if k[0] is not None}
        plain = [(k, v.value if isinstance(v, MeasuredValue) else v) for k, v in sorted(values.items())]
        numbers = [(k, float(v)) for k, v in plain if isinstance(v, int | float)]
        told = ibis.memtable(
            {"told_of": [k for k, _ in numbers], "value": [v for _, v in numbers]},
            schema={"told_of": "string", "value": "float64"},
        )
    joined = everybody.left_join(told, everybody.key == told.told_of)
    return joined.select(
        "key", value=joined.value.fill_null(0.0) if metric.additive or metric.unit == "count" else joined.value
    )


def _name(table: ir.Table, dimension: str) -> str:
    return f"dim_{dimension}" if f"dim_{dimension}" in table.columns else dimension


def _with_segments(table: ir.Table, dimensions: tuple[str, ...], context: Context) -> ir.Table:
    """Comments joined to their clauses, all clause dimensions at once: theme and sentiment are then of the same clause."""
    missing = [d for d in dimensions if OWN.get(d, d) not in table.columns]
    if not missing or "feedback_id" not in table.columns:
        return table
    columns = {f"dim_{d}": OWN.get(d, d) for d in missing}
    said = counting(context, context.reader.table("feedback_segments")).select(key_f="feedback_id", **columns).distinct()
    return table.inner_join(said, table.feedback_id == said.key_f).drop("key_f")


def cut_rows(base: str, query: MetricQuery, reader: Reader) -> ir.Table:
    """The base's rows that the query's filters and period leave.

    Fails: BadQuestion (`no_dimension`) for a filter that the base's rows do not have."""
    table, _ = _cut(base, query, (), None, False, Context(reader, query.as_of or _as_of(base, reader)))
    return _all_applied(table, base, query)


def _all_applied(table: ir.Table, base: str, query: MetricQuery) -> ir.Table:
    """The table, where it has every column that the query filters by."""
    lost = [f.dimension for f in query.where if _name(table, f.dimension) not in table.columns]
    if lost:
        told = base.replace("_", " ")
        raise BadQuestion(f"Rows of {told} cannot be chosen by `{lost[0]}`.", "Leave it out.", code="no_dimension")
    return table


def _as_of(base: str, reader: Reader) -> datetime:
    return reader.snapshot.as_of_tables(("feedback",) if base in ("feedback", "mentions", "mentions_all") else ("orders",))


def rows_of(base: str, query: MetricQuery, reader: Reader) -> list[str]:
    """Ids of the base's rows (its first column) that the query's filters and period leave, newest first."""
    context = Context(reader, query.as_of or _as_of(base, reader))
    table, _ = _cut(base, query, (), None, False, context)
    _all_applied(table, base, query)
    key = "feedback_id" if base == "feedback" else table.columns[0]
    rows = reader.engine.backend.to_pyarrow(table.select(key=table[key], day=table.day).distinct()).to_pylist()
    return [r["key"] for r in sorted(rows, key=lambda r: (-(r["day"].toordinal() if r["day"] else 0), r["key"]))]


def condition_of(column: ir.Value, condition: Filter) -> ir.BooleanValue:
    found = column.cast("string").lower().isin([v.casefold() for v in condition.values])
    return ~found.fill_null(False) if condition.negated else found


def _aggregate(table: ir.Table, part: Component) -> ir.Value:
    where = part.where(table) if part.where is not None else None
    if part.kind == "count":
        return table.count(where=where)
    if part.expr is None:
        raise BadQuestion("A component without an expression can only count.")
    value: Any = part.expr(table)
    if part.kind == "distinct":
        return value.nunique(where=where)
    if part.kind == "sum":
        value = value.cast("int64") if value.type().is_boolean() else value
        return value.sum(where=where)
    if part.kind == "only":
        return value.cast("string").max(where=where)
    value = value.cast("float64")
    if part.kind == "quantile":
        return value.quantile(part.q, where=where)
    if part.kind == "mean":
        return value.mean(where=where)
    if part.kind == "min":
        return value.min(where=where)
    if part.kind == "sd":
        return value.std(how="sample", where=where)
    return value.max(where=where)


def _customers_with(table: ir.Table, keys: dict[str, ir.Value], name: str, part: Component) -> ir.Table:
    assert part.expr is not None
    own = {n: v for n, v in keys.items() if n != "customer_id"}
    each = table.group_by(**own, customer_id=table.customer_id).aggregate(times=part.expr(table).nunique())
    enough = each.filter(each.times >= part.least)
    count = {name: enough.count()}
    return enough.group_by(list(keys)).aggregate(**count) if keys else enough.aggregate(**count)


def _frame(table: ir.Table, keys: dict[str, ir.Value], name: str, part: Component, context: Context) -> Compiled:
    """The rows of `columns` (columns of the base or dimensions) or, of kind `per`, their groups with `sums`, by group."""
    table = _with_dimensions(table, [c for c in part.columns if c not in table.columns], context)
    chosen = table.filter(part.where(table)) if part.where is not None else table
    named = {c: chosen[_name(chosen, c)] for c in part.columns}
    own = {k: chosen[_name(chosen, k)] if _name(chosen, k) in chosen.columns else chosen.day.truncate(GRAINS[k]) for k in keys}  # type: ignore[index]
    if part.kind == "rows":
        return Compiled(chosen.select(**own, **named), tuple(keys), (name,), part.columns)
    sums = {n: total(chosen).sum() for n, total in part.sums.items()}
    grouped = chosen.group_by(**own, **named).aggregate(**sums) if own or named else chosen.aggregate(**sums)
    return Compiled(grouped, tuple(keys), (name,), (*part.columns, *part.sums))


def sql(compiled: list[Compiled], context: Context) -> str:
    """The SQL of all expressions, as it will run."""
    return ";\n\n".join(str(context.reader.engine.backend.compile(c.expression, pretty=True)) for c in compiled)


def _rows(part: Compiled, context: Context) -> list[dict[str, Any]]:
    """The result's rows; of a part with `columns` one row a group, which holds the frame of its rows."""
    found = context.reader.engine.backend.to_pyarrow(part.expression.as_table())
    if not part.columns:
        return list(found.to_pylist())
    import pandas as pd

    frame = _plain(found)
    name = part.gives[0]
    if not part.keys:
        return [{name: frame[list(part.columns)]}]
    groups: Any = frame.groupby(list(part.keys), dropna=False, sort=False)
    made = []
    for key, rows in groups:
        known = (None if pd.isna(k) else k.date() if isinstance(k, pd.Timestamp) else k for k in key)
        made.append({**dict(zip(part.keys, known, strict=True)), name: rows[list(part.columns)]})
    return made


def _plain(table: pa.Table) -> pd.DataFrame:
    """The rows as pandas, decimals as floats, sorted so that no result depends on their order."""
    import pyarrow as pa

    fields = [pa.field(f.name, pa.float64()) if pa.types.is_decimal(f.type) else f for f in table.schema]
    frame: pd.DataFrame = table.cast(pa.schema(fields)).to_pandas()
    return frame.sort_values(list(frame.columns), ignore_index=True)


def run(compiled: list[Compiled], dimensions: tuple[str, ...], context: Context) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows of components by group key; a part that is not split by a dimension is given to every group."""
    results = [(part, _rows(part, context)) for part in compiled]
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part, rows in results:
        if set(part.keys) == set(dimensions):
            for row in rows:
                groups.setdefault(tuple(row[d] for d in dimensions), {})
    for part, rows in results:
        by_key = {tuple(row[k] for k in part.keys): row for row in rows}
        for key, values in groups.items():
            found = by_key.get(tuple(key[dimensions.index(k)] for k in part.keys))
            for name in part.gives:
                values[name] = found[name] if found else _nothing(part, name)
    return groups


def _nothing(part: Compiled, name: str) -> Any:
    """What a component is in a group without rows: no rows, a count of 0, else unknown."""
    if part.columns:
        import pandas as pd

        return pd.DataFrame({c: [] for c in part.columns})
    return 0 if name in part.counts else None
