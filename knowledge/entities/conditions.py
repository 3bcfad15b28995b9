"""Conditions as text, for `--where`, REST and plans: SQL expressions over attributes, with a few functions for sets of things.

late = true and days_late > 3 · customer.region in ('north', 'south') · not order.rush
has(customer, order, late, '2026') >= 2 · has(customer, return) · lacks(customer, order, '2026')
measured(customer, revenue, '2026') < 0 · top(customer, revenue, 10, '2026') · bottom(product, units, '20 %')
among(order, 'O-1', 'O-2')"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.predicates import All, Among, Compare, Did, Either, Not, Op, Part, Predicate, Reaches
from knowledge.errors import BadQuestion
from knowledge.records import Period

Periods = Callable[[str], Period | None]
SIGNS: dict[type[exp.Expression], Op] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
TURNED: dict[Op, Op] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
SETS = ("has", "lacks", "measured", "top", "bottom", "among")
HELP = "Write one like late = true and customer.region = 'north', or has(customer, order, late, '2026') >= 2."


def parse(text: str, periods: Periods, home: str = "") -> Predicate:
    """The predicate that a text says; `periods` reads the periods in it, bare names are attributes of the entity `home` first.

    Fails: BadQuestion (`bad_condition`), UnknownName."""
    try:
        node = sqlglot.parse_one(f"({text})", dialect="duckdb")  # in brackets it is no statement: COMMENT is one
    except SqlglotError as err:
        raise BadQuestion(f"`{text}` is no condition.", HELP, code="bad_condition") from err
    return _Parser(text, periods, home).condition(node)


@dataclass(frozen=True)
class _Parser:
    text: str
    periods: Periods
    home: str

    def condition(self, node: Any) -> Predicate:
        if isinstance(node, exp.Paren):
            return self.condition(node.this)
        if isinstance(node, exp.And | exp.Or):
            parts = tuple(p for side in (node.left, node.right) for p in self._flat(self.condition(side), node))
            return All(parts) if isinstance(node, exp.And) else Either(parts)
        if isinstance(node, exp.Not):
            return Not(self.condition(node.this))
        if isinstance(node, exp.In):
            return Compare(self._path(node.this), "=", tuple(self._value(v) for v in node.expressions))
        if isinstance(node, exp.Between):
            path = self._path(node.this)
            low, high = (self._value(node.args[side]) for side in ("low", "high"))
            return All((Compare(path, ">=", (low,)), Compare(path, "<=", (high,))))
        if type(node) in SIGNS:
            return self._comparison(node.left, SIGNS[type(node)], node.right)
        if isinstance(node, exp.Anonymous):
            return self._set(node, ">=", 1)
        if isinstance(node, exp.Column):
            return Compare(self._path(node), "=", (True,))
        raise self._bad(node)

    def _flat(self, part: Predicate, node: Any) -> tuple[Predicate, ...]:
        """ "a and b and c" is one list of three."""
        joined = (isinstance(part, All) and isinstance(node, exp.And)) or (
            isinstance(part, Either) and isinstance(node, exp.Or)
        )
        return part.parts if joined and isinstance(part, All | Either) else (part,)

    def _comparison(self, left: Any, sign: Op, right: Any) -> Predicate:
        if isinstance(left, exp.Literal | exp.Boolean | exp.Neg):
            left, sign, right = right, TURNED[sign], left
        if isinstance(left, exp.Anonymous):
            return self._set(left, sign, self._number(right))
        return Compare(self._path(left), sign, (self._value(right),))

    def _set(self, node: exp.Anonymous, sign: Op, number: float) -> Predicate:
        name, given = str(node.this).lower(), list(node.expressions)
        if name not in SETS or not given:
            raise self._bad(node)
        of = entity(self._word(given[0])).name
        if name == "among":
            return Among(of, tuple(str(self._value(g)) for g in given[1:]))
        if name in ("has", "lacks"):
            return self._did(name, of, given[1:], sign, number)
        if len(given) < 2:
            raise self._bad(node)
        metric = self._metric(given[1])
        if name == "measured":
            where, period = self._where_and_period(given[2:])
            return Reaches(of, metric, sign, number, period, where)
        order: Literal["desc", "asc"] = "desc" if name == "top" else "asc"
        much = self._value(given[2]) if len(given) > 2 else 1
        _, period = self._where_and_period(given[3:])
        if isinstance(much, str) and much.rstrip().endswith("%"):
            return Part(of, metric, order, None, float(much.rstrip(" %")) / 100, period)
        return Part(of, metric, order, int(float(str(much))), None, period)

    def _did(self, name: str, of: str, given: list[Any], sign: Op, number: float) -> Predicate:
        if not given:
            raise BadQuestion(f"`{self.text}` does not say what was done.", HELP, code="bad_condition")
        done = entity(self._word(given[0])).name
        where, period = self._where_and_period(given[1:], done)
        if name == "lacks":
            return Did(of, done, where, period, 0, 0)
        least, most = {
            ">=": (int(number), None), ">": (int(number) + 1, None), "=": (int(number), int(number)),
            "<": (0, int(number) - 1), "<=": (0, int(number)),
        }.get(sign, (None, None))  # fmt: skip
        if least is None:
            raise BadQuestion(f"`{self.text}`: has(…) takes =, <, <=, > or >=.", HELP, code="bad_condition")
        return Did(of, done, where, period, least, most)

    def _where_and_period(self, given: list[Any], home: str = "") -> tuple[Predicate | None, Period | None]:
        where: Predicate | None = None
        period: Period | None = None
        for node in given:
            if isinstance(node, exp.Literal) and node.is_string:
                period = self.periods(node.name)
                if period is None:
                    raise BadQuestion(f"`{node.name}` is no period.", "Say '2026', 'Q3 2026' or 2026-06-01..2026-08-31.", code="bad_condition")  # fmt: skip
            else:
                where = replace(self, home=home).condition(node)
        return where, period

    def _path(self, node: Any) -> str:
        if not isinstance(node, exp.Column):
            raise self._bad(node)
        of, known = attribute(f"{node.table}.{node.name}" if node.table else node.name, self.home)
        return f"{of.name}.{known.name}"

    def _metric(self, node: Any) -> str:
        if isinstance(node, exp.Literal):
            return str(node.name)
        if isinstance(node, exp.Column):
            return f"{node.table}.{node.name}" if node.table else str(node.name)
        return str(node.sql()).lower()

    def _word(self, node: Any) -> str:
        if not isinstance(node, exp.Column | exp.Literal):
            raise self._bad(node)
        return str(node.name)

    def _number(self, node: Any) -> float:
        try:
            return float(str(self._value(node)))
        except ValueError as err:
            raise self._bad(node) from err

    def _value(self, node: Any) -> Any:
        if isinstance(node, exp.Neg):
            return -self._number(node.this)
        if isinstance(node, exp.Boolean):
            return bool(node.this)
        if isinstance(node, exp.Literal):
            if not node.is_string:
                return float(node.name)
            try:
                return date.fromisoformat(node.name)
            except ValueError:
                return str(node.name)
        if isinstance(node, exp.Column):  # a word without quotes
            return str(node.name)
        raise self._bad(node)

    def _bad(self, node: Any) -> BadQuestion:
        return BadQuestion(f"`{node.sql() if isinstance(node, exp.Expression) else node}` cannot be read in `{self.text}`.", HELP, code="bad_condition")  # fmt: skip


def written(predicate: Predicate) -> str:
    """The predicate as text that `parse` reads back."""
    if isinstance(predicate, All | Either):
        return f" {'and' if isinstance(predicate, All) else 'or'} ".join(_inner(p) for p in predicate.parts)
    if isinstance(predicate, Not):
        return f"not {_inner(predicate.part)}"
    if isinstance(predicate, Compare):
        values = [_literal(v) for v in predicate.values]
        if len(values) == 1:
            return f"{predicate.attribute} {predicate.op} {values[0]}"
        return f"{'not ' if predicate.op == '!=' else ''}{predicate.attribute} in ({', '.join(values)})"
    if isinstance(predicate, Among):
        return f"among({', '.join([predicate.entity, *map(_literal, predicate.keys)])})"
    span = [f"'{predicate.period.start}..{predicate.period.end}'"] if predicate.period else []
    if isinstance(predicate, Part):
        much = f"'{predicate.share * 100:g} %'" if predicate.share is not None else str(predicate.count)
        name = "top" if predicate.order == "desc" else "bottom"
        return f"{name}({', '.join([predicate.entity, f'{predicate.metric!r}', much, *span])})"
    where = [written(predicate.where)] if predicate.where is not None else []
    if isinstance(predicate, Reaches):
        return f"measured({', '.join([predicate.entity, f'{predicate.metric!r}', *where, *span])}) {predicate.op} {predicate.value:g}"
    inside = f"({', '.join([predicate.entity, predicate.done, *where, *span])})"
    if predicate.most == 0:
        return f"lacks{inside}"
    sides = [f"has{inside} >= {predicate.least}"] if predicate.most is None or predicate.least else []
    sides += [f"has{inside} <= {predicate.most}"] if predicate.most is not None else []
    return f"has{inside} = {predicate.least}" if predicate.least == predicate.most else " and ".join(sides)


def _inner(predicate: Predicate) -> str:
    return f"({written(predicate)})" if isinstance(predicate, All | Either) else written(predicate)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    return "'" + str(value).replace("'", "''") + "'"
