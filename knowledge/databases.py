"""Databases as sources of an import: `sqlite:///file.db`, `postgresql://user:password@host/name`, others of SQLAlchemy."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from knowledge.errors import BadInput, Unavailable
from knowledge.readers import ROW

if TYPE_CHECKING:
    from sqlalchemy import Engine

READ_AT_ONCE = 50_000


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


def read(url: str, table: str, query: str | None = None) -> pa.Table:
    """A table's rows (sorted by its key), or a query's, as text with row numbers.

    Fails: as `tables`; BadInput for the query."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError, SQLAlchemyError

    engine = _engine(url)
    try:
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(text(query or _all_of(engine, table)))
            names = list(result.keys())
            columns: list[list[str | None]] = [[] for _ in names]
            while rows := result.fetchmany(READ_AT_ONCE):
                for place, column in enumerate(columns):
                    column.extend(_text(row[place]) for row in rows)
    except OperationalError as err:
        if query is None:
            raise _not_answering(url, err) from err
        raise _bad_query(table, err) from err
    except SQLAlchemyError as err:
        raise _bad_query(table, err) from err
    finally:
        engine.dispose()
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BadInput(f"The query for `{table}` gives the column `{twice[0]}` twice.", "Rename one with AS.", code="bad_query")
    made = {n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}
    return pa.table({**made, ROW: pa.array(range(1, len(columns[0]) + 1 if columns else 1), pa.int64())})


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
