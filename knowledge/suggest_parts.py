"""Rows of a proposed mapping that are no sales of their own: parts of another row, and corrections of another document."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pyarrow as pa

from knowledge import suggest_kinds
from knowledge.guesses import Guess, plain_words
from knowledge.lookups import quoted
from knowledge.notation import NULLS, Notation, read_number
from knowledge.profile import Profile
from knowledge.staging import literal
from knowledge.suggest_kinds import NO, YES, Rule, texts

PARENT = re.compile(
    r"^(sales )?parent( (order|line|sales))?( item| line| row| position)?( (id|no))?$|^(bundle|kit) (parent|line|item)( id)?$"
)
Step = Callable[..., Rule | None]
PART, CORRECTION = "part of another row", "correction of another document"


@dataclass(frozen=True)
class Aside:
    """The table without those rows, the rules (name: SQL) that set them aside, what makes them worth nothing where an order's discount
    is spread over its lines (SQL by column), and what is said of them."""

    table: pa.Table
    rules: Mapping[str, str] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    def reads(self, column: str) -> bool:
        """Whether a rule looks at the column."""
        return any(quoted(column) in rule for rule in self.rules.values())


def aside(table: pa.Table, taken: Mapping[str, Sequence[Guess]], seen: Mapping[str, Profile]) -> Aside:
    """Of a file of order lines, or of orders alone. A column that is called the parent and holds ids of other rows: what has one is a part of what it
    names (a bundle's, a variant's). One that says of each row whether it is cancelled. A document that names another one of the file and has rows below zero and above: it says
    what was and what is, and is no sale. What it calls quotations, shipping, tax and fees (`suggest_kinds`)."""
    alone = "order_lines" not in taken
    fields = {g.field: g.column for g in taken.get("orders" if alone else "order_lines", ())}
    if "order_id" not in fields:
        return Aside(table)
    article = next((g.column for g in taken.get("products", ()) if g.field == "name"), None)
    fields |= {"_article": article} if article else {}
    found = Aside(table)
    states = {g.column for gs in taken.values() for g in gs if g.field in ("status", "_credit")}
    others = frozenset(g.column for gs in taken.values() for g in gs) - states
    kinds: list[Step] = [suggest_kinds.quotations, suggest_kinds.no_goods, *([suggest_kinds.credits_alone] if alone else [])]
    said_by: list[Step] = [partial(kind, but=others) for kind in kinds]
    for step in (_cancelled, _parts, _corrections, *said_by, suggest_kinds.charges):
        while rule := step(found.table, fields, seen):
            name, column, rows, said = rule
            keep = pa.array([i not in rows for i in range(found.table.num_rows)])
            said_there = texts(found.table, column)
            when = _there(column, {said_there[i] for i in rows}, len(rows) == sum(map(bool, said_there)))
            when = f"({found.rules[name]}) OR ({when})" if name in found.rules else when
            found = Aside(found.table.filter(keep), {**found.rules, name: when}, {}, (*found.said, said))
    worth = [fields[f] for f in ("qty_ordered", "_total") if f in fields]
    gone = " OR ".join(found.rules.values())
    return replace(found, derive={c: f"CASE WHEN {gone} THEN '0' ELSE {quoted(c)} END" for c in worth} if gone else {})


REJECTED = re.compile(
    r"^abgru$|^(absage|storno|ablehnungs) ?grund$|\b(cancel\w*|reject\w*|void) (reason|code)\b|\breason (for|of) (cancel|reject)\w*"
)
"""Why a row was taken out again, which is only said of one that was."""
CANCELLED = re.compile(
    r"\b(cancel\w*|void\w*|annul\w*|anul\w*|storn\w*|makulerad|annullerad|peruttu|anulowan\w*|zrusen\w*|torolt|iptal\w*)\b"
)


def _parts(table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile]) -> Rule | None:
    for name in (n for n in seen if n in table.column_names and PARENT.match(plain_words(n))):
        values = texts(table, name)
        rows = frozenset(i for i, v in enumerate(values) if v)
        ids = next(
            (
                n
                for n in seen
                if n not in (name, fields["order_id"]) and {values[i] for i in rows} <= set(texts(table, n)) - {""}
            ),
            "",
        )
        if rows and len(rows) < len(values) and ids:
            return (
                PART,
                name,
                rows,
                f"{len(rows):,} rows are parts of other rows (`{name}`: a bundle's, a variant's); they are set aside, what they are parts of stays",
            )
    return None


def _corrections(table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile]) -> Rule | None:
    amount = fields.get("_total") or fields.get("qty_ordered")
    if amount is None:
        return None
    orders = texts(table, fields["order_id"])
    used = set(fields.values())
    how = seen[amount].written.notation or Notation(".")
    worth = [read_number(v, how) or 0.0 if v else 0.0 for v in texts(table, amount)]
    for name in (n for n in seen if n in table.column_names and n not in used):
        values = texts(table, name)
        rows = frozenset(i for i, v in enumerate(values) if v)
        if not rows or len(rows) == len(values) or not {values[i] for i in rows} <= set(orders):
            continue
        if any(values[i] == orders[i] for i in rows):
            continue
        signs = defaultdict(set)
        for i in rows:
            signs[orders[i]].add(worth[i] > 0)
        if all(len(s) == 2 for s in signs.values()):
            net = sum(worth[i] for i in rows)
            return (
                CORRECTION,
                name,
                rows,
                f"{len(signs):,} documents ({', '.join(sorted(signs)[:3])}) correct others (`{name}`): their {len(rows):,} rows say what was and what is; they are set aside, and the {net:,.2f} "
                "by which they change what was sold is not in the figures",
            )
    return None


def _cancelled(table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile]) -> Rule | None:
    for name in (n for n in seen if n in table.column_names and n not in fields.values() and REJECTED.search(plain_words(n))):
        given = frozenset(i for i, v in enumerate(texts(table, name)) if v)
        if given and len(given) < table.num_rows:
            return "cancelled", name, given, f"{len(given):,} rows have a reason in `{name}`; they are set aside as cancelled"
    for name in (n for n in seen if n in table.column_names and n not in fields.values() and CANCELLED.search(plain_words(n))):
        if seen[name].dates > 0.9:
            when = frozenset(i for i, v in enumerate(texts(table, name)) if v)
            if when and len(when) < table.num_rows:
                return "cancelled", name, when, f"{len(when):,} rows have a day in `{name}`; they are set aside as cancelled"
        values = [plain_words(v) for v in texts(table, name)]
        rows = frozenset(i for i, v in enumerate(values) if v in YES)
        if rows and set(values) <= YES | NO | {""}:
            return "cancelled", name, rows, f"{len(rows):,} rows are cancelled (`{name}`); they are set aside"
    return None


def _there(column: str, values: Collection[str], any_value: bool) -> str:
    """SQL: whether the column holds one of these, or anything at all."""
    if any_value:
        return f"coalesce(lower(trim({quoted(column)})), '') NOT IN ({', '.join(literal(v) for v in sorted({'', *NULLS}))})"
    return f"trim({quoted(column)}) IN ({', '.join(literal(v) for v in sorted(values))})"
