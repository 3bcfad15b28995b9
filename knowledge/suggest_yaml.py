"""Writes a suggested mapping as YAML: how each column is read (formats, signs, values), what stands in for missing ones."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from typing import Any

import yaml

from knowledge.guesses import Guess, plain_words
from knowledge.lookups import quoted
from knowledge.profile import Profile
from knowledge.readers import Layout
from knowledge.schema import TABLES, Column
from knowledge.staging import literal
from knowledge.synonyms import CURRENCIES, VALUES

# required columns that something sensible can stand in for, and how that is said
ASSUMED: dict[str, str] = {
    "customers.customer_id": "the name serves as id",
    "customers.name": "the id serves as name",
    "products.name": "the id serves as name",
    "contacts.contact_id": "made from the row's content",
    "orders.status": "delivered where there is a delivery time, else open; delivered where the file has no such time",
    "order_lines.line": "numbered in the order of the rows",
    "returns.return_id": "made from the row's content",
    "interactions.interaction_id": "made from the row's content",
    "interactions.channel": "`other`",
    "feedback.feedback_id": "made from the row's content",
    "feedback.channel": "`survey`",
    "inventory.location": "`main`",
    "loyalty.program": "`loyalty`",
}
HASHED = {"contacts": "K", "returns": "R", "interactions": "I", "feedback": "F"}


def write_mapping(
    file: str, layout: Layout, main: str, taken: Pairs[str, tuple[Guess, ...]], seen: Pairs[str, Profile]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The YAML, the required columns that nothing was found for, and what was assumed for others."""
    missing: list[str] = []
    assumed: list[str] = []
    derive: dict[str, str] = {}
    tables = []
    for name in [t for t in TABLES if t in taken]:
        guesses = {g.field: g for g in taken[name]}
        columns: dict[str, Any] = {f: _value(name, f, g, seen[g.column]) for f, g in guesses.items() if f != "_total"}
        for column in TABLES[name].columns:
            if column.required and column.name not in columns:
                columns |= _stand_in(name, column, guesses, seen, derive, missing, assumed)
        spec: dict[str, Any] = {"table": name}
        if name != main:
            spec["per"] = [quoted(guesses[TABLES[name].key[0]].column)]
        if name == "feedback" and not {"text", "rating", "nps"} & set(columns):
            missing.append("feedback.text (or rating, or nps)")
        if name != main and len(guesses) == 1:
            assumed.append(f"{name}: made from the ids alone; leave this table out where a file of its own brings it")
        spec["columns"] = {c: columns[c] for c in TABLES[name].names if c in columns}
        if name == "feedback" and "rating" in columns and "rating_scale" not in columns:
            high = seen[guesses["rating"].column].highest
            spec["columns"]["rating_scale"] = {"value": "1-5" if high <= 5 else "0-10"}
        tables.append(spec)
    whole: dict[str, Any] = {
        "name": "-".join(plain_words(file.split(".", maxsplit=1)[0]).split()) or "suggested",
        "title": f"Suggested for {file}",
    }
    written: dict[str, Any] = {
        k: v for k, v in (("encoding", layout.encoding), ("header", list(layout.header))) if v and v != "utf-8"
    }
    whole |= {"file": written} if written else {}
    signs = {CURRENCIES.get(p.sign, p.sign) for p in seen.values() if p.sign}
    whole |= {"settings": {"currency": signs.pop()}} if len(signs) == 1 else {}
    whole |= {"derive": derive} if derive else {}
    whole["tables"] = tables
    body = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)
    return _head(file, taken, missing, assumed) + body, tuple(missing), tuple(assumed)


def _head(file: str, taken: Pairs[str, tuple[Guess, ...]], missing: list[str], assumed: list[str]) -> str:
    lines = [f"# Suggested from {file}: read it before use."]
    lines += [f"# {g.confidence:.2f}  {g.column!r} -> {g.target}: {g.why}" for gs in taken.values() for g in gs]
    lines += [f"# NOT FOUND: {m}; rows are kept out until it is mapped" for m in missing]
    lines += [f"# assumed: {a}" for a in assumed]
    return "".join(line.replace("\n", " ") + "\n" for line in lines)


def _value(table: str, field: str, guess: Guess, seen: Profile) -> Any:
    column = TABLES[table].column(field)
    if column.kind in ("ts", "date") and seen.formats:
        return {"column": guess.column, "format": list(seen.formats)}
    if column.kind in ("money", "qty", "number", "int"):
        sql = _number(guess.column, seen)
        return {"sql": sql} if sql else guess.column
    if column.allowed:
        return _mapped(table, column, guess.column, seen)
    return guess.column


def _number(column: str, seen: Profile) -> str:
    text = quoted(column)
    if seen.sign:
        text = f"regexp_replace({text}, '[^0-9.,+-]', '', 'g')"
    if seen.style == "comma":
        return f"replace(regexp_replace({text}, '[. ]', '', 'g'), ',', '.')"
    if seen.style == "point":
        return f"replace({text}, ',', '')"
    return text if seen.sign else ""


def _mapped(table: str, column: Column, name: str, seen: Profile) -> Any:
    words = {w: to for to, many in VALUES.get(f"{table}.{column.name}", {}).items() for w in many.split("|")}
    found = {v.casefold(): words[plain_words(v)] for v in seen.distinct if plain_words(v) in words}
    unknown = [v for v in seen.distinct if v.casefold() not in found]
    if all(k == v for k, v in found.items()) and not unknown:
        return name
    value: dict[str, Any] = {"column": name, "map": dict(sorted(found.items()))}
    if unknown and table == "orders":
        value["otherwise"] = "open"
    elif unknown:
        value["map"] |= {v.casefold(): "" for v in unknown}
    return value


def _stand_in(
    table: str, column: Column, guesses: Pairs[str, Guess], seen: Pairs[str, Profile], derive: dict[str, str],
    missing: list[str], assumed: list[str],
) -> dict[str, Any]:  # fmt: skip
    """What fills a required column that was not found; nothing where only a person can know."""
    target = f"{table}.{column.name}"
    twin = {"customers.customer_id": "name", "customers.name": "customer_id", "products.name": "product_id"}.get(target)
    if target == "order_lines.unit_price" and {"_total", "qty_ordered"} <= set(guesses):
        total, quantity = (
            _number(guesses[f].column, seen[guesses[f].column]) or quoted(guesses[f].column) for f in ("_total", "qty_ordered")
        )
        assumed.append(f"{target}: the line's total over its quantity")
        cast = "TRY_CAST({} AS DECIMAL(18, 6))"
        return {column.name: {"sql": f"CAST({cast.format(total)} / nullif({cast.format(quantity)}, 0) AS DECIMAL(18, 6))"}}
    if target not in ASSUMED or (twin and twin not in guesses):
        missing.append(target)
        return {column.name: {"sql": "NULL"}} if column.name in TABLES[table].key else {}
    assumed.append(f"{target}: {ASSUMED[target]}")
    if twin:
        return {column.name: guesses[twin].column}
    if target == "orders.status":
        done = guesses.get("delivered_at")
        sql = f"CASE WHEN {quoted(done.column)} IS NULL THEN 'open' ELSE 'delivered' END" if done else "'delivered'"
        return {column.name: {"sql": sql}}
    if target == "order_lines.line":
        order = quoted(guesses["order_id"].column) if "order_id" in guesses else "1"
        derive["line_number"] = f"CAST(row_number() OVER (PARTITION BY {order} ORDER BY _row) AS VARCHAR)"
        return {column.name: "line_number"}
    if column.name == TABLES[table].key[0] and table in HASHED:
        content = ", ".join(quoted(c) for c in seen)
        derive["again"] = f"CAST(row_number() OVER (PARTITION BY {content} ORDER BY _row) AS VARCHAR)"
        derive[column.name] = f"{literal(HASHED[table] + '-')} || substr(sha256(concat_ws('|', {content}, again)), 1, 16)"
        return {column.name: column.name}
    return {column.name: {"value": ASSUMED[target].strip("`")}}
