"""JSON of any common shape as flat rows of text: lists, lists inside objects, objects by key, one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pyarrow as pa

from knowledge.delimited import Sheet
from knowledge.errors import BadInput

NODES = ("node", "_source", "attributes", "fields")
"""Where APIs put a record inside of a shell: GraphQL, Elasticsearch, JSON:API, Airtable."""

CONNECTIONS = ("edges", "nodes")
PARENT = "__parentId"
"""With what a record of a bulk export (GraphQL) names the one that it belongs to."""
PAGING = frozenset(
    "count total total_count totalcount next previous next_page previous_page page pages per_page page_size has_more hasmore links meta offset limit "
    "end_time end_of_stream cursor after_cursor before_cursor after_url before_url status ok success took paging pagination pageinfo object url".split()
)
MORE = ("next", "next_page", "has_more", "hasMore", "hasNextPage")
"""What services put beside a list of records, and what of it says that there are more."""


def sheet(text: str, name: str, *, lines: bool, keep: tuple[str, ...], each: tuple[str, ...] = ()) -> Sheet:
    """The records of a JSON text (`lines`: one a line), inner fields as `outer.inner`, lists and what is to `keep` as JSON.
    `each` names lists of which every entry is a row of its own, with the fields of its record; `_list` says of which list.

    Fails: BadInput naming file `name` and place."""
    try:
        whole = json.loads(text) if not lines else None
    except RecursionError as err:
        raise BadInput(f"{name} is not JSON ({err}).", "Export it again.", code="not_json") from err
    except ValueError as err:
        one_a_line = len(text.splitlines()) > 1 and text.lstrip()[:1] == "{"
        if not one_a_line:
            raise BadInput(f"{name} is not JSON ({err}).", "Export it again.", code="not_json") from err
        lines, whole = True, None
    records, left = (_lines(text, name), []) if lines else _records(whole, name)
    records = [_unwrapped(r) for r in records]
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise BadInput(f"{name}, record {number} is not an object with named fields.", "Give a list of objects.")
    records, joined = _joined(records)
    flat = [_flat(entry, keep) for r in records for entry in _entries(_bare(r), each)]
    names = list(dict.fromkeys(k for r in flat for k in r))
    beside = [k for k in left if k.casefold() not in PAGING]
    said = (
        [f"{name}: beside the records there are {', '.join(f'`{k}`' for k in beside[:8])}; they were left out."]
        if beside
        else []
    )
    if joined:
        said.append(
            f"{name}: {joined:,} records name the one that they belong to (`{PARENT}`); they are read as lists inside of those."
        )
    if _more(whole):
        said.append(f"{name}: the service had a next page; this is not all of it.")
    return Sheet(pa.table({n: pa.array([r.get(n) for r in flat], pa.string()) for n in names}), tuple(said))


def _joined(records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Records of a bulk export, where an order and its lines stand one below the other, as records with lists; how many were put in."""
    if not any(PARENT in r for r in records):
        return records, 0
    known = {r["id"]: dict(r) for r in records if "id" in r}
    inner = 0
    for record in records:
        above = known.get(record.get(PARENT))
        if above is None:
            continue
        kind = re.search(r"/(\w+)/[^/]*$", str(record.get("id", "")))
        name = f"{kind[1][0].lower()}{kind[1][1:]}s" if kind else "children"
        above.setdefault(name, []).append({k: v for k, v in known.get(record.get("id"), record).items() if k != PARENT})
        inner += 1
    return [known.get(r.get("id"), r) for r in records if r.get(PARENT) not in known], inner


def _records(data: Any, name: str) -> tuple[list[Any], list[str]]:
    """The list of records, wherever it lies, and the names of what lies beside it."""
    left: list[str] = []
    while isinstance(data, dict):
        lists = {k: v for k, v in data.items() if isinstance(v, list) and any(isinstance(x, dict) for x in v)}
        named = [k for k in lists if len(lists) > 1 and k.casefold() in name.casefold()]
        if len(named) == 1:  # a file called tickets.json that holds tickets and their users beside them
            return lists[named[0]], [*left, *_beside(data, named[0])]
        if len(lists) > 1:
            many = ", ".join(f"`{k}` ({len(v):,})" for k, v in lists.items())
            raise BadInput(
                f"{name} holds several lists of records: {many}.", "Give each list as a file of its own.", code="several_lists"
            )
        if lists:
            key, found = next(iter(lists.items()))
            return found, [*left, *_beside(data, key)]
        objects = {k: v for k, v in data.items() if isinstance(v, dict)}
        empty = [k for k, v in data.items() if v == []]
        if len(objects) > 1 and len(objects) == len(data) and _alike(objects.values()):  # {"id": {...}, "id": {...}}
            return [{"_key": k, **v} for k, v in data.items()], left
        inner = [k for k, v in objects.items() if _holds_records(v)]
        if len(inner) == 1:
            left += _beside(data, inner[0])
            data = data[inner[0]]
            continue
        if len(empty) == 1 and len(data) - len(empty) <= 3 and not objects:  # {"rows": [], "count": 0}
            return [], left
        if data and len(objects) == len(data):
            return [{"_key": k, **v} for k, v in data.items()], left
        return [data], left
    return (list(data) if isinstance(data, list) else [data]), left


def _alike(objects: Iterable[dict[str, Any]]) -> bool:
    """Whether objects are records of one kind: some field is in all of them."""
    return bool(set.intersection(*(set(o) for o in objects)))


def _more(data: Any) -> bool:
    """Whether a service says beside its records, at whatever depth, that there are more."""
    return isinstance(data, dict) and (any(data.get(k) for k in MORE) or any(_more(v) for v in data.values()))


def _beside(data: dict[str, Any], key: str) -> list[str]:
    """What lies beside the records and says something: no counts, cursors and addresses of pages."""
    other = {k: v for k, v in data.items() if k != key and v not in (None, "", [], {})}
    return [
        k for k, v in other.items() if not isinstance(v, bool | int | float) and not str(v).startswith(("http://", "https://"))
    ]


def _holds_records(value: Any, depth: int = 4) -> bool:
    if isinstance(value, list):
        return any(isinstance(x, dict) for x in value)
    return isinstance(value, dict) and depth > 0 and any(_holds_records(v, depth - 1) for v in value.values())


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    """A record without its shell; what lies beside it (id, type, cursor) stays."""
    for shell in NODES:
        inner = record.get(shell)
        if isinstance(inner, dict) and len(record) <= 6 and not any(k in record for k in inner):
            return {**{k: v for k, v in record.items() if k != shell}, **inner}
    return record


def _unwrapped(value: Any) -> Any:
    """Lists that GraphQL puts into `edges` of `node`s or into `nodes`, beside counts and cursors, as lists."""
    if isinstance(value, list):
        return [_unwrapped(v) for v in value]
    if not isinstance(value, dict):
        return value
    inner = next((k for k in CONNECTIONS if isinstance(value.get(k), list)), None)
    if inner is not None and all(k == inner or k.casefold() in PAGING for k in value):
        return [_unwrapped(v.get("node", v) if isinstance(v, dict) else v) for v in value[inner]]
    return {k: _unwrapped(v) for k, v in value.items()}


def _entries(record: dict[str, Any], each: tuple[str, ...]) -> list[dict[str, Any]]:
    """The record once for every entry of its lists (`refunds.lines`: of lists in a list), or once where they are empty."""
    if not each:
        return [record]
    own = {k: v for k, v in record.items() if k not in {path.split(".")[0] for path in each}}
    found = [{**own, **entry, "_list": path} for path in each for entry in _inside(record, path.split("."))]
    return found or [own]


def _inside(record: dict[str, Any], path: list[str]) -> list[dict[str, Any]]:
    entries = [e for e in record.get(path[0]) or [] if isinstance(e, dict)]
    if len(path) == 1:
        return [{path[0]: e} for e in entries]
    out = []
    for entry in entries:
        outer = {k: v for k, v in entry.items() if k != path[1]}
        out += [{path[0]: {**outer, **inner}} for inner in _inside(entry, path[1:])] or [{path[0]: outer}]
    return out


def _lines(text: str, name: str) -> list[Any]:
    records = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except (ValueError, RecursionError) as err:
                if (
                    isinstance(err, ValueError)
                    and not text[text.index(line) + len(line) :].strip()
                    and line.lstrip()[:1] in "{["
                ):
                    raise BadInput(
                        f"{name} is cut off: its last line ({number}) ends in the middle of a record. Nothing was read.",
                        "Export it again, or take that line out.",
                        code="cut_off",
                    ) from err
                raise BadInput(f"{name}, line {number} is not JSON ({err}).", "One object a line.", code="not_json") from err
    return records


def _money(value: dict[str, Any]) -> str | None:
    """The amount of an object that holds money as a whole number of a currency's parts: `{centAmount, fractionDigits}` (commercetools),
    `{units, nanos}` (google.type.Money)."""
    cents, digits = value.get("centAmount"), value.get("fractionDigits")
    if isinstance(cents, int) and isinstance(digits, int):
        return str(Decimal(cents).scaleb(-digits))
    if "currencyCode" in value and {"units", "nanos"} & set(value) and set(value) <= {"currencyCode", "units", "nanos"}:
        return str(Decimal(value.get("units") or 0) + Decimal(value.get("nanos") or 0).scaleb(-9))
    return None


def _flat(record: dict[str, Any], keep: tuple[str, ...], prefix: str = "") -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict) and prefix + key not in keep and (amount := _money(value)) is not None:
            out[prefix + key] = amount
            out[f"{prefix}{key}.currencyCode"] = value.get("currencyCode")
        elif isinstance(value, dict) and prefix + key not in keep:
            out |= _flat(value, keep, f"{prefix}{key}.")
        elif value is None or isinstance(value, str):
            out[prefix + key] = value
        else:
            out[prefix + key] = json.dumps(value, ensure_ascii=False)
    return out
