"""Databases as sources of an import: `sqlite:///file.db`, `postgresql://user:password@host/name`, others of SQLAlchemy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from knowledge.errors import BadInput, Unavailable
from knowledge.readers import ROW

if TYPE_CHECKING:
    from sqlalchemy import Engine

READ_AT_ONCE = 50_000


@dataclass(frozen=True)
class Mark:
    """Up to where a table was seen: the highest `value` of a `column` that never falls (None: nothing was seen yet)."""

    column: str
    value: int | float | str | None = None


def is_url(text: str) -> bool:
    """Whether it is a database's address and no path."""
    return re.match(r"^[a-z][a-z0-9+]*://", text) is not None


def shown(url: str) -> str:
    """The address without its password, for messages and logs."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:…@", url)


def tables(url: str) -> list[str]:
    """Names of tables and views, sorted. Fails: BadInput (no such database or driver), Unavailable (it does not answer)."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        found = inspect(_engine(url))
        return sorted({*found.get_table_names(), *found.get_view_names()})
    except SQLAlchemyError as err:
        raise _not_answering(url, err) from err


def columns_of(url: str, table: str) -> list[str]:
    """Names of a table's columns. Fails: as `tables`."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return [str(c["name"]) for c in inspect(_engine(url)).get_columns(table)]
    except SQLAlchemyError as err:
        raise _not_answering(url, err) from err


def read(url: str, table: str, query: str | None = None, seen: Mark | None = None) -> tuple[pa.Table, Mark | None]:
    """A table's rows (sorted by its key), or a query's, as text with row numbers. With `seen`, only rows that are not below
    its value (so that rows of the same moment are never missed) or have none; and up to where they are seen now.

    Fails: as `tables`; BadInput for the query."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError, SQLAlchemyError

    engine = _engine(url)
    try:
        with engine.connect() as connection:
            asked, given = _asked(engine, table, query, seen)
            result = connection.execution_options(stream_results=True).execute(text(asked), given)
            names = list(result.keys())
            columns: list[list[str | None]] = [[] for _ in names]
            if seen is not None and seen.column not in names:
                raise BadInput(
                    f"`{table}` has no column `{seen.column}` to go by.", f"It has: {', '.join(names)}.", code="no_column"
                )
            place_of_mark = names.index(seen.column) if seen is not None else None
            highest = seen.value if seen is not None else None
            while rows := result.fetchmany(READ_AT_ONCE):
                for place, column in enumerate(columns):
                    column.extend(_text(row[place]) for row in rows)
                if place_of_mark is not None:
                    highest = _highest(highest, [row[place_of_mark] for row in rows])
    except OperationalError as err:
        if query is None:
            raise _not_answering(url, err) from err
        raise _bad_query(table, err) from err
    except (SQLAlchemyError, TypeError) as err:
        raise _bad_query(table, err) from err
    finally:
        engine.dispose()
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BadInput(f"The query for `{table}` gives the column `{twice[0]}` twice.", "Rename one with AS.", code="bad_query")
    made = {n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}
    found = pa.table({**made, ROW: pa.array(range(1, len(columns[0]) + 1 if columns else 1), pa.int64())})
    return found, Mark(seen.column, highest) if seen is not None else None


def _engine(url: str) -> Engine:
    from pathlib import Path

    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        parsed = make_url(url)
        if parsed.drivername == "postgres":
            parsed = parsed.set(drivername="postgresql")
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).is_file():
            raise BadInput(f"There is no database file {parsed.database}.", "sqlite:///name.db is relative, sqlite:////… absolute.",
                           code="no_file")  # fmt: skip
        return create_engine(parsed)
    except (ArgumentError, NoSuchModuleError) as err:
        raise BadInput(
            f"{shown(url)} is not the address of a database that can be read.",
            "Give sqlite:///file.db or postgresql://user:password@host/name.",
            code="bad_url",
        ) from err
    except ModuleNotFoundError as err:
        raise BadInput(
            f"The driver for {shown(url)} is not installed ({err.name}).",
            "pip install 'rapport-crm[postgres]'.",
            code="no_driver",
        ) from err


def _asked(engine: Engine, table: str, query: str | None, seen: Mark | None) -> tuple[str, dict[str, Any]]:
    if seen is None or seen.value is None:
        return query or _all_of(engine, table), {}
    quote = engine.dialect.identifier_preparer.quote
    column, rows = quote(seen.column), f"({query}) AS asked" if query else quote(table)
    return f"SELECT * FROM {rows} WHERE {column} >= :seen OR {column} IS NULL ORDER BY {column}", {"seen": seen.value}


def _highest(before: Any, values: list[Any]) -> Any:
    given = [
        float(v) if isinstance(v, Decimal) else v if isinstance(v, int | float) else _text(v) for v in values if v is not None
    ]
    return max([*given, *([before] if before is not None else [])], default=None)


def _all_of(engine: Engine, table: str) -> str:
    from sqlalchemy import inspect

    quote = engine.dialect.identifier_preparer.quote
    key = inspect(engine).get_pk_constraint(table).get("constrained_columns") or []
    order = f" ORDER BY {', '.join(quote(k) for k in key)}" if key else ""
    return f"SELECT * FROM {quote(table)}{order}"


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _not_answering(url: str, err: Exception) -> Unavailable:
    said = " ".join(str(getattr(err, "orig", err)).split())[:200]
    return Unavailable(f"{shown(url)} does not answer ({said}).", "Check the address, the user and that it is running.")


def _bad_query(table: str, err: Exception) -> BadInput:
    said = " ".join(str(getattr(err, "orig", err)).split())[:200]
    return BadInput(f"The query for `{table}` fails: {said}.", "Mend `query` or `table` in the mapping.", code="bad_query")
