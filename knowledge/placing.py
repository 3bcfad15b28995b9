"""Where staged rows go: kept out for a reference, or new, changed or equal to what the tables hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge.lookups import quoted
from knowledge.schema import TABLES, Table
from knowledge.sources import Source
from knowledge.tables import Store

if TYPE_CHECKING:
    import duckdb


def settle(session: duckdb.DuckDBPyConnection, store: Store) -> None:
    """References, then the last row of each key, then what is new, changed or equal: column `_state` of every staging table."""
    for table in TABLES.values():
        name = f"in_{table.name}"
        if store.exists(table.name) and store.version(table.name).rows:
            files = ", ".join("'" + str(store.root / f).replace("'", "''") + "'" for f in store.version(table.name).files)
            session.execute(f"CREATE VIEW old_{table.name} AS SELECT * FROM read_parquet([{files}], union_by_name=true)")
        else:
            session.execute(
                f"CREATE VIEW old_{table.name} AS SELECT * EXCLUDE (_file, _row, _order, _one, _reason) FROM {name} WHERE false"
            )
        if not session.execute(f"SELECT count(*) FROM {name}").fetchone()[0]:
            session.execute(f"ALTER TABLE {name} ADD COLUMN _state VARCHAR")
            session.execute(f"ALTER TABLE {name} ADD COLUMN _last BOOLEAN")
            continue
        for column in table.columns:
            if column.references is None:
                continue
            key = TABLES[column.references].key[0]
            session.execute(
                f"UPDATE {name} SET _reason = 'unknown `{column.name}`' WHERE _reason IS NULL AND {quoted(column.name)} IS NOT NULL AND "
                f"{quoted(column.name)} NOT IN (SELECT {key} FROM in_{column.references} WHERE _reason IS NULL UNION SELECT {key} FROM old_{column.references})"
            )
        keys = ", ".join(quoted(k) for k in table.key)
        same = " AND ".join(f"n.{quoted(c)} IS NOT DISTINCT FROM o.{quoted(c)}" for c in table.names)
        on = same_key(table)
        session.execute(f"ALTER TABLE {name} ADD COLUMN _state VARCHAR")
        session.execute(
            f"CREATE TEMP TABLE ranked AS SELECT _file, _row, _order, row_number() OVER (PARTITION BY {keys} ORDER BY _file DESC, _row DESC) AS place "
            f"FROM {name} WHERE _reason IS NULL"
        )
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
