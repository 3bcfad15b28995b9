"""Formulas that a company writes for its own metrics and dimensions, in SQL: read by sqlglot, run as ibis expressions.

Only what is listed here may stand in one: columns, numbers, texts, arithmetic, comparisons and a few functions. There is no
way to name another table, file or query, so a formula sees what its reader may see."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.errors import BadInput
from knowledge.metrics.registry import Component, DateCode, Kind, Measured, Metric, Row
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Over:
    """A table that a metric can be over: the relation that holds its rows, the date they go by, the groups of dimensions that cut them,
    and the tables whose key stands in them, so that what these tell can be looked up."""

    relation: str
    date: DateCode
    split_by: tuple[str, ...]
    reaches: frozenset[str]


TABLES_OVER: dict[str, Over] = {
    "orders": Over("orders", "ord", ("C", "O"), frozenset({"orders", "customers"})),
    "order_lines": Over("lines", "ord", ("C", "O", "P"), frozenset({"order_lines", "orders", "customers", "products"})),
    "returns": Over("returns", "ret", ("C", "P", "R"), frozenset({"returns", "orders", "customers", "products"})),
    "interactions": Over("interactions", "at", ("C", "I"), frozenset({"interactions", "orders", "customers"})),
    "feedback": Over("feedback", "at", ("C", "V"), frozenset({"feedback", "orders", "customers", "products"})),
    "customers": Over("customers", "snap", ("C",), frozenset({"customers"})),
}
RENAMED = {
    ("order_lines", "line_value"): "lv",
    ("interactions", "channel"): "contact_channel",
    ("feedback", "channel"): "feedback_channel",
}
MATHS: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul, exp.Div: operator.truediv,
}  # fmt: skip
COMPARED: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: operator.eq, exp.NEQ: operator.ne, exp.GT: operator.gt, exp.GTE: operator.ge, exp.LT: operator.lt, exp.LTE: operator.le,
    exp.And: operator.and_, exp.Or: operator.or_,
}  # fmt: skip
AGGREGATES: dict[type[exp.Expr], Kind] = {
    exp.Sum: "sum", exp.Avg: "mean", exp.Max: "max", exp.Median: "quantile", exp.Count: "count",
}  # fmt: skip
FUNCTIONS = "COALESCE, NULLIF, ABS, LOWER, UPPER, SPLIT_PART, DATE_DIFF ('day' or 'hour') and CASE"


@dataclass
class Reading:
    """What a metric's formula is made of, as it is read: components by name, tables, columns, metrics named in it."""

    components: dict[str, Component] = field(default_factory=dict)
    tables: dict[str, None] = field(default_factory=dict)
    columns: dict[tuple[str, str], None] = field(default_factory=dict)
    named: dict[str, None] = field(default_factory=dict)


def parsed(text: str) -> exp.Expr:
    """The formula's tree. Fails: BadInput where it is no SQL expression."""
    try:
        return sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as err:
        raise BadInput(f"`{text}` is no SQL expression.", "Write one like SUM(returns.value).", code="bad_metrics") from err


def value(node: exp.Expr, known: Mapping[tuple[str, str], None]) -> Callable[[ir.Table], ir.Value]:
    """A row's value as a function of the relation that holds the rows."""
    for table, column in known:
        if (table, column) not in RENAMED and column not in TABLES[table].names:
            names = ", ".join(TABLES[table].names)
            raise BadInput(f"`{table}` has no column `{column}`.", f"It has: {names}.", code="bad_metrics")
    _permitted(node)
    _tried(node, known)
    return lambda rows: _value(node, rows)


def kind_of(node: exp.Expr, known: Mapping[tuple[str, str], None]) -> Literal["flag", "date", "number", "text"]:
    """What an attribute of that formula is: a yes or no, a day, a number or a text."""
    told = _tried(node, known).type()
    return "flag" if told.is_boolean() else "date" if told.is_temporal() else "number" if told.is_numeric() else "text"


def _tried(node: exp.Expr, known: Mapping[tuple[str, str], None]) -> ir.Value:
    """The value over a relation without rows. Fails: BadInput where kinds do not go together (a text plus a number)."""
    import ibis
    from ibis.common.annotations import SignatureValidationError
    from ibis.common.exceptions import IbisError

    schema: dict[str, Any] = {}
    for table in dict.fromkeys(t for t, _ in known):
        schema |= {c: ibis.schema(TABLES[table].arrow)[c] for c in TABLES[table].names}
        schema |= {new: schema.get(old, ibis.dtype("decimal(18, 6)")) for (of, old), new in RENAMED.items() if of == table}
    try:
        found: ir.Value = _value(node, ibis.table(schema or {"nothing": "int64"}))
    except (IbisError, SignatureValidationError, TypeError, AttributeError, ValueError) as err:
        raise BadInput(
            f"`{node.sql(dialect='duckdb')}` does not go together.",
            "Compare and reckon with values of one kind (CAST makes a text a date).",
            code="bad_metrics",
        ) from err
    return found


def columns_in(node: exp.Expr) -> dict[tuple[str, str], None]:
    """(table, column) of every column. Fails: BadInput where one does not say its table, or names none there is."""
    found: dict[tuple[str, str], None] = {}
    for column in node.find_all(exp.Column):
        if column.table not in TABLES:
            raise BadInput(
                f"`{column.sql()}` does not say which table it is of.",
                f"Write table.column; tables: {', '.join(TABLES_OVER)}.",
                code="bad_metrics",
            )
        if not isinstance(column.this, exp.Star):
            found[(column.table, column.name)] = None
    return found


def combined(node: exp.Expr, reading: Reading, metric_of: Callable[[str], Metric]) -> Callable[[Row], float | None]:
    """The metric's value as a function of its components, which are added to `reading`; `metric_of` gives the metrics it names."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Literal) and not node.is_string:
        number = float(node.this)
        return lambda _: number
    if isinstance(node, exp.Filter) or type(node) in AGGREGATES:
        name = _component(node, reading)
        return lambda row: None if row[name] is None else float(row[name])
    if isinstance(node, exp.Column) and not node.table:
        return _of_metric(metric_of(node.name), reading)
    if type(node) in MATHS:
        left, right = combined(node.this, reading, metric_of), combined(node.expression, reading, metric_of)
        apply = MATHS[type(node)]
        plain = isinstance(node, exp.Add | exp.Sub)
        return lambda row: _reckoned(apply, left(row), right(row), plain=plain)
    raise BadInput(
        f"`{node.sql(dialect='duckdb')}` cannot stand in a metric's formula.",
        "Use SUM, AVG, MEDIAN, MAX, COUNT (with FILTER (WHERE …)), names of metrics, numbers, + - * / and brackets.",
        code="bad_metrics",
    )


def _reckoned(apply: Callable[[Any, Any], Any], left: float | None, right: float | None, *, plain: bool) -> float | None:
    """A sum of which a part has no rows takes it as 0; a product or a ratio of nothing is nothing."""
    if plain and not (left is None and right is None):
        return float(apply(left or 0.0, right or 0.0))
    if left is None or right is None or (apply is operator.truediv and right == 0):
        return None
    return float(apply(left, right))


def _of_metric(metric: Metric, reading: Reading) -> Callable[[Row], float | None]:
    """Another metric inside a formula: its components under its own name."""
    prefix = f"{metric.name}:"
    reading.components |= {prefix + n: c for n, c in metric.components.items()}
    reading.named[metric.name] = None
    names = tuple(metric.components)

    def combine(row: Row) -> float | None:
        found = metric.combine({n: row[prefix + n] for n in names})
        found = found.value if isinstance(found, Measured) else found
        return None if not isinstance(found, int | float) else float(found)

    return combine


def _component(node: exp.Expr, reading: Reading) -> str:
    """One aggregate, added to the components; its name."""
    where, aggregate = None, node
    if isinstance(node, exp.Filter):
        aggregate, where = node.this, node.expression.this
    if type(aggregate) not in AGGREGATES:
        raise BadInput(f"`{aggregate.sql()}` is no aggregate.", "Use SUM, AVG, MEDIAN, MAX or COUNT.", code="bad_metrics")
    kind, inner = AGGREGATES[type(aggregate)], aggregate.this
    if isinstance(inner, exp.Distinct):
        if kind != "count" or len(inner.expressions) != 1:
            raise BadInput(f"`{aggregate.sql()}`: DISTINCT is for COUNT of one value.", "", code="bad_metrics")
        kind, inner = "distinct", inner.expressions[0]
    used = columns_in(node)
    tables = dict.fromkeys(t for t, _ in used) | dict.fromkeys(c.table for c in aggregate.find_all(exp.Column))
    table = "order_lines" if set(tables) == {"order_lines", "orders"} else next(iter(tables), "")
    if table not in TABLES_OVER or set(tables) - {table, *(("orders",) if table == "order_lines" else ())}:
        raise BadInput(
            f"`{node.sql(dialect='duckdb')}` must be over one table.",
            f"Tables: {', '.join(TABLES_OVER)}; order lines know their order's columns too.",
            code="bad_metrics",
        )
    kept = value(where, used) if where is not None else None
    every_row = isinstance(inner, exp.Star) or (isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star))
    expression = None if every_row else value(inner, used)
    if kind in ("sum", "mean", "quantile") and not _tried(inner, used).type().is_numeric():
        raise BadInput(f"`{inner.sql(dialect='duckdb')}` is no number, so it has no {kind}.", "COUNT it.", code="bad_metrics")
    if kind == "count" and expression is not None:
        kept, expression = _there(expression, kept), None
    name = f"part{len(reading.components) + 1}"
    reading.components[name] = Component(TABLES_OVER[table].relation, kind, expression, kept)
    reading.tables[table] = None
    reading.columns |= used or {(table, TABLES[table].key[0]): None}
    return name


def _there(told: Callable[[ir.Table], Any], kept: Callable[[ir.Table], Any] | None) -> Callable[[ir.Table], Any]:
    """Rows that have the value, of those that are kept."""
    return lambda rows: told(rows).notnull() if kept is None else told(rows).notnull() & kept(rows)


def _permitted(node: exp.Expr) -> None:
    """Fails: BadInput on a part that is not read here, or that says more than what is read of it (ESCAPE, OVER …)."""
    for part in node.walk():
        read = _READ.get(type(part))
        if read is None or any(said and name not in read for name, said in part.args.items()):
            raise BadInput(
                f"`{part.sql(dialect='duckdb')}` cannot stand in a formula.",
                f"Besides arithmetic, comparisons, LIKE, IN, BETWEEN and IS NULL there are {FUNCTIONS}.",
                code="bad_metrics",
            )


_READ: dict[type[exp.Expr], frozenset[str]] = {
    **{kind: frozenset(("this", "expression")) for kind in (*MATHS, *COMPARED, exp.Is, exp.Nullif)},
    **{kind: frozenset(("this",)) for kind in (exp.Not, exp.Neg, exp.Paren, exp.Boolean, exp.Null, exp.Abs, exp.Lower, exp.Upper, exp.Var)},
    exp.In: frozenset(("this", "expressions")),
    exp.Between: frozenset(("this", "low", "high")),
    exp.Like: frozenset(("this", "expression", "negate")),
    exp.Column: frozenset(("this", "table")),
    exp.Identifier: frozenset(("this", "quoted")),
    exp.Literal: frozenset(("this", "is_string")),
    exp.Coalesce: frozenset(("this", "expressions")),
    exp.SplitPart: frozenset(("this", "delimiter", "part_index")),
    exp.DateDiff: frozenset(("this", "expression", "unit", "date_part_boundary")),
    exp.Case: frozenset(("ifs", "default")),
    exp.If: frozenset(("this", "true")),
    exp.Cast: frozenset(("this", "to")),
    exp.DataType: frozenset(("this",)),
}  # fmt: skip
"""What is read of each kind of node."""


def _value(node: exp.Expr, rows: ir.Table) -> Any:
    """The node over the rows; every node has passed `_permitted`."""
    import ibis

    def of(part: exp.Expr) -> Any:
        return _value(part, rows)

    kind = type(node)
    if kind in MATHS:
        return MATHS[kind](of(node.this), of(node.expression))
    if kind in COMPARED:
        return COMPARED[kind](of(node.this), of(node.expression))
    match node:
        case exp.Paren():
            return of(node.this)
        case exp.Column():
            return rows[RENAMED.get((node.table, node.name), node.name)]
        case exp.Literal():
            return ibis.literal(node.this if node.is_string else float(node.this) if "." in node.this else int(node.this))
        case exp.Boolean():
            return ibis.literal(node.this)
        case exp.Null():
            return ibis.null()
        case exp.Neg():
            return -of(node.this)
        case exp.Not():
            return ~of(node.this)
        case exp.Is():
            return of(node.this).isnull() if isinstance(node.expression, exp.Null) else of(node.this) == of(node.expression)
        case exp.In():
            return of(node.this).isin([of(e) for e in node.expressions])
        case exp.Between():
            return of(node.this).between(of(node.args["low"]), of(node.args["high"]))
        case exp.Like():
            found = of(node.this).like(str(node.expression.this))
            return ~found if node.args.get("negate") else found
        case exp.Coalesce():
            return ibis.coalesce(of(node.this), *(of(e) for e in node.expressions))
        case exp.Nullif():
            return of(node.this).nullif(of(node.expression))
        case exp.Abs():
            return of(node.this).abs()
        case exp.Lower():
            return of(node.this).lower()
        case exp.Upper():
            return of(node.this).upper()
        case exp.SplitPart():
            return of(node.this).split(of(node.args["delimiter"]))[int(node.args["part_index"].this) - 1]
        case exp.DateDiff():
            return _between(of(node.expression), of(node.this), str(node.args["unit"].name).lower())
        case exp.Case():
            cases = [(of(i.this), of(i.args["true"])) for i in node.args["ifs"]]
            return ibis.cases(*cases, else_=of(node.args["default"]) if node.args.get("default") else None)
        case exp.Cast():
            return of(node.this).cast(node.to.sql().lower())
    raise BadInput(f"`{node.sql()}` cannot stand in a formula.", f"There are {FUNCTIONS}.", code="bad_metrics")


def _between(first: Any, last: Any, unit: str) -> Any:
    """Calendar days, or hours, from one moment to another."""
    if unit == "day":
        first, last = (v.date() if v.type().is_timestamp() else v for v in (first, last))
        return last.delta(first, unit="day")
    if unit == "hour":
        return (last.epoch_seconds() - first.epoch_seconds()) / 3600
    raise BadInput(f"DATE_DIFF knows no `{unit}`.", "Use 'day' or 'hour'.", code="bad_metrics")
