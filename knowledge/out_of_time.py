"""Events that cannot be at their time, or hardly: before what they follow, years away from it, far before all others. They stay as
they came; each is said with its row, its columns and the cause, and figures of punctuality leave it out (`metrics/bases.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from knowledge.asof import lone_from
from knowledge.lookups import OWN, quoted
from knowledge.schema import TABLES
from knowledge.tables import Store, sql_session

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

CLOCKS, PLANS = 1, 180
"""By how many days an event may be before the one that it follows (zones, clocks that differ), and a plan or a payment."""
SHOWN, MANY = 3, 0.2
APART, USUAL, LEAST, FEW = 300, 20, 4, 0.05
"""So many days, and so many times what is usual, lie between two events of which one's year is mistyped; fewer
than `LEAST` tell nothing, and more than a `FEW` are no typing errors."""


@dataclass(frozen=True)
class Follows:
    """Events of `column` come after those of `after` (of the row that `through` names), but for so many days."""

    table: str
    column: str
    after: str
    days: int = CLOCKS
    through: str = ""

    @property
    def said(self) -> str:
        return f"`{self.after}`" + (" of its order" if self.through else "")


ORDER = [
    *(Follows("orders", f"{c}_at", "ordered_at") for c in ("approved", "picked", "shipped", "delivered")),
    *(Follows("orders", f"{c}_date", "ordered_at", PLANS) for c in ("promised", "latest_promised", "requested")),
    *(Follows("returns", f"{c}_at", "requested_at") for c in ("received", "resolved")),
    Follows("returns", "requested_at", "ordered_at", through="order_id"),
    *(Follows("interactions", f"{c}_at", "at") for c in ("first_response", "resolved")),
    Follows("commitments", "kept_at", "made_at"),
    *(Follows("invoices", f"{c}_at", "issued_at", PLANS) for c in ("paid", "due")),
    Follows("invoices", "paid_at", "ordered_at", through="order_id"),
]
FIRST = {"orders": "ordered_at", "returns": "requested_at", "invoices": "issued_at", "interactions": "at", "feedback": "at"}


def of_import(session: duckdb.DuckDBPyConnection, names: list[str]) -> Iterator[str]:
    """What is to be said of settled staging tables whose files have these names."""
    files = "[" + ", ".join("'" + n.replace("'", "''") + "'" for n in names) + "]"
    there = {}
    for name in {*FIRST, *(f.table for f in ORDER)}:
        if session.execute(f"SELECT count(*) FROM in_{name}").fetchone() != (0,):
            there[name] = (
                f"(SELECT *, {files}[_file + 1] || ':' || _row AS here FROM in_{name} WHERE _reason IS NULL AND _last)"
            )
    known = "(SELECT order_id, ordered_at FROM in_orders WHERE _reason IS NULL AND _last UNION SELECT order_id, ordered_at FROM old_orders)"
    yield from _found(session, there, known)


def of_workspace(workspace: Path, zone: str = "UTC") -> Iterator[str]:
    """The same of all that is imported."""
    store, session, there = Store(workspace / "tables"), sql_session(zone), {}
    for name in {*FIRST, *(f.table for f in ORDER)}:
        if store.exists(name) and store.version(name).rows:
            session.register(name, store.read(name, columns=_needed(name)))
            there[name] = f"(SELECT *, split_part(source_row, '{OWN}', 1) AS here FROM {name})"
    yield from _found(session, there, there.get("orders", ""))


def _needed(table: str) -> list[str]:
    """The columns of a table that the rules look at."""
    own = [c for f in ORDER if f.table == table for c in (f.column, f.through or f.after)]
    read = [*TABLES[table].key, *own, FIRST.get(table, ""), "source_row"]
    return [c for c in dict.fromkeys(read) if c in (*TABLES[table].names, "source_row")]


def _found(session: duckdb.DuckDBPyConnection, there: Mapping[str, str], orders: str) -> Iterator[str]:
    for rule in ORDER:
        if rule.table in there and (orders or not rule.through):
            yield from _backwards(session, rule, there[rule.table], orders)
    if "orders" in there:
        yield from _years_apart(session, there["orders"])
    for table, column in FIRST.items():
        if table in there:
            yield from _long_before(session, table, column, there[table])


def _backwards(session: duckdb.DuckDBPyConnection, rule: Follows, rows: str, orders: str) -> Iterator[str]:
    """Events before what they follow."""
    joined = f"{rows} n JOIN {orders} o USING (order_id)" if rule.through else f"{rows} n"
    column, after = f"n.{quoted(rule.column)}", f"{'o' if rule.through else 'n'}.{quoted(rule.after)}"
    before = f"CAST({column} AS TIMESTAMP) < CAST({after} AS TIMESTAMP) - INTERVAL {rule.days} DAY"
    key = f"n.{quoted(TABLES[rule.table].key[0])}"
    whole, many = _row(
        session,
        f"SELECT count(*) FILTER ({column} IS NOT NULL AND {after} IS NOT NULL), count(*) FILTER ({before}) FROM {joined}",
    )
    if not many:
        return
    shown = session.execute(
        f"SELECT {key} || ' (' || here || '): ' || {_day(column)} || ', ' || {_day(after)} FROM {joined} WHERE {before} ORDER BY here LIMIT {SHOWN}"
    ).fetchall()
    common = many > 2 and many >= MANY * whole
    why = (
        f"the columns may be exchanged, or their days and months: {many:,} of {whole:,}" if common else "a mistyped year or day"
    )
    yield f"{rule.table}: `{rule.column}` lies before {rule.said} ({why}) and tells nothing of punctuality: {_listed(shown, many)}."


def _years_apart(session: duckdb.DuckDBPyConnection, rows: str) -> Iterator[str]:
    """Orders and deliveries that are years apart where the others are not: either may be the mistyped one."""
    apart = "epoch(delivered_at - ordered_at) / 86400"
    usual, whole = _row(session, f"SELECT quantile_disc({apart}, 0.75), count({apart}) FROM {rows} WHERE {apart} >= 0")
    far = f"{apart} >= {max(APART, USUAL * float(usual or 0))}"
    many, most = _row(session, f"SELECT count(*) FILTER ({far}), max({apart}) FILTER (NOT {far}) FROM {rows}")
    if whole < LEAST or many > max(1, FEW * whole):
        return
    shown = session.execute(
        f"SELECT order_id || ' (' || here || '): ' || {_day('ordered_at')} || ', ' || {_day('delivered_at')} FROM {rows} WHERE {far} ORDER BY here LIMIT {SHOWN}"
    ).fetchall()
    if shown:
        yield (
            f"orders: `ordered_at` and `delivered_at` lie years apart, those of others at most {float(most):,.0f} days (a mistyped year?); they count as they are: "
            f"{_listed(shown, many)}."
        )


def _long_before(session: duckdb.DuckDBPyConnection, table: str, column: str, rows: str) -> Iterator[str]:
    """Events that lie alone, far before all others."""
    moment = quoted(column)
    told = session.execute(f"SELECT CAST({moment} AS DATE), count(*) FROM {rows} GROUP BY 1 ORDER BY 1 DESC").fetchall()
    days = np.array([d for d, _ in told], "datetime64[D]").astype(int)
    cut = lone_from(-days, np.array([c for _, c in told]))
    if cut is None:
        return
    first, key = told[cut - 1][0], quoted(TABLES[table].key[0])
    far = f"CAST({moment} AS DATE) < DATE '{first}'"
    shown = session.execute(
        f"SELECT {key} || ' (' || here || '): ' || {_day(column)} FROM {rows} WHERE {far} ORDER BY here LIMIT {SHOWN}"
    ).fetchall()
    many = sum(c for _, c in told[cut:])
    yield f"{table}: `{column}` lies far before all others, the first of which is of {first:%-d %b %Y} (a mistyped year?); it counts as it is: {_listed(shown, many)}."


def _listed(shown: list[tuple[str]], many: int) -> str:
    return "; ".join(s for (s,) in shown) + (f"; and {many - len(shown):,} more" if many > len(shown) else "")


def _day(moment: str) -> str:
    return f"strftime({moment}, '%-d %b %Y')"


def _row(session: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    return session.execute(sql).fetchone() or (0, 0)
