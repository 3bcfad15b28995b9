"""Where staged rows go: kept out for a reference, or new, changed or equal to what the tables hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from knowledge import identity
from knowledge.lookups import quoted
from knowledge.schema import TABLES, Table
from knowledge.sources import Source
from knowledge.tables import Store

if TYPE_CHECKING:
    import duckdb


Given = Mapping[tuple[str, int, int], frozenset[str]]
"""By table, file and place in its mapping: the columns that it says something about."""
EMPTIED = "an emptied order: every line is a credit or has no quantity"
KEPT_OUT = "was kept out"


def settle(
    session: duckdb.DuckDBPyConnection, store: Store, given: Given, mapping: str, *, replacing: bool = False
) -> list[str]:
    """References, then the last row of each key, with what is known where its file says nothing, then what is new, changed or
    equal: column `_state` of every staging table. Gives what is to be said of keys that collide; `replacing`: none does."""
    _empty_orders(session, store)
    _old(session, store)
    identity.prepare(session)
    said: list[str] = list(_without_customers(session))
    for table in TABLES.values():
        name = f"in_{table.name}"
        if not session.execute(f"SELECT count(*) FROM {name}").fetchone()[0]:
            session.execute(f"ALTER TABLE {name} ADD COLUMN _state VARCHAR")
            session.execute(f"ALTER TABLE {name} ADD COLUMN _last BOOLEAN")
            continue
        for column in table.columns:
            if column.references is None:
                continue
            key = TABLES[column.references].key[0]
            session.execute(
                f"UPDATE {name} n SET _reason = '`{column.name}`: its row in {column.references} {KEPT_OUT} (' || r.reason || ')' FROM "
                f"(SELECT {key} AS k, any_value(_reason) AS reason FROM in_{column.references} GROUP BY 1 HAVING bool_and(_reason IS NOT NULL)) r "
                f"WHERE _reason IS NULL AND {quoted(column.name)} = r.k AND r.k NOT IN (SELECT {key} FROM old_{column.references})"
            )
            session.execute(
                f"UPDATE {name} SET _reason = 'unknown `{column.name}`' WHERE _reason IS NULL AND {quoted(column.name)} IS NOT NULL AND "
                f"{quoted(column.name)} NOT IN (SELECT {key} FROM in_{column.references} WHERE _reason IS NULL UNION SELECT {key} FROM old_{column.references})"
            )
        if table.name in ("customers", "products"):
            said += identity.nearly_known(session, table.name)
        if not replacing:
            said += identity.keep_out(session, table, mapping)
        keys = ", ".join(quoted(k) for k in table.key)
        same = " AND ".join(f"n.{quoted(c)} IS NOT DISTINCT FROM o.{quoted(c)}" for c in table.names)
        on = same_key(table)
        session.execute(f"ALTER TABLE {name} ADD COLUMN _state VARCHAR")
        session.execute(
            f"CREATE TEMP TABLE ranked AS SELECT _file, _row, _order, row_number() OVER (PARTITION BY {keys} ORDER BY _file DESC, _row DESC) AS place "
            f"FROM {name} WHERE _reason IS NULL"
        )
        _keep_known(session, table, given)
        if table.name == "orders":
            _first_promise(session, given)
        session.execute(f"UPDATE {name} SET _state = 'quarantined' WHERE _reason IS NOT NULL")
        session.execute(
            f"UPDATE {name} n SET _state = CASE WHEN r.place > 1 THEN 'again' ELSE 'loaded' END FROM ranked r "
            f"WHERE n._file = r._file AND n._row = r._row AND n._order = r._order AND n._reason IS NULL"
        )
        session.execute(
            f"UPDATE {name} n SET _state = CASE WHEN {same} THEN 'unchanged' ELSE 'updated' END FROM old_{table.name} o "
            f"WHERE n._state = 'loaded' AND {on}"
        )
        # an earlier row of a key that comes again in the same import: replaced by the later one, or equal to it
        session.execute(
            f"UPDATE {name} n SET _state = CASE WHEN {same} THEN 'unchanged' ELSE 'updated' END "
            f"FROM (SELECT * FROM {name} WHERE _state IN ('loaded', 'updated', 'unchanged')) o WHERE n._state = 'again' AND {on}"
        )
        session.execute(f"ALTER TABLE {name} ADD COLUMN _last BOOLEAN")
        session.execute(
            f"UPDATE {name} n SET _last = (r.place = 1) FROM ranked r WHERE n._file = r._file AND n._row = r._row AND n._order = r._order"
        )
        session.execute("DROP TABLE ranked")
    return said


def _without_customers(session: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Comments of a workspace that knows no customer at all are comments still; whose they are is told once customers are there."""
    known = session.execute("SELECT (SELECT count(*) FROM in_customers) + (SELECT count(*) FROM old_customers)").fetchone()
    named = session.execute("SELECT count(*) FROM in_feedback WHERE _reason IS NULL AND customer_id IS NOT NULL").fetchone()
    if known and named and not known[0] and named[0]:
        session.execute("UPDATE in_feedback SET customer_id = NULL WHERE _reason IS NULL")
        yield f"{named[0]:,} rows of feedback name customers, and none is known here: they are loaded without. Import the customers, then this file again."


def _old(session: duckdb.DuckDBPyConnection, store: Store) -> None:
    """What is loaded of each table, as `old_<table>`."""
    for table in TABLES.values():
        name = f"in_{table.name}"
        if store.exists(table.name) and store.version(table.name).rows:
            files = ", ".join("'" + str(store.root / f).replace("'", "''") + "'" for f in store.version(table.name).files)
            session.execute(f"CREATE VIEW old_{table.name} AS SELECT * FROM read_parquet([{files}], union_by_name=true)")
        else:
            session.execute(
                f"CREATE VIEW old_{table.name} AS SELECT * EXCLUDE (_file, _row, _order, _one, _reason, _own), '' AS source, '' AS source_row, now() AS loaded_at FROM {name} WHERE false"
            )


def _keep_known(session: duckdb.DuckDBPyConnection, table: Table, given: Given) -> None:
    """The last row of each key takes what its file says nothing about from the other files of the import, else from what is
    loaded; a new row that lacks what it must have gets its reason."""
    name, on = f"in_{table.name}", same_key(table)
    places = [(file, order) for t, file, order in given if t == table.name]
    silent: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for column in table.names:
        quiet = tuple(p for p in places if column not in given[table.name, *p])
        if quiet and column not in table.key:
            silent.setdefault(quiet, []).append(column)
    for quiet, columns in silent.items():
        here = f"(n._file, n._order) IN ({', '.join(map(str, quiet))})"
        last = "EXISTS (SELECT 1 FROM ranked r WHERE r._file = n._file AND r._row = n._row AND r._order = n._order AND r.place = 1)"
        taken = ", ".join(f"{quoted(c)} = o.{quoted(c)}" for c in columns)
        session.execute(f"UPDATE {name} n SET {taken} FROM old_{table.name} o WHERE {on} AND {here} AND {last}")
        others = [p for p in places if p not in quiet]
        if others:
            keys = ", ".join(quoted(k) for k in table.key)
            said = ", ".join(f"arg_max(struct_pack(v := {quoted(c)}), (_file, _row)) AS {quoted(c)}" for c in columns)
            session.execute(
                f"UPDATE {name} n SET {', '.join(f'{quoted(c)} = o.{quoted(c)}.v' for c in columns)} FROM (SELECT {keys}, {said} FROM {name} "
                f"WHERE _reason IS NULL AND (_file, _order) IN ({', '.join(map(str, others))}) GROUP BY ALL) o WHERE {on} AND {here} AND {last}"
            )
        for column in columns:
            if table.column(column).required:
                session.execute(
                    f"UPDATE {name} n SET _reason = 'no `{column}`' WHERE _reason IS NULL AND {quoted(column)} IS NULL AND {here} AND {last}"
                )


def _first_promise(session: duckdb.DuckDBPyConnection, given: Given) -> None:
    """The first promise of an order stays, whether what is loaded or a row of this import made it; where another was made since,
    the last one is the latest. A row that promises nothing changes neither."""

    def told(column: str) -> str:
        places = [(file, order) for (table, file, order), columns in given.items() if table == "orders" and column in columns]
        return (
            f"CASE WHEN (_file, _order) IN ({', '.join(map(str, places))}) THEN {column} END"
            if places
            else "CAST(NULL AS DATE)"
        )

    session.execute(
        "UPDATE in_orders n SET promised_date = p.first, latest_promised_date = CASE WHEN p.moved THEN p.latest ELSE n.latest_promised_date END "
        "FROM (SELECT order_id, arg_min(promise, place) FILTER (promise IS NOT NULL) AS first, arg_max(last, place) FILTER (last IS NOT NULL) AS latest, "
        "least(min(promise), min(last)) <> greatest(max(promise), max(last)) AS moved FROM ("
        "SELECT order_id, (-1, 0) AS place, promised_date AS promise, coalesce(latest_promised_date, promised_date) AS last FROM old_orders UNION ALL "
        f"SELECT order_id, (_file, _row), {told('promised_date')}, coalesce({told('latest_promised_date')}, {told('promised_date')}) "
        "FROM in_orders WHERE _reason IS NULL) GROUP BY 1) p WHERE p.order_id = n.order_id AND p.first IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM ranked r WHERE r._file = n._file AND r._row = n._row AND r._order = n._order AND r.place = 1)"
    )


def _empty_orders(session: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Orders of which nothing is left are no orders: all of their lines, which come with them, are below zero or of nothing."""
    if not session.execute("SELECT count(*) FROM in_order_lines").fetchone()[0]:
        return
    before = (
        "SELECT order_id FROM old_lines" if store.exists("order_lines") and store.version("order_lines").rows else "SELECT NULL"
    )
    if "old_lines" in before:
        files = ", ".join("'" + str(store.root / f).replace("'", "''") + "'" for f in store.version("order_lines").files)
        before = f"SELECT order_id FROM read_parquet([{files}], union_by_name=true)"
    session.execute(
        f"UPDATE in_orders SET _reason = '{EMPTIED}' WHERE _reason IS NULL AND order_id IN (SELECT order_id FROM in_order_lines "
        "WHERE order_id IS NOT NULL GROUP BY 1 HAVING bool_and(coalesce(qty_ordered <= 0 OR (unit_price < 0 AND _reason IS NOT NULL), false))) "
        f"AND coalesce(order_id NOT IN ({before}), true)"
    )


def leave_newer(session: duckdb.DuckDBPyConnection, store: Store, sources: Sequence[Source]) -> None:
    """What rows out of the quarantine must not change: what groups made, and rows that were loaded after them."""
    session.execute("CREATE TABLE since (_file INT, _row BIGINT, put_at TIMESTAMPTZ, named VARCHAR)")
    for number, source in enumerate(sources):
        if source.since is not None:
            session.register("given", source.since)
            session.execute("INSERT INTO since SELECT $1, _row, put_at, $2 FROM given", [number, f"{source.name}:"])
            session.unregister("given")
    for table in TABLES.values():
        if not (store.exists(table.name) and store.version(table.name).rows):
            continue
        session.execute(f"UPDATE in_{table.name} SET _state = 'unchanged' WHERE NOT _one AND _state = 'updated'")
        session.execute(
            f"UPDATE in_{table.name} n SET _state = 'unchanged' FROM old_{table.name} o, since s WHERE n._state = 'updated' "
            f"AND {same_key(table)} AND s._file = n._file AND s._row = n._row AND o.loaded_at > s.put_at "
            "AND NOT (starts_with(o.source_row, s.named) AND coalesce(TRY_CAST(substr(o.source_row, length(s.named) + 1) AS BIGINT) < n._row, false))"
        )


def same_key(table: Table) -> str:
    """SQL: row `n` has the key of row `o`."""
    return " AND ".join(
        f"n.{quoted(k)} = o.{quoted(k)}" if table.column(k).required else f"n.{quoted(k)} IS NOT DISTINCT FROM o.{quoted(k)}"
        for k in table.key
    )
