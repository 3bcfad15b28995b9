"""JSON of any common shape as flat rows of text: lists, lists inside an object, objects by key, one object a line."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from knowledge.errors import BadInput


def rows(text: str, name: str, *, lines: bool, keep: tuple[str, ...]) -> pa.Table:
    """The records of a JSON text (`lines`: one a line), inner fields as `outer.inner`, lists and what is to `keep` as JSON.

    Fails: BadInput naming file `name` and place."""
    records = _lines(text, name) if lines else _records(text, name)
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise BadInput(f"{name}, record {number} is not an object with named fields.", "Give a list of objects.")
    flat = [_flat(r, keep) for r in records]
    names = list(dict.fromkeys(k for r in flat for k in r))
    return pa.table({n: pa.array([r.get(n) for r in flat], pa.string()) for n in names})


def _records(text: str, name: str) -> list[Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise BadInput(f"{name} is not JSON ({err}).", "Export it again.", code="not_json") from err
    if not isinstance(data, dict):
        return list(data) if isinstance(data, list) else [data]
    lists = [v for v in data.values() if isinstance(v, list)]
    if len(lists) == 1:  # {"rows": [...], "count": 3}
        return list(lists[0])
    if data and all(isinstance(v, dict) for v in data.values()):  # {"id": {...}}
        return [{"_key": k, **v} for k, v in data.items()]
    return [data]


def _lines(text: str, name: str) -> list[Any]:
    records = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except (ValueError, RecursionError) as err:
                raise BadInput(f"{name}, line {number} is not JSON ({err}).", "One object a line.", code="not_json") from err
    return records


def _flat(record: dict[str, Any], keep: tuple[str, ...], prefix: str = "") -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict) and prefix + key not in keep:
            out |= _flat(value, keep, f"{prefix}{key}.")
        elif value is None or isinstance(value, str):
            out[prefix + key] = value
        else:
            out[prefix + key] = json.dumps(value, ensure_ascii=False)
    return out
